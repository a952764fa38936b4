// Snapshot: what every client is due, in memory. It follows the `served` rows by watch and holds
// their contents, so that a poll touches neither the store nor the disk nor the control strand.
// find() from any thread, without a lock that a writer holds; the rest on the control strand.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "appconfig/content.h"
#include "appconfig/flags/evaluator.h"
#include "appconfig/served.h"
#include "base/task_group.h"

namespace tidegate::appconfig {

// One release with its bytes.
struct ServedRelease {
  Release release;
  std::shared_ptr<const std::string> content;
  std::shared_ptr<const flags::FlagSet> flags = nullptr;  // null unless it is feature flags
};

// Immutable: what one environment and profile serves, until the next change of its row.
struct Line {
  std::optional<ServedRelease> base;
  std::optional<ServedRelease> rollout;
  Growth growth;      // of the rollout
  Instant started{};  // of the rollout
  std::string environment_id, profile_id;

  // What a client is due now; null when nothing has reached it.
  const ServedRelease* due(std::string_view client_id, Instant now) const;
};

class Snapshot {
 public:
  Snapshot(store::Store& store, Contents& contents, Executors executors);

  // Reads everything, then follows. After it answers, find() is complete.
  Task<Unit> start();
  asio::awaitable<void> close();

  std::shared_ptr<const Line> find(const Scope& scope, std::string_view application,
                                   std::string_view environment, std::string_view profile) const;
  // Waits until the changes of that revision are visible to find().
  Task<Unit> caught_up(store::Revision revision);

 private:
  using Map = std::unordered_map<std::string, std::shared_ptr<const Line>>;

  Task<store::Revision> load();
  Task<Unit> follow(store::Revision from);
  Task<Unit> apply(std::string key, std::optional<std::string> value);
  Task<std::optional<ServedRelease>> bring(Scope scope, std::optional<Release> release);
  void publish();
  void reach(store::Revision revision);

  store::Store& store_;
  Contents& contents_;
  TaskGroup group_;
  std::unique_ptr<store::Watch> watch_;
  Map lines_;  // the writer's own
  store::Revision reached_ = 0;
  std::multimap<store::Revision, std::function<void()>> waiting_;

  mutable std::mutex mutex_;  // guards published_; held for a pointer copy only
  std::shared_ptr<const Map> published_;
  std::atomic<std::uint64_t> generation_;
};

}  // namespace tidegate::appconfig
