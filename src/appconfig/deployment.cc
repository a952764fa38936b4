#include "appconfig/deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

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

std::vector<Instant> boundaries(const Growth& g, Instant started) {
  std::vector<Instant> all;
  for (std::size_t k = 1; k <= step_count(g); ++k) all.push_back(step_at(g, started, k));
  if (completion(g, started) > all.back()) all.push_back(completion(g, started));
  return all;
}

std::optional<Instant> horizon(const Deployment& d) {
  if (!d.ticks) return std::nullopt;
  const std::vector<Instant> all = boundaries(d.growth, d.started);
  if (d.passed.size() >= all.size()) return std::nullopt;
  return all[d.passed.size()] - Duration{1};
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

namespace {

// The log up to an instant of the plan, oldest first. `when` says when a boundary was passed.
void log_plan(const Deployment& d, Instant plan, const std::function<Instant(Instant)>& when,
              DeploymentView& view) {
  const Growth& g = d.growth;
  auto log = [&](const char* type, std::string text, Instant at) {
    view.log.push_back({type, "APPCONFIG", std::move(text), when(at), {}});
  };
  for (std::size_t k = 1; k <= step_count(g); ++k) {
    const Instant at = step_at(g, d.started, k);
    if (at > plan) break;
    log("PERCENTAGE_UPDATED",
        fmt::format("Configuration available to {:.2f}% of clients", percentage_of_step(g, k)), at);
  }
  if (growth_end(g, d.started) <= plan)
    log("BAKE_TIME_STARTED", "Deployment bake time started", growth_end(g, d.started));
  const Progress p = progress_at(g, d.started, plan);
  view.state = p.state;
  view.percentage = p.percentage;
  if (p.state != DeploymentState::complete) return;
  view.completed = when(completion(g, d.started));
  log("DEPLOYMENT_COMPLETED", "Deployment completed", completion(g, d.started));
}

DeploymentEvent rollback_started(const Deployment& d) {
  DeploymentEvent event{"ROLLBACK_STARTED", "USER", "", *d.stopped, {}};
  switch (d.trigger) {
    case StopTrigger::cloudwatch_alarm:
      event.triggered_by = "CLOUDWATCH_ALARM";
      event.description = fmt::format("Rollback started: the alarm {} is in ALARM", d.stopped_by);
      break;
    case StopTrigger::extension:
      event.triggered_by = "APPCONFIG";
      event.description = fmt::format("Rollback started: {}", d.stopped_by);
      break;
    case StopTrigger::user:
      event.description =
          fmt::format("Rollback started: the deployment was stopped by account {}", d.stopped_by);
      break;
  }
  return event;
}

}  // namespace

DeploymentView view_at(const Deployment& d, Instant now) {
  // What was stopped has no future; what was reverted ran to its end before.
  const Instant seen = held(d.stopped ? *d.stopped : now, horizon(d));
  DeploymentView view;
  view.log.push_back({"DEPLOYMENT_STARTED", "USER", "Deployment started", d.started, {}});
  const std::vector<Instant> planned =
      d.ticks ? boundaries(d.growth, d.started) : std::vector<Instant>{};
  auto when = [&](Instant at) {
    const auto boundary = std::lower_bound(planned.begin(), planned.end(), at);
    const auto i = static_cast<std::size_t>(boundary - planned.begin());
    return i < d.passed.size() ? std::max(at, d.passed[i]) : at;
  };
  log_plan(d, seen, when, view);
  if (d.stopped) {
    view.state = DeploymentState::rolled_back;
    view.percentage = 0;
    view.completed = *d.stopped;
    view.log.push_back(rollback_started(d));
    view.log.push_back({"ROLLBACK_COMPLETED", "APPCONFIG", "Rollback completed", *d.stopped, {}});
  }
  if (d.reverted) {
    view.state = DeploymentState::reverted;
    view.percentage = 0;
    view.log.push_back({"REVERT_COMPLETED",
                        "USER",
                        fmt::format("Deployment reverted by account {}", d.stopped_by),
                        *d.reverted,
                        {}});
  }
  std::reverse(view.log.begin(), view.log.end());
  return view;
}

}  // namespace tidegate::appconfig
