#include "store/sqlite.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <unordered_map>

#include "base/log.h"
#include "store/sqlite_db.h"
#include "store/sqlite_writer.h"
#include "store/watch_queue.h"

namespace tidegate::store {
namespace {

// Format 2 added kv.sum, which is null in rows that format 1 wrote.
constexpr Revision kFormat = 2;
constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS kv(key BLOB PRIMARY KEY, value BLOB NOT NULL, create_rev INTEGER, "
    "mod_rev INTEGER, sum INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS log(rev INTEGER, idx INTEGER, key BLOB, value BLOB, old_value "
    "BLOB, old_create INTEGER, old_mod INTEGER, PRIMARY KEY(rev, idx)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO meta VALUES('format', 2), ('revision', 0), ('compacted', 0);";

constexpr const char* kFromFormat1 =
    "BEGIN; ALTER TABLE kv ADD COLUMN sum INTEGER; UPDATE meta SET value = 2 WHERE name = 'format';"
    "COMMIT";

constexpr std::size_t kMostItems = 1'000'000'000;
constexpr std::size_t kMostReadBytes = 4 * 1024 * 1024;

// What get() read, or did not find, since it last changed. On the control strand; bounded. Right
// because there is one writer and every commit ends on the strand: while none is on its way, the
// file says what the strand was told.
class ReadRows {
 public:
  void commit_begins() { ++commits_; }
  void commit_ended(const std::vector<Event>& events) {
    --commits_;
    for (const Event& e : events) forget(e.key);
  }
  const std::optional<Kv>* find(const std::string& key) const {
    if (commits_ != 0) return nullptr;
    auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }
  void keep(const std::string& key, const std::optional<Kv>& row) {
    const std::size_t size = size_of(key, row);
    if (commits_ != 0 || size > kMostReadBytes / 16) return;
    if (bytes_ + size > kMostReadBytes) rows_.clear(), bytes_ = 0;
    if (rows_.emplace(key, row).second) bytes_ += size;
  }

 private:
  static std::size_t size_of(const std::string& key, const std::optional<Kv>& row) {
    return 256 + 2 * key.size() + (row ? row->value.size() : 0);
  }
  void forget(const std::string& key) {
    auto found = rows_.find(key);
    if (found == rows_.end()) return;
    bytes_ -= size_of(key, found->second);
    rows_.erase(found);
  }

  std::unordered_map<std::string, std::optional<Kv>> rows_;
  std::size_t bytes_ = 0;
  int commits_ = 0;
};

Status configure(Db& db, const SqliteOptions& options) {
  for (const std::string& pragma :
       {std::string("PRAGMA journal_mode=WAL"), std::string("PRAGMA synchronous=FULL"),
        std::string("PRAGMA cache_size=-2000"), std::string("PRAGMA temp_store=MEMORY"),
        fmt::format("PRAGMA mmap_size={}", static_cast<std::int64_t>(options.mmap_mb) << 20)}) {
    TRY(Unit ok, db.run(pragma.c_str()));
    (void)ok;
  }
  return done;
}

// Whoever starts a server is told which file cannot be used, not which statement failed.
Status begin_use(Db& db, const SqliteOptions& options) {
  Status configured = configure(db, options);
  Status created = configured.ok() ? db.run(kSchema) : configured;
  if (created.ok()) return done;
  return Error{created.fault(), fmt::format("cannot use {}: {}", options.path, db.trouble())};
}

Result<Revision> meta(Db& db, const char* sql) {
  TRY(Statement s, db.prepare(sql));
  if (s.step() != SQLITE_ROW) return db.error("meta");
  return s.number(0);
}

// Always an end: a condition that makes it optional keeps SQLite from stopping there, and a short
// range would read all rows behind it.
const std::string& end_of(const Range& range) {
  static const std::string kBehindAll(kMaxKeyBytes + 1, '\xff');
  return range.end.empty() ? kBehindAll : range.end;
}

// The row in columns [at, at + 4): value, create_rev, mod_rev, sum.
Result<Kv> row_at(const Statement& s, int at, std::string key) {
  Kv kv{std::move(key), s.bytes(at), s.number(at + 1), s.number(at + 2)};
  if (s.null(at + 3) ||
      s.number(at + 3) == sum_of(kv.key, kv.value, kv.create_revision, kv.mod_revision))
    return kv;
  Error error{Fault::internal, fmt::format("the record {} is damaged on the disk", kv.key)};
  LOG_ERROR("{}", error.message);
  return error;
}

}  // namespace

struct SqliteStore::Impl : std::enable_shared_from_this<SqliteStore::Impl> {
  class LiveWatch;

