// Wire shapes of S3: multipart uploads. Names and places are those of AWS's service model; members
// that this server neither reads nor answers (SSE-C, KMS, requester pays, locks) are left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/s3/common_shapes.h"
#include "wire/shape.h"

namespace tidegate::api::s3 {

struct CreateMultipartUploadRequest {
  std::optional<std::string> acl;
  std::string bucket;
  std::optional<std::string> cache_control;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;
  std::optional<std::string> content_language;
  std::optional<std::string> content_type;
  std::optional<std::string> expires;
  std::string key;
  std::map<std::string, std::string> metadata;
  std::optional<std::string> server_side_encryption;
  std::optional<std::string> storage_class;
  std::optional<std::string> website_redirect_location;
  std::optional<std::string> tagging;
  std::optional<std::string> expected_bucket_owner;
  std::optional<std::string> checksum_algorithm;
  std::optional<std::string> checksum_type;
};
struct CreateMultipartUploadOutput {
  std::optional<std::string> bucket;
  std::optional<std::string> key;
  std::optional<std::string> upload_id;
  std::optional<std::string> server_side_encryption;
  std::optional<std::string> checksum_algorithm;
  std::optional<std::string> checksum_type;
  std::optional<Instant> abort_date;
  std::optional<std::string> abort_rule_id;
};
struct UploadPartRequest {
  std::optional<wire::Blob> body;
  std::string bucket;
  std::optional<std::int64_t> content_length;
  std::optional<std::string> checksum_algorithm;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::string key;
  std::int32_t part_number = 0;
  std::string upload_id;
  std::optional<std::string> expected_bucket_owner;
};
struct UploadPartOutput {
  std::optional<std::string> server_side_encryption;
  std::optional<std::string> etag;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
};
struct UploadPartCopyRequest {
  std::string bucket;
  std::string copy_source;
  std::optional<std::string> copy_source_if_match;
  std::optional<Instant> copy_source_if_modified_since;
  std::optional<std::string> copy_source_if_none_match;
  std::optional<Instant> copy_source_if_unmodified_since;
  std::optional<std::string> copy_source_range;
  std::string key;
  std::int32_t part_number = 0;
  std::string upload_id;
  std::optional<std::string> expected_bucket_owner;
};
struct CopyPartResult {
  std::optional<std::string> etag;
  std::optional<Instant> last_modified;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
};
struct UploadPartCopyOutput {
  std::optional<std::string> copy_source_version_id;
  std::optional<CopyPartResult> copy_part_result;
  std::optional<std::string> server_side_encryption;
};
struct CompletedPart {
  std::optional<std::string> etag;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::optional<std::int32_t> part_number;
};
struct CompletedMultipartUpload {
  std::vector<CompletedPart> parts;
};
struct CompleteMultipartUploadRequest {
  std::string bucket;
  std::string key;
  std::optional<CompletedMultipartUpload> multipart_upload;
  std::string upload_id;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::optional<std::string> checksum_type;
  std::optional<std::int64_t> mpu_object_size;
  std::optional<std::string> expected_bucket_owner;
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
};
struct CompleteMultipartUploadOutput {
  std::optional<std::string> location;
  std::optional<std::string> bucket;
  std::optional<std::string> key;
  std::optional<std::string> etag;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::optional<std::string> checksum_type;
  std::optional<std::string> server_side_encryption;
  std::optional<std::string> version_id;
  std::optional<std::string> expiration;
};
struct AbortMultipartUploadRequest {
  std::string bucket;
  std::string key;
  std::string upload_id;
  std::optional<std::string> expected_bucket_owner;
};
struct AbortMultipartUploadOutput {};
struct ListPartsRequest {
  std::string bucket;
  std::string key;
  std::optional<std::int32_t> max_parts;
  std::optional<std::int32_t> part_number_marker;
  std::string upload_id;
  std::optional<std::string> expected_bucket_owner;
};
struct ListedPart {
  std::optional<std::int32_t> part_number;
  std::optional<Instant> last_modified;
  std::optional<std::string> etag;
  std::optional<std::int64_t> size;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
};
struct Initiator {
  std::optional<std::string> id;
  std::optional<std::string> display_name;
};
struct ListPartsOutput {
  std::optional<std::string> bucket;
  std::optional<std::string> key;
  std::optional<std::string> upload_id;
  std::optional<std::int32_t> part_number_marker;
  std::optional<std::int32_t> next_part_number_marker;
  std::optional<std::int32_t> max_parts;
  std::optional<bool> is_truncated;
  std::vector<ListedPart> parts;
  std::optional<Initiator> initiator;
  std::optional<Owner> owner;
  std::optional<std::string> storage_class;
  std::optional<std::string> checksum_algorithm;
  std::optional<std::string> checksum_type;
  std::optional<Instant> abort_date;
  std::optional<std::string> abort_rule_id;
};
struct ListMultipartUploadsRequest {
  std::string bucket;
  std::optional<std::string> delimiter;
  std::optional<std::string> encoding_type;
  std::optional<std::string> key_marker;
  std::optional<std::int32_t> max_uploads;
  std::optional<std::string> prefix;
  std::optional<std::string> upload_id_marker;
  std::optional<std::string> expected_bucket_owner;
};
struct MultipartUpload {
  std::optional<std::string> upload_id;
  std::optional<std::string> key;
  std::optional<Instant> initiated;
  std::optional<std::string> storage_class;
  std::optional<Owner> owner;
  std::optional<Initiator> initiator;
  std::optional<std::string> checksum_algorithm;
  std::optional<std::string> checksum_type;
};
struct ListMultipartUploadsOutput {
  std::optional<std::string> bucket;
  std::optional<std::string> key_marker;
  std::optional<std::string> upload_id_marker;
  std::optional<std::string> next_key_marker;
  std::optional<std::string> prefix;
  std::optional<std::string> delimiter;
  std::optional<std::string> next_upload_id_marker;
  std::optional<std::int32_t> max_uploads;
  std::optional<bool> is_truncated;
  std::vector<MultipartUpload> uploads;
  std::vector<CommonPrefix> common_prefixes;
  std::optional<std::string> encoding_type;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::CreateMultipartUploadRequest> {
  using S = api::s3::CreateMultipartUploadRequest;
  static constexpr Member members[] = {
      field<&S::acl>("ACL").bind(In::header).wire("x-amz-acl"),
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::cache_control>("CacheControl").bind(In::header).wire("Cache-Control"),
      field<&S::content_disposition>("ContentDisposition")
          .bind(In::header)
          .wire("Content-Disposition"),
      field<&S::content_encoding>("ContentEncoding").bind(In::header).wire("Content-Encoding"),
      field<&S::content_language>("ContentLanguage").bind(In::header).wire("Content-Language"),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type"),
      field<&S::expires>("Expires").bind(In::header),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::metadata>("Metadata").bind(In::prefix_headers).wire("x-amz-meta-"),
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption"),
      field<&S::storage_class>("StorageClass").bind(In::header).wire("x-amz-storage-class"),
      field<&S::website_redirect_location>("WebsiteRedirectLocation")
          .bind(In::header)
          .wire("x-amz-website-redirect-location"),
      field<&S::tagging>("Tagging").bind(In::header).wire("x-amz-tagging"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner"),
      field<&S::checksum_algorithm>("ChecksumAlgorithm")
          .bind(In::header)
          .wire("x-amz-checksum-algorithm"),
      field<&S::checksum_type>("ChecksumType").bind(In::header).wire("x-amz-checksum-type")};
  static constexpr Shape value{"CreateMultipartUploadRequest", members};
};
template <>
struct shape_of<api::s3::CreateMultipartUploadOutput> {
  using S = api::s3::CreateMultipartUploadOutput;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket"),
      field<&S::key>("Key"),
      field<&S::upload_id>("UploadId"),
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption"),
      field<&S::checksum_algorithm>("ChecksumAlgorithm")
          .bind(In::header)
          .wire("x-amz-checksum-algorithm"),
      field<&S::checksum_type>("ChecksumType").bind(In::header).wire("x-amz-checksum-type"),
      field<&S::abort_date>("AbortDate").bind(In::header).wire("x-amz-abort-date"),
      field<&S::abort_rule_id>("AbortRuleId").bind(In::header).wire("x-amz-abort-rule-id")};
  static constexpr Shape value{"CreateMultipartUploadOutput", members,
                               "InitiateMultipartUploadResult", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::UploadPartRequest> {
  using S = api::s3::UploadPartRequest;
  static constexpr Member members[] = {
      field<&S::body>("Body").bind(In::payload).with(kStreaming),
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::content_length>("ContentLength").bind(In::header).wire("Content-Length"),
      field<&S::checksum_algorithm>("ChecksumAlgorithm")
          .bind(In::header)
          .wire("x-amz-sdk-checksum-algorithm"),
      field<&S::checksum_crc32>("ChecksumCRC32").bind(In::header).wire("x-amz-checksum-crc32"),
      field<&S::checksum_crc32c>("ChecksumCRC32C").bind(In::header).wire("x-amz-checksum-crc32c"),
      field<&S::checksum_crc64nvme>("ChecksumCRC64NVME")
          .bind(In::header)
          .wire("x-amz-checksum-crc64nvme"),
      field<&S::checksum_sha1>("ChecksumSHA1").bind(In::header).wire("x-amz-checksum-sha1"),
      field<&S::checksum_sha256>("ChecksumSHA256").bind(In::header).wire("x-amz-checksum-sha256"),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::part_number>("PartNumber").bind(In::query).wire("partNumber"),
      field<&S::upload_id>("UploadId").bind(In::query).wire("uploadId"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"UploadPartRequest", members};
};
template <>
struct shape_of<api::s3::UploadPartOutput> {
  using S = api::s3::UploadPartOutput;
  static constexpr Member members[] = {
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption"),
      field<&S::etag>("ETag").bind(In::header),
      field<&S::checksum_crc32>("ChecksumCRC32").bind(In::header).wire("x-amz-checksum-crc32"),
      field<&S::checksum_crc32c>("ChecksumCRC32C").bind(In::header).wire("x-amz-checksum-crc32c"),
      field<&S::checksum_crc64nvme>("ChecksumCRC64NVME")
          .bind(In::header)
          .wire("x-amz-checksum-crc64nvme"),
      field<&S::checksum_sha1>("ChecksumSHA1").bind(In::header).wire("x-amz-checksum-sha1"),
      field<&S::checksum_sha256>("ChecksumSHA256").bind(In::header).wire("x-amz-checksum-sha256")};
  static constexpr Shape value{"UploadPartOutput", members};
};
template <>
struct shape_of<api::s3::UploadPartCopyRequest> {
  using S = api::s3::UploadPartCopyRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::copy_source>("CopySource").bind(In::header).wire("x-amz-copy-source"),
      field<&S::copy_source_if_match>("CopySourceIfMatch")
          .bind(In::header)
          .wire("x-amz-copy-source-if-match"),
      field<&S::copy_source_if_modified_since>("CopySourceIfModifiedSince")
          .bind(In::header)
          .wire("x-amz-copy-source-if-modified-since"),
      field<&S::copy_source_if_none_match>("CopySourceIfNoneMatch")
          .bind(In::header)
          .wire("x-amz-copy-source-if-none-match"),
      field<&S::copy_source_if_unmodified_since>("CopySourceIfUnmodifiedSince")
          .bind(In::header)
          .wire("x-amz-copy-source-if-unmodified-since"),
      field<&S::copy_source_range>("CopySourceRange")
          .bind(In::header)
          .wire("x-amz-copy-source-range"),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::part_number>("PartNumber").bind(In::query).wire("partNumber"),
      field<&S::upload_id>("UploadId").bind(In::query).wire("uploadId"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"UploadPartCopyRequest", members};
};
template <>
struct shape_of<api::s3::CopyPartResult> {
  using S = api::s3::CopyPartResult;
  static constexpr Member members[] = {field<&S::etag>("ETag"),
                                       field<&S::last_modified>("LastModified"),
                                       field<&S::checksum_crc32>("ChecksumCRC32"),
                                       field<&S::checksum_crc32c>("ChecksumCRC32C"),
                                       field<&S::checksum_crc64nvme>("ChecksumCRC64NVME"),
                                       field<&S::checksum_sha1>("ChecksumSHA1"),
                                       field<&S::checksum_sha256>("ChecksumSHA256")};
  static constexpr Shape value{"CopyPartResult", members, "CopyPartResult", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::UploadPartCopyOutput> {
  using S = api::s3::UploadPartCopyOutput;
  static constexpr Member members[] = {
      field<&S::copy_source_version_id>("CopySourceVersionId")
          .bind(In::header)
          .wire("x-amz-copy-source-version-id"),
      field<&S::copy_part_result>("CopyPartResult").bind(In::payload),
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption")};
  static constexpr Shape value{"UploadPartCopyOutput", members};
};
template <>
struct shape_of<api::s3::CompletedPart> {
  using S = api::s3::CompletedPart;
  static constexpr Member members[] = {field<&S::etag>("ETag"),
                                       field<&S::checksum_crc32>("ChecksumCRC32"),
                                       field<&S::checksum_crc32c>("ChecksumCRC32C"),
                                       field<&S::checksum_crc64nvme>("ChecksumCRC64NVME"),
                                       field<&S::checksum_sha1>("ChecksumSHA1"),
                                       field<&S::checksum_sha256>("ChecksumSHA256"),
                                       field<&S::part_number>("PartNumber")};
  static constexpr Shape value{"CompletedPart", members};
};
template <>
struct shape_of<api::s3::CompletedMultipartUpload> {
  using S = api::s3::CompletedMultipartUpload;
  static constexpr Member members[] = {field<&S::parts>("Parts").wire("Part").with(kFlattened)};
  static constexpr Shape value{"CompletedMultipartUpload", members, "CompleteMultipartUpload",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::CompleteMultipartUploadRequest> {
  using S = api::s3::CompleteMultipartUploadRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::multipart_upload>("MultipartUpload")
          .bind(In::payload)
          .wire("CompleteMultipartUpload"),
      field<&S::upload_id>("UploadId").bind(In::query).wire("uploadId"),
      field<&S::checksum_crc32>("ChecksumCRC32").bind(In::header).wire("x-amz-checksum-crc32"),
      field<&S::checksum_crc32c>("ChecksumCRC32C").bind(In::header).wire("x-amz-checksum-crc32c"),
      field<&S::checksum_crc64nvme>("ChecksumCRC64NVME")
          .bind(In::header)
          .wire("x-amz-checksum-crc64nvme"),
      field<&S::checksum_sha1>("ChecksumSHA1").bind(In::header).wire("x-amz-checksum-sha1"),
      field<&S::checksum_sha256>("ChecksumSHA256").bind(In::header).wire("x-amz-checksum-sha256"),
      field<&S::checksum_type>("ChecksumType").bind(In::header).wire("x-amz-checksum-type"),
      field<&S::mpu_object_size>("MpuObjectSize").bind(In::header).wire("x-amz-mp-object-size"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner"),
      field<&S::if_match>("IfMatch").bind(In::header).wire("If-Match"),
      field<&S::if_none_match>("IfNoneMatch").bind(In::header).wire("If-None-Match")};
  static constexpr Shape value{"CompleteMultipartUploadRequest", members};
};
template <>
struct shape_of<api::s3::CompleteMultipartUploadOutput> {
  using S = api::s3::CompleteMultipartUploadOutput;
  static constexpr Member members[] = {
      field<&S::location>("Location"),
      field<&S::bucket>("Bucket"),
      field<&S::key>("Key"),
      field<&S::etag>("ETag"),
      field<&S::checksum_crc32>("ChecksumCRC32"),
      field<&S::checksum_crc32c>("ChecksumCRC32C"),
      field<&S::checksum_crc64nvme>("ChecksumCRC64NVME"),
      field<&S::checksum_sha1>("ChecksumSHA1"),
      field<&S::checksum_sha256>("ChecksumSHA256"),
      field<&S::checksum_type>("ChecksumType"),
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption"),
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id"),
      field<&S::expiration>("Expiration").bind(In::header).wire("x-amz-expiration")};
  static constexpr Shape value{"CompleteMultipartUploadOutput", members,
                               "CompleteMultipartUploadResult", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::AbortMultipartUploadRequest> {
  using S = api::s3::AbortMultipartUploadRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::upload_id>("UploadId").bind(In::query).wire("uploadId"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"AbortMultipartUploadRequest", members};
};
template <>
struct shape_of<api::s3::AbortMultipartUploadOutput> {
  using S = api::s3::AbortMultipartUploadOutput;
  static constexpr Shape value{"AbortMultipartUploadOutput", {}};
};
template <>
struct shape_of<api::s3::ListPartsRequest> {
  using S = api::s3::ListPartsRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::max_parts>("MaxParts").bind(In::query).wire("max-parts"),
      field<&S::part_number_marker>("PartNumberMarker").bind(In::query).wire("part-number-marker"),
      field<&S::upload_id>("UploadId").bind(In::query).wire("uploadId"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"ListPartsRequest", members};
};
template <>
struct shape_of<api::s3::ListedPart> {
  using S = api::s3::ListedPart;
  static constexpr Member members[] = {field<&S::part_number>("PartNumber"),
                                       field<&S::last_modified>("LastModified"),
                                       field<&S::etag>("ETag"),
                                       field<&S::size>("Size"),
                                       field<&S::checksum_crc32>("ChecksumCRC32"),
                                       field<&S::checksum_crc32c>("ChecksumCRC32C"),
                                       field<&S::checksum_crc64nvme>("ChecksumCRC64NVME"),
                                       field<&S::checksum_sha1>("ChecksumSHA1"),
                                       field<&S::checksum_sha256>("ChecksumSHA256")};
  static constexpr Shape value{"Part", members};
};
template <>
struct shape_of<api::s3::Initiator> {
  using S = api::s3::Initiator;
  static constexpr Member members[] = {field<&S::id>("ID"), field<&S::display_name>("DisplayName")};
  static constexpr Shape value{"Initiator", members};
};
template <>
struct shape_of<api::s3::ListPartsOutput> {
  using S = api::s3::ListPartsOutput;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket"),
      field<&S::key>("Key"),
      field<&S::upload_id>("UploadId"),
      field<&S::part_number_marker>("PartNumberMarker"),
      field<&S::next_part_number_marker>("NextPartNumberMarker"),
      field<&S::max_parts>("MaxParts"),
      field<&S::is_truncated>("IsTruncated"),
      field<&S::parts>("Parts").wire("Part").with(kFlattened),
      field<&S::initiator>("Initiator"),
      field<&S::owner>("Owner"),
      field<&S::storage_class>("StorageClass"),
      field<&S::checksum_algorithm>("ChecksumAlgorithm"),
      field<&S::checksum_type>("ChecksumType"),
      field<&S::abort_date>("AbortDate").bind(In::header).wire("x-amz-abort-date"),
      field<&S::abort_rule_id>("AbortRuleId").bind(In::header).wire("x-amz-abort-rule-id")};
  static constexpr Shape value{"ListPartsOutput", members, "ListPartsResult", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::ListMultipartUploadsRequest> {
  using S = api::s3::ListMultipartUploadsRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::delimiter>("Delimiter").bind(In::query).wire("delimiter"),
      field<&S::encoding_type>("EncodingType").bind(In::query).wire("encoding-type"),
      field<&S::key_marker>("KeyMarker").bind(In::query).wire("key-marker"),
      field<&S::max_uploads>("MaxUploads").bind(In::query).wire("max-uploads"),
      field<&S::prefix>("Prefix").bind(In::query).wire("prefix"),
      field<&S::upload_id_marker>("UploadIdMarker").bind(In::query).wire("upload-id-marker"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"ListMultipartUploadsRequest", members};
};
template <>
struct shape_of<api::s3::MultipartUpload> {
  using S = api::s3::MultipartUpload;
  static constexpr Member members[] = {field<&S::upload_id>("UploadId"),
                                       field<&S::key>("Key"),
                                       field<&S::initiated>("Initiated"),
                                       field<&S::storage_class>("StorageClass"),
                                       field<&S::owner>("Owner"),
                                       field<&S::initiator>("Initiator"),
                                       field<&S::checksum_algorithm>("ChecksumAlgorithm"),
                                       field<&S::checksum_type>("ChecksumType")};
  static constexpr Shape value{"MultipartUpload", members};
};
template <>
struct shape_of<api::s3::ListMultipartUploadsOutput> {
  using S = api::s3::ListMultipartUploadsOutput;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket"),
      field<&S::key_marker>("KeyMarker"),
      field<&S::upload_id_marker>("UploadIdMarker"),
      field<&S::next_key_marker>("NextKeyMarker"),
      field<&S::prefix>("Prefix"),
      field<&S::delimiter>("Delimiter"),
      field<&S::next_upload_id_marker>("NextUploadIdMarker"),
      field<&S::max_uploads>("MaxUploads"),
      field<&S::is_truncated>("IsTruncated"),
      field<&S::uploads>("Uploads").wire("Upload").with(kFlattened),
      field<&S::common_prefixes>("CommonPrefixes").with(kFlattened),
      field<&S::encoding_type>("EncodingType")};
  static constexpr Shape value{"ListMultipartUploadsOutput", members, "ListMultipartUploadsResult",
                               api::s3::kNamespace};
};

}  // namespace tidegate::wire
