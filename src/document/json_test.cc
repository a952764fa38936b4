#include <gtest/gtest.h>

#include <cmath>

#include "document/decimal.h"
#include "document/value.h"

namespace tidegate::document {
namespace {

Value parsed(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.ok()) << text << ": " << (value.ok() ? "" : value.error().message);
  return value.ok() ? *value : Value();
}

std::string nested(std::size_t depth, std::string_view open, std::string_view close) {
  std::string out;
  for (std::size_t i = 0; i < depth; ++i) out += open;
  for (std::size_t i = 0; i < depth; ++i) out += close;
  return out;
}

TEST(Json, NumbersKeepTheirTextAndTheNearestDouble) {
  const std::pair<const char*, double> cases[] = {
      {"0", 0},
      {"-0", 0},
      {"1.0", 1},
      {"-12.50", -12.5},
      {"1E+2", 100},
      {"0.1", 0.1},
      {"9007199254740993", 9007199254740992.0},
      {"18446744073709551615", 18446744073709551615.0},
      {"18446744073709551616", 18446744073709551616.0},
      {"-9223372036854775809", -9223372036854775808.0},
      {"123456789012345678901234567890", 1.2345678901234568e29},
      {"1e400", HUGE_VAL},
      {"-1e400", -HUGE_VAL},
      {"1e-400", 0},
      {"1e99999999999999999999", HUGE_VAL},
      {"5e-324", 5e-324},
      {"1.7976931348623157e308", 1.7976931348623157e308},
  };
  for (auto [text, number] : cases) {
    Value value = parsed(text);
    ASSERT_TRUE(value.number()) << text;
    EXPECT_EQ(value.number()->text, text);
    EXPECT_EQ(value.number()->as_double, number) << text;
    EXPECT_EQ(to_json(value), text);
    // Beside a number that simdjson's DOM refuses every other one must still be found.
    Value beside = parsed(std::string("[\"-1e\\\"2\",1e400,{\"3\":") + text + "},4]");
    ASSERT_EQ(beside.array()->size(), 4u);
    EXPECT_EQ((*beside.array())[2].find("3")->number()->text, text);
    EXPECT_EQ((*beside.array())[3].number()->text, "4");
  }
}

TEST(Json, IllegalNumbersAreRefusedAlsoBesideLargeOnes) {
  for (const char* text : {"01", "+1", "1.", ".5", "1e", "1e+", "-", "--1", "0x10", "1.2.3",
                           "1e5e5", "NaN", "Infinity", "-Infinity", "1_000", "1a", "- 1", "00"}) {
    EXPECT_FALSE(parse_json(text).ok()) << text;
    EXPECT_FALSE(parse_json(std::string("[1e400,") + text + "]").ok()) << text;
  }
}

TEST(Json, DepthIsBounded) {
  EXPECT_TRUE(parse_json(nested(64, "[", "]")).ok());
  EXPECT_FALSE(parse_json(nested(65, "[", "]")).ok());
  std::string objects = nested(64, "{\"a\":", "}");
  objects.insert(objects.find('}'), "1");
  EXPECT_TRUE(parse_json(objects).ok());
  EXPECT_FALSE(parse_json("[" + objects + "]").ok());
  EXPECT_FALSE(parse_json(nested(1'000'000, "[", "]")).ok());
}

TEST(Json, TheLastOfDuplicateMembersWinsInTheFirstsPlace) {
  Value value = parsed(R"({"a":1,"b":2,"a":3,"\u0061":4})");
  EXPECT_EQ(to_json(value), R"({"a":4,"b":2})");
}

TEST(Json, ManyDuplicatesDoNotTakeLong) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += fmt::format("\"k{}\":0,", i);
  for (int i = 0; i < 100'000; ++i) text += fmt::format("\"k{}\":1,", i);
  text.back() = '}';
  EXPECT_EQ(parsed(text).object()->size(), 100'000u);
}

TEST(Json, EscapesAndSurrogates) {
  EXPECT_EQ(*parsed(R"("\"\\\/\b\f\n\r\t\u00e9")").string(), "\"\\/\b\f\n\r\t\xc3\xa9");
  EXPECT_EQ(*parsed(R"("\ud83d\ude00")").string(), "\xf0\x9f\x98\x80");
  EXPECT_EQ(*parsed(R"("\u0000")").string(), std::string(1, '\0'));
  for (const char* text : {R"("\ud83d")", R"("\ude00")", R"("\ud83dx")", R"("\ud83d\u0041")",
                           R"("\x41")", R"("\u12")", R"("\u12g4")", R"("\)"})
    EXPECT_FALSE(parse_json(text).ok()) << text;
}

TEST(Json, WhatIsNotOneDocumentIsRefused) {
  for (std::string_view text : {"",
                                " ",
                                "[",
                                "]",
                                "{",
                                "[1,]",
                                "[,1]",
                                "[1 2]",
                                "{\"a\"}",
                                "{\"a\":}",
                                "{\"a\":1,}",
                                "{a:1}",
                                "{1:1}",
                                "{\"a\" 1}",
                                "'a'",
                                "\"a",
                                "tru",
                                "truee",
                                "nul",
                                "True",
                                "1 2",
                                "{} {}",
                                "[] x",
                                "// c\n1",
                                "\"a\nb\"",
                                "\"\t\"",
                                "\"\xff\"",
                                "\"\xc3\"",
                                "\"\xed\xa0\x80\"",
                                "\"\xc0\x80\"",
                                "\"\xf4\x90\x80\x80\"",
                                "[1,2",
                                "\xef\xbb\xbf{}"}) {
    auto value = parse_json(text);
    ASSERT_FALSE(value.ok()) << text;
    EXPECT_EQ(value.fault(), Fault::malformed_body);
    EXPECT_NE(value.error().message, "");
  }
  EXPECT_FALSE(parse_json(std::string_view("1\0", 2)).ok());
}

TEST(Json, RoundTrips) {
  for (const char* text :
       {"null", "true", "false", "\"\"", "[]", "{}", R"([1,"a",null,{"b":[[],{}]}])",
        R"({"z":1.50,"a":"\u0001\n\"\\","é":"日本"})", "[1e400,-0.0,12345678901234567890123]"}) {
    EXPECT_EQ(to_json(parsed(text)), text);
  }
  EXPECT_EQ(to_json(parsed(" { \"a\" : [ 1 , 2 ] } \n")), R"({"a":[1,2]})");
}

TEST(Json, EqualityIsByValue) {
  auto same = [](const char* a, const char* b) { return equal(parsed(a), parsed(b)); };
  EXPECT_TRUE(same("1", "1.0"));
  EXPECT_TRUE(same("100", "1e2"));
  EXPECT_TRUE(same("-0", "0.0"));
  EXPECT_FALSE(same("9007199254740993", "9007199254740992"));
  EXPECT_FALSE(same("1e400", "1e401"));
  EXPECT_TRUE(same("10e399", "1e400"));
  EXPECT_TRUE(same(R"({"a":1,"b":[2]})", R"({"b":[2.0],"a":1})"));
  EXPECT_FALSE(same("[1,2]", "[2,1]"));
  EXPECT_FALSE(same("0", "false"));
  EXPECT_FALSE(same("null", "\"\""));
}

TEST(Json, IntegersHoweverWritten) {
  for (const char* text : {"1", "1.0", "1e2", "150e-1", "1e400", "-0.0"})
    EXPECT_TRUE(parsed(text).is_integer()) << text;
  EXPECT_FALSE(parsed("1.5").is_integer());
  EXPECT_FALSE(parsed("1e-1").is_integer());
  EXPECT_FALSE(parsed("9007199254740993.5").is_integer());
  EXPECT_FALSE(parsed("\"1\"").is_integer());
}

TEST(Decimal, Compares) {
  auto order = [](const char* a, const char* b) {
    return compare(parse_decimal(a), parse_decimal(b));
  };
  EXPECT_EQ(order("0", "-0.00"), 0);
  EXPECT_EQ(order("1.10", "11e-1"), 0);
  EXPECT_LT(order("-1", "0"), 0);
  EXPECT_LT(order("-2", "-1"), 0);
  EXPECT_GT(order("0.1", "0.09"), 0);
  EXPECT_GT(order("9007199254740993", "9007199254740992"), 0);
  EXPECT_LT(order("1e400", "1e401"), 0);
  EXPECT_GT(order("12", "1.19e1"), 0);
  EXPECT_LT(order("1", "1.0000000000000000000000001"), 0);
}

TEST(Decimal, Multiples) {
  auto multiple = [](const char* value, const char* of) {
    return Divisor::of(parse_decimal(of))->divides(parse_decimal(value));
  };
  EXPECT_TRUE(multiple("0.3", "0.1"));
  EXPECT_TRUE(multiple("0.0075", "0.0001"));
  EXPECT_FALSE(multiple("0.00751", "0.0001"));
  EXPECT_TRUE(multiple("0", "7"));
  EXPECT_TRUE(multiple("1e400", "0.5"));
  EXPECT_TRUE(multiple("1e400", "128"));
  EXPECT_FALSE(multiple("1e400", "3"));
  EXPECT_TRUE(multiple("-4.5", "1.5"));
  EXPECT_FALSE(multiple("4.5", "10"));
  EXPECT_TRUE(multiple("123456789012345678901234567890", "10"));
  EXPECT_FALSE(Divisor::of(parse_decimal("0")));
  EXPECT_FALSE(Divisor::of(parse_decimal("-1")));
}

}  // namespace
}  // namespace tidegate::document
