// Wire shapes of the account's settings, and of the deletions that they bear on. Names, places and
// limits are those of AppConfig's service model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/shape.h"

namespace tidegate::api::appconfig {

struct DeletionProtectionSettings {
  std::optional<bool> enabled;
  std::optional<std::int32_t> period;
};
struct VendedMetricsSettings {
  std::optional<bool> enabled;
};
struct UpdateAccountSettingsRequest {
  std::optional<DeletionProtectionSettings> deletion_protection;
  std::optional<VendedMetricsSettings> vended_metrics;
};
struct AccountSettingsOutput {
  DeletionProtectionSettings deletion_protection;
  VendedMetricsSettings vended_metrics;
};
struct DeleteEnvironmentRequest {
  std::string application_id, environment_id;
  std::optional<std::string> check;
};
struct DeleteConfigurationProfileRequest {
  std::string application_id, configuration_profile_id;
  std::optional<std::string> check;
};

inline constexpr std::string_view kDeletionChecks[] = {"ACCOUNT_DEFAULT", "APPLY", "BYPASS"};
inline constexpr std::string_view kDeletionCheckHeader = "x-amzn-deletion-protection-check";

}  // namespace tidegate::api::appconfig

namespace tidegate::wire {

template <>
struct shape_of<api::appconfig::DeletionProtectionSettings> {
  using S = api::appconfig::DeletionProtectionSettings;
  static constexpr Member members[] = {
      field<&S::enabled>("Enabled"),
      field<&S::period>("ProtectionPeriodInMinutes").range(15, 1440)};
  static constexpr Shape value{"DeletionProtectionSettings", members};
};
template <>
struct shape_of<api::appconfig::VendedMetricsSettings> {
  using S = api::appconfig::VendedMetricsSettings;
  static constexpr Member members[] = {field<&S::enabled>("Enabled")};
  static constexpr Shape value{"VendedMetricsSettings", members};
};
template <>
struct shape_of<api::appconfig::UpdateAccountSettingsRequest> {
  using S = api::appconfig::UpdateAccountSettingsRequest;
  static constexpr Member members[] = {field<&S::deletion_protection>("DeletionProtection"),
                                       field<&S::vended_metrics>("VendedMetrics")};
  static constexpr Shape value{"UpdateAccountSettingsRequest", members};
};
template <>
struct shape_of<api::appconfig::AccountSettingsOutput> {
  using S = api::appconfig::AccountSettingsOutput;
  static constexpr Member members[] = {field<&S::deletion_protection>("DeletionProtection"),
                                       field<&S::vended_metrics>("VendedMetrics")};
  static constexpr Shape value{"AccountSettings", members};
};
template <>
struct shape_of<api::appconfig::DeleteEnvironmentRequest> {
  using S = api::appconfig::DeleteEnvironmentRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::environment_id>("EnvironmentId").bind(In::label).length(1, 64),
      field<&S::check>("DeletionProtectionCheck")
          .bind(In::header)
          .wire(api::appconfig::kDeletionCheckHeader)
          .values(api::appconfig::kDeletionChecks)};
  static constexpr Shape value{"DeleteEnvironmentRequest", members};
};
template <>
struct shape_of<api::appconfig::DeleteConfigurationProfileRequest> {
  using S = api::appconfig::DeleteConfigurationProfileRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::configuration_profile_id>("ConfigurationProfileId").bind(In::label).length(1, 128),
      field<&S::check>("DeletionProtectionCheck")
          .bind(In::header)
          .wire(api::appconfig::kDeletionCheckHeader)
          .values(api::appconfig::kDeletionChecks)};
  static constexpr Shape value{"DeleteConfigurationProfileRequest", members};
};

}  // namespace tidegate::wire
