#include "appconfig/deployments.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

using Commit = store::FaultyStore::Commit;
const std::string kLarge(70 * 1024, 'x');  // more than a row holds

TEST(StartDeployment, AnswersWithItsFirstInstant) {
  AppConfigWorld w;
  auto made = w.try_upload("one", "", "v-one");
  StartRequest r = w.request("v-one", w.strategy(0, 0, 100));
  r.description = "why";
  auto started = w.run(w.service->deployments.start(w.scope, r));
  ASSERT_TRUE(started.ok());
  EXPECT_EQ(started->view.state, DeploymentState::deploying);
  EXPECT_EQ(started->view.percentage, 0);
  EXPECT_EQ(started->view.log.size(), 1u);
  EXPECT_EQ(started->record.number, 1u);
  EXPECT_EQ(started->record.version, "1");
  EXPECT_EQ(started->record.version_label, "v-one");
  EXPECT_EQ(started->record.configuration_name, "limits");
  EXPECT_EQ(started->record.location_uri, "hosted");
  EXPECT_EQ(w.state(1), "COMPLETE");
  EXPECT_EQ(w.served(), "one");
}

TEST(StartDeployment, ChecksInTheContractsOrder) {
  AppConfigWorld w;
  w.source.contents["s3://bucket/key@v1"] = {"ok", "text/plain"};
  w.prof = w.profile("s3", {{"LAMBDA", AppConfigWorld::kFunction}}, "s3://bucket/key");
  w.functions.answers.failed = true;
  w.functions.answers.error_message = "no";
  StartRequest r = w.request("nothing", "nothing");
  r.application = r.environment = r.profile = "nothing";
  r.latest_deployment_number = 7;
  const auto refusal = [&] {
    auto answer = w.run(w.service->deployments.start(w.scope, r));
    return answer.ok() ? "" : answer.error().message;
  };
  EXPECT_EQ(refusal(), "Could not find Application nothing");
  r.application = w.app;
  EXPECT_EQ(refusal(), "Could not find Environment nothing");
  r.environment = w.env;
  EXPECT_EQ(refusal(), "Could not find DeploymentStrategy nothing");
  r.strategy = "AppConfig.AllAtOnce";
  EXPECT_EQ(refusal(), "Could not find ConfigurationProfile nothing");
  r.profile = w.prof;
  EXPECT_EQ(refusal().find("LatestDeploymentNumber is 7"), 0u);
  r.latest_deployment_number = 0;
  EXPECT_EQ(refusal(), "there is no version nothing");
  EXPECT_TRUE(w.functions.calls.empty());
  r.version = "v1";
  EXPECT_NE(refusal().find(": no"), std::string::npos);
  EXPECT_EQ(w.rows("dep") + w.rows("depcount") + w.rows("served"), 0u);
  w.functions.answers.failed = false;
  EXPECT_EQ(refusal(), "");
  // Busy comes before the number, and before anything is fetched.
  w.source.fetched = 0;
  EXPECT_EQ(refusal(),
            fmt::format("Environment {} currently has a state of DEPLOYING. The current deployment "
                        "must finish before a new deployment can be started.",
                        w.env));
  EXPECT_EQ(w.source.fetched, 0u);
  w.minutes(10);
  EXPECT_EQ(refusal().find("LatestDeploymentNumber is 0"), 0u);
  r.latest_deployment_number = 1;
  EXPECT_EQ(refusal(), "");
}

TEST(StartDeployment, RefusesContentThatIsEmptyOrTooLarge) {
  AppConfigWorld w;
  w.prof = w.profile("s3", {}, "s3://bucket/key");
  w.source.contents["s3://bucket/key@empty"] = {"", "text/plain"};
  w.source.contents["s3://bucket/key@large"] = {std::string(w.max_content + 1, 'x'), "text/plain"};
  EXPECT_EQ(w.deploy("empty").fault(), Fault::invalid_argument);
  EXPECT_EQ(w.deploy("large").fault(), Fault::too_large);
  EXPECT_EQ(w.rows("dep"), 0u);
}

TEST(StartDeployment, IsOneAtATimeInAnEnvironmentWhateverTheProfile) {
  AppConfigWorld w;
  const std::string one = w.upload("one"), other = w.profile("other");
  const std::string two = w.upload("two", other);
  ASSERT_TRUE(w.deploy(one).ok());
  StartRequest r = w.request(two, "AppConfig.AllAtOnce");
  r.profile = other;
  EXPECT_EQ(w.run(w.service->deployments.start(w.scope, r)).fault(), Fault::conflict);
  r.environment = w.environment("test");
  EXPECT_TRUE(w.run(w.service->deployments.start(w.scope, r)).ok());
  EXPECT_EQ(w.environment_state(), "Deploying");
  w.minutes(10);
  EXPECT_EQ(w.environment_state(), "ReadyForDeployment");
  r.environment = w.env;
  EXPECT_EQ(w.run(w.service->deployments.start(w.scope, r))->record.number, 2u);
}

