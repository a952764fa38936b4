#include "appconfig/extensions.h"

#include <gtest/gtest.h>

#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

using P = ActionPoint;

class ExtensionsTest : public testing::Test {
 protected:
  AppConfigWorld w;

  NewExtension fresh(const std::string& name) {
    NewExtension e;
    e.name = name;
    e.actions["ON_DEPLOYMENT_START"] = AppConfigWorld::action();
    return e;
  }
  Result<Extension> create(NewExtension e) {
    return w.run(w.service->extensions.create(w.scope, e));
  }
  Result<Extension> next(const std::string& name, std::int64_t latest) {
    NewExtension e = fresh(name);
    e.latest_version_number = latest;
    return create(e);
  }
  Result<Extension> find(const std::string& identifier,
                         std::optional<std::int64_t> version = std::nullopt) {
    return w.run(w.service->extensions.find(w.scope, identifier, version));
  }
  Status remove(const std::string& identifier, std::optional<std::int64_t> version = std::nullopt) {
    return w.run(w.service->extensions.remove(w.scope, identifier, version));
  }
};

TEST_F(ExtensionsTest, ANameIsOneExtensionWithVersions) {
  auto one = create(fresh("notify"));
  ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_EQ(one->version, 1u);
  EXPECT_EQ(create(fresh("notify")).fault(), Fault::conflict);
  EXPECT_EQ(next("notify", 2).fault(), Fault::conflict);
  EXPECT_EQ(next("other", 1).fault(), Fault::conflict);
  auto two = next("notify", 1);
  ASSERT_TRUE(two.ok());
  EXPECT_EQ(two->version, 2u);
  EXPECT_EQ(two->id, one->id);
  // Found by id, name and ARN, which says the version.
  EXPECT_EQ(find(one->id)->version, 2u);
  EXPECT_EQ(find("notify")->version, 2u);
  EXPECT_EQ(find("notify", 1)->version, 1u);
  EXPECT_EQ(find(extension_arn(w.scope, one->id, 1))->version, 1u);
  EXPECT_EQ(find(extension_arn(w.scope, one->id, 1), 2).fault(), Fault::invalid_argument);
  EXPECT_EQ(find("notify", 3).fault(), Fault::not_found);
  EXPECT_EQ(find("notify", 0).fault(), Fault::not_found);
  EXPECT_EQ(find("nothing").fault(), Fault::not_found);
  EXPECT_EQ(find("arn:aws:appconfig:us-east-1:111122223333:application/x").fault(),
            Fault::not_found);
  auto page = w.run(w.service->extensions.list(w.scope, "notify", {}));
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(w.run(w.service->extensions.list(w.scope, "no", {}))->items.size(), 0u);
}

TEST_F(ExtensionsTest, NumbersAreNotReusedWhileTheNameLives) {
  const std::string id = create(fresh("notify"))->id;
  ASSERT_TRUE(next("notify", 1).ok());
  ASSERT_TRUE(remove("notify").ok());  // the highest
  EXPECT_EQ(find("notify")->version, 1u);
  EXPECT_EQ(next("notify", 1)->version, 3u);
  ASSERT_TRUE(remove("notify", 1).ok());
  ASSERT_TRUE(remove(id).ok());
  EXPECT_EQ(remove("notify").fault(), Fault::not_found);
  EXPECT_EQ(w.rows("extname"), 0u);
  auto again = create(fresh("notify"));
  EXPECT_EQ(again->version, 1u);
  EXPECT_NE(again->id, id);
}

TEST_F(ExtensionsTest, AnUpdateChangesWhatItNames) {
  NewExtension e = fresh("notify");
  e.description = "before";
  e.parameters["to"] = {};
  ASSERT_TRUE(create(e).ok());
  ExtensionChange change;
  change.description = "after";
  auto changed = w.run(w.service->extensions.update(w.scope, "notify", std::nullopt, change));
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->description, "after");
  EXPECT_EQ(changed->parameters.size(), 1u);
  EXPECT_EQ(changed->actions.size(), 1u);
  change.actions = Actions{{"ON_NOTHING", AppConfigWorld::action()}};
  EXPECT_EQ(w.run(w.service->extensions.update(w.scope, "notify", 1, change)).fault(),
            Fault::invalid_argument);
}

