#include "server/domain_clock.h"

#include <gtest/gtest.h>

#include "store/faulty.h"
#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::server {
namespace {

using namespace std::chrono_literals;

TEST(DomainClock, ATurnIsKeptOverARestart) {
  SimWorld world;
  store::MemoryStore memory;
  store::FaultyStore store(memory, 1);
  {
    net::DomainScheduler time(world.io.get_executor());
    DomainClock clock(time, store);
    ASSERT_TRUE(world.run(clock.restore()).ok());
    const Instant before = time.now();
    ASSERT_TRUE(world.run(clock.advance(1h)).ok());
    EXPECT_GE(time.now(), before + 1h);
    // What could not be kept is not turned, and not counted later.
    store.next_commits({store::FaultyStore::Commit::read_only});
    EXPECT_FALSE(world.run(clock.advance(10h)).ok());
    EXPECT_LT(time.now(), before + 2h);
    ASSERT_TRUE(world.run(clock.advance(1h)).ok());
    time.close();
  }
  net::DomainScheduler time(world.io.get_executor());
  DomainClock clock(time, store);
  const Instant before = time.now();
  ASSERT_TRUE(world.run(clock.restore()).ok());
  EXPECT_GE(time.now(), before + 2h);
  EXPECT_LT(time.now(), before + 3h);
  time.close();
}

}  // namespace
}  // namespace tidegate::server
