#include "appconfig/deployment.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/seed.h"

namespace tidegate::appconfig {
namespace {

constexpr std::int64_t kMinute = 60'000;
const Instant kStart = instant_from_ms(1'767'323'045'678);

Growth growth(std::int32_t duration, GrowthType type, double factor, std::int32_t bake) {
  return Growth{duration, type, factor, bake};
}
Growth linear(std::int32_t duration, double factor, std::int32_t bake) {
  return growth(duration, GrowthType::linear, factor, bake);
}
Growth exponential(std::int32_t duration, double factor, std::int32_t bake) {
  return growth(duration, GrowthType::exponential, factor, bake);
}

std::string at(const Growth& g, std::int64_t ms) {
  const Progress p = progress_at(g, kStart, kStart + Duration{ms});
  return fmt::format("{} {:.2f}", to_string(p.state), p.percentage);
}

// Percent by counting steps one by one, all in integers of a millionth of a percent; nothing of it
// is shared with the code under test.
struct Reference {
  std::int64_t duration_ms, bake_ms;
  std::vector<std::int64_t> shares;  // after step 1, 2, …

  explicit Reference(const Growth& g)
      : duration_ms(g.duration_minutes * kMinute), bake_ms(g.bake_minutes * kMinute) {
    constexpr std::int64_t kAll = 100'000'000;
    const std::int64_t factor = std::llround(g.factor * 1'000'000);
    std::int64_t share = factor;
    while (g.duration_minutes > 0 && share < kAll) {
      shares.push_back(share);
      share = g.type == GrowthType::linear ? share + factor : share * 2;
    }
    shares.push_back(kAll);
  }
  std::string at(std::int64_t ms) const {
    if (ms >= duration_ms + bake_ms) return "COMPLETE 100.00";
    if (ms >= duration_ms) return "BAKING 100.00";
    std::int64_t share = 0;
    const auto n = static_cast<std::int64_t>(shares.size());
    for (std::int64_t k = 1; k <= n; ++k)
      if (ms >= duration_ms * k / n) share = shares[static_cast<std::size_t>(k - 1)];
    return fmt::format("DEPLOYING {:.2f}", static_cast<double>(share) / 1e6);
  }
};

TEST(Growth, HasTheStepsOfTheGuide) {
  using V = std::vector<double>;
  EXPECT_EQ(steps_of(linear(30, 20, 0)), (V{20, 40, 60, 80, 100}));
  EXPECT_EQ(steps_of(linear(30, 30, 0)), (V{30, 60, 90, 100}));
  EXPECT_EQ(steps_of(linear(30, 100, 0)), (V{100}));
  EXPECT_EQ(steps_of(linear(30, 60, 0)), (V{60, 100}));
  EXPECT_EQ(steps_of(linear(30, 1, 0)).size(), 100u);
  EXPECT_EQ(steps_of(exponential(30, 2, 0)), (V{2, 4, 8, 16, 32, 64, 100}));
  EXPECT_EQ(steps_of(exponential(30, 10, 0)), (V{10, 20, 40, 80, 100}));
  EXPECT_EQ(steps_of(exponential(30, 50, 0)), (V{50, 100}));
  EXPECT_EQ(steps_of(exponential(30, 25, 0)), (V{25, 50, 100}));
  EXPECT_EQ(steps_of(linear(0, 10, 0)), (V{100}));
  EXPECT_EQ(steps_of(exponential(0, 10, 0)), (V{100}));
}

TEST(Growth, EndsInAHundredWhateverTheFactor) {
  // A third of a hundred, as near as its writer cared to be.
  for (double factor : {33.3333333333, 33.333333333333336, 14.2857142857, 1.0, 7.7, 99.99999}) {
    EXPECT_EQ(steps_of(linear(10, factor, 0)).back(), 100) << factor;
    EXPECT_EQ(steps_of(exponential(10, factor, 0)).back(), 100) << factor;
  }
}

TEST(Growth, StandsWhereTheTableSays) {
  struct Row {
    Growth g;
    std::int64_t ms;
    const char* expected;
  };
  const Growth slow = linear(600, 20, 30), canary = exponential(20, 10, 10);
  const Row rows[] = {
      {slow, -1, "DEPLOYING 0.00"},
      {slow, 0, "DEPLOYING 0.00"},
      {slow, 120 * kMinute - 1, "DEPLOYING 0.00"},
      {slow, 120 * kMinute, "DEPLOYING 20.00"},
      {slow, 240 * kMinute - 1, "DEPLOYING 20.00"},
      {slow, 480 * kMinute, "DEPLOYING 80.00"},
      {slow, 600 * kMinute - 1, "DEPLOYING 80.00"},
      {slow, 600 * kMinute, "BAKING 100.00"},
      {slow, 630 * kMinute - 1, "BAKING 100.00"},
      {slow, 630 * kMinute, "COMPLETE 100.00"},
      {canary, 4 * kMinute, "DEPLOYING 10.00"},
      {canary, 8 * kMinute, "DEPLOYING 20.00"},
      {canary, 12 * kMinute, "DEPLOYING 40.00"},
      {canary, 16 * kMinute, "DEPLOYING 80.00"},
      {canary, 20 * kMinute, "BAKING 100.00"},
      {linear(0, 100, 10), -1, "DEPLOYING 0.00"},
      {linear(0, 100, 10), 0, "BAKING 100.00"},
      {linear(0, 100, 10), 10 * kMinute, "COMPLETE 100.00"},
      {linear(0, 100, 0), 0, "COMPLETE 100.00"},
      {linear(5, 50, 0), 5 * kMinute - 1, "DEPLOYING 50.00"},
      {linear(5, 50, 0), 5 * kMinute, "COMPLETE 100.00"},
      {linear(1, 30, 0), 15'000, "DEPLOYING 30.00"},
      {linear(1440, 1, 1440), 1440 * kMinute - 1, "DEPLOYING 99.00"},
      {linear(1440, 1, 1440), 2880 * kMinute, "COMPLETE 100.00"},
  };
  for (const Row& r : rows) EXPECT_EQ(at(r.g, r.ms), r.expected) << r.ms;
}

TEST(Growth, IsAsTheSlowReferenceSays) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("TIDEGATE_SEED={}", seed));
  SeededRandom random(seed);
  for (int round = 0; round < 400; ++round) {
    const auto type = random.below(2) ? GrowthType::linear : GrowthType::exponential;
    const double factor = random.below(2) ? 1.0 + static_cast<double>(random.below(100))
                                          : 1.0 + static_cast<double>(random.below(990)) / 10;
    const Growth g = growth(static_cast<std::int32_t>(random.below(8) ? random.below(1441) : 0),
                            type, std::min(factor, 100.0),
                            static_cast<std::int32_t>(random.below(4) ? random.below(1441) : 0));
    const Reference reference(g);
    ASSERT_EQ(steps_of(g).size(), reference.shares.size()) << g.factor;
    const auto end = static_cast<std::uint64_t>(reference.duration_ms + reference.bake_ms + 2);
    const auto n = static_cast<std::int64_t>(reference.shares.size());
    std::vector<std::int64_t> moments{0, reference.duration_ms, reference.duration_ms - 1};
    for (int i = 0; i < 30; ++i) moments.push_back(static_cast<std::int64_t>(random.below(end)));
    for (std::int64_t k = 0; k <= n; ++k)
      for (std::int64_t off : {-1, 0, 1}) moments.push_back(reference.duration_ms * k / n + off);
    std::sort(moments.begin(), moments.end());
    double last = 0;
    for (std::int64_t ms : moments) {
      if (ms < 0) continue;
      ASSERT_EQ(at(g, ms), reference.at(ms))
          << "duration " << g.duration_minutes << " factor " << g.factor << " at " << ms;
      const double now = progress_at(g, kStart, kStart + Duration{ms}).percentage;
      ASSERT_GE(now, last);
      last = now;
    }
  }
}

Deployment deployment(Growth g) {
  Deployment d;
  d.number = 1;
  d.growth = g;
  d.started = kStart;
  d.stopped_by = "111122223333";
  return d;
}

std::vector<std::string> log_of(const DeploymentView& view) {
  std::vector<std::string> lines;
  for (const DeploymentEvent& e : view.log)
    lines.push_back(fmt::format("{} {} {} \"{}\"", (e.at - kStart).count() / kMinute, e.type,
                                e.triggered_by, e.description));
  return lines;
}

TEST(DeploymentView, TellsItsStoryNewestFirst) {
  const Deployment d = deployment(linear(20, 50, 10));
  const DeploymentView done = view_at(d, kStart + Duration{30 * kMinute});
  EXPECT_EQ(done.state, DeploymentState::complete);
  EXPECT_EQ(done.completed, kStart + Duration{30 * kMinute});
  using V = std::vector<std::string>;
  const V all{"30 DEPLOYMENT_COMPLETED APPCONFIG \"Deployment completed\"",
              "20 BAKE_TIME_STARTED APPCONFIG \"Deployment bake time started\"",
              "20 PERCENTAGE_UPDATED APPCONFIG \"Configuration available to 100.00% of clients\"",
              "10 PERCENTAGE_UPDATED APPCONFIG \"Configuration available to 50.00% of clients\"",
              "0 DEPLOYMENT_STARTED USER \"Deployment started\""};
  EXPECT_EQ(log_of(done), all);
  // Earlier views are the tail of it, and have not ended.
  for (std::int64_t minute : {0, 10, 20, 29}) {
    const DeploymentView view = view_at(d, kStart + Duration{minute * kMinute});
    const auto lines = log_of(view);
    EXPECT_EQ(lines, V(all.end() - static_cast<std::ptrdiff_t>(lines.size()), all.end()));
    EXPECT_FALSE(view.completed);
    EXPECT_TRUE(in_progress(view.state));
  }
  EXPECT_EQ(view_at(d, kStart).log.size(), 1u);
  EXPECT_EQ(view_at(d, kStart).percentage, 0);
}

TEST(DeploymentView, OfOneThatTakesNoTimeIsCompleteAtOnce) {
  const DeploymentView view = view_at(deployment(linear(0, 100, 0)), kStart);
  EXPECT_EQ(view.state, DeploymentState::complete);
  EXPECT_EQ(view.log.size(), 4u);
  EXPECT_EQ(view.log.front().type, "DEPLOYMENT_COMPLETED");
}

TEST(DeploymentView, OfAStoppedOneHasNoFuture) {
  for (std::int64_t minute : {0, 10, 25}) {
    Deployment d = deployment(linear(20, 50, 10));
    d.stopped = kStart + Duration{minute * kMinute};
    const DeploymentView view = view_at(d, kStart + Duration{1000 * kMinute});
    EXPECT_EQ(view.state, DeploymentState::rolled_back);
    EXPECT_EQ(view.percentage, 0);
    EXPECT_EQ(view.completed, d.stopped);
    const auto lines = log_of(view);
    EXPECT_EQ(lines[0],
              fmt::format("{} ROLLBACK_COMPLETED APPCONFIG \"Rollback completed\"", minute));
    EXPECT_EQ(lines[1].find(fmt::format("{} ROLLBACK_STARTED USER", minute)), 0u) << lines[1];
    EXPECT_NE(lines[1].find("111122223333"), std::string::npos);
    EXPECT_EQ(lines.size(), minute == 0 ? 3u : minute == 10 ? 4u : 6u);
  }
}

TEST(DeploymentView, OfARevertedOneRanToItsEnd) {
  Deployment d = deployment(linear(20, 50, 10));
  d.reverted = kStart + Duration{60 * kMinute};
  const DeploymentView view = view_at(d, kStart + Duration{61 * kMinute});
  EXPECT_EQ(view.state, DeploymentState::reverted);
  EXPECT_EQ(view.completed, kStart + Duration{30 * kMinute});
  EXPECT_EQ(view.log.front().type, "REVERT_COMPLETED");
  EXPECT_EQ(view.log.front().triggered_by, "USER");
  EXPECT_EQ(view.log[1].type, "DEPLOYMENT_COMPLETED");
  EXPECT_EQ(view.log.size(), 6u);
}

TEST(DeploymentState, IsSpelledAsOnTheWire) {
  EXPECT_EQ(to_string(DeploymentState::deploying), "DEPLOYING");
  EXPECT_EQ(to_string(DeploymentState::baking), "BAKING");
  EXPECT_EQ(to_string(DeploymentState::complete), "COMPLETE");
  EXPECT_EQ(to_string(DeploymentState::rolled_back), "ROLLED_BACK");
  EXPECT_EQ(to_string(DeploymentState::reverted), "REVERTED");
}

}  // namespace
}  // namespace tidegate::appconfig
