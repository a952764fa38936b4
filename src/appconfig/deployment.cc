#include "appconfig/deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tidegate::appconfig {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

// A growth factor below this would make more steps than a day has minutes; the API's floor is 1.
constexpr double kSmallestFactor = 0.05;

double factor_of(const Growth& g) {
  return std::clamp(g.factor, kSmallestFactor, 100.0);
}

std::size_t step_count(const Growth& g) {
  if (g.duration_minutes <= 0) return 1;
  if (g.type == GrowthType::linear)
    return static_cast<std::size_t>(std::ceil(100.0 / factor_of(g) - 1e-9));
  std::size_t n = 1;
  for (double p = factor_of(g); p < 100; p *= 2) ++n;
  return n;
}

double percentage_of_step(const Growth& g, std::size_t k) {
  if (k == 0) return 0;
  // The last step is all of it, also for a factor like 33.3333 that does not quite get there.
  if (k >= step_count(g)) return 100;
  const double p = g.type == GrowthType::linear
                       ? factor_of(g) * static_cast<double>(k)
                       : factor_of(g) * std::pow(2.0, static_cast<double>(k - 1));
  return std::min(100.0, p);
}

Instant step_at(const Growth& g, Instant started, std::size_t k) {
  return started +
         Duration{static_cast<std::int64_t>(g.duration_minutes) * kMinuteMs *
                  static_cast<std::int64_t>(k) / static_cast<std::int64_t>(step_count(g))};
}

}  // namespace

std::string_view to_string(DeploymentState state) {
  switch (state) {
    case DeploymentState::deploying:
      return "DEPLOYING";
    case DeploymentState::baking:
      return "BAKING";
    case DeploymentState::complete:
      return "COMPLETE";
    case DeploymentState::rolled_back:
      return "ROLLED_BACK";
    case DeploymentState::reverted:
      break;
  }
  return "REVERTED";
}

bool in_progress(DeploymentState state) {
  return state == DeploymentState::deploying || state == DeploymentState::baking;
}

std::vector<double> steps_of(const Growth& g) {
  std::vector<double> steps;
  for (std::size_t k = 1; k <= step_count(g); ++k) steps.push_back(percentage_of_step(g, k));
  return steps;
}

Instant growth_end(const Growth& g, Instant started) {
  return started + Duration{static_cast<std::int64_t>(g.duration_minutes) * kMinuteMs};
}

Instant completion(const Growth& g, Instant started) {
  return growth_end(g, started) + Duration{static_cast<std::int64_t>(g.bake_minutes) * kMinuteMs};
}

Progress progress_at(const Growth& g, Instant started, Instant now) {
  if (now >= completion(g, started)) return {DeploymentState::complete, 100};
  if (now >= growth_end(g, started)) return {DeploymentState::baking, 100};
  // Only a clock that was set back gets here with nothing to grow over.
  if (g.duration_minutes <= 0) return {DeploymentState::deploying, 0};
  const std::int64_t elapsed = std::max<std::int64_t>(0, (now - started).count());
  const std::int64_t duration = static_cast<std::int64_t>(g.duration_minutes) * kMinuteMs;
  const auto n = static_cast<std::int64_t>(step_count(g));
  // The largest k whose instant is not after now, by the same rounding as step_at().
  auto k = elapsed * n / duration;
  while (k < n && step_at(g, started, static_cast<std::size_t>(k + 1)) <= now) ++k;
  return {DeploymentState::deploying, percentage_of_step(g, static_cast<std::size_t>(k))};
}

DeploymentView view_at(const Deployment& d, Instant now) {
  // What was stopped has no future; what was reverted ran to its end before.
  const Instant seen = d.stopped ? *d.stopped : now;
  const Growth& g = d.growth;
  DeploymentView view;
  auto log = [&](const char* type, const char* by, std::string text, Instant at) {
    view.log.push_back({type, by, std::move(text), at});
  };
  log("DEPLOYMENT_STARTED", "USER", "Deployment started", d.started);
  for (std::size_t k = 1; k <= step_count(g); ++k) {
    const Instant at = g.duration_minutes > 0 ? step_at(g, d.started, k) : d.started;
    if (at > seen) break;
    log("PERCENTAGE_UPDATED", "APPCONFIG",
        fmt::format("Configuration available to {:.2f}% of clients", percentage_of_step(g, k)), at);
  }
  if (growth_end(g, d.started) <= seen)
    log("BAKE_TIME_STARTED", "APPCONFIG", "Deployment bake time started", growth_end(g, d.started));
  const Progress p = progress_at(g, d.started, seen);
  view.state = p.state;
  view.percentage = p.percentage;
  if (p.state == DeploymentState::complete) {
    view.completed = completion(g, d.started);
    log("DEPLOYMENT_COMPLETED", "APPCONFIG", "Deployment completed", *view.completed);
  }
  if (d.stopped) {
    view.state = DeploymentState::rolled_back;
    view.percentage = 0;
    view.completed = *d.stopped;
    if (d.trigger == StopTrigger::cloudwatch_alarm)
      log("ROLLBACK_STARTED", "CLOUDWATCH_ALARM",
          fmt::format("Rollback started: the alarm {} is in ALARM", d.stopped_by), *d.stopped);
    else
      log("ROLLBACK_STARTED", "USER",
          fmt::format("Rollback started: the deployment was stopped by account {}", d.stopped_by),
          *d.stopped);
    log("ROLLBACK_COMPLETED", "APPCONFIG", "Rollback completed", *d.stopped);
  }
  if (d.reverted) {
    view.state = DeploymentState::reverted;
    view.percentage = 0;
    log("REVERT_COMPLETED", "USER", fmt::format("Deployment reverted by account {}", d.stopped_by),
        *d.reverted);
  }
  std::reverse(view.log.begin(), view.log.end());
  return view;
}

}  // namespace tidegate::appconfig
