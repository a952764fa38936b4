#include "appconfig/deployments.h"

#include "appconfig/flags/document.h"
#include "appconfig/flags/retrieval.h"
#include "appconfig/keys.h"
#include "appconfig/tags.h"
#include "base/log.h"

namespace tidegate::appconfig {
namespace {

constexpr Duration kRetryCompletion{60'000};
constexpr std::size_t kMaxAppliedBytes = 900'000;  // together, in one transaction with the rest
constexpr std::size_t kMaxReason = 900;            // an entry's Description has 1024

Error still_busy(const std::string& environment_id) {
  return Error{Fault::conflict,
               fmt::format("Environment {} currently has a state of DEPLOYING. The current "
                           "deployment must finish before a new deployment can be started.",
                           environment_id)};
}

// The answer of StartDeployment: the first instant, before any step.
DeploymentView first_view(const Deployment& d) {
  DeploymentView view;
  view.log.push_back({"DEPLOYMENT_STARTED", "USER", "Deployment started", d.started, {}});
  return view;
}

}  // namespace

std::string invocation_row(const Scope& scope, const Deployment& d, std::size_t entry,
                           ActionPoint point, std::size_t index) {
  const std::string of =
      deployment_row(scope, d.application_id, d.environment_id, d.number, "invoked");
  return fmt::format("{}/{:04}/{}/{:02}", of, entry, static_cast<int>(point), index);
}

Task<Unit> Deployments::recover() {
  CO_TRY(auto all, co_await store::scopes(p_.store));
  for (const Scope& scope : all) {
    CO_TRY(auto lines, co_await load_all<Served>(p_.store, row(scope, "served")));
    for (const auto& line : lines) {
      // What is held back is passed on by its extensions.
      if (!line.record.rollout || line.record.rollout->horizon) continue;
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
  LOG_INFO("deployment complete {} number={}", served_key.substr(served_key.find("/served/") + 8),
           served->record.base->deployment);
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
  CO_TRY(Unit fits, check_size(loaded.content));
  (void)fits;
  co_return loaded;
}

Status Deployments::check_size(const std::string& content) const {
  if (content.size() > p_.max_content) return too_large_content(content.size(), p_.max_content);
  if (content.empty())
    return bad_request(
        "The configuration is empty. Clients could not tell it from an unchanged one.");
  return done;
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
  CO_TRY(Loaded loaded, co_await fetch(scope, profile, request.version));
  const std::uint64_t number = (free.counter ? free.counter->record.last : 0) + 1;
  auto preparing = prepare(scope, request, application, environment, profile, number, loaded);
  CO_TRY(Acting acting, co_await std::move(preparing));
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
        co_await record(scope, request, profile, environment, strategy, loaded, acting);
    if (recorded.ok() || recorded.fault() != Fault::guard_failed) co_return recorded;
    CO_TRY(environment, co_await p_.environments.find(scope, application.id, environment.id));
    CO_TRY(profile, co_await p_.profiles.find(scope, application.id, profile.id));
  }
  co_return changed_meanwhile();
}

Task<DeploymentNow> Deployments::record(Scope scope, StartRequest request, Profile profile,
                                        Environment environment, Strategy strategy, Loaded loaded,
                                        const Acting& acting) {
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
  d.extensions = static_cast<std::uint32_t>(acting.applied.size());
  d.ticks = !due_actions(acting.applied, ActionPoint::at_deployment_tick).empty();
  d.depth = request.depth;

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
  next.rollout = Rollout{std::move(release), d.growth, d.started, horizon(d)};
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
  CO_TRY(Unit acts, put_acting(scope, d, acting, environment.name, txn));
  (void)acts;
  Result<store::Revision> committed = co_await store::commit_recognisably(p_.store, std::move(txn));
  if (!committed.ok()) {
    if (committed.fault() != Fault::outcome_unknown)
      for (const ContentRef& copy : copies) p_.contents.forget(copy);
    co_return std::move(committed).error();
  }
  for (const ContentRef& ref : dropped) p_.contents.forget(ref);
  if (!d.ticks) watch_completion(scope, served_key, completion(d.growth, d.started));
  LOG_INFO("deployment started app={} env={} profile={} number={} version={}", d.application_id,
           d.environment_id, d.profile_id, d.number, d.version);
  // A server that closes meanwhile has recorded it all the same.
  Status visible = co_await p_.snapshot.caught_up(*committed);
  (void)visible;
  for (const Changed& changed : changed_) changed(scope, d);
  DeploymentView view = first_view(d);
  view.log.back().invocations = acting.invoked;
  co_return DeploymentNow{std::move(d), std::move(view), acting.applied};
}

Task<Deployments::Acting> Deployments::prepare(Scope scope, const StartRequest& request,
                                               const Application& application,
                                               const Environment& environment,
                                               const Profile& profile, std::uint64_t number,
                                               Loaded& loaded) {
  Acting acting;
  acting.application_name = application.name;
  const std::vector<std::string> paths = {application_path(application.id),
                                          environment_path(application.id, environment.id),
                                          profile_path(application.id, profile.id)};
  CO_TRY(acting.applied, co_await p_.associations.applied(scope, paths));
  CO_TRY(Unit laid,
         co_await overlay(p_.extensions, scope, request.dynamic_parameters, acting.applied));
  (void)laid;
  Occasion occasion;
  occasion.point = ActionPoint::pre_start_deployment;
  occasion.application = {application.id, application.name};
  occasion.environment = {environment.id, environment.name};
  occasion.profile = {profile.id, profile.name};
  occasion.description = request.description;
  occasion.deployment = number;
  occasion.content = {loaded.content, loaded.content_type, loaded.version};
  auto asking = p_.actions.rewrite(scope, occasion, acting.applied, request.depth, acting.invoked);
  CO_TRY(Unit asked, co_await std::move(asking));
  (void)asked;
  if (acting.invoked.empty()) co_return acting;
  if (profile.type == flags::kType) {
    // What an extension made of a document of flags is checked and stamped as an upload is.
    if (occasion.content->bytes != loaded.content) {
      CO_TRY(loaded.content,
             flags::accept(occasion.content->bytes, loaded.content, p_.domain.now()));
    }
  } else {
    loaded.content = std::move(occasion.content->bytes);
    loaded.content_type = std::move(occasion.content->type);
  }
  CO_TRY(Unit fits, check_size(loaded.content));
  (void)fits;
  co_return acting;
}

Status Deployments::put_acting(const Scope& scope, const Deployment& d, const Acting& acting,
                               std::string environment_name, store::Txn& txn) const {
  if (acting.applied.empty()) return done;
  std::size_t bytes = 0, index = 0;
  const std::string applied =
      deployment_row(scope, d.application_id, d.environment_id, d.number, "applied");
  for (const AppliedExtension& a : acting.applied) {
    txn.put(fmt::format("{}/{:02}", applied, index++), store::encode(a));
    bytes += txn.puts.back().second.size();
  }
  if (bytes > kMaxAppliedBytes)
    return bad_request(fmt::format(
        "The extensions that act on this deployment take {} bytes together; the limit is {}.",
        bytes, kMaxAppliedBytes));
  index = 0;
  for (const ActionInvocation& invocation : acting.invoked)
    txn.put(invocation_row(scope, d, 0, ActionPoint::pre_start_deployment, index++),
            store::encode(invocation));
  Following following;
  following.application_name = acting.application_name;
  following.environment_name = std::move(environment_name);
  txn.put(deployment_row(scope, d.application_id, d.environment_id, d.number, "following"),
          store::encode(following));
  return done;
}

// Adds what extensions did to the entries of the event log.
Task<Unit> Deployments::show_invocations(Scope scope, DeploymentNow& now) {
  const Deployment& d = now.record;
  auto of = [&](std::string_view table) {
    return deployment_row(scope, d.application_id, d.environment_id, d.number, table) + "/";
  };
  CO_TRY(auto applied, co_await load_all<AppliedExtension>(p_.store, of("applied")));
  for (auto& a : applied) now.applied.push_back(std::move(a.record));
  const std::string prefix = of("invoked");
  CO_TRY(auto invoked, co_await load_all<ActionInvocation>(p_.store, prefix));
  for (auto& i : invoked) {
    // The rows count the entries from the first; the log shows the last one first.
    const auto entry = static_cast<std::size_t>(
        std::strtoull(i.kv.key.substr(prefix.size(), 4).c_str(), nullptr, 10));
    if (entry >= now.view.log.size()) continue;  // of a time that a clock set back has yet to come
    now.view.log[now.view.log.size() - 1 - entry].invocations.push_back(std::move(i.record));
  }
  co_return done;
}

Task<DeploymentNow> Deployments::find(Scope scope, std::string application, std::string environment,
                                      std::uint64_t number) {
  CO_TRY(Environment parent, co_await p_.environments.find(scope, application, environment));
  const std::string key = deployment_row(scope, parent.application_id, parent.id, number);
  CO_TRY(auto found, co_await load<Deployment>(p_.store, key));
  if (!found) co_return not_found("Deployment", std::to_string(number));
  DeploymentNow now{std::move(found->record), {}, {}};
  now.view = view_at(now.record, p_.domain.now());
  if (now.record.extensions > 0) {
    CO_TRY(Unit shown, co_await show_invocations(scope, now));
    (void)shown;
  }
  co_return now;
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
    out.items.push_back({std::move(d), std::move(view), {}});
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

Task<Unit> Deployments::pass(Scope scope, Stored<Deployment> asked,
                             std::vector<ActionInvocation> invoked) {
  Deployment& d = asked.record;
  const Instant now = p_.domain.now();
  const std::vector<Instant> plan = boundaries(d.growth, d.started);
  // Asked between two boundaries: it stands where it stood.
  if (d.passed.size() >= plan.size() || plan[d.passed.size()] > now) co_return done;
  const std::string served_key =
      row(scope, "served", d.application_id, d.environment_id, d.profile_id);
  CO_TRY(auto served, co_await load<Served>(p_.store, served_key));
  if (!served || !served->record.rollout || served->record.rollout->release.deployment != d.number)
    co_return Error{Fault::guard_failed, "the rollout changed"};
  // What comes next in the log is what they agreed to.
  const std::size_t entry = view_at(d, now).log.size();
  d.passed.push_back(now);
  served->record.rollout->horizon = horizon(d);
  store::Txn txn;
  txn.guard(store::Guard::unchanged(asked.kv)).guard(store::Guard::unchanged(served->kv));
  txn.put(asked.kv.key, store::encode(d)).put(served_key, store::encode(served->record));
  std::size_t index = 0;
  for (const ActionInvocation& i : invoked)
    txn.put(invocation_row(scope, d, entry, ActionPoint::at_deployment_tick, index++),
            store::encode(i));
  CO_TRY(store::Revision revision, co_await store::commit_recognisably(p_.store, std::move(txn)));
  (void)revision;
  if (!horizon(d)) watch_completion(scope, served_key, now);
  co_return done;
}

Task<Unit> Deployments::veto(Scope scope, Stored<Deployment> asked, std::string why,
                             std::vector<ActionInvocation> invoked) {
  Stopper extension;
  extension.name = why.substr(0, kMaxReason);
  extension.trigger = StopTrigger::extension;
  extension.invoked = std::move(invoked);
  LOG_WARN("deployment vetoed app={} env={} number={}: {}", asked.record.application_id,
           asked.record.environment_id, asked.record.number, extension.name);
  co_return co_await take_back(scope, std::move(asked), false, std::move(extension));
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
  // The rollback's start is the last entry but one.
  std::size_t index = 0;
  const std::size_t entries = by.invoked.empty() ? 0 : view_at(d, now).log.size();
  for (const ActionInvocation& i : by.invoked)
    txn.put(invocation_row(scope, d, entries - 2, ActionPoint::at_deployment_tick, index++),
            store::encode(i));
  CO_TRY(store::Revision revision, co_await store::commit_recognisably(p_.store, std::move(txn)));
  for (const ContentRef& ref : dropped) p_.contents.forget(ref);
  LOG_INFO("deployment {} app={} env={} number={}", revert ? "reverted" : "rolled back",
           d.application_id, d.environment_id, d.number);
  Status visible = co_await p_.snapshot.caught_up(revision);
  (void)visible;
  for (const Changed& changed : changed_) changed(scope, d);
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
