// Wire shapes of S3: who may do what with a bucket and its objects. Names and places are those of
// AWS's service model; the headers that stand for a list (x-amz-acl, x-amz-grant-*) are read for
// every operation at once (api/s3/acl_request.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/s3/common_shapes.h"
#include "wire/shape.h"

namespace tidegate::api::s3 {

inline constexpr std::string_view kGranteeTypes[] = {"CanonicalUser", "AmazonCustomerByEmail",
                                                     "Group"};
inline constexpr std::string_view kPermissionNames[] = {"FULL_CONTROL", "WRITE", "WRITE_ACP",
                                                        "READ", "READ_ACP"};
inline constexpr std::string_view kOwnershipNames[] = {"BucketOwnerPreferred", "ObjectWriter",
                                                       "BucketOwnerEnforced"};

struct Grantee {
  std::optional<std::string> display_name;
  std::optional<std::string> email_address;
  std::optional<std::string> id;
  std::string type;
  std::optional<std::string> uri;
};
struct Grant {
  std::optional<Grantee> grantee;
  std::optional<std::string> permission;
};
struct AccessControlPolicy {
  std::vector<Grant> grants;
  std::optional<Owner> owner;
};
struct GetBucketAclRequest {
  std::string bucket;
};
struct GetBucketAclOutput {
  std::optional<Owner> owner;
  std::vector<Grant> grants;
};
struct PutBucketAclRequest {
  std::optional<AccessControlPolicy> access_control_policy;
  std::string bucket;
};
struct GetObjectAclRequest {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};
struct GetObjectAclOutput {
  std::optional<Owner> owner;
  std::vector<Grant> grants;
};
struct PutObjectAclRequest {
  std::optional<AccessControlPolicy> access_control_policy;
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};

struct OwnershipControlsRule {
  std::string object_ownership;
};
struct OwnershipControls {
  std::vector<OwnershipControlsRule> rules;
};
struct GetBucketOwnershipControlsOutput {
  std::optional<OwnershipControls> ownership_controls;
};
struct PutBucketOwnershipControlsRequest {
  std::string bucket;
  OwnershipControls ownership_controls;
};

struct PublicAccessBlockConfiguration {
  std::optional<bool> block_public_acls;
  std::optional<bool> ignore_public_acls;
  std::optional<bool> block_public_policy;
  std::optional<bool> restrict_public_buckets;
};
struct GetPublicAccessBlockOutput {
  std::optional<PublicAccessBlockConfiguration> public_access_block_configuration;
};
struct PutPublicAccessBlockRequest {
  std::string bucket;
  PublicAccessBlockConfiguration public_access_block_configuration;
};

struct CORSRule {
  std::optional<std::string> id;
  std::vector<std::string> allowed_headers;
  std::vector<std::string> allowed_methods;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> expose_headers;
  std::optional<std::int32_t> max_age_seconds;
};
struct GetBucketCorsOutput {
  std::vector<CORSRule> cors_rules;
};
struct CORSConfiguration {
  std::vector<CORSRule> cors_rules;
};
struct PutBucketCorsRequest {
  std::string bucket;
  CORSConfiguration cors_configuration;
};

struct GetBucketPolicyOutput {
  std::optional<std::string> policy;
};
struct PutBucketPolicyRequest {
  std::string bucket;
  std::optional<bool> confirm_remove_self_bucket_access;
  std::string policy;
};
struct PolicyStatus {
  std::optional<bool> is_public;
};
struct GetBucketPolicyStatusOutput {
  std::optional<PolicyStatus> policy_status;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::Grantee> {
  using S = api::s3::Grantee;
  static constexpr Member members[] = {
      field<&S::display_name>("DisplayName"), field<&S::email_address>("EmailAddress"),
      field<&S::id>("ID"),
      field<&S::type>("Type").wire("xsi:type").with(kXmlAttribute).values(api::s3::kGranteeTypes),
      field<&S::uri>("URI")};
  static constexpr Shape value{"Grantee", members};
};
template <>
struct shape_of<api::s3::Grant> {
  using S = api::s3::Grant;
  static constexpr Member members[] = {
      field<&S::grantee>("Grantee"),
      field<&S::permission>("Permission").values(api::s3::kPermissionNames)};
  static constexpr Shape value{"Grant", members};
};
template <>
struct shape_of<api::s3::AccessControlPolicy> {
  using S = api::s3::AccessControlPolicy;
  static constexpr Member members[] = {
      field<&S::grants>("Grants").wire("AccessControlList").items("Grant"),
      field<&S::owner>("Owner")};
  static constexpr Shape value{"AccessControlPolicy", members, "AccessControlPolicy",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::GetBucketAclRequest> {
  using S = api::s3::GetBucketAclRequest;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label)};
  static constexpr Shape value{"GetBucketAclRequest", members};
};
template <>
struct shape_of<api::s3::GetBucketAclOutput> {
  using S = api::s3::GetBucketAclOutput;
  static constexpr Member members[] = {
      field<&S::owner>("Owner"),
      field<&S::grants>("Grants").wire("AccessControlList").items("Grant")};
  static constexpr Shape value{"GetBucketAclOutput", members, "AccessControlPolicy",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::PutBucketAclRequest> {
  using S = api::s3::PutBucketAclRequest;
  static constexpr Member members[] = {
      field<&S::access_control_policy>("AccessControlPolicy").bind(In::payload),
      field<&S::bucket>("Bucket").bind(In::label)};
  static constexpr Shape value{"PutBucketAclRequest", members};
};
template <>
struct shape_of<api::s3::GetObjectAclRequest> {
  using S = api::s3::GetObjectAclRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId")};
  static constexpr Shape value{"GetObjectAclRequest", members};
};
template <>
struct shape_of<api::s3::GetObjectAclOutput> {
  using S = api::s3::GetObjectAclOutput;
  static constexpr Member members[] = {
      field<&S::owner>("Owner"),
      field<&S::grants>("Grants").wire("AccessControlList").items("Grant")};
  static constexpr Shape value{"GetObjectAclOutput", members, "AccessControlPolicy",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::PutObjectAclRequest> {
  using S = api::s3::PutObjectAclRequest;
  static constexpr Member members[] = {
      field<&S::access_control_policy>("AccessControlPolicy").bind(In::payload),
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId")};
  static constexpr Shape value{"PutObjectAclRequest", members};
};
template <>
struct shape_of<api::s3::OwnershipControlsRule> {
  using S = api::s3::OwnershipControlsRule;
  static constexpr Member members[] = {
      field<&S::object_ownership>("ObjectOwnership").values(api::s3::kOwnershipNames)};
  static constexpr Shape value{"OwnershipControlsRule", members};
};
template <>
struct shape_of<api::s3::OwnershipControls> {
  using S = api::s3::OwnershipControls;
  static constexpr Member members[] = {
      field<&S::rules>("Rules").wire("Rule").with(kFlattened).needed()};
  static constexpr Shape value{"OwnershipControls", members, "OwnershipControls",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::GetBucketOwnershipControlsOutput> {
  using S = api::s3::GetBucketOwnershipControlsOutput;
  static constexpr Member members[] = {
      field<&S::ownership_controls>("OwnershipControls").bind(In::payload)};
  static constexpr Shape value{"GetBucketOwnershipControlsOutput", members};
};
template <>
struct shape_of<api::s3::PutBucketOwnershipControlsRequest> {
  using S = api::s3::PutBucketOwnershipControlsRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::ownership_controls>("OwnershipControls").bind(In::payload)};
  static constexpr Shape value{"PutBucketOwnershipControlsRequest", members};
};
template <>
struct shape_of<api::s3::PublicAccessBlockConfiguration> {
  using S = api::s3::PublicAccessBlockConfiguration;
  static constexpr Member members[] = {field<&S::block_public_acls>("BlockPublicAcls"),
                                       field<&S::ignore_public_acls>("IgnorePublicAcls"),
                                       field<&S::block_public_policy>("BlockPublicPolicy"),
                                       field<&S::restrict_public_buckets>("RestrictPublicBuckets")};
  static constexpr Shape value{"PublicAccessBlockConfiguration", members,
                               "PublicAccessBlockConfiguration", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::GetPublicAccessBlockOutput> {
  using S = api::s3::GetPublicAccessBlockOutput;
  static constexpr Member members[] = {
      field<&S::public_access_block_configuration>("PublicAccessBlockConfiguration")
          .bind(In::payload)};
  static constexpr Shape value{"GetPublicAccessBlockOutput", members};
};
template <>
struct shape_of<api::s3::PutPublicAccessBlockRequest> {
  using S = api::s3::PutPublicAccessBlockRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::public_access_block_configuration>("PublicAccessBlockConfiguration")
          .bind(In::payload)};
  static constexpr Shape value{"PutPublicAccessBlockRequest", members};
};
template <>
struct shape_of<api::s3::CORSRule> {
  using S = api::s3::CORSRule;
  static constexpr Member members[] = {
      field<&S::id>("ID"),
      field<&S::allowed_headers>("AllowedHeaders").wire("AllowedHeader").with(kFlattened),
      field<&S::allowed_methods>("AllowedMethods").wire("AllowedMethod").with(kFlattened).needed(),
      field<&S::allowed_origins>("AllowedOrigins").wire("AllowedOrigin").with(kFlattened).needed(),
      field<&S::expose_headers>("ExposeHeaders").wire("ExposeHeader").with(kFlattened),
      field<&S::max_age_seconds>("MaxAgeSeconds")};
  static constexpr Shape value{"CORSRule", members};
};
template <>
struct shape_of<api::s3::GetBucketCorsOutput> {
  using S = api::s3::GetBucketCorsOutput;
  static constexpr Member members[] = {
      field<&S::cors_rules>("CORSRules").wire("CORSRule").with(kFlattened)};
  static constexpr Shape value{"GetBucketCorsOutput", members, "CORSConfiguration",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::CORSConfiguration> {
  using S = api::s3::CORSConfiguration;
  static constexpr Member members[] = {
      field<&S::cors_rules>("CORSRules").wire("CORSRule").with(kFlattened).needed()};
  static constexpr Shape value{"CORSConfiguration", members, "CORSConfiguration",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::PutBucketCorsRequest> {
  using S = api::s3::PutBucketCorsRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::cors_configuration>("CORSConfiguration").bind(In::payload)};
  static constexpr Shape value{"PutBucketCorsRequest", members};
};
template <>
struct shape_of<api::s3::GetBucketPolicyOutput> {
  using S = api::s3::GetBucketPolicyOutput;
  static constexpr Member members[] = {field<&S::policy>("Policy").bind(In::payload)};
  static constexpr Shape value{"GetBucketPolicyOutput", members};
};
template <>
struct shape_of<api::s3::PutBucketPolicyRequest> {
  using S = api::s3::PutBucketPolicyRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::confirm_remove_self_bucket_access>("ConfirmRemoveSelfBucketAccess")
          .bind(In::header)
          .wire("x-amz-confirm-remove-self-bucket-access"),
      field<&S::policy>("Policy").bind(In::payload)};
  static constexpr Shape value{"PutBucketPolicyRequest", members};
};
template <>
struct shape_of<api::s3::PolicyStatus> {
  using S = api::s3::PolicyStatus;
  static constexpr Member members[] = {field<&S::is_public>("IsPublic")};
  static constexpr Shape value{"PolicyStatus", members, "PolicyStatus", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::GetBucketPolicyStatusOutput> {
  using S = api::s3::GetBucketPolicyStatusOutput;
  static constexpr Member members[] = {field<&S::policy_status>("PolicyStatus").bind(In::payload)};
  static constexpr Shape value{"GetBucketPolicyStatusOutput", members};
};

}  // namespace tidegate::wire
