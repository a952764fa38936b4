#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

PageRequest page_of(std::size_t n, std::string token = "") {
  return PageRequest{n, std::move(token)};
}

TEST(Applications, AreFoundByIdThenByName) {
  AppConfigWorld w;
  auto& apps = w.service->applications;
  EXPECT_EQ(w.app.size(), 7u);
  EXPECT_EQ(w.run(apps.find(w.scope, w.app))->name, "shop");
  EXPECT_EQ(w.run(apps.find(w.scope, "shop"))->id, w.app);
  EXPECT_EQ(w.run(apps.find(w.scope, "SHOP")).fault(), Fault::not_found);
  EXPECT_EQ(w.run(apps.find({"999999999999", "us-east-1"}, "shop")).fault(), Fault::not_found);
  Application named_as_id;
  named_as_id.name = w.app;
  ASSERT_TRUE(w.run(apps.create(w.scope, named_as_id)).ok());
  EXPECT_EQ(w.run(apps.find(w.scope, w.app))->name, "shop");  // ids first
  Application twin;
  twin.name = "shop";
  ASSERT_TRUE(w.run(apps.create(w.scope, twin)).ok());
  EXPECT_EQ(w.run(apps.find(w.scope, "shop")).fault(), Fault::invalid_argument);
}

TEST(Applications, AreUpdatedListedAndRemoved) {
  AppConfigWorld w;
  auto& apps = w.service->applications;
  ApplicationChange change;
  change.description = "d";
  auto changed = w.run(apps.update(w.scope, "shop", change));
  EXPECT_EQ(changed->name, "shop");
  EXPECT_EQ(changed->description, "d");
  EXPECT_EQ(w.run(apps.remove(w.scope, w.app)).fault(), Fault::invalid_argument);
  ASSERT_TRUE(w.run(w.service->environments.remove(w.scope, w.app, "prod")).ok());
  EXPECT_EQ(w.run(apps.remove(w.scope, w.app)).fault(), Fault::invalid_argument);
  ASSERT_TRUE(w.run(w.service->profiles.remove(w.scope, w.app, "limits")).ok());
  EXPECT_TRUE(w.run(apps.remove(w.scope, w.app)).ok());
  EXPECT_EQ(w.run(apps.remove(w.scope, w.app)).fault(), Fault::not_found);
}

TEST(Applications, HaveAQuotaAndPages) {
  AppConfigWorld w;
  auto& apps = w.service->applications;
  Application a;
  for (std::size_t i = 1; i < Applications::kQuota; ++i) {
    a.name = fmt::format("app-{}", i);
    ASSERT_TRUE(w.run(apps.create(w.scope, a)).ok());
  }
  EXPECT_EQ(w.run(apps.create(w.scope, a)).fault(), Fault::quota_exceeded);
  std::set<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    auto page = w.run(apps.list(w.scope, page_of(50, token)));
    ASSERT_TRUE(page.ok());
    for (const Application& each : page->items) EXPECT_TRUE(seen.insert(each.id).second);
    token = page->next_token;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(seen.size(), Applications::kQuota);
  EXPECT_EQ(pages, 2);  // a page that is full to the last record has no next
  for (const char* bad : {"!", "====", "A"})
    EXPECT_EQ(w.run(apps.list(w.scope, page_of(5, bad))).fault(), Fault::invalid_argument) << bad;
}

TEST(Environments, KeepMonitorsUntilTheyAreCleared) {
  AppConfigWorld w;
  auto& envs = w.service->environments;
  EnvironmentChange change;
  change.monitors = std::vector<Monitor>{{"arn:alarm", "arn:aws:iam::111122223333:role/watcher"}};
  EXPECT_EQ(w.run(envs.update(w.scope, "shop", "prod", change))->monitors.size(), 1u);
  EnvironmentChange name;
  name.name = "production";
  EXPECT_EQ(w.run(envs.update(w.scope, "shop", "prod", name))->monitors.size(), 1u);
  change.monitors->clear();
  EXPECT_TRUE(w.run(envs.update(w.scope, "shop", "production", change))->monitors.empty());
  EXPECT_EQ(w.run(envs.find(w.scope, "shop", "prod")).fault(), Fault::not_found);
  EXPECT_EQ(w.run(envs.find(w.scope, "shop", w.env))->name, "production");
}

