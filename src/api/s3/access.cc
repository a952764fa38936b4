// The block of public access and the CORS rules of a bucket.
#include "api/s3/access_shapes.h"
#include "api/s3/groups.h"
#include "api/s3/request.h"
#include "api/s3/unconfigured_shapes.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr auto kGetBlock = wire::operation<BucketOnly, GetPublicAccessBlockOutput>(
    "GetPublicAccessBlock", Method::get, "/{Bucket}?publicAccessBlock", 200,
    "s3:GetBucketPublicAccessBlock");
constexpr auto kPutBlock = wire::operation<PutPublicAccessBlockRequest, wire::Nothing>(
    "PutPublicAccessBlock", Method::put, "/{Bucket}?publicAccessBlock", 200,
    "s3:PutBucketPublicAccessBlock");
constexpr auto kDeleteBlock = wire::operation<BucketOnly, wire::Nothing>(
    "DeletePublicAccessBlock", Method::delete_, "/{Bucket}?publicAccessBlock", 204,
    "s3:PutBucketPublicAccessBlock");
constexpr auto kGetCors = wire::operation<BucketOnly, GetBucketCorsOutput>(
    "GetBucketCors", Method::get, "/{Bucket}?cors", 200, "s3:GetBucketCORS");
constexpr auto kPutCors = wire::operation<PutBucketCorsRequest, wire::Nothing>(
    "PutBucketCors", Method::put, "/{Bucket}?cors", 200, "s3:PutBucketCORS");
constexpr auto kDeleteCors = wire::operation<BucketOnly, wire::Nothing>(
    "DeleteBucketCors", Method::delete_, "/{Bucket}?cors", 204, "s3:PutBucketCORS");

Error not_configured(const std::string& bucket, std::string code, std::string message) {
  return Error{Fault::not_found, std::move(message)}
      .with("Code", std::move(code))
      .with("BucketName", bucket);
}

domain::CorsRule rule_of(CORSRule& in) {
  domain::CorsRule rule;
  rule.id = in.id.value_or("");
  rule.allowed_headers = std::move(in.allowed_headers);
  rule.allowed_methods = std::move(in.allowed_methods);
  rule.allowed_origins = std::move(in.allowed_origins);
  rule.expose_headers = std::move(in.expose_headers);
  rule.max_age_s = in.max_age_seconds;
  return rule;
}

CORSRule shown_rule(const domain::CorsRule& rule) {
  CORSRule out;
  if (!rule.id.empty()) out.id = rule.id;
  out.allowed_headers = rule.allowed_headers;
  out.allowed_methods = rule.allowed_methods;
  out.allowed_origins = rule.allowed_origins;
  out.expose_headers = rule.expose_headers;
  out.max_age_seconds = rule.max_age_s;
  return out;
}

class AccessApi {
 public:
  explicit AccessApi(const Parts& parts) : buckets_(parts.service->buckets) {}

  Task<GetPublicAccessBlockOutput> block(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    const auto& block = found->record.public_access_block;
    if (!block)
      co_return not_configured(in.bucket, "NoSuchPublicAccessBlockConfiguration",
                               "The public access block configuration was not found");
    GetPublicAccessBlockOutput out;
    auto& shown = out.public_access_block_configuration.emplace();
    shown.block_public_acls = block->block_public_acls;
    shown.ignore_public_acls = block->ignore_public_acls;
    shown.block_public_policy = block->block_public_policy;
    shown.restrict_public_buckets = block->restrict_public_buckets;
    co_return out;
  }

  Task<wire::Nothing> set_block(const Context& c, PutPublicAccessBlockRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    const auto& given = in.public_access_block_configuration;
    domain::PublicAccessBlock block;
    block.block_public_acls = given.block_public_acls.value_or(false);
    block.ignore_public_acls = given.ignore_public_acls.value_or(false);
    block.block_public_policy = given.block_public_policy.value_or(false);
    block.restrict_public_buckets = given.restrict_public_buckets.value_or(false);
    CO_TRY(Unit set, co_await buckets_.set_public_access_block(caller, in.bucket, block));
    (void)digested, (void)set;
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> forget_block(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit set, co_await buckets_.set_public_access_block(caller, in.bucket, std::nullopt));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<GetBucketCorsOutput> cors(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    if (found->record.cors.empty())
      co_return not_configured(in.bucket, "NoSuchCORSConfiguration",
                               "The CORS configuration does not exist");
    GetBucketCorsOutput out;
    for (const domain::CorsRule& rule : found->record.cors)
      out.cors_rules.push_back(shown_rule(rule));
    co_return out;
  }

  Task<wire::Nothing> set_cors(const Context& c, PutBucketCorsRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    std::vector<domain::CorsRule> rules;
    for (CORSRule& rule : in.cors_configuration.cors_rules) rules.push_back(rule_of(rule));
    CO_TRY(Unit set, co_await buckets_.set_cors(caller, in.bucket, std::move(rules)));
    (void)digested, (void)set;
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> forget_cors(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    std::vector<domain::CorsRule> none;
    CO_TRY(Unit set, co_await buckets_.set_cors(caller, in.bucket, std::move(none)));
    (void)set;
    co_return wire::Nothing{};
  }

 private:
  domain::Buckets& buckets_;
};

}  // namespace

void mount_access(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<AccessApi>(parts);
  table.add(kGetBlock,
            [api](const Context& c, BucketOnly in) { return api->block(c, std::move(in)); });
  table.add(kPutBlock, [api](const Context& c, PutPublicAccessBlockRequest in) {
    return api->set_block(c, std::move(in));
  });
  table.add(kDeleteBlock,
            [api](const Context& c, BucketOnly in) { return api->forget_block(c, std::move(in)); });
  table.add(kGetCors,
            [api](const Context& c, BucketOnly in) { return api->cors(c, std::move(in)); });
  table.add(kPutCors, [api](const Context& c, PutBucketCorsRequest in) {
    return api->set_cors(c, std::move(in));
  });
  table.add(kDeleteCors,
            [api](const Context& c, BucketOnly in) { return api->forget_cors(c, std::move(in)); });
}

}  // namespace tidegate::api::s3
