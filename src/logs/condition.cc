#include "logs/condition.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace tidegate::logs {
namespace {

using document::Value;

constexpr int kMaxDepth = 32;

bool to_number(std::string_view text, double& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<std::string_view> text_of(const Value& value) {
  if (value.string()) return *value.string();
  if (value.number()) return value.number()->text;
  if (value.boolean()) return *value.boolean() ? "true" : "false";
  return std::nullopt;
}

}  // namespace

Error bad_pattern(std::string_view why) {
  return Error{Fault::invalid_argument, "Invalid filter pattern: " + std::string(why)};
}

Result<std::string> delimited(std::string_view& text, char mark) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == mark) {
      text.remove_prefix(i + 1);
      return out;
    }
    if (mark != '%' && text[i] == '\\' && i + 1 < text.size()) ++i;
    out.push_back(text[i]);
  }
  return bad_pattern(mark == '%' ? "a regular expression does not end."
                                 : "a quoted text does not end.");
}

Wanted Wanted::term(std::string text) {
  Wanted out;
  out.text_ = std::move(text);
  return out;
}

Result<Wanted> Wanted::value(std::string text, bool quoted) {
  Wanted out;
  if (text.find('*') != std::string::npos) {
    std::string regex = "(?s)\\A" + RE2::QuoteMeta(text) + "\\z";
    RE2::GlobalReplace(&regex, R"(\\\*)", ".*");
    TRY(out, expression(regex));
  }
  out.any_ = !quoted && text == "*";
  out.is_number_ = !quoted && to_number(text, out.number_);
  out.text_ = std::move(text);
  return out;
}

Result<Wanted> Wanted::expression(const std::string& regex) {
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(1 << 20);
  auto compiled = std::make_shared<const RE2>(regex, options);
  if (!compiled->ok()) return bad_pattern("the regular expression: " + compiled->error());
  Wanted out;
  out.regex_ = std::move(compiled);
  return out;
}

bool Wanted::occurs_in(std::string_view text) const {
  if (!regex_) return text.find(text_) != std::string_view::npos;
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()),
                           *static_cast<const RE2*>(regex_.get()));
}

bool Wanted::equals(const Value& actual) const {
  if (any_) return true;
  if (is_number_ && actual.number()) return actual.number()->as_double == number_;
  const auto text = text_of(actual);
  return text && (regex_ ? occurs_in(*text) : *text == text_);
}

bool Wanted::compare(const Value& actual, int& order) const {
  double number = 0;
  if (actual.number())
    number = actual.number()->as_double;
  else if (!actual.string() || !to_number(*actual.string(), number))
    return false;
  order = number < number_ ? -1 : number > number_ ? 1 : 0;
  return is_number_;
}

namespace {

enum class Operator {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  is_true,
  is_false,
  is_null,
  exists,
  not_exists
};

// One step of a path: a member, an element, or any of them.
struct Step {
  std::string member;
  std::size_t index = 0;
  enum class Kind { member, element, any } kind = Kind::member;
};

}  // namespace

struct Condition::Node {
  enum class Kind { all, any, leaf } kind = Kind::leaf;
  std::vector<std::shared_ptr<const Node>> parts;
  std::vector<Step> path;
  Operator op = Operator::exists;
  Wanted wanted;

  bool holds(const Value& of) const {
    auto part_holds = [&of](const auto& part) { return part->holds(of); };
    if (kind == Kind::all) return std::all_of(parts.begin(), parts.end(), part_holds);
    if (kind == Kind::any) return std::any_of(parts.begin(), parts.end(), part_holds);
    const bool found = find(of, 0);
    return op == Operator::not_exists ? !found : found;
  }

 private:
  // Whether something that the rest of the path leads to meets the operator; with NOT EXISTS,
  // whether it leads to anything.
  bool find(const Value& at, std::size_t step) const {
    if (step == path.size()) return meets(at);
    const Step& s = path[step];
    if (s.kind == Step::Kind::member) {
      const Value* next = at.find(s.member);
      return next && find(*next, step + 1);
    }
    if (s.kind == Step::Kind::element)
      return at.array() && s.index < at.array()->size() && find((*at.array())[s.index], step + 1);
    if (at.array())
      return std::any_of(at.array()->begin(), at.array()->end(),
                         [&](const Value& v) { return find(v, step + 1); });
    return at.object() && std::any_of(at.object()->begin(), at.object()->end(),
                                      [&](const auto& m) { return find(m.second, step + 1); });
  }

  bool meets(const Value& actual) const {
    int order = 0;
    switch (op) {
      case Operator::equal:
        return wanted.equals(actual);
      case Operator::not_equal:
        return !wanted.equals(actual);
      case Operator::less:
        return wanted.compare(actual, order) && order < 0;
      case Operator::less_equal:
        return wanted.compare(actual, order) && order <= 0;
      case Operator::greater:
        return wanted.compare(actual, order) && order > 0;
      case Operator::greater_equal:
        return wanted.compare(actual, order) && order >= 0;
      case Operator::is_true:
        return actual.boolean() && *actual.boolean();
      case Operator::is_false:
        return actual.boolean() && !*actual.boolean();
      case Operator::is_null:
        return actual.is(document::Kind::null);
      case Operator::exists:
      case Operator::not_exists:
        break;
    }
    return true;
  }
};

namespace {

using Node = Condition::Node;
using NodePtr = std::shared_ptr<const Node>;

class Parser {
 public:
  Parser(std::string_view text, bool column) : rest_(text), column_(column) {}

  Result<NodePtr> parse() {
    TRY(NodePtr all, either(0));
    skip();
    if (!rest_.empty())
      return bad_pattern(fmt::format("'{}' is not expected.", rest_.substr(0, 32)));
    return all;
  }

