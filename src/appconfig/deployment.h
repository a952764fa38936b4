// Deployment: the record, and the pure machine that says where it stands at any instant. Nothing
// but starting, stopping and reverting is ever decided elsewhere: growth, bake and completion
// follow from the record and the time, so a restart in the middle goes on where time stands and a
// clock that is turned forward moves every deployment with it.
//
//   DEPLOYING --growth ends--> BAKING --bake ends--> COMPLETE --revert--> REVERTED
//        \------ stop ---------/ --> ROLLED_BACK
//
// A deployment with actions at AT_DEPLOYMENT_TICK passes a boundary of its plan (a step, the end of
// bake) only when they agreed, and stands still before it until then: its plan is read at the
// earlier of now and its horizon. What was agreed and when is part of the record, so that it is
// still a function of the record and the time.
//
// Growth by the current guide's table (contract on AppConfig, section 5): N steps, step k at
// k·duration/N; LINEAR min(100, k·G), EXPONENTIAL min(100, G·2^(k-1)). Pure; any thread.
#pragma once

#include <algorithm>

#include "appconfig/types.h"

namespace tidegate::appconfig {

// The strategy as it was copied at the start.
struct Growth {
  std::int32_t duration_minutes = 0;
  GrowthType type = GrowthType::linear;
  double factor = 100;
  std::int32_t bake_minutes = 0;
};

enum class DeploymentState : std::uint8_t { deploying, baking, complete, rolled_back, reverted };
std::string_view to_string(DeploymentState);  // "DEPLOYING"

enum class StopTrigger : std::uint8_t { user = 0, cloudwatch_alarm = 1, extension = 2 };

struct Deployment {
  std::string application_id, environment_id, profile_id, strategy_id;
  std::uint64_t number = 0;
  std::string configuration_name;  // the profile's name at the start
  std::string location_uri;
  std::string version;  // the hosted number, or the S3 version id
  std::optional<std::string> version_label;
  std::optional<std::string> description;
  Growth growth;
  Instant started{};
  std::optional<Instant> stopped;           // rolled back
  std::optional<Instant> reverted;          // after completion
  std::string stopped_by;                   // for the log: the account, the alarm's ARN, or why
  StopTrigger trigger = StopTrigger::user;  // of the rollback
  std::optional<std::string> kms_key_identifier;
  Tags tags;
  std::uint32_t extensions = 0;  // applied: each has a row of its own
  bool ticks = false;            // some of them act at AT_DEPLOYMENT_TICK
  std::vector<Instant> passed;   // with ticks: when each boundary was passed
  int depth = 0;                 // function calls that its start was nested in
};

struct DeploymentCounter {
  std::uint64_t last = 0;
};

struct DeploymentEvent {
  std::string type, triggered_by, description;
  Instant at{};
  std::vector<ActionInvocation> invocations;  // kept apart; the view leaves them empty
};

// The state of a rollout at an instant, without its log: what the data plane asks at every poll.
struct Progress {
  DeploymentState state = DeploymentState::deploying;
  double percentage = 0;
};
Progress progress_at(const Growth&, Instant started, Instant now);
Instant growth_end(const Growth&, Instant started);
Instant completion(const Growth&, Instant started);
// The instants at which a plan goes on, ascending: each step, and the end of bake.
std::vector<Instant> boundaries(const Growth&, Instant started);
// The last instant that a plan may be read at while its next boundary is not passed; nullopt when
// nothing holds it.
std::optional<Instant> horizon(const Deployment&);
inline Instant held(Instant now, std::optional<Instant> horizon) {
  return horizon ? std::min(now, *horizon) : now;
}
// The percentages of the steps, ending in 100.
std::vector<double> steps_of(const Growth&);

struct DeploymentView {
  DeploymentState state = DeploymentState::deploying;
  double percentage = 0;
  std::optional<Instant> completed;
  std::vector<DeploymentEvent> log;  // newest first
};
DeploymentView view_at(const Deployment&, Instant now);
bool in_progress(DeploymentState);

}  // namespace tidegate::appconfig

namespace tidegate::store {
template <>
struct record_of<appconfig::Growth> {
  using R = appconfig::Growth;
  static constexpr auto fields = std::tuple{field(1, &R::duration_minutes), field(2, &R::type),
                                            field(3, &R::factor), field(4, &R::bake_minutes)};
};
template <>
struct record_of<appconfig::Deployment> {
  using R = appconfig::Deployment;
  static constexpr auto fields =
      std::tuple{field(1, &R::application_id), field(2, &R::environment_id),
                 field(3, &R::profile_id),     field(4, &R::strategy_id),
                 field(5, &R::number),         field(6, &R::configuration_name),
                 field(7, &R::location_uri),   field(8, &R::version),
                 field(9, &R::version_label),  field(10, &R::description),
                 field(11, &R::growth),        field(12, &R::started),
                 field(13, &R::stopped),       field(14, &R::reverted),
                 field(15, &R::stopped_by),    field(16, &R::kms_key_identifier),
                 field(17, &R::tags),          field(18, &R::trigger),
                 field(19, &R::extensions),    field(20, &R::ticks),
                 field(21, &R::passed),        field(22, &R::depth)};
};
template <>
struct record_of<appconfig::DeploymentCounter> {
  using R = appconfig::DeploymentCounter;
  static constexpr auto fields = std::tuple{field(1, &R::last)};
};
}  // namespace tidegate::store
