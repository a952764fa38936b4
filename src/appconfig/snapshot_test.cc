#include "appconfig/snapshot.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "appconfig/keys.h"
#include "blob/memory.h"
#include "store/faulty.h"
#include "store/memory.h"
#include "store/watch_queue.h"
#include "support/sim_world.h"

namespace tidegate::appconfig {
namespace {

struct SnapshotWorld {
  SimWorld world;
  store::MemoryStore memory;
  store::FaultyStore store{memory, 1};
  blob::MemoryBlobs blobs{world.random};
  Scope scope{"111122223333", "us-east-1"};
  std::unique_ptr<Contents> contents;
  std::unique_ptr<Snapshot> snapshot;

  ~SnapshotWorld() { stop(); }
  Status start() {
    contents = std::make_unique<Contents>(store, blobs, world.random, world.executors());
    snapshot = std::make_unique<Snapshot>(store, *contents, world.clock, world.executors());
    return world.run(snapshot->start());
  }
  void stop() {
    if (!snapshot) return;
    CHECK(world.run(close(*snapshot)).ok());
    world.settle();
    snapshot.reset();
  }
  static Task<Unit> close(Snapshot& s) {
    co_await s.close();
    co_return done;
  }

  std::string key(const std::string& profile, const std::string& environment = "env1234") {
    return row(scope, "served", "app1234", environment, profile);
  }
  // A row that serves `text` to everybody, its content stored beside it.
  store::Txn serving(const std::string& profile, const std::string& text) {
    Served s;
    s.base = Release{};
    s.base->version = text;
    s.base->content.row_id = "content-of-" + text;
    s.base->content.size = text.size();
    store::Txn txn;
    txn.put(row(scope, "content", s.base->content.row_id), text);
    txn.put(key(profile), store::encode(s));
    return txn;
  }
  store::Revision commit(store::Txn txn) { return *world.run(memory.commit(std::move(txn))); }
  std::string seen(const std::string& profile) {
    world.settle();
    auto line = snapshot->find(scope, "app1234", "env1234", profile);
    const ServedRelease* due = line ? line->due("c", world.clock.now()) : nullptr;
    return due ? *due->content : "";
  }
};

TEST(Snapshot, LoadsThenFollowsThenForgets) {
  SnapshotWorld w;
  w.commit(w.serving("prof111", "one"));
  ASSERT_TRUE(w.start().ok());
  EXPECT_EQ(w.seen("prof111"), "one");
  EXPECT_EQ(w.seen("prof222"), "");
  w.commit(w.serving("prof222", "two"));
  EXPECT_EQ(w.seen("prof222"), "two");
  w.commit(w.serving("prof111", "three"));
  EXPECT_EQ(w.seen("prof111"), "three");
  store::Txn gone;
  gone.erase(w.key("prof111"));
  w.commit(std::move(gone));
  EXPECT_EQ(w.seen("prof111"), "");
  EXPECT_EQ(w.seen("prof222"), "two");
  EXPECT_EQ(w.snapshot->find({"999999999999", "us-east-1"}, "app1234", "env1234", "prof222"),
            nullptr);
  EXPECT_EQ(w.snapshot->find({w.scope.account, "eu-west-1"}, "app1234", "env1234", "prof222"),
            nullptr);
}

TEST(Snapshot, IsCaughtUpWithARevisionWhenItShowsIt) {
  SnapshotWorld w;
  ASSERT_TRUE(w.start().ok());
  const store::Revision revision = w.commit(w.serving("prof111", "one"));
  ASSERT_TRUE(w.world.run(w.snapshot->caught_up(revision)).ok());
  EXPECT_NE(w.snapshot->find(w.scope, "app1234", "env1234", "prof111"), nullptr);
  std::optional<Result<Unit>> early;
  w.world.start(w.snapshot->caught_up(revision + 1), early);
  w.world.settle();
  EXPECT_FALSE(early);
  w.commit(w.serving("prof111", "two"));
  w.world.settle();
  ASSERT_TRUE(early);
  EXPECT_TRUE(early->ok());
}

TEST(Snapshot, LetsGoOfWhoWaitsWhenItCloses) {
  SnapshotWorld w;
  ASSERT_TRUE(w.start().ok());
  std::optional<Result<Unit>> waiting;
  w.world.start(w.snapshot->caught_up(1000), waiting);
  w.world.settle();
  w.stop();
  ASSERT_TRUE(waiting);
  EXPECT_FALSE(waiting->ok());
}

TEST(Snapshot, OfARestartShowsNothingOfTheOneBefore) {
  SnapshotWorld w;
  w.commit(w.serving("prof111", "one"));
  alignas(Snapshot) unsigned char place[sizeof(Snapshot)];
  w.contents = std::make_unique<Contents>(w.store, w.blobs, w.world.random, w.world.executors());
  std::string seen;
  for (const char* text : {"two", "three"}) {
    // At the same address, as an allocator would have it.
    auto* snapshot = new (place) Snapshot(w.store, *w.contents, w.world.clock, w.world.executors());
    w.commit(w.serving("prof111", text));
    ASSERT_TRUE(w.world.run(snapshot->start()).ok());
    auto line = snapshot->find(w.scope, "app1234", "env1234", "prof111");
    ASSERT_NE(line, nullptr);
    EXPECT_EQ(*line->base->content, text);
    ASSERT_TRUE(w.world.run(SnapshotWorld::close(*snapshot)).ok());
    w.world.settle();
    snapshot->~Snapshot();
  }
}

// So many changes at once that the watch gives up and everything is read again.
Task<Unit> flood(store::Store& store) {
  for (std::size_t n = 0; n <= store::WatchQueue::kMaxEvents / 100; ++n) {
    store::Txn txn;
    for (int i = 0; i < 100; ++i)
      txn.put(fmt::format("a/111122223333/us-east-1/flood/{}", i), std::to_string(n));
    CO_TRY(store::Revision revision, co_await store.commit(std::move(txn)));
    (void)revision;
  }
  co_return done;
}

TEST(Snapshot, ReadsAgainWhenItsWatchWasCompacted) {
  SnapshotWorld w;
  w.commit(w.serving("prof111", "one"));
  w.commit(w.serving("prof222", "stays"));
  ASSERT_TRUE(w.start().ok());
  ASSERT_TRUE(w.world.run(flood(w.memory)).ok());
  w.commit(w.serving("prof111", "two"));
  store::Txn gone;
  gone.erase(w.key("prof222"));
  const store::Revision revision = w.commit(std::move(gone));
  ASSERT_TRUE(w.world.run(w.snapshot->caught_up(revision)).ok());
  EXPECT_EQ(w.seen("prof111"), "two");
  EXPECT_EQ(w.seen("prof222"), "");
  w.commit(w.serving("prof111", "three"));
  EXPECT_EQ(w.seen("prof111"), "three");
}

TEST(Snapshot, GoesOnWhenReadingAgainFails) {
  SnapshotWorld w;
  w.commit(w.serving("prof111", "one"));
  ASSERT_TRUE(w.start().ok());
  w.world.settle();
  store::FaultyStore::Chances away;
  away.failed_read = 1000;
  w.store.chances(away);
  ASSERT_TRUE(w.world.run(flood(w.memory)).ok());
  w.commit(w.serving("prof111", "two"));
  EXPECT_EQ(w.seen("prof111"), "one");  // what it has is better than nothing
  w.store.chances({});
  w.world.advance(Duration{5000});
  EXPECT_EQ(w.seen("prof111"), "two");
}

TEST(Snapshot, TakesARowOverLaterWhenItsContentCannotBeReadNow) {
  SnapshotWorld w;
  w.commit(w.serving("prof111", "one"));
  ASSERT_TRUE(w.start().ok());
  w.world.settle();
  store::FaultyStore::Chances away;
  away.failed_read = 1000;
  w.store.chances(away);
  w.commit(w.serving("prof111", "two"));
  EXPECT_EQ(w.seen("prof111"), "one");
  w.store.chances({});
  w.world.advance(Duration{5000});
  EXPECT_EQ(w.seen("prof111"), "two");
}

TEST(Snapshot, SkipsWhatIsAlreadySuperseded) {
  SnapshotWorld w;
  ASSERT_TRUE(w.start().ok());
  // Both commits are there before the first is looked at, and the first one's content is gone.
  auto both = [&]() -> Task<Unit> {
    CO_TRY(auto first, co_await w.memory.commit(w.serving("prof111", "one")));
    store::Txn second = w.serving("prof111", "two");
    second.erase(row(w.scope, "content", "content-of-one"));
    CO_TRY(auto last, co_await w.memory.commit(std::move(second)));
    (void)first, (void)last;
    co_return done;
  };
  ASSERT_TRUE(w.world.run(both()).ok());
  EXPECT_EQ(w.seen("prof111"), "two");
}

TEST(Snapshot, StartsBesideARowThatCannotBeServed) {
  SnapshotWorld w;
  w.commit(w.serving("prof111", "one"));
  w.commit(w.serving("prof222", "two"));
  store::Txn lost;
  lost.erase(row(w.scope, "content", "content-of-one"));
  w.commit(std::move(lost));
  store::Txn garbage;
  garbage.put(w.key("prof333"), "\xff\xff\xff");
  w.commit(std::move(garbage));
  ASSERT_TRUE(w.start().ok());
  EXPECT_EQ(w.seen("prof111"), "");
  EXPECT_EQ(w.seen("prof222"), "two");
}

}  // namespace
}  // namespace tidegate::appconfig
