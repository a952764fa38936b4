#include "blob/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace tidegate::blob {

int Disk::mkdir(const char* path) {
  return ::mkdir(path, 0700);
}
int Disk::open(const char* path, int flags) {
  return ::open(path, flags | O_CLOEXEC, 0600);
}
ssize_t Disk::write(int fd, const void* bytes, std::size_t size) {
  return ::write(fd, bytes, size);
}
ssize_t Disk::pread(int fd, void* out, std::size_t size, off_t offset) {
  return ::pread(fd, out, size, offset);
}
int Disk::sync(int fd) {
  return ::fsync(fd);
}
int Disk::rename(const char* from, const char* to) {
  return ::rename(from, to);
}
int Disk::link(const char* from, const char* to) {
  return ::link(from, to);
}
int Disk::unlink(const char* path) {
  return ::unlink(path);
}

Disk& system_disk() {
  static Disk disk;
  return disk;
}

}  // namespace tidegate::blob
