// DeploymentActions: what extensions are asked and told while a deployment runs.
//
// A deployment is a function of its record and the time, and nobody drives it. Its event log is,
// too; so each entry is observed exactly once by a cursor: the row `following` (written in the
// transaction that starts the deployment, gone when nothing can follow any more) counts the entries
// that were told, and moves in the transaction that puts what to tell into the queue. What is told
// can be late, after a crash or a jump of the clock; it is never lost, and told again only by the
// queue (at least once).
//
// AT_DEPLOYMENT_TICK is asked at each boundary of the plan, and a minute after it was asked last.
// The deployment (and what clients are served) stands before the boundary until every extension
// agreed, and then passes it in a transaction; one that fails or says ROLL_BACK rolls it back.
// After a jump of the clock each boundary is asked for in its turn.
//
// What fails in this server (a store that is away) is tried again after a second. One look at a
// deployment at a time. On the control strand.
#pragma once

#include <map>

#include "appconfig/actions.h"
#include "appconfig/deployments.h"
#include "base/task_group.h"
#include "events/queue.h"

namespace tidegate::appconfig {

class DeploymentActions {
 public:
  static constexpr Duration kTick{60'000};
  // A webhook is tried as often, within two hours, before it is given up (and stays on the dead
  // list).
  static constexpr int kAttempts = 12;

  DeploymentActions(store::Store& store, Scheduler& domain, Deployments& deployments,
                    ActionRunner& runner, FunctionCaller& functions, events::Queue& queue,
                    Executors executors);

  // Takes up what an earlier run left.
  Task<Unit> start();
  asio::awaitable<void> close();

  // The queue's handler: one action of ON_*.
  Task<events::Outcome> deliver(events::Delivery delivery);

 private:
  struct Place {
    Scope scope;
    std::string application_id, environment_id;
    std::uint64_t number = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct State {
    bool looking = false;
    bool again = false;  // something changed meanwhile
    Scheduler::TimerId timer = 0;
    std::optional<Instant> asked;  // the last tick
    // A refusal that could not be recorded yet: it is not asked for again.
    std::optional<ActionRunner::Verdict> veto;
  };
  struct Seen;  // a deployment with what acts on it

  void look(Place place);
  Task<Unit> look_until_done(Place place);
  // When to look again; nullopt: it is over.
  Task<std::optional<Instant>> advance(Place place);
  Task<std::optional<Seen>> see(Place place);
  Task<Unit> tell(const Place& place, const Seen& seen);
  Task<Unit> ask(const Place& place, const Seen& seen);
  Task<Unit> note(store::Txn& txn, std::string key, std::optional<Error> error);

  store::Store& store_;
  Scheduler& domain_;
  Deployments& deployments_;
  ActionRunner& runner_;
  FunctionCaller& functions_;
  events::Queue& queue_;
  TaskGroup group_;
  std::map<Place, State> places_;  // deployments in progress with extensions
  bool closed_ = false;
};

}  // namespace tidegate::appconfig
