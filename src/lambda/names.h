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

// invalid_request (the pattern), invalid_parameter_value (two different qualifiers), not_found
// (another region or account).
Result<FunctionRef> parse_function_name(const Scope& caller, const std::string& text,
                                        const std::optional<std::string>& qualifier);

std::string function_arn(const Scope&, const std::string& name);
// The store's key of a function's record.
std::string function_row(const Scope&, const std::string& name);
// Of an ARN in a notification or validator: scope and name; nullopt when it is no function's ARN.
struct ArnTarget {
  Scope scope;
  FunctionRef function;
};
std::optional<ArnTarget> parse_function_arn(const std::string& arn);

Error function_not_found(const Scope&, const FunctionRef&);
// Shows at most the first 256 bytes of the value, whole characters.
Error validation(const std::string& value, const std::string& member, const std::string& rule);

}  // namespace tidegate::lambda
