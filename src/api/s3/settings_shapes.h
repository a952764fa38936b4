// Wire shapes of S3: tags, lifecycle and encryption of a bucket. Names and places are those of
// AWS's service model; rules of a lifecycle are the domain's own structs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/s3/common_shapes.h"
#include "api/s3/unconfigured_shapes.h"
#include "s3/lifecycle.h"
#include "wire/shape.h"

namespace tidegate::api::s3 {

struct GetBucketTaggingOutput {
  std::vector<Tag> tag_set;
};
struct PutBucketTaggingRequest {
  std::string bucket;
  Tagging tagging;
};

struct LifecycleDocument {
  std::vector<tidegate::s3::LifecycleRule> rules;
};
struct GetBucketLifecycleOutput {
  std::vector<tidegate::s3::LifecycleRule> rules;
  std::optional<std::string> minimum_transition_size;
};
struct PutBucketLifecycleRequest {
  std::string bucket;
  std::optional<LifecycleDocument> configuration;
  std::optional<std::string> minimum_transition_size;
};
struct PutBucketLifecycleOutput {
  std::optional<std::string> minimum_transition_size;
};

struct EncryptionByDefault {
  std::string sse_algorithm;
  std::optional<std::string> kms_master_key_id;
};
struct EncryptionRule {
  std::optional<EncryptionByDefault> by_default;
  std::optional<bool> bucket_key_enabled;
};
struct EncryptionDocument {
  std::vector<EncryptionRule> rules;
};
struct GetBucketEncryptionOutput {
  EncryptionDocument configuration;
};
struct PutBucketEncryptionRequest {
  std::string bucket;
  EncryptionDocument configuration;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::GetBucketTaggingOutput> {
  using S = api::s3::GetBucketTaggingOutput;
  static constexpr Member members[] = {field<&S::tag_set>("TagSet").items("Tag").needed()};
  static constexpr Shape value{"GetBucketTaggingOutput", members, "Tagging", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::PutBucketTaggingRequest> {
  using S = api::s3::PutBucketTaggingRequest;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label),
                                       field<&S::tagging>("Tagging").bind(In::payload)};
  static constexpr Shape value{"PutBucketTaggingRequest", members};
};

template <>
struct shape_of<s3::LifecycleTag> {
  using S = s3::LifecycleTag;
  static constexpr Member members[] = {field<&S::key>("Key"), field<&S::value>("Value")};
  static constexpr Shape value{"Tag", members};
};
template <>
struct shape_of<s3::LifecycleConjunction> {
  using S = s3::LifecycleConjunction;
  static constexpr Member members[] = {
      field<&S::prefix>("Prefix"),
      field<&S::tags>("Tags").wire("Tag").items("Tag").with(kFlattened),
      field<&S::size_greater_than>("ObjectSizeGreaterThan"),
      field<&S::size_less_than>("ObjectSizeLessThan")};
  static constexpr Shape value{"LifecycleRuleAndOperator", members};
};
template <>
struct shape_of<s3::LifecycleFilter> {
  using S = s3::LifecycleFilter;
  static constexpr Member members[] = {field<&S::prefix>("Prefix"), field<&S::tag>("Tag"),
                                       field<&S::size_greater_than>("ObjectSizeGreaterThan"),
                                       field<&S::size_less_than>("ObjectSizeLessThan"),
                                       field<&S::conjunction>("And")};
  static constexpr Shape value{"LifecycleRuleFilter", members};
};
template <>
struct shape_of<s3::LifecycleExpiration> {
  using S = s3::LifecycleExpiration;
  static constexpr Member members[] = {
      field<&S::date>("Date").as(TimeFormat::iso8601), field<&S::days>("Days"),
      field<&S::expired_object_delete_marker>("ExpiredObjectDeleteMarker")};
  static constexpr Shape value{"LifecycleExpiration", members};
};
template <>
struct shape_of<s3::LifecycleTransition> {
  using S = s3::LifecycleTransition;
  static constexpr Member members[] = {field<&S::date>("Date").as(TimeFormat::iso8601),
                                       field<&S::days>("Days"),
                                       field<&S::storage_class>("StorageClass")};
  static constexpr Shape value{"Transition", members};
};
template <>
struct shape_of<s3::NoncurrentTransition> {
  using S = s3::NoncurrentTransition;
  static constexpr Member members[] = {field<&S::days>("NoncurrentDays"),
                                       field<&S::storage_class>("StorageClass"),
                                       field<&S::newer_versions>("NewerNoncurrentVersions")};
  static constexpr Shape value{"NoncurrentVersionTransition", members};
};
template <>
struct shape_of<s3::NoncurrentExpiration> {
  using S = s3::NoncurrentExpiration;
  static constexpr Member members[] = {field<&S::days>("NoncurrentDays"),
                                       field<&S::newer_versions>("NewerNoncurrentVersions")};
  static constexpr Shape value{"NoncurrentVersionExpiration", members};
};
template <>
struct shape_of<s3::AbortIncompleteUpload> {
  using S = s3::AbortIncompleteUpload;
  static constexpr Member members[] = {field<&S::days>("DaysAfterInitiation")};
  static constexpr Shape value{"AbortIncompleteMultipartUpload", members};
};
template <>
struct shape_of<s3::LifecycleRule> {
  using S = s3::LifecycleRule;
  static constexpr Member members[] = {
      field<&S::expiration>("Expiration"),
      field<&S::id>("ID"),
      field<&S::prefix>("Prefix"),
      field<&S::filter>("Filter"),
      field<&S::status>("Status"),
      field<&S::transitions>("Transitions").wire("Transition").with(kFlattened),
      field<&S::noncurrent_transitions>("NoncurrentVersionTransitions")
          .wire("NoncurrentVersionTransition")
          .with(kFlattened),
      field<&S::noncurrent_expiration>("NoncurrentVersionExpiration"),
      field<&S::abort_incomplete_upload>("AbortIncompleteMultipartUpload")};
  static constexpr Shape value{"LifecycleRule", members};
};
template <>
struct shape_of<api::s3::LifecycleDocument> {
  using S = api::s3::LifecycleDocument;
  static constexpr Member members[] = {
      field<&S::rules>("Rules").wire("Rule").with(kFlattened).needed()};
  static constexpr Shape value{"BucketLifecycleConfiguration", members, "LifecycleConfiguration",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::GetBucketLifecycleOutput> {
  using S = api::s3::GetBucketLifecycleOutput;
  static constexpr Member members[] = {
      field<&S::rules>("Rules").wire("Rule").with(kFlattened),
      field<&S::minimum_transition_size>("TransitionDefaultMinimumObjectSize")
          .bind(In::header)
          .wire("x-amz-transition-default-minimum-object-size")};
  static constexpr Shape value{"GetBucketLifecycleConfigurationOutput", members,
                               "LifecycleConfiguration", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::PutBucketLifecycleRequest> {
  using S = api::s3::PutBucketLifecycleRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::configuration>("LifecycleConfiguration").bind(In::payload),
      field<&S::minimum_transition_size>("TransitionDefaultMinimumObjectSize")
          .bind(In::header)
          .wire("x-amz-transition-default-minimum-object-size")};
  static constexpr Shape value{"PutBucketLifecycleConfigurationRequest", members};
};
template <>
struct shape_of<api::s3::PutBucketLifecycleOutput> {
  using S = api::s3::PutBucketLifecycleOutput;
  static constexpr Member members[] = {
      field<&S::minimum_transition_size>("TransitionDefaultMinimumObjectSize")
          .bind(In::header)
          .wire("x-amz-transition-default-minimum-object-size")};
  static constexpr Shape value{"PutBucketLifecycleConfigurationOutput", members};
};

template <>
struct shape_of<api::s3::EncryptionByDefault> {
  using S = api::s3::EncryptionByDefault;
  static constexpr Member members[] = {field<&S::sse_algorithm>("SSEAlgorithm"),
                                       field<&S::kms_master_key_id>("KMSMasterKeyID")};
  static constexpr Shape value{"ServerSideEncryptionByDefault", members};
};
template <>
struct shape_of<api::s3::EncryptionRule> {
  using S = api::s3::EncryptionRule;
  static constexpr Member members[] = {field<&S::by_default>("ApplyServerSideEncryptionByDefault"),
                                       field<&S::bucket_key_enabled>("BucketKeyEnabled")};
  static constexpr Shape value{"ServerSideEncryptionRule", members};
};
template <>
struct shape_of<api::s3::EncryptionDocument> {
  using S = api::s3::EncryptionDocument;
  static constexpr Member members[] = {
      field<&S::rules>("Rules").wire("Rule").with(kFlattened).needed()};
  static constexpr Shape value{"ServerSideEncryptionConfiguration", members,
                               "ServerSideEncryptionConfiguration", api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::GetBucketEncryptionOutput> {
  using S = api::s3::GetBucketEncryptionOutput;
  static constexpr Member members[] = {
      field<&S::configuration>("ServerSideEncryptionConfiguration").bind(In::payload)};
  static constexpr Shape value{"GetBucketEncryptionOutput", members};
};
template <>
struct shape_of<api::s3::PutBucketEncryptionRequest> {
  using S = api::s3::PutBucketEncryptionRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::configuration>("ServerSideEncryptionConfiguration").bind(In::payload)};
  static constexpr Shape value{"PutBucketEncryptionRequest", members};
};

}  // namespace tidegate::wire
