// WatchQueue: what stands between a store that commits and a coroutine that reads a watch: a
// bounded queue of event batches with one waiter. One strand.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "store/store.h"

namespace tidegate::store {

class WatchQueue {
 public:
  // A reader that falls this far behind is told Fault::compacted and lists again.
  static constexpr std::size_t kMaxEvents = 65'536;

  void push(std::vector<Event> events);
  void close(Fault reason);
  Task<std::vector<Event>> next();

 private:
  void wake();

  std::deque<std::vector<Event>> batches_;
  std::size_t events_ = 0;
  std::optional<Fault> closed_;
  std::function<void()> waiter_;
};

}  // namespace tidegate::store
