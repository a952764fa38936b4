#include "api/authorize.h"

#include <gmock/gmock.h>

#include "iam/operations.h"
#include "identity/principal_maker.h"
#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::api {
namespace {

using identity::Principal;
using identity::PrincipalMaker;
using policy::Verdict;
using Kind = Principal::Kind;

constexpr char kHome[] = "111122223333";
constexpr char kOther[] = "999999999999";

class NoRing final : public iam::KeyRing {
  void add(const std::string&, const iam::UserRecord&, const std::string&,
           const std::string&) override {}
  void remove(const std::string&) override {}
};

class AuthorizerTest : public testing::Test {
 public:
  SimWorld world;
  store::MemoryStore store;
  NoRing ring;
  iam::Directory directory{store, world.clock, world.random, std::string(32, 'k'), ring};
  Authorizer authorizer{directory, world.clock, {true}};
  ResourceVerdict resource;  // what the judge says
  std::string user_id;

  void SetUp() override {
    authorizer.serve(wire::Service::s3, {},
                     [this](std::shared_ptr<policy::Request>) -> Task<ResourceVerdict> {
                       return say(resource);
                     });
    auto made = world.run(directory.edit<iam::UserRecord>(kHome, [](iam::Edit& e) {
      return iam::create_user(e, {"ann", std::nullopt, std::nullopt, {}});
    }));
    user_id = made->id;
  }
  static Task<ResourceVerdict> say(ResourceVerdict verdict) { co_return verdict; }
  void grant(const std::string& effect) {
    const std::string document = R"({"Version":"2012-10-17","Statement":[{"Effect":")" + effect +
                                 R"(","Action":"s3:*","Resource":"*"}]})";
    ASSERT_TRUE(world
                    .run(directory.edit<Unit>(kHome,
                                              [&](iam::Edit& e) {
                                                return iam::put_inline(e, iam::Holder::user, "ann",
                                                                       "p", document);
                                              }))
                    .ok());
  }
  Principal ann() {
    return PrincipalMaker::make(Kind::user, kHome, "AKIA", "arn:aws:iam::111122223333:user/ann",
                                user_id);
  }
  Principal root() {
    return PrincipalMaker::make(Kind::root, kHome, "AKIA", "arn:aws:iam::111122223333:root", kHome);
  }
  Principal nobody() { return PrincipalMaker::make(Kind::anonymous, "", "", "", ""); }
  // "" when allowed, else the refusal.
  std::string ask(const Principal& p, const std::string& action = "s3:GetObject") {
    wire::Context c;
    c.principal = &p;
    c.scope = {p.account(), "us-east-1"};
    Status s = world.run(authorizer.require(c, action, "arn:aws:s3:::b/k", {}));
    return s.ok() ? "" : s.error().message;
  }
};

constexpr char kNoIdentity[] =
    "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:GetObject on "
    "resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:GetObject "
    "action";

TEST_F(AuthorizerTest, WithinOneAccountEitherSideMayAllow) {
  EXPECT_EQ(ask(ann()), kNoIdentity);
  resource = {kHome, Verdict::allow, true};
  EXPECT_EQ(ask(ann()), "");
  resource.direct = false;
  EXPECT_EQ(ask(ann()), kNoIdentity) << "the account was named, and it has given ann nothing";
  resource = {kHome, Verdict::none, true};
  grant("Allow");
  EXPECT_EQ(ask(ann()), "");
  resource.verdict = Verdict::deny;
  EXPECT_THAT(ask(ann()), testing::HasSubstr("with an explicit deny in a resource-based policy"));
  resource = {kHome, Verdict::allow, true};
  grant("Deny");
  EXPECT_THAT(ask(ann()), testing::HasSubstr("with an explicit deny in an identity-based policy"));
}

TEST_F(AuthorizerTest, AcrossAccountsBothMustAllow) {
  resource = {kOther, Verdict::allow, true};
  EXPECT_EQ(ask(ann()), "Access Denied");
  grant("Allow");
  EXPECT_EQ(ask(ann()), "");
  resource.verdict = Verdict::none;
  EXPECT_EQ(ask(ann()), "Access Denied");
  EXPECT_EQ(ask(root()), "Access Denied");
  resource.verdict = Verdict::allow;
  EXPECT_EQ(ask(root()), "");
}

