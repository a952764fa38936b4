#include "iam/directory.h"

#include <gtest/gtest.h>

#include "iam/builtin.h"
#include "iam/decide.h"
#include "iam/operations.h"
#include "iam/trust.h"
#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::iam {
namespace {

constexpr char kAccount[] = "111122223333";
constexpr char kTrust[] =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
    R"("Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";

std::string allow(const std::string& action) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":")" + action +
         R"(","Resource":"*"}]})";
}

class Ring final : public KeyRing {
 public:
  void add(const std::string& account, const UserRecord& user, const std::string& id,
           const std::string& secret) override {
    keys[id] = account + "/" + user.name + "/" + secret;
  }
  void remove(const std::string& id) override { keys.erase(id); }
  std::map<std::string, std::string> keys;
};

class DirectoryTest : public testing::Test {
 public:
  SimWorld world;
  store::MemoryStore store;
  Ring ring;
  Directory directory{store, world.clock, world.random, std::string(32, 'k'), ring};

  template <class Out>
  Result<Out> edit(std::function<Result<Out>(Edit&)> change) {
    return world.run(directory.edit<Out>(kAccount, std::move(change)));
  }
  Fault fault_of(std::function<Result<Unit>(Edit&)> change) {
    auto result = edit<Unit>(std::move(change));
    return result.ok() ? Fault::last_value_ : result.fault();
  }
  void user(const std::string& name) {
    ASSERT_TRUE(edit<UserRecord>([&](Edit& e) {
                  return create_user(e, {name, std::nullopt, std::nullopt, {}});
                }).ok());
  }
  void role(const std::string& name, const std::string& trust = kTrust) {
    ASSERT_TRUE(edit<RoleRecord>([&](Edit& e) {
                  return create_role(e, {name, "/p/", std::nullopt, {}}, trust, {});
                }).ok());
  }
  void ok(std::function<Result<Unit>(Edit&)> change) {
    auto result = edit<Unit>(std::move(change));
    ASSERT_TRUE(result.ok()) << result.error().message;
  }
  policy::Verdict may(const std::string& name, const std::string& action,
                      const std::vector<Source>& session = {}) {
    auto grants = directory.grants_of_user(kAccount, name);
    if (!grants) return policy::Verdict::none;
    policy::Request r;
    r.action = action;
    r.resource = "arn:aws:s3:::b/k";
    return decide(*grants, session, r).verdict;
  }
};

TEST_F(DirectoryTest, WhatIsMadeSurvivesAndCountsAtOnce) {
  user("Ann");
  auto key = edit<NewKey>([](Edit& e) { return create_key(e, "ann"); });
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->id.size(), 20u);
  EXPECT_EQ(ring.keys[key->id], std::string(kAccount) + "/Ann/" + key->secret);
  const std::uint64_t before = directory.epoch();
  EXPECT_EQ(may("ann", "s3:GetObject"), policy::Verdict::none);
  ok([](Edit& e) { return put_inline(e, Holder::user, "ann", "p", allow("s3:Get*")); });
  EXPECT_GT(directory.epoch(), before);
  EXPECT_EQ(may("ann", "s3:GetObject"), policy::Verdict::allow);
  role("r");

  Ring other_ring;
  Directory again{store, world.clock, world.random, std::string(32, 'k'), other_ring};
  ASSERT_TRUE(world.run(again.load()).ok());
  EXPECT_EQ(other_ring.keys, ring.keys);
  EXPECT_EQ(again.account(kAccount).users.at("ann").name, "Ann");
  EXPECT_NE(again.role_of_arn("arn:aws:iam::111122223333:role/p/r"), nullptr);
  EXPECT_EQ(again.role_of_arn("arn:aws:iam::111122223333:role/r"), nullptr) << "another path";
  auto stale =
      world.run(again.edit<Unit>(kAccount, [](Edit& e) { return delete_user(e, "nobody"); }));
  EXPECT_EQ(stale.fault(), Fault::not_found);
  // Its key file lost, a server has no keys rather than wrong ones.
  Ring none;
  Directory blind{store, world.clock, world.random, std::string(32, 'x'), none};
  ASSERT_TRUE(world.run(blind.load()).ok());
  EXPECT_TRUE(none.keys.empty());
}

