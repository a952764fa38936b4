// Multipart uploads: parts become blobs as they arrive, Complete names them in a manifest in one
// transaction with the object and its event; no bytes are copied. Parts are invisible until then,
// and give no events. A completed upload stays known for a while by its object, so that a repeated
// Complete gets the same answer. On the control strand only.
//
// Errors: no_such_upload, invalid_argument (part number), and as said below; those of Objects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "s3/listing.h"
#include "s3/objects.h"
#include "s3/writer.h"

namespace tidegate::s3 {

inline constexpr std::uint32_t kMaxPartNumber = 10'000;
inline constexpr std::uint64_t kMinPartBytes = 5ull << 20;

struct CreateUploadRequest {
  std::string bucket, key;
  ObjectMetadata metadata;
  Tags tags;
  std::string checksum_algorithm;            // "" when the client chose none
  std::optional<std::string> checksum_type;  // "COMPOSITE" or "FULL_OBJECT"
  AclRequest acl;                            // of the object to be
};

struct UploadPartRequest {
  std::string bucket, key, upload_id;
  std::int64_t part_number = 0;
  NewContent content;  // its blob belongs to the call
};

struct UploadPartCopyRequest {
  std::string bucket, key, upload_id;
  std::int64_t part_number = 0;
  std::string source_bucket, source_key;
  std::optional<std::string> source_version;
  std::optional<std::string> range;  // "bytes=a-b"
  ReadConditions source_conditions;
};

struct CompletedPart {
  std::int64_t number = 0;
  std::string etag;
  std::map<std::string, std::string> checksums;  // algorithm → base64
};
struct CompleteRequest {
  std::string bucket, key, upload_id;
  std::vector<CompletedPart> parts;
  WriteConditions conditions;
  std::optional<std::uint64_t> object_size;
  ObjectChecksum checksum;  // of the whole, when the client sent one
};

struct PartPage {
  BucketRef bucket;
  UploadRecord upload;
  std::vector<PartRecord> parts;
  bool truncated = false;
};

class Multipart {
 public:
  Multipart(Writer& writer, Objects& objects, blob::Blobs& blobs, Executors executors,
            const ChecksumMath& math)
      : writer_(writer), objects_(objects), blobs_(blobs), executors_(executors), math_(math) {}

  // invalid_request: a checksum type that the algorithm does not have, or a type alone.
  Task<UploadRecord> create(const Caller& caller, CreateUploadRequest request);
  // invalid_request: another checksum than the upload was created with.
  Task<PartRecord> upload_part(const Caller& caller, UploadPartRequest request);
  Task<std::pair<PartRecord, std::optional<std::string>>> upload_part_copy(
      const Caller& caller, UploadPartCopyRequest request);
  // invalid_part_order, invalid_part, entity_too_small, conditional_conflict, bad_digest.
  Task<PutResult> complete(const Caller& caller, CompleteRequest request);
  Task<Unit> abort(const Caller& caller, std::string bucket, std::string key,
                   std::string upload_id);
  Task<PartPage> parts(const Caller& caller, std::string bucket, std::string key,
                       std::string upload_id, std::uint32_t after, std::size_t max_parts);

 private:
  struct Upload {
    BucketRef bucket;
    store::Kv row;
    UploadRecord record;
  };
  Task<Upload> find(const Caller& caller, std::string bucket, std::string key,
                    std::string upload_id, bool for_write);
  Task<PartRecord> store_part(const Caller& caller, const UploadPartRequest& request,
                              PartRecord part);
  Task<std::vector<PartRecord>> stored_parts(BucketRef bucket, std::string upload_id);
  // Rewrites the upload's row with or without the mark that its parts must not change.
  Task<Upload> mark(Upload upload, bool completing);
  Task<PutResult> complete_marked(const Caller& caller, const CompleteRequest& request,
                                  const Upload& upload);
  Task<PutResult> install(const Caller& caller, const CompleteRequest& request,
                          const Upload& upload, std::vector<PartRecord> chosen, KeyState state);
  Task<std::optional<PutResult>> already_completed(const Caller& caller,
                                                   const CompleteRequest& request);
  Result<std::vector<PartRecord>> choose(const CompleteRequest& request, const UploadRecord& upload,
                                         const std::vector<PartRecord>& stored) const;
  Result<ObjectChecksum> whole_checksum(const CompleteRequest& request, const UploadRecord& upload,
                                        const std::vector<PartRecord>& parts) const;

  Writer& writer_;
  Objects& objects_;
  blob::Blobs& blobs_;
  Executors executors_;
  const ChecksumMath& math_;
};

}  // namespace tidegate::s3
