// Sub-resources that this server does not keep. Reading one gives the answer of a bucket where it
// was never configured, which clients ask for on their way (s3cmd info, terraform); taking one away
// or setting it to what holds anyway succeeds, and any other is refused, so that nobody believes a
// rule to hold that does not.
#include <fmt/format.h>

#include "api/s3/common_shapes.h"
#include "api/s3/groups.h"
#include "api/s3/request.h"
#include "api/s3/unconfigured_shapes.h"
#include "s3/errors.h"
#include "wire/xml_tree.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr auto bucket_read(std::string_view name, std::string_view uri, std::string_view action) {
  return wire::operation<BucketOnly, wire::Nothing>(name, Method::get, uri, 200, action);
}

// What is missing has a code of its own each.
struct Missing {
  wire::Operation<BucketOnly, wire::Nothing> operation;
  std::string_view code, message;
};
constexpr Missing kMissing[] = {
    {bucket_read("GetBucketWebsite", "/{Bucket}?website", "s3:GetBucketWebsite"),
     "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"},
    {bucket_read("GetBucketReplication", "/{Bucket}?replication", "s3:GetReplicationConfiguration"),
     "ReplicationConfigurationNotFoundError", "The replication configuration was not found"},
    {bucket_read("GetObjectLockConfiguration", "/{Bucket}?object-lock",
                 "s3:GetBucketObjectLockConfiguration"),
     "ObjectLockConfigurationNotFoundError",
     "Object Lock configuration does not exist for this bucket"},
};

// What has an answer where nothing was configured: the root element and what stands in it.
struct Default {
  wire::Operation<BucketOnly, wire::Nothing> operation;
  std::string_view root, inside;
};
constexpr Default kDefaults[] = {
    {bucket_read("GetBucketLogging", "/{Bucket}?logging", "s3:GetBucketLogging"),
     "BucketLoggingStatus", ""},
    {bucket_read("GetBucketRequestPayment", "/{Bucket}?requestPayment",
                 "s3:GetBucketRequestPayment"),
     "RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"},
    {bucket_read("GetBucketAccelerateConfiguration", "/{Bucket}?accelerate",
                 "s3:GetAccelerateConfiguration"),
     "AccelerateConfiguration", ""},
};

// Taking away what is not there.
constexpr wire::Operation<BucketOnly, wire::Nothing> kRemovals[] = {
    wire::operation<BucketOnly, wire::Nothing>("DeleteBucketWebsite", Method::delete_,
                                               "/{Bucket}?website", 204, "s3:DeleteBucketWebsite"),
    wire::operation<BucketOnly, wire::Nothing>("DeleteBucketReplication", Method::delete_,
                                               "/{Bucket}?replication", 204,
                                               "s3:PutReplicationConfiguration"),
};

constexpr auto kPutRequestPayment = wire::operation<PutRequestPaymentRequest, wire::Nothing>(
    "PutBucketRequestPayment", Method::put, "/{Bucket}?requestPayment", 200,
    "s3:PutBucketRequestPayment");
constexpr auto kPutLogging = wire::operation<PutLoggingRequest, wire::Nothing>(
    "PutBucketLogging", Method::put, "/{Bucket}?logging", 200, "s3:PutBucketLogging");

// No bucket has an object lock, and this is what AWS says of objects in such a bucket.
constexpr auto object_lock(std::string_view name, Method method, std::string_view uri,
                           std::string_view action) {
  return wire::operation<ObjectOnly, wire::Nothing>(name, method, uri, 200, action);
}
constexpr wire::Operation<ObjectOnly, wire::Nothing> kLocks[] = {
    object_lock("GetObjectRetention", Method::get, "/{Bucket}/{Key+}?retention",
                "s3:GetObjectRetention"),
    object_lock("PutObjectRetention", Method::put, "/{Bucket}/{Key+}?retention",
                "s3:PutObjectRetention"),
    object_lock("GetObjectLegalHold", Method::get, "/{Bucket}/{Key+}?legal-hold",
                "s3:GetObjectLegalHold"),
    object_lock("PutObjectLegalHold", Method::put, "/{Bucket}/{Key+}?legal-hold",
                "s3:PutObjectLegalHold"),
};

