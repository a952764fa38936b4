#include "store/sqlite_db.h"

#include <fmt/format.h>

#include "base/crc.h"

namespace tidegate::store {

Statement& Statement::bind(int at, std::string_view bytes) {
  // A null pointer would bind NULL instead of the empty blob.
  sqlite3_bind_blob64(stmt_.get(), at, bytes.empty() ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
  return *this;
}
Statement& Statement::bind(int at, std::uint64_t number) {
  sqlite3_bind_int64(stmt_.get(), at, static_cast<sqlite3_int64>(number));
  return *this;
}
Statement& Statement::bind_null(int at) {
  sqlite3_bind_null(stmt_.get(), at);
  return *this;
}
void Statement::reset() {
  sqlite3_reset(stmt_.get());
  sqlite3_clear_bindings(stmt_.get());
}
std::string Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(stmt_.get(), column);
  return data ? std::string(static_cast<const char*>(data),
                            static_cast<std::size_t>(sqlite3_column_bytes(stmt_.get(), column)))
              : std::string();
}
std::uint64_t Statement::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(stmt_.get(), column));
}
bool Statement::null(int column) const {
  return sqlite3_column_type(stmt_.get(), column) == SQLITE_NULL;
}

std::uint64_t sum_of(std::string_view key, std::string_view value, std::uint64_t create_revision,
                     std::uint64_t mod_revision) {
  // The lengths keep what moves from key to value from going unnoticed.
  const std::uint64_t numbers[] = {key.size(), create_revision, mod_revision};
  const std::string_view front(reinterpret_cast<const char*>(numbers), sizeof numbers);
  return crc32c(crc32c(crc32c(0, front), key), value);
}

Result<Db> Db::open(const std::string& path, const char* vfs) {
  Db db;
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, vfs);
  db.db_.reset(raw);
  if (code != SQLITE_OK)
    return Error{Fault::internal, fmt::format("cannot open {}: {}", path, sqlite3_errstr(code))};
  constexpr int kPatienceMs = 5000;  // with a checkpoint or a person's sqlite3 in the way
  sqlite3_busy_timeout(raw, kPatienceMs);
  return db;
}

Error Db::error(std::string_view doing) const {
  return Error{Fault::internal, fmt::format("{}: {}", doing, sqlite3_errmsg(db_.get()))};
}

std::string Db::trouble() const {
  return sqlite3_errmsg(db_.get());
}

bool Db::full() const {
  return sqlite3_errcode(db_.get()) == SQLITE_FULL;
}

Status Db::run(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error(sql);
  return done;
}

int Db::step_once(const char* sql) {
  return sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
}

void Db::count_wal_pages(int& pages) {
  auto hook = [](void* counter, sqlite3*, const char*, int n) {
    *static_cast<int*>(counter) = n;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db_.get(), hook, &pages);
}

int Db::checkpoint() {
  return sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

Result<Statement> Db::prepare(const char* sql) {
  sqlite3_stmt* stmt = nullptr;
  if (sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, nullptr) !=
      SQLITE_OK)
    return error(sql);
  return Statement(stmt);
}

}  // namespace tidegate::store
