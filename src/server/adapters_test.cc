// Where the services meet: events that become invocations, configurations and packages from S3,
// validators within their deadline.
#include "server/adapters.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "document/value.h"
#include "support/lambda_world.h"
#include "support/s3_world.h"

namespace tidegate::server {
namespace {

using namespace std::chrono_literals;
using Commit = store::FaultyStore::Commit;

constexpr char kAccount[] = "111122223333";
constexpr char kArn[] = "arn:aws:lambda:us-east-1:111122223333:function:f";

void permit(lambda::LambdaWorld& w, const char* principal, const char* source_arn) {
  lambda::Statement s;
  s.sid = "s" + std::to_string(w.world.random.below(1'000'000));
  s.action = "lambda:InvokeFunction";
  s.principal = principal;
  s.source_arn = source_arn;
  s.source_account = kAccount;
  ASSERT_TRUE(w.run(w.policies.add(w.scope, lambda::LambdaWorld::ref("f"), s, std::nullopt)).ok());
}

// Roles are not asked for: nothing is enforced.
struct Roles {
  Roles(store::Store& store, const Clock& clock)
      : directory(store, clock, ids, std::string(32, 'k'), keys),
        authorizer(directory, clock, {false}) {}
  SeededRandom ids{1};
  identity::Credentials credentials{ids};
  KeysForCredentials keys{credentials};
  iam::Directory directory;
  api::Authorizer authorizer;
};

class EventsTest : public testing::Test {
 public:
  lambda::LambdaWorld w;
  EventsToFunctions events{*w.invoker, w.world.random};
  std::unique_ptr<events::Queue> source =
      std::make_unique<events::Queue>(w.store, w.world.clock, w.world.random, w.world.executors(),
                                      w.metrics, events::QueueOptions{"s3-events"});
  s3::ObjectEvent event;

