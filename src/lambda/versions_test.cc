// Versions, aliases, what belongs to them, and reserved concurrency.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "support/lambda_world.h"

namespace tidegate::lambda {
namespace {

const std::string kArn = "arn:aws:lambda:us-east-1:111122223333:function:f";

class VersionsTest : public testing::Test {
 public:
  LambdaWorld w;
  VersionsTest() { EXPECT_TRUE(w.create("f").ok()); }

  static FunctionRef ref(std::optional<std::string> q = std::nullopt) {
    return LambdaWorld::ref("f", std::move(q));
  }
  Result<Function> find(std::optional<std::string> q = std::nullopt) {
    return w.run(w.functions.find(w.scope, ref(std::move(q))));
  }
  Result<Function> publish(Publication p = {}) {
    return w.run(w.functions.publish(w.scope, ref(), std::move(p)));
  }
  Result<Function> describe(const std::string& text) {
    Configuration c;
    c.description = text;
    return w.run(w.functions.update_configuration(w.scope, ref(), c, std::nullopt));
  }
  Result<Function> load(const std::string& code, bool publish = false) {
    CodeUpdate update;
    update.code.zip = LambdaWorld::zip(code);
    update.publish = publish;
    return w.run(w.functions.update_code(w.scope, ref(), update));
  }
  Status remove(std::optional<std::string> q = std::nullopt) {
    Status removed = w.run(w.functions.remove(w.scope, ref(std::move(q))));
    w.world.settle();
    return removed;
  }
  Result<Alias> alias(const std::string& name, const std::string& version,
                      std::map<std::string, double> weights = {}) {
    Alias a;
    a.name = name;
    a.version = version;
    a.weights = std::move(weights);
    return w.run(w.aliases.create(w.scope, "f", a));
  }
  std::vector<std::string> numbers(const FunctionPage& page) {
    std::vector<std::string> out;
    for (const Function& f : page.functions) out.push_back(f.name + ":" + f.version);
    return out;
  }
};

TEST_F(VersionsTest, AVersionIsFrozenAndPublishedOnceForEachChange) {
  Publication p;
  p.description = "first";
  const std::string before = find()->revision_id;
  auto one = publish(p);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->version, "1");
  EXPECT_EQ(one->description, "first");
  EXPECT_NE(find()->revision_id, before);
  p.description = "ignored: nothing changed";
  auto again = publish(p);
  EXPECT_EQ(again->version, "1");
  EXPECT_EQ(again->revision_id, one->revision_id);
  ASSERT_TRUE(describe("changed").ok());
  ASSERT_TRUE(load("two").ok());
  auto two = publish();
  EXPECT_EQ(two->version, "2");
  EXPECT_EQ(two->description, "changed");
  EXPECT_EQ(find("1")->description, "first");
  EXPECT_EQ(find("1")->code_sha256, one->code_sha256);
  EXPECT_NE(find("2")->code_sha256, one->code_sha256);
  // The code of version 1 is there still.
  EXPECT_EQ(w.blobs.count(), 2u);
  EXPECT_TRUE(w.run(w.functions.image(w.scope, *find("1"))).ok());
  EXPECT_EQ(w.run(w.functions.image(w.scope, *find("1")))->version, "1");
  // A change of $LATEST leaves the environments of versions alone.
  EXPECT_EQ(w.runner.retired.back().version, "$LATEST");
}

TEST_F(VersionsTest, PublishingHasPreconditions) {
  Publication p;
  p.revision_id = "wrong";
  EXPECT_EQ(publish(p).fault(), Fault::precondition_failed);
  p.revision_id = find()->revision_id;
  p.code_sha256 = "somethingelse";
  const std::string actual = to_base64(*from_hex(find()->code_sha256));
  EXPECT_EQ(publish(p).error().message,
            "CodeSHA256 (somethingelse) is different from current CodeSHA256 in $LATEST (" +
                actual + "). Please try again with the CodeSHA256 in $LATEST.");
  p.code_sha256 = actual;
  EXPECT_EQ(publish(p)->version, "1");
  EXPECT_EQ(load("more", true)->version, "2");
  NewFunction g = LambdaWorld::wanted("g");
  g.publish = true;
  EXPECT_EQ(w.run(w.functions.create(w.scope, g))->version, "1");
  EXPECT_EQ(w.run(w.functions.publish(w.scope, LambdaWorld::ref("none"), {})).error().message,
            "Function not found: arn:aws:lambda:us-east-1:111122223333:function:none");
}

TEST_F(VersionsTest, ListsComeInPages) {
  ASSERT_TRUE(publish().ok());
  ASSERT_TRUE(load("two", true).ok());
  ASSERT_TRUE(w.create("g").ok());
  auto page = w.run(w.functions.versions(w.scope, ref(), "", 2));
  EXPECT_EQ(numbers(*page), (std::vector<std::string>{"f:", "f:1"}));
  auto rest = w.run(w.functions.versions(w.scope, ref(), page->next_marker, 2));
  EXPECT_EQ(numbers(*rest), (std::vector<std::string>{"f:2"}));
  EXPECT_EQ(rest->next_marker, "");
  for (std::size_t size = 1; size <= 5; ++size) {
    std::vector<std::string> all;
    std::string marker;
    do {
      auto some = w.run(w.functions.list(w.scope, marker, size, true));
      ASSERT_TRUE(some.ok());
      EXPECT_LE(some->functions.size(), size);
      for (const std::string& n : numbers(*some)) all.push_back(n);
      marker = some->next_marker;
    } while (!marker.empty());
    EXPECT_EQ(all, (std::vector<std::string>{"f:", "f:1", "f:2", "g:"})) << size;
  }
  EXPECT_EQ(numbers(*w.run(w.functions.list(w.scope, "", 50))),
            (std::vector<std::string>{"f:", "g:"}));
}

TEST_F(VersionsTest, VersionsGoOneByOneAndNumbersAreNotUsedAgain) {
  ASSERT_TRUE(publish().ok());
  ASSERT_TRUE(load("two", true).ok());
  ASSERT_TRUE(alias("live", "1", {{"2", 0.1}}).ok());
  for (const char* number : {"1", "2"}) {
    Status refused = remove(number);
    EXPECT_EQ(refused.fault(), Fault::conflict);
    EXPECT_EQ(refused.error().message,
              "Unable to delete version because the following aliases reference it: [live]");
  }
  ASSERT_TRUE(w.run(w.aliases.remove(w.scope, "f", "live")).ok());
  EXPECT_TRUE(remove("1").ok());
  EXPECT_EQ(find("1").error().message, "Function not found: " + kArn + ":1");
  EXPECT_EQ(w.blobs.count(), 1u);  // the code of version 1 went with it
  EXPECT_TRUE(remove("2").ok());
  EXPECT_EQ(w.blobs.count(), 1u);  // that of version 2 is $LATEST's
  EXPECT_TRUE(remove("99").ok());
  EXPECT_EQ(publish()->version, "3");
}

TEST_F(VersionsTest, ALaterFunctionOfTheNameInheritsNothing) {
  ASSERT_TRUE(publish().ok());
  ASSERT_TRUE(alias("live", "1").ok());
  EventInvokeConfig config;
  config.max_retries = 0;
  ASSERT_TRUE(w.run(w.event_configs.put(w.scope, ref("live"), config, false)).ok());
  Statement s;
  s.sid = "s";
  s.action = "lambda:InvokeFunction";
  s.principal = "*";
  ASSERT_TRUE(w.run(w.policies.add(w.scope, ref("1"), s, std::nullopt)).ok());
  ASSERT_TRUE(remove().ok());
  EXPECT_EQ(w.blobs.count(), 0u);
  auto left = w.run(w.memory.range(store::Range::prefix(parts_of_functions(w.scope))));
  EXPECT_TRUE(left->items.empty());
  ASSERT_TRUE(w.create("f").ok());
  EXPECT_FALSE(find("1").ok());
  EXPECT_FALSE(find("live").ok());
  EXPECT_EQ(publish()->version, "1");
  EXPECT_TRUE(w.run(w.policies.find(w.scope, ref("1")))->statements.empty());
}

TEST_F(VersionsTest, WhatARemovalLeftBehindIsSweptAtTheNextStart) {
  ASSERT_TRUE(publish().ok());
  Function gone = *find();
  gone.id = "ffffffffffffffff";
  store::Txn txn;
  txn.put(version_row(w.scope, gone, 1), store::encode(gone));
  ASSERT_TRUE(w.run(w.store.commit(std::move(txn))).ok());
  ASSERT_TRUE(w.run(w.functions.recover()).ok());
  auto left = w.run(w.memory.range(store::Range::prefix(parts_of_functions(w.scope))));
  ASSERT_EQ(left->items.size(), 1u);
  EXPECT_TRUE(find("1").ok());
}

TEST_F(VersionsTest, AnAliasPointsAndChooses) {
  ASSERT_TRUE(publish().ok());
  ASSERT_TRUE(load("two", true).ok());
  auto made = alias("live", "1", {{"2", 0.25}});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(find("live")->version, "1");
  int second = 0;
  constexpr int kTries = 2000;
  for (int i = 0; i < kTries; ++i)
    second += w.run(w.functions.choose(w.scope, ref("live")))->version == "2" ? 1 : 0;
  EXPECT_NEAR(second, kTries / 4, kTries / 20);
  AliasChange change;
  change.revision_id = "wrong";
  auto update = [&] { return w.run(w.aliases.update(w.scope, "f", "live", change)); };
  EXPECT_EQ(update().fault(), Fault::precondition_failed);
  change.revision_id = made->revision_id;
  change.version = "2";
  change.weights.emplace();
  auto changed = update();
  ASSERT_TRUE(changed.ok());
  EXPECT_NE(changed->revision_id, made->revision_id);
  EXPECT_EQ(w.run(w.functions.choose(w.scope, ref("live")))->version, "2");
  InvokeRequest request = w.request("f");
  request.function.qualifier = "live";
  auto ran = w.run(w.invoker->invoke(w.scope, request));
  ASSERT_TRUE(ran.ok());
  EXPECT_EQ(ran->executed_version, "2");
  EXPECT_EQ(w.runner.calls.back().invocation.invoked_arn, kArn + ":live");
  EXPECT_EQ(w.runner.calls.back().image.version, "2");
}

TEST_F(VersionsTest, AliasesAreRefusedInAwssWords) {
  ASSERT_TRUE(publish().ok());
  ASSERT_TRUE(load("two", true).ok());
  ASSERT_TRUE(alias("live", "1").ok());
  struct Case {
    std::string name, version;
    std::map<std::string, double> weights;
    std::string text;
  };
  const std::string at = "1 validation error detected: Value ";
  const Case cases[] = {
      {"live", "1", {}, "Alias already exists: " + kArn + ":live"},
      {"2024",
       "1",
       {},
       at + "'2024' at 'name' failed to satisfy constraint: Member must satisfy regular expression "
            "pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"},
      {"a", "10", {}, "Function not found: " + kArn + ":10"},
      {"a", "1", {{"10", 0.5}}, "Function not found: " + kArn + ":10"},
      {"a",
       "1",
       {{"2", 0.1}, {"3", 0.1}},
       "Number of items in AdditionalVersionWeights cannot be greater than 1"},
      {"a",
       "1",
       {{"1", 0.1}},
       "Invalid function version 1. Function version 1 is already included in routing "
       "configuration."},
      {"a",
       "$LATEST",
       {{"1", 0.5}},
       "$LATEST is not supported for an alias pointing to more than 1 version"},
      {"a",
       "1",
       {{"2", 2.0}},
       at + "'{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: "
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
            "Member must have value greater than or equal to 0.0, Member must not be null]"},
      {"a",
       "1",
       {{"$LATEST", 0.5}},
       at +
           "'{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy "
           "constraint: Map keys must satisfy constraint: [Member must have length less than or "
           "equal to 1024, Member must have length greater than or equal to 1, Member must satisfy "
           "regular expression pattern: [0-9]+]"}};
  for (const Case& c : cases) {
    auto refused = alias(c.name, c.version, c.weights);
    ASSERT_FALSE(refused.ok()) << c.text;
    EXPECT_EQ(refused.error().message, c.text);
  }
  EXPECT_TRUE(alias("latest", "$LATEST").ok());
  EXPECT_EQ(w.run(w.aliases.find(w.scope, "f", "none")).error().message,
            "Cannot find alias arn: " + kArn + ":none");
  EXPECT_EQ(w.run(w.aliases.update(w.scope, "f", "none", {})).error().message,
            "Alias not found: " + kArn + ":none");
  EXPECT_TRUE(w.run(w.aliases.remove(w.scope, "f", "none")).ok());
  auto page = w.run(w.aliases.list(w.scope, "f", "", "", 1));
  ASSERT_EQ(page->aliases.size(), 1u);
  EXPECT_EQ(page->aliases[0].name, "latest");
  page = w.run(w.aliases.list(w.scope, "f", "", page->next_marker, 1));
  EXPECT_EQ(page->aliases.at(0).name, "live");
  EXPECT_EQ(page->next_marker, "");
  EXPECT_EQ(w.run(w.aliases.list(w.scope, "f", "1", "", 50))->aliases.size(), 1u);
}

TEST_F(VersionsTest, PoliciesBelongToTheirQualifier) {
  ASSERT_TRUE(publish().ok());
  ASSERT_TRUE(alias("live", "1").ok());
  Statement s;
  s.sid = "s";
  s.action = "lambda:InvokeFunction";
  s.principal = "s3.amazonaws.com";
  auto add = [&](std::optional<std::string> q) {
    return w.run(w.policies.add(w.scope, ref(std::move(q)), s, std::nullopt));
  };
  auto on_alias = add("live");
  ASSERT_TRUE(on_alias.ok());
  EXPECT_EQ(on_alias->revision_id, w.run(w.aliases.find(w.scope, "f", "live"))->revision_id);
  const ServiceCaller caller{"s3.amazonaws.com", "arn:aws:s3:::b", "111122223333"};
  EXPECT_TRUE(w.run(w.invoker->admit_service(w.scope, ref("live"), caller)).ok());
  EXPECT_EQ(w.run(w.invoker->admit_service(w.scope, ref(), caller)).fault(), Fault::access_denied);
  EXPECT_EQ(w.run(w.invoker->admit_service(w.scope, ref("1"), caller)).fault(),
            Fault::access_denied);
  auto on_function = add(std::nullopt);
  EXPECT_EQ(on_function->revision_id, find()->revision_id);
  auto on_version = add("1");
  EXPECT_EQ(on_version->revision_id, find("1")->revision_id);
  EXPECT_EQ(add("none").error().message, "Cannot find alias arn: " + kArn + ":none");
  EXPECT_EQ(add("42").error().message, "Function not found: " + kArn + ":42");
  EXPECT_EQ(w.run(w.policies.remove(w.scope, LambdaWorld::ref("none"), "s", std::nullopt))
                .error()
                .message,
            "No policy found for: arn:aws:lambda:us-east-1:111122223333:function:none");
}

TEST_F(VersionsTest, ReservedConcurrencyIsBothFloorAndCeiling) {
  auto reserve = [&](std::int32_t n, std::optional<std::string> q = std::nullopt) {
    return w.run(w.concurrency.reserve(w.scope, ref(std::move(q)), n));
  };
  EXPECT_EQ(reserve(901).error().message,
            "Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100].");
  EXPECT_TRUE(reserve(1, "1").error().message.starts_with(
      "This operation is permitted on Lambda functions only."));
  EXPECT_EQ(w.run(w.concurrency.reserve(w.scope, LambdaWorld::ref("none"), 1)).error().message,
            "Function not found: arn:aws:lambda:us-east-1:111122223333:function:none:$LATEST");
  const std::string revision = find()->image_revision;
  ASSERT_TRUE(reserve(1).ok());
  EXPECT_EQ(find()->image_revision, revision);
  EXPECT_EQ(w.run(w.concurrency.usage(w.scope))->reserved, 1);
  w.runner.hold();
  std::optional<Result<InvocationOutcome>> first;
  w.world.start(w.invoker->invoke(w.scope, w.request("f")), first);
  w.world.settle();
  auto second = w.run(w.invoker->invoke(w.scope, w.request("f")));
  EXPECT_EQ(second.fault(), Fault::function_throttled);
  EXPECT_EQ(second.error().message, "Rate Exceeded.");
  ASSERT_EQ(second.error().fields.size(), 1u);
  EXPECT_EQ(second.error().fields[0].second, "ReservedFunctionConcurrentInvocationLimitExceeded");
  w.runner.release_all();
  w.world.settle();
  ASSERT_TRUE(first && first->ok());
  EXPECT_TRUE(w.run(w.invoker->invoke(w.scope, w.request("f"))).ok());
  ASSERT_TRUE(reserve(0).ok());
  EXPECT_EQ(w.run(w.invoker->invoke(w.scope, w.request("f"))).fault(), Fault::function_throttled);
  ASSERT_TRUE(w.run(w.concurrency.release(w.scope, ref())).ok());
  EXPECT_TRUE(w.run(w.invoker->invoke(w.scope, w.request("f"))).ok());
}

TEST_F(VersionsTest, TagsComeAndGoAndRenewTheRevision) {
  const std::string before = find()->revision_id;
  ASSERT_TRUE(w.run(w.functions.tag(w.scope, ref(), {{"a", "1"}, {"b", "2"}}, {})).ok());
  ASSERT_TRUE(w.run(w.functions.tag(w.scope, ref(), {{"b", "3"}}, {"a", "none"})).ok());
  EXPECT_EQ(find()->tags, (std::map<std::string, std::string>{{"b", "3"}}));
  EXPECT_NE(find()->revision_id, before);
  std::map<std::string, std::string> many;
  for (int i = 0; i < 50; ++i) many["k" + std::to_string(i)] = "v";
  EXPECT_EQ(w.run(w.functions.tag(w.scope, ref(), many, {})).error().message,
            "Number of tags exceeds resource tag limit.");
}

}  // namespace
}  // namespace tidegate::lambda
