// Buckets, their versioning and their notifications.
#include "api/s3/acl_request.h"
#include "api/s3/authorize.h"
#include "api/s3/bucket_shapes.h"
#include "api/s3/groups.h"
#include "api/s3/request.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr auto kListBuckets = wire::operation<ListBucketsRequest, ListBucketsOutput>(
    "ListBuckets", Method::get, "/", 200, "s3:ListAllMyBuckets");
constexpr auto kCreateBucket = wire::operation<CreateBucketRequest, CreateBucketOutput>(
    "CreateBucket", Method::put, "/{Bucket}", 200, "s3:CreateBucket");
constexpr auto kHeadBucket = wire::operation<HeadBucketRequest, HeadBucketOutput>(
    "HeadBucket", Method::head, "/{Bucket}", 200, "s3:ListBucket");
constexpr auto kDeleteBucket = wire::operation<DeleteBucketRequest, wire::Nothing>(
    "DeleteBucket", Method::delete_, "/{Bucket}", 204, "s3:DeleteBucket");
constexpr auto kGetBucketLocation =
    wire::operation<GetBucketLocationRequest, GetBucketLocationOutput>(
        "GetBucketLocation", Method::get, "/{Bucket}?location", 200, "s3:GetBucketLocation");
constexpr auto kGetBucketVersioning =
    wire::operation<GetBucketVersioningRequest, GetBucketVersioningOutput>(
        "GetBucketVersioning", Method::get, "/{Bucket}?versioning", 200, "s3:GetBucketVersioning");
constexpr auto kPutBucketVersioning = wire::operation<PutBucketVersioningRequest, wire::Nothing>(
    "PutBucketVersioning", Method::put, "/{Bucket}?versioning", 200, "s3:PutBucketVersioning");
constexpr auto kGetNotification =
    wire::operation<GetBucketNotificationConfigurationRequest, NotificationConfiguration>(
        "GetBucketNotificationConfiguration", Method::get, "/{Bucket}?notification", 200,
        "s3:GetBucketNotification");
constexpr auto kPutNotification =
    wire::operation<PutBucketNotificationConfigurationRequest, wire::Nothing>(
        "PutBucketNotificationConfiguration", Method::put, "/{Bucket}?notification", 200,
        "s3:PutBucketNotification");

constexpr std::int32_t kMaxBucketsOnPage = 10'000;

// The three kinds of destination differ on the wire by the name of one member only.
template <class Entry>
domain::NotificationEntry entry_of(domain::DestinationKind kind, std::string arn, Entry& given) {
  domain::NotificationEntry entry;
  entry.kind = kind;
  entry.id = given.id.value_or("");
  entry.arn = std::move(arn);
  entry.events = std::move(given.events);
  entry.has_filter = given.filter.has_value();
  if (given.filter && given.filter->key)
    for (FilterRule& rule : given.filter->key->filter_rules)
      entry.rules.push_back({std::move(rule.name), std::move(rule.value)});
  return entry;
}

template <class Entry>
Entry shown(const domain::NotificationEntry& entry, std::string Entry::*arn) {
  Entry out;
  out.id = entry.id;
  out.*arn = entry.arn;
  out.events = entry.events;
  if (entry.has_filter) {
    S3KeyFilter key;
    for (const domain::FilterRule& rule : entry.rules)
      key.filter_rules.push_back({rule.name, rule.value});
    out.filter.emplace().key = std::move(key);
  }
  return out;
}

domain::NotificationConfiguration configuration_of(NotificationConfiguration& given) {
  using Kind = domain::DestinationKind;
  domain::NotificationConfiguration out;
  for (TopicConfiguration& e : given.topic_configurations)
    out.entries.push_back(entry_of(Kind::topic, e.topic_arn, e));
  for (QueueConfiguration& e : given.queue_configurations)
    out.entries.push_back(entry_of(Kind::queue, e.queue_arn, e));
  for (LambdaFunctionConfiguration& e : given.lambda_function_configurations)
    out.entries.push_back(entry_of(Kind::function, e.lambda_function_arn, e));
  out.event_bridge = given.event_bridge_configuration.has_value();
  return out;
}

