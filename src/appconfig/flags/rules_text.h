// The tokens of the rule language: brackets, texts, numbers, timestamps, names and what marks
// them. Reads from a text that outlives it; one thread. Errors: invalid_argument with the place.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidegate::appconfig::flags {

enum class Token {
  open,
  close,
  open_list,
  close_list,
  text,
  number,
  timestamp,
  variable,
  name,
  label,
  comma,
  end
};

class Tokens {
 public:
  explicit Tokens(std::string_view in) : in_(in) {}
  // Reads on; then kind() and text() tell what was read. A text comes without its quotes and
  // escapes, a variable without its $, a label without its ::.
  Status next();
  Token kind() const { return kind_; }
  const std::string& text() const { return text_; }
  // "… at offset 12": offsets are bytes from 0, where the token that was read begins.
  Error refused(std::string_view reason) const;

 private:
  Status quoted();
  Status escape();
  Status code_point(int digits);
  Status numeric();
  void take_name();

  std::string_view in_;
  std::size_t at_ = 0, began_ = 0;
  Token kind_ = Token::end;
  std::string text_;
};

// Appends a text as the language writes it, with quotes.
void append_text(std::string& out, std::string_view text);

}  // namespace tidegate::appconfig::flags
