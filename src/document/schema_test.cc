#include "document/schema.h"

#include <gtest/gtest.h>

#include "document/schema_formats.h"

namespace tidegate::document {
namespace {

Value parsed(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *value : Value();
}

std::vector<ErrorDetail> violations(std::string_view schema, std::string_view document,
                                    std::size_t limit = 100) {
  auto compiled = Schema::compile(schema);
  EXPECT_TRUE(compiled.ok()) << schema << ": " << (compiled.ok() ? "" : compiled.error().message);
  return compiled.ok() ? compiled->validate(parsed(document), limit) : std::vector<ErrorDetail>();
}

std::string refusal(std::string_view schema) {
  auto compiled = Schema::compile(schema);
  if (compiled.ok()) return "accepted";
  EXPECT_EQ(compiled.fault(), Fault::invalid_argument);
  return compiled.error().message;
}

struct Case {
  const char* schema;
  std::vector<const char*> valid;
  std::vector<const char*> invalid;
};

void judge(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    auto schema = Schema::compile(std::string_view(c.schema));
    ASSERT_TRUE(schema.ok()) << c.schema << ": " << schema.error().message;
    for (const char* text : c.valid) {
      auto found = schema->validate(parsed(text));
      EXPECT_TRUE(found.empty()) << c.schema << " refuses " << text << ": " << found[0].reason;
    }
    for (const char* text : c.invalid)
      EXPECT_FALSE(schema->validate(parsed(text)).empty()) << c.schema << " accepts " << text;
  }
}

TEST(Schema, Types) {
  judge({
      {"{}", {"null", "1", "\"a\"", "[]", "{}", "true"}, {}},
      {R"({"type":"null"})", {"null"}, {"0", "\"\"", "false", "[]", "{}"}},
      {R"({"type":"boolean"})", {"true", "false"}, {"0", "null", "\"true\"", "[]"}},
      {R"({"type":"integer"})",
       {"1", "-0", "123456789012345678901234567890"},
       {"1.0", "1e2", "1.5", "\"1\"", "null", "true"}},
      {R"({"type":"number"})", {"1", "1.0", "-1.5e300", "1e400"}, {"\"1\"", "null", "[1]"}},
      {R"({"type":"string"})", {"\"\"", "\"1\""}, {"1", "null", "{}"}},
      {R"({"type":"array"})", {"[]", "[1]"}, {"{}", "\"[]\""}},
      {R"({"type":"object"})", {"{}"}, {"[]", "null", "\"{}\""}},
      {R"({"type":["string","null"]})", {"\"a\"", "null"}, {"1", "[]"}},
      {R"({"type":["integer","string"]})", {"1", "\"1\""}, {"1.5", "1.0"}},
  });
}

TEST(Schema, Enumerations) {
  judge({
      {R"({"enum":[1,"a",null,{"b":[1,2],"c":0}]})",
       {"1", "1.0", "10e-1", "\"a\"", "null", R"({"c":0,"b":[1.0,2]})"},
       {"2", "\"b\"", "true", R"({"b":[2,1],"c":0})", "\"1\"", R"({"b":[1,2]})"}},
      {R"({"enum":[false]})", {"false"}, {"0", "null", "[false]"}},
      {R"({"enum":[0]})", {"0", "-0", "0.0", "0e5"}, {"false", "[]", "\"\""}},
      {R"({"enum":[[false]]})", {"[false]"}, {"[0]", "[[false]]"}},
      {R"({"enum":[9007199254740993]})", {"9007199254740993"}, {"9007199254740992"}},
      {R"({"enum":["1"]})", {"\"1\""}, {"1"}},
      {R"({"enum":["a\u0000b"]})", {"\"a\\u0000b\""}, {"\"a\""}},
      {R"({"enum":[["a","b"]]})", {"[\"a\",\"b\"]"}, {"[\"a,b\"]", "[\"a\\\",\\\"b\"]"}},
  });
}

TEST(Schema, Numbers) {
  judge({
      {R"({"multipleOf":2})", {"0", "4", "-10", "4.0", "\"a\"", "1e400"}, {"1", "7", "2.5"}},
      {R"({"multipleOf":0.1})", {"0.3", "1.1", "4.35e1", "7"}, {"0.35", "1e-2"}},
      {R"({"multipleOf":0.0001})", {"0.0075"}, {"0.00751"}},
      {R"({"multipleOf":1e-8})", {"12391239123"}, {"1e-9"}},
      {R"({"multipleOf":0.123456789})",
       {"0.246913578", "1.23456789e300"},
       {"1e308", "0.2", "1e-9"}},
      {R"({"maximum":3.0})", {"3", "2.999", "-1e400", "\"x\""}, {"3.0000000000000000000001"}},
      {R"({"maximum":3,"exclusiveMaximum":true})", {"2.9999999999999999999"}, {"3", "3.0", "4"}},
      {R"({"exclusiveMaximum":false,"maximum":3})", {"3"}, {"3.5"}},
      {R"({"minimum":-2})", {"-2", "-1.5", "0", "1e400"}, {"-2.0001", "-1e400"}},
      {R"({"exclusiveMinimum":true,"minimum":1.1})", {"1.2"}, {"1.1", "1.10", "0.6"}},
      {R"({"minimum":18446744073709551616})", {"18446744073709551616"}, {"18446744073709551615"}},
      {R"({"maximum":9007199254740992})", {"9007199254740992"}, {"9007199254740993"}},
  });
}

TEST(Schema, Strings) {
  judge({
      {R"({"minLength":2})", {"\"ab\"", "1", "\"\\ud83d\\ude00x\""}, {"\"a\"", "\"😀\"", "\"\""}},
      {R"({"maxLength":2})", {"\"ab\"", "\"\"", "\"😀😀\"", "\"é日\"", "[1,2,3]"}, {"\"abc\""}},
      {R"({"minLength":2.0,"maxLength":1e400})", {"\"ab\""}, {"\"a\""}},
      {R"({"pattern":"a+"})", {"\"xaax\"", "1", "null"}, {"\"xyz\"", "\"\""}},
      {R"({"pattern":"^a*$"})", {"\"aaa\"", "\"\""}, {"\"ab\"", "\"a\\n\""}},
      {R"({"format":"no-such-format"})", {"\"x\"", "1"}, {}},
      {R"({"format":"ipv4"})", {"\"10.0.0.1\"", "5", "null"}, {"\"10.0.0.256\""}},
  });
}

TEST(Schema, Arrays) {
  judge({
      {R"({"items":{"type":"integer"}})", {"[]", "[1,2]", "{}"}, {"[1,\"x\"]"}},
      {R"({"items":[{"type":"integer"},{"type":"string"}]})",
       {"[1,\"a\"]", "[1]", "[]", "[1,\"a\",null]"},
       {"[\"a\",1]", "[1,1]"}},
      {R"({"items":[{}],"additionalItems":false})", {"[1]", "[]"}, {"[1,2]"}},
      {R"({"items":[{}],"additionalItems":{"type":"integer"}})", {"[null,1,2]"}, {"[1,\"a\"]"}},
      {R"({"items":[],"additionalItems":false})", {"[]"}, {"[1]"}},
      {R"({"items":{},"additionalItems":false})", {"[1,2,3]"}, {}},
      {R"({"additionalItems":false})", {"[1,2,3]", "{}"}, {}},
      {R"({"minItems":1,"maxItems":2})", {"[1]", "[1,2]", "\"\""}, {"[]", "[1,2,3]"}},
      {R"({"uniqueItems":true})",
       {"[]", "[1,2]", "[1,true]", "[0,false]", "[[1],[2]]", "[{\"a\":1},{\"a\":2}]", "[\"1\",1]",
        "[9007199254740993,9007199254740992]", "5"},
       {"[1,1]", "[1,1.0]", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]", "[[1],[1]]", "[null,1,null]"}},
      {R"({"uniqueItems":false})", {"[1,1]"}, {}},
  });
}

TEST(Schema, Objects) {
  judge({
      {R"({"properties":{"a":{"type":"integer"}}})",
       {R"({"a":1,"b":"x"})", "{}", "[]"},
       {R"({"a":"x"})"}},
      {R"({"patternProperties":{"^x-":{"type":"string"},"n$":{"maxLength":2}}})",
       {R"({"x-a":"long","y":1})", R"({"x-n":"ab"})", "[\"x-\"]"},
       {R"({"x-a":1})", R"({"x-n":"abc"})", R"({"n":"abc"})"}},
      {R"({"properties":{"a":{}},"patternProperties":{"^b":{}},"additionalProperties":false})",
       {R"({"a":1,"b1":2})", "{}"},
       {R"({"c":1})", R"({"ab":1})"}},
      {R"({"properties":{"a":{}},"additionalProperties":{"type":"boolean"}})",
       {R"({"a":1,"b":true})"},
       {R"({"b":1})"}},
      {R"({"additionalProperties":{"type":"boolean"}})", {R"({"b":true})"}, {R"({"b":1})"}},
      {R"({"properties":{"a":{"minLength":3}},"patternProperties":{"a":{"maxLength":4}}})",
       {R"({"a":"abc"})"},
       {R"({"a":"ab"})", R"({"a":"abcde"})"}},
      {R"({"required":["a","b"]})", {R"({"b":0,"a":null})", "[]", "\"a\""}, {R"({"a":1})", "{}"}},
      {R"({"required":[]})", {"{}"}, {}},
      {R"({"minProperties":1,"maxProperties":2})",
       {R"({"a":1})", "[]"},
       {"{}", R"({"a":1,"b":1,"c":1})"}},
      {R"({"dependencies":{"a":["b","c"]}})",
       {"{}", R"({"b":1})", R"({"a":1,"b":1,"c":1})", "[]"},
       {R"({"a":1})", R"({"a":1,"b":1})"}},
      {R"({"dependencies":{"a":{"properties":{"b":{"type":"integer"}}}}})",
       {R"({"b":"x"})", R"({"a":1,"b":1})", R"({"a":1})"},
       {R"({"a":1,"b":"x"})"}},
      {R"({"properties":{"$ref":{"type":"string"},"id":{"type":"integer"}}})",
       {R"({"$ref":"a","id":1})"},
       {R"({"$ref":1})", R"({"id":"x"})"}},
  });
}

TEST(Schema, Combinations) {
  judge({
      {R"({"allOf":[{"minimum":2},{"maximum":4}]})", {"3", "\"a\""}, {"1", "5"}},
      {R"({"anyOf":[{"type":"string"},{"minimum":2}]})", {"\"a\"", "3", "null"}, {"1"}},
      {R"({"type":"number","anyOf":[{"maximum":1},{"minimum":5}]})", {"0", "6"}, {"3", "\"a\""}},
      {R"({"oneOf":[{"type":"integer"},{"minimum":2}]})", {"1", "2.5"}, {"3", "1.5"}},
      {R"({"not":{"type":"integer"}})", {"\"a\"", "1.5"}, {"1"}},
      {R"({"not":{}})", {}, {"1", "null", "{}"}},
      {R"({"not":{"not":{"type":"string"}}})", {"\"a\""}, {"1"}},
      {R"({"allOf":[{}],"anyOf":[{},{}],"oneOf":[{}]})", {"1"}, {}},
      {R"({"oneOf":[{},{}]})", {}, {"1"}},
      {R"({"anyOf":[{"required":["a"]},{"required":["b"]}]})", {R"({"b":1})"}, {"{}"}},
  });
}

TEST(Schema, References) {
  judge({
      {R"({"definitions":{"n":{"type":"integer"}},"properties":{"a":{"$ref":"#/definitions/n"}}})",
       {R"({"a":1})"},
       {R"({"a":"x"})"}},
      {R"({"properties":{"a":{"$ref":"#"}},"additionalProperties":false})",
       {R"({"a":{"a":{}}})"},
       {R"({"a":{"b":1}})"}},
      {R"({"definitions":{"list":{"items":{"$ref":"#/definitions/list"},"type":"array"}},
           "$ref":"#/definitions/list"})",
       {"[[],[[]]]"},
       {"[[1]]", "1"}},
      {R"({"$ref":"#/definitions/a","minimum":100,"definitions":{"a":{"maximum":5}}})",
       {"3"},
       {"6"}},
      {R"({"items":[{"type":"integer"},{"$ref":"#/items/0"}]})", {"[1,2]"}, {"[1,\"a\"]"}},
      {R"({"definitions":{"a/b":{"type":"null"},"c~d":{"type":"null"},"e%f":{"type":"null"},
                          "g\"h":{"type":"null"}},
           "items":[{"$ref":"#/definitions/a~1b"},{"$ref":"#/definitions/c~0d"},
                    {"$ref":"#/definitions/e%25f"},{"$ref":"#/definitions/g%22h"}]})",
       {"[null,null,null,null]"},
       {"[1]", "[null,1]", "[null,null,1]", "[null,null,null,1]"}},
      {R"({"definitions":{"a":{"id":"#name","type":"integer"}},"$ref":"#name"})", {"1"}, {"\"a\""}},
      {R"({"id":"http://x.test/root.json","definitions":{"a":{"id":"a.json","type":"integer",
           "definitions":{"b":{"type":"string"}}}},
           "items":[{"$ref":"a.json"},{"$ref":"http://x.test/a.json#/definitions/b"},
                    {"$ref":"root.json#/definitions/a"},{"$ref":"#/definitions/a"}]})",
       {R"([1,"a",1,1])"},
       {R"(["a"])", "[1,1]", R"([1,"a","a"])", R"([1,"a",1,"a"])"}},
      {R"({"id":"http://x.test/","items":{"id":"deep/","items":{"$ref":"n.json"}},
           "definitions":{"n":{"id":"http://x.test/deep/n.json","type":"integer"}}})",
       {"[[1]]"},
       {"[[\"a\"]]"}},
      {R"({"id":"http://x.test/a/b.json","definitions":{
             "t":{"id":"http://x.test/a/t.json","definitions":{"i":{"type":"integer"}},
                  "items":{"$ref":"#/definitions/i"}}},
           "$ref":"#/definitions/t"})",
       {"[1]"},
       {"[\"a\"]"}},
      {R"({"enum":[{"id":"http://x.test/e","type":"null"}],"definitions":{
           "e":{"id":"http://x.test/e","type":"string"}},
           "anyOf":[{"$ref":"http://x.test/e"},{}]})",
       {R"({"id":"http://x.test/e","type":"null"})"},
       {"\"a\""}},
      {R"({"vendor":{"inner":{"properties":{"a":{"type":"null"}}}},"$ref":"#/vendor/inner"})",
       {R"({"a":null})"},
       {R"({"a":1})"}},
      {R"({"id":"urn:uuid:1","items":{"$ref":"#/definitions/a"},
           "definitions":{"a":{"type":"null"}}})",
       {"[null]"},
       {"[1]"}},
      {R"({"id":"http://x.test/1/2/3.json","items":{"$ref":"../../up.json?q#"},
           "definitions":{"u":{"id":"http://x.test/up.json?q","type":"null"}}})",
       {"[null]"},
       {"[1]"}},
  });
}

