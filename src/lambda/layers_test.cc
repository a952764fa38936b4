#include "lambda/layers.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/lambda_world.h"

namespace tidegate::lambda {
namespace {

const std::string kHere = "arn:aws:lambda:us-east-1:111122223333:layer:";

class LayersTest : public testing::Test {
 public:
  LambdaWorld w;

  Result<LayerVersion> publish(const std::string& name, const std::vector<ZipEntry>& files) {
    LayerVersion v;
    v.name = name;
    v.runtimes = {"python3.11"};
    v.has_runtimes = true;
    Code code;
    code.zip = make_zip(files);
    return w.run(w.layers.publish(w.scope, v, code));
  }
  Result<std::vector<LayerUse>> resolve(std::vector<std::string> arns) {
    return w.run(w.layers.resolve(w.scope, std::move(arns)));
  }
  static std::string text(const std::string& path) {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
};

TEST_F(LayersTest, LaterLayersWin) {
  ASSERT_TRUE(publish("a", {{"x", "a", 0100644, false},
                            {"d/y", "a", 0100644, false},
                            {"link", "x", 0120777, false},
                            {"f", "a", 0100644, false}})
                  .ok());
  ASSERT_TRUE(publish("b", {{"x", "b", 0100644, false},
                            {"link", "b", 0100644, false},
                            {"f/z", "b", 0100644, false}})
                  .ok());
  auto both = resolve({kHere + "a:1", kHere + "b:1"});
  ASSERT_TRUE(both.ok());
  auto folder = w.run(w.packages.overlay(*both));
  ASSERT_TRUE(folder.ok()) << folder.error().message;
  EXPECT_EQ(text(*folder + "/x"), "b");
  EXPECT_EQ(text(*folder + "/d/y"), "a");
  EXPECT_EQ(text(*folder + "/link"), "b");
  EXPECT_EQ(text(*folder + "/f/z"), "b");
  // Another order is another folder; the same one is made once.
  auto turned = resolve({kHere + "b:1", kHere + "a:1"});
  EXPECT_NE(overlay_name(*both), overlay_name(*turned));
  EXPECT_EQ(*w.run(w.packages.overlay(*both)), *folder);
}

TEST_F(LayersTest, NumbersRiseAlsoAfterADeletion) {
  const std::vector<ZipEntry> files = {{"x", "1", 0100644, false}};
  EXPECT_EQ(publish("a", files)->number, 1);
  EXPECT_EQ(publish("a", files)->number, 2);
  ASSERT_TRUE(w.run(w.layers.remove(w.scope, "a", 1)).ok());
  ASSERT_TRUE(w.run(w.layers.remove(w.scope, "a", 2)).ok());
  ASSERT_TRUE(w.run(w.layers.remove(w.scope, "a", 2)).ok());
  EXPECT_TRUE(w.run(w.layers.versions(w.scope, "a", {}, "", 50))->versions.empty());
  EXPECT_TRUE(w.run(w.layers.list(w.scope, {}, "", 50))->versions.empty());
  EXPECT_EQ(publish("a", files)->number, 3);
  EXPECT_EQ(w.run(w.layers.find(w.scope, "a", 1)).error().message,
            "The resource you requested does not exist.");
  EXPECT_EQ(w.run(w.layers.find(w.scope, "a", 0)).error().message,
            "Layer Version Cannot be less than 1");
  publish("a", files);
  auto page = w.run(w.layers.versions(w.scope, "a", {}, "", 1));
  EXPECT_EQ(page->versions.at(0).number, 4);
  page = w.run(w.layers.versions(w.scope, "a", {}, page->next_marker, 1));
  EXPECT_EQ(page->versions.at(0).number, 3);
  LayerFilter other;
  other.runtime = "nodejs20.x";
  EXPECT_TRUE(w.run(w.layers.list(w.scope, other, "", 50))->versions.empty());
}

TEST_F(LayersTest, AFunctionKeepsALayerThatWasDeleted) {
  ASSERT_TRUE(publish("a", {{"x", "1", 0100644, false}}).ok());
  NewFunction f = LambdaWorld::wanted("f");
  f.configuration.layers = {kHere + "a:1"};
  ASSERT_TRUE(w.run(w.functions.create(w.scope, f)).ok());
  ASSERT_TRUE(w.run(w.layers.remove(w.scope, "a", 1)).ok());
  ASSERT_TRUE(w.run(w.functions.recover()).ok());
  w.world.settle();
  auto made = w.run(w.functions.find(w.scope, LambdaWorld::ref("f")));
  auto image = w.run(w.functions.image(w.scope, *made));
  ASSERT_TRUE(image.ok()) << image.error().message;
  EXPECT_EQ(text(image->layer_directory + "/x"), "1");
  ASSERT_TRUE(w.run(w.functions.remove(w.scope, LambdaWorld::ref("f"))).ok());
  ASSERT_TRUE(w.run(w.functions.recover()).ok());
  w.world.settle();
  EXPECT_EQ(w.blobs.count(), 0u);
  EXPECT_FALSE(std::filesystem::exists(image->layer_directory));
}

TEST_F(LayersTest, ReferencesAreRefusedInAwssWords) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    ASSERT_TRUE(publish(name, {{"x", name, 0100644, false}}).ok());
  ASSERT_TRUE(publish("a", {{"x", "2", 0100644, false}}).ok());
  struct Case {
    std::vector<std::string> arns;
    std::string text;
  };
  std::vector<std::string> six;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) six.push_back(kHere + name + ":1");
  const std::string far = "arn:aws:lambda:eu-west-1:111122223333:layer:a:1";
  const Case cases[] = {
      {six, "Cannot reference more than 5 layers."},
      {{kHere + "a:9"}, "Layer version " + kHere + "a:9 does not exist."},
      {{kHere + "a:1", kHere + "a:2"},
       "Two different versions of the same layer are not allowed to be referenced in the same "
       "function. " +
           kHere + "a:1 and " + kHere + "a:2 are versions of the same layer."},
      {{far},
       "Layers are not in the same region as the function. Layers are expected to be in region "
       "us-east-1."},
      {{kHere + "a"},
       "1 validation error detected: Value '[" + kHere +
           "a]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member "
           "must have length less than or equal to 2048, Member must have length greater than or "
           "equal to 1, Member must satisfy regular expression pattern: " +
           kLayerVersionArnPattern + ", Member must not be null]"}};
  for (const Case& c : cases) EXPECT_EQ(resolve(c.arns).error().message, c.text);
}

TEST_F(LayersTest, AnotherAccountNeedsLeave) {
  ASSERT_TRUE(publish("a", {{"x", "1", 0100644, false}}).ok());
  const Scope other{"999999999999", "us-east-1"};
  auto use = [&] {
    return w.run(w.layers.resolve(other, std::vector<std::string>{kHere + "a:1"}));
  };
  EXPECT_EQ(use().fault(), Fault::access_denied);
  auto allowed = w.run(w.layers.permit(
      w.scope, "a", 1, {"s", "lambda:GetLayerVersion", "999999999999", std::nullopt}, {}));
  ASSERT_TRUE(allowed.ok());
  EXPECT_TRUE(use().ok());
  EXPECT_EQ(layer_policy_json(w.scope, *allowed),
            R"({"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s","Effect":"Allow",)"
            R"("Principal":{"AWS":"arn:aws:iam::999999999999:root"},)"
            R"("Action":"lambda:GetLayerVersion","Resource":")" +
                kHere + R"(a:1"}]})");
  EXPECT_EQ(w.run(w.layers.forbid(w.scope, "a", 1, "s", "stale")).error().message,
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetLayerPolicy API to retrieve the latest Revision Id");
  ASSERT_TRUE(w.run(w.layers.forbid(w.scope, "a", 1, "s", {})).ok());
  EXPECT_FALSE(use().ok());
  EXPECT_EQ(w.run(w.layers.forbid(w.scope, "b", 1, "s", {})).error().message,
            "Layer version " + kHere + "b:1 does not exist.");
}

}  // namespace
}  // namespace tidegate::lambda
