#include <gtest/gtest.h>

#include "policy/evaluate.h"

namespace tidegate::policy {
namespace {

constexpr char kAccount[] = "111122223333";

Request request(const std::string& action = "s3:GetObject",
                const std::string& resource = "arn:aws:s3:::bucket/key") {
  Request r;
  r.caller.account = kAccount;
  r.caller.arn = "arn:aws:iam::111122223333:user/ann";
  r.action = action;
  r.resource = resource;
  r.context.set("aws:username", "ann");
  r.context.set("aws:SourceIp", "10.1.2.3");
  r.context.set("aws:TagKeys", std::vector<std::string>{"a", "b"});
  return r;
}

Document must(const std::string& json, Dialect dialect = Dialect::identity) {
  Result<Document> d = parse(json, dialect);
  EXPECT_TRUE(d.ok()) << json << (d.ok() ? "" : d.error().message);
  return d.ok() ? *d : Document{};
}
Verdict verdict(const std::string& json, const Request& r, Dialect dialect = Dialect::identity) {
  return evaluate(must(json, dialect), r).verdict;
}
std::string one(const std::string& rest, const std::string& version = "2012-10-17") {
  return R"({"Version":")" + version + R"(","Statement":[{"Effect":"Allow",)" + rest + "}]}";
}
std::string refusal(const std::string& json, Dialect dialect) {
  Result<Document> d = parse(json, dialect);
  if (d.ok()) return "taken";
  EXPECT_EQ(d.fault(), Fault::malformed_policy);
  return d.error().message;
}
// Whether a condition lets an allowed call pass.
bool passes(const std::string& condition, const Request& r = request()) {
  return verdict(one(R"("Action":"*","Resource":"*","Condition":)" + condition), r) ==
         Verdict::allow;
}

TEST(Policy, ActionsAndResources) {
  for (auto [action, good] : {std::pair{"s3:GetObject", true},
                              {"S3:getobject", true},
                              {"s3:Get*", true},
                              {"s3:G?tObject", true},
                              {"*", true},
                              {"s3:*", true},
                              {"s3:GetObjectVersion", false},
                              {"s3:PutObject", false}})
    EXPECT_EQ(verdict(one(fmt::format(R"("Action":"{}","Resource":"*")", action)), request()),
              good ? Verdict::allow : Verdict::none)
        << action;
  for (auto [resource, good] : {std::pair{"arn:aws:s3:::bucket/*", true},
                                {"arn:aws:s3:::bucket/key", true},
                                {"arn:aws:s3:::bucket/k?y", true},
                                {"arn:aws:s3:::*", true},
                                {"arn:aws:s3:::Bucket/key", false},
                                {"arn:aws:s3:::bucket", false},
                                {"arn:aws:s3:::bucket/${aws:username}", false}})
    EXPECT_EQ(
        verdict(one(fmt::format(R"("Action":"s3:*","Resource":["{}"])", resource)), request()),
        good ? Verdict::allow : Verdict::none)
        << resource;
}

TEST(Policy, NotActionAndNotResource) {
  const std::string not_action = one(R"("NotAction":["s3:Put*","iam:*"],"Resource":"*")");
  EXPECT_EQ(verdict(not_action, request()), Verdict::allow);
  EXPECT_EQ(verdict(not_action, request("s3:PutObject")), Verdict::none);
  const std::string not_resource = one(R"("Action":"*","NotResource":"arn:aws:s3:::bucket/*")");
  EXPECT_EQ(verdict(not_resource, request()), Verdict::none);
  EXPECT_EQ(verdict(not_resource, request("s3:GetObject", "arn:aws:s3:::other/k")), Verdict::allow);
}

TEST(Policy, ExplicitDenyWinsInAnyOrder) {
  const std::string allow = R"({"Effect":"Allow","Action":"*","Resource":"*"})",
                    deny = R"({"Effect":"Deny","Action":"s3:Get*","Resource":"*"})";
  for (const std::string& list : {allow + "," + deny, deny + "," + allow}) {
    const std::string text = R"({"Version":"2012-10-17","Statement":[)" + list + "]}";
    EXPECT_EQ(verdict(text, request()), Verdict::deny);
    EXPECT_EQ(verdict(text, request("s3:PutObject")), Verdict::allow);
    const Decision d = evaluate(must(text), request());
    ASSERT_EQ(d.matched.size(), 1u);
    EXPECT_EQ(must(text).statements[d.matched[0]].effect, Effect::deny);
  }
}

TEST(Policy, VariablesAreLiteralAndDefaulted) {
  const std::string own = R"("Action":"*","Resource":"arn:aws:s3:::bucket/${aws:username}/*")";
  Request r = request("s3:GetObject", "arn:aws:s3:::bucket/ann/x");
  EXPECT_EQ(verdict(one(own), r), Verdict::allow);
  EXPECT_EQ(verdict(one(own, "2008-10-17"), r), Verdict::none) << "no variables before 2012";
  r.context.set("aws:username", "*");
  EXPECT_EQ(verdict(one(own), r), Verdict::none) << "a user named * is not everybody";
  r.resource = "arn:aws:s3:::bucket/*/x";
  EXPECT_EQ(verdict(one(own), r), Verdict::allow);
  const std::string star = R"("Action":"*","Resource":"arn:aws:s3:::bucket/${*}")";
  EXPECT_EQ(verdict(one(star), request("s3:GetObject", "arn:aws:s3:::bucket/*")), Verdict::allow);
  EXPECT_EQ(verdict(one(star), request("s3:GetObject", "arn:aws:s3:::bucket/a")), Verdict::none);
  const std::string fallback =
      R"("Action":"*","Resource":"arn:aws:s3:::${aws:PrincipalTag/team, 'shared'}/*")";
  EXPECT_EQ(verdict(one(fallback), request("s3:GetObject", "arn:aws:s3:::shared/a")),
            Verdict::allow);
  EXPECT_EQ(verdict(one(R"("Action":"*","NotResource":"arn:aws:s3:::${aws:nobody}")"), request()),
            Verdict::allow);
  EXPECT_FALSE(passes(R"({"StringEquals":{"aws:username":"${aws:TagKeys}"}})")) << "many values";
  EXPECT_TRUE(passes(R"({"StringLike":{"aws:username":"${aws:userNAME}"}})"));
}

TEST(Policy, QuestionMarkIsOneCharacter) {
  EXPECT_TRUE(glob_match("a?c",
                         "a\xC3\xA9"
                         "c"));
  EXPECT_FALSE(glob_match("a?c", "ac"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("**a*", "xxa"));
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_TRUE(glob_match("*.json", "a.json.json"));
  const std::string many(2000, 'a');
  EXPECT_FALSE(glob_match("*a*a*a*a*a*a*a*a*b", many));
}

TEST(Conditions, StringOperators) {
  EXPECT_TRUE(passes(R"({"StringEquals":{"AWS:UserName":["bob","ann"]}})"));
  EXPECT_FALSE(passes(R"({"StringEquals":{"aws:username":"Ann"}})"));
  EXPECT_FALSE(passes(R"({"StringEquals":{"aws:username":"a*"}})"));
  EXPECT_TRUE(passes(R"({"StringEqualsIgnoreCase":{"aws:username":"ANN"}})"));
  EXPECT_FALSE(passes(R"({"StringNotEqualsIgnoreCase":{"aws:username":"ANN"}})"));
  EXPECT_TRUE(passes(R"({"StringLike":{"aws:username":"a*"}})"));
  EXPECT_FALSE(passes(R"({"StringNotLike":{"aws:username":["x","a*"]}})"));
  EXPECT_TRUE(passes(R"({"StringNotEquals":{"aws:username":["x","y"]}})"));
  EXPECT_FALSE(passes(R"({"StringNotEquals":{"aws:username":["x","ann"]}})"));
  EXPECT_FALSE(passes(R"({"StringEquals":{"aws:username":[]}})"));
}

TEST(Conditions, AbsentKeys) {
  EXPECT_FALSE(passes(R"({"StringEquals":{"s3:prefix":"a"}})"));
  EXPECT_TRUE(passes(R"({"StringEqualsIfExists":{"s3:prefix":"a"}})"));
  EXPECT_TRUE(passes(R"({"StringNotEquals":{"s3:prefix":"a"}})"));
  EXPECT_TRUE(passes(R"({"Null":{"s3:prefix":"true"}})"));
  EXPECT_FALSE(passes(R"({"Null":{"s3:prefix":false}})"));
  EXPECT_TRUE(passes(R"({"Null":{"aws:username":false}})"));
  EXPECT_TRUE(passes(R"({"ForAllValues:StringEquals":{"s3:prefix":"a"}})"));
  EXPECT_FALSE(passes(R"({"ForAnyValue:StringEquals":{"s3:prefix":"a"}})"));
  EXPECT_FALSE(passes(R"({"ForAnyValue:StringNotEquals":{"s3:prefix":"a"}})"));
}

TEST(Conditions, Sets) {
  EXPECT_TRUE(passes(R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a","b","c"]}})"));
  EXPECT_FALSE(passes(R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}})"));
  EXPECT_TRUE(passes(R"({"ForAnyValue:StringEquals":{"aws:TagKeys":["b","z"]}})"));
  EXPECT_FALSE(passes(R"({"ForAnyValue:StringEquals":{"aws:TagKeys":["z"]}})"));
  EXPECT_TRUE(passes(R"({"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a"]}})"));
  EXPECT_FALSE(passes(R"({"ForAllValues:StringNotEquals":{"aws:TagKeys":["a"]}})"));
}

TEST(Conditions, NumbersDatesBooleans) {
  Request r = request();
  r.context.set("s3:max-keys", "10");
  r.context.set("aws:CurrentTime", "2026-01-02T03:04:05Z");
  r.context.set("aws:SecureTransport", "false");
  r.context.set("x:bytes", "aGVsbG8=");
  EXPECT_TRUE(passes(R"({"NumericLessThanEquals":{"s3:max-keys":10}})", r));
  EXPECT_FALSE(passes(R"({"NumericLessThan":{"s3:max-keys":"10"}})", r));
  EXPECT_TRUE(passes(R"({"NumericEquals":{"s3:max-keys":"10.0"}})", r));
  EXPECT_FALSE(passes(R"({"NumericNotEquals":{"s3:max-keys":"10.0"}})", r));
  EXPECT_TRUE(passes(R"({"NumericGreaterThan":{"s3:max-keys":"9"}})", r));
  EXPECT_TRUE(passes(R"({"DateLessThan":{"aws:CurrentTime":"2026-01-03"}})", r));
  EXPECT_TRUE(passes(R"({"DateGreaterThan":{"aws:CurrentTime":"2026-01-02T03:04Z"}})", r));
  EXPECT_FALSE(
      passes(R"({"DateGreaterThanEquals":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}})", r));
  EXPECT_TRUE(passes(R"({"DateEquals":{"aws:CurrentTime":"1767323045"}})", r));
  EXPECT_TRUE(passes(R"({"Bool":{"aws:SecureTransport":"FALSE"}})", r));
  EXPECT_FALSE(passes(R"({"Bool":{"aws:SecureTransport":true}})", r));
  EXPECT_TRUE(passes(R"({"BoolIfExists":{"aws:MultiFactorAuthPresent":true}})", r));
  EXPECT_TRUE(passes(R"({"BinaryEquals":{"x:bytes":"aGVsbG8="}})", r));
  r.context.set("s3:max-keys", "many");
  EXPECT_FALSE(passes(R"({"NumericLessThan":{"s3:max-keys":"10"}})", r));
}

TEST(Conditions, AddressesAndArns) {
  EXPECT_TRUE(passes(R"({"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}})"));
  EXPECT_TRUE(passes(R"({"IpAddress":{"aws:SourceIp":["192.0.2.1","10.1.2.3"]}})"));
  EXPECT_FALSE(passes(R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"));
  EXPECT_TRUE(in_network("2001:db8::1", "2001:db8::/33"));
  EXPECT_FALSE(in_network("2001:db8:8000::1", "2001:db8::/33"));
  EXPECT_TRUE(in_network("::ffff:10.0.0.1", "10.0.0.0/31"));
  EXPECT_TRUE(in_network("10.0.0.1", "0.0.0.0/0"));
  EXPECT_FALSE(in_network("::1", "0.0.0.0/0"));
  EXPECT_FALSE(in_network("nonsense", "0.0.0.0/0"));
  Request r = request();
  r.context.set("aws:SourceArn", "arn:aws:s3:::my-bucket");
  EXPECT_TRUE(passes(R"({"ArnLike":{"aws:SourceArn":"arn:aws:s3:::my-*"}})", r));
  EXPECT_TRUE(passes(R"({"ArnEquals":{"aws:SourceArn":"arn:aws:s3:*:*:my-b?cket"}})", r));
  EXPECT_FALSE(passes(R"({"ArnNotLike":{"aws:SourceArn":"arn:aws:s3:::*"}})", r));
  r.context.set("aws:SourceArn", "arn:aws:s3:eu-west-1:us-east-1::b");
  EXPECT_FALSE(passes(R"({"ArnLike":{"aws:SourceArn":"arn:aws:s*:us-east-1::b"}})", r));
  // Each of six parts by itself: a star in one of five never reaches over the colon of another.
  r.context.set("aws:SourceArn", "arn:aws:iam::111122223333:role/team/a:b");
  for (auto [pattern, good] : {std::pair{"*", true},
                               {"arn:aws:iam::111122223333:role/*", true},
                               {"arn:aws:iam::1111*:role/team/?:b", true},
                               {"arn:*:*:*:*:*", true},
                               {"arn:aws:iam::*/team/a:b", false},
                               {"arn:aws:iam::111122223333*", false},
                               {"arn:aws:iam:*", false},
                               {"arn:*", false},
                               {"arn:aws:IAM::111122223333:role/*", false}})
    EXPECT_EQ(passes(fmt::format(R"({{"ArnLike":{{"aws:SourceArn":"{}"}}}})", pattern), r), good)
        << pattern;
  r.context.set("aws:SourceArn", "no ARN at all");
  EXPECT_FALSE(passes(R"({"ArnLike":{"aws:SourceArn":"*"}})", r));
  EXPECT_TRUE(passes(R"({"ArnNotLike":{"aws:SourceArn":"*"}})", r));
}

TEST(Conditions, OperatorsAndTheirForms) {
  Request r = request();
  r.context.set("aws:CurrentTime", "2026-01-02T03:04:05Z");
  // The W3C's profile of ISO 8601.
  for (const char* same : {"2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00",
                           "2026-01-01T22:04:05.000-05:00", "1767323045", "1767323045.0"})
    EXPECT_TRUE(passes(fmt::format(R"({{"DateEquals":{{"aws:CurrentTime":"{}"}}}})", same), r))
        << same;
  EXPECT_TRUE(passes(R"({"DateGreaterThan":{"aws:CurrentTime":"2026-01"}})", r));
  EXPECT_TRUE(passes(R"({"DateLessThan":{"aws:CurrentTime":"2026-01-02T03:05+00:00"}})", r));
  // What a request brings that an operator cannot read never meets it, negated or not.
  r.context.set("aws:CurrentTime", "soon");
  EXPECT_FALSE(passes(R"({"DateLessThan":{"aws:CurrentTime":"2026-01-03"}})", r));
  r.context.set("aws:SourceIp", "2001:db8::7");
  EXPECT_TRUE(passes(R"({"IpAddress":{"aws:SourceIp":"2001:DB8::/32"}})", r));
  EXPECT_TRUE(passes(R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}})", r));
  // Negation asks whether none of the values matches, and holds where there is no such key.
  for (const char* negated :
       {"StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase", "NumericNotEquals",
        "DateNotEquals", "NotIpAddress", "ArnNotEquals", "ArnNotLike"}) {
    const std::string value = std::string(negated).starts_with("NotIp") ? "10.0.0.0/8" : "1";
    EXPECT_TRUE(passes(fmt::format(R"({{"{}":{{"x:absent":"{}"}}}})", negated, value), r))
        << negated;
    EXPECT_TRUE(passes(fmt::format(R"({{"{}IfExists":{{"x:absent":"{}"}}}})", negated, value), r))
        << negated;
    EXPECT_FALSE(
        passes(fmt::format(R"({{"ForAnyValue:{}":{{"x:absent":"{}"}}}})", negated, value), r))
        << negated;
  }
  // Several operators and keys are all asked, the values of one key are alternatives.
  EXPECT_FALSE(passes(
      R"({"StringEquals":{"aws:username":"ann","aws:SourceIp":"x"},"Null":{"x:y":"true"}})", r));
  EXPECT_TRUE(
      passes(R"({"StringEquals":{"aws:username":["bob","ann"]},"Null":{"x:y":"true"}})", r));
  // Operators are spelt exactly.
  for (const char* none : {"stringEquals", "StringEqualsIfexists", "ForSomeValue:StringEquals",
                           "Numericequals", "StringMatches", "IfExists", ""})
    EXPECT_EQ(
        refusal(one(fmt::format(R"("Action":"*","Resource":"*","Condition":{{"{}":{{"a:b":"c"}}}})",
                                none)),
                Dialect::identity),
        "Syntax errors in policy.");
}

