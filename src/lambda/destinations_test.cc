// What is told about asynchronous invocations, and to whom.
#include <gtest/gtest.h>

#include "document/value.h"
#include "support/lambda_world.h"

namespace tidegate::lambda {
namespace {

using namespace std::chrono_literals;

const std::string kArn = "arn:aws:lambda:us-east-1:111122223333:function:f";
const std::string kListener = "arn:aws:lambda:us-east-1:111122223333:function:listener";

class DestinationsTest : public testing::Test {
 public:
  LambdaWorld w;
  DestinationsTest() {
    EXPECT_TRUE(w.create("f").ok());
    EXPECT_TRUE(w.create("listener").ok());
    w.start();
  }
  Result<EventInvokeConfig> put(std::optional<std::string> on_success,
                                std::optional<std::string> on_failure,
                                std::optional<std::int32_t> retries = 0,
                                std::optional<std::int32_t> age = std::nullopt) {
    EventInvokeConfig config;
    config.on_success = std::move(on_success);
    config.on_failure = std::move(on_failure);
    config.max_retries = retries;
    config.max_age_s = age;
    return w.run(w.event_configs.put(w.scope, LambdaWorld::ref("f"), config, false));
  }
  void later(const std::string& payload = R"({"a" : 1})") {
    InvokeRequest r = w.request("f", payload);
    r.request_id = "request-1";
    ASSERT_TRUE(w.run(w.invoker->invoke_later(w.scope, r)).ok());
    w.world.settle();
  }
  std::string told() const {
    return w.runner.calls.back().image.name == "listener" ? w.runner.calls.back().invocation.payload
                                                          : "";
  }
};

TEST_F(DestinationsTest, AFunctionIsToldOfASuccess) {
  ASSERT_TRUE(put(kListener, std::nullopt).ok());
  w.runner.returns("f", R"({"x":1.0})");
  later();
  ASSERT_EQ(w.runner.calls.size(), 2u);
  EXPECT_EQ(told(), R"({"version":"1.0","timestamp":")" + iso8601(w.world.clock.now()) +
                        R"(","requestContext":{"requestId":"request-1","functionArn":")" + kArn +
                        R"(:$LATEST","condition":"Success","approximateInvokeCount":1},)"
                        R"("requestPayload":{"a" : 1},"responseContext":{"statusCode":200,)"
                        R"("executedVersion":"$LATEST"},"responsePayload":{"x":1.0}})");
  EXPECT_EQ(w.runner.calls.back().invocation.depth, 1);
  EXPECT_TRUE(w.dead().empty());
}

TEST_F(DestinationsTest, AFunctionIsNotToldWithoutTheRolesRight) {
  ASSERT_TRUE(put(kListener, std::nullopt).ok());
  w.records.refused = "lambda:InvokeFunction";
  w.runner.returns("f", "1");
  later();
  EXPECT_EQ(w.runner.calls.size(), 1u);
}

TEST_F(DestinationsTest, ABucketGetsNothingWithoutTheRolesRight) {
  ASSERT_TRUE(put(std::nullopt, "arn:aws:s3:::failures").ok());
  w.records.refused = "s3:PutObject";
  w.runner.fails("f", "E", "no");
  later();
  EXPECT_TRUE(w.records.records.empty());
  EXPECT_EQ(w.dead().size(), 1u);  // what failed is not lost with its record
}

TEST_F(DestinationsTest, ABucketGetsFailuresAndTheDeadListKeepsThem) {
  ASSERT_TRUE(put(std::nullopt, "arn:aws:s3:::failures", 1).ok());
  w.runner.fails("f", "E", "no");
  later();
  EXPECT_TRUE(w.records.records.empty());
  w.world.clock.advance(60s);
  ASSERT_EQ(w.records.records.size(), 1u);
  const auto& [key, record] = *w.records.records.begin();
  EXPECT_EQ(key, "failures/aws/lambda/async/f/2026/01/02/2026-01-02T03.05.05-request-1");
  auto json = document::parse_json(record);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(*json->find("requestContext")->find("condition")->string(), "RetriesExhausted");
  EXPECT_EQ(*json->find("responseContext")->find("functionError")->string(), "Unhandled");
  EXPECT_EQ(*json->find("responsePayload")->find("errorMessage")->string(), "no");
  ASSERT_EQ(w.dead().size(), 1u);
  // It can be tried again from there.
  w.runner.returns("f", "null");
  ASSERT_TRUE(w.run(w.queue->redrive(w.scope, w.dead()[0].id)).ok());
  w.world.settle();
  EXPECT_TRUE(w.dead().empty());
}

