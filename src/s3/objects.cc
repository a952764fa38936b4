#include "s3/objects.h"

#include <algorithm>

#include "base/bytes.h"
#include "s3/errors.h"

namespace tidegate::s3 {
namespace {

constexpr int kMaxReadAttempts = 16;
// Room that stays free in a transaction of several removals: the bucket's guard.
constexpr std::size_t kMaxBatchOperations = store::kMaxOperations - 1;
constexpr std::size_t kMaxBatchBytes = store::kMaxRequestBytes / 2;

Error missing(const std::string& key, const std::optional<std::string>& version_id) {
  return version_id ? no_such_version(key, *version_id) : no_such_key(key);
}

std::size_t bytes_of(const Change& change) {
  std::size_t total = 0;
  for (const auto& guard : change.txn.guards) total += guard.key.size();
  for (const auto& [key, value] : change.txn.puts) total += key.size() + value.size();
  for (const auto& key : change.txn.erases) total += key.size();
  return total;
}

EventType removal_event(bool by_lifecycle) {
  return by_lifecycle ? EventType::lifecycle_expiration_delete : EventType::removed_delete;
}

bool copies_onto_itself(const CopyRequest& request, const ObjectRecord& source) {
  return request.bucket == request.source_bucket && request.key == request.source_key &&
         !request.source_version && !request.metadata &&
         request.storage_class == source.metadata.storage_class;
}

}  // namespace

Status check_object_key(std::string_view key) {
  if (key.size() > kMaxKeyBytes)
    return Error{Fault::key_too_long, "Your key is too long"}
        .with("Size", std::to_string(key.size()))
        .with("MaxSizeAllowed", std::to_string(kMaxKeyBytes));
  if (key.empty() || key.find('\0') != std::string_view::npos || !valid_utf8(key))
    return Error{Fault::invalid_uri, "Couldn't parse the specified URI."};
  return done;
}

Status check_metadata(const ObjectMetadata& metadata) {
  std::size_t total = 0;
  for (const auto& [name, value] : metadata.user) total += name.size() + value.size();
  if (total > kMaxUserMetadataBytes)
    return Error{Fault::metadata_too_large,
                 "Your metadata headers exceed the maximum allowed metadata size"}
        .with("Size", std::to_string(total))
        .with("MaxSizeAllowed", std::to_string(kMaxUserMetadataBytes));
  return done;
}

void Objects::discard(const NewContent& content) {
  if (!content.blob_id.empty()) writer_.collector().erase_blob(content.blob_id);
}

Task<PutResult> Objects::put(const Caller& caller, PutRequest request) {
  for (int attempt = 0;; ++attempt) {
    BucketRef bucket;
    bool committing = false;
    Result<PutResult> result{Fault::internal, ""};
    auto found = co_await writer_.buckets().find_writable(caller, request.bucket);
    if (found.ok()) {
      bucket = std::move(found).value();
      result = co_await put_once(caller, bucket, request, committing);
    } else {
      result = std::move(found).error();
    }
    if (result.ok()) co_return result;
    if (committing) {
      auto again = co_await writer_.worth_retrying(bucket, result.fault(), attempt);
      if (!again.ok())
        result = std::move(again).error();
      else if (*again)
        continue;
      // A commit of unknown outcome may have kept the blob; the sweeper knows later.
      if (result.fault() == Fault::outcome_unknown) co_return result;
    }
    discard(request.content);
    co_return result;
  }
}

Task<PutResult> Objects::put_once(const Caller& caller, BucketRef bucket, const PutRequest& request,
                                  bool& committing) {
  CO_TRY(auto key_checked, check_object_key(request.key));
  CO_TRY(auto metadata_checked, check_metadata(request.metadata));
  CO_TRY(auto tags_checked, check_tags(request.tags, Tagged::object));
  CO_TRY(auto access, object_access(bucket->record, bucket->scope.account, caller.scope.account,
                                    request.acl, writer_.buckets().owners()));
  (void)key_checked, (void)metadata_checked, (void)tags_checked;
  CO_TRY(auto state, co_await writer_.read(bucket, request.key));
  CO_TRY(auto allowed, check_write(request.conditions, state.current(), request.key));
  (void)allowed;
  Change change;
  ObjectRecord next;
  next.etag = to_hex(request.content.md5);
  next.metadata = request.metadata;
  next.tags = request.tags;
  next.owner = std::move(access.owner);
  next.acl = std::move(access.acl);
  writer_.attach(*bucket, request.content, next, change);
  CO_TRY(next, co_await writer_.place(bucket, std::move(state), std::move(next), change));
  CO_TRY(auto notified, writer_.notify(caller, *bucket, request.event, request.key, &next,
                                       next.version_id, change));
  (void)notified;
  Writer::accompany(caller, change);
  committing = true;
  CO_TRY(auto revision, co_await writer_.commit(bucket, std::move(change)));
  (void)revision;
  PutResult result;
  result.record = std::move(next);
  result.versioned = bucket->record.versioning == Versioning::enabled;
  result.bucket = std::move(bucket);
  co_return result;
}

Task<Lookup> Objects::lookup(const Caller& caller, std::string bucket, std::string key,
                             std::optional<std::string> version_id) {
  CO_TRY(BucketRef found, co_await writer_.buckets().find(caller, bucket));
  CO_TRY(auto key_checked, check_object_key(key));
  (void)key_checked;
  if (version_id) {
    CO_TRY(auto version, co_await find_version(found, key, *version_id));
    co_return version;
  }
  CO_TRY(auto state, co_await writer_.read(found, key));
  Lookup result;
  result.bucket = found;
  result.record = std::move(state.head);
  result.latest = true;
  co_return result;
}

Task<Lookup> Objects::find_version(BucketRef bucket, std::string key, std::string version_id) {
  const bool null_version = version_id == kNullVersion;
  std::optional<std::uint64_t> order = writer_.ids().order_of(version_id);
  if (!null_version && !order) co_return invalid_version_id(version_id);
  const std::string wanted = null_version ? "" : version_id;
  Lookup result;
  result.bucket = bucket;
  store::Revision seen = 0;
  for (int attempt = 0; attempt < kMaxReadAttempts; ++attempt) {
    CO_TRY(auto state, co_await writer_.read(bucket, key));
    // Between the two reads the version may have become the head: unless nothing moved, look again.
    if (!state.head || (attempt > 0 && state.revision == seen)) co_return result;
    seen = state.revision;
    if (state.head->version_id == wanted) {
      result.record = std::move(state.head);
      result.latest = true;
      co_return result;
    }
    if (null_version) order = state.head->null_order;
    if (!order) co_return result;
    CO_TRY(auto row, co_await writer_.read_version(bucket, key, *order));
    if (row && row->second.version_id == wanted) {
      result.record = std::move(row->second);
      co_return result;
    }
  }
  co_return result;
}

Task<std::vector<PartRecord>> Objects::parts(const Lookup& found) {
  std::vector<PartRecord> all;
  if (!found.record || found.record->manifest_id.empty()) co_return all;
  const BucketKeys& keys = found.bucket->keys;
  CO_TRY(auto page, co_await writer_.store().range(
                        store::Range::prefix(keys.manifest(found.record->manifest_id))));
  for (const auto& row : page.items) {
    CO_TRY(auto slice, store::decode<ManifestRecord>(row.value));
    std::move(slice.parts.begin(), slice.parts.end(), std::back_inserter(all));
  }
  co_return all;
}

Task<std::optional<Content>> Objects::open_content(const Lookup& found) {
  CHECK(found.record.has_value());
  const ObjectRecord& record = *found.record;
  std::optional<Content> content;
  if (!record.content_id.empty()) {
    CO_TRY(auto row, co_await writer_.store().get(found.bucket->keys.content(record.content_id)));
    if (row) content.emplace(std::move(row->value));
  } else if (!record.blob_id.empty()) {
    auto work = [this, id = record.blob_id] { return blobs_.open(id); };
    auto opened = co_await await_on(executors_.blocking, std::move(work));
    if (opened.ok()) {
      content.emplace(std::move(opened).value());
    } else if (opened.fault() != Fault::not_found) {
      co_return std::move(opened).error();
    }
  } else if (!record.manifest_id.empty()) {
    auto lease = writer_.collector().lease(record.manifest_id);
    CO_TRY(auto all, co_await parts(found));
    if (all.size() == record.parts_count) content.emplace(chain(blobs_, std::move(all), lease));
  } else {
    content.emplace(std::string());
  }
  co_return content;
}

Task<OpenObject> Objects::open(const Caller& caller, std::string bucket, std::string key,
                               std::optional<std::string> version_id) {
  for (int attempt = 0; attempt < kMaxReadAttempts; ++attempt) {
    CO_TRY(auto found, co_await lookup(caller, bucket, key, version_id));
    if (!found.record) co_return missing(key, version_id);
    if (found.record->delete_marker) {
      if (!version_id) co_return no_such_key(key);
      co_return Error{Fault::method_not_allowed,
                      "The specified method is not allowed against this resource."}
          .with("Method", "GET")
          .with("ResourceType", "DeleteMarker");
    }
    CO_TRY(auto content, co_await open_content(found));
    if (!content) continue;
    co_return OpenObject{std::move(*found.record), found.bucket, found.latest, std::move(*content)};
  }
  co_return Error{Fault::internal, "the content of an object cannot be found"};
}

Task<Objects::Removal> Objects::plan_delete(const Caller& caller, BucketRef bucket, KeyState state,
                                            const RemoveRequest& request) {
  Removal plan;
  const std::string key = state.key;
  if (request.lifecycle_saw && state.revision != *request.lifecycle_saw)
    co_return precondition_failed("Lifecycle");
  const bool lifecycle = request.lifecycle_saw.has_value();
  if (bucket->record.versioning == Versioning::never_set) {
    if (state.head) {
      CO_TRY(auto taken, co_await writer_.take_head(bucket, std::move(state), plan.change));
      (void)taken;
    }
    // Also of an absent key: AWS sends this event for every such delete.
    CO_TRY(auto notified, writer_.notify(caller, *bucket, removal_event(lifecycle), key, nullptr,
                                         "", plan.change));
    (void)notified;
    co_return plan;
  }
  ObjectRecord marker;
  marker.delete_marker = true;
  CO_TRY(marker, co_await writer_.place(bucket, std::move(state), std::move(marker), plan.change));
  const EventType event = lifecycle ? EventType::lifecycle_expiration_delete_marker_created
                                    : EventType::removed_delete_marker_created;
  CO_TRY(auto notified,
         writer_.notify(caller, *bucket, event, key, &marker, marker.version_id, plan.change));
  (void)notified;
  plan.result.delete_marker = true;
  plan.result.version_id =
      marker.version_id.empty() ? std::string(kNullVersion) : marker.version_id;
  co_return plan;
}

Task<Objects::Removal> Objects::plan_delete_version(const Caller& caller, BucketRef bucket,
                                                    KeyState state, const RemoveRequest& request) {
  Removal plan;
  const std::string& version_id = *request.version_id;
  const std::optional<store::Revision>& seen = request.lifecycle_saw;
  plan.result.version_id = version_id;
  const std::string key = state.key;
  const bool null_version = version_id == kNullVersion;
  std::optional<std::uint64_t> order = writer_.ids().order_of(version_id);
  if (!null_version && !order) co_return invalid_version_id(version_id);
  // What was issued and is gone was deleted before: the same answer, and no event.
  if (!state.head) co_return plan;
  const std::string wanted = null_version ? "" : version_id;
  if (state.head->version_id == wanted) {
    if (seen && state.revision != *seen) co_return precondition_failed("Lifecycle");
    plan.result.delete_marker = state.head->delete_marker;
    CO_TRY(auto taken, co_await writer_.take_head(bucket, std::move(state), plan.change));
    (void)taken;
  } else {
    if (null_version) order = state.head->null_order;
    if (!order) co_return plan;
    CO_TRY(auto row, co_await writer_.read_version(bucket, key, *order));
    if (!row || row->second.version_id != wanted) co_return plan;
    if (seen && row->first.mod_revision != *seen) co_return precondition_failed("Lifecycle");
    plan.result.delete_marker = row->second.delete_marker;
    CO_TRY(auto taken, writer_.take_version(*bucket, state, row->first, row->second, plan.change));
    (void)taken;
  }
  CO_TRY(auto notified, writer_.notify(caller, *bucket, removal_event(seen.has_value()), key,
                                       nullptr, wanted, plan.change));
  (void)notified;
  co_return plan;
}

Task<Objects::Removal> Objects::plan_removal(const Caller& caller, BucketRef bucket,
                                             RemoveRequest request) {
  CO_TRY(auto key_checked, check_object_key(request.key));
  (void)key_checked;
  CO_TRY(auto state, co_await writer_.read(bucket, request.key));
  if (request.if_match) {
    const ObjectRecord* target = state.current();
    Lookup version;
    if (request.version_id) {
      CO_TRY(version, co_await find_version(bucket, request.key, *request.version_id));
      target = version.record ? &*version.record : nullptr;
    }
    if (target != nullptr && !etag_in_list(*request.if_match, target->etag))
      co_return precondition_failed("If-Match");
  }
  if (request.version_id) {
    CO_TRY(auto plan, co_await plan_delete_version(caller, bucket, std::move(state), request));
    co_return plan;
  }
  CO_TRY(auto plan, co_await plan_delete(caller, bucket, std::move(state), request));
  co_return plan;
}

Task<RemoveResult> Objects::remove(const Caller& caller, std::string bucket,
                                   RemoveRequest request) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY(BucketRef found, co_await writer_.buckets().find_writable(caller, bucket));
    CO_TRY(auto plan, co_await plan_removal(caller, found, request));
    if (plan.change.nothing()) co_return plan.result;
    Writer::accompany(caller, plan.change);
    auto committed = co_await writer_.commit(found, std::move(plan.change));
    if (committed.ok()) co_return plan.result;
    CO_TRY(bool again, co_await writer_.worth_retrying(found, committed.fault(), attempt));
    if (!again) co_return std::move(committed).error();
  }
}

