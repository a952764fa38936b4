#include "audit/trail.h"

#include <gtest/gtest.h>

#include <map>

#include "store/faulty.h"
#include "store/memory.h"
#include "store/sqlite.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace tidegate::audit {
namespace {

class TrailTest : public testing::Test {
 public:
  SimWorld world;
  store::MemoryStore store;
  Metrics metrics;
  Trail trail{world.io.get_executor(), store, world.clock, world.random, metrics,
              std::string(32, 'k')};

  void SetUp() override { ASSERT_TRUE(world.run(trail.load()).ok()); }
  void add(const std::string& name, bool denied = false, const std::string& caller = "arn:u/ann") {
    Record r;
    r.account = "111122223333";
    r.source = "s3.amazonaws.com";
    r.name = name;
    r.action = "s3:" + name;
    r.resource = "bucket";
    r.caller = caller;
    r.denied = denied;
    if (denied) r.error = "AccessDenied";
    ASSERT_TRUE(world.run(trail.add(std::move(r))).ok());
  }
  std::string broken() { return world.run(trail.verify())->broken; }
  std::string key(int n) {
    return "g/audit/r/" + store::ordered_number(static_cast<std::uint64_t>(n));
  }
  std::string value(const std::string& k) { return (*world.run(store.get(k)))->value; }
  void put(const std::string& k, const std::string& v) {
    store::Txn txn;
    txn.put(k, v);
    ASSERT_TRUE(world.run(store.commit(std::move(txn))).ok());
  }
  void erase(const std::string& k) {
    store::Txn txn;
    txn.erase(k);
    ASSERT_TRUE(world.run(store.commit(std::move(txn))).ok());
  }
  Found look(Filter f = {}) {
    f.account = "111122223333";
    return *world.run(trail.look_up(std::move(f)));
  }
};

TEST_F(TrailTest, HoldsAndGoesOnAfterARestart) {
  EXPECT_EQ(broken(), "");
  for (int i = 0; i < 5; ++i) add("PutObject");
  Trail again{world.io.get_executor(), store, world.clock, world.random, metrics,
              std::string(32, 'k')};
  ASSERT_TRUE(world.run(again.load()).ok());
  Record r;
  r.name = "DeleteObject";
  ASSERT_TRUE(world.run(again.add(std::move(r))).ok());
  const auto verdict = world.run(again.verify());
  EXPECT_EQ(verdict->broken, "");
  EXPECT_EQ(verdict->records, 6u);
  EXPECT_EQ(verdict->last, 6u);
  EXPECT_EQ(verdict->head.size(), 64u);
}

TEST_F(TrailTest, FindsEveryKindOfTampering) {
  for (int i = 0; i < 4; ++i) add("Call" + std::to_string(i));
  const std::string second = value(key(2)), third = value(key(3)), last = value(key(4)),
                    head = value("g/audit/head");
  // Every bit of a record counts.
  for (std::size_t i = 0; i < second.size(); ++i) {
    std::string bent = second;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    put(key(2), bent);
    EXPECT_NE(broken(), "") << "byte " << i;
  }
  put(key(2), second);
  ASSERT_EQ(broken(), "");
  erase(key(2));
  EXPECT_EQ(broken(), "record 2 is missing");
  put(key(2), third), put(key(3), second);
  EXPECT_EQ(broken(), "record 2 was replaced");
  put(key(2), second), put(key(3), third);
  ASSERT_EQ(broken(), "");
  erase(key(4));
  EXPECT_EQ(broken(), "records 4 to 4 are missing");
  put(key(4), last), put(key(5), last);
  EXPECT_EQ(broken(), "there are records behind the last, 4");
  erase(key(5));
  ASSERT_EQ(broken(), "");
  std::string bent = head;
  bent.back() = static_cast<char>(bent.back() ^ 1);
  put("g/audit/head", bent);
  EXPECT_EQ(broken(), "the head of the audit trail was changed");
  Trail again{world.io.get_executor(), store, world.clock, world.random, metrics,
              std::string(32, 'k')};
  ASSERT_TRUE(world.run(again.load()).ok());
  Record r;
  ASSERT_TRUE(world.run(again.add(std::move(r))).ok());
  EXPECT_EQ(broken(), "there are records before the first, 5") << "work goes on, and it shows";
  erase("g/audit/head");
  EXPECT_NE(broken(), "");
}

TEST_F(TrailTest, AnotherKeyCannotForgeIt) {
  add("PutObject");
  Trail forger{world.io.get_executor(), store, world.clock, world.random, metrics,
               std::string(32, 'x')};
  ASSERT_TRUE(world.run(forger.load()).ok());
  EXPECT_NE(world.run(forger.verify())->broken, "");
}

TEST_F(TrailTest, RefusalsBeyondTheFirstAreCountedWithinTheirMinute) {
  for (int i = 0; i < 100; ++i) add("PutObject", true);
  add("PutObject", true, "arn:u/bob");
  EXPECT_EQ(look().records.size(), kRefusalsAMinute + 1);
  world.advance(std::chrono::minutes(1));
  add("PutObject", true);
  add("PutObject", true);
  const Found found = look();
  ASSERT_EQ(found.records.size(), kRefusalsAMinute + 3);
  EXPECT_EQ(found.records[0].times, 1u);
  EXPECT_EQ(found.records[1].times, 101 - kRefusalsAMinute)
      << "those that were counted, and this one";
}

TEST_F(TrailTest, WhatWasPartlyRefusedIsAChange) {
  for (std::uint32_t i = 0; i <= kRefusalsAMinute; ++i) {
    Record r;
    r.name = "DeleteObjects";
    r.error = "AccessDenied";
    r.partly = true;
    r.further = {"b/from"};
    ASSERT_TRUE(world.run(trail.add(std::move(r))).ok());
  }
  Filter by_source;
  by_source.resource = "b/from";
  by_source.account = "";
  EXPECT_EQ(world.run(trail.look_up(by_source))->records.size(), kRefusalsAMinute + 1);
}

TEST_F(TrailTest, OldRecordsGoAndTheChainHolds) {
  store::MemoryStore other;
  Trail small{world.io.get_executor(), other, world.clock, world.random, metrics,
              std::string(32, 'k'),    50};
  ASSERT_TRUE(world.run(small.load()).ok());
  for (int i = 0; i < 400; ++i) {
    Record r;
    r.name = "PutObject";
    ASSERT_TRUE(world.run(small.add(std::move(r))).ok());
  }
  const auto verdict = world.run(small.verify());
  EXPECT_EQ(verdict->broken, "");
  EXPECT_EQ(verdict->last, 400u);
  EXPECT_GE(verdict->records, 50u);
  EXPECT_LE(verdict->records, 150u);
  EXPECT_EQ(verdict->first, 401 - verdict->records);
}

// A store that loses commits, answers and reads: what add() called stored is there once, what a
// done call was refused for comes later, and the chain never tears.
TEST_F(TrailTest, AFailingStoreTearsNothing) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    store::MemoryStore behind;
    store::FaultyStore faulty{behind, seed};
    Trail shaky{world.io.get_executor(), faulty, world.clock, world.random, metrics,
                std::string(32, 'k')};
    ASSERT_TRUE(world.run(shaky.load()).ok());
    faulty.chances({100, 100, 100, 50});
    std::vector<std::optional<Result<Unit>>> outcomes(60);
    std::vector<bool> of_failed_calls(outcomes.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      Record r;
      r.name = std::to_string(i);
      of_failed_calls[i] = i % 5 == 0;
      if (of_failed_calls[i]) r.error = "Failed" + r.name;
      world.start(shaky.add(std::move(r)), outcomes[i]);
      if (i % 7 == 0) world.settle();  // several wait for one transaction
    }
    world.settle();
    faulty.chances({});
    ASSERT_TRUE(world.run(shaky.settle()).ok()) << seed;
    EXPECT_FALSE(shaky.owes());
    EXPECT_EQ(world.run(shaky.verify())->broken, "") << seed;
    std::map<std::string, int> found;
    const auto kept = world.run(shaky.read(0, 1000));
    ASSERT_TRUE(kept.ok());
    for (const Record& r : *kept) ++found[r.name];
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      ASSERT_TRUE(outcomes[i].has_value()) << "nobody waits for ever";
      const int times = found[std::to_string(i)];
      if (outcomes[i]->ok() || !of_failed_calls[i]) {
        EXPECT_EQ(times, 1) << "seed " << seed << ", record " << i;
      } else {
        EXPECT_LE(times, 1) << "seed " << seed << ", record " << i;
      }
    }
  }
}

