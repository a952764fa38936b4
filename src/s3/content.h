// The bytes of an object, between the layers: content on its way in (digested, and durable already
// when it is a blob), and content on its way out. Small content stands in the store, in the commit
// of its record; larger content is a blob that was made durable before.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/executor.h"
#include "base/task.h"
#include "blob/blob.h"
#include "s3/types.h"

namespace tidegate::s3 {

// Bytes up to this size go into the store with their record: one sync instead of two or three.
inline constexpr std::size_t kInlineLimit = 32 * 1024;

struct NewContent {
  std::string inline_bytes;  // when blob_id is empty
  std::string blob_id;
  std::uint64_t size = 0;
  std::string md5;          // raw, 16 bytes
  ObjectChecksum checksum;  // verified, or computed by the server
};

// What a record's bytes are read from. Inline bytes, or a reader by position that stays valid while
// it is held, even when the object is overwritten meanwhile.
using Content = std::variant<std::string, std::shared_ptr<blob::Reader>>;

// One blob after the other, as one; used for multipart objects. `lease` keeps the blobs from being
// erased while the reader lives.
std::shared_ptr<blob::Reader> chain(blob::Blobs& blobs, std::vector<PartRecord> parts,
                                    std::shared_ptr<void> lease);

// Digests content that the server reads again, for copies. Implemented by the API layer, which owns
// the checksums. One object per content; any thread, one at a time.
class Digester {
 public:
  virtual ~Digester() = default;
  virtual void update(std::string_view bytes) = 0;
  struct Digests {
    std::string md5;
    ObjectChecksum checksum;
  };
  virtual Digests finish() = 0;
};

// What S3 needs to know of checksums. Pure; any thread.
class ChecksumMath {
 public:
  virtual ~ChecksumMath() = default;
  // A digester for MD5 and that algorithm ("" picks the default, CRC64NVME).
  virtual std::unique_ptr<Digester> digester(const std::string& algorithm) const = 0;
  // base64(checksum(concatenation of the raw part values)); nullopt for an unknown algorithm.
  virtual std::optional<std::string> composite(const std::string& algorithm,
                                               const std::vector<PartRecord>& parts) const = 0;
  // The CRC of the whole from the CRCs of its parts, base64; nullopt when the algorithm cannot.
  virtual std::optional<std::string> combined(const std::string& algorithm,
                                              const std::vector<PartRecord>& parts) const = 0;
};

// Copies `content` (bytes [offset, offset + length)) into a new content with fresh digests, on the
// blocking pool. Content over `inline_limit` becomes a blob.
Task<NewContent> copy_content(Executors executors, blob::Blobs& blobs, Content content,
                              std::uint64_t offset, std::uint64_t length,
                              std::unique_ptr<Digester> digester, std::size_t inline_limit);

// The whole of a blob again, without reading it: what is known of the bytes (from `known`) is known
// of the copy. nullopt when digests are wanted that nobody has computed yet; then copy_content()
// does. `algorithm`: the checksum to end up with; "" for whichever is there.
Task<std::optional<NewContent>> duplicate_content(Executors executors, blob::Blobs& blobs,
                                                  const ObjectRecord& known, std::string algorithm);

// A blob for content that came inline, for places that take blobs only. No-op for a blob.
Task<NewContent> as_blob(Executors executors, blob::Blobs& blobs, NewContent content);

}  // namespace tidegate::s3