TEST(Profiles, CheckTheirLocation) {
  AppConfigWorld w;
  const auto make = [&](const std::string& uri, bool role, const std::string& type = "") {
    Profile p;
    p.name = "p";
    p.location_uri = uri;
    p.type = type;
    if (role) p.retrieval_role_arn = "arn:aws:iam::111122223333:role/reader";
    auto made = w.run(w.service->profiles.create(w.scope, w.app, p));
    return made.ok() ? Fault::last_value_ : made.fault();
  };
  EXPECT_EQ(make("hosted", false), Fault::last_value_);
  EXPECT_EQ(make("s3://bucket/a/b c.json", true), Fault::last_value_);
  EXPECT_EQ(make("s3://bucket/key", false), Fault::invalid_argument);
  for (const char* bad : {"", "s3://", "s3://bucket", "s3://bucket/", "s3:///key", "S3://b/k",
                          "http://x/y", "hosted "})
    EXPECT_EQ(make(bad, true), Fault::invalid_argument) << bad;
  for (const char* absent :
       {"ssm-parameter://p", "ssm-document://d", "secretsmanager://s", "codepipeline://c"})
    EXPECT_EQ(make(absent, true), Fault::not_implemented) << absent;
  EXPECT_EQ(make("s3://b/k", true, "AWS.AppConfig.FeatureFlags"), Fault::invalid_argument);
  EXPECT_EQ(w.run(w.service->profiles.find(w.scope, w.app, w.prof))->type, "AWS.Freeform");
}

TEST(Profiles, AreListedByType) {
  AppConfigWorld w;
  Profile p;
  p.name = "typed";
  p.location_uri = "hosted";
  p.type = "My.Type";
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(w.run(w.service->profiles.create(w.scope, w.app, p)).ok());
  std::size_t seen = 0;
  std::string token;
  do {
    auto page = w.run(w.service->profiles.list(w.scope, w.app, "My.Type", page_of(1, token)));
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->items.size(), token.empty() && seen ? 0u : 1u);  // no page is half empty
    seen += page->items.size();
    token = page->next_token;
  } while (!token.empty() && seen < 3);
  EXPECT_EQ(seen, 3u);
}

TEST(Profiles, ClearTheirKeyByAnEmptyOne) {
  AppConfigWorld w;
  ProfileChange change;
  change.kms_key_identifier = "alias/k";
  EXPECT_EQ(w.run(w.service->profiles.update(w.scope, w.app, w.prof, change))->kms_key_identifier,
            "alias/k");
  change.kms_key_identifier = "";
  EXPECT_FALSE(
      w.run(w.service->profiles.update(w.scope, w.app, w.prof, change))->kms_key_identifier);
  change.validators = std::vector<Validator>{{"LAMBDA", "no arn"}};
  EXPECT_EQ(w.run(w.service->profiles.update(w.scope, w.app, w.prof, change)).fault(),
            Fault::invalid_argument);
}

TEST(Strategies, ThatArePredefinedStay) {
  AppConfigWorld w;
  auto& strategies = w.service->strategies;
  auto canary = w.run(strategies.find(w.scope, "AppConfig.Canary10Percent20Minutes"));
  ASSERT_TRUE(canary.ok());
  EXPECT_EQ(canary->growth_type, GrowthType::exponential);
  EXPECT_EQ(canary->duration_minutes, 20);
  EXPECT_EQ(w.run(strategies.update(w.scope, canary->id, {})).fault(), Fault::invalid_argument);
  EXPECT_EQ(w.run(strategies.remove(w.scope, canary->id)).fault(), Fault::invalid_argument);
  const std::string own = w.strategy(1, 2, 3);
  EXPECT_EQ(w.run(strategies.find(w.scope, "quick")).fault(), Fault::not_found);  // by id alone
  EXPECT_EQ(w.run(strategies.find(w.scope, "AppConfig.DoesNotExist")).fault(), Fault::not_found);
  // What can be no id is refused by its form, as the model's pattern has it.
  for (const char* wrong :
       {"s", "toolonger", "Upper", "a b c", "AppConfig.Short", "AppConfig.Has Blank1"}) {
    auto refused = w.run(strategies.find(w.scope, wrong));
    EXPECT_EQ(refused.fault(), Fault::invalid_argument) << wrong;
    EXPECT_NE(refused.error().message.find(fmt::format("'{}' at 'deploymentStrategyId'", wrong)),
              std::string::npos);
    EXPECT_EQ(w.run(strategies.update(w.scope, wrong, {})).fault(), Fault::invalid_argument);
    EXPECT_EQ(w.run(strategies.remove(w.scope, wrong)).fault(), Fault::invalid_argument);
  }
  auto page = w.run(strategies.list(w.scope, page_of(4)));
  ASSERT_EQ(page->items.size(), 4u);
  for (const Strategy& s : page->items) EXPECT_TRUE(s.id.starts_with("AppConfig."));
  page = w.run(strategies.list(w.scope, page_of(4, page->next_token)));
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].id, own);
  EXPECT_EQ(page->next_token, "");
}