TEST(Policy, AnIncompleteArnMeansAllOfWhatItNames) {
  for (auto [resource, good] :
       {std::pair{"arn:aws:s3", true}, {"arn:aws:s3:::", false}, {"arn:aws:sqs", false}})
    EXPECT_EQ(verdict(one(fmt::format(R"("Action":"s3:*","Resource":"{}")", resource)), request()),
              good ? Verdict::allow : Verdict::none)
        << resource;
}

// IAM's words, in the order in which it looks.
TEST(Parsing, IdentityPoliciesAreRefusedInIamsWords) {
  const std::string
      legacy = "The policy failed legacy parsing",
      syntax = "Syntax errors in policy.",
      vendor = "Resource vendor must be fully qualified and cannot contain regexes.",
      prefaced = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  struct Row {
    const char* members;  // of the one statement, beside Effect
    std::string text;     // "taken" where it is none
  };
  for (const Row& row : std::initializer_list<Row>{
           {R"("Action":"s3:Get:Object","Resource":"*")",
            "Actions/Condition can contain only one colon."},
           {R"("Action":"s 3:GetObject","Resource":"*")", "Vendor s 3 is not valid"},
           {R"("Action":"s3:not an action","Resource":"*")", "taken"},
           {R"("Action":"get","Resource":"x")", prefaced},
           {R"("Action":"a:b:c","Resource":"x")", R"(Resource x must be in ARN format or "*".)"},
           {R"("Action":"a:b","Resource":"x:y:z")",
            R"(Partition "y" is not valid for resource "arn:y:z:*:*:*".)"},
           {R"("Action":"a:b","Resource":"arn:aws")", vendor},
           {R"("Action":"a:b","Resource":"arn:aws:s*:::b")", vendor},
           {R"("Action":"a:b","Resource":"arn:aws:s3::b")", legacy},
           {R"("Action":"a:b","Resource":"arn:aws::::b")", legacy},
           {R"("NotAction":"a:b","NotResource":"arn:aws:s3:b")", legacy},
           {R"("Resource":"arn:aws:s3::b")", legacy},
           {R"("Action":"a:b","Resource":"arn:aws:s3:eu-west-1::b")",
            "Resource arn:aws:s3:eu-west-1::b can not contain region information."},
           {R"("Action":"a:b","Resource":"arn:aws:s3:eu-west-1:000000000000:accesspoint/p")",
            "taken"},
           {R"("Action":"a:b","Resource":"arn:aws:iam:eu-west-1::user/u")",
            "IAM resource arn:aws:iam:eu-west-1::user/u cannot contain region information."},
           {R"("Action":"a:b","Resource":"arn:aws:iam::*:role*")", "taken"},
           {R"("Action":"a:b","Resource":"*","Condition":{"DateLessThan":[]})", syntax},
           {R"("Action":"a:b","Resource":"*","Condition":{"DateLessThan":{"d":"234-13"}})", legacy},
           {R"("Action":"a:b","Resource":"*","Condition":{"Nonsense":{}})", "taken"},
           {R"("Action":"a:b","Resource":"*","Condition":{"Nonsense":{"k":"v"}})", syntax},
           {R"("Action":"a:b","Resource":"*","Condition":{"StringEquals":{"k":{}}})", syntax}})
    EXPECT_EQ(refusal(one(row.members), Dialect::identity), row.text) << row.members;
  EXPECT_EQ(refusal(one(R"("Action":"a:b","Resource":"arn:aws:iam:::u")"), Dialect::identity)
                .substr(0, 57),
            "IAM resource path must either be \"*\" or start with user/,");
  for (auto [date, text] : {std::pair{"2016-12-13T2:00:00.5+1", legacy},
                            {"2016-12-13T2:00:00.5+01", "taken"},
                            {"99999999999999999999", legacy},
                            {"1767323045.5", "taken"}})
    EXPECT_EQ(refusal(one(fmt::format(R"("Action":"a:b","Resource":"*","Condition":{{)"
                                      R"("DateLessThan":{{"d":"{}"}}}})",
                                      date)),
                      Dialect::identity),
              text)
        << date;
  // A managed policy says its version, before anything but its syntax is looked at.
  const std::string old = R"({"Statement":{"Effect":"deny","Action":"a","Resource":"b"}})";
  EXPECT_EQ(refusal(old, Dialect::managed),
            "Policy document must be version 2012-10-17 or greater.");
  EXPECT_EQ(refusal(old, Dialect::identity), legacy);
  EXPECT_EQ(refusal(R"({"Version":"2010-10-17","Statement":{}})", Dialect::managed), syntax);
}

