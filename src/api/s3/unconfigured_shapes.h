// Wire shapes of S3: requests that name nothing but a bucket or an object. Their answers are
// written by hand (unconfigured.cc).
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

}  // namespace tidegate::wire
