#include "appconfig/flags/document.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "appconfig/flags/retrieval.h"

namespace tidegate::appconfig::flags {
namespace {

const Instant kNow = instant_from_ms(1'767'323'045'678);
const std::string kNowText = iso8601(kNow);

std::string document(const std::string& flags, const std::string& values) {
  return fmt::format(R"({{"version":"1","flags":{},"values":{}}})", flags, values);
}

// "constraint location" of each violation.
std::vector<std::string> wrong_with(const std::string& text) {
  const auto accepted = accept(text, std::nullopt, kNow);
  if (accepted.ok()) return {};
  EXPECT_EQ(accepted.fault(), Fault::invalid_argument);
  std::vector<std::string> out;
  for (const ErrorDetail& d : accepted.error().details) {
    EXPECT_FALSE(d.reason.empty());
    EXPECT_EQ(d.type, "FEATURE_FLAGS");
    out.push_back(d.constraint + " " + d.location);
  }
  EXPECT_FALSE(out.empty());
  return out;
}
using Found = std::vector<std::string>;

std::string repeated(std::size_t n, const std::string& item) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += item;
  return out;
}
std::string numbered(std::size_t n, const std::string& value) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += fmt::format("{}\"k{}\":{}", i ? "," : "", i, value);
  return "{" + out + "}";
}

TEST(FlagDocument, TopLevel) {
  EXPECT_EQ(wrong_with("{"), Found{"parse #"});
  EXPECT_EQ(wrong_with("[]"), Found{"type #"});
  EXPECT_EQ(wrong_with("{}"), Found{"required #"});
  EXPECT_EQ(wrong_with(R"({"version":"1"})"), Found{});
  EXPECT_EQ(wrong_with(R"({"version":1})"), Found{"enum #/version"});
  EXPECT_EQ(wrong_with(R"({"version":"2"})"), Found{"enum #/version"});
  EXPECT_EQ(wrong_with(R"({"version":"1","more":1})"), Found{"additionalProperties #"});
  EXPECT_EQ(wrong_with(R"({"version":"1","flags":[],"values":1})"),
            (Found{"type #/flags", "type #/values"}));
}

TEST(FlagDocument, Definitions) {
  const std::string k64 = "a" + repeated(63, "b"), k65 = k64 + "b";
  const std::pair<std::string, Found> kTable[] = {
      {R"({"ui":{}})", {}},
      {R"({"ui":1})", {"type #/flags/ui"}},
      {fmt::format(R"({{"{}":{{}}}})", k64), {}},
      {fmt::format(R"({{"{}":{{}}}})", k65), {"patternProperties #/flags/" + k65}},
      {R"({"Ui":{}})", {"patternProperties #/flags/Ui"}},
      {R"({"u i":{}})", {"patternProperties #/flags/u i"}},
      {R"({"u/~i":{}})", {"patternProperties #/flags/u~1~0i"}},
      {R"({"ui":{"name":"N","description":"","_createdAt":"x","_updatedAt":"y"}})", {}},
      {R"({"ui":{"name":""}})", {"minLength #/flags/ui/name"}},
      {R"({"ui":{"name":"a\nb"}})", {"pattern #/flags/ui/name"}},
      {R"({"ui":{"name":")" + repeated(64, "é") + "\"}}", {}},
      {R"({"ui":{"name":")" + repeated(65, "é") + "\"}}", {"maxLength #/flags/ui/name"}},
      {R"({"ui":{"description":")" + repeated(1'025, "d") + "\"}}",
       {"maxLength #/flags/ui/description"}},
      {R"({"ui":{"enabled":true}})", {"additionalProperties #/flags/ui"}},
      {R"({"ui":{"_deprecation":{"status":"planned","date":"2026-01-01"}}})", {}},
      {R"({"ui":{"_deprecation":{"status":"done"}}})", {"enum #/flags/ui/_deprecation/status"}},
      {R"({"ui":{"_deprecation":{"date":1,"x":1}}})",
       {"type #/flags/ui/_deprecation/date", "additionalProperties #/flags/ui/_deprecation",
        "required #/flags/ui/_deprecation"}},
      {R"({"ui":{"attributes":)" + numbered(25, "{}") + "}}", {}},
      {R"({"ui":{"attributes":)" + numbered(26, "{}") + "}}",
       {"maxProperties #/flags/ui/attributes"}},
      {R"({"ui":{"attributes":{"enabled":{}}}})",
       {"patternProperties #/flags/ui/attributes/enabled"}},
      {R"({"ui":{"attributes":{"a":{"default":1}}}})",
       {"additionalProperties #/flags/ui/attributes/a"}},
  };
  for (const auto& [flags, expected] : kTable)
    EXPECT_EQ(wrong_with(document(flags, "{}")), expected) << flags;
}

