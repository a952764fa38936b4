// Wire shapes of versions, aliases, concurrency, tags and the small answers around a function. See
// shapes.h.
#pragma once

#include "api/lambda/shapes.h"

namespace tidegate::api::lambda {

struct PublishVersionRequest {
  std::string function_name;
  std::optional<std::string> code_sha256, description, revision_id;
};
struct FunctionPageRequest {  // ListVersionsByFunction, ListFunctionEventInvokeConfigs, …
  std::string function_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListVersionsResponse {
  std::optional<std::string> next_marker;
  std::vector<FunctionConfiguration> versions;
};

struct AliasRouting {
  std::map<std::string, double> additional_version_weights;
};
struct CreateAliasRequest {
  std::string function_name, name, function_version;
  std::optional<std::string> description;
  std::optional<AliasRouting> routing_config;
};
struct AliasRequest {
  std::string function_name, name;
};
struct UpdateAliasRequest {
  std::string function_name, name;
  std::optional<std::string> function_version, description;
  std::optional<AliasRouting> routing_config;
  std::optional<std::string> revision_id;
};
struct AliasConfiguration {
  std::string alias_arn, name, function_version, description;
  std::optional<AliasRouting> routing_config;
  std::string revision_id;
};
struct ListAliasesRequest {
  std::string function_name;
  std::optional<std::string> function_version, marker;
  std::optional<std::int32_t> max_items;
};
struct ListAliasesResponse {
  std::optional<std::string> next_marker;
  std::vector<AliasConfiguration> aliases;
};

struct NamedFunctionRequest {
  std::string function_name;
};
struct PutConcurrencyRequest {
  std::string function_name;
  std::int32_t reserved = 0;
};

struct ListEventConfigsResponse {
  std::vector<FunctionEventInvokeConfig> configs;
  std::optional<std::string> next_marker;
};

struct TagsRequest {
  std::string resource;
};
struct TagRequest {
  std::string resource;
  TagMap tags;
};
struct UntagRequest {
  std::string resource;
  std::vector<std::string> tag_keys;
};
struct TagsResponse {
  TagMap tags;
};

struct AccountLimit {
  std::int64_t total_code_size = 0, code_size_unzipped = 0, code_size_zipped = 0;
  std::int32_t concurrent_executions = 0, unreserved_concurrent_executions = 0;
};
struct AccountUsageShape {
  std::int64_t total_code_size = 0, function_count = 0;
};
struct AccountSettingsResponse {
  AccountLimit limit;
  AccountUsageShape usage;
};

struct InvokeAsyncRequest {
  std::string function_name;
  wire::Blob args;
};
struct InvokeAsyncResponse {
  std::int32_t status = 202;
};

struct RuntimeManagementResponse {
  std::string update_runtime_on = "Auto", function_arn;
};
struct PutRuntimeManagementRequest {
  std::string function_name;
  std::optional<std::string> qualifier, update_runtime_on, runtime_version_arn;
};
struct RecursionRequest {
  std::string function_name, recursive_loop;
};
struct RecursionResponse {
  std::string recursive_loop;
};

}  // namespace tidegate::api::lambda

namespace tidegate::wire {

template <>
struct shape_of<fn::PublishVersionRequest> {
  using S = fn::PublishVersionRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::code_sha256>("CodeSha256"), field<&S::description>("Description").length(0, 256),
      field<&S::revision_id>("RevisionId")};
  static constexpr Shape value{"PublishVersionRequest", members};
};
template <>
struct shape_of<fn::FunctionPageRequest> {
  using S = fn::FunctionPageRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256),
      field<&S::marker>("Marker").bind(In::query),
      field<&S::max_items>("MaxItems").bind(In::query).range(1, 10000)};
  static constexpr Shape value{"ListVersionsByFunctionRequest", members};
};
template <>
struct shape_of<fn::ListVersionsResponse> {
  using S = fn::ListVersionsResponse;
  static constexpr Member members[] = {field<&S::next_marker>("NextMarker"),
                                       field<&S::versions>("Versions")};
  static constexpr Shape value{"ListVersionsByFunctionResponse", members};
};
template <>
struct shape_of<fn::AliasRouting> {
  using S = fn::AliasRouting;
  static constexpr Member members[] = {
      field<&S::additional_version_weights>("AdditionalVersionWeights")};
  static constexpr Shape value{"AliasRoutingConfiguration", members};
};
template <>
struct shape_of<fn::CreateAliasRequest> {
  using S = fn::CreateAliasRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::name>("Name").length(1, 128),
      field<&S::function_version>("FunctionVersion").length(1, 1024),
      field<&S::description>("Description").length(0, 256),
      field<&S::routing_config>("RoutingConfig")};
  static constexpr Shape value{"CreateAliasRequest", members};
};
template <>
struct shape_of<fn::AliasRequest> {
  using S = fn::AliasRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::name>("Name").bind(In::label).length(1, 128)};
  static constexpr Shape value{"GetAliasRequest", members};
};
template <>
struct shape_of<fn::UpdateAliasRequest> {
  using S = fn::UpdateAliasRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::name>("Name").bind(In::label).length(1, 128),
      field<&S::function_version>("FunctionVersion").length(1, 1024),
      field<&S::description>("Description").length(0, 256),
      field<&S::routing_config>("RoutingConfig"),
      field<&S::revision_id>("RevisionId")};
  static constexpr Shape value{"UpdateAliasRequest", members};
};
template <>
struct shape_of<fn::AliasConfiguration> {
  using S = fn::AliasConfiguration;
  static constexpr Member members[] = {field<&S::alias_arn>("AliasArn"),
                                       field<&S::name>("Name"),
                                       field<&S::function_version>("FunctionVersion"),
                                       field<&S::description>("Description"),
                                       field<&S::routing_config>("RoutingConfig"),
                                       field<&S::revision_id>("RevisionId")};
  static constexpr Shape value{"AliasConfiguration", members};
};
template <>
struct shape_of<fn::ListAliasesRequest> {
  using S = fn::ListAliasesRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::function_version>("FunctionVersion").bind(In::query).length(1, 1024),
      field<&S::marker>("Marker").bind(In::query),
      field<&S::max_items>("MaxItems").bind(In::query).range(1, 10000)};
  static constexpr Shape value{"ListAliasesRequest", members};
};
template <>
struct shape_of<fn::ListAliasesResponse> {
  using S = fn::ListAliasesResponse;
  static constexpr Member members[] = {field<&S::next_marker>("NextMarker"),
                                       field<&S::aliases>("Aliases")};
  static constexpr Shape value{"ListAliasesResponse", members};
};
template <>
struct shape_of<fn::NamedFunctionRequest> {
  using S = fn::NamedFunctionRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256)};
  static constexpr Shape value{"GetFunctionConcurrencyRequest", members};
};
template <>
struct shape_of<fn::PutConcurrencyRequest> {
  using S = fn::PutConcurrencyRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::reserved>("ReservedConcurrentExecutions").at_least(0)};
  static constexpr Shape value{"PutFunctionConcurrencyRequest", members};
};
template <>
struct shape_of<fn::ListEventConfigsResponse> {
  using S = fn::ListEventConfigsResponse;
  static constexpr Member members[] = {field<&S::configs>("FunctionEventInvokeConfigs"),
                                       field<&S::next_marker>("NextMarker")};
  static constexpr Shape value{"ListFunctionEventInvokeConfigsResponse", members};
};
template <>
struct shape_of<fn::TagsRequest> {
  using S = fn::TagsRequest;
  static constexpr Member members[] = {field<&S::resource>("Resource").bind(In::label).wire("ARN")};
  static constexpr Shape value{"ListTagsRequest", members};
};
template <>
struct shape_of<fn::TagRequest> {
  using S = fn::TagRequest;
  static constexpr Member members[] = {field<&S::resource>("Resource").bind(In::label).wire("ARN"),
                                       field<&S::tags>("Tags").needed()};
  static constexpr Shape value{"TagResourceRequest", members};
};
template <>
struct shape_of<fn::UntagRequest> {
  using S = fn::UntagRequest;
  static constexpr Member members[] = {
      field<&S::resource>("Resource").bind(In::label).wire("ARN"),
      field<&S::tag_keys>("TagKeys").bind(In::query).wire("tagKeys").needed()};
  static constexpr Shape value{"UntagResourceRequest", members};
};
template <>
struct shape_of<fn::TagsResponse> {
  using S = fn::TagsResponse;
  static constexpr Member members[] = {field<&S::tags>("Tags")};
  static constexpr Shape value{"ListTagsResponse", members};
};
template <>
struct shape_of<fn::AccountLimit> {
  using S = fn::AccountLimit;
  static constexpr Member members[] = {
      field<&S::total_code_size>("TotalCodeSize"),
      field<&S::code_size_unzipped>("CodeSizeUnzipped"),
      field<&S::code_size_zipped>("CodeSizeZipped"),
      field<&S::concurrent_executions>("ConcurrentExecutions"),
      field<&S::unreserved_concurrent_executions>("UnreservedConcurrentExecutions")};
  static constexpr Shape value{"AccountLimit", members};
};
template <>
struct shape_of<fn::AccountUsageShape> {
  using S = fn::AccountUsageShape;
  static constexpr Member members[] = {field<&S::total_code_size>("TotalCodeSize"),
                                       field<&S::function_count>("FunctionCount")};
  static constexpr Shape value{"AccountUsage", members};
};
template <>
struct shape_of<fn::AccountSettingsResponse> {
  using S = fn::AccountSettingsResponse;
  static constexpr Member members[] = {field<&S::limit>("AccountLimit"),
                                       field<&S::usage>("AccountUsage")};
  static constexpr Shape value{"GetAccountSettingsResponse", members};
};
template <>
struct shape_of<fn::InvokeAsyncRequest> {
  using S = fn::InvokeAsyncRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256),
      field<&S::args>("InvokeArgs").bind(In::payload).with(kStreaming)};
  static constexpr Shape value{"InvokeAsyncRequest", members};
};
template <>
struct shape_of<fn::InvokeAsyncResponse> {
  using S = fn::InvokeAsyncResponse;
  static constexpr Member members[] = {field<&S::status>("Status").bind(In::status_code)};
  static constexpr Shape value{"InvokeAsyncResponse", members};
};
template <>
struct shape_of<fn::RuntimeManagementResponse> {
  using S = fn::RuntimeManagementResponse;
  static constexpr Member members[] = {field<&S::update_runtime_on>("UpdateRuntimeOn"),
                                       field<&S::function_arn>("FunctionArn")};
  static constexpr Shape value{"GetRuntimeManagementConfigResponse", members};
};
template <>
struct shape_of<fn::PutRuntimeManagementRequest> {
  using S = fn::PutRuntimeManagementRequest;
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 256),
      field<&S::qualifier>("Qualifier").bind(In::query).length(1, 128),
      field<&S::update_runtime_on>("UpdateRuntimeOn"),
      field<&S::runtime_version_arn>("RuntimeVersionArn")};
  static constexpr Shape value{"PutRuntimeManagementConfigRequest", members};
};
template <>
struct shape_of<fn::RecursionRequest> {
  using S = fn::RecursionRequest;
  static constexpr std::string_view kLoops[] = {"Terminate", "Allow"};
  static constexpr Member members[] = {
      field<&S::function_name>("FunctionName").bind(In::label).length(1, 140),
      field<&S::recursive_loop>("RecursiveLoop").values(kLoops)};
  static constexpr Shape value{"PutFunctionRecursionConfigRequest", members};
};
template <>
struct shape_of<fn::RecursionResponse> {
  using S = fn::RecursionResponse;
  static constexpr Member members[] = {field<&S::recursive_loop>("RecursiveLoop")};
  static constexpr Shape value{"GetFunctionRecursionConfigResponse", members};
};

}  // namespace tidegate::wire
