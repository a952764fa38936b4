// Scheduler: the only clock and the only timer. Production has two: one of real time (socket
// timeouts, function deadlines, signature skew) and one of domain time (deployments, bake, event
// retries), which a caller of a --dev server can turn. Tests use SimScheduler and no sleeps.
//
// Called from the control strand only, except now(), up_us() and up_ms(), which any thread may
// call. Actions run on the control strand, earliest instant first, ties in order of registration,
// never inside at() or cancel(). An instant in the past runs at the next turn of the loop.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/task.h"
#include "base/time.h"

namespace tidegate {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;          // wall clock, UTC
  virtual std::uint64_t up_us() const = 0;  // monotonic
  std::uint64_t up_ms() const { return up_us() / 1000; }
};

class Scheduler : public Clock {
 public:
  using TimerId = std::uint64_t;  // 0 is never given out
  virtual TimerId at(Instant when, std::function<void()> action) = 0;
  virtual void cancel(TimerId) = 0;  // of a timer that ran or never was: nothing happens
  virtual TimerId after(Duration d, std::function<void()> action) {
    return at(now() + d, std::move(action));
  }
};

// Resumes at `when`, or ends with Fault::cancelled when the coroutine is cancelled meanwhile.
Task<Unit> sleep_until(Scheduler&, Instant when);

// Virtual time. advance() runs ready work (the hook), then the earliest timer, until nothing is
// due.
class SimScheduler final : public Scheduler {
 public:
  explicit SimScheduler(Instant start = instant_from_ms(1'767'323'045'678)) : now_(start) {}
  Instant now() const override { return now_; }
  std::uint64_t up_us() const override { return up_ms_ * 1000; }
  TimerId at(Instant when, std::function<void()> action) override;
  void cancel(TimerId) override;

  void advance(Duration);
  // What "ready work" means to the owner, e.g. io_context.poll(); called before each timer.
  void on_settle(std::function<void()> hook) { settle_ = std::move(hook); }
  bool idle() const { return timers_.empty(); }

 private:
  Instant now_;
  std::uint64_t up_ms_ = 0;
  TimerId next_id_ = 1;
  std::map<std::pair<Instant, TimerId>, std::function<void()>> timers_;
  std::function<void()> settle_;
};

}  // namespace tidegate
