// Groups of users and their policies.
#include "api/iam/group_shapes.h"
#include "api/iam/support.h"

namespace tidegate::api::iam {
namespace {

constexpr auto kCreateGroup = row<CreateGroupInput, CreateGroupOutput>(
    "CreateGroup", "/?Action=CreateGroup", "iam:CreateGroup");
constexpr auto kGetGroup =
    row<GetGroupInput, GetGroupOutput>("GetGroup", "/?Action=GetGroup", "iam:GetGroup");
constexpr auto kUpdateGroup =
    row<UpdateGroupInput, Done>("UpdateGroup", "/?Action=UpdateGroup", "iam:UpdateGroup");
constexpr auto kDeleteGroup =
    row<DeleteGroupInput, Done>("DeleteGroup", "/?Action=DeleteGroup", "iam:DeleteGroup");
constexpr auto kListGroups =
    row<ListGroupsInput, ListGroupsOutput>("ListGroups", "/?Action=ListGroups", "iam:ListGroups");
constexpr auto kAddUserToGroup = row<AddUserToGroupInput, Done>(
    "AddUserToGroup", "/?Action=AddUserToGroup", "iam:AddUserToGroup");
constexpr auto kRemoveUserFromGroup = row<RemoveUserFromGroupInput, Done>(
    "RemoveUserFromGroup", "/?Action=RemoveUserFromGroup", "iam:RemoveUserFromGroup");
constexpr auto kPutGroupPolicy = row<PutGroupPolicyInput, Done>(
    "PutGroupPolicy", "/?Action=PutGroupPolicy", "iam:PutGroupPolicy");
constexpr auto kGetGroupPolicy = row<GetGroupPolicyInput, GetGroupPolicyOutput>(
    "GetGroupPolicy", "/?Action=GetGroupPolicy", "iam:GetGroupPolicy");
constexpr auto kDeleteGroupPolicy = row<DeleteGroupPolicyInput, Done>(
    "DeleteGroupPolicy", "/?Action=DeleteGroupPolicy", "iam:DeleteGroupPolicy");
constexpr auto kListGroupPolicies = row<ListGroupPoliciesInput, ListGroupPoliciesOutput>(
    "ListGroupPolicies", "/?Action=ListGroupPolicies", "iam:ListGroupPolicies");
constexpr auto kAttachGroupPolicy = row<AttachGroupPolicyInput, Done>(
    "AttachGroupPolicy", "/?Action=AttachGroupPolicy", "iam:AttachGroupPolicy");
constexpr auto kDetachGroupPolicy = row<DetachGroupPolicyInput, Done>(
    "DetachGroupPolicy", "/?Action=DetachGroupPolicy", "iam:DetachGroupPolicy");
constexpr auto kListAttachedGroupPolicies =
    row<ListAttachedGroupPoliciesInput, ListAttachedGroupPoliciesOutput>(
        "ListAttachedGroupPolicies", "/?Action=ListAttachedGroupPolicies",
        "iam:ListAttachedGroupPolicies");

Result<CreateGroupOutput> create(const Context&, Edit& e, const CreateGroupInput& in) {
  TRY(auto made, domain::create_group(e, {in.group_name, in.path, std::nullopt, {}}));
  return CreateGroupOutput{shown_group(e.account_id(), made)};
}

Result<GetGroupOutput> get(const Context&, Edit& e, const GetGroupInput& in) {
  TRY(auto group, e.group(in.group_name));
  std::vector<User> all;
  for (const domain::UserRecord* user : domain::members_of(e.now, group))
    all.push_back(shown_user(e.account_id(), *user, false));
  GetGroupOutput out;
  out.group = shown_group(e.account_id(), group);
  TRY(Unit paged, page(out, in, out.users, std::move(all),
                       [](const User& u) { return domain::lower_name(u.user_name); }));
  (void)paged;
  return out;
}

Result<Done> update(const Context&, Edit& e, const UpdateGroupInput& in) {
  return answered(domain::rename_group(e, in.group_name, in.new_group_name, in.new_path));
}

Result<Done> remove(const Context&, Edit& e, const DeleteGroupInput& in) {
  return answered(domain::delete_group(e, in.group_name));
}

Result<ListGroupsOutput> list(const Context&, Edit& e, const ListGroupsInput& in) {
  std::vector<Group> all;
  for (const auto& [name, group] : e.now.groups)
    if (group.path.starts_with(in.path_prefix.value_or("/")))
      all.push_back(shown_group(e.account_id(), group));
  ListGroupsOutput out;
  TRY(Unit paged, page(out, in, out.groups, std::move(all),
                       [](const Group& g) { return domain::lower_name(g.group_name); }));
  (void)paged;
  return out;
}

Result<Done> join(const Context&, Edit& e, const AddUserToGroupInput& in) {
  return answered(domain::join_group(e, in.group_name, in.user_name));
}

Result<Done> leave(const Context&, Edit& e, const RemoveUserFromGroupInput& in) {
  return answered(domain::leave_group(e, in.group_name, in.user_name));
}

Result<Done> put_policy(const Context&, Edit& e, const PutGroupPolicyInput& in) {
  return answered(
      domain::put_inline(e, Holder::group, in.group_name, in.policy_name, in.policy_document));
}

Result<GetGroupPolicyOutput> get_policy(const Context&, Edit& e, const GetGroupPolicyInput& in) {
  TRY(auto text, domain::inline_document(e, Holder::group, in.group_name, in.policy_name));
  return GetGroupPolicyOutput{in.group_name, in.policy_name, shown_document(text)};
}

Result<Done> delete_policy(const Context&, Edit& e, const DeleteGroupPolicyInput& in) {
  return answered(domain::delete_inline(e, Holder::group, in.group_name, in.policy_name));
}

Result<ListGroupPoliciesOutput> list_policies(const Context&, Edit& e,
                                              const ListGroupPoliciesInput& in) {
  return inline_names<ListGroupPoliciesOutput>(e, Holder::group, in.group_name, in);
}

Result<Done> attach(const Context&, Edit& e, const AttachGroupPolicyInput& in) {
  return answered(domain::attach(e, Holder::group, in.group_name, in.policy_arn));
}

Result<Done> detach(const Context&, Edit& e, const DetachGroupPolicyInput& in) {
  return answered(domain::detach(e, Holder::group, in.group_name, in.policy_arn));
}

Result<ListAttachedGroupPoliciesOutput> list_attached(const Context&, Edit& e,
                                                      const ListAttachedGroupPoliciesInput& in) {
  return attached_policies<ListAttachedGroupPoliciesOutput>(e, Holder::group, in.group_name, in);
}

}  // namespace

void mount_groups(wire::Table& table, domain::Directory* d) {
  on(table, kCreateGroup, d, create);
  on(table, kGetGroup, d, get);
  on(table, kUpdateGroup, d, update);
  on(table, kDeleteGroup, d, remove);
  on(table, kListGroups, d, list);
  on(table, kAddUserToGroup, d, join);
  on(table, kRemoveUserFromGroup, d, leave);
  on(table, kPutGroupPolicy, d, put_policy);
  on(table, kGetGroupPolicy, d, get_policy);
  on(table, kDeleteGroupPolicy, d, delete_policy);
  on(table, kListGroupPolicies, d, list_policies);
  on(table, kAttachGroupPolicy, d, attach);
  on(table, kDetachGroupPolicy, d, detach);
  on(table, kListAttachedGroupPolicies, d, list_attached);
}

}  // namespace tidegate::api::iam
