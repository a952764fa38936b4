// What only a store on a disk can break: files that are opened again, a server killed at any
// moment, one sync for many commits, and a disk that refuses to sync.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite.h"
#include "store/sqlite_db.h"
#include "support/disk_shim.h"
#include "support/seed.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace tidegate::store {
namespace {

std::unique_ptr<SqliteStore> open_store(SimWorld& world, std::string path,
                                        const char* vfs = nullptr, Revision kept = 16'384) {
  SqliteOptions options;
  options.path = std::move(path);
  options.vfs = vfs;
  options.kept_revisions = kept;
  auto opened = SqliteStore::open(world.io.get_executor(), options);
  EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
  return opened.ok() ? std::move(opened).value() : nullptr;
}

std::string shown(const Page& page) {
  std::string text;
  for (const Kv& kv : page.items)
    text += fmt::format("{}={}({},{}) ", kv.key, kv.value, kv.create_revision, kv.mod_revision);
  return text;
}

TEST(Sqlite, AReopenedFileHoldsEverything) {
  SimWorld world;
  TempDir dir;
  std::string before, past;
  {
    auto store = open_store(world, dir / "db");
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE(
          world.run(store->commit(Txn{}.put(fmt::format("k{}", i % 7), std::to_string(i)))).ok());
    ASSERT_TRUE(world.run(store->commit(Txn{}.erase("k3"))).ok());
    before = shown(*world.run(store->range({})));
    past = shown(*world.run(store->range({"", "", 100, false, 9})));
  }
  auto store = open_store(world, dir / "db");
  EXPECT_EQ(store->revision(), 21u);
  EXPECT_EQ(shown(*world.run(store->range({}))), before);
  EXPECT_EQ(shown(*world.run(store->range({"", "", 100, false, 9}))), past);
  auto watch = store->watch("", 20);
  EXPECT_EQ(world.run(watch->next())->front().revision, 20u);
  EXPECT_EQ(world.run(watch->next())->front().value, std::nullopt);
  EXPECT_EQ(*world.run(store->commit(Txn{}.put("k", "v"))), 22u);
}

TEST(Sqlite, AFlippedBitIsAnErrorAndNeverAnAnswer) {
  SimWorld world;
  TempDir dir;
  const std::string value(500, 'v'), path = dir / "db";
  {
    auto store = open_store(world, path);
    for (const char* key : {"a", "b", "c"})
      ASSERT_TRUE(world.run(store->commit(Txn{}.put(key, key + value))).ok());
  }
  std::string file(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(file.data(), std::ssize(file));
  const std::size_t at = file.find("b" + value);
  ASSERT_NE(at, std::string::npos);
  file[at + 100] = static_cast<char>(file[at + 100] ^ 4);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << file;
  auto store = open_store(world, path);
  EXPECT_EQ(world.run(store->get("b")).fault(), Fault::internal);
  EXPECT_EQ(world.run(store->range({})).fault(), Fault::internal);
  EXPECT_EQ((*world.run(store->get("c")))->value, "c" + value);
  // Writing it anew heals it.
  ASSERT_TRUE(world.run(store->commit(Txn{}.put("b", "new"))).ok());
  EXPECT_EQ((*world.run(store->get("b")))->value, "new");
  EXPECT_EQ(world.run(store->range({}))->items.size(), 3u);
}

TEST(Sqlite, AFileOfFormat1GoesOn) {
  SimWorld world;
  TempDir dir;
  {
    auto db = Db::open(dir / "db", nullptr);
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE(db->run("CREATE TABLE kv(key BLOB PRIMARY KEY, value BLOB NOT NULL, create_rev "
                        "INTEGER, mod_rev INTEGER) WITHOUT ROWID;"
                        "CREATE TABLE log(rev INTEGER, idx INTEGER, key BLOB, value BLOB, "
                        "old_value BLOB, old_create INTEGER, old_mod INTEGER, PRIMARY KEY(rev, "
                        "idx)) WITHOUT ROWID;"
                        "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
                        "INSERT INTO meta VALUES('format', 1), ('revision', 7), ('compacted', 0);"
                        "INSERT INTO kv VALUES(x'61', x'31', 7, 7)")
                    .ok());
  }
  for (int opening = 0; opening < 2; ++opening) {
    auto store = open_store(world, dir / "db");
    ASSERT_TRUE(store);
    EXPECT_EQ((*world.run(store->get("a")))->value, "1");
    EXPECT_EQ(*world.run(store->commit(Txn{}.put("b", "2"))), 8u + opening);
    EXPECT_EQ((*world.run(store->get("b")))->value, "2");
  }
}

// The most steps of SQLite's machine that one run of a SELECT took, of all connections opened while
// this lives.
class StepsOfSelects {
 public:
  StepsOfSelects() {
    most_ = 0;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&attach));
  }
  ~StepsOfSelects() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&attach)); }
  int taken() { return std::exchange(most_, 0); }

 private:
  static int attach(sqlite3* db, char**, const void*) {
    return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, &ended, nullptr);
  }
  static int ended(unsigned, void*, void* statement, void*) {
    auto* s = static_cast<sqlite3_stmt*>(statement);
    const int steps = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 1);
    if (std::string_view(sqlite3_sql(s)).starts_with("SELECT")) most_ = std::max(most_, steps);
    return 0;
  }
  static inline int most_ = 0;
};

