#include "appconfig/deployments.h"

#include "appconfig/flags/document.h"
#include "appconfig/flags/retrieval.h"
#include "appconfig/keys.h"
#include "appconfig/tags.h"
#include "base/log.h"

namespace tidegate::appconfig {
namespace {

constexpr Duration kRetryCompletion{60'000};

Error still_busy(const std::string& environment_id) {
  return Error{Fault::conflict,
               fmt::format("Environment {} currently has a state of DEPLOYING. The current "
                           "deployment must finish before a new deployment can be started.",
                           environment_id)};
}

// The answer of StartDeployment: the first instant, before any step.
DeploymentView first_view(const Deployment& d) {
  DeploymentView view;
  view.log.push_back({"DEPLOYMENT_STARTED", "USER", "Deployment started", d.started});
  return view;
}

}  // namespace

Task<Unit> Deployments::recover() {
  CO_TRY(auto all, co_await store::scopes(p_.store));
  for (const Scope& scope : all) {
    CO_TRY(auto lines, co_await load_all<Served>(p_.store, row(scope, "served")));
    for (const auto& line : lines) {
      if (!line.record.rollout) continue;
      const Rollout& r = *line.record.rollout;
      watch_completion(scope, line.kv.key, completion(r.growth, r.started));
    }
  }
  co_return done;
}

asio::awaitable<void> Deployments::close() {
  closed_ = true;
  for (const auto& [key, timer] : timers_) p_.domain.cancel(timer);
  timers_.clear();
  co_await group_.close();
}

void Deployments::watch_completion(Scope scope, std::string served_key, Instant at) {
  if (closed_) return;
  if (auto had = timers_.find(served_key); had != timers_.end()) p_.domain.cancel(had->second);
  timers_[served_key] = p_.domain.at(at, [this, scope, served_key] {
    timers_.erase(served_key);
    group_.spawn("complete deployment", complete(scope, served_key));
  });
}

Task<Unit> Deployments::complete(Scope scope, std::string served_key) {
  CO_TRY(auto served, co_await load<Served>(p_.store, served_key));
  if (!served || !served->record.rollout) co_return done;
  std::vector<ContentRef> dropped;
  fold(served->record, p_.domain.now(), dropped);
  if (served->record.rollout) co_return done;  // another one: it has its own timer
  store::Txn txn;
  txn.guard(store::Guard::unchanged(served->kv)).put(served_key, store::encode(served->record));
  for (const ContentRef& ref : dropped) p_.contents.erase(scope, ref, txn);
  Result<store::Revision> committed = co_await store::commit_recognisably(p_.store, std::move(txn));
  // Whoever changed the row meanwhile has folded it.
  if (!committed.ok() && committed.fault() == Fault::guard_failed) co_return done;
  if (!committed.ok()) {
    // Clients are served by time all the same; only the row and old contents wait.
    watch_completion(scope, served_key, p_.domain.now() + kRetryCompletion);
    co_return std::move(committed).error();
  }
  for (const ContentRef& ref : dropped) p_.contents.forget(ref);
  LOG_INFO("deployment complete {} number={}", served_key, served->record.base->deployment);
  co_return done;
}

Task<Deployments::Loaded> Deployments::fetch(Scope scope, Profile profile, std::string version) {
  Loaded loaded;
  if (profile.location_uri == kHosted) {
    CO_TRY(HostedVersion found, co_await p_.versions.find_by_text(scope, profile, version));
    CO_TRY(auto content, co_await p_.versions.content(scope, found));
    loaded.content = *content;
    loaded.content_type = found.content_type;
    loaded.version = std::to_string(found.number);
    loaded.label = found.label;
  } else {
    CO_TRY(SourceContent found,
           co_await p_.source.fetch(scope, profile.retrieval_role_arn.value_or(""),
                                    profile.location_uri, version, p_.max_content));
    loaded.content = std::move(found.bytes);
    loaded.content_type = std::move(found.content_type);
    loaded.version = version;
  }
  if (loaded.content.size() > p_.max_content)
    co_return too_large_content(loaded.content.size(), p_.max_content);
  if (loaded.content.empty())
    co_return bad_request(
        "The configuration is empty. Clients could not tell it from an unchanged one.");
  co_return loaded;
}

Task<Unit> Deployments::judge(Scope scope, Profile profile, Loaded loaded, int depth) {
  Candidate candidate;
  candidate.application_id = profile.application_id;
  candidate.profile_id = profile.id;
  candidate.version = loaded.version;
  candidate.location_uri = profile.location_uri;
  candidate.content_type = loaded.content_type;
  candidate.content = std::move(loaded.content);
  candidate.depth = depth;
  co_return co_await p_.validation.judge(scope, profile.validators, std::move(candidate));
}

Task<Unit> Deployments::validate(Scope scope, std::string application, std::string profile,
                                 std::string version, int depth) {
  CO_TRY(Profile found, co_await p_.profiles.find(scope, application, profile));
  CO_TRY(Loaded loaded, co_await fetch(scope, found, version));
  co_return co_await judge(scope, found, std::move(loaded), depth);
}

Task<Deployments::Turn> Deployments::idle(Scope scope, std::string application,
                                          std::string environment,
                                          std::optional<std::int64_t> expected) {
  Turn turn;
  CO_TRY(turn.counter, co_await load<DeploymentCounter>(
                           p_.store, row(scope, "depcount", application, environment)));
  if (turn.counter) {
    const std::string key =
        deployment_row(scope, application, environment, turn.counter->record.last);
    CO_TRY(auto newest, co_await load<Deployment>(p_.store, key));
    if (newest) turn.newest = std::move(newest->record);
  }
  if (turn.newest && in_progress(view_at(*turn.newest, p_.domain.now()).state))
    co_return still_busy(environment);
  const auto last = static_cast<std::int64_t>(turn.counter ? turn.counter->record.last : 0);
  if (expected && *expected != last)
    co_return Error{Fault::conflict,
                    fmt::format("LatestDeploymentNumber is {}, but the latest deployment of "
                                "environment {} is {}.",
                                *expected, environment, last)};
  co_return turn;
}

Task<DeploymentNow> Deployments::start(Scope scope, StartRequest request) {
  CO_TRY(Unit tagged, check_tags(request.tags));
  (void)tagged;
  CO_TRY(Application application, co_await p_.applications.find(scope, request.application));
  CO_TRY(Environment environment,
         co_await p_.environments.find(scope, application.id, request.environment));
  CO_TRY(Strategy strategy, co_await p_.strategies.find(scope, request.strategy));
  CO_TRY(Profile profile, co_await p_.profiles.find(scope, application.id, request.profile));
  CO_TRY(Turn free,
         co_await idle(scope, application.id, environment.id, request.latest_deployment_number));
  (void)free;
  CO_TRY(Loaded loaded, co_await fetch(scope, profile, request.version));
  CO_TRY(Unit judged, co_await judge(scope, profile, loaded, request.depth));
  (void)judged;
  if (profile.type == flags::kType) {
    // Validators saw the stored document; clients get the values.
    loaded.flags = std::move(loaded.content);
    CO_TRY(loaded.content, flags::retrieval_json(*loaded.flags));
  }
  // The timer that completes the deployment before may come in between; so may a deletion.
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<DeploymentNow> recorded =
        co_await record(scope, request, profile, environment, strategy, loaded);
    if (recorded.ok() || recorded.fault() != Fault::guard_failed) co_return recorded;
    CO_TRY(environment, co_await p_.environments.find(scope, application.id, environment.id));
    CO_TRY(profile, co_await p_.profiles.find(scope, application.id, profile.id));
  }
  co_return changed_meanwhile();
}

Task<DeploymentNow> Deployments::record(Scope scope, StartRequest request, Profile profile,
                                        Environment environment, Strategy strategy, Loaded loaded) {
  // Validators took their time: the turn is looked at again, and held by the counter's guard.
  CO_TRY(Turn turn, co_await idle(scope, environment.application_id, environment.id,
                                  request.latest_deployment_number));
  Deployment d;
  d.application_id = environment.application_id;
  d.environment_id = environment.id;
  d.profile_id = profile.id;
  d.strategy_id = strategy.id;
  d.number = (turn.counter ? turn.counter->record.last : 0) + 1;
  d.configuration_name = profile.name;
  d.location_uri = profile.location_uri;
  d.version = loaded.version;
  d.version_label = loaded.label;
  d.description = request.description;
  d.growth = {strategy.duration_minutes, strategy.growth_type, strategy.growth_factor,
              strategy.bake_minutes};
  d.started = p_.domain.now();
  d.kms_key_identifier = request.kms_key_identifier;
  d.tags = request.tags;

  const std::string count_key = row(scope, "depcount", d.application_id, d.environment_id);
  const std::string served_key =
      row(scope, "served", d.application_id, d.environment_id, d.profile_id);
  CO_TRY(auto served, co_await load<Served>(p_.store, served_key));
  Served next = served ? served->record : Served{};
  std::vector<ContentRef> dropped;
  fold(next, d.started, dropped);
  // Only a clock that was set back gets here; what is being served must not be lost for it.
  if (next.rollout) co_return still_busy(environment.id);
  store::Txn txn, content;
  Release release{d.number,
                  d.version,
                  d.version_label,
                  loaded.content_type,
                  {},
                  d.kms_key_identifier.has_value(),
                  {}};
  CO_TRY(release.content, co_await p_.contents.put(scope, std::move(loaded.content), content));
  if (loaded.flags) {
    CO_TRY(release.flags, co_await p_.contents.put(scope, std::move(*loaded.flags), content));
  }
  std::vector<ContentRef> copies;
  release.drop_into(copies);
  next.rollout = Rollout{std::move(release), d.growth, d.started};
  // First the deployment's own row: it tells whether an unknown outcome was ours.
  txn.put(deployment_row(scope, d.application_id, d.environment_id, d.number), store::encode(d));
  txn.guard(turn.counter ? store::Guard::unchanged(turn.counter->kv)
                         : store::Guard::absent(count_key));
  txn.guard(served ? store::Guard::unchanged(served->kv) : store::Guard::absent(served_key));
  txn.guard(store::Guard::present(row(scope, "env", d.application_id, d.environment_id)));
  txn.guard(store::Guard::present(row(scope, "prof", d.application_id, d.profile_id)));
  txn.put(count_key, store::encode(DeploymentCounter{d.number}));
  txn.put(served_key, store::encode(next));
  for (auto& put : content.puts) txn.puts.push_back(std::move(put));
  for (const ContentRef& ref : dropped) p_.contents.erase(scope, ref, txn);
  Result<store::Revision> committed = co_await store::commit_recognisably(p_.store, std::move(txn));
  if (!committed.ok()) {
    if (committed.fault() != Fault::outcome_unknown)
      for (const ContentRef& copy : copies) p_.contents.forget(copy);
    co_return std::move(committed).error();
  }
  for (const ContentRef& ref : dropped) p_.contents.forget(ref);
  watch_completion(scope, served_key, completion(d.growth, d.started));
  LOG_INFO("deployment started app={} env={} profile={} number={} version={}", d.application_id,
           d.environment_id, d.profile_id, d.number, d.version);
  // A server that closes meanwhile has recorded it all the same.
  Status visible = co_await p_.snapshot.caught_up(*committed);
  (void)visible;
  if (started_) started_(scope, d.application_id, d.environment_id);
  DeploymentView view = first_view(d);
  co_return DeploymentNow{std::move(d), std::move(view)};
}

Task<DeploymentNow> Deployments::find(Scope scope, std::string application, std::string environment,
                                      std::uint64_t number) {
  CO_TRY(Environment parent, co_await p_.environments.find(scope, application, environment));
  const std::string key = deployment_row(scope, parent.application_id, parent.id, number);
  CO_TRY(auto found, co_await load<Deployment>(p_.store, key));
  if (!found) co_return not_found("Deployment", std::to_string(number));
  DeploymentView view = view_at(found->record, p_.domain.now());
  co_return DeploymentNow{std::move(found->record), std::move(view)};
}

Task<Page<DeploymentNow>> Deployments::list(Scope scope, std::string application,
                                            std::string environment, PageRequest request) {
  CO_TRY(Environment parent, co_await p_.environments.find(scope, application, environment));
  auto loading = load_page<Deployment>(
      p_.store, row(scope, "dep", parent.application_id, parent.id) + "/", request, true);
  CO_TRY(Page<Deployment> page, co_await std::move(loading));
  Page<DeploymentNow> out;
  out.next_token = std::move(page.next_token);
  for (Deployment& d : page.items) {
    DeploymentView view = view_at(d, p_.domain.now());
    out.items.push_back({std::move(d), std::move(view)});
  }
  co_return out;
}

Task<DeploymentNow> Deployments::stop(Scope scope, std::string application, std::string environment,
                                      std::uint64_t number, bool allow_revert) {
  CO_TRY(Environment parent, co_await p_.environments.find(scope, application, environment));
  const std::string key = deployment_row(scope, parent.application_id, parent.id, number);
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto found, co_await load<Deployment>(p_.store, key));
    if (!found) co_return not_found("Deployment", std::to_string(number));
    const Instant now = p_.domain.now();
    const DeploymentView view = view_at(found->record, now);
    const bool revert = view.state == DeploymentState::complete;
    if (!in_progress(view.state) && !revert)
      co_return bad_request(fmt::format("Deployment {} cannot be stopped: its state is {}.", number,
                                        to_string(view.state)));
    if (revert && !allow_revert)
      co_return bad_request(fmt::format(
          "Deployment {} is COMPLETE. Use AllowRevert to revert a completed deployment.", number));
    if (revert && now - *view.completed > Duration{kRevertWindowMs})
      co_return bad_request(fmt::format(
          "Deployment {} was completed more than 72 hours ago and can no longer be reverted.",
          number));
    Stopper user;
    user.name = scope.account;
    Status taken = co_await take_back(scope, std::move(*found), revert, std::move(user));
    if (taken.ok()) co_return co_await find(scope, parent.application_id, parent.id, number);
    if (taken.fault() != Fault::guard_failed) co_return std::move(taken).error();
  }
  co_return changed_meanwhile();
}

