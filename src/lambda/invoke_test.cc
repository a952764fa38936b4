// Invocations, at once and later, in virtual time with a runner that runs nothing.
#include "lambda/invoke.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/lambda_world.h"

namespace tidegate::lambda {
namespace {

using namespace std::chrono_literals;
using Commit = store::FaultyStore::Commit;

class InvokeTest : public testing::Test {
 public:
  LambdaWorld w;
  InvokeTest() { EXPECT_TRUE(w.create("f").ok()); }

  Result<InvocationOutcome> invoke(InvokeRequest r) {
    return w.run(w.invoker->invoke(w.scope, std::move(r)));
  }
  Status later(InvokeRequest r) {
    Status queued = w.run(w.invoker->invoke_later(w.scope, std::move(r)));
    w.world.settle();
    return queued;
  }
  void configure(std::optional<std::int32_t> retries, std::optional<std::int32_t> age) {
    EventInvokeConfig config;
    config.max_retries = retries;
    config.max_age_s = age;
    ASSERT_TRUE(w.run(w.event_configs.put(w.scope, LambdaWorld::ref("f"), config, false)).ok());
  }
  std::size_t calls() const { return w.runner.calls.size(); }
  void throttle(int times) {
    for (int i = 0; i < times; ++i)
      w.runner.script("f", Error{Fault::throttled, "every environment is busy"});
  }
};

TEST_F(InvokeTest, TheFunctionsBytesComeBack) {
  w.runner.returns("f", "[1, 2]");
  InvokeRequest r = w.request("f", R"({"a" : 1})");
  r.function.qualifier = "$LATEST";
  r.client_context = "{}";
  r.depth = 3;
  r.nested = true;
  const std::string id = r.request_id;
  auto ran = invoke(r);
  ASSERT_TRUE(ran.ok());
  EXPECT_EQ(ran->payload, "[1, 2]");
  ASSERT_EQ(calls(), 1u);
  const auto& call = w.runner.calls[0];
  EXPECT_EQ(call.invocation.payload, R"({"a" : 1})");  // untouched
  EXPECT_EQ(call.invocation.request_id, id);
  EXPECT_EQ(call.invocation.invoked_arn,
            "arn:aws:lambda:us-east-1:111122223333:function:f:$LATEST");
  EXPECT_EQ(call.invocation.client_context, "{}");
  EXPECT_EQ(call.invocation.depth, 3);
  EXPECT_TRUE(call.invocation.nested);
  EXPECT_EQ(call.image.handler, "index.handler");
}

TEST_F(InvokeTest, AnEmptyBodyIsAnEmptyObject) {
  ASSERT_TRUE(invoke(w.request("f", "")).ok());
  EXPECT_EQ(w.runner.calls[0].invocation.payload, "{}");
  w.start();
  ASSERT_TRUE(later(w.request("f", "")).ok());
  EXPECT_EQ(w.runner.calls[1].invocation.payload, "{}");
}

TEST_F(InvokeTest, PayloadsAreJsonWithinTheirBounds) {
  for (const char* bad : {"{", "a", "{} {}", "\"\xff\"", "'x'"}) {
    auto refused = invoke(w.request("f", bad));
    EXPECT_EQ(refused.fault(), Fault::invalid_request_content) << bad;
    EXPECT_TRUE(refused.error().message.starts_with(
        "Could not parse request body into json: Could not parse payload into json: "));
    EXPECT_EQ(later(w.request("f", bad)).fault(), Fault::invalid_request_content);
  }
  for (const char* good : {"null", "1", "\"x\"", "[]", " {} "})
    EXPECT_TRUE(invoke(w.request("f", good)).ok()) << good;
  auto text = [](std::size_t size) { return '"' + std::string(size - 2, 'x') + '"'; };
  EXPECT_TRUE(invoke(w.request("f", text(kMaxSyncPayload))).ok());
  auto large = invoke(w.request("f", text(kMaxSyncPayload + 1)));
  EXPECT_EQ(large.fault(), Fault::too_large);
  EXPECT_EQ(large.error().message,
            "6291457 byte payload is too large for the RequestResponse invocation type (limit "
            "6291456 bytes)");
  EXPECT_TRUE(later(w.request("f", text(kMaxAsyncPayload))).ok());
  EXPECT_EQ(later(w.request("f", text(kMaxAsyncPayload + 1))).error().message,
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 "
            "bytes)");
}

TEST_F(InvokeTest, ALoopOfFunctionsIsStopped) {
  for (const char* payload : {"{}", ""}) {
    InvokeRequest r = w.request("f", payload);
    r.depth = kMaxCallDepth - 1;
    EXPECT_TRUE(invoke(r).ok());
    r.depth = kMaxCallDepth;
    EXPECT_EQ(invoke(r).fault(), Fault::function_throttled);
    EXPECT_EQ(later(r).fault(), Fault::function_throttled);
  }
}

TEST_F(InvokeTest, AMissingFunctionIsNotFoundEitherWay) {
  EXPECT_EQ(invoke(w.request("g")).error().message,
            "Function not found: arn:aws:lambda:us-east-1:111122223333:function:g:$LATEST");
  EXPECT_EQ(later(w.request("g")).fault(), Fault::not_found);
  InvokeRequest r = w.request("f");
  r.function.qualifier = "1";
  EXPECT_EQ(later(r).error().message,
            "Function not found: arn:aws:lambda:us-east-1:111122223333:function:f:1");
}

TEST_F(InvokeTest, AServiceNeedsAPermission) {
  const ServiceCaller caller{"s3.amazonaws.com", "arn:aws:s3:::b", "111122223333"};
  auto admit = [&] {
    return w.run(w.invoker->admit_service(w.scope, LambdaWorld::ref("f"), caller));
  };
  EXPECT_EQ(admit().fault(), Fault::access_denied);
  Statement s;
  s.sid = "s";
  s.action = "lambda:InvokeFunction";
  s.principal = "s3.amazonaws.com";
  ASSERT_TRUE(w.run(w.policies.add(w.scope, LambdaWorld::ref("f"), s, std::nullopt)).ok());
  EXPECT_TRUE(admit().ok());
}

TEST_F(InvokeTest, AnEventIsDurableBeforeItsAnswer) {
  // The queue is not started: what is there is in the store.
  const InvokeRequest r = w.request("f", "[1]");
  ASSERT_TRUE(later(r).ok());
  EXPECT_EQ(calls(), 0u);
  w.restart();
  ASSERT_EQ(calls(), 1u);
  EXPECT_EQ(w.runner.calls[0].invocation.payload, "[1]");
  EXPECT_EQ(w.runner.calls[0].invocation.request_id, r.request_id);
  EXPECT_EQ(w.queue->pending(), 0u);
  // And an answer that was lost on the way is no second event.
  w.store.next_commits({Commit::unanswered});
  ASSERT_TRUE(later(w.request("f", "[2]")).ok());
  EXPECT_EQ(calls(), 2u);
  w.store.next_commits({Commit::read_only});
  EXPECT_EQ(later(w.request("f", "[3]")).fault(), Fault::read_only);
  EXPECT_EQ(calls(), 2u);
}

TEST_F(InvokeTest, AFailureIsRetriedAfterOneAndTwoMinutesUnderTheSameId) {
  w.start();
  w.runner.fails("f", "ValueError", "never");
  const InvokeRequest r = w.request("f", "[1]");
  ASSERT_TRUE(later(r).ok());
  EXPECT_EQ(calls(), 1u);
  w.world.advance(59s);
  EXPECT_EQ(calls(), 1u);
  w.world.advance(1s);
  EXPECT_EQ(calls(), 2u);
  w.world.advance(119s);
  EXPECT_EQ(calls(), 2u);
  w.world.advance(1s);
  EXPECT_EQ(calls(), 3u);
  w.world.advance(24h);
  EXPECT_EQ(calls(), 3u);
  for (const auto& call : w.runner.calls) {
    EXPECT_EQ(call.invocation.request_id, r.request_id);
    EXPECT_EQ(call.invocation.payload, "[1]");
  }
  auto dead = w.dead();
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].attempts, 3);
  EXPECT_EQ(dead[0].lane, "f");
  EXPECT_TRUE(dead[0].last_error.starts_with("RetriesExhausted: ")) << dead[0].last_error;
  EXPECT_NE(dead[0].last_error.find("never"), std::string::npos);
  // Sent again by hand it has all its attempts.
  ASSERT_TRUE(w.run(w.queue->redrive(w.scope, dead[0].id)).ok());
  w.world.settle();
  EXPECT_EQ(calls(), 4u);
  w.world.advance(60s);
  EXPECT_EQ(calls(), 5u);
}

