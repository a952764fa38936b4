#include "appconfig/environments.h"

#include "appconfig/deployment.h"
#include "appconfig/extension_associations.h"
#include "appconfig/keys.h"
#include "appconfig/resource.h"
#include "appconfig/served.h"
#include "appconfig/tags.h"

namespace tidegate::appconfig {
namespace {

Status check_monitors(const std::vector<Monitor>& monitors) {
  for (std::size_t i = 0; i < monitors.size(); ++i) {
    const auto& role = monitors[i].alarm_role_arn;
    if (role && !is_role_arn(*role))
      return no_role_arn(fmt::format("monitors.{}.member.alarmRoleArn", i + 1), *role);
  }
  return done;
}

}  // namespace

Task<Environment> Environments::create(Scope scope, std::string application,
                                       Environment environment) {
  CO_TRY(Application parent, co_await applications_.find(scope, application));
  CO_TRY(Unit tagged, check_tags(environment.tags));
  CO_TRY(Unit watched, check_monitors(environment.monitors));
  (void)tagged, (void)watched;
  const std::string prefix = row(scope, "env", parent.id) + "/";
  CO_TRY(auto all, co_await load_all<Environment>(store_, prefix));
  if (all.size() >= kQuota) co_return over_quota("environments of an application", kQuota);
  environment.application_id = parent.id;
  environment.id = make_id(random_);
  environment.created = domain_.now();
  const std::string key = row(scope, "env", parent.id, environment.id);
  store::Txn txn;
  txn.guard(store::Guard::absent(key)).guard(store::Guard::present(row(scope, "app", parent.id)));
  txn.put(key, store::encode(environment));
  CO_TRY(auto revision, co_await store::commit_recognisably(store_, std::move(txn)));
  (void)revision;
  co_return environment;
}

Task<Environment> Environments::find(Scope scope, std::string application, std::string identifier) {
  CO_TRY(Application parent, co_await applications_.find(scope, application));
  CO_TRY(auto by_id, co_await load<Environment>(store_, row(scope, "env", parent.id, identifier)));
  if (by_id) co_return std::move(by_id->record);
  CO_TRY(auto all, co_await load_all<Environment>(store_, row(scope, "env", parent.id) + "/"));
  CO_TRY(auto found, pick(std::move(all), "Environment", identifier));
  co_return std::move(found.record);
}

Task<Page<Environment>> Environments::list(Scope scope, std::string application,
                                           PageRequest request) {
  CO_TRY(Application parent, co_await applications_.find(scope, application));
  auto page = load_page<Environment>(store_, row(scope, "env", parent.id) + "/", request);
  Result<Page<Environment>> loaded = co_await std::move(page);
  co_return loaded;
}

Task<Environment> Environments::update(Scope scope, std::string application, std::string identifier,
                                       EnvironmentChange change) {
  if (change.monitors) {
    CO_TRY(Unit watched, check_monitors(*change.monitors));
    (void)watched;
  }
  CO_TRY(Environment found, co_await find(scope, application, identifier));
  std::function<Status(Environment&)> apply = [change](Environment& e) -> Status {
    if (change.name) e.name = *change.name;
    if (change.description) e.description = *change.description;
    if (change.monitors) e.monitors = *change.monitors;
    return done;
  };
  const std::string key = row(scope, "env", found.application_id, found.id);
  CO_TRY(auto changed, co_await modify(store_, key, apply));
  if (!changed) co_return not_found("Environment", identifier);
  co_return std::move(*changed);
}

Task<Unit> Environments::remove(Scope scope, std::string application, std::string identifier) {
  CO_TRY(Environment found, co_await find(scope, application, identifier));
  const std::string count_key = row(scope, "depcount", found.application_id, found.id);
  CO_TRY(auto counter, co_await load<DeploymentCounter>(store_, count_key));
  const std::string served = row(scope, "served", found.application_id, found.id) + "/";
  CO_TRY(auto lines, co_await load_all<Served>(store_, served));
  store::Txn txn;
  txn.erase(row(scope, "env", found.application_id, found.id));
  txn.guard(counter ? store::Guard::unchanged(counter->kv) : store::Guard::absent(count_key));
  txn.erase(count_key);
  CO_TRY(Unit released, co_await end_associations(
                            store_, scope, environment_path(found.application_id, found.id), txn));
  (void)released;
  Result<store::Revision> committed = co_await store_.commit(std::move(txn));
  if (!committed.ok() && committed.fault() == Fault::guard_failed) co_return changed_meanwhile();
  if (!committed.ok()) co_return std::move(committed).error();
  for (auto& line : lines) {
    store::Txn gone;
    gone.erase(line.kv.key);
    const std::vector<ContentRef> contents = contents_of(line.record);
    for (const ContentRef& ref : contents) contents_.erase(scope, ref, gone);
    CO_TRY(auto revision, co_await store_.commit(std::move(gone)));
    (void)revision;
    for (const ContentRef& ref : contents) contents_.forget(ref);
  }
  for (const char* table : {"dep", "applied", "invoked"}) {
    const std::string rows = row(scope, table, found.application_id, found.id) + "/";
    CO_TRY(Unit gone, co_await store::erase_prefix(store_, rows));
    (void)gone;
  }
  co_return done;
}

}  // namespace tidegate::appconfig
