// Random histories of deployments (uploads, starts, stops, reverts, alarms, monitors, restarts,
// jumps of the clock, back ones too, faults of the store) in several environments with two
// profiles, beside a slow model that does everything step by step and shares no code with what it
// judges. After each step all that can be asked is compared: states, percentages, event logs, and
// what each client is served.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "base/digest.h"
#include "support/appconfig_world.h"
#include "support/seed.h"

namespace tidegate::appconfig {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kRevertWindow = 72 * 60 * kMinute;

// --- the model: plain numbers, one tick after the other

struct Tick {
  std::int64_t at;
  double percentage;
};

struct Plan {
  std::int64_t duration = 0, bake = 0;  // minutes
  double factor = 100;
  bool exponential = false;

  // The guide's table: the percentages first, then as many equal parts of the duration.
  std::vector<Tick> ticks(std::int64_t start) const {
    std::vector<double> shares;
    if (duration > 0)
      for (double p = factor; p < 100 - 1e-7; p = exponential ? p * 2 : p + factor)
        shares.push_back(p);
    shares.push_back(100);
    std::vector<Tick> out;
    for (std::size_t k = 0; k < shares.size(); ++k)
      out.push_back({start + duration * kMinute * static_cast<std::int64_t>(k + 1) /
                                 static_cast<std::int64_t>(shares.size()),
                     shares[k]});
    return out;
  }
};

struct ModelDeployment {
  std::uint64_t number = 0;
  std::size_t profile = 0;
  std::string text, state = "DEPLOYING";
  double percentage = 0;
  std::vector<Tick> ticks;  // those to come
  std::int64_t bake_ends = 0, completed = 0;
  std::vector<std::pair<std::string, std::int64_t>> log;  // oldest first

  void say(std::string what, std::int64_t at) { log.emplace_back(std::move(what), at); }
};

struct ModelLine {                  // what a profile serves in an environment
  std::vector<std::size_t> served;  // deployments by index, the last one counts
  bool restored = false;
};

struct ModelEnvironment {
  std::vector<ModelDeployment> deployments;
  ModelLine lines[2];
  std::vector<std::string> monitors;

  ModelDeployment* running() {
    if (deployments.empty()) return nullptr;
    ModelDeployment& d = deployments.back();
    return d.state == "DEPLOYING" || d.state == "BAKING" ? &d : nullptr;
  }

  // By a clock that was set back, what is complete may still have to end.
  bool busy(std::int64_t now) {
    return running() || (!deployments.empty() && deployments.back().state == "COMPLETE" &&
                         deployments.back().completed > now);
  }

  void start(std::size_t profile, std::string text, const Plan& plan, std::int64_t now) {
    ModelDeployment d;
    d.number = deployments.size() + 1;
    d.profile = profile;
    d.text = std::move(text);
    d.ticks = plan.ticks(now);
    d.bake_ends = now + (plan.duration + plan.bake) * kMinute;
    d.say("DEPLOYMENT_STARTED", now);
    deployments.push_back(std::move(d));
    pass(now);
  }

  // Lets the running deployment do what is due, one thing after the other.
  void pass(std::int64_t now) {
    ModelDeployment* d = running();
    if (!d) return;
    while (!d->ticks.empty() && d->ticks.front().at <= now) {
      const Tick tick = d->ticks.front();
      d->ticks.erase(d->ticks.begin());
      d->percentage = tick.percentage;
      d->say(fmt::format("PERCENTAGE_UPDATED {:.2f}", tick.percentage), tick.at);
      if (!d->ticks.empty()) continue;
      d->state = "BAKING";
      d->say("BAKE_TIME_STARTED", tick.at);
    }
    if (d->state != "BAKING" || d->bake_ends > now) return;
    d->state = "COMPLETE";
    d->completed = d->bake_ends;
    d->say("DEPLOYMENT_COMPLETED", d->bake_ends);
    lines[d->profile].served.push_back(deployments.size() - 1);
    lines[d->profile].restored = false;
  }

  void roll_back(std::int64_t now) {
    ModelDeployment& d = *running();
    d.state = "ROLLED_BACK";
    d.percentage = 0;
    d.say("ROLLBACK_STARTED", now);
    d.say("ROLLBACK_COMPLETED", now);
  }

