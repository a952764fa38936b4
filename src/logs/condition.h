// Condition: what a filter pattern over JSON or columns asks of a message: comparisons of what a
// selector finds, joined by && and ||, in parentheses where wanted.
//
//   $.a.b[0] = "text*"   $.n >= 1.5e3   $.ip = 10.1.*   $.a != %re%   $.a[*] = 1   $.*.id = 7
//   $.flag IS TRUE|FALSE   $.gone IS NULL   $.none NOT EXISTS   $.some EXISTS
//
// What a selector does not find meets nothing but NOT EXISTS. Pure; for src/logs alone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/value.h"

namespace tidegate::logs {

class Wanted {
 public:
  static Wanted term(std::string text);  // as it is written
  // '*' is any text; what is not quoted may be a number.
  static Result<Wanted> value(std::string text, bool quoted);
  static Result<Wanted> expression(const std::string& regex);  // found anywhere
  bool equals(const document::Value& actual) const;
  // False when one of them is no number; `order` is negative where actual is less.
  bool compare(const document::Value& actual, int& order) const;
  bool occurs_in(std::string_view text) const;

 private:
  std::string text_;
  std::shared_ptr<const void> regex_;  // RE2
  bool any_ = false;                   // an unquoted *
  bool is_number_ = false;
  double number_ = 0;
};

class Condition {
 public:
  // `column`: selectors are names of columns instead of paths, and all name the one that is given
  // to holds(). invalid_argument.
  static Result<Condition> parse(std::string_view text, bool column);
  bool holds(const document::Value& of) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;  // null: holds always
};

Error bad_pattern(std::string_view why);
// What stands between two `mark`s, of which `text` begins with the first; takes it away. Within
// quotes a backslash makes the next character a character.
Result<std::string> delimited(std::string_view& text, char mark);

}  // namespace tidegate::logs
