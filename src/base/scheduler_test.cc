// Everything that waits in the domain waits here: order, cancellation and virtual time must hold.
#include "base/scheduler.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "base/task_group.h"
#include "support/sim_world.h"

namespace tidegate {
namespace {

using namespace std::chrono_literals;

TEST(SimScheduler, RunsTimersInOrderOfTimeThenRegistration) {
  SimScheduler clock;
  std::string order;
  const Instant start = clock.now();
  clock.at(start + 2s, [&] { order += 'c'; });
  clock.at(start + 1s, [&] { order += 'a'; });
  clock.at(start + 1s, [&] { order += 'b'; });
  clock.advance(999ms);
  EXPECT_EQ(order, "");
  clock.advance(2s);
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(clock.now(), start + 2999ms);
  EXPECT_EQ(clock.up_ms(), 2999u);
}

TEST(SimScheduler, ATimerSeesItsOwnInstantAndMaySetOthers) {
  SimScheduler clock;
  const Instant start = clock.now();
  std::vector<Duration> seen;
  std::function<void()> tick = [&] {
    seen.push_back(clock.now() - start);
    if (seen.size() < 4) clock.after(10s, tick);
  };
  clock.after(10s, tick);
  clock.advance(1h);
  EXPECT_EQ(seen, (std::vector<Duration>{10s, 20s, 30s, 40s}));
  EXPECT_TRUE(clock.idle());
}

TEST(SimScheduler, ACancelledTimerDoesNotRun) {
  SimScheduler clock;
  bool ran = false;
  auto id = clock.after(1s, [&] { ran = true; });
  clock.cancel(id);
  clock.cancel(id);
  clock.cancel(12345);
  clock.advance(1min);
  EXPECT_FALSE(ran);
}

TEST(SleepUntil, HalfAnHourTakesNoTime) {
  SimWorld world;
  std::optional<Result<Unit>> result;
  world.start(sleep_until(world.clock, world.clock.now() + 30min), result);
  world.advance(30min - 1ms);
  EXPECT_FALSE(result);
  world.advance(1ms);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->ok());
}

TEST(TaskGroup, CloseCancelsWhatRunsAndWaits) {
  SimWorld world;
  TaskGroup group(world.io.get_executor());
  for (int i = 0; i < 3; ++i)
    group.spawn("sleeper", sleep_until(world.clock, world.clock.now() + 1h));
  world.settle();
  EXPECT_EQ(group.running(), 3u);
  bool closed = false;
  asio::co_spawn(world.io, group.close(), [&](std::exception_ptr) { closed = true; });
  world.settle();
  EXPECT_TRUE(closed);
  EXPECT_EQ(group.running(), 0u);
  group.spawn("late", sleep_until(world.clock, world.clock.now()));
  EXPECT_EQ(group.running(), 0u);
}

TEST(TaskGroup, ATaskThatEndsByItselfLeavesTheGroup) {
  SimWorld world;
  TaskGroup group(world.io.get_executor());
  group.spawn("short", sleep_until(world.clock, world.clock.now() + 1s));
  world.settle();
  EXPECT_EQ(group.running(), 1u);
  world.advance(1s);
  EXPECT_EQ(group.running(), 0u);
}

}  // namespace
}  // namespace tidegate
