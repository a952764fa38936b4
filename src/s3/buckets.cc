#include "s3/buckets.h"

#include <fmt/format.h>

#include <set>

#include "base/bytes.h"
#include "s3/errors.h"

namespace tidegate::s3 {
namespace {

constexpr std::size_t kMaxCachedBuckets = 10'000;
constexpr int kMaxAttempts = 32;
// How long a DeleteBucket may look before others take it for dead (its node may have been killed).
constexpr Duration kDeletionLease{10'000};
constexpr std::size_t kUploadsPerTxn = 50;

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_ipv4(std::string_view name) {
  int dots = 0, digits = 0;
  for (char c : name) {
    if (c == '.') {
      if (digits == 0) return false;
      ++dots;
      digits = 0;
    } else if (c >= '0' && c <= '9' && digits < 3) {
      ++digits;
    } else {
      return false;
    }
  }
  return dots == 3 && digits > 0;
}

Error invalid_name(std::string_view name) {
  return Error{Fault::invalid_bucket_name, "The specified bucket is not valid."}.with(
      "BucketName", std::string(name));
}

Error being_deleted() {
  return {Fault::conflict,
          "A conflicting conditional operation is currently in progress against this resource. "
          "Please try again."};
}

Error not_empty(const BucketState& bucket) {
  std::string text = "The bucket you tried to delete is not empty";
  if (bucket.record.versioning != Versioning::never_set)
    text += ". You must delete all versions in the bucket.";
  return Error{Fault::bucket_not_empty, text}.with("BucketName", bucket.record.name);
}

}  // namespace

bool valid_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!letter_or_digit(name.front()) || !letter_or_digit(name.back())) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (letter_or_digit(name[i]) || name[i] == '-') continue;
    if (name[i] != '.') return false;
    if (!letter_or_digit(name[i - 1]) || !letter_or_digit(name[i + 1])) return false;
  }
  return !is_ipv4(name);
}

void Buckets::forget(const std::string& bucket) {
  ++epoch_;
  cache_.erase(bucket);
}

Task<BucketRef> Buckets::find(const Caller& caller, std::string bucket) {
  BucketRef found;
  if (auto cached = cache_.find(bucket); cached != cache_.end()) {
    found = cached->second;
  } else {
    if (!valid_bucket_name(bucket)) co_return invalid_name(bucket);
    CO_TRY(found, co_await load(bucket));
  }
  if (!caller.admitted && found->scope.account != caller.scope.account) co_return access_denied();
  co_return found;
}

Task<BucketRef> Buckets::find_writable(const Caller& caller, std::string bucket) {
  CO_TRY(BucketRef found, co_await find(caller, bucket));
  if (!found->record.deleting_since) co_return found;
  if (deletion_is_fresh(found->record)) {
    forget(bucket);
    co_return being_deleted();
  }
  // The rewritten record makes the guard of a deletion fail that is slow rather than dead.
  Change clear = [](const BucketState&, BucketRecord& record, store::Txn&) {
    record.deleting_since.reset();
    return Status(done);
  };
  CO_TRY(auto revision, co_await update(caller, bucket, std::move(clear)));
  (void)revision;
  CO_TRY(found, co_await find(caller, bucket));
  co_return found;
}

Task<BucketRef> Buckets::load(std::string bucket) {
  const std::uint64_t epoch = epoch_;
  CO_TRY(auto place_row, co_await store_.get(directory_key(bucket)));
  if (!place_row) co_return no_such_bucket(bucket);
  CO_TRY(auto place, store::decode<BucketPlace>(place_row->value));
  Scope scope{place.account, place.region};
  BucketKeys keys(scope, bucket);
  CO_TRY(auto row, co_await store_.get(keys.bucket()));
  if (!row) co_return no_such_bucket(bucket);
  CO_TRY(auto record, store::decode<BucketRecord>(row->value));
  NotificationConfiguration configuration;
  if (record.notification_count > 0) {
    CO_TRY(configuration, co_await load_notifications(keys, record.notification_count));
  }
  CO_TRY(auto policy, stored_policy(record.policy));
  CO_TRY(auto lifecycle, co_await load_lifecycle(keys));
  auto state = std::make_shared<const BucketState>(BucketState{
      std::move(record), std::move(scope), row->mod_revision, NotificationRules(configuration),
      std::move(keys), std::move(policy), std::move(lifecycle)});
  if (epoch == epoch_) {
    if (cache_.size() >= kMaxCachedBuckets) cache_.clear();
    cache_[bucket] = state;
  }
  co_return BucketRef(state);
}