TEST_F(DirectoryTest, AGroupSpeaksForItsMembersWhateverItsName) {
  user("ann");
  ASSERT_TRUE(edit<GroupRecord>([](Edit& e) {
                return create_group(e, {"g", std::nullopt, std::nullopt, {}});
              }).ok());
  ok([](Edit& e) { return put_inline(e, Holder::group, "g", "p", allow("s3:Get*")); });
  EXPECT_EQ(may("ann", "s3:GetObject"), policy::Verdict::none);
  ok([](Edit& e) { return join_group(e, "G", "ann"); });
  EXPECT_EQ(may("ann", "s3:GetObject"), policy::Verdict::allow);
  ok([](Edit& e) { return rename_group(e, "g", "h", "/x/"); });
  EXPECT_EQ(fault_of([](Edit& e) { return leave_group(e, "g", "ann"); }), Fault::not_found);

  Ring none;
  Directory again{store, world.clock, world.random, std::string(32, 'k'), none};
  ASSERT_TRUE(world.run(again.load()).ok());
  EXPECT_EQ(again.grants_of_user(kAccount, "ann")->policies.size(), 1u);
  EXPECT_EQ(again.grants_of_group(kAccount, "h")->arn, "arn:aws:iam::111122223333:group/x/h");
  EXPECT_EQ(fault_of([](Edit& e) { return delete_group(e, "h"); }), Fault::precondition_failed);
  ok([](Edit& e) { return leave_group(e, "h", "ann"); });
  EXPECT_EQ(may("ann", "s3:GetObject"), policy::Verdict::none);
}

TEST_F(DirectoryTest, NoSecretStandsInTheStore) {
  user("ann");
  auto key = edit<NewKey>([](Edit& e) { return create_key(e, "ann"); });
  auto page = world.run(store.range(store::Range::prefix("")));
  for (const auto& kv : page->items) EXPECT_EQ(kv.value.find(key->secret), std::string::npos);
}

TEST_F(DirectoryTest, KeysAreSwitchedOffAndDeleted) {
  user("ann");
  auto key = edit<NewKey>([](Edit& e) { return create_key(e, "ann"); });
  ok([&](Edit& e) { return set_key(e, "ann", key->id, false); });
  EXPECT_TRUE(ring.keys.empty());
  ok([&](Edit& e) { return set_key(e, "ann", key->id, true); });
  EXPECT_EQ(ring.keys.size(), 1u);
  EXPECT_EQ(fault_of([](Edit& e) { return delete_user(e, "ann"); }), Fault::precondition_failed);
  ok([&](Edit& e) { return delete_key(e, "ann", key->id); });
  EXPECT_TRUE(ring.keys.empty());
  ok([](Edit& e) { return delete_user(e, "ann"); });
  EXPECT_EQ(directory.grants_of_user(kAccount, "ann"), nullptr);
}

TEST_F(DirectoryTest, RefusesInIamsWords) {
  user("ann");
  role("r");
  EXPECT_EQ(edit<UserRecord>([](Edit& e) {
              return create_user(e, {"ANN", std::nullopt, std::nullopt, {}});
            })
                .error()
                .message,
            "User with name ANN already exists.");
  EXPECT_EQ(fault_of([](Edit& e) { return put_inline(e, Holder::user, "ann", "p", "{}"); }),
            Fault::malformed_policy);
  EXPECT_EQ(fault_of([](Edit& e) {
              return put_inline(e, Holder::user, "ann", "p", allow("s3:" + std::string(2048, 'a')));
            }),
            Fault::quota_exceeded);
  EXPECT_EQ(
      fault_of([](Edit& e) { return attach(e, Holder::role, "r", "arn:aws:iam::aws:policy/X"); }),
      Fault::not_found);
  EXPECT_EQ(fault_of([](Edit& e) { return set_trust(e, "r", allow("s3:*")); }),
            Fault::malformed_policy);
  EXPECT_EQ(edit<UserRecord>([](Edit& e) {
              return create_user(e, {"b/c", std::nullopt, std::nullopt, {}});
            }).fault(),
            Fault::invalid_request);
  EXPECT_EQ(edit<UserRecord>([](Edit& e) {
              return create_user(e, {"bob", "nopath", std::nullopt, {}});
            }).fault(),
            Fault::invalid_request);
  EXPECT_EQ(fault_of([](Edit& e) {
              return tag(e, Holder::user, "ann", {{"aws:x", "y"}});
            }),
            Fault::invalid_argument);
  for (const Tags& bad : {Tags{{"no!", "y"}}, Tags{{"k", "no\n"}}})
    EXPECT_EQ(fault_of([&](Edit& e) { return tag(e, Holder::user, "ann", bad); }),
              Fault::invalid_request);
}

