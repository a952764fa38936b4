// The condition operators of policies, as AWS documents them. A condition is compiled when its
// document is parsed, so that evaluating it cannot fail. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/pattern.h"

namespace tidegate::policy {

enum class Operator : std::uint8_t {
  string_equals,
  string_equals_ignore_case,
  string_like,
  numeric_equals,
  numeric_less,
  numeric_less_equals,
  numeric_greater,
  numeric_greater_equals,
  date_equals,
  date_less,
  date_less_equals,
  date_greater,
  date_greater_equals,
  boolean,
  binary_equals,
  ip_address,
  arn_like,
  null,
  unknown,  // only in documents that are read leniently: it never grants
};

struct OperatorName {
  Operator op = Operator::unknown;
  bool negated = false;
  bool if_exists = false;
  enum class Set : std::uint8_t { none, all, any } set = Set::none;
};
// "ForAnyValue:StringNotLikeIfExists" → its parts; op is unknown when AWS has no such operator.
OperatorName parse_operator(std::string_view name);

struct Condition {
  OperatorName name;
  std::string key;      // lower case
  std::string written;  // the same, as it stands in the policy
  std::vector<Pattern> values;
};

bool is_date(Operator);
// Whether the operator can read the value ("abc" is no number). Strings: always.
bool acceptable(Operator, std::string_view value);

// nullopt: the operator is not known, so nobody can say.
std::optional<bool> holds(const Condition&, const Context&);

// An IPv4 or IPv6 address, with a prefix length or without. False when either cannot be read.
bool in_network(std::string_view address, std::string_view network);

}  // namespace tidegate::policy
