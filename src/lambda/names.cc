#include "lambda/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/scope.h"

namespace tidegate::lambda {
namespace {

constexpr std::string_view kPatternFront =
    "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?"
    "(\\d{12}:)?(function:)?";
constexpr std::string_view kPatternEnd =
    "([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
constexpr std::string_view kNewPatternEnd = "([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";
constexpr std::size_t kMaxName = 64;
// Longer names belong to no function, and are looked for all the same, as on AWS.
constexpr std::size_t kMaxSought = 256;

Error no_match(const std::string& text, std::string_view pattern_end) {
  return validation(
      text, "functionName",
      fmt::format("satisfy regular expression pattern: {}{}", kPatternFront, pattern_end));
}

bool qualifier_ok(std::string_view text) {
  return text == kLatest || is_word(text, 128);
}

// Of the parameter; more is allowed there than can name anything.
bool qualifier_parameter_ok(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '$';
  });
}

// Any region's name, also one that AWS does not have; never what could be part of a store key.
bool region_ok(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

// The names that the pattern allows: AWS's own.
bool aws_region(std::string_view text) {
  if (text.starts_with("eusc-")) text.remove_prefix(5);
  auto letters = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(),
                                        [](unsigned char c) { return c >= 'a' && c <= 'z'; });
  };
  const std::vector<std::string> p = split(text, '-');
  const bool special = p.size() == 4 && (p[1] == "gov" || p[1] == "iso" ||
                                         (p[1].starts_with("iso") && p[1].size() == 4));
  if (p.size() != 3 && !special) return false;
  const std::string& number = p.back();
  return p[0].size() == 2 && letters(p[0]) && letters(p[p.size() - 2]) && number.size() == 1 &&
         std::isdigit(static_cast<unsigned char>(number[0]));
}

// Cut between characters.
std::string_view front_of(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

bool is_word(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

bool is_role_arn(const std::string& arn) {
  const std::vector<std::string> p = split(arn, ':');
  constexpr std::string_view kFront = "role/";
  return p.size() == 6 && p[0] == "arn" && p[1].starts_with("aws") && p[2] == "iam" &&
         p[3].empty() && is_account(p[4]) && p[5].starts_with(kFront) &&
         p[5].size() > kFront.size() && p[5].size() <= 600 &&
         std::all_of(p[5].begin(), p[5].end(), [](unsigned char c) {
           return std::isalnum(c) ||
                  std::string_view("+=,.@-_/").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

Error validation(const std::string& value, const std::string& member, const std::string& rule,
                 const std::string& what) {
  return Error{Fault::invalid_request,
               fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy "
                           "constraint: {} must {}",
                           front_of(value, 256), member, what, rule)};
}

std::string function_arn(const Scope& scope, const std::string& name) {
  return arn(scope, "lambda", "function:" + name);
}

std::string runtime_version_arn(const std::string& region, const std::string& runtime) {
  return fmt::format("arn:aws:lambda:{}::runtime:{}", region, to_hex(sha256(runtime)));
}

std::string qualified_arn(const Scope& scope, const FunctionRef& f) {
  return f.qualifier ? function_arn(scope, f.name) + ":" + *f.qualifier
                     : function_arn(scope, f.name);
}

Error function_not_found(const Scope& scope, const FunctionRef& f) {
  return Error{Fault::not_found, "Function not found: " + qualified_arn(scope, f)};
}

std::optional<ArnTarget> parse_function_arn(const std::string& text) {
  const std::vector<std::string> p = split(text, ':');
  if (p.size() < 7 || p.size() > 8 || p[0] != "arn" || !p[1].starts_with("aws") ||
      p[2] != "lambda" || !region_ok(p[3]) || !is_account(p[4]) || p[5] != "function" ||
      !is_word(p[6], kMaxSought))
    return std::nullopt;
  ArnTarget target{{p[4], p[3]}, {p[6], std::nullopt}};
  if (p.size() == 8) {
    if (!qualifier_ok(p[7])) return std::nullopt;
    target.function.qualifier = p[7];
  }
  return target;
}

Result<ArnTarget> resolve_function_name(const Scope& caller, const std::string& text,
                                        const std::optional<std::string>& qualifier) {
  const Error bad = no_match(text, kPatternEnd);
  ArnTarget found{caller, {}};
  FunctionRef& function = found.function;
  const std::vector<std::string> p = split(text, ':');
  if (p[0] == "arn") {
    // The pattern lets "function:" be absent; what stands at its place is then the name.
    auto target = parse_function_arn(
        p.size() == 6 ? text.substr(0, text.size() - p[5].size()) + "function:" + p[5] : text);
    if (!target) return bad;
    if (target->scope.region != caller.region && !aws_region(target->scope.region)) return bad;
    if (target->scope.region != caller.region)
      return Error{Fault::not_found,
                   fmt::format("Functions from '{}' are not reachable in this region ('{}')",
                               target->scope.region, caller.region)};
    found = *target;
  } else if (p.size() >= 3 && p[1] == "function") {
    if (!is_account(p[0]) || !is_word(p[2], kMaxSought) || p.size() > 4) return bad;
    found.scope.account = p[0];
    function.name = p[2];
    if (p.size() == 4) function.qualifier = p[3];
  } else {
    if (p.size() > 2 || !is_word(p[0], kMaxSought)) return bad;
    function.name = p[0];
    if (p.size() == 2) function.qualifier = p[1];
  }
  if (function.qualifier && !qualifier_ok(*function.qualifier)) return bad;
  if (!qualifier || qualifier->empty()) return found;
  if (!qualifier_parameter_ok(*qualifier))
    return validation(
        *qualifier, "qualifier",
        "satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+");
  if (function.qualifier && *function.qualifier != *qualifier)
    return Error{Fault::invalid_parameter_value,
                 "The derived qualifier from the function name does not match the specified "
                 "qualifier."};
  function.qualifier = qualifier;
  return found;
}

Result<FunctionRef> parse_function_name(const Scope& caller, const std::string& text,
                                        const std::optional<std::string>& qualifier) {
  TRY(ArnTarget found, resolve_function_name(caller, text, qualifier));
  if (found.scope.account == caller.account) return std::move(found.function);
  return Error{Fault::access_denied,
               fmt::format("This operation is not available to account {} on resource: {}",
                           caller.account, qualified_arn(found.scope, found.function))};
}

Result<std::string> parse_new_name(const Scope& caller, const std::string& text) {
  auto ref = parse_function_name(caller, text, std::nullopt);
  if (!ref.ok() && ref.fault() == Fault::invalid_request) return no_match(text, kNewPatternEnd);
  if (!ref.ok()) return std::move(ref).error();
  if (ref->qualifier) return no_match(text, kNewPatternEnd);
  if (ref->name.size() > kMaxName) {
    Error too_long = validation(ref->name, "functionName",
                                fmt::format("have length less than or equal to {}", kMaxName));
    too_long.fault = Fault::invalid_parameter_value;
    return too_long;
  }
  return std::move(ref->name);
}

}  // namespace tidegate::lambda