  // Whether a stop is taken.
  bool stop(std::uint64_t number, bool allow_revert, std::int64_t now) {
    ModelDeployment& d = deployments[number - 1];
    if (&d == running()) {
      roll_back(now);
      return true;
    }
    ModelLine& line = lines[d.profile];
    const bool newer = running() && running()->profile == d.profile;
    if (d.state != "COMPLETE" || !allow_revert || now - d.completed > kRevertWindow || newer ||
        line.restored || line.served.empty() || line.served.back() != number - 1)
      return false;
    line.served.pop_back();
    line.restored = !line.served.empty();
    d.state = "REVERTED";
    d.percentage = 0;
    d.say("REVERT_COMPLETED", now);
    return true;
  }

  std::string state() const {
    if (deployments.empty()) return "ReadyForDeployment";
    const std::string& s = deployments.back().state;
    if (s == "ROLLED_BACK") return "RolledBack";
    if (s == "REVERTED") return "Reverted";
    return s == "COMPLETE" ? "ReadyForDeployment" : "Deploying";
  }
};

// As docs/guide/cohorts.md publishes it.
std::uint64_t model_cohort(const std::string& environment, const std::string& profile,
                           std::uint64_t number, const std::string& client) {
  const std::string hash =
      sha256(environment + "/" + profile + "/" + std::to_string(number) + "/" + client);
  std::uint64_t n = 0;
  for (int i = 0; i < 8; ++i) n = n * 256 + static_cast<unsigned char>(hash[i]);
  return n % 10'000;
}

// --- the histories

class History {
 public:
  explicit History(std::uint64_t seed) : w_(seed), random_(seed + 1) {
    profiles_[0] = w_.profile("first", {{"LAMBDA", AppConfigWorld::kFunction}});
    profiles_[1] = w_.profile("second", {{"LAMBDA", AppConfigWorld::kFunction}});
    for (int i = 0; i < 3; ++i) {
      environments_.push_back(w_.environment(fmt::format("env-{}", i)));
      models_.emplace_back();
    }
    const double factors[] = {100, 1, 3, 7, 10, 20, 33.3, 33.3333, 50, 51, 99};
    for (int i = 0; i < 8; ++i) {
      Plan plan;
      plan.duration = static_cast<std::int64_t>(random_.below(4) ? random_.below(45) : 0);
      plan.bake = static_cast<std::int64_t>(random_.below(3) ? random_.below(20) : 0);
      plan.factor = factors[random_.below(std::size(factors))];
      plan.exponential = random_.below(2);
      plans_.push_back(plan);
      strategies_.push_back(w_.strategy(
          static_cast<std::int32_t>(plan.duration), static_cast<std::int32_t>(plan.bake),
          plan.factor, plan.exponential ? GrowthType::exponential : GrowthType::linear));
    }
    for (std::size_t e = 0; e < environments_.size(); ++e)
      for (std::size_t p = 0; p < 2; ++p)
        for (int c = 0; c < 2; ++c) {
          sessions_.push_back({e, p, "", ""});
          begin(sessions_.back());
        }
    faults();
  }

