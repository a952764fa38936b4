#include "api/iam/api.h"

#include <algorithm>
#include <set>

#include "api/iam/support.h"
#include "base/bytes.h"

namespace tidegate::api::iam {

User shown_user(const std::string& account, const domain::UserRecord& r, bool whole) {
  User out;
  out.path = r.path;
  out.user_name = r.name;
  out.user_id = r.id;
  out.arn = domain::arn_of(account, "user", r.path, r.name);
  out.create_date = r.created;
  if (!whole) return out;
  out.permissions_boundary = shown_boundary(r.permissions.boundary);
  out.tags = some_tags(r.tags);
  return out;
}

Group shown_group(const std::string& account, const domain::GroupRecord& r) {
  return {r.path, r.name, r.id, domain::arn_of(account, "group", r.path, r.name), r.created};
}

Result<Done> answered(const Result<Unit>& changed) {
  if (!changed.ok()) return changed.error();
  return Done{};
}

Result<domain::Tags> tags_of(const std::vector<Tag>& tags) {
  domain::Tags out;
  std::set<std::string> seen;
  for (const Tag& t : tags) {
    if (!seen.insert(lower_ascii(t.key)).second)
      return Error{Fault::invalid_argument,
                   "Duplicate tag keys found. Please note that Tag keys are case insensitive."};
    out[t.key] = t.value;
  }
  return out;
}

std::vector<Tag> shown_tags(const domain::Tags& tags) {
  std::vector<Tag> out;
  for (const auto& [key, value] : tags) out.push_back({key, value});
  return out;
}

std::optional<std::vector<Tag>> some_tags(const domain::Tags& tags) {
  if (tags.empty()) return std::nullopt;
  return shown_tags(tags);
}

std::string shown_document(const std::string& document) {
  return percent_encode(document);
}

std::optional<AttachedPermissionsBoundary> shown_boundary(const std::string& arn) {
  if (arn.empty()) return std::nullopt;
  return AttachedPermissionsBoundary{"PermissionsBoundaryPolicy", arn};
}

std::vector<AttachedPolicy> shown_attached(const domain::Permissions& p,
                                           const std::optional<std::string>& path_prefix) {
  std::vector<AttachedPolicy> out;
  for (const std::string& arn : p.attached) {
    const std::size_t path = arn.find("policy/") + 6;
    if (path_prefix && arn.compare(path, path_prefix->size(), *path_prefix) != 0) continue;
    out.push_back({std::string(domain::name_of_arn(arn)), arn});
  }
  std::sort(out.begin(), out.end(), [](const AttachedPolicy& a, const AttachedPolicy& b) {
    return *a.policy_arn < *b.policy_arn;
  });
  return out;
}

void mount(wire::Table& table, const Parts& parts) {
  mount_users(table, parts.directory);
  mount_groups(table, parts.directory);
  mount_roles(table, parts.directory);
  mount_policies(table, parts.directory);
  mount_absent(table, parts.directory);
  mount_simulation(table, parts.directory);
  mount_refused(table);
}

}  // namespace tidegate::api::iam
