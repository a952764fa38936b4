// Wire shapes of STS. Names and limits are those of its service model.
#pragma once

#include "wire/shape.h"

namespace tidegate::api::sts {

inline constexpr std::string_view kNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

struct GetCallerIdentityRequest {};
struct GetCallerIdentityResponse {
  std::string user_id, account, arn;
};

struct PolicyDescriptorType {
  std::optional<std::string> arn;
};
struct Tag {
  std::string key;
  std::string value;
};
struct AssumeRoleInput {
  std::string role_arn;
  std::string role_session_name;
  std::vector<PolicyDescriptorType> policy_arns;
  std::optional<std::string> policy;
  std::optional<std::int32_t> duration_seconds;
  std::vector<Tag> tags;
  std::vector<std::string> transitive_tag_keys;
  std::optional<std::string> external_id;
  std::optional<std::string> serial_number;
  std::optional<std::string> token_code;
  std::optional<std::string> source_identity;
};
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
  Instant expiration{};
};
struct AssumedRoleUser {
  std::string assumed_role_id;
  std::string arn;
};
struct AssumeRoleOutput {
  std::optional<Credentials> credentials;
  std::optional<AssumedRoleUser> assumed_role_user;
  std::optional<std::int32_t> packed_policy_size;
  std::optional<std::string> source_identity;
};
struct GetSessionTokenInput {
  std::optional<std::int32_t> duration_seconds;
  std::optional<std::string> serial_number;
  std::optional<std::string> token_code;
};
struct GetSessionTokenOutput {
  std::optional<Credentials> credentials;
};
struct GetAccessKeyInfoInput {
  std::string access_key_id;
};
struct GetAccessKeyInfoOutput {
  std::optional<std::string> account;
};

}  // namespace tidegate::api::sts

namespace tidegate::wire {

template <>
struct shape_of<api::sts::PolicyDescriptorType> {
  using S = api::sts::PolicyDescriptorType;
  static constexpr Member members[] = {field<&S::arn>("arn").length(20, 2048)};
  static constexpr Shape value{"PolicyDescriptorType", members};
};
template <>
struct shape_of<api::sts::Tag> {
  using S = api::sts::Tag;
  static constexpr Member members[] = {field<&S::key>("Key").length(1, 128),
                                       field<&S::value>("Value").length(0, 256)};
  static constexpr Shape value{"Tag", members};
};
template <>
struct shape_of<api::sts::AssumeRoleInput> {
  using S = api::sts::AssumeRoleInput;
  static constexpr Member members[] = {
      field<&S::role_arn>("RoleArn").length(20, 2048),
      field<&S::role_session_name>("RoleSessionName").length(2, 64),
      field<&S::policy_arns>("PolicyArns"),
      field<&S::policy>("Policy").length(1, 2048),
      field<&S::duration_seconds>("DurationSeconds").range(900, 43200),
      field<&S::tags>("Tags").at_most(50),
      field<&S::transitive_tag_keys>("TransitiveTagKeys").at_most(50),
      field<&S::external_id>("ExternalId").length(2, 1224),
      field<&S::serial_number>("SerialNumber").length(9, 256),
      field<&S::token_code>("TokenCode").length(6, 6),
      field<&S::source_identity>("SourceIdentity").length(2, 64)};
  static constexpr Shape value{"AssumeRoleRequest", members};
};
template <>
struct shape_of<api::sts::Credentials> {
  using S = api::sts::Credentials;
  static constexpr Member members[] = {field<&S::access_key_id>("AccessKeyId").length(16, 128),
                                       field<&S::secret_access_key>("SecretAccessKey"),
                                       field<&S::session_token>("SessionToken"),
                                       field<&S::expiration>("Expiration")};
  static constexpr Shape value{"Credentials", members};
};
template <>
struct shape_of<api::sts::AssumedRoleUser> {
  using S = api::sts::AssumedRoleUser;
  static constexpr Member members[] = {field<&S::assumed_role_id>("AssumedRoleId").length(2, 193),
                                       field<&S::arn>("Arn").length(20, 2048)};
  static constexpr Shape value{"AssumedRoleUser", members};
};
template <>
struct shape_of<api::sts::AssumeRoleOutput> {
  using S = api::sts::AssumeRoleOutput;
  static constexpr Member members[] = {field<&S::credentials>("Credentials"),
                                       field<&S::assumed_role_user>("AssumedRoleUser"),
                                       field<&S::packed_policy_size>("PackedPolicySize"),
                                       field<&S::source_identity>("SourceIdentity").length(2, 64)};
  static constexpr Shape value{"AssumeRoleResponse", members, "", api::sts::kNamespace};
};
template <>
struct shape_of<api::sts::GetSessionTokenInput> {
  using S = api::sts::GetSessionTokenInput;
  static constexpr Member members[] = {
      field<&S::duration_seconds>("DurationSeconds").range(900, 129600),
      field<&S::serial_number>("SerialNumber").length(9, 256),
      field<&S::token_code>("TokenCode").length(6, 6)};
  static constexpr Shape value{"GetSessionTokenRequest", members};
};
template <>
struct shape_of<api::sts::GetSessionTokenOutput> {
  using S = api::sts::GetSessionTokenOutput;
  static constexpr Member members[] = {field<&S::credentials>("Credentials")};
  static constexpr Shape value{"GetSessionTokenResponse", members, "", api::sts::kNamespace};
};
template <>
struct shape_of<api::sts::GetAccessKeyInfoInput> {
  using S = api::sts::GetAccessKeyInfoInput;
  static constexpr Member members[] = {field<&S::access_key_id>("AccessKeyId").length(16, 128)};
  static constexpr Shape value{"GetAccessKeyInfoRequest", members};
};
template <>
struct shape_of<api::sts::GetAccessKeyInfoOutput> {
  using S = api::sts::GetAccessKeyInfoOutput;
  static constexpr Member members[] = {field<&S::account>("Account")};
  static constexpr Shape value{"GetAccessKeyInfoResponse", members, "", api::sts::kNamespace};
};

template <>
struct shape_of<api::sts::GetCallerIdentityRequest> {
  static constexpr Shape value{"GetCallerIdentityRequest", {}};
};
template <>
struct shape_of<api::sts::GetCallerIdentityResponse> {
  using S = api::sts::GetCallerIdentityResponse;
  static constexpr Member members[] = {field<&S::user_id>("UserId"), field<&S::account>("Account"),
                                       field<&S::arn>("Arn")};
  static constexpr Shape value{"GetCallerIdentityResponse", members, "", api::sts::kNamespace};
};

}  // namespace tidegate::wire
