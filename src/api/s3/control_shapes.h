// Wire shapes of S3 Control: the tags of a bucket by its ARN. A service of its own in AWS's models
// (s3control), with a namespace of its own; here its rows stand in S3's table, as both sign for s3.
#pragma once

#include <string>
#include <vector>

#include "api/s3/common_shapes.h"
#include "wire/shape.h"

namespace tidegate::api::s3 {

inline constexpr std::string_view kControlNamespace =
    "http://awss3control.amazonaws.com/doc/2018-08-20/";

struct ListTagsForResourceRequest {
  std::string account_id, resource_arn;
};
struct ListTagsForResourceResult {
  std::vector<Tag> tags;
};
struct TagResourceRequest {
  std::string account_id, resource_arn;
  std::vector<Tag> tags;
};
struct UntagResourceRequest {
  std::string account_id, resource_arn;
  std::vector<std::string> tag_keys;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::ListTagsForResourceRequest> {
  using S = api::s3::ListTagsForResourceRequest;
  static constexpr Member members[] = {
      field<&S::account_id>("AccountId").bind(In::header).wire("x-amz-account-id"),
      field<&S::resource_arn>("ResourceArn").bind(In::label)};
  static constexpr Shape value{"ListTagsForResourceRequest", members};
};
template <>
struct shape_of<api::s3::ListTagsForResourceResult> {
  using S = api::s3::ListTagsForResourceResult;
  static constexpr Member members[] = {field<&S::tags>("Tags").items("Tag").needed()};
  static constexpr Shape value{"ListTagsForResourceResult", members, "ListTagsForResourceResult",
                               api::s3::kControlNamespace};
};
template <>
struct shape_of<api::s3::TagResourceRequest> {
  using S = api::s3::TagResourceRequest;
  static constexpr Member members[] = {
      field<&S::account_id>("AccountId").bind(In::header).wire("x-amz-account-id"),
      field<&S::resource_arn>("ResourceArn").bind(In::label),
      field<&S::tags>("Tags").items("Tag").needed()};
  static constexpr Shape value{"TagResourceRequest", members, "TagResourceRequest",
                               api::s3::kControlNamespace};
};
template <>
struct shape_of<api::s3::UntagResourceRequest> {
  using S = api::s3::UntagResourceRequest;
  static constexpr Member members[] = {
      field<&S::account_id>("AccountId").bind(In::header).wire("x-amz-account-id"),
      field<&S::resource_arn>("ResourceArn").bind(In::label),
      field<&S::tag_keys>("TagKeys").bind(In::query).wire("tagKeys").needed()};
  static constexpr Shape value{"UntagResourceRequest", members};
};

}  // namespace tidegate::wire
