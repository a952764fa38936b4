// The policy of a bucket.
#include "api/s3/access_shapes.h"
#include "api/s3/groups.h"
#include "api/s3/request.h"
#include "api/s3/unconfigured_shapes.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr auto kGetPolicy = wire::operation<BucketOnly, GetBucketPolicyOutput>(
    "GetBucketPolicy", Method::get, "/{Bucket}?policy", 200, "s3:GetBucketPolicy");
constexpr auto kPutPolicy = wire::operation<PutBucketPolicyRequest, wire::Nothing>(
    "PutBucketPolicy", Method::put, "/{Bucket}?policy", 204, "s3:PutBucketPolicy");
constexpr auto kDeletePolicy = wire::operation<BucketOnly, wire::Nothing>(
    "DeleteBucketPolicy", Method::delete_, "/{Bucket}?policy", 204, "s3:DeleteBucketPolicy");
constexpr auto kGetStatus = wire::operation<BucketOnly, GetBucketPolicyStatusOutput>(
    "GetBucketPolicyStatus", Method::get, "/{Bucket}?policyStatus", 200,
    "s3:GetBucketPolicyStatus");

Error no_policy(const std::string& bucket) {
  return Error{Fault::not_found, "The bucket policy does not exist"}
      .with("Code", "NoSuchBucketPolicy")
      .with("BucketName", bucket);
}

class PolicyApi {
 public:
  explicit PolicyApi(const Parts& parts) : buckets_(parts.service->buckets) {}

  Task<wire::Reply<GetBucketPolicyOutput>> get(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    if (!found->policy) co_return no_policy(in.bucket);
    GetBucketPolicyOutput out;
    out.policy = found->record.policy;
    wire::Extra extra;
    extra.headers.emplace_back("Content-Type", "application/json");
    co_return wire::Reply<GetBucketPolicyOutput>(std::move(out), std::move(extra));
  }

  Task<wire::Nothing> put(const Context& c, PutBucketPolicyRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    (void)digested;
    if (in.policy.empty())
      co_return Error{Fault::malformed_policy,
                      "Policies must be valid JSON and the first byte must be '{'"};
    CO_TRY(Unit set, co_await buckets_.set_policy(caller, in.bucket, std::move(in.policy)));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> remove(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    const std::string none;
    CO_TRY(Unit set, co_await buckets_.set_policy(caller, in.bucket, none));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<GetBucketPolicyStatusOutput> status(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    const domain::BucketRecord& record = found->record;
    const bool open_list =
        domain::acls_enabled(record) && record.acl && domain::is_public(*record.acl);
    if (!found->policy && !open_list) co_return no_policy(in.bucket);
    GetBucketPolicyStatusOutput out;
    out.policy_status.emplace().is_public =
        open_list || (found->policy && found->policy->is_public);
    co_return out;
  }

 private:
  domain::Buckets& buckets_;
};

}  // namespace

void mount_policies(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<PolicyApi>(parts);
  table.add(kGetPolicy,
            [api](const Context& c, BucketOnly in) { return api->get(c, std::move(in)); });
  table.add(kPutPolicy, [api](const Context& c, PutBucketPolicyRequest in) {
    return api->put(c, std::move(in));
  });
  table.add(kDeletePolicy,
            [api](const Context& c, BucketOnly in) { return api->remove(c, std::move(in)); });
  table.add(kGetStatus,
            [api](const Context& c, BucketOnly in) { return api->status(c, std::move(in)); });
}

}  // namespace tidegate::api::s3
