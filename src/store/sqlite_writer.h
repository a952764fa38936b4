// SqliteWriter: the one thread that writes. It takes every transaction that waits into one SQLite
// transaction (group commit), so their cost of a sync is shared, and hands the outcomes to `done`
// in the order of their revisions. Internal to the SQLite store.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "store/sqlite_db.h"
#include "store/store.h"

namespace tidegate::store {

class SqliteWriter {
 public:
  struct Job {
    Txn txn;
    std::function<void(Result<Revision>)> answer;  // called by `done`'s owner
    Result<Revision> outcome = Revision{0};
    std::vector<Event> events;
  };
  using Done = std::function<void(std::vector<Job>)>;  // called on the writer thread

  // How much of the log stays: that many revisions, and about that many bytes.
  struct Kept {
    Revision revisions;
    std::uint64_t bytes;
  };

  SqliteWriter(Db db, Revision revision, Kept kept, Done done);
  ~SqliteWriter();  // works off the queue, then joins
  Status prepare();
  void start();
  void submit(Job job);  // any thread

  bool writable() const { return writable_.load(); }
  Revision compacted() const { return compacted_.load(); }
  void set_compacted(Revision r) { compacted_ = r; }

 private:
  void loop();
  void run_group(std::vector<Job>& group);
  Status apply(Job& job, Revision revision);
  Result<bool> guards_hold(const Txn& txn, std::string& which);
  Status put(const std::string& key, const std::string& value, Revision revision, Job& job,
             std::uint64_t index);
  Status erase(const std::string& key, Revision revision, Job& job, std::uint64_t index);
  struct Row {
    bool found = false;
    std::string value;
    Revision create = 0, mod = 0;
  };
  Result<Row> read(const std::string& key);
  Status log(Revision revision, std::uint64_t index, const std::string& key,
             const std::string* value, const Row& before);
  Status trim(Revision revision);
  Revision expendable(Revision revision);
  void checkpoint();

  Db db_;
  Statement read_, put_, erase_, log_, revision_row_, trim_, compacted_row_;
  Revision revision_;
  Kept kept_;
  Revision trimmed_at_ = 0;
  bool full_ = false;  // the last group found no space
  // What this run added to the log: its bytes up to each of some revisions. What earlier runs left
  // is older than all of it.
  std::uint64_t logged_ = 0;
  std::deque<std::pair<Revision, std::uint64_t>> marks_;
  int wal_pages_ = 0;  // in the write-ahead log after the last commit
  std::atomic<Revision> compacted_{0};
  std::atomic<bool> writable_{true};
  Done done_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tidegate::store
