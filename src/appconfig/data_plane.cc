#include "appconfig/data_plane.h"

#include "appconfig/flags/document.h"

namespace tidegate::appconfig {

Task<std::string> DataPlane::start_session(Scope scope, std::string application,
                                           std::string environment, std::string profile,
                                           std::optional<std::int32_t> interval_s) {
  CO_TRY(Application a, co_await applications_.find(scope, application));
  CO_TRY(Environment e, co_await environments_.find(scope, a.id, environment));
  CO_TRY(Profile p, co_await profiles_.find(scope, a.id, profile));
  Session session;
  session.account = scope.account;
  session.region = scope.region;
  session.application_id = a.id;
  session.environment_id = e.id;
  session.profile_id = p.id;
  session.id = random_.bytes(12);
  session.declared_interval_s = static_cast<std::uint32_t>(interval_s.value_or(0));
  session.issued = domain_.now();
  co_return tokens_.seal(session);
}

Result<Poll> DataPlane::latest(const Scope& scope, std::string_view token, bool ion) const {
  const Instant now = domain_.now();
  TRY(Session session, tokens_.open(token, now));
  // A token belongs to the account it was made for; the region is the session's.
  if (session.account != scope.account)
    return bad_token("Request failed: the configuration token is corrupted", "Corrupted");
  if (session.declared_interval_s && session.polled &&
      now - *session.polled < Duration{session.declared_interval_s * 1000LL})
    return bad_token("Request too early", "PollIntervalNotSatisfied");
  const auto line = snapshot_.find({session.account, session.region}, session.application_id,
                                   session.environment_id, session.profile_id);
  // Nothing was deployed yet, or the profile is gone.
  if (!line) return not_found("Deployment", session.profile_id);
  const ServedRelease* due = line->due(session.id, now);
  if (!due) return not_found("Deployment", session.profile_id);
  line->read->touch(now);
  Poll poll;
  if (session.declared_interval_s) poll.interval_s = session.declared_interval_s;
  if (due->release.version != session.served_version) {
    const bool as_ion = ion && due->flags && due->flags->ion();
    poll.content = as_ion ? due->flags->ion() : due->content;
    poll.content_type = as_ion ? std::string(kIonType) : due->release.content_type;
    poll.version_label = due->release.label;
  }
  session.served_version = due->release.version;
  session.polled = now;
  session.issued = now;
  poll.next_token = tokens_.seal(session);
  return poll;
}

Task<Configuration> DataPlane::configuration(Scope scope, std::string application,
                                             std::string environment, std::string profile,
                                             std::string client_id,
                                             std::optional<std::string> client_version) {
  CO_TRY(Application a, co_await applications_.find(scope, application));
  CO_TRY(Environment e, co_await environments_.find(scope, a.id, environment));
  CO_TRY(Profile p, co_await profiles_.find(scope, a.id, profile));
  if (p.type == flags::kType)
    co_return bad_request(
        "GetConfiguration cannot read feature flags. Use GetLatestConfiguration.");
  const auto line = snapshot_.find(scope, a.id, e.id, p.id);
  const ServedRelease* due = line ? line->due(client_id, domain_.now()) : nullptr;
  if (!due) co_return not_found("Deployment", p.id);
  if (due->release.encrypted)
    co_return bad_request(
        "GetConfiguration cannot read a configuration that was deployed with a KMS key. Use "
        "GetLatestConfiguration.");
  line->read->touch(domain_.now());
  Configuration out;
  out.version = due->release.version;
  out.content_type = due->release.content_type;
  if (client_version != out.version) out.content = due->content;
  co_return out;
}

}  // namespace tidegate::appconfig
