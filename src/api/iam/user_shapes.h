// Wire shapes of IAM: users and their access keys, and what several groups share. Names and limits
// are those of its service model.
#pragma once

#include "wire/shape.h"

namespace tidegate::api::iam {

inline constexpr std::string_view kNamespace = "https://iam.amazonaws.com/doc/2010-05-08/";
struct Done {};  // an answer without members

inline constexpr std::string_view kPermissionsBoundaryAttachmentTypes[] = {
    "PermissionsBoundaryPolicy"};
inline constexpr std::string_view kStatusTypes[] = {"Active", "Inactive"};

struct Tag {
  std::string key;
  std::string value;
};
struct CreateUserInput {
  std::optional<std::string> path;
  std::string user_name;
  std::optional<std::string> permissions_boundary;
  std::vector<Tag> tags;
};
struct AttachedPermissionsBoundary {
  std::optional<std::string> permissions_boundary_type;
  std::optional<std::string> permissions_boundary_arn;
};
struct User {
  std::string path;
  std::string user_name;
  std::string user_id;
  std::string arn;
  Instant create_date{};
  std::optional<Instant> password_last_used;
  std::optional<AttachedPermissionsBoundary> permissions_boundary;
  std::optional<std::vector<Tag>> tags;
};
struct CreateUserOutput {
  std::optional<User> user;
};
struct GetUserInput {
  std::optional<std::string> user_name;
};
struct GetUserOutput {
  User user;
};
struct UpdateUserInput {
  std::string user_name;
  std::optional<std::string> new_path;
  std::optional<std::string> new_user_name;
};
struct DeleteUserInput {
  std::string user_name;
};
struct ListUsersInput {
  std::optional<std::string> path_prefix;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListUsersOutput {
  std::vector<User> users;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct TagUserInput {
  std::string user_name;
  std::vector<Tag> tags;
};
struct UntagUserInput {
  std::string user_name;
  std::vector<std::string> tag_keys;
};
struct ListUserTagsInput {
  std::string user_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListUserTagsOutput {
  std::vector<Tag> tags;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct PutUserPermissionsBoundaryInput {
  std::string user_name;
  std::string permissions_boundary;
};
struct DeleteUserPermissionsBoundaryInput {
  std::string user_name;
};
struct CreateAccessKeyInput {
  std::optional<std::string> user_name;
};
struct AccessKey {
  std::string user_name;
  std::string access_key_id;
  std::string status;
  std::string secret_access_key;
  std::optional<Instant> create_date;
};
struct CreateAccessKeyOutput {
  AccessKey access_key;
};
struct ListAccessKeysInput {
  std::optional<std::string> user_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct AccessKeyMetadata {
  std::optional<std::string> user_name;
  std::optional<std::string> access_key_id;
  std::optional<std::string> status;
  std::optional<Instant> create_date;
};
struct ListAccessKeysOutput {
  std::vector<AccessKeyMetadata> access_key_metadata;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct UpdateAccessKeyInput {
  std::optional<std::string> user_name;
  std::string access_key_id;
  std::string status;
};
struct DeleteAccessKeyInput {
  std::optional<std::string> user_name;
  std::string access_key_id;
};
struct GetAccessKeyLastUsedInput {
  std::string access_key_id;
};
struct AccessKeyLastUsed {
  std::optional<Instant> last_used_date;
  std::string service_name;
  std::string region;
};
struct GetAccessKeyLastUsedOutput {
  std::optional<std::string> user_name;
  std::optional<AccessKeyLastUsed> access_key_last_used;
};
struct PutUserPolicyInput {
  std::string user_name;
  std::string policy_name;
  std::string policy_document;
};
struct GetUserPolicyInput {
  std::string user_name;
  std::string policy_name;
};
struct GetUserPolicyOutput {
  std::string user_name;
  std::string policy_name;
  std::string policy_document;
};
struct DeleteUserPolicyInput {
  std::string user_name;
  std::string policy_name;
};
struct ListUserPoliciesInput {
  std::string user_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListUserPoliciesOutput {
  std::vector<std::string> policy_names;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct AttachUserPolicyInput {
  std::string user_name;
  std::string policy_arn;
};
struct DetachUserPolicyInput {
  std::string user_name;
  std::string policy_arn;
};
struct ListAttachedUserPoliciesInput {
  std::string user_name;
  std::optional<std::string> path_prefix;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct AttachedPolicy {
  std::optional<std::string> policy_name;
  std::optional<std::string> policy_arn;
};
struct ListAttachedUserPoliciesOutput {
  std::vector<AttachedPolicy> attached_policies;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct ListGroupsForUserInput {
  std::string user_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct Group {
  std::string path;
  std::string group_name;
  std::string group_id;
  std::string arn;
  Instant create_date{};
};
struct ListGroupsForUserOutput {
  std::vector<Group> groups;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};

}  // namespace tidegate::api::iam

namespace tidegate::wire {

template <>
struct shape_of<api::iam::Tag> {
  using S = api::iam::Tag;
  static constexpr Member members[] = {field<&S::key>("Key").length(1, 128),
                                       field<&S::value>("Value").length(0, 256)};
  static constexpr Shape value{"Tag", members};
};
template <>
struct shape_of<api::iam::CreateUserInput> {
  using S = api::iam::CreateUserInput;
  static constexpr Member members[] = {
      field<&S::path>("Path").length(1, 512), field<&S::user_name>("UserName").length(1, 64),
      field<&S::permissions_boundary>("PermissionsBoundary").length(20, 2048),
      field<&S::tags>("Tags").at_most(50)};
  static constexpr Shape value{"CreateUserRequest", members};
};
template <>
struct shape_of<api::iam::AttachedPermissionsBoundary> {
  using S = api::iam::AttachedPermissionsBoundary;
  static constexpr Member members[] = {
      field<&S::permissions_boundary_type>("PermissionsBoundaryType")
          .values(api::iam::kPermissionsBoundaryAttachmentTypes),
      field<&S::permissions_boundary_arn>("PermissionsBoundaryArn").length(20, 2048)};
  static constexpr Shape value{"AttachedPermissionsBoundary", members};
};
template <>
struct shape_of<api::iam::User> {
  using S = api::iam::User;
  static constexpr Member members[] = {field<&S::path>("Path").length(1, 512),
                                       field<&S::user_name>("UserName").length(1, 64),
                                       field<&S::user_id>("UserId").length(16, 128),
                                       field<&S::arn>("Arn").length(20, 2048),
                                       field<&S::create_date>("CreateDate"),
                                       field<&S::password_last_used>("PasswordLastUsed"),
                                       field<&S::permissions_boundary>("PermissionsBoundary"),
                                       field<&S::tags>("Tags").at_most(50)};
  static constexpr Shape value{"User", members};
};
template <>
struct shape_of<api::iam::CreateUserOutput> {
  using S = api::iam::CreateUserOutput;
  static constexpr Member members[] = {field<&S::user>("User")};
  static constexpr Shape value{"CreateUserResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::GetUserInput> {
  using S = api::iam::GetUserInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128)};
  static constexpr Shape value{"GetUserRequest", members};
};
template <>
struct shape_of<api::iam::GetUserOutput> {
  using S = api::iam::GetUserOutput;
  static constexpr Member members[] = {field<&S::user>("User")};
  static constexpr Shape value{"GetUserResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::UpdateUserInput> {
  using S = api::iam::UpdateUserInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::new_path>("NewPath").length(1, 512),
                                       field<&S::new_user_name>("NewUserName").length(1, 64)};
  static constexpr Shape value{"UpdateUserRequest", members};
};
template <>
struct shape_of<api::iam::DeleteUserInput> {
  using S = api::iam::DeleteUserInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128)};
  static constexpr Shape value{"DeleteUserRequest", members};
};
template <>
struct shape_of<api::iam::ListUsersInput> {
  using S = api::iam::ListUsersInput;
  static constexpr Member members[] = {field<&S::path_prefix>("PathPrefix").length(1, 512),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListUsersRequest", members};
};
template <>
struct shape_of<api::iam::ListUsersOutput> {
  using S = api::iam::ListUsersOutput;
  static constexpr Member members[] = {field<&S::users>("Users").needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListUsersResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::TagUserInput> {
  using S = api::iam::TagUserInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::tags>("Tags").needed().at_most(50)};
  static constexpr Shape value{"TagUserRequest", members};
};
template <>
struct shape_of<api::iam::UntagUserInput> {
  using S = api::iam::UntagUserInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::tag_keys>("TagKeys").needed().at_most(50)};
  static constexpr Shape value{"UntagUserRequest", members};
};
template <>
struct shape_of<api::iam::ListUserTagsInput> {
  using S = api::iam::ListUserTagsInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListUserTagsRequest", members};
};
template <>
struct shape_of<api::iam::ListUserTagsOutput> {
  using S = api::iam::ListUserTagsOutput;
  static constexpr Member members[] = {field<&S::tags>("Tags").needed().at_most(50),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListUserTagsResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::PutUserPermissionsBoundaryInput> {
  using S = api::iam::PutUserPermissionsBoundaryInput;
  static constexpr Member members[] = {
      field<&S::user_name>("UserName").length(1, 64),
      field<&S::permissions_boundary>("PermissionsBoundary").length(20, 2048)};
  static constexpr Shape value{"PutUserPermissionsBoundaryRequest", members};
};
template <>
struct shape_of<api::iam::DeleteUserPermissionsBoundaryInput> {
  using S = api::iam::DeleteUserPermissionsBoundaryInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 64)};
  static constexpr Shape value{"DeleteUserPermissionsBoundaryRequest", members};
};
template <>
struct shape_of<api::iam::CreateAccessKeyInput> {
  using S = api::iam::CreateAccessKeyInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128)};
  static constexpr Shape value{"CreateAccessKeyRequest", members};
};
template <>
struct shape_of<api::iam::AccessKey> {
  using S = api::iam::AccessKey;
  static constexpr Member members[] = {
      field<&S::user_name>("UserName").length(1, 64),
      field<&S::access_key_id>("AccessKeyId").length(16, 128),
      field<&S::status>("Status").values(api::iam::kStatusTypes),
      field<&S::secret_access_key>("SecretAccessKey").with(kSensitive),
      field<&S::create_date>("CreateDate")};
  static constexpr Shape value{"AccessKey", members};
};
template <>
struct shape_of<api::iam::CreateAccessKeyOutput> {
  using S = api::iam::CreateAccessKeyOutput;
  static constexpr Member members[] = {field<&S::access_key>("AccessKey")};
  static constexpr Shape value{"CreateAccessKeyResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::ListAccessKeysInput> {
  using S = api::iam::ListAccessKeysInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListAccessKeysRequest", members};
};
template <>
struct shape_of<api::iam::AccessKeyMetadata> {
  using S = api::iam::AccessKeyMetadata;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 64),
                                       field<&S::access_key_id>("AccessKeyId").length(16, 128),
                                       field<&S::status>("Status").values(api::iam::kStatusTypes),
                                       field<&S::create_date>("CreateDate")};
  static constexpr Shape value{"AccessKeyMetadata", members};
};
template <>
struct shape_of<api::iam::ListAccessKeysOutput> {
  using S = api::iam::ListAccessKeysOutput;
  static constexpr Member members[] = {field<&S::access_key_metadata>("AccessKeyMetadata").needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListAccessKeysResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::UpdateAccessKeyInput> {
  using S = api::iam::UpdateAccessKeyInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::access_key_id>("AccessKeyId").length(16, 128),
                                       field<&S::status>("Status").values(api::iam::kStatusTypes)};
  static constexpr Shape value{"UpdateAccessKeyRequest", members};
};
template <>
struct shape_of<api::iam::DeleteAccessKeyInput> {
  using S = api::iam::DeleteAccessKeyInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::access_key_id>("AccessKeyId").length(16, 128)};
  static constexpr Shape value{"DeleteAccessKeyRequest", members};
};
template <>
struct shape_of<api::iam::GetAccessKeyLastUsedInput> {
  using S = api::iam::GetAccessKeyLastUsedInput;
  static constexpr Member members[] = {field<&S::access_key_id>("AccessKeyId").length(16, 128)};
  static constexpr Shape value{"GetAccessKeyLastUsedRequest", members};
};
template <>
struct shape_of<api::iam::AccessKeyLastUsed> {
  using S = api::iam::AccessKeyLastUsed;
  static constexpr Member members[] = {field<&S::last_used_date>("LastUsedDate"),
                                       field<&S::service_name>("ServiceName"),
                                       field<&S::region>("Region")};
  static constexpr Shape value{"AccessKeyLastUsed", members};
};
template <>
struct shape_of<api::iam::GetAccessKeyLastUsedOutput> {
  using S = api::iam::GetAccessKeyLastUsedOutput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::access_key_last_used>("AccessKeyLastUsed")};
  static constexpr Shape value{"GetAccessKeyLastUsedResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::PutUserPolicyInput> {
  using S = api::iam::PutUserPolicyInput;
  static constexpr Member members[] = {
      field<&S::user_name>("UserName").length(1, 128),
      field<&S::policy_name>("PolicyName").length(1, 128),
      field<&S::policy_document>("PolicyDocument").length(1, 131072)};
  static constexpr Shape value{"PutUserPolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetUserPolicyInput> {
  using S = api::iam::GetUserPolicyInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::policy_name>("PolicyName").length(1, 128)};
  static constexpr Shape value{"GetUserPolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetUserPolicyOutput> {
  using S = api::iam::GetUserPolicyOutput;
  static constexpr Member members[] = {
      field<&S::user_name>("UserName").length(1, 128),
      field<&S::policy_name>("PolicyName").length(1, 128),
      field<&S::policy_document>("PolicyDocument").length(1, 131072)};
  static constexpr Shape value{"GetUserPolicyResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::DeleteUserPolicyInput> {
  using S = api::iam::DeleteUserPolicyInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::policy_name>("PolicyName").length(1, 128)};
  static constexpr Shape value{"DeleteUserPolicyRequest", members};
};
template <>
struct shape_of<api::iam::ListUserPoliciesInput> {
  using S = api::iam::ListUserPoliciesInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListUserPoliciesRequest", members};
};
template <>
struct shape_of<api::iam::ListUserPoliciesOutput> {
  using S = api::iam::ListUserPoliciesOutput;
  static constexpr Member members[] = {field<&S::policy_names>("PolicyNames").needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListUserPoliciesResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::AttachUserPolicyInput> {
  using S = api::iam::AttachUserPolicyInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 64),
                                       field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"AttachUserPolicyRequest", members};
};
template <>
struct shape_of<api::iam::DetachUserPolicyInput> {
  using S = api::iam::DetachUserPolicyInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 64),
                                       field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"DetachUserPolicyRequest", members};
};
template <>
struct shape_of<api::iam::ListAttachedUserPoliciesInput> {
  using S = api::iam::ListAttachedUserPoliciesInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 64),
                                       field<&S::path_prefix>("PathPrefix").length(1, 512),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListAttachedUserPoliciesRequest", members};
};
template <>
struct shape_of<api::iam::AttachedPolicy> {
  using S = api::iam::AttachedPolicy;
  static constexpr Member members[] = {field<&S::policy_name>("PolicyName").length(1, 128),
                                       field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"AttachedPolicy", members};
};
template <>
struct shape_of<api::iam::ListAttachedUserPoliciesOutput> {
  using S = api::iam::ListAttachedUserPoliciesOutput;
  static constexpr Member members[] = {field<&S::attached_policies>("AttachedPolicies"),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListAttachedUserPoliciesResponse", members, "",
                               api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::ListGroupsForUserInput> {
  using S = api::iam::ListGroupsForUserInput;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 128),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListGroupsForUserRequest", members};
};
template <>
struct shape_of<api::iam::Group> {
  using S = api::iam::Group;
  static constexpr Member members[] = {
      field<&S::path>("Path").length(1, 512), field<&S::group_name>("GroupName").length(1, 128),
      field<&S::group_id>("GroupId").length(16, 128), field<&S::arn>("Arn").length(20, 2048),
      field<&S::create_date>("CreateDate")};
  static constexpr Shape value{"Group", members};
};
template <>
struct shape_of<api::iam::ListGroupsForUserOutput> {
  using S = api::iam::ListGroupsForUserOutput;
  static constexpr Member members[] = {field<&S::groups>("Groups").needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListGroupsForUserResponse", members, "", api::iam::kNamespace};
};

template <>
struct shape_of<api::iam::Done> {
  static constexpr Shape value{"", {}, "", api::iam::kNamespace};
};

}  // namespace tidegate::wire
