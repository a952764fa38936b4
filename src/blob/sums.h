// Sums: what stands behind the content of a blob's file, so that a bit that flipped on the disk is
// an error and never an answer:
//
//   content | CRC-32C of each 64 KiB block, 4 bytes each | size of the content, 8 bytes
//           | CRC-32C of that size, 4 bytes | "TGB2"
//
// Numbers are little-endian. A block's sum starts from its number, so that blocks that changed
// places are noticed as well. Internal to blob/.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "blob/blob.h"
#include "blob/disk.h"

namespace tidegate::blob {

inline constexpr std::size_t kBlock = 64 * 1024;

// Takes the content as it is written; tail() is what follows it. 64 KiB a GiB.
class Sums {
 public:
  void update(std::string_view bytes);
  std::string tail();  // once, at the end

 private:
  std::string sums_;
  std::uint64_t size_ = 0;
  std::uint32_t block_ = 0;  // the sum of the block that is not full yet
};

// A file descriptor that is closed with its owner.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd();
  Fd(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Reads such a file; holds no buffer. `name` is for messages.
Result<std::shared_ptr<Reader>> open_summed(Disk& disk, Fd fd, std::string name);
// Reads a file that is all content.
Result<std::shared_ptr<Reader>> open_bare(Disk& disk, Fd fd, std::string name);

}  // namespace tidegate::blob
