// Wire shapes of applications, environments, configuration profiles and deployment strategies.
// Names, places and limits are those of AppConfig's service model.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.h"

namespace tidegate::api::appconfig {

using TagMap = std::map<std::string, std::string>;

struct CreateApplicationRequest {
  std::string name;
  std::optional<std::string> description;
  TagMap tags;
};
struct ApplicationRequest {  // Get and Delete
  std::string application_id;
};
struct UpdateApplicationRequest {
  std::string application_id;
  std::optional<std::string> name, description;
};
struct ApplicationOutput {
  std::string id, name;
  std::optional<std::string> description;
};
struct ListRequest {
  std::optional<std::int32_t> max_results;
  std::optional<std::string> next_token;
};
struct ApplicationsOutput {
  std::vector<ApplicationOutput> items;
  std::optional<std::string> next_token;
};

struct MonitorShape {
  std::string alarm_arn;
  std::optional<std::string> alarm_role_arn;
};
struct CreateEnvironmentRequest {
  std::string application_id, name;
  std::optional<std::string> description;
  std::vector<MonitorShape> monitors;
  TagMap tags;
};
struct EnvironmentRequest {
  std::string application_id, environment_id;
};
struct UpdateEnvironmentRequest {
  std::string application_id, environment_id;
  std::optional<std::string> name, description;
  std::optional<std::vector<MonitorShape>> monitors;
};
struct EnvironmentOutput {
  std::string application_id, id, name;
  std::optional<std::string> description;
  std::string state;
  std::vector<MonitorShape> monitors;
};
struct ListInApplicationRequest {
  std::string application_id;
  std::optional<std::int32_t> max_results;
  std::optional<std::string> next_token;
};
struct EnvironmentsOutput {
  std::vector<EnvironmentOutput> items;
  std::optional<std::string> next_token;
};

struct ValidatorShape {
  std::string type, content;
};
struct CreateConfigurationProfileRequest {
  std::string application_id, name;
  std::optional<std::string> description;
  std::string location_uri;
  std::optional<std::string> retrieval_role_arn;
  std::vector<ValidatorShape> validators;
  TagMap tags;
  std::optional<std::string> type, kms_key_identifier;
};
struct ConfigurationProfileRequest {
  std::string application_id, configuration_profile_id;
};
struct UpdateConfigurationProfileRequest {
  std::string application_id, configuration_profile_id;
  std::optional<std::string> name, description, retrieval_role_arn;
  std::optional<std::vector<ValidatorShape>> validators;
  std::optional<std::string> kms_key_identifier;
};
struct ConfigurationProfileOutput {
  std::string application_id, id, name;
  std::optional<std::string> description;
  std::string location_uri;
  std::optional<std::string> retrieval_role_arn;
  std::vector<ValidatorShape> validators;
  std::string type;
  std::optional<std::string> kms_key_arn, kms_key_identifier;
};
struct ListConfigurationProfilesRequest {
  std::string application_id;
  std::optional<std::int32_t> max_results;
  std::optional<std::string> next_token, type;
};
struct ConfigurationProfileSummary {
  std::string application_id, id, name, location_uri;
  std::vector<std::string> validator_types;
  std::string type;
};
struct ConfigurationProfilesOutput {
  std::vector<ConfigurationProfileSummary> items;
  std::optional<std::string> next_token;
};
struct ValidateConfigurationRequest {
  std::string application_id, configuration_profile_id, configuration_version;
};

struct CreateDeploymentStrategyRequest {
  std::string name;
  std::optional<std::string> description;
  std::int32_t duration = 0;
  std::optional<std::int32_t> bake;
  double growth_factor = 0;
  std::optional<std::string> growth_type, replicate_to;
  TagMap tags;
};
struct DeploymentStrategyRequest {
  std::string id;
};
struct UpdateDeploymentStrategyRequest {
  std::string id;
  std::optional<std::string> description;
  std::optional<std::int32_t> duration, bake;
  std::optional<double> growth_factor;
  std::optional<std::string> growth_type;
};
struct DeploymentStrategyOutput {
  std::string id, name;
  std::optional<std::string> description;
  std::int32_t duration = 0;
  std::string growth_type;
  double growth_factor = 0;
  std::int32_t bake = 0;
  std::string replicate_to;
};
struct DeploymentStrategiesOutput {
  std::vector<DeploymentStrategyOutput> items;
  std::optional<std::string> next_token;
};

inline constexpr std::string_view kGrowthTypes[] = {"LINEAR", "EXPONENTIAL"};
inline constexpr std::string_view kReplicateTo[] = {"NONE", "SSM_DOCUMENT"};

}  // namespace tidegate::api::appconfig