Task<NotificationConfiguration> Buckets::load_notifications(BucketKeys keys, std::uint32_t count) {
  CO_TRY(auto page, co_await store_.range(store::Range::prefix(keys.notifications(), count)));
  NotificationConfiguration configuration;
  for (const auto& row : page.items) {
    CO_TRY(auto entry, store::decode<NotificationEntry>(row.value));
    configuration.entries.push_back(std::move(entry));
  }
  co_return configuration;
}

Task<std::shared_ptr<const LifecycleRules>> Buckets::load_lifecycle(BucketKeys keys) {
  CO_TRY(auto row, co_await store_.get(keys.setting(name_of(Setting::lifecycle))));
  std::shared_ptr<const LifecycleRules> none;
  if (!row) co_return none;
  CO_TRY(auto configuration, store::decode<LifecycleConfiguration>(row->value));
  auto rules = std::make_shared<const LifecycleRules>(configuration);
  const bool acts = rules->ends_current() || rules->ends_noncurrent() || rules->ends_uploads();
  co_return acts ? rules : none;
}

Result<std::string> Buckets::region_for(const Caller& caller, const std::string& constraint) const {
  const std::string& here = caller.scope.region;
  const bool classic = here == "us-east-1";
  if (constraint.empty() && classic) return here;
  if (constraint == here && (!classic || options_.accept_own_region_constraint)) return here;
  if (constraint == "EU" && here == "eu-west-1") return here;
  if (constraint == here)
    return Error{Fault::invalid_location_constraint,
                 "The specified location-constraint is not valid"}
        .with("LocationConstraint", constraint);
  return Error{Fault::illegal_location_constraint,
               fmt::format("The {} location constraint is incompatible for the region specific "
                           "endpoint this request was sent to.",
                           constraint.empty() ? "unspecified" : constraint)};
}

Task<Unit> Buckets::check_quota(const Caller& caller) {
  CO_TRY(auto page, co_await store_.range(store::Range::prefix(account_prefix(caller.scope.account),
                                                               options_.max_buckets_per_account)));
  if (page.items.size() >= options_.max_buckets_per_account)
    co_return Error{Fault::quota_exceeded,
                    "You have attempted to create more buckets than allowed"};
  co_return done;
}

