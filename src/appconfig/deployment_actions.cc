#include "appconfig/deployment_actions.h"

#include "appconfig/keys.h"
#include "base/bytes.h"
#include "base/log.h"

namespace tidegate::appconfig {

// What the queue carries: one action of ON_*, ready to be sent.
struct ToldAction {
  std::string uri, event, invocation_id, source_arn;
  std::optional<std::string> role_arn;
  std::string invocation_row;  // where its outcome is noted
  int depth = 0;
};

}  // namespace tidegate::appconfig

namespace tidegate::store {
template <>
struct record_of<appconfig::ToldAction> {
  using R = appconfig::ToldAction;
  static constexpr auto fields =
      std::tuple{field(1, &R::uri),        field(2, &R::event),    field(3, &R::invocation_id),
                 field(4, &R::source_arn), field(5, &R::role_arn), field(6, &R::invocation_row),
                 field(7, &R::depth)};
};
}  // namespace tidegate::store

namespace tidegate::appconfig {
namespace {

constexpr Duration kPause{1000};

// Before a webhook is tried again: 1, 4, 16, … seconds, at most a quarter of an hour.
Duration pause_after(int attempts) {
  return Duration{std::min<std::int64_t>(900'000, 1000LL << std::min(2 * attempts, 20))};
}

// The point at which extensions are told of an entry of the log.
std::optional<ActionPoint> point_of(const DeploymentEvent& event) {
  if (event.type == "DEPLOYMENT_STARTED") return ActionPoint::on_deployment_start;
  if (event.type == "PERCENTAGE_UPDATED") return ActionPoint::on_deployment_step;
  if (event.type == "BAKE_TIME_STARTED") return ActionPoint::on_deployment_baking;
  if (event.type == "DEPLOYMENT_COMPLETED") return ActionPoint::on_deployment_complete;
  if (event.type == "ROLLBACK_COMPLETED") return ActionPoint::on_deployment_rolled_back;
  return std::nullopt;
}

}  // namespace

struct DeploymentActions::Seen {
  Stored<Following> following;
  Stored<Deployment> deployment;
  DeploymentView view;
  std::vector<AppliedExtension> applied;

  Occasion occasion(ActionPoint point) const {
    const Deployment& d = deployment.record;
    Occasion o;
    o.point = point;
    o.application = {d.application_id, following.record.application_name};
    o.environment = {d.environment_id, following.record.environment_name};
    o.profile = {d.profile_id, d.configuration_name};
    o.description = d.description;
    o.deployment = d.number;
    o.configuration_version = d.version;
    return o;
  }
};

DeploymentActions::DeploymentActions(store::Store& store, Scheduler& domain,
                                     Deployments& deployments, ActionRunner& runner,
                                     FunctionCaller& functions, events::Queue& queue,
                                     Executors executors)
    : store_(store),
      domain_(domain),
      deployments_(deployments),
      runner_(runner),
      functions_(functions),
      queue_(queue),
      group_(executors.control) {
  deployments_.on_change([this](const Scope& scope, const Deployment& d) {
    Place place{scope, d.application_id, d.environment_id, d.number};
    if (d.extensions > 0) look(std::move(place));
  });
}

Task<Unit> DeploymentActions::start() {
  CO_TRY(auto all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    const std::string prefix = row(scope, "following");
    CO_TRY(auto rows, co_await load_all<Following>(store_, prefix));
    for (const auto& r : rows) {
      const std::vector<std::string> ids =
          split(std::string_view(r.kv.key).substr(prefix.size()), '/');
      if (ids.size() != 3) continue;
      Place place{scope, ids[0], ids[1], store::parse_ordered_number(ids[2])};
      look(std::move(place));
    }
  }
  co_return done;
}

asio::awaitable<void> DeploymentActions::close() {
  closed_ = true;
  for (auto& [place, state] : places_) domain_.cancel(state.timer);
  co_await group_.close();
}

void DeploymentActions::look(Place place) {
  if (closed_) return;
  State& state = places_[place];
  if (state.looking) {
    state.again = true;
    return;
  }
  state.looking = true;
  domain_.cancel(state.timer);
  group_.spawn("actions of a deployment", look_until_done(std::move(place)));
}

Task<Unit> DeploymentActions::look_until_done(Place place) {
  for (;;) {
    places_[place].again = false;
    Result<std::optional<Instant>> next = co_await advance(place);
    State& state = places_[place];
    // A store that writes no more tells and asks nothing.
    if (!next.ok() && (next.fault() == Fault::cancelled || next.fault() == Fault::read_only))
      co_return std::move(next).error();
    if (!next.ok()) {
      LOG_WARN("the extensions of deployment {} in environment {} wait: {}", place.number,
               place.environment_id, next.error().message);
      CO_TRY(Unit slept, co_await sleep_until(domain_, domain_.now() + kPause));
      (void)slept;
      continue;
    }
    if (state.again) continue;
    if (!*next) {
      places_.erase(place);
      co_return done;
    }
    state.looking = false;
    state.timer = domain_.at(**next, [this, place] { look(place); });
    co_return done;
  }
}

Task<std::optional<DeploymentActions::Seen>> DeploymentActions::see(Place place) {
  auto key = [&place](std::string_view table) {
    return deployment_row(place.scope, place.application_id, place.environment_id, place.number,
                          table);
  };
  std::optional<Seen> out;
  CO_TRY(auto following, co_await load<Following>(store_, key("following")));
  if (!following) co_return out;
  CO_TRY(auto deployment, co_await load<Deployment>(store_, key("dep")));
  if (!deployment) {
    // Its environment is gone.
    store::Txn txn;
    txn.erase(key("following"));
    CO_TRY(auto revision, co_await store_.commit(std::move(txn)));
    (void)revision;
    co_return out;
  }
  CO_TRY(auto applied, co_await load_all<AppliedExtension>(store_, key("applied") + "/"));
  DeploymentView view = view_at(deployment->record, domain_.now());
  std::reverse(view.log.begin(), view.log.end());
  out = Seen{std::move(*following), std::move(*deployment), std::move(view), {}};
  for (auto& a : applied) out->applied.push_back(std::move(a.record));
  co_return out;
}

Task<std::optional<Instant>> DeploymentActions::advance(Place place) {
  for (;;) {
    CO_TRY(auto seen, co_await see(place));
    if (!seen) co_return std::optional<Instant>{};
    const Deployment& d = seen->deployment.record;
    if (seen->following.record.told < seen->view.log.size()) {
      CO_TRY(Unit told, co_await tell(place, *seen));
      (void)told;
      continue;
    }
    if (!in_progress(seen->view.state)) {
      store::Txn txn;
      txn.guard(store::Guard::unchanged(seen->following.kv)).erase(seen->following.kv.key);
      CO_TRY(auto revision, co_await store_.commit(std::move(txn)));
      (void)revision;
      co_return std::optional<Instant>{};
    }
    const Instant now = domain_.now();
    const std::vector<Instant> plan = boundaries(d.growth, d.started);
    if (!d.ticks) {
      const auto next = std::upper_bound(plan.begin(), plan.end(), now);
      co_return std::optional<Instant>(next == plan.end() ? now + kPause : *next);
    }
    // In progress, so there is a boundary that is not passed.
    State& state = places_[place];
    Instant due = plan[std::min(d.passed.size(), plan.size() - 1)];
    if (!state.asked) state.asked = std::max(now, d.started);
    due = std::min(due, *state.asked + kTick);
    if (due > now) co_return std::optional<Instant>(due);
    CO_TRY(Unit asked, co_await ask(place, *seen));
    (void)asked;
    places_[place].asked = domain_.now();
  }
}

// Puts what extensions are told of the next entry of the log into the queue.
Task<Unit> DeploymentActions::tell(const Place& place, const Seen& seen) {
  const std::uint32_t entry = seen.following.record.told;
  const Deployment& d = seen.deployment.record;
  Following next = seen.following.record;
  ++next.told;
  store::Txn txn;
  txn.guard(store::Guard::unchanged(seen.following.kv));
  txn.put(seen.following.kv.key, store::encode(next));
  if (auto point = point_of(seen.view.log[entry])) {
    const Occasion occasion = seen.occasion(*point);
    std::size_t i = 0;
    for (const DueAction& due : due_actions(seen.applied, *point)) {
      ActionInvocation invocation = invocation_of(due, runner_.new_invocation_id());
      ToldAction told;
      told.uri = due.action->uri;
      told.event = event_of(occasion, due.extension->parameters, invocation.invocation_id);
      told.invocation_id = invocation.invocation_id;
      told.source_arn = source_arn(place.scope, occasion);
      told.role_arn = due.action->role_arn;
      told.invocation_row = invocation_row(place.scope, d, entry, *point, i++);
      told.depth = d.depth;
      events::Delivery delivery;
      delivery.id =
          fmt::format("{}-{}-{}-{}", d.environment_id, d.number, entry, invocation.invocation_id);
      delivery.lane = told.uri;
      // Each target is told of one deployment in order, but for what has to be tried again.
      delivery.series = fmt::format("{}/{}/{}", d.environment_id, d.number, told.uri);
      delivery.body = store::encode(told);
      Status queued = queue_.append(txn, place.scope, std::move(delivery));
      if (!queued.ok()) {
        invocation.error_code = name_of(queued.fault());
        invocation.error_message = queued.error().message;
      }
      txn.put(told.invocation_row, store::encode(invocation));
    }
  }
  CO_TRY(auto revision, co_await store::commit_recognisably(store_, std::move(txn)));
  (void)revision;
  co_return done;
}

Task<Unit> DeploymentActions::ask(const Place& place, const Seen& seen) {
  const Deployment& d = seen.deployment.record;
  Occasion occasion = seen.occasion(ActionPoint::at_deployment_tick);
  occasion.state = std::string(to_string(seen.view.state));
  occasion.percentage = seen.view.percentage;
  ActionRunner::Verdict verdict;
  if (std::optional<ActionRunner::Verdict>& kept = places_[place].veto) {
    verdict = *kept;
  } else {
    auto asking = runner_.tick(place.scope, occasion, seen.applied, d.depth);
    CO_TRY(verdict, co_await std::move(asking));
  }
  Status heard = done;
  if (verdict.veto) {
    places_[place].veto = verdict;
    heard = co_await deployments_.veto(place.scope, seen.deployment, *verdict.veto,
                                       std::move(verdict.invoked));
  } else {
    heard = co_await deployments_.pass(place.scope, seen.deployment, std::move(verdict.invoked));
  }
  // Somebody stopped it meanwhile: there is nothing to agree to any more.
  if (!heard.ok() && heard.fault() == Fault::guard_failed) co_return done;
  co_return heard;
}

Task<events::Outcome> DeploymentActions::deliver(events::Delivery delivery) {
  using Kind = events::Outcome::Kind;
  CO_TRY(ToldAction told, store::decode<ToldAction>(delivery.body));
  events::Outcome outcome;
  Status sent = done;
  if (is_webhook(told.uri)) {
    auto answer = co_await runner_.post(told.uri, told.event, told.invocation_id);
    if (!answer.ok()) sent = std::move(answer).error();
  } else {
    FunctionCall call;
    call.function_arn = told.uri;
    call.payload = told.event;
    call.source_arn = told.source_arn;
    call.role_arn = told.role_arn;
    call.depth = told.depth;
    sent = co_await functions_.call_later(outcome.also, delivery.scope, std::move(call));
  }
  if (sent.ok()) {
    if (delivery.attempts > 0) {
      CO_TRY(Unit noted, co_await note(outcome.also, told.invocation_row, std::nullopt));
      (void)noted;
    }
    co_return outcome;
  }
  if (is_ours(sent.fault())) co_return std::move(sent).error();  // the queue tries again
  outcome.also = {};
  const bool hopeless = !is_webhook(told.uri) || sent.fault() == Fault::access_denied;
  outcome.kind = hopeless || delivery.attempts + 1 >= kAttempts ? Kind::dead : Kind::retry;
  outcome.retry_at = domain_.now() + pause_after(delivery.attempts);
  outcome.error = sent.error().message;
  CO_TRY(Unit noted, co_await note(outcome.also, told.invocation_row, sent.error()));
  (void)noted;
  co_return outcome;
}

// How an invocation went, in the event log; nothing when the deployment is gone.
Task<Unit> DeploymentActions::note(store::Txn& txn, std::string key, std::optional<Error> error) {
  CO_TRY(auto found, co_await load<ActionInvocation>(store_, key));
  if (!found) co_return done;
  ActionInvocation& invocation = found->record;
  invocation.error_code.reset();
  invocation.error_message.reset();
  if (error) {
    invocation.error_code = name_of(error->fault);
    invocation.error_message = error->message.substr(0, 2048);
  }
  txn.guard(store::Guard::unchanged(found->kv)).put(key, store::encode(invocation));
  co_return done;
}

}  // namespace tidegate::appconfig
