// How the parts of a decision combine: the caller's own policies, the bucket's, lists, owners.
#include "api/s3/authorize.h"

#include <gtest/gtest.h>

#include "identity/principal_maker.h"
#include "support/s3_world.h"

namespace tidegate::api::s3 {
namespace {

using identity::Principal;
using identity::PrincipalMaker;

const std::string kOwner = "111122223333", kOther = "444455556666";

struct Gate {
  domain::S3World w;
  AuthorizerOptions options;
  Principal root = PrincipalMaker::make(Principal::Kind::root, kOwner, "K",
                                        "arn:aws:iam::" + kOwner + ":root", kOwner);
  Principal user = PrincipalMaker::make(Principal::Kind::user, kOwner, "K",
                                        "arn:aws:iam::" + kOwner + ":user/a", "AIDA");
  Principal other = PrincipalMaker::make(Principal::Kind::root, kOther, "K",
                                         "arn:aws:iam::" + kOther + ":root", kOther);
  Principal nobody = PrincipalMaker::make(Principal::Kind::anonymous, "", "", "", "Anonymous");

  Gate() {
    w.bucket("bucket");
    block(std::nullopt);
  }

  void block(std::optional<domain::PublicAccessBlock> what) {
    const Status set = w.run(w.s3->buckets.set_public_access_block(w.caller, "bucket", what));
    EXPECT_TRUE(set.ok());
  }

