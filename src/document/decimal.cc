#include "document/decimal.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/check.h"

namespace tidegate::document {
namespace {

constexpr std::int64_t kMaxExponent = 100'000'000'000'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// How many digits `text` has from `at` on.
std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

std::int64_t parse_exponent(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && !is_digit(text.front())) text.remove_prefix(1);
  std::int64_t value = 0;
  for (char c : text)
    if (value < kMaxExponent) value = value * 10 + (c - '0');
  value = std::min(value, kMaxExponent);
  return negative ? -value : value;
}

}  // namespace

bool is_json_number(std::string_view text) {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t whole = digits_at(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits_at(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits_at(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

Decimal parse_decimal(std::string_view text) {
  Decimal out;
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) out.exponent = parse_exponent(text.substr(e + 1));
  std::string_view mantissa = text.substr(0, e);
  out.negative = !mantissa.empty() && mantissa.front() == '-';
  bool fraction = false;
  for (char c : mantissa) {
    if (c == '.') fraction = true;
    if (!is_digit(c)) continue;
    if (fraction) --out.exponent;
    if (!out.digits.empty() || c != '0') out.digits.push_back(c);
  }
  while (!out.digits.empty() && out.digits.back() == '0') {
    out.digits.pop_back();
    ++out.exponent;
  }
  if (out.zero()) {
    out.negative = false;
    out.exponent = 0;
  }
  return out;
}

std::string Decimal::canonical() const {
  if (zero()) return "0";
  return fmt::format("{}{}e{}", negative ? "-" : "", digits, exponent);
}

int compare(const Decimal& a, const Decimal& b) {
  const int sign_a = a.zero() ? 0 : a.negative ? -1 : 1;
  const int sign_b = b.zero() ? 0 : b.negative ? -1 : 1;
  if (sign_a != sign_b || sign_a == 0) return sign_a - sign_b;
  // Digits carry no zeros at the end, so comparing them as text compares the fractions 0.digits.
  int larger = a.magnitude() != b.magnitude() ? (a.magnitude() < b.magnitude() ? -1 : 1)
                                              : a.digits.compare(b.digits);
  return sign_a * larger;
}

double nearest_double(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  const Decimal decimal = parse_decimal(text);
  const double magnitude = decimal.magnitude() > 0 ? HUGE_VAL : 0.0;
  return decimal.negative ? -magnitude : magnitude;
}

std::optional<Divisor> Divisor::of(const Decimal& number) {
  if (number.zero() || number.negative || number.digits.size() > kMaxDigits) return std::nullopt;
  Divisor out;
  out.digits_ = std::stoull(number.digits);
  out.exponent_ = number.exponent;
  return out;
}

bool Divisor::divides(const Decimal& value) const {
  if (value.zero()) return true;
  // A smaller exponent would need a zero at the end of the value's digits, and there is none.
  if (value.exponent < exponent_) return false;
  using Wide = unsigned __int128;
  const Wide modulus = digits_;
  Wide rest = 0;
  for (char c : value.digits) rest = (rest * 10 + static_cast<unsigned>(c - '0')) % modulus;
  Wide power = 10 % modulus;
  for (std::uint64_t n = static_cast<std::uint64_t>(value.exponent - exponent_); n > 0; n >>= 1) {
    if (n & 1) rest = rest * power % modulus;
    power = power * power % modulus;
  }
  return rest == 0;
}

}  // namespace tidegate::document
