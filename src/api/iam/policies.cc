// Managed policies: the account's own, and AWS's that are built in.
#include "api/iam/policy_shapes.h"
#include "api/iam/support.h"
#include "iam/builtin.h"

namespace tidegate::api::iam {
namespace {

constexpr auto kCreatePolicy = row<CreatePolicyInput, CreatePolicyOutput>(
    "CreatePolicy", "/?Action=CreatePolicy", "iam:CreatePolicy");
constexpr auto kGetPolicy =
    row<GetPolicyInput, GetPolicyOutput>("GetPolicy", "/?Action=GetPolicy", "iam:GetPolicy");
constexpr auto kListPolicies = row<ListPoliciesInput, ListPoliciesOutput>(
    "ListPolicies", "/?Action=ListPolicies", "iam:ListPolicies");
constexpr auto kDeletePolicy =
    row<DeletePolicyInput, Done>("DeletePolicy", "/?Action=DeletePolicy", "iam:DeletePolicy");
constexpr auto kCreatePolicyVersion = row<CreatePolicyVersionInput, CreatePolicyVersionOutput>(
    "CreatePolicyVersion", "/?Action=CreatePolicyVersion", "iam:CreatePolicyVersion");
constexpr auto kGetPolicyVersion = row<GetPolicyVersionInput, GetPolicyVersionOutput>(
    "GetPolicyVersion", "/?Action=GetPolicyVersion", "iam:GetPolicyVersion");
constexpr auto kListPolicyVersions = row<ListPolicyVersionsInput, ListPolicyVersionsOutput>(
    "ListPolicyVersions", "/?Action=ListPolicyVersions", "iam:ListPolicyVersions");
constexpr auto kDeletePolicyVersion = row<DeletePolicyVersionInput, Done>(
    "DeletePolicyVersion", "/?Action=DeletePolicyVersion", "iam:DeletePolicyVersion");
constexpr auto kSetDefaultPolicyVersion = row<SetDefaultPolicyVersionInput, Done>(
    "SetDefaultPolicyVersion", "/?Action=SetDefaultPolicyVersion", "iam:SetDefaultPolicyVersion");
constexpr auto kTagPolicy =
    row<TagPolicyInput, Done>("TagPolicy", "/?Action=TagPolicy", "iam:TagPolicy");
constexpr auto kUntagPolicy =
    row<UntagPolicyInput, Done>("UntagPolicy", "/?Action=UntagPolicy", "iam:UntagPolicy");
constexpr auto kListPolicyTags = row<ListPolicyTagsInput, ListPolicyTagsOutput>(
    "ListPolicyTags", "/?Action=ListPolicyTags", "iam:ListPolicyTags");
constexpr auto kListEntitiesForPolicy =
    row<ListEntitiesForPolicyInput, ListEntitiesForPolicyOutput>(
        "ListEntitiesForPolicy", "/?Action=ListEntitiesForPolicy", "iam:ListEntitiesForPolicy");

Policy shown(const Edit& e, const domain::PolicyRecord& r) {
  Policy out;
  out.policy_name = r.name;
  out.policy_id = r.id;
  out.arn = domain::arn_of(e.account_id(), "policy", r.path, r.name);
  out.path = r.path;
  out.default_version_id = r.default_version;
  const domain::Uses uses = domain::uses_of(e.now, *out.arn);
  out.attachment_count = static_cast<std::int32_t>(uses.attachments());
  out.permissions_boundary_usage_count = static_cast<std::int32_t>(uses.boundaries());
  out.is_attachable = true;
  out.description = r.description;
  out.create_date = r.created;
  out.update_date = r.updated;
  return out;
}

Policy shown(const Edit& e, const domain::Builtin& b) {
  Policy out;
  out.policy_name = std::string(b.name);
  out.policy_id = "ANPA" + std::string(b.name).substr(0, 17);
  out.arn = b.arn();
  out.path = std::string(b.path);
  out.default_version_id = "v1";
  const domain::Uses uses = domain::uses_of(e.now, *out.arn);
  out.attachment_count = static_cast<std::int32_t>(uses.attachments());
  out.permissions_boundary_usage_count = static_cast<std::int32_t>(uses.boundaries());
  out.is_attachable = true;
  out.create_date = out.update_date = Instant{};
  return out;
}

PolicyVersion shown_version(const domain::VersionRecord& v, const std::string& default_version,
                            bool with_document) {
  PolicyVersion out;
  if (with_document) out.document = shown_document(v.document);
  out.version_id = v.id;
  out.is_default_version = v.id == default_version;
  out.create_date = v.created;
  return out;
}

Result<CreatePolicyOutput> create(const Context&, Edit& e, const CreatePolicyInput& in) {
  TRY(auto tags, tags_of(in.tags));
  TRY(auto made, domain::create_policy(e, {in.policy_name, in.path, std::nullopt, std::move(tags)},
                                       in.policy_document, in.description));
  CreatePolicyOutput out{shown(e, made)};
  out.policy->tags = shown_tags(made.tags);
  return out;
}

Result<GetPolicyOutput> get(const Context&, Edit& e, const GetPolicyInput& in) {
  if (const domain::Builtin* own = domain::find_builtin(in.policy_arn))
    return GetPolicyOutput{shown(e, *own)};
  TRY(auto found, e.policy(in.policy_arn));
  GetPolicyOutput out{shown(e, found)};
  out.policy->tags = shown_tags(found.tags);
  return out;
}

Result<ListPoliciesOutput> list(const Context&, Edit& e, const ListPoliciesInput& in) {
  const std::string scope = in.scope.value_or("All");
  std::vector<Policy> all;
  if (scope != "Local")
    for (const domain::Builtin& b : domain::builtins()) all.push_back(shown(e, b));
  if (scope != "AWS")
    for (const auto& [name, record] : e.now.policies) all.push_back(shown(e, record));
  const bool boundaries = in.policy_usage_filter == "PermissionsBoundary";
  std::erase_if(all, [&](const Policy& p) {
    const std::int32_t uses =
        boundaries ? *p.permissions_boundary_usage_count : *p.attachment_count;
    return !p.path->starts_with(in.path_prefix.value_or("/")) ||
           (in.only_attached.value_or(false) && uses == 0);
  });
  std::sort(all.begin(), all.end(), [](const Policy& a, const Policy& b) { return a.arn < b.arn; });
  ListPoliciesOutput out;
  TRY(Unit paged,
      page(out, in, out.policies, std::move(all), [](const Policy& p) { return *p.arn; }));
  (void)paged;
  return out;
}

Result<Done> remove(const Context&, Edit& e, const DeletePolicyInput& in) {
  return answered(domain::delete_policy(e, in.policy_arn));
}

Result<CreatePolicyVersionOutput> create_version(const Context&, Edit& e,
                                                 const CreatePolicyVersionInput& in) {
  const bool make_default = in.set_as_default.value_or(false);
  TRY(auto made, domain::create_version(e, in.policy_arn, in.policy_document, make_default));
  return CreatePolicyVersionOutput{shown_version(made, make_default ? made.id : "", false)};
}

Result<GetPolicyVersionOutput> get_version(const Context&, Edit& e,
                                           const GetPolicyVersionInput& in) {
  if (const domain::Builtin* own = domain::find_builtin(in.policy_arn);
      own && in.version_id == "v1")
    return GetPolicyVersionOutput{
        shown_version({"v1", std::string(own->text), Instant{}}, "v1", true)};
  TRY(auto policy, e.policy(in.policy_arn));
  for (const domain::VersionRecord& v : policy.versions)
    if (v.id == in.version_id)
      return GetPolicyVersionOutput{shown_version(v, policy.default_version, true)};
  return domain::no_entity(fmt::format("Policy {} version {} does not exist or is not attachable.",
                                       in.policy_arn, in.version_id));
}

Result<ListPolicyVersionsOutput> list_versions(const Context&, Edit& e,
                                               const ListPolicyVersionsInput& in) {
  ListPolicyVersionsOutput out;
  out.is_truncated = false;
  if (const domain::Builtin* own = domain::find_builtin(in.policy_arn)) {
    out.versions.push_back(shown_version({"v1", std::string(own->text), Instant{}}, "v1", false));
    return out;
  }
  TRY(auto policy, e.policy(in.policy_arn));
  for (auto v = policy.versions.rbegin(); v != policy.versions.rend(); ++v)
    out.versions.push_back(shown_version(*v, policy.default_version, false));
  return out;
}

Result<Done> delete_version(const Context&, Edit& e, const DeletePolicyVersionInput& in) {
  return answered(domain::delete_version(e, in.policy_arn, in.version_id));
}

Result<Done> set_default(const Context&, Edit& e, const SetDefaultPolicyVersionInput& in) {
  return answered(domain::set_default_version(e, in.policy_arn, in.version_id));
}

Result<Done> add_tags(const Context&, Edit& e, const TagPolicyInput& in) {
  TRY(auto tags, tags_of(in.tags));
  return answered(domain::tag_policy(e, in.policy_arn, tags));
}

Result<Done> remove_tags(const Context&, Edit& e, const UntagPolicyInput& in) {
  return answered(domain::untag_policy(e, in.policy_arn, in.tag_keys));
}

Result<ListPolicyTagsOutput> list_tags(const Context&, Edit& e, const ListPolicyTagsInput& in) {
  TRY(auto policy, e.policy(in.policy_arn));
  ListPolicyTagsOutput out;
  TRY(Unit paged,
      page(out, in, out.tags, shown_tags(policy.tags), [](const Tag& t) { return t.key; }));
  (void)paged;
  return out;
}

Result<ListEntitiesForPolicyOutput> list_entities(const Context&, Edit& e,
                                                  const ListEntitiesForPolicyInput& in) {
  if (!e.managed(in.policy_arn))
    return domain::no_entity(fmt::format("Policy {} was not found.", in.policy_arn));
  const domain::Uses uses = domain::uses_of(e.now, in.policy_arn);
  const bool boundaries = in.policy_usage_filter == "PermissionsBoundary";
  const std::string filter = in.entity_filter.value_or("");
  ListEntitiesForPolicyOutput out;
  out.is_truncated = false;
  if (filter.empty() || filter == "User")
    for (const auto* user : boundaries ? uses.boundary_of_users : uses.users)
      out.policy_users.push_back({user->name, user->id});
  if (!boundaries && (filter.empty() || filter == "Group"))
    for (const auto* group : uses.groups) out.policy_groups.push_back({group->name, group->id});
  if (filter.empty() || filter == "Role")
    for (const auto* role : boundaries ? uses.boundary_of_roles : uses.roles)
      out.policy_roles.push_back({role->name, role->id});
  return out;
}

}  // namespace

void mount_policies(wire::Table& table, domain::Directory* d) {
  on(table, kCreatePolicy, d, create);
  on(table, kGetPolicy, d, get);
  on(table, kListPolicies, d, list);
  on(table, kDeletePolicy, d, remove);
  on(table, kCreatePolicyVersion, d, create_version);
  on(table, kGetPolicyVersion, d, get_version);
  on(table, kListPolicyVersions, d, list_versions);
  on(table, kDeletePolicyVersion, d, delete_version);
  on(table, kSetDefaultPolicyVersion, d, set_default);
  on(table, kTagPolicy, d, add_tags);
  on(table, kUntagPolicy, d, remove_tags);
  on(table, kListPolicyTags, d, list_tags);
  on(table, kListEntitiesForPolicy, d, list_entities);
}

}  // namespace tidegate::api::iam