  EventsTest() {
    EXPECT_TRUE(w.create("f").ok());
    event.event_name = "ObjectCreated:Put";
    event.event_version = "2.1";
    event.region = "us-east-1";
    event.account = kAccount;
    event.bucket = "b";
    event.key = "a key";
    event.function_arn = kArn;
    event.function_account = kAccount;
  }
  ~EventsTest() override { EXPECT_TRUE(w.run(closing(*source)).ok()); }
  static Task<Unit> closing(events::Queue& queue) {
    co_await queue.close();
    co_return done;
  }
  void start() {
    w.start();
    source->start([this](events::Delivery d) { return events.deliver(std::move(d)); });
    w.world.settle();
  }
  void happens() {
    events::Delivery d;
    d.lane = "b";
    d.body = store::encode(event);
    store::Txn txn;
    ASSERT_TRUE(source->append(txn, w.scope, std::move(d)).ok());
    ASSERT_TRUE(w.run(w.memory.commit(std::move(txn))).ok());
    w.world.settle();
  }
  std::string dead_text() {
    auto dead = *w.run(source->dead(w.scope));
    return dead.size() == 1 ? dead[0].last_error : std::to_string(dead.size()) + " dead";
  }
};

TEST_F(EventsTest, AnEventBecomesAnInvocation) {
  permit(w, "s3.amazonaws.com", "arn:aws:s3:::b");
  event.depth = 2;
  start();
  happens();
  ASSERT_EQ(w.runner.calls.size(), 1u);
  const auto& call = w.runner.calls[0].invocation;
  auto payload = document::parse_json(call.payload);
  ASSERT_TRUE(payload.ok());
  const auto* records = payload->find("Records")->array();
  ASSERT_EQ(records->size(), 1u);
  EXPECT_EQ(*(*records)[0].find("s3")->find("object")->find("key")->string(), "a+key");
  EXPECT_EQ(call.depth, 2);
  EXPECT_EQ(call.invoked_arn, kArn);
  EXPECT_EQ(source->pending(), 0u);
  EXPECT_EQ(w.queue->pending(), 0u);
}

TEST_F(EventsTest, TheEventsEndAndTheInvocationAreOneTransaction) {
  permit(w, "s3.amazonaws.com", "arn:aws:s3:::b");
  source->start([this](events::Delivery d) { return events.deliver(std::move(d)); });
  w.world.settle();
  auto rows = [&](const char* kind) {
    return w.run(w.memory.range(store::Range::prefix(key_prefix(w.scope, kind))))->items.size();
  };
  w.store.next_commits({Commit::unavailable});
  happens();
  EXPECT_EQ(rows("s3-events"), 1u);
  EXPECT_EQ(rows("async-invokes"), 0u);
  w.store.next_commits({Commit::unanswered});
  w.world.advance(10s);
  EXPECT_EQ(rows("s3-events"), 0u);
  EXPECT_EQ(rows("async-invokes"), 1u);
}

TEST_F(EventsTest, WithoutAPermissionItIsSeenInTheDeadList) {
  permit(w, "s3.amazonaws.com", "arn:aws:s3:::another");
  start();
  happens();
  EXPECT_TRUE(w.runner.calls.empty());
  EXPECT_EQ(dead_text(), std::string("s3.amazonaws.com is not authorized to invoke ") + kArn +
                             " for arn:aws:s3:::b: add a permission to the function's policy "
                             "(AddPermission).");
  // Once it may, it can be sent again.
  permit(w, "s3.amazonaws.com", "arn:aws:s3:::b");
  const auto dead = *w.run(source->dead(w.scope));
  ASSERT_TRUE(w.run(source->redrive(w.scope, dead.at(0).id)).ok());
  w.world.settle();
  EXPECT_EQ(w.runner.calls.size(), 1u);
}

TEST_F(EventsTest, AnotherAccountsBucketIsNotTheBucketOfThePermission) {
  permit(w, "s3.amazonaws.com", "arn:aws:s3:::b");
  event.account = "999999999999";
  start();
  happens();
  EXPECT_TRUE(w.runner.calls.empty());
}

TEST_F(EventsTest, ADeletedFunctionAndABadArnAreGivenUp) {
  ASSERT_TRUE(w.run(w.functions.remove(w.scope, lambda::LambdaWorld::ref("f"))).ok());
  start();
  happens();
  EXPECT_EQ(dead_text(), std::string("Function not found: ") + kArn);
  event.function_arn = "arn:aws:sqs:us-east-1:111122223333:q";
  happens();
  const auto dead = *w.run(source->dead(w.scope));
  ASSERT_EQ(dead.size(), 2u);
  EXPECT_EQ(dead[1].last_error, event.function_arn + " is no function's ARN");
}

TEST_F(EventsTest, ALoopOfUploadsIsStopped) {
  permit(w, "s3.amazonaws.com", "arn:aws:s3:::b");
  event.depth = kMaxCallDepth;
  start();
  happens();
  EXPECT_TRUE(w.runner.calls.empty());
  EXPECT_EQ(dead_text(), "a loop of functions and uploads was stopped");
}

class DestinationsTest : public testing::Test {
 public:
  lambda::LambdaWorld w;
  FunctionsAsDestinations destinations{*w.invoker};
  std::optional<std::string> why_not(const std::string& arn) {
    return *w.run(destinations.why_not(w.scope, arn, "arn:aws:s3:::b", kAccount));
  }
};

TEST_F(DestinationsTest, AFunctionMustExistAndPermitTheBucket) {
  const std::string refusal = std::string("Not authorized to invoke function [") + kArn + "]";
  EXPECT_EQ(why_not(kArn), refusal);
  ASSERT_TRUE(w.create("f").ok());
  EXPECT_EQ(why_not(kArn), refusal);
  permit(w, "s3.amazonaws.com", "arn:aws:s3:::*");
  EXPECT_EQ(why_not(kArn), std::nullopt);
  EXPECT_EQ(why_not("nonsense"), "Not authorized to invoke function [nonsense]");
  EXPECT_EQ(why_not(std::string(kArn) + ":1"),
            std::string("Not authorized to invoke function [") + kArn + ":1]");
}

class ValidatorsTest : public testing::Test {
 public:
  lambda::LambdaWorld w;
  Roles roles{w.store, w.world.clock};
  FunctionsForAppConfig validators{*w.invoker, roles.authorizer, w.world.clock, w.world.random,
                                   w.world.executors()};
  const std::string profile = "arn:aws:appconfig:us-east-1:111122223333:application/a";

