// Store: ordered bytes → bytes with etcd's semantics, so that a program that works embedded works
// at scale. Every transaction that changes something has one revision (one that changes nothing
// answers with the newest); revisions have no gaps in order; a watch
// misses nothing between the revision it starts at and now, or says Fault::compacted.
//
// All calls come from the control strand and resume there. A commit is on stable storage before it
// answers. Limits are etcd's (kMaxOperations, kMaxRequestBytes, kMaxValueBytes) and every
// implementation enforces them with Fault::too_large.
//
// A commit that fails with guard_failed or too_large wrote nothing. One that fails with
// outcome_unknown may have been applied: writers make their transactions recognisable (a create
// under a fresh id, or a guard on mod_revision) and use commit_recognisably(). After the first
// failed fsync every commit answers Fault::read_only, and reads go on. A full disk is unavailable,
// and nothing was written.
// Source: etcd 3.4 API semantics and the failure traps in docs/decisions/002-store.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/scope.h"
#include "base/task.h"

namespace tidegate::store {

using Revision = std::uint64_t;  // 0 is "before everything"

inline constexpr std::size_t kMaxOperations = 128;          // guards + puts + erases
inline constexpr std::size_t kMaxRequestBytes = 1'500'000;  // keys and values together
inline constexpr std::size_t kMaxValueBytes = 64 * 1024;
inline constexpr std::size_t kMaxKeyBytes = 2048;

struct Kv {
  std::string key, value;
  Revision create_revision = 0;
  Revision mod_revision = 0;
};

struct Guard {
  enum class Kind { absent, present, mod_revision } kind;
  std::string key;
  Revision revision = 0;
  static Guard absent(std::string key) { return {Kind::absent, std::move(key), 0}; }
  static Guard present(std::string key) { return {Kind::present, std::move(key), 0}; }
  static Guard unchanged(const Kv& kv) { return {Kind::mod_revision, kv.key, kv.mod_revision}; }
  static Guard at(std::string key, Revision r) { return {Kind::mod_revision, std::move(key), r}; }
};

// All or nothing. A key may be put or erased once in one transaction.
struct Txn {
  std::vector<Guard> guards;
  std::vector<std::pair<std::string, std::string>> puts;
  std::vector<std::string> erases;  // of an absent key: no effect

  Txn& guard(Guard g) {
    guards.push_back(std::move(g));
    return *this;
  }
  Txn& put(std::string k, std::string v) {
    puts.emplace_back(std::move(k), std::move(v));
    return *this;
  }
  Txn& erase(std::string k) {
    erases.push_back(std::move(k));
    return *this;
  }
};

// [begin, end), ascending (or descending when reverse). An empty end means "to the last key".
struct Range {
  std::string begin, end;
  std::size_t limit = 1000;
  bool reverse = false;
  // 0 reads now. To read further pages of the same state pass the first page's revision;
  // Fault::compacted when that state is gone.
  Revision at = 0;
  static Range prefix(std::string_view p, std::size_t limit = 1000);
};

struct Page {
  std::vector<Kv> items;
  bool more = false;      // the limit cut the range; go on after items.back().key
  Revision revision = 0;  // the state that was read
};

struct Event {
  std::string key;
  std::optional<std::string> value;  // nullopt: erased
  Revision revision = 0;
};

// next() waits for the events of at least one revision under the prefix and hands over whole
// revisions in order. Fault::compacted ends the watch (list again, watch from the page's
// revision + 1); Fault::cancelled after close(), also for what was not read yet. Destroying a watch
// closes it; a reader that waits is let go. One reader at a time.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual Task<std::vector<Event>> next() = 0;
  virtual void close() = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Task<std::optional<Kv>> get(std::string key) = 0;
  virtual Task<Page> range(Range) = 0;
  virtual Task<Revision> commit(Txn) = 0;
  // Events with revision >= from (from = 0: only what is committed from now on).
  virtual std::unique_ptr<Watch> watch(std::string prefix, Revision from) = 0;
  virtual Revision revision() const = 0;  // of the newest commit
  virtual bool writable() const = 0;      // false after a failed fsync
};

// Commits; when the outcome is unknown, reads back the first put and reports success if it is ours,
// unavailable if it is not there, and outcome_unknown still if that read fails: then nothing that
// the transaction names may be thrown away.
// The transaction must be recognisable: its first put's value is unique to this call or guarded.
Task<Revision> commit_recognisably(Store&, Txn);

// Erases every key that begins with `prefix`, a transaction's worth at a time: not all or nothing.
Task<Unit> erase_prefix(Store&, std::string prefix);

// Every (account, region) that has a key, by skipping from one to the next. For start-up.
Task<std::vector<Scope>> scopes(Store&);

// The smallest key greater than every key that begins with `prefix` ("" when there is none).
std::string prefix_end(std::string_view prefix);
// Fixed-width upper-case hex, so that numbers sort as keys; 16 digits.
std::string ordered_number(std::uint64_t);
std::uint64_t parse_ordered_number(std::string_view);

// The checks that every implementation makes first. Fault::too_large or invalid_argument.
Status check_limits(const Txn&);

}  // namespace tidegate::store
