// The sweeper takes what nothing names, and never anything else, whatever happens meanwhile.
#include "blob/sweeper.h"

#include <gtest/gtest.h>

#include "blob/directory.h"
#include "blob/memory.h"
#include "blob/whole.h"
#include "store/faulty.h"
#include "store/memory.h"
#include "support/failing_disk.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace tidegate::blob {
namespace {

using namespace std::chrono_literals;

class Sweep : public testing::Test {
 public:
  SimWorld world;
  SimScheduler real;
  TempDir dir;
  FailingDisk disk;
  store::MemoryStore store;
  Metrics metrics;
  std::unique_ptr<DirectoryBlobs> blobs = open();
  std::unique_ptr<Sweeper> sweeper = make();

  ~Sweep() override { stop(); }
  std::unique_ptr<DirectoryBlobs> open() {
    auto opened = DirectoryBlobs::open(dir / "blobs", world.random, disk);
    CHECK(opened.ok());
    return std::move(opened).value();
  }
  std::unique_ptr<Sweeper> make() { return make(store); }
  std::unique_ptr<Sweeper> make(store::Store& in) {
    SweeperOptions options;
    options.without_references = {"s3/c/"};
    return std::make_unique<Sweeper>(*blobs, in, world.clock, real, world.executors(), metrics,
                                     options);
  }
  void stop() {
    if (!sweeper) return;
    (void)world.run([](Sweeper& s) -> Task<Unit> {
      co_await s.close();
      co_return done;
    }(*sweeper));
    sweeper.reset();
  }
  void restart() {
    stop();
    blobs.reset();
    blobs = open();
    sweeper = make();
  }
  BlobId blob(std::string_view bytes = "x") { return *write_whole(*blobs, bytes); }
  void put(std::string key, std::string value) {
    store::Txn txn;
    txn.put(std::move(key), std::move(value));
    CHECK(world.run(store.commit(std::move(txn))).ok());
  }
  std::size_t round() {
    auto erased = world.run(sweeper->round());
    world.settle();
    CHECK(erased.ok());
    return *erased;
  }
  bool there(const BlobId& id) { return blobs->open(id).ok(); }
};

TEST_F(Sweep, WhatAnEarlierRunLeftGoesAtOnce) {
  const BlobId orphan = blob(), used = blob(), in_key = blob(), inside = blob();
  put("a/1/r/fn/f", "\x01 code " + used + "\x02");
  put("a/1/r/s3/x/" + in_key, "");
  put("a/1/r/fn/g", "deadbeef" + inside + "0123");  // no gap around it
  restart();
  EXPECT_EQ(round(), 1u);
  EXPECT_FALSE(there(orphan));
  EXPECT_TRUE(there(used) && there(in_key) && there(inside));
  EXPECT_EQ(round(), 0u);
}

TEST_F(Sweep, WhatThisRunMadeHasItsTime) {
  const BlobId orphan = blob(), late = blob();
  EXPECT_EQ(round(), 0u);  // seen for the first time
  real.advance(59min);
  EXPECT_EQ(round(), 0u);
  put("a/1/r/fn/f", late);
  real.advance(1min);
  EXPECT_EQ(round(), 1u);
  EXPECT_FALSE(there(orphan));
  EXPECT_TRUE(there(late));
}

TEST_F(Sweep, TimeCountsAnewForAnOrphanThatWasInUseBetween) {
  const BlobId id = blob();
  EXPECT_EQ(round(), 0u);
  put("a/1/r/fn/f", id);
  EXPECT_EQ(round(), 0u);
  put("a/1/r/fn/f", "");
  real.advance(2h);
  EXPECT_EQ(round(), 0u);
  real.advance(2h);
  EXPECT_EQ(round(), 1u);
}

TEST_F(Sweep, ContentsOfUsersAreSkippedAndDoNotCount) {
  const BlobId named_by_a_user = blob(), used = blob();
  put("a/1/r/s3/c/content", named_by_a_user);
  put("a/1/r/s3/d", used);
  put("a/2/r/s3/c/content", named_by_a_user);
  restart();
  EXPECT_EQ(round(), 1u);
  EXPECT_FALSE(there(named_by_a_user));
  EXPECT_TRUE(there(used));
}

// A reference goes to and fro between the first and the last row while the pages are read.
TEST_F(Sweep, AReferenceThatMovesIsNeverMissed) {
  const BlobId moving = blob();
  for (int i = 0; i < 2000; ++i) put(fmt::format("a/1/r/m/{:06}", i), "filler");
  put("a/1/r/z", moving);
  restart();
  std::optional<Result<std::size_t>> result;
  world.start(sweeper->round(), result);
  auto move = [&](std::string from, std::string to) {
    store::Txn txn;
    txn.put(std::move(to), moving).erase(std::move(from));
    std::optional<Result<store::Revision>> committed;
    world.start(store.commit(std::move(txn)), committed);
    while (!committed) world.io.poll_one(), world.io.restart();
  };
  bool at_front = false;
  int moves = 0;
  for (int step = 0; !result; ++step) {
    world.io.restart();
    world.io.poll_one();
    if (step % 3 != 0) continue;
    const std::string front = "a/1/r/a", back = "a/1/r/z";
    move(at_front ? front : back, at_front ? back : front);
    at_front = !at_front;
    ++moves;
  }
  ASSERT_TRUE(result->ok());
  EXPECT_EQ(**result, 0u);
  EXPECT_GT(moves, 10);
  EXPECT_TRUE(there(moving));
}

TEST_F(Sweep, RoundsComeByThemselves) {
  blob();
  restart();
  sweeper->start();
  world.settle();
  world.advance(59s);
  EXPECT_EQ(metrics.prometheus().find("tidegate_blobs_swept_total 1"), std::string::npos);
  world.advance(1s);
  world.settle();
  EXPECT_NE(metrics.prometheus().find("tidegate_blobs_swept_total 1"), std::string::npos);
}

// A store that cannot be read through says nothing about what is in use.
TEST_F(Sweep, AFailedReadErasesNothing) {
  const BlobId orphan = blob(), used = blob();
  for (int i = 0; i < 900; ++i) put(fmt::format("a/1/r/m/{:06}", i), "filler");
  put("a/1/r/z", used);
  restart();
  stop();
  int failed = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    store::FaultyStore faulty(store, seed);
    store::FaultyStore::Chances chances;
    chances.failed_read = 300;
    faulty.chances(chances);
    sweeper = make(faulty);
    auto erased = world.run(sweeper->round());
    world.settle();
    stop();
    if (erased.ok()) break;
    ++failed;
    EXPECT_TRUE(there(orphan) && there(used));
  }
  EXPECT_GT(failed, 0);
  sweeper = make();
  EXPECT_TRUE(there(used));
  round();
  EXPECT_FALSE(there(orphan));
}

TEST_F(Sweep, WhateverCallOfTheDiskFailsWhatIsUsedStays) {
  const BlobId used = blob();
  put("a/1/r/z", used);
  for (int i = 0; i < 3; ++i) blob();
  restart();
  for (int n = 1; n <= 4; ++n) {
    disk.arm(n);
    auto erased = world.run(sweeper->round());
    world.settle();
    disk.arm(0);
    EXPECT_TRUE(there(used));
    EXPECT_EQ(erased.ok(), n > 3 || disk.calls < n) << n;
  }
  EXPECT_EQ(round(), 0u);
  EXPECT_TRUE(there(used));
}

}  // namespace
}  // namespace tidegate::blob
