// GetObject, HeadObject and GetObjectAttributes.
#include <fmt/format.h>

#include <algorithm>

#include "api/s3/attributes_shapes.h"
#include "api/s3/groups.h"
#include "api/s3/object_shapes.h"
#include "api/s3/request.h"
#include "s3/errors.h"

namespace tidegate::api::s3 {
namespace {

using http::Method;
using wire::Context;

constexpr auto kGetObject = wire::operation<GetObjectRequest, GetObjectOutput>(
    "GetObject", Method::get, "/{Bucket}/{Key+}", 200, "s3:GetObject");
constexpr auto kHeadObject = wire::operation<HeadObjectRequest, HeadObjectOutput>(
    "HeadObject", Method::head, "/{Bucket}/{Key+}", 200, "s3:GetObject");
constexpr auto kGetObjectAttributes =
    wire::operation<GetObjectAttributesRequest, GetObjectAttributesOutput>(
        "GetObjectAttributes", Method::get, "/{Bucket}/{Key+}?attributes", 200,
        "s3:GetObjectAttributes");

// An object may be overwritten between finding its record and opening its bytes; it is then looked
// up again.
constexpr int kMaxAttempts = 16;
constexpr std::size_t kMaxPartsOnPage = 1000;

// A blob's reader as the network wants to see it.
class ReaderSource final : public http::ByteSource {
 public:
  explicit ReaderSource(std::shared_ptr<blob::Reader> reader) : reader_(std::move(reader)) {}
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) override {
    return reader_->read(offset, out, size);
  }

 private:
  std::shared_ptr<blob::Reader> reader_;
};

// Which bytes of the object an answer covers.
struct Window {
  std::uint64_t first = 0, length = 0;
  bool partial = false;  // 206
  std::optional<std::int32_t> parts_count;
  std::optional<std::string> part_checksum;  // of exactly these bytes, by the object's algorithm
};

http::Body body_of(domain::Content content, const Window& window) {
  if (auto* bytes = std::get_if<std::string>(&content)) {
    if (window.first == 0 && window.length == bytes->size()) return std::move(*bytes);
    return bytes->substr(window.first, window.length);
  }
  auto reader = std::get<std::shared_ptr<blob::Reader>>(std::move(content));
  return http::SourceBody{std::make_shared<ReaderSource>(std::move(reader)), window.first,
                          window.length};
}

std::string text_of(Window window, std::uint64_t size) {
  return fmt::format("bytes {}-{}/{}", window.first, window.first + window.length - 1, size);
}

Error hidden_by_marker(const domain::Lookup& found, const std::string& key) {
  return domain::no_such_key(key)
      .with("@x-amz-delete-marker", "true")
      .with("@x-amz-version-id", shown_version(found).value_or(std::string(domain::kNullVersion)));
}

Error is_marker(const domain::Lookup& found, const Context& c) {
  return Error{Fault::method_not_allowed,
               "The specified method is not allowed against this resource."}
      .with("Method", std::string(http::to_string(c.row->method)))
      .with("ResourceType", "DeleteMarker")
      .with("@x-amz-delete-marker", "true")
      .with("@Allow", "DELETE")
      .with("@Last-Modified", http_date(found.record->last_modified));
}

Error invalid_part(std::int32_t requested, std::size_t count) {
  return Error{Fault::invalid_range, "The requested partnumber is not satisfiable"}
      .with("Code", "InvalidPartNumber")
      .with("PartNumberRequested", std::to_string(requested))
      .with("ActualPartCount", std::to_string(count));
}

Result<Window> part_window(const domain::ObjectRecord& record, std::int32_t number,
                           const std::vector<domain::PartRecord>& parts) {
  if (number < 1 || number > static_cast<std::int32_t>(domain::kMaxPartNumber))
    return domain::invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                                    "partNumber", std::to_string(number));
  Window window;
  if (record.manifest_id.empty()) {
    if (number > 1) return invalid_part(number, 1);
    window.length = record.size;
    window.partial = record.size > 0;
    return window;
  }
  const auto index = static_cast<std::size_t>(number - 1);
  if (index >= parts.size()) return invalid_part(number, parts.size());
  for (std::size_t i = 0; i < index; ++i) window.first += parts[i].size;
  window.length = parts[index].size;
  window.partial = window.length > 0;
  window.parts_count = static_cast<std::int32_t>(parts.size());
  window.part_checksum = parts[index].checksum.value;
  return window;
}

Result<Window> range_window(const domain::ObjectRecord& record,
                            const std::optional<std::string>& header) {
  Window window;
  window.length = record.size;
  if (!header) return window;
  auto range = domain::parse_range(*header, record.size);
  if (!range.ok()) {
    Error error = std::move(range).error();
    error.fields.emplace_back("@Content-Range", fmt::format("bytes */{}", record.size));
    return error;
  }
  if (*range) {
    window.first = (*range)->first;
    window.length = (*range)->length;
    window.partial = true;
  }
  return window;
}

