#include "identity/sessions.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "identity/principal_maker.h"
#include "store/record.h"

namespace tidegate::identity {
namespace {

constexpr std::string_view kPurpose = "tidegate session token";

struct Sealed {
  std::string access_key_id;
  Principal::Kind kind = Principal::Kind::role;
  std::string account, arn, id, role_arn;
  SessionFacts facts;
};

}  // namespace
}  // namespace tidegate::identity

namespace tidegate::store {
template <>
struct record_of<identity::SessionFacts> {
  using R = identity::SessionFacts;
  static constexpr auto fields =
      std::tuple{field(1, &R::policies),        field(2, &R::policy_arns), field(3, &R::tags),
                 field(4, &R::source_identity), field(5, &R::issued),      field(6, &R::expires),
                 field(7, &R::transitive_tags), field(8, &R::made_with)};
};
template <>
struct record_of<identity::Sealed> {
  using R = identity::Sealed;
  static constexpr auto fields =
      std::tuple{field(1, &R::access_key_id), field(2, &R::kind), field(3, &R::account),
                 field(4, &R::arn),           field(5, &R::id),   field(6, &R::role_arn),
                 field(7, &R::facts)};
};
}  // namespace tidegate::store

namespace tidegate::identity {

std::string Sessions::secret_of(std::string_view access_key_id) const {
  return to_base64(hmac_sha256(key_, "tidegate session secret " + std::string(access_key_id)))
      .substr(0, 40);
}

AccessKey Sessions::issue(const SessionGrant& grant) const {
  AccessKey key;
  key.id = "ASIA" + random_->from_alphabet(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
  key.secret = secret_of(key.id);
  Sealed sealed{key.id,   grant.kind,     grant.account, grant.arn,
                grant.id, grant.role_arn, grant.facts};
  key.session_token = to_base64(seal(key_, store::encode(sealed), kPurpose, *random_));
  return key;
}

Result<std::shared_ptr<const KnownKey>> Sessions::open(std::string_view access_key_id,
                                                       std::string_view token, Instant now) const {
  const Error unknown{Fault::unknown_access_key,
                      "The security token included in the request is invalid."};
  const auto sealed = from_base64(token);
  std::string plain;
  if (!sealed || !unseal(key_, *sealed, kPurpose, plain)) return unknown;
  TRY(Sealed s, store::decode<Sealed>(plain));
  if (s.access_key_id != access_key_id) return unknown;
  if (now >= s.facts.expires)
    return Error(Fault::access_denied, "The security token included in the request is expired")
        .with("Code", "ExpiredToken");
  AccessKey key{s.access_key_id, secret_of(access_key_id), std::string(token)};
  auto facts = std::make_shared<const SessionFacts>(std::move(s.facts));
  Principal p = PrincipalMaker::of_session(
      PrincipalMaker::make(s.kind, s.account, key.id, s.arn, s.id), s.role_arn, std::move(facts));
  return std::make_shared<const KnownKey>(KnownKey{std::move(key), std::move(p)});
}

}  // namespace tidegate::identity