// As many removals in one transaction as fit; if that loses a guard, each is done alone.
Task<std::vector<Result<RemoveResult>>> Objects::remove_many(const Caller& caller,
                                                             std::string bucket,
                                                             std::vector<RemoveRequest> requests) {
  CO_TRY(BucketRef found, co_await writer_.buckets().find_writable(caller, bucket));
  std::vector<Result<RemoveResult>> results;
  results.reserve(requests.size());
  std::size_t next = 0;
  while (next < requests.size()) {
    Change batch;
    const std::size_t first = next;
    std::vector<std::string> keys;
    for (; next < requests.size(); ++next) {
      const std::string& key = requests[next].key;
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) break;
      auto plan = co_await plan_removal(caller, found, requests[next]);
      if (plan.ok()) {
        const bool fits = batch.operations() + plan->change.operations() <= kMaxBatchOperations &&
                          bytes_of(batch) + bytes_of(plan->change) <= kMaxBatchBytes;
        if (!fits && !keys.empty()) break;
        batch.absorb(std::move(plan->change));
        results.push_back(std::move(plan->result));
      } else {
        results.push_back(std::move(plan).error());
      }
      keys.push_back(key);
    }
    if (batch.nothing()) continue;
    auto committed = co_await writer_.commit(found, std::move(batch));
    if (committed.ok()) continue;
    writer_.buckets().forget(bucket);
    for (std::size_t i = first; i < next; ++i) {
      if (!results[i].ok()) continue;
      auto alone = co_await remove(caller, bucket, requests[i]);
      results[i] = std::move(alone);
    }
    CO_TRY(found, co_await writer_.buckets().find_writable(caller, bucket));
  }
  co_return results;
}

