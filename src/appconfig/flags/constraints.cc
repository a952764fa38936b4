#include "appconfig/flags/constraints.h"

#include <fmt/format.h>

#include <algorithm>

#include "appconfig/flags/rules.h"
#include "base/bytes.h"
#include "document/decimal.h"
#include "document/schema_pattern.h"

namespace tidegate::appconfig::flags {

using document::Value;

namespace {

constexpr std::size_t kMaxText = 1'024;  // characters of a string, a pattern, an allowed value
constexpr std::size_t kMaxAllowed = 100;
constexpr std::size_t kMaxShown = 256;  // bytes of a value in a violation

std::string shown(std::string_view value) {
  std::size_t size = std::min(value.size(), kMaxShown);
  // Not in the middle of a character.
  while (size > 0 && size < value.size() && (value[size] & 0xc0) == 0x80) --size;
  return std::string(value.substr(0, size));
}

}  // namespace

std::string below(const std::string& location, std::string_view member) {
  std::string out = location + "/";
  for (char c : shown(member)) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

void Findings::add(std::string constraint, std::string location, std::string reason,
                   std::string_view value) {
  if (full()) return;
  found_.push_back({std::move(constraint), std::move(location), std::move(reason), "FEATURE_FLAGS",
                    shown(value)});
}

bool Findings::object(const Value& value, const std::string& location) {
  if (value.object()) return true;
  add("type", location, "must be an object");
  return false;
}

bool Findings::boolean(const Value& value, const std::string& location) {
  if (value.boolean()) return true;
  add("type", location, "must be true or false");
  return false;
}

bool Findings::text(const Value& value, const std::string& location, std::size_t least,
                    std::size_t most) {
  if (!value.string()) {
    add("type", location, "must be a string");
    return false;
  }
  const std::size_t size = count_code_points(*value.string());
  if (size < least) add("minLength", location, "must not be empty");
  if (size > most)
    add("maxLength", location, fmt::format("has {} characters, at most {}", size, most));
  return size >= least && size <= most;
}

bool Findings::one_line(const Value& value, const std::string& location, std::size_t least,
                        std::size_t most) {
  if (!text(value, location, least, most)) return false;
  if (value.string()->find('\n') == std::string::npos) return true;
  add("pattern", location, "must be one line", *value.string());
  return false;
}

void Findings::unknown_member(const std::string& location, std::string_view name) {
  add("additionalProperties", location, fmt::format("has no member named '{}'", shown(name)), name);
}

bool Findings::affordable(const std::string& location) {
  if (spent_ <= kMaxProgram) return true;
  add("pattern", location, "the patterns of the document are too large together");
  return false;
}

void Findings::missing(const std::string& location, std::string_view name) {
  add("required", location, fmt::format("the member '{}' is missing", name), name);
}

struct Limits {
  std::string type;
  std::string pattern_text;
  std::shared_ptr<const Pattern> pattern;
  std::optional<std::vector<std::string>> allowed;
  std::optional<document::Number> minimum, maximum;
  std::shared_ptr<const Limits> elements;
};

namespace {

int compare(const document::Number& a, const document::Number& b) {
  return document::compare(document::parse_decimal(a.text), document::parse_decimal(b.text));
}

// Which members the constraints of a type have beside type and required.
bool takes(std::string_view type, std::string_view member) {
  if (member == "type" || member == "required") return true;
  if (type == "string") return member == "pattern" || member == "enum";
  if (type == "number") return member == "minimum" || member == "maximum";
  return type == "array" && member == "elements";
}

void read_pattern(const Value& value, const std::string& location, Limits& limits,
                  Findings& findings) {
  if (!findings.text(value, location, 0, kMaxText)) return;
  if (!findings.affordable(location)) return;
  const std::string& text = *value.string();
  auto translated = document::re2_from_ecma(text);
  auto compiled = translated.ok()
                      ? compile_pattern(*translated)
                      : Result<std::shared_ptr<const Pattern>>(std::move(translated).error());
  if (!compiled.ok()) return findings.add("pattern", location, "cannot be used", text);
  limits.pattern_text = text;
  limits.pattern = std::move(*compiled);
  findings.spend(cost_of(*limits.pattern));
}

void read_allowed(const Value& value, const std::string& location, Limits& limits,
                  Findings& findings) {
  if (!value.array()) return findings.add("type", location, "must be an array of strings");
  if (value.array()->size() > kMaxAllowed)
    findings.add("maxItems", location, fmt::format("has more than {} values", kMaxAllowed));
  limits.allowed.emplace();
  std::size_t i = 0;
  for (const Value& one : *value.array())
    if (findings.text(one, below(location, std::to_string(i++)), 0, kMaxText))
      limits.allowed->push_back(*one.string());
}

std::optional<document::Number> read_integer(const Value* value, const std::string& location,
                                             Findings& findings) {
  if (!value) return std::nullopt;
  if (value->is_integer()) return *value->number();
  findings.add("type", location, "must be an integer");
  return std::nullopt;
}

std::shared_ptr<const Limits> read_limits(const Value& value, const std::string& location,
                                          bool is_element, Findings& findings) {
  if (!findings.object(value, location)) return nullptr;
  auto limits = std::make_shared<Limits>();
  const Value* type = value.find("type");
  if (!type || !type->string()) {
    findings.missing(location, "type");
    return nullptr;
  }
  limits->type = *type->string();
  const bool scalar = limits->type == "string" || limits->type == "number";
  if (!scalar && (is_element || (limits->type != "boolean" && limits->type != "array"))) {
    findings.add(
        "enum", below(location, "type"),
        is_element ? "must be string or number" : "must be string, number, boolean or array",
        limits->type);
    return nullptr;
  }
  for (const auto& [name, member] : *value.object())
    if (!takes(limits->type, name)) findings.unknown_member(location, name);
  if (const Value* required = value.find("required"))
    findings.boolean(*required, below(location, "required"));
  const Value* pattern = value.find("pattern");
  const Value* allowed = value.find("enum");
  if (limits->type == "string") {
    if (pattern && allowed) findings.add("oneOf", location, "has both a pattern and an enum");
    if (pattern) read_pattern(*pattern, below(location, "pattern"), *limits, findings);
    if (allowed) read_allowed(*allowed, below(location, "enum"), *limits, findings);
  }
  if (limits->type == "number") {
    limits->minimum = read_integer(value.find("minimum"), below(location, "minimum"), findings);
    limits->maximum = read_integer(value.find("maximum"), below(location, "maximum"), findings);
    if (limits->minimum && limits->maximum && compare(*limits->minimum, *limits->maximum) > 0)
      findings.add("minimum", location, "the minimum is greater than the maximum");
  }
  const Value* elements = value.find("elements");
  if (limits->type == "array" && elements)
    limits->elements = read_limits(*elements, below(location, "elements"), true, findings);
  return limits;
}

void check_limits(const Limits& limits, const Value& value, const std::string& location,
                  Findings& findings);

void check_text(const Limits& limits, const std::string& text, const std::string& location,
                Findings& findings) {
  if (limits.pattern && !found_in(*limits.pattern, text))
    findings.add("pattern", location,
                 fmt::format("does not match the pattern {}", shown(limits.pattern_text)), text);
  if (limits.allowed && std::ranges::find(*limits.allowed, text) == limits.allowed->end())
    findings.add("enum", location, "is none of the values that are allowed", text);
}

void check_number(const Limits& limits, const document::Number& number, const std::string& location,
                  Findings& findings) {
  if (limits.minimum && compare(number, *limits.minimum) < 0)
    findings.add("minimum", location, "is less than " + shown(limits.minimum->text), number.text);
  if (limits.maximum && compare(number, *limits.maximum) > 0)
    findings.add("maximum", location, "is greater than " + shown(limits.maximum->text),
                 number.text);
}

void check_limits(const Limits& limits, const Value& value, const std::string& location,
                  Findings& findings) {
  const bool fits =
      (limits.type == "string" && value.string()) || (limits.type == "number" && value.number()) ||
      (limits.type == "boolean" && value.boolean()) || (limits.type == "array" && value.array());
  if (!fits) return findings.add("type", location, "must be of the type " + limits.type);
  if (value.string()) return check_text(limits, *value.string(), location, findings);
  if (value.number()) return check_number(limits, *value.number(), location, findings);
  if (!value.array() || !limits.elements) return;
  std::size_t i = 0;
  for (const Value& one : *value.array())
    check_limits(*limits.elements, one, below(location, std::to_string(i++)), findings);
}

}  // namespace

Constraints Constraints::read(const Value& value, const std::string& location, Findings& findings) {
  Constraints out;
  out.limits_ = read_limits(value, location, false, findings);
  const Value* required = value.find("required");
  out.required_ = required && required->boolean() && *required->boolean();
  return out;
}

void Constraints::check(const Value& value, const std::string& location, Findings& findings) const {
  if (limits_) check_limits(*limits_, value, location, findings);
}

void check_attribute(const Value& value, const std::string& location, Findings& findings) {
  if (value.string()) {
    findings.text(value, location, 0, kMaxText);
    return;
  }
  if (value.number() || value.boolean()) return;
  if (!value.array())
    return findings.add(
        "type", location,
        "must be a string, a number, true, false or an array of strings or numbers");
  const auto& all = *value.array();
  std::size_t i = 0;
  for (const Value& one : all) {
    const std::string where = below(location, std::to_string(i++));
    if (one.kind() != all[0].kind() || !(one.string() || one.number()))
      findings.add("type", where, "an array holds either strings or numbers");
    else if (one.string())
      findings.text(one, where, 0, kMaxText);
  }
}

}  // namespace tidegate::appconfig::flags
