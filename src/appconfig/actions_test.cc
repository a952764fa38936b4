#include "appconfig/actions.h"

#include <gtest/gtest.h>

#include "appconfig/flags/document.h"
#include "base/bytes.h"
#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

using P = ActionPoint;
using document::parse_json;

std::string member(const std::string& json, std::string_view key) {
  auto parsed = parse_json(json);
  const document::Value* v = parsed.ok() ? parsed->find(key) : nullptr;
  if (!v) return "(absent)";
  return v->string() ? *v->string() : document::to_json(*v);
}

TEST(ActionEvents, AreNamedAfterTheirPoint) {
  EXPECT_EQ(event_type(P::pre_create_hosted_configuration_version),
            "PreCreateHostedConfigurationVersion");
  EXPECT_EQ(event_type(P::at_deployment_tick), "AtDeploymentTick");
  EXPECT_EQ(event_type(P::on_deployment_rolled_back), "OnDeploymentRolledBack");
  EXPECT_EQ(action_point("ON_DEPLOYMENT_STEP"), P::on_deployment_step);
  EXPECT_FALSE(action_point("ON_DEPLOYMENT"));
}

TEST(ActionReplies, AnythingThatIsNoObjectChangesNothing) {
  for (const char* text : {"null", "", "\"ok\"", "17", "[]", "{}", "not json"}) {
    auto reply = read_reply(text);
    ASSERT_TRUE(reply.ok()) << text;
    EXPECT_FALSE(reply->content || reply->error || reply->roll_back) << text;
  }
  EXPECT_TRUE(read_reply(R"({"Directive":"ROLL_BACK"})")->roll_back);
  EXPECT_FALSE(read_reply(R"({"Directive":"CONTINUE"})")->roll_back);
  EXPECT_EQ(read_reply(R"({"Content":"SGk=","ContentType":"text/plain"})")->content, "Hi");
  EXPECT_EQ(read_reply(R"({"Content":"%"})").fault(), Fault::invalid_argument);
  EXPECT_EQ(read_reply(R"({"ContentType":""})").fault(), Fault::invalid_argument);
}

class ActionsTest : public testing::Test {
 protected:
  AppConfigWorld w;
  std::string stored(std::uint64_t number) {
    auto found = w.run(w.service->versions.find(w.scope, w.app, w.prof, number));
    if (!found.ok()) return found.error().message;
    return **w.run(w.service->versions.content(w.scope, *found));
  }
  void reply(const std::string& payload) { w.functions.answers.payload = payload; }
};

