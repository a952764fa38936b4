// The contract of store.h, held against every implementation: whoever writes over one store must
// find the same over another.
#include <gtest/gtest.h>

#include "store/faulty.h"
#include "store/memory.h"
#include "store/sqlite.h"
#include "store/watch_queue.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace tidegate::store {
namespace {

constexpr Revision kKept = 64;

class Contract : public testing::TestWithParam<std::string> {
 public:
  SimWorld world;
  TempDir dir;
  std::unique_ptr<Store> store = open();

  std::unique_ptr<Store> open() {
    if (GetParam() == "memory") return std::make_unique<MemoryStore>();
    SqliteOptions options;
    options.path = dir / "db";
    options.kept_revisions = kKept;
    auto opened = SqliteStore::open(world.io.get_executor(), options);
    CHECK(opened.ok());
    return std::move(opened).value();
  }
  Revision put(std::string key, std::string value) {
    auto r = world.run(store->commit(Txn{}.put(std::move(key), std::move(value))));
    EXPECT_TRUE(r.ok());
    return r.ok() ? *r : 0;
  }
  Revision erase(std::string key) {
    auto r = world.run(store->commit(Txn{}.erase(std::move(key))));
    EXPECT_TRUE(r.ok());
    return r.ok() ? *r : 0;
  }
  std::optional<Kv> get(std::string key) { return *world.run(store->get(std::move(key))); }
  Page range(Range wanted) { return *world.run(store->range(std::move(wanted))); }
  std::string keys(Range wanted) {
    const Page page = range(std::move(wanted));
    std::string text;
    for (const Kv& kv : page.items) text += kv.key + "=" + kv.value + " ";
    return text + (page.more ? "…" : ".");
  }
  // Writes until history before `until` is forgotten.
  void forget() {
    for (Revision i = 0; i < 3 * kKept; ++i) put("zz", std::to_string(i));
    if (auto* memory = dynamic_cast<MemoryStore*>(store.get()))
      memory->compact(memory->revision() - kKept);
  }
  Result<std::vector<Event>> next(Watch& watch) { return world.run(watch.next()); }
  std::string shown(Watch& watch) {
    auto events = next(watch);
    if (!events.ok()) return name_of(events.fault());
    std::string text;
    for (const Event& e : *events)
      text += fmt::format("{}:{}{} ", e.revision, e.key, e.value ? "=" + *e.value : "-");
    return text;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, Contract, testing::Values("memory", "sqlite"),
                         [](const auto& info) { return info.param; });

TEST_P(Contract, AKeyIsReadAsItWasWritten) {
  EXPECT_FALSE(get("k"));
  const std::string odd("\0\xff/\n", 4);
  put(odd, odd);
  put("empty", "");
  ASSERT_TRUE(get(odd));
  EXPECT_EQ(get(odd)->value, odd);
  ASSERT_TRUE(get("empty"));
  EXPECT_EQ(get("empty")->value, "");
  EXPECT_FALSE(get("emptyx"));
}

TEST_P(Contract, RevisionsCountUpWithoutGapsAndRecordsRemember) {
  EXPECT_EQ(store->revision(), 0u);
  EXPECT_EQ(put("a", "1"), 1u);
  EXPECT_EQ(put("b", "1"), 2u);
  EXPECT_EQ(put("a", "2"), 3u);
  EXPECT_EQ(get("a")->create_revision, 1u);
  EXPECT_EQ(get("a")->mod_revision, 3u);
  EXPECT_EQ(erase("a"), 4u);
  EXPECT_EQ(put("a", "3"), 5u);
  EXPECT_EQ(get("a")->create_revision, 5u);
  EXPECT_EQ(store->revision(), 5u);
}

TEST_P(Contract, WhatChangesNothingTakesNoRevision) {
  put("a", "1");
  auto watch = store->watch("", 0);
  EXPECT_EQ(erase("absent"), 1u);
  auto empty = world.run(store->commit(Txn{}.guard(Guard::present("a"))));
  EXPECT_EQ(*empty, 1u);
  EXPECT_EQ(store->revision(), 1u);
  EXPECT_EQ(range(Range::prefix("")).revision, 1u);
  EXPECT_EQ(put("b", "1"), 2u);
  EXPECT_EQ(shown(*watch), "2:b=1 ");
}

TEST_P(Contract, OneTransactionIsOneRevision) {
  put("gone", "x");
  auto r = world.run(store->commit(Txn{}.put("a", "1").put("b", "2").erase("gone").erase("no")));
  EXPECT_EQ(*r, 2u);
  EXPECT_EQ(get("a")->mod_revision, 2u);
  EXPECT_EQ(get("b")->mod_revision, 2u);
  EXPECT_FALSE(get("gone"));
}

TEST_P(Contract, RangesAreOrderedAndCut) {
  for (const char* k : {"b", "a", "d", "c", "cc"}) put(k, k);
  EXPECT_EQ(keys({"", ""}), "a=a b=b c=c cc=cc d=d .");
  EXPECT_EQ(keys({"b", "d"}), "b=b c=c cc=cc .");
  EXPECT_EQ(keys({"b", "d", 2}), "b=b c=c …");
  EXPECT_EQ(keys({"b", "d", 3}), "b=b c=c cc=cc .");
  EXPECT_EQ(keys({"b", "d", 2, true}), "cc=cc c=c …");
  EXPECT_EQ(keys({"c", "", 10, true}), "d=d cc=cc c=c .");
  EXPECT_EQ(keys({"d", "b"}), ".");
  EXPECT_EQ(keys({"b", "b"}), ".");
  EXPECT_EQ(keys({"", "", 0}), "…");
  EXPECT_EQ(keys({"x", "", 0}), ".");
  EXPECT_EQ(keys({"", "", SIZE_MAX}), "a=a b=b c=c cc=cc d=d .");
  EXPECT_EQ(keys(Range::prefix("c")), "c=c cc=cc .");
  EXPECT_EQ(keys(Range::prefix("a", 1)), "a=a .");
}

TEST_P(Contract, PrefixesEndWhereBytesDo) {
  put("a\xff", "1");
  put("a\xff\xff", "2");
  put("b", "3");
  EXPECT_EQ(range(Range::prefix("a\xff")).items.size(), 2u);
  EXPECT_EQ(range(Range::prefix("a\xff\xff")).items.size(), 1u);
  put("\xff\xff", "4");
  EXPECT_EQ(range(Range::prefix("\xff")).items.size(), 1u);
}

TEST_P(Contract, EarlierStatesCanBeRead) {
  put("a", "1");
  put("b", "1");
  const Revision then = put("c", "1");
  put("a", "2");
  erase("b");
  put("b", "3");
  erase("c");
  put("d", "new");
  EXPECT_EQ(keys({"", ""}), "a=2 b=3 d=new .");
  EXPECT_EQ(keys({"", "", 10, false, then}), "a=1 b=1 c=1 .");
  EXPECT_EQ(keys({"", "", 2, false, then}), "a=1 b=1 …");
  EXPECT_EQ(keys({"", "", 2, true, then}), "c=1 b=1 …");
  EXPECT_EQ(keys({"b", "c", 2, true, then}), "b=1 .");
  EXPECT_EQ(keys({"", "", SIZE_MAX, false, then}), "a=1 b=1 c=1 .");
  EXPECT_EQ(keys({"", "", 10, false, 1}), "a=1 .");
  EXPECT_EQ(keys({"", "", 0, false, then}), "…");
  EXPECT_EQ(keys({"", "", 0, false, store->revision() - 1}), "…");
  const Page page = range({"b", "", 10, false, then});
  EXPECT_EQ(page.revision, then);
  EXPECT_EQ(page.items[0].create_revision, 2u);
  EXPECT_EQ(page.items[0].mod_revision, 2u);
}

TEST_P(Contract, PagesOfOneStateAgreeWhileOthersWrite) {
  for (int i = 0; i < 50; ++i) put(fmt::format("k{:02}", i), "old");
  for (bool reverse : {false, true}) {
    std::string all;
    Range wanted{"", "z", 7, reverse, 0};
    for (;;) {
      const Page page = range(wanted);
      for (const Kv& kv : page.items) all += kv.key.substr(1) + kv.value.substr(0, 1);
      if (!page.more) break;
      wanted.at = page.revision;
      if (reverse)
        wanted.end = page.items.back().key;
      else
        wanted.begin = page.items.back().key + '\0';
      // Changes before, at and behind the cursor.
      put(fmt::format("k{:02}", all.size() % 50), "new");
      put(fmt::format("k{:02}x", all.size() % 49), "new");
      erase(fmt::format("k{:02}", (all.size() * 7) % 50));
    }
    std::string expected;
    for (int i = 0; i < 50; ++i) expected += fmt::format("{:02}o", reverse ? 49 - i : i);
    EXPECT_EQ(all, expected);
    for (int i = 0; i < 50; ++i) {
      put(fmt::format("k{:02}", i), "old");
      erase(fmt::format("k{:02}x", i));
    }
  }
}

TEST_P(Contract, WhatIsForgottenOrToComeCannotBeRead) {
  put("a", "1");
  auto future = world.run(store->range({"", "", 10, false, 2}));
  EXPECT_EQ(future.fault(), Fault::invalid_argument);
  forget();
  auto past = world.run(store->range({"", "", 10, false, 1}));
  EXPECT_EQ(past.fault(), Fault::compacted);
  EXPECT_EQ(range({"", "", 10, false, store->revision()}).items.size(), 2u);
  EXPECT_EQ(range({"", "", 10, false, store->revision() - 3}).items.size(), 2u);
}

TEST_P(Contract, GuardsHoldAllOrNothing) {
  put("a", "1");
  const Kv a = *get("a");
  auto refused = [&](Guard g) {
    auto r = world.run(store->commit(Txn{}.guard(std::move(g)).put("a", "no").put("x", "no")));
    return !r.ok() && r.fault() == Fault::guard_failed && !get("x") && get("a")->value == "1";
  };
  EXPECT_TRUE(refused(Guard::absent("a")));
  EXPECT_TRUE(refused(Guard::present("b")));
  EXPECT_TRUE(refused(Guard::at("a", 2)));
  EXPECT_TRUE(refused(Guard::at("a", 0)));
  EXPECT_TRUE(refused(Guard::at("b", 1)));
  EXPECT_EQ(store->revision(), 1u);
  auto mixed = world.run(store->commit(
      Txn{}.guard(Guard::present("a")).guard(Guard::absent("a")).put("x", "no").erase("a")));
  EXPECT_EQ(mixed.fault(), Fault::guard_failed);
  EXPECT_TRUE(get("a"));
  auto good = world.run(store->commit(Txn{}
                                          .guard(Guard::unchanged(a))
                                          .guard(Guard::absent("b"))
                                          .guard(Guard::at("c", 0))
                                          .put("a", "2")));
  EXPECT_EQ(*good, 2u);
  auto stale = world.run(store->commit(Txn{}.guard(Guard::unchanged(a)).put("a", "3")));
  EXPECT_EQ(stale.fault(), Fault::guard_failed);
}

TEST_P(Contract, LimitsAreEtcds) {
  auto fault = [&](Txn txn) {
    auto r = world.run(store->commit(std::move(txn)));
    return r.ok() ? std::string("ok") : std::string(name_of(r.fault()));
  };
  EXPECT_EQ(fault(Txn{}.put("v", std::string(kMaxValueBytes, 'x'))), "ok");
  EXPECT_EQ(fault(Txn{}.put("v", std::string(kMaxValueBytes + 1, 'x'))), "too_large");
  EXPECT_EQ(fault(Txn{}.put(std::string(kMaxKeyBytes, 'k'), "")), "ok");
  EXPECT_EQ(fault(Txn{}.put(std::string(kMaxKeyBytes + 1, 'k'), "")), "invalid_argument");
  EXPECT_EQ(fault(Txn{}.put("", "")), "invalid_argument");
  EXPECT_EQ(fault(Txn{}.erase("")), "invalid_argument");
  EXPECT_EQ(fault(Txn{}.guard(Guard::absent(""))), "invalid_argument");
  EXPECT_EQ(fault(Txn{}.put("a", "1").put("a", "2")), "invalid_argument");
  EXPECT_EQ(fault(Txn{}.put("a", "1").erase("a")), "invalid_argument");
  EXPECT_EQ(fault(Txn{}.erase("a").erase("a")), "invalid_argument");
  Txn many, wide;
  for (std::size_t i = 0; i < kMaxOperations; ++i) many.put("m" + std::to_string(i), "");
  EXPECT_EQ(fault(many), "ok");
  EXPECT_EQ(fault(Txn(many).guard(Guard::absent("q"))), "too_large");
  for (int i = 0; i < 23; ++i) wide.put("w" + std::to_string(i), std::string(kMaxValueBytes, 'x'));
  EXPECT_EQ(fault(wide), "too_large");
  EXPECT_FALSE(get("w0"));
}

TEST_P(Contract, AWatchSeesWholeRevisionsInOrder) {
  put("p/old", "1");
  auto watch = store->watch("p/", 0);
  world.run(store->commit(Txn{}.put("p/a", "1").put("q", "1").put("p/b", "2")));
  put("q", "2");
  world.run(store->commit(Txn{}.put("p/a", "3").erase("p/b").erase("p/none")));
  EXPECT_EQ(shown(*watch), "2:p/a=1 2:p/b=2 ");
  EXPECT_EQ(shown(*watch), "4:p/a=3 4:p/b- ");
}

TEST_P(Contract, AWatchMayStartInThePastAndMissesNothing) {
  put("a", "1");
  put("b", "2");
  auto watch = store->watch("", 1);
  put("c", "3");
  EXPECT_EQ(shown(*watch), "1:a=1 ");
  erase("a");
  EXPECT_EQ(shown(*watch), "2:b=2 ");
  EXPECT_EQ(shown(*watch), "3:c=3 ");
  EXPECT_EQ(shown(*watch), "4:a- ");
}

TEST_P(Contract, AWatchFromTheFutureBeginsThere) {
  put("a", "1");
  auto watch = store->watch("", 3);
  put("a", "2");
  put("a", "3");
  EXPECT_EQ(shown(*watch), "3:a=3 ");
}

TEST_P(Contract, AWatchWaits) {
  auto watch = store->watch("", 0);
  std::optional<Result<std::vector<Event>>> seen;
  world.start(watch->next(), seen);
  world.settle();
  EXPECT_FALSE(seen);
  put("a", "1");
  world.settle();
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)->front().key, "a");
}

