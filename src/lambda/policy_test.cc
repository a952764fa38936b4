#include "lambda/policy.h"

#include <gtest/gtest.h>

#include "document/value.h"
#include "support/lambda_world.h"

namespace tidegate::lambda {
namespace {

constexpr char kS3[] = "s3.amazonaws.com";
constexpr char kAccount[] = "111122223333";
const Scope kScope{kAccount, "us-east-1"};
const FunctionRef kF{"f", std::nullopt};

Statement statement(const std::string& sid, const std::string& principal = kS3) {
  Statement s;
  s.sid = sid;
  s.action = "lambda:InvokeFunction";
  s.principal = principal;
  return s;
}
ServiceCaller caller(const std::string& arn, const std::string& account = kAccount) {
  return ServiceCaller{kS3, arn, account};
}
bool allowed(const Statement& s, const ServiceCaller& c) {
  Policy policy;
  policy.statements.push_back(s);
  return allows(policy, c);
}
bool arn_allowed(const std::string& pattern, const std::string& arn) {
  Statement s = statement("s");
  s.source_arn = pattern;
  return allowed(s, caller(arn));
}
void expect_json(const std::string& actual, const std::string& wanted) {
  auto a = document::parse_json(actual), b = document::parse_json(wanted);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_TRUE(document::equal(*a, *b)) << actual;
}

TEST(Allows, PrincipalAndAction) {
  EXPECT_FALSE(allows(Policy{}, caller("arn:aws:s3:::b")));
  EXPECT_TRUE(allowed(statement("s"), caller("arn:aws:s3:::b")));
  EXPECT_TRUE(allowed(statement("s", "*"), caller("arn:aws:s3:::b")));
  EXPECT_FALSE(allowed(statement("s", "appconfig.amazonaws.com"), caller("arn:aws:s3:::b")));
  EXPECT_FALSE(allowed(statement("s", kAccount), caller("arn:aws:s3:::b")));
  for (auto [action, good] : {std::pair{"lambda:*", true},
                              {"*", true},
                              {"lambda:GetFunction", false},
                              {"lambda:InvokeFunctionUrl", false}}) {
    Statement s = statement("s");
    s.action = action;
    EXPECT_EQ(allowed(s, caller("arn:aws:s3:::b")), good) << action;
  }
}

TEST(Allows, SourceArnByPattern) {
  EXPECT_TRUE(arn_allowed("arn:aws:s3:::b", "arn:aws:s3:::b"));
  EXPECT_FALSE(arn_allowed("arn:aws:s3:::b", "arn:aws:s3:::bb"));
  EXPECT_FALSE(arn_allowed("arn:aws:s3:::bb", "arn:aws:s3:::b"));
  EXPECT_TRUE(arn_allowed("arn:aws:s3:::b*", "arn:aws:s3:::bucket"));
  EXPECT_TRUE(arn_allowed("arn:aws:s3:::*-config", "arn:aws:s3:::my-app-config"));
  EXPECT_FALSE(arn_allowed("arn:aws:s3:::*-config", "arn:aws:s3:::my-app-configs"));
  EXPECT_TRUE(arn_allowed("arn:aws:s3:::b?cket", "arn:aws:s3:::bucket"));
  EXPECT_FALSE(arn_allowed("arn:aws:s3:::b?cket", "arn:aws:s3:::bcket"));
  EXPECT_TRUE(arn_allowed("arn:*:s3:::bucket", "arn:aws:s3:::bucket"));
  EXPECT_TRUE(arn_allowed("*", "arn:aws:s3:::bucket"));
  // A star within one part does not swallow the colon before the next.
  EXPECT_FALSE(arn_allowed("arn:aws:s*:us-east-1::b", "arn:aws:s3:eu-west-1:us-east-1::b"));
  EXPECT_TRUE(arn_allowed("arn:aws:appconfig:us-east-1:111122223333:application/*",
                          "arn:aws:appconfig:us-east-1:111122223333:application/a/profile/p"));
  // A star in the text is a character like others.
  EXPECT_TRUE(arn_allowed("arn:aws:s3:::*", "arn:aws:s3:::*abc"));
}

TEST(Allows, SourceAccountAndConditionsNobodyMeets) {
  Statement s = statement("s");
  s.source_account = kAccount;
  EXPECT_TRUE(allowed(s, caller("arn:aws:s3:::b")));
  EXPECT_FALSE(allowed(s, caller("arn:aws:s3:::b", "999999999999")));
  for (auto member :
       {&Statement::org_id, &Statement::event_source_token, &Statement::url_auth_type}) {
    Statement other = statement("s");
    other.*member = "x";
    EXPECT_FALSE(allowed(other, caller("arn:aws:s3:::b")));
  }
}

TEST(Documents, AreAsTheContractShows) {
  Statement s = statement("s3-invoke");
  s.source_arn = "arn:aws:s3:::b";
  s.source_account = kAccount;
  const std::string one =
      R"({"Sid":"s3-invoke","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},)"
      R"("Action":"lambda:InvokeFunction",)"
      R"("Resource":"arn:aws:lambda:us-east-1:111122223333:function:f",)"
      R"("Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},)"
      R"("ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}})";
  EXPECT_EQ(statement_json(kScope, kF, s), one);
  Policy policy;
  policy.statements = {s};
  EXPECT_EQ(policy_json(kScope, kF, policy),
            R"({"Version":"2012-10-17","Id":"default","Statement":[)" + one + "]}");
}

