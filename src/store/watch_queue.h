// WatchQueue: what stands between a store that commits and a coroutine that reads a watch: a
// bounded queue of event batches with one waiter. The waiter may outlive the queue. One strand.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "store/store.h"

namespace tidegate::store {

class WatchQueue {
 public:
  // A reader that falls this far behind is told Fault::compacted and lists again.
  static constexpr std::size_t kMaxEvents = 65'536;

  WatchQueue() : state_(std::make_shared<State>()) {}
  void push(std::vector<Event> events);
  void close(Fault reason);  // the first reason counts; what waits is dropped
  Task<std::vector<Event>> next() { return next(state_); }

 private:
  struct State : std::enable_shared_from_this<State> {
    std::deque<std::vector<Event>> batches;
    std::size_t events = 0;
    std::optional<Fault> closed;
    std::function<void()> waiter;

    void wake();
    void close(Fault reason);
  };
  static Task<std::vector<Event>> next(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace tidegate::store
