#include "document/schema_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace tidegate::document {
namespace {

constexpr std::size_t kMaxTranslation = 1u << 20;
constexpr int kMaxRe2Count = 1000;
constexpr int kMaxCount = 100'000;
constexpr char32_t kLastCodePoint = 0x10ffff;

constexpr std::string_view kSpace =
    R"(\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})"
    R"(\x{feff})";
constexpr std::string_view kNotSpace =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view kNotLineEnd = R"([^\n\r\x{2028}\x{2029}])";

Error refused(std::string reason) {
  return Error{Fault::invalid_argument, std::move(reason)};
}

// The text is valid UTF-8: it comes from a parsed document.
std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char lead = text[i];
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t c = size == 1 ? lead : lead & (0x7f >> size);
    for (std::size_t k = 1; k < size && i + k < text.size(); ++k)
      c = (c << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    out.push_back(c);
    i += size;
  }
  return out;
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
bool is_ascii_alpha(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
int hex_value(char32_t c) {
  if (is_digit(c)) return static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A') + 10;
  return -1;
}

std::string literal(char32_t c) {
  if (is_digit(c) || is_ascii_alpha(c)) return std::string(1, static_cast<char>(c));
  return fmt::format("\\x{{{:x}}}", static_cast<unsigned>(c));
}

// RE2's names of categories are the short ones.
std::string property_name(const std::string& name) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"Letter", "L"},
                                                                      {"Lowercase_Letter", "Ll"},
                                                                      {"Uppercase_Letter", "Lu"},
                                                                      {"Mark", "M"},
                                                                      {"Number", "N"},
                                                                      {"Decimal_Number", "Nd"},
                                                                      {"digit", "Nd"},
                                                                      {"Punctuation", "P"},
                                                                      {"punct", "P"},
                                                                      {"Symbol", "S"},
                                                                      {"Separator", "Z"},
                                                                      {"Space_Separator", "Zs"},
                                                                      {"Other", "C"},
                                                                      {"Control", "Cc"},
                                                                      {"cntrl", "Cc"},
                                                                      {"Titlecase_Letter", "Lt"}};
  for (auto [from, to] : kNames)
    if (name == from) return std::string(to);
  for (std::string_view prefix : {"Script=", "sc=", "General_Category=", "gc="})
    if (name.rfind(prefix, 0) == 0) return property_name(name.substr(prefix.size()));
  return name;
}

// What stands for one character or several: a code point, or what goes between RE2's brackets.
struct Atom {
  std::optional<char32_t> point;
  std::string set;
};

class Translator {
 public:
  explicit Translator(std::string_view pattern) : in_(code_points(pattern)) {}

  Result<std::string> run() {
    while (at_ < in_.size()) {
      TRY([[maybe_unused]] Unit stepped, step());
      if (out_.size() > kMaxTranslation) return refused("the pattern is too large");
    }
    if (!groups_.empty()) return refused("a group is not closed");
    return std::move(out_);
  }