  asio::any_io_executor control;
  Db reader;
  Statement get, range, range_back, undo, history, revision_row;
  ReadRows read_rows;
  Revision delivered = 0;  // the newest revision that watches have seen
  std::vector<LiveWatch*> watches;
  std::unique_ptr<SqliteWriter> writer;

  Status prepare();
  void finish(std::vector<SqliteWriter::Job> jobs);
  Result<Page> read(Range range);
  Status read_now(const Range& range, Page& page);
  Status read_then(const Range& range, Page& page);
  using Then = std::map<std::string, std::optional<Kv>>;  // nullopt: was not there
  Result<Then> changed_since(const Range& range);
};

class SqliteStore::Impl::LiveWatch final : public Watch {
 public:
  LiveWatch(std::shared_ptr<Impl> impl, std::string prefix, Revision from)
      : impl_(std::move(impl)), prefix_(std::move(prefix)), from_(from) {
    impl_->watches.push_back(this);
  }
  ~LiveWatch() override {
    queue_.close(Fault::cancelled);
    std::erase(impl_->watches, this);
  }
  Task<std::vector<Event>> next() override { return queue_.next(); }
  void close() override { queue_.close(Fault::cancelled); }
  void end(Fault reason) { queue_.close(reason); }
  const std::string& prefix() const { return prefix_; }

  void offer(const std::vector<Event>& events) {
    std::vector<Event> mine;
    for (const Event& e : events)
      if (e.revision >= from_ && std::string_view(e.key).starts_with(prefix_)) mine.push_back(e);
    if (!mine.empty()) queue_.push(std::move(mine));
  }

