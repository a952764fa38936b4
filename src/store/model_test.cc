// The same random operations on MemoryStore and SqliteStore must give the same answers, reads of
// earlier states and reopened files included.
#include <gtest/gtest.h>

#include "store/memory.h"
#include "store/sqlite.h"
#include "support/seed.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace tidegate::store {
namespace {

class Pair {
 public:
  explicit Pair(std::uint64_t seed) : random_(seed) { reopen(); }

  void reopen() {
    watch_.reset();
    sqlite_.reset();
    SqliteOptions options;
    options.path = dir_ / "db";
    auto opened = SqliteStore::open(world_.io.get_executor(), options);
    CHECK(opened.ok());
    sqlite_ = std::move(opened).value();
    const Revision from = random_.below(memory_.revision() + 2);
    model_watch_ = memory_.watch("k/", from);
    watch_ = sqlite_->watch("k/", from);
    unread_ = from == 0 ? 0 : count(from);
  }

  void step() {
    switch (random_.below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return commit();
      case 5:
      case 6:
      case 7:
        return range();
      case 8:
        return get();
      default:
        return watch();
    }
  }

 private:
  std::string key() { return (random_.below(5) ? "k/" : "l/") + std::to_string(random_.below(20)); }
  // Revisions under the watch's prefix from `from` on.
  std::size_t count(Revision from) {
    std::size_t n = 0;
    for (Revision r : touched_) n += r >= from;
    return n;
  }

  void commit() {
    Txn txn;
    for (std::uint64_t i = random_.below(3); i > 0; --i) {
      const std::string k = key();
      switch (random_.below(3)) {
        case 0:
          txn.guard(Guard::absent(k));
          break;
        case 1:
          txn.guard(Guard::present(k));
          break;
        default:
          txn.guard(Guard::at(k, random_.below(memory_.revision() + 1)));
      }
      if (random_.below(2)) {
        auto kv = world_.run(memory_.get(k));
        if (*kv) txn.guards.back() = Guard::unchanged(**kv);
      }
    }
    for (std::uint64_t i = random_.below(4); i > 0; --i)
      txn.put(key(), random_.below(8) ? random_.hex(random_.below(9)) : "");
    for (std::uint64_t i = random_.below(3); i > 0; --i) txn.erase(key());
    const Revision before = memory_.revision();
    auto a = world_.run(memory_.commit(txn));
    auto b = world_.run(sqlite_->commit(txn));
    ASSERT_EQ(a.ok(), b.ok());
    if (!a.ok()) {
      ASSERT_EQ(a.fault(), b.fault());
      return;
    }
    ASSERT_EQ(*a, *b);
    ASSERT_EQ(memory_.revision(), sqlite_->revision());
    if (memory_.revision() == before) return;
    bool mine = false;
    for (const auto& [k, v] : txn.puts) mine |= k.starts_with("k/");
    if (!mine) {
      // An erase counts when the key was there.
      for (const std::string& k : txn.erases) {
        Range r{k, k + '\0', 1, false, before};
        if (k.starts_with("k/") && before > 0) mine |= !world_.run(memory_.range(r))->items.empty();
      }
    }
    if (mine) {
      touched_.push_back(*a);
      ++unread_;
    }
  }

  void range() {
    Range r;
    r.begin = random_.below(4) ? key() : "";
    r.end = random_.below(4) ? key() : "";
    r.limit = random_.below(8);
    r.reverse = random_.below(2) != 0;
    r.at = random_.below(3) ? random_.below(memory_.revision() + 2) : 0;
    auto a = world_.run(memory_.range(r));
    auto b = world_.run(sqlite_->range(r));
    ASSERT_EQ(a.ok(), b.ok());
    if (!a.ok()) {
      ASSERT_EQ(a.fault(), b.fault());
      return;
    }
    ASSERT_EQ(shown(*a), shown(*b));
  }
  static std::string shown(const Page& page) {
    std::string text = fmt::format("@{} {}", page.revision, page.more);
    for (const Kv& kv : page.items)
      text += fmt::format(" {}={}({},{})", kv.key, kv.value, kv.create_revision, kv.mod_revision);
    return text;
  }

  void get() {
    const std::string k = key();
    auto a = world_.run(memory_.get(k));
    auto b = world_.run(sqlite_->get(k));
    ASSERT_EQ(a->has_value(), b->has_value());
    if (!a->has_value()) return;
    ASSERT_EQ((*a)->value, (*b)->value);
    ASSERT_EQ((*a)->create_revision, (*b)->create_revision);
    ASSERT_EQ((*a)->mod_revision, (*b)->mod_revision);
  }

  void watch() {
    if (unread_ == 0) return;
    --unread_;
    auto a = world_.run(model_watch_->next());
    auto b = world_.run(watch_->next());
    ASSERT_TRUE(a.ok() && b.ok());
    ASSERT_EQ(a->size(), b->size());
    for (std::size_t i = 0; i < a->size(); ++i) {
      ASSERT_EQ((*a)[i].key, (*b)[i].key);
      ASSERT_EQ((*a)[i].value, (*b)[i].value);
      ASSERT_EQ((*a)[i].revision, (*b)[i].revision);
    }
  }

  SimWorld world_;
  TempDir dir_;
  SeededRandom random_;
  MemoryStore memory_;
  std::unique_ptr<SqliteStore> sqlite_;
  std::unique_ptr<Watch> model_watch_, watch_;
  std::vector<Revision> touched_;
  std::size_t unread_ = 0;  // batches that both watches hold
};

TEST(StoreModel, SqliteAnswersAsMemoryDoes) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("TIDEGATE_SEED={}", seed));
  Pair pair(seed);
  for (int i = 0; i < 3000 && !testing::Test::HasFatalFailure(); ++i) {
    if (i % 500 == 499) pair.reopen();
    pair.step();
  }
}

}  // namespace
}  // namespace tidegate::store
