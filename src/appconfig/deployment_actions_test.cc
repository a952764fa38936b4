#include "appconfig/deployment_actions.h"

#include <gtest/gtest.h>

#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

using P = ActionPoint;
using Commit = store::FaultyStore::Commit;

const std::vector<P> kTold = {P::on_deployment_start, P::on_deployment_step,
                              P::on_deployment_baking, P::on_deployment_complete,
                              P::on_deployment_rolled_back};

class DeploymentActionsTest : public testing::Test {
 protected:
  AppConfigWorld w;
  std::string half = w.strategy(2, 1, 50);  // 50 % after a minute, 100 % after two, bake one

  std::string type_of(const std::string& payload) {
    return *document::parse_json(payload)->find("Type")->string();
  }
  // What extensions were told, by the rows that the function service would have.
  std::vector<std::string> told() {
    std::vector<std::string> types;
    auto page = w.world.run(w.memory.range(store::Range::prefix("called/")));
    for (const store::Kv& kv : page->items) types.push_back(type_of(kv.value));
    return types;
  }
  std::size_t asked() { return w.functions.calls.size(); }
  // Of the newest deployment: "TYPE:invocations", oldest first.
  std::vector<std::string> log() {
    std::vector<std::string> out;
    auto now = w.deployment(1);
    for (const DeploymentEvent& e : now->view.log)
      out.push_back(fmt::format("{}:{}", e.type, e.invocations.size()));
    std::reverse(out.begin(), out.end());
    return out;
  }
  void says(const std::string& payload) { w.functions.answers.payload = payload; }
};

const std::vector<std::string> kWholeStory = {"OnDeploymentStart", "OnDeploymentStep",
                                              "OnDeploymentStep", "OnDeploymentBaking",
                                              "OnDeploymentComplete"};

TEST_F(DeploymentActionsTest, ExtensionsAreToldOfEachEntryOfTheLog) {
  w.acting(kTold);
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  EXPECT_EQ(told(), std::vector<std::string>{"OnDeploymentStart"});
  w.minutes(1);
  EXPECT_EQ(told().size(), 2u);
  w.minutes(2);
  EXPECT_EQ(told(), kWholeStory);
  const std::vector<std::string> expected = {"DEPLOYMENT_STARTED:1", "PERCENTAGE_UPDATED:1",
                                             "PERCENTAGE_UPDATED:1", "BAKE_TIME_STARTED:1",
                                             "DEPLOYMENT_COMPLETED:1"};
  EXPECT_EQ(log(), expected);
  EXPECT_EQ(w.rows("following"), 0u);
  auto now = w.deployment(1);
  const ActionInvocation& i = now->view.log.at(0).invocations.at(0);
  EXPECT_EQ(i.uri, AppConfigWorld::kExtension);
  EXPECT_EQ(i.action_name, "act");
  EXPECT_FALSE(i.error_code);
  EXPECT_EQ(now->applied.size(), 1u);
  // The same is in the event.
  auto last = document::parse_json(w.functions.later.back().payload);
  EXPECT_EQ(*last->find("InvocationId")->string(), i.invocation_id);
  EXPECT_EQ(*last->find("ConfigurationVersion")->string(), "1");
  EXPECT_EQ(last->find("DeploymentNumber")->number()->text, "1");
  EXPECT_FALSE(last->find("Content"));
}

TEST_F(DeploymentActionsTest, AJumpOfTheClockTellsEverythingInOrder) {
  w.acting(kTold);
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  w.minutes(600);
  EXPECT_EQ(told(), kWholeStory);
}

TEST_F(DeploymentActionsTest, AServerThatWasAwayTellsWhatItMissed) {
  w.acting(kTold);
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  w.stop();
  w.minutes(600);
  EXPECT_EQ(told().size(), 1u);
  w.start();
  w.advance(Duration{0});
  EXPECT_EQ(told(), kWholeStory);
  w.restart();
  w.minutes(600);
  EXPECT_EQ(told(), kWholeStory);
}