Task<bool> Buckets::create(const Caller& caller, std::string bucket,
                           std::string location_constraint, BucketWishes wishes) {
  if (!valid_bucket_name(bucket)) co_return invalid_name(bucket);
  CO_TRY(auto region, region_for(caller, location_constraint));
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    CO_TRY(auto existing, co_await store_.get(directory_key(bucket)));
    if (existing) {
      CO_TRY(auto place, store::decode<BucketPlace>(existing->value));
      if (place.account != caller.scope.account)
        co_return Error{Fault::bucket_already_exists,
                        "The requested bucket name is not available. The bucket namespace is "
                        "shared by all users of the system. Please select a different name and "
                        "try again."}
            .with("BucketName", bucket);
      if (place.region == "us-east-1" && region == place.region) {
        if (wishes.acl.given()) {
          CO_TRY(Unit again, co_await set_acl(caller, bucket, std::move(wishes.acl)));
          (void)again;
        }
        co_return false;
      }
      co_return Error{Fault::bucket_already_owned_by_you,
                      "Your previous request to create the named bucket succeeded and you already "
                      "own it."}
          .with("BucketName", bucket);
    }
    CO_TRY(auto quota, co_await check_quota(caller));
    (void)quota;
    const Scope scope{caller.scope.account, region};
    const Instant now = clock_.now();
    const std::string place = store::encode(BucketPlace{scope.account, region, now});
    BucketRecord record;
    record.name = bucket;
    record.created = now;
    CO_TRY(Unit wished,
           apply_wishes(wishes, options_.new_buckets, owners_.id_of(scope.account), record));
    (void)wished;
    store::Txn txn;
    txn.guard(store::Guard::absent(directory_key(bucket)));
    const BucketKeys keys(scope, bucket);
    txn.put(keys.bucket(), store::encode(record));
    if (!wishes.tags.empty())
      txn.put(keys.setting(name_of(Setting::tagging)), store::encode(BucketTags{wishes.tags}));
    txn.put(directory_key(bucket), place);
    txn.put(account_prefix(scope.account) + bucket, place);
    auto committed = co_await store::commit_recognisably(store_, std::move(txn));
    forget(bucket);
    if (committed.ok()) co_return true;
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return contended();
}

bool Buckets::deletion_is_fresh(const BucketRecord& record) const {
  return record.deleting_since && clock_.now() < *record.deleting_since + kDeletionLease;
}

Task<store::Revision> Buckets::update(const Caller& caller, std::string bucket, Change change) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    forget(bucket);
    CO_TRY(BucketRef state, co_await find(caller, bucket));
    BucketRecord record = state->record;
    store::Txn txn;
    txn.guard(store::Guard::at(state->keys.bucket(), state->revision));
    CO_TRY(auto changed, change(*state, record, txn));
    (void)changed;
    txn.put(state->keys.bucket(), store::encode(record));
    auto committed = co_await store_.commit(std::move(txn));
    forget(bucket);
    if (committed.ok()) co_return committed;
    // With an unknown outcome the change is made again on what is there now: it is a replacement.
    if (committed.fault() != Fault::guard_failed && committed.fault() != Fault::outcome_unknown)
      co_return committed;
  }
  co_return contended();
}

Task<bool> Buckets::empty(BucketRef bucket) {
  CO_TRY(auto page, co_await store_.range(store::Range::prefix(bucket->keys.heads(), 1)));
  co_return page.items.empty();
}

// First look, then flag the record (so that every write into the bucket fails its guard and sees
// the flag), look again, and erase under the flag's revision: nothing can slip in between.
Task<Unit> Buckets::remove(const Caller& caller, std::string bucket) {
  forget(bucket);
  CO_TRY(BucketRef state, co_await find(caller, bucket));
  CO_TRY(bool was_empty, co_await empty(state));
  if (!was_empty) co_return not_empty(*state);
  const Instant now = clock_.now();
  Change flag = [this, now](const BucketState& seen, BucketRecord& record, store::Txn&) {
    if (deletion_is_fresh(seen.record)) return Status(being_deleted());
    record.deleting_since = now;
    return Status(done);
  };
  CO_TRY(auto revision, co_await update(caller, bucket, std::move(flag)));
  auto still_empty = co_await empty(state);
  if (still_empty.ok() && *still_empty) {
    auto erased = co_await drop_uploads(state, revision);
    if (erased.ok()) {
      erased = co_await erase_records(state, revision);
    }
    forget(bucket);
    if (erased.ok()) co_return done;
    if (erased.fault() == Fault::guard_failed) co_return being_deleted();
    still_empty = std::move(erased).error();
  }
  BucketRecord unflagged = state->record;
  unflagged.deleting_since.reset();
  store::Txn txn;
  txn.guard(store::Guard::at(state->keys.bucket(), revision));
  txn.put(state->keys.bucket(), store::encode(unflagged));
  auto cleared = co_await store_.commit(std::move(txn));
  (void)cleared;  // if it failed, the flag ends with its lease
  forget(bucket);
  if (!still_empty.ok()) co_return std::move(still_empty).error();
  co_return not_empty(*state);
}

