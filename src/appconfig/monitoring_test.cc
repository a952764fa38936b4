#include "appconfig/monitoring.h"

#include <gtest/gtest.h>

#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

constexpr const char* kErrors = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:errors";
constexpr const char* kSlow = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:slow";

struct MonitorWorld : AppConfigWorld {
  std::string slowly;  // 20 minutes of growth, 10 of bake

  MonitorWorld() {
    monitor({kErrors, kSlow});
    slowly = strategy(20, 10, 20);
    complete(upload("old"));
  }
  void monitor(std::vector<std::string> arns) {
    EnvironmentChange change;
    change.monitors.emplace();
    for (std::string& arn : arns) change.monitors->push_back({std::move(arn), std::nullopt});
    CHECK(run(service->environments.update(scope, app, env, change)).ok());
    service->monitoring.look(scope, app, env);
    world.settle();
  }
  void set(const char* arn, AlarmState state, bool acts = true) {
    alarms.set(arn, state, acts);
    world.settle();
  }
  DeploymentView view(std::uint64_t number) {
    return run(service->deployments.find(scope, app, env, number))->view;
  }
};

TEST(Monitors, RollBackADeploymentThatGrows) {
  MonitorWorld w;
  ASSERT_TRUE(w.deploy(w.upload("new"), w.slowly).ok());
  w.minutes(16);
  EXPECT_EQ(w.state(2), "DEPLOYING");
  w.set(kErrors, AlarmState::alarm);
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
  EXPECT_EQ(w.environment_state(), "RolledBack");
  for (int client = 0; client < 20; ++client) EXPECT_EQ(w.served(std::to_string(client)), "old");
  const DeploymentView view = w.view(2);
  EXPECT_EQ(view.completed, w.world.clock.now());
  ASSERT_GE(view.log.size(), 2u);
  EXPECT_EQ(view.log[0].type, "ROLLBACK_COMPLETED");
  EXPECT_EQ(view.log[1].type, "ROLLBACK_STARTED");
  EXPECT_EQ(view.log[1].triggered_by, "CLOUDWATCH_ALARM");
  EXPECT_NE(view.log[1].description.find(kErrors), std::string::npos);
  // Once is enough, and what is over stays as it is.
  w.set(kSlow, AlarmState::alarm);
  EXPECT_EQ(w.view(2).log.size(), view.log.size());
  EXPECT_EQ(w.state(1), "COMPLETE");
}

TEST(Monitors, WatchToTheEndOfBakeAndNoLonger) {
  MonitorWorld w;
  ASSERT_TRUE(w.deploy(w.upload("new"), w.slowly).ok());
  w.minutes(29);
  EXPECT_EQ(w.state(2), "BAKING");
  w.set(kSlow, AlarmState::alarm);
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
  w.set(kSlow, AlarmState::ok);
  ASSERT_TRUE(w.deploy(w.upload("newer"), w.slowly).ok());
  w.minutes(30);
  w.set(kErrors, AlarmState::alarm);
  EXPECT_EQ(w.state(3), "COMPLETE");
  EXPECT_EQ(w.served(), "newer");
}

TEST(Monitors, RollBackAtOnceWhatStartsUnderAnAlarm) {
  MonitorWorld w;
  w.set(kErrors, AlarmState::alarm);
  auto started = w.deploy(w.upload("new"), w.slowly);
  ASSERT_TRUE(started.ok());
  EXPECT_EQ(started->view.state, DeploymentState::deploying);
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
  EXPECT_EQ(w.served(), "old");
}

TEST(Monitors, ActOnAlarmOnly) {
  MonitorWorld w;
  ASSERT_TRUE(w.deploy(w.upload("new"), w.slowly).ok());
  w.set(kErrors, AlarmState::insufficient_data);
  w.set(kErrors, AlarmState::ok);
  w.set(kSlow, AlarmState::alarm, false);  // its actions are switched off
  w.set("arn:aws:cloudwatch:us-east-1:111122223333:alarm:other", AlarmState::alarm);
  EXPECT_EQ(w.state(2), "DEPLOYING");
  w.set(kSlow, AlarmState::alarm, true);
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
}

TEST(Monitors, AreThoseThatTheEnvironmentHasNow) {
  MonitorWorld w;
  w.monitor({});
  ASSERT_TRUE(w.deploy(w.upload("new"), w.slowly).ok());
  w.set(kErrors, AlarmState::alarm);
  EXPECT_EQ(w.state(2), "DEPLOYING");
  w.monitor({kErrors});
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
}

TEST(Monitors, LookAgainAfterARestart) {
  MonitorWorld w;
  ASSERT_TRUE(w.deploy(w.upload("new"), w.slowly).ok());
  w.stop();
  w.alarms.set(kErrors, AlarmState::alarm);  // nobody listens
  w.start();
  w.world.settle();
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
  EXPECT_EQ(w.served(), "old");
}

TEST(Monitors, TryAgainWhenTheStoreFails) {
  MonitorWorld w;
  ASSERT_TRUE(w.deploy(w.upload("new"), w.slowly).ok());
  w.store.next_commits({store::FaultyStore::Commit::unavailable});
  w.set(kErrors, AlarmState::alarm);
  EXPECT_EQ(w.state(2), "DEPLOYING");
  w.advance(Duration{1'000});
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
}

TEST(Monitors, AskNothingWhereNothingIsDeployed) {
  MonitorWorld w;
  w.alarms.asked = 0;
  w.set(kErrors, AlarmState::alarm);
  w.set(kErrors, AlarmState::ok);
  EXPECT_EQ(w.alarms.asked, 0u);
  EXPECT_EQ(w.environment_state(), "ReadyForDeployment");
}

TEST(Monitors, LeaveARolledBackDeploymentByUserAsItsOwn) {
  MonitorWorld w;
  ASSERT_TRUE(w.deploy(w.upload("new"), w.slowly).ok());
  ASSERT_TRUE(w.end(2).ok());
  w.set(kErrors, AlarmState::alarm);
  EXPECT_EQ(w.view(2).log[1].triggered_by, "USER");
}

}  // namespace
}  // namespace tidegate::appconfig