TEST(FlagDocument, Constraints) {
  const std::string where = "#/flags/f/attributes/a/constraints";
  const std::pair<std::string, Found> kTable[] = {
      {R"({"type":"string","required":true,"pattern":"^a+$"})", {}},
      {R"({"type":"string","enum":["a","b"]})", {}},
      {R"({"type":"string","enum":["a"],"pattern":"a"})", {"oneOf " + where}},
      {R"({"type":"string","pattern":"("})", {"pattern " + where + "/pattern"}},
      {R"({"type":"string","pattern":")" + repeated(1'025, "a") + "\"}",
       {"maxLength " + where + "/pattern"}},
      {R"({"type":"string","enum":[)" + repeated(99, "\"a\",") + "\"b\"]}", {}},
      {R"({"type":"string","enum":[)" + repeated(100, "\"a\",") + "\"b\"]}",
       {"maxItems " + where + "/enum"}},
      {R"({"type":"string","enum":[1]})", {"type " + where + "/enum/0"}},
      {R"({"type":"string","minimum":1})", {"additionalProperties " + where}},
      {R"({"type":"number","minimum":-1,"maximum":10,"required":false})", {}},
      {R"({"type":"number","minimum":1.5})", {"type " + where + "/minimum"}},
      {R"({"type":"number","minimum":2,"maximum":1})", {"minimum " + where}},
      {R"({"type":"boolean","required":1})", {"type " + where + "/required"}},
      {R"({"type":"array","elements":{"type":"number","minimum":1}})", {}},
      {R"({"type":"array","elements":{"type":"array"}})", {"enum " + where + "/elements/type"}},
      {R"({"type":"object"})", {"enum " + where + "/type"}},
      {R"({"required":true})", {"required " + where}},
      {"1", {"type " + where}},
  };
  for (const auto& [constraints, expected] : kTable) {
    const std::string flags = R"({"f":{"attributes":{"a":{"constraints":)" + constraints + "}}}}";
    EXPECT_EQ(wrong_with(document(flags, "{}")), expected) << constraints;
  }
}