// Uploads in progress do not keep a bucket; they end with it.
Task<Unit> Buckets::drop_uploads(BucketRef bucket, store::Revision revision) {
  for (;;) {
    CO_TRY(auto page,
           co_await store_.range(store::Range::prefix(bucket->keys.uploads(), kUploadsPerTxn)));
    if (page.items.empty()) co_return done;
    store::Txn txn;
    txn.guard(store::Guard::at(bucket->keys.bucket(), revision));
    std::vector<GarbageRecord> garbage;
    for (const auto& row : page.items) {
      CO_TRY(auto upload, store::decode<UploadRecord>(row.value));
      garbage.push_back({"", upload.upload_id, ""});
      txn.put(bucket->keys.garbage_upload(upload.upload_id), store::encode(garbage.back()));
      txn.erase(row.key);
    }
    CO_TRY(auto committed, co_await store_.commit(std::move(txn)));
    (void)committed;
    for (auto& record : garbage) collector_.collect(bucket->keys, std::move(record));
  }
}

Task<Unit> Buckets::erase_records(BucketRef bucket, store::Revision revision) {
  store::Txn txn;
  txn.guard(store::Guard::at(bucket->keys.bucket(), revision));
  txn.erase(bucket->keys.bucket());
  txn.erase(directory_key(bucket->record.name));
  txn.erase(account_prefix(bucket->scope.account) + bucket->record.name);
  for (std::uint32_t i = 0; i < bucket->record.notification_count; ++i)
    txn.erase(bucket->keys.notification(i));
  for (Setting setting : kSettings) txn.erase(bucket->keys.setting(name_of(setting)));
  CO_TRY(auto committed, co_await store_.commit(std::move(txn)));
  (void)committed;
  co_return done;
}