TEST_F(ActionsTest, PreCreateSeesBothContentsAndMayReplaceTheNew) {
  w.upload("one");
  w.acting({P::pre_create_hosted_configuration_version});
  reply(fmt::format(R"({{"Content":"{}"}})", to_base64("three")));
  w.upload("two");
  EXPECT_EQ(stored(2), "three");
  ASSERT_EQ(w.functions.calls.size(), 1u);
  const FunctionCall& call = w.functions.calls[0];
  EXPECT_EQ(call.deadline_ms, 15'000);
  EXPECT_EQ(call.source_arn, arn(w.scope, "appconfig", profile_path(w.app, w.prof)));
  EXPECT_EQ(member(call.payload, "Type"), "PreCreateHostedConfigurationVersion");
  EXPECT_EQ(member(call.payload, "Content"), to_base64("two"));
  EXPECT_EQ(member(call.payload, "ContentType"), "application/json");
  EXPECT_EQ(member(call.payload, "ContentVersion"), "2");
  EXPECT_EQ(
      member(call.payload, "PreviousContent"),
      fmt::format(R"({{"ContentType":"application/json","ContentVersion":"1","Content":"{}"}})",
                  to_base64("one")));
  EXPECT_EQ(member(call.payload, "Application"),
            fmt::format(R"({{"Id":"{}","Name":"shop"}})", w.app));
  EXPECT_EQ(member(call.payload, "Environment"), "(absent)");
  EXPECT_EQ(member(call.payload, "Description"), "(absent)");
  EXPECT_EQ(member(call.payload, "Parameters"), "{}");
  EXPECT_EQ(member(call.payload, "InvocationId").size(), 7u);
}

TEST_F(ActionsTest, AnEnvironmentsExtensionIsNotAskedAboutVersions) {
  const std::string id = w.extension("e", {P::pre_create_hosted_configuration_version});
  w.associate(id, environment_path(w.app, w.env));
  w.upload("one");
  EXPECT_TRUE(w.functions.calls.empty());
}

TEST_F(ActionsTest, ARefusalIsInTheFunctionsOwnWords) {
  w.acting({P::pre_create_hosted_configuration_version});
  reply(R"({"Error":"BadRequestError","Message":"no such colour",)"
        R"("Details":[{"Type":"Malformed","Name":"colour","Reason":"is no colour"}]})");
  auto refused = w.try_upload("one");
  ASSERT_EQ(refused.fault(), Fault::invalid_argument);
  EXPECT_EQ(refused.error().fields.at(0).second, "InvalidConfiguration");
  ASSERT_EQ(refused.error().details.size(), 1u);
  EXPECT_EQ(refused.error().details[0].value, "no such colour");
  EXPECT_EQ(refused.error().details[0].location, "colour");
  EXPECT_EQ(refused.error().details[0].reason, "is no colour");
  EXPECT_EQ(refused.error().details[0].type, "Malformed");
  // One that throws.
  w.functions.answers = {true, "KeyError: 'colour'", "{}"};
  refused = w.try_upload("one");
  ASSERT_EQ(refused.fault(), Fault::invalid_argument);
  EXPECT_EQ(refused.error().details.at(0).value, "KeyError: 'colour'");
  // One that is not allowed to be called.
  w.functions.refuses = Error{Fault::access_denied, "not allowed"};
  EXPECT_EQ(w.try_upload("one").error().details.at(0).value, "not allowed");
  EXPECT_EQ(w.rows("ver"), 0u);
  // This server's own trouble is not the configuration's.
  w.functions.refuses = Error{Fault::unavailable, "away"};
  EXPECT_EQ(w.try_upload("one").fault(), Fault::unavailable);
}

TEST_F(ActionsTest, TheyWorkOneAfterTheOtherOnWhatTheOthersLeft) {
  w.associate(w.extension("last", {P::pre_start_deployment}, "arn:aws:lambda:r:1:function:c"),
              profile_path(w.app, w.prof));
  w.associate(w.extension("second", {P::pre_start_deployment}, "arn:aws:lambda:r:1:function:b"),
              environment_path(w.app, w.env));
  w.acting({P::pre_start_deployment}, "arn:aws:lambda:r:1:function:a");
  w.functions.answer = [](const FunctionCall& call) {
    FunctionOutcome out;
    const auto content = from_base64(member(call.payload, "Content"));
    out.payload =
        fmt::format(R"({{"Content":"{}"}})",
                    to_base64(*content + call.function_arn.substr(call.function_arn.size() - 1)));
    return out;
  };
  const auto started = w.deploy(w.upload("-"));
  ASSERT_TRUE(started.ok()) << started.error().message;
  EXPECT_EQ(w.served(), "-abc");
  EXPECT_EQ(stored(1), "-");  // the source is as it was
  ASSERT_EQ(started->view.log.size(), 1u);
  EXPECT_EQ(started->view.log[0].invocations.size(), 3u);
  EXPECT_EQ(started->applied.size(), 3u);
  EXPECT_EQ(member(w.functions.calls[0].payload, "DeploymentNumber"), "1");
  EXPECT_EQ(member(w.functions.calls[0].payload, "Environment"),
            fmt::format(R"({{"Id":"{}","Name":"prod"}})", w.env));
}

TEST_F(ActionsTest, WhatPreStartMakesIsJudgedByTheValidators) {
  w.prof = w.profile("checked", {{"JSON_SCHEMA", R"({"type":"object"})"}});
  w.acting({P::pre_start_deployment});
  reply(fmt::format(R"({{"Content":"{}"}})", to_base64("[]")));
  const std::string version = w.upload("{}");
  auto refused = w.deploy(version);
  EXPECT_EQ(refused.fault(), Fault::invalid_argument);
  reply(R"({"Content":""})");
  EXPECT_NE(w.deploy(version).error().message.find("is empty"), std::string::npos);
  reply("null");
  EXPECT_EQ(w.deploy(version)->record.number, 1u);  // a refusal takes no number
}

TEST_F(ActionsTest, FlagsThatAnExtensionMadeAreHeldToTheirSchema) {
  Profile p;
  p.name = "flags";
  p.location_uri = "hosted";
  p.type = std::string(flags::kType);
  w.prof = w.run(w.service->profiles.create(w.scope, w.app, p))->id;
  const std::string version =
      w.upload(R"({"version":"1","flags":{"a":{"name":"A"}},"values":{"a":{"enabled":false}}})");
  w.acting({P::pre_start_deployment});
  reply(fmt::format(R"({{"Content":"{}"}})", to_base64(R"({"version":"2"})")));
  EXPECT_EQ(w.deploy(version).fault(), Fault::invalid_argument);
  reply(fmt::format(
      R"({{"Content":"{}"}})",
      to_base64(R"({"version":"1","flags":{"a":{"name":"A"}},"values":{"a":{"enabled":true}}})")));
  ASSERT_TRUE(w.deploy(version).ok());
  std::string token = w.session();
  EXPECT_EQ(*w.poll(token)->content, R"({"a":{"enabled":true}})");
}

TEST_F(ActionsTest, DynamicParametersAreLaidOverTheAssociations) {
  const std::string id =
      w.extension("notify", {P::pre_start_deployment}, AppConfigWorld::kExtension,
                  {{"to", {std::nullopt, true, false}}, {"cc", {std::nullopt, false, true}}});
  w.associate(id, application_path(w.app), {{"to", "a"}, {"cc", "b"}});
  const std::string version = w.upload("one");
  auto start = [&](ParameterValues dynamic) {
    StartRequest request = w.request(version, "AppConfig.AllAtOnce");
    request.dynamic_parameters = std::move(dynamic);
    return w.run(w.service->deployments.start(w.scope, request));
  };
  for (const char* key : {"notify", "#cc", "notify#", "notify#to", "notify#bcc", "unknown#cc"})
    EXPECT_EQ(start({{key, "x"}}).fault(), Fault::invalid_argument) << key;
  EXPECT_EQ(start({{"notify#cc", ""}}).fault(), Fault::invalid_argument);
  auto started = start({{id + "#cc", "c"}});
  ASSERT_TRUE(started.ok()) << started.error().message;
  const ParameterValues expected = {{"to", "a"}, {"cc", "c"}};
  EXPECT_EQ(started->applied.at(0).parameters, expected);
  EXPECT_EQ(member(w.functions.calls.at(0).payload, "Parameters"), R"({"cc":"c","to":"a"})");
}

TEST_F(ActionsTest, AWebhookAnswersByTheSameContract) {
  w.acting({P::pre_create_hosted_configuration_version}, "https://allowed.example/hook");
  w.webhooks.answers = fmt::format(R"({{"Content":"{}"}})", to_base64("two"));
  w.upload("one");
  EXPECT_EQ(stored(1), "two");
  EXPECT_EQ(w.webhooks.calls.at(0).url, "https://allowed.example/hook");
  EXPECT_EQ(member(w.webhooks.calls[0].body, "InvocationId"), w.webhooks.calls[0].id);
  w.webhooks.refuses = Error{Fault::invalid_request, "it answered 500"};
  EXPECT_EQ(w.try_upload("one").error().details.at(0).value, "it answered 500");
}

}  // namespace
}  // namespace tidegate::appconfig
