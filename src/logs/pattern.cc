#include "logs/pattern.h"

#include <algorithm>

namespace tidegate::logs {
namespace {

Error bad(std::string_view why) {
  return Error{Fault::invalid_argument, "Invalid filter pattern: " + std::string(why)};
}

}  // namespace

Result<Pattern> Pattern::parse(std::string_view text) {
  Pattern out;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == ' ' || text[i] == '\t') {
      ++i;
      continue;
    }
    if (text[i] == '{' || text[i] == '[' || text[i] == '%')
      return bad(
          "patterns over JSON, columns and regular expressions are not implemented by this "
          "server; terms, \"quoted terms\", ?any and -none are.");
    std::vector<std::string>* list = &out.required_;
    if (text[i] == '?' || text[i] == '-') list = text[i++] == '?' ? &out.any_ : &out.excluded_;
    std::string term;
    if (i < text.size() && text[i] == '"') {
      bool closed = false;
      for (++i; i < text.size() && !closed; ++i) {
        if (text[i] == '\\' && i + 1 < text.size())
          term.push_back(text[++i]);
        else if (text[i] == '"')
          closed = true;
        else
          term.push_back(text[i]);
      }
      if (!closed) return bad("a quoted term does not end.");
    } else {
      while (i < text.size() && text[i] != ' ' && text[i] != '\t') term.push_back(text[i++]);
    }
    if (term.empty()) return bad("a term is empty.");
    list->push_back(std::move(term));
  }
  return out;
}

bool Pattern::matches(std::string_view message) const {
  auto occurs = [message](const std::string& term) {
    return message.find(term) != std::string_view::npos;
  };
  if (std::any_of(excluded_.begin(), excluded_.end(), occurs)) return false;
  if (!required_.empty()) return std::all_of(required_.begin(), required_.end(), occurs);
  return any_.empty() || std::any_of(any_.begin(), any_.end(), occurs);
}

}  // namespace tidegate::logs
