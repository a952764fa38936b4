// ListObjects, ListObjectsV2 and ListObjectVersions.
#include <fmt/format.h>

#include "api/s3/groups.h"
#include "api/s3/listing_shapes.h"
#include "api/s3/request.h"
#include "base/bytes.h"
#include "s3/errors.h"
#include "s3/event_record.h"
#include "wire/codec.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr auto kListObjects = wire::operation<ListObjectsRequest, ListObjectsOutput>(
    "ListObjects", Method::get, "/{Bucket}", 200, "s3:ListBucket");
constexpr auto kListObjectsV2 = wire::operation<ListObjectsV2Request, ListObjectsV2Output>(
    "ListObjectsV2", Method::get, "/{Bucket}?list-type=2", 200, "s3:ListBucket");
constexpr auto kListObjectVersions =
    wire::operation<ListObjectVersionsRequest, ListObjectVersionsOutput>(
        "ListObjectVersions", Method::get, "/{Bucket}?versions", 200, "s3:ListBucketVersions");

std::string storage_class(const domain::ObjectRecord& record) {
  return record.metadata.storage_class.empty() ? "STANDARD" : record.metadata.storage_class;
}

// What all three kinds of list take and echo.
struct Page {
  std::string prefix, delimiter;
  std::size_t max_keys = domain::kMaxListKeys;
  bool encode = false;
};

template <class Input>
Result<Page> page_of(const Input& in) {
  Page page;
  page.prefix = in.prefix.value_or("");
  page.delimiter = in.delimiter.value_or("");
  TRY(page.max_keys, count_of(in.max_keys, "max-keys", domain::kMaxListKeys));
  TRY(page.encode, url_encoding_of(in.encoding_type));
  return page;
}

template <class Output>
void echo(Output& out, const Page& page, const std::string& bucket, bool truncated,
          const std::vector<std::string>& common_prefixes) {
  out.name = bucket;
  out.prefix = url_encoded(page.prefix, page.encode);
  if (!page.delimiter.empty()) out.delimiter = url_encoded(page.delimiter, page.encode);
  out.max_keys = static_cast<std::int32_t>(page.max_keys);
  out.is_truncated = truncated;
  if (page.encode) out.encoding_type = "url";
  for (const std::string& prefix : common_prefixes)
    out.common_prefixes.push_back({url_encoded(prefix, page.encode)});
}

std::vector<ListedObject> contents_of(const std::vector<domain::ListedObject>& found, bool encode,
                                      OwnerView* owners) {
  std::vector<ListedObject> contents;
  contents.reserve(found.size());
  for (const domain::ListedObject& object : found) {
    ListedObject entry;
    entry.key = url_encoded(object.key, encode);
    entry.last_modified = object.record.last_modified;
    entry.etag = quoted(object.record.etag);
    entry.size = static_cast<std::int64_t>(object.record.size);
    entry.storage_class = storage_class(object.record);
    if (!object.record.checksum.algorithm.empty()) {
      entry.checksum_algorithm.push_back(object.record.checksum.algorithm);
      entry.checksum_type = checksum_type(object.record.checksum);
    }
    if (owners) entry.owner = owners->of(object.record.owner);
    contents.push_back(std::move(entry));
  }
  return contents;
}

// The document of a page of versions. By hand, because versions and delete markers stand in it in
// one order, key by key, and the codec writes one list after the other.
class VersionDocument {
 public:
  VersionDocument(bool encode, OwnerView owners) : encode_(encode), owners_(std::move(owners)) {
    text_ =
        fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListVersionsResult xmlns=\"{}\">",
                    kNamespace);
  }
  void element(std::string_view name, std::string_view value) {
    open(name);
    wire::append_xml_text(text_, value);
    close(name);
  }
  void version(const domain::ListedVersion& entry) {
    const domain::ObjectRecord& record = entry.record;
    const std::string_view name = record.delete_marker ? "DeleteMarker" : "Version";
    open(name);
    element("Key", url_encoded(entry.key, encode_));
    element("VersionId", record.version_id.empty() ? domain::kNullVersion : record.version_id);
    element("IsLatest", entry.latest ? "true" : "false");
    element("LastModified", iso8601(record.last_modified));
    if (!record.delete_marker) {
      element("ETag", quoted(record.etag));
      if (!record.checksum.algorithm.empty()) {
        element("ChecksumAlgorithm", record.checksum.algorithm);
        element("ChecksumType", checksum_type(record.checksum));
      }
      element("Size", std::to_string(record.size));
      element("StorageClass", storage_class(record));
    }
    const Owner& owner = owners_.of(record.owner);
    open("Owner");
    if (owner.display_name) element("DisplayName", *owner.display_name);
    element("ID", *owner.id);
    close("Owner");
    close(name);
  }
  void common_prefix(const std::string& prefix) {
    open("CommonPrefixes");
    element("Prefix", url_encoded(prefix, encode_));
    close("CommonPrefixes");
  }
  std::string finish() {
    close("ListVersionsResult");
    return std::move(text_);
  }

 private:
  void open(std::string_view name) { text_.append("<").append(name).append(">"); }
  void close(std::string_view name) { text_.append("</").append(name).append(">"); }

  std::string text_;
  bool encode_;
  OwnerView owners_;
};

