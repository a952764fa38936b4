#include "appconfig/tokens.h"

#include "appconfig/keys.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "store/record.h"

namespace tidegate::store {
template <>
struct record_of<appconfig::Session> {
  using R = appconfig::Session;
  static constexpr auto fields = std::tuple{field(1, &R::account),
                                            field(2, &R::region),
                                            field(3, &R::application_id),
                                            field(4, &R::environment_id),
                                            field(5, &R::profile_id),
                                            field(6, &R::id),
                                            field(7, &R::declared_interval_s),
                                            field(8, &R::served_version),
                                            field(9, &R::issued),
                                            field(10, &R::polled)};
};
}  // namespace tidegate::store

namespace tidegate::appconfig {
namespace {
constexpr std::string_view kPurpose = "tidegate configuration session";
}

Error bad_token(std::string message, std::string problem) {
  return Error(Fault::bad_token, std::move(message))
      .with("Member", "ConfigurationToken")
      .with("Problem", std::move(problem));
}

Task<Tokens> Tokens::load(store::Store& store, Random& random) {
  const std::string row(kTokenKeyRow);
  for (;;) {
    CO_TRY(auto kv, co_await store.get(row));
    if (kv) co_return Tokens(std::move(kv->value), random);
    store::Txn txn;
    txn.guard(store::Guard::absent(row)).put(row, random.bytes(32));
    Result<store::Revision> made = co_await store.commit(std::move(txn));
    // Somebody else's key, or a commit whose outcome nobody knows: what stands there counts.
    const bool look =
        made.ok() || made.fault() == Fault::guard_failed || made.fault() == Fault::outcome_unknown;
    if (!look) co_return std::move(made).error();
  }
}

std::string Tokens::seal(const Session& session) const {
  return to_base64url(tidegate::seal(key_, store::encode(session), kPurpose, *random_));
}

Result<Session> Tokens::open(std::string_view token, Instant now) const {
  auto sealed = from_base64url(token);
  std::string plain;
  if (!sealed || !unseal(key_, *sealed, kPurpose, plain))
    return bad_token("Request failed: the configuration token is corrupted", "Corrupted");
  TRY(Session session, store::decode<Session>(plain));
  if (now - session.issued > Duration{kLifetimeMs})
    return bad_token("Request failed: the configuration token has expired", "Expired");
  return session;
}

}  // namespace tidegate::appconfig
