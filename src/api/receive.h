// Receiver: takes the body of an upload as it streams in, and vouches for it at the end. It unwraps
// aws-chunked framing, digests the bytes once, keeps small bodies in memory and sends larger ones
// to a blob; finish() hands out nothing before the length and every digest the client named agree.
// Destroying it without a successful finish() leaves no trace.
//
// Lives on the connection's thread (finish() waits for the disk and may be called on another, as
// the last call). The request must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "blob/blob.h"
#include "http/message.h"
#include "wire/aws_chunked.h"
#include "wire/checksum.h"
#include "wire/table.h"

namespace tidegate::api {

// Bodies up to this size stay in memory, as the stores keep them beside their record.
inline constexpr std::size_t kInlineBodyLimit = 32 * 1024;
inline constexpr std::uint64_t kMaxUploadBytes = 5ull << 30;  // AWS: one PUT or one part

// What a body must turn out to be, as its headers say.
struct Promises {
  bool chunked = false;                 // aws-chunked inside
  std::optional<std::uint64_t> length;  // of the decoded bytes
  std::string md5;                      // raw; "" when not named
  std::string sha256_hex;               // x-amz-content-sha256 when it is a digest
  std::optional<wire::Checksum> checksum;
  std::string checksum_value;  // base64; "" when it comes in the trailer
  bool checksum_trails = false;
};

// Whose checksum the x-amz-checksum-* headers tell: CompleteMultipartUpload's is its object's.
enum class ChecksumOf { body, object };

class Receiver {
 public:
  // `blobs` null: everything stays in memory (the caller bounds it).
  Receiver(const http::Request& request, const wire::Claim& claim, const std::string& signing_key,
           blob::Blobs* blobs, ChecksumOf checksum_of = ChecksumOf::body);

  // Judges the headers, before any byte is asked for. missing_content_length, entity_too_large,
  // invalid_digest, invalid_request, malformed_trailer.
  Status check_headers();
  // entity_too_large, and those of wire::ChunkedDecoder and blob::Upload.
  Status feed(std::string_view piece);
  // incomplete_body, content_sha256_mismatch, bad_digest, malformed_trailer.
  Result<wire::ReceivedBody> finish();

 private:
  Status start();
  Status take(std::string_view bytes);
  bool outgrows_memory(std::uint64_t size) const { return blobs_ && size > kInlineBodyLimit; }
  Status check_trailers();
  Status check_digests(const wire::ReceivedBody&) const;
  void digest(std::string_view bytes);
  std::string computed_checksum(const wire::ReceivedBody&) const;

  const http::Request& request_;
  const wire::Claim& claim_;
  const std::string signing_key_;
  blob::Blobs* blobs_;
  const ChecksumOf checksum_of_;

  bool checked_ = false;
  Promises promises_;
  std::unique_ptr<wire::ChunkedDecoder> decoder_;
  wire::ReceivedBody body_;
  std::unique_ptr<blob::Upload> upload_;
  Hasher md5_;
  std::optional<Hasher> sha256_, sha1_;
};

}  // namespace tidegate::api