  void step() {
    switch (random_.below(15)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return start();
      case 4:
      case 5:
        return stop();
      case 6:
        return restart();
      case 7:
        return alarm();
      case 8:
        return monitors();
      case 9:  // past a window, past several deployments, past a year
        return pass(static_cast<std::int64_t>(random_.below(random_.below(8) ? 80 : 10'000)) * 60 *
                    kMinute);
      case 10:
      case 11:
        return to_an_edge();
      case 12:
        return back();
      default:
        pass(static_cast<std::int64_t>(random_.below(12 * 60'000)));
    }
  }

  void compare() {
    for (std::size_t e = 0; e < environments_.size(); ++e) {
      w_.env = environments_[e];
      ASSERT_EQ(w_.environment_state(), models_[e].state());
      const auto& all = models_[e].deployments;
      for (std::size_t i = all.size() > 4 ? all.size() - 4 : 0; i < all.size(); ++i)
        ASSERT_NO_FATAL_FAILURE(compare(all[i]));
      for (std::size_t p = 0; p < 2; ++p) {
        w_.prof = profiles_[p];
        for (int c = 0; c < 8; ++c) {
          const std::string client = fmt::format("client-{}", c);
          ASSERT_EQ(w_.served(client), due(e, p, client));
        }
      }
    }
    for (Session& s : sessions_) ASSERT_NO_FATAL_FAILURE(compare(s));
  }

 private:
  struct Session {
    std::size_t environment, profile;
    std::string token, has;
    std::int64_t polled = 0;  // or begun
  };
  static constexpr const char* kAlarms[] = {"arn:a", "arn:b"};

  std::int64_t now() { return to_ms(w_.world.clock.now()); }

  void begin(Session& s) {
    auto token = w_.run(w_.service->data_plane.start_session(
        w_.scope, w_.app, environments_[s.environment], profiles_[s.profile], std::nullopt));
    ASSERT_TRUE(token.ok());
    s = {s.environment, s.profile, *token, "", now()};
  }

  // --- comparing

  void compare(const ModelDeployment& expected) {
    auto found = w_.run(w_.service->deployments.find(w_.scope, w_.app, w_.env, expected.number));
    ASSERT_TRUE(found.ok());
    const DeploymentView& view = found->view;
    ASSERT_EQ(to_string(view.state), expected.state) << expected.number;
    ASSERT_NEAR(view.percentage, expected.percentage, 1e-9);
    ASSERT_EQ(view.log.size(), expected.log.size());
    for (std::size_t i = 0; i < view.log.size(); ++i) {
      const DeploymentEvent& event = view.log[view.log.size() - 1 - i];
      const auto& [what, at] = expected.log[i];
      ASSERT_EQ(event.type, what.substr(0, what.find(' ')));
      ASSERT_EQ(to_ms(event.at), at) << what;
      if (!what.starts_with("PERCENTAGE_UPDATED")) continue;
      ASSERT_EQ(event.description, fmt::format("Configuration available to {}% of clients",
                                               what.substr(what.find(' ') + 1)));
    }
  }

  std::string due(std::size_t e, std::size_t p, const std::string& client) {
    ModelEnvironment& m = models_[e];
    if (const ModelDeployment* d = m.running(); d && d->profile == p)
      if (static_cast<double>(model_cohort(environments_[e], profiles_[p], d->number, client)) <
          std::round(d->percentage * 100))
        return d->text;
    const auto& served = m.lines[p].served;
    return served.empty() ? "" : m.deployments[served.back()].text;
  }

  void compare(Session& s) {
    ModelEnvironment& m = models_[s.environment];
    const auto& served = m.lines[s.profile].served;
    const std::string base = served.empty() ? "" : m.deployments[served.back()].text;
    const ModelDeployment* d = m.running();
    const bool growing = d && d->profile == s.profile && d->percentage > 0;
    auto poll = w_.service->data_plane.latest(w_.scope, s.token);
    if (now() - s.polled > 24 * 60 * kMinute) {
      ASSERT_EQ(poll.ok() ? Fault::internal : poll.fault(), Fault::bad_token);
      return begin(s);
    }
    if (!poll.ok()) {
      ASSERT_EQ(poll.fault(), Fault::not_found);
      ASSERT_TRUE(served.empty());
      s.has.clear();
      return;
    }
    s.token = poll->next_token;
    s.polled = now();
    if (poll->content) {
      ASSERT_NE(*poll->content, s.has);  // unchanged is empty
      s.has = *poll->content;
    }
    // One of the two that can be due; its own cohort is sealed in the token.
    ASSERT_TRUE((!base.empty() && s.has == base) || (growing && s.has == d->text)) << s.has;
    ASSERT_TRUE(!growing || d->percentage < 100 || s.has == d->text);
  }

  // --- steps

  void pass(std::int64_t ms) {
    w_.advance(Duration{ms});
    for (ModelEnvironment& m : models_) m.pass(now());
  }

  // To the millisecond at which something happens, or the one before.
  void to_an_edge() {
    std::vector<std::int64_t> edges;
    for (ModelEnvironment& m : models_)
      if (const ModelDeployment* d = m.running()) {
        if (!d->ticks.empty()) edges.push_back(d->ticks.front().at);
        edges.push_back(d->bake_ends);
      }
    if (edges.empty()) return pass(1);
    pass(std::max<std::int64_t>(0, edges[random_.below(edges.size())] - now() -
                                       static_cast<std::int64_t>(random_.below(2))));
  }

  // The clock is set back for a while, and put right again. Meanwhile who was served still is, and
  // nothing is given a second start that runs for the clock.
  void back() {
    if (hot()) return;  // an alarm would act on what is over for the model
    no_faults();
    const std::int64_t there = now();
    const std::int64_t farthest[] = {1000, 60 * kMinute, 100 * 24 * 60 * kMinute};
    w_.advance(Duration{-1 - static_cast<std::int64_t>(random_.below(farthest[random_.below(3)]))});
    if (random_.below(2)) w_.restart();
    for (std::size_t e = 0; e < environments_.size(); ++e)
      for (std::size_t p = 0; p < 2; ++p) ASSERT_NO_FATAL_FAILURE(serves_what_it_did(e, p));
    if (random_.below(2)) ASSERT_NO_FATAL_FAILURE(start());
    if (random_.below(2)) w_.restart();
    pass(there - now() + static_cast<std::int64_t>(random_.below(1000)));
    faults();
  }

  void serves_what_it_did(std::size_t e, std::size_t p) {
    w_.env = environments_[e];
    w_.prof = profiles_[p];
    const ModelEnvironment& m = models_[e];
    const std::vector<std::size_t>& served = m.lines[p].served;
    std::set<std::string> known;
    for (std::size_t i = served.size() > 2 ? served.size() - 2 : 0; i < served.size(); ++i)
      known.insert(m.deployments[served[i]].text);
    if (!m.deployments.empty() && m.deployments.back().profile == p)
      known.insert(m.deployments.back().text);
    if (served.size() < 2) known.insert("");  // it may not have reached anybody by then
    for (int c = 0; c < 4; ++c)
      ASSERT_TRUE(known.count(w_.served(fmt::format("client-{}", c)))) << e << " " << p;
  }

  // A store that fails now and then; not while an alarm has to act, whose repeat takes its time.
  void faults() {
    store::FaultyStore::Chances chances;
    if (!hot()) chances.lost = chances.unanswered = chances.unavailable = 50;
    w_.store.chances(chances);
  }
  void no_faults() { w_.store.chances({}); }
  bool hot() {
    bool any = false;
    for (const ModelEnvironment& m : models_)
      for (const std::string& arn : m.monitors) any = any || acts(arn);
    return any;
  }

  bool acts(const std::string& arn) {
    auto found = w_.alarms.alarms.find(arn);
    return found != w_.alarms.alarms.end() && found->second.state == AlarmState::alarm &&
           found->second.acts;
  }
  void obey_alarms() {
    for (ModelEnvironment& m : models_)
      for (const std::string& arn : m.monitors)
        if (m.running() && acts(arn)) m.roll_back(now());
  }

  void start() {
    const std::size_t e = random_.below(environments_.size()), p = random_.below(2);
    ModelEnvironment& m = models_[e];
    w_.env = environments_[e];
    w_.prof = profiles_[p];
    const std::size_t size = random_.below(5) ? 10 : 70 * 1024;
    const std::string text = fmt::format("{} {}", ++texts_, std::string(size, 'x'));
    auto made = w_.try_upload(text);
    if (!made.ok()) return;
    const bool refused = random_.below(4) == 0, stale = random_.below(8) == 0;
    w_.functions.answers.failed = refused;
    const std::size_t plan = random_.below(plans_.size());
    StartRequest request = w_.request(std::to_string(made->number), strategies_[plan]);
    if (stale)
      request.latest_deployment_number = static_cast<std::int64_t>(m.deployments.size() + 1);
    else if (random_.below(2))
      request.latest_deployment_number = static_cast<std::int64_t>(m.deployments.size());
    const bool busy = m.busy(now());
    auto started = w_.run(w_.service->deployments.start(w_.scope, std::move(request)));
    if (busy || stale || refused) {
      ASSERT_FALSE(started.ok());
      ASSERT_EQ(started.fault(), busy || stale ? Fault::conflict : Fault::invalid_argument);
      return;
    }
    if (!started.ok()) {
      ASSERT_EQ(started.fault(), Fault::unavailable) << started.error().message;
      return;
    }
    m.start(p, text, plans_[plan], now());
    ASSERT_EQ(started->record.number, m.deployments.size());
    ASSERT_EQ(to_string(started->view.state), "DEPLOYING");
    ASSERT_EQ(started->view.percentage, 0);
    obey_alarms();
    // Half of the time nobody needs the source any more.
    if (random_.below(2))
      (void)w_.run(w_.service->versions.remove(w_.scope, w_.app, w_.prof, made->number));
  }

  void stop() {
    const std::size_t e = random_.below(environments_.size());
    ModelEnvironment& m = models_[e];
    if (m.deployments.empty()) return;
    w_.env = environments_[e];
    const bool allow = random_.below(2);
    const std::uint64_t newest = m.deployments.size();
    const std::uint64_t number = newest - random_.below(std::min<std::uint64_t>(newest, 4));
    auto stopped = w_.end(number, allow);
    if (!stopped.ok() && stopped.fault() == Fault::unavailable) return;  // the store's fault
    const bool taken = m.stop(number, allow, now());
    ASSERT_EQ(stopped.ok(), taken) << number << " " << m.deployments[number - 1].state;
    ASSERT_TRUE(taken || stopped.fault() == Fault::invalid_argument) << stopped.error().message;
  }

  // Time passes and alarms change while nobody is there.
  void restart() {
    no_faults();
    w_.stop();
    if (random_.below(3) == 0) {
      w_.world.clock.advance(Duration{static_cast<std::int64_t>(random_.below(40 * 60'000))});
      for (ModelEnvironment& m : models_) m.pass(now());
    }
    if (random_.below(4) == 0) set_alarm();
    w_.start();
    w_.advance(Duration{0});
    obey_alarms();
    faults();
  }

  void set_alarm() {
    const AlarmState states[] = {AlarmState::ok, AlarmState::alarm, AlarmState::insufficient_data};
    w_.alarms.set(kAlarms[random_.below(2)], states[random_.below(3)], random_.below(4) != 0);
  }

  void alarm() {
    no_faults();
    set_alarm();
    w_.advance(Duration{0});
    obey_alarms();
    faults();
  }

  void monitors() {
    no_faults();
    const std::size_t e = random_.below(environments_.size());
    EnvironmentChange change;
    change.monitors.emplace();
    models_[e].monitors.clear();
    for (const char* arn : kAlarms)
      if (random_.below(2)) {
        Monitor monitor;
        monitor.alarm_arn = arn;
        change.monitors->push_back(monitor);
        models_[e].monitors.push_back(arn);
      }
    ASSERT_TRUE(w_.run(w_.service->environments.update(w_.scope, w_.app, environments_[e],
                                                       std::move(change)))
                    .ok());
    w_.service->monitoring.look(w_.scope, w_.app, environments_[e]);
    w_.advance(Duration{0});
    obey_alarms();
    faults();
  }

  AppConfigWorld w_;
  SeededRandom random_;
  std::string profiles_[2];
  std::vector<std::string> environments_, strategies_;
  std::vector<Plan> plans_;  // of the strategies
  std::vector<ModelEnvironment> models_;
  std::vector<Session> sessions_;
  int texts_ = 0;
};

// TIDEGATE_ROUNDS: histories of one run.
TEST(HistorySimulation, ServesWhatTheModelSays) {
  const std::uint64_t seed = test_seed();
  const char* asked = std::getenv("TIDEGATE_ROUNDS");
  const std::uint64_t rounds = asked ? std::strtoull(asked, nullptr, 10) : 8;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    // Replaying a round is starting at its seed.
    SCOPED_TRACE(fmt::format("TIDEGATE_SEED={}", seed + round));
    History history(seed + round);
    for (int i = 0; i < 80; ++i) {
      history.step();
      if (testing::Test::HasFatalFailure()) return;
      history.compare();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tidegate::appconfig
