// Deliveries happen at least once, whatever fails in between, and nobody waits for a sleep.
#include "events/queue.h"

#include <gmock/gmock.h>

#include <set>

#include "store/faulty.h"
#include "store/memory.h"
#include "support/seed.h"
#include "support/sim_world.h"

namespace tidegate::events {
namespace {

using namespace std::chrono_literals;
using Kind = Outcome::Kind;

const Scope kScope{"123456789012", "eu-west-1"};

Outcome outcome(Kind kind, Instant retry_at = {}, std::string error = "") {
  Outcome o;
  o.kind = kind;
  o.retry_at = retry_at;
  o.error = std::move(error);
  return o;
}

void close(SimWorld& world, std::unique_ptr<Queue>& queue) {
  std::optional<Result<Unit>> closed;
  world.start(
      [](Queue& q) -> Task<Unit> {
        co_await q.close();
        co_return done;
      }(*queue),
      closed);
  world.settle();
  EXPECT_TRUE(closed);
  queue.reset();
}

class QueueTest : public testing::Test {
 public:
  SimWorld world;
  store::MemoryStore memory;
  store::FaultyStore store{memory, 1};
  Metrics metrics;
  QueueOptions options{"events", 64, 16};
  std::unique_ptr<Queue> queue = make();
  std::vector<std::string> handled;  // bodies, as they came
  std::function<Result<Outcome>(const Delivery&)> answer = [](const Delivery&) {
    return outcome(Kind::delivered);
  };

