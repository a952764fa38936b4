// Groups: users who share policies.
#include <fmt/format.h>

#include <algorithm>

#include "iam/checks.h"
#include "iam/operations.h"

namespace tidegate::iam {

Result<GroupRecord> create_group(Edit& edit, NewEntity in) {
  if (edit.group(in.name).ok())
    return Error{Fault::conflict, fmt::format("Group with name {} already exists.", in.name)};
  if (edit.now.groups.size() >= kMaxGroups) return over("GroupsPerAccount", kMaxGroups);
  TRY(Unit named, check_name(in.name, "groupName"));
  TRY(Unit placed, check_path(in.path.value_or("/")));
  (void)named, (void)placed;
  GroupRecord r{std::move(in.name), in.path.value_or("/"), edit.new_id("AGPA"), edit.time(), {}};
  edit.put(r);
  return r;
}

Result<Unit> rename_group(Edit& edit, const std::string& name,
                          const std::optional<std::string>& new_name,
                          const std::optional<std::string>& new_path) {
  TRY(GroupRecord r, edit.group(name));
  if (new_path) {
    TRY(Unit placed, check_path(*new_path));
    (void)placed;
    r.path = *new_path;
  }
  if (new_name) {
    TRY(Unit named, check_name(*new_name, "newGroupName"));
    (void)named;
    if (lower_name(*new_name) != lower_name(name)) {
      if (edit.group(*new_name).ok())
        return Error{Fault::conflict, fmt::format("Group with name {} already exists.", *new_name)};
      edit.erase_group(lower_name(name));
    }
    r.name = *new_name;
  }
  edit.put(std::move(r));
  return done;
}

std::vector<const UserRecord*> members_of(const Account& account, const GroupRecord& group) {
  std::vector<const UserRecord*> out;
  for (const auto& [name, user] : account.users)
    if (std::count(user.groups.begin(), user.groups.end(), group.id) != 0) out.push_back(&user);
  return out;
}

Result<Unit> delete_group(Edit& edit, const std::string& name) {
  TRY(GroupRecord r, edit.group(name));
  if (!members_of(edit.now, r).empty())
    return Error{Fault::precondition_failed,
                 "Cannot delete entity, must remove users from group first."};
  TRY(Unit free, unburdened(r.permissions));
  (void)free;
  edit.erase_group(lower_name(name));
  return done;
}

Result<Unit> join_group(Edit& edit, const std::string& group, const std::string& user) {
  TRY(GroupRecord g, edit.group(group));
  TRY(UserRecord u, edit.user(user));
  if (std::count(u.groups.begin(), u.groups.end(), g.id) != 0) return done;
  if (u.groups.size() >= kMaxGroupsOfUser) return over("GroupsPerUser", kMaxGroupsOfUser);
  u.groups.push_back(g.id);
  edit.put(std::move(u));
  return done;
}

Result<Unit> leave_group(Edit& edit, const std::string& group, const std::string& user) {
  TRY(GroupRecord g, edit.group(group));
  TRY(UserRecord u, edit.user(user));
  if (std::erase(u.groups, g.id) == 0)
    return no_entity(fmt::format("User {} is not in group {}.", u.name, g.name));
  edit.put(std::move(u));
  return done;
}

}  // namespace tidegate::iam