TEST_P(Contract, AWatchOfForgottenRevisionsSaysSo) {
  put("a", "1");
  forget();
  auto watch = store->watch("", 1);
  EXPECT_EQ(shown(*watch), "compacted");
  EXPECT_EQ(shown(*watch), "compacted");
  auto recent = store->watch("", store->revision() - 3);
  EXPECT_EQ(next(*recent)->front().revision, store->revision() - 3);
}

TEST_P(Contract, AWatchThatFallsBehindSaysSo) {
  auto watch = store->watch("", 0);
  const std::size_t each = 100;
  for (std::size_t i = 0; i * each <= WatchQueue::kMaxEvents; ++i) {
    Txn txn;
    for (std::size_t k = 0; k < each; ++k) txn.put(fmt::format("{}", k), std::to_string(i));
    ASSERT_TRUE(world.run(store->commit(std::move(txn))).ok());
  }
  EXPECT_EQ(shown(*watch), "compacted");
}

TEST_P(Contract, AClosedWatchEndsItsReader) {
  auto watch = store->watch("", 0);
  std::optional<Result<std::vector<Event>>> seen;
  world.start(watch->next(), seen);
  world.settle();
  watch->close();
  world.settle();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->fault(), Fault::cancelled);
  put("a", "1");
  EXPECT_EQ(shown(*watch), "cancelled");
  auto full = store->watch("", 1);
  full->close();
  EXPECT_EQ(shown(*full), "cancelled");
}

