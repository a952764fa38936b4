// Lifecycle rules carried out, in virtual time.
#include "s3/expirer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "s3/expiry.h"
#include "support/s3_world.h"

namespace tidegate::s3 {
namespace {

constexpr Duration kDay{86'400'000};

LifecycleRule rule(std::string id, std::string prefix = "") {
  LifecycleRule r;
  r.id = std::move(id);
  r.status = "Enabled";
  r.filter.emplace().prefix = std::move(prefix);
  return r;
}
LifecycleRule expires(std::int32_t days, std::string prefix = "") {
  LifecycleRule r = rule("days", std::move(prefix));
  r.expiration.emplace().days = days;
  return r;
}

struct Life {
  S3World w;
  Expirer expirer{*w.s3, w.store, w.world.clock, w.world.random, w.world.executors()};
  ~Life() {
    auto closed = w.world.run(close(expirer));
    CHECK(closed.ok());
  }
  static Task<Unit> close(Expirer& e) {
    co_await e.close();
    co_return done;
  }
  void rules(std::vector<LifecycleRule> all) {
    LifecycleConfiguration configuration{std::move(all), ""};
    ASSERT_TRUE(validate(configuration, w.world.random).ok());
    std::optional<std::string> record = store::encode(configuration);
    ASSERT_TRUE(
        w.run(w.s3->buckets.put_setting(w.caller, "bucket", Setting::lifecycle, record)).ok());
  }
  Expirer::Ended pass() {
    auto ended = w.run(expirer.pass());
    EXPECT_TRUE(ended.ok());
    return ended.ok() ? *ended : Expirer::Ended{};
  }
  bool there(const std::string& key, std::optional<std::string> version = std::nullopt) {
    return w.get("bucket", key, std::move(version)).ok();
  }
  std::size_t versions() {
    auto page = w.run(w.s3->listing.versions(w.caller, "bucket", {}));
    return page.ok() ? page->versions.size() : 0;
  }
  std::vector<std::string> told() {
    std::vector<std::string> names;
    for (const ObjectEvent& event : w.events) names.push_back(event.event_name);
    return names;
  }
};

TEST(LifecycleDays, EndAtTheNextMidnight) {
  const Instant morning = *parse_iso8601("2026-01-15T10:30:00.000Z");
  EXPECT_EQ(iso8601(days_after(morning, 3)), "2026-01-19T00:00:00.000Z");
  const Instant midnight = *parse_iso8601("2026-01-15T00:00:00.000Z");
  EXPECT_EQ(iso8601(days_after(midnight, 1)), "2026-01-17T00:00:00.000Z");
}

TEST(LifecycleFilters, AllConditionsMustHold) {
  LifecycleRule all = rule("all");
  all.filter = LifecycleFilter{};
  auto& both = all.filter->conjunction.emplace();
  both.prefix = "logs/";
  both.tags = {{"kind", "tmp"}, {"team", "x"}};
  both.size_greater_than = 10;
  both.size_less_than = 20;
  all.expiration.emplace().days = 1;
  const LifecycleRules rules(LifecycleConfiguration{{all}, ""});
  ObjectRecord record;
  record.size = 15;
  record.tags = {{"kind", "tmp"}, {"team", "x"}, {"more", "y"}};
  EXPECT_TRUE(rules.current("logs/a", record));
  EXPECT_FALSE(rules.current("log", record));
  record.size = 10;
  EXPECT_FALSE(rules.current("logs/a", record));
  record.size = 20;
  EXPECT_FALSE(rules.current("logs/a", record));
  record.size = 11;
  record.tags.erase("team");
  EXPECT_FALSE(rules.current("logs/a", record));
  EXPECT_EQ(rules.common_prefix(), "logs/");
}

TEST(Expirer, RemovesWhatIsOldEnoughAndTellsOfIt) {
  Life life;
  life.w.bucket("bucket");
  ASSERT_TRUE(life.w.notify("bucket", {"s3:LifecycleExpiration:*"}).ok());
  life.w.put("bucket", "logs/a", "x");
  life.w.put("bucket", "kept", "x");
  life.rules({expires(1, "logs/")});
  life.w.world.advance(kDay);
  EXPECT_EQ(life.pass().versions, 0u);  // its midnight is still to come
  life.w.world.advance(kDay);
  EXPECT_EQ(life.pass().versions, 1u);
  EXPECT_FALSE(life.there("logs/a"));
  EXPECT_TRUE(life.there("kept"));
  ASSERT_EQ(life.told(), std::vector<std::string>{"LifecycleExpiration:Delete"});
  const std::string record = render_event(life.w.events[0], 7);
  EXPECT_NE(record.find("\"principalId\":\"s3.amazonaws.com\""), std::string::npos);
  EXPECT_NE(record.find("\"eventVersion\":\"2.3\""), std::string::npos);
  EXPECT_NE(record.find("\"object\":{\"key\":\"logs/a\",\"sequencer\":"), std::string::npos);
}

TEST(Expirer, GoesByItselfAtMidnightsAndAfterARestart) {
  Life life;
  life.w.bucket("bucket");
  life.w.put("bucket", "k", "x");
  life.rules({expires(1)});
  life.expirer.start();
  life.w.world.advance(kDay);
  EXPECT_TRUE(life.there("k"));
  life.w.world.advance(kDay);
  life.w.world.settle();
  EXPECT_FALSE(life.there("k"));
  // What came due while nobody looked.
  life.w.put("bucket", "late", "x");
  Expirer later(*life.w.s3, life.w.store, life.w.world.clock, life.w.world.random,
                life.w.world.executors());
  ASSERT_TRUE(life.w.world.run(Life::close(life.expirer)).ok());
  life.w.world.advance(3 * kDay);
  EXPECT_TRUE(life.there("late"));
  later.start();
  life.w.world.settle();
  EXPECT_FALSE(life.there("late"));
  ASSERT_TRUE(life.w.world.run(Life::close(later)).ok());
}

TEST(Expirer, InAVersionedBucketMakesMarkersAndLaterEndsWhatIsNoncurrent) {
  Life life;
  life.w.bucket("bucket", Versioning::enabled);
  ASSERT_TRUE(life.w.notify("bucket", {"s3:LifecycleExpiration:*"}).ok());
  for (int i = 0; i < 4; ++i) life.w.put("bucket", "k", std::to_string(i));
  LifecycleRule older = rule("older");
  older.noncurrent_expiration.emplace().days = 2;
  older.noncurrent_expiration->newer_versions = 1;
  life.rules({expires(1), older});
  life.w.world.advance(2 * kDay);
  EXPECT_EQ(life.pass().markers_made, 1u);
  EXPECT_FALSE(life.there("k"));
  EXPECT_EQ(life.versions(), 5u);
  EXPECT_EQ(life.pass().markers_made, 0u);
  // Three of the four are noncurrent long enough, one of all older ones is kept.
  life.w.world.advance(kDay);
  EXPECT_EQ(life.pass().versions, 3u);
  EXPECT_EQ(life.versions(), 2u);
  EXPECT_EQ(life.told(),
            (std::vector<std::string>{"LifecycleExpiration:DeleteMarkerCreated",
                                      "LifecycleExpiration:Delete", "LifecycleExpiration:Delete",
                                      "LifecycleExpiration:Delete"}));
  EXPECT_TRUE(life.w.events.back().version_id.has_value());
}

TEST(Expirer, TakesAwayMarkersThatNothingIsBehind) {
  Life life;
  life.w.bucket("bucket", Versioning::enabled);
  const auto put = life.w.put("bucket", "k", "x");
  ASSERT_TRUE(life.w.remove("bucket", "k").ok());
  ASSERT_TRUE(life.w.remove("bucket", "never").ok());
  LifecycleRule markers = rule("markers");
  markers.expiration.emplace().expired_object_delete_marker = true;
  life.rules({markers});
  EXPECT_EQ(life.pass().versions, 1u);  // of "never"
  EXPECT_EQ(life.versions(), 2u);
  ASSERT_TRUE(life.w.remove("bucket", "k", put->record.version_id).ok());
  EXPECT_EQ(life.pass().versions, 1u);
  EXPECT_EQ(life.versions(), 0u);
}

TEST(Expirer, LeavesWhatChangedSinceItWasSeen) {
  Life life;
  life.w.bucket("bucket");
  const auto old = life.w.put("bucket", "k", "old");
  auto state = life.w.run(life.w.s3->writer.read(old->bucket, "k"));
  const store::Revision saw = state->revision;
  life.w.put("bucket", "k", "new");
  auto results = life.w.run(life.w.s3->objects.remove_many(
      life.w.caller, "bucket", {{"k", std::nullopt, std::nullopt, saw}}));
  ASSERT_TRUE(results.ok());
  EXPECT_FALSE((*results)[0].ok());
  EXPECT_EQ(*life.w.get("bucket", "k"), "new");
}

TEST(Expirer, AbortsUploadsAndKeepsADatesDay) {
  Life life;
  life.w.bucket("bucket");
  CreateUploadRequest request;
  request.bucket = "bucket";
  request.key = "big";
  auto upload = life.w.run(life.w.s3->multipart.create(life.w.caller, request));
  ASSERT_TRUE(upload.ok());
  life.w.put("bucket", "k", "x");
  LifecycleRule aborts = rule("aborts");
  aborts.abort_incomplete_upload.emplace().days = 2;
  LifecycleRule dated = rule("dated");
  dated.expiration.emplace().date = days_after(life.w.world.clock.now(), 4);
  life.rules({aborts, dated});
  life.w.world.advance(2 * kDay);
  EXPECT_EQ(life.pass().uploads, 0u);
  life.w.world.advance(kDay);
  EXPECT_EQ(life.pass().uploads, 1u);
  EXPECT_TRUE(life.there("k"));
  life.w.world.advance(2 * kDay);
  EXPECT_EQ(life.pass().versions, 1u);
  EXPECT_FALSE(life.there("k"));
}

TEST(Expirer, DisabledRulesEndNothingAndManyPagesAreWorkedOff) {
  Life life;
  life.w.bucket("bucket");
  for (int i = 0; i < 1100; ++i) life.w.put("bucket", "k" + std::to_string(i), "x");
  LifecycleRule off = expires(1);
  off.status = "Disabled";
  life.rules({off});
  life.w.world.advance(3 * kDay);
  EXPECT_EQ(life.pass().versions, 0u);
  life.rules({expires(1)});
  EXPECT_EQ(life.pass().versions, 1100u);
  EXPECT_EQ(life.versions(), 0u);
}

}  // namespace
}  // namespace tidegate::s3
