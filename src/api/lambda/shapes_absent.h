// Wire shapes of what stands beside functions on AWS and never here: lists without their items'
// members.
#pragma once

#include "api/lambda/shapes_more.h"

namespace tidegate::api::lambda {

struct ProvisionedConcurrencyItem {
  std::string function_arn;
};
struct ListProvisionedResponse {
  std::vector<ProvisionedConcurrencyItem> configs;
  std::optional<std::string> next_marker;
};
struct ListMappingsRequest {
  std::optional<std::string> event_source_arn, function_name, marker;
  std::optional<std::int32_t> max_items;
};
struct EventSourceMapping {
  std::string uuid;
};
struct ListMappingsResponse {
  std::optional<std::string> next_marker;
  std::vector<EventSourceMapping> mappings;
};
struct MappingRequest {
  std::string uuid;
};
struct FunctionUrl {
  std::string function_url;
};
struct ListUrlsResponse {
  std::vector<FunctionUrl> configs;
  std::optional<std::string> next_marker;
};
struct SigningConfigRequest {
  std::string code_signing_config_arn;
};
struct SigningConfig {
  std::string code_signing_config_arn;
};
struct ListSigningConfigsResponse {
  std::vector<SigningConfig> configs;
};

}  // namespace tidegate::api::lambda

namespace tidegate::wire {

template <>
struct shape_of<fn::ProvisionedConcurrencyItem> {
  using S = fn::ProvisionedConcurrencyItem;
  static constexpr Member members[] = {field<&S::function_arn>("FunctionArn")};
  static constexpr Shape value{"ProvisionedConcurrencyConfigListItem", members};
};
template <>
struct shape_of<fn::ListProvisionedResponse> {
  using S = fn::ListProvisionedResponse;
  static constexpr Member members[] = {field<&S::configs>("ProvisionedConcurrencyConfigs"),
                                       field<&S::next_marker>("NextMarker")};
  static constexpr Shape value{"ListProvisionedConcurrencyConfigsResponse", members};
};
template <>
struct shape_of<fn::ListMappingsRequest> {
  using S = fn::ListMappingsRequest;
  static constexpr Member members[] = {
      field<&S::event_source_arn>("EventSourceArn").bind(In::query),
      field<&S::function_name>("FunctionName").bind(In::query).length(1, 140),
      field<&S::marker>("Marker").bind(In::query),
      field<&S::max_items>("MaxItems").bind(In::query).range(1, 10000)};
  static constexpr Shape value{"ListEventSourceMappingsRequest", members};
};
template <>
struct shape_of<fn::EventSourceMapping> {
  using S = fn::EventSourceMapping;
  static constexpr Member members[] = {field<&S::uuid>("UUID")};
  static constexpr Shape value{"EventSourceMappingConfiguration", members};
};
template <>
struct shape_of<fn::ListMappingsResponse> {
  using S = fn::ListMappingsResponse;
  static constexpr Member members[] = {field<&S::next_marker>("NextMarker"),
                                       field<&S::mappings>("EventSourceMappings")};
  static constexpr Shape value{"ListEventSourceMappingsResponse", members};
};
template <>
struct shape_of<fn::MappingRequest> {
  using S = fn::MappingRequest;
  static constexpr Member members[] = {field<&S::uuid>("UUID").bind(In::label)};
  static constexpr Shape value{"GetEventSourceMappingRequest", members};
};
template <>
struct shape_of<fn::FunctionUrl> {
  using S = fn::FunctionUrl;
  static constexpr Member members[] = {field<&S::function_url>("FunctionUrl")};
  static constexpr Shape value{"FunctionUrlConfig", members};
};
template <>
struct shape_of<fn::ListUrlsResponse> {
  using S = fn::ListUrlsResponse;
  static constexpr Member members[] = {field<&S::configs>("FunctionUrlConfigs"),
                                       field<&S::next_marker>("NextMarker")};
  static constexpr Shape value{"ListFunctionUrlConfigsResponse", members};
};
template <>
struct shape_of<fn::SigningConfigRequest> {
  using S = fn::SigningConfigRequest;
  static constexpr Member members[] = {
      field<&S::code_signing_config_arn>("CodeSigningConfigArn").bind(In::label).length(0, 200)};
  static constexpr Shape value{"GetCodeSigningConfigRequest", members};
};
template <>
struct shape_of<fn::SigningConfig> {
  using S = fn::SigningConfig;
  static constexpr Member members[] = {field<&S::code_signing_config_arn>("CodeSigningConfigArn")};
  static constexpr Shape value{"CodeSigningConfig", members};
};
template <>
struct shape_of<fn::ListSigningConfigsResponse> {
  using S = fn::ListSigningConfigsResponse;
  static constexpr Member members[] = {field<&S::configs>("CodeSigningConfigs")};
  static constexpr Shape value{"ListCodeSigningConfigsResponse", members};
};

}  // namespace tidegate::wire
