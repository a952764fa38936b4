// DirectoryBlobs: blobs as files, <root>/<2 hex>/<id>, written as <root>/tmp/<id> and renamed when
// synced. Files in tmp are what a crash left: open() clears them. Safe from any thread; calls block
// on the disk as blob.h says.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/random.h"
#include "blob/blob.h"

namespace tidegate::blob {

struct DirectoryOptions {
  std::string root;  // made when absent; its parent exists
  // What makes a file or folder durable: fsync, unless a test wants it to fail. 0 is success.
  std::function<int(int fd)> sync;
};

class DirectoryBlobs final : public Blobs {
 public:
  static Result<std::unique_ptr<DirectoryBlobs>> open(DirectoryOptions, Random&);

  Result<std::unique_ptr<Upload>> begin() override;
  Result<std::shared_ptr<Reader>> open(const BlobId&) override;
  Status erase(const BlobId&) override;
  Result<std::size_t> sweep(const std::function<bool(const BlobId&)>& in_use,
                            std::uint64_t min_age_ms) override;
  bool writable() const override { return writable_.load(); }

 private:
  class FileUpload;
  DirectoryBlobs(DirectoryOptions options, Random& random)
      : options_(std::move(options)), random_(random) {}
  std::string path_of(const BlobId&) const;
  std::string shard_of(const BlobId&) const;
  Status sync_folder(const std::string& path);
  Error sync_failed(const std::string& path);

  DirectoryOptions options_;
  std::mutex random_mutex_;
  Random& random_;
  std::atomic<bool> writable_{true};
};

}  // namespace tidegate::blob