TEST_F(DirectoryTest, ManagedPoliciesHaveVersionsAndUses) {
  role("r");
  auto made = edit<PolicyRecord>([](Edit& e) {
    return create_policy(e, {"P", std::nullopt, std::nullopt, {}}, allow("s3:*"), "d");
  });
  ASSERT_TRUE(made.ok());
  const std::string arn = "arn:aws:iam::111122223333:policy/P";
  ok([&](Edit& e) { return attach(e, Holder::role, "r", arn); });
  EXPECT_EQ(fault_of([&](Edit& e) { return delete_policy(e, arn); }), Fault::precondition_failed);
  EXPECT_EQ(fault_of([](Edit& e) { return delete_role(e, "r"); }), Fault::precondition_failed);
  ok([&](Edit& e) { return detach(e, Holder::role, "r", arn); });
  for (int i = 2; i <= 5; ++i)
    ASSERT_TRUE(edit<VersionRecord>([&](Edit& e) {
                  return create_version(e, arn, allow("s3:Get*"), false);
                }).ok());
  EXPECT_EQ(edit<VersionRecord>([&](Edit& e) {
              return create_version(e, arn, allow("s3:Get*"), false);
            }).fault(),
            Fault::quota_exceeded);
  EXPECT_EQ(fault_of([&](Edit& e) { return delete_version(e, arn, "v1"); }),
            Fault::precondition_failed);
  EXPECT_EQ(fault_of([&](Edit& e) { return delete_policy(e, arn); }), Fault::precondition_failed);
  ok([&](Edit& e) { return delete_version(e, arn, "v3"); });
  auto next =
      edit<VersionRecord>([&](Edit& e) { return create_version(e, arn, allow("s3:*"), true); });
  EXPECT_EQ(next->id, "v6") << "numbers are not used again";
}

TEST_F(DirectoryTest, BoundariesAndSessionsOnlyTakeAway) {
  user("ann");
  ok([](Edit& e) { return put_inline(e, Holder::user, "ann", "p", allow("s3:*")); });
  const auto session = *session_sources(directory, kAccount, {allow("s3:GetObject")}, {});
  EXPECT_EQ(may("ann", "s3:GetObject", session), policy::Verdict::allow);
  EXPECT_EQ(may("ann", "s3:PutObject", session), policy::Verdict::none);
  EXPECT_EQ(may("ann", "iam:GetUser", session), policy::Verdict::none);
  ok([](Edit& e) {
    return set_boundary(e, Holder::user, "ann", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
  });
  EXPECT_EQ(may("ann", "s3:GetObject"), policy::Verdict::allow);
  EXPECT_EQ(may("ann", "s3:PutObject"), policy::Verdict::none);
  EXPECT_FALSE(session_sources(directory, kAccount, {"{"}, {}).ok());
  EXPECT_FALSE(session_sources(directory, kAccount, {}, {"arn:aws:iam::aws:policy/X"}).ok());
}

TEST_F(DirectoryTest, TrustNamesWhoMayTakeARoleOn) {
  role("r");
  const RoleRecord& r = directory.account(kAccount).roles.at("r");
  policy::Request request;
  request.action = "sts:AssumeRole";
  request.caller.service = "lambda.amazonaws.com";
  EXPECT_EQ(trusts(r, "arn", request).verdict, policy::Verdict::allow);
  request.caller.service = "s3.amazonaws.com";
  EXPECT_EQ(trusts(r, "arn", request).verdict, policy::Verdict::none);
}

std::string trusting(const std::string& arn) {
  return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":[")" + arn +
         R"("]},"Action":"sts:AssumeRole"}})";
}

