// Access: what a bucket's ownership setting and its block of public access make of the lists that
// requests want, and who owns what is written. Pure; any thread.
// Errors: invalid_request (AccessControlListNotSupported and its kin), access_denied (blocked).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "s3/acl.h"
#include "s3/types.h"

namespace tidegate::s3 {

// Whether lists are in use in the bucket.
bool acls_enabled(const BucketRecord&);

// How buckets are made when the request does not say.
enum class NewBuckets : std::uint8_t {
  current,  // as AWS since April 2023: lists out of use, all public access blocked
  classic,  // as before: lists in use, nothing blocked
};

struct BucketWishes {
  AclRequest acl;
  std::optional<Ownership> ownership;
  std::map<std::string, std::string> tags;  // checked
};
// Fills in ownership, list and block of a new bucket.
Status apply_wishes(const BucketWishes&, NewBuckets, const std::string& owner_id, BucketRecord&);

// Owner and list of an object that `writer` makes in `bucket_account`'s bucket; records keep the
// bucket's owner as "" and the default list as none.
struct ObjectAccess {
  std::string owner;
  std::optional<Acl> acl;
};
Result<ObjectAccess> object_access(const BucketRecord&, const std::string& bucket_account,
                                   const std::string& writer, const AclRequest&, const Owners&);

// The list that a bucket or an object of `owner_id` is to have instead of its present one.
Result<Acl> replacement_acl(const BucketRecord&, const AclRequest&, const std::string& owner_id,
                            const std::string& bucket_owner_id, bool of_bucket);

// The list as it stands: the owner's full control when there is none.
Acl effective_acl(const std::optional<Acl>&, const std::string& owner_id);

// How records name an account that writes into a bucket: "" for its owner.
std::string recorded_account(const std::string& account, const std::string& bucket_account);
// The account that a record's member means.
const std::string& owner_of(const std::string& recorded, const std::string& bucket_account);

std::string_view name_of(Ownership);  // "" for not_set
std::optional<Ownership> ownership_named(std::string_view);

Error acl_not_supported();

}  // namespace tidegate::s3
