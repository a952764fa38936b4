// Wire shapes of hosted versions, deployments and the retrieval of configurations, of both planes.
// Names, places and limits are those of the service models.
#pragma once

#include "api/appconfig/resource_shapes.h"

namespace tidegate::api::appconfig {

struct CreateHostedConfigurationVersionRequest {
  std::string application_id, configuration_profile_id;
  std::optional<std::string> description;
  wire::Blob content;
  std::string content_type;
  std::optional<std::int32_t> latest_version_number;
  std::optional<std::string> version_label;
};
struct HostedConfigurationVersionRequest {
  std::string application_id, configuration_profile_id;
  std::int32_t version_number = 0;
};
struct HostedConfigurationVersionOutput {
  std::string application_id, configuration_profile_id;
  std::int32_t version_number = 0;
  std::optional<std::string> description;
  wire::Blob content;
  std::string content_type;
  std::optional<std::string> version_label, kms_key_arn;
};
struct ListHostedConfigurationVersionsRequest {
  std::string application_id, configuration_profile_id;
  std::optional<std::int32_t> max_results;
  std::optional<std::string> next_token, version_label;
};
struct HostedConfigurationVersionSummary {
  std::string application_id, configuration_profile_id;
  std::int32_t version_number = 0;
  std::optional<std::string> description;
  std::string content_type;
  std::optional<std::string> version_label, kms_key_arn;
};
struct HostedConfigurationVersionsOutput {
  std::vector<HostedConfigurationVersionSummary> items;
  std::optional<std::string> next_token;
};

struct StartDeploymentRequest {
  std::string application_id, environment_id;
  std::string deployment_strategy_id, configuration_profile_id, configuration_version;
  std::optional<std::string> description;
  TagMap tags;
  std::optional<std::string> kms_key_identifier;
  std::map<std::string, std::string> dynamic_extension_parameters;
  std::optional<std::int32_t> latest_deployment_number;
};
struct DeploymentRequest {
  std::string application_id, environment_id;
  std::int32_t deployment_number = 0;
};
struct StopDeploymentRequest {
  std::string application_id, environment_id;
  std::int32_t deployment_number = 0;
  std::optional<bool> allow_revert;
};
struct ListDeploymentsRequest {
  std::string application_id, environment_id;
  std::optional<std::int32_t> max_results;
  std::optional<std::string> next_token;
};
struct ActionInvocationShape {
  std::string extension_identifier, action_name, uri;
  std::optional<std::string> role_arn, error_message, error_code;
  std::string invocation_id;
};
struct DeploymentEventShape {
  std::string event_type, triggered_by, description;
  std::vector<ActionInvocationShape> action_invocations;
  Instant occurred_at{};
};
struct AppliedExtensionShape {
  std::string extension_id, extension_association_id;
  std::int32_t version_number = 0;
  std::map<std::string, std::string> parameters;
};
struct DeploymentOutput {
  std::string application_id, environment_id, deployment_strategy_id, configuration_profile_id;
  std::int32_t deployment_number = 0;
  std::string configuration_name, configuration_location_uri, configuration_version;
  std::optional<std::string> description;
  std::int32_t duration = 0;
  std::string growth_type;
  double growth_factor = 0;
  std::int32_t bake = 0;
  std::string state;
  std::vector<DeploymentEventShape> event_log;
  double percentage_complete = 0;
  std::optional<Instant> started_at, completed_at;
  std::vector<AppliedExtensionShape> applied_extensions;
  std::optional<std::string> kms_key_arn, kms_key_identifier, version_label;
};
struct DeploymentSummary {
  std::int32_t deployment_number = 0;
  std::string configuration_name, configuration_version;
  std::int32_t duration = 0;
  std::string growth_type;
  double growth_factor = 0;
  std::int32_t bake = 0;
  std::string state;
  double percentage_complete = 0;
  std::optional<Instant> started_at, completed_at;
  std::optional<std::string> version_label, type;
};
struct DeploymentsOutput {
  std::vector<DeploymentSummary> items;
  std::optional<std::string> next_token;
};

struct GetConfigurationRequest {
  std::string application, environment, configuration, client_id;
  std::optional<std::string> client_configuration_version;
};
struct ConfigurationOutput {
  std::string configuration_version;
  std::optional<std::string> content_type;
  wire::Blob content;
};

struct StartConfigurationSessionRequest {
  std::string application, environment, profile;
  std::optional<std::int32_t> minimum_poll_interval;
};
struct StartConfigurationSessionOutput {
  std::string initial_configuration_token;
};
struct GetLatestConfigurationRequest {
  std::string configuration_token;
};
struct GetLatestConfigurationOutput {
  std::string next_poll_token;
  std::int32_t next_poll_interval = 0;
  std::optional<std::string> content_type;
  wire::Blob configuration;
  std::optional<std::string> version_label;
};

}  // namespace tidegate::api::appconfig

