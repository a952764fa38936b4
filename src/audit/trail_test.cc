#include "audit/trail.h"

#include <gtest/gtest.h>

#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::audit {
namespace {

class TrailTest : public testing::Test {
 public:
  SimWorld world;
  store::MemoryStore store;
  Metrics metrics;
  Trail trail{store, world.clock, world.random, metrics, std::string(32, 'k')};

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
  Trail again{store, world.clock, world.random, metrics, std::string(32, 'k')};
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
  Trail again{store, world.clock, world.random, metrics, std::string(32, 'k')};
  ASSERT_TRUE(world.run(again.load()).ok());
  Record r;
  ASSERT_TRUE(world.run(again.add(std::move(r))).ok());
  EXPECT_EQ(broken(), "there are records before the first, 5") << "work goes on, and it shows";
  erase("g/audit/head");
  EXPECT_NE(broken(), "");
}

TEST_F(TrailTest, AnotherKeyCannotForgeIt) {
  add("PutObject");
  Trail forger{store, world.clock, world.random, metrics, std::string(32, 'x')};
  ASSERT_TRUE(world.run(forger.load()).ok());
  EXPECT_NE(world.run(forger.verify())->broken, "");
}

TEST_F(TrailTest, RefusalsAreCountedWithinTheirMinute) {
  for (int i = 0; i < 100; ++i) add("PutObject", true);
  add("PutObject", true, "arn:u/bob");
  EXPECT_EQ(look().records.size(), 2u);
  world.advance(std::chrono::minutes(1));
  add("PutObject", true);
  const Found found = look();
  ASSERT_EQ(found.records.size(), 3u);
  EXPECT_EQ(found.records[0].times, 100u) << "99 that were counted, and this one";
}

TEST_F(TrailTest, OldRecordsGoAndTheChainHolds) {
  store::MemoryStore other;
  Trail small{other, world.clock, world.random, metrics, std::string(32, 'k'), 50};
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
