#include "s3/access.h"

#include "s3/errors.h"

namespace tidegate::s3 {
namespace {

struct Named {
  Ownership ownership;
  std::string_view name;
};
constexpr Named kOwnerships[] = {{Ownership::bucket_owner_enforced, "BucketOwnerEnforced"},
                                 {Ownership::bucket_owner_preferred, "BucketOwnerPreferred"},
                                 {Ownership::object_writer, "ObjectWriter"}};

Error bad_request(std::string code, std::string message) {
  return Error{Fault::invalid_request, std::move(message)}.with("Code", std::move(code));
}

Status check_public(const BucketRecord& bucket, const Acl& acl) {
  if (!bucket.public_access_block || !bucket.public_access_block->block_public_acls ||
      !is_public(acl))
    return done;
  return Error{Fault::access_denied,
               "Access Denied: public access control lists (ACLs) are prevented by the "
               "BlockPublicAcls setting in S3 Block Public Access."};
}

// Without lists a request may still say that the bucket's owner has full control, which is so.
bool says_what_is(const AclRequest& request, const std::string& bucket_owner_id,
                  bool writer_owns_bucket) {
  if (request.grants) return *request.grants == Acl{{{bucket_owner_id, Permission::full_control}}};
  return request.canned == "bucket-owner-full-control" ||
         (request.canned == "private" && writer_owns_bucket);
}

}  // namespace

bool acls_enabled(const BucketRecord& bucket) {
  return bucket.ownership != Ownership::bucket_owner_enforced;
}

Error acl_not_supported() {
  return bad_request("AccessControlListNotSupported", "The bucket does not allow ACLs");
}

std::string_view name_of(Ownership ownership) {
  for (const Named& n : kOwnerships)
    if (n.ownership == ownership) return n.name;
  return "";
}

std::optional<Ownership> ownership_named(std::string_view name) {
  for (const Named& n : kOwnerships)
    if (n.name == name) return n.ownership;
  return std::nullopt;
}

Status apply_wishes(const BucketWishes& wishes, NewBuckets how, const std::string& owner_id,
                    BucketRecord& bucket) {
  const bool classic = how == NewBuckets::classic;
  bucket.ownership =
      wishes.ownership.value_or(classic ? Ownership::not_set : Ownership::bucket_owner_enforced);
  if (!classic) bucket.public_access_block = PublicAccessBlock{true, true, true, true};
  if (!wishes.acl.given()) return done;
  TRY(Acl acl, acl_of(wishes.acl, owner_id, owner_id, true));
  if (acl == effective_acl(std::nullopt, owner_id)) return done;
  if (!acls_enabled(bucket))
    return bad_request("InvalidBucketAclWithObjectOwnership",
                       "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
                       "setting");
  if (!check_public(bucket, acl).ok())
    return bad_request("InvalidBucketAclWithBlockPublicAccessError",
                       "Bucket cannot have public ACLs set with BlockPublicAccess enabled");
  bucket.acl = std::move(acl);
  return done;
}

Result<ObjectAccess> object_access(const BucketRecord& bucket, const std::string& bucket_account,
                                   const std::string& writer, const AclRequest& request,
                                   const Owners& owners) {
  ObjectAccess access;
  const bool own = writer == bucket_account;
  const std::string bucket_owner_id = owners.id_of(bucket_account);
  if (!acls_enabled(bucket)) {
    if (request.given() && !says_what_is(request, bucket_owner_id, own)) return acl_not_supported();
    return access;
  }
  const bool given_away = bucket.ownership == Ownership::bucket_owner_preferred &&
                          request.canned == "bucket-owner-full-control";
  if (!given_away) access.owner = recorded_account(writer, bucket_account);
  if (!request.given() || given_away) return access;
  const std::string owner_id = own ? bucket_owner_id : owners.id_of(writer);
  TRY(Acl acl, acl_of(request, owner_id, bucket_owner_id, false));
  TRY(Unit allowed, check_public(bucket, acl));
  (void)allowed;
  if (acl != effective_acl(std::nullopt, owner_id)) access.acl = std::move(acl);
  return access;
}

Result<Acl> replacement_acl(const BucketRecord& bucket, const AclRequest& request,
                            const std::string& owner_id, const std::string& bucket_owner_id,
                            bool of_bucket) {
  if (!acls_enabled(bucket)) {
    // rclone makes the bucket again, as private, before it copies; s3cmd writes a copy's list back.
    if (!says_what_is(request, bucket_owner_id, owner_id == bucket_owner_id))
      return acl_not_supported();
    return effective_acl(std::nullopt, bucket_owner_id);
  }
  TRY(Acl acl, acl_of(request, owner_id, bucket_owner_id, of_bucket));
  TRY(Unit allowed, check_public(bucket, acl));
  (void)allowed;
  return acl;
}

Acl effective_acl(const std::optional<Acl>& acl, const std::string& owner_id) {
  return acl ? *acl : Acl{{{owner_id, Permission::full_control}}};
}

std::string recorded_account(const std::string& account, const std::string& bucket_account) {
  if (account == bucket_account) return "";
  return account.empty() ? std::string(kAnonymousAccount) : account;
}

const std::string& owner_of(const std::string& recorded, const std::string& bucket_account) {
  return recorded.empty() ? bucket_account : recorded;
}

}  // namespace tidegate::s3