namespace tidegate::wire {

template <>
struct shape_of<ac::CreateHostedConfigurationVersionRequest> {
  using S = ac::CreateHostedConfigurationVersionRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::configuration_profile_id>("ConfigurationProfileId").bind(In::label).length(1, 128),
      field<&S::description>("Description").bind(In::header).length(0, 1024),
      field<&S::content>("Content").bind(In::payload).with(kSensitive),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type").length(1, 255),
      field<&S::latest_version_number>("LatestVersionNumber")
          .bind(In::header)
          .wire("Latest-Version-Number"),
      field<&S::version_label>("VersionLabel").bind(In::header).length(1, 64)};
  static constexpr Shape value{"CreateHostedConfigurationVersionRequest", members};
};
template <>
struct shape_of<ac::HostedConfigurationVersionRequest> {
  using S = ac::HostedConfigurationVersionRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::configuration_profile_id>("ConfigurationProfileId").bind(In::label).length(1, 128),
      field<&S::version_number>("VersionNumber").bind(In::label)};
  static constexpr Shape value{"GetHostedConfigurationVersionRequest", members};
};
template <>
struct shape_of<ac::HostedConfigurationVersionOutput> {
  using S = ac::HostedConfigurationVersionOutput;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::header).wire("Application-Id"),
      field<&S::configuration_profile_id>("ConfigurationProfileId")
          .bind(In::header)
          .wire("Configuration-Profile-Id"),
      field<&S::version_number>("VersionNumber").bind(In::header).wire("Version-Number"),
      field<&S::description>("Description").bind(In::header),
      field<&S::content>("Content").bind(In::payload).with(kSensitive),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type"),
      field<&S::version_label>("VersionLabel").bind(In::header),
      field<&S::kms_key_arn>("KmsKeyArn").bind(In::header)};
  static constexpr Shape value{"HostedConfigurationVersion", members};
};
template <>
struct shape_of<ac::ListHostedConfigurationVersionsRequest> {
  using S = ac::ListHostedConfigurationVersionsRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::configuration_profile_id>("ConfigurationProfileId").bind(In::label).length(1, 128),
      field<&S::max_results>("MaxResults").bind(In::query).wire("max_results").range(1, 50),
      field<&S::next_token>("NextToken").bind(In::query).wire("next_token").length(1, 2048),
      field<&S::version_label>("VersionLabel").bind(In::query).wire("version_label").length(1, 64)};
  static constexpr Shape value{"ListHostedConfigurationVersionsRequest", members};
};
template <>
struct shape_of<ac::HostedConfigurationVersionSummary> {
  using S = ac::HostedConfigurationVersionSummary;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId"),
      field<&S::configuration_profile_id>("ConfigurationProfileId"),
      field<&S::version_number>("VersionNumber"),
      field<&S::description>("Description"),
      field<&S::content_type>("ContentType"),
      field<&S::version_label>("VersionLabel"),
      field<&S::kms_key_arn>("KmsKeyArn")};
  static constexpr Shape value{"HostedConfigurationVersionSummary", members};
};
template <>
struct shape_of<ac::HostedConfigurationVersionsOutput> {
  using S = ac::HostedConfigurationVersionsOutput;
  static constexpr Member members[] = {field<&S::items>("Items"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"HostedConfigurationVersions", members};
};
template <>
struct shape_of<ac::StartDeploymentRequest> {
  using S = ac::StartDeploymentRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::environment_id>("EnvironmentId").bind(In::label).length(1, 64),
      field<&S::deployment_strategy_id>("DeploymentStrategyId").length(1, 64),
      field<&S::configuration_profile_id>("ConfigurationProfileId").length(1, 128),
      field<&S::configuration_version>("ConfigurationVersion").length(1, 1024),
      field<&S::description>("Description").length(0, 1024),
      field<&S::tags>("Tags").length(0, 50),
      field<&S::kms_key_identifier>("KmsKeyIdentifier").length(1, 2048),
      field<&S::dynamic_extension_parameters>("DynamicExtensionParameters").length(1, 10),
      field<&S::latest_deployment_number>("LatestDeploymentNumber")
          .bind(In::header)
          .wire("Latest-Deployment-Number")};
  static constexpr Shape value{"StartDeploymentRequest", members};
};
template <>
struct shape_of<ac::DeploymentRequest> {
  using S = ac::DeploymentRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::environment_id>("EnvironmentId").bind(In::label).length(1, 64),
      field<&S::deployment_number>("DeploymentNumber").bind(In::label)};
  static constexpr Shape value{"GetDeploymentRequest", members};
};
template <>
struct shape_of<ac::StopDeploymentRequest> {
  using S = ac::StopDeploymentRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::environment_id>("EnvironmentId").bind(In::label).length(1, 64),
      field<&S::deployment_number>("DeploymentNumber").bind(In::label),
      field<&S::allow_revert>("AllowRevert").bind(In::header).wire("Allow-Revert")};
  static constexpr Shape value{"StopDeploymentRequest", members};
};
template <>
struct shape_of<ac::ListDeploymentsRequest> {
  using S = ac::ListDeploymentsRequest;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
      field<&S::environment_id>("EnvironmentId").bind(In::label).length(1, 64),
      field<&S::max_results>("MaxResults").bind(In::query).wire("max_results").range(1, 50),
      field<&S::next_token>("NextToken").bind(In::query).wire("next_token").length(1, 2048)};
  static constexpr Shape value{"ListDeploymentsRequest", members};
};
template <>
struct shape_of<ac::ActionInvocationShape> {
  using S = ac::ActionInvocationShape;
  static constexpr Member members[] = {field<&S::extension_identifier>("ExtensionIdentifier"),
                                       field<&S::action_name>("ActionName"),
                                       field<&S::uri>("Uri"),
                                       field<&S::role_arn>("RoleArn"),
                                       field<&S::error_message>("ErrorMessage"),
                                       field<&S::error_code>("ErrorCode"),
                                       field<&S::invocation_id>("InvocationId")};
  static constexpr Shape value{"ActionInvocation", members};
};
template <>
struct shape_of<ac::DeploymentEventShape> {
  using S = ac::DeploymentEventShape;
  static constexpr Member members[] = {
      field<&S::event_type>("EventType"), field<&S::triggered_by>("TriggeredBy"),
      field<&S::description>("Description"), field<&S::action_invocations>("ActionInvocations"),
      field<&S::occurred_at>("OccurredAt").as(TimeFormat::iso8601)};
  static constexpr Shape value{"DeploymentEvent", members};
};
template <>
struct shape_of<ac::AppliedExtensionShape> {
  using S = ac::AppliedExtensionShape;
  static constexpr Member members[] = {
      field<&S::extension_id>("ExtensionId"),
      field<&S::extension_association_id>("ExtensionAssociationId"),
      field<&S::version_number>("VersionNumber"), field<&S::parameters>("Parameters")};
  static constexpr Shape value{"AppliedExtension", members};
};
template <>
struct shape_of<ac::DeploymentOutput> {
  using S = ac::DeploymentOutput;
  static constexpr Member members[] = {
      field<&S::application_id>("ApplicationId"),
      field<&S::environment_id>("EnvironmentId"),
      field<&S::deployment_strategy_id>("DeploymentStrategyId"),
      field<&S::configuration_profile_id>("ConfigurationProfileId"),
      field<&S::deployment_number>("DeploymentNumber"),
      field<&S::configuration_name>("ConfigurationName"),
      field<&S::configuration_location_uri>("ConfigurationLocationUri"),
      field<&S::configuration_version>("ConfigurationVersion"),
      field<&S::description>("Description"),
      field<&S::duration>("DeploymentDurationInMinutes"),
      field<&S::growth_type>("GrowthType"),
      field<&S::growth_factor>("GrowthFactor"),
      field<&S::bake>("FinalBakeTimeInMinutes"),
      field<&S::state>("State"),
      field<&S::event_log>("EventLog"),
      field<&S::percentage_complete>("PercentageComplete"),
      field<&S::started_at>("StartedAt").as(TimeFormat::iso8601),
      field<&S::completed_at>("CompletedAt").as(TimeFormat::iso8601),
      field<&S::applied_extensions>("AppliedExtensions"),
      field<&S::kms_key_arn>("KmsKeyArn"),
      field<&S::kms_key_identifier>("KmsKeyIdentifier"),
      field<&S::version_label>("VersionLabel")};
  static constexpr Shape value{"Deployment", members};
};
template <>
struct shape_of<ac::DeploymentSummary> {
  using S = ac::DeploymentSummary;
  static constexpr Member members[] = {
      field<&S::deployment_number>("DeploymentNumber"),
      field<&S::configuration_name>("ConfigurationName"),
      field<&S::configuration_version>("ConfigurationVersion"),
      field<&S::duration>("DeploymentDurationInMinutes"),
      field<&S::growth_type>("GrowthType"),
      field<&S::growth_factor>("GrowthFactor"),
      field<&S::bake>("FinalBakeTimeInMinutes"),
      field<&S::state>("State"),
      field<&S::percentage_complete>("PercentageComplete"),
      field<&S::started_at>("StartedAt").as(TimeFormat::iso8601),
      field<&S::completed_at>("CompletedAt").as(TimeFormat::iso8601),
      field<&S::version_label>("VersionLabel"),
      field<&S::type>("Type")};
  static constexpr Shape value{"DeploymentSummary", members};
};
template <>
struct shape_of<ac::DeploymentsOutput> {
  using S = ac::DeploymentsOutput;
  static constexpr Member members[] = {field<&S::items>("Items"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"Deployments", members};
};
template <>
struct shape_of<ac::GetConfigurationRequest> {
  using S = ac::GetConfigurationRequest;
  static constexpr Member members[] = {
      field<&S::application>("Application").bind(In::label).length(1, 64),
      field<&S::environment>("Environment").bind(In::label).length(1, 64),
      field<&S::configuration>("Configuration").bind(In::label).length(1, 128),
      field<&S::client_id>("ClientId").bind(In::query).wire("client_id").length(1, 64),
      field<&S::client_configuration_version>("ClientConfigurationVersion")
          .bind(In::query)
          .wire("client_configuration_version")
          .length(1, 1024)};
  static constexpr Shape value{"GetConfigurationRequest", members};
};
template <>
struct shape_of<ac::ConfigurationOutput> {
  using S = ac::ConfigurationOutput;
  static constexpr Member members[] = {
      field<&S::content>("Content").bind(In::payload).with(kSensitive),
      field<&S::configuration_version>("ConfigurationVersion")
          .bind(In::header)
          .wire("Configuration-Version"),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type")};
  static constexpr Shape value{"Configuration", members};
};
template <>
struct shape_of<ac::StartConfigurationSessionRequest> {
  using S = ac::StartConfigurationSessionRequest;
  static constexpr Member members[] = {
      field<&S::application>("ApplicationIdentifier").length(1, 128),
      field<&S::environment>("EnvironmentIdentifier").length(1, 128),
      field<&S::profile>("ConfigurationProfileIdentifier").length(1, 128),
      field<&S::minimum_poll_interval>("RequiredMinimumPollIntervalInSeconds").range(15, 86400)};
  static constexpr Shape value{"StartConfigurationSessionRequest", members};
};
template <>
struct shape_of<ac::StartConfigurationSessionOutput> {
  using S = ac::StartConfigurationSessionOutput;
  static constexpr Member members[] = {
      field<&S::initial_configuration_token>("InitialConfigurationToken")};
  static constexpr Shape value{"StartConfigurationSessionResponse", members};
};
template <>
struct shape_of<ac::GetLatestConfigurationRequest> {
  using S = ac::GetLatestConfigurationRequest;
  static constexpr Member members[] = {field<&S::configuration_token>("ConfigurationToken")
                                           .bind(In::query)
                                           .wire("configuration_token")
                                           .length(1, 8192)};
  static constexpr Shape value{"GetLatestConfigurationRequest", members};
};
template <>
struct shape_of<ac::GetLatestConfigurationOutput> {
  using S = ac::GetLatestConfigurationOutput;
  static constexpr Member members[] = {
      field<&S::next_poll_token>("NextPollConfigurationToken")
          .bind(In::header)
          .wire("Next-Poll-Configuration-Token"),
      field<&S::next_poll_interval>("NextPollIntervalInSeconds")
          .bind(In::header)
          .wire("Next-Poll-Interval-In-Seconds"),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type"),
      field<&S::configuration>("Configuration").bind(In::payload).with(kSensitive),
      field<&S::version_label>("VersionLabel").bind(In::header).wire("Version-Label")};
  static constexpr Shape value{"GetLatestConfigurationResponse", members};
};

}  // namespace tidegate::wire
