// Authenticator: turns what a request claims into a Principal, or refuses it. Runs once per
// request, before routing, on the connection's thread; it never touches the store. Unknown keys
// cost the same work as known ones, and signatures are compared in constant time.
//
// With `developer_account` set (--dev) every access key is accepted and nothing is verified: a
// 12-digit key id selects that account, the key of a function environment keeps its function.
#pragma once

#include <optional>
#include <string>

#include "base/scheduler.h"
#include "identity/credentials.h"
#include "wire/sigv4.h"

namespace tidegate::identity {

struct AuthenticatorOptions {
  std::optional<std::string> developer_account;
  std::string region;  // accepted beside any region a client signs for
};

struct Authenticated {
  Principal principal;
  Scope scope;              // account of the principal, region of the signature
  std::string signing_key;  // for chunk signatures; "" in --dev
};

class Authenticator {
 public:
  Authenticator(AuthenticatorOptions options, const Credentials& credentials, const Clock& real)
      : options_(std::move(options)), credentials_(credentials), clock_(real) {}

  // What can be judged before the body is read: the key exists, the time is right, nothing that
  // must be signed is unsigned. Fault as check().
  Status precheck(const http::Request&, const wire::Claim&) const;

  // The whole verdict. `payload_hash` is what the client signed, or the hash of the body that was
  // read when it named none. Faults: unknown_access_key, bad_signature, skewed_clock,
  // expired_request, unsigned_headers, access_denied (session token).
  Result<Authenticated> check(const http::Request&, const http::Query&, const wire::Claim&,
                              std::string_view payload_hash) const;

  // The verdict on a browser's form, which signs its policy and nothing else. Faults as check().
  Result<Authenticated> check_form(const wire::Claim&, std::string_view policy) const;

  // Who an unsigned call of the server's own API is, with --dev; nullopt without.
  std::optional<Authenticated> unsigned_developer() const;

  // Who a request without any signature is, in S3.
  Authenticated anonymous() const;

  Instant now() const { return clock_.now(); }  // by which signatures expire
  bool developer() const { return options_.developer_account.has_value(); }

 private:
  Result<Authenticated> check_version2(const http::Request&, const http::Query&, const wire::Claim&,
                                       const KnownKey&) const;
  Authenticated developer_identity(const wire::Claim&) const;
  Status check_time(const wire::Claim&) const;

  AuthenticatorOptions options_;
  const Credentials& credentials_;
  const Clock& clock_;
};

}  // namespace tidegate::identity