TEST_F(ExtensionsTest, WhatCannotWorkIsRefusedWithAText) {
  auto refused = [&](const std::string& uri, const std::string& says,
                     std::optional<std::string> role = std::nullopt) {
    NewExtension e = fresh("x");
    e.actions.begin()->second.uri = uri;
    e.actions.begin()->second.role_arn = role;
    auto made = create(e);
    ASSERT_EQ(made.fault(), Fault::invalid_argument) << uri;
    EXPECT_NE(made.error().message.find(says), std::string::npos) << made.error().message;
  };
  refused("arn:aws:sqs:us-east-1:111122223333:q", "an SQS queue");
  refused("arn:aws:sns:us-east-1:111122223333:t", "an SNS topic");
  refused("arn:aws:events:us-east-1:111122223333:event-bus/default", "an EventBridge bus");
  refused("ftp://somewhere", "must be the ARN of a function or");
  refused("https://elsewhere.example/hook", "its host is not allowed");
  refused(AppConfigWorld::kExtension, "'actions.ON_DEPLOYMENT_START.roleArn'",
          "arn:aws:iam::1:role/short-account");
  NewExtension e = fresh("x");
  for (int i = 0; i < 8; ++i)
    e.actions[std::string(to_string(static_cast<P>(i)))] = AppConfigWorld::action();
  EXPECT_EQ(create(e).error().message, "An extension has actions at 1 to 5 action points.");
  e = fresh("a/b");
  EXPECT_EQ(create(e).fault(), Fault::invalid_argument);
  e = fresh("x");
  e.parameters["p"] = {std::nullopt, true, true};
  EXPECT_EQ(create(e).error().message,
            "The parameter p is Dynamic and can therefore not be Required.");
  e.parameters = {{"a#b", {}}};
  EXPECT_EQ(create(e).fault(), Fault::invalid_argument);
  EXPECT_EQ(w.rows("ext"), 0u);
}

TEST_F(ExtensionsTest, QuotasAreTold) {
  for (std::size_t i = 0; i < Extensions::kQuota; ++i)
    ASSERT_TRUE(create(fresh(fmt::format("e{}", i))).ok());
  EXPECT_EQ(create(fresh("one-more")).fault(), Fault::quota_exceeded);
  EXPECT_TRUE(next("e1", 1).ok());
  const std::string id = find("e0")->id;
  for (std::size_t i = 0; i < ExtensionAssociations::kQuota; ++i)
    w.associate(id, application_path(w.app));
  EXPECT_EQ(w.try_associate(id, application_path(w.app)).fault(), Fault::quota_exceeded);
  EXPECT_TRUE(w.try_associate(id, environment_path(w.app, w.env)).ok());
}

TEST_F(ExtensionsTest, OfTwoThatTakeANameOneGetsIt) {
  std::optional<Result<Extension>> a, b;
  w.world.start(w.service->extensions.create(w.scope, fresh("notify")), a);
  w.world.start(w.service->extensions.create(w.scope, fresh("notify")), b);
  w.world.settle();
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->ok(), b->ok());
  EXPECT_EQ((a->ok() ? *b : *a).fault(), Fault::conflict);
  EXPECT_EQ(w.rows("ext"), 1u);
}

TEST_F(ExtensionsTest, TagsGoByARN) {
  const auto made = create(fresh("notify"));
  const std::string extension = extension_arn(w.scope, made->id, 1);
  const std::string association =
      arn(w.scope, "appconfig",
          "extensionassociation/" + w.associate(made->id, application_path(w.app)));
  for (const std::string& of : {extension, association}) {
    EXPECT_TRUE(w.run(w.service->tags.list(w.scope, of))->empty());
    EXPECT_TRUE(w.run(w.service->tags.add(w.scope, of, {{"team", "a"}})).ok());
    EXPECT_EQ(w.run(w.service->tags.list(w.scope, of))->at("team"), "a");
  }
  EXPECT_EQ(w.run(w.service->tags.list(w.scope, extension_arn(w.scope, made->id, 9))).fault(),
            Fault::not_found);
}

class AssociationsTest : public ExtensionsTest {
 protected:
  std::string id =
      w.extension("notify", {P::on_deployment_start}, AppConfigWorld::kExtension,
                  {{"to", {std::nullopt, true, false}}, {"cc", {std::nullopt, false, true}}});
  std::size_t listed(AssociationFilter filter) {
    auto page = w.run(w.service->associations.list(w.scope, filter, {}));
    EXPECT_TRUE(page.ok());
    return page.ok() ? page->items.size() : 99;
  }
};

