// Blobs: immutable bytes beside the store, for content that is too large for a record. A blob is
// written first (temp file, fsync, rename, fsync of the directory), the record that names it
// commits after; what no record names is an orphan and goes away by sweep().
//
// Upload::write and Reader::read may block on the disk for as long as a page cache copy takes and
// are called from one thread at a time, any thread. commit(), open and sweep block on the disk:
// call them off the control strand through `await_on` (base/executor.h). After the first failed
// fsync every upload answers Fault::read_only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidegate::blob {

using BlobId = std::string;  // 32 lower-case hex digits, random; never reused

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
  // Fills up to `size` bytes at `offset`; 0 only at the end.
  virtual Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) = 0;
};

class Blobs {
 public:
  virtual ~Blobs() = default;
  virtual Result<std::unique_ptr<Upload>> begin() = 0;
  virtual Result<std::shared_ptr<Reader>> open(const BlobId&) = 0;  // Fault::not_found
  virtual Status erase(const BlobId&) = 0;                          // of an absent one: done
  // Erases blobs for which `in_use` is false and that are older than `min_age_ms`; returns how
  // many.
  virtual Result<std::size_t> sweep(const std::function<bool(const BlobId&)>& in_use,
                                    std::uint64_t min_age_ms) = 0;
  virtual bool writable() const = 0;
};

}  // namespace tidegate::blob