TEST(Schema, AReferenceToTheMetaschemaJudgesSchemas) {
  judge({{R"({"$ref":"http://json-schema.org/draft-04/schema#"})",
          {R"({"type":"string"})", "{}", R"({"items":[{"minimum":1}]})"},
          {R"({"type":"text"})", "[]", R"({"items":[{"minimum":"1"}]})", R"({"required":[]})"}},
         {R"({"$ref":"http://json-schema.org/draft-04/schema#/definitions/positiveInteger"})",
          {"1"},
          {"-1"}}});
}

TEST(Schema, ReferencesThatLeadNowhereAreRefused) {
  for (const char* reference : {"http://json-schema.org/draft-07/schema#", "other.json",
                                "other.json#/a", "//host/x", "file:///etc/passwd"})
    EXPECT_NE(refusal(fmt::format(R"({{"items":{{"$ref":"{}"}}}})", reference))
                  .find("#/items/$ref: \"" + std::string(reference) + "\" leads out"),
              std::string::npos)
        << reference;
  for (const char* reference : {"#/definitions/a", "#name", "#/items/1", "#/items/00", "#/items/-1",
                                "#/items/x", "#/~2", "#/items/99999999999999999999", "#/title/x"})
    EXPECT_NE(refusal(fmt::format(R"({{"title":"t","items":[{{"$ref":"{}"}}]}})", reference))
                  .find("leads to nothing"),
              std::string::npos)
        << reference;
  EXPECT_EQ(refusal(R"({"$ref":"#%zz"})"), "#/$ref: the reference has a broken percent escape");
  EXPECT_EQ(refusal(R"({"$ref":"#/title","title":"t"})"), "#/title: a schema must be an object");
}

TEST(Schema, EndlessReferencesAreRefused) {
  for (const char* schema :
       {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})", R"({"not":{"$ref":"#"}})",
        R"({"anyOf":[{"oneOf":[{"$ref":"#"}]}]})", R"({"dependencies":{"a":{"$ref":"#"}}})",
        R"({"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}})"})
    EXPECT_NE(refusal(schema).find("refers to itself without descending"), std::string::npos)
        << schema;
  std::string chain = R"({"definitions":{"n0":{})";
  for (int i = 1; i < 20'000; ++i)
    chain += fmt::format(R"(,"n{}":{{"$ref":"#/definitions/n{}"}})", i, i - 1);
  EXPECT_NE(refusal(chain + "}}").find("more than 64 schemas in a row"), std::string::npos);
}

TEST(Schema, WhatIsNoSchemaIsRefusedWithItsPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"1", "#: a schema must be an object"},
      {"true", "#: a schema must be an object"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#"})",
       "#/$schema: draft-04 is what is supported (http://json-schema.org/draft-04/schema#)"},
      {R"({"$schema":4})",
       "#/$schema: draft-04 is what is supported (http://json-schema.org/draft-04/schema#)"},
      {R"({"items":{"type":"text"}})",
       "#/items/type: must be one of, or an array of, null, boolean, integer, number, string, "
       "array, object"},
      {R"({"enum":[]})", "#/enum: must be an array of at least one value"},
      {R"({"enum":1})", "#/enum: must be an array of at least one value"},
      {R"({"properties":{"a/b":{"multipleOf":0}}})",
       "#/properties/a~1b/multipleOf: must be a number above 0 of at most 18 digits"},
      {R"({"multipleOf":-1})", "#/multipleOf: must be a number above 0 of at most 18 digits"},
      {R"({"maximum":"1"})", "#/maximum: must be a number"},
      {R"({"exclusiveMaximum":5})",
       "#/exclusiveMaximum: in draft-04 this is true or false, beside the limit itself"},
      {R"({"exclusiveMinimum":true})", "#/exclusiveMinimum: needs the limit itself beside it"},
      {R"({"maxLength":-1})", "#/maxLength: must be an integer of 0 or more"},
      {R"({"minItems":1.5})", "#/minItems: must be an integer of 0 or more"},
      {R"({"minProperties":"1"})", "#/minProperties: must be an integer of 0 or more"},
      {R"({"pattern":1})", "#/pattern: must be a string"},
      {R"({"format":1})", "#/format: must be a string"},
      {R"({"items":true})", "#/items: must be a schema or an array of schemas"},
      {R"({"items":[true]})", "#/items/0: a schema must be an object"},
      {R"({"additionalItems":1})", "#/additionalItems: must be true, false or a schema"},
      {R"({"additionalProperties":"x"})",
       "#/additionalProperties: must be true, false or a schema"},
      {R"({"uniqueItems":1})", "#/uniqueItems: must be true or false"},
      {R"({"properties":[]})", "#/properties: must be an object of schemas"},
      {R"({"properties":{"a":true}})", "#/properties/a: a schema must be an object"},
      {R"({"properties":{"a":{"required":true}}})",
       "#/properties/a/required: must be an array of strings"},
      {R"({"required":[1]})", "#/required: must be an array of strings"},
      {R"({"dependencies":{"a":"b"}})", "#/dependencies/a: must be an array of strings"},
      {R"({"dependencies":[]})", "#/dependencies: must be an object"},
      {R"({"definitions":{"a":{"type":1}}})",
       "#/definitions/a/type: must be one of, or an array of, null, boolean, integer, number, "
       "string, array, object"},
      {R"({"definitions":1})", "#/definitions: must be an object of schemas"},
      {R"({"allOf":[]})", "#/allOf: must be an array of at least one schema"},
      {R"({"anyOf":{}})", "#/anyOf: must be an array of at least one schema"},
      {R"({"oneOf":[1]})", "#/oneOf/0: a schema must be an object"},
      {R"({"not":[]})", "#/not: must be a schema"},
      {R"({"$ref":1})", "#/$ref: must be a string"},
      {R"({"id":1})", "#/id: must be a string"},
  };
  for (auto [schema, message] : cases) EXPECT_EQ(refusal(schema), message);
  EXPECT_EQ(refusal("{").substr(0, 18), "#: not valid JSON:");
  EXPECT_EQ(refusal(R"({"$schema":"http://json-schema.org/draft-04/schema"})"), "accepted");
}

TEST(Schema, Patterns) {
  const auto matches = [](std::string_view pattern, std::string_view text) {
    Object object;
    object.set("pattern", pattern);
    auto schema = Schema::compile(Value(object));
    EXPECT_TRUE(schema.ok()) << pattern << ": " << (schema.ok() ? "" : schema.error().message);
    return schema.ok() && schema->validate(Value(text)).empty();
  };
  struct PatternCase {
    const char* pattern;
    std::vector<const char*> matching, other;
  };
  const std::vector<PatternCase> cases = {
      {R"(^\/a\-b\_$)", {"/a-b_"}, {"a"}},
      {R"(^\u0041\x42\cJ\0?$)", {"AB\n"}, {"AB"}},
      {R"(^\ud83d\ude00$)", {"😀"}, {"x"}},
      {R"(^\u{1F600}$)", {"😀"}, {"x"}},
      {R"(^\d$)", {"5"}, {"٣", "a"}},
      {R"(^\w$)", {"a", "_", "9"}, {"é", "-"}},
      {R"(^\W$)", {"é", "-"}, {"a"}},
      {R"(^\s$)", {" ", "\t", "\v", "\xc2\xa0", "\xe2\x80\xa8", "\xef\xbb\xbf"}, {"a"}},
      {R"(^[^\S]$)", {" ", "\v", "\xc2\xa0"}, {"a"}},
      {R"(^[\S]$)", {"a", "😀"}, {" ", "\xc2\xa0"}},
      {R"(^.$)", {"a", "é", "😀"}, {"\n", "\r", "\xe2\x80\xa8"}},
      {R"(^[\b]$)", {"\b"}, {"b"}},
      {R"(\bcat\b)", {"a cat."}, {"cats"}},
      {R"([])", {}, {"", "a"}},
      {R"(^[^]$)", {"a", "\n"}, {""}},
      {R"(^[[:alpha:]+$)", {"[", ":"}, {"b]"}},
      {R"(^[\w-.]+$)", {"a-.b"}, {"a/"}},
      {R"(^[a-\d]$)", {"a", "-", "5"}, {"b"}},
      {R"(^[-a]$)", {"-", "a"}, {"b"}},
      {R"(^a{2}$)", {"aa"}, {"a", "aaa"}},
      {R"(^a{0}$)", {""}, {"a"}},
      {R"(^a{,2}$)", {"a{,2}"}, {"a"}},
      {R"(^{x}$)", {"{x}"}, {"x"}},
      {R"(^(?<year>\d{4})-(?:a|b)$)", {"2024-a"}, {"24-a"}},
      {R"(^a+?b*?c??$)", {"aab", "ac"}, {"b"}},
      {R"(^.{1,2048}$)", {"a"}, {""}},
      {R"(^(ab){1001,}$)", {}, {"ab"}},
      {R"((?i)abc)", {"xABC"}, {"ab"}},
      {R"(^\p{Lu}\p{Letter}$)", {"Éa"}, {"aa"}},
      {R"(^$)", {""}, {"a", "\n"}},
      {R"(a|^b$|(c|))", {"", "a"}, {}},
      {R"(^\$\{\}\(\)\[\]\.\*\+\?\^\|\\$)", {"${}()[].*+?^|\\"}, {""}},
      {"^é{2}$", {"éé"}, {"é"}},
  };
  for (const PatternCase& c : cases) {
    for (const char* text : c.matching) EXPECT_TRUE(matches(c.pattern, text)) << c.pattern << text;
    for (const char* text : c.other) EXPECT_FALSE(matches(c.pattern, text)) << c.pattern << text;
  }
  EXPECT_TRUE(matches("^.{1,2048}$", std::string(2048, 'x')));
  EXPECT_FALSE(matches("^.{1,2048}$", std::string(2049, 'x')));
  EXPECT_FALSE(matches("^a{1500}$", std::string(1499, 'a')));
  EXPECT_TRUE(matches("^a{1500}$", std::string(1500, 'a')));
  EXPECT_TRUE(matches("^(ab){1001,}$", [] {
    std::string text;
    for (int i = 0; i < 1001; ++i) text += "ab";
    return text;
  }()));
}

TEST(Schema, PatternsThatCannotBeUsedAreRefusedWithTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"a(?=b)", "lookahead and lookbehind are not supported"},
      {"a(?!b)", "lookahead and lookbehind are not supported"},
      {"(?<=a)b", "lookahead and lookbehind are not supported"},
      {"(?<!a)b", "lookahead and lookbehind are not supported"},
      {R"((a)\\1)", "backreferences are not supported"},
      {R"((?<n>a)\\k<n>)", "backreferences are not supported"},
      {"(?P<n>a)", "'(?' begins no group of ECMA 262"},
      {"(?>a)", "'(?' begins no group of ECMA 262"},
      {"(", "a group is not closed"},
      {")", "')' closes no group"},
      {"[", "a character class is not closed"},
      {"[z-a]", "a range of characters is in the wrong order"},
      {"*", "there is nothing to repeat"},
      {"a**", "there is nothing to repeat"},
      {"^*", "there is nothing to repeat"},
      {"a{2,1}", "the counts of a repetition are in the wrong order"},
      {"a{999999999999}", "a repetition of more than 100000"},
      {R"(a\\Z)", "\\Z is no escape of ECMA 262"},
      {R"(\\u12)", "\\u takes four hexadecimal digits"},
      {R"(\\x1)", "\\x takes two hexadecimal digits"},
      {R"(\\)", "the pattern ends in a backslash"},
      {"((((a{1,9999}){1,9999}){1,9999}){1,9999}){1,9999}", "the pattern is too large"},
  };
  for (auto [pattern, reason] : cases) {
    const std::string error =
        refusal(fmt::format(R"({{"properties":{{"a":{{"pattern":"{}"}}}}}})", pattern));
    EXPECT_EQ(error.rfind("#/properties/a/pattern: the pattern ", 0), 0u) << error;
    EXPECT_NE(error.find(reason), std::string::npos) << pattern << ": " << error;
  }
  EXPECT_EQ(refusal(R"x({"patternProperties":{"(?=a)":{}}})x"),
            "#/patternProperties/(?=a): the pattern (?=a) cannot be used: lookahead and lookbehind "
            "are not supported");
  EXPECT_NE(refusal(R"({"pattern":"(a{1000}){1000}"})").find("cannot be used"), std::string::npos);
}

TEST(Schema, Formats) {
  struct FormatCase {
    const char* name;
    std::vector<std::string_view> valid, invalid;
  };
  const FormatCase cases[] = {
      {"date-time",
       {"2024-02-29T23:59:59Z", "1963-06-19T08:30:06.283185Z", "1990-12-31T15:59:60-08:00",
        "2016-12-31t23:59:60z", "2024-01-01T00:00:00+23:59"},
       {"2023-02-29T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z",
        "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-32T00:00:00Z",
        "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z",
        "2024-01-01T12:00:60Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00Zx", "24-01-01T00:00:00Z", "1900-02-29T00:00:00Z", ""}},
      {"email",
       {"a@b.test", "a.b+c@d", "te~st@x.test", "\"a b\"@x.test", "a@[127.0.0.1]", "a@[IPv6:::1]"},
       {"a", "@b", "a@", ".a@b", "a.@b", "a..b@c", "a b@c", "\"a\\\"@b", "a@[1.2.3]", "a@b_c",
        "a@[IPv6:x]", "a@b@c", ""}},
      {"hostname",
       {"a", "www.example.test", "xn--4gbwdl.xn--wgbh1c", "1host", "a-b",
        "a2345678901234567890123456789012345678901234567890123456789012x"},
       {"", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "ü.test",
        "a23456789012345678901234567890123456789012345678901234567890123x"}},
      {"ipv4",
       {"0.0.0.0", "255.255.255.255"},
       {"256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4",
        "1.2.3.4/8", "", std::string_view("1.2.3.4\0", 8), "٣.2.3.4"}},
      {"ipv6",
       {"::", "::1", "2001:db8::ff00:42:8329", "::ffff:192.168.0.1", "1:2:3:4:5:6:7:8"},
       {"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1::", "12345::", ":1", "fe80::1%eth0", "::1/64",
        "::ffff:1.2.3.256", "", "[::1]"}},
      {"uri",
       {"http://a.test/b?c=d#e", "urn:oasis:names", "mailto:a@b.test", "http://[::1]:80/",
        "http://u:p@h.test:8080/%20", "x:", "tel:+1-816-555-1212", "ftp://h/a;type=i",
        "http://[v1.a:b]/"},
       {"", "abc", "/abc", "//a/b", "http://a b", "1http://a", ":a", "http://a/%zz",
        "http://h:port/", "http://a/<b>", "http://é.test", "bar,baz:foo", "http://[::1",
        "http://[x]/", "#a", "http://a/\"", "\\\\server\\share", "http://[@h/", "http://h?q=["}},
  };
  for (const FormatCase& c : cases) {
    FormatCheck check = find_format(c.name);
    ASSERT_TRUE(check) << c.name;
    for (std::string_view text : c.valid) EXPECT_TRUE(check(text)) << c.name << ": " << text;
    for (std::string_view text : c.invalid) EXPECT_FALSE(check(text)) << c.name << ": " << text;
  }
  EXPECT_FALSE(find_format("date"));
}

TEST(Schema, ViolationsSayWhatAndWhere) {
  const auto found = violations(
      R"({"properties":{"a":{"items":{"type":"integer"}},"b/c":{"maximum":3}},
          "required":["z"],"additionalProperties":false})",
      R"({"extra":1.0,"b/c":4,"a":[1,"x",null]})");
  ASSERT_EQ(found.size(), 5u);
  const auto shown = [&](std::size_t i) {
    const ErrorDetail& d = found[i];
    return d.constraint + "|" + d.location + "|" + d.reason + "|" + d.type + "|" + d.value;
  };
  EXPECT_EQ(
      shown(0),
      R"(required|#|the property "z" is missing|object|{"extra":1.0,"b/c":4,"a":[1,"x",null]})");
  EXPECT_EQ(shown(1),
            R"(additionalProperties|#/extra|the property "extra" is not allowed|number|1.0)");
  EXPECT_EQ(shown(2), "maximum|#/b~1c|must be at most 3|integer|4");
  EXPECT_EQ(shown(3), R"(type|#/a/1|expected integer, found string|string|"x")");
  EXPECT_EQ(shown(4), "type|#/a/2|expected integer, found null|null|null");
}

