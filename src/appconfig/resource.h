// Resource: what an ARN of AppConfig names, and where its record stands. Pure.
// Errors: invalid_argument (no ARN of AppConfig), not_found (another account or region, or no such
// kind of resource).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "appconfig/errors.h"
#include "base/result.h"
#include "base/scope.h"

namespace tidegate::appconfig {

struct Resource {
  enum class Kind {
    application,
    environment,
    profile,
    strategy,
    deployment,
    extension,
    association
  } kind;
  std::string row;   // the key of its record
  std::string path;  // what the ARN ends with: "application/a1b2c3d/environment/e4f5g6h"
};

Result<Resource> resource_of(const Scope& scope, const std::string& arn);

// ARNs of other services: arn:aws:lambda:…:function:name, arn:aws:iam::111122223333:role/name; of
// any partition.
bool is_function_arn(std::string_view text);
bool is_role_arn(std::string_view text);

inline std::string application_path(std::string_view application) {
  return fmt::format("application/{}", application);
}
inline std::string environment_path(std::string_view application, std::string_view environment) {
  return fmt::format("application/{}/environment/{}", application, environment);
}
inline std::string profile_path(std::string_view application, std::string_view profile) {
  return fmt::format("application/{}/configurationprofile/{}", application, profile);
}

}  // namespace tidegate::appconfig
