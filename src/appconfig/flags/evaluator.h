// FlagSet: the flags of one deployed document, ready to be evaluated for many callers. Immutable
// after read(), any thread. What it answers is what an agent gives its applications.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "appconfig/flags/rules.h"
#include "document/value.h"

namespace tidegate::appconfig::flags {

class FlagSet {
 public:
  // Of a document that accept() made; Fault::internal when it is not one.
  static Result<std::shared_ptr<const FlagSet>> read(std::string_view stored);

  // One flag as a JSON object ({"_variant":"qa","enabled":true,…}; _variant only where there are
  // variants, attributes only when enabled), or nothing when there is no such flag.
  std::optional<std::string> one(std::string_view key, const Context& context,
                                 std::string_view profile_id) const;
  // A JSON object of flags by key: of those asked for that exist, or of all when `keys` is empty.
  std::string many(const std::vector<std::string>& keys, const Context& context,
                   std::string_view profile_id) const;
  // All flags with their rules as Ion text, for AWS's own agent, which evaluates them itself; null
  // when no flag has variants.
  const std::shared_ptr<const std::string>& ion() const { return ion_; }

 private:
  struct Choice {
    std::string variant;       // "": the flag has none
    std::optional<Rule> rule;  // none: for everybody
    std::string json;
  };
  void write_ion();
  static Result<std::vector<Choice>> choices(const document::Value& flag);
  std::map<std::string, std::vector<Choice>, std::less<>> flags_;
  std::shared_ptr<const std::string> ion_;
};

}  // namespace tidegate::appconfig::flags
