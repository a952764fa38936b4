#include "store/watch_queue.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tidegate::store {

void WatchQueue::wake() {
  if (waiter_) std::exchange(waiter_, nullptr)();
}

void WatchQueue::push(std::vector<Event> events) {
  if (closed_ || events.empty()) return;
  events_ += events.size();
  if (events_ > kMaxEvents) {
    batches_.clear();
    closed_ = Fault::compacted;
  } else {
    batches_.push_back(std::move(events));
  }
  wake();
}

void WatchQueue::close(Fault reason) {
  if (!closed_) closed_ = reason;
  wake();
}

Task<std::vector<Event>> WatchQueue::next() {
  while (batches_.empty() && !closed_) {
    CHECK(!waiter_);
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto resume) {
          auto slot = asio::get_associated_cancellation_slot(resume);
          auto executor = asio::get_associated_executor(resume);
          auto shared = std::make_shared<decltype(resume)>(std::move(resume));
          waiter_ = [shared, executor] {
            asio::post(executor, [shared]() mutable { std::move (*shared)(); });
          };
          if (slot.is_connected())
            slot.assign([this](asio::cancellation_type) { close(Fault::cancelled); });
        },
        asio::use_awaitable);
  }
  if (!batches_.empty()) {
    std::vector<Event> batch = std::move(batches_.front());
    batches_.pop_front();
    events_ -= batch.size();
    co_return batch;
  }
  co_return Error{*closed_,
                  *closed_ == Fault::compacted ? "the watch fell behind" : "the watch was closed"};
}

}  // namespace tidegate::store
