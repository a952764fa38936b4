#include "s3/notifications.h"

#include <gtest/gtest.h>

#include "support/s3_world.h"

namespace tidegate::s3 {
namespace {

constexpr const char* kFunction = "arn:aws:lambda:us-east-1:111122223333:function:f";

NotificationEntry entry(std::vector<std::string> events, std::optional<std::string> prefix,
                        std::optional<std::string> suffix) {
  NotificationEntry e;
  e.arn = kFunction;
  e.events = std::move(events);
  if (prefix) e.rules.push_back({"prefix", prefix});
  if (suffix) e.rules.push_back({"Suffix", suffix});
  return e;
}

Fault verdict(std::vector<NotificationEntry> entries) {
  SeededRandom random(1);
  NotificationConfiguration configuration;
  configuration.entries = std::move(entries);
  Status valid = validate_notifications(configuration, random);
  return valid.ok() ? Fault::last_value_ : valid.fault();
}

TEST(Notifications, RefuseOverlap) {
  const std::vector<std::string> created{"s3:ObjectCreated:*"}, put{"s3:ObjectCreated:Put"},
      removed{"s3:ObjectRemoved:*"};
  const auto none = std::nullopt;
  EXPECT_EQ(verdict({entry(created, none, ".yml"), entry(created, none, ".json")}),
            Fault::last_value_);
  EXPECT_EQ(verdict({entry(created, "images/", none), entry(put, none, none)}),
            Fault::invalid_argument);
  EXPECT_EQ(verdict({entry(created, none, "jpg"), entry(created, none, "pg")}),
            Fault::invalid_argument);
  EXPECT_EQ(verdict({entry(created, "a/", "jpg"), entry(created, "b/", "pg")}), Fault::last_value_);
  EXPECT_EQ(verdict({entry(created, none, none), entry(removed, none, none)}), Fault::last_value_);
}

TEST(Notifications, RefuseWhatIsMalformed) {
  const std::vector<std::string> created{"s3:ObjectCreated:*"};
  EXPECT_EQ(verdict({entry({"s3:*"}, "", "")}), Fault::invalid_argument);
  EXPECT_EQ(verdict({entry({}, "", "")}), Fault::malformed_xml);
  auto bad = entry(created, "a", std::nullopt);
  bad.arn = "arn:aws:s3:::b";
  EXPECT_EQ(verdict({bad}), Fault::invalid_argument);
  bad = entry(created, "a", std::nullopt);
  bad.rules.push_back({"PREFIX", "b"});
  EXPECT_EQ(verdict({bad}), Fault::invalid_argument);
  bad.rules.back().name = "infix";
  EXPECT_EQ(verdict({bad}), Fault::invalid_argument);
  bad.rules.back().name.reset();
  EXPECT_EQ(verdict({bad}), Fault::malformed_xml);
}

TEST(Notifications, MatchBothEndsOfAKey) {
  NotificationConfiguration configuration;
  configuration.entries.push_back(entry({"s3:ObjectCreated:*"}, "ab", "bc"));
  SeededRandom random(1);
  ASSERT_TRUE(validate_notifications(configuration, random).ok());
  NotificationRules rules(configuration);
  EXPECT_NE(rules.match(EventType::created_copy, "abc"), nullptr);
  EXPECT_EQ(rules.match(EventType::created_copy, "Abc"), nullptr);
  EXPECT_EQ(rules.match(EventType::removed_delete, "abc"), nullptr);
}

TEST(Notifications, FollowEveryWriteThatSucceeds) {
  S3World w;
  w.bucket("bucket");
  ASSERT_TRUE(w.notify("bucket", {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}, "", ".yml").ok());
  w.put("bucket", "a b.yml", "hello");
  w.put("bucket", "a.txt", "hello");
  WriteConditions first;
  first.if_none_match = true;
  EXPECT_FALSE(w.put("bucket", "a b.yml", "x", first).ok());
  ASSERT_EQ(w.events.size(), 1u);
  const ObjectEvent& put = w.events[0];
  EXPECT_EQ(put.event_name, "ObjectCreated:Put");
  EXPECT_EQ(put.size, 5u);
  EXPECT_EQ(put.version_id, std::nullopt);  // no versions, no member
  EXPECT_EQ(put.request_id, w.caller.request_id);
  EXPECT_EQ(put.function_arn, kFunction);
  const std::string text = render_event(put, 255);
  EXPECT_NE(
      text.find("\"key\":\"a+b.yml\",\"size\":5,\"eTag\":\"5d41402abc4b2a76b9719d911017c592\","
                "\"sequencer\":\"0000000000000000FF\"}"),
      std::string::npos)
      << text;

  w.set_versioning("bucket", Versioning::enabled);
  w.events.clear();
  const auto marker = w.remove("bucket", "a b.yml");
  w.remove("bucket", "a b.yml", marker->version_id);
  ASSERT_EQ(w.events.size(), 2u);
  EXPECT_EQ(w.events[0].event_name, "ObjectRemoved:DeleteMarkerCreated");
  EXPECT_EQ(w.events[0].version_id, marker->version_id);
  EXPECT_EQ(w.events[0].etag, "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(w.events[0].size, std::nullopt);
  EXPECT_EQ(w.events[1].event_name, "ObjectRemoved:Delete");
  EXPECT_EQ(w.events[1].etag, std::nullopt);
}

TEST(Notifications, AreReplacedAsAWhole) {
  S3World w;
  w.bucket("bucket");
  ASSERT_TRUE(w.notify("bucket", {"s3:ObjectCreated:*"}, "a").ok());
  auto stored = w.run(w.s3->buckets.notifications(w.caller, "bucket"));
  ASSERT_EQ(stored->entries.size(), 1u);
  EXPECT_FALSE(stored->entries[0].id.empty());
  EXPECT_EQ(stored->entries[0].rules[0].name, "Prefix");
  ASSERT_TRUE(w.run(w.s3->buckets.set_notifications(w.caller, "bucket", {}, nullptr)).ok());
  EXPECT_TRUE(w.run(w.s3->buckets.notifications(w.caller, "bucket"))->entries.empty());
  w.put("bucket", "a", "x");
  EXPECT_TRUE(w.events.empty());
}

class Closed final : public DestinationCheck {
 public:
  Task<std::optional<std::string>> why_not(Scope, std::string arn, std::string,
                                           std::string) override {
    co_return std::optional<std::string>("Not authorized to invoke function [" + arn + "]");
  }
};

class OneQueue final : public DestinationCheck {
 public:
  Task<std::optional<std::string>> why_not(Scope, std::string, std::string, std::string) override {
    co_return std::optional<std::string>();
  }
  bool queue_exists(std::string_view arn) const override {
    return arn == "arn:tidegate:webhook:::hook";
  }
  Status announce(store::Txn& txn, const Scope&, ObjectEvent event) override {
    txn.put("a/1/r/announced", store::encode(event));
    announced.push_back(std::move(event));
    return done;
  }
  std::vector<ObjectEvent> announced;
};

TEST(Notifications, AQueueIsToldThatItWillBeAndThenIs) {
  S3World w;
  w.bucket("bucket");
  NotificationConfiguration configuration;
  for (const char* prefix : {"a", "b"}) {
    configuration.entries.push_back(entry({"s3:ObjectCreated:*"}, prefix, std::nullopt));
    configuration.entries.back().kind = DestinationKind::queue;
    configuration.entries.back().arn = "arn:tidegate:webhook:::hook";
  }
  OneQueue check;
  ASSERT_TRUE(
      w.run(w.s3->buckets.set_notifications(w.caller, "bucket", configuration, &check)).ok());
  ASSERT_EQ(check.announced.size(), 1u);
  EXPECT_EQ(check.announced[0].function_arn, "arn:tidegate:webhook:::hook");
  EXPECT_EQ(render_event(check.announced[0], 7),
            "{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Time\":\"" +
                iso8601(w.world.clock.now()) +
                "\",\"Bucket\":\"bucket\",\"RequestId\":\"0123456789ABCDEF\",\"HostId\":\"host\"}");
  w.put("bucket", "b1", "x");
  ASSERT_EQ(w.events.size(), 1u);
  EXPECT_EQ(w.events[0].function_arn, "arn:tidegate:webhook:::hook");
  configuration.entries[0].arn = "arn:tidegate:webhook:::other";
  EXPECT_FALSE(
      w.run(w.s3->buckets.set_notifications(w.caller, "bucket", configuration, &check)).ok());
  EXPECT_EQ(check.announced.size(), 1u);
}

TEST(Notifications, NameEveryDestinationThatRefuses) {
  S3World w;
  w.bucket("bucket");
  NotificationConfiguration configuration;
  configuration.entries.push_back(entry({"s3:ObjectCreated:*"}, "a", std::nullopt));
  configuration.entries.push_back(entry({"s3:ObjectCreated:*"}, "b", std::nullopt));
  configuration.entries[1].kind = DestinationKind::queue;
  configuration.entries[1].arn = "arn:aws:sqs:us-east-1:111122223333:q";
  Closed check;
  auto refused = w.run(w.s3->buckets.set_notifications(w.caller, "bucket", configuration, &check));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.fault(), Fault::invalid_argument);
  ASSERT_EQ(refused.error().fields.size(), 4u);
  EXPECT_EQ(refused.error().fields[0].second, std::string(kFunction) + ", null");
  EXPECT_EQ(refused.error().fields[3].second, "The destination queue does not exist");
}

}  // namespace
}  // namespace tidegate::s3