namespace tidegate::wire {
namespace ac = api::appconfig;

template <>
struct shape_of<ac::CreateApplicationRequest> {
  using S = ac::CreateApplicationRequest;
  static constexpr Member members[] = {field<&S::name>("Name").length(1, 64),
                                       field<&S::description>("Description").length(0, 1024),
                                       field<&S::tags>("Tags").length(0, 50)};
  static constexpr Shape value{"CreateApplicationRequest", members};
};
template <>
struct shape_of<ac::ApplicationRequest> {
  using S = ac::ApplicationRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64)};
  static constexpr Shape value{"GetApplicationRequest", members};
};
template <>
struct shape_of<ac::UpdateApplicationRequest> {
  using S = ac::UpdateApplicationRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::name>("Name").length(1, 64), field<&S::description>("Description").length(0, 1024)};
  static constexpr Shape value{"UpdateApplicationRequest", members};
};
template <>
struct shape_of<ac::ApplicationOutput> {
  using S = ac::ApplicationOutput;
  static constexpr Member members[] = {field<&S::id>("Id"), field<&S::name>("Name"),
                                       field<&S::description>("Description")};
  static constexpr Shape value{"Application", members};
};
template <>
struct shape_of<ac::ListRequest> {
  using S = ac::ListRequest;
  static constexpr Member members[] = {
      field<&S::max_results>("MaxResults").bind(In::query).wire("max_results").range(1, 50),
      field<&S::next_token>("NextToken").bind(In::query).wire("next_token").length(1, 2048)};
  static constexpr Shape value{"ListRequest", members};
};
template <>
struct shape_of<ac::ApplicationsOutput> {
  using S = ac::ApplicationsOutput;
  static constexpr Member members[] = {field<&S::items>("Items"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"Applications", members};
};
template <>
struct shape_of<ac::MonitorShape> {
  using S = ac::MonitorShape;
  static constexpr Member members[] = {field<&S::alarm_arn>("AlarmArn").length(1, 2048),
                                       field<&S::alarm_role_arn>("AlarmRoleArn").length(20, 2048)};
  static constexpr Shape value{"Monitor", members};
};
template <>
struct shape_of<ac::CreateEnvironmentRequest> {
  using S = ac::CreateEnvironmentRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::name>("Name").length(1, 64), field<&S::description>("Description").length(0, 1024),
      field<&S::monitors>("Monitors").length(0, 5), field<&S::tags>("Tags").length(0, 50)};
  static constexpr Shape value{"CreateEnvironmentRequest", members};
};
template <>
struct shape_of<ac::EnvironmentRequest> {
  using S = ac::EnvironmentRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::environment_id>("EnvironmentId").bind(In::label).length(1, 64)};
  static constexpr Shape value{"GetEnvironmentRequest", members};
};
template <>
struct shape_of<ac::UpdateEnvironmentRequest> {
  using S = ac::UpdateEnvironmentRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::environment_id>("EnvironmentId").bind(In::label).length(1, 64),
      field<&S::name>("Name").length(1, 64), field<&S::description>("Description").length(0, 1024),
      field<&S::monitors>("Monitors").length(0, 5)};
  static constexpr Shape value{"UpdateEnvironmentRequest", members};
};
template <>
struct shape_of<ac::EnvironmentOutput> {
  using S = ac::EnvironmentOutput;
  static constexpr Member members[] = {field<&S::application_id>("ApplicationId"),
                                       field<&S::id>("Id"),
                                       field<&S::name>("Name"),
                                       field<&S::description>("Description"),
                                       field<&S::state>("State"),
                                       field<&S::monitors>("Monitors")};
  static constexpr Shape value{"Environment", members};
};
template <>
struct shape_of<ac::ListInApplicationRequest> {
  using S = ac::ListInApplicationRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::max_results>("MaxResults").bind(In::query).wire("max_results").range(1, 50),
      field<&S::next_token>("NextToken").bind(In::query).wire("next_token").length(1, 2048)};
  static constexpr Shape value{"ListEnvironmentsRequest", members};
};
template <>
struct shape_of<ac::EnvironmentsOutput> {
  using S = ac::EnvironmentsOutput;
  static constexpr Member members[] = {field<&S::items>("Items"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"Environments", members};
};
template <>
struct shape_of<ac::ValidatorShape> {
  using S = ac::ValidatorShape;
  static constexpr Member members[] = {
      field<&S::type>("Type"), field<&S::content>("Content").length(0, 32768).with(kSensitive)};
  static constexpr Shape value{"Validator", members};
};
template <>
struct shape_of<ac::CreateConfigurationProfileRequest> {
  using S = ac::CreateConfigurationProfileRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::name>("Name").length(1, 128),
      field<&S::description>("Description").length(0, 1024),
      field<&S::location_uri>("LocationUri").length(1, 2048),
      field<&S::retrieval_role_arn>("RetrievalRoleArn").length(20, 2048),
      field<&S::validators>("Validators").length(0, 2),
      field<&S::tags>("Tags").length(0, 50),
      field<&S::type>("Type"),
      field<&S::kms_key_identifier>("KmsKeyIdentifier").length(1, 2048)};
  static constexpr Shape value{"CreateConfigurationProfileRequest", members};
};
template <>
struct shape_of<ac::ConfigurationProfileRequest> {
  using S = ac::ConfigurationProfileRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::configuration_profile_id>("ConfigurationProfileId").bind(In::label).length(1, 128)};
  static constexpr Shape value{"GetConfigurationProfileRequest", members};
};
template <>
struct shape_of<ac::UpdateConfigurationProfileRequest> {
  using S = ac::UpdateConfigurationProfileRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::configuration_profile_id>("ConfigurationProfileId").bind(In::label).length(1, 128),
      field<&S::name>("Name").length(1, 128),
      field<&S::description>("Description").length(0, 1024),
      field<&S::retrieval_role_arn>("RetrievalRoleArn").length(20, 2048),
      field<&S::validators>("Validators").length(0, 2),
      field<&S::kms_key_identifier>("KmsKeyIdentifier").length(0, 2048)};
  static constexpr Shape value{"UpdateConfigurationProfileRequest", members};
};
template <>
struct shape_of<ac::ConfigurationProfileOutput> {
  using S = ac::ConfigurationProfileOutput;
  static constexpr Member members[] = {field<&S::application_id>("ApplicationId"),
                                       field<&S::id>("Id"),
                                       field<&S::name>("Name"),
                                       field<&S::description>("Description"),
                                       field<&S::location_uri>("LocationUri"),
                                       field<&S::retrieval_role_arn>("RetrievalRoleArn"),
                                       field<&S::validators>("Validators"),
                                       field<&S::type>("Type"),
                                       field<&S::kms_key_arn>("KmsKeyArn"),
                                       field<&S::kms_key_identifier>("KmsKeyIdentifier")};
  static constexpr Shape value{"ConfigurationProfile", members};
};
template <>
struct shape_of<ac::ListConfigurationProfilesRequest> {
  using S = ac::ListConfigurationProfilesRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::max_results>("MaxResults").bind(In::query).wire("max_results").range(1, 50),
      field<&S::next_token>("NextToken").bind(In::query).wire("next_token").length(1, 2048),
      field<&S::type>("Type").bind(In::query).wire("type")};
  static constexpr Shape value{"ListConfigurationProfilesRequest", members};
};
template <>
struct shape_of<ac::ConfigurationProfileSummary> {
  using S = ac::ConfigurationProfileSummary;
  static constexpr Member members[] = {field<&S::application_id>("ApplicationId"),
                                       field<&S::id>("Id"),
                                       field<&S::name>("Name"),
                                       field<&S::location_uri>("LocationUri"),
                                       field<&S::validator_types>("ValidatorTypes"),
                                       field<&S::type>("Type")};
  static constexpr Shape value{"ConfigurationProfileSummary", members};
};
template <>
struct shape_of<ac::ConfigurationProfilesOutput> {
  using S = ac::ConfigurationProfilesOutput;
  static constexpr Member members[] = {field<&S::items>("Items"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"ConfigurationProfiles", members};
};
template <>
struct shape_of<ac::ValidateConfigurationRequest> {
  using S = ac::ValidateConfigurationRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::configuration_profile_id>("ConfigurationProfileId").bind(In::label).length(1, 128),
      field<&S::configuration_version>("ConfigurationVersion")
          .bind(In::query)
          .wire("configuration_version")
          .length(1, 1024)};
  static constexpr Shape value{"ValidateConfigurationRequest", members};
};
template <>
struct shape_of<ac::CreateDeploymentStrategyRequest> {
  using S = ac::CreateDeploymentStrategyRequest;
  static constexpr Member members[] = {
      field<&S::name>("Name").length(1, 64),
      field<&S::description>("Description").length(0, 1024),
      field<&S::duration>("DeploymentDurationInMinutes").range(0, 1440),
      field<&S::bake>("FinalBakeTimeInMinutes").range(0, 1440),
      field<&S::growth_factor>("GrowthFactor").range(1, 100),
      field<&S::growth_type>("GrowthType").values(ac::kGrowthTypes),
      field<&S::replicate_to>("ReplicateTo").values(ac::kReplicateTo),
      field<&S::tags>("Tags").length(0, 50)};
  static constexpr Shape value{"CreateDeploymentStrategyRequest", members};
};
template <>
struct shape_of<ac::DeploymentStrategyRequest> {
  using S = ac::DeploymentStrategyRequest;
  static constexpr Member members[] = {
      field<&S::id>("DeploymentStrategyId").bind(In::label).length(1, 64)};
  static constexpr Shape value{"GetDeploymentStrategyRequest", members};
};
template <>
struct shape_of<ac::UpdateDeploymentStrategyRequest> {
  using S = ac::UpdateDeploymentStrategyRequest;
  static constexpr Member members[] = {
      field<&S::id>("DeploymentStrategyId").bind(In::label).length(1, 64),
      field<&S::description>("Description").length(0, 1024),
      field<&S::duration>("DeploymentDurationInMinutes").range(0, 1440),
      field<&S::bake>("FinalBakeTimeInMinutes").range(0, 1440),
      field<&S::growth_factor>("GrowthFactor").range(1, 100),
      field<&S::growth_type>("GrowthType").values(ac::kGrowthTypes)};
  static constexpr Shape value{"UpdateDeploymentStrategyRequest", members};
};
template <>
struct shape_of<ac::DeploymentStrategyOutput> {
  using S = ac::DeploymentStrategyOutput;
  static constexpr Member members[] = {field<&S::id>("Id"),
                                       field<&S::name>("Name"),
                                       field<&S::description>("Description"),
                                       field<&S::duration>("DeploymentDurationInMinutes"),
                                       field<&S::growth_type>("GrowthType"),
                                       field<&S::growth_factor>("GrowthFactor"),
                                       field<&S::bake>("FinalBakeTimeInMinutes"),
                                       field<&S::replicate_to>("ReplicateTo")};
  static constexpr Shape value{"DeploymentStrategy", members};
};
template <>
struct shape_of<ac::DeploymentStrategiesOutput> {
  using S = ac::DeploymentStrategiesOutput;
  static constexpr Member members[] = {field<&S::items>("Items"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"DeploymentStrategies", members};
};

}  // namespace tidegate::wire