Task<std::optional<Stored<Deployment>>> Deployments::newest(Scope scope, std::string application_id,
                                                            std::string environment_id) {
  CO_TRY(auto counter, co_await load<DeploymentCounter>(
                           p_.store, row(scope, "depcount", application_id, environment_id)));
  if (!counter) co_return std::optional<Stored<Deployment>>();
  co_return co_await load<Deployment>(
      p_.store, deployment_row(scope, application_id, environment_id, counter->record.last));
}

Task<bool> Deployments::busy(Scope scope, std::string application_id, std::string environment_id) {
  CO_TRY(auto found, co_await newest(scope, application_id, environment_id));
  if (!found) co_return false;
  co_return in_progress(view_at(found->record, p_.domain.now()).state);
}

Task<bool> Deployments::roll_back(Scope scope, std::string application_id,
                                  std::string environment_id, std::string alarm_arn) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto found, co_await newest(scope, application_id, environment_id));
    if (!found || !in_progress(view_at(found->record, p_.domain.now()).state)) co_return false;
    Stopper alarm;
    alarm.name = alarm_arn;
    alarm.trigger = StopTrigger::cloudwatch_alarm;
    Status taken = co_await take_back(scope, std::move(*found), false, std::move(alarm));
    if (taken.ok()) co_return true;
    if (taken.fault() != Fault::guard_failed) co_return std::move(taken).error();
  }
  co_return changed_meanwhile();
}