class BucketApi {
 public:
  explicit BucketApi(const Parts& parts)
      : buckets_(parts.service->buckets),
        owners_(parts.service->owners),
        destinations_(parts.destinations),
        authorizer_(parts.authorizer) {}

  Task<ListBucketsOutput> list(const Context& c, ListBucketsRequest in) {
    CO_TRY(auto caller, admit(c));
    domain::ListBucketsRequest request;
    request.prefix = in.prefix.value_or("");
    request.continuation_token = in.continuation_token.value_or("");
    request.region = in.bucket_region;
    if (in.max_buckets && *in.max_buckets > kMaxBucketsOnPage)
      co_return domain::invalid_argument(
          "Argument max-buckets must be an integer between 1 and 10000", "max-buckets",
          std::to_string(*in.max_buckets));
    CO_TRY(request.max_buckets, count_of(in.max_buckets, "max-buckets", kMaxBucketsOnPage, 1));
    CO_TRY(auto page, co_await buckets_.list(caller, std::move(request)));
    ListBucketsOutput out;
    for (domain::BucketSummary& found : page.buckets) {
      Bucket bucket;
      bucket.bucket_arn = domain::bucket_arn(found.name);
      bucket.name = std::move(found.name);
      bucket.creation_date = found.created;
      bucket.bucket_region = std::move(found.region);
      out.buckets.push_back(std::move(bucket));
    }
    out.owner = shown_owner(owners_, owners_.id_of(c.scope.account));
    out.prefix = in.prefix;
    if (!page.next_token.empty()) out.continuation_token = std::move(page.next_token);
    co_return out;
  }

  Task<CreateBucketOutput> create(const Context& c, CreateBucketRequest in) {
    CO_TRY(auto caller, admit(c));
    std::string constraint;
    domain::BucketWishes wishes;
    if (in.create_bucket_configuration) {
      constraint = in.create_bucket_configuration->location_constraint.value_or("");
      CO_TRY(wishes.tags, tags_at_creation(c, in.bucket, in.create_bucket_configuration->tags));
    }
    CO_TRY(wishes.acl, acl_of_headers(c, owners_));
    if (in.object_ownership) {
      wishes.ownership = domain::ownership_named(*in.object_ownership);
      if (!wishes.ownership)
        co_return domain::invalid_argument("Invalid x-amz-object-ownership header",
                                           "x-amz-object-ownership", *in.object_ownership);
    }
    CO_TRY(bool fresh,
           co_await buckets_.create(caller, in.bucket, std::move(constraint), std::move(wishes)));
    (void)fresh;  // where creating again is no error, it is not told from the first time
    CreateBucketOutput out;
    out.location = "/" + in.bucket;
    out.bucket_arn = domain::bucket_arn(in.bucket);
    co_return out;
  }

  Task<HeadBucketOutput> head(const Context& c, HeadBucketRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    HeadBucketOutput out;
    out.bucket_region = found->scope.region;
    out.bucket_arn = domain::bucket_arn(in.bucket);
    out.access_point_alias = false;
    co_return out;
  }