TEST_F(TrailTest, WhatIsOwedIsStoredBeforeAnythingElse) {
  add("CreateBucket");
  store::FaultyStore faulty{store, 1};
  Trail full{world.io.get_executor(), faulty, world.clock, world.random, metrics,
             std::string(32, 'k')};
  ASSERT_TRUE(world.run(full.load()).ok());
  faulty.next_commits(std::deque(3, store::FaultyStore::Commit::unavailable));
  Record done_call, refused_call;
  done_call.name = "DeleteBucket";
  refused_call.name = "PutObject";
  refused_call.error = "NoSuchBucket";
  EXPECT_EQ(world.run(full.add(done_call)).fault(), Fault::unavailable);
  EXPECT_TRUE(full.owes());
  EXPECT_EQ(world.run(full.add(refused_call)).fault(), Fault::unavailable);
  EXPECT_EQ(world.run(full.settle()).fault(), Fault::unavailable);
  EXPECT_TRUE(world.run(full.settle()).ok()) << "the disk has space again";
  EXPECT_FALSE(full.owes());
  const auto records = *world.run(full.read(0, 10));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].name, "DeleteBucket");
  EXPECT_EQ(records[2].name, "PutObject") << "kept, although nothing waits for it";
  EXPECT_EQ(world.run(full.verify())->broken, "");
}

