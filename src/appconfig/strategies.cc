#include "appconfig/strategies.h"

#include <algorithm>
#include <cctype>

#include "appconfig/keys.h"
#include "appconfig/tags.h"

namespace tidegate::appconfig {
namespace {

const Strategy* predefined_strategy(std::string_view id) {
  for (const Strategy& s : Strategies::predefined())
    if (s.id == id) return &s;
  return nullptr;
}

// The model's pattern, in whose words AWS refuses the rest; names are no ids here.
Status check_id(const std::string& id) {
  static const std::string kOwn = "AppConfig.";
  const bool own = id.starts_with(kOwn);
  const std::string_view rest = std::string_view(id).substr(own ? kOwn.size() : 0);
  const bool fits =
      own ? rest.size() >= 9 && rest.size() <= 40 : rest.size() >= 4 && rest.size() <= 7;
  const bool good = fits && std::all_of(rest.begin(), rest.end(), [own](unsigned char c) {
                      return std::isdigit(c) || std::islower(c) || (own && std::isupper(c));
                    });
  if (good) return done;
  return bad_request(fmt::format(
      "1 validation error detected: Value '{}' at 'deploymentStrategyId' failed to satisfy "
      "constraint: Member must satisfy regular expression pattern: "
      "(^[a-z0-9]{{4,7}}$|^AppConfig\\.[A-Za-z0-9]{{9,40}}$)",
      id));
}

Strategy make_predefined(std::string name, std::string description, std::int32_t duration,
                         GrowthType type, double factor, std::int32_t bake) {
  Strategy s;
  s.id = name;
  s.name = std::move(name);
  s.description = std::move(description);
  s.duration_minutes = duration;
  s.growth_type = type;
  s.growth_factor = factor;
  s.bake_minutes = bake;
  return s;
}

}  // namespace

const std::vector<Strategy>& Strategies::predefined() {
  static const std::vector<Strategy> kAll = {
      make_predefined("AppConfig.AllAtOnce", "Quick", 0, GrowthType::linear, 100, 10),
      make_predefined("AppConfig.Canary10Percent20Minutes", "AWS Recommended", 20,
                      GrowthType::exponential, 10, 10),
      make_predefined("AppConfig.Linear20PercentEvery6Minutes", "AWS Recommended", 30,
                      GrowthType::linear, 20, 30),
      make_predefined("AppConfig.Linear50PercentEvery30Seconds", "Test/Demo", 1, GrowthType::linear,
                      50, 1)};
  return kAll;
}

Task<Strategy> Strategies::create(Scope scope, Strategy strategy) {
  CO_TRY(Unit tagged, check_tags(strategy.tags));
  (void)tagged;
  CO_TRY(auto all, co_await load_all<Strategy>(store_, row(scope, "strat")));
  if (all.size() >= kQuota) co_return over_quota("deployment strategies", kQuota);
  strategy.id = make_id(random_);
  const std::string key = row(scope, "strat", strategy.id);
  store::Txn txn;
  txn.guard(store::Guard::absent(key)).put(key, store::encode(strategy));
  CO_TRY(auto revision, co_await store::commit_recognisably(store_, std::move(txn)));
  (void)revision;
  co_return strategy;
}

Task<Strategy> Strategies::find(Scope scope, std::string id) {
  if (const Strategy* known = predefined_strategy(id)) co_return *known;
  CO_TRY(Unit formed, check_id(id));
  (void)formed;
  CO_TRY(auto found, co_await load<Strategy>(store_, row(scope, "strat", id)));
  if (!found) co_return not_found("DeploymentStrategy", id);
  co_return std::move(found->record);
}

Task<Page<Strategy>> Strategies::list(Scope scope, PageRequest request) {
  // A quota bounds them, so a page is cut from the whole; the token is the place in it.
  CO_TRY(auto own, co_await load_all<Strategy>(store_, row(scope, "strat")));
  std::vector<Strategy> all = predefined();
  for (auto& s : own) all.push_back(std::move(s.record));
  std::size_t from = 0;
  if (!request.next_token.empty()) {
    auto after = from_base64url(request.next_token);
    if (!after || after->empty()) co_return bad_request("The value of NextToken is not valid.");
    // One that was deleted meanwhile does not matter: its place is between its neighbours.
    const auto place = [](const std::string& id) {
      return std::pair(predefined_strategy(id) == nullptr, std::string_view(id));
    };
    while (from < all.size() && place(all[from].id) <= place(*after)) ++from;
  }
  Page<Strategy> page;
  for (std::size_t i = from; i < all.size() && page.items.size() < request.max_results; ++i)
    page.items.push_back(std::move(all[i]));
  if (from + page.items.size() < all.size() && !page.items.empty())
    page.next_token = to_base64url(page.items.back().id);
  co_return page;
}

Task<Strategy> Strategies::update(Scope scope, std::string id, StrategyChange change) {
  if (predefined_strategy(id))
    co_return bad_request(
        fmt::format("The predefined deployment strategy {} cannot be changed.", id));
  CO_TRY(Unit formed, check_id(id));
  (void)formed;
  std::function<Status(Strategy&)> apply = [change](Strategy& s) -> Status {
    if (change.description) s.description = *change.description;
    if (change.duration_minutes) s.duration_minutes = *change.duration_minutes;
    if (change.bake_minutes) s.bake_minutes = *change.bake_minutes;
    if (change.growth_factor) s.growth_factor = *change.growth_factor;
    if (change.growth_type) s.growth_type = *change.growth_type;
    return done;
  };
  CO_TRY(auto changed, co_await modify(store_, row(scope, "strat", id), apply));
  if (!changed) co_return not_found("DeploymentStrategy", id);
  co_return std::move(*changed);
}

Task<Unit> Strategies::remove(Scope scope, std::string id) {
  if (predefined_strategy(id))
    co_return bad_request(
        fmt::format("The predefined deployment strategy {} cannot be deleted.", id));
  CO_TRY(Unit formed, check_id(id));
  (void)formed;
  store::Txn txn;
  const std::string key = row(scope, "strat", id);
  txn.guard(store::Guard::present(key)).erase(key);
  Result<store::Revision> gone = co_await store_.commit(std::move(txn));
  if (!gone.ok() && gone.fault() == Fault::guard_failed)
    co_return not_found("DeploymentStrategy", id);
  if (!gone.ok()) co_return std::move(gone).error();
  co_return done;
}

}  // namespace tidegate::appconfig
