#include "s3/acl.h"

#include <algorithm>

#include "s3/errors.h"

namespace tidegate::s3 {
namespace {

struct Named {
  Permission permission;
  std::string_view name;
};
constexpr Named kPermissions[] = {{Permission::full_control, "FULL_CONTROL"},
                                  {Permission::write, "WRITE"},
                                  {Permission::write_acp, "WRITE_ACP"},
                                  {Permission::read, "READ"},
                                  {Permission::read_acp, "READ_ACP"}};

bool includes(Permission granted, Permission wanted) {
  const auto g = static_cast<unsigned>(granted), w = static_cast<unsigned>(wanted);
  return w != 0 && (g & w) == w;
}

bool public_group(std::string_view grantee) {
  return grantee == kAllUsers || grantee == kAuthenticatedUsers;
}

}  // namespace

std::string_view name_of(Permission permission) {
  for (const Named& n : kPermissions)
    if (n.permission == permission) return n.name;
  return "";
}

std::optional<Permission> permission_named(std::string_view name) {
  for (const Named& n : kPermissions)
    if (n.name == name) return n.permission;
  return std::nullopt;
}

bool is_group(std::string_view grantee) {
  return grantee.starts_with("http://");
}

bool is_public(const Acl& acl) {
  return std::any_of(acl.grants.begin(), acl.grants.end(),
                     [](const Grant& g) { return public_group(g.grantee); });
}

Result<Acl> acl_of(const AclRequest& request, const std::string& owner_id,
                   const std::string& bucket_owner_id, bool of_bucket) {
  if (request.grants) return *request.grants;
  // Groups first, as listings of grants have them.
  Acl acl;
  auto grant = [&acl](std::string_view grantee, Permission p) {
    acl.grants.push_back({std::string(grantee), p});
  };
  const std::string& canned = request.canned;
  const bool read_write = canned == "public-read-write";
  if (canned == "public-read" || read_write) {
    grant(kAllUsers, Permission::read);
    if (read_write) grant(kAllUsers, Permission::write);
  } else if (canned == "authenticated-read") {
    grant(kAuthenticatedUsers, Permission::read);
  } else if (canned == "log-delivery-write" && of_bucket) {
    grant(kLogDelivery, Permission::write);
    grant(kLogDelivery, Permission::read_acp);
  } else if (!(canned.empty() || canned == "private" || canned == "aws-exec-read" ||
               canned == "bucket-owner-read" || canned == "bucket-owner-full-control")) {
    return invalid_argument("", "x-amz-acl", canned);
  }
  grant(owner_id, Permission::full_control);
  if (!of_bucket && owner_id != bucket_owner_id) {
    if (canned == "bucket-owner-read") grant(bucket_owner_id, Permission::read);
    if (canned == "bucket-owner-full-control") grant(bucket_owner_id, Permission::full_control);
  }
  return acl;
}

bool allows(const Acl& acl, Permission wanted, const Asker& asker, bool asker_owns,
            bool ignore_public) {
  if (asker_owns && asker.root &&
      (wanted == Permission::read_acp || wanted == Permission::write_acp))
    return true;
  return std::any_of(acl.grants.begin(), acl.grants.end(), [&](const Grant& g) {
    if (!includes(g.permission, wanted)) return false;
    if (g.grantee == kAllUsers) return !ignore_public;
    if (g.grantee == kAuthenticatedUsers) return !ignore_public && !asker.anonymous;
    return g.grantee == asker.canonical_id && (!asker_owns || asker.root);
  });
}

Result<std::string> grantee_by_id(std::string id, const Owners& owners) {
  if (!owners.account_of(id)) return invalid_argument("Invalid id", "CanonicalUser/ID", id);
  return id;
}

Result<std::string> grantee_by_uri(std::string uri) {
  if (uri != kAllUsers && uri != kAuthenticatedUsers && uri != kLogDelivery)
    return invalid_argument("Invalid group uri", "Group/URI", uri);
  return uri;
}

Result<std::string> grantee_by_email(std::string email, const Owners& owners) {
  auto id = owners.id_of_email(email);
  if (id) return std::move(*id);
  return Error{Fault::invalid_argument,
               "The e-mail address you provided does not match any account on record."}
      .with("Code", "UnresolvableGrantByEmailAddress")
      .with("EmailAddress", std::move(email));
}

}  // namespace tidegate::s3
