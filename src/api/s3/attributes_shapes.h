// Wire shapes of S3: attributes of an object. Names and places are those of AWS's service model;
// members that this server neither reads nor answers (SSE-C, KMS, requester pays, locks) are left
// out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/s3/common_shapes.h"
#include "wire/shape.h"

namespace tidegate::api::s3 {

struct GetObjectAttributesRequest {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::int32_t> max_parts;
  std::optional<std::int32_t> part_number_marker;
  std::optional<std::string> expected_bucket_owner;
  std::vector<std::string> object_attributes;
};
struct ObjectChecksums {
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
  std::optional<std::string> checksum_type;
};
struct ObjectPart {
  std::optional<std::int32_t> part_number;
  std::optional<std::int64_t> size;
  std::optional<std::string> checksum_crc32;
  std::optional<std::string> checksum_crc32c;
  std::optional<std::string> checksum_crc64nvme;
  std::optional<std::string> checksum_sha1;
  std::optional<std::string> checksum_sha256;
};
struct GetObjectAttributesParts {
  std::optional<std::int32_t> total_parts_count;
  std::optional<std::int32_t> part_number_marker;
  std::optional<std::int32_t> next_part_number_marker;
  std::optional<std::int32_t> max_parts;
  std::optional<bool> is_truncated;
  std::vector<ObjectPart> parts;
};
struct GetObjectAttributesOutput {
  std::optional<bool> delete_marker;
  std::optional<Instant> last_modified;
  std::optional<std::string> version_id;
  std::optional<std::string> etag;
  std::optional<ObjectChecksums> checksum;
  std::optional<GetObjectAttributesParts> object_parts;
  std::optional<std::string> storage_class;
  std::optional<std::int64_t> object_size;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::GetObjectAttributesRequest> {
  using S = api::s3::GetObjectAttributesRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId"),
      field<&S::max_parts>("MaxParts").bind(In::header).wire("x-amz-max-parts"),
      field<&S::part_number_marker>("PartNumberMarker")
          .bind(In::header)
          .wire("x-amz-part-number-marker"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner"),
      field<&S::object_attributes>("ObjectAttributes")
          .bind(In::header)
          .wire("x-amz-object-attributes")};
  static constexpr Shape value{"GetObjectAttributesRequest", members};
};
template <>
struct shape_of<api::s3::ObjectChecksums> {
  using S = api::s3::ObjectChecksums;
  static constexpr Member members[] = {field<&S::checksum_crc32>("ChecksumCRC32"),
                                       field<&S::checksum_crc32c>("ChecksumCRC32C"),
                                       field<&S::checksum_crc64nvme>("ChecksumCRC64NVME"),
                                       field<&S::checksum_sha1>("ChecksumSHA1"),
                                       field<&S::checksum_sha256>("ChecksumSHA256"),
                                       field<&S::checksum_type>("ChecksumType")};
  static constexpr Shape value{"Checksum", members};
};
template <>
struct shape_of<api::s3::ObjectPart> {
  using S = api::s3::ObjectPart;
  static constexpr Member members[] = {field<&S::part_number>("PartNumber"),
                                       field<&S::size>("Size"),
                                       field<&S::checksum_crc32>("ChecksumCRC32"),
                                       field<&S::checksum_crc32c>("ChecksumCRC32C"),
                                       field<&S::checksum_crc64nvme>("ChecksumCRC64NVME"),
                                       field<&S::checksum_sha1>("ChecksumSHA1"),
                                       field<&S::checksum_sha256>("ChecksumSHA256")};
  static constexpr Shape value{"ObjectPart", members};
};
template <>
struct shape_of<api::s3::GetObjectAttributesParts> {
  using S = api::s3::GetObjectAttributesParts;
  static constexpr Member members[] = {
      field<&S::total_parts_count>("TotalPartsCount").wire("PartsCount"),
      field<&S::part_number_marker>("PartNumberMarker"),
      field<&S::next_part_number_marker>("NextPartNumberMarker"),
      field<&S::max_parts>("MaxParts"),
      field<&S::is_truncated>("IsTruncated"),
      field<&S::parts>("Parts").wire("Part").with(kFlattened)};
  static constexpr Shape value{"GetObjectAttributesParts", members};
};
template <>
struct shape_of<api::s3::GetObjectAttributesOutput> {
  using S = api::s3::GetObjectAttributesOutput;
  static constexpr Member members[] = {
      field<&S::delete_marker>("DeleteMarker").bind(In::header).wire("x-amz-delete-marker"),
      field<&S::last_modified>("LastModified").bind(In::header).wire("Last-Modified"),
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id"),
      field<&S::etag>("ETag"),
      field<&S::checksum>("Checksum"),
      field<&S::object_parts>("ObjectParts"),
      field<&S::storage_class>("StorageClass"),
      field<&S::object_size>("ObjectSize")};
  static constexpr Shape value{"GetObjectAttributesOutput", members, "GetObjectAttributesResponse",
                               api::s3::kNamespace};
};

}  // namespace tidegate::wire