// The headers that GET and HEAD share.
template <class Output, class Input>
Output describe(const domain::Lookup& found, const std::string& key, const Input& in,
                const Window& window) {
  const domain::ObjectRecord& record = *found.record;
  const domain::ObjectMetadata& metadata = record.metadata;
  auto given = [](const std::string& text) {
    return text.empty() ? std::optional<std::string>() : std::optional<std::string>(text);
  };
  Output out;
  out.accept_ranges = "bytes";
  out.last_modified = record.last_modified;
  out.etag = quoted(record.etag);
  out.version_id = shown_version(found);
  if (found.latest) out.expiration = expiration_of(*found.bucket, key, record);
  out.content_type = metadata.content_type.empty() ? "binary/octet-stream" : metadata.content_type;
  out.cache_control = given(metadata.cache_control);
  out.content_disposition = given(metadata.content_disposition);
  out.content_encoding = given(metadata.content_encoding);
  out.content_language = given(metadata.content_language);
  out.expires = given(metadata.expires);
  if (in.response_content_type) out.content_type = in.response_content_type;
  if (in.response_cache_control) out.cache_control = in.response_cache_control;
  if (in.response_content_disposition) out.content_disposition = in.response_content_disposition;
  if (in.response_content_encoding) out.content_encoding = in.response_content_encoding;
  if (in.response_content_language) out.content_language = in.response_content_language;
  if (in.response_expires) out.expires = http_date(*in.response_expires);
  out.website_redirect_location = given(metadata.website_redirect);
  out.storage_class = given(metadata.storage_class);
  out.server_side_encryption = "AES256";
  for (const auto& [name, value] : metadata.user) out.metadata[name] = header_text(value);
  if (!record.tags.empty()) out.tag_count = static_cast<std::int32_t>(record.tags.size());
  out.parts_count = window.parts_count;
  if (window.partial) out.content_range = text_of(window, record.size);
  // A checksum of the whole says nothing about a part of it, and clients would compare.
  if (in.checksum_mode && http::equal_names(*in.checksum_mode, "ENABLED")) {
    domain::ObjectChecksum shown = record.checksum;
    if (window.part_checksum) shown.value = *window.part_checksum;
    if (window.part_checksum || window.length == record.size) set_checksum_and_type(out, shown);
  }
  return out;
}

// A header with a list comes as one text or as several.
std::vector<std::string> attribute_names(const std::vector<std::string>& given) {
  std::vector<std::string> names;
  for (std::string_view text : given) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(','), text.size());
      std::string name(text.substr(0, end));
      name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
      if (!name.empty()) names.push_back(std::move(name));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  return names;
}

class ReadApi {
 public:
  explicit ReadApi(const Parts& parts)
      : objects_(parts.service->objects), writer_(parts.service->writer) {}

