// Snapshot: what every client is due, in memory. It follows the `served` rows by watch and holds
// their contents, so that a poll touches neither the store nor the disk nor the control strand.
// What cannot be read now is tried again; clients keep what they have meanwhile.
// find() from any thread, without a lock that a writer holds; the rest on the control strand.
//
// It also knows when each line was read last, for deletion protection: an atomic per line that the
// data plane writes without a lock and without the store. That does not survive a restart, so every
// line that exists at start() counts as read then: better kept an hour too long than lost.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "appconfig/content.h"
#include "appconfig/flags/evaluator.h"
#include "appconfig/served.h"
#include "base/scheduler.h"
#include "base/task_group.h"

namespace tidegate::appconfig {

// One release with its bytes.
struct ServedRelease {
  Release release;
  std::shared_ptr<const std::string> content;
  std::shared_ptr<const flags::FlagSet> flags = nullptr;  // null unless it is feature flags
};

// When a line was given to a client last, in whole seconds of domain time, rounded up; shared by
// all that a line becomes. Any thread; a reader may see a value that another thread just replaced.
class LastRead {
 public:
  void touch(Instant now) {
    const std::int64_t second = (to_ms(now) + 999) / 1000;
    // Looked at first: within a second, threads do not take the cache line from each other.
    if (second_.load(std::memory_order_relaxed) < second)
      second_.store(second, std::memory_order_relaxed);
  }
  std::optional<Instant> at() const {
    const std::int64_t second = second_.load(std::memory_order_relaxed);
    return second ? std::optional(instant_from_ms(second * 1000)) : std::nullopt;
  }

 private:
  std::atomic<std::int64_t> second_{0};  // 0: never
};

// Immutable but for `read`: what one environment and profile serves, until the next change of its
// row.
struct Line {
  std::optional<ServedRelease> base;
  std::optional<ServedRelease> rollout;
  Growth growth;                   // of the rollout
  Instant started{};               // of the rollout
  std::optional<Instant> horizon;  // of the rollout
  std::string environment_id, profile_id;
  store::Revision revision = 0;  // of the row
  std::shared_ptr<LastRead> read = std::make_shared<LastRead>();

  // What a client is due now; null when nothing has reached it.
  const ServedRelease* due(std::string_view client_id, Instant now) const;
};

class Snapshot {
 public:
  Snapshot(store::Store& store, Contents& contents, Scheduler& domain, Executors executors);

  // Reads everything, then follows. After it answers, find() is complete.
  Task<Unit> start();
  asio::awaitable<void> close();

  std::shared_ptr<const Line> find(const Scope& scope, std::string_view application,
                                   std::string_view environment, std::string_view profile) const;
  // When a client was last given what an environment or a profile serves ("" is any); nullopt:
  // never, as far as is known. On the control strand.
  std::optional<Instant> last_read(const Scope& scope, std::string_view application,
                                   std::string_view environment, std::string_view profile) const;
  // Waits until the changes of that revision are visible to find(). Fault::unavailable: it closed.
  Task<Unit> caught_up(store::Revision revision);

 private:
  using Map = std::unordered_map<std::string, std::shared_ptr<const Line>>;

  Task<Unit> load();
  Task<Unit> follow();
  Task<Unit> take(store::Event event);
  Task<std::shared_ptr<const Line>> line_of(std::string key, std::string value,
                                            store::Revision revision);
  void retry_later(std::string key);
  Task<Unit> retry(std::string key);
  std::shared_ptr<LastRead> reads_of(const std::string& key) const;
  Task<std::optional<ServedRelease>> bring(Scope scope, std::optional<Release> release);
  void publish();
  void reach(store::Revision revision);

  static constexpr Duration kPause{1000};  // before what failed is tried again

  store::Store& store_;
  Contents& contents_;
  Scheduler& domain_;
  TaskGroup group_;
  std::unique_ptr<store::Watch> watch_;
  Map lines_;                        // the writer's own
  std::set<std::string> retrying_;   // rows that could not be taken over yet
  std::optional<Instant> starting_;  // while start() reads what an earlier run served
  bool closed_ = false;
  store::Revision reached_ = 0;
  std::multimap<store::Revision, std::function<void()>> waiting_;

  mutable std::mutex mutex_;  // guards published_; held for a pointer copy only
  std::shared_ptr<const Map> published_;
  // Of published_; no two maps of the process share one, whichever snapshot they are of.
  std::atomic<std::uint64_t> generation_;
};

}  // namespace tidegate::appconfig
