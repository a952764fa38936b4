#include "wire/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/digest.h"
#include "wire/sigv2.h"

namespace tidegate::wire {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Error malformed(std::string why) {
  return Error{Fault::malformed_signature, std::move(why)};
}

PayloadKind payload_kind(std::string_view value) {
  if (value == "UNSIGNED-PAYLOAD") return PayloadKind::unsigned_;
  if (value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return PayloadKind::streaming_signed;
  if (value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
    return PayloadKind::streaming_signed_trailer;
  if (value == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return PayloadKind::streaming_unsigned_trailer;
  return PayloadKind::hex;
}

Status read_credential(std::string_view text, Claim& claim) {
  // The access key may hold slashes in theory; the scope's four parts are taken from the end.
  std::array<std::string_view, 4> parts;
  for (int i = 3; i >= 0; --i) {
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos)
      return malformed("the credential must hold key/date/region/service/aws4_request");
    parts[static_cast<std::size_t>(i)] = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  const bool date_ok =
      parts[0].size() == 8 && parts[0].find_first_not_of("0123456789") == std::string_view::npos;
  if (text.empty() || !date_ok || parts[1].empty() || parts[2].empty() ||
      parts[3] != "aws4_request")
    return malformed("the credential must hold key/date/region/service/aws4_request");
  claim.access_key_id = text;
  claim.date = parts[0];
  claim.region = parts[1];
  claim.service = parts[2];
  return done;
}

Status read_authorization(std::string_view text, Claim& claim) {
  text.remove_prefix(kAlgorithm.size());
  std::string_view credential;
  while (!(text = trim(text)).empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      return malformed("a part of the Authorization header has no value");
    const std::string_view name = part.substr(0, equals), value = part.substr(equals + 1);
    if (name == "Credential")
      credential = value;
    else if (name == "SignedHeaders")
      claim.signed_headers = value;
    else if (name == "Signature")
      claim.signature = value;
  }
  if (credential.empty() || claim.signed_headers.empty() || claim.signature.empty())
    return malformed("the Authorization header must hold Credential, SignedHeaders and Signature");
  return read_credential(credential, claim);
}

Status read_time(const http::Request& request, Claim& claim) {
  if (auto date = request.header("x-amz-date")) {
    auto when = parse_sigv4_timestamp(*date);
    if (!when)
      return Error{Fault::access_denied,
                   "AWS authentication requires a valid Date or x-amz-date header"};
    claim.timestamp = *date;
    claim.signed_at = *when;
  } else if (auto plain = request.header("date")) {
    auto when = parse_http_date(*plain);
    if (!when) when = parse_sigv4_timestamp(*plain);
    if (!when)
      return Error{Fault::access_denied,
                   "AWS authentication requires a valid Date or x-amz-date header"};
    claim.signed_at = *when;
    claim.timestamp = sigv4_timestamp(*when);
  } else {
    return Error{Fault::access_denied,
                 "AWS authentication requires a valid Date or x-amz-date header"};
  }
  if (claim.timestamp.substr(0, 8) != claim.date)
    return malformed("the credential's date is not the request's");
  return done;
}

const std::string* find_any_case(const http::Query& query, std::string_view name) {
  for (const auto& [known, value] : query)
    if (http::equal_names(known, name)) return &value;
  return nullptr;
}

Error query_error(std::string why) {
  return Error(Fault::malformed_signature, std::move(why))
      .with("Code", "AuthorizationQueryParametersError");
}

Result<std::optional<Claim>> read_presigned(const http::Request& request,
                                            const http::Query& query) {
  const std::string* credential = http::find(query, "X-Amz-Credential");
  const std::string* date = http::find(query, "X-Amz-Date");
  const std::string* expires = http::find(query, "X-Amz-Expires");
  const std::string* headers = http::find(query, "X-Amz-SignedHeaders");
  const std::string* signature = http::find(query, "X-Amz-Signature");
  const std::string* algorithm = http::find(query, "X-Amz-Algorithm");
  if (!credential || !date || !expires || !headers || !signature || !algorithm ||
      *algorithm != kAlgorithm)
    return query_error(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
        "X-Amz-Signature, "
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  Claim claim;
  claim.presigned = true;
  if (!read_credential(*credential, claim).ok())
    return query_error(
        "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  auto when = parse_sigv4_timestamp(*date);
  if (!when || date->substr(0, 8) != claim.date)
    return query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  auto [end, error] =
      std::from_chars(expires->data(), expires->data() + expires->size(), claim.expires_s);
  if (error != std::errc{} || end != expires->data() + expires->size())
    return query_error("X-Amz-Expires should be a number");
  constexpr std::uint64_t kWeek = 604'800;
  if (claim.expires_s > kWeek)
    return query_error(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds");
  if (claim.expires_s == 0) return query_error("X-Amz-Expires must be non-negative");
  claim.timestamp = *date;
  claim.signed_at = *when;
  claim.signed_headers = *headers;
  claim.signature = *signature;
  if (const std::string* token = http::find(query, "X-Amz-Security-Token"))
    claim.session_token = *token;
  const std::string* hash = find_any_case(query, "X-Amz-Content-Sha256");
  auto header = request.header("x-amz-content-sha256");
  // Elsewhere than in S3 the body counts, which is empty where there is only a link.
  const char* unsaid = claim.service == "s3" ? "UNSIGNED-PAYLOAD" : "";
  claim.payload_hash = hash ? *hash : header ? std::string(*header) : unsaid;
  claim.payload = payload_kind(claim.payload_hash);
  return std::optional<Claim>(std::move(claim));
}

// Path segments decoded and encoded again, so that a client that escapes more or less than it must
// verifies all the same. A second encoding for every service but S3.
std::string canonical_path(std::string_view raw, bool double_encode) {
  if (raw.empty()) return "/";
  std::string out;
  std::size_t start = 0;
  while (start <= raw.size()) {
    const std::size_t end = std::min(raw.find('/', start), raw.size());
    const std::string_view segment = raw.substr(start, end - start);
    auto decoded = percent_decode(segment);
    std::string encoded = percent_encode(decoded ? *decoded : std::string(segment));
    out += double_encode ? percent_encode(encoded) : encoded;
    if (end == raw.size()) break;
    out += '/';
    start = end + 1;
  }
  return out;
}

std::string canonical_query(const http::Query& query, bool presigned) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const auto& [name, value] : query) {
    if (presigned && name == "X-Amz-Signature") continue;
    encoded.emplace_back(percent_encode(name), percent_encode(value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

// Trimmed, inner runs of spaces folded to one.
void append_folded(std::string& out, std::string_view value) {
  bool space = false;
  for (char c : trim(value)) {
    if (c == ' ' || c == '\t') {
      space = true;
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += c;
  }
}

}  // namespace

Result<std::optional<Claim>> read_claim(const http::Request& request, const http::Query& query) {
  auto authorization = request.header("authorization");
  const bool presigned = http::find(query, "X-Amz-Algorithm") ||
                         http::find(query, "X-Amz-Signature") ||
                         http::find(query, "X-Amz-Credential");
  if (authorization && presigned)
    return Error(Fault::invalid_argument,
                 "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                 "Signature query string "
                 "parameter or the Authorization header should be specified")
        .with("ArgumentName", "Authorization")
        .with("ArgumentValue", std::string(*authorization));
  if (presigned) return read_presigned(request, query);
  if (!authorization) return read_version2(query);
  if (authorization->substr(0, kAlgorithm.size()) != kAlgorithm)
    return Error{Fault::unsupported_signature,
                 "The authorization mechanism you have provided is not supported. Please use "
                 "AWS4-HMAC-SHA256."};
  Claim claim;
  TRY(Unit authorized, read_authorization(*authorization, claim));
  TRY(Unit timed, read_time(request, claim));
  (void)authorized;
  (void)timed;
  if (auto token = request.header("x-amz-security-token")) claim.session_token = *token;
  if (auto hash = request.header("x-amz-content-sha256")) {
    claim.payload_hash = *hash;
    claim.payload = payload_kind(*hash);
  }
  return std::optional<Claim>(std::move(claim));
}

std::string canonical_request(const http::Request& request, const http::Query& query,
                              const Claim& claim, std::string_view payload_hash,
                              bool double_encode_path) {
  std::string out;
  out.reserve(1024);
  out += http::to_string(request.method);
  out += '\n';
  out += canonical_path(request.path, double_encode_path);
  out += '\n';
  out += canonical_query(query, claim.presigned);
  out += '\n';
  std::size_t start = 0;
  const std::string_view names = claim.signed_headers;
  while (start <= names.size()) {
    const std::size_t end = std::min(names.find(';', start), names.size());
    const std::string_view name = names.substr(start, end - start);
    out += name;
    out += ':';
    bool first = true;
    for (const http::Header& h : request.headers) {
      if (!http::equal_names(h.name, name)) continue;
      if (!first) out += ',';
      first = false;
      append_folded(out, h.value);
    }
    out += '\n';
    start = end + 1;
  }
  out += '\n';
  out += names;
  out += '\n';
  out += payload_hash;
  return out;
}

std::string string_to_sign(const Claim& claim, std::string_view canonical) {
  return fmt::format("{}\n{}\n{}/{}/{}/aws4_request\n{}", kAlgorithm, claim.timestamp, claim.date,
                     claim.region, claim.service, to_hex(sha256(canonical)));
}

Result<std::optional<Claim>> read_form_claim(const http::Query& fields) {
  auto missing = [](std::string_view name) {
    return Error{Fault::invalid_argument,
                 fmt::format("Bucket POST must contain a field named '{}'. If it is specified, "
                             "please check the order of the fields.",
                             name)}
        .with("ArgumentName", std::string(name))
        .with("ArgumentValue", "");
  };
  std::optional<Claim> none;
  const std::string *policy = http::find(fields, "policy"),
                    *old_key = http::find(fields, "awsaccesskeyid"),
                    *old_signature = http::find(fields, "signature"),
                    *credential = http::find(fields, "x-amz-credential"),
                    *signature = http::find(fields, "x-amz-signature");
  if (!policy && !old_key && !old_signature && !credential && !signature) return none;
  if (!policy) return missing("policy");
  Claim claim;
  claim.payload = PayloadKind::unsigned_;
  if (const std::string* token = http::find(fields, "x-amz-security-token"))
    claim.session_token = *token;
  if (!credential && !signature) {
    if (!old_key) return missing("AWSAccessKeyId");
    if (!old_signature) return missing("signature");
    claim.access_key_id = *old_key;
    claim.signature = *old_signature;
    return std::optional(std::move(claim));
  }
  if (!credential) return missing("x-amz-credential");
  if (!signature) return missing("x-amz-signature");
  const std::string* algorithm = http::find(fields, "x-amz-algorithm");
  if (!algorithm || *algorithm != kAlgorithm) return missing("x-amz-algorithm");
  const std::string* date = http::find(fields, "x-amz-date");
  if (!date || !parse_sigv4_timestamp(*date)) return missing("x-amz-date");
  TRY(Unit read, read_credential(*credential, claim));
  (void)read;
  if (!date->starts_with(claim.date)) return malformed("the credential's date is not the form's");
  claim.timestamp = *date;
  claim.signature = *signature;
  return std::optional(std::move(claim));
}

std::string sign_old_form(std::string_view secret, std::string_view policy) {
  constexpr std::size_t kBlock = 64;
  std::string key = secret.size() > kBlock ? digest(Digest::sha1, secret) : std::string(secret);
  key.resize(kBlock, '\0');
  std::string inner, outer;
  for (char c : key) {
    inner.push_back(static_cast<char>(c ^ 0x36));
    outer.push_back(static_cast<char>(c ^ 0x5c));
  }
  return to_base64(digest(Digest::sha1, outer + digest(Digest::sha1, inner + std::string(policy))));
}

std::string signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service) {
  std::string key = hmac_sha256("AWS4" + std::string(secret), date);
  key = hmac_sha256(key, region);
  key = hmac_sha256(key, service);
  return hmac_sha256(key, "aws4_request");
}

std::string sign(std::string_view key, std::string_view text) {
  return to_hex(hmac_sha256(key, text));
}

std::string unsigned_headers(const http::Request& request, const Claim& claim) {
  if (claim.version2) return "";
  auto is_signed = [&](std::string_view name) {
    std::size_t start = 0;
    const std::string_view names = claim.signed_headers;
    while (start <= names.size()) {
      const std::size_t end = std::min(names.find(';', start), names.size());
      if (http::equal_names(names.substr(start, end - start), name)) return true;
      start = end + 1;
    }
    return false;
  };
  std::string missing;
  for (const http::Header& h : request.headers) {
    const std::string name = lower_ascii(h.name);
    const bool must = name == "host" || (name.rfind("x-amz-", 0) == 0 &&
                                         !(claim.presigned && name == "x-amz-content-sha256"));
    if (!must || is_signed(name)) continue;
    if (!missing.empty()) missing += ", ";
    missing += name;
  }
  return missing;
}

}  // namespace tidegate::wire