  Task<wire::Reply<GetObjectOutput>> get(const Context& c, GetObjectRequest in) {
    for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
      CO_TRY(auto found, co_await locate(c, in.bucket, in.key, in.version_id));
      CO_TRY(auto window, co_await window_of(c, found, in));
      CO_TRY(auto content, co_await objects_.open_content(found));
      if (!content) continue;
      wire::Extra extra;
      if (window.partial) extra.status = 206;
      extra.body = body_of(std::move(*content), window);
      co_return wire::Reply<GetObjectOutput>(describe<GetObjectOutput>(found, in.key, in, window),
                                             std::move(extra));
    }
    co_return Error{Fault::internal, "the content of an object cannot be found"};
  }

  Task<wire::Reply<HeadObjectOutput>> head(const Context& c, HeadObjectRequest in) {
    CO_TRY(auto found, co_await locate(c, in.bucket, in.key, in.version_id));
    CO_TRY(auto window, co_await window_of(c, found, in));
    wire::Extra extra;
    if (window.partial) extra.status = 206;
    extra.head_length = window.length;
    co_return wire::Reply<HeadObjectOutput>(describe<HeadObjectOutput>(found, in.key, in, window),
                                            std::move(extra));
  }

  Task<GetObjectAttributesOutput> attributes(const Context& c, GetObjectAttributesRequest in) {
    constexpr std::string_view kKnown[] = {"ETag", "Checksum", "ObjectParts", "StorageClass",
                                           "ObjectSize"};
    const auto names = attribute_names(in.object_attributes);
    if (names.empty())
      co_return Error{Fault::invalid_request,
                      "The x-amz-object-attributes header specifying the attributes to be "
                      "retrieved is either missing or empty"};
    for (const std::string& name : names)
      if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
        co_return domain::invalid_argument("Invalid attribute name specified.",
                                           "x-amz-object-attributes", name);
    auto wanted = [&names](std::string_view name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    CO_TRY(auto found, co_await locate(c, in.bucket, in.key, in.version_id));
    const domain::ObjectRecord& record = *found.record;
    GetObjectAttributesOutput out;
    out.last_modified = record.last_modified;
    out.version_id = shown_version(found);
    if (wanted("ETag")) out.etag = record.etag;
    if (wanted("ObjectSize")) out.object_size = static_cast<std::int64_t>(record.size);
    if (wanted("StorageClass"))
      out.storage_class =
          record.metadata.storage_class.empty() ? "STANDARD" : record.metadata.storage_class;
    if (wanted("Checksum") && !record.checksum.algorithm.empty()) {
      domain::ObjectChecksum checksum = record.checksum;
      // Here, and only here, without the number of parts.
      if (checksum.composite) checksum.value = checksum.value.substr(0, checksum.value.find('-'));
      set_checksum_and_type(out.checksum.emplace(), checksum);
    }
    if (wanted("ObjectParts") && !record.manifest_id.empty()) {
      CO_TRY(out.object_parts, co_await parts_page(found, in));
    }
    co_return out;
  }

 private:
  // The object or version that is asked for, if it may be read.
  Task<domain::Lookup> locate(const Context& c, std::string bucket, std::string key,
                              std::optional<std::string> version_id) {
    CO_TRY(auto caller, admit(c));
    CO_TRY(Unit checked, check_version_id(version_id));
    (void)checked;
    CO_TRY(auto found, co_await objects_.lookup(caller, std::move(bucket), key, version_id));
    if (!found.record) {
      if (version_id) co_return domain::no_such_version(key, *version_id);
      co_return domain::no_such_key(key);
    }
    if (found.record->delete_marker) {
      if (version_id) co_return is_marker(found, c);
      co_return hidden_by_marker(found, key);
    }
    co_return found;
  }

  // Judges the conditions, then the range or part.
  template <class Input>
  Task<Window> window_of(const Context& c, const domain::Lookup& found, const Input& in) {
    (void)c;
    const domain::ObjectRecord& record = *found.record;
    Status met =
        domain::check_read(read_conditions(in), record.etag, record.last_modified, writer_.now());
    if (!met.ok()) {
      Error error = std::move(met).error();
      error.fields.emplace_back("@ETag", quoted(record.etag));
      error.fields.emplace_back("@Last-Modified", http_date(record.last_modified));
      co_return error;
    }
    if (!in.part_number) co_return range_window(record, in.range);
    if (in.range)
      co_return Error{Fault::invalid_request,
                      "Cannot specify both Range header and partNumber query parameter"};
    CO_TRY(auto parts, co_await objects_.parts(found));
    co_return part_window(record, *in.part_number, parts);
  }

  Task<std::optional<GetObjectAttributesParts>> parts_page(const domain::Lookup& found,
                                                           const GetObjectAttributesRequest& in) {
    CO_TRY(auto parts, co_await objects_.parts(found));
    CO_TRY(std::size_t most, count_of(in.max_parts, "max-parts", kMaxPartsOnPage));
    const std::int32_t after = in.part_number_marker.value_or(0);
    GetObjectAttributesParts page;
    page.total_parts_count = static_cast<std::int32_t>(parts.size());
    // Parts of other objects than composite ones have no checksum of their own to show.
    if (!found.record->checksum.composite) co_return page;
    page.part_number_marker = after;
    page.max_parts = static_cast<std::int32_t>(most);
    page.is_truncated = false;
    for (const domain::PartRecord& part : parts) {
      if (static_cast<std::int32_t>(part.number) <= after) continue;
      if (page.parts.size() == most) {
        page.is_truncated = true;
        break;
      }
      ObjectPart shown;
      shown.part_number = static_cast<std::int32_t>(part.number);
      shown.size = static_cast<std::int64_t>(part.size);
      set_checksum(shown, {found.record->checksum.algorithm, part.checksum.value, false});
      page.next_part_number_marker = shown.part_number;
      page.parts.push_back(std::move(shown));
    }
    co_return page;
  }

  domain::Objects& objects_;
  domain::Writer& writer_;
};

}  // namespace

void mount_object_reads(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<ReadApi>(parts);
  table.add(kGetObject,
            [api](const Context& c, GetObjectRequest in) { return api->get(c, std::move(in)); });
  table.add(kHeadObject,
            [api](const Context& c, HeadObjectRequest in) { return api->head(c, std::move(in)); });
  table.add(kGetObjectAttributes, [api](const Context& c, GetObjectAttributesRequest in) {
    return api->attributes(c, std::move(in));
  });
}

}  // namespace tidegate::api::s3
