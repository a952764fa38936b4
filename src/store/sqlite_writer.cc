#include "store/sqlite_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace tidegate::store {
namespace {

// A group is one SQLite transaction: bounded, so that a commit never waits long for its neighbours.
constexpr std::size_t kMaxGroup = 256;
constexpr int kCheckpointPages = 1000;

Error read_only() {
  return Error{Fault::read_only, "the disk refused to store data: the server is read-only"};
}

Error no_space() {
  return Error{Fault::unavailable, "The server's disk is full. Please retry when it has space."};
}

}  // namespace

SqliteWriter::SqliteWriter(Db db, Revision revision, Kept kept, Done done)
    : db_(std::move(db)), revision_(revision), kept_(kept), done_(std::move(done)) {}

SqliteWriter::~SqliteWriter() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Status SqliteWriter::prepare() {
  db_.count_wal_pages(wal_pages_);
  TRY(read_, db_.prepare("SELECT value, create_rev, mod_rev FROM kv WHERE key = ?1"));
  TRY(put_,
      db_.prepare("INSERT INTO kv(key, value, create_rev, mod_rev, sum) VALUES(?1, ?2, ?3, "
                  "?4, ?5) ON CONFLICT(key) DO UPDATE SET value = ?2, mod_rev = ?4, sum = ?5"));
  TRY(erase_, db_.prepare("DELETE FROM kv WHERE key = ?1"));
  TRY(log_, db_.prepare("INSERT INTO log(rev, idx, key, value, old_value, old_create, old_mod) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  TRY(revision_row_, db_.prepare("UPDATE meta SET value = ?1 WHERE name = 'revision'"));
  TRY(compacted_row_, db_.prepare("UPDATE meta SET value = ?1 WHERE name = 'compacted'"));
  TRY(trim_, db_.prepare("DELETE FROM log WHERE rev <= ?1"));
  return done;
}

void SqliteWriter::start() {
  thread_ = std::thread([this] { loop(); });
}

void SqliteWriter::submit(Job job) {
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void SqliteWriter::loop() {
  for (;;) {
    std::vector<Job> group;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      if (waiting_.size() <= kMaxGroup) {
        group.swap(waiting_);
      } else {
        const auto cut = waiting_.begin() + kMaxGroup;
        group.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(cut));
        waiting_.erase(waiting_.begin(), cut);
      }
    }
    run_group(group);
    done_(std::move(group));
    checkpoint();
  }
}

void SqliteWriter::run_group(std::vector<Job>& group) {
  Status failed = done;
  const Revision before = revision_;
  if (!writable_) {
    failed = read_only();
  } else if (db_.step_once("BEGIN IMMEDIATE") != SQLITE_OK) {
    failed = db_.error("BEGIN");
  }
  for (Job& job : group) {
    if (!failed.ok()) break;
    std::string which;
    Result<bool> holds = guards_hold(job.txn, which);
    if (!holds.ok()) {
      failed = std::move(holds).error();
    } else if (!*holds) {
      job.outcome = Error{Fault::guard_failed, "a guard did not hold: " + which};
    } else if (job.txn.puts.empty() && job.txn.erases.empty()) {
      job.outcome = revision_;
    } else {
      failed = apply(job, revision_ + 1);
      if (!job.events.empty()) ++revision_;  // what changes nothing takes no revision
      job.outcome = revision_;
    }
  }
  if (failed.ok() && revision_ != before) {
    revision_row_.bind(1, revision_);
    const int code = revision_row_.step();
    revision_row_.reset();
    if (code != SQLITE_DONE) failed = db_.error("revision");
    if (failed.ok()) failed = trim(revision_);
  }
  // COMMIT syncs. Whatever it reports, what was not acknowledged is not promised; an error here
  // means that pages may be lost without notice later, so nothing is written any more.
  if (failed.ok() && db_.step_once("COMMIT") != SQLITE_OK) failed = db_.error("COMMIT");
  if (failed.ok()) {
    full_ = false;
    return;
  }
  // A full disk refuses before anything is synced: what is rolled back was never there, and the
  // next commit may find space.
  const bool full = db_.full();
  db_.step_once("ROLLBACK");
  revision_ = before;
  if (full && !std::exchange(full_, true)) LOG_ERROR("nothing is stored: the disk is full");
  if (!full && writable_.exchange(false))
    LOG_ERROR("the store is read-only from now on: {}", failed.error().message);
  for (Job& job : group) {
    job.outcome = full ? no_space() : read_only();
    job.events.clear();
  }
}

// Moves what the write-ahead log holds into the file. Done here and not by SQLite on its own, which
// would keep a failed sync of the file to itself.
void SqliteWriter::checkpoint() {
  if (wal_pages_ < kCheckpointPages || !writable_) return;
  wal_pages_ = 0;
  const int code = db_.checkpoint();
  // Without space the log stays as it is, and the next commit asks again.
  if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_FULL)
    return;
  if (writable_.exchange(false))
    LOG_ERROR("the store is read-only from now on: checkpoint: {}", sqlite3_errstr(code));
}