// Rolls a running deployment back, or reverts a completed one: clients are due what was there
// before.
Task<Unit> Deployments::take_back(Scope scope, Stored<Deployment> found, bool revert, Stopper by) {
  Deployment& d = found.record;
  const Instant now = p_.domain.now();
  const std::string served_key =
      row(scope, "served", d.application_id, d.environment_id, d.profile_id);
  CO_TRY(auto served, co_await load<Served>(p_.store, served_key));
  if (!served) co_return not_found("ConfigurationProfile", d.profile_id);
  Served next = served->record;
  std::vector<ContentRef> dropped;
  fold(next, now, dropped);
  d.stopped_by = std::move(by.name);
  d.trigger = by.trigger;
  if (revert) {
    if (!next.base || next.base->deployment != d.number || next.rollout || next.restored)
      co_return bad_request(fmt::format(
          "Deployment {} cannot be reverted: a newer deployment of its configuration exists.",
          d.number));
    d.reverted = now;
    next.base->drop_into(dropped);
    next.base = std::exchange(next.before, std::nullopt);
    next.restored = next.base.has_value();
  } else {
    if (!next.rollout || next.rollout->release.deployment != d.number)
      co_return Error{Fault::guard_failed, "the rollout changed"};
    d.stopped = now;
    next.rollout->release.drop_into(dropped);
    next.rollout.reset();
  }
  store::Txn txn;
  txn.guard(store::Guard::unchanged(found.kv)).guard(store::Guard::unchanged(served->kv));
  txn.put(found.kv.key, store::encode(d)).put(served_key, store::encode(next));
  for (const ContentRef& ref : dropped) p_.contents.erase(scope, ref, txn);
  CO_TRY(store::Revision revision, co_await store::commit_recognisably(p_.store, std::move(txn)));
  for (const ContentRef& ref : dropped) p_.contents.forget(ref);
  LOG_INFO("deployment {} app={} env={} number={}", revert ? "reverted" : "rolled back",
           d.application_id, d.environment_id, d.number);
  Status visible = co_await p_.snapshot.caught_up(revision);
  (void)visible;
  co_return done;
}

Task<std::string> Deployments::environment_state(Scope scope, std::string application_id,
                                                 std::string environment_id) {
  CO_TRY(auto found, co_await newest(scope, application_id, environment_id));
  if (!found) co_return std::string("ReadyForDeployment");
  switch (view_at(found->record, p_.domain.now()).state) {
    case DeploymentState::deploying:
    case DeploymentState::baking:
      co_return std::string("Deploying");
    case DeploymentState::rolled_back:
      co_return std::string("RolledBack");
    case DeploymentState::reverted:
      co_return std::string("Reverted");
    case DeploymentState::complete:
      break;
  }
  co_return std::string("ReadyForDeployment");
}

}  // namespace tidegate::appconfig
