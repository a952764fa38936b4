#include "document/yaml_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "document/decimal.h"

namespace tidegate::document {
namespace {

// Converting to decimal takes time with the square of the length.
constexpr std::size_t kMaxBasedDigits = 1024;

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end - at;
}

std::string_view without_leading_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

Value number(std::string text) {
  const double nearest = nearest_double(text);
  return Number{std::move(text), nearest};
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

// The decimal text of digits in base 8 or 16.
std::string decimal_text(std::string_view digits, unsigned base) {
  constexpr std::uint64_t kLimb = 1'000'000'000;
  std::vector<std::uint64_t> limbs{0};
  for (char c : digits) {
    std::uint64_t carry = digit_value(c);
    for (std::uint64_t& limb : limbs) {
      carry += limb * base;
      limb = carry % kLimb;
      carry /= kLimb;
    }
    if (carry) limbs.push_back(carry);
  }
  std::string out = std::to_string(limbs.back());
  for (std::size_t i = limbs.size() - 1; i-- > 0;) out += fmt::format("{:09}", limbs[i]);
  return out;
}

// 0o17, 0x1F. Nothing if the text is not of that form.
std::optional<Result<Value>> based_integer(std::string_view text) {
  if (text.size() < 3 || text[0] != '0' || (text[1] != 'x' && text[1] != 'o')) return std::nullopt;
  const int base = text[1] == 'x' ? 16 : 8;
  const std::string_view digits = text.substr(2);
  if (std::any_of(digits.begin(), digits.end(), [&](char c) { return digit_value(c) >= base; }))
    return std::nullopt;
  if (digits.size() > kMaxBasedDigits)
    return Error{Fault::malformed_body, fmt::format("an integer of more than {} digits in base {}",
                                                    kMaxBasedDigits, base)};
  return number(decimal_text(digits, base));
}

// [-+]?[0-9]+ as JSON writes it.
std::optional<std::string> decimal_integer(std::string_view text) {
  const bool is_signed = !text.empty() && (text[0] == '-' || text[0] == '+');
  const std::string_view digits = text.substr(is_signed);
  if (digits.empty() || digits_at(digits, 0) != digits.size()) return std::nullopt;
  return std::string(text[0] == '-' ? "-" : "").append(without_leading_zeros(digits));
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? as JSON writes it; a point stays a point, so
// that "1." does not turn into an integer.
std::optional<std::string> decimal_float(std::string_view text) {
  std::string out;
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+');
  if (at && text[0] == '-') out = "-";
  const std::size_t whole = digits_at(text, at);
  out += whole ? without_leading_zeros(text.substr(at, whole)) : std::string_view("0");
  at += whole;
  std::size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    fraction = digits_at(text, at + 1);
    out.append(".").append(fraction ? text.substr(at + 1, fraction) : "0");
    at += 1 + fraction;
  }
  if (whole == 0 && fraction == 0) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::string_view exponent = text.substr(at);
    out += exponent;
    at = text.size();
  }
  if (at != text.size() || !is_json_number(out)) return std::nullopt;
  return out;
}

bool is_infinity_or_nan(std::string_view text) {
  if (one_of(text, {".nan", ".NaN", ".NAN"})) return true;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return one_of(text, {".inf", ".Inf", ".INF"});
}

// What the core schema takes the text for, or nothing: a string.
std::optional<Result<Value>> resolve_plain(std::string_view text) {
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return Value();
  if (one_of(text, {"true", "True", "TRUE"})) return Value(true);
  if (one_of(text, {"false", "False", "FALSE"})) return Value(false);
  if (is_infinity_or_nan(text))
    return Error{Fault::malformed_body,
                 fmt::format("{} is not a number that JSON has; quote it if it is text", text)};
  if (auto integer = decimal_integer(text)) return number(std::move(*integer));
  if (auto based = based_integer(text)) return based;
  if (auto floating = decimal_float(text)) return number(std::move(*floating));
  return std::nullopt;
}

bool fits(YamlTag tag, const Value& value) {
  switch (tag) {
    case YamlTag::null:
      return value.is(Kind::null);
    case YamlTag::boolean:
      return value.is(Kind::boolean);
    case YamlTag::integer:
      return value.number() && value.number()->text.find_first_of(".eE") == std::string::npos;
    case YamlTag::floating:
      return value.number();
    default:
      return false;
  }
}

}  // namespace

YamlTag yaml_tag(std::string_view text) {
  if (text.empty()) return YamlTag::none;
  if (text == "!") return YamlTag::string;
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  if (text.substr(0, kCore.size()) != kCore) return YamlTag::unknown;
  text.remove_prefix(kCore.size());
  if (text == "str") return YamlTag::string;
  if (text == "null") return YamlTag::null;
  if (text == "bool") return YamlTag::boolean;
  if (text == "int") return YamlTag::integer;
  if (text == "float") return YamlTag::floating;
  if (text == "seq") return YamlTag::sequence;
  if (text == "map") return YamlTag::mapping;
  return YamlTag::unknown;
}

Result<Value> resolve_yaml_scalar(std::string_view text, bool plain, YamlTag tag) {
  if (tag == YamlTag::string || (tag == YamlTag::none && !plain)) return Value(text);
  auto resolved = resolve_plain(text);
  if (tag == YamlTag::none) return resolved ? std::move(*resolved) : Value(text);
  if (resolved && !resolved->ok()) return std::move(*resolved);
  if (!resolved || !fits(tag, **resolved))
    return Error{Fault::malformed_body, "the text is not what its tag says"};
  return std::move(*resolved);
}

}  // namespace tidegate::document
