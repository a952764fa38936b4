// Expirer: carries lifecycle rules out. A pass goes through the buckets that have rules, first what
// is noncurrent, then what is current and markers that nothing is left behind, then uploads; it
// ends what is due as a DELETE would, with events of its own. A version that changed since the pass
// saw it is left to the next one.
//
// Passes come at start and at each midnight UTC of the domain's time. What is due follows from what
// is stored, so a pass that a crash cut short is made good by the next. A pass holds one page of
// rows in memory and leaves the control strand after each; there is one at a time.
// On the control strand only.
#pragma once

#include <cstdint>

#include "base/executor.h"
#include "base/random.h"
#include "base/scheduler.h"
#include "base/task.h"
#include "base/task_group.h"
#include "s3/service.h"

namespace tidegate::s3 {

class Expirer {
 public:
  struct Ended {
    std::uint64_t versions = 0, markers_made = 0, uploads = 0;
  };

  Expirer(Service& s3, store::Store& store, Scheduler& domain, Random& random, Executors executors)
      : s3_(s3), store_(store), domain_(domain), random_(random), group_(executors.control) {}

  void start();
  asio::awaitable<void> close();
  // One pass; what it ended. A bucket that fails is logged and passed over.
  Task<Ended> pass();

 private:
  struct Round;
  void arm();
  void begin();
  Task<Unit> run();
  Task<std::vector<BucketRef>> buckets_with_rules();
  Task<Unit> end_noncurrent(Round& round);
  Task<Unit> end_current(Round& round);
  Task<Unit> end_uploads(Round& round);
  Task<Unit> remove(Round& round, std::vector<RemoveRequest> due);

  Service& s3_;
  store::Store& store_;
  Scheduler& domain_;
  Random& random_;
  TaskGroup group_;
  Scheduler::TimerId timer_ = 0;
  bool running_ = false, again_ = false, closed_ = false;
};

}  // namespace tidegate::s3
