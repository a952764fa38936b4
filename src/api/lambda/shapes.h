// Wire shapes of the function service. Names, places and limits are those of Lambda's service
// model. Members that only other runtimes of AWS use (VPC, file systems, images) are taken as JSON,
// so that what is not supported can be refused by name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.h"

namespace tidegate::api::lambda {

using TagMap = std::map<std::string, std::string>;
using Json = document::Value;

struct FunctionCode {
  std::optional<wire::Blob> zip_file;
  std::optional<std::string> s3_bucket, s3_key, s3_object_version, image_uri;
};
struct EnvironmentShape {
  std::optional<TagMap> variables;
};
struct EphemeralStorage {
  std::int32_t size = 512;
};
struct TracingConfig {
  std::optional<std::string> mode;
};
struct LoggingConfig {
  std::optional<std::string> log_format, application_log_level, system_log_level, log_group;
};
struct CreateFunctionRequest {
  std::string function_name;
  std::optional<std::string> runtime;
  std::string role;
  std::optional<std::string> handler;
  FunctionCode code;
  std::optional<std::string> description;
  std::optional<std::int32_t> timeout, memory_size;
  std::optional<bool> publish;
  std::optional<Json> vpc_config;
  std::optional<std::string> package_type;
  std::optional<Json> dead_letter_config;
  std::optional<EnvironmentShape> environment;
  std::optional<std::string> kms_key_arn;
  std::optional<TracingConfig> tracing_config;
  TagMap tags;
  std::optional<std::vector<std::string>> layers;
  std::optional<Json> file_system_configs, image_config;
  std::optional<std::string> code_signing_config_arn;
  std::vector<std::string> architectures;
  std::optional<EphemeralStorage> ephemeral_storage;
  std::optional<Json> snap_start;
  std::optional<LoggingConfig> logging_config;
  std::optional<Json> capacity_provider_config, durable_config, tenancy_config;
  std::optional<std::string> publish_to;
};
struct FunctionRequest {  // Get and GetConfiguration and Delete and GetPolicy
  std::string function_name;
  std::optional<std::string> qualifier;
};
struct ListFunctionsRequest {
  std::optional<std::string> master_region, function_version, marker;
  std::optional<std::int32_t> max_items;
};
struct UpdateFunctionCodeRequest {
  std::string function_name;
  std::optional<wire::Blob> zip_file;
  std::optional<std::string> s3_bucket, s3_key, s3_object_version, image_uri;
  std::optional<bool> publish, dry_run;
  std::optional<std::string> revision_id;
  std::vector<std::string> architectures;
  std::optional<std::string> publish_to;
};
struct UpdateFunctionConfigurationRequest {
  std::string function_name;
  std::optional<std::string> role, handler, description;
  std::optional<std::int32_t> timeout, memory_size;
  std::optional<Json> vpc_config;
  std::optional<EnvironmentShape> environment;
  std::optional<std::string> runtime;
  std::optional<Json> dead_letter_config;
  std::optional<std::string> kms_key_arn;
  std::optional<TracingConfig> tracing_config;
  std::optional<std::string> revision_id;
  std::optional<std::vector<std::string>> layers;
  std::optional<Json> file_system_configs, image_config;
  std::optional<EphemeralStorage> ephemeral_storage;
  std::optional<Json> snap_start;
  std::optional<LoggingConfig> logging_config;
  std::optional<Json> capacity_provider_config, durable_config;
};

struct SnapStartResponse {
  std::string apply_on = "None", optimization_status = "Off";
};
struct LayerShape {
  std::string arn;
  std::int64_t code_size = 0;
};
struct ConcurrencyShape {
  std::optional<std::int32_t> reserved;
};
struct RuntimeVersionConfig {
  std::string runtime_version_arn;
};
struct FunctionConfiguration {
  std::string function_name, function_arn, runtime, role, handler;
  std::int64_t code_size = 0;
  std::string description;
  std::int32_t timeout = 0, memory_size = 0;
  std::string last_modified, code_sha256, version;
  std::optional<EnvironmentShape> environment;
  TracingConfig tracing_config;
  std::optional<std::vector<LayerShape>> layers;
  std::string revision_id;
  std::optional<std::string> state, state_reason, state_reason_code;
  std::optional<std::string> last_update_status, last_update_status_reason,
      last_update_status_reason_code;
  std::string package_type = "Zip";
  std::vector<std::string> architectures;
  EphemeralStorage ephemeral_storage;
  SnapStartResponse snap_start;
  std::optional<RuntimeVersionConfig> runtime_version_config;
  LoggingConfig logging_config;
};
struct FunctionCodeLocation {
  std::string repository_type = "S3";
  std::optional<std::string> location;
};
struct GetFunctionResponse {
  FunctionConfiguration configuration;
  FunctionCodeLocation code;
  std::optional<TagMap> tags;
  std::optional<ConcurrencyShape> concurrency;
};
struct ListFunctionsResponse {
  std::optional<std::string> next_marker;
  std::vector<FunctionConfiguration> functions;
};

struct InvocationRequest {
  std::string function_name;
  std::optional<std::string> invocation_type, log_type, client_context;
  wire::Blob payload;
  std::optional<std::string> qualifier;
};
struct InvocationResponse {
  std::optional<std::string> function_error, log_result;
  wire::Blob payload;
  std::optional<std::string> executed_version;
};

struct AddPermissionRequest {
  std::string function_name, statement_id, action, principal;
  std::optional<std::string> source_arn, source_account, event_source_token, qualifier, revision_id,
      principal_org_id, function_url_auth_type;
};
struct AddPermissionResponse {
  std::string statement;
};
struct RemovePermissionRequest {
  std::string function_name, statement_id;
  std::optional<std::string> qualifier, revision_id;
};
struct GetPolicyResponse {
  std::string policy, revision_id;
};

struct DestinationShape {
  std::optional<std::string> destination;
};
struct DestinationConfig {
  std::optional<DestinationShape> on_success, on_failure;
};
struct PutFunctionEventInvokeConfigRequest {
  std::string function_name;
  std::optional<std::string> qualifier;
  std::optional<std::int32_t> maximum_retry_attempts, maximum_event_age_in_seconds;
  std::optional<DestinationConfig> destination_config;
};
struct FunctionEventInvokeConfig {
  Instant last_modified{};
  std::string function_arn;
  std::optional<std::int32_t> maximum_retry_attempts, maximum_event_age_in_seconds;
  DestinationConfig destination_config;
};

}  // namespace tidegate::api::lambda