TEST_F(DeploymentActionsTest, ARollbackIsTold) {
  w.acting(kTold);
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  w.minutes(1);
  ASSERT_TRUE(w.end(1).ok());
  w.advance(Duration{0});
  const std::vector<std::string> expected = {"OnDeploymentStart", "OnDeploymentStep",
                                             "OnDeploymentRolledBack"};
  EXPECT_EQ(told(), expected);
  w.minutes(600);
  EXPECT_EQ(told(), expected);
  EXPECT_EQ(w.rows("following"), 0u);
}

TEST_F(DeploymentActionsTest, TheSnapshotOfTheStartCounts) {
  const std::string id = w.acting(kTold);
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  ExtensionChange change;
  change.actions = Actions{{"PRE_START_DEPLOYMENT", AppConfigWorld::action()}};
  ASSERT_TRUE(w.run(w.service->extensions.update(w.scope, id, std::nullopt, change)).ok());
  w.minutes(600);
  EXPECT_EQ(told(), kWholeStory);
}

TEST_F(DeploymentActionsTest, EveryCommitMayFailAndNothingIsLost) {
  for (Commit fault :
       {Commit::lost, Commit::unanswered, Commit::unanswered_then_away, Commit::unavailable}) {
    for (std::size_t after = 0; after < 12; ++after) {
      AppConfigWorld f;
      f.acting(kTold);
      const std::string strategy = f.strategy(2, 1, 50);
      ASSERT_TRUE(f.deploy(f.upload("one"), strategy).ok());
      std::deque<Commit> script(after, Commit::passes);
      script.push_back(fault);
      f.store.next_commits(script);
      f.minutes(60);
      if (after % 2) f.restart();
      f.minutes(60);
      std::vector<std::string> types;
      auto page = f.world.run(f.memory.range(store::Range::prefix("called/")));
      for (const store::Kv& kv : page->items) types.push_back(type_of(kv.value));
      // At least once each; what was tried again may come after what followed it.
      for (const std::string& type : kWholeStory)
        EXPECT_GE(std::count(types.begin(), types.end(), type),
                  std::count(kWholeStory.begin(), kWholeStory.end(), type))
            << type << " " << static_cast<int>(fault) << " after " << after;
      EXPECT_EQ(f.rows("following"), 0u);
      EXPECT_EQ(f.told->pending(), 0u);
    }
  }
}

TEST_F(DeploymentActionsTest, AFunctionThatMayNotBeCalledIsNotedAndPutAside) {
  w.acting({P::on_deployment_start});
  w.functions.refuses = Error{Fault::access_denied, "no permission"};
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  const auto now = w.deployment(1);
  const ActionInvocation& i = now->view.log.back().invocations.at(0);
  EXPECT_EQ(i.error_code, "access_denied");
  EXPECT_EQ(i.error_message, "no permission");
  EXPECT_EQ(w.run(w.told->dead(w.scope))->size(), 1u);
  w.minutes(3);
  EXPECT_EQ(w.state(1), "COMPLETE");  // it does not matter to the deployment
}

TEST_F(DeploymentActionsTest, AWebhookIsTriedAgainAndItsErrorForgotten) {
  w.acting({P::on_deployment_start}, "https://allowed.example/hook");
  w.webhooks.refuses = Error{Fault::invalid_request, "it answered 503"};
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  EXPECT_EQ(w.deployment(1)->view.log.back().invocations.at(0).error_message, "it answered 503");
  w.advance(Duration{1000});
  EXPECT_EQ(w.webhooks.calls.size(), 2u);
  EXPECT_EQ(w.webhooks.calls[0].id, w.webhooks.calls[1].id);
  w.webhooks.refuses.reset();
  w.minutes(1);
  EXPECT_EQ(w.webhooks.calls.size(), 3u);
  EXPECT_FALSE(w.deployment(1)->view.log.back().invocations.at(0).error_code);
  // One that never answers ends on the dead list.
  w.webhooks.refuses = Error{Fault::timed_out, "no answer"};
  w.minutes(3);
  ASSERT_TRUE(w.deploy("1", half).ok());
  w.minutes(180);
  EXPECT_EQ(w.run(w.told->dead(w.scope))->size(), 1u);
  EXPECT_EQ(w.webhooks.calls.size(), 3u + DeploymentActions::kAttempts);
}

