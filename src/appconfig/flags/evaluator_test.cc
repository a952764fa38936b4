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

TEST(FlagSet, IsWrittenAsIonWhereThereAreVariants) {
  const auto stored = accept(
      R"j({"version":"1","flags":{"ui":{"attributes":{"t":{}}},"plain":{"attributes":{"c":{}}}},)j"
      R"j("values":{"ui":{"_variants":[{"name":"it's","rule":"(and (eq $a \"\\u00e9\\\"\\n\") )j"
      R"j((in $10 [1 2.5]) (gt $t 2026-01))","enabled":true,"attributeValues":{"t":"'\\\"\n"}},)j"
      R"j({"name":"default","enabled":false}]},"plain":{"enabled":true,"c":"red"}}})j",
      std::nullopt, instant_from_ms(0));
  ASSERT_TRUE(stored.ok()) << stored.error().details[0].reason;
  EXPECT_EQ(*(*FlagSet::read(*stored))->ion(),
            R"('plain'::'''{"enabled":true,"c":"red"}''')"
            "\n"
            R"('ui'::['it\'s'::[(and (eq $a "é\"\n") (in '$10' [1, 2.5]) )"
            R"((gt $t 2026-01-01T00:00:00.000Z)), )"
            R"('''{"_variant":"it\'s","enabled":true,"t":"\'\\\\\\"\\n"}'''], )"
            R"('''{"_variant":"default","enabled":false}'''])"
            "\n");
  const auto basic = accept(R"j({"version":"1","flags":{"a":{}},"values":{"a":{"enabled":true}}})j",
                            std::nullopt, instant_from_ms(0));
  EXPECT_FALSE((*FlagSet::read(*basic))->ion());
}

}  // namespace
}  // namespace tidegate::appconfig::flags