TEST(Policy, VariablesStandWhereTheyAreTaken) {
  // In Resource and in conditions on strings and ARNs, with Version 2012-10-17; a key alone, a
  // number or an address are what they say.
  EXPECT_TRUE(passes(R"({"ArnLike":{"aws:SourceArn":"arn:aws:iam::1:user/${aws:username}"}})", [] {
    Request r = request();
    r.context.set("aws:SourceArn", "arn:aws:iam::1:user/ann");
    return r;
  }()));
  EXPECT_EQ(refusal(one(R"("Action":"*","Resource":"*","Condition":
                          {"NumericEquals":{"a:b":"${aws:username}"}})"),
                    Dialect::identity),
            "Invalid value \"${aws:username}\" for the condition NumericEquals on a:b");
  EXPECT_TRUE(passes(R"({"StringEquals":{"aws:username":"${aws:none, 'ann'}"}})"));
  EXPECT_FALSE(passes(R"({"StringEquals":{"aws:username":"${aws:none}"}})"));
  EXPECT_NE(
      refusal(one(R"("Action":"s3:${aws:none, 'GetObject'}","Resource":"*")"), Dialect::identity),
      "taken")
      << "an action takes none";
}

TEST(Conditions, UnknownOperatorNeverGrants) {
  auto lenient = [](const std::string& effect) {
    return *parse(R"({"Statement":{"Effect":")" + effect +
                      R"(","Action":"*","Resource":"*","Condition":{"StringWorse":{"a:b":"c"}}}})",
                  Dialect::identity, true);
  };
  EXPECT_EQ(evaluate(lenient("Allow"), request()).verdict, Verdict::none);
  EXPECT_EQ(evaluate(lenient("Deny"), request()).verdict, Verdict::deny);
}

