// What AppConfig's clients see on the wire: requests through the real tables, router and codecs,
// answers and refusals as they are rendered. What is behind is the domain over stores in memory.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/appconfig/api.h"
#include "api/errors/json_errors.h"
#include "base/bytes.h"
#include "support/appconfig_world.h"
#include "wire/router.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;
using Headers = std::vector<std::pair<std::string, std::string>>;

class Wire : public testing::Test {
 protected:
  tidegate::appconfig::AppConfigWorld w;
  wire::Table control{wire::Service::appconfig, wire::Protocol::rest_json};
  wire::Table data{wire::Service::appconfigdata, wire::Protocol::rest_json};
  std::unique_ptr<wire::Router> control_router, data_router;
  std::string env_path, prof_path;

  Wire() {
    const Parts parts{w.service.get()};
    mount_control(control, parts);
    mount_data(data, parts);
    control_router = std::make_unique<wire::Router>(control);
    data_router = std::make_unique<wire::Router>(data);
    env_path = fmt::format("/applications/{}/environments/{}", w.app, w.env);
    prof_path = fmt::format("/applications/{}/configurationprofiles/{}", w.app, w.prof);
  }

  http::Response call(Method method, const std::string& target, const std::string& body = "",
                      Headers headers = {}) {
    const std::size_t mark = target.find('?');
    const std::string path = target.substr(0, mark);
    const bool polls = path == "/configuration" || path == "/configurationsessions";
    wire::Context c;
    c.scope = w.scope;
    c.headers = std::move(headers);
    c.query = *http::parse_query(mark == std::string::npos ? "" : target.substr(mark + 1));
    auto answer = polls ? run(*data_router, c, method, path, body)
                        : run(*control_router, c, method, path, body);
    if (answer.ok()) return std::move(*answer);
    return polls ? render_appconfigdata_error(answer.error(), c, false)
                 : render_appconfig_error(answer.error(), c, false);
  }
  static std::string text(const http::Response& r) {
    if (const auto* bytes = std::get_if<std::string>(&r.body)) return *bytes;
    const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&r.body);
    return shared && *shared ? **shared : "";
  }
  static std::string header(const http::Response& r, std::string_view name) {
    for (const auto& [known, value] : r.headers)
      if (http::equal_names(known, name)) return value;
    return "(none)";
  }
  // "<status> <error type> <body>"
  std::string refusal(Method method, const std::string& target, const std::string& body = "",
                      Headers headers = {}) {
    const http::Response r = call(method, target, body, std::move(headers));
    return fmt::format("{} {} {}", r.status, header(r, "x-amzn-ErrorType"), text(r));
  }

 private:
  Result<http::Response> run(const wire::Router& router, wire::Context& c, Method method,
                             const std::string& path, const std::string& body) {
    TRY(wire::Match match, router.route(method, path, c.query));
    c.row = match.row;
    if (!match.entry) return Error{Fault::not_implemented, "refused"};
    std::shared_ptr<void> input = match.entry->make_input(), output;
    const wire::RequestParts parts{&match.labels, &c.query, &c.headers, body};
    TRY(Unit decoded,
        wire::decode_request(wire::Protocol::rest_json, *match.row, parts, input.get()));
    (void)decoded;
    TRY(wire::Extra extra, w.run(match.entry->call(c, input, output)));
    wire::EncodedReply encoded =
        wire::encode_reply(wire::Protocol::rest_json, *match.row, output.get());
    http::Response r;
    r.status = extra.status.value_or(encoded.status);
    r.headers = std::move(encoded.headers);
    if (extra.body)
      r.body = std::move(*extra.body);
    else
      r.body = std::move(encoded.body);
    return r;
  }
};

TEST_F(Wire, LeavesOutWhatIsNull) {
  const http::Response made = call(Method::post, "/applications", R"({"Name":"a"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(text(made).find("Description"), std::string::npos);
  EXPECT_EQ(text(made).find("null"), std::string::npos);
  EXPECT_EQ(call(Method::delete_, "/deployementstrategies/" + w.strategy(1, 1, 1)).status, 204);
  EXPECT_EQ(call(Method::delete_, "/deploymentstrategies/" + w.strategy(1, 1, 1)).status, 204);
}

TEST_F(Wire, RefusesInTheModelsShapes) {
  EXPECT_EQ(refusal(Method::get, "/applications/nothing"),
            R"(404 ResourceNotFoundException {"Message":"Could not find Application nothing",)"
            R"("ResourceName":"nothing"})");
  EXPECT_EQ(refusal(Method::post, "/applications", "{}").find("400 BadRequestException {\"Message"),
            0u);
  EXPECT_EQ(refusal(Method::post, "/applications", "{").find("400 SerializationException"), 0u);
  const std::string start =
      fmt::format(R"({{"DeploymentStrategyId":"AppConfig.AllAtOnce","ConfigurationProfileId":"{}",)"
                  R"("ConfigurationVersion":"{}"}})",
                  w.prof, w.upload("one"));
  EXPECT_EQ(call(Method::post, env_path + "/deployments", start).status, 201);
  EXPECT_EQ(
      refusal(Method::post, env_path + "/deployments", start),
      fmt::format(R"(409 ConflictException {{"Message":"Environment {} currently has a state )"
                  R"(of DEPLOYING. The current deployment must finish before a new )"
                  R"(deployment can be started."}})",
                  w.env));
}

