#include "store/watch_queue.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tidegate::store {
namespace {

const char* reason_text(Fault reason) {
  if (reason == Fault::compacted) return "the watch fell behind";
  return reason == Fault::cancelled ? "the watch was closed" : "the history could not be read";
}

}  // namespace

void WatchQueue::State::wake() {
  if (waiter) std::exchange(waiter, nullptr)();
}

void WatchQueue::State::close(Fault reason) {
  if (!closed) closed = reason;
  batches.clear();
  wake();
}

void WatchQueue::push(std::vector<Event> events) {
  if (state_->closed || events.empty()) return;
  state_->events += events.size();
  if (state_->events > kMaxEvents) return state_->close(Fault::compacted);
  state_->batches.push_back(std::move(events));
  state_->wake();
}

void WatchQueue::close(Fault reason) {
  state_->close(reason);
}

Task<std::vector<Event>> WatchQueue::next(std::shared_ptr<State> state) {
  while (state->batches.empty() && !state->closed) {
    CHECK(!state->waiter);
    // A plain pointer: g++ 12 destroys what a lambda inside a co_await captured by value twice.
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [waiting = state.get()](auto resume) {
          auto slot = asio::get_associated_cancellation_slot(resume);
          auto executor = asio::get_associated_executor(resume);
          auto shared = std::make_shared<decltype(resume)>(std::move(resume));
          waiting->waiter = [shared, executor] {
            asio::post(executor, [shared]() mutable { std::move (*shared)(); });
          };
          if (slot.is_connected())
            slot.assign([weak = waiting->weak_from_this()](asio::cancellation_type) {
              if (auto alive = weak.lock()) alive->close(Fault::cancelled);
            });
        },
        asio::use_awaitable);
  }
  if (!state->batches.empty()) {
    std::vector<Event> batch = std::move(state->batches.front());
    state->batches.pop_front();
    state->events -= batch.size();
    co_return batch;
  }
  co_return Error{*state->closed, reason_text(*state->closed)};
}

}  // namespace tidegate::store
