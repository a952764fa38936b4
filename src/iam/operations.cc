#include "iam/operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "iam/checks.h"
#include "iam/trust.h"

namespace tidegate::iam {
namespace {

// Letters of other scripts are taken as they are.
bool is_of_tags(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x80 || std::isalnum(c) != 0 ||
           std::string_view(" _.:/=+-@").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

Status check_tags(const Tags& tags) {
  if (tags.size() > kMaxTags)
    return Error{Fault::quota_exceeded,
                 fmt::format("Cannot exceed quota for TagsPerEntity: {}", kMaxTags)};
  for (const auto& [key, value] : tags) {
    if (key.starts_with("aws:"))
      return Error{Fault::invalid_argument,
                   fmt::format("The tag key {} is reserved: it must not begin with aws:", key)};
    for (const std::string* text : {&key, &value})
      if (!is_of_tags(*text))
        return constraint(*text, text == &key ? "tags.member.key" : "tags.member.value",
                          "Member must satisfy regular expression pattern: "
                          "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+");
  }
  return done;
}

// AWS counts what is not white space.
std::size_t counted(const std::string& document) {
  return static_cast<std::size_t>(std::count_if(
      document.begin(), document.end(),
      [](unsigned char c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; }));
}

Status check_document(const std::string& document, policy::Dialect dialect) {
  auto parsed = policy::parse(document, dialect);
  if (!parsed.ok()) return std::move(parsed).error();
  return done;
}

Status check_boundary(Edit& edit, const std::string& arn) {
  if (edit.managed(arn)) return done;
  return no_entity(fmt::format("Scope ARN: {} does not exist or is not attachable.", arn));
}

template <class Record>
Status begin(Edit& edit, Record& r, NewEntity&& in, std::string_view member,
             std::string_view id_prefix) {
  TRY(Unit named, check_name(in.name, member));
  TRY(Unit placed, check_path(in.path.value_or("/")));
  TRY(Unit tagged, check_tags(in.tags));
  (void)named, (void)placed, (void)tagged;
  r.name = std::move(in.name);
  r.path = in.path.value_or("/");
  r.id = edit.new_id(id_prefix);
  r.created = edit.time();
  r.tags = std::move(in.tags);
  return done;
}

struct Shared {
  Permissions permissions;
  Tags tags;
};

// What users and roles share.
Result<Shared> shared_of(Edit& edit, Holder holder, const std::string& name) {
  if (holder == Holder::user) {
    TRY(UserRecord r, edit.user(name));
    return Shared{std::move(r.permissions), std::move(r.tags)};
  }
  if (holder == Holder::group) {
    TRY(GroupRecord r, edit.group(name));
    return Shared{std::move(r.permissions), {}};
  }
  TRY(RoleRecord r, edit.role(name));
  return Shared{std::move(r.permissions), std::move(r.tags)};
}

using Change = std::function<Result<Unit>(Permissions&, Tags&)>;

// Runs `change` on it, and puts the record back.
Result<Unit> with_holder(Edit& edit, Holder holder, const std::string& name, Change change) {
  if (holder == Holder::user) {
    TRY(UserRecord r, edit.user(name));
    TRY(Unit changed, change(r.permissions, r.tags));
    edit.put(std::move(r));
    return changed;
  }
  if (holder == Holder::group) {
    TRY(GroupRecord r, edit.group(name));
    Tags none;
    TRY(Unit changed, change(r.permissions, none));
    edit.put(std::move(r));
    return changed;
  }
  TRY(RoleRecord r, edit.role(name));
  TRY(Unit changed, change(r.permissions, r.tags));
  edit.put(std::move(r));
  return changed;
}

// How texts name a holder, and what may be put on one.
struct HolderKind {
  const char* word;
  const char* attached_quota;
  std::size_t most_inline;
};
HolderKind kind_of(Holder holder) {
  switch (holder) {
    case Holder::user:
      return {"user", "PoliciesPerUser", kMaxUserInline};
    case Holder::group:
      return {"group", "PoliciesPerGroup", kMaxGroupInline};
    case Holder::role:
      break;
  }
  return {"role", "PoliciesPerRole", kMaxRoleInline};
}

Error no_inline(Holder holder, const std::string& policy_name) {
  return no_entity(fmt::format("The {} policy with name {} cannot be found.", kind_of(holder).word,
                               policy_name));
}

Status take_settings(RoleRecord& r, RoleSettings settings) {
  if (settings.max_session_s) {
    if (*settings.max_session_s < 3600 || *settings.max_session_s > 43'200)
      return constraint(std::to_string(*settings.max_session_s), "maxSessionDuration",
                        "Member must have value between 3600 and 43200");
    r.max_session_s = static_cast<std::uint32_t>(*settings.max_session_s);
  }
  if (settings.description) r.description = std::move(*settings.description);
  return done;
}

Status take_trust(const Edit& edit, RoleRecord& r, std::string trust) {
  if (counted(trust) > kMaxTrust) return over("ACLSizePerRole", kMaxTrust);
  TRY(r.trusted, trusted_by(edit, trust));
  r.trust = std::move(trust);
  return done;
}

Status check_managed(const std::string& document) {
  if (counted(document) > kMaxManaged) return over("PolicySize", kMaxManaged);
  return check_document(document, policy::Dialect::managed);
}

std::vector<VersionRecord>::iterator find_version(PolicyRecord& p, const std::string& id) {
  return std::find_if(p.versions.begin(), p.versions.end(),
                      [&](const VersionRecord& v) { return v.id == id; });
}

Error no_version(const std::string& arn, const std::string& version) {
  return no_entity(
      fmt::format("Policy {} version {} does not exist or is not attachable.", arn, version));
}

}  // namespace

Result<UserRecord> create_user(Edit& edit, NewEntity in) {
  if (edit.user(in.name).ok())
    return Error{Fault::conflict, fmt::format("User with name {} already exists.", in.name)};
  if (edit.now.users.size() >= kMaxUsers) return over("UsersPerAccount", kMaxUsers);
  UserRecord r;
  if (in.boundary) {
    TRY(Unit bounded, check_boundary(edit, *in.boundary));
    (void)bounded;
    r.permissions.boundary = *in.boundary;
  }
  TRY(Unit begun, begin(edit, r, std::move(in), "userName", "AIDA"));
  (void)begun;
  edit.put(r);
  return r;
}

Result<Unit> rename_user(Edit& edit, const std::string& name,
                         const std::optional<std::string>& new_name,
                         const std::optional<std::string>& new_path) {
  TRY(UserRecord r, edit.user(name));
  if (new_path) {
    TRY(Unit placed, check_path(*new_path));
    (void)placed;
    r.path = *new_path;
  }
  if (new_name && *new_name != r.name) {
    TRY(Unit named, check_name(*new_name, "newUserName"));
    (void)named;
    if (lower_name(*new_name) != lower_name(name)) {
      if (edit.user(*new_name).ok())
        return Error{Fault::conflict, fmt::format("User with name {} already exists.", *new_name)};
      edit.erase_user(lower_name(name));
    }
    r.name = *new_name;
  }
  edit.put(std::move(r));
  return done;
}

Result<Unit> delete_user(Edit& edit, const std::string& name) {
  TRY(UserRecord r, edit.user(name));
  if (!r.keys.empty())
    return Error{Fault::precondition_failed,
                 "Cannot delete entity, must delete access keys first."};
  if (!r.groups.empty())
    return Error{Fault::precondition_failed,
                 "Cannot delete entity, must remove users from group first."};
  TRY(Unit free, unburdened(r.permissions));
  (void)free;
  edit.erase_user(lower_name(name));
  return done;
}

Result<NewKey> create_key(Edit& edit, const std::string& user) {
  TRY(UserRecord r, edit.user(user));
  if (r.keys.size() >= kMaxKeys) return over("AccessKeysPerUser", kMaxKeys);
  NewKey key;
  key.id = edit.new_id("AKIA").substr(0, 20);
  key.secret = edit.random().from_alphabet(
      40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  key.created = edit.time();
  r.keys.push_back({key.id, edit.seal(key.secret), true, key.created});
  edit.put(std::move(r));
  return key;
}

namespace {
Result<std::vector<KeyRecord>::iterator> find_key(UserRecord& r, const std::string& id) {
  auto found =
      std::find_if(r.keys.begin(), r.keys.end(), [&](const KeyRecord& k) { return k.id == id; });
  if (found == r.keys.end())
    return no_entity(fmt::format("The Access Key with id {} cannot be found.", id));
  return found;
}
}  // namespace

Result<Unit> set_key(Edit& edit, const std::string& user, const std::string& id, bool active) {
  TRY(UserRecord r, edit.user(user));
  TRY(auto key, find_key(r, id));
  key->active = active;
  edit.put(std::move(r));
  return done;
}

Result<Unit> delete_key(Edit& edit, const std::string& user, const std::string& id) {
  TRY(UserRecord r, edit.user(user));
  TRY(auto key, find_key(r, id));
  r.keys.erase(key);
  edit.put(std::move(r));
  return done;
}

Result<RoleRecord> create_role(Edit& edit, NewEntity in, std::string trust, RoleSettings settings) {
  if (edit.role(in.name).ok())
    return Error{Fault::conflict, fmt::format("Role with name {} already exists.", in.name)};
  if (edit.now.roles.size() >= kMaxRoles) return over("RolesPerAccount", kMaxRoles);
  RoleRecord r;
  TRY(Unit trusted, take_trust(edit, r, std::move(trust)));
  if (in.boundary) {
    TRY(Unit bounded, check_boundary(edit, *in.boundary));
    (void)bounded;
    r.permissions.boundary = *in.boundary;
  }
  TRY(Unit begun, begin(edit, r, std::move(in), "roleName", "AROA"));
  TRY(Unit set, take_settings(r, std::move(settings)));
  (void)trusted, (void)begun, (void)set;
  edit.put(r);
  return r;
}

Result<RoleRecord> update_role(Edit& edit, const std::string& name, RoleSettings settings) {
  TRY(RoleRecord r, edit.role(name));
  TRY(Unit set, take_settings(r, std::move(settings)));
  (void)set;
  edit.put(r);
  return r;
}

Result<Unit> set_trust(Edit& edit, const std::string& name, std::string trust) {
  TRY(RoleRecord r, edit.role(name));
  TRY(Unit trusted, take_trust(edit, r, std::move(trust)));
  (void)trusted;
  edit.put(std::move(r));
  return done;
}

Result<Unit> delete_role(Edit& edit, const std::string& name) {
  TRY(RoleRecord r, edit.role(name));
  TRY(Unit free, unburdened(r.permissions));
  (void)free;
  edit.erase_role(lower_name(name));
  return done;
}

Result<Unit> put_inline(Edit& edit, Holder holder, const std::string& name,
                        const std::string& policy_name, std::string document) {
  TRY(Unit named, check_name(policy_name, "policyName"));
  TRY(Unit good, check_document(document, policy::Dialect::identity));
  (void)named, (void)good;
  return with_holder(edit, holder, name, [&](Permissions& p, Tags&) -> Result<Unit> {
    p.inline_policies[policy_name] = std::move(document);
    std::size_t size = 0;
    for (const auto& [unused, text] : p.inline_policies) size += counted(text);
    const HolderKind kind = kind_of(holder);
    if (size > kind.most_inline)
      return Error{Fault::quota_exceeded,
                   fmt::format("Maximum policy size of {} bytes exceeded for {} {}",
                               kind.most_inline, kind.word, name)};
    return done;
  });
}

Result<Unit> delete_inline(Edit& edit, Holder holder, const std::string& name,
                           const std::string& policy_name) {
  return with_holder(edit, holder, name, [&](Permissions& p, Tags&) -> Result<Unit> {
    if (p.inline_policies.erase(policy_name) == 0) return no_inline(holder, policy_name);
    return done;
  });
}

Result<std::string> inline_document(Edit& edit, Holder holder, const std::string& name,
                                    const std::string& policy_name) {
  TRY(Shared shared, shared_of(edit, holder, name));
  const auto found = shared.permissions.inline_policies.find(policy_name);
  if (found == shared.permissions.inline_policies.end()) return no_inline(holder, policy_name);
  return found->second;
}

Result<Unit> attach(Edit& edit, Holder holder, const std::string& name, const std::string& arn) {
  if (!edit.managed(arn))
    return no_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
  return with_holder(edit, holder, name, [&](Permissions& p, Tags&) -> Result<Unit> {
    if (std::count(p.attached.begin(), p.attached.end(), arn) != 0) return done;
    if (p.attached.size() >= kMaxAttached)
      return over(kind_of(holder).attached_quota, kMaxAttached);
    p.attached.push_back(arn);
    return done;
  });
}

Result<Unit> detach(Edit& edit, Holder holder, const std::string& name, const std::string& arn) {
  return with_holder(edit, holder, name, [&](Permissions& p, Tags&) -> Result<Unit> {
    if (std::erase(p.attached, arn) == 0)
      return no_entity(fmt::format("Policy {} was not found.", arn));
    return done;
  });
}

Result<Unit> set_boundary(Edit& edit, Holder holder, const std::string& name,
                          const std::string& arn) {
  TRY(Unit bounded, check_boundary(edit, arn));
  (void)bounded;
  return with_holder(edit, holder, name, [&](Permissions& p, Tags&) -> Result<Unit> {
    p.boundary = arn;
    return done;
  });
}

Result<Unit> clear_boundary(Edit& edit, Holder holder, const std::string& name) {
  return with_holder(edit, holder, name, [&](Permissions& p, Tags&) -> Result<Unit> {
    if (p.boundary.empty())
      return no_entity(fmt::format("{} does not have a permissions boundary.", name));
    p.boundary.clear();
    return done;
  });
}

Result<Permissions> permissions_of(Edit& edit, Holder holder, const std::string& name) {
  TRY(Shared shared, shared_of(edit, holder, name));
  return std::move(shared.permissions);
}

Result<Unit> tag(Edit& edit, Holder holder, const std::string& name, const Tags& more) {
  return with_holder(edit, holder, name, [&](Permissions&, Tags& tags) -> Result<Unit> {
    for (const auto& [key, value] : more) tags[key] = value;
    return check_tags(tags);
  });
}

Result<Unit> untag(Edit& edit, Holder holder, const std::string& name,
                   const std::vector<std::string>& keys) {
  return with_holder(edit, holder, name, [&](Permissions&, Tags& tags) -> Result<Unit> {
    for (const std::string& key : keys) tags.erase(key);
    return done;
  });
}

Result<Tags> tags_of(Edit& edit, Holder holder, const std::string& name) {
  TRY(Shared shared, shared_of(edit, holder, name));
  return std::move(shared.tags);
}

Result<PolicyRecord> create_policy(Edit& edit, NewEntity in, std::string document,
                                   std::optional<std::string> description) {
  if (edit.now.policies.count(lower_name(in.name)) != 0)
    return Error{Fault::conflict,
                 fmt::format("A policy called {} already exists. Duplicate names are not allowed.",
                             in.name)};
  if (edit.now.policies.size() >= kMaxPolicies) return over("PoliciesPerAccount", kMaxPolicies);
  TRY(Unit good, check_managed(document));
  PolicyRecord r;
  TRY(Unit begun, begin(edit, r, std::move(in), "policyName", "ANPA"));
  (void)good, (void)begun;
  r.updated = r.created;
  r.description = std::move(description);
  r.versions.push_back({"v1", std::move(document), r.created});
  r.default_version = "v1";
  edit.put(r);
  return r;
}

Result<Unit> delete_policy(Edit& edit, const std::string& arn) {
  TRY(PolicyRecord r, edit.policy(arn));
  const Uses uses = uses_of(edit.now, arn);
  if (uses.attachments() + uses.boundaries() != 0)
    return Error{Fault::precondition_failed, "Cannot delete a policy attached to entities."};
  if (r.versions.size() > 1)
    return Error{Fault::precondition_failed,
                 "This policy has more than one version. Before you delete a policy, you must "
                 "delete the policy's versions. The default version is deleted with the policy."};
  edit.erase_policy(lower_name(r.name));
  return done;
}

Result<VersionRecord> create_version(Edit& edit, const std::string& arn, std::string document,
                                     bool make_default) {
  TRY(PolicyRecord r, edit.policy(arn));
  TRY(Unit good, check_managed(document));
  (void)good;
  if (r.versions.size() >= kMaxVersions)
    return Error{Fault::quota_exceeded,
                 "A managed policy can have up to 5 versions. Before you create a new version, you "
                 "must delete an existing version."};
  VersionRecord v{fmt::format("v{}", ++r.last_version), std::move(document), edit.time()};
  r.versions.push_back(v);
  r.updated = v.created;
  if (make_default) r.default_version = v.id;
  edit.put(std::move(r));
  return v;
}

Result<Unit> delete_version(Edit& edit, const std::string& arn, const std::string& version) {
  TRY(PolicyRecord r, edit.policy(arn));
  const auto found = find_version(r, version);
  if (found == r.versions.end()) return no_version(arn, version);
  if (version == r.default_version)
    return Error{Fault::precondition_failed, "Cannot delete the default version of a policy."};
  r.versions.erase(found);
  edit.put(std::move(r));
  return done;
}

Result<Unit> set_default_version(Edit& edit, const std::string& arn, const std::string& version) {
  TRY(PolicyRecord r, edit.policy(arn));
  if (find_version(r, version) == r.versions.end()) return no_version(arn, version);
  r.default_version = version;
  r.updated = edit.time();
  edit.put(std::move(r));
  return done;
}

Result<Unit> tag_policy(Edit& edit, const std::string& arn, const Tags& more) {
  TRY(PolicyRecord r, edit.policy(arn));
  for (const auto& [key, value] : more) r.tags[key] = value;
  TRY(Unit good, check_tags(r.tags));
  (void)good;
  edit.put(std::move(r));
  return done;
}

Result<Unit> untag_policy(Edit& edit, const std::string& arn,
                          const std::vector<std::string>& keys) {
  TRY(PolicyRecord r, edit.policy(arn));
  for (const std::string& key : keys) r.tags.erase(key);
  edit.put(std::move(r));
  return done;
}

Uses uses_of(const Account& account, const std::string& arn) {
  Uses out;
  auto has = [&arn](const Permissions& p) {
    return std::count(p.attached.begin(), p.attached.end(), arn) != 0;
  };
  for (const auto& [name, user] : account.users) {
    if (has(user.permissions)) out.users.push_back(&user);
    if (user.permissions.boundary == arn) out.boundary_of_users.push_back(&user);
  }
  for (const auto& [name, group] : account.groups)
    if (has(group.permissions)) out.groups.push_back(&group);
  for (const auto& [name, role] : account.roles) {
    if (has(role.permissions)) out.roles.push_back(&role);
    if (role.permissions.boundary == arn) out.boundary_of_roles.push_back(&role);
  }
  return out;
}

}  // namespace tidegate::iam
