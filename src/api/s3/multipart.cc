// Multipart uploads.
#include <fmt/format.h>

#include "api/s3/acl_request.h"
#include "api/s3/groups.h"
#include "api/s3/multipart_shapes.h"
#include "api/s3/request.h"
#include "base/bytes.h"
#include "s3/errors.h"
#include "s3/event_record.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

// 10 000 parts with their ETags and checksums.
constexpr std::size_t kMaxCompleteDocument = 4 * 1024 * 1024;
constexpr std::size_t kMaxPartsOnPage = 1000;

constexpr auto kCreate = wire::operation<CreateMultipartUploadRequest, CreateMultipartUploadOutput>(
    "CreateMultipartUpload", Method::post, "/{Bucket}/{Key+}?uploads", 200, "s3:PutObject");
constexpr auto kUploadPart = wire::operation<UploadPartRequest, UploadPartOutput>(
                                 "UploadPart", Method::put, "/{Bucket}/{Key+}", 200, "s3:PutObject")
                                 .mode(wire::BodyMode::received);
constexpr auto kUploadPartCopy = wire::operation<UploadPartCopyRequest, UploadPartCopyOutput>(
    "UploadPartCopy", Method::put, "/{Bucket}/{Key+}", 200, "s3:PutObject");
constexpr auto kComplete =
    wire::operation<CompleteMultipartUploadRequest, CompleteMultipartUploadOutput>(
        "CompleteMultipartUpload", Method::post, "/{Bucket}/{Key+}", 200, "s3:PutObject")
        .limit(kMaxCompleteDocument);
constexpr auto kAbort = wire::operation<AbortMultipartUploadRequest, AbortMultipartUploadOutput>(
    "AbortMultipartUpload", Method::delete_, "/{Bucket}/{Key+}", 204, "s3:AbortMultipartUpload");
constexpr auto kListParts = wire::operation<ListPartsRequest, ListPartsOutput>(
    "ListParts", Method::get, "/{Bucket}/{Key+}", 200, "s3:ListMultipartUploadParts");
constexpr auto kListUploads =
    wire::operation<ListMultipartUploadsRequest, ListMultipartUploadsOutput>(
        "ListMultipartUploads", Method::get, "/{Bucket}?uploads", 200,
        "s3:ListBucketMultipartUploads");

Initiator initiator_of(const Owner& account) {
  return {account.id, account.display_name};
}

std::string storage_class(const domain::UploadRecord& upload) {
  return upload.metadata.storage_class.empty() ? "STANDARD" : upload.metadata.storage_class;
}

std::optional<std::string> algorithm_of(const domain::UploadRecord& upload) {
  if (upload.checksum_algorithm.empty()) return std::nullopt;
  return upload.checksum_algorithm;
}

std::optional<std::string> type_of(const domain::UploadRecord& upload) {
  if (upload.checksum_algorithm.empty()) return std::nullopt;
  return upload.composite ? "COMPOSITE" : "FULL_OBJECT";
}