TEST(StartDeployment, LetsOneOfTwoWinWhileAValidatorThinks) {
  AppConfigWorld w;
  w.prof = w.profile("checked", {{"LAMBDA", AppConfigWorld::kFunction}});
  w.functions.takes = Duration{10'000};
  const std::string one = w.upload("one"), two = w.upload("two");
  std::optional<Result<DeploymentNow>> first, second;
  auto& deployments = w.service->deployments;
  w.world.start(deployments.start(w.scope, w.request(one, "AppConfig.AllAtOnce")), first);
  w.world.settle();
  w.advance(Duration{1'000});
  w.world.start(deployments.start(w.scope, w.request(two, "AppConfig.AllAtOnce")), second);
  w.advance(Duration{10'000});
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->ok());
  ASSERT_EQ(second->fault(), Fault::conflict);
  EXPECT_EQ(second->error().message.find("Environment " + w.env + " currently has"), 0u);
  EXPECT_EQ(w.served(), "one");
  EXPECT_EQ(w.rows("dep"), 1u);
}

TEST(StartDeployment, AtTheInstantTheOneBeforeCompletesIsTaken) {
  AppConfigWorld w;
  w.prof = w.profile("checked", {{"LAMBDA", AppConfigWorld::kFunction}});
  const std::string one = w.upload("one"), two = w.upload("two");
  ASSERT_TRUE(w.deploy(one).ok());
  w.advance(Duration{10 * 60'000 - 1});
  EXPECT_EQ(w.state(1), "BAKING");
  // Both want to make the first one the base: the timer and the next start.
  std::optional<Result<DeploymentNow>> next;
  w.world.clock.at(w.world.clock.now() + Duration{1}, [&] {
    w.world.start(w.service->deployments.start(w.scope, w.request(two, "AppConfig.AllAtOnce")),
                  next);
  });
  w.advance(Duration{1});
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->ok()) << next->error().message;
  EXPECT_EQ(w.served(), "two");
}

TEST(StartDeployment, OfAnEnvironmentThatGoesAwayMeanwhileFindsNothing) {
  AppConfigWorld w;
  w.prof = w.profile("checked", {{"LAMBDA", AppConfigWorld::kFunction}});
  w.functions.takes = Duration{10'000};
  std::optional<Result<DeploymentNow>> started;
  w.world.start(
      w.service->deployments.start(w.scope, w.request(w.upload("one"), "AppConfig.AllAtOnce")),
      started);
  w.world.settle();
  ASSERT_TRUE(w.run(w.service->environments.remove(w.scope, w.app, w.env)).ok());
  w.advance(Duration{10'000});
  ASSERT_TRUE(started);
  EXPECT_EQ(started->fault(), Fault::not_found);
  EXPECT_EQ(w.rows("dep") + w.rows("depcount") + w.rows("served"), 0u);
}

TEST(StopDeployment, RollsBackWhatGrowsOrBakes) {
  for (std::int64_t minutes : {0, 15, 25}) {
    AppConfigWorld w;
    w.complete(w.upload("one"));
    const std::string slow = w.strategy(20, 10, 50);
    ASSERT_TRUE(w.deploy(w.upload("two"), slow).ok());
    w.minutes(minutes);
    auto stopped = w.end(2, minutes == 15);
    ASSERT_TRUE(stopped.ok());
    EXPECT_EQ(stopped->view.state, DeploymentState::rolled_back);
    EXPECT_EQ(w.environment_state(), "RolledBack");
    for (int i = 0; i < 20; ++i) EXPECT_EQ(w.served(std::to_string(i)), "one");
    EXPECT_EQ(w.end(2).fault(), Fault::invalid_argument);
    EXPECT_EQ(w.end(2, true).fault(), Fault::invalid_argument);
    EXPECT_EQ(w.end(3).fault(), Fault::not_found);
    EXPECT_TRUE(w.deploy(w.upload("three")).ok());
  }
}

TEST(StopDeployment, RevertsWithinThreeDays) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  w.complete(w.upload("two"));
  EXPECT_EQ(w.end(2, false).fault(), Fault::invalid_argument);
  w.minutes(72 * 60);
  auto reverted = w.end(2, true);
  ASSERT_TRUE(reverted.ok());
  EXPECT_EQ(reverted->view.state, DeploymentState::reverted);
  EXPECT_EQ(w.environment_state(), "Reverted");
  EXPECT_EQ(w.served(), "one");
  EXPECT_EQ(w.end(2, true).fault(), Fault::invalid_argument);
  w.complete(w.upload("three"));
  w.minutes(72 * 60);
  w.advance(Duration{1});
  EXPECT_EQ(w.end(3, true).fault(), Fault::invalid_argument);
  EXPECT_EQ(w.served(), "three");
}

TEST(StopDeployment, RevertsTheNewestOfItsProfileOnly) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  w.complete(w.upload("two"));
  w.complete(w.upload("three"));
  EXPECT_EQ(w.end(2, true).fault(), Fault::invalid_argument);
  ASSERT_TRUE(w.end(3, true).ok());
  EXPECT_EQ(w.served(), "two");
  // What was there before the second is no longer kept: nobody is answered with nothing.
  auto again = w.end(2, true);
  ASSERT_EQ(again.fault(), Fault::invalid_argument);
  EXPECT_NE(again.error().message.find("newer deployment"), std::string::npos);
  EXPECT_EQ(w.served(), "two");
  w.complete(w.upload("four"));
  ASSERT_TRUE(w.end(4, true).ok());
  EXPECT_EQ(w.served(), "two");
}

TEST(StopDeployment, OfTheFirstLeavesNothing) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  ASSERT_TRUE(w.end(1, true).ok());
  EXPECT_EQ(w.configuration("c").fault(), Fault::not_found);
  w.complete(w.upload("two"));
  EXPECT_EQ(w.served(), "two");
}

TEST(Deployments, KeepACopyOfTheContent) {
  for (const std::string& bytes : {std::string("small"), kLarge}) {
    AppConfigWorld w;
    w.complete(w.upload(bytes));
    ASSERT_TRUE(w.run(w.service->versions.remove(w.scope, w.app, w.prof, 1)).ok());
    w.restart();
    EXPECT_EQ(w.served(), bytes);
  }
}

TEST(Deployments, EraseContentsThatAreSuperseded) {
  for (const std::string& bytes : {std::string("small"), kLarge}) {
    AppConfigWorld w;
    w.prof = w.profile("s3", {}, "s3://bucket/key");
    for (int n = 1; n <= 5; ++n) {
      w.source.contents[fmt::format("s3://bucket/key@{}", n)] = {bytes, "text/plain"};
      w.complete(std::to_string(n));
      EXPECT_EQ(w.rows("content") + w.blobs.count(), n == 1 ? 1u : 2u) << n;
    }
    ASSERT_TRUE(w.end(5, true).ok());
    EXPECT_EQ(w.rows("content") + w.blobs.count(), 1u);
    ASSERT_TRUE(w.run(w.service->profiles.remove(w.scope, w.app, w.prof)).ok());
    w.world.settle();
    EXPECT_EQ(w.rows("content") + w.blobs.count(), 0u);
  }
}

TEST(Deployments, GoOnWhereTimeStandsAfterARestart) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  ASSERT_TRUE(w.deploy(w.upload("two"), w.strategy(20, 10, 50)).ok());
  w.minutes(12);
  std::string before, after;
  for (int i = 0; i < 50; ++i) before += w.served(std::to_string(i)) + " ";
  EXPECT_NE(before.find("one"), std::string::npos);
  EXPECT_NE(before.find("two"), std::string::npos);
  w.restart();
  for (int i = 0; i < 50; ++i) after += w.served(std::to_string(i)) + " ";
  EXPECT_EQ(before, after);
  EXPECT_EQ(w.state(2), "DEPLOYING");
  w.stop();
  w.minutes(60);  // nobody is there when it ends
  w.start();
  EXPECT_EQ(w.state(2), "COMPLETE");
  EXPECT_EQ(w.served(), "two");
  EXPECT_EQ(w.environment_state(), "ReadyForDeployment");
  ASSERT_TRUE(w.end(2, true).ok());
  EXPECT_EQ(w.served(), "one");
}

TEST(Deployments, AreNotTouchedByLaterEditsOfTheStrategy) {
  AppConfigWorld w;
  const std::string slow = w.strategy(20, 10, 50);
  ASSERT_TRUE(w.deploy(w.upload("one"), slow).ok());
  StrategyChange change;
  change.duration_minutes = 0;
  change.bake_minutes = 0;
  ASSERT_TRUE(w.run(w.service->strategies.update(w.scope, slow, change)).ok());
  ASSERT_TRUE(w.run(w.service->strategies.remove(w.scope, slow)).ok());
  w.minutes(29);
  EXPECT_EQ(w.state(1), "BAKING");
  w.minutes(1);
  EXPECT_EQ(w.state(1), "COMPLETE");
}

TEST(Deployments, AreListedNewestFirst) {
  AppConfigWorld w;
  for (int i = 0; i < 5; ++i) w.complete(w.upload(std::to_string(i)));
  PageRequest page;
  page.max_results = 2;
  std::string seen;
  do {
    auto got = w.run(w.service->deployments.list(w.scope, w.app, w.env, page));
    ASSERT_TRUE(got.ok());
    for (const DeploymentNow& d : got->items) seen += std::to_string(d.record.number);
    page.next_token = got->next_token;
  } while (!page.next_token.empty());
  EXPECT_EQ(seen, "54321");
}

TEST(DeploymentFaults, AnUnansweredCommitIsReadBack) {
  for (const std::string& bytes : {std::string("small"), kLarge}) {
    AppConfigWorld w;
    w.complete(w.upload("one"));
    const std::string two = w.upload(bytes);
    w.store.next_commits({Commit::unanswered});
    ASSERT_TRUE(w.deploy(two).ok());
    EXPECT_EQ(w.served(), bytes);
    w.store.next_commits({Commit::unanswered});
    auto stopped = w.end(2);
    ASSERT_TRUE(stopped.ok()) << stopped.error().message;
    EXPECT_EQ(w.served(), "one");
    const std::string three = w.upload("three");
    w.store.next_commits({Commit::lost});
    EXPECT_EQ(w.deploy(three).fault(), Fault::unavailable);
    EXPECT_EQ(w.state(3), "Could not find Deployment 3");
    EXPECT_EQ(w.deploy(three)->record.number, 3u);
  }
}

TEST(DeploymentFaults, WhatMayBeServedKeepsItsContent) {
  AppConfigWorld w;
  const std::string version = w.upload(kLarge);
  w.store.next_commits({Commit::unanswered_then_away});
  EXPECT_FALSE(w.deploy(version).ok());
  EXPECT_EQ(w.state(1), "BAKING");  // it was applied after all
  w.restart();
  EXPECT_EQ(w.served(), kLarge);

  w.store.next_commits({Commit::unanswered_then_away});
  EXPECT_FALSE(w.try_upload(kLarge + "2").ok());
  w.restart();
  auto found = w.run(w.service->versions.find(w.scope, w.app, w.prof, 2));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*(*w.run(w.service->versions.content(w.scope, *found))), kLarge + "2");
}

TEST(DeploymentFaults, ACompletionThatFailsIsTriedAgain) {
  AppConfigWorld w;
  w.prof = w.profile("s3", {}, "s3://bucket/key");
  for (int n = 1; n <= 3; ++n) {
    w.source.contents[fmt::format("s3://bucket/key@{}", n)] = {kLarge, "text/plain"};
    if (n < 3) w.complete(std::to_string(n));
  }
  ASSERT_TRUE(w.deploy("3").ok());
  w.store.next_commits({Commit::unavailable, Commit::unanswered});
  w.minutes(10);
  EXPECT_EQ(w.state(3), "COMPLETE");
  EXPECT_EQ(w.blobs.count(), 3u);
  w.minutes(1);
  EXPECT_EQ(w.blobs.count(), 2u);
}

TEST(Environments, GoWithTheirDeployment) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  ASSERT_TRUE(w.deploy(w.upload("two")).ok());
  ASSERT_TRUE(w.run(w.service->environments.remove(w.scope, w.app, w.env)).ok());
  EXPECT_EQ(w.served(), "");
  for (const char* table : {"dep", "depcount", "served", "env"}) EXPECT_EQ(w.rows(table), 0u);
  EXPECT_EQ(w.rows("content"), 2u);  // the versions' own
  w.minutes(60);
  w.restart();
  EXPECT_EQ(w.rows("served"), 0u);
  w.env = w.environment("prod");
  EXPECT_EQ(w.deploy("1")->record.number, 1u);
}

TEST(Profiles, CannotGoWhileTheyAreDeployed) {
  AppConfigWorld w;
  w.prof = w.profile("s3", {}, "s3://bucket/key");
  w.source.contents["s3://bucket/key@1"] = {"one", "text/plain"};
  ASSERT_TRUE(w.deploy("1").ok());
  EXPECT_EQ(w.run(w.service->profiles.remove(w.scope, w.app, w.prof)).fault(), Fault::conflict);
  EXPECT_EQ(w.served(), "one");
  w.minutes(10);
  EXPECT_TRUE(w.run(w.service->profiles.remove(w.scope, w.app, w.prof)).ok());
}

}  // namespace
}  // namespace tidegate::appconfig
