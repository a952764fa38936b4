// Wire shapes of layers. See shapes.h.
#pragma once

#include "api/lambda/shapes_more.h"

namespace tidegate::api::lambda {

struct LayerContentInput {
  std::optional<std::string> s3_bucket, s3_key, s3_object_version;
  std::optional<wire::Blob> zip_file;
};
struct PublishLayerRequest {
  std::string layer_name;
  std::optional<std::string> description;
  LayerContentInput content;
  std::optional<std::vector<std::string>> runtimes;
  std::optional<std::string> license;
  std::optional<std::vector<std::string>> architectures;
};
struct LayerContentOutput {
  std::string location, code_sha256;
  std::int64_t code_size = 0;
};
struct LayerVersionShape {
  std::optional<LayerContentOutput> content;
  std::optional<std::string> layer_arn;
  std::string layer_version_arn, description, created;
  std::int64_t version = 0;
  std::optional<std::vector<std::string>> runtimes;
  std::optional<std::string> license;
  std::optional<std::vector<std::string>> architectures;
};
struct LayerVersionItem {
  std::string layer_version_arn;
  std::int64_t version = 0;
  std::string description, created;
  std::optional<std::vector<std::string>> runtimes;
  std::optional<std::string> license;
  std::optional<std::vector<std::string>> architectures;
};
struct LayerVersionRequest {
  std::string layer_name;
  std::int64_t version = 0;
};
struct LayerByArnRequest {
  std::string arn;
};
struct ListLayersRequest {
  std::optional<std::string> runtime, marker;
  std::optional<std::int32_t> max_items;
  std::optional<std::string> architecture;
};
struct LayerItem {
  std::string name, arn;
  LayerVersionItem latest;
};
struct ListLayersResponse {
  std::optional<std::string> next_marker;
  std::vector<LayerItem> layers;
};
struct ListLayerVersionsRequest {
  std::optional<std::string> runtime;
  std::string layer_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
  std::optional<std::string> architecture;
};
struct ListLayerVersionsResponse {
  std::optional<std::string> next_marker;
  std::vector<LayerVersionItem> versions;
};
struct AddLayerPermissionRequest {
  std::string layer_name;
  std::int64_t version = 0;
  std::string statement_id, action, principal;
  std::optional<std::string> organization, revision_id;
};
struct AddLayerPermissionResponse {
  std::string statement, revision_id;
};
struct RemoveLayerPermissionRequest {
  std::string layer_name;
  std::int64_t version = 0;
  std::string statement_id;
  std::optional<std::string> revision_id;
};

// Whatever AWS ever had: a layer may name runtimes that this server does not run.
inline constexpr std::string_view kLayerRuntimes[] = {
    "nodejs",         "nodejs4.3",     "nodejs6.10", "nodejs8.10",    "nodejs10.x",
    "nodejs12.x",     "nodejs14.x",    "nodejs16.x", "nodejs18.x",    "nodejs20.x",
    "nodejs22.x",     "nodejs24.x",    "java8",      "java8.al2",     "java11",
    "java17",         "java21",        "java25",     "python2.7",     "python3.6",
    "python3.7",      "python3.8",     "python3.9",  "python3.10",    "python3.11",
    "python3.12",     "python3.13",    "python3.14", "dotnetcore1.0", "dotnetcore2.0",
    "dotnetcore2.1",  "dotnetcore3.1", "dotnet6",    "dotnet8",       "dotnet10",
    "nodejs4.3-edge", "go1.x",         "ruby2.5",    "ruby2.7",       "ruby3.2",
    "ruby3.3",        "ruby3.4",       "provided",   "provided.al2",  "provided.al2023"};
inline constexpr std::string_view kArchitectures[] = {"x86_64", "arm64"};

}  // namespace tidegate::api::lambda