TEST(FlagDocument, ValuesSatisfyConstraints) {
  struct Row {
    std::string constraints, value;
    Found expected;
  };
  const std::string at = "#/values/f/a";
  const Row kTable[] = {
      {R"({"type":"string","pattern":"^a+$"})", R"("aa")", {}},
      {R"({"type":"string","pattern":"^a+$"})", R"("ab")", {"pattern " + at}},
      {R"({"type":"string","enum":["x","y"]})", R"("y")", {}},
      {R"({"type":"string","enum":["x","y"]})", R"("z")", {"enum " + at}},
      {R"({"type":"string"})", "1", {"type " + at}},
      {R"({"type":"string"})", "\"" + repeated(1'025, "a") + "\"", {"maxLength " + at}},
      {R"({"type":"number","minimum":1,"maximum":3})", "2.5", {}},
      {R"({"type":"number","minimum":1,"maximum":3})", "0.99", {"minimum " + at}},
      {R"({"type":"number","maximum":9007199254740992})", "9007199254740993", {"maximum " + at}},
      {R"({"type":"number"})", "\"2\"", {"type " + at}},
      {R"({"type":"boolean"})", "false", {}},
      {R"({"type":"boolean"})", "0", {"type " + at}},
      {R"({"type":"array","elements":{"type":"number","maximum":3}})", "[1,2]", {}},
      {R"({"type":"array","elements":{"type":"number","maximum":3}})",
       "[1,4]",
       {"maximum " + at + "/1"}},
      {R"({"type":"array","elements":{"type":"string","enum":["a"]}})",
       "[1]",
       {"type " + at + "/0"}},
      {R"({"type":"array"})", "[]", {}},
      {R"({"type":"array"})", "[1,\"a\"]", {"type " + at + "/1"}},
      {R"({"type":"array"})", "[true]", {"type " + at + "/0"}},
      {"null", "1", {"type #/flags/f/attributes/a/constraints"}},
  };
  for (const Row& row : kTable) {
    const std::string flags =
        R"({"f":{"attributes":{"a":{"constraints":)" + row.constraints + "}}}}";
    const std::string values = R"({"f":{"enabled":true,"a":)" + row.value + "}}";
    EXPECT_EQ(wrong_with(document(flags, values)), row.expected) << row.constraints << row.value;
  }
}

TEST(FlagDocument, ValuesBelongToDefinitions) {
  const std::string flags =
      R"({"f":{"attributes":{"a":{},"r":{"constraints":{"type":"string","required":true}}}},)"
      R"("g":{}})";
  const std::pair<std::string, Found> kTable[] = {
      {R"({"f":{"enabled":true,"a":1,"r":"x"},"g":{"enabled":false}})", {}},
      {R"({"h":{"enabled":true}})", {"flags #/values/h"}},
      {R"({"g":{}})", {"required #/values/g"}},
      {R"({"g":{"enabled":"true"}})", {"type #/values/g/enabled"}},
      {R"({"g":{"enabled":true,"a":1}})", {"attributes #/values/g/a"}},
      {R"({"f":{"enabled":false}})", {"required #/values/f"}},
      {R"({"f":{"enabled":true,"r":"x","a":null}})", {"type #/values/f/a"}},
      {R"({"f":{"enabled":true,"r":"x","a":{}}})", {"type #/values/f/a"}},
      {R"({"g":{"enabled":true,"_createdAt":1}})", {"type #/values/g/_createdAt"}},
      {R"({"g":[]})", {"type #/values/g"}},
  };
  for (const auto& [values, expected] : kTable)
    EXPECT_EQ(wrong_with(document(flags, values)), expected) << values;
  EXPECT_EQ(wrong_with(R"({"version":"1","values":{"f":{"enabled":true}}})"),
            Found{"flags #/values/f"});
}

TEST(FlagDocument, Variants) {
  const std::string flags =
      R"({"f":{"attributes":{"a":{},"r":{"constraints":{"type":"number","required":true}}}}})";
  const std::string at = "#/values/f/_variants";
  const std::string last = R"({"name":"d","enabled":false,"attributeValues":{"r":1}})";
  const std::string first =
      R"j({"name":"q","enabled":true,"rule":"(eq $a 1)","attributeValues":{"r":2}})j";
  const std::pair<std::string, Found> kTable[] = {
      {"[" + last + "]", {}},
      {"[" + first + "," + last + "]", {}},
      {"[" + repeated(31, first + ",") + last + "]", {}},
      {"[" + repeated(32, first + ",") + last + "]", {"maxItems " + at}},
      {"{}", {"type " + at}},
      {"[]", {"minItems " + at}},
      {"[1]", {"type " + at + "/0"}},
      {"[" + first + "]", {"rule " + at + "/0"}},
      {"[" + last + "," + last + "]", {"rule " + at + "/0"}},
      {R"([{"attributeValues":{"r":1}}])", {"required " + at + "/0", "required " + at + "/0"}},
      {R"([{"name":"d","enabled":true}])", {"required " + at + "/0/attributeValues"}},
      {R"([{"name":"d","enabled":true,"attributeValues":{"r":"1","b":2},"x":1}])",
       {"additionalProperties " + at + "/0", "type " + at + "/0/attributeValues/r",
        "attributes " + at + "/0/attributeValues/b"}},
      {R"([{"name":"","enabled":1,"attributeValues":[]}])",
       {"minLength " + at + "/0/name", "type " + at + "/0/enabled",
        "type " + at + "/0/attributeValues"}},
      {R"j([{"name":"q","enabled":true,"rule":"(eq $a)","attributeValues":{"r":2}},)j" + last + "]",
       {"rule " + at + "/0/rule"}},
  };
  for (const auto& [variants, expected] : kTable) {
    // Constraints of r have no type "string": "1" is of the wrong one.
    const std::string values = R"({"f":{"_variants":)" + variants + "}}";
    EXPECT_EQ(wrong_with(document(flags, values)), expected) << variants;
  }
}

TEST(FlagDocument, TellsNotMoreThanFits) {
  std::string flags;
  for (int i = 0; i < 1'000; ++i) flags += fmt::format("{}\"K{}\":{{}}", i ? "," : "", i);
  EXPECT_EQ(wrong_with(document("{" + flags + "}", "{}")).size(), kMaxViolations);
}

TEST(FlagDocument, BoundsItsPatternsTogether) {
  std::string flags;
  for (int i = 0; i < 500; ++i)
    flags += fmt::format(R"({}"k{}":{{"attributes":{{"a":{{"constraints":)"
                         R"({{"type":"string","pattern":"(a{{90}}){{90}}"}}}}}}}})",
                         i ? "," : "", i);
  const auto found = wrong_with(document("{" + flags + "}", "{}"));
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found.front().starts_with("pattern #/flags/k"));
}

// The stamps of one flag's definition and value.
std::string stamps(const std::string& stored, const std::string& key) {
  const auto tree = document::parse_json(stored);
  std::string out;
  for (const char* part : {"flags", "values"})
    for (const char* stamp : {"_createdAt", "_updatedAt"})
      out += *tree->find(part)->find(key)->find(stamp)->string() + " ";
  return out;
}

TEST(FlagDocument, IsStamped) {
  const Instant later = kNow + Duration{1'000}, latest = kNow + Duration{2'000};
  const std::string flags = R"({"a":{"name":"A"},"b":{"name":"B"}})";
  const auto first =
      accept(document(flags, R"({"a":{"enabled":true},"b":{"enabled":true,"_createdAt":"mine"}})"),
             std::nullopt, kNow);
  ASSERT_TRUE(first.ok());
  const std::string t0 = kNowText + " ", t1 = iso8601(later) + " ", t2 = iso8601(latest) + " ";
  EXPECT_EQ(stamps(*first, "a"), t0 + t0 + t0 + t0);
  EXPECT_EQ(stamps(*first, "b"), t0 + t0 + t0 + t0);
  // What was read is sent again, with one flag switched and one more.
  const auto second =
      accept(document(R"({"b":{"name":"B"},"a":{"name":"A"},"c":{}})",
                      R"({"a":{"enabled":false},"b":{"enabled":true},"c":{"enabled":true}})"),
             *first, later);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(stamps(*second, "a"), t0 + t0 + t0 + t1);
  EXPECT_EQ(stamps(*second, "b"), t0 + t0 + t0 + t0);
  EXPECT_EQ(stamps(*second, "c"), t1 + t1 + t1 + t1);
  const auto third = accept(*second, *second, latest);
  ASSERT_TRUE(third.ok());
  EXPECT_EQ(*third, *second);
  const auto lost = accept(*second, "not what we stored", latest);
  ASSERT_TRUE(lost.ok());
  EXPECT_EQ(stamps(*lost, "b"), t2 + t2 + t2 + t2);
}

TEST(FlagDocument, KeepsNumbersAndOrder) {
  const auto stored = accept(
      document(R"({"z":{"attributes":{"n":{}}},"a":{}})", R"({"z":{"enabled":true,"n":1.50}})"),
      std::nullopt, kNow);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(*stored,
            fmt::format(R"({{"version":"1","flags":{{"z":{{"attributes":{{"n":{{}}}},{0}}},)"
                        R"("a":{{{0}}}}},"values":{{"z":{{"enabled":true,"n":1.50,{0}}}}}}})",
                        fmt::format(R"("_createdAt":"{0}","_updatedAt":"{0}")", kNowText)));
}

TEST(Retrieval, IsFlagsWithTheirValues) {
  const std::string flags = R"({"on":{"attributes":{"c":{},"n":{}}},"off":{"attributes":{"c":{}}},)"
                            R"("multi":{"attributes":{"c":{}}},"bare":{}})";
  const std::string values =
      R"({"on":{"c":"red","enabled":true,"n":[1,2.0]},"off":{"enabled":false,"c":"red"},)"
      R"j("multi":{"_variants":[{"name":"q","rule":"(eq $a 1)","enabled":false},)j"
      R"({"name":"d","enabled":true,"attributeValues":{"c":"blue"}}]}})";
  const auto stored = accept(document(flags, values), std::nullopt, kNow);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(*retrieval_json(*stored),
            R"({"on":{"enabled":true,"c":"red","n":[1,2.0]},"off":{"enabled":false},)"
            R"("multi":{"enabled":true,"c":"blue"}})");
  EXPECT_EQ(*retrieval_json(R"({"version":"1"})"), "{}");
  EXPECT_EQ(retrieval_json("nothing").fault(), Fault::internal);
  EXPECT_EQ(retrieval_json(R"({"values":{"a":1}})").fault(), Fault::internal);
  EXPECT_EQ(retrieval_json(R"({"values":{"a":{"_variants":[]}}})").fault(), Fault::internal);
}

}  // namespace
}  // namespace tidegate::appconfig::flags
