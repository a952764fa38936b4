// MemoryBlobs: the contract of Blobs in memory, for tests and for servers that keep nothing. Any
// thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/random.h"
#include "blob/blob.h"

namespace tidegate::blob {

class MemoryBlobs final : public Blobs {
 public:
  // `random` names the blobs and is used under the lock.
  explicit MemoryBlobs(Random& random) : random_(random) {}

  Result<std::unique_ptr<Upload>> begin() override;
  Result<std::shared_ptr<Reader>> open(const BlobId&) override;
  Result<BlobId> duplicate(const BlobId&) override;
  Status erase(const BlobId&) override;
  Result<std::vector<BlobId>> list(unsigned shard) override;
  bool made_here(const BlobId&) const override { return true; }
  bool writable() const override;

  // As after a failed fsync: uploads answer Fault::read_only.
  void set_writable(bool writable);
  std::size_t count() const;

 private:
  class MemoryUpload;
  class MemoryReader;

  mutable std::mutex mutex_;
  Random& random_;
  std::map<BlobId, std::shared_ptr<const std::string>> blobs_;
  bool writable_ = true;
};

}  // namespace tidegate::blob
