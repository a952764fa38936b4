// Pattern: the filter patterns of FilterLogEvents. Terms: `ERROR` (must occur), `"two words"`,
// `?a ?b` (any of them; as on AWS these do not count beside required ones), `-debug` (must not
// occur), `%4\d\d%` (a regular expression). Over JSON: `{ $.level = "ERROR" && $.ms > 100 }`, see
// logs/condition.h. Over columns: `[ip, user, ..., status=4*, bytes]`, parted by spaces, where
// quotes and brackets hold a column together. Everything is case-sensitive. Immutable, copies
// share; pure, and in time linear in the message. Source: CloudWatch Logs, "Filter pattern syntax".
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace tidegate::logs {

class Pattern {
 public:
  // Fault::invalid_argument, with what is wrong.
  static Result<Pattern> parse(std::string_view text);
  bool matches(std::string_view message) const;

  struct Compiled;  // one kind of pattern, made ready

 private:
  std::shared_ptr<const Compiled> compiled_;  // null: every message matches
};

}  // namespace tidegate::logs
