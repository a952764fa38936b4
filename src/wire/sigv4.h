// Signature Version 4: reading what a request claims, and recomputing its signature. Pure functions
// over a request; keys come from outside. Any thread.
// Source: contracts on S3 authentication; vectors in sigv4_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"

namespace tidegate::wire {

enum class PayloadKind {
  hex,
  unsigned_,
  streaming_signed,
  streaming_signed_trailer,
  streaming_unsigned_trailer,
  absent
};

struct Claim {
  std::string access_key_id, date /* yyyymmdd */, region, service;
  std::string signed_headers;  // as listed, lower case, ';' between
  std::string signature;       // 64 hex digits
  std::string session_token;   // "" when none
  std::string timestamp;       // yyyymmddThhmmssZ
  Instant signed_at;
  bool presigned = false;
  // Signature Version 2 (wire/sigv2.h): `timestamp` is the second it expires at, and the bucket
  // that the Host header names, which is signed with the path, is filled in by who knows it.
  bool version2 = false;
  std::string host_bucket;
  std::uint64_t expires_s = 0;  // presigned only
  PayloadKind payload = PayloadKind::absent;
  std::string payload_hash;  // the literal for the canonical request ("" when absent)
};

// nullopt: the request carries no signature at all. Faults: malformed_signature,
// unsupported_signature, invalid_argument (both forms at once), access_denied (no date).
Result<std::optional<Claim>> read_claim(const http::Request&, const http::Query&);

// What the fields of a browser's form claim (names in lower case); nullopt when it is not signed.
// The old form, that signs with HMAC-SHA1 and nothing but the secret, has no date in its claim.
// invalid_argument: a field is missing beside the others.
Result<std::optional<Claim>> read_form_claim(const http::Query& fields);
// What the form's signature must be, given the policy as it stands in the form.
std::string sign_old_form(std::string_view secret, std::string_view policy);

// `double_encode_path`: every service but S3 encodes the path twice.
std::string canonical_request(const http::Request&, const http::Query&, const Claim&,
                              std::string_view payload_hash, bool double_encode_path);
std::string string_to_sign(const Claim&, std::string_view canonical_request);

std::string signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service);
std::string sign(std::string_view signing_key, std::string_view string_to_sign);  // 64 hex digits

// The headers that were sent but must have been signed (host, x-amz-*); empty when all were (in
// Version 2 they are by the rules).
std::string unsigned_headers(const http::Request&, const Claim&);

}  // namespace tidegate::wire