TEST(Strategies, AreListedOnWhenOneWentMeanwhile) {
  AppConfigWorld w;
  for (int i = 0; i < 15; ++i) w.strategy(1, 2, 3);  // some ids begin with a digit
  auto& strategies = w.service->strategies;
  auto page = w.run(strategies.list(w.scope, page_of(5)));
  ASSERT_TRUE(w.run(strategies.remove(w.scope, page->items[4].id)).ok());
  EXPECT_EQ(w.run(strategies.remove(w.scope, page->items[4].id)).fault(), Fault::not_found);
  std::size_t rest = 0;
  while (!page->next_token.empty()) {
    page = w.run(strategies.list(w.scope, page_of(5, page->next_token)));
    ASSERT_TRUE(page.ok());
    rest += page->items.size();
  }
  EXPECT_EQ(rest, 14u);
}

TEST(HostedVersions, NeverReuseANumber) {
  AppConfigWorld w;
  auto& versions = w.service->versions;
  EXPECT_EQ(w.upload("one"), "1");
  EXPECT_EQ(w.upload("two"), "2");
  ASSERT_TRUE(w.run(versions.remove(w.scope, w.app, w.prof, 2)).ok());
  EXPECT_EQ(w.run(versions.remove(w.scope, w.app, w.prof, 2)).fault(), Fault::not_found);
  EXPECT_EQ(w.upload("three"), "3");
  EXPECT_EQ(w.run(versions.find(w.scope, w.app, w.prof, 2)).fault(), Fault::not_found);
  EXPECT_EQ(w.deploy("2").fault(), Fault::not_found);
  EXPECT_EQ(w.rows("content"), 2u);
  EXPECT_EQ(w.run(w.service->profiles.remove(w.scope, w.app, w.prof)).fault(),
            Fault::invalid_argument);
}

TEST(HostedVersions, HoldTheOptimisticLock) {
  AppConfigWorld w;
  const auto create = [&](std::int64_t latest) {
    NewHostedVersion v;
    v.content = "x";
    v.content_type = "text/plain";
    v.latest_version_number = latest;
    auto made = w.run(w.service->versions.create(w.scope, w.app, w.prof, v));
    return made.ok() ? Fault::last_value_ : made.fault();
  };
  EXPECT_EQ(create(1), Fault::conflict);
  EXPECT_EQ(create(0), Fault::last_value_);
  EXPECT_EQ(create(0), Fault::conflict);
  EXPECT_EQ(create(1), Fault::last_value_);
  ASSERT_TRUE(w.run(w.service->versions.remove(w.scope, w.app, w.prof, 2)).ok());
  EXPECT_EQ(create(2), Fault::conflict);
  EXPECT_EQ(create(1), Fault::last_value_);  // the highest there is
}