TEST_F(InvokeTest, ARetryThatSucceedsEndsIt) {
  w.start();
  w.runner.fails("f", "ValueError", "once");
  w.runner.returns("f", "null");
  ASSERT_TRUE(later(w.request("f")).ok());
  w.world.advance(1h);
  EXPECT_EQ(calls(), 2u);
  EXPECT_TRUE(w.dead().empty());
}

TEST_F(InvokeTest, TheFunctionsConfigurationSaysHowOften) {
  w.start();
  configure(0, std::nullopt);
  w.runner.fails("f", "E", "e");
  ASSERT_TRUE(later(w.request("f")).ok());
  EXPECT_EQ(calls(), 1u);
  ASSERT_EQ(w.dead().size(), 1u);
  EXPECT_EQ(w.dead()[0].attempts, 1);
  configure(1, std::nullopt);
  ASSERT_TRUE(later(w.request("f")).ok());
  w.world.advance(24h);
  EXPECT_EQ(calls(), 3u);
  EXPECT_EQ(w.dead().size(), 2u);
}

TEST_F(InvokeTest, AnEventThatWouldBeTooOldIsGivenUpWithoutWaiting) {
  w.start();
  configure(std::nullopt, 60);
  w.runner.fails("f", "E", "first");
  w.runner.fails("f", "E", "second");
  ASSERT_TRUE(later(w.request("f")).ok());
  EXPECT_TRUE(w.dead().empty());  // 60 s is within 60 s
  w.world.advance(60s);
  EXPECT_EQ(calls(), 2u);
  auto dead = w.dead();
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_TRUE(dead[0].last_error.starts_with("EventAgeExceeded: ")) << dead[0].last_error;
  EXPECT_NE(dead[0].last_error.find("second"), std::string::npos);
}