TEST_F(DirectoryTest, TrustMeansWhoBoreTheNameWhenItWasWritten) {
  const std::string ann = arn_of(kAccount, "user", "/", "ann");
  auto unknown = edit<RoleRecord>([&](Edit& e) {
    return create_role(e, {"r", "/", std::nullopt, {}}, trusting(ann), {});
  });
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.fault(), Fault::malformed_policy);
  EXPECT_EQ(unknown.error().message, "Invalid principal in policy: \"AWS\":\"" + ann + "\"");
  user("ann");
  role("r", trusting(ann));
  const std::string id = directory.account(kAccount).users.at("ann").id;
  policy::Request request;
  request.action = "sts:AssumeRole";
  request.caller.account = kAccount;
  request.caller.arn = ann;
  request.context.set("aws:userid", id);
  auto role_of_now = [this] { return directory.account(kAccount).roles.at("r"); };
  auto shown = [&] { return shown_trust(Edit(directory, kAccount), role_of_now()); };
  EXPECT_EQ(trusts(role_of_now(), "arn", request).verdict, policy::Verdict::allow);
  EXPECT_EQ(shown(), trusting(ann));

  ok([](Edit& e) { return rename_user(e, "ann", "eve", std::nullopt); });
  request.caller.arn = arn_of(kAccount, "user", "/", "eve");
  EXPECT_EQ(trusts(role_of_now(), "arn", request).verdict, policy::Verdict::allow);
  EXPECT_EQ(shown(), trusting(request.caller.arn));

  ok([](Edit& e) { return delete_user(e, "eve"); });
  EXPECT_EQ(shown(), trusting(id));
  user("ann");
  request.caller.arn = ann;
  request.context.set("aws:userid", directory.account(kAccount).users.at("ann").id);
  EXPECT_EQ(trusts(role_of_now(), "arn", request).verdict, policy::Verdict::none);
  EXPECT_EQ(shown(), trusting(id));
  ok([&](Edit& e) { return set_trust(e, "r", trusting(ann)); });
  EXPECT_EQ(trusts(role_of_now(), "arn", request).verdict, policy::Verdict::allow);
}

TEST_F(DirectoryTest, WhereNothingIsEnforcedOtherAccountsMayBeElsewhere) {
  const std::string theirs = arn_of("999900009999", "role", "/", "ci");
  auto make = [&](const std::string& name, const std::string& whom) {
    return edit<RoleRecord>([&](Edit& e) {
      return create_role(e, {name, "/", std::nullopt, {}}, trusting(whom), {});
    });
  };
  EXPECT_FALSE(make("r", theirs).ok());
  directory.take_strangers();
  EXPECT_TRUE(make("r", theirs).ok());
  EXPECT_FALSE(make("s", arn_of(kAccount, "role", "/", "ci")).ok());
}

TEST(Builtins, AreWellFormedAndFound) {
  for (const Builtin& b : builtins()) {
    EXPECT_FALSE(b.document()->statements.empty());
    EXPECT_EQ(find_builtin(b.arn()), &b);
  }
  EXPECT_EQ(find_builtin("arn:aws:iam::aws:policy/NoSuch"), nullptr);
}

TEST_F(DirectoryTest, ADeclaredKeyIsItsUsers) {
  auto declare = [&](Directory& d, const std::string& user, std::vector<std::string> policies) {
    Directory::Declared key{user, "AKIADECLARED" + user, "s", std::move(policies)};
    return world.run(d.declare(kAccount, std::move(key)));
  };
  const std::string read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  ASSERT_TRUE(declare(directory, "ann", {read_only}).ok());
  EXPECT_EQ(ring.keys["AKIADECLAREDann"], "111122223333/ann/s");
  const UserRecord made = directory.account(kAccount).users.at("ann");
  EXPECT_EQ(made.permissions.attached, std::vector<std::string>{read_only});
  EXPECT_TRUE(made.keys.empty()) << "its secret stays where it was declared";
  EXPECT_EQ(directory.grants_of_user(kAccount, "ann")->policies.size(), 1u);
  // A new name and a removal reach the key as any other of the user's.
  ok([](Edit& e) { return rename_user(e, "ann", "beth", std::nullopt); });
  EXPECT_EQ(ring.keys["AKIADECLAREDann"], "111122223333/beth/s");
  ok([&](Edit& e) { return detach(e, Holder::user, "beth", read_only); });
  ok([](Edit& e) { return delete_user(e, "beth"); });
  EXPECT_EQ(ring.keys.count("AKIADECLAREDann"), 0u);
  // The next start finds the user there, or makes it again.
  user("carl");
  const std::string id = directory.account(kAccount).users.at("carl").id;
  const store::Revision before = store.revision();
  Directory again{store, world.clock, world.random, std::string(32, 'k'), ring};
  ASSERT_TRUE(world.run(again.load()).ok());
  ASSERT_TRUE(declare(again, "Carl", {}).ok());
  EXPECT_EQ(store.revision(), before) << "nothing new to write";
  EXPECT_EQ(again.account(kAccount).users.at("carl").id, id);
  EXPECT_EQ(declare(again, "dora", {"arn:aws:iam::aws:policy/NoSuchPolicy"}).fault(),
            Fault::not_found);
  EXPECT_EQ(again.account(kAccount).users.count("dora"), 0u);
}

}  // namespace
}  // namespace tidegate::iam
