#include <algorithm>
#include <optional>

#include "appconfig/flags/rules.h"
#include "base/digest.h"
#include "document/decimal.h"

namespace tidegate::appconfig::flags {
namespace {

// What an operand is worth here: the text of a literal or of the context, or nothing.
std::optional<std::string_view> text_of(const Node& node, const Context& context) {
  if (node.kind != NodeKind::variable) return node.text;
  const auto found = context.find(node.text);
  if (found == context.end()) return std::nullopt;
  return found->second;
}

// Negative, zero or positive; nothing if a text is not of the type that is asked for.
std::optional<int> order(NodeKind type, std::string_view a, std::string_view b) {
  if (type == NodeKind::number) {
    if (!document::is_json_number(a) || !document::is_json_number(b)) return std::nullopt;
    return document::compare(document::parse_decimal(a), document::parse_decimal(b));
  }
  if (type == NodeKind::timestamp) {
    std::int64_t at = 0, other = 0;
    if (!read_timestamp(a, at) || !read_timestamp(b, other)) return std::nullopt;
    return at < other ? -1 : at > other ? 1 : 0;
  }
  return a.compare(b);
}

// The type of a comparison is its literal's. Of two keys of the context it is what both look like
// when they are put in order, and a text when they are compared for equality.
NodeKind type_of(const Node& a, const Node& b) {
  return a.kind == NodeKind::variable ? b.kind : a.kind;
}

std::optional<int> ordered(const Node& a, const Node& b, const Context& context) {
  const auto left = text_of(a, context), right = text_of(b, context);
  if (!left || !right) return std::nullopt;
  const NodeKind type = type_of(a, b);
  if (type != NodeKind::variable) return order(type, *left, *right);
  for (NodeKind guess : {NodeKind::number, NodeKind::timestamp})
    if (const auto found = order(guess, *left, *right)) return found;
  return left->compare(*right);
}

// Nothing when a key is missing: then neither eq nor ne holds.
std::optional<bool> equal(const Node& a, const Node& b, const Context& context,
                          std::string_view salt) {
  std::string yes_a, yes_b;
  auto value = [&](const Node& node, std::string& room) -> std::optional<std::string_view> {
    if (node.kind != NodeKind::call) return text_of(node, context);
    room = evaluate(node, context, salt) ? "true" : "false";
    return room;
  };
  const auto left = value(a, yes_a), right = value(b, yes_b);
  if (!left || !right) return std::nullopt;
  return order(type_of(a, b), *left, *right) == 0;
}

bool in_list(const Node& call, const Context& context, std::string_view salt) {
  return std::ranges::any_of(call.children[1].children, [&](const Node& one) {
    return equal(call.children[0], one, context, salt) == true;
  });
}

bool text_holds(const Node& call, const Context& context) {
  const auto text = text_of(call.children[0], context);
  const auto part = text_of(call.children[1], context);
  if (!text || !part) return false;
  if (call.op == Op::begins_with) return text->starts_with(*part);
  if (call.op == Op::ends_with) return text->ends_with(*part);
  if (call.op == Op::contains) return text->find(*part) != std::string_view::npos;
  return found_in(*call.pattern, *text);
}

bool in_split(const Node& call, const Context& context, std::string_view salt) {
  const auto value = text_of(call.children[1], context);
  if (!value) return false;
  const std::string_view seed = call.children.size() == 3 ? call.children[2].text : salt;
  return bucket(seed, *value) < call.hundredths;
}

}  // namespace

std::uint32_t bucket(std::string_view seed_or_salt, std::string_view value) {
  std::string text(seed_or_salt);
  text += '/';
  text += value;
  const std::string hash = sha256(text);
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < 8; ++i) n = n << 8 | static_cast<unsigned char>(hash[i]);
  return static_cast<std::uint32_t>(n % 10'000);
}

bool evaluate(const Node& node, const Context& context, std::string_view salt) {
  if (node.kind == NodeKind::boolean) return node.yes;
  const auto& args = node.children;
  const auto holds = [&](const Node& one) { return evaluate(one, context, salt); };
  switch (node.op) {
    case Op::eq:
      return equal(args[0], args[1], context, salt) == true;
    case Op::ne:
      return equal(args[0], args[1], context, salt) == false;
    case Op::both:
      return std::ranges::all_of(args, holds);
    case Op::any:
      return std::ranges::any_of(args, holds);
    case Op::negate:
      return !holds(args[0]);
    case Op::exists:
      return context.find(args[0].text) != context.end();
    case Op::in:
      return in_list(node, context, salt);
    case Op::begins_with:
    case Op::ends_with:
    case Op::contains:
    case Op::matches:
      return text_holds(node, context);
    case Op::split:
      return in_split(node, context, salt);
    case Op::gt:
    case Op::gte:
    case Op::lt:
    case Op::lte:
      break;
  }
  const auto found = ordered(args[0], args[1], context);
  if (!found) return false;
  if (node.op == Op::gt) return *found > 0;
  if (node.op == Op::gte) return *found >= 0;
  if (node.op == Op::lt) return *found < 0;
  return *found <= 0;
}

}  // namespace tidegate::appconfig::flags
