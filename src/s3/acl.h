// Access control lists: who may do what with one bucket or object, beside its owner, who may always
// read and write the list itself. A grantee is a canonical id or the URI of one of three groups.
// Pure; any thread. Errors: invalid_argument and malformed_xml, in S3's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "s3/owners.h"
#include "store/record.h"

namespace tidegate::s3 {

inline constexpr std::string_view kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
inline constexpr std::string_view kAuthenticatedUsers =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
inline constexpr std::string_view kLogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";
inline constexpr std::size_t kMaxGrants = 100;

// As bits, so that FULL_CONTROL is all of them.
enum class Permission : std::uint8_t {
  none = 0,
  read = 1,
  write = 2,
  read_acp = 4,
  write_acp = 8,
  full_control = 15,
};
std::string_view name_of(Permission);  // "READ_ACP"
std::optional<Permission> permission_named(std::string_view);

struct Grant {
  std::string grantee;
  Permission permission = Permission::none;
  friend bool operator==(const Grant&, const Grant&) = default;
};
struct Acl {
  std::vector<Grant> grants;
  friend bool operator==(const Acl&, const Acl&) = default;
};
bool is_group(std::string_view grantee);
// Whether everybody, or everybody with an account, is granted anything.
bool is_public(const Acl&);

// What a request says of the list it wants: a canned one, or grants. Neither: the default.
struct AclRequest {
  std::string canned;         // "public-read"; "" when none
  std::optional<Acl> grants;  // grantees are checked already
  bool given() const { return !canned.empty() || grants; }
};

// The list of a new object or bucket. invalid_argument: no such canned list.
Result<Acl> acl_of(const AclRequest&, const std::string& owner_id,
                   const std::string& bucket_owner_id, bool of_bucket);

// Who asks, as lists know it.
struct Asker {
  std::string canonical_id;
  bool anonymous = false;
  bool root = false;  // the account itself, not one of its users
};
// Whether the list lets the asker. A grant to an account reaches the account's users through their
// own policies only, so that in the owner's own account it stands for its root alone.
bool allows(const Acl&, Permission wanted, const Asker&, bool asker_owns, bool ignore_public);

// The grantee of a grant, checked: an id that is somebody's, a known group, a declared address.
Result<std::string> grantee_by_id(std::string id, const Owners&);
Result<std::string> grantee_by_uri(std::string uri);
Result<std::string> grantee_by_email(std::string email, const Owners&);

}  // namespace tidegate::s3

namespace tidegate::store {
template <>
struct record_of<s3::Grant> {
  using R = s3::Grant;
  static constexpr auto fields = std::tuple{field(1, &R::grantee), field(2, &R::permission)};
};
template <>
struct record_of<s3::Acl> {
  using R = s3::Acl;
  static constexpr auto fields = std::tuple{field(1, &R::grants)};
};
}  // namespace tidegate::store
