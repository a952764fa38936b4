// Users and their access keys.
#include <algorithm>

#include "api/iam/support.h"

namespace tidegate::api::iam {
namespace {

constexpr auto kCreateUser =
    row<CreateUserInput, CreateUserOutput>("CreateUser", "/?Action=CreateUser", "iam:CreateUser");
constexpr auto kGetUser =
    row<GetUserInput, GetUserOutput>("GetUser", "/?Action=GetUser", "iam:GetUser");
constexpr auto kUpdateUser =
    row<UpdateUserInput, Done>("UpdateUser", "/?Action=UpdateUser", "iam:UpdateUser");
constexpr auto kDeleteUser =
    row<DeleteUserInput, Done>("DeleteUser", "/?Action=DeleteUser", "iam:DeleteUser");
constexpr auto kListUsers =
    row<ListUsersInput, ListUsersOutput>("ListUsers", "/?Action=ListUsers", "iam:ListUsers");
constexpr auto kTagUser = row<TagUserInput, Done>("TagUser", "/?Action=TagUser", "iam:TagUser");
constexpr auto kUntagUser =
    row<UntagUserInput, Done>("UntagUser", "/?Action=UntagUser", "iam:UntagUser");
constexpr auto kListUserTags = row<ListUserTagsInput, ListUserTagsOutput>(
    "ListUserTags", "/?Action=ListUserTags", "iam:ListUserTags");
constexpr auto kPutUserPermissionsBoundary = row<PutUserPermissionsBoundaryInput, Done>(
    "PutUserPermissionsBoundary", "/?Action=PutUserPermissionsBoundary",
    "iam:PutUserPermissionsBoundary");
constexpr auto kDeleteUserPermissionsBoundary = row<DeleteUserPermissionsBoundaryInput, Done>(
    "DeleteUserPermissionsBoundary", "/?Action=DeleteUserPermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary");
constexpr auto kCreateAccessKey = row<CreateAccessKeyInput, CreateAccessKeyOutput>(
    "CreateAccessKey", "/?Action=CreateAccessKey", "iam:CreateAccessKey");
constexpr auto kListAccessKeys = row<ListAccessKeysInput, ListAccessKeysOutput>(
    "ListAccessKeys", "/?Action=ListAccessKeys", "iam:ListAccessKeys");
constexpr auto kUpdateAccessKey = row<UpdateAccessKeyInput, Done>(
    "UpdateAccessKey", "/?Action=UpdateAccessKey", "iam:UpdateAccessKey");
constexpr auto kDeleteAccessKey = row<DeleteAccessKeyInput, Done>(
    "DeleteAccessKey", "/?Action=DeleteAccessKey", "iam:DeleteAccessKey");
constexpr auto kGetAccessKeyLastUsed = row<GetAccessKeyLastUsedInput, GetAccessKeyLastUsedOutput>(
    "GetAccessKeyLastUsed", "/?Action=GetAccessKeyLastUsed", "iam:GetAccessKeyLastUsed");
constexpr auto kPutUserPolicy =
    row<PutUserPolicyInput, Done>("PutUserPolicy", "/?Action=PutUserPolicy", "iam:PutUserPolicy");
constexpr auto kGetUserPolicy = row<GetUserPolicyInput, GetUserPolicyOutput>(
    "GetUserPolicy", "/?Action=GetUserPolicy", "iam:GetUserPolicy");
constexpr auto kDeleteUserPolicy = row<DeleteUserPolicyInput, Done>(
    "DeleteUserPolicy", "/?Action=DeleteUserPolicy", "iam:DeleteUserPolicy");
constexpr auto kListUserPolicies = row<ListUserPoliciesInput, ListUserPoliciesOutput>(
    "ListUserPolicies", "/?Action=ListUserPolicies", "iam:ListUserPolicies");
constexpr auto kAttachUserPolicy = row<AttachUserPolicyInput, Done>(
    "AttachUserPolicy", "/?Action=AttachUserPolicy", "iam:AttachUserPolicy");
constexpr auto kDetachUserPolicy = row<DetachUserPolicyInput, Done>(
    "DetachUserPolicy", "/?Action=DetachUserPolicy", "iam:DetachUserPolicy");
constexpr auto kListAttachedUserPolicies =
    row<ListAttachedUserPoliciesInput, ListAttachedUserPoliciesOutput>(
        "ListAttachedUserPolicies", "/?Action=ListAttachedUserPolicies",
        "iam:ListAttachedUserPolicies");
constexpr auto kListGroupsForUser = row<ListGroupsForUserInput, ListGroupsForUserOutput>(
    "ListGroupsForUser", "/?Action=ListGroupsForUser", "iam:ListGroupsForUser");

// Without a name a user means himself.
Result<std::string> user_meant(const Context& c, const std::optional<std::string>& name) {
  if (name) return *name;
  if (c.principal->kind() == identity::Principal::Kind::user)
    return std::string(domain::name_of_arn(c.principal->arn()));
  return Error{Fault::invalid_request,
               "Must specify userName when calling with non-User credentials"};
}

Result<CreateUserOutput> create(const Context&, Edit& e, const CreateUserInput& in) {
  TRY(auto tags, tags_of(in.tags));
  TRY(auto made,
      domain::create_user(e, {in.user_name, in.path, in.permissions_boundary, std::move(tags)}));
  return CreateUserOutput{shown_user(e.account_id(), made, true)};
}

Result<GetUserOutput> get(const Context& c, Edit& e, const GetUserInput& in) {
  using Kind = identity::Principal::Kind;
  const bool owner = c.principal->kind() == Kind::root || c.principal->kind() == Kind::developer;
  if (!in.user_name && owner) {
    // The account's root shows itself as a user without a name.
    GetUserOutput root;
    root.user.path = "/";
    root.user.user_id = e.account_id();
    root.user.arn = "arn:aws:iam::" + e.account_id() + ":root";
    return root;
  }
  TRY(const std::string name, user_meant(c, in.user_name));
  TRY(auto found, e.user(name));
  return GetUserOutput{shown_user(e.account_id(), found, true)};
}

Result<Done> update(const Context&, Edit& e, const UpdateUserInput& in) {
  return answered(domain::rename_user(e, in.user_name, in.new_user_name, in.new_path));
}

Result<Done> remove(const Context&, Edit& e, const DeleteUserInput& in) {
  return answered(domain::delete_user(e, in.user_name));
}

Result<ListUsersOutput> list(const Context&, Edit& e, const ListUsersInput& in) {
  std::vector<User> all;
  for (const auto& [name, user] : e.now.users)
    if (user.path.starts_with(in.path_prefix.value_or("/")))
      all.push_back(shown_user(e.account_id(), user, false));
  ListUsersOutput out;
  TRY(Unit paged, page(out, in, out.users, std::move(all),
                       [](const User& u) { return domain::lower_name(u.user_name); }));
  (void)paged;
  return out;
}

Result<Done> add_tags(const Context&, Edit& e, const TagUserInput& in) {
  TRY(auto tags, tags_of(in.tags));
  return answered(domain::tag(e, Holder::user, in.user_name, tags));
}

Result<Done> remove_tags(const Context&, Edit& e, const UntagUserInput& in) {
  return answered(domain::untag(e, Holder::user, in.user_name, in.tag_keys));
}

Result<ListUserTagsOutput> list_tags(const Context&, Edit& e, const ListUserTagsInput& in) {
  TRY(auto tags, domain::tags_of(e, Holder::user, in.user_name));
  ListUserTagsOutput out;
  TRY(Unit paged, page(out, in, out.tags, shown_tags(tags), [](const Tag& t) { return t.key; }));
  (void)paged;
  return out;
}

Result<Done> set_boundary(const Context&, Edit& e, const PutUserPermissionsBoundaryInput& in) {
  return answered(domain::set_boundary(e, Holder::user, in.user_name, in.permissions_boundary));
}

Result<Done> clear_boundary(const Context&, Edit& e, const DeleteUserPermissionsBoundaryInput& in) {
  return answered(domain::clear_boundary(e, Holder::user, in.user_name));
}

Result<CreateAccessKeyOutput> create_key(const Context& c, Edit& e,
                                         const CreateAccessKeyInput& in) {
  TRY(const std::string name, user_meant(c, in.user_name));
  TRY(auto key, domain::create_key(e, name));
  return CreateAccessKeyOutput{{name, key.id, "Active", key.secret, key.created}};
}

Result<ListAccessKeysOutput> list_keys(const Context& c, Edit& e, const ListAccessKeysInput& in) {
  TRY(const std::string name, user_meant(c, in.user_name));
  TRY(auto user, e.user(name));
  ListAccessKeysOutput out;
  for (const domain::KeyRecord& key : user.keys)
    out.access_key_metadata.push_back(
        {user.name, key.id, key.active ? "Active" : "Inactive", key.created});
  out.is_truncated = false;
  return out;
}

Result<Done> update_key(const Context& c, Edit& e, const UpdateAccessKeyInput& in) {
  TRY(const std::string name, user_meant(c, in.user_name));
  return answered(domain::set_key(e, name, in.access_key_id, in.status == "Active"));
}

Result<Done> delete_key(const Context& c, Edit& e, const DeleteAccessKeyInput& in) {
  TRY(const std::string name, user_meant(c, in.user_name));
  return answered(domain::delete_key(e, name, in.access_key_id));
}

Result<GetAccessKeyLastUsedOutput> last_used(const domain::Directory& d, Edit& e,
                                             const std::string& key_id) {
  const domain::UserRecord* owner = d.user_of_key(e.account_id(), key_id);
  if (!owner)
    return domain::no_entity(fmt::format("The Access Key with id {} cannot be found.", key_id));
  const domain::LastUse* use = d.last_use(key_id);
  GetAccessKeyLastUsedOutput out;
  out.user_name = owner->name;
  out.access_key_last_used.emplace();
  out.access_key_last_used->service_name = use ? use->service : "N/A";
  out.access_key_last_used->region = use ? use->region : "N/A";
  if (use) out.access_key_last_used->last_used_date = use->time;
  return out;
}

Result<Done> put_policy(const Context&, Edit& e, const PutUserPolicyInput& in) {
  return answered(
      domain::put_inline(e, Holder::user, in.user_name, in.policy_name, in.policy_document));
}

Result<GetUserPolicyOutput> get_policy(const Context&, Edit& e, const GetUserPolicyInput& in) {
  TRY(auto text, domain::inline_document(e, Holder::user, in.user_name, in.policy_name));
  return GetUserPolicyOutput{in.user_name, in.policy_name, shown_document(text)};
}

Result<Done> delete_policy(const Context&, Edit& e, const DeleteUserPolicyInput& in) {
  return answered(domain::delete_inline(e, Holder::user, in.user_name, in.policy_name));
}

Result<ListUserPoliciesOutput> list_policies(const Context&, Edit& e,
                                             const ListUserPoliciesInput& in) {
  return inline_names<ListUserPoliciesOutput>(e, Holder::user, in.user_name, in);
}

Result<Done> attach(const Context&, Edit& e, const AttachUserPolicyInput& in) {
  return answered(domain::attach(e, Holder::user, in.user_name, in.policy_arn));
}

Result<Done> detach(const Context&, Edit& e, const DetachUserPolicyInput& in) {
  return answered(domain::detach(e, Holder::user, in.user_name, in.policy_arn));
}

Result<ListAttachedUserPoliciesOutput> list_attached(const Context&, Edit& e,
                                                     const ListAttachedUserPoliciesInput& in) {
  return attached_policies<ListAttachedUserPoliciesOutput>(e, Holder::user, in.user_name, in);
}

Result<ListGroupsForUserOutput> list_groups(const Context&, Edit& e,
                                            const ListGroupsForUserInput& in) {
  TRY(auto user, e.user(in.user_name));
  std::vector<Group> all;
  for (const auto& [name, group] : e.now.groups)
    if (std::count(user.groups.begin(), user.groups.end(), group.id) != 0)
      all.push_back(shown_group(e.account_id(), group));
  ListGroupsForUserOutput out;
  TRY(Unit paged, page(out, in, out.groups, std::move(all),
                       [](const Group& g) { return domain::lower_name(g.group_name); }));
  (void)paged;
  return out;
}

}  // namespace

void mount_users(wire::Table& table, domain::Directory* d) {
  on(table, kCreateUser, d, create);
  on(table, kGetUser, d, get);
  on(table, kUpdateUser, d, update);
  on(table, kDeleteUser, d, remove);
  on(table, kListUsers, d, list);
  on(table, kTagUser, d, add_tags);
  on(table, kUntagUser, d, remove_tags);
  on(table, kListUserTags, d, list_tags);
  on(table, kPutUserPermissionsBoundary, d, set_boundary);
  on(table, kDeleteUserPermissionsBoundary, d, clear_boundary);
  on(table, kCreateAccessKey, d, create_key);
  on(table, kListAccessKeys, d, list_keys);
  on(table, kUpdateAccessKey, d, update_key);
  on(table, kDeleteAccessKey, d, delete_key);
  on(table, kGetAccessKeyLastUsed, d,
     [d](const Context&, Edit& e, const GetAccessKeyLastUsedInput& in) {
       return last_used(*d, e, in.access_key_id);
     });
  on(table, kPutUserPolicy, d, put_policy);
  on(table, kGetUserPolicy, d, get_policy);
  on(table, kDeleteUserPolicy, d, delete_policy);
  on(table, kListUserPolicies, d, list_policies);
  on(table, kAttachUserPolicy, d, attach);
  on(table, kDetachUserPolicy, d, detach);
  on(table, kListAttachedUserPolicies, d, list_attached);
  on(table, kListGroupsForUser, d, list_groups);
}

}  // namespace tidegate::api::iam