TEST(Documents, PrincipalsAndTheOtherConditions) {
  auto principal = [](const std::string& p) {
    auto json = document::parse_json(statement_json(kScope, kF, statement("s", p)));
    return document::to_json(*json->find("Principal"));
  };
  EXPECT_EQ(principal("*"), R"("*")");
  EXPECT_EQ(principal(kAccount), R"({"AWS":"arn:aws:iam::111122223333:root"})");
  EXPECT_EQ(principal("arn:aws:iam::1:role/r"), R"({"AWS":"arn:aws:iam::1:role/r"})");
  Statement s = statement("s", "*");
  s.org_id = "o-1234567890";
  s.event_source_token = "token";
  s.url_auth_type = "NONE";
  expect_json(statement_json(kScope, kF, s),
              R"({"Sid":"s","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction",
                  "Resource":"arn:aws:lambda:us-east-1:111122223333:function:f",
                  "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890",
                  "lambda:EventSourceToken":"token","lambda:FunctionUrlAuthType":"NONE"}}})");
}

class PoliciesTest : public testing::Test {
 public:
  LambdaWorld w;
  PoliciesTest() { EXPECT_TRUE(w.create("f").ok()); }
  Result<Policy> add(const Statement& s, std::optional<std::string> revision = std::nullopt) {
    return w.run(w.policies.add(w.scope, LambdaWorld::ref("f"), s, std::move(revision)));
  }
  Status remove(const std::string& sid, std::optional<std::string> revision = std::nullopt) {
    return w.run(w.policies.remove(w.scope, LambdaWorld::ref("f"), sid, std::move(revision)));
  }
  Policy find() { return *w.run(w.policies.find(w.scope, LambdaWorld::ref("f"))); }
};

TEST_F(PoliciesTest, StatementsAreAddedAndRemovedUnderRevisions) {
  EXPECT_TRUE(find().statements.empty());
  auto one = add(statement("one"));
  ASSERT_TRUE(one.ok());
  auto two = add(statement("two"), one->revision_id);
  ASSERT_TRUE(two.ok());
  EXPECT_NE(one->revision_id, two->revision_id);
  EXPECT_EQ(find().statements.size(), 2u);
  const std::string stale =
      "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to "
      "retrieve the latest Revision Id";
  auto late = add(statement("three"), one->revision_id);
  EXPECT_EQ(late.fault(), Fault::precondition_failed);
  EXPECT_EQ(late.error().message, stale);
  EXPECT_EQ(remove("one", one->revision_id).error().message, stale);
  // A publication renews the function's revision, not the policy's; either one will do.
  ASSERT_TRUE(w.run(w.functions.publish(w.scope, LambdaWorld::ref("f"), {})).ok());
  EXPECT_EQ(find().revision_id, two->revision_id);
  const auto published = w.run(w.functions.find(w.scope, LambdaWorld::ref("f")));
  EXPECT_NE(published->revision_id, two->revision_id);
  ASSERT_TRUE(add(statement("three"), published->revision_id).ok());
  two = add(statement("four"), find().revision_id);
  ASSERT_TRUE(two.ok());
  ASSERT_TRUE(remove("three").ok() && remove("four").ok());
  two->revision_id = find().revision_id;
  EXPECT_TRUE(remove("one", two->revision_id).ok());
  EXPECT_EQ(find().statements.at(0).sid, "two");
  EXPECT_TRUE(remove("two").ok());
  EXPECT_TRUE(find().statements.empty());
}

TEST_F(PoliciesTest, ErrorsHaveAwssTexts) {
  auto none = remove("x");
  EXPECT_EQ(none.fault(), Fault::not_found);
  EXPECT_EQ(none.error().message, "No policy is associated with the given resource.");
  ASSERT_TRUE(add(statement("s")).ok());
  EXPECT_EQ(remove("x").error().message, "Statement x is not found in resource policy.");
  auto twice = add(statement("s"));
  EXPECT_EQ(twice.fault(), Fault::conflict);
  EXPECT_EQ(twice.error().message,
            "The statement id (s) provided already exists. Please provide a new statement id, or "
            "remove the existing statement.");
  for (const char* bad : {"", "bob", "12345", "s3.example.com"}) {
    auto refused = add(statement("t", bad));
    EXPECT_EQ(refused.fault(), Fault::invalid_parameter_value) << bad;
    EXPECT_EQ(refused.error().message,
              "The provided principal was invalid. Please check the principal and try again.");
  }
}

TEST_F(PoliciesTest, APolicyHasABound) {
  Statement s = statement("s");
  s.source_arn = "arn:aws:s3:::" + std::string(1000, 'b');
  int added = 0;
  Fault fault = Fault::last_value_;
  for (; added < 30; ++added) {
    s.sid = "s" + std::to_string(added);
    auto more = add(s);
    if (more.ok()) continue;
    fault = more.fault();
    EXPECT_TRUE(more.error().message.starts_with("The final policy size ("));
    EXPECT_TRUE(more.error().message.ends_with(") is bigger than the limit (20480)."));
    break;
  }
  EXPECT_EQ(fault, Fault::too_large);
  EXPECT_GT(added, 10);
}

TEST_F(PoliciesTest, ALaterFunctionOfThatNameInheritsNothing) {
  ASSERT_TRUE(add(statement("s")).ok());
  ASSERT_TRUE(w.run(w.functions.remove(w.scope, LambdaWorld::ref("f"))).ok());
  auto without = add(statement("t"));
  EXPECT_EQ(without.fault(), Fault::not_found);
  EXPECT_EQ(without.error().message,
            "Function not found: arn:aws:lambda:us-east-1:111122223333:function:f");
  ASSERT_TRUE(w.create("f").ok());
  EXPECT_TRUE(find().statements.empty());
}

TEST_F(PoliciesTest, AnUnansweredCommitIsRecognised) {
  w.store.next_commits({store::FaultyStore::Commit::unanswered});
  EXPECT_TRUE(add(statement("s")).ok());
  EXPECT_EQ(find().statements.size(), 1u);
}

}  // namespace
}  // namespace tidegate::lambda