namespace tidegate::wire {
namespace fn = api::lambda;

template <>
struct shape_of<fn::FunctionCode> {
  using S = fn::FunctionCode;
  static constexpr Member members[] = {
      field<&S::zip_file>("ZipFile").with(kSensitive),
      field<&S::s3_bucket>("S3Bucket").length(3, 63), field<&S::s3_key>("S3Key").length(1, 1024),
      field<&S::s3_object_version>("S3ObjectVersion").length(1, 1024),
      field<&S::image_uri>("ImageUri")};
  static constexpr Shape value{"FunctionCode", members};
};
template <>
struct shape_of<fn::EnvironmentShape> {
  using S = fn::EnvironmentShape;
  static constexpr Member members[] = {field<&S::variables>("Variables").with(kSensitive)};
  static constexpr Shape value{"Environment", members};
};
template <>
struct shape_of<fn::EphemeralStorage> {
  using S = fn::EphemeralStorage;
  static constexpr Member members[] = {field<&S::size>("Size").range(512, 10240)};
  static constexpr Shape value{"EphemeralStorage", members};
};
template <>
struct shape_of<fn::TracingConfig> {
  using S = fn::TracingConfig;
  static constexpr Member members[] = {field<&S::mode>("Mode")};
  static constexpr Shape value{"TracingConfig", members};
};
template <>
struct shape_of<fn::LoggingConfig> {
  using S = fn::LoggingConfig;
  static constexpr std::string_view kFormats[] = {"JSON", "Text"};
  static constexpr std::string_view kLevels[] = {"TRACE", "DEBUG", "INFO",
                                                 "WARN",  "ERROR", "FATAL"};
  static constexpr std::string_view kSystemLevels[] = {"DEBUG", "INFO", "WARN"};
  static constexpr Member members[] = {
      field<&S::log_format>("LogFormat").values(kFormats),
      field<&S::application_log_level>("ApplicationLogLevel").values(kLevels),
      field<&S::system_log_level>("SystemLogLevel").values(kSystemLevels),
      field<&S::log_group>("LogGroup").length(1, 512)};
  static constexpr Shape value{"LoggingConfig", members};
};
template <>
struct shape_of<fn::LayerShape> {
  using S = fn::LayerShape;
  static constexpr Member members[] = {field<&S::arn>("Arn"), field<&S::code_size>("CodeSize")};
  static constexpr Shape value{"Layer", members};
};
template <>
struct shape_of<fn::ConcurrencyShape> {
  using S = fn::ConcurrencyShape;
  static constexpr Member members[] = {
      field<&S::reserved>("ReservedConcurrentExecutions").at_least(0)};
  static constexpr Shape value{"Concurrency", members};
};
template <>
struct shape_of<fn::CreateFunctionRequest> {
  using S = fn::CreateFunctionRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").length(1, 140),
      field<&S::runtime>("Runtime"),
      field<&S::role>("Role"),
      field<&S::handler>("Handler").at_most(128),
      field<&S::code>("Code"),
      field<&S::description>("Description").length(0, 256),
      field<&S::timeout>("Timeout").at_least(1),
      field<&S::memory_size>("MemorySize").range(128, 10240),
      field<&S::publish>("Publish"),
      field<&S::vpc_config>("VpcConfig"),
      field<&S::package_type>("PackageType"),
      field<&S::dead_letter_config>("DeadLetterConfig"),
      field<&S::environment>("Environment"),
      field<&S::kms_key_arn>("KMSKeyArn"),
      field<&S::tracing_config>("TracingConfig"),
      field<&S::tags>("Tags"),
      field<&S::layers>("Layers"),
      field<&S::file_system_configs>("FileSystemConfigs"),
      field<&S::image_config>("ImageConfig"),
      field<&S::code_signing_config_arn>("CodeSigningConfigArn"),
      field<&S::architectures>("Architectures").length(1, 1),
      field<&S::ephemeral_storage>("EphemeralStorage"),
      field<&S::snap_start>("SnapStart"),
      field<&S::logging_config>("LoggingConfig"),
      field<&S::capacity_provider_config>("CapacityProviderConfig"),
      field<&S::durable_config>("DurableConfig"),
      field<&S::tenancy_config>("TenancyConfig"),
      field<&S::publish_to>("PublishTo")};
  static constexpr Shape value{"CreateFunctionRequest", members};
};
template <>
struct shape_of<fn::FunctionRequest> {
  using S = fn::FunctionRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256),
      field<&S::qualifier>("Qualifier").bind(In::query).length(1, 128)};
  static constexpr Shape value{"GetFunctionRequest", members};
};
template <>
struct shape_of<fn::ListFunctionsRequest> {
  using S = fn::ListFunctionsRequest;
  static constexpr std::string_view kVersions[] = {"ALL"};
  static constexpr Member members[] = {
      field<&S::master_region>("MasterRegion").bind(In::query),
      field<&S::function_version>("FunctionVersion").bind(In::query).values(kVersions),
      field<&S::marker>("Marker").bind(In::query),
      field<&S::max_items>("MaxItems").bind(In::query).range(1, 10000)};
  static constexpr Shape value{"ListFunctionsRequest", members};
};
template <>
struct shape_of<fn::UpdateFunctionCodeRequest> {
  using S = fn::UpdateFunctionCodeRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::zip_file>("ZipFile").with(kSensitive),
      field<&S::s3_bucket>("S3Bucket").length(3, 63),
      field<&S::s3_key>("S3Key").length(1, 1024),
      field<&S::s3_object_version>("S3ObjectVersion").length(1, 1024),
      field<&S::image_uri>("ImageUri"),
      field<&S::publish>("Publish"),
      field<&S::dry_run>("DryRun"),
      field<&S::revision_id>("RevisionId"),
      field<&S::architectures>("Architectures").length(1, 1),
      field<&S::publish_to>("PublishTo")};
  static constexpr Shape value{"UpdateFunctionCodeRequest", members};
};
template <>
struct shape_of<fn::UpdateFunctionConfigurationRequest> {
  using S = fn::UpdateFunctionConfigurationRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::role>("Role"),
      field<&S::handler>("Handler").at_most(128),
      field<&S::description>("Description").length(0, 256),
      field<&S::timeout>("Timeout").at_least(1),
      field<&S::memory_size>("MemorySize").range(128, 10240),
      field<&S::vpc_config>("VpcConfig"),
      field<&S::environment>("Environment"),
      field<&S::runtime>("Runtime"),
      field<&S::dead_letter_config>("DeadLetterConfig"),
      field<&S::kms_key_arn>("KMSKeyArn"),
      field<&S::tracing_config>("TracingConfig"),
      field<&S::revision_id>("RevisionId"),
      field<&S::layers>("Layers"),
      field<&S::file_system_configs>("FileSystemConfigs"),
      field<&S::image_config>("ImageConfig"),
      field<&S::ephemeral_storage>("EphemeralStorage"),
      field<&S::snap_start>("SnapStart"),
      field<&S::logging_config>("LoggingConfig"),
      field<&S::capacity_provider_config>("CapacityProviderConfig"),
      field<&S::durable_config>("DurableConfig")};
  static constexpr Shape value{"UpdateFunctionConfigurationRequest", members};
};
template <>
struct shape_of<fn::SnapStartResponse> {
  using S = fn::SnapStartResponse;
  static constexpr Member members[] = {field<&S::apply_on>("ApplyOn"),
                                       field<&S::optimization_status>("OptimizationStatus")};
  static constexpr Shape value{"SnapStartResponse", members};
};
template <>
struct shape_of<fn::RuntimeVersionConfig> {
  using S = fn::RuntimeVersionConfig;
  static constexpr Member members[] = {field<&S::runtime_version_arn>("RuntimeVersionArn")};
  static constexpr Shape value{"RuntimeVersionConfig", members};
};
template <>
struct shape_of<fn::FunctionConfiguration> {
  using S = fn::FunctionConfiguration;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName"),
      field<&S::function_arn>("FunctionArn"),
      field<&S::runtime>("Runtime"),
      field<&S::role>("Role"),
      field<&S::handler>("Handler"),
      field<&S::code_size>("CodeSize"),
      field<&S::description>("Description"),
      field<&S::timeout>("Timeout"),
      field<&S::memory_size>("MemorySize"),
      field<&S::last_modified>("LastModified"),
      field<&S::code_sha256>("CodeSha256"),
      field<&S::version>("Version"),
      field<&S::environment>("Environment"),
      field<&S::tracing_config>("TracingConfig"),
      field<&S::layers>("Layers"),
      field<&S::revision_id>("RevisionId"),
      field<&S::state>("State"),
      field<&S::state_reason>("StateReason"),
      field<&S::state_reason_code>("StateReasonCode"),
      field<&S::last_update_status>("LastUpdateStatus"),
      field<&S::last_update_status_reason>("LastUpdateStatusReason"),
      field<&S::last_update_status_reason_code>("LastUpdateStatusReasonCode"),
      field<&S::package_type>("PackageType"),
      field<&S::architectures>("Architectures"),
      field<&S::ephemeral_storage>("EphemeralStorage"),
      field<&S::snap_start>("SnapStart"),
      field<&S::runtime_version_config>("RuntimeVersionConfig"),
      field<&S::logging_config>("LoggingConfig")};
  static constexpr Shape value{"FunctionConfiguration", members};
};
template <>
struct shape_of<fn::FunctionCodeLocation> {
  using S = fn::FunctionCodeLocation;
  static constexpr Member members[] = {field<&S::repository_type>("RepositoryType"),
                                       field<&S::location>("Location")};
  static constexpr Shape value{"FunctionCodeLocation", members};
};
template <>
struct shape_of<fn::GetFunctionResponse> {
  using S = fn::GetFunctionResponse;
  static constexpr Member members[] = {field<&S::configuration>("Configuration"),
                                       field<&S::code>("Code"), field<&S::tags>("Tags"),
                                       field<&S::concurrency>("Concurrency")};
  static constexpr Shape value{"GetFunctionResponse", members};
};
template <>
struct shape_of<fn::ListFunctionsResponse> {
  using S = fn::ListFunctionsResponse;
  static constexpr Member members[] = {field<&S::next_marker>("NextMarker"),
                                       field<&S::functions>("Functions")};
  static constexpr Shape value{"ListFunctionsResponse", members};
};
template <>
struct shape_of<fn::InvocationRequest> {
  using S = fn::InvocationRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256),
      field<&S::invocation_type>("InvocationType").bind(In::header).wire("X-Amz-Invocation-Type"),
      field<&S::log_type>("LogType").bind(In::header).wire("X-Amz-Log-Type"),
      field<&S::client_context>("ClientContext").bind(In::header).wire("X-Amz-Client-Context"),
      field<&S::payload>("Payload").bind(In::payload).with(kSensitive).not_needed(),
      field<&S::qualifier>("Qualifier").bind(In::query).length(1, 128)};
  static constexpr Shape value{"InvocationRequest", members};
};
template <>
struct shape_of<fn::InvocationResponse> {
  using S = fn::InvocationResponse;
  static constexpr Member members[] = {
      field<&S::function_error>("FunctionError").bind(In::header).wire("X-Amz-Function-Error"),
      field<&S::log_result>("LogResult").bind(In::header).wire("X-Amz-Log-Result"),
      field<&S::payload>("Payload").bind(In::payload).with(kSensitive),
      field<&S::executed_version>("ExecutedVersion")
          .bind(In::header)
          .wire("X-Amz-Executed-Version")};
  static constexpr Shape value{"InvocationResponse", members};
};
template <>
struct shape_of<fn::AddPermissionRequest> {
  using S = fn::AddPermissionRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256),
      field<&S::statement_id>("StatementId").length(1, 100),
      field<&S::action>("Action"),
      field<&S::principal>("Principal"),
      field<&S::source_arn>("SourceArn"),
      field<&S::source_account>("SourceAccount").at_most(12),
      field<&S::event_source_token>("EventSourceToken").length(0, 256),
      field<&S::qualifier>("Qualifier").bind(In::query).length(1, 128),
      field<&S::revision_id>("RevisionId"),
      field<&S::principal_org_id>("PrincipalOrgID").length(12, 34),
      field<&S::function_url_auth_type>("FunctionUrlAuthType")};
  static constexpr Shape value{"AddPermissionRequest", members};
};
template <>
struct shape_of<fn::AddPermissionResponse> {
  using S = fn::AddPermissionResponse;
  static constexpr Member members[] = {field<&S::statement>("Statement")};
  static constexpr Shape value{"AddPermissionResponse", members};
};
template <>
struct shape_of<fn::RemovePermissionRequest> {
  using S = fn::RemovePermissionRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256),
      field<&S::statement_id>("StatementId").bind(In::label).length(1, 100),
      field<&S::qualifier>("Qualifier").bind(In::query).length(1, 128),
      field<&S::revision_id>("RevisionId").bind(In::query)};
  static constexpr Shape value{"RemovePermissionRequest", members};
};
template <>
struct shape_of<fn::GetPolicyResponse> {
  using S = fn::GetPolicyResponse;
  static constexpr Member members[] = {field<&S::policy>("Policy"),
                                       field<&S::revision_id>("RevisionId")};
  static constexpr Shape value{"GetPolicyResponse", members};
};
template <>
struct shape_of<fn::DestinationShape> {
  using S = fn::DestinationShape;
  static constexpr Member members[] = {field<&S::destination>("Destination").length(0, 350)};
  static constexpr Shape value{"OnSuccess", members};
};
template <>
struct shape_of<fn::DestinationConfig> {
  using S = fn::DestinationConfig;
  static constexpr Member members[] = {field<&S::on_success>("OnSuccess"),
                                       field<&S::on_failure>("OnFailure")};
  static constexpr Shape value{"DestinationConfig", members};
};
template <>
struct shape_of<fn::PutFunctionEventInvokeConfigRequest> {
  using S = fn::PutFunctionEventInvokeConfigRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256),
      field<&S::qualifier>("Qualifier").bind(In::query).length(1, 128),
      field<&S::maximum_retry_attempts>("MaximumRetryAttempts").range(0, 2),
      field<&S::maximum_event_age_in_seconds>("MaximumEventAgeInSeconds").range(60, 21600),
      field<&S::destination_config>("DestinationConfig")};
  static constexpr Shape value{"PutFunctionEventInvokeConfigRequest", members};
};
template <>
struct shape_of<fn::FunctionEventInvokeConfig> {
  using S = fn::FunctionEventInvokeConfig;
  static constexpr Member members[] = {
      field<&S::last_modified>("LastModified"), field<&S::function_arn>("FunctionArn"),
      field<&S::maximum_retry_attempts>("MaximumRetryAttempts"),
      field<&S::maximum_event_age_in_seconds>("MaximumEventAgeInSeconds"),
      field<&S::destination_config>("DestinationConfig")};
  static constexpr Shape value{"FunctionEventInvokeConfig", members};
};

}  // namespace tidegate::wire
