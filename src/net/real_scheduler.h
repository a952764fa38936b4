// The two schedulers of production. RealScheduler follows the system's clock. DomainScheduler is
// the domain's time: the same, until a --dev caller turns it forward or lets it run at another
// pace. Its instants only grow. now() and up_ms() from any thread, the rest on the control strand;
// both are made before the strand runs and closed on it before it stops.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>

#include "base/scheduler.h"

namespace tidegate::net {

class DomainScheduler final : public Scheduler {
 public:
  // `scale`: domain seconds per real second, > 0.
  explicit DomainScheduler(asio::any_io_executor control, double scale = 1);
  ~DomainScheduler() override;
  Instant now() const override;
  std::uint64_t up_ms() const override;
  TimerId at(Instant when, std::function<void()> action) override;
  void cancel(TimerId) override;

  // Turns the clock forward; what became due runs at the next turns of the loop, in order.
  void advance(Duration);
  // Cancels all timers; none can be set after.
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Real time is domain time that nobody turns.
using RealScheduler = DomainScheduler;

}  // namespace tidegate::net
