// Pattern: the filter patterns of FilterLogEvents, as far as they are terms: `ERROR` (must occur),
// `"two words"`, `?a ?b` (any of them), `-debug` (must not occur). Terms are case-sensitive. As on
// AWS, optional terms do not count beside required ones. Patterns over JSON and columns ({…}, […],
// %…%) are refused by name. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidegate::logs {

class Pattern {
 public:
  // Fault::invalid_argument.
  static Result<Pattern> parse(std::string_view text);
  bool matches(std::string_view message) const;

 private:
  std::vector<std::string> required_, any_, excluded_;
};

}  // namespace tidegate::logs
