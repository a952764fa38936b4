// Tags of AppConfig's resources.
#include "api/appconfig/groups.h"

namespace tidegate::api::appconfig {

struct ListTagsForResourceRequest {
  std::string resource_arn;
};
struct TagResourceRequest {
  std::string resource_arn;
  TagMap tags;
};
struct UntagResourceRequest {
  std::string resource_arn;
  std::vector<std::string> tag_keys;
};
struct ResourceTags {
  TagMap tags;
};

}  // namespace tidegate::api::appconfig

namespace tidegate::wire {

template <>
struct shape_of<ac::ListTagsForResourceRequest> {
  using S = ac::ListTagsForResourceRequest;
  static constexpr Member members[] = {
      field<&S::resource_arn>("ResourceArn").bind(In::label).length(20, 2048)};
  static constexpr Shape value{"ListTagsForResourceRequest", members};
};
template <>
struct shape_of<ac::TagResourceRequest> {
  using S = ac::TagResourceRequest;
  static constexpr Member members[] = {
      field<&S::resource_arn>("ResourceArn").bind(In::label).length(20, 2048),
      field<&S::tags>("Tags").length(0, 50).needed()};
  static constexpr Shape value{"TagResourceRequest", members};
};
template <>
struct shape_of<ac::UntagResourceRequest> {
  using S = ac::UntagResourceRequest;
  static constexpr Member members[] = {
      field<&S::resource_arn>("ResourceArn").bind(In::label).length(20, 2048),
      field<&S::tag_keys>("TagKeys").bind(In::query).wire("tagKeys").length(0, 50).needed()};
  static constexpr Shape value{"UntagResourceRequest", members};
};
template <>
struct shape_of<ac::ResourceTags> {
  using S = ac::ResourceTags;
  static constexpr Member members[] = {field<&S::tags>("Tags")};
  static constexpr Shape value{"ResourceTags", members};
};

}  // namespace tidegate::wire

namespace tidegate::api::appconfig {
namespace {

using http::Method;
using wire::Context;

// The ARN is one encoded segment, or stands there with its slashes.
constexpr auto kList = wire::operation<ListTagsForResourceRequest, ResourceTags>(
                           "ListTagsForResource", Method::get, "/tags/{ResourceArn}", 200,
                           "appconfig:ListTagsForResource")
                           .also("/tags/{ResourceArn+}");
constexpr auto kTag =
    wire::operation<TagResourceRequest, wire::Nothing>(
        "TagResource", Method::post, "/tags/{ResourceArn}", 204, "appconfig:TagResource")
        .also("/tags/{ResourceArn+}");
constexpr auto kUntag =
    wire::operation<UntagResourceRequest, wire::Nothing>(
        "UntagResource", Method::delete_, "/tags/{ResourceArn}", 204, "appconfig:UntagResource")
        .also("/tags/{ResourceArn+}");

}  // namespace

void mount_tags(wire::Table& table, const Parts& parts) {
  domain::TagsOfResources& tags = parts.service->tags;
  table.add(kList, [&tags](const Context& c, ListTagsForResourceRequest in) -> Task<ResourceTags> {
    CO_TRY(domain::Tags found, co_await tags.list(c.scope, in.resource_arn));
    co_return ResourceTags{std::move(found)};
  });
  table.add(kTag, [&tags](const Context& c, TagResourceRequest in) -> Task<wire::Nothing> {
    CO_TRY(Unit tagged, co_await tags.add(c.scope, in.resource_arn, std::move(in.tags)));
    (void)tagged;
    co_return wire::Nothing{};
  });
  table.add(kUntag, [&tags](const Context& c, UntagResourceRequest in) -> Task<wire::Nothing> {
    CO_TRY(Unit gone, co_await tags.remove(c.scope, in.resource_arn, std::move(in.tag_keys)));
    (void)gone;
    co_return wire::Nothing{};
  });
}

}  // namespace tidegate::api::appconfig