TEST_F(InvokeTest, ThrottlesDoNotCountButTheAgeDoes) {
  w.start();
  throttle(3);
  w.runner.fails("f", "E", "now it runs");
  ASSERT_TRUE(later(w.request("f")).ok());
  EXPECT_EQ(calls(), 1u);
  w.world.advance(1s);
  EXPECT_EQ(calls(), 2u);
  w.world.advance(1s);
  EXPECT_EQ(calls(), 3u);
  w.world.advance(2s);
  EXPECT_EQ(calls(), 4u);
  w.world.advance(60s);
  EXPECT_EQ(calls(), 5u);
  w.world.advance(120s);
  EXPECT_EQ(calls(), 6u);
  ASSERT_EQ(w.dead().size(), 1u);
  EXPECT_EQ(w.dead()[0].attempts, 3);
}

TEST_F(InvokeTest, AnEventThatIsThrottledForeverEndsBySixHours) {
  w.start();
  throttle(1);
  ASSERT_TRUE(later(w.request("f")).ok());
  w.world.advance(5h + 50min);
  EXPECT_TRUE(w.dead().empty());
  EXPECT_LT(calls(), 90u);  // ever more seldom, then each 5 minutes
  w.world.advance(20min);
  ASSERT_EQ(w.dead().size(), 1u);
  EXPECT_EQ(w.dead()[0].attempts, 0);
  EXPECT_EQ(w.dead()[0].last_error, "EventAgeExceeded: every environment is busy");
}

TEST_F(InvokeTest, OurOwnFailuresDoNotCountEither) {
  w.start();
  w.runner.returns("f", "null");
  w.store.chances({0, 0, 0, 1000});  // every read fails
  store::Txn txn;
  ASSERT_TRUE(w.run(w.invoker->append(txn, w.scope, w.request("f"))).ok());
  ASSERT_TRUE(w.run(w.memory.commit(std::move(txn))).ok());
  w.world.settle();
  w.world.advance(10s);
  EXPECT_EQ(calls(), 0u);
  EXPECT_EQ(w.queue->pending(), 1u);
  w.store.chances({});
  w.runner.fails("f", "E", "e");
  w.world.advance(5min);
  EXPECT_EQ(calls(), 1u);
  EXPECT_EQ(w.queue->pending(), 0u);
  EXPECT_TRUE(w.dead().empty());
}

