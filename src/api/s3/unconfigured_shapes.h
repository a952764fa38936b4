// Wire shapes of S3: requests that name nothing but a bucket or an object.
#pragma once

#include <optional>
#include <string>

#include "wire/shape.h"

namespace tidegate::api::s3 {

struct BucketOnly {
  std::string bucket;
};

struct ObjectOnly {
  std::string bucket, key;
  std::optional<std::string> version_id;
};

struct RequestPayment {
  std::string payer;
};
struct PutRequestPaymentRequest {
  std::string bucket;
  RequestPayment configuration;
};
struct PutLoggingRequest {
  std::string bucket;
  std::string document;  // as it came: only whether it asks for logs matters
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::BucketOnly> {
  using S = api::s3::BucketOnly;
  static constexpr Member members[] = {field<&S::bucket>("Bucket").bind(In::label)};
  static constexpr Shape value{"BucketOnly", members};
};

template <>
struct shape_of<api::s3::ObjectOnly> {
  using S = api::s3::ObjectOnly;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label), field<&S::key>("Key").bind(In::greedy_label),
      field<&S::version_id>("VersionId").bind(In::query).wire("versionId")};
  static constexpr Shape value{"ObjectOnly", members};
};
template <>
struct shape_of<api::s3::RequestPayment> {
  using S = api::s3::RequestPayment;
  static constexpr Member members[] = {field<&S::payer>("Payer")};
  static constexpr Shape value{"RequestPaymentConfiguration", members,
                               "RequestPaymentConfiguration"};
};
template <>
struct shape_of<api::s3::PutRequestPaymentRequest> {
  using S = api::s3::PutRequestPaymentRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::configuration>("RequestPaymentConfiguration").bind(In::payload)};
  static constexpr Shape value{"PutBucketRequestPaymentRequest", members};
};
template <>
struct shape_of<api::s3::PutLoggingRequest> {
  using S = api::s3::PutLoggingRequest;
  static constexpr Member members[] = {
      field<&S::bucket>("Bucket").bind(In::label),
      field<&S::document>("BucketLoggingStatus").bind(In::payload)};
  static constexpr Shape value{"PutBucketLoggingRequest", members};
};

}  // namespace tidegate::wire