TEST_F(Wire, TellsWhatAValidatorSaid) {
  w.prof = w.profile("checked", {{"LAMBDA", tidegate::appconfig::AppConfigWorld::kFunction}});
  w.functions.answers.failed = true;
  w.functions.answers.error_message = "too \"odd\"";
  const std::string path =
      fmt::format("/applications/{}/configurationprofiles/{}/validators?configuration_version={}",
                  w.app, w.prof, w.upload("{}"));
  const std::string answer = refusal(Method::post, path);
  EXPECT_EQ(answer.find("400 BadRequestException {\"Message\":"), 0u) << answer;
  EXPECT_NE(answer.find(R"("Reason":"InvalidConfiguration","Details":{"InvalidConfiguration":[{)"),
            std::string::npos)
      << answer;
  EXPECT_NE(answer.find(R"("Value":"too \"odd\"")"), std::string::npos) << answer;
  w.functions.answers.failed = false;
  EXPECT_EQ(call(Method::post, path).status, 204);
}

TEST_F(Wire, CarriesHostedVersionsInHeaders) {
  const std::string path = prof_path + "/hostedconfigurationversions";
  http::Response made = call(
      Method::post, path, "a: 1\n",
      {{"content-type", "application/x-yaml"}, {"description", ""}, {"versionlabel", "first"}});
  EXPECT_EQ(made.status, 201);
  for (const http::Response& r : {made, call(Method::get, path + "/1")}) {
    EXPECT_EQ(text(r), "a: 1\n");
    EXPECT_EQ(header(r, "Content-Type"), "application/x-yaml");
    EXPECT_EQ(header(r, "Application-Id"), w.app);
    EXPECT_EQ(header(r, "Configuration-Profile-Id"), w.prof);
    EXPECT_EQ(header(r, "Version-Number"), "1");
    EXPECT_EQ(header(r, "VersionLabel"), "first");
    EXPECT_EQ(header(r, "Description"), "(none)");
  }
  EXPECT_EQ(refusal(Method::post, path, "b",
                    {{"content-type", "text/plain"}, {"latest-version-number", "0"}})
                .find("409 ConflictException"),
            0u);
  // A header may be there and empty.
  EXPECT_EQ(
      call(Method::post, path, "b",
           {{"content-type", "text/plain"}, {"latest-version-number", ""}, {"versionlabel", ""}})
          .status,
      201);
  EXPECT_EQ(refusal(Method::get, path + "/9").find("404 "), 0u);
  EXPECT_EQ(refusal(Method::get, path + "/0").find("404 "), 0u);
  EXPECT_EQ(call(Method::delete_, path + "/1").status, 204);
}

TEST_F(Wire, MeasuresWhatIsTooLarge) {
  const std::string large(w.max_content + 512, 'x');
  EXPECT_EQ(refusal(Method::post, prof_path + "/hostedconfigurationversions", large,
                    {{"content-type", "text/plain"}}),
            fmt::format(R"(413 PayloadTooLargeException {{"Message":"The configuration has {} )"
                        R"(bytes; the limit is {}.","Measure":"KILOBYTES","Limit":2048,)"
                        R"("Size":2048.5}})",
                        large.size(), w.max_content));
}

