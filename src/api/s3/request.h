// What the handlers of S3 share: who asks, and the meaning of the headers that several operations
// take. Pure. Errors: as each function says, always in S3's words.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/s3/common_shapes.h"
#include "base/result.h"
#include "s3/conditions.h"
#include "s3/content.h"
#include "s3/multipart.h"
#include "s3/objects.h"
#include "s3/types.h"
#include "wire/table.h"

namespace tidegate::api::s3 {

namespace domain = tidegate::s3;

// The caller, unless headers ask for what this server does not do (not_implemented).
Result<domain::Caller> admit(const wire::Context&);

// The header names an account (invalid_request), which is the owner where that is given
// (access_denied).
Status check_expected_owner(const wire::Context&, std::string_view header,
                            const std::optional<std::string>& owner);

// invalid_request, unless the request names a digest of its body.
Status require_digest(const wire::Context&);

// The content that the pipeline received. The checksum is the client's, or CRC64NVME.
domain::NewContent content_of(wire::ReceivedBody&);

// If-Match and If-None-Match of a write; not_implemented for what S3 does not take there.
Result<domain::WriteConditions> write_conditions(const std::optional<std::string>& if_match,
                                                 const std::optional<std::string>& if_none_match);

// "" for STANDARD; invalid_request ("InvalidStorageClass") for an unknown one.
Result<std::string> storage_class_of(const std::optional<std::string>&);
// Without "aws-chunked", which is the upload's framing and not the object's.
std::string stored_encoding(std::string_view content_encoding);
// x-amz-tagging: "a=1&b=2", form encoded. invalid_argument.
Result<domain::Tags> tags_of_header(const std::optional<std::string>&);
// The tags of a document, which may not name a key twice. invalid_tag.
Result<domain::Tags> tags_of(std::vector<Tag>& given, domain::Tagged what);
// The bucket of arn:PARTITION:s3:::NAME, "" of any other ARN.
std::string bucket_of_arn(std::string_view arn);
// The model's name of a checksum algorithm in capitals, "" when none. invalid_request.
Result<std::string> checksum_algorithm_of(const std::optional<std::string>&);

struct CopySource {
  std::string bucket, key;
  std::optional<std::string> version_id;
};
// "[/]bucket/key[?versionId=id]", percent-encoded. invalid_argument.
Result<CopySource> copy_source_of(std::string_view header);

// versionId= of the query: an empty one is invalid_argument.
Status check_version_id(const std::optional<std::string>&);

// A count from the query, within [least, most]: capped above, invalid_argument below.
Result<std::size_t> count_of(const std::optional<std::int32_t>& given, std::string_view name,
                             std::size_t most, std::int32_t least = 0);
// encoding-type: true for "url". invalid_argument for another.
Result<bool> url_encoding_of(const std::optional<std::string>&);
std::string url_encoded(const std::string& key, bool encode);

// An account as answers show it. S3 itself shows no names any more; declared ones are.
Owner shown_owner(const domain::Owners&, const std::string& canonical_id);

// The owners of a bucket's objects and uploads by what their records say. Keeps the last answer,
// because most have one and the same.
class OwnerView {
 public:
  OwnerView(const domain::Owners& owners, const domain::BucketRef& bucket)
      : owners_(owners), account_(bucket->scope.account) {}
  const Owner& of(const std::string& recorded_account);

 private:
  const domain::Owners& owners_;
  const std::string account_;
  std::optional<std::string> last_;
  Owner owner_;
};

// The version of what was found as headers show it; none in a bucket that never had versions.
std::optional<std::string> shown_version(const domain::Lookup&);
// The same of what was written: none unless the bucket keeps versions.
std::optional<std::string> version_header(const domain::PutResult&);
// x-amz-expiration: when a lifecycle rule ends this newest version, and which; none does: nothing.
std::optional<std::string> expiration_of(const domain::BucketState&, std::string_view key,
                                         const domain::ObjectRecord&);
std::string quoted(std::string_view etag);
// As the model's members name it: "FULL_OBJECT" or "COMPOSITE".
std::string checksum_type(const domain::ObjectChecksum&);
// A header's value: what is not ASCII goes out as RFC 2047 words.
std::string header_text(const std::string& value);

// What an object's headers say, from an input struct with the model's member names.
template <class Input>
Result<domain::ObjectMetadata> metadata_of(Input& in) {
  domain::ObjectMetadata metadata;
  metadata.content_type = in.content_type.value_or("");
  metadata.cache_control = in.cache_control.value_or("");
  metadata.content_disposition = in.content_disposition.value_or("");
  metadata.content_encoding = stored_encoding(in.content_encoding.value_or(""));
  metadata.content_language = in.content_language.value_or("");
  metadata.expires = in.expires.value_or("");
  metadata.website_redirect = in.website_redirect_location.value_or("");
  metadata.user = std::move(in.metadata);
  TRY(metadata.storage_class, storage_class_of(in.storage_class));
  return metadata;
}

// The conditions of a read, and of the source of a copy.
template <class Input>
domain::ReadConditions read_conditions(const Input& in) {
  return {in.if_match, in.if_none_match, in.if_modified_since, in.if_unmodified_since};
}
template <class Input>
domain::ReadConditions source_conditions(const Input& in) {
  return {in.copy_source_if_match, in.copy_source_if_none_match, in.copy_source_if_modified_since,
          in.copy_source_if_unmodified_since};
}

// Puts a checksum into the member of an output struct that bears its algorithm's name.
template <class Output>
void set_checksum(Output& out, const domain::ObjectChecksum& checksum) {
  if (checksum.algorithm == "CRC32")
    out.checksum_crc32 = checksum.value;
  else if (checksum.algorithm == "CRC32C")
    out.checksum_crc32c = checksum.value;
  else if (checksum.algorithm == "CRC64NVME")
    out.checksum_crc64nvme = checksum.value;
  else if (checksum.algorithm == "SHA1")
    out.checksum_sha1 = checksum.value;
  else if (checksum.algorithm == "SHA256")
    out.checksum_sha256 = checksum.value;
}
template <class Output>
void set_checksum_and_type(Output& out, const domain::ObjectChecksum& checksum) {
  if (checksum.algorithm.empty()) return;
  set_checksum(out, checksum);
  out.checksum_type = checksum_type(checksum);
}
// The checksums that an input struct names, by algorithm.
template <class Input>
std::map<std::string, std::string> checksums_of(const Input& in) {
  std::map<std::string, std::string> all;
  if (in.checksum_crc32) all["CRC32"] = *in.checksum_crc32;
  if (in.checksum_crc32c) all["CRC32C"] = *in.checksum_crc32c;
  if (in.checksum_crc64nvme) all["CRC64NVME"] = *in.checksum_crc64nvme;
  if (in.checksum_sha1) all["SHA1"] = *in.checksum_sha1;
  if (in.checksum_sha256) all["SHA256"] = *in.checksum_sha256;
  return all;
}

}  // namespace tidegate::api::s3
