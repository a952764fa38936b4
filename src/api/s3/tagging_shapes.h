// Wire shapes of S3: tags of an object. Names and places are those of AWS's service model; members
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

struct GetObjectTaggingRequest {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::string> expected_bucket_owner;
};
struct GetObjectTaggingOutput {
  std::optional<std::string> version_id;
  std::vector<Tag> tag_set;
};
struct PutObjectTaggingRequest {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::string> checksum_algorithm;
  Tagging tagging;
  std::optional<std::string> expected_bucket_owner;
};
struct PutObjectTaggingOutput {
  std::optional<std::string> version_id;
};
struct DeleteObjectTaggingRequest {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::string> expected_bucket_owner;
};
struct DeleteObjectTaggingOutput {
  std::optional<std::string> version_id;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::GetObjectTaggingRequest> {
  using S = api::s3::GetObjectTaggingRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"GetObjectTaggingRequest", members};
};
template <>
struct shape_of<api::s3::GetObjectTaggingOutput> {
  using S = api::s3::GetObjectTaggingOutput;
  static constexpr Member members[] = {
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id"),
      field<&S::tag_set>("TagSet").items("Tag").needed()};
  static constexpr Shape value{"GetObjectTaggingOutput", members, "Tagging", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::PutObjectTaggingRequest> {
  using S = api::s3::PutObjectTaggingRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::key>("Key").bind(In::greedy_label),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId"),
      field<&S::checksum_algorithm>("ChecksumAlgorithm")
          .bind(In::header)
          .wire("x-amz-sdk-checksum-algorithm"),
      field<&S::tagging>("Tagging").bind(In::payload),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"PutObjectTaggingRequest", members};
};
template <>
struct shape_of<api::s3::PutObjectTaggingOutput> {
  using S = api::s3::PutObjectTaggingOutput;
  static constexpr Member members[] = {
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id")};
  static constexpr Shape value{"PutObjectTaggingOutput", members};
};
template <>
struct shape_of<api::s3::DeleteObjectTaggingRequest> {
  using S = api::s3::DeleteObjectTaggingRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId"),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"DeleteObjectTaggingRequest", members};
};
template <>
struct shape_of<api::s3::DeleteObjectTaggingOutput> {
  using S = api::s3::DeleteObjectTaggingOutput;
  static constexpr Member members[] = {
      field<&S::version_id>("VersionId").bind(In::header).wire("x-amz-version-id")};
  static constexpr Shape value{"DeleteObjectTaggingOutput", members};
};

}  // namespace tidegate::wire
