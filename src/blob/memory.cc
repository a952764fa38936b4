#include "blob/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace tidegate::blob {
namespace {

Error read_only() {
  return {Fault::read_only, "The blobs are read-only."};
}

}  // namespace

class MemoryBlobs::MemoryUpload final : public Upload {
 public:
  explicit MemoryUpload(MemoryBlobs& blobs) : blobs_(blobs) {}

  Status write(std::string_view bytes) override {
    bytes_.append(bytes);
    return done;
  }

  Result<BlobId> commit() override {
    std::lock_guard lock(blobs_.mutex_);
    if (!blobs_.writable_) return read_only();
    BlobId id = blobs_.random_.hex(kIdDigits);
    blobs_.blobs_[id] = std::make_shared<const std::string>(std::move(bytes_));
    return id;
  }

 private:
  MemoryBlobs& blobs_;
  std::string bytes_;
};

// Holds the bytes, so that erasing does not take them from under a reader.
class MemoryBlobs::MemoryReader final : public Reader {
 public:
  explicit MemoryReader(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_->size(); }
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) override {
    if (offset >= bytes_->size()) return std::size_t{0};
    const std::size_t count = std::min<std::uint64_t>(size, bytes_->size() - offset);
    std::memcpy(out, bytes_->data() + offset, count);
    return count;
  }

 private:
  std::shared_ptr<const std::string> bytes_;
};

Result<std::unique_ptr<Upload>> MemoryBlobs::begin() {
  std::lock_guard lock(mutex_);
  if (!writable_) return read_only();
  return std::unique_ptr<Upload>(std::make_unique<MemoryUpload>(*this));
}

Result<std::shared_ptr<Reader>> MemoryBlobs::open(const BlobId& id) {
  std::lock_guard lock(mutex_);
  auto found = blobs_.find(id);
  if (found == blobs_.end()) return Error{Fault::not_found, "There is no such blob."};
  return std::shared_ptr<Reader>(std::make_shared<MemoryReader>(found->second));
}

Status MemoryBlobs::erase(const BlobId& id) {
  std::lock_guard lock(mutex_);
  if (!writable_) return read_only();
  blobs_.erase(id);
  return done;
}

Result<BlobId> MemoryBlobs::duplicate(const BlobId& id) {
  std::lock_guard lock(mutex_);
  if (!writable_) return read_only();
  auto found = blobs_.find(id);
  if (found == blobs_.end()) return Error{Fault::not_found, "There is no such blob."};
  BlobId copy = random_.hex(kIdDigits);
  blobs_[copy] = found->second;
  return copy;
}

Result<std::vector<BlobId>> MemoryBlobs::list(unsigned shard) {
  const std::string front = fmt::format("{:02x}", shard % kShards);
  std::lock_guard lock(mutex_);
  std::vector<BlobId> found;
  for (auto it = blobs_.lower_bound(front); it != blobs_.end() && it->first.starts_with(front);
       ++it)
    found.push_back(it->first);
  return found;
}

bool MemoryBlobs::writable() const {
  std::lock_guard lock(mutex_);
  return writable_;
}

void MemoryBlobs::set_writable(bool writable) {
  std::lock_guard lock(mutex_);
  writable_ = writable;
}

std::size_t MemoryBlobs::count() const {
  std::lock_guard lock(mutex_);
  return blobs_.size();
}

}  // namespace tidegate::blob
