#include "appconfig/profiles.h"

#include <algorithm>
#include <cctype>

#include "appconfig/extension_associations.h"
#include "appconfig/flags/document.h"
#include "appconfig/keys.h"
#include "appconfig/resource.h"
#include "appconfig/served.h"
#include "appconfig/tags.h"
#include "appconfig/validators.h"

namespace tidegate::appconfig {
namespace {

Status check_location(const Profile& p) {
  const std::string& uri = p.location_uri;
  if (uri == kHosted) return done;
  for (std::string_view known :
       {"ssm-parameter://", "ssm-document://", "secretsmanager://", "codepipeline://"})
    if (uri.starts_with(known))
      return Error{Fault::not_implemented,
                   fmt::format("Configurations in {} are not implemented by this server; use S3 or "
                               "the hosted store.",
                               known.substr(0, known.size() - 3))};
  const std::size_t slash = uri.find('/', 5);
  if (!uri.starts_with("s3://") || slash == std::string::npos || slash == 5 ||
      slash + 1 == uri.size())
    return bad_request(
        fmt::format("Invalid LocationUri '{}': expected 'hosted' or "
                    "'s3://<bucket>/<objectKey>'.",
                    uri));
  if (!p.retrieval_role_arn)
    return bad_request("RetrievalRoleArn is required for configurations that are stored in S3.");
  return done;
}

Status check_role(const std::optional<std::string>& role_arn) {
  if (role_arn && !is_role_arn(*role_arn)) return no_role_arn("retrievalRoleArn", *role_arn);
  return done;
}

// Any type but that of feature flags is a freeform document by another name.
Status check_type(const Profile& p) {
  const bool plain = std::all_of(p.type.begin(), p.type.end(), [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) || c == '.' || c == '-';
  });
  if (!plain)
    return bad_request(fmt::format(
        "Value '{}' at 'type' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: ^[a-zA-Z\\.\\-0-9]+",
        p.type.substr(0, 256)));
  return done;
}

Status check_flags(const Profile& p) {
  if (p.type != flags::kType) return done;
  if (p.location_uri != kHosted)
    return bad_request(
        fmt::format("Configuration profiles of type {} must be hosted: LocationUri cannot be '{}'.",
                    flags::kType, p.location_uri.substr(0, 256)));
  for (const Validator& v : p.validators)
    if (v.type == "JSON_SCHEMA")
      return bad_request(fmt::format(
          "Configuration profiles of type {} cannot have validators of type JSON_SCHEMA: feature "
          "flags are validated by AppConfig's own schema.",
          flags::kType));
  return done;
}

}  // namespace

Task<Profile> Profiles::create(Scope scope, std::string application, Profile profile) {
  CO_TRY(Application parent, co_await applications_.find(scope, application));
  if (profile.type.empty()) profile.type = kFreeform;
  CO_TRY(Unit tagged, check_tags(profile.tags));
  (void)tagged;
  CO_TRY(Unit judged, check_validators(profile.validators));
  CO_TRY(Unit named, check_type(profile));
  (void)named;
  CO_TRY(Unit typed, check_flags(profile));
  CO_TRY(Unit may_be_read, check_role(profile.retrieval_role_arn));
  CO_TRY(Unit placed, check_location(profile));
  (void)typed, (void)may_be_read, (void)placed, (void)judged;
  CO_TRY(auto all, co_await load_all<Profile>(store_, row(scope, "prof", parent.id) + "/"));
  if (all.size() >= kQuota)
    co_return over_quota("configuration profiles of an application", kQuota);
  profile.application_id = parent.id;
  profile.id = make_id(random_);
  profile.created = domain_.now();
  const std::string key = row(scope, "prof", parent.id, profile.id);
  store::Txn txn;
  txn.guard(store::Guard::absent(key)).guard(store::Guard::present(row(scope, "app", parent.id)));
  std::string bytes = store::encode(profile);
  if (bytes.size() > store::kMaxValueBytes)
    co_return bad_request("The validators of the profile are too large together.");
  txn.put(key, std::move(bytes));
  CO_TRY(auto revision, co_await store::commit_recognisably(store_, std::move(txn)));
  (void)revision;
  co_return profile;
}

Task<Profile> Profiles::find(Scope scope, std::string application, std::string identifier) {
  CO_TRY(Application parent, co_await applications_.find(scope, application));
  CO_TRY(auto by_id, co_await load<Profile>(store_, row(scope, "prof", parent.id, identifier)));
  if (by_id) co_return std::move(by_id->record);
  CO_TRY(auto all, co_await load_all<Profile>(store_, row(scope, "prof", parent.id) + "/"));
  CO_TRY(auto found, pick(std::move(all), "ConfigurationProfile", identifier));
  co_return std::move(found.record);
}

