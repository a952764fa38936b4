// Wire shapes of IAM: managed policies. Names and limits are those of its service model.
#pragma once

#include "api/iam/role_shapes.h"

namespace tidegate::api::iam {

inline constexpr std::string_view kPolicyScopeTypes[] = {"All", "AWS", "Local"};
inline constexpr std::string_view kPolicyUsageTypes[] = {"PermissionsPolicy",
                                                         "PermissionsBoundary"};
inline constexpr std::string_view kEntityTypes[] = {"User", "Role", "Group", "LocalManagedPolicy",
                                                    "AWSManagedPolicy"};

struct CreatePolicyInput {
  std::string policy_name;
  std::optional<std::string> path;
  std::string policy_document;
  std::optional<std::string> description;
  std::vector<Tag> tags;
};
struct Policy {
  std::optional<std::string> policy_name;
  std::optional<std::string> policy_id;
  std::optional<std::string> arn;
  std::optional<std::string> path;
  std::optional<std::string> default_version_id;
  std::optional<std::int32_t> attachment_count;
  std::optional<std::int32_t> permissions_boundary_usage_count;
  std::optional<bool> is_attachable;
  std::optional<std::string> description;
  std::optional<Instant> create_date;
  std::optional<Instant> update_date;
  std::vector<Tag> tags;
};
struct CreatePolicyOutput {
  std::optional<Policy> policy;
};
struct GetPolicyInput {
  std::string policy_arn;
};
struct GetPolicyOutput {
  std::optional<Policy> policy;
};
struct ListPoliciesInput {
  std::optional<std::string> scope;
  std::optional<bool> only_attached;
  std::optional<std::string> path_prefix;
  std::optional<std::string> policy_usage_filter;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListPoliciesOutput {
  std::vector<Policy> policies;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct DeletePolicyInput {
  std::string policy_arn;
};
struct CreatePolicyVersionInput {
  std::string policy_arn;
  std::string policy_document;
  std::optional<bool> set_as_default;
};
struct PolicyVersion {
  std::optional<std::string> document;
  std::optional<std::string> version_id;
  std::optional<bool> is_default_version;
  std::optional<Instant> create_date;
};
struct CreatePolicyVersionOutput {
  std::optional<PolicyVersion> policy_version;
};
struct GetPolicyVersionInput {
  std::string policy_arn;
  std::string version_id;
};
struct GetPolicyVersionOutput {
  std::optional<PolicyVersion> policy_version;
};
struct ListPolicyVersionsInput {
  std::string policy_arn;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListPolicyVersionsOutput {
  std::vector<PolicyVersion> versions;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct DeletePolicyVersionInput {
  std::string policy_arn;
  std::string version_id;
};
struct SetDefaultPolicyVersionInput {
  std::string policy_arn;
  std::string version_id;
};
struct TagPolicyInput {
  std::string policy_arn;
  std::vector<Tag> tags;
};
struct UntagPolicyInput {
  std::string policy_arn;
  std::vector<std::string> tag_keys;
};
struct ListPolicyTagsInput {
  std::string policy_arn;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListPolicyTagsOutput {
  std::vector<Tag> tags;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct ListEntitiesForPolicyInput {
  std::string policy_arn;
  std::optional<std::string> entity_filter;
  std::optional<std::string> path_prefix;
  std::optional<std::string> policy_usage_filter;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct PolicyGroup {
  std::optional<std::string> group_name;
  std::optional<std::string> group_id;
};
struct PolicyUser {
  std::optional<std::string> user_name;
  std::optional<std::string> user_id;
};
struct PolicyRole {
  std::optional<std::string> role_name;
  std::optional<std::string> role_id;
};
struct ListEntitiesForPolicyOutput {
  std::vector<PolicyGroup> policy_groups;
  std::vector<PolicyUser> policy_users;
  std::vector<PolicyRole> policy_roles;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};

}  // namespace tidegate::api::iam

namespace tidegate::wire {

template <>
struct shape_of<api::iam::CreatePolicyInput> {
  using S = api::iam::CreatePolicyInput;
  static constexpr Member members[] = {
      field<&S::policy_name>("PolicyName").length(1, 128), field<&S::path>("Path").length(1, 512),
      field<&S::policy_document>("PolicyDocument").length(1, 131072),
      field<&S::description>("Description").at_most(1000), field<&S::tags>("Tags").at_most(50)};
  static constexpr Shape value{"CreatePolicyRequest", members};
};
template <>
struct shape_of<api::iam::Policy> {
  using S = api::iam::Policy;
  static constexpr Member members[] = {
      field<&S::policy_name>("PolicyName").length(1, 128),
      field<&S::policy_id>("PolicyId").length(16, 128),
      field<&S::arn>("Arn").length(20, 2048),
      field<&S::path>("Path").length(1, 512),
      field<&S::default_version_id>("DefaultVersionId"),
      field<&S::attachment_count>("AttachmentCount"),
      field<&S::permissions_boundary_usage_count>("PermissionsBoundaryUsageCount"),
      field<&S::is_attachable>("IsAttachable"),
      field<&S::description>("Description").at_most(1000),
      field<&S::create_date>("CreateDate"),
      field<&S::update_date>("UpdateDate"),
      field<&S::tags>("Tags").at_most(50)};
  static constexpr Shape value{"Policy", members};
};
template <>
struct shape_of<api::iam::CreatePolicyOutput> {
  using S = api::iam::CreatePolicyOutput;
  static constexpr Member members[] = {field<&S::policy>("Policy")};
  static constexpr Shape value{"CreatePolicyResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::GetPolicyInput> {
  using S = api::iam::GetPolicyInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"GetPolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetPolicyOutput> {
  using S = api::iam::GetPolicyOutput;
  static constexpr Member members[] = {field<&S::policy>("Policy")};
  static constexpr Shape value{"GetPolicyResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::ListPoliciesInput> {
  using S = api::iam::ListPoliciesInput;
  static constexpr Member members[] = {
      field<&S::scope>("Scope").values(api::iam::kPolicyScopeTypes),
      field<&S::only_attached>("OnlyAttached"),
      field<&S::path_prefix>("PathPrefix").length(1, 512),
      field<&S::policy_usage_filter>("PolicyUsageFilter").values(api::iam::kPolicyUsageTypes),
      field<&S::marker>("Marker").length(1, 320),
      field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListPoliciesRequest", members};
};
template <>
struct shape_of<api::iam::ListPoliciesOutput> {
  using S = api::iam::ListPoliciesOutput;
  static constexpr Member members[] = {field<&S::policies>("Policies"),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListPoliciesResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::DeletePolicyInput> {
  using S = api::iam::DeletePolicyInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"DeletePolicyRequest", members};
};
template <>
struct shape_of<api::iam::CreatePolicyVersionInput> {
  using S = api::iam::CreatePolicyVersionInput;
  static constexpr Member members[] = {
      field<&S::policy_arn>("PolicyArn").length(20, 2048),
      field<&S::policy_document>("PolicyDocument").length(1, 131072),
      field<&S::set_as_default>("SetAsDefault")};
  static constexpr Shape value{"CreatePolicyVersionRequest", members};
};
template <>
struct shape_of<api::iam::PolicyVersion> {
  using S = api::iam::PolicyVersion;
  static constexpr Member members[] = {
      field<&S::document>("Document").length(1, 131072), field<&S::version_id>("VersionId"),
      field<&S::is_default_version>("IsDefaultVersion"), field<&S::create_date>("CreateDate")};
  static constexpr Shape value{"PolicyVersion", members};
};
template <>
struct shape_of<api::iam::CreatePolicyVersionOutput> {
  using S = api::iam::CreatePolicyVersionOutput;
  static constexpr Member members[] = {field<&S::policy_version>("PolicyVersion")};
  static constexpr Shape value{"CreatePolicyVersionResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::GetPolicyVersionInput> {
  using S = api::iam::GetPolicyVersionInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048),
                                       field<&S::version_id>("VersionId")};
  static constexpr Shape value{"GetPolicyVersionRequest", members};
};
template <>
struct shape_of<api::iam::GetPolicyVersionOutput> {
  using S = api::iam::GetPolicyVersionOutput;
  static constexpr Member members[] = {field<&S::policy_version>("PolicyVersion")};
  static constexpr Shape value{"GetPolicyVersionResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::ListPolicyVersionsInput> {
  using S = api::iam::ListPolicyVersionsInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListPolicyVersionsRequest", members};
};
template <>
struct shape_of<api::iam::ListPolicyVersionsOutput> {
  using S = api::iam::ListPolicyVersionsOutput;
  static constexpr Member members[] = {field<&S::versions>("Versions"),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListPolicyVersionsResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::DeletePolicyVersionInput> {
  using S = api::iam::DeletePolicyVersionInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048),
                                       field<&S::version_id>("VersionId")};
  static constexpr Shape value{"DeletePolicyVersionRequest", members};
};
template <>
struct shape_of<api::iam::SetDefaultPolicyVersionInput> {
  using S = api::iam::SetDefaultPolicyVersionInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048),
                                       field<&S::version_id>("VersionId")};
  static constexpr Shape value{"SetDefaultPolicyVersionRequest", members};
};
template <>
struct shape_of<api::iam::TagPolicyInput> {
  using S = api::iam::TagPolicyInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048),
                                       field<&S::tags>("Tags").needed().at_most(50)};
  static constexpr Shape value{"TagPolicyRequest", members};
};
template <>
struct shape_of<api::iam::UntagPolicyInput> {
  using S = api::iam::UntagPolicyInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048),
                                       field<&S::tag_keys>("TagKeys").needed().at_most(50)};
  static constexpr Shape value{"UntagPolicyRequest", members};
};
template <>
struct shape_of<api::iam::ListPolicyTagsInput> {
  using S = api::iam::ListPolicyTagsInput;
  static constexpr Member members[] = {field<&S::policy_arn>("PolicyArn").length(20, 2048),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListPolicyTagsRequest", members};
};
template <>
struct shape_of<api::iam::ListPolicyTagsOutput> {
  using S = api::iam::ListPolicyTagsOutput;
  static constexpr Member members[] = {field<&S::tags>("Tags").needed().at_most(50),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListPolicyTagsResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::ListEntitiesForPolicyInput> {
  using S = api::iam::ListEntitiesForPolicyInput;
  static constexpr Member members[] = {
      field<&S::policy_arn>("PolicyArn").length(20, 2048),
      field<&S::entity_filter>("EntityFilter").values(api::iam::kEntityTypes),
      field<&S::path_prefix>("PathPrefix").length(1, 512),
      field<&S::policy_usage_filter>("PolicyUsageFilter").values(api::iam::kPolicyUsageTypes),
      field<&S::marker>("Marker").length(1, 320),
      field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListEntitiesForPolicyRequest", members};
};
template <>
struct shape_of<api::iam::PolicyGroup> {
  using S = api::iam::PolicyGroup;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::group_id>("GroupId").length(16, 128)};
  static constexpr Shape value{"PolicyGroup", members};
};
template <>
struct shape_of<api::iam::PolicyUser> {
  using S = api::iam::PolicyUser;
  static constexpr Member members[] = {field<&S::user_name>("UserName").length(1, 64),
                                       field<&S::user_id>("UserId").length(16, 128)};
  static constexpr Shape value{"PolicyUser", members};
};
template <>
struct shape_of<api::iam::PolicyRole> {
  using S = api::iam::PolicyRole;
  static constexpr Member members[] = {field<&S::role_name>("RoleName").length(1, 64),
                                       field<&S::role_id>("RoleId").length(16, 128)};
  static constexpr Shape value{"PolicyRole", members};
};
template <>
struct shape_of<api::iam::ListEntitiesForPolicyOutput> {
  using S = api::iam::ListEntitiesForPolicyOutput;
  static constexpr Member members[] = {
      field<&S::policy_groups>("PolicyGroups"), field<&S::policy_users>("PolicyUsers"),
      field<&S::policy_roles>("PolicyRoles"), field<&S::is_truncated>("IsTruncated"),
      field<&S::marker>("Marker")};
  static constexpr Shape value{"ListEntitiesForPolicyResponse", members, "", api::iam::kNamespace};
};

}  // namespace tidegate::wire
