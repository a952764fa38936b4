#include "base/scheduler.h"

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tidegate {
namespace {

// Initiates the wait: resumes the handler with true when the timer fires, false when cancelled.
template <class Token>
auto async_wait(Scheduler& scheduler, Instant when, Token&& token) {
  return asio::async_initiate<Token, void(bool)>(
      [](auto resume, Scheduler* s, Instant at) {
        struct Wait {
          std::decay_t<decltype(resume)> handler;
          Scheduler::TimerId timer = 0;
          bool finished = false;
        };
        auto slot = asio::get_associated_cancellation_slot(resume);
        auto executor = asio::get_associated_executor(resume);
        auto wait = std::make_shared<Wait>(Wait{std::move(resume)});
        auto finish = [wait, executor](bool fired) {
          if (wait->finished) return;
          wait->finished = true;
          asio::post(executor, [wait, fired]() mutable { std::move(wait->handler)(fired); });
        };
        wait->timer = s->at(at, [finish] { finish(true); });
        if (slot.is_connected()) {
          slot.assign([finish, s, timer = wait->timer](asio::cancellation_type) {
            s->cancel(timer);
            finish(false);
          });
        }
      },
      token, &scheduler, when);
}

}  // namespace

Task<Unit> sleep_until(Scheduler& scheduler, Instant when) {
  bool fired = co_await async_wait(scheduler, when, asio::use_awaitable);
  if (!fired) co_return Error{Fault::cancelled, "the wait was cancelled"};
  co_return done;
}

Scheduler::TimerId SimScheduler::at(Instant when, std::function<void()> action) {
  TimerId id = next_id_++;
  timers_.emplace(std::pair{when, id}, std::move(action));
  return id;
}

void SimScheduler::cancel(TimerId id) {
  for (auto it = timers_.begin(); it != timers_.end(); ++it) {
    if (it->first.second == id) {
      timers_.erase(it);
      return;
    }
  }
}

// A negative duration sets the clock back, as a correction of the system's clock does: what is
// behind runs no second time, and up_ms() stands.
void SimScheduler::advance(Duration d) {
  const Instant target = now_ + d;
  if (settle_) settle_();
  while (!timers_.empty() && timers_.begin()->first.first <= target) {
    auto node = timers_.extract(timers_.begin());
    if (node.key().first > now_) {
      up_ms_ += static_cast<std::uint64_t>((node.key().first - now_).count());
      now_ = node.key().first;
    }
    node.mapped()();
    if (settle_) settle_();
  }
  up_ms_ += static_cast<std::uint64_t>(std::max<std::int64_t>(0, (target - now_).count()));
  now_ = target;
  if (settle_) settle_();
}

}  // namespace tidegate
