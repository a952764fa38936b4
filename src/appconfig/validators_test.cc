#include "appconfig/validators.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "document/value.h"
#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

constexpr const char* kSchema =
    R"({"$schema":"http://json-schema.org/draft-04/schema#","type":"object",
        "properties":{"limit":{"type":"integer","minimum":1},"name":{"type":"string"}},
        "required":["limit"]})";

struct Verdict {
  const char* content;
  const char* type;
  const char* uri;
  bool valid;
};

TEST(Schema, JudgesJsonAndYamlByTypeByNameAndByLook) {
  const Verdict rows[] = {
      {R"({"limit":5})", "application/json", "hosted", true},
      {R"({"limit":0})", "application/json", "hosted", false},
      {R"({})", "application/json", "hosted", false},
      {"limit: 5", "application/json", "hosted", false},  // says it is JSON
      {"limit: 5", "application/x-yaml", "hosted", true},
      {"limit: 5", "text/yaml; charset=utf-8", "hosted", true},
      {"limit: five", "application/x-yaml", "hosted", false},
      {"limit: [5", "application/x-yaml", "hosted", false},
      {"limit: 5", "binary/octet-stream", "s3://bucket/limits.yaml", true},
      {"limit: 5", "binary/octet-stream", "s3://bucket/limits.yml", true},
      {"limit: 5", "binary/octet-stream", "s3://bucket/limits.json", false},
      {R"({"limit":5})", "binary/octet-stream", "s3://bucket/limits.json", true},
      {R"({"limit":5})", "text/plain", "hosted", true},
      {"limit: 5", "text/plain", "hosted", true},
      {"limit: 0", "text/plain", "hosted", false},
      {"just words", "text/plain", "hosted", false},
      {"{\"limit\":5", "text/plain", "hosted", false},
      {"\xff\xfe", "text/plain", "hosted", false},
      {"", "application/json", "hosted", false},
      {R"({"limit":5} trailing)", "application/json", "hosted", false},
      // Types are compared as media types are.
      {"limit: 5", "Application/X-YAML", "hosted", true},
      {"limit: 5", "Application/JSON", "hosted", false},
  };
  for (const Verdict& row : rows) {
    Status judged = judge_by_schema(kSchema, row.content, row.type, row.uri);
    EXPECT_EQ(judged.ok(), row.valid) << row.content << " as " << row.type << " at " << row.uri;
    if (judged.ok()) continue;
    EXPECT_EQ(judged.fault(), Fault::invalid_argument);
    ASSERT_FALSE(judged.error().fields.empty());
    EXPECT_EQ(judged.error().fields[0],
              (std::pair<std::string, std::string>("Reason", "InvalidConfiguration")));
    EXPECT_FALSE(judged.error().details.empty());
  }
}

TEST(Schema, NamesEveryViolation) {
  Status judged = judge_by_schema(kSchema, R"({"limit":0,"name":7})", "application/json", "hosted");
  ASSERT_FALSE(judged.ok());
  ASSERT_EQ(judged.error().details.size(), 2u);
  std::string places;
  for (const ErrorDetail& d : judged.error().details) {
    EXPECT_FALSE(d.constraint.empty());
    EXPECT_FALSE(d.reason.empty());
    EXPECT_FALSE(d.type.empty());
    places += d.location + " ";
  }
  EXPECT_NE(places.find("limit"), std::string::npos);
  EXPECT_NE(places.find("name"), std::string::npos);
}

TEST(Validators, AreCheckedWhenAProfileIsMade) {
  const Validator schema{"JSON_SCHEMA", kSchema}, function{"LAMBDA", AppConfigWorld::kFunction};
  EXPECT_TRUE(check_validators({}).ok());
  EXPECT_TRUE(check_validators({schema, function}).ok());
  EXPECT_FALSE(check_validators({schema, function, schema}).ok());
  EXPECT_FALSE(check_validators({{"JSON_SCHEMA", "{"}}).ok());
  EXPECT_FALSE(check_validators({{"JSON_SCHEMA", R"({"type":"nonsense"})"}}).ok());
  EXPECT_FALSE(check_validators({{"LAMBDA", "validator"}}).ok());
  EXPECT_FALSE(check_validators({{"REGEX", ".*"}}).ok());
  const std::string padding(32'768 - 2, ' ');
  EXPECT_TRUE(check_validators({{"JSON_SCHEMA", "{" + padding + "}"}}).ok());
  EXPECT_FALSE(check_validators({{"JSON_SCHEMA", "{ " + padding + "}"}}).ok());
}

TEST(Validation, AsksTheFunctionWithExactlyThis) {
  AppConfigWorld w;
  w.prof = w.profile("checked", {{"LAMBDA", AppConfigWorld::kFunction}});
  StartRequest r = w.request(w.upload("{\"a\":1}"), "AppConfig.AllAtOnce");
  r.depth = 3;
  ASSERT_TRUE(w.run(w.service->deployments.start(w.scope, r)).ok());
  ASSERT_EQ(w.functions.calls.size(), 1u);
  const FunctionCall& call = w.functions.calls[0];
  EXPECT_EQ(call.function_arn, AppConfigWorld::kFunction);
  EXPECT_EQ(call.deadline_ms, 15'000);
  EXPECT_EQ(call.depth, 3);
  EXPECT_EQ(call.source_arn, fmt::format("arn:aws:appconfig:us-east-1:111122223333:application/{}/"
                                         "configurationprofile/{}",
                                         w.app, w.prof));
  EXPECT_EQ(call.payload,
            fmt::format(R"({{"applicationId":"{}","configurationProfileId":"{}",)"
                        R"("configurationVersion":"1","content":"{}","uri":"hosted"}})",
                        w.app, w.prof, to_base64("{\"a\":1}")));
}

TEST(Validation, KeepsWhatTheFunctionSaid) {
  AppConfigWorld w;
  w.prof = w.profile("checked", {{"LAMBDA", AppConfigWorld::kFunction}});
  const std::string version = w.upload("{}");
  w.functions.answers.failed = true;
  w.functions.answers.error_message = "limit must be \"even\"\nreally";
  auto refused = w.deploy(version);
  ASSERT_EQ(refused.fault(), Fault::invalid_argument);
  ASSERT_EQ(refused.error().details.size(), 1u);
  EXPECT_EQ(refused.error().details[0].value, "limit must be \"even\"\nreally");
  EXPECT_NE(refused.error().message.find("limit must be \"even\""), std::string::npos);

  w.functions.refuses = Error{Fault::not_found, "Function not found"};
  auto absent = w.run(w.service->deployments.validate(w.scope, w.app, w.prof, version));
  ASSERT_EQ(absent.fault(), Fault::invalid_argument);
  EXPECT_EQ(absent.error().details[0].value, "Function not found");

  // What a function returns is no verdict.
  w.functions.refuses.reset();
  w.functions.answers = {false, "", "{\"valid\":false}"};
  EXPECT_TRUE(w.run(w.service->deployments.validate(w.scope, w.app, w.prof, version)).ok());
}

TEST(Validation, AsksTheFunctionLast) {
  AppConfigWorld w;
  w.prof = w.profile("checked", {{"LAMBDA", AppConfigWorld::kFunction}, {"JSON_SCHEMA", kSchema}});
  EXPECT_FALSE(w.deploy(w.upload("{\"limit\":0}")).ok());
  EXPECT_TRUE(w.functions.calls.empty());
  EXPECT_TRUE(w.deploy(w.upload("{\"limit\":1}")).ok());
  EXPECT_EQ(w.functions.calls.size(), 1u);
}

}  // namespace
}  // namespace tidegate::appconfig
