// AppConfig's own refusals. The API layer turns them into BadRequestException, Details and so on;
// a not_found carries "ResourceType" and "Identifier" for both planes. Pure.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.h"

namespace tidegate::appconfig {

inline Error not_found(std::string_view type, std::string_view identifier) {
  return Error(Fault::not_found, fmt::format("Could not find {} {}", type, identifier))
      .with("ResourceType", std::string(type))
      .with("Identifier", std::string(identifier));
}

inline Error bad_request(std::string message) {
  return {Fault::invalid_argument, std::move(message)};
}

// A configuration that a validator or an extension refuses.
inline Error invalid_configuration(std::string message, std::vector<ErrorDetail> details) {
  Error error{Fault::invalid_argument, std::move(message)};
  error.fields.emplace_back("Reason", "InvalidConfiguration");
  error.details = std::move(details);
  return error;
}

// A member that has to be the ARN of a role and is none.
inline Error no_role_arn(std::string_view member, std::string_view value) {
  return bad_request(fmt::format(
      "Value '{}' at '{}' failed to satisfy constraint: Member must satisfy regular expression "
      "pattern: ^arn:aws[a-z-]*:iam::\\d{{12}}:role/.+$",
      value.substr(0, 256), member));
}

inline Error over_quota(std::string_view what, std::size_t limit) {
  return {Fault::quota_exceeded,
          fmt::format("The number of {} exceeds the limit allowed. Limit: {}", what, limit)};
}

inline Error changed_meanwhile() {
  return {Fault::conflict, "The resource was changed by another request. Please try again."};
}

}  // namespace tidegate::appconfig