TEST_P(Contract, AWatchMayBeDestroyedUnderItsReader) {
  auto watch = store->watch("", 0);
  std::optional<Result<std::vector<Event>>> seen;
  world.start(watch->next(), seen);
  world.settle();
  watch.reset();
  world.settle();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->fault(), Fault::cancelled);
}

TEST_P(Contract, AStoreMayEndBeforeItsWatches) {
  auto watch = store->watch("", 0);
  std::optional<Result<std::vector<Event>>> seen;
  world.start(watch->next(), seen);
  world.settle();
  store.reset();
  world.settle();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->fault(), Fault::cancelled);
}

TEST_P(Contract, ScopesAreFoundBySkipping) {
  EXPECT_TRUE(world.run(scopes(*store))->empty());
  for (const char* k : {"a/111111111111/eu-west-1/s3/x", "a/111111111111/eu-west-1/s3/y",
                        "a/111111111111/us-east-1/fn/x", "a/222222222222/eu-west-1/s3/x", "b/x"})
    put(k, "");
  const std::vector<Scope> expected{
      {"111111111111", "eu-west-1"}, {"111111111111", "us-east-1"}, {"222222222222", "eu-west-1"}};
  EXPECT_EQ(*world.run(scopes(*store)), expected);
}

TEST_P(Contract, APrefixIsErasedWhateverItsLength) {
  for (std::size_t i = 0; i < 2 * kMaxOperations + 1; ++i) put("p/" + ordered_number(i), "v");
  put("p", "before");
  put("p0", "behind");
  ASSERT_TRUE(world.run(erase_prefix(*store, "p/")).ok());
  EXPECT_TRUE(world.run(store->range(Range::prefix("p/")))->items.empty());
  EXPECT_TRUE(get("p"));
  EXPECT_TRUE(get("p0"));
  EXPECT_TRUE(world.run(erase_prefix(*store, "p/")).ok());
}

