#include "appconfig/flags/evaluator.h"

#include <gtest/gtest.h>

#include "appconfig/flags/document.h"

namespace tidegate::appconfig::flags {
namespace {

std::shared_ptr<const FlagSet> flag_set() {
  const auto stored =
      accept(R"j({"version":"1","flags":{"ui":{"attributes":{"dark":{}}},)j"
             R"j("plain":{"attributes":{"c":{}}},)j"
             R"j("off":{"attributes":{"c":{}}},"none":{}},"values":{"ui":{"_variants":[)j"
             R"j({"name":"qa","rule":"(ends_with $email \"@qa\")","enabled":true,)j"
             R"j("attributeValues":{"dark":true}},)j"
             R"j({"name":"half","rule":"(split pct::50 by::$id)","enabled":true},)j"
             R"j({"name":"default","enabled":false,"attributeValues":{"dark":true}}]},)j"
             R"j("plain":{"enabled":true,"c":"red"},"off":{"enabled":false,"c":"red"}}})j",
             std::nullopt, instant_from_ms(0));
  EXPECT_TRUE(stored.ok()) << stored.error().message;
  return *FlagSet::read(*stored);
}

TEST(FlagSet, AnswersWhatTheContextIsDue) {
  const auto flags = flag_set();
  EXPECT_EQ(flags->one("ui", {{"email", "a@qa"}}, "p"),
            R"({"_variant":"qa","enabled":true,"dark":true})");
  EXPECT_EQ(flags->one("ui", {{"email", "a@b"}}, "p"), R"({"_variant":"default","enabled":false})");
  EXPECT_EQ(flags->one("plain", {}, "p"), R"({"enabled":true,"c":"red"})");
  EXPECT_EQ(flags->one("none", {}, "p"), std::nullopt);
  EXPECT_EQ(flags->many({"off", "none", "plain"}, {}, "p"),
            R"({"off":{"enabled":false},"plain":{"enabled":true,"c":"red"}})");
  EXPECT_EQ(flags->many({}, {}, "p"),
            R"({"off":{"enabled":false},"plain":{"enabled":true,"c":"red"},)"
            R"("ui":{"_variant":"default","enabled":false}})");
}

TEST(FlagSet, SaltsSplitsByProfileAndFlag) {
  const auto flags = flag_set();
  for (int i = 0; i < 50; ++i) {
    const std::string id = std::to_string(i);
    EXPECT_EQ(flags->one("ui", {{"id", id}}, "abc1234"),
              bucket("abc1234/ui", id) < 5'000 ? R"({"_variant":"half","enabled":true})"
                                               : R"({"_variant":"default","enabled":false})");
  }
}

TEST(FlagSet, RefusesWhatIsNoDocument) {
  for (const char* text :
       {"", "[]", R"({"values":{"a":1}})", R"({"values":{"a":{"_variants":[]}}})",
        R"({"values":{"a":{"_variants":[{"enabled":true}]}}})"})
    EXPECT_EQ(FlagSet::read(text).fault(), Fault::internal) << text;
}

}  // namespace
}  // namespace tidegate::appconfig::flags