Task<BucketPage> Buckets::list(const Caller& caller, ListBucketsRequest request) {
  const std::string front = account_prefix(caller.scope.account);
  store::Range range = store::Range::prefix(front + request.prefix, 1000);
  if (!request.continuation_token.empty()) {
    auto after = from_base64url(request.continuation_token);
    if (!after)
      co_return invalid_argument("The continuation token provided is incorrect",
                                 "continuation-token", request.continuation_token);
    range.begin = std::max(range.begin, front + *after + '\0');
  }
  BucketPage out;
  for (;;) {
    CO_TRY(auto page, co_await store_.range(range));
    for (const auto& row : page.items) {
      CO_TRY(auto place, store::decode<BucketPlace>(row.value));
      if (request.region && *request.region != place.region) continue;
      if (out.buckets.size() == request.max_buckets) {
        if (!out.buckets.empty()) out.next_token = to_base64url(out.buckets.back().name);
        co_return out;
      }
      out.buckets.push_back({row.key.substr(front.size()), place.region, place.created});
    }
    if (!page.more) co_return out;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Buckets::set_versioning(const Caller& caller, std::string bucket,
                                   Versioning versioning) {
  CHECK(versioning != Versioning::never_set);
  Change change = [versioning](const BucketState&, BucketRecord& record, store::Txn&) {
    record.versioning = versioning;
    return Status(done);
  };
  CO_TRY(auto set, co_await configure(caller, bucket, std::move(change)));
  co_return set;
}

Task<Unit> Buckets::configure(const Caller& caller, std::string bucket, Change change) {
  CO_TRY(auto writable, co_await find_writable(caller, bucket));
  (void)writable;
  Change unless_deleted = [change = std::move(change)](const BucketState& seen,
                                                       BucketRecord& record, store::Txn& txn) {
    if (record.deleting_since) return Status(being_deleted());
    return change(seen, record, txn);
  };
  CO_TRY(auto revision, co_await update(caller, bucket, std::move(unless_deleted)));
  (void)revision;
  co_return done;
}

Task<std::optional<std::string>> Buckets::setting_bytes(const Caller& caller, std::string bucket,
                                                        Setting which) {
  CO_TRY(BucketRef state, co_await find(caller, bucket));
  CO_TRY(auto row, co_await store_.get(state->keys.setting(name_of(which))));
  std::optional<std::string> bytes;
  if (row) bytes = std::move(row->value);
  co_return bytes;
}

Task<Unit> Buckets::put_setting(const Caller& caller, std::string bucket, Setting which,
                                std::optional<std::string> encoded) {
  CO_TRY(auto writable, co_await find_writable(caller, bucket));
  (void)writable;
  Change change = [which, &encoded](const BucketState& seen, BucketRecord& record,
                                    store::Txn& txn) {
    if (record.deleting_since) return Status(being_deleted());
    const std::string key = seen.keys.setting(name_of(which));
    if (encoded)
      txn.put(key, *encoded);
    else
      txn.erase(key);
    return Status(done);
  };
  CO_TRY(auto revision, co_await update(caller, bucket, std::move(change)));
  (void)revision;
  co_return done;
}

Task<NotificationConfiguration> Buckets::notifications(const Caller& caller, std::string bucket) {
  CO_TRY(BucketRef state, co_await find(caller, bucket));
  if (state->record.notification_count == 0) co_return NotificationConfiguration{};
  CO_TRY(auto configuration,
         co_await load_notifications(state->keys, state->record.notification_count));
  co_return configuration;
}

namespace {

// Every queue is told once; so many that the transaction stays small.
Status announce(const Caller& caller, const BucketState& bucket,
                const NotificationConfiguration& configuration, Instant now,
                DestinationCheck& check, store::Txn& txn) {
  constexpr std::size_t kMaxAnnounced = 20;
  std::set<std::string_view> told;
  for (const auto& entry : configuration.entries) {
    if (entry.kind != DestinationKind::queue || told.size() == kMaxAnnounced) continue;
    if (!told.insert(entry.arn).second) continue;
    ObjectEvent event;
    event.event_name = kTestEvent;
    event.event_time = now;
    event.region = bucket.scope.region;
    event.account = bucket.scope.account;
    event.request_id = caller.request_id;
    event.host_id = caller.host_id;
    event.bucket = bucket.record.name;
    event.function_arn = entry.arn;
    TRY(Unit appended, check.announce(txn, bucket.scope, std::move(event)));
    (void)appended;
  }
  return done;
}

}  // namespace

Task<Unit> Buckets::set_notifications(const Caller& caller, std::string bucket,
                                      NotificationConfiguration configuration,
                                      DestinationCheck* check) {
  CO_TRY(BucketRef state, co_await find_writable(caller, bucket));
  CO_TRY(auto valid, validate_notifications(configuration, random_));
  (void)valid;
  if (check != nullptr) {
    CO_TRY(auto reachable,
           co_await check_destinations(configuration, state->scope, bucket, *check));
    (void)reachable;
  }
  Change change = [&, now = clock_.now()](const BucketState& seen, BucketRecord& record,
                                          store::Txn& txn) -> Status {
    if (record.deleting_since) return Status(being_deleted());
    const auto& entries = configuration.entries;
    for (std::uint32_t i = 0; i < entries.size(); ++i)
      txn.put(seen.keys.notification(i), store::encode(entries[i]));
    if (check != nullptr) {
      TRY(Unit announced, announce(caller, seen, configuration, now, *check, txn));
      (void)announced;
    }
    for (auto i = static_cast<std::uint32_t>(entries.size()); i < record.notification_count; ++i)
      txn.erase(seen.keys.notification(i));
    record.notification_count = static_cast<std::uint32_t>(entries.size());
    return Status(done);
  };
  CO_TRY(auto revision, co_await update(caller, bucket, std::move(change)));
  (void)revision;
  co_return done;
}

}  // namespace tidegate::s3