  bool may(const Principal& who, const std::string& action, const std::string& key = "") {
    Authorizer authorizer(*w.s3, w.world.clock, options);
    wire::Context c;
    c.principal = &who;
    c.scope = {who.account(), "us-east-1"};
    c.source_ip = "10.1.2.3";
    const Status verdict = w.run(authorizer.check(c, {action, "bucket", key, std::nullopt}));
    if (!verdict.ok()) {
      EXPECT_EQ(verdict.fault(), Fault::access_denied);
    }
    return verdict.ok();
  }
  // A whole call on bucket/k, by its row's name, with headers.
  Fault call(const Principal& who, std::string_view operation, std::string_view action,
             wire::Context c) {
    Authorizer authorizer(*w.s3, w.world.clock, options);
    wire::Row row{};
    row.name = operation;
    row.action = action;
    c.row = &row;
    c.principal = &who;
    c.scope = {who.account(), "us-east-1"};
    wire::Labels labels;
    labels.values = {{"Bucket", "bucket"}, {"Key", "k"}};
    const Status verdict = w.run(authorizer.check(c, labels));
    return verdict.ok() ? Fault::last_value_ : verdict.fault();
  }
  bool puts(const Principal& who, std::vector<std::pair<std::string, std::string>> headers) {
    wire::Context c;
    c.headers = std::move(headers);
    const Fault fault = call(who, "PutObject", "s3:PutObject", std::move(c));
    EXPECT_TRUE(fault == Fault::last_value_ || fault == Fault::access_denied);
    return fault == Fault::last_value_;
  }
  void policy(const std::string& statements) {
    const Status set =
        w.run(w.s3->buckets.set_policy(w.caller, "bucket", "{\"Statement\":[" + statements + "]}"));
    ASSERT_TRUE(set.ok()) << set.error().message;
  }
  static std::string statement(const std::string& effect, const std::string& principal,
                               const std::string& action, const std::string& more = "") {
    return "{\"Effect\":\"" + effect + "\",\"Principal\":" + principal + ",\"Action\":\"" + action +
           "\",\"Resource\":[\"arn:aws:s3:::bucket\",\"arn:aws:s3:::bucket/*\"]" + more + "}";
  }
};

TEST(Authorizer, WithoutGrantsABucketIsItsAccountsRootsOnly) {
  Gate g;
  EXPECT_TRUE(g.may(g.root, "s3:PutObject", "k"));
  EXPECT_FALSE(g.may(g.user, "s3:PutObject", "k"));
  EXPECT_FALSE(g.may(g.other, "s3:PutObject", "k"));
  EXPECT_FALSE(g.may(g.nobody, "s3:ListBucket"));
  g.options.enforce = false;  // --dev: one account's callers are not told apart, others are
  EXPECT_TRUE(g.may(g.user, "s3:PutObject", "k"));
  EXPECT_FALSE(g.may(g.other, "s3:PutObject", "k"));
}

TEST(Authorizer, AcrossAccountsBothSidesMustAllow) {
  Gate g;
  g.policy(Gate::statement("Allow", "{\"AWS\":\"" + kOther + "\"}", "s3:PutObject"));
  EXPECT_TRUE(g.may(g.other, "s3:PutObject", "k"));
  EXPECT_FALSE(g.may(g.other, "s3:DeleteObject", "k"));
  EXPECT_FALSE(g.may(g.nobody, "s3:PutObject", "k"));
  g.options.identity = [](const Principal&, const policy::Request&) {
    return policy::Verdict::none;
  };
  EXPECT_FALSE(g.may(g.other, "s3:PutObject", "k"));
  // Within the account the resource is enough, when it names the caller and not the account alone.
  g.policy(Gate::statement("Allow", "{\"AWS\":\"" + kOwner + "\"}", "s3:PutObject"));
  EXPECT_FALSE(g.may(g.user, "s3:PutObject", "k"));
  g.policy(Gate::statement("Allow", "{\"AWS\":\"" + g.user.arn() + "\"}", "s3:PutObject"));
  EXPECT_TRUE(g.may(g.user, "s3:PutObject", "k"));
}

TEST(Authorizer, AnExplicitDenyWinsWhereverItStands) {
  Gate g;
  g.policy(Gate::statement("Allow", "\"*\"", "s3:*") + "," +
           Gate::statement("Deny", "\"*\"", "s3:PutObject",
                           ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}"));
  EXPECT_FALSE(g.may(g.root, "s3:PutObject", "k"));
  EXPECT_TRUE(g.may(g.nobody, "s3:DeleteObject", "k"));
  g.options.identity = [](const Principal&, const policy::Request&) {
    return policy::Verdict::deny;
  };
  EXPECT_FALSE(g.may(g.other, "s3:DeleteObject", "k"));
}

TEST(Authorizer, MissingKeysAreForThoseWhoMayList) {
  Gate g;
  g.w.put("bucket", "k", "x");
  g.policy(Gate::statement("Allow", "\"*\"", "s3:GetObject"));
  EXPECT_TRUE(g.may(g.nobody, "s3:GetObject", "k"));
  EXPECT_FALSE(g.may(g.nobody, "s3:GetObject", "missing"));
  g.policy(Gate::statement("Allow", "\"*\"", "s3:ListBucket",
                           ",\"Condition\":{\"StringLike\":{\"s3:prefix\":\"open/*\"}}"));
  EXPECT_TRUE(g.may(g.nobody, "s3:GetObject", "open/missing"));
  EXPECT_FALSE(g.may(g.nobody, "s3:GetObject", "missing"));
}

TEST(Authorizer, ListsAndTheirBlockDecideWhereTheyAreInUse) {
  Gate g;
  const domain::AclRequest open{"public-read", std::nullopt};
  ASSERT_TRUE(
      g.w.run(g.w.s3->buckets.set_ownership(g.w.caller, "bucket", domain::Ownership::object_writer))
          .ok());
  ASSERT_TRUE(g.w.run(g.w.s3->buckets.set_acl(g.w.caller, "bucket", open)).ok());
  g.w.put("bucket", "k", "x");
  EXPECT_TRUE(g.may(g.nobody, "s3:ListBucket"));
  EXPECT_FALSE(g.may(g.nobody, "s3:GetObject", "k"));
  EXPECT_TRUE(g.may(g.root, "s3:GetObject", "k"));
  ASSERT_TRUE(g.w.run(g.w.s3->objects.set_acl(g.w.caller, "bucket", "k", std::nullopt, open)).ok());
  EXPECT_TRUE(g.may(g.nobody, "s3:GetObject", "k"));
  domain::PublicAccessBlock block;
  block.ignore_public_acls = true;
  g.block(block);
  EXPECT_FALSE(g.may(g.nobody, "s3:ListBucket"));
  EXPECT_FALSE(g.may(g.nobody, "s3:GetObject", "k"));
}

TEST(Authorizer, PublicPoliciesCanBeRestrictedToTheAccount) {
  Gate g;
  g.policy(Gate::statement("Allow", "\"*\"", "s3:PutObject"));
  EXPECT_TRUE(g.may(g.nobody, "s3:PutObject", "k"));
  domain::PublicAccessBlock block;
  block.restrict_public_buckets = true;
  g.block(block);
  EXPECT_FALSE(g.may(g.nobody, "s3:PutObject", "k"));
  EXPECT_FALSE(g.may(g.other, "s3:PutObject", "k"));
  EXPECT_TRUE(g.may(g.user, "s3:PutObject", "k"));
}

TEST(Authorizer, TagsAndListsOfAWriteAreRightsOfTheirOwn) {
  Gate g;
  const std::string user = "{\"AWS\":\"arn:aws:iam::" + kOwner + ":user/a\"}";
  g.policy(Gate::statement("Allow", user, "s3:PutObject"));
  EXPECT_TRUE(g.puts(g.user, {}));
  EXPECT_FALSE(g.puts(g.user, {{"x-amz-tagging", "a=b"}}));
  EXPECT_TRUE(g.puts(g.user, {{"x-amz-tagging", ""}}));
  EXPECT_FALSE(g.puts(g.user, {{"x-amz-acl", "private"}}));
  EXPECT_FALSE(g.puts(g.user, {{"x-amz-grant-read", "id=x"}}));
  EXPECT_TRUE(g.puts(g.root, {{"x-amz-tagging", "a=b"}, {"x-amz-acl", "private"}}));
  g.policy(Gate::statement("Allow", user, "s3:Put*"));
  EXPECT_TRUE(g.puts(g.user, {{"x-amz-tagging", "a=b"}, {"x-amz-acl", "private"}}));
  g.policy(Gate::statement("Allow", user, "s3:Put*") + "," +
           Gate::statement("Deny", "\"*\"", "s3:PutObjectTagging"));
  EXPECT_FALSE(g.puts(g.user, {{"x-amz-tagging", "a=b"}}));
  EXPECT_FALSE(g.puts(g.root, {{"x-amz-tagging", "a=b"}}));
  EXPECT_TRUE(g.puts(g.user, {{"x-amz-acl", "private"}}));
}

TEST(Authorizer, AnotherAccountsWriterNeedsThePolicysWordForTagsAndNotForTheList) {
  Gate g;
  g.policy(Gate::statement("Allow", "{\"AWS\":\"" + kOther + "\"}", "s3:PutObject"));
  EXPECT_TRUE(g.puts(g.other, {{"x-amz-acl", "bucket-owner-full-control"}}));
  EXPECT_FALSE(g.puts(g.other, {{"x-amz-tagging", "a=b"}}));
  EXPECT_FALSE(g.puts(g.nobody, {{"x-amz-acl", "public-read"}}));
}

TEST(Authorizer, SessionsAreRevokedByTheTimeTheyBegan) {
  Gate g;
  identity::SessionFacts facts;
  facts.issued = g.w.world.clock.now();
  facts.source_identity = "ann";
  facts.tags = {{"team", "a"}};
  const Principal session = PrincipalMaker::of_session(
      PrincipalMaker::make(Principal::Kind::role, kOwner, "K",
                           "arn:aws:sts::" + kOwner + ":assumed-role/r/s", "AROA:s"),
      "arn:aws:iam::" + kOwner + ":role/r", std::make_shared<identity::SessionFacts>(facts));
  g.options.identity = [](const Principal&, const policy::Request&) {
    return policy::Verdict::allow;
  };
  g.options.tags = [](const Principal&) { return PrincipalTags{{"team", "b"}, {"tier", "gold"}}; };
  auto denied = [&](const std::string& op, const std::string& key, const std::string& value) {
    g.policy(
        Gate::statement("Deny", "\"*\"", "s3:*",
                        ",\"Condition\":{\"" + op + "\":{\"" + key + "\":\"" + value + "\"}}"));
    return !g.may(session, "s3:PutObject", "k");
  };
  EXPECT_TRUE(denied("DateLessThan", "aws:TokenIssueTime", iso8601(facts.issued + Duration(1000))));
  EXPECT_FALSE(denied("DateLessThan", "aws:TokenIssueTime", iso8601(facts.issued)));
  EXPECT_TRUE(denied("StringEquals", "aws:SourceIdentity", "ann"));
  EXPECT_TRUE(denied("StringEquals", "aws:PrincipalTag/team", "a")) << "the session's own";
  EXPECT_TRUE(denied("StringEquals", "aws:PrincipalTag/tier", "gold"));
  EXPECT_TRUE(denied("Bool", "aws:PrincipalIsAWSService", "false"));
  EXPECT_TRUE(denied("Bool", "aws:ViaAWSService", "false"));
  EXPECT_TRUE(denied("BoolIfExists", "aws:MultiFactorAuthPresent", "false"));
  EXPECT_TRUE(denied("StringEquals", "aws:ResourceAccount", kOwner));
  EXPECT_TRUE(denied("StringEquals", "aws:PrincipalArn", "arn:aws:iam::" + kOwner + ":role/r"));
}

TEST(Authorizer, ABoundaryBoundsWhatTheBucketGrants) {
  Gate g;
  g.policy(Gate::statement("Allow", "{\"AWS\":\"" + g.user.arn() + "\"}", "s3:PutObject"));
  g.options.identity = [](const Principal&, const policy::Request&) {
    return policy::Verdict::none;
  };
  EXPECT_TRUE(g.may(g.user, "s3:PutObject", "k"));
  g.options.identity = [](const Principal&, const policy::Request&) {
    return IdentityVerdict(policy::Verdict::none, true);
  };
  EXPECT_FALSE(g.may(g.user, "s3:PutObject", "k"));
}

TEST(Authorizer, RequestTagsAreConditionsWhereverTheyStand) {
  Gate g;
  const std::string user = "{\"AWS\":\"arn:aws:iam::" + kOwner + ":user/a\"}";
  g.policy(Gate::statement("Allow", user, "s3:Put*",
                           R"(,"Condition":{"StringEquals":{"s3:RequestObjectTag/kind":"public"},)"
                           R"("ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["kind"]}})"));
  EXPECT_FALSE(g.puts(g.user, {}));
  EXPECT_TRUE(g.puts(g.user, {{"x-amz-tagging", "kind=public"}}));
  EXPECT_FALSE(g.puts(g.user, {{"x-amz-tagging", "kind=private"}}));
  EXPECT_FALSE(g.puts(g.user, {{"x-amz-tagging", "kind=public&more=x"}}));
  g.w.put("bucket", "k", "v");
  auto tags = [&](domain::Tags given) {
    Authorizer authorizer(*g.w.s3, g.w.world.clock, g.options);
    wire::Context c;
    c.principal = &g.user;
    c.scope = {kOwner, "us-east-1"};
    return g.w
        .run(authorizer.check(
            c, {"s3:PutObjectTagging", "bucket", "k", std::nullopt, std::move(given)}))
        .ok();
  };
  EXPECT_TRUE(tags({{"kind", "public"}}));
  EXPECT_FALSE(tags({{"kind", "private"}}));
  EXPECT_FALSE(tags({{"kind", "public"}, {"more", "x"}}));
}

TEST(Authorizer, ExpectedOwnersAreJudgedOfTargetAndSource) {
  Gate g;
  auto fault = [&](std::string name, std::string value) {
    wire::Context c;
    c.headers = {{std::move(name), std::move(value)}, {"x-amz-copy-source", "bucket/k"}};
    return g.call(g.root, "CopyObject", "s3:PutObject", std::move(c));
  };
  for (const std::string name :
       {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    EXPECT_EQ(fault(name, kOwner), Fault::last_value_);
    EXPECT_EQ(fault(name, kOther), Fault::access_denied);
    EXPECT_EQ(fault(name, "me"), Fault::invalid_request);
  }
}

TEST(Authorizer, ACopyTakesTheRightsToItsTags) {
  Gate g;
  const std::string user = "{\"AWS\":\"arn:aws:iam::" + kOwner + ":user/a\"}";
  g.policy(Gate::statement("Allow", user, "s3:GetObject") + "," +
           Gate::statement("Allow", user, "s3:PutObject"));
  auto copies = [&](const std::string& directive) {
    wire::Context c;
    c.headers = {{"x-amz-copy-source", "bucket/from"}, {"x-amz-tagging-directive", directive}};
    return g.call(g.user, "CopyObject", "s3:PutObject", std::move(c)) == Fault::last_value_;
  };
  g.w.put("bucket", "from", "v");
  EXPECT_TRUE(copies("COPY"));
  const auto tagged = g.w.run(g.w.s3->objects.set_tags(
      g.w.caller, "bucket", "from", std::nullopt, {{"a", "b"}}, domain::EventType::tagging_put));
  ASSERT_TRUE(tagged.ok());
  EXPECT_FALSE(copies("COPY"));
  EXPECT_TRUE(copies("REPLACE"));
  g.policy(Gate::statement("Allow", user, "s3:GetObject*") + "," +
           Gate::statement("Allow", user, "s3:PutObject"));
  EXPECT_FALSE(copies("COPY"));
  g.policy(Gate::statement("Allow", user, "s3:*"));
  EXPECT_TRUE(copies("COPY"));
}

}  // namespace
}  // namespace tidegate::api::s3