TEST_F(DeploymentActionsTest, NothingPassesABoundaryUnasked) {
  w.complete(w.upload("old"));
  w.acting({P::at_deployment_tick, P::on_deployment_step});
  w.functions.takes = Duration{5000};
  ASSERT_TRUE(w.deploy(w.upload("new"), half).ok());
  auto share = [&] {
    int n = 0;
    for (int c = 0; c < 200; ++c) n += w.served(fmt::format("c{}", c)) == "new";
    return n;
  };
  w.minutes(1);
  EXPECT_EQ(asked(), 1u);
  EXPECT_EQ(share(), 0);
  EXPECT_EQ(w.deployment(2)->view.percentage, 0);
  auto event = document::parse_json(w.functions.calls[0].payload);
  EXPECT_EQ(*event->find("Type")->string(), "AtDeploymentTick");
  EXPECT_EQ(*event->find("DeploymentState")->string(), "DEPLOYING");
  EXPECT_EQ(*event->find("PercentageComplete")->string(), "0.0");
  w.advance(Duration{5000});
  EXPECT_EQ(w.deployment(2)->view.percentage, 50);
  EXPECT_GT(share(), 60);
  EXPECT_LT(share(), 140);
  const auto step = w.deployment(2)->view.log.at(0);
  EXPECT_EQ(step.type, "PERCENTAGE_UPDATED");
  EXPECT_EQ(step.at, w.world.clock.now());  // when it really happened
  EXPECT_EQ(step.invocations.size(), 2u);   // the tick that let it, and who was told
  w.minutes(1);
  EXPECT_EQ(w.state(2), "BAKING");
  w.minutes(1);
  EXPECT_EQ(w.state(2), "COMPLETE");
  EXPECT_EQ(w.served(), "new");
  EXPECT_EQ(w.rows("following"), 0u);
}

TEST_F(DeploymentActionsTest, AtOnceIsAskedFirst) {
  w.complete(w.upload("old"));
  w.acting({P::at_deployment_tick});
  w.functions.takes = Duration{1000};
  ASSERT_TRUE(w.deploy(w.upload("new")).ok());
  EXPECT_EQ(w.served(), "old");
  w.advance(Duration{1000});
  EXPECT_EQ(w.served(), "new");
  EXPECT_EQ(w.state(2), "BAKING");
}

TEST_F(DeploymentActionsTest, TicksComeEachMinuteToTheEndOfBake) {
  const std::string slow = w.strategy(30, 10, 100);
  w.acting({P::at_deployment_tick});
  ASSERT_TRUE(w.deploy(w.upload("one"), slow).ok());
  for (int i = 1; i <= 40; ++i) {
    w.minutes(1);
    EXPECT_EQ(asked(), static_cast<std::size_t>(i));
  }
  EXPECT_EQ(w.state(1), "COMPLETE");
  w.minutes(10);
  EXPECT_EQ(asked(), 40u);
}

TEST_F(DeploymentActionsTest, AfterAJumpEachBoundaryIsAskedForOnce) {
  const std::string slow = w.strategy(600, 60, 20);
  w.acting({P::at_deployment_tick});
  ASSERT_TRUE(w.deploy(w.upload("one"), slow).ok());
  w.stop();
  w.minutes(5000);
  w.start();
  w.advance(Duration{0});
  EXPECT_EQ(w.state(1), "COMPLETE");
  EXPECT_EQ(asked(), 6u);  // five steps and the end of bake
}