TEST(Schema, EveryKeywordNamesItself) {
  const std::tuple<const char*, const char*, const char*, const char*> cases[] = {
      {R"({"enum":[1,"a"]})", "2", "enum", R"(not one of [1,"a"])"},
      {R"({"multipleOf":0.5})", "0.3", "multipleOf", "must be a multiple of 0.5"},
      {R"({"minimum":1,"exclusiveMinimum":true})", "1", "minimum", "must be above 1"},
      {R"({"minLength":2})", "\"a\"", "minLength", "1 characters, at least 2 are needed"},
      {R"({"maxLength":1})", "\"ab\"", "maxLength", "2 characters, at most 1 are allowed"},
      {R"({"pattern":"^a$"})", "\"b\"", "pattern", "does not match the pattern \"^a$\""},
      {R"({"format":"ipv4"})", "\"b\"", "format", "is not a valid ipv4"},
      {R"({"minItems":1})", "[]", "minItems", "0 items, at least 1 are needed"},
      {R"({"maxItems":0})", "[1]", "maxItems", "1 items, at most 0 are allowed"},
      {R"({"uniqueItems":true})", "[1,2,1]", "uniqueItems", "items 0 and 2 are equal"},
      {R"({"items":[],"additionalItems":false})", "[1]", "additionalItems",
       "only 0 items are allowed"},
      {R"({"minProperties":1})", "{}", "minProperties", "0 properties, at least 1 are needed"},
      {R"({"maxProperties":0})", "{\"a\":1}", "maxProperties",
       "1 properties, at most 0 are allowed"},
      {R"({"dependencies":{"a":["b"]}})", "{\"a\":1}", "dependencies",
       "the property \"a\" needs \"b\" beside it"},
      {R"({"anyOf":[{"type":"null"}]})", "1", "anyOf", "none of the 1 alternatives accepts this"},
      {R"({"oneOf":[{"type":"null"}]})", "1", "oneOf", "none of the 1 alternatives accepts this"},
      {R"({"oneOf":[{},{}]})", "1", "oneOf", "more than one of the 2 alternatives accepts this"},
      {R"({"not":{}})", "1", "not", "is what the schema under \"not\" accepts"},
  };
  for (auto [schema, document, keyword, reason] : cases) {
    const auto found = violations(schema, document);
    ASSERT_EQ(found.size(), 1u) << schema;
    EXPECT_EQ(found[0].constraint, keyword);
    EXPECT_EQ(found[0].reason, reason);
  }
}

