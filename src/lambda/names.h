// Names of functions as callers write them: a name, name:qualifier, account:function:name, or an
// ARN with or without qualifier. Pure. Errors carry AWS's own texts.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/scope.h"
#include "lambda/types.h"

namespace tidegate::lambda {

struct FunctionRef {
  std::string name;
  std::optional<std::string> qualifier;  // "$LATEST", "1", "live"
};

// Whose function it is, and which.
struct ArnTarget {
  Scope scope;
  FunctionRef function;
};
// An ARN, also a partial one, may name another account's function. invalid_request (the pattern),
// invalid_parameter_value (two different qualifiers), not_found (another region).
Result<ArnTarget> resolve_function_name(const Scope& caller, const std::string& text,
                                        const std::optional<std::string>& qualifier);
// The same for calls that reach no other account: access_denied.
Result<FunctionRef> parse_function_name(const Scope& caller, const std::string& text,
                                        const std::optional<std::string>& qualifier);
// The same of a function to be made: no qualifier, at most 64 characters.
Result<std::string> parse_new_name(const Scope& caller, const std::string& text);

// arn:aws:iam::123456789012:role/…
bool is_role_arn(const std::string& arn);
// Letters, digits, '-' and '_'.
bool is_word(std::string_view text, std::size_t most);
std::string function_arn(const Scope&, const std::string& name);
// AWS names the build of a runtime by 64 hex digits. Ours is one for each runtime: what runs is
// what this machine has.
std::string runtime_version_arn(const std::string& region, const std::string& runtime);
// "arn:…:function:f:live"; without a qualifier the function's.
std::string qualified_arn(const Scope&, const FunctionRef&);
// Of an ARN in a notification or validator; nullopt when it is no function's ARN.
std::optional<ArnTarget> parse_function_arn(const std::string& arn);

Error function_not_found(const Scope&, const FunctionRef&);
// Shows at most the first 256 bytes of the value, whole characters.
Error validation(const std::string& value, const std::string& member, const std::string& rule,
                 const std::string& what = "Member");

}  // namespace tidegate::lambda
