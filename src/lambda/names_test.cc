#include "lambda/names.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tidegate::lambda {
namespace {

const Scope kScope{"111122223333", "us-east-1"};
constexpr char kArn[] = "arn:aws:lambda:us-east-1:111122223333:function:f";

Result<FunctionRef> parse(const std::string& text,
                          std::optional<std::string> qualifier = std::nullopt) {
  return parse_function_name(kScope, text, qualifier);
}

TEST(Names, EveryFormOfANameIsRead) {
  struct Case {
    std::string text, qualifier;
  };
  const std::string arn = kArn;
  for (const Case& c :
       std::vector<Case>{{"f", ""},
                         {"f:$LATEST", "$LATEST"},
                         {"f:1", "1"},
                         {"f:live", "live"},
                         {"111122223333:function:f", ""},
                         {"111122223333:function:f:1", "1"},
                         {arn, ""},
                         {arn + ":$LATEST", "$LATEST"},
                         {arn + ":live", "live"},
                         {"arn:aws-cn:lambda:us-east-1:111122223333:function:f", ""}}) {
    auto ref = parse(c.text);
    ASSERT_TRUE(ref.ok()) << c.text << ": " << ref.error().message;
    EXPECT_EQ(ref->name, "f") << c.text;
    EXPECT_EQ(ref->qualifier.value_or(""), c.qualifier) << c.text;
  }
  EXPECT_TRUE(parse(std::string(64, 'n')).ok());
  EXPECT_EQ(parse("arn:aws:lambda:us-east-1:111122223333:f")->name, "f");
  EXPECT_EQ(parse("arn:aws:lambda:us-east-1:111122223333:function")->name, "function");
  // It names nothing, and is looked for.
  EXPECT_TRUE(parse(std::string(65, 'n')).ok());
}

TEST(Names, ANewFunctionsNameIsShortAndPlain) {
  EXPECT_EQ(*parse_new_name(kScope, "arn:aws:lambda:us-east-1:111122223333:function:f"), "f");
  auto qualified = parse_new_name(kScope, "f:live");
  EXPECT_EQ(qualified.fault(), Fault::invalid_request);
  auto long_name = parse_new_name(kScope, std::string(65, 'n'));
  EXPECT_EQ(long_name.fault(), Fault::invalid_parameter_value);
  EXPECT_EQ(long_name.error().message,
            "1 validation error detected: Value '" + std::string(65, 'n') +
                "' at 'functionName' failed to satisfy constraint: Member must have length less "
                "than or equal to 64");
}

TEST(Names, WhatIsNoNameIsRefusedWithThePattern) {
  for (const std::string& bad : std::vector<std::string>{
           "", "a b", "f/g", "a.b", std::string(257, 'n'), "f:", "f:a b", "f:1:2", ":f",
           "11112222333:function:f", "111122223333:function:", "111122223333:function:f:1:2",
           "arn:aws:s3:us-east-1:111122223333:function:f",
           "arn:aws:lambda:us-east-1:1111:function:f", "arn:aws:lambda:us-east-1:111122223333:a b",
           "arn:aws:lambda:invalid-region:111122223333:function:f",
           "arn:aws:lambda:us-east-1/fn:111122223333:function:f", "f:" + std::string(129, 'q')}) {
    auto ref = parse(bad);
    ASSERT_FALSE(ref.ok()) << bad;
    EXPECT_EQ(ref.fault(), Fault::invalid_request) << bad;
    EXPECT_TRUE(ref.error().message.starts_with(
        "1 validation error detected: Value '" + bad.substr(0, 256) +
        "' at 'functionName' failed to satisfy "
        "constraint: Member must satisfy regular "
        "expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:"))
        << ref.error().message;
  }
}

TEST(Names, AQualifierMayStandInEitherPlaceButNotDifferInBoth) {
  EXPECT_EQ(parse("f", "1")->qualifier, "1");
  EXPECT_EQ(parse("f", "")->qualifier, std::nullopt);
  EXPECT_EQ(parse("f:1", "1")->qualifier, "1");
  auto differs = parse("f:1", "2");
  EXPECT_EQ(differs.fault(), Fault::invalid_parameter_value);
  EXPECT_EQ(differs.error().message,
            "The derived qualifier from the function name does not match the specified "
            "qualifier.");
  auto bad = parse("f", "a b");
  EXPECT_EQ(bad.fault(), Fault::invalid_request);
  EXPECT_EQ(bad.error().message,
            "1 validation error detected: Value 'a b' at 'qualifier' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: "
            "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+");
}

TEST(Names, AnArnMayNameAnotherAccountsFunction) {
  for (const char* text :
       {"arn:aws:lambda:us-east-1:999999999999:function:f:live", "999999999999:function:f:live"}) {
    auto target = resolve_function_name(kScope, text, std::nullopt);
    ASSERT_TRUE(target.ok()) << text;
    EXPECT_EQ(target->scope, (Scope{"999999999999", "us-east-1"}));
    EXPECT_EQ(target->function.name, "f");
    EXPECT_EQ(target->function.qualifier, "live");
    auto refused = parse(text);
    EXPECT_EQ(refused.fault(), Fault::access_denied);
    EXPECT_EQ(refused.error().message,
              "This operation is not available to account 111122223333 on resource: "
              "arn:aws:lambda:us-east-1:999999999999:function:f:live");
  }
  EXPECT_EQ(resolve_function_name(kScope, "f", std::nullopt)->scope, kScope);
}

TEST(Names, OtherRegionsAreNotReached) {
  auto region = parse("arn:aws:lambda:eu-west-1:111122223333:function:f");
  EXPECT_EQ(region.fault(), Fault::not_found);
  EXPECT_EQ(region.error().message,
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
  for (const char* one : {"us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"})
    EXPECT_EQ(parse(fmt::format("arn:aws:lambda:{}:111122223333:function:f", one)).fault(),
              Fault::not_found)
        << one;
}

TEST(Names, TheTextOfAMissingFunctionNamesItsArnAndQualifier) {
  EXPECT_EQ(function_not_found(kScope, {"f", std::nullopt}).message,
            std::string("Function not found: ") + kArn);
  EXPECT_EQ(function_not_found(kScope, {"f", "$LATEST"}).message,
            std::string("Function not found: ") + kArn + ":$LATEST");
}

TEST(Names, AnArnOfANotificationGivesItsScope) {
  auto target = parse_function_arn("arn:aws:lambda:eu-west-1:999999999999:function:f:live");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->scope, (Scope{"999999999999", "eu-west-1"}));
  EXPECT_EQ(target->function.name, "f");
  EXPECT_EQ(target->function.qualifier, "live");
  // The region becomes a part of store keys.
  for (const char* bad : {"f", "arn:aws:lambda::999999999999:function:f",
                          "arn:aws:lambda:a/b:999999999999:function:f",
                          "arn:aws:lambda:eu-west-1:999999999999:function:a/b",
                          "arn:aws:sqs:eu-west-1:999999999999:q"})
    EXPECT_FALSE(parse_function_arn(bad)) << bad;
}

TEST(Names, AValueIsShownInWholeCharacters) {
  std::string value(255, 'a');
  value += "é";
  const Error e = validation(value, "m", "be short");
  EXPECT_TRUE(valid_utf8(e.message));
  EXPECT_EQ(e.message, "1 validation error detected: Value '" + std::string(255, 'a') +
                           "' at 'm' failed to satisfy constraint: Member must be short");
}

}  // namespace
}  // namespace tidegate::lambda
