#include "s3/collector.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <set>

namespace tidegate::s3 {
namespace {

constexpr std::size_t kRowsPerTxn = 100;

}  // namespace

Task<Unit> Collector::erase_now(std::string blob_id) {
  auto work = [this, blob_id] { return blobs_.erase(blob_id); };
  auto erased = co_await await_on(executors_.blocking, std::move(work));
  co_return erased;
}

void Collector::erase_blob(std::string blob_id) {
  group_.spawn("erase a blob", erase_now(std::move(blob_id)));
}

void Collector::collect(const BucketKeys& keys, GarbageRecord record) {
  if (!record.manifest_id.empty() && leases_.contains(record.manifest_id)) {
    std::string id = record.manifest_id;
    waiting_.insert_or_assign(std::move(id), std::pair{keys, std::move(record)});
    return;
  }
  group_.spawn("collect garbage", work_off(keys, std::move(record)));
}

std::shared_ptr<void> Collector::lease(const std::string& manifest_id) {
  ++leases_[manifest_id];
  // The last holder may be on any thread; the count belongs to the control strand.
  return std::shared_ptr<void>(nullptr, [self = std::weak_ptr<Collector*>(self_), manifest_id,
                                         control = executors_.control](void*) {
    asio::post(control, [self, manifest_id] {
      if (auto collector = self.lock(); collector && *collector)
        (*collector)->lease_ended(manifest_id);
    });
  });
}

void Collector::lease_ended(const std::string& manifest_id) {
  auto it = leases_.find(manifest_id);
  if (it == leases_.end() || --it->second > 0) return;
  leases_.erase(it);
  auto waiting = waiting_.find(manifest_id);
  if (waiting == waiting_.end()) return;
  auto [keys, record] = std::move(waiting->second);
  waiting_.erase(waiting);
  collect(keys, std::move(record));
}

Task<Unit> Collector::work_off(BucketKeys keys, GarbageRecord record) {
  std::string row;
  if (!record.upload_id.empty()) {
    row = keys.garbage_upload(record.upload_id);
    CO_TRY(auto dropped, co_await drop_parts(keys, record.upload_id, record.kept_manifest_id));
    (void)dropped;
  } else {
    row = keys.garbage_manifest(record.manifest_id);
    CO_TRY(auto dropped, co_await drop_manifest(keys, record.manifest_id));
    (void)dropped;
  }
  store::Txn txn;
  txn.erase(std::move(row));
  CO_TRY(auto committed, co_await store_.commit(std::move(txn)));
  (void)committed;
  co_return done;
}

Task<std::vector<PartRecord>> Collector::parts_of(BucketKeys keys, std::string manifest_id) {
  std::vector<PartRecord> parts;
  CO_TRY(auto page, co_await store_.range(store::Range::prefix(keys.manifest(manifest_id))));
  for (const auto& row : page.items) {
    CO_TRY(auto slice, store::decode<ManifestRecord>(row.value));
    for (auto& part : slice.parts) parts.push_back(std::move(part));
  }
  co_return parts;
}

// Blobs first, then that they are in use, then the rows that lead to them: a crash in between only
// repeats work.
Task<Unit> Collector::erase_blobs(BucketKeys keys, std::vector<std::string> blob_ids,
                                  std::vector<std::string> rows_after) {
  std::vector<std::string> rows;
  for (const auto& id : blob_ids) {
    CO_TRY(auto erased, co_await erase_now(id));
    (void)erased;
    rows.push_back(keys.blob(id));
  }
  std::move(rows_after.begin(), rows_after.end(), std::back_inserter(rows));
  for (std::size_t i = 0; i < rows.size(); i += kRowsPerTxn) {
    store::Txn txn;
    for (std::size_t j = i; j < std::min(rows.size(), i + kRowsPerTxn); ++j) txn.erase(rows[j]);
    CO_TRY(auto committed, co_await store_.commit(std::move(txn)));
    (void)committed;
  }
  co_return done;
}

Task<Unit> Collector::drop_manifest(BucketKeys keys, std::string manifest_id) {
  CO_TRY(auto page, co_await store_.range(store::Range::prefix(keys.manifest(manifest_id))));
  for (const auto& row : page.items) {
    CO_TRY(auto slice, store::decode<ManifestRecord>(row.value));
    std::vector<std::string> blob_ids;
    for (auto& part : slice.parts) blob_ids.push_back(std::move(part.blob_id));
    std::vector<std::string> rows{row.key};
    CO_TRY(auto erased, co_await erase_blobs(keys, std::move(blob_ids), std::move(rows)));
    (void)erased;
  }
  co_return done;
}

Task<Unit> Collector::drop_parts(BucketKeys keys, std::string upload_id,
                                 std::string kept_manifest_id) {
  std::set<std::string> kept;
  if (!kept_manifest_id.empty()) {
    CO_TRY(auto parts, co_await parts_of(keys, kept_manifest_id));
    for (auto& part : parts) kept.insert(std::move(part.blob_id));
  }
  for (;;) {
    CO_TRY(auto page,
           co_await store_.range(store::Range::prefix(keys.parts(upload_id), kRowsPerTxn / 2)));
    if (page.items.empty()) co_return done;
    std::vector<std::string> blob_ids, rows;
    for (const auto& row : page.items) {
      CO_TRY(auto part, store::decode<PartRecord>(row.value));
      if (!kept.contains(part.blob_id)) blob_ids.push_back(std::move(part.blob_id));
      rows.push_back(row.key);
    }
    CO_TRY(auto erased, co_await erase_blobs(keys, std::move(blob_ids), std::move(rows)));
    (void)erased;
  }
}

Task<Unit> Collector::recover_scope(Scope scope) {
  const BucketKeys keys(scope, "");
  store::Range range = store::Range::prefix(keys.garbages());
  for (;;) {
    CO_TRY(auto page, co_await store_.range(range));
    for (const auto& row : page.items) {
      CO_TRY(auto record, store::decode<GarbageRecord>(row.value));
      collect(keys, std::move(record));
    }
    if (!page.more) co_return done;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Collector::recover() {
  CO_TRY(auto all, co_await store::scopes(store_));
  for (auto& scope : all) {
    CO_TRY(auto recovered, co_await recover_scope(scope));
    (void)recovered;
  }
  co_return done;
}

asio::awaitable<void> Collector::close() {
  *self_ = nullptr;
  co_await group_.close();
}

}  // namespace tidegate::s3
