#include "s3/writer.h"

#include "base/check.h"
#include "s3/errors.h"

namespace tidegate::s3 {
namespace {

// Concurrent writers of one key: each round lets at least one through.
constexpr int kMaxAttempts = 128;
constexpr std::string_view kEmptyMd5 = "d41d8cd98f00b204e9800998ecf8427e";

void fill_object(ObjectEvent& event, EventType type, const ObjectRecord* record,
                 const std::string& version_id) {
  switch (type) {
    case EventType::removed_delete:
      break;
    case EventType::lifecycle_expiration_delete:
      event.event_version = "2.3";
      break;
    case EventType::lifecycle_expiration_delete_marker_created:
      event.event_version = "2.3";
      event.etag = std::string(kEmptyMd5);
      break;
    case EventType::removed_delete_marker_created:
      event.etag = std::string(kEmptyMd5);
      break;
    case EventType::tagging_put:
    case EventType::tagging_delete:
    case EventType::acl_put:
      event.event_version = "2.3";
      event.sequenced = false;
      if (record != nullptr) event.etag = record->etag;
      break;
    default:
      if (record != nullptr) {
        event.size = record->size;
        event.etag = record->etag;
      }
  }
  if (!version_id.empty()) event.version_id = version_id;
}

}  // namespace

void Change::absorb(Change other) {
  auto append = [](auto& into, auto& from) {
    std::move(from.begin(), from.end(), std::back_inserter(into));
  };
  append(txn.guards, other.txn.guards);
  append(txn.puts, other.txn.puts);
  append(txn.erases, other.txn.erases);
  append(blobs, other.blobs);
  append(garbage, other.garbage);
}

Task<KeyState> Writer::read(BucketRef bucket, std::string key) {
  KeyState state;
  state.key = std::move(key);
  CO_TRY(auto row, co_await store_.get(bucket->keys.head(state.key)));
  if (row) {
    CO_TRY(state.head, store::decode<ObjectRecord>(row->value));
    state.revision = row->mod_revision;
  }
  co_return state;
}

Task<std::optional<std::pair<store::Kv, ObjectRecord>>> Writer::read_version(BucketRef bucket,
                                                                             std::string key,
                                                                             std::uint64_t order) {
  CO_TRY(auto row, co_await store_.get(bucket->keys.version(key, order)));
  std::optional<std::pair<store::Kv, ObjectRecord>> found;
  if (row) {
    CO_TRY(auto record, store::decode<ObjectRecord>(row->value));
    found.emplace(std::move(*row), std::move(record));
  }
  co_return found;
}

void Writer::guard_head(const BucketState& bucket, const KeyState& state, Change& change) {
  std::string key = bucket.keys.head(state.key);
  change.txn.guard(state.head ? store::Guard::at(std::move(key), state.revision)
                              : store::Guard::absent(std::move(key)));
}

void Writer::displace(const BucketState& bucket, const KeyState& state, Change& change) {
  ObjectRecord older = *state.head;
  older.null_order.reset();
  change.txn.put(bucket.keys.version(state.key, older.order), store::encode(older));
}

Task<Unit> Writer::drop_null_version(BucketRef bucket, KeyState state, Change& change) {
  CO_TRY(auto found, co_await read_version(bucket, state.key, *state.head->null_order));
  // Absent only when the head has changed since: then its guard fails.
  if (!found) co_return done;
  change.txn.guard(store::Guard::unchanged(found->first));
  change.txn.erase(found->first.key);
  drop_content(*bucket, found->second, change);
  co_return done;
}

Task<ObjectRecord> Writer::place(BucketRef bucket, KeyState state, ObjectRecord next,
                                 Change& change) {
  const bool enabled = bucket->record.versioning == Versioning::enabled;
  next.order = state.head ? state.head->order + 1 : 1;
  next.version_id = enabled ? ids_.issue(next.order, random_) : "";
  next.last_modified = clock_.now();
  next.write_id = random_.next();
  next.null_order.reset();
  if (enabled && state.head)
    next.null_order =
        state.head->version_id.empty() ? std::optional(state.head->order) : state.head->null_order;
  guard_head(*bucket, state, change);
  // First, so that a commit of unknown outcome is recognised by it.
  change.txn.puts.emplace(change.txn.puts.begin(), bucket->keys.head(state.key),
                          store::encode(next));
  if (!state.head) co_return next;
  if (enabled || !state.head->version_id.empty()) {
    displace(*bucket, state, change);
  } else {
    drop_content(*bucket, *state.head, change);
  }
  if (!enabled && state.head->null_order) {
    CO_TRY(auto dropped, co_await drop_null_version(bucket, state, change));
    (void)dropped;
  }
  co_return next;
}

Task<Unit> Writer::take_head(BucketRef bucket, KeyState state, Change& change) {
  CHECK(state.head.has_value());
  guard_head(*bucket, state, change);
  drop_content(*bucket, *state.head, change);
  CO_TRY(auto page,
         co_await store_.range(store::Range::prefix(bucket->keys.versions_of(state.key), 1)));
  if (page.items.empty()) {
    change.txn.erase(bucket->keys.head(state.key));
    co_return done;
  }
  const store::Kv& row = page.items.front();
  CO_TRY(auto promoted, store::decode<ObjectRecord>(row.value));
  promoted.null_order = promoted.version_id.empty() ? std::nullopt : state.head->null_order;
  change.txn.guard(store::Guard::unchanged(row));
  change.txn.erase(row.key);
  change.txn.put(bucket->keys.head(state.key), store::encode(promoted));
  co_return done;
}

Status Writer::take_version(const BucketState& bucket, const KeyState& state, const store::Kv& row,
                            const ObjectRecord& record, Change& change) {
  CHECK(state.head.has_value());
  change.txn.guard(store::Guard::unchanged(row));
  change.txn.erase(row.key);
  drop_content(bucket, record, change);
  if (!record.version_id.empty()) return done;
  // The head says where the null version is.
  guard_head(bucket, state, change);
  ObjectRecord head = *state.head;
  head.null_order.reset();
  change.txn.put(bucket.keys.head(state.key), store::encode(head));
  return done;
}

void Writer::attach(const BucketState& bucket, NewContent content, ObjectRecord& record,
                    Change& change) {
  record.size = content.size;
  record.checksum = std::move(content.checksum);
  if (!content.blob_id.empty()) {
    record.blob_id = std::move(content.blob_id);
    change.txn.put(bucket.keys.blob(record.blob_id), "");
  } else if (!content.inline_bytes.empty()) {
    record.content_id = time_ordered_id(to_ms(clock_.now()), random_.hex(16));
    change.txn.put(bucket.keys.content(record.content_id), std::move(content.inline_bytes));
  }
}

void Writer::drop_content(const BucketState& bucket, const ObjectRecord& record, Change& change) {
  if (!record.content_id.empty()) {
    change.txn.erase(bucket.keys.content(record.content_id));
  } else if (!record.blob_id.empty()) {
    change.txn.erase(bucket.keys.blob(record.blob_id));
    change.blobs.push_back(record.blob_id);
  } else if (!record.manifest_id.empty()) {
    GarbageRecord garbage{record.manifest_id, "", ""};
    change.txn.put(bucket.keys.garbage_manifest(record.manifest_id), store::encode(garbage));
    change.garbage.push_back(std::move(garbage));
  }
}

Status Writer::notify(const Caller& caller, const BucketState& bucket, EventType type,
                      const std::string& key, const ObjectRecord* record,
                      const std::string& version_id, Change& change) {
  const auto* rule = bucket.rules.match(type, key);
  // There are no topics; one was stored unchecked at its owner's wish.
  if (rule == nullptr || rule->kind == DestinationKind::topic) return done;
  ObjectEvent event;
  event.event_name = name_of(type);
  event.event_version = "2.1";
  event.event_time = clock_.now();
  event.region = bucket.scope.region;
  event.account = bucket.scope.account;
  event.principal_id = caller.principal_id;
  event.source_ip = caller.source_ip;
  event.request_id = caller.request_id;
  event.host_id = caller.host_id;
  event.configuration_id = rule->id;
  event.bucket = bucket.record.name;
  event.key = key;
  event.function_arn = rule->arn;
  event.depth = caller.depth;
  fill_object(event, type, record, version_id);
  return outbox_(change.txn, bucket.scope, delivery_of(event, random_.uuid()));
}

void Writer::accompany(const Caller& caller, Change& change) {
  if (!caller.companion || caller.companion->stored) return;
  change.txn.put(caller.companion->key, caller.companion->value);
  change.companion = caller.companion;
}

Task<store::Revision> Writer::commit(BucketRef bucket, Change change) {
  change.txn.guard(store::Guard::at(bucket->keys.bucket(), bucket->revision));
  Result<store::Revision> committed{Fault::internal, ""};
  if (change.txn.puts.empty()) {
    committed = co_await store_.commit(std::move(change.txn));
    // Without a put nothing tells ours from another's; erasing again is the same.
    if (!committed.ok() && committed.fault() == Fault::outcome_unknown)
      committed = Error{Fault::guard_failed, "the outcome of an erasure is unknown"};
  } else {
    committed = co_await store::commit_recognisably(store_, std::move(change.txn));
  }
  if (!committed.ok()) co_return committed;
  if (change.companion) change.companion->stored = true;
  for (auto& blob_id : change.blobs) collector_.erase_blob(std::move(blob_id));
  for (auto& garbage : change.garbage) collector_.collect(bucket->keys, std::move(garbage));
  co_return committed;
}

Task<bool> Writer::worth_retrying(BucketRef bucket, Fault fault, int attempt) {
  if (fault != Fault::guard_failed) co_return false;
  if (attempt + 1 >= kMaxAttempts) co_return contended();
  CO_TRY(auto row, co_await store_.get(bucket->keys.bucket()));
  if (!row || row->mod_revision != bucket->revision) buckets_.forget(bucket->record.name);
  co_return true;
}

}  // namespace tidegate::s3
