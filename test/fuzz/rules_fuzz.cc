// Rules of feature flags: the input is a rule and, after a newline, the value of the keys a, b and
// c. A rule that is taken prints as one that means the same, and evaluating it is harmless.
#include "appconfig/flags/rules.h"

using namespace tidegate;
using namespace tidegate::appconfig::flags;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = input.find('\n');
  const std::string value(newline == std::string_view::npos ? "" : input.substr(newline + 1));
  const auto rule = Rule::parse(input.substr(0, newline));
  if (!rule.ok()) {
    CHECK(rule.fault() == Fault::invalid_argument && !rule.error().message.empty());
    return 0;
  }
  const std::string printed = rule->print();
  // Escapes make a text longer, so a rule near the limit may have no plain form within it.
  const auto again = Rule::parse(printed);
  if (!again.ok()) {
    CHECK(printed.size() > kMaxRuleLength);
    return 0;
  }
  CHECK(again->print() == printed);
  const Context context{{"a", value}, {"b", value}, {"c", value}};
  CHECK(rule->holds(context, "salt") == again->holds(context, "salt"));
  CHECK(rule->holds({}, "salt") == again->holds({}, "salt"));
  return 0;
}
