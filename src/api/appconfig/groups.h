// The groups of operations that make up the AppConfig API, and what they share.
#pragma once

#include "api/appconfig/api.h"
#include "api/appconfig/deployment_shapes.h"

namespace tidegate::api::appconfig {

namespace domain = tidegate::appconfig;

void mount_resources(wire::Table&, const Parts&);
void mount_deployments(wire::Table&, const Parts&);
void mount_tags(wire::Table&, const Parts&);
void mount_settings(wire::Table&, const Parts&);
void mount_extensions(wire::Table&, const Parts&);
void refuse_experiments(wire::Table&);

inline domain::PageRequest page_request(const std::optional<std::int32_t>& max_results,
                                        const std::optional<std::string>& next_token) {
  domain::PageRequest page;
  if (max_results) page.max_results = static_cast<std::size_t>(*max_results);
  if (next_token) page.next_token = *next_token;
  return page;
}
// There is no KMS: an identifier is taken at its word.
inline std::optional<std::string> kms_key_arn(const Scope& scope,
                                              const std::optional<std::string>& identifier) {
  if (!identifier || identifier->empty() || identifier->starts_with("arn:")) return identifier;
  return arn(scope, "kms", identifier->starts_with("alias/") ? *identifier : "key/" + *identifier);
}
inline std::optional<std::string> next_token(std::string token) {
  return token.empty() ? std::nullopt : std::optional(std::move(token));
}
inline domain::GrowthType growth_type(const std::string& name) {
  return name == "EXPONENTIAL" ? domain::GrowthType::exponential : domain::GrowthType::linear;
}
inline std::string growth_name(domain::GrowthType type) {
  return type == domain::GrowthType::exponential ? "EXPONENTIAL" : "LINEAR";
}

}  // namespace tidegate::api::appconfig
