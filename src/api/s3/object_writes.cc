// PutObject, CopyObject, DeleteObject and DeleteObjects.
#include <fmt/format.h>

#include <algorithm>

#include "api/errors/s3_errors.h"
#include "api/s3/acl_request.h"
#include "api/s3/groups.h"
#include "api/s3/object_shapes.h"
#include "api/s3/request.h"
#include "base/bytes.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr std::size_t kMaxDeleteDocument = 2 * 1024 * 1024;

constexpr auto kPutObject = wire::operation<PutObjectRequest, PutObjectOutput>(
                                "PutObject", Method::put, "/{Bucket}/{Key+}", 200, "s3:PutObject")
                                .mode(wire::BodyMode::received);
// Not in AWS's model: no SDK sends it, browsers do.
constexpr auto kPostObject = wire::operation<PutObjectRequest, PostObjectOutput>(
                                 "PostObject", Method::post, "/{Bucket}", 204, "s3:PutObject")
                                 .mode(wire::BodyMode::received);
constexpr auto kCopyObject = wire::operation<CopyObjectRequest, CopyObjectOutput>(
    "CopyObject", Method::put, "/{Bucket}/{Key+}", 200, "s3:PutObject");
constexpr auto kDeleteObject = wire::operation<DeleteObjectRequest, DeleteObjectOutput>(
    "DeleteObject", Method::delete_, "/{Bucket}/{Key+}", 204, "s3:DeleteObject");
constexpr auto kDeleteObjects =
    wire::operation<DeleteObjectsRequest, DeleteObjectsOutput>(
        "DeleteObjects", Method::post, "/{Bucket}?delete", 200, "s3:DeleteObject")
        .limit(kMaxDeleteDocument);

// COPY (or nothing) is false, REPLACE true.
Result<bool> replaces(const std::optional<std::string>& directive, std::string_view header,
                      std::string_view what) {
  if (!directive || *directive == "COPY") return false;
  if (*directive == "REPLACE") return true;
  return domain::invalid_argument("Unknown " + std::string(what) + " directive.",
                                  std::string(header), *directive);
}

Result<domain::CopyRequest> copy_request(CopyObjectRequest& in) {
  domain::CopyRequest request;
  TRY(auto source, copy_source_of(in.copy_source));
  request.source_bucket = std::move(source.bucket);
  request.source_key = std::move(source.key);
  request.source_version = std::move(source.version_id);
  request.source_conditions = source_conditions(in);
  TRY(request.conditions, write_conditions(in.if_match, in.if_none_match));
  TRY(request.checksum_algorithm, checksum_algorithm_of(in.checksum_algorithm));
  TRY(request.storage_class, storage_class_of(in.storage_class));
  TRY(bool new_metadata, replaces(in.metadata_directive, "x-amz-metadata-directive", "metadata"));
  if (new_metadata) {
    TRY(request.metadata, metadata_of(in));
  }
  TRY(bool new_tags, replaces(in.tagging_directive, "x-amz-tagging-directive", "tagging"));
  if (new_tags) {
    TRY(request.tags, tags_of_header(in.tagging));
  }
  request.bucket = std::move(in.bucket);
  request.key = std::move(in.key);
  return request;
}

DeletedObject deleted_entry(const domain::RemoveRequest& request,
                            const domain::RemoveResult& result) {
  DeletedObject entry;
  entry.key = request.key;
  entry.version_id = request.version_id;
  if (result.delete_marker) {
    entry.delete_marker = true;
    entry.delete_marker_version_id = result.version_id;
  }
  return entry;
}

DeleteError error_entry(const domain::RemoveRequest& request, const Error& error) {
  DeleteError entry;
  entry.key = request.key;
  entry.version_id = request.version_id;
  // A version id that was never issued fails its entry under this name, not the whole request.
  const bool bad_version = request.version_id && error.fault == Fault::invalid_argument;
  entry.code = std::string(s3_code(bad_version ? Fault::no_such_version : error.fault).code);
  entry.message = error.message;
  return entry;
}

