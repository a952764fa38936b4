#include "lambda/functions.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/bytes.h"
#include "base/digest.h"
#include "support/lambda_world.h"

namespace tidegate::lambda {
namespace {

using Commit = store::FaultyStore::Commit;

constexpr char kArn[] = "arn:aws:lambda:us-east-1:111122223333:function:f";
const std::string kMissing = std::string("Function not found: ") + kArn;
constexpr char kStale[] =
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias "
    "API to retrieve the latest Revision Id";

class FunctionsTest : public testing::Test {
 public:
  LambdaWorld w;

  Result<Function> create(NewFunction f) {
    return w.run(w.functions.create(w.scope, std::move(f)));
  }
  Result<Function> find(std::optional<std::string> qualifier = std::nullopt) {
    return w.run(w.functions.find(w.scope, LambdaWorld::ref("f", std::move(qualifier))));
  }
  Result<Function> configure(Configuration c, std::optional<std::string> revision = std::nullopt) {
    return w.run(w.functions.update_configuration(w.scope, LambdaWorld::ref("f"), std::move(c),
                                                  std::move(revision)));
  }
  Result<Function> load(Code code, std::optional<std::string> revision = std::nullopt,
                        bool dry = false) {
    CodeUpdate update;
    update.code = std::move(code);
    update.revision_id = std::move(revision);
    update.dry_run = dry;
    return w.run(w.functions.update_code(w.scope, LambdaWorld::ref("f"), std::move(update)));
  }
  Status remove(std::optional<std::string> qualifier = std::nullopt) {
    return w.run(w.functions.remove(w.scope, LambdaWorld::ref("f", std::move(qualifier))));
  }
  Result<EventInvokeConfig> put_config(EventInvokeConfig config, bool merge,
                                       std::optional<std::string> qualifier = std::nullopt) {
    return w.run(
        w.event_configs.put(w.scope, LambdaWorld::ref("f", std::move(qualifier)), config, merge));
  }
  // What a change of the configuration is refused with, "" when it is not.
  std::string refusal(const std::function<void(Configuration&)>& change) {
    Configuration c = LambdaWorld::wanted("f").configuration;
    change(c);
    Function f;
    Status applied = apply_configuration(c, f);
    return applied.ok() ? "" : applied.error().message;
  }
  static Code zip(const std::string& text) {
    Code code;
    code.zip = LambdaWorld::zip(text);
    return code;
  }
  static Code in_s3() {
    Code code;
    code.bucket = "bucket";
    code.key = "code.zip";
    code.object_version = "v1";
    return code;
  }
};

TEST_F(FunctionsTest, ACreatedFunctionIsFoundWithItsDefaults) {
  NewFunction wanted = LambdaWorld::wanted("f");
  wanted.tags = {{"team", "blue"}};
  auto made = create(wanted);
  ASSERT_TRUE(made.ok()) << made.error().message;
  auto f = find();
  ASSERT_TRUE(f.ok());
  EXPECT_EQ(f->revision_id, made->revision_id);
  EXPECT_EQ(f->revision_id.size(), 36u);
  EXPECT_EQ(f->timeout_s, 3);
  EXPECT_EQ(f->memory_mb, 128);
  EXPECT_EQ(f->ephemeral_mb, 512);
  EXPECT_FALSE(f->has_environment);
  EXPECT_EQ(f->tracing_mode, "PassThrough");
  EXPECT_EQ(f->tags, wanted.tags);
  EXPECT_EQ(f->modified, w.world.clock.now());
  EXPECT_EQ(f->code_sha256, to_hex(sha256(*wanted.code.zip)));
  EXPECT_EQ(f->code_size, wanted.code.zip->size());
  EXPECT_TRUE(find("$LATEST").ok());
  EXPECT_EQ(find("1").error().message, kMissing + ":1");
  auto image = w.run(w.functions.image(w.scope, *f));
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(image->function_arn, kArn);
  EXPECT_EQ(image->version, "$LATEST");
  EXPECT_EQ(image->revision, f->image_revision);
  EXPECT_TRUE(std::filesystem::exists(image->code_directory + "/index.py"));
}

TEST_F(FunctionsTest, CreateRefusesWhatItCannotMake) {
  ASSERT_TRUE(w.create("f").ok());
  auto twice = create(LambdaWorld::wanted("f"));
  EXPECT_EQ(twice.fault(), Fault::conflict);
  EXPECT_EQ(twice.error().message, "Function already exist: f");
  EXPECT_EQ(w.blobs.count(), 1u);
  NewFunction f = LambdaWorld::wanted("g");
  f.code = Code{};
  EXPECT_EQ(create(f).error().message,
            "Please provide a source for function code: ZipFile, or S3Bucket and S3Key.");
  f = LambdaWorld::wanted("g");
  f.code.bucket = "b";
  EXPECT_EQ(create(f).error().message,
            "Please do not provide other FunctionCode parameters when providing a ZipFile.");
  f = LambdaWorld::wanted("g");
  f.configuration.runtime.reset();
  EXPECT_EQ(create(f).fault(), Fault::invalid_parameter_value);
  EXPECT_EQ(create(LambdaWorld::wanted("g:1")).fault(), Fault::invalid_request);
  EXPECT_EQ(create(LambdaWorld::wanted("g h")).fault(), Fault::invalid_request);
  f = LambdaWorld::wanted("g");
  for (int i = 0; i < 51; ++i) f.tags[std::to_string(i)] = "x";
  EXPECT_EQ(create(f).error().message, "Number of tags exceeds resource tag limit.");
  f.tags = {{"k", std::string(2000, 'v')}};
  EXPECT_EQ(create(f).fault(), Fault::invalid_request);
}

TEST_F(FunctionsTest, APackageIsErasedOnlyWhenItIsCertainlyNotUsed) {
  w.store.next_commits({Commit::read_only});
  EXPECT_EQ(create(LambdaWorld::wanted("f")).fault(), Fault::read_only);
  w.world.settle();
  EXPECT_EQ(w.blobs.count(), 0u);
  w.store.next_commits({Commit::unanswered});
  ASSERT_TRUE(create(LambdaWorld::wanted("f")).ok());
  w.store.next_commits({Commit::lost});
  EXPECT_FALSE(load(zip("new")).ok());
  w.world.settle();
  EXPECT_EQ(w.blobs.count(), 2u);  // an orphan rather than a function without code
  EXPECT_TRUE(w.run(w.functions.image(w.scope, *find())).ok());
}

TEST_F(FunctionsTest, ListsInPagesByName) {
  for (const char* name : {"c", "a", "e", "b", "d"}) ASSERT_TRUE(w.create(name).ok());
  const Scope other{"999999999999", "us-east-1"};
  ASSERT_TRUE(w.run(w.functions.create(other, LambdaWorld::wanted("x"))).ok());
  std::string names, marker;
  int pages = 0;
  do {
    auto page = w.run(w.functions.list(w.scope, marker, 2));
    ASSERT_TRUE(page.ok());
    for (const Function& f : page->functions) names += f.name;
    marker = page->next_marker;
    ++pages;
  } while (!marker.empty());
  EXPECT_EQ(names, "abcde");
  EXPECT_EQ(pages, 3);
  EXPECT_TRUE(w.run(w.functions.list(w.scope, to_base64url("e "), 2))->functions.empty());
  for (const std::string& bad : {std::string("!"), to_base64url("e"), to_base64url("a/b "),
                                 to_base64url(" "), to_base64url("e x")})
    EXPECT_EQ(w.run(w.functions.list(w.scope, bad, 2)).error().message,
              "The value of Marker is not valid.");
}

TEST_F(FunctionsTest, AChangedConfigurationIsANewRevision) {
  auto made = w.create("f");
  w.world.advance(std::chrono::seconds(5));
  Configuration c;
  c.timeout_s = 20;
  c.variables = std::map<std::string, std::string>{};
  auto changed = configure(c, made->revision_id);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->timeout_s, 20);
  EXPECT_TRUE(changed->has_environment);  // {"Variables":{}} is shown
  EXPECT_EQ(changed->handler, "index.handler");
  EXPECT_NE(changed->revision_id, made->revision_id);
  EXPECT_GT(changed->modified, made->modified);
  EXPECT_EQ(find()->revision_id, changed->revision_id);
  ASSERT_EQ(w.runner.retired.size(), 1u);
  EXPECT_EQ(w.runner.retired[0].version, "$LATEST");
  EXPECT_EQ(w.runner.retired[0].keep_revision, changed->image_revision);
  auto stale = configure(c, made->revision_id);
  EXPECT_EQ(stale.fault(), Fault::precondition_failed);
  EXPECT_EQ(stale.error().message, kStale);
  c.timeout_s = 901;
  EXPECT_EQ(configure(c).fault(), Fault::invalid_request);
  EXPECT_EQ(find()->revision_id, changed->revision_id);
}

TEST_F(FunctionsTest, NewCodeReplacesTheOld) {
  auto made = w.create("f");
  auto changed = load(zip("new"), made->revision_id);
  ASSERT_TRUE(changed.ok());
  EXPECT_NE(changed->code_sha256, made->code_sha256);
  w.world.settle();
  EXPECT_EQ(w.blobs.count(), 1u);
  EXPECT_EQ(load(zip("x"), made->revision_id).error().message, kStale);
  // A dry run answers what would be, and changes nothing.
  auto dry = load(zip("dry"), std::nullopt, true);
  ASSERT_TRUE(dry.ok());
  EXPECT_EQ(dry->code_sha256, to_hex(sha256(LambdaWorld::zip("dry"))));
  EXPECT_EQ(find()->code_sha256, changed->code_sha256);
  Code broken;
  broken.zip = "no zip";
  EXPECT_EQ(load(broken).fault(), Fault::invalid_parameter_value);
  w.world.settle();
  EXPECT_EQ(w.blobs.count(), 1u);
  CodeUpdate of_none;
  of_none.code = zip("x");
  EXPECT_EQ(w.run(w.functions.update_code(w.scope, LambdaWorld::ref("g"), of_none)).error().message,
            "Function not found: arn:aws:lambda:us-east-1:111122223333:function:g");
}

TEST_F(FunctionsTest, CodeFromS3) {
  NewFunction f = LambdaWorld::wanted("f");
  f.code = in_s3();
  w.code.answer = LambdaWorld::zip("from s3");
  auto made = create(f);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(w.code.asked, "bucket/code.zip@v1");
  EXPECT_EQ(w.code.limit, kMaxUnzippedBytes);
  EXPECT_EQ(made->code_sha256, to_hex(sha256(LambdaWorld::zip("from s3"))));
  w.code.answer = Error{Fault::invalid_parameter_value, "Error occurred while GetObject. …"};
  EXPECT_EQ(load(in_s3()).error().message, "Error occurred while GetObject. …");
}

TEST_F(FunctionsTest, APackageFromS3MayBeLargerThanOneInARequest) {
  std::string noise(kMaxZipBytes, '\0');
  w.world.random.fill(noise.data(), noise.size());
  const std::string large = make_zip({{"noise", noise, 0100644, false}});
  NewFunction f = LambdaWorld::wanted("f");
  f.code.zip = large;
  EXPECT_EQ(create(f).fault(), Fault::zip_too_large);
  f.code = in_s3();
  w.code.answer = large;
  EXPECT_TRUE(create(f).ok());
  EXPECT_TRUE(load(in_s3()).ok());
}

TEST_F(FunctionsTest, RemoveTakesEverythingOfTheFunction) {
  ASSERT_TRUE(w.create("f").ok());
  EventInvokeConfig config;
  config.max_retries = 0;
  ASSERT_TRUE(put_config(config, false).ok());
  auto latest = remove("$LATEST");
  EXPECT_EQ(latest.fault(), Fault::invalid_parameter_value);
  EXPECT_EQ(latest.error().message,
            "$LATEST version cannot be deleted without deleting the function.");
  EXPECT_TRUE(remove("1").ok());  // gone is gone, as on AWS
  EXPECT_EQ(remove("live").error().message, "Deletion of aliases is not currently supported.");
  ASSERT_TRUE(remove().ok());
  EXPECT_EQ(remove().error().message, kMissing);
  EXPECT_EQ(find().error().message, kMissing);
  w.world.settle();
  EXPECT_EQ(w.blobs.count(), 0u);
  EXPECT_EQ(w.runner.retired.back().keep_revision, "");
  ASSERT_TRUE(w.create("f").ok());
  EXPECT_FALSE(w.run(w.event_configs.find(w.scope, LambdaWorld::ref("f"))).ok());
}

TEST_F(FunctionsTest, RecoverRemovesFoldersThatNoFunctionHas) {
  auto f = w.create("f");
  const Scope other{"999999999999", "eu-west-1"};
  NewFunction wanted = LambdaWorld::wanted("g");
  wanted.code = zip("other");
  auto g = w.run(w.functions.create(other, wanted));
  const std::string old = f->code_sha256;
  f = load(zip("new"));
  ASSERT_TRUE(w.run(w.functions.recover()).ok());
  EXPECT_TRUE(std::filesystem::exists(w.folder / f->code_sha256));
  EXPECT_TRUE(std::filesystem::exists(w.folder / g->code_sha256));
  EXPECT_FALSE(std::filesystem::exists(w.folder / old));
}

TEST_F(FunctionsTest, RangesNameTheValueTheMemberAndTheBound) {
  auto text = [](const char* value, const char* member, const char* rule) {
    return fmt::format(
        "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must "
        "have value {}",
        value, member, rule);
  };
  EXPECT_EQ(refusal([](auto& c) { c.timeout_s = 0; }),
            text("0", "timeout", "greater than or equal to 1"));
  EXPECT_EQ(refusal([](auto& c) { c.timeout_s = 901; }),
            text("901", "timeout", "less than or equal to 900"));
  EXPECT_EQ(refusal([](auto& c) { c.memory_mb = 127; }),
            text("127", "memorySize", "greater than or equal to 128"));
  EXPECT_EQ(refusal([](auto& c) { c.memory_mb = 10241; }),
            text("10241", "memorySize", "less than or equal to 10240"));
  EXPECT_EQ(refusal([](auto& c) { c.ephemeral_mb = 511; }),
            text("511", "ephemeralStorage.size", "greater than or equal to 512"));
  EXPECT_EQ(refusal([](auto& c) {
              c.timeout_s = 900;
              c.memory_mb = 10240;
              c.ephemeral_mb = 10240;
            }),
            "");
}

TEST_F(FunctionsTest, TextsHavePatterns) {
  for (const char* bad : {"", "a b", "a\tb", "a\vb"})
    EXPECT_NE(refusal([&](auto& c) { c.handler = bad; }), "") << bad;
  EXPECT_NE(refusal([](auto& c) { c.handler = std::string(129, 'h'); }), "");
  for (const char* bad : {"r", "arn:aws:iam::1:role/r", "arn:aws:iam::111122223333:user/r",
                          "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:role/a b",
                          "arn:aws:iam::111122223333:role/a\nb"})
    EXPECT_NE(refusal([&](auto& c) { c.role = bad; }), "") << bad;
  EXPECT_EQ(refusal([](auto& c) { c.role = "arn:aws:iam::111122223333:role/service-role/a.b@c"; }),
            "");
  EXPECT_NE(refusal([](auto& c) { c.tracing_mode = "On"; }), "");
  // A description has characters, not bytes.
  std::string text;
  for (int i = 0; i < 256; ++i) text += "é";
  EXPECT_EQ(refusal([&](auto& c) { c.description = text; }), "");
  EXPECT_NE(refusal([&](auto& c) { c.description = text + "e"; }), "");
}

TEST_F(FunctionsTest, RuntimesAreAnEnum) {
  for (const std::string& runtime : runtimes())
    EXPECT_EQ(refusal([&](auto& c) { c.runtime = runtime; }), "");
  const std::string unknown = refusal([](auto& c) { c.runtime = "cobol85"; });
  EXPECT_TRUE(unknown.starts_with(
      "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value "
      "set: [nodejs20.x, python3.14, provided.al2023, "))
      << unknown;
  EXPECT_TRUE(unknown.ends_with("java8.al2] or be a valid ARN")) << unknown;
  EXPECT_EQ(refusal([](auto& c) {
              c.runtime = "java21";
            }).find("Runtime java21 is not implemented by this server."),
            0u);
}

TEST_F(FunctionsTest, VariablesHaveNamesAndABound) {
  const std::string front =
      "Lambda was unable to configure your environment variables because the environment variables "
      "you have provided ";
  auto with = [&](std::map<std::string, std::string> v) {
    return refusal([&](auto& c) { c.variables = v; });
  };
  EXPECT_EQ(with({{"GOOD_1", "any = value"}}), "");
  for (const char* bad : {"a", "1AB", "_AB", "A-B", ""}) EXPECT_NE(with({{bad, "x"}}), "") << bad;
  EXPECT_NE(with({{"NUL", std::string("a\0b", 3)}}), "");
  EXPECT_EQ(with({{"AWS_REGION", "x"}, {"GOOD", "x"}, {"_HANDLER", "x"}}),
            front +
                "contains reserved keys that are currently not supported for modification. "
                "Reserved keys used in this request: AWS_REGION, _HANDLER");
  EXPECT_EQ(with({{"PATH", "/bin"}, {"TZ", "UTC"}, {"PYTHONPATH", "/opt"}}), "");
  // {"KEY":"…"} is ten bytes longer than the value.
  EXPECT_EQ(with({{"KEY", std::string(4096 - 10, 'x')}}), "");
  const std::string large(4096 - 9, 'x');
  EXPECT_EQ(with({{"KEY", large}}),
            front + "exceeded the 4KB limit. String measured: {\"KEY\":\"" + large + "\"}");
}

TEST_F(FunctionsTest, EventInvokeConfigIsPutMergedAndRemoved) {
  auto none = w.run(w.event_configs.find(w.scope, LambdaWorld::ref("f")));
  const std::string missing =
      std::string("The function ") + kArn + ":$LATEST doesn't have an EventInvokeConfig";
  EXPECT_EQ(none.error().message, missing);
  EventInvokeConfig config;
  config.max_retries = 1;
  EXPECT_EQ(put_config(config, false).error().message, "The function doesn't exist.");
  ASSERT_TRUE(w.create("f").ok());
  EXPECT_EQ(put_config(config, true).error().message, missing);
  ASSERT_TRUE(put_config(config, false).ok());
  EventInvokeConfig age;
  age.max_age_s = 60;
  auto merged = put_config(age, true);
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(merged->max_retries, 1);
  EXPECT_EQ(merged->max_age_s, 60);
  auto replaced = put_config(age, false, "$LATEST");
  EXPECT_EQ(replaced->max_retries, std::nullopt);
  EXPECT_EQ(put_config(age, false, "1").error().message, "The function doesn't exist.");
  auto version = w.run(w.event_configs.find(w.scope, LambdaWorld::ref("f", "1")));
  EXPECT_EQ(version.error().message,
            std::string("The function ") + kArn + ":1 doesn't have an EventInvokeConfig");
  EXPECT_FALSE(w.run(w.event_configs.remove(w.scope, LambdaWorld::ref("f", "1"))).ok());
  EXPECT_TRUE(w.run(w.event_configs.remove(w.scope, LambdaWorld::ref("f"))).ok());
  EXPECT_EQ(w.run(w.event_configs.remove(w.scope, LambdaWorld::ref("f"))).error().message, missing);
}

}  // namespace
}  // namespace tidegate::lambda
