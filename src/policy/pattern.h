// Pattern: one text of a policy ("arn:aws:s3:::${aws:username}-*") made ready for matching. '*' is
// any text, '?' one character; ${key} is the request's value of a condition key, ${key, 'default'}
// has a fallback, ${*} ${?} ${$} stand for the character. What a variable brings in is literal: a
// user named "*" matches nothing but itself. Pure; may be used from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidegate::policy {

// The facts of a request that conditions and variables ask for. Keys are compared without regard
// to case; a key may have several values (aws:TagKeys).
class Context {
 public:
  void set(std::string_view key, std::string value);
  void set(std::string_view key, std::vector<std::string> values);
  // `key` in lower case.
  const std::vector<std::string>* find(std::string_view key) const;
  const std::vector<std::pair<std::string, std::vector<std::string>>>& entries() const {
    return entries_;
  }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> entries_;
};

class Pattern {
 public:
  // nullopt: a variable that does not end, or has no name. Without `variables` (a policy of 2008)
  // "${" is text like any other.
  static std::optional<Pattern> compile(std::string_view text, bool variables);

  const std::string& raw() const { return raw_; }
  // False as well when a variable has no single value in the context.
  bool matches(std::string_view text, const Context&, bool fold_case = false) const;
  bool equals(std::string_view text, const Context&, bool fold_case = false) const;
  // ArnLike: each of the first five parts of an ARN by itself, the rest together.
  bool matches_arn(std::string_view text, const Context&) const;
  // Adds the condition keys that the variables name, as they are written.
  void collect_keys(std::vector<std::string>& out) const;

 private:
  struct Piece {
    std::string text;
    bool literal = false;  // no wildcards in it
    std::string variable;  // lower case; "" for text
    std::string written;   // the same, as it stands in the policy
    std::optional<std::string> fallback;
  };
  std::optional<std::string> expand(const Context&, bool as_glob) const;
  template <class Use>
  bool with(const Context&, bool as_glob, Use use) const;

  std::string raw_;
  std::vector<Piece> pieces_;
  std::string glob_, plain_;  // what expand() gives, when there are no variables
  bool variable_ = false;
};

// '*' and '?' over UTF-8; in time linear in both for one star, and bounded by their product.
bool glob_match(std::string_view glob, std::string_view text, bool fold_case = false);

}  // namespace tidegate::policy
