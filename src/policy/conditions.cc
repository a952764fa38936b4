#include "policy/conditions.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/bytes.h"
#include "base/time.h"

namespace tidegate::policy {
namespace {

struct Named {
  std::string_view name;
  Operator op;
  bool negated;
};
constexpr Named kOperators[] = {
    {"StringEquals", Operator::string_equals, false},
    {"StringNotEquals", Operator::string_equals, true},
    {"StringEqualsIgnoreCase", Operator::string_equals_ignore_case, false},
    {"StringNotEqualsIgnoreCase", Operator::string_equals_ignore_case, true},
    {"StringLike", Operator::string_like, false},
    {"StringNotLike", Operator::string_like, true},
    {"NumericEquals", Operator::numeric_equals, false},
    {"NumericNotEquals", Operator::numeric_equals, true},
    {"NumericLessThan", Operator::numeric_less, false},
    {"NumericLessThanEquals", Operator::numeric_less_equals, false},
    {"NumericGreaterThan", Operator::numeric_greater, false},
    {"NumericGreaterThanEquals", Operator::numeric_greater_equals, false},
    {"DateEquals", Operator::date_equals, false},
    {"DateNotEquals", Operator::date_equals, true},
    {"DateLessThan", Operator::date_less, false},
    {"DateLessThanEquals", Operator::date_less_equals, false},
    {"DateGreaterThan", Operator::date_greater, false},
    {"DateGreaterThanEquals", Operator::date_greater_equals, false},
    {"Bool", Operator::boolean, false},
    {"BinaryEquals", Operator::binary_equals, false},
    {"IpAddress", Operator::ip_address, false},
    {"NotIpAddress", Operator::ip_address, true},
    {"ArnEquals", Operator::arn_like, false},
    {"ArnLike", Operator::arn_like, false},
    {"ArnNotEquals", Operator::arn_like, true},
    {"ArnNotLike", Operator::arn_like, true},
    {"Null", Operator::null, false},
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

// ISO 8601 as the W3C profiles it (a month, a day, minutes, seconds and fractions, with Z or an
// offset), or seconds since the epoch; as milliseconds.
std::optional<double> date(std::string_view text) {
  if (auto seconds = number(text)) return *seconds * 1000;
  std::string full(text);
  if (full.size() == 7) full += "-01";
  if (full.size() == 10) full += "T00:00:00Z";
  if (full.size() > 16 && full[16] != ':') full.insert(16, ":00");
  auto instant = parse_iso8601(full);
  if (!instant) return std::nullopt;
  return static_cast<double>(to_ms(*instant));
}

std::optional<bool> boolean(std::string_view text) {
  const std::string lower = lower_ascii(text);
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

struct Address {
  std::array<unsigned char, 16> bytes{};
  int bits = 0;  // 32 or 128
};
std::optional<Address> address(std::string_view text) {
  const std::string name(text);
  Address a;
  if (inet_pton(AF_INET, name.c_str(), a.bytes.data()) == 1) {
    a.bits = 32;
    return a;
  }
  if (inet_pton(AF_INET6, name.c_str(), a.bytes.data()) != 1) return std::nullopt;
  a.bits = 128;
  // An IPv4 client on a socket of both families.
  static constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::memcmp(a.bytes.data(), kMapped, sizeof kMapped) == 0) {
    std::copy(a.bytes.begin() + 12, a.bytes.end(), a.bytes.begin());
    a.bits = 32;
  }
  return a;
}

struct Network {
  Address base;
  int prefix = 0;
};
std::optional<Network> network(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto base = address(text.substr(0, slash));
  if (!base) return std::nullopt;
  Network n{*base, base->bits};
  if (slash == std::string_view::npos) return n;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n.prefix);
  if (error != std::errc() || end != digits.data() + digits.size() || n.prefix < 0 ||
      n.prefix > base->bits)
    return std::nullopt;
  return n;
}

template <class Parse>
bool compare(Operator op, Parse parse, std::string_view actual, std::string_view wanted) {
  const auto a = parse(actual), w = parse(wanted);
  if (!a || !w) return false;
  switch (op) {
    case Operator::numeric_equals:
    case Operator::date_equals:
      return *a == *w;
    case Operator::numeric_less:
    case Operator::date_less:
      return *a < *w;
    case Operator::numeric_less_equals:
    case Operator::date_less_equals:
      return *a <= *w;
    case Operator::numeric_greater:
    case Operator::date_greater:
      return *a > *w;
    default:
      return *a >= *w;
  }
}

bool is_numeric(Operator op) {
  return op >= Operator::numeric_equals && op <= Operator::numeric_greater_equals;
}
// One value of the request against one of the policy, not negated.
bool meets(Operator op, const std::string& actual, const Pattern& wanted, const Context& context) {
  if (is_numeric(op)) return compare(op, number, actual, wanted.raw());
  if (is_date(op)) return compare(op, date, actual, wanted.raw());
  switch (op) {
    case Operator::string_equals:
      return wanted.equals(actual, context);
    case Operator::string_equals_ignore_case:
      return wanted.equals(actual, context, true);
    case Operator::string_like:
      return wanted.matches(actual, context);
    case Operator::arn_like:
      return wanted.matches_arn(actual, context);
    case Operator::boolean: {
      const auto a = boolean(actual), w = boolean(wanted.raw());
      return a && w && *a == *w;
    }
    case Operator::binary_equals: {
      const auto a = from_base64(actual), w = from_base64(wanted.raw());
      return a && w && *a == *w;
    }
    case Operator::ip_address:
      return in_network(actual, wanted.raw());
    default:
      return false;
  }
}

}  // namespace

OperatorName parse_operator(std::string_view name) {
  OperatorName out;
  if (name.starts_with("ForAllValues:")) {
    out.set = OperatorName::Set::all;
    name.remove_prefix(13);
  } else if (name.starts_with("ForAnyValue:")) {
    out.set = OperatorName::Set::any;
    name.remove_prefix(12);
  }
  if (name.ends_with("IfExists")) {
    out.if_exists = true;
    name.remove_suffix(8);
  }
  for (const Named& known : kOperators)
    if (known.name == name) {
      out.op = known.op;
      out.negated = known.negated;
    }
  // "NullIfExists" would ask and not ask at once.
  if (out.op == Operator::null && (out.if_exists || out.set != OperatorName::Set::none))
    out.op = Operator::unknown;
  return out;
}

bool is_date(Operator op) {
  return op >= Operator::date_equals && op <= Operator::date_greater_equals;
}

bool acceptable(Operator op, std::string_view value) {
  if (is_numeric(op)) return number(value).has_value();
  if (is_date(op)) return date(value).has_value();
  if (op == Operator::boolean || op == Operator::null) return boolean(value).has_value();
  if (op == Operator::binary_equals) return from_base64(value).has_value();
  if (op == Operator::ip_address) return network(value).has_value();
  return true;
}

std::optional<bool> holds(const Condition& condition, const Context& context) {
  const OperatorName& name = condition.name;
  if (name.op == Operator::unknown) return std::nullopt;
  const std::vector<std::string>* found = context.find(condition.key);
  const bool absent = !found || found->empty();
  if (name.op == Operator::null)
    return std::any_of(condition.values.begin(), condition.values.end(),
                       [&](const Pattern& v) { return boolean(v.raw()) == absent; });
  if (absent) {
    if (name.if_exists || name.set == OperatorName::Set::all) return true;
    return name.negated && name.set == OperatorName::Set::none;
  }
  auto one = [&](const std::string& actual) {
    return std::any_of(condition.values.begin(), condition.values.end(),
                       [&](const Pattern& v) { return meets(name.op, actual, v, context); });
  };
  auto one_or_not = [&](const std::string& actual) { return one(actual) != name.negated; };
  if (name.set == OperatorName::Set::all)
    return std::all_of(found->begin(), found->end(), one_or_not);
  if (name.set == OperatorName::Set::any)
    return std::any_of(found->begin(), found->end(), one_or_not);
  return std::any_of(found->begin(), found->end(), one) != name.negated;
}

bool in_network(std::string_view actual, std::string_view wanted) {
  const auto a = address(actual);
  const auto n = network(wanted);
  if (!a || !n || a->bits != n->base.bits) return false;
  const int whole = n->prefix / 8, rest = n->prefix % 8;
  if (!std::equal(a->bytes.begin(), a->bytes.begin() + whole, n->base.bytes.begin())) return false;
  if (rest == 0) return true;
  const auto at = static_cast<std::size_t>(whole);
  return ((a->bytes[at] ^ n->base.bytes[at]) >> (8 - rest)) == 0;
}

}  // namespace tidegate::policy