 private:
  void skip() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0)
      rest_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skip();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  // In capitals or not, and not the beginning of a longer word.
  bool take_word(std::string_view word) {
    skip();
    if (rest_.size() < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
      if (std::toupper(static_cast<unsigned char>(rest_[i])) != word[i]) return false;
    if (rest_.size() > word.size() && is_plain(rest_[word.size()])) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  static bool is_plain(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '$' ||
           c == '@' || static_cast<unsigned char>(c) >= 0x80;
  }
  std::string take_plain(std::string_view also) {
    std::size_t n = 0;
    while (n < rest_.size() &&
           (is_plain(rest_[n]) || also.find(rest_[n]) != std::string_view::npos))
      ++n;
    std::string out(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return out;
  }

  template <class Next>
  Result<NodePtr> joined(std::string_view by, Node::Kind kind, Next next) {
    TRY(NodePtr first, next());
    if (!take(by)) return first;
    Node node;
    node.kind = kind;
    node.parts.push_back(std::move(first));
    do {
      TRY(NodePtr another, next());
      node.parts.push_back(std::move(another));
    } while (take(by));
    return std::make_shared<const Node>(std::move(node));
  }
  Result<NodePtr> either(int depth) {
    return joined("||", Node::Kind::any, [&] { return both(depth); });
  }
  Result<NodePtr> both(int depth) {
    return joined("&&", Node::Kind::all, [&] { return one(depth); });
  }
  Result<NodePtr> one(int depth) {
    if (!take("(")) return comparison();
    if (depth >= kMaxDepth) return bad_pattern("its parentheses are nested too deep.");
    TRY(NodePtr inner, either(depth + 1));
    if (!take(")")) return bad_pattern("a parenthesis does not end.");
    return inner;
  }

  Result<NodePtr> comparison() {
    Node node;
    TRY(Unit selected, selector(node.path));
    (void)selected;
    static constexpr std::pair<std::string_view, Operator> kOperators[] = {
        {"!=", Operator::not_equal},     {"<=", Operator::less_equal}, {"<", Operator::less},
        {">=", Operator::greater_equal}, {">", Operator::greater},     {"=", Operator::equal}};
    for (const auto& [token, op] : kOperators) {
      if (!take(token)) continue;
      node.op = op;
      TRY(node.wanted, value());
      return std::make_shared<const Node>(std::move(node));
    }
    if (take_word("NOT")) {
      if (!take_word("EXISTS")) return bad_pattern("NOT must be followed by EXISTS.");
      node.op = Operator::not_exists;
    } else if (take_word("IS")) {
      if (take_word("TRUE"))
        node.op = Operator::is_true;
      else if (take_word("FALSE"))
        node.op = Operator::is_false;
      else if (take_word("NULL"))
        node.op = Operator::is_null;
      else
        return bad_pattern("IS must be followed by TRUE, FALSE or NULL.");
    } else if (!take_word("EXISTS") && !column_) {
      return bad_pattern("a selector must be followed by an operator.");
    }
    return std::make_shared<const Node>(std::move(node));
  }

  Status selector(std::vector<Step>& path) {
    skip();
    if (column_) {
      if (take_plain(".").empty()) return bad_pattern("a column has no name.");
      return done;
    }
    if (!take("$")) return bad_pattern("a selector must begin with $.");
    while (!rest_.empty() && (rest_.front() == '.' || rest_.front() == '[')) {
      // $.a['b'] is also written $.a.['b'].
      const bool bracket = rest_.front() == '[' || rest_.starts_with(".[");
      rest_.remove_prefix(rest_.starts_with(".[") ? 2 : 1);
      TRY(Step step, bracket ? bracketed() : member());
      path.push_back(std::move(step));
    }
    if (path.empty()) return bad_pattern("a selector must name a property.");
    return done;
  }
  Result<Step> member() {
    if (!rest_.empty() && rest_.front() == '*') {
      rest_.remove_prefix(1);
      return Step{"", 0, Step::Kind::any};
    }
    Step step{take_plain(""), 0, Step::Kind::member};
    if (step.member.empty()) return bad_pattern("a property has no name.");
    return step;
  }
  // [0], [*], ['a name'] or ["a name"].
  Result<Step> bracketed() {
    Step step;
    if (take("*")) {
      step.kind = Step::Kind::any;
    } else if (!rest_.empty() && (rest_.front() == '\'' || rest_.front() == '"')) {
      TRY(step.member, delimited(rest_, rest_.front()));
    } else {
      const char* end = rest_.data() + rest_.size();
      const auto [stop, error] = std::from_chars(rest_.data(), end, step.index);
      if (error != std::errc()) return bad_pattern("an index must be a number or *.");
      rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
      step.kind = Step::Kind::element;
    }
    if (!take("]")) return bad_pattern("a bracket does not end.");
    return step;
  }

  Result<Wanted> value() {
    skip();
    if (!rest_.empty() && rest_.front() == '"') {
      TRY(std::string text, delimited(rest_, '"'));
      return Wanted::value(std::move(text), true);
    }
    if (!rest_.empty() && rest_.front() == '%') {
      TRY(std::string regex, delimited(rest_, '%'));
      return Wanted::expression(regex);
    }
    std::string text = take_plain(".*+:/?#");
    if (text.empty()) return bad_pattern("an operator must be followed by a value.");
    return Wanted::value(std::move(text), false);
  }

  std::string_view rest_;
  const bool column_;
};

}  // namespace

Result<Condition> Condition::parse(std::string_view text, bool column) {
  Condition out;
  TRY(out.root_, Parser(text, column).parse());
  return out;
}

bool Condition::holds(const Value& of) const {
  return !root_ || root_->holds(of);
}

}  // namespace tidegate::logs
