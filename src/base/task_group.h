// TaskGroup: the only way to start work that nobody awaits. close() cancels everything inside and
// waits until it has ended, so no coroutine outlives what it refers to. Used on one strand.
//
//   group.spawn("dispatch", dispatch_loop());     …     co_await group.close();
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/task.h"

namespace tidegate {

class TaskGroup {
 public:
  explicit TaskGroup(asio::any_io_executor strand);
  ~TaskGroup();  // CHECKs that close() ended or nothing runs
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // An error that is not Fault::cancelled is logged with the name. An exception too. After close()
  // the task is not started.
  void spawn(std::string name, Task<Unit> task);
  std::size_t running() const;
  asio::awaitable<void> close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tidegate
