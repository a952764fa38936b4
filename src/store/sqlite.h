// SqliteStore: the store's contract on one SQLite file (WAL, synchronous=FULL). The default engine:
// no dependency outside the process, and acknowledged means synced.
//
// Commits queue for one writer thread, which takes all that wait into one SQLite transaction: one
// fsync for the group. Reads run on the caller's strand from a second connection (memory-mapped, so
// they are page-cache reads). Beside the current rows stands a log of the last `kept_revisions`
// revisions (and at most about `kept_bytes`) with the values they replaced: it feeds watches that
// start in the past and answers reads at an earlier revision. What it gives up, and what is erased,
// is space for the next rows: the file does not shrink.
//
// Every row carries a checksum; one that does not fit is Fault::internal for whoever reads it.
//
// All calls from the control strand; open() and the destructor block. The destructor waits for what
// was queued. Source: docs/decisions/002-store.md.
#pragma once

#include <memory>
#include <string>

#include "base/executor.h"
#include "store/store.h"

namespace tidegate::store {

struct SqliteOptions {
  std::string path;           // of the database file; its folder exists
  const char* vfs = nullptr;  // a test's own file system
  Revision kept_revisions = 16'384;
  std::uint64_t kept_bytes = 64u << 20;
  int mmap_mb = 256;
};

class SqliteStore final : public Store {
 public:
  // Opens or creates the file. Fault::internal: not ours, damaged, or not writable.
  static Result<std::unique_ptr<SqliteStore>> open(asio::any_io_executor control, SqliteOptions);
  ~SqliteStore() override;

  Task<std::optional<Kv>> get(std::string key) override;
  Task<Page> range(Range) override;
  Task<Revision> commit(Txn) override;
  std::unique_ptr<Watch> watch(std::string prefix, Revision from) override;
  Revision revision() const override;
  bool writable() const override;

 private:
  struct Impl;
  explicit SqliteStore(std::shared_ptr<Impl>);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tidegate::store