  ~QueueTest() override { stop(); }
  std::unique_ptr<Queue> make() {
    return std::make_unique<Queue>(store, world.clock, world.random, world.executors(), metrics,
                                   options);
  }
  void start() {
    queue->start([this](Delivery d) { return handle(std::move(d)); });
    world.settle();
  }
  Task<Outcome> handle(Delivery d) {
    handled.push_back(d.body);
    co_return answer(d);
  }
  void stop() {
    if (queue) close(world, queue);
  }
  void restart() {
    stop();
    queue = make();
    start();
  }
  void produce(std::string body, std::string lane = "l", std::string id = "",
               std::string series = "") {
    store::Txn txn;
    Delivery d;
    d.series = std::move(series);
    d.id = std::move(id);
    d.body = std::move(body);
    d.lane = std::move(lane);
    ASSERT_TRUE(queue->append(txn, kScope, std::move(d)).ok());
    ASSERT_TRUE(world.run(memory.commit(std::move(txn))).ok());
    world.settle();
  }
  std::size_t rows(const char* kind = "events") {
    return world.run(memory.range(store::Range::prefix(key_prefix(kScope, kind))))->items.size();
  }
  std::vector<Delivery> dead(std::size_t limit = 100) {
    return *world.run(queue->dead(kScope, limit));
  }
};

TEST_F(QueueTest, ARowIsDeliveredOnceItIsCommitted) {
  start();
  store::Txn txn;
  Delivery d;
  d.body = "b";
  d.lane = "lane";
  ASSERT_TRUE(queue->append(txn, kScope, d).ok());
  world.settle();
  EXPECT_TRUE(handled.empty());
  Delivery seen;
  answer = [&](const Delivery& given) {
    seen = given;
    return outcome(Kind::delivered);
  };
  const auto revision = world.run(memory.commit(std::move(txn)));
  world.settle();
  EXPECT_EQ(handled, std::vector<std::string>{"b"});
  EXPECT_EQ(seen.scope, kScope);
  EXPECT_EQ(seen.lane, "lane");
  EXPECT_EQ(seen.revision, *revision);
  EXPECT_EQ(seen.attempts, 0);
  EXPECT_EQ(seen.created, world.clock.now());
  EXPECT_EQ(seen.id.size(), 32u);
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(queue->pending(), 0u);
  world.advance(1h);
  EXPECT_EQ(handled.size(), 1u);
}

TEST_F(QueueTest, OneScopesRowsAndOthersAreTold) {
  store::Txn txn;
  Delivery d;
  d.body = "b";
  const Scope other{"999999999999", "us-east-1"};
  ASSERT_TRUE(queue->append(txn, other, d).ok());
  txn.put(key_prefix(kScope, "events-other") + "x", "not ours");
  txn.put(key_prefix(kScope, "s3") + "events/x", "not ours");
  ASSERT_TRUE(world.run(memory.commit(std::move(txn))).ok());
  std::vector<Scope> scopes;
  answer = [&](const Delivery& given) {
    scopes.push_back(given.scope);
    return outcome(Kind::delivered);
  };
  start();
  EXPECT_EQ(scopes, std::vector<Scope>{other});
}

TEST_F(QueueTest, ARetryWaitsForItsTime) {
  answer = [&](const Delivery& d) {
    EXPECT_EQ(d.attempts, static_cast<int>(handled.size()) - 1);
    EXPECT_EQ(d.last_error, d.attempts ? "not yet" : "");
    if (d.attempts == 3) return outcome(Kind::delivered);
    return outcome(Kind::retry, world.clock.now() + 10s, "not yet");
  };
  start();
  produce("b");
  EXPECT_EQ(handled.size(), 1u);
  world.advance(9999ms);
  EXPECT_EQ(handled.size(), 1u);
  world.advance(1ms);
  EXPECT_EQ(handled.size(), 2u);
  world.advance(20s);
  EXPECT_EQ(handled.size(), 4u);
  EXPECT_EQ(rows(), 0u);
}

TEST_F(QueueTest, AThrottleIsNoAttempt) {
  answer = [&](const Delivery& d) {
    EXPECT_EQ(d.attempts, 0);
    Outcome o = outcome(Kind::retry, world.clock.now() + 1s);
    o.counts = false;
    return handled.size() < 5 ? o : outcome(Kind::delivered);
  };
  start();
  produce("b");
  world.advance(1min);
  EXPECT_EQ(handled.size(), 5u);
}

TEST_F(QueueTest, AHandlersErrorIsRetriedWithBackOff) {
  std::vector<Instant> at;
  answer = [&](const Delivery&) -> Result<Outcome> {
    at.push_back(world.clock.now());
    if (at.size() == 12) return outcome(Kind::delivered);
    if (at.size() == 3) throw std::runtime_error("even so");
    return Error{at.size() == 2 ? Fault::cancelled : Fault::internal, "broken"};
  };
  start();
  produce("b");
  world.advance(24h);
  ASSERT_EQ(at.size(), 12u);
  for (std::size_t i = 1; i < at.size(); ++i)
    EXPECT_EQ(at[i] - at[i - 1], std::min<Duration>(1s * (1 << (i - 1)), 5min)) << i;
  EXPECT_EQ(rows(), 0u);
}

TEST_F(QueueTest, TheDeadAreListedRedrivenAndDiscarded) {
  answer = [&](const Delivery& d) {
    return outcome(d.body == "good" ? Kind::delivered : Kind::dead, {}, "gave up on " + d.body);
  };
  start();
  for (const char* body : {"x", "y", "good", "z"}) produce(body, "l", std::string("id-") + body);
  EXPECT_EQ(rows(), 0u);
  ASSERT_EQ(dead().size(), 3u);
  EXPECT_EQ(dead()[0].body, "x");
  EXPECT_EQ(dead()[2].last_error, "gave up on z");
  EXPECT_EQ(dead()[2].attempts, 1);
  EXPECT_EQ(dead(1).size(), 1u);
  EXPECT_EQ(dead(1)[0].body, "x");
  EXPECT_TRUE(world.run(queue->discard(kScope, "id-y")).ok());
  EXPECT_EQ(world.run(queue->discard(kScope, "id-y")).fault(), Fault::not_found);
  EXPECT_EQ(world.run(queue->redrive(kScope, "id-y")).fault(), Fault::not_found);
  handled.clear();
  answer = [](const Delivery& d) {
    EXPECT_EQ(d.attempts, 0);
    return outcome(Kind::delivered);
  };
  EXPECT_TRUE(world.run(queue->redrive(kScope, "id-z")).ok());
  world.settle();
  EXPECT_EQ(handled, std::vector<std::string>{"z"});
  ASSERT_EQ(dead().size(), 1u);
  EXPECT_EQ(dead()[0].id, "id-x");
}

TEST_F(QueueTest, TheGaugeOfWhatWasGivenUpOutlivesARestart) {
  answer = [](const Delivery&) { return outcome(Kind::dead); };
  start();
  for (int i = 0; i < 3; ++i) produce("b", "l", "id-" + std::to_string(i));
  stop();
  Metrics after;
  queue =
      std::make_unique<Queue>(store, world.clock, world.random, world.executors(), after, options);
  start();
  const std::string dead_now = "tidegate_deliveries_dead{queue=\"events\"} ";
  EXPECT_THAT(after.prometheus(), testing::HasSubstr(dead_now + "3\n"));
  EXPECT_TRUE(world.run(queue->discard(kScope, "id-1")).ok());
  EXPECT_THAT(after.prometheus(), testing::HasSubstr(dead_now + "2\n"));
  stop();
}

TEST_F(QueueTest, TheOldestOfManyDeadComeFirst) {
  answer = [](const Delivery&) { return outcome(Kind::dead); };
  start();
  for (int i = 0; i < 30; ++i) produce(std::to_string(i));
  auto oldest = dead(5);
  ASSERT_EQ(oldest.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(oldest[i].body, std::to_string(i));
}

// Handlers that wait for the test to let them go.
struct Held {
  explicit Held(SimWorld& w) : world(w) {}
  SimWorld& world;
  std::size_t inside = 0, most = 0, finished = 0;
  std::map<std::string, std::size_t> lanes, most_of_lane;
  bool open = false;

  Task<Outcome> handle(Delivery d) {
    most = std::max(most, ++inside);
    std::size_t& mine = ++lanes[d.lane];
    most_of_lane[d.lane] = std::max(most_of_lane[d.lane], mine);
    while (!open) {
      Status slept = co_await sleep_until(world.clock, world.clock.now() + 1s);
      if (!slept.ok()) co_return std::move(slept).error();
    }
    --inside;
    --lanes[d.lane];
    ++finished;
    co_return outcome(Kind::delivered);
  }
};

TEST_F(QueueTest, LanesAndTheQueueAreBounded) {
  stop();
  options.max_concurrent = 5;
  options.max_per_lane = 2;
  queue = make();
  Held held(world);
  queue->start([&](Delivery d) { return held.handle(std::move(d)); });
  for (int i = 0; i < 10; ++i) produce("b", "slow");
  EXPECT_EQ(held.inside, 2u);
  for (const char* lane : {"a", "b", "c", "d"}) produce("b", lane);
  EXPECT_EQ(held.inside, 5u);
  EXPECT_EQ(held.lanes["a"], 1u);  // passed those of the full lane
  held.open = true;
  world.advance(1min);
  EXPECT_EQ(held.finished, 14u);
  EXPECT_EQ(held.most, 5u);
  EXPECT_EQ(held.most_of_lane["slow"], 2u);
  EXPECT_EQ(rows(), 0u);
}

TEST_F(QueueTest, ASeriesGoesOneAtATimeInTheOrderOfItsCommits) {
  // Ids that sort against the order of the commits, and rows that wait before the queue begins.
  for (int i = 0; i < 5; ++i) produce(std::to_string(i), "l", fmt::format("id-{}", 9 - i), "key");
  Held held(world);
  queue->start([&](Delivery d) {
    handled.push_back(d.body);
    return held.handle(std::move(d));
  });
  world.settle();
  EXPECT_EQ(held.inside, 1u);
  produce("another", "l", "", "other key");
  EXPECT_EQ(held.inside, 2u);
  held.open = true;
  world.advance(1min);
  EXPECT_EQ(held.finished, 6u);
  std::erase(handled, "another");
  EXPECT_EQ(handled, (std::vector<std::string>{"0", "1", "2", "3", "4"}));
}

TEST_F(QueueTest, AFailedOneOfASeriesDoesNotHoldUpTheNext) {
  answer = [](const Delivery& d) {
    if (d.body != "0" || d.attempts > 0) return outcome(Kind::delivered);
    Outcome later = outcome(Kind::retry);
    later.retry_at = d.created + 1min;
    return later;
  };
  for (int i = 0; i < 3; ++i) produce(std::to_string(i), "l", "", "key");
  start();
  EXPECT_EQ(handled, (std::vector<std::string>{"0", "1", "2"}));
  world.advance(2min);
  EXPECT_EQ(handled.back(), "0");
}

TEST_F(QueueTest, AnOlderOneThatWaitsGivesWayToANewer) {
  bool busy = true;
  answer = [&](const Delivery& d) {
    if (!busy) return outcome(Kind::delivered);
    Outcome later = outcome(Kind::retry);
    later.retry_at = d.created + 1min;
    later.counts = false;
    later.yields = true;
    return later;
  };
  start();
  for (int i = 0; i < 5; ++i) produce(std::to_string(i), "l", "", "key");
  produce("another", "l", "", "other key");
  EXPECT_EQ(handled.size(), 6u);
  EXPECT_EQ(rows(), 2u);  // the newest of each series
  restart();
  EXPECT_EQ(rows(), 2u);
  busy = false;
  handled.clear();
  world.advance(2min);
  EXPECT_EQ(rows(), 0u);
  std::sort(handled.begin(), handled.end());
  EXPECT_EQ(handled, (std::vector<std::string>{"4", "another"}));
  EXPECT_TRUE(dead().empty());
}

TEST_F(QueueTest, ClosingInTheMiddleOfAHandlerKeepsTheRow) {
  Held held(world);
  queue->start([&](Delivery d) { return held.handle(std::move(d)); });
  produce("b");
  EXPECT_EQ(held.inside, 1u);
  stop();
  EXPECT_EQ(rows(), 1u);
  queue = make();
  start();
  EXPECT_EQ(handled, std::vector<std::string>{"b"});
  EXPECT_EQ(rows(), 0u);
}

TEST_F(QueueTest, RowsSurviveARestartWithTheirOrderAndAttempts) {
  for (const char* body : {"1", "2", "3"}) produce(body);
  std::vector<store::Revision> revisions;
  std::vector<int> attempts;
  answer = [&](const Delivery& d) {
    revisions.push_back(d.revision);
    attempts.push_back(d.attempts);
    return outcome(Kind::retry, world.clock.now() + 1min, "e");
  };
  start();
  ASSERT_EQ(handled.size(), 3u);
  restart();
  EXPECT_EQ(handled.size(), 3u);
  world.advance(1min);
  ASSERT_EQ(handled.size(), 6u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(attempts[i + 3], 1);
  EXPECT_EQ(std::set<store::Revision>(revisions.begin(), revisions.begin() + 3),
            std::set<store::Revision>(revisions.begin() + 3, revisions.end()));
}

TEST_F(QueueTest, RowsThatAreDueAreHandledInTheirOrder) {
  start();
  for (int i = 0; i < 20; ++i) produce(std::to_string(i));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(handled[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(QueueTest, WhatTheHandlerWritesIsCommittedWithTheRow) {
  answer = [](const Delivery& d) {
    Outcome o = outcome(Kind::delivered);
    o.also.put("made/" + d.body, "x");
    return o;
  };
  start();
  produce("b");
  auto kv = *world.run(memory.get("made/b"));
  ASSERT_TRUE(kv);
  EXPECT_EQ(kv->mod_revision, memory.revision());
  EXPECT_EQ(rows(), 0u);
}

TEST_F(QueueTest, AGuardOfTheHandlersThatFailsIsTriedAgainLaterAndLater) {
  answer = [&](const Delivery&) {
    Outcome o = outcome(Kind::delivered);
    o.also.guard(store::Guard::present("gate")).put("made", "x");
    return o;
  };
  start();
  produce("b");
  EXPECT_EQ(handled.size(), 1u);
  EXPECT_EQ(rows(), 1u);
  world.advance(10s);
  EXPECT_GE(handled.size(), 3u);
  EXPECT_LE(handled.size(), 5u);
  ASSERT_TRUE(world.run(memory.commit(store::Txn{}.put("gate", ""))).ok());
  world.advance(5min);
  EXPECT_EQ(rows(), 0u);
  EXPECT_TRUE(*world.run(memory.get("made")));
}

TEST_F(QueueTest, ACommitThatFailsKeepsTheRow) {
  using C = store::FaultyStore::Commit;
  start();
  store.next_commits({C::unavailable, C::lost, C::read_only});
  produce("b");
  EXPECT_EQ(rows(), 1u);
  EXPECT_EQ(queue->pending(), 1u);
  world.advance(10min);
  EXPECT_EQ(handled.size(), 4u);
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(queue->pending(), 0u);
}

TEST_F(QueueTest, ACommitWhoseAnswerWasLostIsNotRepeated) {
  using C = store::FaultyStore::Commit;
  int attempts = 0;
  answer = [&](const Delivery& d) {
    EXPECT_EQ(d.attempts, attempts++);
    return attempts < 3 ? outcome(Kind::retry, world.clock.now() + 1s, "e")
                        : outcome(Kind::dead, {}, "e");
  };
  start();
  store.next_commits({C::unanswered, C::unanswered, C::unanswered});
  produce("b");
  world.advance(1h);
  EXPECT_EQ(handled.size(), 3u);
  EXPECT_EQ(dead().size(), 1u);
  EXPECT_EQ(queue->pending(), 0u);
}

TEST_F(QueueTest, ARowTakenByAnotherIsLetGo) {
  answer = [&](const Delivery& d) {
    // Another node finishes it while we work.
    auto gone = world.run(memory.commit(store::Txn{}.erase(key_prefix(kScope, "events") + d.id)));
    EXPECT_TRUE(gone.ok());
    Outcome o = outcome(Kind::delivered);
    o.also.put("twice", "x");
    return o;
  };
  start();
  produce("b");
  world.advance(1h);
  EXPECT_EQ(handled.size(), 1u);
  EXPECT_FALSE(*world.run(memory.get("twice")));
  EXPECT_EQ(queue->pending(), 0u);
}

TEST_F(QueueTest, AQueueThatFellBehindListsAgain) {
  start();
  // One batch that no watch can hold, with a row among it.
  store::Txn row;
  Delivery d;
  d.body = "late";
  ASSERT_TRUE(queue->append(row, kScope, d).ok());
  std::vector<std::optional<Result<store::Revision>>> ignored(600);
  for (auto& result : ignored) {
    store::Txn txn;
    for (int k = 0; k < 120; ++k) txn.put(fmt::format("a/{}", k) + "/r/x/y", "");
    // Without letting the queue run in between.
    world.start(memory.commit(std::move(txn)), result);
  }
  std::optional<Result<store::Revision>> committed;
  world.start(memory.commit(std::move(row)), committed);
  world.advance(1min);
  EXPECT_EQ(handled, std::vector<std::string>{"late"});
}

TEST_F(QueueTest, ReadsThatFailAreRepeated) {
  produce("b");
  store.chances({.failed_read = 1000});
  start();
  world.advance(5s);
  EXPECT_TRUE(handled.empty());
  store.chances({});
  world.advance(5s);
  EXPECT_EQ(handled.size(), 1u);
}

TEST_F(QueueTest, ABodyThatDoesNotFitIsRefused) {
  store::Txn txn;
  Delivery d;
  d.body.assign(57 * 1024, 'x');
  EXPECT_EQ(queue->append(txn, kScope, d).fault(), Fault::too_large);
  EXPECT_TRUE(txn.puts.empty());
}

TEST_F(QueueTest, ALongErrorIsCutBetweenCharacters) {
  answer = [](const Delivery&) {
    std::string error = "x";
    for (int i = 0; i < 1000; ++i) error += "é";
    return outcome(Kind::dead, {}, error);
  };
  start();
  produce("b");
  EXPECT_EQ(dead().at(0).last_error.size(), 1023u);
}

// Whatever fails and however often the server dies, every row ends delivered or dead.
TEST(QueueSimulation, NoRowIsLost) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("TIDEGATE_SEED={}", seed));
  SimWorld world(seed);
  store::MemoryStore memory;
  store::FaultyStore store(memory, seed);
  Metrics metrics;
  SeededRandom& random = world.random;
  std::map<std::string, int> done_or_dead;
  std::unique_ptr<Queue> queue;
  auto handler = [&](Delivery d) -> Task<Outcome> {
    CO_TRY(Unit slept,
           co_await sleep_until(world.clock, world.clock.now() + Duration(random.below(3000))));
    (void)slept;
    switch (random.below(6)) {
      case 0:
        co_return Error{Fault::internal, "injected"};
      case 1:
        co_return outcome(Kind::retry, world.clock.now() + Duration(random.below(5000)), "later");
      case 2:
        if (d.attempts > 3) co_return outcome(Kind::dead, {}, "enough");
        [[fallthrough]];
      default:
        Outcome o = outcome(Kind::delivered);
        o.also.put("done/" + d.body, "x");
        co_return o;
    }
  };
  auto start = [&] {
    queue = std::make_unique<Queue>(store, world.clock, random, world.executors(), metrics,
                                    QueueOptions{"events", 8, 3});
    queue->start(handler);
  };
  start();
  int produced = 0;
  auto step = [&] {
    store.chances({.lost = 50, .unanswered = 50, .unavailable = 50, .failed_read = 50});
    store::Txn txn;
    Delivery d;
    d.body = std::to_string(produced++);
    d.lane = std::to_string(random.below(3));
    EXPECT_TRUE(queue->append(txn, kScope, d).ok());
    EXPECT_TRUE(world.run(memory.commit(std::move(txn))).ok());
    world.advance(Duration(random.below(2000)));
    if (random.below(20) == 0) memory.compact(memory.revision());
    if (random.below(20) != 0) return;
    close(world, queue);
    start();
  };
  for (int i = 0; i < 400; ++i) step();
  store.chances({});
  world.advance(2h);
  EXPECT_EQ(queue->pending(), 0u);
  auto finished = world.run(memory.range(store::Range::prefix("done/", 10'000)));
  std::set<std::string> ends;
  for (const store::Kv& kv : finished->items) ends.insert(kv.key.substr(5));
  const auto dead = world.run(queue->dead(kScope, 10'000));
  for (const Delivery& d : *dead)
    EXPECT_TRUE(ends.insert(d.body).second) << "both delivered and dead: " << d.body;
  EXPECT_EQ(ends.size(), static_cast<std::size_t>(produced));
  EXPECT_GT(store.injected(), 20u);
  close(world, queue);
}

}  // namespace
}  // namespace tidegate::events
