#include "appconfig/data_plane.h"

#include <gtest/gtest.h>

#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

std::string field_of(const Error& e, std::string_view name) {
  for (const auto& [known, value] : e.fields)
    if (known == name) return value;
  return "";
}

std::string text(const Result<Poll>& poll) {
  if (!poll.ok()) return "! " + poll.error().message;
  return poll->content ? *poll->content : "";
}

TEST(Polls, AreEmptyWhenNothingChanged) {
  AppConfigWorld w;
  auto made = w.try_upload("{\"a\":1}", "", "first");
  w.complete(std::to_string(made->number));
  std::string token = w.session();
  const std::string initial = token;
  auto first = w.poll(token);
  EXPECT_EQ(text(first), "{\"a\":1}");
  EXPECT_EQ(first->content_type, "application/json");
  EXPECT_EQ(first->version_label, "first");
  EXPECT_EQ(first->interval_s, 60u);
  EXPECT_NE(token, initial);
  for (int i = 0; i < 3; ++i) {
    const std::string before = token;
    auto again = w.poll(token);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->content, nullptr);
    EXPECT_FALSE(again->version_label);
    EXPECT_NE(token, before);
  }
}

TEST(Polls, SeeARollbackAsAChange) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  std::string token = w.session();
  EXPECT_EQ(text(w.poll(token)), "one");
  ASSERT_TRUE(w.deploy(w.upload("two")).ok());
  EXPECT_EQ(text(w.poll(token)), "two");
  ASSERT_TRUE(w.end(2).ok());
  EXPECT_EQ(text(w.poll(token)), "one");
  EXPECT_EQ(text(w.poll(token)), "");
}

TEST(Polls, KeepToADeclaredIntervalWithoutSpendingTheToken) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  std::string token = w.session(30);
  EXPECT_EQ(w.poll(token)->interval_s, 30u);  // the first is always allowed
  w.advance(Duration{29'999});
  const std::string kept = token;
  auto early = w.poll(token);
  ASSERT_EQ(early.fault(), Fault::bad_token);
  EXPECT_EQ(early.error().message, "Request too early");
  EXPECT_EQ(field_of(early.error(), "Problem"), "PollIntervalNotSatisfied");
  EXPECT_EQ(field_of(early.error(), "Member"), "ConfigurationToken");
  w.advance(Duration{1});
  EXPECT_EQ(token, kept);
  EXPECT_TRUE(w.poll(token).ok());
}

TEST(Polls, OfATokenTwiceAnswerTwice) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  std::string token = w.session(30);
  std::string replayed = token;
  EXPECT_EQ(text(w.poll(token)), "one");
  EXPECT_EQ(text(w.poll(replayed)), "one");
  w.advance(Duration{30'000});
  EXPECT_EQ(text(w.poll(replayed)), "");
}

TEST(Polls, RefuseStrangeTokens) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  const std::string token = w.session();
  const auto problem = [&](const Scope& scope, const std::string& t) {
    auto answer = w.service->data_plane.latest(scope, t);
    return answer.ok() ? "" : field_of(answer.error(), "Problem");
  };
  EXPECT_EQ(problem(w.scope, token), "");
  EXPECT_EQ(problem({w.scope.account, "eu-west-1"}, token), "");  // the region is the session's
  EXPECT_EQ(problem({"999999999999", "us-east-1"}, token), "Corrupted");
  EXPECT_EQ(problem(w.scope, token.substr(1)), "Corrupted");
  w.minutes(24 * 60);
  EXPECT_EQ(problem(w.scope, token), "");
  w.advance(Duration{1});
  EXPECT_EQ(problem(w.scope, token), "Expired");
}

TEST(Polls, KeepASessionAliveForDays) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  std::string token = w.session();
  for (int day = 0; day < 4; ++day) {
    ASSERT_TRUE(w.poll(token).ok());
    w.minutes(23 * 60);
  }
  w.restart();
  EXPECT_TRUE(w.poll(token).ok());
}

