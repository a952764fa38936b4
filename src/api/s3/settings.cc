// Tags, lifecycle and encryption of a bucket: kept and shown.
#include "api/s3/settings_shapes.h"

#include <fmt/format.h>

#include "api/s3/groups.h"
#include "api/s3/request.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using domain::Setting;
using http::Method;
using wire::Context;

constexpr auto kGetTagging = wire::operation<BucketOnly, GetBucketTaggingOutput>(
    "GetBucketTagging", Method::get, "/{Bucket}?tagging", 200, "s3:GetBucketTagging");
constexpr auto kPutTagging = wire::operation<PutBucketTaggingRequest, wire::Nothing>(
    "PutBucketTagging", Method::put, "/{Bucket}?tagging", 200, "s3:PutBucketTagging");
constexpr auto kDeleteTagging = wire::operation<BucketOnly, wire::Nothing>(
    "DeleteBucketTagging", Method::delete_, "/{Bucket}?tagging", 204, "s3:PutBucketTagging");
constexpr auto kGetLifecycle = wire::operation<BucketOnly, GetBucketLifecycleOutput>(
    "GetBucketLifecycleConfiguration", Method::get, "/{Bucket}?lifecycle", 200,
    "s3:GetLifecycleConfiguration");
constexpr auto kPutLifecycle = wire::operation<PutBucketLifecycleRequest, PutBucketLifecycleOutput>(
    "PutBucketLifecycleConfiguration", Method::put, "/{Bucket}?lifecycle", 200,
    "s3:PutLifecycleConfiguration");
constexpr auto kDeleteLifecycle = wire::operation<BucketOnly, wire::Nothing>(
    "DeleteBucketLifecycle", Method::delete_, "/{Bucket}?lifecycle", 204,
    "s3:PutLifecycleConfiguration");
constexpr auto kGetEncryption = wire::operation<BucketOnly, GetBucketEncryptionOutput>(
    "GetBucketEncryption", Method::get, "/{Bucket}?encryption", 200,
    "s3:GetEncryptionConfiguration");
constexpr auto kPutEncryption = wire::operation<PutBucketEncryptionRequest, wire::Nothing>(
    "PutBucketEncryption", Method::put, "/{Bucket}?encryption", 200,
    "s3:PutEncryptionConfiguration");
constexpr auto kDeleteEncryption = wire::operation<BucketOnly, wire::Nothing>(
    "DeleteBucketEncryption", Method::delete_, "/{Bucket}?encryption", 204,
    "s3:PutEncryptionConfiguration");

constexpr std::string_view kMinimumSizes[] = {"all_storage_classes_128K",
                                              "varies_by_storage_class"};

Error not_set(std::string_view code, std::string_view message, const std::string& bucket) {
  return Error{Fault::not_found, std::string(message)}
      .with("Code", std::string(code))
      .with("BucketName", bucket);
}

class SettingsApi {
 public:
  explicit SettingsApi(const Parts& parts)
      : buckets_(parts.service->buckets), writer_(parts.service->writer) {}