class WriteApi {
 public:
  explicit WriteApi(const Parts& parts)
      : objects_(parts.service->objects),
        collector_(parts.service->collector),
        owners_(parts.service->owners),
        authorizer_(parts.authorizer) {}

  Task<PutObjectOutput> put(const Context& c, PutObjectRequest in) {
    CO_TRY(auto out, co_await store(c, std::move(in), domain::EventType::created_put));
    co_return out;
  }

  Task<wire::Reply<PostObjectOutput>> post(const Context& c, PutObjectRequest in) {
    const std::string bucket = in.bucket, key = in.key;
    CO_TRY(auto stored, co_await store(c, std::move(in), domain::EventType::created_post));
    PostObjectOutput out;
    out.bucket = bucket;
    out.key = key;
    out.etag = stored.etag;
    out.location = fmt::format("{}://{}/{}/{}", c.secure ? "https" : "http", c.host, bucket,
                               percent_encode(key, true));
    wire::Extra extra;
    extra.headers.emplace_back("ETag", *stored.etag);
    if (stored.version_id) extra.headers.emplace_back("x-amz-version-id", *stored.version_id);
    const std::string* status = c.header("success_action_status");
    const std::string* redirect = c.header("success_action_redirect");
    if (!redirect) redirect = c.header("redirect");
    if (redirect && (redirect->starts_with("http://") || redirect->starts_with("https://")) &&
        redirect->find_first_of("\r\n") == std::string::npos) {
      extra.status = 303;
      extra.headers.emplace_back(
          "Location",
          fmt::format("{}{}bucket={}&key={}&etag={}", *redirect,
                      redirect->find('?') == std::string::npos ? '?' : '&', percent_encode(bucket),
                      percent_encode(key), percent_encode(*stored.etag)));
    } else {
      extra.headers.emplace_back("Location", *out.location);
      if (status && (*status == "200" || *status == "201")) extra.status = std::stoi(*status);
    }
    if (extra.status.value_or(204) != 201) extra.body = http::Body(std::string());
    co_return wire::Reply<PostObjectOutput>(std::move(out), std::move(extra));
  }

  Task<PutObjectOutput> store(const Context& c, PutObjectRequest in, domain::EventType event) {
    auto content = content_of(*c.received);
    auto caller = admit(c);
    auto request = put_request(c, in);
    if (!caller.ok() || !request.ok()) {
      // What was received on the way here belongs to nobody.
      if (!content.blob_id.empty()) collector_.erase_blob(content.blob_id);
      if (!caller.ok()) co_return std::move(caller).error();
      co_return std::move(request).error();
    }
    request->content = std::move(content);
    request->event = event;
    const std::string key = request->key;
    CO_TRY(auto result, co_await objects_.put(*caller, std::move(*request)));
    PutObjectOutput out;
    out.etag = quoted(result.record.etag);
    out.version_id = version_header(result);
    out.expiration = expiration_of(*result.bucket, key, result.record);
    out.server_side_encryption = "AES256";
    set_checksum_and_type(out, result.record.checksum);
    co_return out;
  }

