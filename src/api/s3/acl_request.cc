#include "api/s3/acl_request.h"

#include <algorithm>

#include "api/s3/request.h"
#include "base/bytes.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

constexpr std::string_view kGrantFront = "x-amz-grant-";
struct GrantHeader {
  std::string_view rest;
  domain::Permission permission;
};
constexpr GrantHeader kGrantHeaders[] = {{"read", domain::Permission::read},
                                         {"write", domain::Permission::write},
                                         {"read-acp", domain::Permission::read_acp},
                                         {"write-acp", domain::Permission::write_acp},
                                         {"full-control", domain::Permission::full_control}};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Error malformed_acl() {
  return Error{Fault::invalid_request,
               "The XML you provided was not well-formed or did not validate against our published "
               "schema"}
      .with("Code", "MalformedACLError");
}

Error bad_request(std::string code, std::string message) {
  return Error{Fault::invalid_request, std::move(message)}.with("Code", std::move(code));
}

Status check_count(const domain::Acl& acl) {
  if (acl.grants.size() <= domain::kMaxGrants) return done;
  return bad_request("InvalidRequest", "An ACL may have at most 100 grants.");
}

// id="…", uri="…", emailAddress="…", separated by commas.
Status add_grants(std::string_view text, std::string_view header, domain::Permission permission,
                  const domain::Owners& owners, domain::Acl& acl) {
  while (!trim(text).empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view one = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string kind = lower_ascii(trim(one.substr(0, equals)));
    std::string_view value = trim(one.substr(std::min(equals + 1, one.size())));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    Result<std::string> grantee =
        domain::invalid_argument("Argument format not recognized", std::string(header), one);
    if (kind == "id") grantee = domain::grantee_by_id(std::string(value), owners);
    if (kind == "uri") grantee = domain::grantee_by_uri(std::string(value));
    if (kind == "emailaddress") grantee = domain::grantee_by_email(std::string(value), owners);
    if (!grantee.ok()) return std::move(grantee).error();
    acl.grants.push_back({std::move(*grantee), permission});
  }
  return check_count(acl);
}

Result<domain::Acl> acl_of_document(const AccessControlPolicy& document,
                                    const domain::Owners& owners, const std::string& owner_id) {
  if (!document.owner || !document.owner->id) return malformed_acl();
  if (*document.owner->id != owner_id) return domain::access_denied();
  domain::Acl acl;
  for (const Grant& grant : document.grants) {
    if (!grant.grantee || !grant.permission) return malformed_acl();
    const auto permission = domain::permission_named(*grant.permission);
    const Grantee& to = *grant.grantee;
    if (!permission) return malformed_acl();
    Result<std::string> grantee = malformed_acl();
    if (to.type == "CanonicalUser" && to.id) grantee = domain::grantee_by_id(*to.id, owners);
    if (to.type == "Group" && to.uri) grantee = domain::grantee_by_uri(*to.uri);
    if (to.type == "AmazonCustomerByEmail" && to.email_address)
      grantee = domain::grantee_by_email(*to.email_address, owners);
    if (!grantee.ok()) return std::move(grantee).error();
    acl.grants.push_back({std::move(*grantee), *permission});
  }
  TRY(Unit counted, check_count(acl));
  (void)counted;
  return acl;
}

}  // namespace

Result<domain::AclRequest> acl_of_headers(const wire::Context& c, const domain::Owners& owners) {
  domain::AclRequest request;
  for (const auto& [name, value] : c.headers) {
    if (name == "x-amz-acl") request.canned = value;
    if (!name.starts_with(kGrantFront)) continue;
    for (const GrantHeader& known : kGrantHeaders) {
      if (std::string_view(name).substr(kGrantFront.size()) != known.rest) continue;
      if (!request.grants) request.grants.emplace();
      TRY(Unit added, add_grants(value, name, known.permission, owners, *request.grants));
      (void)added;
    }
  }
  if (!request.canned.empty() && request.grants)
    return bad_request("InvalidRequest",
                       "Specifying both Canned ACLs and Header Grants is not allowed");
  return request;
}

Result<domain::AclRequest> acl_of_request(const wire::Context& c,
                                          const std::optional<AccessControlPolicy>& document,
                                          const domain::Owners& owners,
                                          const std::string& owner_id) {
  TRY(domain::AclRequest request, acl_of_headers(c, owners));
  if (document && request.given())
    return bad_request("UnexpectedContent", "This request does not support content");
  if (!document && !request.given())
    return bad_request("MissingSecurityHeader",
                       "Your request was missing a required header or document");
  if (document) {
    TRY(request.grants, acl_of_document(*document, owners, owner_id));
  }
  return request;
}

std::vector<Grant> shown_grants(const domain::Acl& acl, const domain::Owners& owners) {
  std::vector<Grant> shown;
  for (const domain::Grant& grant : acl.grants) {
    Grant entry;
    Grantee& to = entry.grantee.emplace();
    if (domain::is_group(grant.grantee)) {
      to.type = "Group";
      to.uri = grant.grantee;
    } else {
      to.type = "CanonicalUser";
      to.id = grant.grantee;
      to.display_name = owners.display_name_of(grant.grantee);
    }
    entry.permission = name_of(grant.permission);
    shown.push_back(std::move(entry));
  }
  // Groups first, in whatever order they were given.
  std::stable_partition(shown.begin(), shown.end(),
                        [](const Grant& g) { return g.grantee->type == "Group"; });
  return shown;
}

}  // namespace tidegate::api::s3