Result<SqliteWriter::Row> SqliteWriter::read(const std::string& key) {
  Using use(read_);
  const int code = read_.bind(1, key).step();
  if (code == SQLITE_DONE) return Row{};
  if (code != SQLITE_ROW) return db_.error("read");
  return Row{true, read_.bytes(0), read_.number(1), read_.number(2)};
}

Result<bool> SqliteWriter::guards_hold(const Txn& txn, std::string& which) {
  for (const Guard& g : txn.guards) {
    TRY(Row row, read(g.key));
    const bool holds = g.kind == Guard::Kind::absent    ? !row.found
                       : g.kind == Guard::Kind::present ? row.found
                                                        : row.mod == g.revision;
    if (!holds) {
      which = g.key;
      return false;
    }
  }
  return true;
}

Status SqliteWriter::apply(Job& job, Revision revision) {
  std::uint64_t index = 0;
  for (const auto& [key, value] : job.txn.puts) {
    Status ok = put(key, value, revision, job, index++);
    if (!ok.ok()) return ok;
  }
  for (const std::string& key : job.txn.erases) {
    Status ok = erase(key, revision, job, index++);
    if (!ok.ok()) return ok;
  }
  return done;
}

Status SqliteWriter::put(const std::string& key, const std::string& value, Revision revision,
                         Job& job, std::uint64_t index) {
  TRY(Row before, read(key));
  {
    Using use(put_);
    const Revision created = before.found ? before.create : revision;
    put_.bind(1, key).bind(2, value).bind(3, created).bind(4, revision);
    put_.bind(5, sum_of(key, value, created, revision));
    if (put_.step() != SQLITE_DONE) return db_.error("put");
  }
  job.events.push_back({key, value, revision});
  return log(revision, index, key, &value, before);
}

Status SqliteWriter::erase(const std::string& key, Revision revision, Job& job,
                           std::uint64_t index) {
  TRY(Row before, read(key));
  if (!before.found) return done;
  {
    Using use(erase_);
    if (erase_.bind(1, key).step() != SQLITE_DONE) return db_.error("erase");
  }
  job.events.push_back({key, std::nullopt, revision});
  return log(revision, index, key, nullptr, before);
}

Status SqliteWriter::log(Revision revision, std::uint64_t index, const std::string& key,
                         const std::string* value, const Row& before) {
  Using use(log_);
  log_.bind(1, revision).bind(2, index).bind(3, key);
  if (value) log_.bind(4, *value);
  if (before.found) log_.bind(5, before.value).bind(6, before.create).bind(7, before.mod);
  logged_ += key.size() + before.value.size() + (value ? value->size() : 0);
  return log_.step() == SQLITE_DONE ? Status(done) : Status(db_.error("log"));
}

// The newest revision that the log may do without.
Revision SqliteWriter::expendable(Revision revision) {
  const std::uint64_t slice = kept_.bytes / 16;
  if (logged_ - (marks_.empty() ? 0 : marks_.back().second) > slice)
    marks_.emplace_back(revision, logged_);
  Revision until = revision > kept_.revisions ? revision - kept_.revisions : 0;
  while (!marks_.empty() && logged_ - marks_.front().second > kept_.bytes) {
    until = std::max(until, marks_.front().first);
    marks_.pop_front();
  }
  return until;
}

Status SqliteWriter::trim(Revision revision) {
  // Seldom, and a slice at a time.
  const Revision until = expendable(revision);
  const bool by_bytes = until + kept_.revisions > revision;
  const Revision slice = kept_.revisions / 16 + 1;
  if (until <= compacted_ || (!by_bytes && revision < trimmed_at_ + slice)) return done;
  trimmed_at_ = revision;
  compacted_ = until;  // before readers can miss the rows
  {
    Using use(trim_);
    if (trim_.bind(1, until).step() != SQLITE_DONE) return db_.error("trim");
  }
  Using use(compacted_row_);
  if (compacted_row_.bind(1, until).step() != SQLITE_DONE) return db_.error("trim");
  return done;
}

}  // namespace tidegate::store
