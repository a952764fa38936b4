// The two schedulers of production. RealScheduler tells the system's time and waits by the
// monotonic clock: no wait is shorter or longer because somebody set the time. DomainScheduler is
// the domain's time: the same, until a --dev caller turns it forward or lets it run at another
// pace, or the system's clock is set back. Its instants only grow while the server runs: what a
// deployment has reached it does not lose. now() and up_us() from any thread, the rest on the
// control strand; both are made before the strand runs and closed on it before it stops.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>

#include "base/scheduler.h"

namespace tidegate::net {

Instant system_now();

struct TimeOptions {
  double scale = 1;  // seconds per real second, > 0
  // Tells the system's time even when that goes back; timers are by the monotonic clock.
  bool real = false;
  Instant (*system)() = system_now;
};

class DomainScheduler : public Scheduler {
 public:
  explicit DomainScheduler(asio::any_io_executor control, TimeOptions options = {});
  ~DomainScheduler() override;
  Instant now() const override;
  std::uint64_t up_us() const override;
  TimerId at(Instant when, std::function<void()> action) override;
  TimerId after(Duration d, std::function<void()> action) override;
  void cancel(TimerId) override;

  // Turns the clock forward; what became due runs at the next turns of the loop, in order.
  void advance(Duration);
  // Cancels all timers; none can be set after.
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

class RealScheduler final : public DomainScheduler {
 public:
  explicit RealScheduler(asio::any_io_executor control)
      : DomainScheduler(std::move(control), {1, true, system_now}) {}
};

}  // namespace tidegate::net