constexpr wire::Row refused(std::string_view name, Method method, std::string_view uri) {
  return wire::operation<wire::Nothing, wire::Nothing>(name, method, uri, 200, "").row;
}
constexpr wire::Row kRefused[] = {
    refused("PutBucketWebsite", Method::put, "/{Bucket}?website"),
    refused("PutBucketReplication", Method::put, "/{Bucket}?replication"),
    refused("PutBucketAccelerateConfiguration", Method::put, "/{Bucket}?accelerate"),
    refused("PutObjectLockConfiguration", Method::put, "/{Bucket}?object-lock"),
    refused("RestoreObject", Method::post, "/{Bucket}/{Key+}?restore"),
    refused("SelectObjectContent", Method::post, "/{Bucket}/{Key+}?select"),
    refused("GetObjectTorrent", Method::get, "/{Bucket}/{Key+}?torrent"),
    refused("RenameObject", Method::put, "/{Bucket}/{Key+}?renameObject"),
    refused("CreateSession", Method::get, "/{Bucket}?session"),
};

std::string document(std::string_view root, std::string_view inside) {
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{0} xmlns=\"{1}\">{2}</{0}>",
                     root, kNamespace, inside);
}

wire::Reply<wire::Nothing> reply_with(std::string body) {
  wire::Extra extra;
  extra.headers.emplace_back("Content-Type", "application/xml");
  extra.body = http::Body(std::move(body));
  return {wire::Nothing{}, std::move(extra)};
}

class UnconfiguredApi {
 public:
  explicit UnconfiguredApi(const Parts& parts) : buckets_(parts.service->buckets) {}

  Task<wire::Nothing> missing(const Context& c, BucketOnly in, const Missing& what) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    (void)found;
    co_return Error{Fault::not_found, std::string(what.message)}
        .with("Code", std::string(what.code))
        .with("BucketName", in.bucket);
  }

  Task<wire::Reply<wire::Nothing>> usual(const Context& c, BucketOnly in, const Default& what) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    (void)found;
    co_return reply_with(document(what.root, what.inside));
  }

  Task<wire::Nothing> nothing_to_remove(const Context& c, BucketOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    (void)found;
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> set_payer(const Context& c, PutRequestPaymentRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    (void)digested, (void)found;
    if (in.configuration.payer == "Requester")
      co_return Error{Fault::not_implemented, "Requesters do not pay on this server."};
    if (in.configuration.payer != "BucketOwner") co_return domain::malformed_xml();
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> set_logging(const Context& c, PutLoggingRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    (void)digested, (void)found;
    CO_TRY(auto document, wire::parse_xml(in.document));
    if (document.name != "BucketLoggingStatus") co_return domain::malformed_xml();
    if (document.child("LoggingEnabled"))
      co_return Error{Fault::not_implemented,
                      "Delivery of access logs is not implemented by this server."};
    co_return wire::Nothing{};
  }

  Task<wire::Nothing> no_lock(const Context& c, ObjectOnly in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto found, co_await buckets_.find(caller, in.bucket));
    (void)found;
    co_return Error{Fault::invalid_request, "Bucket is missing Object Lock Configuration"};
  }

 private:
  domain::Buckets& buckets_;
};

}  // namespace

void mount_unconfigured(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<UnconfiguredApi>(parts);
  for (const Missing& what : kMissing)
    table.add(what.operation, [api, &what](const Context& c, BucketOnly in) {
      return api->missing(c, std::move(in), what);
    });
  for (const Default& what : kDefaults)
    table.add(what.operation, [api, &what](const Context& c, BucketOnly in) {
      return api->usual(c, std::move(in), what);
    });
  for (const auto& operation : kRemovals)
    table.add(operation, [api](const Context& c, BucketOnly in) {
      return api->nothing_to_remove(c, std::move(in));
    });
  for (const auto& operation : kLocks)
    table.add(operation,
              [api](const Context& c, ObjectOnly in) { return api->no_lock(c, std::move(in)); });
  table.add(kPutRequestPayment, [api](const Context& c, PutRequestPaymentRequest in) {
    return api->set_payer(c, std::move(in));
  });
  table.add(kPutLogging, [api](const Context& c, PutLoggingRequest in) {
    return api->set_logging(c, std::move(in));
  });
  for (const wire::Row& row : kRefused) table.refuse(row);
}

}  // namespace tidegate::api::s3
