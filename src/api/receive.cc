#include "api/receive.h"

#include <fmt/format.h>

#include <charconv>

#include "base/bytes.h"

namespace tidegate::api {
namespace {

constexpr std::string_view kChecksumFront = "x-amz-checksum-";

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Error invalid_request(std::string message) {
  return {Fault::invalid_request, std::move(message)};
}

Error missing_length() {
  return {Fault::missing_content_length, "You must provide the Content-Length HTTP header."};
}

Error incomplete() {
  return {Fault::incomplete_body,
          "You did not provide the number of bytes specified by the Content-Length HTTP header."};
}

Error malformed_trailer() {
  return {Fault::malformed_trailer,
          "The request contained trailing data that was not well-formed or did not conform to our "
          "published schema."};
}

Error too_large(std::uint64_t size) {
  return Error{Fault::entity_too_large, "Your proposed upload exceeds the maximum allowed size"}
      .with("ProposedSize", std::to_string(size))
      .with("MaxSizeAllowed", std::to_string(kMaxUploadBytes));
}

bool streams(wire::PayloadKind kind) {
  using wire::PayloadKind;
  return kind == PayloadKind::streaming_signed || kind == PayloadKind::streaming_signed_trailer ||
         kind == PayloadKind::streaming_unsigned_trailer;
}

bool names_aws_chunked(const http::Request& request) {
  return lower_ascii(request.header_or("content-encoding", "")).find("aws-chunked") !=
         std::string::npos;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool valid_value(wire::Checksum checksum, std::string_view text) {
  auto raw = from_base64(text);
  return raw && raw->size() == wire::size_of(checksum);
}

Status read_length(const http::Request& request, Promises& promises) {
  if (!request.content_length && !request.chunked) return missing_length();
  promises.length = request.content_length;
  if (promises.chunked) {
    auto text = request.header("x-amz-decoded-content-length");
    if (!text) return missing_length();
    promises.length = number(*text);
    if (!promises.length)
      return invalid_request("The value of the x-amz-decoded-content-length header is invalid.");
  }
  if (promises.length.value_or(0) > kMaxUploadBytes) return too_large(*promises.length);
  return done;
}

Status read_md5(const http::Request& request, Promises& promises) {
  auto text = request.header("content-md5");
  if (!text) return done;
  auto raw = from_base64(*text);
  if (!raw || raw->size() != 16)
    return Error{Fault::invalid_digest, "The Content-MD5 you specified was invalid."}.with(
        "Content-MD5", std::string(*text));
  promises.md5 = std::move(*raw);
  return done;
}

Status read_checksum_header(const http::Request& request, Promises& promises) {
  for (const http::Header& header : request.headers) {
    const std::string name = lower_ascii(header.name);
    if (!name.starts_with(kChecksumFront)) continue;
    const std::string_view algorithm = std::string_view(name).substr(kChecksumFront.size());
    if (algorithm == "algorithm" || algorithm == "type" || algorithm == "mode") continue;
    auto checksum = wire::checksum_named(algorithm);
    if (!checksum)
      return invalid_request(
          "The algorithm type you specified in x-amz-checksum- header is invalid.");
    if (promises.checksum)
      return invalid_request(
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    if (!valid_value(*checksum, header.value))
      return invalid_request(fmt::format("Value for {} header is invalid.", name));
    promises.checksum = checksum;
    promises.checksum_value = header.value;
  }
  return done;
}

Status read_trailer_header(const http::Request& request, wire::PayloadKind kind,
                           Promises& promises) {
  auto text = request.header("x-amz-trailer");
  const bool trails = promises.chunked && kind != wire::PayloadKind::streaming_signed;
  if (!text) {
    const bool announced = kind == wire::PayloadKind::streaming_signed_trailer ||
                           kind == wire::PayloadKind::streaming_unsigned_trailer;
    return announced ? Status(malformed_trailer()) : Status(done);
  }
  if (!trails) return malformed_trailer();
  const std::string name = lower_ascii(trim(*text));
  std::optional<wire::Checksum> checksum;
  if (name.starts_with(kChecksumFront))
    checksum = wire::checksum_named(std::string_view(name).substr(kChecksumFront.size()));
  if (!checksum)
    return invalid_request("The value specified in the x-amz-trailer header is not supported");
  if (promises.checksum)
    return invalid_request(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  promises.checksum = checksum;
  promises.checksum_trails = true;
  return done;
}

Status check_sdk_algorithm(const http::Request& request, const Promises& promises) {
  auto text = request.header("x-amz-sdk-checksum-algorithm");
  if (!text) return done;
  if (!promises.checksum)
    return invalid_request(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
        "x-amz-trailer headers were found.");
  if (wire::checksum_named(*text) != promises.checksum)
    return invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  return done;
}

}  // namespace

// The query is not asked: what a presigned URL says of checksums was computed before there was a
// body.
Receiver::Receiver(const http::Request& request, const wire::Claim& claim,
                   const std::string& signing_key, blob::Blobs* blobs, ChecksumOf checksum_of)
    : request_(request),
      claim_(claim),
      signing_key_(signing_key),
      blobs_(blobs),
      checksum_of_(checksum_of),
      md5_(Digest::md5) {}

Status Receiver::check_headers() {
  using wire::PayloadKind;
  checked_ = true;
  // A developer's request may leave out the payload's kind and still be framed.
  promises_.chunked = streams(claim_.payload) ||
                      (claim_.payload == PayloadKind::absent && names_aws_chunked(request_));
  if (claim_.payload == PayloadKind::hex) promises_.sha256_hex = claim_.payload_hash;
  TRY(Unit length, read_length(request_, promises_));
  TRY(Unit md5, read_md5(request_, promises_));
  if (checksum_of_ == ChecksumOf::body) {
    TRY(Unit checksum, read_checksum_header(request_, promises_));
    (void)checksum;
  }
  TRY(Unit trailer, read_trailer_header(request_, claim_.payload, promises_));
  if (checksum_of_ == ChecksumOf::body) {
    TRY(Unit sdk, check_sdk_algorithm(request_, promises_));
    (void)sdk;
  }
  (void)length, (void)md5, (void)trailer;
  return start();
}

Status Receiver::start() {
  if (!promises_.sha256_hex.empty() || promises_.checksum == wire::Checksum::sha256)
    sha256_.emplace(Digest::sha256);
  if (promises_.checksum == wire::Checksum::sha1) sha1_.emplace(Digest::sha1);
  if (promises_.chunked) {
    wire::ChunkSigning signing;
    signing.signing_key = signing_key_;
    signing.timestamp = claim_.timestamp;
    signing.scope =
        fmt::format("{}/{}/{}/aws4_request", claim_.date, claim_.region, claim_.service);
    signing.seed_signature = claim_.signature;
    const auto kind =
        streams(claim_.payload) ? claim_.payload : wire::PayloadKind::streaming_unsigned_trailer;
    decoder_ = std::make_unique<wire::ChunkedDecoder>(
        kind, std::move(signing), [this](std::string_view bytes) { return take(bytes); });
  }
  // What is known to be large goes to the blob from its first byte.
  if (outgrows_memory(promises_.length.value_or(0))) {
    TRY(upload_, blobs_->begin());
  }
  return done;
}

Status Receiver::feed(std::string_view piece) {
  if (!checked_) {
    TRY(Unit acceptable, check_headers());
    (void)acceptable;
  }
  return decoder_ ? decoder_->feed(piece) : take(piece);
}

void Receiver::digest(std::string_view bytes) {
  md5_.update(bytes);
  if (sha256_) sha256_->update(bytes);
  if (sha1_) sha1_->update(bytes);
  if (!promises_.checksum || promises_.checksum == wire::Checksum::crc64nvme)
    body_.crc64nvme = wire::crc64nvme(body_.crc64nvme, bytes);
  else if (promises_.checksum == wire::Checksum::crc32)
    body_.crc32 = wire::crc32(body_.crc32, bytes);
  else if (promises_.checksum == wire::Checksum::crc32c)
    body_.crc32c = wire::crc32c(body_.crc32c, bytes);
}

Status Receiver::take(std::string_view bytes) {
  if (bytes.empty()) return done;
  body_.size += bytes.size();
  if (promises_.length && body_.size > *promises_.length) return incomplete();
  if (body_.size > kMaxUploadBytes) return too_large(body_.size);
  digest(bytes);
  if (!upload_ && outgrows_memory(body_.size)) {
    TRY(upload_, blobs_->begin());
    TRY(Unit moved, upload_->write(body_.inline_bytes));
    (void)moved;
    body_.inline_bytes.clear();
  }
  if (upload_) return upload_->write(bytes);
  body_.inline_bytes.append(bytes);
  return done;
}

Status Receiver::check_trailers() {
  TRY(auto trailers, decoder_->finish());
  if (!promises_.checksum_trails) return done;
  const std::string_view name = wire::header_of(*promises_.checksum);
  for (const auto& [sent, value] : trailers) {
    if (sent != name) return malformed_trailer();
    if (!valid_value(*promises_.checksum, value))
      return invalid_request(fmt::format("Value for {} trailing header is invalid.", name));
    promises_.checksum_value = value;
  }
  if (promises_.checksum_value.empty()) return malformed_trailer();
  return done;
}

std::string Receiver::computed_checksum(const wire::ReceivedBody& body) const {
  switch (*promises_.checksum) {
    case wire::Checksum::crc32:
      return wire::checksum_text(body.crc32);
    case wire::Checksum::crc32c:
      return wire::checksum_text(body.crc32c);
    case wire::Checksum::crc64nvme:
      return wire::checksum_text(body.crc64nvme);
    case wire::Checksum::sha1:
      return to_base64(body.sha1);
    case wire::Checksum::sha256:
      return to_base64(body.sha256);
  }
  return {};
}

Status Receiver::check_digests(const wire::ReceivedBody& body) const {
  if (!promises_.sha256_hex.empty() && to_hex(body.sha256) != lower_ascii(promises_.sha256_hex))
    return Error{Fault::content_sha256_mismatch,
                 "The provided 'x-amz-content-sha256' header does not match what was computed."}
        .with("ClientComputedContentSHA256", promises_.sha256_hex)
        .with("S3ComputedContentSHA256", to_hex(body.sha256));
  if (!promises_.md5.empty() && body.md5 != promises_.md5)
    return Error{Fault::bad_digest, "The Content-MD5 you specified did not match what we received."}
        .with("ExpectedDigest", to_base64(promises_.md5))
        .with("CalculatedDigest", to_base64(body.md5));
  if (promises_.checksum && computed_checksum(body) != promises_.checksum_value)
    return Error{Fault::bad_digest,
                 fmt::format("The {} you specified did not match the calculated checksum.",
                             wire::name_of(*promises_.checksum))};
  return done;
}

Result<wire::ReceivedBody> Receiver::finish() {
  if (!checked_) {
    TRY(Unit acceptable, check_headers());
    (void)acceptable;
  }
  if (decoder_) {
    TRY(Unit trailers, check_trailers());
    (void)trailers;
  }
  if (promises_.length && body_.size != *promises_.length) return incomplete();
  body_.md5 = md5_.finish();
  if (sha256_) body_.sha256 = sha256_->finish();
  if (sha1_) body_.sha1 = sha1_->finish();
  TRY(Unit agreed, check_digests(body_));
  (void)agreed;
  if (promises_.checksum) {
    body_.checksum_algorithm = wire::name_of(*promises_.checksum);
    body_.checksum_value = promises_.checksum_value;
  }
  if (upload_) {
    TRY(body_.blob_id, upload_->commit());
  }
  return std::move(body_);
}

}  // namespace tidegate::api
