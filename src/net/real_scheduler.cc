#include "net/real_scheduler.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cmath>

namespace tidegate::net {

struct DomainScheduler::Impl : std::enable_shared_from_this<DomainScheduler::Impl> {
  Impl(asio::any_io_executor control, double s)
      : scale(s), timer(control), executor(std::move(control)) {
    using namespace std::chrono;
    start_wall = to_ms(time_point_cast<Duration>(system_clock::now()));
    start_up = steady_clock::now();
  }

  const double scale;
  std::atomic<std::int64_t> start_wall{0};
  std::chrono::steady_clock::time_point start_up;
  std::atomic<std::int64_t> turned_ms{0};
  asio::steady_timer timer;
  asio::any_io_executor executor;
  std::map<std::pair<Instant, TimerId>, std::function<void()>> timers;
  std::map<TimerId, Instant> when_of;
  TimerId next = 1;
  bool closed = false;

  std::int64_t up() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now() - start_up).count();
  }

  Instant now() const {
    if (scale == 1 && turned_ms.load(std::memory_order_relaxed) == 0) {
      // Undisturbed domain time is the system's, corrections of the system's clock included.
      using namespace std::chrono;
      return time_point_cast<Duration>(system_clock::now());
    }
    return instant_from_ms(start_wall.load(std::memory_order_relaxed) +
                           turned_ms.load(std::memory_order_relaxed) +
                           static_cast<std::int64_t>(static_cast<double>(up()) * scale));
  }

  void arm() {
    if (closed || timers.empty()) return;
    const double wait = static_cast<double>((timers.begin()->first.first - now()).count()) / scale;
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
    if (!timers.empty() && timers.begin()->first.first <= now()) {
      auto first = timers.begin();
      auto action = std::move(first->second);
      when_of.erase(first->first.second);
      timers.erase(first);
      action();
    }
    arm();
  }
};

DomainScheduler::DomainScheduler(asio::any_io_executor control, double scale)
    : impl_(std::make_shared<Impl>(std::move(control), scale)) {}
DomainScheduler::~DomainScheduler() = default;

Instant DomainScheduler::now() const {
  return impl_->now();
}
std::uint64_t DomainScheduler::up_ms() const {
  return static_cast<std::uint64_t>(impl_->up());
}

Scheduler::TimerId DomainScheduler::at(Instant when, std::function<void()> action) {
  const TimerId id = impl_->next++;
  if (impl_->closed) return id;
  impl_->timers.emplace(std::pair{when, id}, std::move(action));
  impl_->when_of[id] = when;
  if (impl_->timers.begin()->first.second == id) impl_->arm();
  return id;
}

void DomainScheduler::cancel(TimerId id) {
  auto known = impl_->when_of.find(id);
  if (known == impl_->when_of.end()) return;
  impl_->timers.erase({known->second, id});
  impl_->when_of.erase(known);
}

void DomainScheduler::advance(Duration d) {
  // From the first turn on, time runs by the monotonic clock from where it stood.
  if (impl_->scale == 1 && impl_->turned_ms == 0) {
    const std::int64_t shown = to_ms(impl_->now());
    impl_->start_wall = shown - impl_->up();
  }
  impl_->turned_ms += d.count();
  impl_->arm();
}

void DomainScheduler::close() {
  impl_->closed = true;
  impl_->timers.clear();
  impl_->when_of.clear();
  impl_->timer.cancel();
}

}  // namespace tidegate::net