 private:
  std::shared_ptr<Impl> impl_;
  std::string prefix_;
  Revision from_;
  WatchQueue queue_;
};

Status SqliteStore::Impl::prepare() {
  TRY(get, reader.prepare("SELECT value, create_rev, mod_rev, sum FROM kv WHERE key = ?1"));
  TRY(range, reader.prepare("SELECT key, value, create_rev, mod_rev, sum FROM kv WHERE key >= ?1 "
                            "AND key < ?2 ORDER BY key LIMIT ?3"));
  TRY(range_back, reader.prepare("SELECT key, value, create_rev, mod_rev, sum FROM kv WHERE key >= "
                                 "?1 AND key < ?2 ORDER BY key DESC LIMIT ?3"));
  TRY(undo, reader.prepare("SELECT key, old_value, old_create, old_mod FROM log WHERE rev > ?1 AND "
                           "key >= ?2 AND key < ?3 ORDER BY rev DESC, idx DESC"));
  TRY(history, reader.prepare("SELECT rev, key, value FROM log WHERE rev >= ?1 AND rev <= ?2 "
                              "ORDER BY rev, idx"));
  TRY(revision_row, reader.prepare("SELECT value FROM meta WHERE name = 'revision'"));
  return done;
}

// On the control strand: events first, so that whoever is told of a commit finds the watches at
// least as far.
void SqliteStore::Impl::finish(std::vector<SqliteWriter::Job> jobs) {
  for (SqliteWriter::Job& job : jobs) {
    read_rows.commit_ended(job.events);
    if (!job.events.empty()) {
      delivered = job.events.front().revision;
      for (LiveWatch* w : std::vector<LiveWatch*>(watches)) w->offer(job.events);
    }
  }
  for (SqliteWriter::Job& job : jobs) job.answer(std::move(job.outcome));
}

Result<Page> SqliteStore::Impl::read(Range wanted) {
  Page page;
  if (reader.step_once("BEGIN") != SQLITE_OK) return reader.error("BEGIN");
  Status read = done;
  {
    Using use(revision_row);
    if (revision_row.step() != SQLITE_ROW)
      read = reader.error("revision");
    else
      page.revision = revision_row.number(0);
  }
  if (read.ok() && wanted.at > page.revision)
    read = Error{Fault::invalid_argument, "that revision is in the future"};
  if (read.ok() && wanted.at != 0 && wanted.at < writer->compacted())
    read = Error{Fault::compacted, "that revision was compacted"};
  // So that limits can be added up.
  wanted.limit = std::min(wanted.limit, kMostItems);
  const bool empty_range = !wanted.end.empty() && wanted.end <= wanted.begin;
  if (read.ok() && !empty_range)
    read = wanted.at == 0 || wanted.at == page.revision ? read_now(wanted, page)
                                                        : read_then(wanted, page);
  if (wanted.at != 0) page.revision = wanted.at;
  reader.step_once("COMMIT");
  if (!read.ok()) return std::move(read).error();
  return page;
}

Status SqliteStore::Impl::read_now(const Range& wanted, Page& page) {
  Statement& s = wanted.reverse ? range_back : range;
  Using use(s);
  s.bind(1, wanted.begin);
  s.bind(2, end_of(wanted));
  s.bind(3, static_cast<std::uint64_t>(wanted.limit) + 1);
  int code;
  while ((code = s.step()) == SQLITE_ROW) {
    if (page.items.size() == wanted.limit) {
      page.more = true;
      return done;
    }
    TRY(Kv kv, row_at(s, 1, s.bytes(0)));
    page.items.push_back(std::move(kv));
  }
  return code == SQLITE_DONE ? Status(done) : Status(reader.error("range"));
}

// What the keys of the range that changed after `at` were then: the oldest change wins, being read
// last.
Result<SqliteStore::Impl::Then> SqliteStore::Impl::changed_since(const Range& wanted) {
  Then then;
  Using use(undo);
  undo.bind(1, wanted.at).bind(2, wanted.begin);
  undo.bind(3, end_of(wanted));
  int code;
  while ((code = undo.step()) == SQLITE_ROW) {
    std::string key = undo.bytes(0);
    if (undo.null(1))
      then[std::move(key)] = std::nullopt;
    else
      then[key] = Kv{key, undo.bytes(1), undo.number(2), undo.number(3)};
  }
  if (code != SQLITE_DONE) return reader.error("range");
  return then;
}

Status SqliteStore::Impl::read_then(const Range& wanted, Page& page) {
  TRY(auto then, changed_since(wanted));
  // Rows as they are now, without those that changed, merged with those as they were.
  Range now = wanted;
  now.limit = wanted.limit + then.size() + 1;
  Page current;
  TRY(Unit ok, read_now(now, current));
  (void)ok;
  // Beyond the last row read there may be further unchanged ones: nothing after it is complete.
  const std::string limit_key = current.more ? current.items.back().key : std::string();
  std::map<std::string, Kv> merged;
  for (Kv& kv : current.items)
    if (!then.contains(kv.key)) merged.emplace(kv.key, std::move(kv));
  for (auto& [key, kv] : then) {
    if (!kv) continue;
    if (current.more && (wanted.reverse ? key < limit_key : key > limit_key)) continue;
    merged.emplace(key, std::move(*kv));
  }
  page.more = current.more;
  auto take = [&](Kv& kv) {
    if (page.items.size() < wanted.limit)
      page.items.push_back(std::move(kv));
    else
      page.more = true;
  };
  if (wanted.reverse)
    for (auto it = merged.rbegin(); it != merged.rend(); ++it) take(it->second);
  else
    for (auto& [key, kv] : merged) take(kv);
  return done;
}

SqliteStore::SqliteStore(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

SqliteStore::~SqliteStore() {
  for (Impl::LiveWatch* w : impl_->watches) w->end(Fault::cancelled);
  impl_->writer.reset();
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(asio::any_io_executor control,
                                                       SqliteOptions options) {
  TRY(Db writing, Db::open(options.path, options.vfs));
  TRY(Unit begun, begin_use(writing, options));
  TRY(Revision format, meta(writing, "SELECT value FROM meta WHERE name = 'format'"));
  if (format == 1) {
    TRY(Unit upgraded, writing.run(kFromFormat1));
    (void)upgraded;
  } else if (format != kFormat) {
    return Error{Fault::internal, fmt::format("{} was written by a newer version (format {})",
                                              options.path, format)};
  }
  TRY(Revision revision, meta(writing, "SELECT value FROM meta WHERE name = 'revision'"));
  TRY(Revision compacted, meta(writing, "SELECT value FROM meta WHERE name = 'compacted'"));
  auto impl = std::make_shared<Impl>();
  impl->control = control;
  TRY(impl->reader, Db::open(options.path, options.vfs));
  TRY(Unit reading, configure(impl->reader, options));
  (void)begun, (void)reading;
  impl->delivered = revision;
  auto hand_over = [control,
                    weak = std::weak_ptr<Impl>(impl)](std::vector<SqliteWriter::Job> jobs) {
    auto shared = std::make_shared<std::vector<SqliteWriter::Job>>(std::move(jobs));
    asio::post(control, [weak, shared] {
      if (auto self = weak.lock()) self->finish(std::move(*shared));
    });
  };
  impl->writer = std::make_unique<SqliteWriter>(
      std::move(writing), revision, SqliteWriter::Kept{options.kept_revisions, options.kept_bytes},
      hand_over);
  impl->writer->set_compacted(compacted);
  TRY(Unit prepared, impl->prepare());
  TRY(Unit ready, impl->writer->prepare());
  (void)prepared, (void)ready;
  impl->writer->start();
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(impl)));
}

Task<std::optional<Kv>> SqliteStore::get(std::string key) {
  if (auto* row = impl_->read_rows.find(key)) co_return *row;
  Statement& s = impl_->get;
  Using use(s);
  const int code = s.bind(1, key).step();
  std::optional<Kv> row;
  if (code == SQLITE_ROW) {
    CO_TRY(row, row_at(s, 0, key));
  } else if (code != SQLITE_DONE) {
    co_return impl_->reader.error("get");
  }
  impl_->read_rows.keep(key, row);
  co_return row;
}

Task<Page> SqliteStore::range(Range range) {
  co_return impl_->read(std::move(range));
}

Task<Revision> SqliteStore::commit(Txn txn) {
  Status within = check_limits(txn);
  if (!within.ok()) co_return std::move(within).error();
  if (!impl_->writer->writable())
    co_return Error{Fault::read_only, "the disk refused to store data: the server is read-only"};
  // The answer comes on the control strand, where this coroutine goes on at once.
  auto wait = [this, &txn](auto handler) {
    SqliteWriter::Job job;
    job.txn = std::move(txn);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    job.answer = [shared](Result<Revision> outcome) {
      std::move (*shared)(std::make_shared<Result<Revision>>(std::move(outcome)));
    };
    impl_->read_rows.commit_begins();
    impl_->writer->submit(std::move(job));
  };
  std::shared_ptr<Result<Revision>> outcome =
      co_await asio::async_initiate<decltype(asio::use_awaitable),
                                    void(std::shared_ptr<Result<Revision>>)>(wait,
                                                                             asio::use_awaitable);
  co_return std::move(*outcome);
}

std::unique_ptr<Watch> SqliteStore::watch(std::string prefix, Revision from) {
  const Revision delivered = impl_->delivered;
  auto watch =
      std::make_unique<Impl::LiveWatch>(impl_, std::move(prefix), from == 0 ? delivered + 1 : from);
  if (from == 0 || from > delivered) return watch;
  Statement& s = impl_->history;
  Using use(s);
  s.bind(1, from).bind(2, delivered);
  std::vector<Event> events;
  auto hand_over = [&] {
    if (!events.empty()) watch->offer(events);
    events.clear();
  };
  int code;
  while ((code = s.step()) == SQLITE_ROW) {
    const Revision revision = s.number(0);
    if (!events.empty() && events.front().revision != revision) hand_over();
    Event e{s.bytes(1), std::nullopt, revision};
    if (!s.null(2)) e.value = s.bytes(2);
    events.push_back(std::move(e));
  }
  hand_over();
  // Asked after the rows were read: the writer says what it trims before it does.
  if (from <= impl_->writer->compacted())
    watch->end(Fault::compacted);
  else if (code != SQLITE_DONE)
    watch->end(Fault::unavailable);
  return watch;
}

Revision SqliteStore::revision() const {
  return impl_->delivered;
}
bool SqliteStore::writable() const {
  return impl_->writer->writable();
}

}  // namespace tidegate::store
