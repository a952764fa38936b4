// The stored document of a feature-flag profile: definitions and values as
// CreateHostedConfiguration- Version takes them. It is held to AppConfig's published schema and,
// beyond it, to the flags' own constraints; flags and values are stamped with when they were made
// and last changed. Pure. Errors: invalid_argument with one ErrorDetail for each violation,
// locations as "#/flags/ui".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "document/value.h"

namespace tidegate::appconfig::flags {

inline constexpr std::string_view kType = "AWS.AppConfig.FeatureFlags";
inline constexpr std::string_view kContentType = "application/json";
inline constexpr std::size_t kMaxAttributes = 25;
inline constexpr std::size_t kMaxVariants = 32;
inline constexpr std::size_t kMaxViolations = 100;  // more are not told

// Everything that is wrong with a document, at most kMaxViolations.
std::vector<ErrorDetail> violations(const document::Value& document);

// The document to store: checked, and stamped against the version before it (which is stored
// already, so it has stamps), if there is one. What did not change keeps its stamps; what did
// keeps _createdAt. Stamps that the caller sent are not looked at.
Result<std::string> accept(std::string_view text, const std::optional<std::string>& previous,
                           Instant now);

}  // namespace tidegate::appconfig::flags