TEST(Sessions, MayBeginBeforeTheFirstDeployment) {
  AppConfigWorld w;
  std::string token = w.session();
  auto nothing = w.poll(token);
  ASSERT_EQ(nothing.fault(), Fault::not_found);
  EXPECT_EQ(field_of(nothing.error(), "ResourceType"), "Deployment");
  w.complete(w.upload("one"));
  EXPECT_EQ(text(w.poll(token)), "one");
}

TEST(Sessions, TakeNamesAndIds) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  auto& plane = w.service->data_plane;
  for (const std::string& app : {w.app, std::string("shop")})
    for (const std::string& env : {w.env, std::string("prod")})
      for (const std::string& prof : {w.prof, std::string("limits")}) {
        auto token = w.run(plane.start_session(w.scope, app, env, prof, std::nullopt));
        ASSERT_TRUE(token.ok());
        EXPECT_EQ(text(w.poll(*token)), "one");
      }
  const auto type = [&](std::string app, std::string env, std::string prof) {
    auto token = w.run(plane.start_session(w.scope, app, env, prof, std::nullopt));
    return token.ok() ? "" : field_of(token.error(), "ResourceType");
  };
  EXPECT_EQ(type("nobody", "prod", "limits"), "Application");
  EXPECT_EQ(type("shop", "nobody", "limits"), "Environment");
  EXPECT_EQ(type("shop", "prod", "nobody"), "ConfigurationProfile");
  w.environment("prod");
  auto two = w.run(plane.start_session(w.scope, "shop", "prod", "limits", std::nullopt));
  EXPECT_EQ(two.fault(), Fault::invalid_argument);
}

TEST(Sessions, EndWithTheirProfileAndEnvironment) {
  AppConfigWorld w;
  const std::string version = w.upload("one");
  w.complete(version);
  std::string token = w.session();
  ASSERT_TRUE(w.poll(token).ok());
  ASSERT_TRUE(w.run(w.service->versions.remove(w.scope, w.app, w.prof, 1)).ok());
  EXPECT_TRUE(w.poll(token).ok());  // what was deployed was copied
  ASSERT_TRUE(w.run(w.service->profiles.remove(w.scope, w.app, w.prof)).ok());
  w.world.settle();
  EXPECT_EQ(w.poll(token).fault(), Fault::not_found);

  w.prof = w.profile("another");
  w.complete(w.upload("two"));
  token = w.session();
  EXPECT_EQ(text(w.poll(token)), "two");
  ASSERT_TRUE(w.run(w.service->environments.remove(w.scope, w.app, w.env)).ok());
  w.world.settle();
  EXPECT_EQ(w.poll(token).fault(), Fault::not_found);
  EXPECT_EQ(w.rows("served"), 0u);
  EXPECT_EQ(w.rows("dep"), 0u);
  EXPECT_EQ(w.rows("depcount"), 0u);
}

TEST(GetConfiguration, HasNoContentForWhoHasTheVersion) {
  AppConfigWorld w;
  EXPECT_EQ(w.configuration("c").fault(), Fault::not_found);
  w.complete(w.upload("one"));
  for (int i = 0; i < 2; ++i) {
    auto whole = w.configuration("c");
    EXPECT_EQ(*whole->content, "one");
    EXPECT_EQ(whole->version, "1");
    EXPECT_EQ(whole->content_type, "application/json");
  }
  auto same = w.configuration("c", "1");
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->content, nullptr);
  EXPECT_EQ(same->version, "1");
  EXPECT_EQ(*w.configuration("c", "0")->content, "one");
}

TEST(GetConfiguration, CannotReadWhatIsEncrypted) {
  AppConfigWorld w;
  StartRequest r = w.request(w.upload("one"), "AppConfig.AllAtOnce");
  r.kms_key_identifier = "alias/k";
  ASSERT_TRUE(w.run(w.service->deployments.start(w.scope, r)).ok());
  EXPECT_EQ(w.configuration("c").fault(), Fault::invalid_argument);
  std::string token = w.session();
  EXPECT_EQ(text(w.poll(token)), "one");
}

}  // namespace
}  // namespace tidegate::appconfig
