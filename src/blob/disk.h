// Disk: the calls by which blobs reach a file system, so that a test can make any one of them fail.
// Each behaves as the system call of its name: -1 and errno on failure. Any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace tidegate::blob {

class Disk {
 public:
  virtual ~Disk() = default;
  virtual int mkdir(const char* path);
  virtual int open(const char* path, int flags);  // files are made with mode 0600
  virtual ssize_t write(int fd, const void* bytes, std::size_t size);
  virtual ssize_t pread(int fd, void* out, std::size_t size, off_t offset);
  virtual int sync(int fd);  // fsync, of a file or a folder
  virtual int rename(const char* from, const char* to);
  virtual int link(const char* from, const char* to);
  virtual int unlink(const char* path);
};

// The operating system's own.
Disk& system_disk();

}  // namespace tidegate::blob