TEST(HostedVersions, HaveLabelsOfTheirOwn) {
  AppConfigWorld w;
  for (const char* label : {"v1", "v2-a", "v2-b", "other"})
    ASSERT_TRUE(w.try_upload("x", "", label).ok());
  w.upload("unlabelled");
  EXPECT_EQ(w.try_upload("x", "", "v1").fault(), Fault::conflict);
  EXPECT_EQ(w.try_upload("x", "", "12").fault(), Fault::invalid_argument);
  const auto list = [&](std::optional<std::string> label, std::size_t n) {
    std::string seen, token;
    do {
      auto page = w.run(w.service->versions.list(w.scope, w.app, w.prof, label, page_of(n, token)));
      for (const HostedVersion& v : page->items) seen += std::to_string(v.number);
      token = page->next_token;
      seen += token.empty() ? "" : ",";
    } while (!token.empty());
    return seen;
  };
  EXPECT_EQ(list(std::nullopt, 50), "54321");
  EXPECT_EQ(list(std::nullopt, 2), "54,32,1");
  EXPECT_EQ(list("v2*", 50), "32");
  EXPECT_EQ(list("v1", 1).substr(0, 1), "1");  // found behind newer ones, on the first page
  EXPECT_EQ(list("v", 50), "");
  EXPECT_EQ(list("*", 50), "4321");
  EXPECT_TRUE(w.deploy("v2-a").ok());
}

TEST(HostedVersions, AreHostedAndSmallEnough) {
  AppConfigWorld w;
  const std::string s3 = w.profile("s3", {}, "s3://bucket/key");
  EXPECT_EQ(w.try_upload("x", s3).fault(), Fault::invalid_argument);
  EXPECT_TRUE(w.try_upload(std::string(w.max_content, 'x')).ok());
  auto large = w.try_upload(std::string(w.max_content + 1, 'x'));
  ASSERT_EQ(large.fault(), Fault::too_large);
  EXPECT_EQ(large.error().fields[0].second, std::to_string(w.max_content));
}

TEST(HostedVersions, HaveAQuotaTogether) {
  AppConfigWorld w;
  w.max_hosted = 1000;
  w.restart();
  const std::string other = w.profile("other");
  ASSERT_TRUE(w.try_upload(std::string(600, 'x')).ok());
  const auto over = w.try_upload(std::string(401, 'x'), other);
  ASSERT_EQ(over.fault(), Fault::quota_exceeded);
  EXPECT_NE(over.error().message.find("1001 bytes"), std::string::npos) << over.error().message;
  ASSERT_TRUE(w.try_upload(std::string(400, 'x'), other).ok());
  w.restart();  // what there is is counted again
  EXPECT_EQ(w.try_upload("x").fault(), Fault::quota_exceeded);
  auto& versions = w.service->versions;
  ASSERT_TRUE(w.run(versions.remove(w.scope, w.app, w.prof, 1)).ok());
  EXPECT_FALSE(w.run(versions.remove(w.scope, w.app, w.prof, 1)).ok());  // counted down once
  EXPECT_EQ(w.try_upload(std::string(601, 'x')).fault(), Fault::quota_exceeded);
  EXPECT_TRUE(w.try_upload(std::string(600, 'x')).ok());
}

TEST(HostedVersions, ThatWereNotWrittenDoNotCount) {
  AppConfigWorld w;
  w.max_hosted = 1000;
  w.restart();
  ASSERT_TRUE(w.try_upload("first", "", "taken").ok());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(w.try_upload(std::string(900, 'x'), "", "taken").fault(), Fault::conflict);
  w.store.next_commits({store::FaultyStore::Commit::unavailable});
  EXPECT_FALSE(w.try_upload(std::string(900, 'x')).ok());
  EXPECT_TRUE(w.try_upload(std::string(900, 'x')).ok());
}

TEST(Roles, AreArnsOfRoles) {
  AppConfigWorld w;
  const char* const kNone = "rrarn:rrarn:rrarn:rrarn";
  Profile p;
  p.name = "p";
  p.location_uri = "s3://bucket/key";
  for (const char* bad : {kNone, "arn:aws:iam::111122223333:user/ann", "arn:aws:iam::1:role/ann",
                          "xarn:aws:iam::111122223333:role/ann"}) {
    p.retrieval_role_arn = bad;
    const auto refused = w.run(w.service->profiles.create(w.scope, w.app, p));
    ASSERT_EQ(refused.fault(), Fault::invalid_argument) << bad;
    EXPECT_NE(refused.error().message.find("'retrievalRoleArn'"), std::string::npos);
  }
  p.retrieval_role_arn = "arn:aws-us-gov:iam::111122223333:role/path/reader";
  EXPECT_TRUE(w.run(w.service->profiles.create(w.scope, w.app, p)).ok());
  ProfileChange change;
  change.retrieval_role_arn = kNone;
  EXPECT_EQ(w.run(w.service->profiles.update(w.scope, w.app, "p", change)).fault(),
            Fault::invalid_argument);
  Environment e;
  e.name = "e";
  e.monitors = {{"arn:alarm", std::nullopt}, {"arn:alarm", kNone}};
  const auto refused = w.run(w.service->environments.create(w.scope, w.app, e));
  ASSERT_EQ(refused.fault(), Fault::invalid_argument);
  EXPECT_NE(refused.error().message.find("'monitors.2.member.alarmRoleArn'"), std::string::npos);
  EnvironmentChange monitors;
  monitors.monitors = e.monitors;
  EXPECT_EQ(w.run(w.service->environments.update(w.scope, w.app, "prod", monitors)).fault(),
            Fault::invalid_argument);
}