Task<CopyResult> Objects::copy(const Caller& caller, CopyRequest request) {
  auto opened =
      co_await open(caller, request.source_bucket, request.source_key, request.source_version);
  if (!opened.ok()) {
    if (opened.fault() == Fault::method_not_allowed)
      co_return Error{Fault::invalid_request,
                      "The source of a copy request may not specifically refer to a delete marker "
                      "by version id."};
    co_return std::move(opened).error();
  }
  const ObjectRecord source = opened->record;
  CO_TRY(auto allowed, check_copy_source(request.source_conditions, source.etag,
                                         source.last_modified, writer_.now()));
  (void)allowed;
  if (copies_onto_itself(request, source))
    co_return Error{Fault::invalid_request,
                    "This copy request is illegal because it is trying to copy an object to itself "
                    "without changing the object's metadata, storage class, website redirect "
                    "location or encryption attributes."};
  if (source.size > kMaxPutBytes)
    co_return Error{Fault::invalid_request,
                    "The specified copy source is larger than the maximum allowable size for a "
                    "copy source: 5368709120"};
  std::string algorithm = request.checksum_algorithm;
  if (algorithm.empty() && !source.checksum.composite) algorithm = source.checksum.algorithm;
  CO_TRY(auto content, co_await duplicate_content(executors_, blobs_, source, algorithm));
  if (!content) {
    auto digester = math_.digester(algorithm);
    CO_TRY(content, co_await copy_content(executors_, blobs_, std::move(opened->content), 0,
                                          source.size, std::move(digester), kInlineLimit));
  }
  PutRequest put_request;
  put_request.bucket = request.bucket;
  put_request.key = request.key;
  put_request.content = std::move(*content);
  put_request.metadata = request.metadata ? *request.metadata : source.metadata;
  put_request.metadata.storage_class = request.storage_class;
  put_request.tags = request.tags ? *request.tags : source.tags;
  put_request.conditions = request.conditions;
  put_request.event = EventType::created_copy;
  put_request.acl = request.acl;
  CopyResult result;
  if (opened->bucket->record.versioning != Versioning::never_set)
    result.source_version_id =
        source.version_id.empty() ? std::string(kNullVersion) : source.version_id;
  CO_TRY(result.put, co_await put(caller, std::move(put_request)));
  co_return result;
}

