// Writer: how one key of a bucket changes. It builds the one transaction of a write (head row,
// displaced version row, content, outbox row, guards on head and bucket) and commits it; what is
// dropped goes to the collector afterwards. Objects and Multipart are made of it.
//
// Versions of a key: the newest stands in the head row, older ones in version rows. A write in an
// Enabled bucket moves the head to a version row; in any other bucket it replaces the null version.
// Every change of a key's newest version rewrites its head, so a guard on the head's revision makes
// read-decide-write atomic. On the control strand only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/scheduler.h"
#include "events/queue.h"
#include "s3/buckets.h"
#include "s3/collector.h"
#include "s3/content.h"
#include "s3/event_record.h"
#include "s3/types.h"
#include "s3/version_id.h"
#include "store/store.h"

namespace tidegate::s3 {

// Where events go in a write's own transaction; a queue's append, bound by wiring or a test.
using OutboxAppend = std::function<Status(store::Txn&, const Scope&, events::Delivery)>;

// The newest version of a key as it was read.
struct KeyState {
  std::string key;
  std::optional<ObjectRecord> head;
  store::Revision revision = 0;  // of the head row; 0 when there is none
  // A current delete marker counts as absent.
  const ObjectRecord* current() const { return head && !head->delete_marker ? &*head : nullptr; }
};

// One key's part of a transaction, and what becomes garbage by it.
struct Change {
  store::Txn txn;
  std::vector<std::string> blobs;
  std::vector<GarbageRecord> garbage;
  std::shared_ptr<Companion> companion;
  std::size_t operations() const { return txn.guards.size() + txn.puts.size() + txn.erases.size(); }
  bool nothing() const { return txn.puts.empty() && txn.erases.empty(); }
  void absorb(Change other);
};

class Writer {
 public:
  Writer(store::Store& store, const Clock& clock, Random& random, Buckets& buckets,
         Collector& collector, const VersionIds& ids, OutboxAppend outbox)
      : store_(store),
        clock_(clock),
        random_(random),
        buckets_(buckets),
        collector_(collector),
        ids_(ids),
        outbox_(std::move(outbox)) {}

  Task<KeyState> read(BucketRef bucket, std::string key);
  // The row of an older version; nullopt when there is none.
  Task<std::optional<std::pair<store::Kv, ObjectRecord>>> read_version(BucketRef bucket,
                                                                       std::string key,
                                                                       std::uint64_t order);

  // Makes `next` the newest version under the bucket's versioning. Fills in its version id, order
  // and time; the head row is the transaction's first put.
  Task<ObjectRecord> place(BucketRef bucket, KeyState state, ObjectRecord next, Change& change);
  // Takes the newest version away; the one before becomes current.
  Task<Unit> take_head(BucketRef bucket, KeyState state, Change& change);
  // Takes an older version away.
  Status take_version(const BucketState& bucket, const KeyState& state, const store::Kv& row,
                      const ObjectRecord& record, Change& change);

  // Gives `record` the bytes: inline ones go into the transaction, a blob is marked as used.
  void attach(const BucketState& bucket, NewContent content, ObjectRecord& record, Change& change);
  void drop_content(const BucketState& bucket, const ObjectRecord& record, Change& change);

  // The outbox row, when a rule of the bucket matches. `record` null: key and sequencer only.
  Status notify(const Caller& caller, const BucketState& bucket, EventType type,
                const std::string& key, const ObjectRecord* record, const std::string& version_id,
                Change& change);

  // Takes along what shall stand with the caller's change.
  static void accompany(const Caller& caller, Change& change);
  // Commits under the bucket's guard. guard_failed: read again and decide again.
  Task<store::Revision> commit(BucketRef bucket, Change change);
  // Whether a failed commit is worth another try with fresh reads; brings the bucket up to date.
  Task<bool> worth_retrying(BucketRef bucket, Fault fault, int attempt);

  Buckets& buckets() { return buckets_; }
  Collector& collector() { return collector_; }
  const VersionIds& ids() const { return ids_; }
  store::Store& store() { return store_; }
  Random& random() { return random_; }
  Instant now() const { return clock_.now(); }

 private:
  void displace(const BucketState& bucket, const KeyState& state, Change& change);
  void guard_head(const BucketState& bucket, const KeyState& state, Change& change);
  Task<Unit> drop_null_version(BucketRef bucket, KeyState state, Change& change);

  store::Store& store_;
  const Clock& clock_;
  Random& random_;
  Buckets& buckets_;
  Collector& collector_;
  const VersionIds& ids_;
  OutboxAppend outbox_;
};

}  // namespace tidegate::s3
