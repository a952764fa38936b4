// Wire shapes of S3: what several groups of operations share. Names and places are those of AWS's
// service model; members that this server neither reads nor answers (SSE-C, KMS, requester pays,
// locks) are left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.h"

namespace tidegate::api::s3 {

inline constexpr std::string_view kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

struct Owner {
  std::optional<std::string> display_name;
  std::optional<std::string> id;
};
struct CommonPrefix {
  std::optional<std::string> prefix;
};
struct Tag {
  std::string key;
  std::string value;
};
struct Tagging {
  std::vector<Tag> tag_set;
};

}  // namespace tidegate::api::s3

namespace tidegate::wire {

template <>
struct shape_of<api::s3::Owner> {
  using S = api::s3::Owner;
  static constexpr Member members[] = {field<&S::display_name>("DisplayName"), field<&S::id>("ID")};
  static constexpr Shape value{"Owner", members};
};
template <>
struct shape_of<api::s3::CommonPrefix> {
  using S = api::s3::CommonPrefix;
  static constexpr Member members[] = {field<&S::prefix>("Prefix")};
  static constexpr Shape value{"CommonPrefix", members};
};
template <>
struct shape_of<api::s3::Tag> {
  using S = api::s3::Tag;
  static constexpr Member members[] = {field<&S::key>("Key"), field<&S::value>("Value")};
  static constexpr Shape value{"Tag", members};
};
template <>
struct shape_of<api::s3::Tagging> {
  using S = api::s3::Tagging;
  static constexpr Member members[] = {field<&S::tag_set>("TagSet").items("Tag").needed()};
  static constexpr Shape value{"Tagging", members, "Tagging", api::s3::kNamespace};
};

}  // namespace tidegate::wire
