#include "net/real_scheduler.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cmath>

namespace tidegate::net {

namespace {

constexpr std::int64_t kFollows = -1;  // the system's clock, not a time of its own
// Threads see each other's instants a little late.
constexpr std::int64_t kSetBackMs = 1000;

}  // namespace

Instant system_now() {
  using namespace std::chrono;
  return time_point_cast<Duration>(system_clock::now());
}

struct DomainScheduler::Impl : std::enable_shared_from_this<DomainScheduler::Impl> {
  Impl(asio::any_io_executor control, TimeOptions wanted)
      : options(wanted), timer(control), executor(std::move(control)) {
    if (options.scale != 1) base_ms = to_ms(options.system());
  }

  const TimeOptions options;
  const std::chrono::steady_clock::time_point start_up = std::chrono::steady_clock::now();
  // By the monotonic clock: the instant at which up() was nought.
  mutable std::atomic<std::int64_t> base_ms{kFollows};
  mutable std::atomic<std::int64_t> latest_ms{0};  // that was told while it followed
  asio::steady_timer timer;
  asio::any_io_executor executor;
  std::map<std::pair<Instant, TimerId>, std::function<void()>> timers;
  std::map<TimerId, Instant> when_of;
  TimerId next = 1;
  bool closed = false;

  std::int64_t up_us() const {
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now() - start_up).count();
  }
  std::int64_t up() const { return up_us() / 1000; }

  Instant now() const {
    if (base_ms.load(std::memory_order_relaxed) == kFollows) {
      const Instant system = options.system();
      if (options.real) return system;
      const std::int64_t ms = to_ms(system);
      std::int64_t latest = latest_ms.load(std::memory_order_relaxed);
      while (ms > latest)
        if (latest_ms.compare_exchange_weak(latest, ms, std::memory_order_relaxed)) return system;
      if (latest - ms <= kSetBackMs) return instant_from_ms(latest);
      leave_system(latest);
    }
    return instant_from_ms(base_ms.load(std::memory_order_relaxed) +
                           static_cast<std::int64_t>(static_cast<double>(up()) * options.scale));
  }

  // The time that timers are kept by.
  Instant timeline() const { return options.real ? instant_from_ms(up()) : now(); }

  TimerId set(Instant due, std::function<void()> action) {
    const TimerId id = next++;
    if (closed) return id;
    timers.emplace(std::pair{due, id}, std::move(action));
    when_of[id] = due;
    if (timers.begin()->first.second == id) arm();
    return id;
  }

  // From here on time runs by the monotonic clock from where it stood.
  void leave_system(std::int64_t stood_ms) const {
    std::int64_t follows = kFollows;
    base_ms.compare_exchange_strong(follows, stood_ms - up());
  }

  void arm() {
    if (closed || timers.empty()) return;
    const double wait =
        static_cast<double>((timers.begin()->first.first - timeline()).count()) / options.scale;
    // An hour at most, so that corrections of the system's clock are noticed.
    const double bounded = std::min(std::max(std::ceil(wait), 0.0), 3'600'000.0);
    timer.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(bounded)));
    timer.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      auto self = weak.lock();
      if (self && !error) self->run_due();
    });
  }

  // One action a turn, so that an action sees what the one before it started.
  void run_due() {
    if (closed) return;
    if (!timers.empty() && timers.begin()->first.first <= timeline()) {
      auto first = timers.begin();
      auto action = std::move(first->second);
      when_of.erase(first->first.second);
      timers.erase(first);
      action();
    }
    arm();
  }
};

DomainScheduler::DomainScheduler(asio::any_io_executor control, TimeOptions options)
    : impl_(std::make_shared<Impl>(std::move(control), options)) {}
DomainScheduler::~DomainScheduler() = default;

Instant DomainScheduler::now() const {
  return impl_->now();
}
std::uint64_t DomainScheduler::up_us() const {
  return static_cast<std::uint64_t>(impl_->up_us());
}

Scheduler::TimerId DomainScheduler::at(Instant when, std::function<void()> action) {
  const Instant due = impl_->options.real ? impl_->timeline() + (when - impl_->now()) : when;
  return impl_->set(due, std::move(action));
}

Scheduler::TimerId DomainScheduler::after(Duration d, std::function<void()> action) {
  // The part of a millisecond that has passed already must not shorten the wait.
  const Duration begun{impl_->options.real && d > Duration{} ? 1 : 0};
  return impl_->set(impl_->timeline() + d + begun, std::move(action));
}

void DomainScheduler::cancel(TimerId id) {
  auto known = impl_->when_of.find(id);
  if (known == impl_->when_of.end()) return;
  impl_->timers.erase({known->second, id});
  impl_->when_of.erase(known);
}

void DomainScheduler::advance(Duration d) {
  impl_->leave_system(to_ms(impl_->now()));
  impl_->base_ms += d.count();
  impl_->arm();
}

void DomainScheduler::close() {
  impl_->closed = true;
  impl_->timers.clear();
  impl_->when_of.clear();
  impl_->timer.cancel();
}

}  // namespace tidegate::net
