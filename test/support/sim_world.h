// SimWorld: one thread, one loop, virtual time, seeded randomness: what a unit test of domain code
// runs in. run() drives the loop until the task ends; a task that waits for virtual time is started
// with spawn() and moved on with advance().
//
//   SimWorld world;  store::MemoryStore store;
//   auto kv = world.run(store.get("k"));
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>

#include "base/executor.h"
#include "base/random.h"
#include "base/scheduler.h"

namespace tidegate {

class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed = 1) : random(seed) {
    clock.on_settle([this] { settle(); });
  }

  asio::io_context io{1};
  SimScheduler clock;
  SeededRandom random;
  Executors executors() { return {io.get_executor(), io.get_executor()}; }

  // Runs everything that is ready.
  void settle() {
    io.restart();
    while (io.poll() > 0) io.restart();
  }
  void advance(Duration d) { clock.advance(d); }

  // Ends with the task's result. A task that does not end in 30 s of real time (it waits for
  // virtual time or for nothing) fails the CHECK.
  template <class T>
  Result<T> run(Task<T> task) {
    std::optional<Result<T>> result;
    start(std::move(task), result);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    auto work = asio::make_work_guard(io);
    while (!result && std::chrono::steady_clock::now() < deadline) {
      io.restart();
      io.run_one_for(std::chrono::milliseconds(100));
    }
    CHECK(result.has_value());
    return std::move(*result);
  }

  // Starts a task whose result appears in `result` once it has ended.
  template <class T>
  void start(Task<T> task, std::optional<Result<T>>& result) {
    asio::co_spawn(
        io,
        [](Task<T> t, std::optional<Result<T>>& out) -> asio::awaitable<void> {
          out.emplace(co_await std::move(t));
        }(std::move(task), result),
        [](std::exception_ptr error) {
          if (error) std::rethrow_exception(error);
        });
  }
};

}  // namespace tidegate
