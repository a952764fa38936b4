#include "appconfig/applications.h"

#include "appconfig/extension_associations.h"
#include "appconfig/keys.h"
#include "appconfig/tags.h"

namespace tidegate::appconfig {

Task<Application> Applications::create(Scope scope, Application application) {
  CO_TRY(Unit tagged, check_tags(application.tags));
  (void)tagged;
  CO_TRY(auto all, co_await load_all<Application>(store_, row(scope, "app")));
  if (all.size() >= kQuota) co_return over_quota("applications", kQuota);
  application.id = make_id(random_);
  const std::string key = row(scope, "app", application.id);
  store::Txn txn;
  txn.guard(store::Guard::absent(key)).put(key, store::encode(application));
  CO_TRY(auto revision, co_await store::commit_recognisably(store_, std::move(txn)));
  (void)revision;
  co_return application;
}

Task<Application> Applications::find(Scope scope, std::string identifier) {
  CO_TRY(auto by_id, co_await load<Application>(store_, row(scope, "app", identifier)));
  if (by_id) co_return std::move(by_id->record);
  CO_TRY(auto all, co_await load_all<Application>(store_, row(scope, "app")));
  CO_TRY(auto found, pick(std::move(all), "Application", identifier));
  co_return std::move(found.record);
}

Task<Page<Application>> Applications::list(Scope scope, PageRequest request) {
  return load_page<Application>(store_, row(scope, "app"), std::move(request));
}

Task<Application> Applications::update(Scope scope, std::string identifier,
                                       ApplicationChange change) {
  CO_TRY(Application found, co_await find(scope, identifier));
  std::function<Status(Application&)> apply = [change](Application& a) -> Status {
    if (change.name) a.name = *change.name;
    if (change.description) a.description = *change.description;
    return done;
  };
  CO_TRY(auto changed, co_await modify(store_, row(scope, "app", found.id), apply));
  if (!changed) co_return not_found("Application", identifier);
  co_return std::move(*changed);
}

Task<Unit> Applications::remove(Scope scope, std::string identifier) {
  CO_TRY(Application found, co_await find(scope, identifier));
  for (const char* table : {"env", "prof"}) {
    store::Range any = store::Range::prefix(row(scope, table, found.id) + "/", 1);
    CO_TRY(store::Page inside, co_await store_.range(any));
    if (!inside.items.empty())
      co_return bad_request(fmt::format(
          "Cannot delete application {}: it still has {}. Delete them first.", found.id,
          std::string_view(table) == "env" ? "environments" : "configuration profiles"));
  }
  store::Txn txn;
  txn.erase(row(scope, "app", found.id));
  CO_TRY(Unit released, co_await end_associations(store_, scope, application_path(found.id), txn));
  (void)released;
  Result<store::Revision> gone = co_await store_.commit(std::move(txn));
  if (!gone.ok() && gone.fault() == Fault::guard_failed) co_return changed_meanwhile();
  if (!gone.ok()) co_return std::move(gone).error();
  co_return done;
}

}  // namespace tidegate::appconfig
