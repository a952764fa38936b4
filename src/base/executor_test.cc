// A call on another thread, and a caller that is cancelled meanwhile.
#include "base/executor.h"

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>

#include "base/task_group.h"
#include "support/sim_world.h"

namespace tidegate {
namespace {

Task<Unit> call_for_ever(asio::any_io_executor where) {
  for (;;) {
    auto call = [] { return Result<int>(1); };
    CO_TRY(int one, co_await await_on(where, std::move(call)));
    (void)one;
  }
}

// Which comes first, the end of a call or the end of its caller, is up to the threads.
TEST(AwaitOn, ACallerMayBeCancelledAtAnyMoment) {
  asio::thread_pool pool(2);
  for (int round = 0; round < 2'000; ++round) {
    SimWorld world;
    TaskGroup group(world.io.get_executor());
    for (int i = 0; i < 4; ++i) group.spawn("calls", call_for_ever(pool.get_executor()));
    for (int i = 0; i < round % 50; ++i) world.io.poll_one();
    auto close = [](TaskGroup& g) -> Task<Unit> {
      co_await g.close();
      co_return done;
    };
    ASSERT_TRUE(world.run(close(group)).ok());
    ASSERT_EQ(group.running(), 0u);
  }
  pool.join();
}

}  // namespace
}  // namespace tidegate
