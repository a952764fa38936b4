#include "appconfig/flags/rules_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "appconfig/flags/rules.h"
#include "base/bytes.h"
#include "document/decimal.h"

namespace tidegate::appconfig::flags {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
// What a number or a timestamp may be made of. A '.' or ':' at its end is found out by its grammar.
bool is_numeric(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == ':' || c == '-' || c == '+';
}

void append_utf8(std::string& out, std::uint32_t point) {
  auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    tail(12), tail(6), tail(0);
  }
}

}  // namespace

Error Tokens::refused(std::string_view reason) const {
  return {Fault::invalid_argument, fmt::format("{} at offset {}", reason, began_)};
}

Status Tokens::next() {
  while (at_ < in_.size() && is_space(in_[at_])) ++at_;
  began_ = at_;
  text_.clear();
  if (at_ == in_.size()) {
    kind_ = Token::end;
    return done;
  }
  const char c = in_[at_];
  constexpr std::string_view kMarks = "()[],";
  constexpr Token kMarkTokens[] = {Token::open, Token::close, Token::open_list, Token::close_list,
                                   Token::comma};
  if (const std::size_t mark = kMarks.find(c); mark != std::string_view::npos) {
    ++at_;
    kind_ = kMarkTokens[mark];
    return done;
  }
  if (c == '"') return quoted();
  if (is_digit(c) || c == '-') return numeric();
  if (c == '$') {
    ++at_;
    take_name();
    kind_ = Token::variable;
    return text_.empty() ? Status(refused("a name is missing behind $")) : done;
  }
  if (!is_letter(c)) return refused("there is a character that begins nothing");
  take_name();
  kind_ = Token::name;
  if (in_.substr(at_).starts_with("::")) {
    at_ += 2;
    kind_ = Token::label;
  }
  return done;
}

void Tokens::take_name() {
  while (at_ < in_.size() && (is_letter(in_[at_]) || is_digit(in_[at_]))) text_ += in_[at_++];
}

Status Tokens::numeric() {
  while (at_ < in_.size() && is_numeric(in_[at_])) text_ += in_[at_++];
  if (document::is_json_number(text_)) {
    kind_ = Token::number;
    if (std::isinf(document::nearest_double(text_))) return refused("a number is too large");
    if (text_.find_first_of(".eE") != std::string::npos) return done;
    std::int64_t whole = 0;
    const auto read = std::from_chars(text_.data(), text_.data() + text_.size(), whole);
    if (read.ec != std::errc()) return refused("a whole number does not fit 64 bits");
    return done;
  }
  std::int64_t at_ms = 0;
  if (!read_timestamp(text_, at_ms)) return refused("this is neither a number nor a timestamp");
  kind_ = Token::timestamp;
  return done;
}

Status Tokens::quoted() {
  ++at_;
  while (true) {
    if (at_ == in_.size()) return refused("a text is not closed");
    const char c = in_[at_++];
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t')
      return refused("a text holds a control character: write it as an escape");
    if (c != '\\') {
      text_ += c;
      continue;
    }
    TRY([[maybe_unused]] Unit read, escape());
  }
  kind_ = Token::text;
  return done;
}

Status Tokens::escape() {
  if (at_ == in_.size()) return refused("a text is not closed");
  constexpr std::string_view kLetters = "abtnfrv0\"'/\\?";
  constexpr std::string_view kMeanings("\a\b\t\n\f\r\v\0\"'/\\?", 13);
  const char c = in_[at_++];
  if (const std::size_t i = kLetters.find(c); i != std::string_view::npos) {
    text_ += kMeanings[i];
    return done;
  }
  if (c == 'x') return code_point(2);
  if (c == 'u') return code_point(4);
  if (c == 'U') return code_point(8);
  return refused("a text holds an escape that is not known");
}

Status Tokens::code_point(int digits) {
  auto hex = [&](int n, std::uint32_t& point) {
    const auto count = static_cast<std::size_t>(n);
    if (in_.size() - at_ < count) return false;
    const char* from = in_.data() + at_;
    const auto read = std::from_chars(from, from + count, point, 16);
    if (read.ec != std::errc() || read.ptr != from + count) return false;
    at_ += count;
    return true;
  };
  std::uint32_t point = 0, low = 0;
  if (!hex(digits, point)) return refused("an escape needs its hexadecimal digits");
  const bool high = digits == 4 && point >= 0xd800 && point < 0xdc00;
  if (high && in_.substr(at_).starts_with("\\u")) {
    at_ += 2;
    if (!hex(4, low) || low < 0xdc00 || low > 0xdfff)
      return refused("an escape is half of a character");
    point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
  }
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
    return refused("an escape is no character");
  append_utf8(text_, point);
  return done;
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\')
      out += '\\', out += c;
    else if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  out += '"';
}

}  // namespace tidegate::appconfig::flags
