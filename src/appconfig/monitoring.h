// Monitoring: an alarm of an environment's Monitors that is in ALARM, and whose actions are not
// switched off, rolls back the deployment in progress there, from its start to the end of bake. It
// looks when a deployment starts, when an alarm changes, when the monitors of an environment change
// and, for what an earlier run left, at start(); so nothing depends on a message that a crash could
// lose. Between those, it holds the environments with a deployment in progress, no more than there
// are environments. What fails is tried again after a second. On the control strand.
#pragma once

#include <map>

#include "appconfig/deployments.h"
#include "appconfig/ports.h"

namespace tidegate::appconfig {

class Monitoring {
 public:
  // Without `alarms`, monitors are kept and never act.
  Monitoring(store::Store& store, Scheduler& domain, Deployments& deployments, AlarmStates* alarms,
             Executors executors);

  Task<Unit> start();
  asio::awaitable<void> close();
  // The monitors of this environment may have changed, or a deployment started there.
  void look(Scope scope, std::string application_id, std::string environment_id);

 private:
  struct Place {
    Scope scope;
    std::string application_id, environment_id;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  void changed(std::string alarm_arn);
  // Looks at the alarm with that ARN when the environment has it; "": at all that it has.
  Task<Unit> judge(Place place, std::string alarm_arn);
  Task<Unit> judge_until_done(Place place, std::string alarm_arn);

  store::Store& store_;
  Scheduler& domain_;
  Deployments& deployments_;
  AlarmStates* alarms_;
  TaskGroup group_;
  // With the number of the look that put it in: a deployment that starts while an older look finds
  // nothing must not be forgotten by it.
  std::map<Place, std::uint64_t> running_;
  std::uint64_t looks_ = 0;
};

}  // namespace tidegate::appconfig
