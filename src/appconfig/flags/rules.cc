#include "appconfig/flags/rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "appconfig/flags/rules_text.h"
#include "base/bytes.h"
#include "base/time.h"
#include "document/decimal.h"

namespace tidegate::appconfig::flags {

struct Pattern {
  RE2 regex;
};

namespace {

// The names of a form's operands, in the order of the tree; the last one of split may be absent.
using Labels = std::array<std::string_view, 3>;

struct Form {
  std::string_view name;
  Op op;
  std::size_t least, most;  // operands
  Labels labels;
};

constexpr std::size_t kMany = kMaxRuleNodes;
constexpr Form kForms[] = {
    {"eq", Op::eq, 2, 2, {}},
    {"ne", Op::ne, 2, 2, {}},
    {"gt", Op::gt, 2, 2, {}},
    {"gte", Op::gte, 2, 2, {}},
    {"lt", Op::lt, 2, 2, {}},
    {"lte", Op::lte, 2, 2, {}},
    {"and", Op::both, 1, kMany, {}},
    {"or", Op::any, 1, kMany, {}},
    {"not", Op::negate, 1, 1, {}},
    {"exists", Op::exists, 1, 1, {"key"}},
    {"begins_with", Op::begins_with, 2, 2, {}},
    {"ends_with", Op::ends_with, 2, 2, {}},
    {"contains", Op::contains, 2, 2, {}},
    {"in", Op::in, 2, 2, {}},
    {"matches", Op::matches, 2, 2, {"in", "pattern"}},
    {"split", Op::split, 2, 3, {"pct", "by", "seed"}},
};

const Form& form_of(Op op) {
  for (const Form& form : kForms)
    if (form.op == op) return form;
  CHECK(false);
  return kForms[0];
}

bool is_boolean(const Node& node) {
  return node.kind == NodeKind::boolean || node.kind == NodeKind::call;
}
bool is_textual(const Node& node) {
  return node.kind == NodeKind::text || node.kind == NodeKind::variable;
}
bool is_ordered(const Node& node) {
  return is_textual(node) || node.kind == NodeKind::number || node.kind == NodeKind::timestamp;
}
// Whether two operands can be compared at all; a variable becomes what the other one is.
bool comparable(const Node& a, const Node& b) {
  if (a.kind == NodeKind::list || b.kind == NodeKind::list) return false;
  if (a.kind == NodeKind::variable || b.kind == NodeKind::variable) return true;
  return a.kind == b.kind || (is_boolean(a) && is_boolean(b));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(text) {}

  Result<Node> run() {
    TRY([[maybe_unused]] Unit first, tokens_.next());
    if (tokens_.kind() != Token::open)
      return tokens_.refused("a rule begins with ( and an operator");
    TRY(Node root, call(1));
    if (tokens_.kind() != Token::end) return tokens_.refused("something follows the rule");
    return root;
  }

  std::size_t program() const { return program_; }

 private:
  Result<Node> call(int depth) {
    if (depth > kMaxRuleDepth) return tokens_.refused("the rule is nested too deeply");
    TRY([[maybe_unused]] Unit opened, tokens_.next());
    const Form* form = nullptr;
    if (tokens_.kind() == Token::name)
      for (const Form& f : kForms)
        if (f.name == tokens_.text()) form = &f;
    if (!form)
      return tokens_.refused(fmt::format("'{}' is not an operator", tokens_.text().substr(0, 64)));
    TRY([[maybe_unused]] Unit named, tokens_.next());
    Node node;
    node.kind = NodeKind::call;
    node.op = form->op;
    TRY(node.children, operands(*form, depth));
    TRY([[maybe_unused]] Unit closed, tokens_.next());
    TRY([[maybe_unused]] Unit checked, check(node));
    return node;
  }

  Result<std::vector<Node>> operands(const Form& form, int depth) {
    const bool labelled = !form.labels[0].empty();
    std::vector<Node> found;
    std::array<std::optional<Node>, 3> placed;
    while (tokens_.kind() != Token::close) {
      if (labelled) {
        TRY(std::size_t place, label(form));
        if (placed[place])
          return tokens_.refused(fmt::format("{} has {} twice", form.name, form.labels[place]));
        TRY(Node one, operand(depth));
        placed[place] = std::move(one);
      } else {
        TRY(Node one, operand(depth));
        found.push_back(std::move(one));
      }
    }
    if (labelled)
      for (std::size_t i = 0; i < form.most; ++i) {
        if (placed[i]) found.push_back(std::move(*placed[i]));
        if (!placed[i] && i < form.least)
          return tokens_.refused(fmt::format("{} needs {}::", form.name, form.labels[i]));
      }
    if (found.size() < form.least || found.size() > form.most)
      return tokens_.refused(fmt::format(
          "{} takes {} {}, not {}", form.name, form.most == kMany ? "at least one" : "exactly",
          form.most == kMany ? "operand" : std::to_string(form.most), found.size()));
    return found;
  }

  Result<std::size_t> label(const Form& form) {
    if (tokens_.kind() == Token::label)
      for (std::size_t i = 0; i < form.most; ++i)
        if (form.labels[i] == tokens_.text()) {
          TRY([[maybe_unused]] Unit read, tokens_.next());
          return i;
        }
    return tokens_.refused(
        fmt::format("the operands of {} are named: {}::", form.name,
                    fmt::join(form.labels.begin(), form.labels.begin() + form.most, "::, ")));
  }

  Result<Node> operand(int depth) {
    if (tokens_.kind() == Token::open) {
      TRY([[maybe_unused]] Unit counted, count());
      return call(depth + 1);
    }
    if (tokens_.kind() == Token::open_list) return list();
    if (tokens_.kind() == Token::variable) {
      TRY([[maybe_unused]] Unit counted, count());
      Node node;
      node.kind = NodeKind::variable;
      node.text = tokens_.text();
      TRY([[maybe_unused]] Unit read, tokens_.next());
      return node;
    }
    return literal();
  }

  Result<Node> literal() {
    TRY([[maybe_unused]] Unit counted, count());
    Node node;
    node.text = tokens_.text();
    switch (tokens_.kind()) {
      case Token::text:
        node.kind = NodeKind::text;
        break;
      case Token::number:
        node.kind = NodeKind::number;
        break;
      case Token::timestamp:
        node.kind = NodeKind::timestamp;
        CHECK(read_timestamp(node.text, node.at_ms));
        break;
      case Token::name:
        if (node.text != "true" && node.text != "false")
          return tokens_.refused(
              fmt::format("'{}' is no value: texts stand in quotes, keys of the context behind $",
                          node.text.substr(0, 64)));
        node.kind = NodeKind::boolean;
        node.yes = node.text == "true";
        break;
      case Token::label:
        return tokens_.refused("this operand has no name");
      case Token::end:
        return tokens_.refused("a bracket is not closed");
      default:
        return tokens_.refused("a value is missing");
    }
    TRY([[maybe_unused]] Unit read, tokens_.next());
    return node;
  }

  Result<Node> list() {
    TRY([[maybe_unused]] Unit counted, count());
    TRY([[maybe_unused]] Unit opened, tokens_.next());
    Node node;
    node.kind = NodeKind::list;
    while (tokens_.kind() != Token::close_list) {
      TRY(Node one, literal());
      node.children.push_back(std::move(one));
      // Commas are optional, but do not stand alone.
      if (tokens_.kind() != Token::comma) continue;
      TRY([[maybe_unused]] Unit read, tokens_.next());
      if (tokens_.kind() == Token::close_list) return tokens_.refused("a value is missing");
    }
    TRY([[maybe_unused]] Unit closed, tokens_.next());
    return node;
  }

  Status count() {
    if (++nodes_ > kMaxRuleNodes) return tokens_.refused("the rule has too many parts");
    return done;
  }

  // The types of a call's operands; what can be computed once is.
  Status check(Node& node) {
    const auto& args = node.children;
    const auto wrong = [&](std::string_view reason) -> Status {
      return tokens_.refused(fmt::format("{} {}, before", form_of(node.op).name, reason));
    };
    const auto all = [&](bool (*is)(const Node&)) { return std::ranges::all_of(args, is); };
    switch (node.op) {
      case Op::eq:
      case Op::ne:
        return comparable(args[0], args[1]) ? done : wrong("compares values of one type");
      case Op::gt:
      case Op::gte:
      case Op::lt:
      case Op::lte:
        return all(is_ordered) && comparable(args[0], args[1])
                   ? done
                   : wrong("compares two numbers, texts or timestamps");
      case Op::both:
      case Op::any:
      case Op::negate:
        return all(is_boolean) ? done : wrong("takes operands that are true or false");
      case Op::exists:
        return args[0].kind == NodeKind::text ? done : wrong("takes the key as a text");
      case Op::begins_with:
      case Op::ends_with:
      case Op::contains:
        return all(is_textual) ? done : wrong("compares texts");
      case Op::in:
        return check_in(args) ? done : wrong("takes a value and a list of values of its type");
      case Op::matches:
        if (!is_textual(args[0]) || args[1].kind != NodeKind::text)
          return wrong("takes a text and a pattern as a text");
        break;
      case Op::split:
        return check_split(node) ? done
                                 : wrong("takes pct from 0 to 100, by a text or key, seed a text");
    }
    auto compiled = compile_pattern(args[1].text);
    if (!compiled.ok()) return wrong(compiled.error().message);
    node.pattern = std::move(*compiled);
    program_ += cost_of(*node.pattern);
    if (program_ > kMaxProgram) return wrong("has patterns that are too large together");
    return done;
  }

  static bool check_in(const std::vector<Node>& args) {
    const bool scalar = args[0].kind != NodeKind::list && args[0].kind != NodeKind::call;
    return scalar && args[1].kind == NodeKind::list &&
           std::ranges::all_of(args[1].children,
                               [&](const Node& one) { return comparable(args[0], one); });
  }

  static bool check_split(Node& node) {
    const auto& args = node.children;
    if (args[0].kind != NodeKind::number || !is_textual(args[1])) return false;
    if (args.size() == 3 && args[2].kind != NodeKind::text) return false;
    const double percent = document::nearest_double(args[0].text);
    if (!(percent >= 0 && percent <= 100)) return false;
    node.hundredths = static_cast<std::uint32_t>(std::lround(percent * 100));
    return true;
  }

  // Instructions of all patterns: what bounds the memory and time that short patterns can take.
  static constexpr std::size_t kMaxProgram = 20'000;
  Tokens tokens_;
  std::size_t nodes_ = 1, program_ = 0;
};

}  // namespace

std::string_view name_of(Op op) {
  return form_of(op).name;
}

Result<std::shared_ptr<const Pattern>> compile_pattern(const std::string& text) {
  RE2::Options options(RE2::Quiet);
  options.set_never_capture(true);
  options.set_max_mem(1 << 20);
  auto pattern = std::shared_ptr<const Pattern>(new Pattern{RE2(text, options)});
  if (!pattern->regex.ok()) return {Fault::invalid_argument, "has a pattern that cannot be used"};
  return pattern;
}

std::size_t cost_of(const Pattern& pattern) {
  return static_cast<std::size_t>(std::max(1, pattern.regex.ProgramSize()));
}

bool found_in(const Pattern& pattern, std::string_view text) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern.regex);
}

