// OneShot<T>: a value that one side sets once and the other waits for. Both on the control strand.
// The first set() wins; wait() is called by one coroutine at most and answers nullopt when that
// coroutine was cancelled.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/task.h"

namespace tidegate {

template <class T>
class OneShot : public std::enable_shared_from_this<OneShot<T>> {
 public:
  void set(T value) {
    if (set_) return;
    set_ = true;
    value_.emplace(std::move(value));
    if (wake_) std::exchange(wake_, nullptr)();
  }
  bool is_set() const { return set_; }
  // The waiting coroutine was cancelled: nobody will look at the value any more.
  bool abandoned() const { return abandoned_; }

  asio::awaitable<std::optional<T>> wait() {
    auto self = this->shared_from_this();
    if (!self->set_ && !self->abandoned_) co_await self->suspend();
    co_return std::exchange(self->value_, std::nullopt);
  }

 private:
  auto suspend() {
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [self = this->shared_from_this()](auto resume) {
          auto slot = asio::get_associated_cancellation_slot(resume);
          auto executor = asio::get_associated_executor(resume);
          auto shared = std::make_shared<decltype(resume)>(std::move(resume));
          self->wake_ = [shared, executor] {
            asio::post(executor, [shared]() mutable { std::move (*shared)(); });
          };
          if (slot.is_connected()) {
            slot.assign([weak = std::weak_ptr<OneShot>(self)](asio::cancellation_type) {
              auto alive = weak.lock();
              if (!alive || !alive->wake_) return;
              alive->abandoned_ = true;
              std::exchange(alive->wake_, nullptr)();
            });
          }
        },
        asio::use_awaitable);
  }

  std::optional<T> value_;
  std::function<void()> wake_;
  bool set_ = false, abandoned_ = false;
};

}  // namespace tidegate
