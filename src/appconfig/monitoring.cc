#include "appconfig/monitoring.h"

#include "appconfig/keys.h"
#include "base/log.h"

namespace tidegate::appconfig {

Monitoring::Monitoring(store::Store& store, Scheduler& domain, Deployments& deployments,
                       AlarmStates* alarms, Executors executors)
    : store_(store),
      domain_(domain),
      deployments_(deployments),
      alarms_(alarms),
      group_(executors.control) {}

Task<Unit> Monitoring::start() {
  if (!alarms_) co_return done;
  // First the listener: what changes while the environments are read is looked at twice.
  alarms_->on_change([this](std::string arn) { changed(std::move(arn)); });
  deployments_.on_change([this](const Scope& scope, const Deployment& d) {
    look(scope, d.application_id, d.environment_id);
  });
  CO_TRY(auto all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    CO_TRY(auto environments, co_await load_all<Environment>(store_, row(scope, "env")));
    for (const auto& e : environments)
      if (!e.record.monitors.empty()) look(scope, e.record.application_id, e.record.id);
  }
  co_return done;
}

asio::awaitable<void> Monitoring::close() {
  if (alarms_) alarms_->on_change(nullptr);
  co_await group_.close();
}

void Monitoring::look(Scope scope, std::string application_id, std::string environment_id) {
  if (!alarms_) return;
  Place place;
  place.scope = std::move(scope);
  place.application_id = std::move(application_id);
  place.environment_id = std::move(environment_id);
  running_[place] = ++looks_;
  group_.spawn("alarms of an environment", judge_until_done(std::move(place), ""));
}

void Monitoring::changed(std::string alarm_arn) {
  std::vector<Place> places;  // a look that ends at once takes its place out of the map
  for (const auto& [place, look] : running_) places.push_back(place);
  for (const Place& place : places)
    group_.spawn("alarms of an environment", judge_until_done(place, alarm_arn));
}

Task<Unit> Monitoring::judge_until_done(Place place, std::string alarm_arn) {
  for (;;) {
    Status judged = co_await judge(place, alarm_arn);
    if (judged.ok()) co_return done;
    // A store that writes no more rolls nothing back.
    if (judged.fault() == Fault::cancelled || judged.fault() == Fault::read_only)
      co_return std::move(judged).error();
    LOG_WARN("the alarms of environment {} could not be looked at: {}", place.environment_id,
             judged.error().message);
    CO_TRY(Unit slept, co_await sleep_until(domain_, domain_.now() + Duration{1000}));
    (void)slept;
  }
}

Task<Unit> Monitoring::judge(Place place, std::string alarm_arn) {
  const std::uint64_t look = running_[place];
  CO_TRY(bool busy,
         co_await deployments_.busy(place.scope, place.application_id, place.environment_id));
  if (!busy) {
    // The next deployment here puts it in again.
    auto known = running_.find(place);
    if (known != running_.end() && known->second == look) running_.erase(known);
    co_return done;
  }
  const std::string key = row(place.scope, "env", place.application_id, place.environment_id);
  CO_TRY(auto environment, co_await load<Environment>(store_, key));
  if (!environment) co_return done;
  for (const Monitor& m : environment->record.monitors) {
    if (!alarm_arn.empty() && m.alarm_arn != alarm_arn) continue;
    CO_TRY(auto alarm, co_await alarms_->state(place.scope, m.alarm_arn));
    if (!alarm || alarm->state != AlarmState::alarm || !alarm->acts) continue;
    CO_TRY(bool rolled_back, co_await deployments_.roll_back(place.scope, place.application_id,
                                                             place.environment_id, m.alarm_arn));
    if (rolled_back)
      LOG_WARN("alarm {} rolled a deployment back env={}", m.alarm_arn, place.environment_id);
    co_return done;
  }
  co_return done;
}

}  // namespace tidegate::appconfig
