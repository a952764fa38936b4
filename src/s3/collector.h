// Collector: erases content that no record names any more, behind the requests. A single blob is
// erased right after the commit that dropped it; what is too much for one transaction (the parts of
// an upload, the manifest of a multipart object) stands in a garbage row from that commit on, which
// survives a crash and is taken up again by recover().
//
// What even that misses (a blob made durable whose record never committed) is an orphan, which the
// sweeper finds (blob/sweeper.h). On the control strand; erasing runs on the blocking pool.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/task.h"
#include "base/task_group.h"
#include "blob/blob.h"
#include "s3/keys.h"
#include "s3/types.h"
#include "store/store.h"

namespace tidegate::s3 {

class Collector {
 public:
  Collector(store::Store& store, blob::Blobs& blobs, Executors executors)
      : store_(store),
        blobs_(blobs),
        executors_(executors),
        group_(executors.control),
        self_(std::make_shared<Collector*>(this)) {}

  void erase_blob(std::string blob_id);
  // The garbage row was committed: work it off.
  void collect(const BucketKeys& keys, GarbageRecord record);
  // Takes up every garbage row that an earlier run left.
  Task<Unit> recover();

  // Held by a reader of a multipart object: its blobs stay until the last lease is gone.
  std::shared_ptr<void> lease(const std::string& manifest_id);

  asio::awaitable<void> close();

 private:
  Task<Unit> erase_now(std::string blob_id);
  Task<Unit> work_off(BucketKeys keys, GarbageRecord record);
  Task<Unit> drop_manifest(BucketKeys keys, std::string manifest_id);
  Task<Unit> drop_parts(BucketKeys keys, std::string upload_id, std::string kept_manifest_id);
  Task<std::vector<PartRecord>> parts_of(BucketKeys keys, std::string manifest_id);
  Task<Unit> erase_blobs(BucketKeys keys, std::vector<std::string> blob_ids,
                         std::vector<std::string> rows_after);
  Task<Unit> recover_scope(Scope scope);
  void lease_ended(const std::string& manifest_id);

  store::Store& store_;
  blob::Blobs& blobs_;
  Executors executors_;
  TaskGroup group_;
  std::shared_ptr<Collector*> self_;  // null behind it after close(): leases may outlive us
  std::map<std::string, int> leases_;
  // Manifests that are garbage but still read: collected when their last lease ends.
  std::map<std::string, std::pair<BucketKeys, GarbageRecord>> waiting_;
};

}  // namespace tidegate::s3
