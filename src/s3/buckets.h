// Buckets: names, versioning, notification configuration. A bucket's record guards every write into
// it, so a write never goes by rules or a versioning state that had changed when it committed.
//
// Compiled records are cached (bounded); this process drops what it changes, and what another node
// changes is noticed by the guard of the next write. On the control strand only.
// Errors: no_such_bucket, access_denied (another account's), invalid_bucket_name, and as said
// below.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/scheduler.h"
#include "base/task.h"
#include "s3/access.h"
#include "s3/bucket_policy.h"
#include "s3/collector.h"
#include "s3/expiry.h"
#include "s3/keys.h"
#include "s3/notifications.h"
#include "s3/settings.h"
#include "s3/types.h"
#include "store/store.h"

namespace tidegate::s3 {

// A bucket as it was at one revision of its record.
struct BucketState {
  BucketRecord record;
  Scope scope;  // the owner's account, the bucket's region
  store::Revision revision = 0;
  NotificationRules rules;
  BucketKeys keys;
  // The bucket's policy, compiled once for this revision; null when it has none.
  std::shared_ptr<const BucketPolicy> policy;
  // Null when no rule is in force.
  std::shared_ptr<const LifecycleRules> lifecycle;
};
using BucketRef = std::shared_ptr<const BucketState>;

bool valid_bucket_name(std::string_view name);

struct BucketOptions {
  // AWS refuses LocationConstraint "us-east-1" in us-east-1; some tools send it all the same.
  bool accept_own_region_constraint = false;
  std::size_t max_buckets_per_account = 10'000;
  NewBuckets new_buckets = NewBuckets::current;
};

struct ListBucketsRequest {
  std::string prefix;
  std::string continuation_token;
  std::optional<std::string> region;
  std::size_t max_buckets = 10'000;
};
struct BucketSummary {
  std::string name, region;
  Instant created{};
};
struct BucketPage {
  std::vector<BucketSummary> buckets;
  std::string next_token;  // "" at the end
};

class Buckets {
 public:
  Buckets(store::Store& store, const Clock& clock, Random& random, Collector& collector,
          const Owners& owners, BucketOptions options)
      : store_(store),
        clock_(clock),
        random_(random),
        collector_(collector),
        owners_(owners),
        options_(options) {}

  Task<BucketRef> find(const Caller& caller, std::string bucket);
  // For a write: a bucket that is being deleted answers Fault::conflict.
  Task<BucketRef> find_writable(const Caller& caller, std::string bucket);
  const Owners& owners() const { return owners_; }
  // After a failed guard: the next find reads the store.
  void forget(const std::string& bucket);

  // True when the bucket is new. bucket_already_owned_by_you, bucket_already_exists,
  // invalid_location_constraint, illegal_location_constraint, quota_exceeded.
  Task<bool> create(const Caller& caller, std::string bucket, std::string location_constraint,
                    BucketWishes wishes = {});
  // bucket_not_empty; conflict while another DeleteBucket looks.
  Task<Unit> remove(const Caller& caller, std::string bucket);
  Task<BucketPage> list(const Caller& caller, ListBucketsRequest request);

  Task<Unit> set_versioning(const Caller& caller, std::string bucket, Versioning versioning);

  // The stored record of one setting; nullopt when it is not set.
  template <class Record>
  Task<std::optional<Record>> setting(const Caller& caller, std::string bucket, Setting which) {
    CO_TRY(auto bytes, co_await setting_bytes(caller, std::move(bucket), which));
    std::optional<Record> record;
    if (bytes) {
      CO_TRY(record, store::decode<Record>(*bytes));
    }
    co_return record;
  }
  // Replaces it; nullopt takes it away.
  Task<Unit> put_setting(const Caller& caller, std::string bucket, Setting which,
                         std::optional<std::string> encoded);
  // invalid_request (AccessControlListNotSupported), access_denied (BlockPublicAcls).
  Task<Unit> set_acl(const Caller& caller, std::string bucket, AclRequest acl);
  // invalid_request: the bucket's list lets others in, and would be out of use.
  Task<Unit> set_ownership(const Caller& caller, std::string bucket, Ownership ownership);
  Task<Unit> set_public_access_block(const Caller& caller, std::string bucket,
                                     std::optional<PublicAccessBlock> block);
  // malformed_policy; access_denied (BlockPublicPolicy). "" takes the policy away.
  Task<Unit> set_policy(const Caller& caller, std::string bucket, std::string text);
  Task<Unit> set_cors(const Caller& caller, std::string bucket, std::vector<CorsRule> rules);

  Task<NotificationConfiguration> notifications(const Caller& caller, std::string bucket);
  // Replaces the whole configuration. `check` null skips asking the destinations.
  Task<Unit> set_notifications(const Caller& caller, std::string bucket,
                               NotificationConfiguration configuration, DestinationCheck* check);

 private:
  using Change = std::function<Status(const BucketState&, BucketRecord&, store::Txn&)>;

  Task<BucketRef> load(std::string bucket);
  Task<std::optional<std::string>> setting_bytes(const Caller& caller, std::string bucket,
                                                 Setting which);
  // As update(), for what a caller sets: refused while the bucket is being deleted.
  Task<Unit> configure(const Caller& caller, std::string bucket, Change change);
  Task<NotificationConfiguration> load_notifications(BucketKeys keys, std::uint32_t count);
  Task<std::shared_ptr<const LifecycleRules>> load_lifecycle(BucketKeys keys);
  // Rewrites the record with `change`, again when another change came first; the new revision.
  Task<store::Revision> update(const Caller& caller, std::string bucket, Change change);
  Task<bool> empty(BucketRef bucket);
  Task<Unit> drop_uploads(BucketRef bucket, store::Revision revision);
  Task<Unit> erase_records(BucketRef bucket, store::Revision revision);
  Task<Unit> check_quota(const Caller& caller);
  Result<std::string> region_for(const Caller& caller, const std::string& constraint) const;
  bool deletion_is_fresh(const BucketRecord& record) const;

  store::Store& store_;
  const Clock& clock_;
  Random& random_;
  Collector& collector_;
  const Owners& owners_;
  BucketOptions options_;
  std::unordered_map<std::string, BucketRef> cache_;
  std::uint64_t epoch_ = 0;  // rises with every forget(): a read that began before is not cached
};

}  // namespace tidegate::s3
