// Trail: who changed what, on which resource, from where, and how it ended, in records that form a
// chain: each is bound to the one before by a keyed digest (HMAC-SHA-256, with a key that lives
// outside the store), and the newest by a sealed head. So a record that was changed, removed, put
// elsewhere or cut off at the end is found by verify(), unless store and key file are both in the
// wrong hands, or the whole store was put back to an earlier day (compare the head you wrote down).
//
// Kept are the newest kMostRecords. Calls that fail are bounded: of the same caller, operation and
// error kRefusalsAMinute records, and the next minute's first one says how many more there were.
//
// A change of one transaction may take its record along: prepare() makes the row, sealed, and
// adopt() gives the record its place in the chain, which nobody waits for. A record that a crash
// left without a place gets one from load(). Until then verify() checks its seal, but could not
// tell that the row was taken away.
//
// What waits goes into one transaction. Where the store refuses one (a full disk), the records of
// what was done already are owed: they go first into the next transaction, and while any is owed
// settle() answers whether a change may begin. Of failed calls kMostKept wait for it as well. On
// the control strand.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/companion.h"
#include "base/metrics.h"
#include "base/one_shot.h"
#include "base/random.h"
#include "base/scheduler.h"
#include "base/task_group.h"
#include "store/record.h"
#include "store/store.h"

namespace tidegate::audit {

inline constexpr std::uint64_t kMostRecords = 100'000;
inline constexpr std::size_t kMostRefusals = 4096;  // different ones remembered at once
inline constexpr std::size_t kMostWaiting = 4096;   // records that are not stored yet
inline constexpr std::uint32_t kRefusalsAMinute = 20;
inline constexpr std::size_t kMostKept = 1024;  // of failed calls, while the store takes nothing

struct Record {
  std::uint64_t sequence = 0;
  Instant time{};
  std::string id;                                         // CloudTrail's eventID
  std::string account, region;                            // of the caller
  std::string source, name;                               // "s3.amazonaws.com", "PutObject"
  std::string action, resource;                           // "s3:PutObject", what the call named
  std::string caller, caller_kind, key_id, function_arn;  // the ARN; "user", "role", …
  std::string address, agent, request_id;
  std::string error, message;  // "" when the call was done
  bool denied = false;
  std::uint32_t times = 1;  // of a refused call: with those of the minute before that left none
  bool read_only = false;
  std::vector<std::string> further;  // resources: what a copy is taken from
  bool partly = false;               // some of a batch was refused: the error is theirs

  bool changed_nothing() const { return !error.empty() && !partly; }
};

// By which people know the caller: the last part of his ARN, or "root".
std::string user_name(const Record&);

// What stands in the store for one record.
struct Link {
  std::string record;  // encoded
  std::string digest;  // of the link before and this record
};
struct Head {
  std::uint64_t first = 1, next = 1;  // sequences kept: first … next - 1
  std::string before;                 // the digest of the link before the first
  std::string digest;                 // of the newest link
};

struct Filter {
  std::string account;
  std::optional<std::string> id, name, caller, source, resource, key_id;
  std::optional<bool> read_only;
  std::optional<Instant> from, to;
  std::uint64_t below = 0;  // go on below this sequence; 0: from the newest
  std::size_t most = 50;
};
struct Found {
  std::vector<Record> records;  // newest first
  std::uint64_t below = 0;      // where to go on; 0: that was all
};

struct Verdict {
  std::uint64_t records = 0, first = 0, last = 0;
  std::uint64_t unplaced = 0;  // stand with their changes, and have no place in the chain yet
  std::string head;            // hex of the newest link's digest
  std::string broken;          // "" when the chain holds
};

class Trail {
 public:
  Trail(asio::any_io_executor strand, store::Store& store, const Clock& clock, Random& random,
        Metrics& metrics, std::string key32, std::uint64_t most_records = kMostRecords);