Task<Unit> Objects::edit_once(const Caller& caller, Lookup found, std::string key, const Edit& edit,
                              EventType event) {
  // The row as it is now; the record decides whether it is still the version that was found.
  const BucketState& bucket = *found.bucket;
  const std::string row_key =
      found.latest ? bucket.keys.head(key) : bucket.keys.version(key, found.record->order);
  CO_TRY(auto row, co_await writer_.store().get(row_key));
  const Error moved{Fault::guard_failed, "the version moved"};
  if (!row) co_return moved;
  CO_TRY(auto record, store::decode<ObjectRecord>(row->value));
  if (record.write_id != found.record->write_id) co_return moved;
  CO_TRY(auto edited, edit(bucket, record));
  (void)edited;
  Change change;
  change.txn.guard(store::Guard::unchanged(*row));
  change.txn.put(row_key, store::encode(record));
  CO_TRY(auto notified,
         writer_.notify(caller, bucket, event, key, &record, record.version_id, change));
  (void)notified;
  Writer::accompany(caller, change);
  CO_TRY(auto revision, co_await writer_.commit(found.bucket, std::move(change)));
  (void)revision;
  co_return done;
}

Task<Lookup> Objects::edit(const Caller& caller, std::string bucket, std::string key,
                           std::optional<std::string> version_id, Edit edit, EventType event) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY(BucketRef writable, co_await writer_.buckets().find_writable(caller, bucket));
    CO_TRY(auto found, co_await lookup(caller, bucket, key, version_id));
    found.bucket = writable;
    if (!found.record) co_return missing(key, version_id);
    if (found.record->delete_marker) {
      if (!version_id) co_return no_such_key(key);
      co_return Error{Fault::method_not_allowed,
                      "The specified method is not allowed against this resource."}
          .with("Method", "PUT")
          .with("ResourceType", "DeleteMarker");
    }
    auto changed = co_await edit_once(caller, found, key, edit, event);
    if (changed.ok()) co_return found;
    CO_TRY(bool again, co_await writer_.worth_retrying(writable, changed.fault(), attempt));
    if (!again) co_return std::move(changed).error();
  }
}

Task<Lookup> Objects::set_tags(const Caller& caller, std::string bucket, std::string key,
                               std::optional<std::string> version_id, Tags tags, EventType event) {
  CO_TRY(auto tags_checked, check_tags(tags, Tagged::object));
  (void)tags_checked;
  Edit replace = [&tags](const BucketState&, ObjectRecord& record) {
    record.tags = tags;
    return Status(done);
  };
  CO_TRY(auto changed, co_await edit(caller, bucket, key, version_id, std::move(replace), event));
  co_return changed;
}

Task<Lookup> Objects::set_acl(const Caller& caller, std::string bucket, std::string key,
                              std::optional<std::string> version_id, AclRequest acl) {
  const Owners& owners = writer_.buckets().owners();
  Edit replace = [&acl, &owners](const BucketState& in, ObjectRecord& record) -> Status {
    const std::string& account = in.scope.account;
    TRY(record.acl, replacement_acl(in.record, acl, owners.id_of(owner_of(record.owner, account)),
                                    owners.id_of(account), false));
    return Status(done);
  };
  CO_TRY(auto changed,
         co_await edit(caller, bucket, key, version_id, std::move(replace), EventType::acl_put));
  co_return changed;
}

}  // namespace tidegate::s3
