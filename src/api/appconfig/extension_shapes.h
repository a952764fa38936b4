// Wire shapes of extensions and their associations. Names, places and limits are those of
// AppConfig's service model of today.
#pragma once

#include "api/appconfig/resource_shapes.h"

namespace tidegate::api::appconfig {

struct ActionShape {
  std::optional<std::string> name, description, uri, role_arn;
};
using ActionMap = std::map<std::string, std::vector<ActionShape>>;
struct ParameterShape {
  std::optional<std::string> description;
  std::optional<bool> required, dynamic;
};
using ParameterMap = std::map<std::string, ParameterShape>;
using ParameterValueMap = std::map<std::string, std::string>;

struct CreateExtensionRequest {
  std::string name;
  std::optional<std::string> description;
  ActionMap actions;
  std::optional<ParameterMap> parameters;
  TagMap tags;
  std::optional<std::int32_t> latest_version_number;
};
struct ExtensionOutput {
  std::string id, name;
  std::int32_t version_number = 0;
  std::string arn;
  std::optional<std::string> description;
  ActionMap actions;
  std::optional<ParameterMap> parameters;
};
struct GetExtensionRequest {
  std::string extension_identifier;
  std::optional<std::int32_t> version_number;
};
struct UpdateExtensionRequest {
  std::string extension_identifier;
  std::optional<std::string> description;
  std::optional<ActionMap> actions;
  std::optional<ParameterMap> parameters;
  std::optional<std::int32_t> version_number;
};
struct DeleteExtensionRequest {
  std::string extension_identifier;
  std::optional<std::int32_t> version_number;
};
struct ListExtensionsRequest {
  std::optional<std::int32_t> max_results;
  std::optional<std::string> next_token, name;
};
struct ExtensionSummary {
  std::string id, name;
  std::int32_t version_number = 0;
  std::string arn;
  std::optional<std::string> description;
};
struct ExtensionsOutput {
  std::vector<ExtensionSummary> items;
  std::optional<std::string> next_token;
};

struct CreateExtensionAssociationRequest {
  std::string extension_identifier;
  std::optional<std::int32_t> extension_version_number;
  std::string resource_identifier;
  ParameterValueMap parameters;
  TagMap tags;
};
struct ExtensionAssociationRequest {  // Get and Delete
  std::string extension_association_id;
};
struct UpdateExtensionAssociationRequest {
  std::string extension_association_id;
  std::optional<ParameterValueMap> parameters;
};
struct ExtensionAssociationOutput {
  std::string id, extension_arn, resource_arn, arn;
  ParameterValueMap parameters;
  std::int32_t extension_version_number = 0;
};
struct ListExtensionAssociationsRequest {
  std::optional<std::string> resource_identifier, extension_identifier;
  std::optional<std::int32_t> extension_version_number, max_results;
  std::optional<std::string> next_token;
};
struct ExtensionAssociationSummary {
  std::string id, extension_arn, resource_arn;
};
struct ExtensionAssociationsOutput {
  std::vector<ExtensionAssociationSummary> items;
  std::optional<std::string> next_token;
};

}  // namespace tidegate::api::appconfig