TEST_F(DeploymentActionsTest, AVetoRollsBackAndSaysWhy) {
  w.complete(w.upload("old"));
  w.acting({P::at_deployment_tick, P::on_deployment_rolled_back});
  ASSERT_TRUE(w.deploy(w.upload("new"), half).ok());
  w.minutes(1);
  says(R"({"Directive":"ROLL_BACK","Description":"errors rise"})");
  w.minutes(1);
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
  EXPECT_EQ(w.served(), "old");
  auto now = w.deployment(2);
  const DeploymentEvent& started = now->view.log.at(1);
  EXPECT_EQ(started.type, "ROLLBACK_STARTED");
  EXPECT_EQ(started.triggered_by, "APPCONFIG");
  EXPECT_NE(started.description.find("said ROLL_BACK: errors rise"), std::string::npos);
  ASSERT_EQ(started.invocations.size(), 1u);
  EXPECT_EQ(now->view.log.at(0).invocations.size(), 1u);
  EXPECT_EQ(told().back(), "OnDeploymentRolledBack");
  EXPECT_EQ(w.environment_state(), "RolledBack");
  // The environment is free.
  says("null");
  EXPECT_TRUE(w.deploy("2", half).ok());
}

TEST_F(DeploymentActionsTest, OneThatThrowsOrIsGoneIsAVeto) {
  w.acting({P::at_deployment_tick});
  w.functions.answers = {true, "boom", "{}"};
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  w.minutes(1);
  EXPECT_EQ(w.state(1), "ROLLED_BACK");
  auto started = w.deployment(1)->view.log.at(1);
  EXPECT_EQ(started.invocations.at(0).error_message, "boom");
  w.functions.refuses = Error{Fault::not_found, "no function"};
  ASSERT_TRUE(w.deploy("1", half).ok());
  w.minutes(1);
  EXPECT_EQ(w.state(2), "ROLLED_BACK");
}

TEST_F(DeploymentActionsTest, AVetoInBakeAndBetweenBoundariesCounts) {
  const std::string slow = w.strategy(0, 30, 100);
  w.acting({P::at_deployment_tick});
  ASSERT_TRUE(w.deploy(w.upload("one"), slow).ok());
  w.minutes(7);
  EXPECT_EQ(w.state(1), "BAKING");
  says(R"({"Error":"x","Message":"y"})");
  w.minutes(1);
  EXPECT_EQ(w.state(1), "ROLLED_BACK");
  EXPECT_EQ(w.served(), "");
}

TEST_F(DeploymentActionsTest, OwnTroubleIsNoVetoAndHoldsTheRollout) {
  w.acting({P::at_deployment_tick});
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  w.functions.refuses = Error{Fault::unavailable, "away"};
  w.minutes(30);
  EXPECT_EQ(w.state(1), "DEPLOYING");
  EXPECT_EQ(w.served(), "");
  w.functions.refuses.reset();
  w.advance(Duration{2000});
  EXPECT_EQ(w.state(1), "COMPLETE");
}

TEST_F(DeploymentActionsTest, AVetoThatCannotBeRecordedYetStands) {
  w.acting({P::at_deployment_tick});
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  says(R"({"Directive":"ROLL_BACK"})");
  w.store.next_commits({Commit::unavailable, Commit::lost});
  w.minutes(1);
  EXPECT_EQ(w.state(1), "DEPLOYING");
  says("null");
  w.advance(Duration{5000});
  EXPECT_EQ(w.state(1), "ROLLED_BACK");
  EXPECT_EQ(asked(), 1u);
}

TEST_F(DeploymentActionsTest, AStopWhileTheyAreAskedWins) {
  w.acting({P::at_deployment_tick});
  w.functions.takes = Duration{5000};
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  w.minutes(1);
  ASSERT_TRUE(w.end(1).ok());
  w.minutes(1);
  EXPECT_EQ(w.state(1), "ROLLED_BACK");
  EXPECT_EQ(w.deployment(1)->view.log.at(1).triggered_by, "USER");
  EXPECT_EQ(w.rows("following"), 0u);
}

TEST_F(DeploymentActionsTest, EnvironmentsTakeEverythingWithThem) {
  w.acting(kTold);
  ASSERT_TRUE(w.deploy(w.upload("one"), half).ok());
  w.minutes(3);
  EXPECT_GT(w.rows("invoked"), 0u);
  ASSERT_TRUE(w.run(w.service->environments.remove(w.scope, w.app, w.env)).ok());
  for (const char* table : {"dep", "applied", "invoked", "following"})
    EXPECT_EQ(w.rows(table), 0u) << table;
}

}  // namespace
}  // namespace tidegate::appconfig
