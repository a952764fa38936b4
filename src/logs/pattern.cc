#include "logs/pattern.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "logs/condition.h"

namespace tidegate::logs {
namespace {

using document::Value;

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

struct Terms {
  std::vector<Wanted> required, any, excluded;

  bool matches(std::string_view message) const {
    auto occurs = [message](const Wanted& term) { return term.occurs_in(message); };
    if (std::any_of(excluded.begin(), excluded.end(), occurs)) return false;
    if (!required.empty()) return std::all_of(required.begin(), required.end(), occurs);
    return any.empty() || std::any_of(any.begin(), any.end(), occurs);
  }
};

struct Json {
  Condition condition;

  bool matches(std::string_view message) const {
    // A line that is no JSON is told by its first character, and not parsed.
    const std::string_view text = trimmed(message);
    if (text.empty() || (text.front() != '{' && text.front() != '[')) return false;
    const auto value = document::parse_json(text);
    return value.ok() && condition.holds(*value);
  }
};

// What stands between spaces; quotes and brackets hold together, and are not part of it.
std::vector<Value> columns_of(std::string_view message) {
  std::vector<Value> out;
  std::string_view rest = trimmed(message);
  while (!rest.empty()) {
    const char close = rest.front() == '"' ? '"' : rest.front() == '[' ? ']' : '\0';
    std::size_t end = close ? rest.find(close, 1) : std::string_view::npos;
    const bool held = end != std::string_view::npos;
    if (!held) end = std::min(rest.find_first_of(kSpace), rest.size());
    out.emplace_back(rest.substr(held, end - held));
    rest = trimmed(rest.substr(std::min(end + held, rest.size())));
  }
  return out;
}

struct Columns {
  std::vector<Condition> before, after;  // the dots between them stand for any number
  bool dots = false;

  bool matches(std::string_view message) const {
    const std::vector<Value> columns = columns_of(message);
    const std::size_t known = before.size() + after.size();
    if (dots ? columns.size() < known : columns.size() != known) return false;
    for (std::size_t i = 0; i < before.size(); ++i)
      if (!before[i].holds(columns[i])) return false;
    const std::size_t tail = columns.size() - after.size();
    for (std::size_t i = 0; i < after.size(); ++i)
      if (!after[i].holds(columns[tail + i])) return false;
    return true;
  }
};

Result<Wanted> term_of(std::string_view& text) {
  if (text.starts_with('%')) {
    TRY(std::string regex, delimited(text, '%'));
    return Wanted::expression(regex);
  }
  std::string term;
  if (text.starts_with('"')) {
    TRY(term, delimited(text, '"'));
  } else {
    term = text.substr(0, text.find_first_of(kSpace));
    text.remove_prefix(term.size());
  }
  if (term.empty()) return bad_pattern("a term is empty.");
  return Wanted::term(std::move(term));
}

Result<Terms> terms_of(std::string_view text) {
  Terms out;
  while (!text.empty()) {
    std::vector<Wanted>* list = &out.required;
    if (text.front() == '?' || text.front() == '-') {
      list = text.front() == '?' ? &out.any : &out.excluded;
      text.remove_prefix(1);
    }
    TRY(Wanted term, term_of(text));
    list->push_back(std::move(term));
    text = trimmed(text);
  }
  return out;
}

// Up to the next comma that is in no quotes and no regular expression.
std::string_view next_column(std::string_view& rest) {
  char within = '\0';
  std::size_t i = 0;
  for (; i < rest.size() && (within || rest[i] != ','); ++i) {
    if (within ? rest[i] == within : rest[i] == '"' || rest[i] == '%')
      within = within ? '\0' : rest[i];
  }
  const std::string_view column = trimmed(rest.substr(0, i));
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return column;
}

Result<Columns> columns_pattern(std::string_view inside) {
  Columns out;
  do {
    const std::string_view column = next_column(inside);
    if (column == "...") {
      if (out.dots) return bad_pattern("the dots may stand once.");
      out.dots = true;
      continue;
    }
    if (column.empty()) return bad_pattern("a column has no name.");
    TRY(Condition condition, Condition::parse(column, true));
    (out.dots ? out.after : out.before).push_back(std::move(condition));
  } while (!inside.empty());
  return out;
}

}  // namespace

struct Pattern::Compiled {
  std::variant<Terms, Json, Columns> kind;
};

Result<Pattern> Pattern::parse(std::string_view given) {
  const std::string_view text = trimmed(given);
  Pattern out;
  if (text.empty()) return out;
  Compiled compiled;
  if (text.front() == '{' || text.front() == '[') {
    const bool json = text.front() == '{';
    if (text.size() < 2 || text.back() != (json ? '}' : ']'))
      return bad_pattern(json ? "a brace does not end." : "a bracket does not end.");
    const std::string_view inside = trimmed(text.substr(1, text.size() - 2));
    if (json) {
      TRY(Condition condition, Condition::parse(inside, false));
      compiled.kind = Json{std::move(condition)};
    } else {
      TRY(compiled.kind, columns_pattern(inside));
    }
  } else {
    TRY(compiled.kind, terms_of(text));
  }
  out.compiled_ = std::make_shared<const Compiled>(std::move(compiled));
  return out;
}

bool Pattern::matches(std::string_view message) const {
  return !compiled_ ||
         std::visit([message](const auto& kind) { return kind.matches(message); }, compiled_->kind);
}

}  // namespace tidegate::logs