Result<domain::CompleteRequest> complete_request(CompleteMultipartUploadRequest& in) {
  domain::CompleteRequest request;
  TRY(request.conditions, write_conditions(in.if_match, in.if_none_match));
  if (in.multipart_upload) {
    for (CompletedPart& part : in.multipart_upload->parts) {
      domain::CompletedPart wanted;
      if (!part.part_number) return domain::malformed_xml();
      wanted.number = *part.part_number;
      wanted.etag = part.etag.value_or("");
      wanted.checksums = checksums_of(part);
      request.parts.push_back(std::move(wanted));
    }
  }
  if (in.mpu_object_size) {
    if (*in.mpu_object_size < 0)
      return Error{Fault::invalid_request, "Value for x-amz-mp-object-size header is invalid."};
    request.object_size = static_cast<std::uint64_t>(*in.mpu_object_size);
  }
  auto whole = checksums_of(in);
  if (whole.size() > 1)
    return Error{
        Fault::invalid_request,
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."};
  if (!whole.empty()) {
    request.checksum.algorithm = whole.begin()->first;
    request.checksum.value = whole.begin()->second;
  }
  request.bucket = std::move(in.bucket);
  request.key = std::move(in.key);
  request.upload_id = std::move(in.upload_id);
  return request;
}

// When a lifecycle rule aborts the upload, and which.
template <class Output>
void set_abort(Output& out, const domain::BucketState& bucket, const domain::UploadRecord& upload) {
  if (!bucket.lifecycle) return;
  auto expiry = bucket.lifecycle->upload(upload.key, upload.initiated);
  if (!expiry) return;
  out.abort_date = expiry->when;
  out.abort_rule_id = percent_encode(expiry->rule_id);
}

class MultipartApi {
 public:
  explicit MultipartApi(const Parts& parts)
      : multipart_(parts.service->multipart),
        buckets_(parts.service->buckets),
        listing_(parts.service->listing),
        collector_(parts.service->collector),
        owners_(parts.service->owners) {}

  Task<CreateMultipartUploadOutput> create(const Context& c, CreateMultipartUploadRequest in) {
    CO_TRY(auto caller, admit(c));
    domain::CreateUploadRequest request;
    CO_TRY(request.metadata, metadata_of(in));
    CO_TRY(request.tags, tags_of_header(in.tagging));
    CO_TRY(request.checksum_algorithm, checksum_algorithm_of(in.checksum_algorithm));
    request.checksum_type = std::move(in.checksum_type);
    CO_TRY(request.acl, acl_of_headers(c, owners_));
    request.bucket = std::move(in.bucket);
    request.key = std::move(in.key);
    CO_TRY(auto upload, co_await multipart_.create(caller, std::move(request)));
    CO_TRY(auto bucket, co_await buckets_.find(caller, upload.bucket));
    CreateMultipartUploadOutput out;
    set_abort(out, *bucket, upload);
    out.bucket = upload.bucket;
    out.key = upload.key;
    out.upload_id = upload.upload_id;
    out.server_side_encryption = "AES256";
    out.checksum_algorithm = algorithm_of(upload);
    out.checksum_type = type_of(upload);
    co_return out;
  }

  Task<UploadPartOutput> upload_part(const Context& c, UploadPartRequest in) {
    auto content = content_of(*c.received);
    auto caller = admit(c);
    if (!caller.ok()) {
      if (!content.blob_id.empty()) collector_.erase_blob(content.blob_id);
      co_return std::move(caller).error();
    }
    domain::UploadPartRequest request;
    request.bucket = std::move(in.bucket);
    request.key = std::move(in.key);
    request.upload_id = std::move(in.upload_id);
    request.part_number = in.part_number;
    request.content = std::move(content);
    CO_TRY(auto part, co_await multipart_.upload_part(*caller, std::move(request)));
    UploadPartOutput out;
    out.etag = quoted(part.etag);
    out.server_side_encryption = "AES256";
    set_checksum(out, part.checksum);
    co_return out;
  }

  Task<UploadPartCopyOutput> upload_part_copy(const Context& c, UploadPartCopyRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto source, copy_source_of(in.copy_source));
    domain::UploadPartCopyRequest request;
    request.source_bucket = std::move(source.bucket);
    request.source_key = std::move(source.key);
    request.source_version = std::move(source.version_id);
    request.source_conditions = source_conditions(in);
    request.range = std::move(in.copy_source_range);
    request.bucket = std::move(in.bucket);
    request.key = std::move(in.key);
    request.upload_id = std::move(in.upload_id);
    request.part_number = in.part_number;
    CO_TRY(auto copied, co_await multipart_.upload_part_copy(caller, std::move(request)));
    UploadPartCopyOutput out;
    CopyPartResult& result = out.copy_part_result.emplace();
    result.etag = quoted(copied.first.etag);
    result.last_modified = copied.first.last_modified;
    set_checksum(result, copied.first.checksum);
    out.copy_source_version_id = std::move(copied.second);
    out.server_side_encryption = "AES256";
    co_return out;
  }

  Task<CompleteMultipartUploadOutput> complete(const Context& c,
                                               CompleteMultipartUploadRequest in) {
    CO_TRY(auto caller, admit(c));
    CompleteMultipartUploadOutput out;
    out.location = fmt::format("{}://{}/{}/{}", c.secure ? "https" : "http", c.host, in.bucket,
                               percent_encode(in.key, true));
    out.bucket = in.bucket;
    out.key = in.key;
    CO_TRY(auto request, complete_request(in));
    CO_TRY(auto result, co_await multipart_.complete(caller, std::move(request)));
    out.etag = quoted(result.record.etag);
    out.version_id = version_header(result);
    out.expiration = expiration_of(*result.bucket, *out.key, result.record);
    out.server_side_encryption = "AES256";
    set_checksum_and_type(out, result.record.checksum);
    co_return out;
  }

  Task<AbortMultipartUploadOutput> abort(const Context& c, AbortMultipartUploadRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit gone, co_await multipart_.abort(caller, in.bucket, in.key, in.upload_id));
    (void)gone;
    co_return AbortMultipartUploadOutput{};
  }

  Task<ListPartsOutput> parts(const Context& c, ListPartsRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(std::size_t most, count_of(in.max_parts, "max-parts", kMaxPartsOnPage));
    const std::int32_t after = in.part_number_marker.value_or(0);
    if (after < 0)
      co_return domain::invalid_argument(
          "Argument part-number-marker must be an integer between 0 and 2147483647",
          "part-number-marker", std::to_string(after));
    CO_TRY(auto page, co_await multipart_.parts(caller, in.bucket, in.key, in.upload_id,
                                                static_cast<std::uint32_t>(after), most));
    ListPartsOutput out;
    out.bucket = std::move(in.bucket);
    out.key = std::move(in.key);
    out.upload_id = std::move(in.upload_id);
    out.part_number_marker = after;
    out.max_parts = static_cast<std::int32_t>(most);
    out.is_truncated = page.truncated;
    set_abort(out, *page.bucket, page.upload);
    out.next_part_number_marker =
        page.parts.empty() ? 0 : static_cast<std::int32_t>(page.parts.back().number);
    for (const domain::PartRecord& part : page.parts) {
      ListedPart entry;
      entry.part_number = static_cast<std::int32_t>(part.number);
      entry.last_modified = part.last_modified;
      entry.etag = quoted(part.etag);
      entry.size = static_cast<std::int64_t>(part.size);
      set_checksum(entry, part.checksum);
      out.parts.push_back(std::move(entry));
    }
    OwnerView owners(owners_, page.bucket);
    out.owner = owners.of(page.upload.owner);
    out.initiator = initiator_of(owners.of(page.upload.initiator));
    out.storage_class = storage_class(page.upload);
    out.checksum_algorithm = algorithm_of(page.upload);
    out.checksum_type = type_of(page.upload);
    co_return out;
  }

  Task<ListMultipartUploadsOutput> uploads(const Context& c, ListMultipartUploadsRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(bool encode, url_encoding_of(in.encoding_type));
    domain::ListUploadsRequest request;
    CO_TRY(request.max_uploads, count_of(in.max_uploads, "max-uploads", domain::kMaxListKeys));
    request.prefix = in.prefix.value_or("");
    request.delimiter = in.delimiter.value_or("");
    request.key_marker = in.key_marker.value_or("");
    request.upload_id_marker = in.upload_id_marker.value_or("");
    ListMultipartUploadsOutput out;
    out.bucket = in.bucket;
    out.prefix = url_encoded(request.prefix, encode);
    out.key_marker = url_encoded(request.key_marker, encode);
    out.upload_id_marker = request.upload_id_marker;
    out.max_uploads = static_cast<std::int32_t>(request.max_uploads);
    if (!request.delimiter.empty()) out.delimiter = url_encoded(request.delimiter, encode);
    if (encode) out.encoding_type = "url";
    CO_TRY(auto page, co_await listing_.uploads(caller, in.bucket, std::move(request)));
    out.is_truncated = page.truncated;
    if (page.truncated) {
      out.next_key_marker = url_encoded(page.next_key, encode);
      out.next_upload_id_marker = page.next_upload_id;
    }
    OwnerView owners(owners_, page.bucket);
    for (const domain::UploadRecord& upload : page.uploads) {
      MultipartUpload entry;
      entry.upload_id = upload.upload_id;
      entry.key = url_encoded(upload.key, encode);
      entry.initiated = upload.initiated;
      entry.storage_class = storage_class(upload);
      entry.owner = owners.of(upload.owner);
      entry.initiator = initiator_of(owners.of(upload.initiator));
      entry.checksum_algorithm = algorithm_of(upload);
      entry.checksum_type = type_of(upload);
      out.uploads.push_back(std::move(entry));
    }
    for (const std::string& prefix : page.common_prefixes)
      out.common_prefixes.push_back({url_encoded(prefix, encode)});
    co_return out;
  }

 private:
  domain::Multipart& multipart_;
  domain::Buckets& buckets_;
  domain::Listing& listing_;
  domain::Collector& collector_;
  const domain::Owners& owners_;
};

}  // namespace

void mount_multipart(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<MultipartApi>(parts);
  table.add(kCreate, [api](const Context& c, CreateMultipartUploadRequest in) {
    return api->create(c, std::move(in));
  });
  table.add(kUploadPart, [api](const Context& c, UploadPartRequest in) {
    return api->upload_part(c, std::move(in));
  });
  table.add(kUploadPartCopy, [api](const Context& c, UploadPartCopyRequest in) {
    return api->upload_part_copy(c, std::move(in));
  });
  table.add(kComplete, [api](const Context& c, CompleteMultipartUploadRequest in) {
    return api->complete(c, std::move(in));
  });
  table.add(kAbort, [api](const Context& c, AbortMultipartUploadRequest in) {
    return api->abort(c, std::move(in));
  });
  table.add(kListParts,
            [api](const Context& c, ListPartsRequest in) { return api->parts(c, std::move(in)); });
  table.add(kListUploads, [api](const Context& c, ListMultipartUploadsRequest in) {
    return api->uploads(c, std::move(in));
  });
}

}  // namespace tidegate::api::s3
