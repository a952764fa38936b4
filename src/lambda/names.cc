#include "lambda/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace tidegate::lambda {
namespace {

constexpr char kPattern[] =
    "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?"
    "([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

bool word(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

bool qualifier_ok(std::string_view text) {
  return text == kLatest || word(text, 128);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (;;) {
    const std::size_t end = text.find(':', start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string::npos) return parts;
    start = end + 1;
  }
}

// Any region's name, also one that AWS does not have; never what could be part of a store key.
bool region_ok(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

// Cut between characters.
std::string_view front_of(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

bool account_ok(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Error validation(const std::string& value, const std::string& member, const std::string& rule) {
  return Error{Fault::invalid_request,
               fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy "
                           "constraint: Member must {}",
                           front_of(value, 256), member, rule)};
}

std::string function_arn(const Scope& scope, const std::string& name) {
  return arn(scope, "lambda", "function:" + name);
}

std::string function_row(const Scope& scope, const std::string& name) {
  return key_prefix(scope, "fn") + name;
}

Error function_not_found(const Scope& scope, const FunctionRef& f) {
  std::string text = "Function not found: " + function_arn(scope, f.name);
  if (f.qualifier) text += ":" + *f.qualifier;
  return Error{Fault::not_found, std::move(text)};
}

std::optional<ArnTarget> parse_function_arn(const std::string& text) {
  const std::vector<std::string> p = split(text);
  if (p.size() < 7 || p.size() > 8 || p[0] != "arn" || !p[1].starts_with("aws") ||
      p[2] != "lambda" || !region_ok(p[3]) || !account_ok(p[4]) || p[5] != "function" ||
      !word(p[6], 64))
    return std::nullopt;
  ArnTarget target{{p[4], p[3]}, {p[6], std::nullopt}};
  if (p.size() == 8) {
    if (!qualifier_ok(p[7])) return std::nullopt;
    target.function.qualifier = p[7];
  }
  return target;
}

Result<FunctionRef> parse_function_name(const Scope& caller, const std::string& text,
                                        const std::optional<std::string>& qualifier) {
  const Error bad = validation(text, "functionName",
                               fmt::format("satisfy regular expression pattern: {}", kPattern));
  FunctionRef found;
  const std::vector<std::string> p = split(text);
  if (p[0] == "arn") {
    auto target = parse_function_arn(text);
    if (!target) return bad;
    if (target->scope.region != caller.region)
      return Error{Fault::not_found,
                   fmt::format("Functions from '{}' are not reachable in this region ('{}')",
                               target->scope.region, caller.region)};
    if (target->scope.account != caller.account)
      return Error{Fault::not_found, "Function not found: " + text};
    found = target->function;
  } else if (p.size() >= 3 && p[1] == "function") {
    if (!account_ok(p[0]) || !word(p[2], 64) || p.size() > 4) return bad;
    if (p[0] != caller.account) return Error{Fault::not_found, "Function not found: " + text};
    found.name = p[2];
    if (p.size() == 4) found.qualifier = p[3];
  } else {
    if (p.size() > 2 || !word(p[0], 64)) return bad;
    found.name = p[0];
    if (p.size() == 2) found.qualifier = p[1];
  }
  if (found.qualifier && !qualifier_ok(*found.qualifier)) return bad;
  if (!qualifier || qualifier->empty()) return found;
  if (!qualifier_ok(*qualifier))
    return validation(*qualifier, "qualifier",
                      "satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)");
  if (found.qualifier && *found.qualifier != *qualifier)
    return Error{Fault::invalid_parameter_value,
                 "The derived qualifier from the function name does not match the specified "
                 "qualifier."};
  found.qualifier = qualifier;
  return found;
}

}  // namespace tidegate::lambda