TEST_F(DestinationsTest, WhatIsTooOldEndsWithoutWaiting) {
  ASSERT_TRUE(put(std::nullopt, kListener, 2, 100).ok());
  w.runner.fails("f", "E", "no");
  later();
  w.world.clock.advance(60s);  // the second retry would come at 180 s
  auto json = document::parse_json(told());
  ASSERT_TRUE(json.ok()) << told();
  EXPECT_EQ(*json->find("requestContext")->find("condition")->string(), "EventAgeExceeded");
  EXPECT_EQ(document::to_json(*json->find("requestContext")->find("approximateInvokeCount")), "2");
}

TEST_F(DestinationsTest, ZeroReservedConcurrencyIsNotTried) {
  ASSERT_TRUE(put(std::nullopt, kListener).ok());
  ASSERT_TRUE(w.run(w.concurrency.reserve(w.scope, LambdaWorld::ref("f"), 0)).ok());
  later("{}");
  ASSERT_EQ(w.runner.calls.size(), 1u);
  EXPECT_EQ(told(), R"({"version":"1.0","timestamp":")" + iso8601(w.world.clock.now()) +
                        R"(","requestContext":{"requestId":"request-1","functionArn":")" + kArn +
                        R"(:$LATEST","condition":"ZeroReservedConcurrency",)"
                        R"("approximateInvokeCount":0},"requestPayload":{}})");
  EXPECT_EQ(w.dead().size(), 1u);
}

TEST_F(DestinationsTest, OutputThatIsNoJsonIsAString) {
  ASSERT_TRUE(put(kListener, std::nullopt).ok());
  w.runner.returns("f", "NaN \"x\"");
  later();
  EXPECT_NE(told().find(R"("responsePayload":"NaN \"x\"")"), std::string::npos) << told();
}

TEST_F(DestinationsTest, ADestinationThatIsGoneLosesTheRecordOnly) {
  ASSERT_TRUE(put(kListener, "arn:aws:s3:::failures").ok());
  ASSERT_TRUE(w.run(w.functions.remove(w.scope, LambdaWorld::ref("listener"))).ok());
  later();
  EXPECT_EQ(w.runner.calls.size(), 1u);
  EXPECT_TRUE(w.dead().empty());
  w.records.answer = Error{Fault::no_such_bucket, "gone"};
  w.runner.fails("f", "E", "no");
  InvokeRequest r = w.request("f");
  ASSERT_TRUE(w.run(w.invoker->invoke_later(w.scope, r)).ok());
  w.world.settle();
  EXPECT_EQ(w.dead().size(), 1u);
}

TEST_F(DestinationsTest, OnlyWhatCanBeReachedIsAccepted) {
  const std::string here = "arn:aws:lambda:us-east-1:111122223333:function:";
  EXPECT_EQ(put(here + "none", std::nullopt).error().message,
            "The destination ARN " + here + "none is invalid.");
  EXPECT_EQ(put(here + "f", std::nullopt).error().message,
            "You can't specify the function as a destination for itself.");
  for (const char* service : {"sqs", "sns", "events"}) {
    auto refused = put("arn:aws:" + std::string(service) + ":us-east-1:111122223333:x", {});
    EXPECT_EQ(refused.fault(), Fault::invalid_parameter_value);
    EXPECT_NE(refused.error().message.find("it has no SQS, SNS or EventBridge"), std::string::npos);
  }
  EXPECT_FALSE(put("arn:aws:s3:::bucket", {}).ok());
  EXPECT_TRUE(put({}, "arn:aws:s3:::bucket").ok());
  // Empty takes away.
  EXPECT_TRUE(put("", "").ok());
}

TEST_F(DestinationsTest, ARemovedFunctionTakesItsEventsAlong) {
  w.runner.hold();
  ASSERT_TRUE(put({}, {}, 2).ok());
  w.runner.fails("f", "E", "no");
  w.runner.release_all();
  later();
  ASSERT_TRUE(w.run(w.functions.remove(w.scope, LambdaWorld::ref("f"))).ok());
  ASSERT_TRUE(w.create("f").ok());
  w.world.clock.advance(10min);
  EXPECT_EQ(w.runner.calls.size(), 1u);
  EXPECT_EQ(w.queue->pending(), 0u);
}

}  // namespace
}  // namespace tidegate::lambda
