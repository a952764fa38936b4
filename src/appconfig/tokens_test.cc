#include "appconfig/tokens.h"

#include <gtest/gtest.h>

#include "store/faulty.h"
#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::appconfig {
namespace {

const Instant kNow = instant_from_ms(1'767'323'045'678);

Session session() {
  Session s;
  s.account = "111122223333";
  s.region = "us-east-1";
  s.application_id = "app1234";
  s.environment_id = "env1234";
  s.profile_id = "prof123";
  s.id = std::string("\0binary\xff", 8);
  s.declared_interval_s = 15;
  s.served_version = "7";
  s.issued = kNow;
  s.polled = kNow - Duration{1};
  return s;
}

std::string problem(const Error& e) {
  for (const auto& [name, value] : e.fields)
    if (name == "Problem") return value;
  return "";
}

struct Fixture {
  SeededRandom random{1};
  Tokens tokens{std::string(32, 'k'), random};
};

TEST(Tokens, CarryTheWholeSession) {
  Fixture f;
  const std::string token = f.tokens.seal(session());
  EXPECT_EQ(token.find_first_of("+/= \n"), std::string::npos);
  EXPECT_NE(token, f.tokens.seal(session()));  // sealed anew each time
  auto opened = f.tokens.open(token, kNow);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->account, "111122223333");
  EXPECT_EQ(opened->region, "us-east-1");
  EXPECT_EQ(opened->application_id, "app1234");
  EXPECT_EQ(opened->environment_id, "env1234");
  EXPECT_EQ(opened->profile_id, "prof123");
  EXPECT_EQ(opened->id, session().id);
  EXPECT_EQ(opened->declared_interval_s, 15u);
  EXPECT_EQ(opened->served_version, "7");
  EXPECT_EQ(opened->issued, kNow);
  EXPECT_EQ(opened->polled, kNow - Duration{1});
}

TEST(Tokens, ExpireAfterADay) {
  Fixture f;
  const std::string token = f.tokens.seal(session());
  EXPECT_TRUE(f.tokens.open(token, kNow + Duration{Tokens::kLifetimeMs}).ok());
  auto late = f.tokens.open(token, kNow + Duration{Tokens::kLifetimeMs + 1});
  ASSERT_EQ(late.fault(), Fault::bad_token);
  EXPECT_EQ(problem(late.error()), "Expired");
  // A clock that was set back does no harm.
  EXPECT_TRUE(f.tokens.open(token, kNow - Duration{Tokens::kLifetimeMs * 2}).ok());
}

TEST(Tokens, AreCorruptedByAnyChange) {
  Fixture f;
  const std::string token = f.tokens.seal(session());
  auto corrupted = [&](const std::string& changed) {
    auto opened = f.tokens.open(changed, kNow);
    return !opened.ok() && opened.fault() == Fault::bad_token &&
           problem(opened.error()) == "Corrupted";
  };
  for (std::size_t i = 0; i + 1 < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(corrupted(changed)) << i;
    EXPECT_TRUE(corrupted(token.substr(0, i))) << i;
  }
  EXPECT_TRUE(corrupted(token + "AAAA"));
  EXPECT_TRUE(corrupted("not a token!"));
  Tokens other(std::string(32, 'o'), f.random);
  EXPECT_TRUE(corrupted(other.seal(session())));
}

TEST(Tokens, OutliveARestart) {
  SimWorld world;
  store::MemoryStore store;
  auto first = world.run(Tokens::load(store, world.random));
  ASSERT_TRUE(first.ok());
  const std::string token = first->seal(session());
  auto second = world.run(Tokens::load(store, world.random));
  EXPECT_TRUE(second->open(token, kNow).ok());
}

TEST(Tokens, HaveOneKeyWhateverTheCommitSaid) {
  for (auto outcome : {store::FaultyStore::Commit::unanswered, store::FaultyStore::Commit::lost}) {
    SimWorld world;
    store::MemoryStore memory;
    store::FaultyStore store(memory, 1);
    store.next_commits({outcome});
    auto first = world.run(Tokens::load(store, world.random));
    ASSERT_TRUE(first.ok()) << first.error().message;
    auto second = world.run(Tokens::load(store, world.random));
    EXPECT_TRUE(second->open(first->seal(session()), kNow).ok());
  }
}

}  // namespace
}  // namespace tidegate::appconfig
