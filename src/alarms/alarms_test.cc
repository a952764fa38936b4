#include "alarms/alarms.h"

#include <gtest/gtest.h>

#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::alarms {
namespace {

struct AlarmsWorld {
  SimWorld world;
  store::MemoryStore store;
  Alarms alarms{store, world.clock, world.executors()};
  Scope scope{"111122223333", "us-east-1"};

  ~AlarmsWorld() {
    world.run([](Alarms& a) -> Task<Unit> {
      co_await a.close();
      co_return done;
    }(alarms));
    world.settle();
  }
  Status put(const std::string& name, bool actions_enabled = true) {
    Alarm a;
    a.name = name;
    a.actions_enabled = actions_enabled;
    a.metric_name = "Errors";
    a.name_space = "Shop";
    a.dimensions.push_back({"Host", "a"});
    a.threshold = 0.5;
    a.alarm_actions = {"arn:aws:sns:us-east-1:111122223333:pager"};
    return world.run(alarms.put(scope, a));
  }
  Status set(const std::string& name, State state) {
    return world.run(alarms.set_state(scope, name, state, "because", std::nullopt));
  }
  std::string names(Query query) {
    auto page = world.run(alarms.describe(scope, std::move(query)));
    std::string text;
    for (const Alarm& a : page->alarms) text += a.name + " ";
    return text + page->next_token;
  }
};

TEST(Alarms, KeepTheirStateWhenTheyAreChanged) {
  AlarmsWorld w;
  ASSERT_TRUE(w.put("errors").ok());
  auto fresh = w.world.run(w.alarms.find(w.scope, "errors"));
  EXPECT_EQ((*fresh)->state, State::insufficient_data);
  EXPECT_EQ((*fresh)->state_reason, "Unchecked: Initial alarm creation");
  w.world.advance(Duration{5'000});
  ASSERT_TRUE(w.set("errors", State::alarm).ok());
  w.world.advance(Duration{5'000});
  ASSERT_TRUE(w.put("errors", false).ok());
  auto changed = w.world.run(w.alarms.find(w.scope, "errors"));
  EXPECT_EQ((*changed)->state, State::alarm);
  EXPECT_EQ((*changed)->state_reason, "because");
  EXPECT_FALSE((*changed)->actions_enabled);
  EXPECT_EQ((*changed)->dimensions[0].value, "a");
  EXPECT_EQ((*changed)->configuration_updated - (*changed)->state_updated, Duration{5'000});
}

TEST(Alarms, AreFoundByWhatIsAsked) {
  AlarmsWorld w;
  for (const char* name : {"a1", "a2", "a/3", "b"}) ASSERT_TRUE(w.put(name).ok());
  ASSERT_TRUE(w.set("a2", State::ok).ok());
  Query q;
  EXPECT_EQ(w.names(q), "a/3 a1 a2 b ");
  q.prefix = "a";
  q.max_records = 2;
  q.next_token = w.world.run(w.alarms.describe(w.scope, q))->next_token;
  EXPECT_EQ(w.names(q), "a2 ");
  q = {};
  q.state = State::ok;
  EXPECT_EQ(w.names(q), "a2 ");
  q = {};
  q.names = {"b", "nobody", "a1", "b"};
  EXPECT_EQ(w.names(q), "a1 b ");
  q = {};
  q.action_prefix = "arn:aws:lambda";
  EXPECT_EQ(w.names(q), "");
  q.action_prefix = "arn:aws:sns";
  EXPECT_EQ(w.names(q), "a/3 a1 a2 b ");
  q.next_token = "***";
  EXPECT_EQ(w.world.run(w.alarms.describe(w.scope, q)).fault(), Fault::bad_token);
}

TEST(Alarms, GoAllOrNone) {
  AlarmsWorld w;
  ASSERT_TRUE(w.put("a").ok());
  ASSERT_TRUE(w.put("b").ok());
  std::vector<std::string> names = {"a", "nobody"};
  EXPECT_EQ(w.world.run(w.alarms.remove(w.scope, names)).fault(), Fault::not_found);
  EXPECT_EQ(w.names({}), "a b ");
  names = {"a", "b", "a"};
  EXPECT_TRUE(w.world.run(w.alarms.remove(w.scope, names)).ok());
  EXPECT_EQ(w.names({}), "");
  EXPECT_EQ(w.set("a", State::ok).fault(), Fault::not_found);
}

TEST(Alarms, TellWhoListens) {
  AlarmsWorld w;
  std::vector<std::string> heard;
  w.alarms.start([&heard](std::string arn) { heard.push_back(std::move(arn)); });
  w.world.settle();
  ASSERT_TRUE(w.put("shop/errors").ok());
  ASSERT_TRUE(w.set("shop/errors", State::alarm).ok());
  store::Txn other;
  other.put("a/111122223333/us-east-1/ac/x", "");
  ASSERT_TRUE(w.world.run(w.store.commit(std::move(other))).ok());
  w.world.settle();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[1], "arn:aws:cloudwatch:us-east-1:111122223333:alarm:shop/errors");
}

TEST(AlarmArn, IsReadBack) {
  const Scope scope{"111122223333", "eu-west-1"};
  auto parsed = parse_arn(arn_of(scope, "a:b/c"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->scope, scope);
  EXPECT_EQ(parsed->name, "a:b/c");
  for (const char* bad :
       {"", "arn:aws:cloudwatch:", "arn:aws:cloudwatch:r:1:alarm:", "arn:aws:sns:r:1:alarm:x",
        "arn:aws:cloudwatch:r:1:dashboard:x", "arn:aws:cloudwatch:r:1"})
    EXPECT_FALSE(parse_arn(bad)) << bad;
}

}  // namespace
}  // namespace tidegate::alarms