TEST(Schema, ValuesAndNumbersOfViolationsAreLimited) {
  const std::string text = "\"" + std::string(254, 'a') + "é" + std::string(100, 'b') + "\"";
  const auto found = violations(R"({"type":"null"})", text);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].value, "\"" + std::string(254, 'a'));  // not half a character
  EXPECT_EQ(violations(R"({"type":"null"})", "[[1,2],{\"a\":\"b\"}]")[0].value,
            "[[1,2],{\"a\":\"b\"}]");
  std::string many = "[0";
  for (int i = 1; i < 1000; ++i) many += ",0";
  EXPECT_EQ(violations(R"({"items":{"type":"null"}})", many + "]").size(), 100u);
  const auto three = violations(R"({"items":{"type":"null"}})", many + "]", 3);
  ASSERT_EQ(three.size(), 3u);
  EXPECT_EQ(three[2].location, "#/2");
  EXPECT_LE(violations(R"({"type":"null"})", many + "]")[0].value.size(), 256u);
}

TEST(Schema, WorkIsBounded) {
  // Each level tries the next one twice: two to the depth.
  std::string document = "1";
  for (int i = 0; i < 60; ++i) document = "[" + document + "]";
  const char* schema =
      R"({"type":"array","anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]})";
  const auto found = violations(schema, document);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].constraint, "limit");
  EXPECT_EQ(found[0].location, "#");
  EXPECT_EQ(found[0].reason, "judging this document takes more than 1000000 steps");
  // Cut short inside "not", it must not turn into a pass.
  EXPECT_FALSE(
      violations(fmt::format(R"({{"definitions":{{"a":{}}},"not":{{"$ref":"#/definitions/a"}}}})",
                             R"({"type":"array","anyOf":[{"items":{"$ref":"#/definitions/a"}},
                                          {"items":{"$ref":"#/definitions/a"}}]})"),
                 document)
          .empty());
}