  Task<CopyObjectOutput> copy(const Context& c, CopyObjectRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto request, copy_request(in));
    CO_TRY(request.acl, acl_of_headers(c, owners_));
    const std::string key = request.key;
    CO_TRY(auto copied, co_await objects_.copy(caller, std::move(request)));
    const domain::ObjectRecord& record = copied.put.record;
    CopyObjectOutput out;
    CopyObjectResult& result = out.copy_object_result.emplace();
    result.etag = quoted(record.etag);
    result.last_modified = record.last_modified;
    set_checksum_and_type(result, record.checksum);
    out.copy_source_version_id = std::move(copied.source_version_id);
    out.version_id = version_header(copied.put);
    out.expiration = expiration_of(*copied.put.bucket, key, record);
    out.server_side_encryption = "AES256";
    co_return out;
  }

  Task<DeleteObjectOutput> remove(const Context& c, DeleteObjectRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit checked, check_version_id(in.version_id));
    (void)checked;
    for (std::string_view name : {"x-amz-if-match-size", "x-amz-if-match-last-modified-time"})
      if (c.header(name))
        co_return Error{Fault::not_implemented,
                        "A header you provided implies functionality that is not implemented"}
            .with("Header", std::string(name));
    domain::RemoveRequest request;
    request.key = std::move(in.key);
    request.version_id = std::move(in.version_id);
    request.if_match = std::move(in.if_match);
    CO_TRY(auto result, co_await objects_.remove(caller, in.bucket, std::move(request)));
    DeleteObjectOutput out;
    if (result.delete_marker) out.delete_marker = true;
    out.version_id = std::move(result.version_id);
    co_return out;
  }

  Task<DeleteObjectsOutput> remove_many(const Context& c, DeleteObjectsRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit digested, require_digest(c));
    (void)digested;
    if (in.document.objects.empty() || in.document.objects.size() > domain::kMaxRemovals)
      co_return domain::malformed_xml();
    std::vector<domain::RemoveRequest> requests;
    requests.reserve(in.document.objects.size());
    for (ObjectIdentifier& object : in.document.objects) {
      if (object.version_id && object.version_id->empty()) object.version_id.reset();
      requests.push_back(
          {std::move(object.key), std::move(object.version_id), std::move(object.etag)});
    }
    DeleteObjectsOutput out;
    CO_TRY(auto refused, co_await refuse_some(c, in.bucket, requests));
    for (auto& [request, error] : refused) out.errors.push_back(error_entry(request, error));
    CO_TRY(auto results, co_await objects_.remove_many(caller, in.bucket, requests));
    const bool quiet = in.document.quiet.value_or(false);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!results[i].ok())
        out.errors.push_back(error_entry(requests[i], results[i].error()));
      else if (!quiet)
        out.deleted.push_back(deleted_entry(requests[i], *results[i]));
    }
    co_return out;
  }

 private:
  using Refused = std::vector<std::pair<domain::RemoveRequest, Error>>;

  // Takes away those that the caller may not remove.
  Task<Refused> refuse_some(const Context& c, std::string bucket,
                            std::vector<domain::RemoveRequest>& requests) {
    Refused refused;
    if (!authorizer_) co_return refused;
    std::vector<domain::RemoveRequest> kept;
    for (domain::RemoveRequest& request : requests) {
      Authorizer::Act act;
      act.action = request.version_id ? "s3:DeleteObjectVersion" : "s3:DeleteObject";
      act.bucket = bucket;
      act.key = request.key;
      act.version_id = request.version_id;
      Status may = co_await authorizer_->check(c, std::move(act));
      if (may.ok())
        kept.push_back(std::move(request));
      else if (may.fault() == Fault::access_denied)
        refused.emplace_back(std::move(request), std::move(may).error());
      else
        co_return std::move(may).error();
    }
    requests = std::move(kept);
    co_return refused;
  }

  Result<domain::PutRequest> put_request(const Context& c, PutObjectRequest& in) const {
    domain::PutRequest request;
    TRY(request.acl, acl_of_headers(c, owners_));
    TRY(request.conditions, write_conditions(in.if_match, in.if_none_match));
    TRY(request.metadata, metadata_of(in));
    TRY(request.tags, tags_of_header(in.tagging));
    request.bucket = std::move(in.bucket);
    request.key = std::move(in.key);
    return request;
  }

  domain::Objects& objects_;
  domain::Collector& collector_;
  const domain::Owners& owners_;
  const Authorizer* authorizer_;
};

}  // namespace

void mount_object_writes(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<WriteApi>(parts);
  table.add(kPutObject,
            [api](const Context& c, PutObjectRequest in) { return api->put(c, std::move(in)); });
  table.add(kPostObject,
            [api](const Context& c, PutObjectRequest in) { return api->post(c, std::move(in)); });
  table.add(kCopyObject,
            [api](const Context& c, CopyObjectRequest in) { return api->copy(c, std::move(in)); });
  table.add(kDeleteObject, [api](const Context& c, DeleteObjectRequest in) {
    return api->remove(c, std::move(in));
  });
  table.add(kDeleteObjects, [api](const Context& c, DeleteObjectsRequest in) {
    return api->remove_many(c, std::move(in));
  });
}

}  // namespace tidegate::api::s3
