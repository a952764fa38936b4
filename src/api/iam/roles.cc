// Roles.
#include "api/iam/role_shapes.h"
#include "api/iam/support.h"
#include "iam/trust.h"

namespace tidegate::api::iam {
namespace {

constexpr auto kCreateRole =
    row<CreateRoleInput, CreateRoleOutput>("CreateRole", "/?Action=CreateRole", "iam:CreateRole");
constexpr auto kGetRole =
    row<GetRoleInput, GetRoleOutput>("GetRole", "/?Action=GetRole", "iam:GetRole");
constexpr auto kUpdateRole =
    row<UpdateRoleInput, UpdateRoleOutput>("UpdateRole", "/?Action=UpdateRole", "iam:UpdateRole");
constexpr auto kUpdateRoleDescription =
    row<UpdateRoleDescriptionInput, UpdateRoleDescriptionOutput>(
        "UpdateRoleDescription", "/?Action=UpdateRoleDescription", "iam:UpdateRoleDescription");
constexpr auto kDeleteRole =
    row<DeleteRoleInput, Done>("DeleteRole", "/?Action=DeleteRole", "iam:DeleteRole");
constexpr auto kListRoles =
    row<ListRolesInput, ListRolesOutput>("ListRoles", "/?Action=ListRoles", "iam:ListRoles");
constexpr auto kTagRole = row<TagRoleInput, Done>("TagRole", "/?Action=TagRole", "iam:TagRole");
constexpr auto kUntagRole =
    row<UntagRoleInput, Done>("UntagRole", "/?Action=UntagRole", "iam:UntagRole");
constexpr auto kListRoleTags = row<ListRoleTagsInput, ListRoleTagsOutput>(
    "ListRoleTags", "/?Action=ListRoleTags", "iam:ListRoleTags");
constexpr auto kUpdateAssumeRolePolicy = row<UpdateAssumeRolePolicyInput, Done>(
    "UpdateAssumeRolePolicy", "/?Action=UpdateAssumeRolePolicy", "iam:UpdateAssumeRolePolicy");
constexpr auto kPutRolePermissionsBoundary = row<PutRolePermissionsBoundaryInput, Done>(
    "PutRolePermissionsBoundary", "/?Action=PutRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary");
constexpr auto kDeleteRolePermissionsBoundary = row<DeleteRolePermissionsBoundaryInput, Done>(
    "DeleteRolePermissionsBoundary", "/?Action=DeleteRolePermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary");
constexpr auto kListInstanceProfilesForRole =
    row<ListInstanceProfilesForRoleInput, ListInstanceProfilesForRoleOutput>(
        "ListInstanceProfilesForRole", "/?Action=ListInstanceProfilesForRole",
        "iam:ListInstanceProfilesForRole");
constexpr auto kPutRolePolicy =
    row<PutRolePolicyInput, Done>("PutRolePolicy", "/?Action=PutRolePolicy", "iam:PutRolePolicy");
constexpr auto kGetRolePolicy = row<GetRolePolicyInput, GetRolePolicyOutput>(
    "GetRolePolicy", "/?Action=GetRolePolicy", "iam:GetRolePolicy");
constexpr auto kDeleteRolePolicy = row<DeleteRolePolicyInput, Done>(
    "DeleteRolePolicy", "/?Action=DeleteRolePolicy", "iam:DeleteRolePolicy");
constexpr auto kListRolePolicies = row<ListRolePoliciesInput, ListRolePoliciesOutput>(
    "ListRolePolicies", "/?Action=ListRolePolicies", "iam:ListRolePolicies");
constexpr auto kAttachRolePolicy = row<AttachRolePolicyInput, Done>(
    "AttachRolePolicy", "/?Action=AttachRolePolicy", "iam:AttachRolePolicy");
constexpr auto kDetachRolePolicy = row<DetachRolePolicyInput, Done>(
    "DetachRolePolicy", "/?Action=DetachRolePolicy", "iam:DetachRolePolicy");
constexpr auto kListAttachedRolePolicies =
    row<ListAttachedRolePoliciesInput, ListAttachedRolePoliciesOutput>(
        "ListAttachedRolePolicies", "/?Action=ListAttachedRolePolicies",
        "iam:ListAttachedRolePolicies");

Role shown(const Edit& e, const domain::RoleRecord& r, bool whole) {
  Role out;
  out.path = r.path;
  out.role_name = r.name;
  out.role_id = r.id;
  out.arn = domain::arn_of(e.account_id(), "role", r.path, r.name);
  out.create_date = r.created;
  out.assume_role_policy_document = shown_document(domain::shown_trust(e, r));
  out.description = r.description;
  out.max_session_duration = static_cast<std::int32_t>(r.max_session_s);
  if (!whole) return out;
  out.permissions_boundary = shown_boundary(r.permissions.boundary);
  out.tags = some_tags(r.tags);
  return out;
}

Result<CreateRoleOutput> create(const Context&, Edit& e, const CreateRoleInput& in) {
  TRY(auto tags, tags_of(in.tags));
  TRY(auto made, domain::create_role(
                     e, {in.role_name, in.path, in.permissions_boundary, std::move(tags)},
                     in.assume_role_policy_document, {in.description, in.max_session_duration}));
  return CreateRoleOutput{shown(e, made, true)};
}

Result<GetRoleOutput> get(const Context&, Edit& e, const GetRoleInput& in) {
  TRY(auto found, e.role(in.role_name));
  return GetRoleOutput{shown(e, found, true)};
}

Result<UpdateRoleOutput> update(const Context&, Edit& e, const UpdateRoleInput& in) {
  TRY(auto changed,
      domain::update_role(e, in.role_name, {in.description, in.max_session_duration}));
  (void)changed;
  return UpdateRoleOutput{};
}

Result<UpdateRoleDescriptionOutput> describe(const Context&, Edit& e,
                                             const UpdateRoleDescriptionInput& in) {
  TRY(auto changed, domain::update_role(e, in.role_name, {in.description, std::nullopt}));
  return UpdateRoleDescriptionOutput{shown(e, changed, true)};
}

Result<Done> remove(const Context&, Edit& e, const DeleteRoleInput& in) {
  return answered(domain::delete_role(e, in.role_name));
}

Result<ListRolesOutput> list(const Context&, Edit& e, const ListRolesInput& in) {
  std::vector<Role> all;
  for (const auto& [name, role] : e.now.roles)
    if (role.path.starts_with(in.path_prefix.value_or("/"))) all.push_back(shown(e, role, false));
  ListRolesOutput out;
  TRY(Unit paged, page(out, in, out.roles, std::move(all),
                       [](const Role& r) { return domain::lower_name(r.role_name); }));
  (void)paged;
  return out;
}

Result<Done> set_trust(const Context&, Edit& e, const UpdateAssumeRolePolicyInput& in) {
  return answered(domain::set_trust(e, in.role_name, in.policy_document));
}

Result<Done> add_tags(const Context&, Edit& e, const TagRoleInput& in) {
  TRY(auto tags, tags_of(in.tags));
  return answered(domain::tag(e, Holder::role, in.role_name, tags));
}

Result<Done> remove_tags(const Context&, Edit& e, const UntagRoleInput& in) {
  return answered(domain::untag(e, Holder::role, in.role_name, in.tag_keys));
}

Result<ListRoleTagsOutput> list_tags(const Context&, Edit& e, const ListRoleTagsInput& in) {
  TRY(auto tags, domain::tags_of(e, Holder::role, in.role_name));
  ListRoleTagsOutput out;
  TRY(Unit paged, page(out, in, out.tags, shown_tags(tags), [](const Tag& t) { return t.key; }));
  (void)paged;
  return out;
}

Result<Done> set_boundary(const Context&, Edit& e, const PutRolePermissionsBoundaryInput& in) {
  return answered(domain::set_boundary(e, Holder::role, in.role_name, in.permissions_boundary));
}

Result<Done> clear_boundary(const Context&, Edit& e, const DeleteRolePermissionsBoundaryInput& in) {
  return answered(domain::clear_boundary(e, Holder::role, in.role_name));
}

Result<Done> put_policy(const Context&, Edit& e, const PutRolePolicyInput& in) {
  return answered(
      domain::put_inline(e, Holder::role, in.role_name, in.policy_name, in.policy_document));
}

Result<GetRolePolicyOutput> get_policy(const Context&, Edit& e, const GetRolePolicyInput& in) {
  TRY(auto text, domain::inline_document(e, Holder::role, in.role_name, in.policy_name));
  return GetRolePolicyOutput{in.role_name, in.policy_name, shown_document(text)};
}

Result<Done> delete_policy(const Context&, Edit& e, const DeleteRolePolicyInput& in) {
  return answered(domain::delete_inline(e, Holder::role, in.role_name, in.policy_name));
}

Result<ListRolePoliciesOutput> list_policies(const Context&, Edit& e,
                                             const ListRolePoliciesInput& in) {
  return inline_names<ListRolePoliciesOutput>(e, Holder::role, in.role_name, in);
}

Result<Done> attach(const Context&, Edit& e, const AttachRolePolicyInput& in) {
  return answered(domain::attach(e, Holder::role, in.role_name, in.policy_arn));
}

Result<Done> detach(const Context&, Edit& e, const DetachRolePolicyInput& in) {
  return answered(domain::detach(e, Holder::role, in.role_name, in.policy_arn));
}

Result<ListAttachedRolePoliciesOutput> list_attached(const Context&, Edit& e,
                                                     const ListAttachedRolePoliciesInput& in) {
  return attached_policies<ListAttachedRolePoliciesOutput>(e, Holder::role, in.role_name, in);
}

// There are no instance profiles. Tools ask before they delete a role.
Result<ListInstanceProfilesForRoleOutput> list_profiles(
    const Context&, Edit& e, const ListInstanceProfilesForRoleInput& in) {
  TRY(auto role, e.role(in.role_name));
  (void)role;
  ListInstanceProfilesForRoleOutput out;
  out.is_truncated = false;
  return out;
}

}  // namespace

void mount_roles(wire::Table& table, domain::Directory* d) {
  on(table, kCreateRole, d, create);
  on(table, kGetRole, d, get);
  on(table, kUpdateRole, d, update);
  on(table, kUpdateRoleDescription, d, describe);
  on(table, kDeleteRole, d, remove);
  on(table, kListRoles, d, list);
  on(table, kUpdateAssumeRolePolicy, d, set_trust);
  on(table, kTagRole, d, add_tags);
  on(table, kUntagRole, d, remove_tags);
  on(table, kListRoleTags, d, list_tags);
  on(table, kPutRolePermissionsBoundary, d, set_boundary);
  on(table, kDeleteRolePermissionsBoundary, d, clear_boundary);
  on(table, kPutRolePolicy, d, put_policy);
  on(table, kGetRolePolicy, d, get_policy);
  on(table, kDeleteRolePolicy, d, delete_policy);
  on(table, kListRolePolicies, d, list_policies);
  on(table, kAttachRolePolicy, d, attach);
  on(table, kDetachRolePolicy, d, detach);
  on(table, kListAttachedRolePolicies, d, list_attached);
  on(table, kListInstanceProfilesForRole, d, list_profiles);
}

}  // namespace tidegate::api::iam