TEST_F(AuthorizerTest, NoRoleIsHandedOnToOrFromAnotherAccount) {
  const Principal p = ann();
  wire::Context c;
  c.principal = &p;
  c.scope = {kHome, "us-east-1"};
  auto pass = [&](const std::string& account) {
    Status s =
        world.run(authorizer.require(c, "iam:PassRole", "arn:aws:iam::" + account + ":role/r", {}));
    return s.ok() ? "" : s.error().message;
  };
  EXPECT_THAT(pass(kHome), testing::HasSubstr("because no identity-based policy allows"));
  EXPECT_EQ(pass(kOther), "Cross-account pass role is not allowed.");
  // Nor does a service take one on for another account's resource, though the role trusts it.
  const std::string trust = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
                            R"({"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
  const std::string rights = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                             R"("Action":"logs:*","Resource":"*"}]})";
  ASSERT_TRUE(
      world
          .run(directory.edit<iam::RoleRecord>(
              kOther,
              [&](iam::Edit& e) {
                return iam::create_role(e, {"r", std::nullopt, std::nullopt, {}}, trust, {});
              }))
          .ok());
  ASSERT_TRUE(world
                  .run(directory.edit<Unit>(kOther,
                                            [&](iam::Edit& e) {
                                              return iam::put_inline(e, iam::Holder::role, "r", "p",
                                                                     rights);
                                            }))
                  .ok());
  auto take_on = [&](const std::string& owner) {
    ServiceRole role{std::string("arn:aws:iam::") + kOther + ":role/r", "lambda.amazonaws.com",
                     "s"};
    Need need{"logs:PutLogEvents", "*"};
    return world.run(authorizer.require_of_role({owner, "us-east-1"}, std::move(role), need));
  };
  EXPECT_TRUE(take_on(kOther).ok());
  EXPECT_EQ(take_on(kHome).error().message, "Cross-account pass role is not allowed.");
}

TEST_F(AuthorizerTest, NobodyIsLetInByTheResourceAlone) {
  EXPECT_EQ(ask(nobody()), "Access Denied");
  resource = {kHome, Verdict::allow, true};
  EXPECT_EQ(ask(nobody()), "");
  resource.verdict = Verdict::deny;
  EXPECT_EQ(ask(nobody()), "Access Denied");
  EXPECT_NE(ask(nobody(), "appconfig:GetApplication"), "");
}

TEST_F(AuthorizerTest, RootMayAllInItsAccountThatNoResourceDenies) {
  EXPECT_EQ(ask(root()), "");
  EXPECT_EQ(ask(root(), "iam:CreateUser"), "");
  resource = {kHome, Verdict::deny, true};
  EXPECT_THAT(ask(root()), testing::HasSubstr("explicit deny in a resource-based policy"));
  EXPECT_TRUE(authorizer.free(root(), wire::Service::appconfigdata));
  EXPECT_FALSE(authorizer.free(root(), wire::Service::s3)) << "its resources have a say";
  EXPECT_FALSE(authorizer.free(ann(), wire::Service::appconfigdata));
}

TEST_F(AuthorizerTest, AUserMadeAnewIsAnother) {
  grant("Allow");
  EXPECT_EQ(ask(ann()), "");
  user_id = "AIDAOLDOLDOLDOLDOLD00";
  EXPECT_EQ(ask(ann()), kNoIdentity);
}

TEST_F(AuthorizerTest, VerdictsAreRememberedUntilAnythingChanges) {
  const Principal p = ann();
  EXPECT_FALSE(authorizer.remembers(p, "arn:x"));
  authorizer.remember(p, "arn:x");
  EXPECT_TRUE(authorizer.remembers(p, "arn:x"));
  EXPECT_FALSE(authorizer.remembers(p, "arn:y"));
  grant("Allow");
  EXPECT_FALSE(authorizer.remembers(p, "arn:x"));
  EXPECT_TRUE(authorizer.unconditional(p));
}

TEST_F(AuthorizerTest, NothingIsEnforcedWhereThatIsSaid) {
  Authorizer open{directory, world.clock, {false}};
  EXPECT_TRUE(open.free(ann(), wire::Service::s3));
  EXPECT_TRUE(
      open.check_service_role("arn:aws:iam::111122223333:role/none", "x.amazonaws.com").ok());
  EXPECT_FALSE(
      authorizer.check_service_role("arn:aws:iam::111122223333:role/none", "x.amazonaws.com").ok());
}

}  // namespace
}  // namespace tidegate::api
