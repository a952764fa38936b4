// DomainClock: turns the domain's time forward for a developer, and remembers by how much, so that
// a restart does not fall back behind what was recorded. On the control strand.
#pragma once

#include "base/task.h"
#include "net/real_scheduler.h"
#include "store/store.h"

namespace tidegate::server {

class DomainClock {
 public:
  DomainClock(net::DomainScheduler& scheduler, store::Store& store)
      : scheduler_(scheduler), store_(store) {}
  Task<Unit> restore();
  Task<Unit> advance(Duration d);  // turned when it answers, and durable

 private:
  net::DomainScheduler& scheduler_;
  store::Store& store_;
  std::int64_t turned_ms_ = 0;
};

}  // namespace tidegate::server
