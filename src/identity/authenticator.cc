#include "identity/authenticator.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "base/scope.h"
#include "identity/principal_maker.h"
#include "wire/sigv2.h"

namespace tidegate::identity {
namespace {

// Deriving the signing key costs eight hashes and depends on the day only: each thread remembers
// the few it used last. The secret is part of the entry's identity, so a rotated key never matches.
const std::string& cached_signing_key(const std::string& secret, const wire::Claim& claim) {
  struct Entry {
    std::string secret, date, region, service, key;
  };
  constexpr std::size_t kEntries = 16;
  thread_local std::array<Entry, kEntries> cache;
  thread_local std::size_t next = 0;
  for (Entry& e : cache) {
    if (e.date == claim.date && e.region == claim.region && e.service == claim.service &&
        e.secret == secret)
      return e.key;
  }
  Entry& e = cache[next++ % kEntries];
  e = Entry{secret, claim.date, claim.region, claim.service,
            wire::signing_key(secret, claim.date, claim.region, claim.service)};
  return e.key;
}

// "41 42 …": so that a client's author sees what cannot be seen.
std::string shown_bytes(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (char c : text)
    fmt::format_to(std::back_inserter(out), "{}{:02x}", out.empty() ? "" : " ",
                   static_cast<unsigned char>(c));
  return out;
}

Error bad_signature(const wire::Claim& claim, const std::string& canonical,
                    const std::string& to_sign) {
  return Error(Fault::bad_signature,
               "The request signature we calculated does not match the signature you provided. "
               "Check your "
               "key and signing method.")
      .with("AWSAccessKeyId", claim.access_key_id)
      .with("StringToSign", to_sign)
      .with("SignatureProvided", claim.signature)
      .with("StringToSignBytes", shown_bytes(to_sign))
      .with("CanonicalRequest", canonical)
      .with("CanonicalRequestBytes", shown_bytes(canonical));
}

}  // namespace

Status Authenticator::check_time(const wire::Claim& claim) const {
  const Instant now = clock_.now();
  if (claim.presigned) {
    const Instant end = claim.signed_at + std::chrono::seconds(claim.expires_s);
    if (now > end)
      return Error(Fault::expired_request, "Request has expired")
          .with("X-Amz-Expires", std::to_string(claim.expires_s))
          .with("Expires", iso8601(end))
          .with("ServerTime", iso8601(now));
    if (claim.signed_at > now + kSignatureSkew)
      return Error{Fault::expired_request, "Request is not valid yet"};
    return done;
  }
  if (claim.signed_at > now + kSignatureSkew || claim.signed_at < now - kSignatureSkew)
    return Error(Fault::skewed_clock,
                 "The difference between the request time and the current time is too large.")
        .with("RequestTime", claim.timestamp)
        .with("ServerTime", iso8601(now))
        .with("MaxAllowedSkewMilliseconds", std::to_string(kSignatureSkew.count()));
  return done;
}

Status Authenticator::precheck(const http::Request& request, const wire::Claim& claim) const {
  if (developer()) return done;
  TRY(auto known, credentials_.find(claim.access_key_id, claim.session_token, clock_.now()));
  (void)known;
  TRY(Unit in_time, check_time(claim));
  (void)in_time;
  std::string missing = wire::unsigned_headers(request, claim);
  if (!missing.empty())
    return Error(Fault::unsigned_headers,
                 "There were headers present in the request which were not signed")
        .with("HeadersNotSigned", missing);
  return done;
}

Authenticated Authenticator::developer_identity(const wire::Claim& claim) const {
  if (auto known = credentials_.find(claim.access_key_id, claim.session_token, clock_.now());
      known.ok())
    return {(*known)->principal, Scope{(*known)->principal.account(), claim.region}, ""};
  const std::string account =
      is_account(claim.access_key_id) ? claim.access_key_id : *options_.developer_account;
  return {PrincipalMaker::make(Principal::Kind::developer, account, claim.access_key_id,
                               fmt::format("arn:aws:iam::{}:root", account), account),
          Scope{account, claim.region}, ""};
}

std::optional<Authenticated> Authenticator::unsigned_developer() const {
  if (!developer()) return std::nullopt;
  wire::Claim claim;
  claim.region = options_.region;
  return developer_identity(claim);
}

Result<Authenticated> Authenticator::check_form(const wire::Claim& claim,
                                                std::string_view policy) const {
  wire::Claim named = claim;
  if (named.region.empty()) named.region = options_.region;
  if (developer()) return developer_identity(named);
  TRY(auto known, credentials_.find(claim.access_key_id, claim.session_token, clock_.now()));
  const bool old = claim.date.empty();
  const std::string key = old ? std::string() : cached_signing_key(known->key.secret, claim);
  const std::string right =
      old ? wire::sign_old_form(known->key.secret, policy) : wire::sign(key, policy);
  if (!equal_constant_time(right, claim.signature))
    return bad_signature(claim, "", std::string(policy));
  if (!equal_constant_time(known->key.session_token, claim.session_token))
    return Error{Fault::access_denied, "The security token included in the request is invalid."};
  return Authenticated{known->principal, Scope{known->principal.account(), named.region}, key};
}

Authenticated Authenticator::anonymous() const {
  return {PrincipalMaker::make(Principal::Kind::anonymous, "", "", "", "Anonymous"),
          Scope{"", options_.region}, ""};
}

Result<Authenticated> Authenticator::check(const http::Request& request, const http::Query& query,
                                           const wire::Claim& claim,
                                           std::string_view payload_hash) const {
  if (developer()) return developer_identity(claim);
  TRY(Unit allowed, precheck(request, claim));
  (void)allowed;
  TRY(auto known, credentials_.find(claim.access_key_id, claim.session_token, clock_.now()));
  if (claim.version2) return check_version2(request, query, claim, *known);
  const std::string& key = cached_signing_key(known->key.secret, claim);
  const bool double_encode = claim.service != "s3";
  std::string canonical =
      wire::canonical_request(request, query, claim, payload_hash, double_encode);
  std::string to_sign = wire::string_to_sign(claim, canonical);
  if (!equal_constant_time(wire::sign(key, to_sign), claim.signature))
    return bad_signature(claim, canonical, to_sign);
  if (!equal_constant_time(known->key.session_token, claim.session_token))
    return Error{Fault::access_denied, "The security token included in the request is invalid."};
  return Authenticated{known->principal, Scope{known->principal.account(), claim.region}, key};
}

Result<Authenticated> Authenticator::check_version2(const http::Request& request,
                                                    const http::Query& query,
                                                    const wire::Claim& claim,
                                                    const KnownKey& known) const {
  auto matches = [&](std::string_view to_sign) {
    return equal_constant_time(wire::version2_sign(known.key.secret, to_sign), claim.signature);
  };
  const std::string to_sign = wire::version2_string_to_sign(request, query, claim);
  if (!matches(to_sign) && !matches(wire::version2_string_to_sign(request, query, claim, true)))
    return bad_signature(claim, "", to_sign);
  if (!equal_constant_time(known.key.session_token, claim.session_token))
    return Error{Fault::access_denied, "The security token included in the request is invalid."};
  return Authenticated{known.principal, Scope{known.principal.account(), claim.region}, ""};
}

}  // namespace tidegate::identity
