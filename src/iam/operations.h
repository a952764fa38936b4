// What can be done to users, groups, roles and managed policies: checks and changes on an Edit,
// pure but for its randomness. Texts and limits are IAM's. Faults: not_found (NoSuchEntity),
// conflict (EntityAlreadyExists), precondition_failed (DeleteConflict), quota_exceeded
// (LimitExceeded), malformed_policy (MalformedPolicyDocument), invalid_argument (InvalidInput),
// invalid_request.
#pragma once

#include "iam/directory.h"

namespace tidegate::iam {

inline constexpr std::size_t kMaxUsers = 5000, kMaxGroups = 300, kMaxRoles = 1000,
                             kMaxPolicies = 1500;
inline constexpr std::size_t kMaxAttached = 10, kMaxGroupsOfUser = 10, kMaxKeys = 2, kMaxTags = 50,
                             kMaxVersions = 5;
inline constexpr std::size_t kMaxUserInline = 2048, kMaxGroupInline = 5120, kMaxRoleInline = 10'240,
                             kMaxTrust = 4096, kMaxManaged = 6144;

struct NewEntity {
  std::string name;
  std::optional<std::string> path, boundary;
  Tags tags;
};
Result<UserRecord> create_user(Edit&, NewEntity);
Result<Unit> rename_user(Edit&, const std::string& name, const std::optional<std::string>& new_name,
                         const std::optional<std::string>& new_path);
Result<Unit> delete_user(Edit&, const std::string& name);

struct NewKey {
  std::string id, secret;
  Instant created{};
};
Result<NewKey> create_key(Edit&, const std::string& user);
Result<Unit> set_key(Edit&, const std::string& user, const std::string& id, bool active);
Result<Unit> delete_key(Edit&, const std::string& user, const std::string& id);

struct RoleSettings {
  std::optional<std::string> description;
  std::optional<std::int32_t> max_session_s;
};
Result<RoleRecord> create_role(Edit&, NewEntity, std::string trust, RoleSettings);
Result<RoleRecord> update_role(Edit&, const std::string& name, RoleSettings);
Result<Unit> set_trust(Edit&, const std::string& name, std::string trust);
Result<Unit> delete_role(Edit&, const std::string& name);

Result<GroupRecord> create_group(Edit&, NewEntity);
Result<Unit> rename_group(Edit&, const std::string& name,
                          const std::optional<std::string>& new_name,
                          const std::optional<std::string>& new_path);
Result<Unit> delete_group(Edit&, const std::string& name);
// Joining twice and leaving what one is not in: the one is taken, the other not_found.
Result<Unit> join_group(Edit&, const std::string& group, const std::string& user);
Result<Unit> leave_group(Edit&, const std::string& group, const std::string& user);
std::vector<const UserRecord*> members_of(const Account&, const GroupRecord&);

// The same for users, groups and roles; groups have neither tags nor a boundary.
enum class Holder { user, group, role };
Result<Unit> put_inline(Edit&, Holder, const std::string& name, const std::string& policy_name,
                        std::string document);
Result<Unit> delete_inline(Edit&, Holder, const std::string& name, const std::string& policy_name);
Result<std::string> inline_document(Edit&, Holder, const std::string& name,
                                    const std::string& policy_name);
Result<Unit> attach(Edit&, Holder, const std::string& name, const std::string& arn);
Result<Unit> detach(Edit&, Holder, const std::string& name, const std::string& arn);
Result<Unit> set_boundary(Edit&, Holder, const std::string& name, const std::string& arn);
Result<Unit> clear_boundary(Edit&, Holder, const std::string& name);
Result<Permissions> permissions_of(Edit&, Holder, const std::string& name);
Result<Unit> tag(Edit&, Holder, const std::string& name, const Tags&);
Result<Unit> untag(Edit&, Holder, const std::string& name, const std::vector<std::string>& keys);
Result<Tags> tags_of(Edit&, Holder, const std::string& name);

Result<PolicyRecord> create_policy(Edit&, NewEntity, std::string document,
                                   std::optional<std::string> description);
Result<Unit> delete_policy(Edit&, const std::string& arn);
Result<VersionRecord> create_version(Edit&, const std::string& arn, std::string document,
                                     bool make_default);
Result<Unit> delete_version(Edit&, const std::string& arn, const std::string& version);
Result<Unit> set_default_version(Edit&, const std::string& arn, const std::string& version);
Result<Unit> tag_policy(Edit&, const std::string& arn, const Tags&);
Result<Unit> untag_policy(Edit&, const std::string& arn, const std::vector<std::string>& keys);

// Which users, groups and roles have the policy attached, and as their boundary.
struct Uses {
  std::vector<const UserRecord*> users, boundary_of_users;
  std::vector<const GroupRecord*> groups;
  std::vector<const RoleRecord*> roles, boundary_of_roles;
  std::size_t attachments() const { return users.size() + groups.size() + roles.size(); }
  std::size_t boundaries() const { return boundary_of_users.size() + boundary_of_roles.size(); }
};
Uses uses_of(const Account&, const std::string& arn);

}  // namespace tidegate::iam