namespace tidegate::wire {

template <>
struct shape_of<ac::ActionShape> {
  using S = ac::ActionShape;
  static constexpr Member members[] = {
      field<&S::name>("Name").length(1, 64), field<&S::description>("Description").length(0, 1024),
      field<&S::uri>("Uri").length(1, 2048), field<&S::role_arn>("RoleArn").length(20, 2048)};
  static constexpr Shape value{"Action", members};
};
template <>
struct shape_of<ac::ParameterShape> {
  using S = ac::ParameterShape;
  static constexpr Member members[] = {field<&S::description>("Description").length(0, 1024),
                                       field<&S::required>("Required"),
                                       field<&S::dynamic>("Dynamic")};
  static constexpr Shape value{"Parameter", members};
};
template <>
struct shape_of<ac::CreateExtensionRequest> {
  using S = ac::CreateExtensionRequest;
  static constexpr Member members[] = {field<&S::name>("Name").length(1, 64),
                                       field<&S::description>("Description").length(0, 1024),
                                       field<&S::actions>("Actions").length(1, 5).needed(),
                                       field<&S::parameters>("Parameters").length(1, 10),
                                       field<&S::tags>("Tags").length(0, 50),
                                       field<&S::latest_version_number>("LatestVersionNumber")
                                           .bind(In::header)
                                           .wire("Latest-Version-Number")};
  static constexpr Shape value{"CreateExtensionRequest", members};
};
template <>
struct shape_of<ac::ExtensionOutput> {
  using S = ac::ExtensionOutput;
  static constexpr Member members[] = {field<&S::id>("Id"),
                                       field<&S::name>("Name"),
                                       field<&S::version_number>("VersionNumber"),
                                       field<&S::arn>("Arn"),
                                       field<&S::description>("Description"),
                                       field<&S::actions>("Actions"),
                                       field<&S::parameters>("Parameters")};
  static constexpr Shape value{"Extension", members};
};
template <>
struct shape_of<ac::GetExtensionRequest> {
  using S = ac::GetExtensionRequest;
  static constexpr Member members[] = {
      field<&S::extension_identifier>("ExtensionIdentifier").bind(In::label).length(1, 2048),
      field<&S::version_number>("VersionNumber").bind(In::query).wire("version_number")};
  static constexpr Shape value{"GetExtensionRequest", members};
};
template <>
struct shape_of<ac::UpdateExtensionRequest> {
  using S = ac::UpdateExtensionRequest;
  static constexpr Member members[] = {
      field<&S::extension_identifier>("ExtensionIdentifier").bind(In::label).length(1, 2048),
      field<&S::description>("Description").length(0, 1024),
      field<&S::actions>("Actions").length(1, 5), field<&S::parameters>("Parameters").length(1, 10),
      field<&S::version_number>("VersionNumber")};
  static constexpr Shape value{"UpdateExtensionRequest", members};
};
template <>
struct shape_of<ac::DeleteExtensionRequest> {
  using S = ac::DeleteExtensionRequest;
  static constexpr Member members[] = {
      field<&S::extension_identifier>("ExtensionIdentifier").bind(In::label).length(1, 2048),
      field<&S::version_number>("VersionNumber").bind(In::query).wire("version")};
  static constexpr Shape value{"DeleteExtensionRequest", members};
};
template <>
struct shape_of<ac::ListExtensionsRequest> {
  using S = ac::ListExtensionsRequest;
  static constexpr Member members[] = {
      field<&S::max_results>("MaxResults").bind(In::query).wire("max_results").range(1, 50),
      field<&S::next_token>("NextToken").bind(In::query).wire("next_token").length(1, 2048),
      field<&S::name>("Name").bind(In::query).wire("name").length(1, 64)};
  static constexpr Shape value{"ListExtensionsRequest", members};
};
template <>
struct shape_of<ac::ExtensionSummary> {
  using S = ac::ExtensionSummary;
  static constexpr Member members[] = {
      field<&S::id>("Id"), field<&S::name>("Name"), field<&S::version_number>("VersionNumber"),
      field<&S::arn>("Arn"), field<&S::description>("Description")};
  static constexpr Shape value{"ExtensionSummary", members};
};
template <>
struct shape_of<ac::ExtensionsOutput> {
  using S = ac::ExtensionsOutput;
  static constexpr Member members[] = {field<&S::items>("Items"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"Extensions", members};
};
template <>
struct shape_of<ac::CreateExtensionAssociationRequest> {
  using S = ac::CreateExtensionAssociationRequest;
  static constexpr Member members[] = {
      field<&S::extension_identifier>("ExtensionIdentifier").length(1, 2048),
      field<&S::extension_version_number>("ExtensionVersionNumber"),
      field<&S::resource_identifier>("ResourceIdentifier").length(1, 2048),
      field<&S::parameters>("Parameters").length(0, 10), field<&S::tags>("Tags").length(0, 50)};
  static constexpr Shape value{"CreateExtensionAssociationRequest", members};
};
template <>
struct shape_of<ac::ExtensionAssociationRequest> {
  using S = ac::ExtensionAssociationRequest;
  static constexpr Member members[] = {
      field<&S::extension_association_id>("ExtensionAssociationId").bind(In::label)};
  static constexpr Shape value{"GetExtensionAssociationRequest", members};
};
template <>
struct shape_of<ac::UpdateExtensionAssociationRequest> {
  using S = ac::UpdateExtensionAssociationRequest;
  static constexpr Member members[] = {
      field<&S::extension_association_id>("ExtensionAssociationId").bind(In::label),
      field<&S::parameters>("Parameters").length(0, 10)};
  static constexpr Shape value{"UpdateExtensionAssociationRequest", members};
};
template <>
struct shape_of<ac::ExtensionAssociationOutput> {
  using S = ac::ExtensionAssociationOutput;
  static constexpr Member members[] = {
      field<&S::id>("Id"),
      field<&S::extension_arn>("ExtensionArn"),
      field<&S::resource_arn>("ResourceArn"),
      field<&S::arn>("Arn"),
      field<&S::parameters>("Parameters"),
      field<&S::extension_version_number>("ExtensionVersionNumber")};
  static constexpr Shape value{"ExtensionAssociation", members};
};
template <>
struct shape_of<ac::ListExtensionAssociationsRequest> {
  using S = ac::ListExtensionAssociationsRequest;
  static constexpr Member members[] = {
      field<&S::resource_identifier>("ResourceIdentifier")
          .bind(In::query)
          .wire("resource_identifier")
          .length(20, 2048),
      field<&S::extension_identifier>("ExtensionIdentifier")
          .bind(In::query)
          .wire("extension_identifier")
          .length(1, 2048),
      field<&S::extension_version_number>("ExtensionVersionNumber")
          .bind(In::query)
          .wire("extension_version_number"),
      field<&S::max_results>("MaxResults").bind(In::query).wire("max_results").range(1, 50),
      field<&S::next_token>("NextToken").bind(In::query).wire("next_token").length(1, 2048)};
  static constexpr Shape value{"ListExtensionAssociationsRequest", members};
};
template <>
struct shape_of<ac::ExtensionAssociationSummary> {
  using S = ac::ExtensionAssociationSummary;
  static constexpr Member members[] = {field<&S::id>("Id"),
                                       field<&S::extension_arn>("ExtensionArn"),
                                       field<&S::resource_arn>("ResourceArn")};
  static constexpr Shape value{"ExtensionAssociationSummary", members};
};
template <>
struct shape_of<ac::ExtensionAssociationsOutput> {
  using S = ac::ExtensionAssociationsOutput;
  static constexpr Member members[] = {field<&S::items>("Items"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"ExtensionAssociations", members};
};

}  // namespace tidegate::wire