  Task<wire::Nothing> remove(const Context& c, DeleteBucketRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit removed, co_await buckets_.remove(caller, in.bucket));
    (void)removed;
    co_return wire::Nothing{};
  }

  Task<GetBucketLocationOutput> location(const Context& c, GetBucketLocationRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    GetBucketLocationOutput out;
    // The oldest region has no name here.
    if (found->scope.region != "us-east-1") out.location_constraint = found->scope.region;
    co_return out;
  }

  Task<GetBucketVersioningOutput> versioning(const Context& c, GetBucketVersioningRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    GetBucketVersioningOutput out;
    if (found->record.versioning == domain::Versioning::enabled) out.status = "Enabled";
    if (found->record.versioning == domain::Versioning::suspended) out.status = "Suspended";
    co_return out;
  }

  Task<wire::Nothing> set_versioning(const Context& c, PutBucketVersioningRequest in) {
    CO_TRY(auto caller, admit(c));
    // Models say that this needs a digest, and S3 takes it without: so clients send none.
    const VersioningConfiguration& given = in.versioning_configuration;
    if (given.mfa_delete && *given.mfa_delete == "Enabled")
      co_return Error{Fault::not_implemented, "This server does not know MFA devices."};
    if (!given.status)
      co_return Error{Fault::illegal_versioning, "The Versioning element must be specified"};
    if (*given.status != "Enabled" && *given.status != "Suspended")
      co_return domain::malformed_xml();
    const auto wanted =
        *given.status == "Enabled" ? domain::Versioning::enabled : domain::Versioning::suspended;
    CO_TRY(Unit set, co_await buckets_.set_versioning(caller, in.bucket, wanted));
    (void)set;
    co_return wire::Nothing{};
  }

  Task<NotificationConfiguration> notification(const Context& c,
                                               GetBucketNotificationConfigurationRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.notifications(caller, in.bucket));
    NotificationConfiguration out;
    for (const domain::NotificationEntry& entry : found.entries) {
      if (entry.kind == domain::DestinationKind::topic)
        out.topic_configurations.push_back(
            shown<TopicConfiguration>(entry, &TopicConfiguration::topic_arn));
      else if (entry.kind == domain::DestinationKind::queue)
        out.queue_configurations.push_back(
            shown<QueueConfiguration>(entry, &QueueConfiguration::queue_arn));
      else
        out.lambda_function_configurations.push_back(shown<LambdaFunctionConfiguration>(
            entry, &LambdaFunctionConfiguration::lambda_function_arn));
    }
    co_return out;
  }

  Task<wire::Nothing> set_notification(const Context& c,
                                       PutBucketNotificationConfigurationRequest in) {
    CO_TRY(auto caller, admit(c));
    auto configuration = configuration_of(in.notification_configuration);
    const bool skip = in.skip_destination_validation.value_or(false);
    CO_TRY(Unit set,
           co_await buckets_.set_notifications(caller, in.bucket, std::move(configuration),
                                               skip ? nullptr : destinations_));
    (void)set;
    co_return wire::Nothing{};
  }

 private:
  Result<domain::Tags> tags_at_creation(const Context& c, const std::string& bucket,
                                        std::vector<Tag>& given) const {
    if (given.empty()) return domain::Tags{};
    TRY(domain::Tags tags, tags_of(given, domain::Tagged::bucket));
    TRY(Unit valid, check_tags(tags, domain::Tagged::bucket));
    (void)valid;
    const Authorizer::Act act{"s3:TagResource", bucket, "", std::nullopt};
    if (authorizer_) {
      TRY(Unit may, authorizer_->check_new_bucket(c, act));
      (void)may;
    }
    return tags;
  }

  domain::Buckets& buckets_;
  const domain::Owners& owners_;
  domain::DestinationCheck* destinations_;
  const Authorizer* authorizer_;
};

}  // namespace

void mount_buckets(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<BucketApi>(parts);
  table.add(kListBuckets,
            [api](const Context& c, ListBucketsRequest in) { return api->list(c, std::move(in)); });
  table.add(kCreateBucket, [api](const Context& c, CreateBucketRequest in) {
    return api->create(c, std::move(in));
  });
  table.add(kHeadBucket,
            [api](const Context& c, HeadBucketRequest in) { return api->head(c, std::move(in)); });
  table.add(kDeleteBucket, [api](const Context& c, DeleteBucketRequest in) {
    return api->remove(c, std::move(in));
  });
  table.add(kGetBucketLocation, [api](const Context& c, GetBucketLocationRequest in) {
    return api->location(c, std::move(in));
  });
  table.add(kGetBucketVersioning, [api](const Context& c, GetBucketVersioningRequest in) {
    return api->versioning(c, std::move(in));
  });
  table.add(kPutBucketVersioning, [api](const Context& c, PutBucketVersioningRequest in) {
    return api->set_versioning(c, std::move(in));
  });
  table.add(kGetNotification,
            [api](const Context& c, GetBucketNotificationConfigurationRequest in) {
              return api->notification(c, std::move(in));
            });
  table.add(kPutNotification,
            [api](const Context& c, PutBucketNotificationConfigurationRequest in) {
              return api->set_notification(c, std::move(in));
            });
}

}  // namespace tidegate::api::s3