  Task<GetBucketTaggingOutput> tagging(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto kept,
           co_await buckets_.setting<domain::BucketTags>(caller, in.bucket, Setting::tagging));
    if (!kept) co_return not_set("NoSuchTagSet", "The TagSet does not exist", in.bucket);
    GetBucketTaggingOutput out;
    for (auto& [key, value] : kept->tags) out.tag_set.push_back({key, value});
    co_return out;
  }

  Task<wire::Nothing> set_tagging(const Context& c, PutBucketTaggingRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    (void)digested;
    domain::BucketTags kept;
    CO_TRY(kept.tags, tags_of(in.tagging.tag_set, domain::Tagged::bucket));
    CO_TRY(Unit valid, check_tags(kept.tags, domain::Tagged::bucket));
    (void)valid;
    std::optional<std::string> record = store::encode(kept);
    CO_TRY(Unit set, co_await buckets_.put_setting(caller, in.bucket, Setting::tagging, record));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<GetBucketLifecycleOutput> lifecycle(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto kept, co_await buckets_.setting<domain::LifecycleConfiguration>(
                          caller, in.bucket, Setting::lifecycle));
    if (!kept)
      co_return not_set("NoSuchLifecycleConfiguration",
                        "The lifecycle configuration does not exist", in.bucket);
    GetBucketLifecycleOutput out;
    out.rules = std::move(kept->rules);
    out.minimum_transition_size = std::move(kept->minimum_transition_size);
    co_return out;
  }

  Task<PutBucketLifecycleOutput> set_lifecycle(const Context& c, PutBucketLifecycleRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    (void)digested;
    if (!in.configuration) co_return domain::malformed_xml();
    domain::LifecycleConfiguration kept;
    kept.rules = std::move(in.configuration->rules);
    kept.minimum_transition_size =
        in.minimum_transition_size.value_or(std::string(kMinimumSizes[0]));
    if (std::find(std::begin(kMinimumSizes), std::end(kMinimumSizes),
                  kept.minimum_transition_size) == std::end(kMinimumSizes))
      co_return domain::invalid_argument(
          fmt::format("Invalid TransitionDefaultMinimumObjectSize found: {}",
                      kept.minimum_transition_size),
          "x-amz-transition-default-minimum-object-size", kept.minimum_transition_size);
    CO_TRY(Unit valid, domain::validate(kept, writer_.random()));
    (void)valid;
    std::optional<std::string> record = store::encode(kept);
    CO_TRY(Unit set, co_await buckets_.put_setting(caller, in.bucket, Setting::lifecycle, record));
    (void)set;
    PutBucketLifecycleOutput out;
    out.minimum_transition_size = std::move(kept.minimum_transition_size);
    co_return out;
  }

  // Never unset: AWS encrypts every bucket so since 2023.
  Task<GetBucketEncryptionOutput> encryption(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto kept, co_await buckets_.setting<domain::BucketEncryption>(caller, in.bucket,
                                                                          Setting::encryption));
    GetBucketEncryptionOutput out;
    EncryptionRule rule;
    rule.by_default.emplace().sse_algorithm = kept ? kept->algorithm : "AES256";
    rule.bucket_key_enabled = kept ? kept->bucket_key_enabled.value_or(false) : false;
    out.configuration.rules.push_back(std::move(rule));
    co_return out;
  }

  Task<wire::Nothing> set_encryption(const Context& c, PutBucketEncryptionRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    (void)digested;
    if (in.configuration.rules.size() != 1 || !in.configuration.rules[0].by_default)
      co_return domain::malformed_xml();
    const EncryptionRule& rule = in.configuration.rules[0];
    const std::string& algorithm = rule.by_default->sse_algorithm;
    if (algorithm == "aws:kms" || algorithm == "aws:kms:dsse")
      co_return Error{Fault::not_implemented,
                      "Encryption with KMS is not implemented by this server."};
    if (algorithm != "AES256") co_return domain::malformed_xml();
    if (rule.by_default->kms_master_key_id)
      co_return domain::invalid_argument(
          "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
          "aws:kms:dsse",
          "KMSMasterKeyID", *rule.by_default->kms_master_key_id);
    std::optional<std::string> record =
        store::encode(domain::BucketEncryption{algorithm, rule.bucket_key_enabled});
    CO_TRY(Unit set, co_await buckets_.put_setting(caller, in.bucket, Setting::encryption, record));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> remove(const Context& c, BucketOnly in, Setting which) {
    CO_TRY(auto caller, admit(c));
    std::optional<std::string> nothing;
    CO_TRY(Unit gone, co_await buckets_.put_setting(caller, in.bucket, which, nothing));
    (void)gone;
    co_return wire::Nothing{};
  }

 private:
  domain::Buckets& buckets_;
  domain::Writer& writer_;
};

}  // namespace

void mount_settings(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<SettingsApi>(parts);
  auto removes = [&table, api](const auto& operation, Setting which) {
    table.add(operation, [api, which](const Context& c, BucketOnly in) {
      return api->remove(c, std::move(in), which);
    });
  };
  table.add(kGetTagging,
            [api](const Context& c, BucketOnly in) { return api->tagging(c, std::move(in)); });
  table.add(kPutTagging, [api](const Context& c, PutBucketTaggingRequest in) {
    return api->set_tagging(c, std::move(in));
  });
  removes(kDeleteTagging, Setting::tagging);
  table.add(kGetLifecycle,
            [api](const Context& c, BucketOnly in) { return api->lifecycle(c, std::move(in)); });
  table.add(kPutLifecycle, [api](const Context& c, PutBucketLifecycleRequest in) {
    return api->set_lifecycle(c, std::move(in));
  });
  removes(kDeleteLifecycle, Setting::lifecycle);
  table.add(kGetEncryption,
            [api](const Context& c, BucketOnly in) { return api->encryption(c, std::move(in)); });
  table.add(kPutEncryption, [api](const Context& c, PutBucketEncryptionRequest in) {
    return api->set_encryption(c, std::move(in));
  });
  removes(kDeleteEncryption, Setting::encryption);
}

}  // namespace tidegate::api::s3