TEST_F(TrailTest, ManyAtOnceShareATransaction) {
  const TempDir folder;
  auto disk = store::SqliteStore::open(world.io.get_executor(), {folder.path() + "/trail.db"});
  ASSERT_TRUE(disk.ok());
  Trail on_disk{world.io.get_executor(), **disk, world.clock, world.random, metrics,
                std::string(32, 'k')};
  ASSERT_TRUE(world.run(on_disk.load()).ok());
  std::vector<std::optional<Result<Unit>>> outcomes(300);
  for (auto& outcome : outcomes) {
    Record r;
    r.name = "PutObject";
    world.start(on_disk.add(std::move(r)), outcome);
  }
  Record last;
  EXPECT_TRUE(world.run(on_disk.add(std::move(last))).ok());
  for (auto& outcome : outcomes) EXPECT_TRUE(outcome && outcome->ok());
  EXPECT_LE((*disk)->revision(), 8u);
  EXPECT_EQ(world.run(on_disk.verify())->records, 301u);
}

class PreparedTest : public TrailTest {
 public:
  std::shared_ptr<Companion> prepare(const std::string& name) {
    Record r;
    r.account = "111122223333";
    r.name = name;
    return trail.prepare(std::move(r));
  }
  // As whoever makes the change commits it.
  std::shared_ptr<Companion> stored(const std::string& name) {
    auto prepared = prepare(name);
    put(prepared->key, prepared->value);
    return prepared;
  }
};