TEST(Schema, DepthIsBounded) {
  std::string parts = R"({"items":{"$ref":"#"}})";
  for (int i = 0; i < 30; ++i) parts = R"({"allOf":[)" + parts + "]}";
  std::string document = "1";
  for (int i = 0; i < 60; ++i) document = "[" + document + "]";
  const auto found = violations(parts, document);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].reason, "more than 512 schemas inside each other apply");
}

TEST(Schema, AnOrdinaryDocumentOfMegabytesPasses) {
  std::string document = "[0";
  for (int i = 0; i < 50'000; ++i)
    document += fmt::format(R"(,{{"name":"item-{}","size":{},"tags":["a","b"]}})", i, i);
  const auto found = violations(
      R"({"items":{"properties":{"name":{"type":"string","pattern":"^[a-z0-9-]{1,64}$"},
          "size":{"type":"integer","minimum":0},"tags":{"items":{"enum":["a","b"]}}},
          "required":["name"],"additionalProperties":false}})",
      document + "]");
  EXPECT_TRUE(found.empty()) << found[0].reason;
}

TEST(Schema, MovesAndIsUsedAgain) {
  auto schema = Schema::compile(std::string_view(R"({"type":"string"})"));
  ASSERT_TRUE(schema.ok());
  Schema moved = std::move(*schema);
  EXPECT_TRUE(moved.validate(Value("a")).empty());
  EXPECT_EQ(moved.validate(Value(1)).size(), 1u);
}

}  // namespace
}  // namespace tidegate::document
