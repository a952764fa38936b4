// Sweeper: gives back the space of blobs that nothing names any more: what a crash left between a
// blob and its record, and what a service forgot. It does not ask the services, so that none can be
// forgotten: a blob is in use as long as its id stands anywhere in the store, in whatever record.
//
// A round lists the blobs, reads every row of the store a page at a time, and follows what is
// committed meanwhile by watch, so that a reference that moves from row to row is seen. What is
// found nowhere was made by an earlier run of the server, or has been found nowhere in a round at
// least `grace` before: then it is erased. Whoever makes a blob names it in a record within that
// time.
//
// On the control strand, which it leaves after each page; the disk is touched on the blocking pool.
// Rounds come by the domain's time; `grace` is measured in time that nobody can turn.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/metrics.h"
#include "base/scheduler.h"
#include "base/task_group.h"
#include "blob/blob.h"
#include "store/store.h"

namespace tidegate::blob {

struct SweeperOptions {
  Duration first_after{60'000};
  Duration every{6 * 3'600'000};
  Duration grace{3'600'000};
  // Rows that name no blob and are too many or too large to look at: their keys go on like this
  // behind "a/<account>/<region>/".
  std::vector<std::string> without_references;
};

class Sweeper {
 public:
  Sweeper(Blobs& blobs, store::Store& store, Scheduler& domain, const Clock& real,
          Executors executors, Metrics& metrics, SweeperOptions options);

  void start();
  asio::awaitable<void> close();
  // One round; how many blobs it erased. Fault::compacted when the store changed faster than could
  // be followed: nothing was erased, and the next round tries again.
  Task<std::size_t> round();

 private:
  class Marks;
  Task<Unit> run();
  Task<std::shared_ptr<Marks>> list_all();
  Task<Unit> scan(std::shared_ptr<Marks> marks);
  std::string behind_skipped(std::string_view key) const;
  Task<std::size_t> erase_unmarked(std::shared_ptr<Marks> marks);

  Blobs& blobs_;
  store::Store& store_;
  Scheduler& domain_;
  const Clock& real_;
  Executors executors_;
  SweeperOptions options_;
  Counter& erased_;
  TaskGroup group_;
  std::map<BlobId, std::uint64_t> orphans_;  // since which up_ms
};

}  // namespace tidegate::blob