TEST_F(InvokeTest, ADeletedFunctionDropsItsEvents) {
  w.start();
  w.runner.fails("f", "E", "e");
  ASSERT_TRUE(later(w.request("f", '"' + std::string(100'000, 'x') + '"')).ok());
  ASSERT_TRUE(w.run(w.functions.remove(w.scope, LambdaWorld::ref("f"))).ok());
  w.world.advance(24h);
  EXPECT_EQ(calls(), 1u);
  EXPECT_TRUE(w.dead().empty());
  EXPECT_EQ(w.queue->pending(), 0u);
  EXPECT_EQ(w.blobs.count(), 0u);
}

TEST_F(InvokeTest, WaitingEventsRunWithTheNewCode) {
  w.start();
  w.runner.fails("f", "E", "old");
  w.runner.returns("f", "null");
  ASSERT_TRUE(later(w.request("f")).ok());
  Configuration c;
  c.handler = "index.other";
  ASSERT_TRUE(
      w.run(w.functions.update_configuration(w.scope, LambdaWorld::ref("f"), c, std::nullopt))
          .ok());
  w.world.advance(60s);
  ASSERT_EQ(calls(), 2u);
  EXPECT_EQ(w.runner.calls[1].image.handler, "index.other");
}

TEST_F(InvokeTest, ALargePayloadTravelsAsABlobThatEndsWithIt) {
  w.start();
  w.runner.fails("f", "E", "once");
  w.runner.returns("f", "null");
  const std::string payload = '"' + std::string(48 * 1024, 'x') + '"';
  const std::size_t before = w.blobs.count();
  ASSERT_TRUE(later(w.request("f", payload)).ok());
  EXPECT_EQ(w.blobs.count(), before + 1);
  w.world.advance(60s);
  w.world.settle();
  ASSERT_EQ(calls(), 2u);
  EXPECT_EQ(w.runner.calls[1].invocation.payload, payload);
  EXPECT_EQ(w.blobs.count(), before);
  // One that is not taken leaves none.
  w.store.next_commits({Commit::read_only});
  EXPECT_FALSE(later(w.request("f", payload)).ok());
  EXPECT_EQ(w.blobs.count(), before);
}

TEST_F(InvokeTest, APayloadOfTheDeadListStaysUntilItIsSentAgain) {
  w.start();
  configure(0, std::nullopt);
  w.runner.fails("f", "E", "e");
  w.runner.returns("f", "null");
  const std::size_t before = w.blobs.count();
  ASSERT_TRUE(later(w.request("f", '"' + std::string(100'000, 'x') + '"')).ok());
  ASSERT_EQ(w.dead().size(), 1u);
  EXPECT_EQ(w.blobs.count(), before + 1);
  ASSERT_TRUE(w.run(w.queue->redrive(w.scope, w.dead()[0].id)).ok());
  w.world.settle();
  EXPECT_EQ(calls(), 2u);
  EXPECT_EQ(w.blobs.count(), before);
}

TEST_F(InvokeTest, ARestartInTheMiddleRunsItAgain) {
  w.start();
  w.runner.hold();
  ASSERT_TRUE(later(w.request("f", "[1]")).ok());
  EXPECT_EQ(w.runner.waiting(), 1u);
  w.stop();
  w.runner.release_all();
  w.restart();
  ASSERT_EQ(calls(), 2u);
  EXPECT_EQ(w.runner.calls[0].invocation.request_id, w.runner.calls[1].invocation.request_id);
  w.world.advance(24h);
  EXPECT_EQ(calls(), 2u);
}

TEST_F(InvokeTest, ARestartBetweenTwoRetriesGoesOn) {
  w.start();
  w.runner.fails("f", "E", "e");
  ASSERT_TRUE(later(w.request("f")).ok());
  w.restart();
  w.world.advance(60s);
  EXPECT_EQ(calls(), 2u);
  w.restart();
  w.world.advance(120s);
  EXPECT_EQ(calls(), 3u);
  EXPECT_EQ(w.dead().size(), 1u);
}

TEST_F(InvokeTest, AnEventThatEndedUnwrittenIsNotRunWithoutItsPayload) {
  w.start();
  w.runner.hold();
  ASSERT_TRUE(later(w.request("f", '"' + std::string(100'000, 'x') + '"')).ok());
  // The function answers and its payload goes away, but the row's end is not taken.
  w.store.next_commits({Commit::unavailable});
  w.runner.release_all();
  w.world.settle();
  EXPECT_EQ(calls(), 1u);
  EXPECT_EQ(w.queue->pending(), 1u);
  w.world.advance(1h);
  EXPECT_EQ(calls(), 1u);
  EXPECT_EQ(w.queue->pending(), 0u);
  EXPECT_TRUE(w.dead().empty());
}

TEST_F(InvokeTest, ARowThatCannotBeReadIsShownAndNotTriedForever) {
  w.start();
  events::Delivery d;
  d.lane = "f";
  d.body = "\x0a\xff";
  store::Txn txn;
  ASSERT_TRUE(w.queue->append(txn, w.scope, d).ok());
  ASSERT_TRUE(w.run(w.memory.commit(std::move(txn))).ok());
  w.world.settle();
  ASSERT_EQ(w.dead().size(), 1u);
  EXPECT_EQ(w.dead()[0].last_error, "a stored record is damaged");
}

}  // namespace
}  // namespace tidegate::lambda
