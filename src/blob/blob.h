// Blobs: immutable bytes beside the store, for content that is too large for a record. A blob is
// made durable first (temp file, fsync, rename, fsync of the directory), the record that names it
// commits after; what no record names is an orphan and goes away by the Sweeper (blob/sweeper.h).
//
// What a reader hands out is what was written, or Fault::internal: every read is checked against
// checksums that were taken when the bytes came in.
//
// Upload::write and Reader::read may block on the disk for as long as a page cache copy takes and
// are called from one thread at a time, any thread. commit(), open, duplicate, erase and list block
// on the disk: call them off the control strand through `await_on` (base/executor.h). After the
// first failed fsync every upload answers Fault::read_only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidegate::blob {

using BlobId = std::string;  // 32 lower-case hex digits, random; never reused
inline constexpr std::size_t kIdDigits = 32;
bool is_blob_id(std::string_view);

// Bytes on their way in. Destroying it without commit() leaves no trace.
class Upload {
 public:
  virtual ~Upload() = default;
  virtual Status write(std::string_view bytes) = 0;
  virtual Result<BlobId> commit() = 0;  // durable when it answers
};

class Reader {
 public:
  virtual ~Reader() = default;
  virtual std::uint64_t size() const = 0;
  // Fills up to `size` bytes at `offset`; 0 only at the end. Fault::internal when the bytes are not
  // those that were written.
  virtual Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) = 0;
};

class Blobs {
 public:
  static constexpr unsigned kShards = 256;

  virtual ~Blobs() = default;
  virtual Result<std::unique_ptr<Upload>> begin() = 0;
  virtual Result<std::shared_ptr<Reader>> open(const BlobId&) = 0;  // Fault::not_found
  // A second blob of the same bytes, without copying them where the implementation can; each is
  // erased on its own. Fault::not_found.
  virtual Result<BlobId> duplicate(const BlobId&) = 0;
  virtual Status erase(const BlobId&) = 0;  // of an absent one: done
  // The blobs of one of kShards parts of the whole; those that are committed meanwhile may be
  // missing.
  virtual Result<std::vector<BlobId>> list(unsigned shard) = 0;
  // Whether this object made the blob (or may have): nobody else can be about to use another one.
  virtual bool made_here(const BlobId&) const = 0;
  virtual bool writable() const = 0;
};

}  // namespace tidegate::blob