TEST(Tags, AreMeasuredInCharacters) {
  AppConfigWorld w;
  const std::string app = arn(w.scope, "appconfig", "application/" + w.app);
  const auto add = [&](std::size_t key, std::size_t value) {
    const auto wide = [](std::size_t n) {
      std::string out;
      while (n--) out += "\xc3\xa9";
      return out;
    };
    return w.run(w.service->tags.add(w.scope, app, {{wide(key), wide(value)}})).ok();
  };
  EXPECT_TRUE(add(128, 256));
  EXPECT_FALSE(add(129, 1));
  EXPECT_FALSE(add(1, 257));
  EXPECT_FALSE(add(0, 1));
}

TEST(Tags, BelongToEveryKindOfResource) {
  AppConfigWorld w;
  w.complete(w.upload("one"));
  const std::string base = "arn:aws:appconfig:us-east-1:111122223333:";
  const std::string app = base + "application/" + w.app;
  auto& tags = w.service->tags;
  for (const std::string& arn :
       {app, app + "/environment/" + w.env, app + "/configurationprofile/" + w.prof,
        base + "deploymentstrategy/" + w.strategy(1, 1, 1),
        app + "/environment/" + w.env + "/deployment/1"}) {
    EXPECT_TRUE(w.run(tags.list(w.scope, arn))->empty()) << arn;
    ASSERT_TRUE(w.run(tags.add(w.scope, arn, {{"a", "1"}, {"b", "2"}})).ok());
    ASSERT_TRUE(w.run(tags.add(w.scope, arn, {{"b", "3"}})).ok());
    EXPECT_EQ(*w.run(tags.list(w.scope, arn)), (Tags{{"a", "1"}, {"b", "3"}}));
    ASSERT_TRUE(w.run(tags.remove(w.scope, arn, {"a", "unknown"})).ok());
    EXPECT_EQ(*w.run(tags.list(w.scope, arn)), (Tags{{"b", "3"}}));
    EXPECT_FALSE(w.run(tags.add(w.scope, arn, {{"aws:x", "1"}})).ok());
    EXPECT_EQ(w.run(tags.list(w.scope, arn))->size(), 1u);
  }
  for (const std::string& absent :
       {base + "application/nobody1", app + "/environment/nobody1", app + "/x/y",
        app + "/environment/" + w.env + "/deployment/2",
        app + "/environment/" + w.env + "/deployment/1x",
        "arn:aws:appconfig:eu-west-1:111122223333:application/" + w.app})
    EXPECT_EQ(w.run(tags.list(w.scope, absent)).fault(), Fault::not_found) << absent;
  EXPECT_EQ(w.run(tags.list(w.scope, "arn:aws:s3:::bucket")).fault(), Fault::invalid_argument);
}

TEST(Profiles, HaveTypesOfLettersDigitsDotsAndHyphens) {
  AppConfigWorld w;
  const auto make = [&](std::string type) {
    Profile p;
    p.name = "typed";
    p.location_uri = "hosted";
    p.type = std::move(type);
    return w.run(w.service->profiles.create(w.scope, w.app, p));
  };
  EXPECT_EQ(make("")->type, "AWS.Freeform");
  EXPECT_EQ(make("my-Type.2")->type, "my-Type.2");
  for (const char* bad : {"a b", "a/b", "\xc3\xa9", "a\n"})
    EXPECT_EQ(make(bad).fault(), Fault::invalid_argument) << bad;
}

}  // namespace
}  // namespace tidegate::appconfig