std::string document_of(const ListObjectVersionsOutput& out, const domain::VersionPage& found,
                        const Page& page, OwnerView owners) {
  VersionDocument document(page.encode, std::move(owners));
  document.element("Name", *out.name);
  document.element("Prefix", *out.prefix);
  document.element("KeyMarker", *out.key_marker);
  document.element("VersionIdMarker", *out.version_id_marker);
  if (out.next_key_marker) document.element("NextKeyMarker", *out.next_key_marker);
  if (out.next_version_id_marker)
    document.element("NextVersionIdMarker", *out.next_version_id_marker);
  document.element("MaxKeys", std::to_string(*out.max_keys));
  if (out.delimiter) document.element("Delimiter", *out.delimiter);
  if (out.encoding_type) document.element("EncodingType", *out.encoding_type);
  document.element("IsTruncated", *out.is_truncated ? "true" : "false");
  for (const domain::ListedVersion& entry : found.versions) document.version(entry);
  for (const std::string& prefix : found.common_prefixes) document.common_prefix(prefix);
  return document.finish();
}

class ListingApi {
 public:
  explicit ListingApi(const Parts& parts)
      : listing_(parts.service->listing), owners_(parts.service->owners) {}

  Task<ListObjectsOutput> objects(const Context& c, ListObjectsRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto page, page_of(in));
    CO_TRY(auto found, co_await list(caller, in.bucket, page, in.marker.value_or("")));
    ListObjectsOutput out;
    echo(out, page, in.bucket, found.truncated, found.common_prefixes);
    out.marker = url_encoded(in.marker.value_or(""), page.encode);
    if (found.truncated && !page.delimiter.empty())
      out.next_marker = url_encoded(found.last, page.encode);
    OwnerView owners(owners_, found.bucket);
    out.contents = contents_of(found.objects, page.encode, &owners);
    co_return out;
  }

  Task<wire::Reply<ListObjectsV2Output>> objects_v2(const Context& c, ListObjectsV2Request in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto page, page_of(in));
    std::string after = in.start_after.value_or("");
    if (in.continuation_token) {
      CO_TRY(after, token_text(*in.continuation_token));
    }
    CO_TRY(auto found, co_await list(caller, in.bucket, page, std::move(after)));
    ListObjectsV2Output out;
    echo(out, page, in.bucket, found.truncated, found.common_prefixes);
    out.key_count = static_cast<std::int32_t>(found.objects.size() + found.common_prefixes.size());
    out.continuation_token = in.continuation_token;
    if (found.truncated) out.next_continuation_token = to_base64url(found.last);
    if (in.start_after) out.start_after = url_encoded(*in.start_after, page.encode);
    OwnerView owners(owners_, found.bucket);
    out.contents =
        contents_of(found.objects, page.encode, in.fetch_owner.value_or(false) ? &owners : nullptr);
    wire::Extra extra;
    extra.headers.emplace_back("x-amz-bucket-region", found.bucket->scope.region);
    co_return wire::Reply<ListObjectsV2Output>(std::move(out), std::move(extra));
  }

  Task<wire::Reply<ListObjectVersionsOutput>> versions(const Context& c,
                                                       ListObjectVersionsRequest in) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(auto page, page_of(in));
    domain::ListVersionsRequest request;
    request.prefix = page.prefix;
    request.delimiter = page.delimiter;
    request.key_marker = in.key_marker.value_or("");
    request.version_id_marker = in.version_id_marker.value_or("");
    request.max_keys = page.max_keys;
    CO_TRY(auto found, co_await listing_.versions(caller, in.bucket, std::move(request)));
    ListObjectVersionsOutput out;
    echo(out, page, in.bucket, found.truncated, found.common_prefixes);
    out.key_marker = url_encoded(in.key_marker.value_or(""), page.encode);
    out.version_id_marker = in.version_id_marker.value_or("");
    if (found.truncated) {
      out.next_key_marker = url_encoded(found.next_key, page.encode);
      if (!found.next_version_id.empty()) out.next_version_id_marker = found.next_version_id;
    }
    wire::Extra extra;
    extra.body = http::Body(document_of(out, found, page, {owners_, found.bucket}));
    co_return wire::Reply<ListObjectVersionsOutput>(std::move(out), std::move(extra));
  }

 private:
  Task<domain::ListPage> list(const domain::Caller& caller, std::string bucket, const Page& page,
                              std::string after) {
    domain::ListRequest request;
    request.prefix = page.prefix;
    request.delimiter = page.delimiter;
    request.after = std::move(after);
    request.max_keys = page.max_keys;
    CO_TRY(auto found, co_await listing_.objects(caller, std::move(bucket), std::move(request)));
    co_return found;
  }

  static Result<std::string> token_text(const std::string& token) {
    auto text = from_base64url(token);
    if (!text || text->empty())
      return domain::invalid_argument("The continuation token provided is incorrect",
                                      "continuation-token", token);
    return std::move(*text);
  }

  domain::Listing& listing_;
  const domain::Owners& owners_;
};

}  // namespace

void mount_listing(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<ListingApi>(parts);
  table.add(kListObjects, [api](const Context& c, ListObjectsRequest in) {
    return api->objects(c, std::move(in));
  });
  table.add(kListObjectsV2, [api](const Context& c, ListObjectsV2Request in) {
    return api->objects_v2(c, std::move(in));
  });
  table.add(kListObjectVersions, [api](const Context& c, ListObjectVersionsRequest in) {
    return api->versions(c, std::move(in));
  });
}

}  // namespace tidegate::api::s3