Task<Page<Profile>> Profiles::list(Scope scope, std::string application,
                                   std::optional<std::string> type, PageRequest request) {
  CO_TRY(Application parent, co_await applications_.find(scope, application));
  std::function<bool(const Profile&)> keep = nullptr;
  if (type) keep = [type](const Profile& p) { return p.type == *type; };
  auto loading =
      load_page<Profile>(store_, row(scope, "prof", parent.id) + "/", request, false, keep);
  Result<Page<Profile>> page = co_await std::move(loading);
  co_return page;
}

Task<Profile> Profiles::update(Scope scope, std::string application, std::string identifier,
                               ProfileChange change) {
  CO_TRY(Unit may_be_read, check_role(change.retrieval_role_arn));
  (void)may_be_read;
  CO_TRY(Profile found, co_await find(scope, application, identifier));
  if (change.validators) {
    CO_TRY(Unit judged, check_validators(*change.validators));
    Profile changed = found;
    changed.validators = *change.validators;
    CO_TRY(Unit typed, check_flags(changed));
    (void)judged, (void)typed;
  }
  std::function<Status(Profile&)> apply = [change](Profile& p) -> Status {
    if (change.name) p.name = *change.name;
    if (change.description) p.description = *change.description;
    if (change.retrieval_role_arn) p.retrieval_role_arn = *change.retrieval_role_arn;
    if (change.validators) p.validators = *change.validators;
    if (change.kms_key_identifier) {
      p.kms_key_identifier = *change.kms_key_identifier;
      if (change.kms_key_identifier->empty()) p.kms_key_identifier.reset();
    }
    if (store::encode(p).size() > store::kMaxValueBytes)
      return bad_request("The validators of the profile are too large together.");
    return done;
  };
  const std::string key = row(scope, "prof", found.application_id, found.id);
  CO_TRY(auto changed, co_await modify(store_, key, apply));
  if (!changed) co_return not_found("ConfigurationProfile", identifier);
  co_return std::move(*changed);
}

Task<Unit> Profiles::remove(Scope scope, std::string application, std::string identifier) {
  CO_TRY(Profile found, co_await find(scope, application, identifier));
  store::Range any =
      store::Range::prefix(row(scope, "ver", found.application_id, found.id) + "/", 1);
  CO_TRY(store::Page versions, co_await store_.range(any));
  if (!versions.items.empty())
    co_return bad_request(
        fmt::format("Cannot delete configuration profile {} because there are still hosted "
                    "configuration versions existing under it.",
                    found.id));
  // Clients of a profile that is gone get 404: nothing is served under it any more. The guards hold
  // off whoever uploads or deploys meanwhile.
  const std::string count_key = row(scope, "vercount", found.application_id, found.id);
  CO_TRY(auto counter, co_await load<VersionCounter>(store_, count_key));
  store::Txn txn;
  txn.erase(row(scope, "prof", found.application_id, found.id)).erase(count_key);
  txn.guard(counter ? store::Guard::unchanged(counter->kv) : store::Guard::absent(count_key));
  CO_TRY(auto environments,
         co_await load_all<Environment>(store_, row(scope, "env", found.application_id) + "/"));
  std::vector<ContentRef> dropped;
  for (const auto& e : environments) {
    const std::string key = row(scope, "served", found.application_id, e.record.id, found.id);
    CO_TRY(auto line, co_await load<Served>(store_, key));
    txn.guard(line ? store::Guard::unchanged(line->kv) : store::Guard::absent(key));
    if (!line) continue;
    const auto& r = line->record.rollout;
    if (r && in_progress(progress_of(*r, domain_.now()).state))
      co_return Error{Fault::conflict,
                      fmt::format("Configuration profile {} is being deployed to environment {}. "
                                  "Stop the deployment first.",
                                  found.id, e.record.id)};
    txn.erase(key);
    for (ContentRef& ref : contents_of(line->record)) dropped.push_back(std::move(ref));
  }
  for (const ContentRef& ref : dropped) contents_.erase(scope, ref, txn);
  CO_TRY(Unit released, co_await end_associations(
                            store_, scope, profile_path(found.application_id, found.id), txn));
  (void)released;
  Result<store::Revision> gone = co_await store_.commit(std::move(txn));
  if (!gone.ok() && gone.fault() == Fault::guard_failed) co_return changed_meanwhile();
  if (!gone.ok()) co_return std::move(gone).error();
  for (const ContentRef& ref : dropped) contents_.forget(ref);
  co_return done;
}

}  // namespace tidegate::appconfig
