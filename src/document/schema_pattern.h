// ECMA 262 regular expressions on RE2: rewrites one in RE2's syntax, so that it means the same, or
// says why it cannot. The result is to be searched for, not anchored. Pure.
//
// The differences that are bridged: \uXXXX, \cX, \0, identity escapes, \s, the dot and line
// separators, [] and [^], literal braces and brackets, named groups, counts above RE2's 1000.
// Text is taken by code points. Lookaround and backreferences have no form in RE2.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidegate::document {

// Fault::invalid_argument with the reason.
Result<std::string> re2_from_ecma(std::string_view pattern);

}  // namespace tidegate::document
