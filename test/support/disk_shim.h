// DiskShim: an SQLite file system that counts syncs, can make them fail and be full, over the
// default one. One at a time; made before the store is opened and destroyed after it. Any thread.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace tidegate {

class DiskShim {
 public:
  DiskShim() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.pNext = nullptr;
    vfs_.zName = "tidegate-shim";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    self() = this;
    CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
  }
  ~DiskShim() {
    sqlite3_vfs_unregister(&vfs_);
    self() = nullptr;
  }
  DiskShim(const DiskShim&) = delete;
  DiskShim& operator=(const DiskShim&) = delete;

  const char* name() const { return vfs_.zName; }
  std::atomic<int> syncs{0};  // of the write-ahead log
  std::atomic<bool> fail_wal{false}, fail_main{false};
  std::atomic<bool> full{false};  // nothing more can be written

 private:
  struct File {
    sqlite3_file base;
    bool wal;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static DiskShim*& self() {
    static DiskShim* current = nullptr;
    return current;
  }
  static sqlite3_file* real(sqlite3_file* f) { return reinterpret_cast<File*>(f)->real(); }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) {
    auto* file = reinterpret_cast<File*>(f);
    file->base.pMethods = nullptr;
    file->wal = (flags & SQLITE_OPEN_WAL) != 0;
    std::memset(file->real(), 0, static_cast<std::size_t>(self()->real_->szOsFile));
    const int code = self()->real_->xOpen(self()->real_, name, file->real(), flags, out);
    if (file->real()->pMethods) file->base.pMethods = methods();
    return code;
  }
  static int sync(sqlite3_file* f, int flags) {
    const bool wal = reinterpret_cast<File*>(f)->wal;
    if (wal) self()->syncs.fetch_add(1);
    if (wal ? self()->fail_wal : self()->fail_main) return SQLITE_IOERR_FSYNC;
    return real(f)->pMethods->xSync(real(f), flags);
  }

  static const sqlite3_io_methods* methods() {
    using F = sqlite3_file*;
    static const sqlite3_io_methods kMethods = {
        3,
        [](F f) { return real(f)->pMethods->xClose(real(f)); },
        [](F f, void* p, int n, sqlite3_int64 at) {
          return real(f)->pMethods->xRead(real(f), p, n, at);
        },
        [](F f, const void* p, int n, sqlite3_int64 at) {
          if (self()->full) return SQLITE_FULL;
          return real(f)->pMethods->xWrite(real(f), p, n, at);
        },
        [](F f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); },
        sync,
        [](F f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); },
        [](F f, int level) { return real(f)->pMethods->xLock(real(f), level); },
        [](F f, int level) { return real(f)->pMethods->xUnlock(real(f), level); },
        [](F f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
        [](F f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); },
        [](F f) { return real(f)->pMethods->xSectorSize(real(f)); },
        [](F f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
        [](F f, int page, int size, int extend, void volatile** out) {
          return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
        },
        [](F f, int at, int n, int flags) {
          return real(f)->pMethods->xShmLock(real(f), at, n, flags);
        },
        [](F f) { real(f)->pMethods->xShmBarrier(real(f)); },
        [](F f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
        [](F f, sqlite3_int64 at, int n, void** out) {
          return real(f)->pMethods->xFetch(real(f), at, n, out);
        },
        [](F f, sqlite3_int64 at, void* p) { return real(f)->pMethods->xUnfetch(real(f), at, p); },
    };
    return &kMethods;
  }

  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
};

}  // namespace tidegate