 private:
  char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < in_.size() ? in_[at_ + ahead] : U'\0';
  }
  bool starts(std::u32string_view text) const { return in_.compare(at_, text.size(), text) == 0; }
  bool take(std::u32string_view text) {
    if (!starts(text)) return false;
    at_ += text.size();
    return true;
  }

  void emit_atom(std::string_view text) {
    atom_ = out_.size();
    out_ += text;
  }
  void emit_assertion(std::string_view text) {
    atom_ = std::nullopt;
    out_ += text;
  }

  Status step() {
    const char32_t c = in_[at_];
    switch (c) {
      case '(':
        return open_group();
      case ')':
        return close_group();
      case '|':
      case '^':
      case '$':
        ++at_;
        emit_assertion(std::string(1, static_cast<char>(c)));
        return done;
      case '.':
        ++at_;
        emit_atom(kNotLineEnd);
        return done;
      case '[':
        return character_class();
      case '\\':
        return escape();
      case '*':
      case '+':
      case '?':
        ++at_;
        return repeat(c == '+' ? 1 : 0, c == '?' ? std::optional(1) : std::nullopt);
      case '{':
        return counts();
      default:
        ++at_;
        emit_atom(literal(c));
        return done;
    }
  }

  Status open_group() {
    for (std::u32string_view look : {U"(?=", U"(?!", U"(?<=", U"(?<!"})
      if (starts(look)) return refused("lookahead and lookbehind are not supported");
    if (take(U"(?i)")) {
      emit_assertion("(?i)");
      return done;
    }
    const std::size_t start = out_.size();
    if (take(U"(?i:")) {
      out_ += "(?i:";
    } else if (take(U"(?<")) {
      const std::size_t end = in_.find(U'>', at_);
      if (end == std::u32string::npos || end == at_) return refused("a group's name is not closed");
      at_ = end + 1;
      out_ += "(?:";
    } else if (take(U"(?:") || (!starts(U"(?") && take(U"("))) {
      out_ += "(?:";
    } else {
      return refused("'(?' begins no group of ECMA 262");
    }
    groups_.push_back(start);
    atom_ = std::nullopt;
    return done;
  }

  Status close_group() {
    if (groups_.empty()) return refused("')' closes no group");
    ++at_;
    out_ += ")";
    atom_ = groups_.back();
    groups_.pop_back();
    return done;
  }

  // A count no larger than kMaxCount + 1; nothing if there are no digits.
  std::optional<int> take_count() {
    if (!is_digit(peek())) return std::nullopt;
    int value = 0;
    for (; is_digit(peek()); ++at_)
      value = std::min(kMaxCount + 1, value * 10 + static_cast<int>(peek() - '0'));
    return value;
  }

  // "{2}", "{2,}", "{2,3}" repeat; any other brace is a literal one.
  Status counts() {
    const std::size_t start = at_++;
    auto least = take_count();
    auto most = least;
    if (least && take(U",")) most = take_count();
    if (least && take(U"}")) return repeat(*least, most);
    at_ = start + 1;
    emit_atom(literal('{'));
    return done;
  }

  Status repeat(int least, std::optional<int> most) {
    if (!atom_) return refused("there is nothing to repeat");
    if (most && *most < least) return refused("the counts of a repetition are in the wrong order");
    if (std::max(least, most.value_or(0)) > kMaxCount)
      return refused(fmt::format("a repetition of more than {}", kMaxCount));
    take(U"?");  // lazy or greedy: the same strings match
    const std::string atom = out_.substr(*atom_);
    // What RE2 repeats at most at once, as often as needed.
    std::vector<std::string> suffixes;
    for (; least > kMaxRe2Count; least -= kMaxRe2Count, most = most ? *most - kMaxRe2Count : most)
      suffixes.push_back(fmt::format("{{{}}}", kMaxRe2Count));
    if (!most) {
      suffixes.push_back(fmt::format("{{{},}}", least));
    } else {
      if (least > 0) suffixes.push_back(fmt::format("{{{}}}", least));
      int optional = *most - least;
      for (; optional > 0; optional -= kMaxRe2Count)
        suffixes.push_back(fmt::format("{{0,{}}}", std::min(optional, kMaxRe2Count)));
      if (*most == 0) suffixes.push_back("{0}");
    }
    if (suffixes.size() * (atom.size() + 10) > kMaxTranslation)
      return refused("the pattern is too large");
    out_.resize(*atom_);
    out_ += "(?:";
    for (const std::string& suffix : suffixes) out_ += atom + suffix;
    out_ += ")";
    atom_ = std::nullopt;
    return done;
  }

  Status escape() {
    if (take(U"\\b")) {
      emit_assertion("\\b");
    } else if (take(U"\\B")) {
      emit_assertion("\\B");
    } else {
      TRY(const Atom atom, escaped_atom());
      emit_atom(atom.point ? literal(*atom.point) : "[" + atom.set + "]");
    }
    return done;
  }

  std::optional<char32_t> take_hex(std::size_t digits) {
    char32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const int digit = hex_value(peek(i));
      if (digit < 0) return std::nullopt;
      value = value * 16 + static_cast<char32_t>(digit);
    }
    at_ += digits;
    return value;
  }

  // After "\u": XXXX, XXXX\uXXXX for a pair of surrogates, {X…}.
  Result<Atom> unicode_escape() {
    if (take(U"{")) {
      char32_t value = 0;
      const std::size_t start = at_;
      for (; hex_value(peek()) >= 0 && value <= kLastCodePoint; ++at_)
        value = value * 16 + static_cast<char32_t>(hex_value(peek()));
      if (at_ == start || value > kLastCodePoint || !take(U"}"))
        return refused("\\u{…} takes a code point in hexadecimal");
      return Atom{value, {}};
    }
    auto high = take_hex(4);
    if (!high) return refused("\\u takes four hexadecimal digits");
    const std::size_t behind = at_;
    if (*high >= 0xd800 && *high < 0xdc00 && take(U"\\u")) {
      auto low = take_hex(4);
      if (low && *low >= 0xdc00 && *low < 0xe000)
        return Atom{0x10000 + ((*high - 0xd800) << 10) + (*low - 0xdc00), {}};
      at_ = behind;
    }
    return Atom{*high, {}};
  }

  Result<Atom> property_escape(char32_t letter) {
    const std::size_t end = in_.find(U'}', at_);
    if (peek() != '{' || end == std::u32string::npos)
      return refused("\\p takes a property in braces");
    std::string name;
    for (++at_; at_ < end; ++at_) name += static_cast<char>(std::min<char32_t>(peek(), 0x7f));
    ++at_;
    return Atom{std::nullopt,
                fmt::format("\\{}{{{}}}", static_cast<char>(letter), property_name(name))};
  }

  // An escape that stands for characters, inside or outside brackets.
  Result<Atom> escaped_atom() {
    ++at_;
    if (at_ == in_.size()) return refused("the pattern ends in a backslash");
    const char32_t c = in_[at_++];
    switch (c) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
        return Atom{std::nullopt, std::string("\\") + static_cast<char>(c)};
      case 's':
        return Atom{std::nullopt, std::string(kSpace)};
      case 'S':
        return Atom{std::nullopt, std::string(kNotSpace)};
      case 't':
        return Atom{U'\t', {}};
      case 'n':
        return Atom{U'\n', {}};
      case 'v':
        return Atom{U'\v', {}};
      case 'f':
        return Atom{U'\f', {}};
      case 'r':
        return Atom{U'\r', {}};
      case 'u':
        return unicode_escape();
      case 'p':
      case 'P':
        return property_escape(c);
      case 'x':
        if (auto value = take_hex(2)) return Atom{*value, {}};
        return refused("\\x takes two hexadecimal digits");
      case 'c':
        if (!is_ascii_alpha(peek())) return refused("\\c takes a letter");
        return Atom{in_[at_++] & 0x1f, {}};
      case '0':
        if (is_digit(peek())) return refused("octal escapes are not supported");
        return Atom{U'\0', {}};
      default:
        break;
    }
    if (is_digit(c) || c == 'k') return refused("backreferences are not supported");
    if (is_ascii_alpha(c))
      return refused(fmt::format("\\{} is no escape of ECMA 262", static_cast<char>(c)));
    return Atom{c, {}};
  }

  Result<Atom> class_atom() {
    if (take(U"\\b")) return Atom{U'\b', {}};
    if (peek() == '\\') return escaped_atom();
    return Atom{in_[at_++], {}};
  }

  static std::string in_class(const Atom& atom) {
    return atom.point ? literal(*atom.point) : atom.set;
  }

  Status character_class() {
    ++at_;
    const bool negated = take(U"^");
    std::string set;
    while (true) {
      if (at_ == in_.size()) return refused("a character class is not closed");
      if (take(U"]")) break;
      TRY(const Atom from, class_atom());
      const bool range = peek() == '-' && at_ + 1 < in_.size() && peek(1) != ']';
      if (!range) {
        set += in_class(from);
        continue;
      }
      ++at_;
      TRY(const Atom to, class_atom());
      if (from.point && to.point) {
        if (*from.point > *to.point) return refused("a range of characters is in the wrong order");
        set += in_class(from) + "-" + in_class(to);
      } else {
        set += in_class(from) + literal('-') + in_class(to);
      }
    }
    if (set.empty())
      emit_atom(negated ? R"([\x{0}-\x{10ffff}])" : R"([^\x{0}-\x{10ffff}])");
    else
      emit_atom((negated ? "[^" : "[") + set + "]");
    return done;
  }

  std::u32string in_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<std::size_t> groups_;  // where in out_ each open group begins
  std::optional<std::size_t> atom_;  // where in out_ what a quantifier would repeat begins
};

}  // namespace

Result<std::string> re2_from_ecma(std::string_view pattern) {
  return Translator(pattern).run();
}

}  // namespace tidegate::document
