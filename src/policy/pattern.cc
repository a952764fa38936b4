#include "policy/pattern.h"

#include <algorithm>

#include "base/bytes.h"

namespace tidegate::policy {
namespace {

// Within a glob this byte says that the next one is no wildcard.
constexpr char kEscape = '\x01';

void append_literal(std::string& glob, std::string_view text) {
  for (char c : text) {
    if (c == '*' || c == '?' || c == kEscape) glob.push_back(kEscape);
    glob.push_back(c);
  }
}

void append_glob(std::string& glob, std::string_view text) {
  for (char c : text) {
    if (c == kEscape) glob.push_back(kEscape);
    glob.push_back(c);
  }
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t character_end(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && continues_character(text[at])) ++at;
  return at;
}

char folded(char c, bool fold) {
  return fold && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Six parts against six, of which only the last may hold colons. What has fewer is no ARN, and
// matches nothing; a star alone is any ARN.
bool arn_like(std::string_view pattern, std::string_view text) {
  if (pattern == "*") return std::count(text.begin(), text.end(), ':') >= 5;
  for (int i = 0; i < 5; ++i) {
    const std::size_t pe = pattern.find(':'), te = text.find(':');
    if (pe == std::string_view::npos || te == std::string_view::npos) return false;
    if (!glob_match(pattern.substr(0, pe), text.substr(0, te))) return false;
    pattern.remove_prefix(pe + 1);
    text.remove_prefix(te + 1);
  }
  return glob_match(pattern, text);
}

}  // namespace

void Context::set(std::string_view key, std::string value) {
  std::vector<std::string> values;
  values.push_back(std::move(value));
  set(key, std::move(values));
}

void Context::set(std::string_view key, std::vector<std::string> values) {
  std::string name = lower_ascii(key);
  for (auto& entry : entries_)
    if (entry.first == name) {
      entry.second = std::move(values);
      return;
    }
  entries_.emplace_back(std::move(name), std::move(values));
}

const std::vector<std::string>* Context::find(std::string_view key) const {
  for (const auto& entry : entries_)
    if (entry.first == key) return &entry.second;
  return nullptr;
}

bool glob_match(std::string_view glob, std::string_view text, bool fold) {
  std::size_t g = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = ++g;
      mark = t;
      continue;
    }
    if (g < glob.size() && glob[g] == '?') {
      ++g;
      t = character_end(text, t);
      continue;
    }
    const bool escaped = g + 1 < glob.size() && glob[g] == kEscape;
    const std::size_t at = escaped ? g + 1 : g;
    if (at < glob.size() && folded(glob[at], fold) == folded(text[t], fold)) {
      g = at + 1;
      ++t;
      continue;
    }
    if (star == std::string_view::npos) return false;
    g = star;
    t = mark = character_end(text, mark);
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

std::optional<Pattern> Pattern::compile(std::string_view text, bool variables) {
  Pattern p;
  p.raw_ = std::string(text);
  while (!text.empty()) {
    const std::size_t open = variables ? text.find("${") : std::string_view::npos;
    if (open != 0) {
      Piece plain;
      plain.text = std::string(text.substr(0, open));
      p.pieces_.push_back(std::move(plain));
      if (open == std::string_view::npos) break;
      text.remove_prefix(open);
    }
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos) return std::nullopt;
    std::string_view name = trim(text.substr(2, close - 2));
    text.remove_prefix(close + 1);
    Piece piece;
    if (name == "*" || name == "?" || name == "$") {
      piece.text = std::string(name);
      piece.literal = true;
      p.pieces_.push_back(std::move(piece));
      continue;
    }
    if (const std::size_t comma = name.find(','); comma != std::string_view::npos) {
      std::string_view fallback = trim(name.substr(comma + 1));
      if (fallback.size() < 2 || fallback.front() != '\'' || fallback.back() != '\'')
        return std::nullopt;
      piece.fallback = std::string(fallback.substr(1, fallback.size() - 2));
      name = trim(name.substr(0, comma));
    }
    if (name.empty() || name.find_first_of("*?${ ") != std::string_view::npos) return std::nullopt;
    piece.variable = lower_ascii(name);
    piece.written = std::string(name);
    p.variable_ = true;
    p.pieces_.push_back(std::move(piece));
  }
  if (!p.variable_) {
    p.glob_ = *p.expand({}, true);
    p.plain_ = *p.expand({}, false);
  }
  return p;
}

std::optional<std::string> Pattern::expand(const Context& context, bool as_glob) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    std::string_view text = piece.text;
    bool literal = piece.literal;
    if (!piece.variable.empty()) {
      const auto* values = context.find(piece.variable);
      if (values && values->size() == 1)
        text = values->front();
      else if (piece.fallback && (!values || values->empty()))
        text = *piece.fallback;
      else
        return std::nullopt;
      literal = true;
    }
    if (!as_glob)
      out.append(text);
    else if (literal)
      append_literal(out, text);
    else
      append_glob(out, text);
  }
  return out;
}

template <class Use>
bool Pattern::with(const Context& context, bool as_glob, Use use) const {
  if (!variable_) return use(as_glob ? glob_ : plain_);
  const std::optional<std::string> text = expand(context, as_glob);
  return text && use(*text);
}

bool Pattern::matches(std::string_view text, const Context& context, bool fold) const {
  return with(context, true, [&](const std::string& glob) { return glob_match(glob, text, fold); });
}

bool Pattern::equals(std::string_view text, const Context& context, bool fold) const {
  return with(context, false, [&](const std::string& plain) {
    return fold ? lower_ascii(plain) == lower_ascii(text) : plain == text;
  });
}

bool Pattern::matches_arn(std::string_view text, const Context& context) const {
  return with(context, true, [&](const std::string& glob) { return arn_like(glob, text); });
}

void Pattern::collect_keys(std::vector<std::string>& out) const {
  for (const Piece& piece : pieces_)
    if (!piece.variable.empty()) out.push_back(piece.written);
}

}  // namespace tidegate::policy
