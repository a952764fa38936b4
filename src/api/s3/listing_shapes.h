// Wire shapes of S3: lists of objects and versions. Names and places are those of AWS's service
// model; members that this server neither reads nor answers (SSE-C, KMS, requester pays, locks) are
// left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/s3/common_shapes.h"
#include "wire/shape.h"

namespace tidegate::api::s3 {

struct ListObjectsRequest {
  std::string bucket;
  std::optional<std::string> delimiter;
  std::optional<std::string> encoding_type;
  std::optional<std::string> marker;
  std::optional<std::int32_t> max_keys;
  std::optional<std::string> prefix;
  std::optional<std::string> expected_bucket_owner;
};
struct ListedObject {
  std::optional<std::string> key;
  std::optional<Instant> last_modified;
  std::optional<std::string> etag;
  std::vector<std::string> checksum_algorithm;
  std::optional<std::string> checksum_type;
  std::optional<std::int64_t> size;
  std::optional<std::string> storage_class;
  std::optional<Owner> owner;
};
struct ListObjectsOutput {
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
  std::optional<std::string> next_marker;
  std::vector<ListedObject> contents;
  std::optional<std::string> name;
  std::optional<std::string> prefix;
  std::optional<std::string> delimiter;
  std::optional<std::int32_t> max_keys;
  std::vector<CommonPrefix> common_prefixes;
  std::optional<std::string> encoding_type;
};
struct ListObjectsV2Request {
  std::string bucket;
  std::optional<std::string> delimiter;
  std::optional<std::string> encoding_type;
  std::optional<std::int32_t> max_keys;
  std::optional<std::string> prefix;
  std::optional<std::string> continuation_token;
  std::optional<bool> fetch_owner;
  std::optional<std::string> start_after;
  std::optional<std::string> expected_bucket_owner;
};
struct ListObjectsV2Output {
  std::optional<bool> is_truncated;
  std::vector<ListedObject> contents;
  std::optional<std::string> name;
  std::optional<std::string> prefix;
  std::optional<std::string> delimiter;
  std::optional<std::int32_t> max_keys;
  std::vector<CommonPrefix> common_prefixes;
  std::optional<std::string> encoding_type;
  std::optional<std::int32_t> key_count;
  std::optional<std::string> continuation_token;
  std::optional<std::string> next_continuation_token;
  std::optional<std::string> start_after;
};
struct ListObjectVersionsRequest {
  std::string bucket;
  std::optional<std::string> delimiter;
  std::optional<std::string> encoding_type;
  std::optional<std::string> key_marker;
  std::optional<std::int32_t> max_keys;
  std::optional<std::string> prefix;
  std::optional<std::string> version_id_marker;
  std::optional<std::string> expected_bucket_owner;
};
struct ListedVersion {
  std::optional<std::string> etag;
  std::vector<std::string> checksum_algorithm;
  std::optional<std::string> checksum_type;
  std::optional<std::int64_t> size;
  std::optional<std::string> storage_class;
  std::optional<std::string> key;
  std::optional<std::string> version_id;
  std::optional<bool> is_latest;
  std::optional<Instant> last_modified;
  std::optional<Owner> owner;
};
struct DeleteMarkerEntry {
  std::optional<Owner> owner;
  std::optional<std::string> key;
  std::optional<std::string> version_id;
  std::optional<bool> is_latest;
  std::optional<Instant> last_modified;
};
struct ListObjectVersionsOutput {
  std::optional<bool> is_truncated;
  std::optional<std::string> key_marker;
  std::optional<std::string> version_id_marker;
  std::optional<std::string> next_key_marker;
  std::optional<std::string> next_version_id_marker;
  std::vector<ListedVersion> versions;
  std::vector<DeleteMarkerEntry> delete_markers;
  std::optional<std::string> name;
  std::optional<std::string> prefix;
  std::optional<std::string> delimiter;
  std::optional<std::int32_t> max_keys;
  std::vector<CommonPrefix> common_prefixes;
  std::optional<std::string> encoding_type;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::ListObjectsRequest> {
  using S = api::s3::ListObjectsRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::delimiter>("Delimiter").bind(In::query).wire("delimiter"),
      field<&S::encoding_type>("EncodingType").bind(In::query).wire("encoding-type"),
      field<&S::marker>("Marker").bind(In::query).wire("marker"),
      field<&S::max_keys>("MaxKeys").bind(In::query).wire("max-keys"),
      field<&S::prefix>("Prefix").bind(In::query).wire("prefix"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"ListObjectsRequest", members};
};
template <>
struct shape_of<api::s3::ListedObject> {
  using S = api::s3::ListedObject;
  static constexpr Member members[] = {
      field<&S::key>("Key"),
      field<&S::last_modified>("LastModified"),
      field<&S::etag>("ETag"),
      field<&S::checksum_algorithm>("ChecksumAlgorithm").with(kFlattened),
      field<&S::checksum_type>("ChecksumType"),
      field<&S::size>("Size"),
      field<&S::storage_class>("StorageClass"),
      field<&S::owner>("Owner")};
  static constexpr Shape value{"Object", members};
};
template <>
struct shape_of<api::s3::ListObjectsOutput> {
  using S = api::s3::ListObjectsOutput;
  static constexpr Member members[] = {
      field<&S::is_truncated>("IsTruncated"),
      field<&S::marker>("Marker"),
      field<&S::next_marker>("NextMarker"),
      field<&S::contents>("Contents").with(kFlattened),
      field<&S::name>("Name"),
      field<&S::prefix>("Prefix"),
      field<&S::delimiter>("Delimiter"),
      field<&S::max_keys>("MaxKeys"),
      field<&S::common_prefixes>("CommonPrefixes").with(kFlattened),
      field<&S::encoding_type>("EncodingType")};
  static constexpr Shape value{"ListObjectsOutput", members, "ListBucketResult",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::ListObjectsV2Request> {
  using S = api::s3::ListObjectsV2Request;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::delimiter>("Delimiter").bind(In::query).wire("delimiter"),
      field<&S::encoding_type>("EncodingType").bind(In::query).wire("encoding-type"),
      field<&S::max_keys>("MaxKeys").bind(In::query).wire("max-keys"),
      field<&S::prefix>("Prefix").bind(In::query).wire("prefix"),
      field<&S::continuation_token>("ContinuationToken").bind(In::query).wire("continuation-token"),
      field<&S::fetch_owner>("FetchOwner").bind(In::query).wire("fetch-owner"),
      field<&S::start_after>("StartAfter").bind(In::query).wire("start-after"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"ListObjectsV2Request", members};
};
template <>
struct shape_of<api::s3::ListObjectsV2Output> {
  using S = api::s3::ListObjectsV2Output;
  static constexpr Member members[] = {
      field<&S::is_truncated>("IsTruncated"),
      field<&S::contents>("Contents").with(kFlattened),
      field<&S::name>("Name"),
      field<&S::prefix>("Prefix"),
      field<&S::delimiter>("Delimiter"),
      field<&S::max_keys>("MaxKeys"),
      field<&S::common_prefixes>("CommonPrefixes").with(kFlattened),
      field<&S::encoding_type>("EncodingType"),
      field<&S::key_count>("KeyCount"),
      field<&S::continuation_token>("ContinuationToken"),
      field<&S::next_continuation_token>("NextContinuationToken"),
      field<&S::start_after>("StartAfter")};
  static constexpr Shape value{"ListObjectsV2Output", members, "ListBucketResult",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::ListObjectVersionsRequest> {
  using S = api::s3::ListObjectVersionsRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::delimiter>("Delimiter").bind(In::query).wire("delimiter"),
      field<&S::encoding_type>("EncodingType").bind(In::query).wire("encoding-type"),
      field<&S::key_marker>("KeyMarker").bind(In::query).wire("key-marker"),
      field<&S::max_keys>("MaxKeys").bind(In::query).wire("max-keys"),
      field<&S::prefix>("Prefix").bind(In::query).wire("prefix"),
      field<&S::version_id_marker>("VersionIdMarker").bind(In::query).wire("version-id-marker"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"ListObjectVersionsRequest", members};
};
template <>
struct shape_of<api::s3::ListedVersion> {
  using S = api::s3::ListedVersion;
  static constexpr Member members[] = {
      field<&S::etag>("ETag"),
      field<&S::checksum_algorithm>("ChecksumAlgorithm").with(kFlattened),
      field<&S::checksum_type>("ChecksumType"),
      field<&S::size>("Size"),
      field<&S::storage_class>("StorageClass"),
      field<&S::key>("Key"),
      field<&S::version_id>("VersionId"),
      field<&S::is_latest>("IsLatest"),
      field<&S::last_modified>("LastModified"),
      field<&S::owner>("Owner")};
  static constexpr Shape value{"ObjectVersion", members};
};
template <>
struct shape_of<api::s3::DeleteMarkerEntry> {
  using S = api::s3::DeleteMarkerEntry;
  static constexpr Member members[] = {
      field<&S::owner>("Owner"), field<&S::key>("Key"), field<&S::version_id>("VersionId"),
      field<&S::is_latest>("IsLatest"), field<&S::last_modified>("LastModified")};
  static constexpr Shape value{"DeleteMarkerEntry", members};
};
template <>
struct shape_of<api::s3::ListObjectVersionsOutput> {
  using S = api::s3::ListObjectVersionsOutput;
  static constexpr Member members[] = {
      field<&S::is_truncated>("IsTruncated"),
      field<&S::key_marker>("KeyMarker"),
      field<&S::version_id_marker>("VersionIdMarker"),
      field<&S::next_key_marker>("NextKeyMarker"),
      field<&S::next_version_id_marker>("NextVersionIdMarker"),
      field<&S::versions>("Versions").wire("Version").with(kFlattened),
      field<&S::delete_markers>("DeleteMarkers").wire("DeleteMarker").with(kFlattened),
      field<&S::name>("Name"),
      field<&S::prefix>("Prefix"),
      field<&S::delimiter>("Delimiter"),
      field<&S::max_keys>("MaxKeys"),
      field<&S::common_prefixes>("CommonPrefixes").with(kFlattened),
      field<&S::encoding_type>("EncodingType")};
  static constexpr Shape value{"ListObjectVersionsOutput", members, "ListVersionsResult",
                               api::s3::kNamespace};
};

}  // namespace tidegate::wire
