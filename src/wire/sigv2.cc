#include "wire/sigv2.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/bytes.h"

namespace tidegate::wire {
namespace {

// The query members that are signed, by bytes.
constexpr std::array<std::string_view, 33> kSigned = {
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
};

bool is_signed(std::string_view name) {
  return name == "versions" || name == "website" ||
         std::binary_search(kSigned.begin(), kSigned.end(), name);
}

std::string resource_of(const http::Request& request, const http::Query& query, const Claim& claim,
                        bool closing_slash) {
  std::string out;
  if (!claim.host_bucket.empty()) out = "/" + claim.host_bucket;
  out += request.path;
  if (closing_slash && out.rfind('/') == 0) out += '/';
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& member : query)
    if (is_signed(member.first)) members.push_back(member);
  std::sort(members.begin(), members.end());
  char separator = '?';
  for (const auto& [name, value] : members) {
    out.push_back(separator);
    separator = '&';
    out += name;
    if (!value.empty()) out.append("=").append(value);
  }
  return out;
}

}  // namespace

Result<std::optional<Claim>> read_version2(const http::Query& query) {
  const std::string* key = http::find(query, "AWSAccessKeyId");
  const std::string* signature = http::find(query, "Signature");
  const std::string* expires = http::find(query, "Expires");
  if (!key && !signature) return std::optional<Claim>();
  if (!key || !signature || !expires)
    return Error{Fault::access_denied,
                 "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
                 "parameters"};
  Claim claim;
  claim.version2 = claim.presigned = true;
  claim.access_key_id = *key;
  claim.signature = *signature;
  claim.region = "us-east-1";
  claim.service = "s3";
  claim.payload = PayloadKind::unsigned_;
  claim.payload_hash = "UNSIGNED-PAYLOAD";
  claim.timestamp = *expires;
  // An instant, where Version 4 has a time and a duration.
  claim.signed_at = instant_from_ms(0);
  const char* end = expires->data() + expires->size();
  const auto [at, error] = std::from_chars(expires->data(), end, claim.expires_s);
  constexpr std::uint64_t kLast = 253'402'300'799;  // the last second of the year 9999
  if (error != std::errc() || at != end || claim.expires_s > kLast)
    return Error{Fault::access_denied,
                 fmt::format("Invalid date (should be seconds since epoch): {}", *expires)};
  if (const std::string* token = http::find(query, "x-amz-security-token"))
    claim.session_token = *token;
  return std::optional<Claim>(std::move(claim));
}

std::string version2_string_to_sign(const http::Request& request, const http::Query& query,
                                    const Claim& claim, bool closing_slash) {
  // What a header says may also stand in the query: presigners move it there.
  auto either = [&](std::string_view name) {
    if (const std::string* found = http::find(query, name)) return *found;
    return std::string(request.header_or(name, ""));
  };
  std::map<std::string, std::string> amz;
  for (const http::Header& h : request.headers) {
    const std::string name = lower_ascii(h.name);
    if (!name.starts_with("x-amz-")) continue;
    std::string& value = amz[name];
    if (!value.empty()) value += ",";
    value += h.value;
  }
  for (const auto& [name, value] : query)
    if (name.starts_with("x-amz-")) amz[name] = value;
  std::string out = fmt::format("{}\n{}\n{}\n{}\n", http::to_string(request.method),
                                either("content-md5"), either("content-type"), claim.timestamp);
  for (const auto& [name, value] : amz) out.append(name).append(":").append(value).append("\n");
  return out + resource_of(request, query, claim, closing_slash);
}

std::string version2_sign(std::string_view secret, std::string_view text) {
  return sign_old_form(secret, text);  // the same keyed digest, of another text
}

}  // namespace tidegate::wire