TEST_F(AssociationsTest, KnowTheirExtensionAndResource) {
  const std::string path = profile_path(w.app, w.prof);
  auto made = w.try_associate("notify", path, {{"to", "x"}});
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->extension_id, id);
  EXPECT_EQ(made->extension_version, 1u);
  EXPECT_EQ(made->resource_arn, arn(w.scope, "appconfig", path));
  w.associate(id, environment_path(w.app, w.env), {{"to", "y"}, {"cc", "z"}});
  EXPECT_EQ(listed({}), 2u);
  EXPECT_EQ(listed({made->resource_arn, {}, {}}), 1u);
  EXPECT_EQ(listed({{}, "notify", {}}), 2u);
  EXPECT_EQ(listed({{}, id, 1}), 2u);
  EXPECT_EQ(listed({{}, id, 2}), 0u);
  EXPECT_EQ(listed({{}, extension_arn(w.scope, id, 1), {}}), 2u);
  EXPECT_EQ(listed({{}, "unknown", {}}), 0u);
}

TEST_F(AssociationsTest, TakeOnlyTheParametersThatThereAre) {
  const std::string path = application_path(w.app);
  EXPECT_EQ(w.try_associate(id, path).error().message,
            "The parameter to of extension notify is required.");
  EXPECT_EQ(w.try_associate(id, path, {{"to", "x"}, {"bcc", "y"}}).fault(),
            Fault::invalid_argument);
  EXPECT_EQ(w.try_associate(id, path, {{"to", ""}}).fault(), Fault::invalid_argument);
  const std::string made = w.associate(id, path, {{"to", "x"}});
  auto changed = w.run(w.service->associations.update(w.scope, made, ParameterValues{{"to", "y"}}));
  EXPECT_EQ(changed->parameters.at("to"), "y");
  EXPECT_EQ(w.run(w.service->associations.update(w.scope, made, ParameterValues{})).fault(),
            Fault::invalid_argument);
  EXPECT_EQ(w.run(w.service->associations.update(w.scope, made, std::nullopt))->parameters.at("to"),
            "y");
}

TEST_F(AssociationsTest, AreOfAnApplicationAnEnvironmentOrAProfile) {
  for (const std::string& path :
       {std::string("application/nothing"), std::string("application/x/environment/y")})
    EXPECT_EQ(w.try_associate(id, path, {{"to", "x"}}).fault(), Fault::not_found);
  EXPECT_EQ(w.try_associate(id, "deploymentstrategy/abc1234", {{"to", "x"}}).fault(),
            Fault::invalid_argument);
  EXPECT_EQ(w.try_associate("unknown", application_path(w.app)).fault(), Fault::not_found);
}

TEST_F(AssociationsTest, HoldTheirExtensionUntilTheyGo) {
  const std::string made = w.associate(id, application_path(w.app), {{"to", "x"}});
  EXPECT_EQ(remove("notify").fault(), Fault::invalid_argument);
  ASSERT_TRUE(w.run(w.service->associations.remove(w.scope, made)).ok());
  EXPECT_EQ(w.run(w.service->associations.remove(w.scope, made)).fault(), Fault::not_found);
  EXPECT_EQ(w.rows("assocsof"), 0u);
  EXPECT_TRUE(remove("notify").ok());
}

TEST_F(AssociationsTest, GoWithTheirResource) {
  w.associate(id, environment_path(w.app, w.env), {{"to", "x"}});
  w.associate(id, environment_path(w.app, w.env), {{"to", "y"}});
  w.associate(id, profile_path(w.app, w.prof), {{"to", "x"}});
  w.associate(id, application_path(w.app), {{"to", "x"}});
  ASSERT_TRUE(w.run(w.service->environments.remove(w.scope, w.app, w.env)).ok());
  EXPECT_EQ(find(id)->associations, 2u);
  ASSERT_TRUE(w.run(w.service->profiles.remove(w.scope, w.app, w.prof)).ok());
  ASSERT_TRUE(w.run(w.service->applications.remove(w.scope, w.app)).ok());
  EXPECT_EQ(w.rows("assoc"), 0u);
  EXPECT_EQ(w.rows("assocsof"), 0u);
  EXPECT_TRUE(remove("notify").ok());
}

}  // namespace
}  // namespace tidegate::appconfig