namespace tidegate::wire {

template <>
struct shape_of<fn::LayerContentInput> {
  using S = fn::LayerContentInput;
  static constexpr Member members[] = {
      field<&S::s3_bucket>("S3Bucket").length(3, 63), field<&S::s3_key>("S3Key").length(1, 1024),
      field<&S::s3_object_version>("S3ObjectVersion").length(1, 1024),
      field<&S::zip_file>("ZipFile").with(kSensitive)};
  static constexpr Shape value{"LayerVersionContentInput", members};
};
template <>
struct shape_of<fn::PublishLayerRequest> {
  using S = fn::PublishLayerRequest;
  static constexpr Member members[] = {
      field<&S::layer_name>("LayerName").bind(In::label).length(1, 140),
      field<&S::description>("Description").length(0, 256),
      field<&S::content>("Content"),
      field<&S::runtimes>("CompatibleRuntimes").at_most(15),
      field<&S::license>("LicenseInfo").at_most(512),
      field<&S::architectures>("CompatibleArchitectures").at_most(2)};
  static constexpr Shape value{"PublishLayerVersionRequest", members};
};
template <>
struct shape_of<fn::LayerContentOutput> {
  using S = fn::LayerContentOutput;
  static constexpr Member members[] = {field<&S::location>("Location"),
                                       field<&S::code_sha256>("CodeSha256"),
                                       field<&S::code_size>("CodeSize")};
  static constexpr Shape value{"LayerVersionContentOutput", members};
};
template <>
struct shape_of<fn::LayerVersionShape> {
  using S = fn::LayerVersionShape;
  static constexpr Member members[] = {field<&S::content>("Content"),
                                       field<&S::layer_arn>("LayerArn"),
                                       field<&S::layer_version_arn>("LayerVersionArn"),
                                       field<&S::description>("Description"),
                                       field<&S::created>("CreatedDate"),
                                       field<&S::version>("Version"),
                                       field<&S::runtimes>("CompatibleRuntimes"),
                                       field<&S::license>("LicenseInfo"),
                                       field<&S::architectures>("CompatibleArchitectures")};
  static constexpr Shape value{"GetLayerVersionResponse", members};
};
template <>
struct shape_of<fn::LayerVersionItem> {
  using S = fn::LayerVersionItem;
  static constexpr Member members[] = {field<&S::layer_version_arn>("LayerVersionArn"),
                                       field<&S::version>("Version"),
                                       field<&S::description>("Description"),
                                       field<&S::created>("CreatedDate"),
                                       field<&S::runtimes>("CompatibleRuntimes"),
                                       field<&S::license>("LicenseInfo"),
                                       field<&S::architectures>("CompatibleArchitectures")};
  static constexpr Shape value{"LayerVersionsListItem", members};
};
template <>
struct shape_of<fn::LayerVersionRequest> {
  using S = fn::LayerVersionRequest;
  static constexpr Member members[] = {
      field<&S::layer_name>("LayerName").bind(In::label).length(1, 140),
      field<&S::version>("VersionNumber").bind(In::label)};
  static constexpr Shape value{"GetLayerVersionRequest", members};
};
template <>
struct shape_of<fn::LayerByArnRequest> {
  using S = fn::LayerByArnRequest;
  static constexpr Member members[] = {field<&S::arn>("Arn").bind(In::query).length(1, 140)};
  static constexpr Shape value{"GetLayerVersionByArnRequest", members};
};
template <>
struct shape_of<fn::ListLayersRequest> {
  using S = fn::ListLayersRequest;
  static constexpr Member members[] = {
      field<&S::runtime>("CompatibleRuntime").bind(In::query).values(fn::kLayerRuntimes),
      field<&S::marker>("Marker").bind(In::query),
      field<&S::max_items>("MaxItems").bind(In::query).range(1, 50),
      field<&S::architecture>("CompatibleArchitecture").bind(In::query).values(fn::kArchitectures)};
  static constexpr Shape value{"ListLayersRequest", members};
};
template <>
struct shape_of<fn::LayerItem> {
  using S = fn::LayerItem;
  static constexpr Member members[] = {field<&S::name>("LayerName"), field<&S::arn>("LayerArn"),
                                       field<&S::latest>("LatestMatchingVersion")};
  static constexpr Shape value{"LayersListItem", members};
};
template <>
struct shape_of<fn::ListLayersResponse> {
  using S = fn::ListLayersResponse;
  static constexpr Member members[] = {field<&S::next_marker>("NextMarker"),
                                       field<&S::layers>("Layers")};
  static constexpr Shape value{"ListLayersResponse", members};
};
template <>
struct shape_of<fn::ListLayerVersionsRequest> {
  using S = fn::ListLayerVersionsRequest;
  static constexpr Member members[] = {
      field<&S::runtime>("CompatibleRuntime").bind(In::query).values(fn::kLayerRuntimes),
      field<&S::layer_name>("LayerName").bind(In::label).length(1, 140),
      field<&S::marker>("Marker").bind(In::query),
      field<&S::max_items>("MaxItems").bind(In::query).range(1, 50),
      field<&S::architecture>("CompatibleArchitecture").bind(In::query).values(fn::kArchitectures)};
  static constexpr Shape value{"ListLayerVersionsRequest", members};
};
template <>
struct shape_of<fn::ListLayerVersionsResponse> {
  using S = fn::ListLayerVersionsResponse;
  static constexpr Member members[] = {field<&S::next_marker>("NextMarker"),
                                       field<&S::versions>("LayerVersions")};
  static constexpr Shape value{"ListLayerVersionsResponse", members};
};
template <>
struct shape_of<fn::AddLayerPermissionRequest> {
  using S = fn::AddLayerPermissionRequest;
  static constexpr Member members[] = {
      field<&S::layer_name>("LayerName").bind(In::label).length(1, 140),
      field<&S::version>("VersionNumber").bind(In::label),
      field<&S::statement_id>("StatementId").length(1, 100),
      field<&S::action>("Action").at_most(22),
      field<&S::principal>("Principal"),
      field<&S::organization>("OrganizationId").at_most(34),
      field<&S::revision_id>("RevisionId").bind(In::query)};
  static constexpr Shape value{"AddLayerVersionPermissionRequest", members};
};
template <>
struct shape_of<fn::AddLayerPermissionResponse> {
  using S = fn::AddLayerPermissionResponse;
  static constexpr Member members[] = {field<&S::statement>("Statement"),
                                       field<&S::revision_id>("RevisionId")};
  static constexpr Shape value{"AddLayerVersionPermissionResponse", members};
};
template <>
struct shape_of<fn::RemoveLayerPermissionRequest> {
  using S = fn::RemoveLayerPermissionRequest;
  static constexpr Member members[] = {
      field<&S::layer_name>("LayerName").bind(In::label).length(1, 140),
      field<&S::version>("VersionNumber").bind(In::label),
      field<&S::statement_id>("StatementId").bind(In::label).length(1, 100),
      field<&S::revision_id>("RevisionId").bind(In::query)};
  static constexpr Shape value{"RemoveLayerVersionPermissionRequest", members};
};

}  // namespace tidegate::wire
