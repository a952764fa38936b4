// Wire shapes of IAM: roles. Names and limits are those of its service model.
#pragma once

#include "api/iam/user_shapes.h"

namespace tidegate::api::iam {

struct CreateRoleInput {
  std::optional<std::string> path;
  std::string role_name;
  std::string assume_role_policy_document;
  std::optional<std::string> description;
  std::optional<std::int32_t> max_session_duration;
  std::optional<std::string> permissions_boundary;
  std::vector<Tag> tags;
};
struct RoleLastUsed {
  std::optional<Instant> last_used_date;
  std::optional<std::string> region;
};
struct Role {
  std::string path;
  std::string role_name;
  std::string role_id;
  std::string arn;
  Instant create_date{};
  std::optional<std::string> assume_role_policy_document;
  std::optional<std::string> description;
  std::optional<std::int32_t> max_session_duration;
  std::optional<AttachedPermissionsBoundary> permissions_boundary;
  std::optional<std::vector<Tag>> tags;
  std::optional<RoleLastUsed> role_last_used;
};
struct CreateRoleOutput {
  Role role;
};
struct GetRoleInput {
  std::string role_name;
};
struct GetRoleOutput {
  Role role;
};
struct UpdateRoleInput {
  std::string role_name;
  std::optional<std::string> description;
  std::optional<std::int32_t> max_session_duration;
};
struct UpdateRoleOutput {};
struct UpdateRoleDescriptionInput {
  std::string role_name;
  std::string description;
};
struct UpdateRoleDescriptionOutput {
  std::optional<Role> role;
};
struct DeleteRoleInput {
  std::string role_name;
};
struct ListRolesInput {
  std::optional<std::string> path_prefix;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListRolesOutput {
  std::vector<Role> roles;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct TagRoleInput {
  std::string role_name;
  std::vector<Tag> tags;
};
struct UntagRoleInput {
  std::string role_name;
  std::vector<std::string> tag_keys;
};
struct ListRoleTagsInput {
  std::string role_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListRoleTagsOutput {
  std::vector<Tag> tags;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct UpdateAssumeRolePolicyInput {
  std::string role_name;
  std::string policy_document;
};
struct PutRolePermissionsBoundaryInput {
  std::string role_name;
  std::string permissions_boundary;
};
struct DeleteRolePermissionsBoundaryInput {
  std::string role_name;
};
struct ListInstanceProfilesForRoleInput {
  std::string role_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct InstanceProfile {
  std::string path;
  std::string instance_profile_name;
  std::string instance_profile_id;
  std::string arn;
  Instant create_date{};
  std::vector<Role> roles;
  std::vector<Tag> tags;
};
struct ListInstanceProfilesForRoleOutput {
  std::vector<InstanceProfile> instance_profiles;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct PutRolePolicyInput {
  std::string role_name;
  std::string policy_name;
  std::string policy_document;
};
struct GetRolePolicyInput {
  std::string role_name;
  std::string policy_name;
};
struct GetRolePolicyOutput {
  std::string role_name;
  std::string policy_name;
  std::string policy_document;
};
struct DeleteRolePolicyInput {
  std::string role_name;
  std::string policy_name;
};
struct ListRolePoliciesInput {
  std::string role_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListRolePoliciesOutput {
  std::vector<std::string> policy_names;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct AttachRolePolicyInput {
  std::string role_name;
  std::string policy_arn;
};
struct DetachRolePolicyInput {
  std::string role_name;
  std::string policy_arn;
};
struct ListAttachedRolePoliciesInput {
  std::string role_name;
  std::optional<std::string> path_prefix;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListAttachedRolePoliciesOutput {
  std::vector<AttachedPolicy> attached_policies;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};

}  // namespace tidegate::api::iam

namespace tidegate::wire {

template <>
struct shape_of<api::iam::CreateRoleInput> {
  using S = api::iam::CreateRoleInput;
  static constexpr Member members[] = {
      field<&S::path>("Path").length(1, 512),
      field<&S::role_name>("RoleName").length(1, 64),
      field<&S::assume_role_policy_document>("AssumeRolePolicyDocument").length(1, 131072),
      field<&S::description>("Description").at_most(1000),
      field<&S::max_session_duration>("MaxSessionDuration").range(3600, 43200),
      field<&S::permissions_boundary>("PermissionsBoundary").length(20, 2048),
      field<&S::tags>("Tags").at_most(50)};
  static constexpr Shape value{"CreateRoleRequest", members};
};
template <>
struct shape_of<api::iam::RoleLastUsed> {
  using S = api::iam::RoleLastUsed;
  static constexpr Member members[] = {field<&S::last_used_date>("LastUsedDate"),
                                       field<&S::region>("Region")};
  static constexpr Shape value{"RoleLastUsed", members};
};
template <>
struct shape_of<api::iam::Role> {
  using S = api::iam::Role;
  static constexpr Member members[] = {
      field<&S::path>("Path").length(1, 512),
      field<&S::role_name>("RoleName").length(1, 64),
      field<&S::role_id>("RoleId").length(16, 128),
      field<&S::arn>("Arn").length(20, 2048),
      field<&S::create_date>("CreateDate"),
      field<&S::assume_role_policy_document>("AssumeRolePolicyDocument").length(1, 131072),
      field<&S::description>("Description").at_most(1000),
      field<&S::max_session_duration>("MaxSessionDuration").range(3600, 43200),
      field<&S::permissions_boundary>("PermissionsBoundary"),
      field<&S::tags>("Tags").at_most(50),
      field<&S::role_last_used>("RoleLastUsed")};
  static constexpr Shape value{"Role", members};
};
template <>
struct shape_of<api::iam::CreateRoleOutput> {
  using S = api::iam::CreateRoleOutput;
  static constexpr Member members[] = {field<&S::role>("Role")};
  static constexpr Shape value{"CreateRoleResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::GetRoleInput> {
  using S = api::iam::GetRoleInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64)};
  static constexpr Shape value{"GetRoleRequest", members};
};
template <>
struct shape_of<api::iam::GetRoleOutput> {
  using S = api::iam::GetRoleOutput;
  static constexpr Member members[] = {field<&S::role>("Role")};
  static constexpr Shape value{"GetRoleResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::UpdateRoleInput> {
  using S = api::iam::UpdateRoleInput;
  static constexpr Member members[] = {
      field<&S::role_name>("RoleName").length(1, 64),
      field<&S::description>("Description").at_most(1000),
      field<&S::max_session_duration>("MaxSessionDuration").range(3600, 43200)};
  static constexpr Shape value{"UpdateRoleRequest", members};
};
template <>
struct shape_of<api::iam::UpdateRoleOutput> {
  static constexpr Shape value{"UpdateRoleResponse", {}, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::UpdateRoleDescriptionInput> {
  using S = api::iam::UpdateRoleDescriptionInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::description>("Description").at_most(1000)};
  static constexpr Shape value{"UpdateRoleDescriptionRequest", members};
};
template <>
struct shape_of<api::iam::UpdateRoleDescriptionOutput> {
  using S = api::iam::UpdateRoleDescriptionOutput;
  static constexpr Member members[] = {field<&S::role>("Role")};
  static constexpr Shape value{"UpdateRoleDescriptionResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::DeleteRoleInput> {
  using S = api::iam::DeleteRoleInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64)};
  static constexpr Shape value{"DeleteRoleRequest", members};
};
template <>
struct shape_of<api::iam::ListRolesInput> {
  using S = api::iam::ListRolesInput;
  static constexpr Member members[] = {field<&S::path_prefix>("PathPrefix").length(1, 512),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListRolesRequest", members};
};
template <>
struct shape_of<api::iam::ListRolesOutput> {
  using S = api::iam::ListRolesOutput;
  static constexpr Member members[] = {field<&S::roles>("Roles").needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListRolesResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::TagRoleInput> {
  using S = api::iam::TagRoleInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::tags>("Tags").needed().at_most(50)};
  static constexpr Shape value{"TagRoleRequest", members};
};
template <>
struct shape_of<api::iam::UntagRoleInput> {
  using S = api::iam::UntagRoleInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::tag_keys>("TagKeys").needed().at_most(50)};
  static constexpr Shape value{"UntagRoleRequest", members};
};
template <>
struct shape_of<api::iam::ListRoleTagsInput> {
  using S = api::iam::ListRoleTagsInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListRoleTagsRequest", members};
};
template <>
struct shape_of<api::iam::ListRoleTagsOutput> {
  using S = api::iam::ListRoleTagsOutput;
  static constexpr Member members[] = {field<&S::tags>("Tags").needed().at_most(50),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListRoleTagsResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::UpdateAssumeRolePolicyInput> {
  using S = api::iam::UpdateAssumeRolePolicyInput;
  static constexpr Member members[] = {
      field<&S::role_name>("RoleName").length(1, 64),
      field<&S::policy_document>("PolicyDocument").length(1, 131072)};
  static constexpr Shape value{"UpdateAssumeRolePolicyRequest", members};
};
template <>
struct shape_of<api::iam::PutRolePermissionsBoundaryInput> {
  using S = api::iam::PutRolePermissionsBoundaryInput;
  static constexpr Member members[] = {
      field<&S::role_name>("RoleName").length(1, 64),
      field<&S::permissions_boundary>("PermissionsBoundary").length(20, 2048)};
  static constexpr Shape value{"PutRolePermissionsBoundaryRequest", members};
};
template <>
struct shape_of<api::iam::DeleteRolePermissionsBoundaryInput> {
  using S = api::iam::DeleteRolePermissionsBoundaryInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64)};
  static constexpr Shape value{"DeleteRolePermissionsBoundaryRequest", members};
};
template <>
struct shape_of<api::iam::ListInstanceProfilesForRoleInput> {
  using S = api::iam::ListInstanceProfilesForRoleInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListInstanceProfilesForRoleRequest", members};
};
template <>
struct shape_of<api::iam::InstanceProfile> {
  using S = api::iam::InstanceProfile;
  static constexpr Member members[] = {
      field<&S::path>("Path").length(1, 512),
      field<&S::instance_profile_name>("InstanceProfileName").length(1, 128),
      field<&S::instance_profile_id>("InstanceProfileId").length(16, 128),
      field<&S::arn>("Arn").length(20, 2048),
      field<&S::create_date>("CreateDate"),
      field<&S::roles>("Roles").needed(),
      field<&S::tags>("Tags").at_most(50)};
  static constexpr Shape value{"InstanceProfile", members};
};
template <>
struct shape_of<api::iam::ListInstanceProfilesForRoleOutput> {
  using S = api::iam::ListInstanceProfilesForRoleOutput;
  static constexpr Member members[] = {field<&S::instance_profiles>("InstanceProfiles").needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListInstanceProfilesForRoleResponse", members, "",
                               api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::PutRolePolicyInput> {
  using S = api::iam::PutRolePolicyInput;
  static constexpr Member members[] = {
      field<&S::role_name>("RoleName").length(1, 64),
      field<&S::policy_name>("PolicyName").length(1, 128),
      field<&S::policy_document>("PolicyDocument").length(1, 131072)};
  static constexpr Shape value{"PutRolePolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetRolePolicyInput> {
  using S = api::iam::GetRolePolicyInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::policy_name>("PolicyName").length(1, 128)};
  static constexpr Shape value{"GetRolePolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetRolePolicyOutput> {
  using S = api::iam::GetRolePolicyOutput;
  static constexpr Member members[] = {
      field<&S::role_name>("RoleName").length(1, 64),
      field<&S::policy_name>("PolicyName").length(1, 128),
      field<&S::policy_document>("PolicyDocument").length(1, 131072)};
  static constexpr Shape value{"GetRolePolicyResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::DeleteRolePolicyInput> {
  using S = api::iam::DeleteRolePolicyInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::policy_name>("PolicyName").length(1, 128)};
  static constexpr Shape value{"DeleteRolePolicyRequest", members};
};
template <>
struct shape_of<api::iam::ListRolePoliciesInput> {
  using S = api::iam::ListRolePoliciesInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListRolePoliciesRequest", members};
};
template <>
struct shape_of<api::iam::ListRolePoliciesOutput> {
  using S = api::iam::ListRolePoliciesOutput;
  static constexpr Member members[] = {field<&S::policy_names>("PolicyNames").needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListRolePoliciesResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::AttachRolePolicyInput> {
  using S = api::iam::AttachRolePolicyInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"AttachRolePolicyRequest", members};
};
template <>
struct shape_of<api::iam::DetachRolePolicyInput> {
  using S = api::iam::DetachRolePolicyInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"DetachRolePolicyRequest", members};
};
template <>
struct shape_of<api::iam::ListAttachedRolePoliciesInput> {
  using S = api::iam::ListAttachedRolePoliciesInput;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::path_prefix>("PathPrefix").length(1, 512),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListAttachedRolePoliciesRequest", members};
};
template <>
struct shape_of<api::iam::ListAttachedRolePoliciesOutput> {
  using S = api::iam::ListAttachedRolePoliciesOutput;
  static constexpr Member members[] = {field<&S::attached_policies>("AttachedPolicies"),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListAttachedRolePoliciesResponse", members, "",
                               api::iam::kNamespace};
};

}  // namespace tidegate::wire
