// Wire shapes of IAM: groups. See user_shapes.h.
#pragma once

#include "api/iam/user_shapes.h"

namespace tidegate::api::iam {

struct CreateGroupInput {
  std::optional<std::string> path;
  std::string group_name;
};
struct CreateGroupOutput {
  Group group;
};
struct GetGroupInput {
  std::string group_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct GetGroupOutput {
  Group group;
  std::vector<User> users;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct UpdateGroupInput {
  std::string group_name;
  std::optional<std::string> new_path;
  std::optional<std::string> new_group_name;
};
struct DeleteGroupInput {
  std::string group_name;
};
struct ListGroupsInput {
  std::optional<std::string> path_prefix;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListGroupsOutput {
  std::vector<Group> groups;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct AddUserToGroupInput {
  std::string group_name;
  std::string user_name;
};
struct RemoveUserFromGroupInput {
  std::string group_name;
  std::string user_name;
};
struct PutGroupPolicyInput {
  std::string group_name;
  std::string policy_name;
  std::string policy_document;
};
struct GetGroupPolicyInput {
  std::string group_name;
  std::string policy_name;
};
struct GetGroupPolicyOutput {
  std::string group_name;
  std::string policy_name;
  std::string policy_document;
};
struct DeleteGroupPolicyInput {
  std::string group_name;
  std::string policy_name;
};
struct ListGroupPoliciesInput {
  std::string group_name;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListGroupPoliciesOutput {
  std::vector<std::string> policy_names;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct AttachGroupPolicyInput {
  std::string group_name;
  std::string policy_arn;
};
struct DetachGroupPolicyInput {
  std::string group_name;
  std::string policy_arn;
};
struct ListAttachedGroupPoliciesInput {
  std::string group_name;
  std::optional<std::string> path_prefix;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_items;
};
struct ListAttachedGroupPoliciesOutput {
  std::vector<AttachedPolicy> attached_policies;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};

}  // namespace tidegate::api::iam

namespace tidegate::wire {

template <>
struct shape_of<api::iam::CreateGroupInput> {
  using S = api::iam::CreateGroupInput;
  static constexpr Member members[] = {field<&S::path>("Path").length(1, 512),
                                       field<&S::group_name>("GroupName").length(1, 128)};
  static constexpr Shape value{"CreateGroupRequest", members};
};
template <>
struct shape_of<api::iam::CreateGroupOutput> {
  using S = api::iam::CreateGroupOutput;
  static constexpr Member members[] = {field<&S::group>("Group")};
  static constexpr Shape value{"CreateGroupResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::GetGroupInput> {
  using S = api::iam::GetGroupInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"GetGroupRequest", members};
};
template <>
struct shape_of<api::iam::GetGroupOutput> {
  using S = api::iam::GetGroupOutput;
  static constexpr Member members[] = {
      field<&S::group>("Group"), field<&S::users>("Users").needed().needed(),
      field<&S::is_truncated>("IsTruncated"), field<&S::marker>("Marker")};
  static constexpr Shape value{"GetGroupResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::UpdateGroupInput> {
  using S = api::iam::UpdateGroupInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::new_path>("NewPath").length(1, 512),
                                       field<&S::new_group_name>("NewGroupName").length(1, 128)};
  static constexpr Shape value{"UpdateGroupRequest", members};
};
template <>
struct shape_of<api::iam::DeleteGroupInput> {
  using S = api::iam::DeleteGroupInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128)};
  static constexpr Shape value{"DeleteGroupRequest", members};
};
template <>
struct shape_of<api::iam::ListGroupsInput> {
  using S = api::iam::ListGroupsInput;
  static constexpr Member members[] = {field<&S::path_prefix>("PathPrefix").length(1, 512),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListGroupsRequest", members};
};
template <>
struct shape_of<api::iam::ListGroupsOutput> {
  using S = api::iam::ListGroupsOutput;
  static constexpr Member members[] = {field<&S::groups>("Groups").needed().needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListGroupsResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::AddUserToGroupInput> {
  using S = api::iam::AddUserToGroupInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::user_name>("UserName").length(1, 128)};
  static constexpr Shape value{"AddUserToGroupRequest", members};
};
template <>
struct shape_of<api::iam::RemoveUserFromGroupInput> {
  using S = api::iam::RemoveUserFromGroupInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::user_name>("UserName").length(1, 128)};
  static constexpr Shape value{"RemoveUserFromGroupRequest", members};
};
template <>
struct shape_of<api::iam::PutGroupPolicyInput> {
  using S = api::iam::PutGroupPolicyInput;
  static constexpr Member members[] = {
      field<&S::group_name>("GroupName").length(1, 128),
      field<&S::policy_name>("PolicyName").length(1, 128),
      field<&S::policy_document>("PolicyDocument").length(1, 131072)};
  static constexpr Shape value{"PutGroupPolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetGroupPolicyInput> {
  using S = api::iam::GetGroupPolicyInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::policy_name>("PolicyName").length(1, 128)};
  static constexpr Shape value{"GetGroupPolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetGroupPolicyOutput> {
  using S = api::iam::GetGroupPolicyOutput;
  static constexpr Member members[] = {
      field<&S::group_name>("GroupName").length(1, 128),
      field<&S::policy_name>("PolicyName").length(1, 128),
      field<&S::policy_document>("PolicyDocument").length(1, 131072)};
  static constexpr Shape value{"GetGroupPolicyResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::DeleteGroupPolicyInput> {
  using S = api::iam::DeleteGroupPolicyInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::policy_name>("PolicyName").length(1, 128)};
  static constexpr Shape value{"DeleteGroupPolicyRequest", members};
};
template <>
struct shape_of<api::iam::ListGroupPoliciesInput> {
  using S = api::iam::ListGroupPoliciesInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListGroupPoliciesRequest", members};
};
template <>
struct shape_of<api::iam::ListGroupPoliciesOutput> {
  using S = api::iam::ListGroupPoliciesOutput;
  static constexpr Member members[] = {field<&S::policy_names>("PolicyNames").needed().needed(),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListGroupPoliciesResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::AttachGroupPolicyInput> {
  using S = api::iam::AttachGroupPolicyInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"AttachGroupPolicyRequest", members};
};
template <>
struct shape_of<api::iam::DetachGroupPolicyInput> {
  using S = api::iam::DetachGroupPolicyInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::policy_arn>("PolicyArn").length(20, 2048)};
  static constexpr Shape value{"DetachGroupPolicyRequest", members};
};
template <>
struct shape_of<api::iam::ListAttachedGroupPoliciesInput> {
  using S = api::iam::ListAttachedGroupPoliciesInput;
  static constexpr Member members[] = {field<&S::group_name>("GroupName").length(1, 128),
                                       field<&S::path_prefix>("PathPrefix").length(1, 512),
                                       field<&S::marker>("Marker").length(1, 320),
                                       field<&S::max_items>("MaxItems").range(1, 1000)};
  static constexpr Shape value{"ListAttachedGroupPoliciesRequest", members};
};
template <>
struct shape_of<api::iam::ListAttachedGroupPoliciesOutput> {
  using S = api::iam::ListAttachedGroupPoliciesOutput;
  static constexpr Member members[] = {field<&S::attached_policies>("AttachedPolicies"),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"ListAttachedGroupPoliciesResponse", members, "",
                               api::iam::kNamespace};
};

}  // namespace tidegate::wire
