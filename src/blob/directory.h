// DirectoryBlobs: blobs as files, <root>/<2 hex>/<id>.b2, written as <root>/tmp/<id> and renamed
// when synced. Behind the content a file holds a CRC-32C for each 64 KiB of it (blob/sums.h), which
// every read is checked against. Files without the suffix are of a version that had no sums; they
// are read as they are. Files in tmp are what a crash left: open() clears them.
//
// A duplicate is a hard link: no byte is copied, and the space is free when the last one is erased.
// The last eight digits of an id tell which run of the server made it. Safe from any thread; calls
// block on the disk as blob.h says.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "base/random.h"
#include "blob/blob.h"
#include "blob/disk.h"

namespace tidegate::blob {

class DirectoryBlobs final : public Blobs {
 public:
  // `root` is made when absent; its parent exists. `disk` outlives the blobs.
  static Result<std::unique_ptr<DirectoryBlobs>> open(std::string root, Random&,
                                                      Disk& disk = system_disk());

  Result<std::unique_ptr<Upload>> begin() override;
  Result<std::shared_ptr<Reader>> open(const BlobId&) override;
  Result<BlobId> duplicate(const BlobId&) override;
  Status erase(const BlobId&) override;
  Result<std::vector<BlobId>> list(unsigned shard) override;
  bool made_here(const BlobId& id) const override { return id.ends_with(run_); }
  bool writable() const override { return writable_.load(); }

 private:
  class FileUpload;
  DirectoryBlobs(std::string root, Random& random, Disk& disk);
  BlobId new_id();
  std::string shard_of(const BlobId&) const;
  std::string path_of(const BlobId&) const;
  std::string old_path_of(const BlobId&) const;  // of a file without sums
  // Makes the folder of a blob when it is the first one there.
  Status make_shard(const BlobId&);
  Status sync_folder(const std::string& path);
  Error sync_failed(const std::string& path);

  std::string root_;
  Disk& disk_;
  std::mutex random_mutex_;
  Random& random_;
  std::string run_;                                  // the end of the ids of this run
  std::array<std::atomic<bool>, kShards> shards_{};  // whose folder is there and synced
  std::atomic<bool> writable_{true};
};

}  // namespace tidegate::blob
