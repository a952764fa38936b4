// Where AppConfig's monitors meet the alarms.
#include <gtest/gtest.h>

#include "server/adapters.h"
#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::server {
namespace {

class MonitorsTest : public testing::Test {
 public:
  SimWorld world;
  store::MemoryStore store;
  alarms::Alarms alarms{store, world.clock, world.executors()};
  AlarmsForAppConfig monitors{alarms};
  Scope scope{"111122223333", "us-east-1"};
  std::string arn = alarms::arn_of(scope, "errors");

  ~MonitorsTest() override {
    EXPECT_TRUE(world.run(closing(alarms)).ok());
    world.settle();
  }
  static Task<Unit> closing(alarms::Alarms& alarms) {
    co_await alarms.close();
    co_return done;
  }
  void put(bool acts) {
    alarms::Alarm a;
    a.name = "errors";
    a.actions_enabled = acts;
    ASSERT_TRUE(world.run(alarms.put(scope, a)).ok());
  }
  void set(alarms::State state) {
    ASSERT_TRUE(world.run(alarms.set_state(scope, "errors", state, "", std::nullopt)).ok());
  }
  std::optional<appconfig::MonitoredAlarm> state(const Scope& asker) {
    return *world.run(monitors.state(asker, arn));
  }
};

TEST_F(MonitorsTest, SeeTheStatesOfTheirAccountsAlarms) {
  EXPECT_FALSE(state(scope));
  put(true);
  EXPECT_EQ(state(scope)->state, appconfig::AlarmState::insufficient_data);
  EXPECT_TRUE(state(scope)->acts);
  set(alarms::State::ok);
  EXPECT_EQ(state(scope)->state, appconfig::AlarmState::ok);
  set(alarms::State::alarm);
  put(false);
  EXPECT_EQ(state(scope)->state, appconfig::AlarmState::alarm);
  EXPECT_FALSE(state(scope)->acts);
  // From another region, but not from another account.
  EXPECT_TRUE(state({"111122223333", "eu-west-1"}));
  EXPECT_FALSE(state({"444455556666", "us-east-1"}));
  arn = "errors";
  EXPECT_FALSE(state(scope));
}

TEST_F(MonitorsTest, TakeInsufficientDataForAnAlarmWhereTheSettingsSaySo) {
  put(true);
  AlarmsForAppConfig strict(alarms, true);
  EXPECT_EQ((*world.run(strict.state(scope, arn)))->state, appconfig::AlarmState::alarm);
  set(alarms::State::ok);
  EXPECT_EQ((*world.run(strict.state(scope, arn)))->state, appconfig::AlarmState::ok);
}

TEST_F(MonitorsTest, AreToldOfChangesWhileTheyListen) {
  std::vector<std::string> heard;
  monitors.start();
  monitors.on_change([&heard](std::string changed) { heard.push_back(std::move(changed)); });
  put(true);
  set(alarms::State::alarm);
  world.settle();
  EXPECT_EQ(heard, (std::vector<std::string>{arn, arn}));
  monitors.on_change(nullptr);
  set(alarms::State::ok);
  world.settle();
  EXPECT_EQ(heard.size(), 2u);
}

}  // namespace
}  // namespace tidegate::server
