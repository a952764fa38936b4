// Wire shapes of S3: one object. Names and places are those of AWS's service model; members that
// this server neither reads nor answers (SSE-C, KMS, requester pays, locks) are left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/s3/common_shapes.h"
#include "wire/shape.h"

namespace tidegate::api::s3 {

struct PutObjectRequest {
  std::optional<std::string> acl;
  std::optional<wire::Blob> body;
  std::string bucket;
  std::optional<std::string> cache_control;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;
  std::optional<std::string> content_language;
  std::optional<std::int64_t> content_length;
  std::optional<std::string> content_type;
  std::optional<std::string> checksum_algorithm;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::optional<std::string> expires;
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::string key;
  std::map<std::string, std::string> metadata;
  std::optional<std::string> server_side_encryption;
  std::optional<std::string> storage_class;
  std::optional<std::string> website_redirect_location;
  std::optional<std::string> tagging;
  std::optional<std::string> expected_bucket_owner;
};
struct PutObjectOutput {
  std::optional<std::string> etag;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::optional<std::string> checksum_type;
  std::optional<std::string> server_side_encryption;
  std::optional<std::string> version_id;
  std::optional<std::int64_t> size;
  std::optional<std::string> expiration;
};
struct PostObjectOutput {
  std::optional<std::string> location, bucket, key, etag;
};
struct GetObjectRequest {
  std::string bucket;
  std::optional<std::string> if_match;
  std::optional<Instant> if_modified_since;
  std::optional<std::string> if_none_match;
  std::optional<Instant> if_unmodified_since;
  std::string key;
  std::optional<std::string> range;
  std::optional<std::string> response_cache_control;
  std::optional<std::string> response_content_disposition;
  std::optional<std::string> response_content_encoding;
  std::optional<std::string> response_content_language;
  std::optional<std::string> response_content_type;
  std::optional<Instant> response_expires;
  std::optional<std::string> version_id;
  std::optional<std::int32_t> part_number;
  std::optional<std::string> expected_bucket_owner;
  std::optional<std::string> checksum_mode;
};
struct GetObjectOutput {
  std::optional<wire::Blob> body;
  std::optional<bool> delete_marker;
  std::optional<std::string> accept_ranges;
  std::optional<Instant> last_modified;
  std::optional<std::int64_t> content_length;
  std::optional<std::string> etag;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::optional<std::string> checksum_type;
  std::optional<std::string> version_id;
  std::optional<std::string> cache_control;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;
  std::optional<std::string> content_language;
  std::optional<std::string> content_range;
  std::optional<std::string> content_type;
  std::optional<std::string> expires;
  std::optional<std::string> website_redirect_location;
  std::optional<std::string> server_side_encryption;
  std::map<std::string, std::string> metadata;
  std::optional<std::string> storage_class;
  std::optional<std::int32_t> parts_count;
  std::optional<std::int32_t> tag_count;
  std::optional<std::string> expiration;
};
struct HeadObjectRequest {
  std::string bucket;
  std::optional<std::string> if_match;
  std::optional<Instant> if_modified_since;
  std::optional<std::string> if_none_match;
  std::optional<Instant> if_unmodified_since;
  std::string key;
  std::optional<std::string> range;
  std::optional<std::string> response_cache_control;
  std::optional<std::string> response_content_disposition;
  std::optional<std::string> response_content_encoding;
  std::optional<std::string> response_content_language;
  std::optional<std::string> response_content_type;
  std::optional<Instant> response_expires;
  std::optional<std::string> version_id;
  std::optional<std::int32_t> part_number;
  std::optional<std::string> expected_bucket_owner;
  std::optional<std::string> checksum_mode;
};
struct HeadObjectOutput {
  std::optional<bool> delete_marker;
  std::optional<std::string> accept_ranges;
  std::optional<Instant> last_modified;
  std::optional<std::int64_t> content_length;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::optional<std::string> checksum_type;
  std::optional<std::string> etag;
  std::optional<std::string> version_id;
  std::optional<std::string> cache_control;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;
  std::optional<std::string> content_language;
  std::optional<std::string> content_type;
  std::optional<std::string> content_range;
  std::optional<std::string> expires;
  std::optional<std::string> website_redirect_location;
  std::optional<std::string> server_side_encryption;
  std::map<std::string, std::string> metadata;
  std::optional<std::string> storage_class;
  std::optional<std::int32_t> parts_count;
  std::optional<std::int32_t> tag_count;
  std::optional<std::string> expiration;
};
struct CopyObjectRequest {
  std::optional<std::string> acl;
  std::string bucket;
  std::optional<std::string> cache_control;
  std::optional<std::string> checksum_algorithm;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;
  std::optional<std::string> content_language;
  std::optional<std::string> content_type;
  std::string copy_source;
  std::optional<std::string> copy_source_if_match;
  std::optional<Instant> copy_source_if_modified_since;
  std::optional<std::string> copy_source_if_none_match;
  std::optional<Instant> copy_source_if_unmodified_since;
  std::optional<std::string> expires;
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::string key;
  std::map<std::string, std::string> metadata;
  std::optional<std::string> metadata_directive;
  std::optional<std::string> tagging_directive;
  std::optional<std::string> server_side_encryption;
  std::optional<std::string> storage_class;
  std::optional<std::string> website_redirect_location;
  std::optional<std::string> tagging;
  std::optional<std::string> expected_bucket_owner;
};
struct CopyObjectResult {
  std::optional<std::string> etag;
  std::optional<Instant> last_modified;
  std::optional<std::string> checksum_type;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
};
struct CopyObjectOutput {
  std::optional<CopyObjectResult> copy_object_result;
  std::optional<std::string> copy_source_version_id;
  std::optional<std::string> version_id;
  std::optional<std::string> server_side_encryption;
  std::optional<std::string> expiration;
};
struct DeleteObjectRequest {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::string> expected_bucket_owner;
  std::optional<std::string> if_match;
};
struct DeleteObjectOutput {
  std::optional<bool> delete_marker;
  std::optional<std::string> version_id;
};
struct ObjectIdentifier {
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::string> etag;
};
struct DeleteDocument {
  std::vector<ObjectIdentifier> objects;
  std::optional<bool> quiet;
};
struct DeleteObjectsRequest {
  std::string bucket;
  DeleteDocument document;
  std::optional<std::string> expected_bucket_owner;
  std::optional<std::string> checksum_algorithm;
};
struct DeletedObject {
  std::optional<std::string> key;
  std::optional<std::string> version_id;
  std::optional<bool> delete_marker;
  std::optional<std::string> delete_marker_version_id;
};
struct DeleteError {
  std::optional<std::string> key;
  std::optional<std::string> version_id;
  std::optional<std::string> code;
  std::optional<std::string> message;
};
struct DeleteObjectsOutput {
  std::vector<DeletedObject> deleted;
  std::vector<DeleteError> errors;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::PutObjectRequest> {
  using S = api::s3::PutObjectRequest;
  static constexpr Member members[] = {
      field<&S::acl>("ACL").bind(In::header).wire("x-amz-acl"),
      field<&S::body>("Body").bind(In::payload).with(kStreaming),
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::cache_control>("CacheControl").bind(In::header).wire("Cache-Control"),
      field<&S::content_disposition>("ContentDisposition")
          .bind(In::header)
          .wire("Content-Disposition"),
      field<&S::content_encoding>("ContentEncoding").bind(In::header).wire("Content-Encoding"),
      field<&S::content_language>("ContentLanguage").bind(In::header).wire("Content-Language"),
      field<&S::content_length>("ContentLength").bind(In::header).wire("Content-Length"),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type"),
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
      field<&S::expires>("Expires").bind(In::header),
      field<&S::if_match>("IfMatch").bind(In::header).wire("If-Match"),
      field<&S::if_none_match>("IfNoneMatch").bind(In::header).wire("If-None-Match"),
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
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"PutObjectRequest", members};
};
template <>
struct shape_of<api::s3::PutObjectOutput> {
  using S = api::s3::PutObjectOutput;
  static constexpr Member members[] = {
      field<&S::etag>("ETag").bind(In::header),
      field<&S::checksum_crc32>("ChecksumCRC32").bind(In::header).wire("x-amz-checksum-crc32"),
      field<&S::checksum_crc32c>("ChecksumCRC32C").bind(In::header).wire("x-amz-checksum-crc32c"),
      field<&S::checksum_crc64nvme>("ChecksumCRC64NVME")
          .bind(In::header)
          .wire("x-amz-checksum-crc64nvme"),
      field<&S::checksum_sha1>("ChecksumSHA1").bind(In::header).wire("x-amz-checksum-sha1"),
      field<&S::checksum_sha256>("ChecksumSHA256").bind(In::header).wire("x-amz-checksum-sha256"),
      field<&S::checksum_type>("ChecksumType").bind(In::header).wire("x-amz-checksum-type"),
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption"),
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id"),
      field<&S::size>("Size").bind(In::header).wire("x-amz-object-size"),
      field<&S::expiration>("Expiration").bind(In::header).wire("x-amz-expiration")};
  static constexpr Shape value{"PutObjectOutput", members};
};
template <>
struct shape_of<api::s3::PostObjectOutput> {
  using S = api::s3::PostObjectOutput;
  static constexpr Member members[] = {field<&S::location>("Location"), field<&S::bucket>("Bucket"),
                                       field<&S::key>("Key"), field<&S::etag>("ETag")};
  static constexpr Shape value{"PostObjectOutput", members, "PostResponse"};
};
template <>
struct shape_of<api::s3::GetObjectRequest> {
  using S = api::s3::GetObjectRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::if_match>("IfMatch").bind(In::header).wire("If-Match"),
      field<&S::if_modified_since>("IfModifiedSince").bind(In::header).wire("If-Modified-Since"),
      field<&S::if_none_match>("IfNoneMatch").bind(In::header).wire("If-None-Match"),
      field<&S::if_unmodified_since>("IfUnmodifiedSince")
          .bind(In::header)
          .wire("If-Unmodified-Since"),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::range>("Range").bind(In::header),
      field<&S::response_cache_control>("ResponseCacheControl")
          .bind(In::query)
          .wire("response-cache-control"),
      field<&S::response_content_disposition>("ResponseContentDisposition")
          .bind(In::query)
          .wire("response-content-disposition"),
      field<&S::response_content_encoding>("ResponseContentEncoding")
          .bind(In::query)
          .wire("response-content-encoding"),
      field<&S::response_content_language>("ResponseContentLanguage")
          .bind(In::query)
          .wire("response-content-language"),
      field<&S::response_content_type>("ResponseContentType")
          .bind(In::query)
          .wire("response-content-type"),
      field<&S::response_expires>("ResponseExpires").bind(In::query).wire("response-expires"),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId"),
      field<&S::part_number>("PartNumber").bind(In::query).wire("partNumber"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner"),
      field<&S::checksum_mode>("ChecksumMode").bind(In::header).wire("x-amz-checksum-mode")};
  static constexpr Shape value{"GetObjectRequest", members};
};
template <>
struct shape_of<api::s3::GetObjectOutput> {
  using S = api::s3::GetObjectOutput;
  static constexpr Member members[] = {
      field<&S::body>("Body").bind(In::payload).with(kStreaming),
      field<&S::delete_marker>("DeleteMarker").bind(In::header).wire("x-amz-delete-marker"),
      field<&S::accept_ranges>("AcceptRanges").bind(In::header).wire("accept-ranges"),
      field<&S::last_modified>("LastModified").bind(In::header).wire("Last-Modified"),
      field<&S::content_length>("ContentLength").bind(In::header).wire("Content-Length"),
      field<&S::etag>("ETag").bind(In::header),
      field<&S::checksum_crc32>("ChecksumCRC32").bind(In::header).wire("x-amz-checksum-crc32"),
      field<&S::checksum_crc32c>("ChecksumCRC32C").bind(In::header).wire("x-amz-checksum-crc32c"),
      field<&S::checksum_crc64nvme>("ChecksumCRC64NVME")
          .bind(In::header)
          .wire("x-amz-checksum-crc64nvme"),
      field<&S::checksum_sha1>("ChecksumSHA1").bind(In::header).wire("x-amz-checksum-sha1"),
      field<&S::checksum_sha256>("ChecksumSHA256").bind(In::header).wire("x-amz-checksum-sha256"),
      field<&S::checksum_type>("ChecksumType").bind(In::header).wire("x-amz-checksum-type"),
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id"),
      field<&S::cache_control>("CacheControl").bind(In::header).wire("Cache-Control"),
      field<&S::content_disposition>("ContentDisposition")
          .bind(In::header)
          .wire("Content-Disposition"),
      field<&S::content_encoding>("ContentEncoding").bind(In::header).wire("Content-Encoding"),
      field<&S::content_language>("ContentLanguage").bind(In::header).wire("Content-Language"),
      field<&S::content_range>("ContentRange").bind(In::header).wire("Content-Range"),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type"),
      field<&S::expires>("Expires").bind(In::header),
      field<&S::website_redirect_location>("WebsiteRedirectLocation")
          .bind(In::header)
          .wire("x-amz-website-redirect-location"),
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption"),
      field<&S::metadata>("Metadata").bind(In::prefix_headers).wire("x-amz-meta-"),
      field<&S::storage_class>("StorageClass").bind(In::header).wire("x-amz-storage-class"),
      field<&S::parts_count>("PartsCount").bind(In::header).wire("x-amz-mp-parts-count"),
      field<&S::tag_count>("TagCount").bind(In::header).wire("x-amz-tagging-count"),
      field<&S::expiration>("Expiration").bind(In::header).wire("x-amz-expiration")};
  static constexpr Shape value{"GetObjectOutput", members};
};
template <>
struct shape_of<api::s3::HeadObjectRequest> {
  using S = api::s3::HeadObjectRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::if_match>("IfMatch").bind(In::header).wire("If-Match"),
      field<&S::if_modified_since>("IfModifiedSince").bind(In::header).wire("If-Modified-Since"),
      field<&S::if_none_match>("IfNoneMatch").bind(In::header).wire("If-None-Match"),
      field<&S::if_unmodified_since>("IfUnmodifiedSince")
          .bind(In::header)
          .wire("If-Unmodified-Since"),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::range>("Range").bind(In::header),
      field<&S::response_cache_control>("ResponseCacheControl")
          .bind(In::query)
          .wire("response-cache-control"),
      field<&S::response_content_disposition>("ResponseContentDisposition")
          .bind(In::query)
          .wire("response-content-disposition"),
      field<&S::response_content_encoding>("ResponseContentEncoding")
          .bind(In::query)
          .wire("response-content-encoding"),
      field<&S::response_content_language>("ResponseContentLanguage")
          .bind(In::query)
          .wire("response-content-language"),
      field<&S::response_content_type>("ResponseContentType")
          .bind(In::query)
          .wire("response-content-type"),
      field<&S::response_expires>("ResponseExpires").bind(In::query).wire("response-expires"),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId"),
      field<&S::part_number>("PartNumber").bind(In::query).wire("partNumber"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner"),
      field<&S::checksum_mode>("ChecksumMode").bind(In::header).wire("x-amz-checksum-mode")};
  static constexpr Shape value{"HeadObjectRequest", members};
};
template <>
struct shape_of<api::s3::HeadObjectOutput> {
  using S = api::s3::HeadObjectOutput;
  static constexpr Member members[] = {
      field<&S::delete_marker>("DeleteMarker").bind(In::header).wire("x-amz-delete-marker"),
      field<&S::accept_ranges>("AcceptRanges").bind(In::header).wire("accept-ranges"),
      field<&S::last_modified>("LastModified").bind(In::header).wire("Last-Modified"),
      field<&S::content_length>("ContentLength").bind(In::header).wire("Content-Length"),
      field<&S::checksum_crc32>("ChecksumCRC32").bind(In::header).wire("x-amz-checksum-crc32"),
      field<&S::checksum_crc32c>("ChecksumCRC32C").bind(In::header).wire("x-amz-checksum-crc32c"),
      field<&S::checksum_crc64nvme>("ChecksumCRC64NVME")
          .bind(In::header)
          .wire("x-amz-checksum-crc64nvme"),
      field<&S::checksum_sha1>("ChecksumSHA1").bind(In::header).wire("x-amz-checksum-sha1"),
      field<&S::checksum_sha256>("ChecksumSHA256").bind(In::header).wire("x-amz-checksum-sha256"),
      field<&S::checksum_type>("ChecksumType").bind(In::header).wire("x-amz-checksum-type"),
      field<&S::etag>("ETag").bind(In::header),
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id"),
      field<&S::cache_control>("CacheControl").bind(In::header).wire("Cache-Control"),
      field<&S::content_disposition>("ContentDisposition")
          .bind(In::header)
          .wire("Content-Disposition"),
      field<&S::content_encoding>("ContentEncoding").bind(In::header).wire("Content-Encoding"),
      field<&S::content_language>("ContentLanguage").bind(In::header).wire("Content-Language"),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type"),
      field<&S::content_range>("ContentRange").bind(In::header).wire("Content-Range"),
      field<&S::expires>("Expires").bind(In::header),
      field<&S::website_redirect_location>("WebsiteRedirectLocation")
          .bind(In::header)
          .wire("x-amz-website-redirect-location"),
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption"),
      field<&S::metadata>("Metadata").bind(In::prefix_headers).wire("x-amz-meta-"),
      field<&S::storage_class>("StorageClass").bind(In::header).wire("x-amz-storage-class"),
      field<&S::parts_count>("PartsCount").bind(In::header).wire("x-amz-mp-parts-count"),
      field<&S::tag_count>("TagCount").bind(In::header).wire("x-amz-tagging-count"),
      field<&S::expiration>("Expiration").bind(In::header).wire("x-amz-expiration")};
  static constexpr Shape value{"HeadObjectOutput", members};
};
template <>
struct shape_of<api::s3::CopyObjectRequest> {
  using S = api::s3::CopyObjectRequest;
  static constexpr Member members[] = {
      field<&S::acl>("ACL").bind(In::header).wire("x-amz-acl"),
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::cache_control>("CacheControl").bind(In::header).wire("Cache-Control"),
      field<&S::checksum_algorithm>("ChecksumAlgorithm")
          .bind(In::header)
          .wire("x-amz-checksum-algorithm"),
      field<&S::content_disposition>("ContentDisposition")
          .bind(In::header)
          .wire("Content-Disposition"),
      field<&S::content_encoding>("ContentEncoding").bind(In::header).wire("Content-Encoding"),
      field<&S::content_language>("ContentLanguage").bind(In::header).wire("Content-Language"),
      field<&S::content_type>("ContentType").bind(In::header).wire("Content-Type"),
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
      field<&S::expires>("Expires").bind(In::header),
      field<&S::if_match>("IfMatch").bind(In::header).wire("If-Match"),
      field<&S::if_none_match>("IfNoneMatch").bind(In::header).wire("If-None-Match"),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::metadata>("Metadata").bind(In::prefix_headers).wire("x-amz-meta-"),
      field<&S::metadata_directive>("MetadataDirective")
          .bind(In::header)
          .wire("x-amz-metadata-directive"),
      field<&S::tagging_directive>("TaggingDirective")
          .bind(In::header)
          .wire("x-amz-tagging-directive"),
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
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"CopyObjectRequest", members};
};
template <>
struct shape_of<api::s3::CopyObjectResult> {
  using S = api::s3::CopyObjectResult;
  static constexpr Member members[] = {field<&S::etag>("ETag"),
                                       field<&S::last_modified>("LastModified"),
                                       field<&S::checksum_type>("ChecksumType"),
                                       field<&S::checksum_crc32>("ChecksumCRC32"),
                                       field<&S::checksum_crc32c>("ChecksumCRC32C"),
                                       field<&S::checksum_crc64nvme>("ChecksumCRC64NVME"),
                                       field<&S::checksum_sha1>("ChecksumSHA1"),
                                       field<&S::checksum_sha256>("ChecksumSHA256")};
  static constexpr Shape value{"CopyObjectResult", members, "CopyObjectResult",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::CopyObjectOutput> {
  using S = api::s3::CopyObjectOutput;
  static constexpr Member members[] = {
      field<&S::copy_object_result>("CopyObjectResult").bind(In::payload),
      field<&S::copy_source_version_id>("CopySourceVersionId")
          .bind(In::header)
          .wire("x-amz-copy-source-version-id"),
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id"),
      field<&S::server_side_encryption>("ServerSideEncryption")
          .bind(In::header)
          .wire("x-amz-server-side-encryption"),
      field<&S::expiration>("Expiration").bind(In::header).wire("x-amz-expiration")};
  static constexpr Shape value{"CopyObjectOutput", members};
};
template <>
struct shape_of<api::s3::DeleteObjectRequest> {
  using S = api::s3::DeleteObjectRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner"),
      field<&S::if_match>("IfMatch").bind(In::header).wire("If-Match")};
  static constexpr Shape value{"DeleteObjectRequest", members};
};
template <>
struct shape_of<api::s3::DeleteObjectOutput> {
  using S = api::s3::DeleteObjectOutput;
  static constexpr Member members[] = {
      field<&S::delete_marker>("DeleteMarker").bind(In::header).wire("x-amz-delete-marker"),
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id")};
  static constexpr Shape value{"DeleteObjectOutput", members};
};
template <>
struct shape_of<api::s3::ObjectIdentifier> {
  using S = api::s3::ObjectIdentifier;
  static constexpr Member members[] = {field<&S::key>("Key"), field<&S::version_id>("VersionId"),
                                       field<&S::etag>("ETag")};
  static constexpr Shape value{"ObjectIdentifier", members};
};
template <>
struct shape_of<api::s3::DeleteDocument> {
  using S = api::s3::DeleteDocument;
  static constexpr Member members[] = {
      field<&S::objects>("Objects").wire("Object").with(kFlattened).needed(),
      field<&S::quiet>("Quiet")};
  static constexpr Shape value{"Delete", members, "Delete", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::DeleteObjectsRequest> {
  using S = api::s3::DeleteObjectsRequest;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label),
                                       field<&S::document>("Delete").bind(In::payload),
                                       field<&S::expected_bucket_owner>("ExpectedBucketOwner")
                                           .bind(In::header)
                                           .wire("x-amz-expected-bucket-owner"),
                                       field<&S::checksum_algorithm>("ChecksumAlgorithm")
                                           .bind(In::header)
                                           .wire("x-amz-sdk-checksum-algorithm")};
  static constexpr Shape value{"DeleteObjectsRequest", members};
};
template <>
struct shape_of<api::s3::DeletedObject> {
  using S = api::s3::DeletedObject;
  static constexpr Member members[] = {
      field<&S::key>("Key"), field<&S::version_id>("VersionId"),
      field<&S::delete_marker>("DeleteMarker"),
      field<&S::delete_marker_version_id>("DeleteMarkerVersionId")};
  static constexpr Shape value{"DeletedObject", members};
};
template <>
struct shape_of<api::s3::DeleteError> {
  using S = api::s3::DeleteError;
  static constexpr Member members[] = {field<&S::key>("Key"), field<&S::version_id>("VersionId"),
                                       field<&S::code>("Code"), field<&S::message>("Message")};
  static constexpr Shape value{"Error", members};
};
template <>
struct shape_of<api::s3::DeleteObjectsOutput> {
  using S = api::s3::DeleteObjectsOutput;
  static constexpr Member members[] = {field<&S::deleted>("Deleted").with(kFlattened),
                                       field<&S::errors>("Errors").wire("Error").with(kFlattened)};
  static constexpr Shape value{"DeleteObjectsOutput", members, "DeleteResult", api::s3::kNamespace};
};

}  // namespace tidegate::wire
