// Decimal: a number's text taken exactly, for what doubles get wrong: comparing, multiples,
// equality. It refers to digits it copied from the text, so it outlives it. Plain data, any thread.
// Exponents are clamped to ±10^17: beyond that two numbers of different magnitude may look equal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::document {

struct Decimal {
  bool negative = false;      // never set for zero
  std::string digits;         // without zeros at either end; empty means zero
  std::int64_t exponent = 0;  // value = digits × 10^exponent

  bool zero() const { return digits.empty(); }
  // The power of ten just above the value: 12.5 → 2, 0.05 → -1.
  std::int64_t magnitude() const { return exponent + static_cast<std::int64_t>(digits.size()); }
  // One spelling for each value: "-125e-1", "0". Equal values have equal canonical texts.
  std::string canonical() const;
};

// True if `text` is a number by JSON's grammar and nothing else.
bool is_json_number(std::string_view text);
// Precondition: is_json_number(text).
Decimal parse_decimal(std::string_view text);
// Negative, zero or positive, like memcmp.
int compare(const Decimal&, const Decimal&);
// The double nearest to a JSON number; ±HUGE_VAL beyond the range. Locale plays no part.
double nearest_double(std::string_view text);

// Judges whether values are multiples of one positive number, in decimal arithmetic.
class Divisor {
 public:
  static constexpr std::size_t kMaxDigits = 18;
  // Nothing if the number is not positive or has more than kMaxDigits significant digits.
  static std::optional<Divisor> of(const Decimal&);
  bool divides(const Decimal&) const;

 private:
  std::uint64_t digits_ = 1;
  std::int64_t exponent_ = 0;
};

}  // namespace tidegate::document
