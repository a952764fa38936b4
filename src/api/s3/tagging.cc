// GetObjectTagging, PutObjectTagging and DeleteObjectTagging.
#include "api/s3/groups.h"
#include "api/s3/request.h"
#include "api/s3/tagging_shapes.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr auto kGetObjectTagging = wire::operation<GetObjectTaggingRequest, GetObjectTaggingOutput>(
    "GetObjectTagging", Method::get, "/{Bucket}/{Key+}?tagging", 200, "s3:GetObjectTagging");
constexpr auto kPutObjectTagging = wire::operation<PutObjectTaggingRequest, PutObjectTaggingOutput>(
    "PutObjectTagging", Method::put, "/{Bucket}/{Key+}?tagging", 200, "s3:PutObjectTagging");
constexpr auto kDeleteObjectTagging =
    wire::operation<DeleteObjectTaggingRequest, DeleteObjectTaggingOutput>(
        "DeleteObjectTagging", Method::delete_, "/{Bucket}/{Key+}?tagging", 204,
        "s3:DeleteObjectTagging");

class TaggingApi {
 public:
  explicit TaggingApi(const Parts& parts)
      : objects_(parts.service->objects), authorizer_(parts.authorizer) {}

  Task<GetObjectTaggingOutput> get(const Context& c, GetObjectTaggingRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit checked, check_version_id(in.version_id));
    (void)checked;
    CO_TRY(auto found, co_await objects_.lookup(caller, in.bucket, in.key, in.version_id));
    if (!found.record && in.version_id) co_return domain::no_such_version(in.key, *in.version_id);
    if (!found.record || (found.record->delete_marker && !in.version_id))
      co_return domain::no_such_key(in.key);
    if (found.record->delete_marker)
      co_return Error{Fault::method_not_allowed,
                      "The specified method is not allowed against this resource."}
          .with("Method", "GET")
          .with("ResourceType", "DeleteMarker");
    GetObjectTaggingOutput out;
    out.version_id = shown_version(found);
    for (const auto& [key, value] : found.record->tags) out.tag_set.push_back({key, value});
    co_return out;
  }

  Task<PutObjectTaggingOutput> put(const Context& c, PutObjectTaggingRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    CO_TRY(Unit checked, check_version_id(in.version_id));
    (void)digested, (void)checked;
    CO_TRY(auto tags, tags_of(in.tagging.tag_set, domain::Tagged::object));
    if (authorizer_) {
      Authorizer::Act act{in.version_id ? "s3:PutObjectVersionTagging" : "s3:PutObjectTagging",
                          in.bucket, in.key, in.version_id, tags};
      CO_TRY(Unit may, co_await authorizer_->check(c, std::move(act)));
      (void)may;
    }
    CO_TRY(auto changed,
           co_await objects_.set_tags(caller, in.bucket, in.key, in.version_id, std::move(tags),
                                      domain::EventType::tagging_put));
    PutObjectTaggingOutput out;
    out.version_id = shown_version(changed);
    co_return out;
  }

  Task<DeleteObjectTaggingOutput> remove(const Context& c, DeleteObjectTaggingRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit checked, check_version_id(in.version_id));
    (void)checked;
    const domain::Tags none;
    CO_TRY(auto changed, co_await objects_.set_tags(caller, in.bucket, in.key, in.version_id, none,
                                                    domain::EventType::tagging_delete));
    DeleteObjectTaggingOutput out;
    out.version_id = shown_version(changed);
    co_return out;
  }

 private:
  domain::Objects& objects_;
  const Authorizer* authorizer_;
};

}  // namespace

void mount_tagging(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<TaggingApi>(parts);
  table.add(kGetObjectTagging, [api](const Context& c, GetObjectTaggingRequest in) {
    return api->get(c, std::move(in));
  });
  table.add(kPutObjectTagging, [api](const Context& c, PutObjectTaggingRequest in) {
    return api->put(c, std::move(in));
  });
  table.add(kDeleteObjectTagging, [api](const Context& c, DeleteObjectTaggingRequest in) {
    return api->remove(c, std::move(in));
  });
}

}  // namespace tidegate::api::s3
