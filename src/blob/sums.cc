#include "blob/sums.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/crc.h"
#include "base/log.h"

namespace tidegate::blob {
namespace {

constexpr std::string_view kMark = "TGB2";
constexpr std::size_t kTail = 8 + 4 + 4;
// Blocks that one call reads into the caller's memory.
constexpr std::uint64_t kMaxBlocks = 64;

template <class T>
std::string little_endian(T value) {
  std::string out(sizeof value, '\0');
  for (char& c : out) {
    c = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return out;
}

template <class T>
T from_little_endian(const char* bytes) {
  T value = 0;
  for (std::size_t i = sizeof value; i-- > 0;)
    value = static_cast<T>(value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::uint32_t seed_of(std::uint64_t block) {
  return crc32c(0, little_endian(block));
}

Error io_error(std::string_view doing, const std::string& name) {
  return Error{Fault::internal, fmt::format("{} blob {}: {}", doing, name, std::strerror(errno))};
}

Error damaged(const std::string& name, std::string_view how) {
  Error error{Fault::internal, fmt::format("blob {} is damaged on the disk: {}", name, how)};
  LOG_ERROR("{}", error.message);
  return error;
}

class FileReader : public Reader {
 public:
  FileReader(Disk& disk, Fd fd, std::string name, std::uint64_t size)
      : disk_(disk), fd_(std::move(fd)), name_(std::move(name)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Fd release() && { return std::move(fd_); }

  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) override {
    for (;;) {
      const ssize_t n = disk_.pread(fd_.get(), out, size, static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return io_error("read", name_);
    }
  }

 protected:
  // All of [offset, offset + size), or an error.
  Status read_fully(std::uint64_t offset, char* out, std::size_t size) {
    while (size > 0) {
      TRY(std::size_t n, FileReader::read(offset, out, size));
      if (n == 0) return damaged(name_, "it is too short");
      offset += n;
      out += n;
      size -= n;
    }
    return done;
  }

  Disk& disk_;
  Fd fd_;
  std::string name_;
  std::uint64_t size_;
};

class SummedReader final : public FileReader {
 public:
  using FileReader::FileReader;

  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) override {
    if (offset >= size_ || size == 0) return std::size_t{0};
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset));
    const std::uint64_t inside = offset % kBlock;
    const bool whole_blocks = inside == 0 && (size >= kBlock || offset + size == size_);
    if (whole_blocks) {
      if (offset + size != size_) size -= size % kBlock;
      size = static_cast<std::size_t>(std::min<std::uint64_t>(size, kMaxBlocks * kBlock));
      TRY(Unit read, read_blocks(offset, out, size));
      (void)read;
      return size;
    }
    // A piece of a block: all of it is read to be judged. The room belongs to the thread, so that
    // a reader that waits for a slow peer holds none.
    thread_local std::vector<char> block(kBlock);
    const std::uint64_t start = offset - inside;
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, size_ - start));
    TRY(Unit read, read_blocks(start, block.data(), length));
    (void)read;
    size = std::min<std::size_t>(size, length - inside);
    std::memcpy(out, block.data() + inside, size);
    return size;
  }

 private:
  // From the start of a block to the end of one; at most kMaxBlocks.
  Status read_blocks(std::uint64_t offset, char* out, std::size_t size) {
    const std::uint64_t first = offset / kBlock;
    const std::size_t count = (size + kBlock - 1) / kBlock;
    char sums[kMaxBlocks * 4];
    TRY(Unit content, read_fully(offset, out, size));
    TRY(Unit summed, read_fully(size_ + first * 4, sums, count * 4));
    (void)content, (void)summed;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view block(out + i * kBlock, std::min(kBlock, size - i * kBlock));
      if (crc32c(seed_of(first + i), block) != from_little_endian<std::uint32_t>(sums + i * 4))
        return damaged(name_, fmt::format("the checksum of block {} does not fit", first + i));
    }
    return done;
  }
};

Result<std::uint64_t> length_of(const Fd& fd, const std::string& name) {
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return io_error("stat", name);
  return static_cast<std::uint64_t>(facts.st_size);
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}
Fd::Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

void Sums::update(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::uint64_t inside = size_ % kBlock;
    if (inside == 0) block_ = seed_of(size_ / kBlock);
    const std::string_view piece = bytes.substr(0, kBlock - inside);
    block_ = crc32c(block_, piece);
    size_ += piece.size();
    bytes.remove_prefix(piece.size());
    if (size_ % kBlock == 0) sums_ += little_endian(block_);
  }
}

std::string Sums::tail() {
  if (size_ % kBlock != 0) sums_ += little_endian(block_);
  const std::string size = little_endian(size_);
  sums_.append(size).append(little_endian(crc32c(0, size))).append(kMark);
  return std::move(sums_);
}

Result<std::shared_ptr<Reader>> open_summed(Disk& disk, Fd fd, std::string name) {
  TRY(const std::uint64_t length, length_of(fd, name));
  if (length < kTail) return damaged(name, "it is too short");
  char tail[kTail];
  FileReader whole(disk, std::move(fd), name, length);
  for (std::size_t at = 0; at < kTail;) {
    TRY(std::size_t n, whole.read(length - kTail + at, tail + at, kTail - at));
    if (n == 0) return damaged(name, "it is too short");
    at += n;
  }
  const auto size = from_little_endian<std::uint64_t>(tail);
  const std::uint64_t blocks = size / kBlock + (size % kBlock != 0 ? 1 : 0);
  if (std::string_view(tail + 12, 4) != kMark ||
      from_little_endian<std::uint32_t>(tail + 8) != crc32c(0, std::string_view(tail, 8)) ||
      size > length || size + blocks * 4 + kTail != length)
    return damaged(name, "what stands behind its content does not fit");
  return std::shared_ptr<Reader>(
      std::make_shared<SummedReader>(disk, std::move(whole).release(), std::move(name), size));
}

Result<std::shared_ptr<Reader>> open_bare(Disk& disk, Fd fd, std::string name) {
  TRY(const std::uint64_t length, length_of(fd, name));
  return std::shared_ptr<Reader>(
      std::make_shared<FileReader>(disk, std::move(fd), std::move(name), length));
}

}  // namespace tidegate::blob
