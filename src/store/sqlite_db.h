// Db and Statement: the smallest RAII over SQLite's C interface that the store needs. Internal to
// store/. A Db and its statements belong to one thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidegate::store {

class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* s) : stmt_(s) {}
  // Bytes are borrowed until reset().
  Statement& bind(int at, std::string_view bytes);
  Statement& bind(int at, std::uint64_t number);
  Statement& bind_null(int at);
  // SQLITE_ROW, SQLITE_DONE or an error code.
  int step() { return sqlite3_step(stmt_.get()); }
  void reset();
  std::string bytes(int column) const;
  std::uint64_t number(int column) const;
  bool null(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> stmt_;
};

// Resets a statement at the end of a scope, also when the scope is left early.
class Using {
 public:
  explicit Using(Statement& s) : statement_(s) {}
  ~Using() { statement_.reset(); }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;

 private:
  Statement& statement_;
};

// What stands beside a row, so that a bit that flipped on the disk is an error and no answer.
std::uint64_t sum_of(std::string_view key, std::string_view value, std::uint64_t create_revision,
                     std::uint64_t mod_revision);

class Db {
 public:
  // `vfs` null: SQLite's default. Fault::internal with SQLite's text.
  static Result<Db> open(const std::string& path, const char* vfs);
  Status run(const char* sql);  // statements without parameters
  Result<Statement> prepare(const char* sql);
  int step_once(const char* sql);  // the raw code, for BEGIN and COMMIT
  // After every commit `pages` says how long the write-ahead log is; SQLite then does not
  // checkpoint by itself. `pages` outlives the Db.
  void count_wal_pages(int& pages);
  int checkpoint();  // what can be moved without waiting; the raw code
  Error error(std::string_view doing) const;
  std::string trouble() const;  // what failed last, in words
  bool full() const;            // what failed last, failed for want of space

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace tidegate::store