Verdict as(const std::string& principal, const Caller& caller, bool* direct = nullptr) {
  Request r = request();
  r.caller = caller;
  const Decision d = evaluate(
      must(one(R"("Principal":)" + principal + R"(,"Action":"s3:*","Resource":"arn:aws:s3:::*")"),
           Dialect::bucket),
      r);
  if (direct) *direct = d.direct;
  return d.verdict;
}

TEST(Principals, OfEachKind) {
  const Caller ann{kAccount, "arn:aws:iam::111122223333:user/ann", "", "", "c0ffee", false};
  const Caller root{kAccount, "arn:aws:iam::111122223333:root", "", "", "c0ffee", true};
  const Caller session{kAccount,
                       "arn:aws:sts::111122223333:assumed-role/r/s",
                       "arn:aws:iam::111122223333:role/path/r",
                       "",
                       "c0ffee",
                       false};
  const Caller s3{"", "", "", "s3.amazonaws.com", "", false};
  const Caller nobody;
  bool direct = false;
  EXPECT_EQ(as(R"("*")", nobody), Verdict::allow);
  EXPECT_EQ(as(R"({"AWS":"*"})", s3), Verdict::allow);
  EXPECT_EQ(as(R"({"AWS":"arn:aws:iam::111122223333:user/ann"})", ann, &direct), Verdict::allow);
  EXPECT_TRUE(direct);
  EXPECT_EQ(as(R"({"AWS":"arn:aws:iam::111122223333:user/bob"})", ann), Verdict::none);
  for (const char* account : {R"({"AWS":"111122223333"})", R"({"CanonicalUser":"c0ffee"})",
                              R"({"AWS":["arn:aws:iam::111122223333:root"]})"}) {
    EXPECT_EQ(as(account, ann, &direct), Verdict::allow);
    EXPECT_FALSE(direct) << "the account decides which of its users";
    EXPECT_EQ(as(account, root, &direct), Verdict::allow);
    EXPECT_TRUE(direct);
    EXPECT_EQ(as(account, nobody), Verdict::none);
    EXPECT_EQ(as(account, s3), Verdict::none);
  }
  EXPECT_EQ(as(R"({"AWS":"arn:aws:iam::111122223333:role/path/r"})", session), Verdict::allow);
  EXPECT_EQ(as(R"({"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"})", session), Verdict::allow);
  EXPECT_EQ(as(R"({"AWS":"arn:aws:sts::111122223333:assumed-role/r/t"})", session), Verdict::none);
  EXPECT_EQ(as(R"({"Service":["x.amazonaws.com","s3.amazonaws.com"]})", s3), Verdict::allow);
  EXPECT_EQ(as(R"({"Service":"s3.amazonaws.com"})", ann), Verdict::none);
  EXPECT_EQ(as(R"({"Federated":"accounts.example.com"})", ann), Verdict::none);
}

