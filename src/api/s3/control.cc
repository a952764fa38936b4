// S3 Control, as far as buckets need it: their tags by the bucket's ARN. Terraform's AWS provider
// (6.23 and later) reads and writes a bucket's tags here. Requests are signed for s3 and come with
// x-amz-account-id, which their rows demand: a bucket may be named v20180820.
#include "api/s3/authorize.h"
#include "api/s3/control_shapes.h"
#include "api/s3/groups.h"
#include "api/s3/request.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using domain::Setting;
using http::Method;
using wire::Context;

constexpr auto kList = wire::operation<ListTagsForResourceRequest, ListTagsForResourceResult>(
    "ListTagsForResource", Method::get, "/v20180820/tags/{ResourceArn+}", 200,
    "s3:ListTagsForResource");
constexpr auto kTag = wire::operation<TagResourceRequest, wire::Nothing>(
    "TagResource", Method::post, "/v20180820/tags/{ResourceArn+}", 204, "s3:TagResource");
constexpr auto kUntag = wire::operation<UntagResourceRequest, wire::Nothing>(
    "UntagResource", Method::delete_, "/v20180820/tags/{ResourceArn+}", 204, "s3:UntagResource");

class ControlApi {
 public:
  explicit ControlApi(const Parts& parts) : buckets_(parts.service->buckets) {}

  Task<ListTagsForResourceResult> list(const Context& c, ListTagsForResourceRequest in) {
    CO_TRY(auto of, named(c, in.account_id, in.resource_arn));
    CO_TRY(auto kept, co_await tags(of));
    ListTagsForResourceResult out;
    for (auto& [key, value] : kept.tags) out.tags.push_back({key, value});
    co_return out;
  }

  Task<wire::Nothing> tag(const Context& c, TagResourceRequest in) {
    CO_TRY(auto of, named(c, in.account_id, in.resource_arn));
    CO_TRY(auto given, tags_of(in.tags, domain::Tagged::bucket));
    CO_TRY(auto kept, co_await tags(of));
    for (auto& [key, value] : given) kept.tags[key] = value;
    CO_TRY(Unit valid, check_tags(kept.tags, domain::Tagged::bucket));
    (void)valid;
    CO_TRY(Unit set, co_await put(of, std::move(kept)));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> untag(const Context& c, UntagResourceRequest in) {
    CO_TRY(auto of, named(c, in.account_id, in.resource_arn));
    CO_TRY(auto kept, co_await tags(of));
    for (const std::string& key : in.tag_keys) kept.tags.erase(key);
    CO_TRY(Unit set, co_await put(of, std::move(kept)));
    (void)set;
    co_return wire::Nothing{};
  }

 private:
  struct Of {
    domain::Caller caller;
    std::string bucket;
  };

  static Result<Of> named(const Context& c, const std::string& account, const std::string& arn) {
    TRY(auto caller, admit(c));
    if (account != c.principal->account()) return domain::access_denied();
    const std::string bucket = bucket_of_arn(arn);
    if (bucket.empty())
      return Error{Fault::not_implemented,
                   "Of what S3 Control can tag this server has buckets only, arn:aws:s3:::NAME."};
    return Of{std::move(caller), bucket};
  }

  Task<domain::BucketTags> tags(const Of& of) {
    CO_TRY(auto kept,
           co_await buckets_.setting<domain::BucketTags>(of.caller, of.bucket, Setting::tagging));
    co_return kept.value_or(domain::BucketTags{});
  }

  Task<Unit> put(const Of& of, domain::BucketTags kept) {
    std::optional<std::string> record;
    if (!kept.tags.empty()) record = store::encode(kept);
    co_return co_await buckets_.put_setting(of.caller, of.bucket, Setting::tagging, record);
  }

  domain::Buckets& buckets_;
};

}  // namespace

void mount_control(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<ControlApi>(parts);
  table.add(kList, [api](const Context& c, ListTagsForResourceRequest in) {
    return api->list(c, std::move(in));
  });
  table.add(kTag,
            [api](const Context& c, TagResourceRequest in) { return api->tag(c, std::move(in)); });
  table.add(kUntag, [api](const Context& c, UntagResourceRequest in) {
    return api->untag(c, std::move(in));
  });
}

}  // namespace tidegate::api::s3