  ValidatorsTest() {
    EXPECT_TRUE(w.create("f").ok());
    permit(w, "appconfig.amazonaws.com", "arn:aws:appconfig:us-east-1:111122223333:*");
  }
  ~ValidatorsTest() override { EXPECT_TRUE(w.run(closing(validators)).ok()); }
  static Task<Unit> closing(FunctionsForAppConfig& v) {
    co_await v.close();
    co_return done;
  }
  static appconfig::FunctionCall call_of(std::string function_arn, std::string source, int depth) {
    appconfig::FunctionCall call;
    call.function_arn = std::move(function_arn);
    call.payload = "{}";
    call.source_arn = std::move(source);
    call.deadline_ms = 15'000;
    call.depth = depth;
    return call;
  }
  Task<appconfig::FunctionOutcome> call(std::string arn = kArn, int depth = 1) {
    return validators.call(w.scope, call_of(std::move(arn), profile, depth));
  }
};

TEST_F(ValidatorsTest, TheVerdictIsTheFunctionErrorAndItsText) {
  w.runner.returns("f", "false");
  w.runner.fails("f", "ValueError", "bad config");
  auto good = w.run(call());
  ASSERT_TRUE(good.ok());
  EXPECT_FALSE(good->failed);  // the value does not matter
  EXPECT_TRUE(w.runner.calls[0].invocation.nested);
  EXPECT_EQ(w.runner.calls[0].invocation.depth, 1);
  auto bad = w.run(call());
  ASSERT_TRUE(bad.ok());
  EXPECT_TRUE(bad->failed);
  EXPECT_EQ(bad->error_message, "bad config");
}

TEST_F(ValidatorsTest, AnErrorOfAnotherShapeIsShownAsItIs) {
  lambda::InvocationOutcome odd;
  odd.failed = true;
  odd.payload = "oops";
  w.runner.script("f", odd);
  EXPECT_EQ(w.run(call())->error_message, "oops");
}

TEST_F(ValidatorsTest, ThePolicyDecides) {
  auto other = w.run(validators.call(w.scope, call_of(kArn, "arn:aws:s3:::b", 0)));
  EXPECT_EQ(other.fault(), Fault::access_denied);
  EXPECT_EQ(w.run(call("arn:aws:lambda:us-east-1:111122223333:function:g")).fault(),
            Fault::not_found);
  EXPECT_EQ(w.run(call("x")).error().message, "x is no function's ARN");
  EXPECT_EQ(w.run(call(kArn, kMaxCallDepth)).fault(), Fault::function_throttled);
}

TEST_F(ValidatorsTest, ARoleOfTheAccountNeedsNoPolicy) {
  auto as = [&](const std::string& role) {
    appconfig::FunctionCall call = call_of(kArn, "arn:aws:s3:::b", 0);
    call.role_arn = role;
    return w.run(validators.call(w.scope, call));
  };
  w.runner.returns("f", "1");
  EXPECT_TRUE(as("arn:aws:iam::111122223333:role/appconfig").ok());
  EXPECT_EQ(as("arn:aws:iam::999999999999:role/appconfig").fault(), Fault::access_denied);
}

TEST_F(ValidatorsTest, ALaterCallIsARowOfTheInvokersQueue) {
  store::Txn txn, refused;
  ASSERT_TRUE(w.run(validators.call_later(txn, w.scope, call_of(kArn, profile, 3))).ok());
  EXPECT_FALSE(txn.puts.empty());
  EXPECT_EQ(
      w.run(validators.call_later(refused, w.scope, call_of(kArn, "arn:aws:s3:::b", 3))).fault(),
      Fault::access_denied);
  EXPECT_TRUE(refused.puts.empty());
}

TEST_F(ValidatorsTest, ItHasFifteenSecondsInAll) {
  w.runner.hold();
  std::optional<Result<appconfig::FunctionOutcome>> result;
  w.world.start(call(), result);
  w.world.settle();
  w.world.advance(14'999ms);
  EXPECT_FALSE(result.has_value());
  w.world.advance(1ms);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->fault(), Fault::timed_out);
  EXPECT_EQ(result->error().message, "the function did not answer within 15 seconds");
  w.runner.release_all();  // nobody hears it any more
  w.world.settle();
  w.world.advance(1min);
}

TEST(WebhooksForAppConfigTest, SaysWhatBecameOfACall) {
  class Client final : public http::Client {
   public:
    Task<http::Answer> post(http::Call call) override {
      calls.push_back(std::move(call));
      co_return answers;
    }
    std::vector<http::Call> calls;
    Result<http::Answer> answers = http::Answer{200, "{}"};
  };
  SimWorld world;
  Client client;
  auto directory =
      webhook::read_directory("a=https://a.example/in", "a=0123456789abcdef", "a.example");
  ASSERT_TRUE(directory.ok());
  webhook::Webhooks webhooks(std::move(*directory), client, world.clock, "Tidegate/test");
  WebhooksForAppConfig adapter(webhooks);
  EXPECT_FALSE(adapter.why_not("https://a.example/in"));
  EXPECT_FALSE(adapter.why_not("arn:tidegate:webhook:::a"));
  EXPECT_TRUE(adapter.why_not("https://a.example/other"));
  auto post = [&](const std::string& url) {
    return world.run(adapter.post(appconfig::WebhookCall{url, "{}", "id", 15'000}));
  };
  EXPECT_EQ(*post("https://a.example/in"), "{}");
  EXPECT_EQ(client.calls.at(0).within, Duration{15'000});
  EXPECT_EQ(post("https://b.example/").fault(), Fault::access_denied);
  client.answers = http::Answer{503, "later"};
  EXPECT_EQ(post("https://a.example/in").error().message, "the webhook answered 503: later");
  client.answers = Error{Fault::unavailable, "refused"};
  EXPECT_EQ(post("https://a.example/in").fault(), Fault::invalid_request);
  client.answers = Error{Fault::timed_out, "late"};
  EXPECT_EQ(post("https://a.example/in").fault(), Fault::timed_out);
}

class SourcesTest : public testing::Test {
 public:
  s3::S3World w;
  Roles roles{w.store, w.world.clock};
  ConfigFromS3 config{*w.s3, w.world.executors(), roles.authorizer};
  CodeFromS3 code{*w.s3, w.world.executors()};

  Result<appconfig::SourceContent> fetch(const std::string& uri, const std::string& version,
                                         std::size_t limit = 1 << 20) {
    return w.run(config.fetch(w.caller.scope, "", uri, version, limit));
  }
  std::string refusal(const std::string& uri, const std::string& version) {
    auto fetched = fetch(uri, version);
    EXPECT_EQ(fetched.fault(), Fault::invalid_argument);
    return fetched.error().message;
  }
  std::string put(const std::string& bucket, const std::string& key, const std::string& bytes) {
    auto made = w.put(bucket, key, bytes);
    EXPECT_TRUE(made.ok());
    return made->record.version_id;
  }
  Result<std::string> package(const std::string& bucket, const std::string& key,
                              std::optional<std::string> version = std::nullopt,
                              std::size_t limit = 1 << 20) {
    return w.run(code.fetch(w.caller.scope, bucket, key, std::move(version), limit));
  }
};

TEST_F(SourcesTest, AConfigurationIsReadAtItsVersion) {
  w.bucket("bucket", s3::Versioning::enabled);
  const std::string v1 = put("bucket", "dir/c.json", "{\"v\":1}");
  const std::string large(100'000, 'x');
  const std::string v2 = put("bucket", "dir/c.json", large);
  auto first = fetch("s3://bucket/dir/c.json", v1);
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(first->bytes, "{\"v\":1}");
  EXPECT_EQ(first->content_type, "binary/octet-stream");
  EXPECT_EQ(fetch("s3://bucket/dir/c.json", v2)->bytes, large);  // from a blob
}

TEST_F(SourcesTest, AConfigurationThatCannotBeReadSaysWhy) {
  w.bucket("bucket", s3::Versioning::enabled);
  const std::string v1 = put("bucket", "k", "x");
  const std::string front = "Could not retrieve the configuration s3://bucket/k at version ";
  EXPECT_EQ(refusal("s3://bucket/k", "null"),
            front + "null: the bucket must be versioned; 'null' is no version");
  EXPECT_EQ(refusal("s3://nowhere/k", v1),
            "Could not retrieve the configuration s3://nowhere/k at version " + v1 +
                ": The specified bucket does not exist");
  EXPECT_EQ(refusal("s3://bucket/k", "nonsense"), front + "nonsense: Invalid version id specified");
  EXPECT_NE(refusal("s3://bucket/other", v1), "");
  EXPECT_NE(refusal("s3://bucket/", v1), "");
  EXPECT_NE(refusal("s3:///k", v1), "");
  EXPECT_NE(refusal("s3://bucket/k", ""), "");
  for (const char* uri : {"", "s3:", "s3://", "s3://bucket", "http://bucket/k"})
    EXPECT_TRUE(refusal(uri, v1).ends_with(": no S3 location")) << uri;
  auto removed = w.remove("bucket", "k");
  ASSERT_TRUE(removed.ok() && removed->delete_marker);
  EXPECT_NE(refusal("s3://bucket/k", *removed->version_id), "");  // the marker
  EXPECT_TRUE(fetch("s3://bucket/k", v1).ok());                   // what lies under it
  w.bucket("plain");
  put("plain", "k", "x");
  EXPECT_NE(refusal("s3://plain/k", v1), "");
}

TEST_F(SourcesTest, ALargeConfigurationIsNotRead) {
  w.bucket("bucket", s3::Versioning::enabled);
  const std::string v = put("bucket", "k", std::string(101, 'x'));
  EXPECT_TRUE(fetch("s3://bucket/k", v, 101).ok());
  auto refused = fetch("s3://bucket/k", v, 100);
  EXPECT_EQ(refused.fault(), Fault::too_large);
  EXPECT_EQ(refused.error().message, "The configuration has 101 bytes; the limit is 100.");
}

TEST_F(SourcesTest, PackagesHaveAwssTexts) {
  w.bucket("bucket", s3::Versioning::enabled);
  const std::string v1 = put("bucket", "code.zip", "one");
  put("bucket", "code.zip", "two");
  EXPECT_EQ(*package("bucket", "code.zip"), "two");
  EXPECT_EQ(*package("bucket", "code.zip", v1), "one");
  auto text = [](Result<std::string> r) {
    EXPECT_EQ(r.fault(), Fault::invalid_parameter_value);
    return r.error().message;
  };
  EXPECT_EQ(text(package("bucket", "none.zip")),
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The "
            "specified key does not exist.");
  EXPECT_EQ(text(package("nowhere", "k")),
            "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The "
            "specified bucket does not exist");
  EXPECT_TRUE(text(package("bucket", "code.zip", "nonsense"))
                  .starts_with("Error occurred while GetObject. S3 Error Code: InvalidArgument. "));
  EXPECT_EQ(text(package("bucket", "code.zip", std::nullopt, 2)),
            "Unzipped size must be smaller than 2 bytes");
}

TEST_F(SourcesTest, AnotherAccountsBucketIsNotRead) {
  w.bucket("bucket", s3::Versioning::enabled);
  const std::string v = put("bucket", "k", "x");
  const Scope other{"999999999999", "us-east-1"};
  EXPECT_EQ(w.run(config.fetch(other, "", "s3://bucket/k", v, 100)).fault(),
            Fault::invalid_argument);
  EXPECT_FALSE(w.run(code.fetch(other, "bucket", "k", std::nullopt, 100)).ok());
}

}  // namespace
}  // namespace tidegate::server
