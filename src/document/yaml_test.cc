#include <gtest/gtest.h>

#include "document/yaml.h"

namespace tidegate::document {
namespace {

// The document as JSON, or the error's text.
std::string json_of(std::string_view text) {
  auto value = parse_yaml(text);
  if (!value.ok()) {
    EXPECT_EQ(value.fault(), Fault::malformed_body);
    return value.error().message;
  }
  const std::string json = to_json(*value);
  EXPECT_TRUE(parse_json(json).ok()) << json;
  return json;
}

struct Case {
  const char* yaml;
  const char* json;
};

TEST(Yaml, PlainScalarsByTheCoreSchema) {
  const Case cases[] = {
      {"null", "null"},
      {"~", "null"},
      {"", "null"},
      {"# nothing\n", "null"},
      {"---\n", "null"},
      {"NULL", "null"},
      {"nULL", "\"nULL\""},
      {"true", "true"},
      {"FALSE", "false"},
      {"yes", "\"yes\""},
      {"off", "\"off\""},
      {"y", "\"y\""},
      {"0", "0"},
      {"-0", "-0"},
      {"+12", "12"},
      {"007", "7"},
      {"-0012", "-12"},
      {"0x1F", "31"},
      {"0xffffffffffffffffffff", "1208925819614629174706175"},
      {"0o17", "15"},
      {"0o8", "\"0o8\""},
      {"0xg", "\"0xg\""},
      {"0x", "\"0x\""},
      {"-0x1", "\"-0x1\""},
      {"0b1", "\"0b1\""},
      {"1_000", "\"1_000\""},
      {"12:30:45", "\"12:30:45\""},
      {"2001-12-14", "\"2001-12-14\""},
      {"1.5", "1.5"},
      {"1.", "1.0"},
      {".5", "0.5"},
      {"-.5e+3", "-0.5e+3"},
      {"+00.50", "0.50"},
      {"1e3", "1e3"},
      {"1E400", "1E400"},
      {"12345678901234567890123", "12345678901234567890123"},
      {".", "\".\""},
      {".e1", "\".e1\""},
      {"1e", "\"1e\""},
      {"1.2.3", "\"1.2.3\""},
      {"-", "[null]"},
      {"+", "\"+\""},
      {"'12'", "\"12\""},
      {"\"true\"", "\"true\""},
      {"''", "\"\""},
      {"<<", "\"<<\""},
  };
  for (const Case& c : cases) EXPECT_EQ(json_of(c.yaml), c.json) << c.yaml;
}

TEST(Yaml, InfinityAndNanAreRefused) {
  for (const char* text : {".inf", "-.Inf", "+.INF", ".nan", ".NaN", "!!float .inf"})
    EXPECT_NE(json_of(text).find("not a number that JSON has"), std::string::npos) << text;
  EXPECT_EQ(json_of("'.inf'"), "\".inf\"");
  EXPECT_EQ(json_of("a: 1\nb:\n  - .nan\n").rfind("not valid YAML: line 3, column 5: ", 0), 0u)
      << json_of("a: 1\nb:\n  - .nan\n");
}

TEST(Yaml, Collections) {
  const Case cases[] = {
      {"a: 1\nb: [x, {c: d}]\n", R"({"a":1,"b":["x",{"c":"d"}]})"},
      {"- a\n- - b\n  - c\n-\n", R"(["a",["b","c"],null])"},
      {"a:\nb: ''\n", R"({"a":null,"b":""})"},
      {"text: |\n  one\n  two\nfolded: >-\n  one\n  two\n",
       R"({"text":"one\ntwo\n","folded":"one two"})"},
      {"1: a\ntrue: b\nnull: c\n1.50: d\n0x10: e\n",
       R"({"1":"a","true":"b","null":"c","1.50":"d","0x10":"e"})"},
      {": empty\n", R"({"":"empty"})"},
      {"? a\n? b\n", R"({"a":null,"b":null})"},
      {"{\"a\":1,\"b\":[true,null]}", R"({"a":1,"b":[true,null]})"},
      {"%YAML 1.2\n---\na: 1\n...\n", R"({"a":1})"},
      {"\xef\xbb\xbf"
       "a: 1\n",
       R"({"a":1})"},
      {"a: \"\\u00e9\\x41\\n\"\r\nb: 2\r\n", "{\"a\":\"éA\\n\",\"b\":2}"},
  };
  for (const Case& c : cases) EXPECT_EQ(json_of(c.yaml), c.json) << c.yaml;
}

TEST(Yaml, AnchorsAliasesAndMergeKeys) {
  const Case cases[] = {
      {"a: &x {k: 1}\nb: *x\nc: [*x, *x]\n", R"({"a":{"k":1},"b":{"k":1},"c":[{"k":1},{"k":1}]})"},
      {"- &x 1\n- &x 2\n- *x\n", "[1,2,2]"},
      {"a: &x key\n*x : value\n", R"({"a":"key","key":"value"})"},
      {"base: &b {x: 1}\nderived:\n  <<: *b\n  y: 2\n",
       R"({"base":{"x":1},"derived":{"<<":{"x":1},"y":2}})"},
      {"a: &e\nb: *e\n", R"({"a":null,"b":null})"},
      {"&a [&b [&c c, *c], *b]", R"([["c","c"],["c","c"]])"},
  };
  for (const Case& c : cases) EXPECT_EQ(json_of(c.yaml), c.json) << c.yaml;
  EXPECT_EQ(json_of("a: *x\n"), "not valid YAML: line 1, column 4: there is no anchor &x");
  EXPECT_EQ(json_of("a: &x\n  b: *x\n"),
            "not valid YAML: line 2, column 6: *x would contain itself");
}

TEST(Yaml, Tags) {
  const Case cases[] = {
      {"!!str 12", "\"12\""},
      {"! 12", "\"12\""},
      {"!!int '12'", "12"},
      {"!!float 1", "1"},
      {"!!null ''", "null"},
      {"!!bool 'true'", "true"},
      {"!!seq [1]", "[1]"},
      {"!!map {a: !!str 1}", R"({"a":"1"})"},
      {"!<tag:yaml.org,2002:str> 1", "\"1\""},
  };
  for (const Case& c : cases) EXPECT_EQ(json_of(c.yaml), c.json) << c.yaml;
  for (const char* text :
       {"!!int a", "!!int 1.5", "!!bool 1", "!!null x", "!!map [1]", "!!seq {a: 1}", "!!str [1]",
        "!!seq x", "a: !Ref b", "!!binary aGk=", "!!timestamp 2001-12-14", "!!set {a}"})
    EXPECT_EQ(json_of(text).rfind("not valid YAML: line 1, column ", 0), 0u) << json_of(text);
}

TEST(Yaml, ErrorsCarryTheirPlace) {
  const Case cases[] = {
      {"a: 1\na: 2\n", "not valid YAML: line 2, column 1: the key \"a\" stands here twice"},
      {"1: x\n\"1\": y\n", "not valid YAML: line 2, column 1: the key \"1\" stands here twice"},
      {"a: 1\n---\nb: 2\n", "not valid YAML: line 2, column 1: only one document is allowed"},
      {"? [a, b]\n: c\n",
       "not valid YAML: line 1, column 3: a key must be a scalar: JSON has no other keys"},
      {"a: \x01", "not valid YAML: line 1, column 4: the control character U+0001 is not allowed"},
      {"a:\r\n  \x7f",
       "not valid YAML: line 2, column 3: the control character U+007F is not allowed"},
      {"a: \xff", "not valid YAML: the text is not UTF-8"},
  };
  for (const Case& c : cases) EXPECT_EQ(json_of(c.yaml), c.json) << c.yaml;
  EXPECT_EQ(json_of(std::string_view("a\0b", 3)),
            "not valid YAML: line 1, column 2: the control character U+0000 is not allowed");
  EXPECT_EQ(json_of("a: [1, 2\nb: 3\n").rfind("not valid YAML: line ", 0), 0u);
  EXPECT_EQ(json_of("a: 1\nb: 'x\n").rfind("not valid YAML: line ", 0), 0u);
  EXPECT_EQ(json_of("a: 1\n b: 2\n").rfind("not valid YAML: line 1, column 4: ", 0), 0u)
      << json_of("a: 1\n b: 2\n");
  EXPECT_EQ(json_of("a:\n\t- 1\n").rfind("not valid YAML: line 2, column ", 0), 0u);
  EXPECT_EQ(json_of("@a").rfind("not valid YAML: line 1, column 1: ", 0), 0u) << json_of("@a");
}

TEST(Yaml, WhatBreaksTheLibraryIsRefusedBeforeIt) {
  const std::string tab = ": a tab between ':' and another indicator";
  for (const char* text : {"? a:\t-\n", "? a:\t- b\n", "? a:\t? b\n", "? - a: \t-", "? a:\t|\n x\n",
                           "? a\n \t:\t: b\n", "? a:\t:\n"})
    EXPECT_NE(json_of(text).find(tab), std::string::npos) << text << json_of(text);
  EXPECT_EQ(json_of("a:\t|\n  x\n"), R"({"a":"x\n"})");
  EXPECT_EQ(json_of("? a\n:\tb\n"), R"({"a":"b"})");
  for (const char* text :
       {"&a\xc2\xa0 b", "- &a b\n- *a\xe2\x80\xa8", "[&\xe3\x80\x80]", "&\xc2\x85 b"})
    EXPECT_NE(json_of(text).find("in an anchor"), std::string::npos) << text;
  EXPECT_EQ(json_of("R&D\xc2\xa0: \"x & y\xc2\xa0z\""), "{\"R&D\xc2\xa0\":\"x & y\xc2\xa0z\"}");
}

TEST(Yaml, SingleQuotedScalars) {
  const Case cases[] = {
      {"'it''s'", R"("it's")"},
      {"''''", R"("'")"},
      {"'a''''b'", R"("a''b")"},
      {"'one\n two'", R"("one two")"},
      {"'one \t\n\n  \n\ttwo '", R"("one\n\ntwo ")"},
      {"' \n x\n '", R"(" x ")"},
      {"'a\r\n b\r\n\r\n c'", R"("a b\nc")"},
      {"k: 'a\\n#: x'", R"({"k":"a\\n#: x"})"},
      {"{'a':'b','c' : 'd'}", R"({"a":"b","c":"d"})"},
  };
  for (const Case& c : cases) EXPECT_EQ(json_of(c.yaml), c.json) << c.yaml;
  EXPECT_EQ(json_of("'" + std::string(2000, '\'') + "'"), "\"" + std::string(1000, '\'') + "\"");
}

TEST(Yaml, DoubleQuotedScalars) {
  const Case cases[] = {
      {R"("\0\a\b\t\n\v\f\r\e\"\/\\\ x")", R"("\u0000\u0007\b\t\n\u000b\f\r\u001b\"/\\ x")"},
      {R"("\x41\u00e9\U0001F600\ud83d\ude00")", "\"Aé😀😀\""},
      {R"("\N\_\L\P")", "\"\xc2\x85\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9\""},
      {"\"a \\\n  b\"", R"("a b")"},
      {"\"a\\\n\n\n  b\"", R"("a\n\nb")"},
      {"\"a \\ \n b\"", R"("a   b")"},
      {"\"a \n\n b \"", R"("a\nb ")"},
  };
  for (const Case& c : cases) EXPECT_EQ(json_of(c.yaml), c.json) << c.yaml;
  for (const char* text : {R"("\q")", R"("\x4")", R"("\ud83d")", R"("\ude00")", R"("\ud83d\u0041")",
                           R"("\U00110000")", R"("\u+123")", "\"\\"})
    EXPECT_EQ(json_of(text).rfind("not valid YAML: line 1", 0), 0u) << text << json_of(text);
}

TEST(Yaml, BlockScalarsAtTheEndOfTheText) {
  const Case cases[] = {
      {"a: |\n", R"({"a":""})"},
      {"a: >\n", R"({"a":""})"},
      {"a: |", R"({"a":""})"},
      {"a: |\n  x", R"({"a":"x"})"},
      {"a: |+\n  x\n\n", R"({"a":"x\n\n"})"},
      {"a: >\n  x\n  y", R"({"a":"x y"})"},
      {"a: |\n  x\n  ", R"({"a":"x\n"})"},
      {"--- >\nab\n  cd\n", R"("ab\n  cd\n")"},
      {"a: |\r\n  x\r\n  y\r\n", R"({"a":"x\ny\n"})"},
      {"a: 1\rb: 2\r", R"({"a":1,"b":2})"},
  };
  for (const Case& c : cases) EXPECT_EQ(json_of(c.yaml), c.json) << c.yaml;
}

TEST(Yaml, TheLibraryPrintsNothing) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (const char* text :
       {"a: [", "\"", "%YAML 9.9\n--- a", "@", "a: b: c", "- a\nb", "%FOO\n---\na"})
    (void)parse_yaml(text);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Yaml, DepthIsBounded) {
  EXPECT_EQ(json_of(repeated("[", 64) + repeated("]", 64)), repeated("[", 64) + repeated("]", 64));
  for (std::size_t depth : {65, 1000, 100'000}) {
    const std::string error = json_of(repeated("[", depth) + repeated("]", depth));
    EXPECT_EQ(error.rfind("not valid YAML: line 1", 0), 0u) << error;
  }
  EXPECT_NE(json_of(repeated("[", 4 << 20)).find("of the characters"), std::string::npos);
  EXPECT_EQ(json_of(repeated("- ", 64)), repeated("[", 64) + "null" + repeated("]", 64));
  EXPECT_NE(json_of(repeated("- ", 65)).find("deeper"), std::string::npos);
  // By aliases: 40 levels that contain 40 levels.
  const std::string inner = repeated("[", 40) + repeated("]", 40);
  const std::string error =
      json_of("a: &a " + inner + "\nb: " + repeated("[", 40) + "*a" + repeated("]", 40));
  EXPECT_NE(error.find("deeper than 64 levels with its aliases"), std::string::npos) << error;
}

TEST(Yaml, SmallTextsDoNotGrowLarge) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 20; ++i)
    bomb += fmt::format("a{0}: &a{0} [{1}]\n", i, repeated(fmt::format("*a{},", i - 1), 10));
  EXPECT_NE(json_of(bomb).find("more than 200000 nodes with"), std::string::npos) << json_of(bomb);
  const std::string text =
      "a: &a " + std::string(1 << 20, 'x') + "\nb: [" + repeated("*a,", 17) + "]";
  EXPECT_NE(json_of(text).find("bytes with its aliases"), std::string::npos);
  EXPECT_NE(json_of(repeated("- a\n", 200'001)).find("more than 200000 nodes"), std::string::npos);
  EXPECT_NE(json_of(repeated("%TAG !a! b\n", 101) + "--- a").find("%TAG"), std::string::npos);
  EXPECT_NE(json_of(std::string((4 << 20) + 1, 'x')).find("larger than"), std::string::npos);
  EXPECT_EQ(json_of("0x" + std::string(1024, 'f')).substr(0, 5), "10443");
  EXPECT_NE(json_of("0x" + std::string(1025, 'f')).find("more than 1024 digits"),
            std::string::npos);
}

}  // namespace
}  // namespace tidegate::document
