#include "api/s3/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/scope.h"
#include "http/message.h"
#include "s3/errors.h"
#include "wire/checksum.h"

namespace tidegate::api::s3 {
namespace {

constexpr std::string_view kStorageClasses[] = {
    "STANDARD",       "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
    "GLACIER",        "DEEP_ARCHIVE",       "OUTPOSTS",    "GLACIER_IR", "SNOW",
    "EXPRESS_ONEZONE"};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Error not_implemented(std::string_view header, std::string more = "") {
  Error error{Fault::not_implemented,
              "A header you provided implies functionality that is not implemented"};
  error.fields.emplace_back("Header", header);
  if (!more.empty()) error.fields.emplace_back("additionalMessage", std::move(more));
  return error;
}

Error refused_condition(std::string_view header) {
  return not_implemented(
      header, fmt::format("We don't accept the provided value of {} header for this API", header));
}

// Objects are encrypted by nobody. What says so is taken, what asks for more is refused: nobody
// shall believe to have it.
Status check_wishes(const wire::Context& c) {
  for (const auto& [name, value] : c.headers) {
    if (!name.starts_with("x-amz-")) continue;
    if (name == "x-amz-server-side-encryption" && value != "AES256") return not_implemented(name);
    if (name.starts_with("x-amz-server-side-encryption-customer-") ||
        name.starts_with("x-amz-copy-source-server-side-encryption-customer-") ||
        name.starts_with("x-amz-object-lock-") || name == "x-amz-bucket-object-lock-enabled") {
      if (value == "false" || value == "False") continue;
      return not_implemented(name);
    }
  }
  return done;
}

std::optional<std::string> form_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

Result<domain::Caller> admit(const wire::Context& c) {
  TRY(Unit wishes, check_wishes(c));
  (void)wishes;
  domain::Caller caller;
  caller.scope = c.scope;
  caller.admitted = c.authorised;
  if (c.principal) caller.principal_id = c.principal->id();
  caller.request_id = c.request_id;
  caller.host_id = c.host_id;
  caller.source_ip = c.source_ip;
  caller.depth = c.depth;
  caller.companion = c.companion;
  return caller;
}

Status check_expected_owner(const wire::Context& c, std::string_view header,
                            const std::optional<std::string>& owner) {
  const std::string* expected = c.header(header);
  if (!expected) return done;
  if (!is_account(*expected))
    return Error{Fault::invalid_request,
                 "The value of the expected bucket owner parameter must be an AWS account ID"}
        .with("Code", "InvalidBucketOwnerAWSAccountID");
  if (owner && *expected != *owner) return domain::access_denied();
  return done;
}

Status require_digest(const wire::Context& c) {
  for (const auto& [name, value] : c.headers)
    if (name == "content-md5" || name == "x-amz-trailer" || name.starts_with("x-amz-checksum-"))
      return done;
  return Error{Fault::invalid_request,
               "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"};
}

domain::NewContent content_of(wire::ReceivedBody& body) {
  domain::NewContent content;
  content.inline_bytes = std::move(body.inline_bytes);
  content.blob_id = std::move(body.blob_id);
  content.size = body.size;
  content.md5 = body.md5;
  content.checksum.algorithm = body.checksum_algorithm;
  content.checksum.value = body.checksum_value;
  if (content.checksum.algorithm.empty()) {
    content.checksum.algorithm = "CRC64NVME";
    content.checksum.value = wire::checksum_text(body.crc64nvme);
  }
  return content;
}

Result<domain::WriteConditions> write_conditions(const std::optional<std::string>& if_match,
                                                 const std::optional<std::string>& if_none_match) {
  domain::WriteConditions conditions;
  if (if_match && if_none_match)
    return not_implemented("If-Match,If-None-Match",
                           "Multiple conditional request headers present in the request");
  if (if_none_match) {
    if (trim(*if_none_match) != "*") return refused_condition("If-None-Match");
    conditions.if_none_match = true;
  }
  if (if_match) {
    if (trim(*if_match) == "*") return refused_condition("If-Match");
    conditions.if_match = *if_match;
  }
  return conditions;
}

Result<std::string> storage_class_of(const std::optional<std::string>& given) {
  if (!given || *given == "STANDARD") return std::string();
  if (std::find(std::begin(kStorageClasses), std::end(kStorageClasses), *given) ==
      std::end(kStorageClasses))
    return Error{Fault::invalid_request, "The storage class you specified is not valid"}
        .with("Code", "InvalidStorageClass")
        .with("StorageClassRequested", *given);
  return *given;
}

std::string stored_encoding(std::string_view text) {
  if (lower_ascii(text).find("aws-chunked") == std::string::npos) return std::string(text);
  std::string kept;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view one = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty() || http::equal_names(one, "aws-chunked")) continue;
    if (!kept.empty()) kept.push_back(',');
    kept.append(one);
  }
  return kept;
}

Result<domain::Tags> tags_of_header(const std::optional<std::string>& header) {
  domain::Tags tags;
  if (!header) return tags;
  const Error bad = domain::invalid_argument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
      "without tag name duplicates.",
      "x-amz-tagging", *header);
  std::string_view text = *header;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty()) continue;
    const std::size_t equals = std::min(one.find('='), one.size());
    auto key = form_decode(one.substr(0, equals));
    auto value = form_decode(one.substr(std::min(equals + 1, one.size())));
    if (!key || !value || key->empty() || !valid_utf8(*key) || !valid_utf8(*value)) return bad;
    if (!tags.emplace(std::move(*key), std::move(*value)).second) return bad;
  }
  TRY(Unit counted, domain::check_tag_count(tags.size(), domain::Tagged::object));
  (void)counted;
  return tags;
}