TEST_F(PreparedTest, TakesItsPlaceAndIsSeenAtOnce) {
  add("CreateBucket");
  prepare("PutObject");  // its change failed: nothing stands of it
  for (int i = 0; i < 150; ++i)
    ASSERT_TRUE(world.run(trail.adopt(stored("PutObject" + std::to_string(i)))).ok());
  Filter all;
  all.most = 1000;
  const Found found = look(all);
  ASSERT_EQ(found.records.size(), 151u);
  EXPECT_EQ(found.records[0].name, "PutObject149");
  const auto verdict = world.run(trail.verify());
  EXPECT_EQ(verdict->broken, "");
  EXPECT_EQ(verdict->records, 151u);
  EXPECT_EQ(verdict->unplaced, 0u);
}

TEST_F(PreparedTest, ACrashLosesNone) {
  for (int i = 0; i < 150; ++i) stored("PutObject" + std::to_string(i));
  EXPECT_EQ(world.run(trail.verify())->unplaced, 150u);
  const auto unplaced = world.run(trail.unplaced());
  ASSERT_TRUE(unplaced.ok());
  ASSERT_EQ(unplaced->size(), 150u);
  EXPECT_EQ(unplaced->back().name, "PutObject149") << "all in one millisecond, and still in order";
  Trail again{world.io.get_executor(), store, world.clock, world.random, metrics,
              std::string(32, 'k')};
  ASSERT_TRUE(world.run(again.load()).ok());
  const auto verdict = world.run(again.verify());
  EXPECT_EQ(verdict->broken, "");
  EXPECT_EQ(verdict->records, 150u);
  EXPECT_EQ(verdict->unplaced, 0u);
}

TEST_F(PreparedTest, TamperingWithItShows) {
  const auto prepared = stored("PutObject");
  for (std::size_t i = 0; i < prepared->value.size(); ++i) {
    std::string bent = prepared->value;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    put(prepared->key, bent);
    EXPECT_EQ(broken(), "a record without a place was changed") << "byte " << i;
  }
  put(prepared->key, prepared->value);
  ASSERT_EQ(broken(), "");
  put(prepared->key + "2", prepared->value);
  EXPECT_EQ(broken(), "a record without a place was put elsewhere");
}

TEST_F(PreparedTest, AFullDiskOwesItsPlace) {
  store::FaultyStore faulty{store, 1};
  Trail full{world.io.get_executor(), faulty, world.clock, world.random, metrics,
             std::string(32, 'k')};
  ASSERT_TRUE(world.run(full.load()).ok());
  Record r;
  r.name = "PutObject";
  const auto prepared = full.prepare(std::move(r));
  put(prepared->key, prepared->value);
  faulty.next_commits({store::FaultyStore::Commit::unavailable});
  std::optional<Result<Unit>> adopted;
  world.start(full.adopt(prepared), adopted);
  EXPECT_TRUE(world.run(full.look_up({})).ok()) << "a full disk can be read";
  EXPECT_TRUE(adopted && adopted->ok()) << "the record itself is safe";
  world.settle();
  EXPECT_TRUE(full.owes());
  EXPECT_TRUE(world.run(full.settle()).ok());
  EXPECT_EQ(world.run(full.verify())->records, 1u);
  EXPECT_EQ(world.run(full.verify())->unplaced, 0u);
}

TEST_F(TrailTest, LooksUpNewestFirstInPages) {
  for (int i = 0; i < 7; ++i) add(i % 2 ? "Odd" : "Even");
  Filter odd;
  odd.name = "Odd";
  odd.most = 2;
  Found page = look(odd);
  ASSERT_EQ(page.records.size(), 2u);
  EXPECT_EQ(page.records[0].sequence, 6u);
  odd.below = page.below;
  page = look(odd);
  ASSERT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.records[0].sequence, 2u);
  EXPECT_EQ(page.below, 0u);
  Filter by_user;
  by_user.caller = "ann";
  EXPECT_EQ(look(by_user).records.size(), 7u);
  Filter other;
  other.account = "999999999999";
  EXPECT_TRUE(world.run(trail.look_up(other))->records.empty()) << "accounts see their own";
}

}  // namespace
}  // namespace tidegate::audit