TEST_P(Contract, AnUnknownOutcomeIsReadBack) {
  FaultyStore faulty(*store, 1);
  using C = FaultyStore::Commit;
  faulty.next_commits({C::unanswered, C::lost, C::unavailable, C::passes});
  auto txn = [](const char* key) { return Txn{}.guard(Guard::absent(key)).put(key, "mine"); };
  auto applied = world.run(commit_recognisably(faulty, txn("a")));
  ASSERT_TRUE(applied.ok());
  EXPECT_EQ(*applied, get("a")->mod_revision);
  auto lost = world.run(commit_recognisably(faulty, txn("b")));
  EXPECT_EQ(lost.fault(), Fault::unavailable);
  EXPECT_FALSE(get("b"));
  EXPECT_EQ(world.run(commit_recognisably(faulty, txn("b"))).fault(), Fault::unavailable);
  EXPECT_TRUE(world.run(commit_recognisably(faulty, txn("b"))).ok());
  EXPECT_EQ(world.run(commit_recognisably(faulty, txn("a"))).fault(), Fault::guard_failed);
  EXPECT_EQ(faulty.injected(), 3u);
}

TEST(OrderedNumber, SortsAsItCounts) {
  std::string last;
  for (std::uint64_t n : {0ull, 1ull, 9ull, 10ull, 255ull, 1ull << 40, ~0ull}) {
    const std::string text = ordered_number(n);
    EXPECT_EQ(text.size(), 16u);
    EXPECT_LT(last, text);
    EXPECT_EQ(parse_ordered_number(text), n);
    last = text;
  }
}

}  // namespace
}  // namespace tidegate::store
