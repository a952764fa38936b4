// A seeded simulation: random histories of starts, stops, jumps of the clock, restarts and faults
// of the store, with extensions that agree, refuse, are slow or cannot be asked.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "support/appconfig_world.h"
#include "support/seed.h"

namespace tidegate::appconfig {
namespace {

// Deployments with extensions that are told of everything and asked at every tick.
class ActingHistory {
 public:
  explicit ActingHistory(std::uint64_t seed) : w_(seed), random_(seed + 1) {
    w_.acting({ActionPoint::on_deployment_start, ActionPoint::on_deployment_step,
               ActionPoint::on_deployment_baking, ActionPoint::on_deployment_complete,
               ActionPoint::on_deployment_rolled_back});
    w_.acting({ActionPoint::at_deployment_tick, ActionPoint::on_deployment_complete});
    for (double factor : {7.0, 30.0, 100.0})
      strategies_.push_back(w_.strategy(static_cast<std::int32_t>(random_.below(30)),
                                        static_cast<std::int32_t>(random_.below(15)), factor));
    version_ = w_.upload("content");
    w_.functions.answer = [this](const FunctionCall& call) {
      FunctionOutcome out;
      const auto number = static_cast<std::uint64_t>(
          document::parse_json(call.payload)->find("DeploymentNumber")->number()->as_double);
      const bool agrees = calm_ || random_.below(12) > 0;
      if (agrees)
        ++agreed_[number];
      else
        vetoed_.insert(number);
      if (!agrees && random_.below(2)) out.failed = true;
      out.payload = agrees ? "null" : R"({"Directive":"ROLL_BACK"})";
      return out;
    };
    w_.store.chances(faults());
  }

  void step() {
    switch (random_.below(8)) {
      case 0:
      case 1: {
        auto started = w_.deploy(version_, strategies_[random_.below(strategies_.size())]);
        if (started.ok()) last_ = started->record.number;
        return;
      }
      case 2:
        if (last_ > 0) (void)w_.end(last_, random_.below(2));
        return;
      case 3:
        w_.functions.takes = Duration{static_cast<std::int64_t>(random_.below(3) * 4000)};
        return;
      case 4:
        w_.functions.refuses.reset();
        if (random_.below(3) == 0) w_.functions.refuses = Error{Fault::unavailable, "away"};
        return;
      case 5: {
        quietly([&] { w_.restart(); });
        vetoed_.erase(last_);  // one that was not recorded yet is asked for again
        return;
      }
      default:
        w_.advance(Duration{static_cast<std::int64_t>(random_.below(12 * 60'000))});
    }
  }

  // A deployment never runs ahead of its plan or of what was agreed to, and clients get what it
  // says.
  void compare() {
    quietly([&] {
      const Instant now = w_.world.clock.now();
      for (std::uint64_t n = 1; n <= last_; ++n) {
        const DeploymentNow d = *w_.deployment(n);
        ASSERT_LE(d.record.passed.size(), agreed_[n]);
        ASSERT_LE(d.view.percentage,
                  progress_at(d.record.growth, d.record.started, now).percentage);
        if (d.view.state == DeploymentState::rolled_back) continue;
        if (n < last_ || !in_progress(d.view.state)) continue;
        const std::shared_ptr<const Line> line =
            w_.service->snapshot.find(w_.scope, w_.app, w_.env, w_.prof);
        for (int c = 0; c < 12; ++c) {
          const std::string client = fmt::format("client-{}", c);
          const ServedRelease* due = line ? line->due(client, now) : nullptr;
          const bool reached = cohort(w_.env, w_.prof, n, client) < d.view.percentage * 100;
          ASSERT_EQ(due && due->release.deployment == n, reached) << n << " " << d.view.percentage;
        }
      }
    });
  }

  // In the end everything was told that the logs say, at least once, and nothing else.
  void finish() {
    w_.store.chances({});
    w_.functions.refuses.reset();
    w_.functions.takes = Duration{0};
    calm_ = true;
    w_.restart();
    w_.minutes(3 * 24 * 60);
    ASSERT_EQ(w_.rows("following"), 0u);
    ASSERT_EQ(w_.told->pending(), 0u);
    std::map<std::uint64_t, std::vector<std::string>> told;
    auto calls = w_.world.run(w_.memory.range(store::Range::prefix("called/", 100'000)));
    for (const store::Kv& kv : calls->items) {
      auto event = document::parse_json(kv.value);
      const auto n =
          static_cast<std::uint64_t>(event->find("DeploymentNumber")->number()->as_double);
      told[n].push_back(*event->find("Type")->string());
    }
    for (std::uint64_t n = 1; n <= last_; ++n) {
      const DeploymentNow d = *w_.deployment(n);
      ASSERT_FALSE(in_progress(d.view.state));
      ASSERT_FALSE(d.view.state == DeploymentState::complete && vetoed_.count(n)) << n;
      std::map<std::string, std::ptrdiff_t> expected;
      for (const DeploymentEvent& e : d.view.log) {
        if (e.type == "DEPLOYMENT_STARTED") expected["OnDeploymentStart"] = 1;
        if (e.type == "PERCENTAGE_UPDATED") ++expected["OnDeploymentStep"];
        if (e.type == "BAKE_TIME_STARTED") expected["OnDeploymentBaking"] = 1;
        if (e.type == "DEPLOYMENT_COMPLETED") expected["OnDeploymentComplete"] = 2;
        if (e.type == "ROLLBACK_COMPLETED") expected["OnDeploymentRolledBack"] = 1;
      }
      for (const auto& [type, count] : expected)
        ASSERT_GE(std::count(told[n].begin(), told[n].end(), type), count) << n << " " << type;
      for (const std::string& type : told[n]) ASSERT_TRUE(expected.count(type)) << n << " " << type;
    }
  }

 private:
  static store::FaultyStore::Chances faults() {
    store::FaultyStore::Chances chances;
    chances.lost = chances.unanswered = chances.unavailable = 60;
    chances.failed_read = 10;
    return chances;
  }
  // Without faults: what looks, or starts anew, is not what is tried.
  template <class F>
  void quietly(F act) {
    w_.store.chances({});
    act();
    w_.store.chances(faults());
  }

  AppConfigWorld w_;
  SeededRandom random_;
  std::vector<std::string> strategies_;
  std::string version_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::size_t> agreed_;
  std::set<std::uint64_t> vetoed_;
  bool calm_ = false;
};

TEST(ActingHistorySimulation, ExtensionsAreAskedBeforeAndToldAfter) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("TIDEGATE_SEED={}", seed));
  for (std::uint64_t round = 0; round < 8; ++round) {
    ActingHistory history(seed + round * 1'000'000'007);
    for (int i = 0; i < 80; ++i) {
      history.step();
      history.compare();
      if (testing::Test::HasFatalFailure()) return;
    }
    history.finish();
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tidegate::appconfig