TEST(Principals, NotPrincipalExemptsByEveryName) {
  auto deny = [](const std::string& list, const Caller& caller) {
    Request r = request();
    r.caller = caller;
    return verdict(R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":)" +
                       list + R"(,"Action":"s3:*","Resource":"arn:aws:s3:::*"}]})",
                   r, Dialect::bucket) == Verdict::deny;
  };
  const Caller ann{kAccount, "arn:aws:iam::111122223333:user/ann", "", "", "", false};
  const Caller bob{kAccount, "arn:aws:iam::111122223333:user/bob", "", "", "", false};
  const std::string both =
      R"({"AWS":["arn:aws:iam::111122223333:user/ann","arn:aws:iam::111122223333:root"]})";
  EXPECT_FALSE(deny(both, ann));
  EXPECT_TRUE(deny(both, bob)) << "the account in the list does not exempt its users";
  EXPECT_TRUE(deny(R"({"AWS":"arn:aws:iam::111122223333:user/ann"})", ann));
  EXPECT_TRUE(deny(both, Caller{}));
  EXPECT_FALSE(
      deny(R"({"Service":"s3.amazonaws.com"})", {"", "", "", "s3.amazonaws.com", "", false}));
}

TEST(Parsing, RefusesWithTheServicesTexts) {
  const auto bucket = Dialect::bucket, identity = Dialect::identity, trust = Dialect::trust;
  EXPECT_EQ(refusal("", bucket), "Policies must be valid JSON and the first byte must be '{'");
  EXPECT_EQ(refusal("{", bucket), "This policy contains invalid Json");
  EXPECT_EQ(refusal("{}", bucket), "Missing required field Statement");
  EXPECT_EQ(refusal(R"({"Version":"1","Statement":[]})", bucket),
            "The policy must contain a valid version string");
  EXPECT_EQ(refusal(one(R"("Action":"s3:*","Resource":"arn:aws:s3:::b")"), bucket),
            "Missing required field Principal");
  const std::string all = R"("Principal":"*",)";
  EXPECT_EQ(refusal(one(all + R"("Action":"ec2:*","Resource":"arn:aws:s3:::b")"), bucket),
            "Policy has invalid action");
  EXPECT_EQ(refusal(one(all + R"("Action":"s3:*","Resource":"arn:aws:s4:::b")"), bucket),
            "Policy has invalid resource");
  EXPECT_EQ(refusal(one(all + R"("Action":"s3:*")"), bucket), "Missing required field Resource");
  EXPECT_EQ(refusal(one(R"("Principal":{"AWS":"x"},"Action":"s3:*","Resource":"*")"), bucket),
            "Invalid principal in policy");
  EXPECT_EQ(refusal(one(R"("NotPrincipal":"*","Action":"s3:*","Resource":"*")"), bucket),
            "Allow with NotPrincipal is not allowed.");
  EXPECT_EQ(
      refusal(one(all + R"("Action":"s3:*","Resource":"*","Condition":{"StringX":{}})"), bucket),
      "Invalid Condition type : StringX");
  EXPECT_EQ(refusal(one(all + R"("Action":"s3:*","Resource":"*","Extra":1)"), bucket),
            "Unknown field Extra");
  EXPECT_EQ(refusal(R"({"Statement":{"Effect":"Maybe"}})", bucket), "Invalid effect: Maybe");
  EXPECT_EQ(refusal("[]", identity), "Syntax errors in policy.");
  EXPECT_EQ(refusal(one(all + R"("Action":"s3:*","Resource":"*")"), identity),
            "Policy document should not specify a principal.");
  EXPECT_EQ(refusal(one(R"("Action":"Get","Resource":"*")"), identity),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  EXPECT_EQ(refusal(one(R"("Action":"s3:Get","Resource":"b")"), identity),
            R"(Resource b must be in ARN format or "*".)");
  EXPECT_EQ(refusal(one(R"("Resource":"*")"), identity), "Policy statement must contain actions.");
  EXPECT_EQ(refusal(one(R"("Action":"s3:Get")"), identity),
            "Policy statement must contain resources.");
  EXPECT_EQ(refusal(one(R"("Action":"s3:Get","Resource":"arn:aws:s3:::${open")"), identity),
            R"(Resource arn:aws:s3:::${open must be in ARN format or "*".)");
  EXPECT_EQ(refusal(one(R"("Principal":{"AWS":"x"},"Action":"sts:AssumeRole")"), trust),
            R"(Invalid principal in policy: "AWS":"x")");
  EXPECT_EQ(refusal(one(R"("Principal":{"Service":"x"},"Action":"sts:AssumeRole")"), trust),
            R"(Invalid principal in policy: "SERVICE":"x")");
  EXPECT_EQ(refusal(one(all + R"("Action":"sts:AssumeRole","Resource":"*")"), trust),
            "Has prohibited field Resource");
  EXPECT_EQ(refusal(one(all + R"("Action":"s3:GetObject")"), trust),
            "AssumeRole policy may only specify STS AssumeRole actions.");
  EXPECT_EQ(refusal(one(all + R"("Action":"sts:AssumeRole")"), trust), "taken");
  EXPECT_EQ(refusal(one(all + R"("Action":"STS:assumeRole")"), trust), "taken");
  EXPECT_EQ(refusal("{" + std::string(kMaxBucketPolicy, ' ') + "}", bucket),
            "The policy must not be larger than 20480 bytes");
  const std::string twice = R"({"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"})";
  EXPECT_EQ(refusal(R"({"Statement":[)" + twice + "," + twice + "]}", identity),
            "Statement IDs (SID) in a single policy must be unique.");
}

TEST(Parsing, ConditionValuesMustBeReadable) {
  for (const char* bad : {R"({"NumericEquals":{"a:b":"x"}})", R"({"Bool":{"a:b":"yes"}})",
                          R"({"DateLessThan":{"a:b":"soon"}})", R"({"IpAddress":{"a:b":"10/8"}})",
                          R"({"IpAddress":{"a:b":"10.0.0.0/33"}})", R"({"Null":{"a:b":"x"}})",
                          R"({"BinaryEquals":{"a:b":"*"}})", R"({"NullIfExists":{"a:b":"true"}})",
                          R"({"StringEquals":{"a:b":{}}})", R"({"StringEquals":"x"})"})
    EXPECT_NE(refusal(one(R"("Action":"s3:*","Resource":"*","Condition":)" + std::string(bad)),
                      Dialect::identity),
              "taken")
        << bad;
}

TEST(Parsing, CollectsContextKeys) {
  const Document d = must(one(R"("Action":"*","Resource":"arn:aws:s3:::${aws:username}",
      "Condition":{"StringEquals":{"S3:Prefix":"${aws:userid}"},
        "Bool":{"aws:SecureTransport":true}})"));
  EXPECT_EQ(context_keys(d), (std::vector<std::string>{"aws:SecureTransport", "aws:userid",
                                                       "aws:username", "S3:Prefix"}));
}

// The two examples that AWS's command line shows of its simulator, and the document of its
// AdministratorAccess.
TEST(Parsing, SaysWhereStatementsStand) {
  auto places = [](const std::string& json) {
    std::string out;
    for (const Statement& s : must(json).statements)
      out += fmt::format("{}:{}-{}:{} ", s.begin.line, s.begin.column, s.end.line, s.end.column);
    return out;
  };
  EXPECT_EQ(places(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*",)"
                   R"("Resource":"*","Condition":{"DateGreaterThan":)"
                   R"({"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}})"),
            "1:38-1:167 ");
  EXPECT_EQ(places("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n"
                   "      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n"
                   "      \"Resource\": \"*\"\n    }\n  ]\n}"),
            "3:17-8:6 ");
  // Brackets and quotes within texts, members behind, several statements.
  EXPECT_EQ(places(R"({"Id":"\"Statement\":[{","Statement":[)"
                   "\n"
                   R"({"Effect":"Deny","Action":["a:b"],"Resource":"arn:aws:b:::}]\"{"},)"
                   "\n"
                   R"({"Effect":"Deny","Action":"a:b","Resource":["*"]}],)"
                   "\n"
                   R"("Version":"2012-10-17"})"),
            "1:39-2:66 2:66-3:50 ");
}

}  // namespace
}  // namespace tidegate::policy