bool read_timestamp(std::string_view text, std::int64_t& at_ms) {
  // Completed to the one form that base reads: 2026-01-02T03:04:05Z.
  std::string whole(text);
  if (whole.ends_with('T')) whole.pop_back();  // as Ion writes a year, a month and a day
  if (whole.size() == 4) {
    if (!text.ends_with('T')) return false;  // a bare year is a number
    whole += "-01-01";
  }
  if (whole.size() == 7) whole += "-01";
  if (whole.size() == 10) whole += "T00:00:00Z";
  const bool to_the_minute =
      whole.size() > 16 && whole[10] == 'T' && whole[13] == ':' && whole.substr(16).find(':') != 0;
  if (to_the_minute) whole.insert(16, ":00");
  if (whole.size() < 20 || whole[10] != 'T') return false;
  const auto at = parse_iso8601(whole);
  if (!at) return false;
  at_ms = to_ms(*at);
  return true;
}

Result<Rule> Rule::parse(std::string_view text) {
  if (count_code_points(text) > kMaxRuleLength)
    return {Fault::invalid_argument,
            fmt::format("the rule has more than {} characters", kMaxRuleLength)};
  if (!valid_utf8(text)) return {Fault::invalid_argument, "the rule is not UTF-8"};
  Parser parser(text);
  TRY(Node root, parser.run());
  return Rule(std::move(root), parser.program());
}