Result<domain::Tags> tags_of(std::vector<Tag>& given, domain::Tagged what) {
  TRY(Unit counted, domain::check_tag_count(given.size(), what));
  (void)counted;
  domain::Tags tags;
  for (Tag& tag : given) {
    auto [at, fresh] = tags.emplace(std::move(tag.key), std::move(tag.value));
    if (!fresh)
      return Error{Fault::invalid_tag, "Cannot provide multiple Tags with the same key"}.with(
          "TagKey", at->first);
  }
  return tags;
}

Result<std::string> checksum_algorithm_of(const std::optional<std::string>& given) {
  if (!given) return std::string();
  auto known = wire::checksum_named(*given);
  if (!known)
    return Error{Fault::invalid_request,
                 "Checksum algorithm provided is unsupported. Please try again with any of the "
                 "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"};
  return std::string(wire::name_of(*known));
}

Result<CopySource> copy_source_of(std::string_view header) {
  const Error bad = domain::invalid_argument(
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      "x-amz-copy-source", header);
  constexpr std::string_view kVersion = "?versionId=";
  CopySource source;
  const std::size_t question = header.rfind(kVersion);
  if (question != std::string_view::npos) {
    auto version = percent_decode(header.substr(question + kVersion.size()));
    if (!version || version->empty()) return bad;
    source.version_id = std::move(*version);
    header = header.substr(0, question);
  }
  auto path = percent_decode(header);
  if (!path) return bad;
  if (path->starts_with('/')) path->erase(0, 1);
  const std::size_t slash = path->find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == path->size()) return bad;
  source.bucket = path->substr(0, slash);
  source.key = path->substr(slash + 1);
  return source;
}

Status check_version_id(const std::optional<std::string>& version_id) {
  if (!version_id || !version_id->empty()) return done;
  return domain::invalid_argument("Version id cannot be the empty string", "versionId", "");
}

Result<std::size_t> count_of(const std::optional<std::int32_t>& given, std::string_view name,
                             std::size_t most, std::int32_t least) {
  if (!given) return most;
  if (*given < least)
    return domain::invalid_argument(
        *given < 0
            ? fmt::format("Argument {} must be an integer between 0 and 2147483647", name)
            : fmt::format("Argument {} must be an integer between {} and {}", name, least, most),
        std::string(name), std::to_string(*given));
  return std::min(most, static_cast<std::size_t>(*given));
}

Result<bool> url_encoding_of(const std::optional<std::string>& given) {
  if (!given) return false;
  if (*given == "url") return true;
  return domain::invalid_argument("Invalid Encoding Method specified in Request", "encoding-type",
                                  *given);
}

std::string url_encoded(const std::string& key, bool encode) {
  return encode ? percent_encode(key, true) : key;
}

Owner shown_owner(const domain::Owners& owners, const std::string& canonical_id) {
  return {owners.display_name_of(canonical_id), canonical_id};
}

const Owner& OwnerView::of(const std::string& recorded_account) {
  if (last_ != recorded_account) {
    last_ = recorded_account;
    owner_ = shown_owner(owners_, owners_.id_of(domain::owner_of(recorded_account, account_)));
  }
  return owner_;
}

std::optional<std::string> shown_version(const domain::Lookup& found) {
  if (found.bucket->record.versioning == domain::Versioning::never_set) return std::nullopt;
  const std::string& id = found.record->version_id;
  return id.empty() ? std::string(domain::kNullVersion) : id;
}

std::optional<std::string> version_header(const domain::PutResult& result) {
  if (!result.versioned) return std::nullopt;
  return result.record.version_id;
}

std::optional<std::string> expiration_of(const domain::BucketState& bucket, std::string_view key,
                                         const domain::ObjectRecord& record) {
  if (!bucket.lifecycle) return std::nullopt;
  const auto expiry = bucket.lifecycle->current(key, record);
  if (!expiry) return std::nullopt;
  return fmt::format("expiry-date=\"{}\", rule-id=\"{}\"", http_date(expiry->when),
                     percent_encode(expiry->rule_id));
}

std::string bucket_of_arn(std::string_view arn) {
  constexpr std::string_view kBehindPartition = ":s3:::";
  const std::size_t at = arn.find(kBehindPartition);
  if (!arn.starts_with("arn:") || at == std::string_view::npos || arn.find(':', 4) != at) return "";
  const std::string_view name = arn.substr(at + kBehindPartition.size());
  return name.find('/') == std::string_view::npos ? std::string(name) : "";
}

std::string quoted(std::string_view etag) {
  return fmt::format("\"{}\"", etag);
}

std::string checksum_type(const domain::ObjectChecksum& checksum) {
  return checksum.composite ? "COMPOSITE" : "FULL_OBJECT";
}

std::string header_text(const std::string& value) {
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && static_cast<unsigned char>(c) >= 0x20;
  });
  return plain ? value : fmt::format("=?UTF-8?B?{}?=", to_base64(value));
}

}  // namespace tidegate::api::s3
