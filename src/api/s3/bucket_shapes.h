// Wire shapes of S3: buckets, versioning and notifications. Names and places are those of AWS's
// service model; members that this server neither reads nor answers (SSE-C, KMS, requester pays,
// locks) are left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/s3/common_shapes.h"
#include "wire/shape.h"

namespace tidegate::api::s3 {

struct CreateBucketConfiguration {
  std::optional<std::string> location_constraint;
  std::vector<Tag> tags;
};
struct CreateBucketRequest {
  std::optional<std::string> acl;
  std::string bucket;
  std::optional<CreateBucketConfiguration> create_bucket_configuration;
  std::optional<std::string> object_ownership;
};
struct CreateBucketOutput {
  std::optional<std::string> location;
  std::optional<std::string> bucket_arn;
};
struct HeadBucketRequest {
  std::string bucket;
  std::optional<std::string> expected_bucket_owner;
};
struct HeadBucketOutput {
  std::optional<std::string> bucket_arn;
  std::optional<std::string> bucket_region;
  std::optional<bool> access_point_alias;
};
struct DeleteBucketRequest {
  std::string bucket;
  std::optional<std::string> expected_bucket_owner;
};
struct ListBucketsRequest {
  std::optional<std::int32_t> max_buckets;
  std::optional<std::string> continuation_token;
  std::optional<std::string> prefix;
  std::optional<std::string> bucket_region;
};
struct Bucket {
  std::optional<std::string> name;
  std::optional<Instant> creation_date;
  std::optional<std::string> bucket_region;
  std::optional<std::string> bucket_arn;
};
struct ListBucketsOutput {
  std::vector<Bucket> buckets;
  std::optional<Owner> owner;
  std::optional<std::string> continuation_token;
  std::optional<std::string> prefix;
};
struct GetBucketLocationRequest {
  std::string bucket;
  std::optional<std::string> expected_bucket_owner;
};
struct GetBucketLocationOutput {
  std::optional<std::string> location_constraint;
};
struct GetBucketVersioningRequest {
  std::string bucket;
  std::optional<std::string> expected_bucket_owner;
};
struct GetBucketVersioningOutput {
  std::optional<std::string> status;
  std::optional<std::string> mfa_delete;
};
struct VersioningConfiguration {
  std::optional<std::string> mfa_delete;
  std::optional<std::string> status;
};
struct PutBucketVersioningRequest {
  std::string bucket;
  std::optional<std::string> checksum_algorithm;
  VersioningConfiguration versioning_configuration;
  std::optional<std::string> expected_bucket_owner;
};
struct GetBucketNotificationConfigurationRequest {
  std::string bucket;
  std::optional<std::string> expected_bucket_owner;
};
struct FilterRule {
  std::optional<std::string> name;
  std::optional<std::string> value;
};
struct S3KeyFilter {
  std::vector<FilterRule> filter_rules;
};
struct NotificationConfigurationFilter {
  std::optional<S3KeyFilter> key;
};
struct TopicConfiguration {
  std::optional<std::string> id;
  std::string topic_arn;
  std::vector<std::string> events;
  std::optional<NotificationConfigurationFilter> filter;
};
struct QueueConfiguration {
  std::optional<std::string> id;
  std::string queue_arn;
  std::vector<std::string> events;
  std::optional<NotificationConfigurationFilter> filter;
};
struct LambdaFunctionConfiguration {
  std::optional<std::string> id;
  std::string lambda_function_arn;
  std::vector<std::string> events;
  std::optional<NotificationConfigurationFilter> filter;
};
struct EventBridgeConfiguration {};
struct NotificationConfiguration {
  std::vector<TopicConfiguration> topic_configurations;
  std::vector<QueueConfiguration> queue_configurations;
  std::vector<LambdaFunctionConfiguration> lambda_function_configurations;
  std::optional<EventBridgeConfiguration> event_bridge_configuration;
};
struct PutBucketNotificationConfigurationRequest {
  std::string bucket;
  NotificationConfiguration notification_configuration;
  std::optional<std::string> expected_bucket_owner;
  std::optional<bool> skip_destination_validation;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::CreateBucketConfiguration> {
  using S = api::s3::CreateBucketConfiguration;
  static constexpr Member members[] = {field<&S::location_constraint>("LocationConstraint"),
                                       field<&S::tags>("Tags").items("Tag")};
  static constexpr Shape value{"CreateBucketConfiguration", members, "CreateBucketConfiguration",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::CreateBucketRequest> {
  using S = api::s3::CreateBucketRequest;
  static constexpr Member members[] = {
      field<&S::acl>("ACL").bind(In::header).wire("x-amz-acl"),
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::create_bucket_configuration>("CreateBucketConfiguration").bind(In::payload),
      field<&S::object_ownership>("ObjectOwnership")
          .bind(In::header)
          .wire("x-amz-object-ownership")};
  static constexpr Shape value{"CreateBucketRequest", members};
};
template <>
struct shape_of<api::s3::CreateBucketOutput> {
  using S = api::s3::CreateBucketOutput;
  static constexpr Member members[] = {
      field<&S::location>("Location").bind(In::header),
      field<&S::bucket_arn>("BucketArn").bind(In::header).wire("x-amz-bucket-arn")};
  static constexpr Shape value{"CreateBucketOutput", members};
};
template <>
struct shape_of<api::s3::HeadBucketRequest> {
  using S = api::s3::HeadBucketRequest;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label),
                                       field<&S::expected_bucket_owner>("ExpectedBucketOwner")
                                           .bind(In::header)
                                           .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"HeadBucketRequest", members};
};
template <>
struct shape_of<api::s3::HeadBucketOutput> {
  using S = api::s3::HeadBucketOutput;
  static constexpr Member members[] = {
      field<&S::bucket_arn>("BucketArn").bind(In::header).wire("x-amz-bucket-arn"),
      field<&S::bucket_region>("BucketRegion").bind(In::header).wire("x-amz-bucket-region"),
      field<&S::access_point_alias>("AccessPointAlias")
          .bind(In::header)
          .wire("x-amz-access-point-alias")};
  static constexpr Shape value{"HeadBucketOutput", members};
};
template <>
struct shape_of<api::s3::DeleteBucketRequest> {
  using S = api::s3::DeleteBucketRequest;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label),
                                       field<&S::expected_bucket_owner>("ExpectedBucketOwner")
                                           .bind(In::header)
                                           .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"DeleteBucketRequest", members};
};
template <>
struct shape_of<api::s3::ListBucketsRequest> {
  using S = api::s3::ListBucketsRequest;
  static constexpr Member members[] = {
      field<&S::max_buckets>("MaxBuckets").bind(In::query).wire("max-buckets"),
      field<&S::continuation_token>("ContinuationToken").bind(In::query).wire("continuation-token"),
      field<&S::prefix>("Prefix").bind(In::query).wire("prefix"),
      field<&S::bucket_region>("BucketRegion").bind(In::query).wire("bucket-region")};
  static constexpr Shape value{"ListBucketsRequest", members};
};
template <>
struct shape_of<api::s3::Bucket> {
  using S = api::s3::Bucket;
  static constexpr Member members[] = {
      field<&S::name>("Name"), field<&S::creation_date>("CreationDate"),
      field<&S::bucket_region>("BucketRegion"), field<&S::bucket_arn>("BucketArn")};
  static constexpr Shape value{"Bucket", members};
};
template <>
struct shape_of<api::s3::ListBucketsOutput> {
  using S = api::s3::ListBucketsOutput;
  static constexpr Member members[] = {
      field<&S::buckets>("Buckets").items("Bucket"), field<&S::owner>("Owner"),
      field<&S::continuation_token>("ContinuationToken"), field<&S::prefix>("Prefix")};
  static constexpr Shape value{"ListBucketsOutput", members, "ListAllMyBucketsResult",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::GetBucketLocationRequest> {
  using S = api::s3::GetBucketLocationRequest;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label),
                                       field<&S::expected_bucket_owner>("ExpectedBucketOwner")
                                           .bind(In::header)
                                           .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"GetBucketLocationRequest", members};
};
template <>
struct shape_of<api::s3::GetBucketLocationOutput> {
  using S = api::s3::GetBucketLocationOutput;
  static constexpr Member members[] = {
      field<&S::location_constraint>("LocationConstraint").with(kUnwrapped)};
  static constexpr Shape value{"GetBucketLocationOutput", members, "LocationConstraint",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::GetBucketVersioningRequest> {
  using S = api::s3::GetBucketVersioningRequest;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label),
                                       field<&S::expected_bucket_owner>("ExpectedBucketOwner")
                                           .bind(In::header)
                                           .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"GetBucketVersioningRequest", members};
};
template <>
struct shape_of<api::s3::GetBucketVersioningOutput> {
  using S = api::s3::GetBucketVersioningOutput;
  static constexpr Member members[] = {field<&S::status>("Status"),
                                       field<&S::mfa_delete>("MFADelete").wire("MfaDelete")};
  static constexpr Shape value{"GetBucketVersioningOutput", members, "VersioningConfiguration",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::VersioningConfiguration> {
  using S = api::s3::VersioningConfiguration;
  static constexpr Member members[] = {field<&S::mfa_delete>("MFADelete").wire("MfaDelete"),
                                       field<&S::status>("Status")};
  static constexpr Shape value{"VersioningConfiguration", members, "VersioningConfiguration",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::PutBucketVersioningRequest> {
  using S = api::s3::PutBucketVersioningRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::checksum_algorithm>("ChecksumAlgorithm")
          .bind(In::header)
          .wire("x-amz-sdk-checksum-algorithm"),
      field<&S::versioning_configuration>("VersioningConfiguration").bind(In::payload),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"PutBucketVersioningRequest", members};
};
template <>
struct shape_of<api::s3::GetBucketNotificationConfigurationRequest> {
  using S = api::s3::GetBucketNotificationConfigurationRequest;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label),
                                       field<&S::expected_bucket_owner>("ExpectedBucketOwner")
                                           .bind(In::header)
                                           .wire("x-amz-expected-bucket-owner")};
  static constexpr Shape value{"GetBucketNotificationConfigurationRequest", members};
};
template <>
struct shape_of<api::s3::FilterRule> {
  using S = api::s3::FilterRule;
  static constexpr Member members[] = {field<&S::name>("Name"), field<&S::value>("Value")};
  static constexpr Shape value{"FilterRule", members};
};
template <>
struct shape_of<api::s3::S3KeyFilter> {
  using S = api::s3::S3KeyFilter;
  static constexpr Member members[] = {
      field<&S::filter_rules>("FilterRules").wire("FilterRule").with(kFlattened)};
  static constexpr Shape value{"S3KeyFilter", members};
};
template <>
struct shape_of<api::s3::NotificationConfigurationFilter> {
  using S = api::s3::NotificationConfigurationFilter;
  static constexpr Member members[] = {field<&S::key>("Key").wire("S3Key")};
  static constexpr Shape value{"NotificationConfigurationFilter", members};
};
template <>
struct shape_of<api::s3::TopicConfiguration> {
  using S = api::s3::TopicConfiguration;
  static constexpr Member members[] = {
      field<&S::id>("Id"), field<&S::topic_arn>("TopicArn").wire("Topic"),
      field<&S::events>("Events").wire("Event").with(kFlattened).needed(),
      field<&S::filter>("Filter")};
  static constexpr Shape value{"TopicConfiguration", members};
};
template <>
struct shape_of<api::s3::QueueConfiguration> {
  using S = api::s3::QueueConfiguration;
  static constexpr Member members[] = {
      field<&S::id>("Id"), field<&S::queue_arn>("QueueArn").wire("Queue"),
      field<&S::events>("Events").wire("Event").with(kFlattened).needed(),
      field<&S::filter>("Filter")};
  static constexpr Shape value{"QueueConfiguration", members};
};
template <>
struct shape_of<api::s3::LambdaFunctionConfiguration> {
  using S = api::s3::LambdaFunctionConfiguration;
  static constexpr Member members[] = {
      field<&S::id>("Id"),
      field<&S::lambda_function_arn>("LambdaFunctionArn").wire("CloudFunction"),
      field<&S::events>("Events").wire("Event").with(kFlattened).needed(),
      field<&S::filter>("Filter")};
  static constexpr Shape value{"LambdaFunctionConfiguration", members};
};
template <>
struct shape_of<api::s3::EventBridgeConfiguration> {
  using S = api::s3::EventBridgeConfiguration;
  static constexpr Shape value{"EventBridgeConfiguration", {}};
};
template <>
struct shape_of<api::s3::NotificationConfiguration> {
  using S = api::s3::NotificationConfiguration;
  static constexpr Member members[] = {
      field<&S::topic_configurations>("TopicConfigurations")
          .wire("TopicConfiguration")
          .with(kFlattened),
      field<&S::queue_configurations>("QueueConfigurations")
          .wire("QueueConfiguration")
          .with(kFlattened),
      field<&S::lambda_function_configurations>("LambdaFunctionConfigurations")
          .wire("CloudFunctionConfiguration")
          .with(kFlattened),
      field<&S::event_bridge_configuration>("EventBridgeConfiguration")};
  static constexpr Shape value{"NotificationConfiguration", members, "NotificationConfiguration",
                               api::s3::kNamespace};
};
template <>
struct shape_of<api::s3::PutBucketNotificationConfigurationRequest> {
  using S = api::s3::PutBucketNotificationConfigurationRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::notification_configuration>("NotificationConfiguration").bind(In::payload),
      field<&S::expected_bucket_owner>("ExpectedBucketOwner")
          .bind(In::header)
          .wire("x-amz-expected-bucket-owner"),
      field<&S::skip_destination_validation>("SkipDestinationValidation")
          .bind(In::header)
          .wire("x-amz-skip-destination-validation")};
  static constexpr Shape value{"PutBucketNotificationConfigurationRequest", members};
};

}  // namespace tidegate::wire