bool Rule::holds(const Context& context, std::string_view salt) const {
  return evaluate(root_, context, salt);
}

std::string print(const Node& node, bool ion) {
  std::string out;
  switch (node.kind) {
    case NodeKind::text:
      append_text(out, node.text);
      return out;
    case NodeKind::variable:
      // A dollar and digits are a symbol's number in Ion.
      if (ion && node.text.find_first_not_of("0123456789") == std::string::npos)
        return "'$" + node.text + "'";
      return "$" + node.text;
    case NodeKind::timestamp:
      if (ion) return iso8601(instant_from_ms(node.at_ms));
      return node.text;
    case NodeKind::number:
    case NodeKind::boolean:
      return node.text;
    case NodeKind::list:
      for (const Node& one : node.children)
        out += (out.empty() ? "" : ", ") + flags::print(one, ion);
      return "[" + out + "]";
    case NodeKind::call:
      break;
  }
  const Form& form = form_of(node.op);
  out = "(" + std::string(form.name);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    out += ' ';
    if (!form.labels[0].empty()) out += std::string(form.labels[i]) + "::";
    out += flags::print(node.children[i], ion);
  }
  return out + ")";
}

std::string Rule::print() const {
  return flags::print(root_);
}

std::string Rule::ion() const {
  return flags::print(root_, true);
}

}  // namespace tidegate::appconfig::flags