TEST_F(Wire, ShowsDeploymentsAndEnvironmentsInTheirSpellings) {
  w.complete(w.upload("one"));
  ASSERT_TRUE(w.deploy(w.upload("two")).ok());
  EXPECT_NE(text(call(Method::get, env_path)).find(R"("State":"Deploying")"), std::string::npos);
  const http::Response stopped =
      call(Method::delete_, env_path + "/deployments/2", "", {{"allow-revert", "true"}});
  EXPECT_EQ(stopped.status, 202);
  EXPECT_NE(text(stopped).find(R"("State":"ROLLED_BACK")"), std::string::npos) << text(stopped);
  EXPECT_NE(text(stopped).find(R"("PercentageComplete":0.0)"), std::string::npos) << text(stopped);
  EXPECT_NE(text(stopped).find(R"("AppliedExtensions":[])"), std::string::npos) << text(stopped);
  EXPECT_NE(text(stopped).find(R"("StartedAt":"2026-)"), std::string::npos) << text(stopped);
  const std::string list = text(call(Method::get, env_path + "/deployments"));
  EXPECT_EQ(list.find("EventLog"), std::string::npos);
  EXPECT_LT(list.find(R"("DeploymentNumber":2)"), list.find(R"("DeploymentNumber":1)")) << list;
}

TEST_F(Wire, AnswersGetConfigurationWithNothingToWhoHasIt) {
  const std::string path =
      fmt::format("/applications/shop/environments/prod/configurations/limits?client_id=c");
  EXPECT_EQ(refusal(Method::get, path).find("404 ResourceNotFoundException"), 0u);
  w.complete(w.upload("{}"));
  const http::Response whole = call(Method::get, path);
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(text(whole), "{}");
  EXPECT_EQ(header(whole, "Configuration-Version"), "1");
  EXPECT_EQ(header(whole, "Content-Type"), "application/json");
  const http::Response same = call(Method::get, path + "&client_configuration_version=1");
  EXPECT_EQ(same.status, 204);
  EXPECT_EQ(text(same), "");
  EXPECT_EQ(header(same, "Configuration-Version"), "1");
}

TEST_F(Wire, SpeaksTheDataPlanesOwnErrors) {
  const auto body = [&](const std::string& app, const std::string& env, const std::string& prof) {
    return fmt::format(R"({{"ApplicationIdentifier":"{}","EnvironmentIdentifier":"{}",)"
                       R"("ConfigurationProfileIdentifier":"{}",)"
                       R"("RequiredMinimumPollIntervalInSeconds":15}})",
                       app, env, prof);
  };
  EXPECT_EQ(refusal(Method::post, "/configurationsessions", body("shop", "nothing", "limits")),
            R"(404 ResourceNotFoundException {"Message":"Could not find Environment nothing",)"
            R"("ResourceType":"Environment","ReferencedBy":{"EnvironmentIdentifier":"nothing"}})");
  EXPECT_EQ(refusal(Method::get, "/configuration?configuration_token=abc"),
            R"(400 BadRequestException {"Message":"Request failed: the configuration token is )"
            R"(corrupted","Reason":"InvalidParameters","Details":{"InvalidParameters":)"
            R"({"ConfigurationToken":{"Problem":"Corrupted"}}}})");
  w.complete(w.upload("one"));
  const http::Response session =
      call(Method::post, "/configurationsessions", body("shop", w.env, "limits"));
  EXPECT_EQ(session.status, 201);
  std::string token = text(session).substr(std::string(R"({"InitialConfigurationToken":")").size());
  token.resize(token.size() - 2);
  const http::Response first = call(Method::get, "/configuration?configuration_token=" + token);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(text(first), "one");
  EXPECT_EQ(header(first, "Next-Poll-Interval-In-Seconds"), "15");
  token = header(first, "Next-Poll-Configuration-Token");
  EXPECT_NE(refusal(Method::get, "/configuration?configuration_token=" + token)
                .find(R"({"Problem":"PollIntervalNotSatisfied"})"),
            std::string::npos);
  w.advance(Duration{15'000});
  const http::Response same = call(Method::get, "/configuration?configuration_token=" + token);
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(text(same), "");
  EXPECT_EQ(header(same, "Version-Label"), "(none)");
}

TEST_F(Wire, KnowsExtensionsByIdNameAndArnAndNamesVersionsAsTheModelDoes) {
  const std::string body =
      R"({"Name":"notify","Actions":{"ON_DEPLOYMENT_START":[{"Name":"a","Uri":)"
      R"("arn:aws:lambda:us-east-1:111122223333:function:f"}]},"Parameters":{"to":)"
      R"({"Required":true}}})";
  const http::Response made = call(Method::post, "/extensions", body);
  ASSERT_EQ(made.status, 201) << text(made);
  EXPECT_NE(text(made).find(R"("VersionNumber":1,)"), std::string::npos);
  EXPECT_NE(text(made).find(R"("Parameters":{"to":{"Required":true,"Dynamic":false}})"),
            std::string::npos)
      << text(made);
  EXPECT_EQ(refusal(Method::post, "/extensions", body).find("409 ConflictException"), 0u);
  EXPECT_EQ(call(Method::post, "/extensions", body, {{"latest-version-number", "1"}}).status, 201);
  const std::string id = w.run(w.service->extensions.find(w.scope, "notify", 1))->id;
  const std::string arn = tidegate::appconfig::extension_arn(w.scope, id, 1);
  for (const std::string& name : {id, std::string("notify"), arn, percent_encode(arn)})
    EXPECT_EQ(call(Method::get, "/extensions/" + name).status, 200) << name;
  EXPECT_NE(text(call(Method::get, "/extensions/notify")).find(R"("VersionNumber":2)"),
            std::string::npos);
  EXPECT_NE(
      text(call(Method::get, "/extensions/notify?version_number=1")).find(R"("VersionNumber":1)"),
      std::string::npos);
  EXPECT_EQ(call(Method::delete_, "/extensions/notify?version=2").status, 204);
  EXPECT_EQ(refusal(Method::get, "/extensions/notify?version_number=2").find("404 "), 0u);

  const std::string resource =
      fmt::format("arn:aws:appconfig:us-east-1:111122223333:application/{}", w.app);
  const std::string associate =
      fmt::format(R"({{"ExtensionIdentifier":"notify","ResourceIdentifier":"{}",)"
                  R"("Parameters":{{"to":"me"}}}})",
                  resource);
  const http::Response association = call(Method::post, "/extensionassociations", associate);
  ASSERT_EQ(association.status, 201) << text(association);
  EXPECT_NE(text(association).find(R"("ExtensionVersionNumber":1)"), std::string::npos);
  EXPECT_NE(text(call(Method::get,
                      "/extensionassociations?resource_identifier=" + percent_encode(resource)))
                .find(R"("ResourceArn")"),
            std::string::npos);
  EXPECT_EQ(refusal(Method::delete_, "/extensions/notify").find("400 BadRequestException"), 0u);
  EXPECT_EQ(
      refusal(Method::post, "/extensions", R"({"Name":"x","Actions":{"ON_DEPLOYMENT_START":[]}})")
          .find("400 BadRequestException"),
      0u);
}

TEST_F(Wire, TakesArnsEncodedAndPlain) {
  const std::string arn = "arn:aws:appconfig:us-east-1:111122223333:application/" + w.app;
  const std::string encoded =
      "/tags/arn%3Aaws%3Aappconfig%3Aus-east-1%3A111122223333%3Aapplication%2F" + w.app;
  EXPECT_EQ(text(call(Method::get, encoded)), R"({"Tags":{}})");
  EXPECT_EQ(call(Method::post, encoded, R"({"Tags":{"a":"1","b":"2"}})").status, 204);
  EXPECT_EQ(call(Method::delete_, encoded + "?tagKeys=a&tagKeys=c").status, 204);
  EXPECT_EQ(text(call(Method::get, "/tags/" + arn)), R"({"Tags":{"b":"2"}})");
  EXPECT_EQ(refusal(Method::post, "/applications", R"({"Name":"a","Tags":{"aws:x":"1"}})")
                .find("400 BadRequestException"),
            0u);
}

TEST_F(Wire, RefusesExperimentsByName) {
  const std::string all = "/applications/" + w.app + "/experimentdefinitions";
  const std::string one = all + "/d", runs = one + "/experimentruns";
  const std::pair<Method, std::string> calls[] = {
      {Method::post, all},
      {Method::get, one},
      {Method::patch, one},
      {Method::delete_, one + "?delete_type=ARCHIVE"},
      {Method::get, "/experimentdefinitions?status=ACTIVE"},
      {Method::post, runs},
      {Method::get, runs},
      {Method::get, runs + "/1"},
      {Method::patch, runs + "/1/update"},
      {Method::patch, runs + "/1/stop"},
      {Method::get, runs + "/1/events"}};
  for (const auto& [method, target] : calls)
    EXPECT_EQ(refusal(method, target, "{}"),
              "501 NotImplementedException {\"Message\":\"refused\"}")
        << target;
}

TEST(DataPlaneWire, IonIsForWhoAsksForFlagsAsIon) {
  for (const char* yes : {"application/ion;type=AWS.AppConfig.FeatureFlags;q=1.0,*/*;q=0.1",
                          "application/ion; type=AWS.AppConfig.FeatureFlags",
                          "text/plain, Application/ION;Type=aws.appconfig.featureflags",
                          "application/ion;q=0.5;type=AWS.AppConfig.FeatureFlags"})
    EXPECT_TRUE(accepts_ion(yes)) << yes;
  for (const char* no :
       {"", "*/*", "application/json", "application/ion", "application/ion;type=Other",
        "application/ionx;type=AWS.AppConfig.FeatureFlags",
        "application/ion;type=AWS.AppConfig.FeatureFlags2",
        "application/ion;type=AWS.AppConfig.FeatureFlags;q=0",
        "application/ion;type=AWS.AppConfig.FeatureFlags;q=0.000"})
    EXPECT_FALSE(accepts_ion(no)) << no;
}

}  // namespace
}  // namespace tidegate::api::appconfig
