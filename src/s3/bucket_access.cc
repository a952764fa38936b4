// Buckets: what is set about who may do what with a bucket.
#include "s3/buckets.h"

namespace tidegate::s3 {

Task<Unit> Buckets::set_acl(const Caller& caller, std::string bucket, AclRequest acl) {
  Change change = [this, &acl](const BucketState& seen, BucketRecord& record,
                               store::Txn&) -> Status {
    const std::string owner_id = owners_.id_of(seen.scope.account);
    TRY(record.acl, replacement_acl(record, acl, owner_id, owner_id, true));
    return done;
  };
  CO_TRY(auto set, co_await configure(caller, bucket, std::move(change)));
  co_return set;
}

Task<Unit> Buckets::set_ownership(const Caller& caller, std::string bucket, Ownership ownership) {
  Change change = [this, ownership](const BucketState& seen, BucketRecord& record, store::Txn&) {
    const std::string owner_id = owners_.id_of(seen.scope.account);
    if (ownership == Ownership::bucket_owner_enforced && acls_enabled(record) &&
        effective_acl(record.acl, owner_id) != effective_acl(std::nullopt, owner_id))
      return Status(Error{Fault::invalid_request,
                          "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
                          "setting"}
                        .with("Code", "InvalidBucketAclWithObjectOwnership"));
    record.ownership = ownership;
    return Status(done);
  };
  CO_TRY(auto set, co_await configure(caller, bucket, std::move(change)));
  co_return set;
}

Task<Unit> Buckets::set_public_access_block(const Caller& caller, std::string bucket,
                                            std::optional<PublicAccessBlock> block) {
  Change change = [block](const BucketState&, BucketRecord& record, store::Txn&) {
    record.public_access_block = block;
    return Status(done);
  };
  CO_TRY(auto set, co_await configure(caller, bucket, std::move(change)));
  co_return set;
}

Task<Unit> Buckets::set_policy(const Caller& caller, std::string bucket, std::string text) {
  bool open = false;
  if (!text.empty()) {
    CO_TRY(auto policy, parse_policy(text, bucket));
    open = policy.is_public;
  }
  Change change = [&text, open](const BucketState&, BucketRecord& record, store::Txn&) -> Status {
    const auto& block = record.public_access_block;
    if (open && block && block->block_public_policy)
      return Error{Fault::access_denied,
                   "Access Denied: public policies are prevented by the BlockPublicPolicy setting "
                   "in S3 Block Public Access."};
    record.policy = text;
    return done;
  };
  CO_TRY(auto set, co_await configure(caller, bucket, std::move(change)));
  co_return set;
}

Task<Unit> Buckets::set_cors(const Caller& caller, std::string bucket,
                             std::vector<CorsRule> rules) {
  CO_TRY(auto valid, validate_cors(rules));
  (void)valid;
  Change change = [&rules](const BucketState&, BucketRecord& record, store::Txn&) {
    record.cors = rules;
    return Status(done);
  };
  CO_TRY(auto set, co_await configure(caller, bucket, std::move(change)));
  co_return set;
}

}  // namespace tidegate::s3