  // The head, or a new chain. When the stored one was tampered with that is logged, and a new chain
  // begins behind it: verify() finds it for ever.
  Task<Unit> load();
  // On stable storage when it ends, but for a failed call that is only counted. A fault of the
  // store's: then the record is owed, if it is of a call that was done.
  Task<Unit> add(Record record);
  // The row of a call that is about to be done.
  std::shared_ptr<Companion> prepare(Record record);
  // A prepared record that was stored. Waits only when too many wait already.
  Task<Unit> adopt(const std::shared_ptr<Companion>& prepared);
  bool owes() const { return !owed_.empty(); }
  // Stores what is owed. The store's fault, or unavailable: nothing may change before that.
  Task<Unit> settle();
  // Waits for what is being written.
  asio::awaitable<void> close() { return group_.close(); }

  Task<Found> look_up(Filter filter);
  Task<Verdict> verify();
  // Oldest first, for export; a page from `sequence` on.
  Task<std::vector<Record>> read(std::uint64_t sequence, std::size_t most);
  // Those without a place, oldest first.
  Task<std::vector<Record>> unplaced();
  std::uint64_t first() const { return head_.first; }

 private:
  struct Entry {
    Record record;
    std::string row;  // the prepared one, which goes when the record has its place; "": none
  };
  struct Prepared;
  struct Waiting {
    std::vector<Entry> entries;
    std::shared_ptr<OneShot<Status>> stored;  // null: nobody waits
  };
  void identify(Record&);
  Task<Unit> append(std::vector<Entry>);
  void begin_writing();
  asio::awaitable<void> caught_up();
  void owe(std::vector<Entry>&);
  Task<Unit> write_waiting();
  Task<Unit> write(std::vector<Entry>&);
  Task<Unit> recognise(std::vector<Entry>&);
  Task<Unit> commit(std::vector<Entry>);
  Task<Unit> load_head();
  Task<std::vector<Entry>> prepared_rows();
  Result<Record> prepared_in(const store::Kv& row) const;
  Task<Unit> prune();
  // Fault::conflict with what is wrong; moves `before` on.
  Status check_link(const store::Kv& row, const Head&, std::uint64_t expected,
                    std::string& before) const;
  std::string digest_of(const std::string& before, const std::string& record) const;
  // Bytes behind their digest; `what` keeps one kind from passing for another. nullopt: changed.
  std::string sealed(std::string_view what, std::string bytes) const;
  std::optional<std::string> unsealed(std::string_view what, const std::string& row) const;
  Result<Head> opened(const std::string& bytes) const;
  // False: only counted.
  bool admit_refusal(Record& record);

  TaskGroup group_;
  store::Store& store_;
  const Clock& clock_;
  Random& random_;
  Counter& added_;
  Counter& counted_;
  const std::string key_;
  const std::uint64_t most_;
  Head head_;
  store::Revision head_revision_ = 0;  // of its row; 0: there is none
  bool writing_ = false;
  std::uint64_t prepared_ = 0;  // so far; their order within a millisecond
  std::deque<Waiting> waiting_;
  std::vector<Entry> owed_;
  std::deque<Entry> kept_;  // of failed calls, until the store takes them
  struct Refusals {
    std::int64_t minute = 0;
    std::uint32_t recorded = 0, counted = 0;  // in that minute
  };
  std::map<std::string, Refusals> refusals_;
};

}  // namespace tidegate::audit

namespace tidegate::store {
template <>
struct record_of<audit::Record> {
  using R = audit::Record;
  static constexpr auto fields =
      std::tuple{field(1, &R::sequence), field(2, &R::time),         field(3, &R::id),
                 field(4, &R::account),  field(5, &R::region),       field(6, &R::source),
                 field(7, &R::name),     field(8, &R::action),       field(9, &R::resource),
                 field(10, &R::caller),  field(11, &R::key_id),      field(12, &R::function_arn),
                 field(13, &R::address), field(14, &R::agent),       field(15, &R::request_id),
                 field(16, &R::error),   field(17, &R::message),     field(18, &R::denied),
                 field(19, &R::times),   field(20, &R::caller_kind), field(21, &R::read_only),
                 field(22, &R::further), field(23, &R::partly)};
};
template <>
struct record_of<audit::Link> {
  using R = audit::Link;
  static constexpr auto fields = std::tuple{field(1, &R::record), field(2, &R::digest)};
};
template <>
struct record_of<audit::Head> {
  using R = audit::Head;
  static constexpr auto fields = std::tuple{field(1, &R::first), field(2, &R::next),
                                            field(3, &R::before), field(4, &R::digest)};
};
}  // namespace tidegate::store