TEST(Sqlite, AShortRangeReadsNothingBehindItsEnd) {
  StepsOfSelects steps;
  SimWorld world;
  TempDir dir;
  auto store = open_store(world, dir / "db");
  for (const char* part : {"a", "b", "c"}) {
    Txn txn;
    for (int i = 0; i < (*part == 'b' ? 1 : 100); ++i) txn.put(fmt::format("{}/{}", part, i), "v");
    ASSERT_TRUE(world.run(store->commit(std::move(txn))).ok());
  }
  Range range = Range::prefix("b/", 5);
  for (bool reverse : {false, true}) {
    range.reverse = reverse;
    steps.taken();
    EXPECT_EQ(world.run(store->range(range))->items.size(), 1u);
    const int taken = steps.taken();
    EXPECT_GT(taken, 3);
    EXPECT_LT(taken, 100) << (reverse ? "reverse" : "forward");  // a row takes four and more
  }
  EXPECT_EQ(world.run(store->range({"c", "", 500}))->items.size(), 100u);  // an end that is open
}

TEST(Sqlite, SpaceOfErasedRowsIsUsedAgain) {
  SimWorld world;
  TempDir dir;
  SqliteOptions options;
  options.path = dir / "db";
  options.kept_bytes = 1 << 20;
  auto store = std::move(SqliteStore::open(world.io.get_executor(), options)).value();
  const std::string value(50'000, 'v');
  auto round = [&] {
    for (int i = 0; i < 40; ++i)
      ASSERT_TRUE(world.run(store->commit(Txn{}.put(fmt::format("k{}", i), value))).ok());
    for (int i = 0; i < 40; ++i)
      ASSERT_TRUE(world.run(store->commit(Txn{}.erase(fmt::format("k{}", i)))).ok());
  };
  for (int i = 0; i < 4; ++i) round();
  auto size = [&] { return std::filesystem::file_size(options.path); };
  const auto before = size();
  for (int i = 0; i < 12; ++i) round();
  EXPECT_LE(size(), before + (1u << 20));  // 24 MB went through
  EXPECT_LT(size(), 12u << 20);
}

TEST(Sqlite, WhatWasForgottenStaysForgottenAfterReopening) {
  SimWorld world;
  TempDir dir;
  for (int round = 0; round < 2; ++round) {
    auto store = open_store(world, dir / "db", nullptr, 32);
    for (int i = 0; round == 0 && i < 100; ++i)
      ASSERT_TRUE(world.run(store->commit(Txn{}.put("k", "v"))).ok());
    EXPECT_EQ(world.run(store->range({"", "", 10, false, 1})).fault(), Fault::compacted);
    EXPECT_EQ(world.run(store->watch("", 1)->next()).fault(), Fault::compacted);
    EXPECT_TRUE(world.run(store->range({"", "", 10, false, 90})).ok());
  }
}

TEST(Sqlite, AFileThatIsNotOursIsRefused) {
  SimWorld world;
  TempDir dir;
  std::ofstream(dir / "db") << std::string(8192, 'x');
  SqliteOptions options;
  options.path = dir / "db";
  EXPECT_EQ(SqliteStore::open(world.io.get_executor(), options).fault(), Fault::internal);
  options.path = dir / "none/db";
  EXPECT_EQ(SqliteStore::open(world.io.get_executor(), options).fault(), Fault::internal);
}

TEST(Sqlite, ManyCommitsShareASync) {
  DiskShim disk;
  SimWorld world;
  TempDir dir;
  auto store = open_store(world, dir / "db", disk.name());
  constexpr std::size_t kCommits = 500;
  std::vector<std::optional<Result<Revision>>> results(kCommits);
  const int before = disk.syncs;
  for (std::size_t i = 0; i < kCommits; ++i)
    world.start(store->commit(Txn{}.put(fmt::format("k{}", i), "v")), results[i]);
  ASSERT_TRUE(world.run(store->commit(Txn{}.put("last", "v"))).ok());
  world.settle();
  for (auto& r : results) ASSERT_TRUE(r && r->ok());
  EXPECT_EQ(store->revision(), kCommits + 1);
  EXPECT_GE(disk.syncs - before, 1);
  EXPECT_LT(disk.syncs - before, static_cast<int>(kCommits) / 4);
}

TEST(Sqlite, ACommitIsSyncedBeforeItAnswers) {
  DiskShim disk;
  SimWorld world;
  TempDir dir;
  auto store = open_store(world, dir / "db", disk.name());
  for (int i = 0; i < 5; ++i) {
    const int before = disk.syncs;
    ASSERT_TRUE(world.run(store->commit(Txn{}.put("k", std::to_string(i)))).ok());
    EXPECT_GT(disk.syncs, before);
  }
}

TEST(Sqlite, AFailedSyncIsTheLastCommit) {
  DiskShim disk;
  SimWorld world;
  TempDir dir;
  auto store = open_store(world, dir / "db", disk.name());
  ASSERT_TRUE(world.run(store->commit(Txn{}.put("a", "1"))).ok());
  auto watch = store->watch("", 0);
  disk.fail_wal = true;
  EXPECT_EQ(world.run(store->commit(Txn{}.put("a", "2"))).fault(), Fault::read_only);
  EXPECT_FALSE(store->writable());
  disk.fail_wal = false;  // the disk says it is well again: nobody believes it
  EXPECT_EQ(world.run(store->commit(Txn{}.put("b", "1"))).fault(), Fault::read_only);
  EXPECT_EQ((*world.run(store->get("a")))->value, "1");
  EXPECT_EQ(world.run(store->range({}))->items.size(), 1u);
  EXPECT_EQ(store->revision(), 1u);
  std::optional<Result<std::vector<Event>>> seen;
  world.start(watch->next(), seen);
  world.settle();
  EXPECT_FALSE(seen);  // nobody hears of what was not committed
  watch->close();
  world.settle();
}

TEST(Sqlite, AFullDiskRefusesUntilThereIsSpace) {
  DiskShim disk;
  SimWorld world;
  TempDir dir;
  auto store = open_store(world, dir / "db", disk.name());
  ASSERT_TRUE(world.run(store->commit(Txn{}.put("a", "1"))).ok());
  for (int round = 2; round < 5; ++round) {
    disk.full = true;
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(world.run(store->commit(Txn{}.put("a", "lost").put("b", "lost"))).fault(),
                Fault::unavailable);
    EXPECT_TRUE(store->writable());
    EXPECT_EQ((*world.run(store->get("a")))->value, std::to_string(round - 1));
    EXPECT_FALSE(world.run(store->get("b"))->has_value());
    disk.full = false;
    auto committed = world.run(store->commit(Txn{}.put("a", std::to_string(round))));
    ASSERT_TRUE(committed.ok());
    EXPECT_EQ(*committed, static_cast<Revision>(round)) << "what was refused took no revision";
  }
  store.reset();
  store = open_store(world, dir / "db", disk.name());
  EXPECT_EQ((*world.run(store->get("a")))->value, "4");
  EXPECT_FALSE(world.run(store->get("b"))->has_value());
}

TEST(Sqlite, AFailedSyncOfTheCheckpointIsTheLastCommitToo) {
  DiskShim disk;
  SimWorld world;
  TempDir dir;
  auto store = open_store(world, dir / "db", disk.name());
  disk.fail_main = true;
  // The write-ahead log takes these; the file they are moved to fails.
  int good = 0;
  for (; good < 2000; ++good) {
    Txn txn;
    for (int i = 0; i < 8; ++i) txn.put(fmt::format("k{}-{}", good, i), std::string(4000, 'x'));
    auto r = world.run(store->commit(std::move(txn)));
    if (r.ok()) continue;
    EXPECT_EQ(r.fault(), Fault::read_only);
    break;
  }
  EXPECT_GT(good, 0);
  EXPECT_LT(good, 2000);
  EXPECT_FALSE(store->writable());
  EXPECT_TRUE(world.run(store->get("k0-0"))->has_value());
  disk.fail_main = false;
}

// The child: commits from several coroutines at once and tells of every acknowledged key.
[[noreturn]] void commit_until_killed(const std::string& path, int tell, int round) {
  SimWorld world;
  SqliteOptions options;
  options.path = path;
  auto store = SqliteStore::open(world.io.get_executor(), options);
  if (!store.ok()) ::_exit(3);
  auto writer = [](Store& s, int tell, int round, int lane) -> Task<Unit> {
    for (int i = 0;; ++i) {
      const std::string key = fmt::format("{}-{}-{}", round, lane, i);
      Txn txn;
      txn.put(key, key).put("last-" + std::to_string(lane), key);
      CO_TRY(Revision r, co_await s.commit(std::move(txn)));
      const std::string line = fmt::format("{} {}\n", key, r);
      if (::write(tell, line.data(), line.size()) < 0) ::_exit(4);
    }
  };
  std::vector<std::optional<Result<Unit>>> ends(8);
  for (int lane = 0; lane < 8; ++lane)
    world.start(writer(**store, tell, round, lane), ends[static_cast<std::size_t>(lane)]);
  auto work = asio::make_work_guard(world.io);
  world.io.run();
  ::_exit(5);
}

TEST(Sqlite, WhatWasAcknowledgedSurvivesKill9) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("TIDEGATE_SEED={}", seed));
  SeededRandom random(seed);
  TempDir dir;
  std::string told;
  for (int round = 0; round < 4; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      commit_until_killed(dir / "db", ends[1], round);
    }
    ::close(ends[1]);
    const std::size_t enough = told.size() + 1 + random.below(6000);
    char buffer[512];
    ssize_t n;
    bool killed = false;
    while ((n = ::read(ends[0], buffer, sizeof buffer)) > 0) {
      told.append(buffer, static_cast<std::size_t>(n));
      if (!killed && told.size() >= enough) killed = ::kill(child, SIGKILL) == 0;
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    if (told.find_last_of('\n') + 1 != told.size()) told.resize(told.find_last_of('\n') + 1);
  }
  SimWorld world;
  auto store = open_store(world, dir / "db");
  std::size_t acknowledged = 0;
  std::istringstream lines(told);
  std::string key;
  for (Revision revision; lines >> key >> revision; ++acknowledged) {
    auto kv = world.run(store->get(key));
    ASSERT_TRUE(kv.ok() && kv->has_value()) << key;
    EXPECT_EQ((*kv)->mod_revision, revision);
  }
  EXPECT_GT(acknowledged, 4u);
  EXPECT_GE(store->revision(), acknowledged);
}

}  // namespace
}  // namespace tidegate::store
