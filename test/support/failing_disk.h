// FailingDisk: the file system of blobs with one call that fails: the n-th of all, counted from
// arm(). Writes fail half done, as on a full disk. One thread.
#pragma once

#include <cerrno>

#include "blob/disk.h"

namespace tidegate {

class FailingDisk final : public blob::Disk {
 public:
  int calls = 0;          // since arm()
  int syncs = 0;          // ever
  int fail_at = 0;        // 0: none
  bool no_links = false;  // as on a file system without hard links
  void arm(int n) {
    calls = 0;
    fail_at = n;
  }

  int mkdir(const char* path) override { return fails() ? -1 : Disk::mkdir(path); }
  int open(const char* path, int flags) override { return fails() ? -1 : Disk::open(path, flags); }
  ssize_t write(int fd, const void* bytes, std::size_t size) override {
    if (!fails()) return Disk::write(fd, bytes, size);
    if (size > 1) (void)Disk::write(fd, bytes, size / 2);
    return -1;
  }
  ssize_t pread(int fd, void* out, std::size_t size, off_t offset) override {
    return fails() ? -1 : Disk::pread(fd, out, size, offset);
  }
  int sync(int fd) override {
    ++syncs;
    return fails() ? -1 : Disk::sync(fd);
  }
  int rename(const char* from, const char* to) override {
    return fails() ? -1 : Disk::rename(from, to);
  }
  int link(const char* from, const char* to) override {
    if (no_links) errno = EPERM;
    return no_links || fails() ? -1 : Disk::link(from, to);
  }
  int unlink(const char* path) override { return fails() ? -1 : Disk::unlink(path); }

 private:
  bool fails() {
    if (++calls != fail_at) return false;
    errno = EIO;
    return true;
  }
};

}  // namespace tidegate
