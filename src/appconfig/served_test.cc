#include "appconfig/served.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "appconfig/snapshot.h"

namespace tidegate::appconfig {
namespace {

const Instant kStart = instant_from_ms(1'767'323'045'678);
constexpr std::int64_t kMinute = 60'000;

Release release(std::uint64_t deployment) {
  Release r;
  r.deployment = deployment;
  r.version = std::to_string(deployment);
  r.content.row_id = fmt::format("content-{}", deployment);
  return r;
}
Rollout rollout(std::uint64_t deployment, Instant started = kStart) {
  return Rollout{release(deployment), Growth{20, GrowthType::linear, 20, 10}, started, {}};
}

TEST(Fold, MakesACompleteRolloutTheBase) {
  Served s;
  std::vector<ContentRef> dropped;
  fold(s, kStart, dropped);
  EXPECT_FALSE(s.base);
  s.rollout = rollout(1);
  fold(s, kStart + Duration{30 * kMinute - 1}, dropped);
  EXPECT_TRUE(s.rollout);
  fold(s, kStart + Duration{30 * kMinute}, dropped);
  EXPECT_FALSE(s.rollout);
  EXPECT_FALSE(s.before);
  ASSERT_TRUE(s.base);
  EXPECT_EQ(s.base->deployment, 1u);
  EXPECT_TRUE(dropped.empty());
  fold(s, kStart + Duration{60 * kMinute}, dropped);
  EXPECT_EQ(s.base->deployment, 1u);
}

TEST(Fold, KeepsOneBeforeAndDropsTheRest) {
  Served s;
  std::vector<ContentRef> dropped;
  for (std::uint64_t n = 1; n <= 4; ++n) {
    s.rollout = rollout(n);
    fold(s, kStart + Duration{30 * kMinute}, dropped);
  }
  EXPECT_EQ(s.base->deployment, 4u);
  EXPECT_EQ(s.before->deployment, 3u);
  ASSERT_EQ(dropped.size(), 2u);
  EXPECT_EQ(dropped[0].row_id, "content-1");
  EXPECT_EQ(dropped[1].row_id, "content-2");
}

// The table of docs/guide/cohorts.md: what users were promised.
TEST(Cohort, IsAsPublished) {
  std::ifstream guide("docs/guide/cohorts.md");
  ASSERT_TRUE(guide.good()) << "run in the repository's root";
  std::string line;
  int vectors = 0;
  while (std::getline(guide, line)) {
    std::istringstream cells(line);
    std::string bar, environment, profile, client, bar2;
    std::uint64_t deployment = 0;
    std::uint32_t expected = 0;
    auto bare = [](std::string& cell) {
      if (cell.size() < 2 || cell.front() != '`' || cell.back() != '`') return false;
      cell = cell.substr(1, cell.size() - 2);
      return true;
    };
    if (!(cells >> bar >> environment >> bar >> profile >> bar >> deployment >> bar >> client >>
          bar2 >> expected))
      continue;
    ASSERT_TRUE(bare(environment) && bare(profile) && bare(client)) << line;
    EXPECT_EQ(cohort(environment, profile, deployment, client), expected) << line;
    ++vectors;
  }
  EXPECT_GE(vectors, 6);
}

TEST(Cohort, IsEvenAndDiffersBetweenDeployments) {
  int below = 0, again = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string client = fmt::format("client-{}", i);
    const std::uint32_t first = cohort("env1234", "prof123", 1, client);
    ASSERT_LT(first, 10'000u);
    EXPECT_EQ(first, cohort("env1234", "prof123", 1, client));
    if (first >= 1'000) continue;
    ++below;
    if (cohort("env1234", "prof123", 2, client) < 1'000) ++again;
  }
  EXPECT_NEAR(below, 2'000, 200);
  EXPECT_NEAR(again, 200, 80);  // not always the same canaries
}

TEST(Reached, OnlyEverGrows) {
  const Rollout r = rollout(1);
  for (std::uint32_t c : {0u, 1u, 1'999u, 2'000u, 5'000u, 8'000u, 9'999u}) {
    bool was = false;
    for (std::int64_t minute = -1; minute < 40; ++minute) {
      const bool is = reached(r, c, kStart + Duration{minute * kMinute});
      EXPECT_FALSE(was && !is) << c << " at " << minute;
      was = is;
    }
    EXPECT_TRUE(was) << c;
  }
  EXPECT_FALSE(reached(r, 0, kStart));
  EXPECT_TRUE(reached(r, 1'999, kStart + Duration{4 * kMinute}));
  EXPECT_FALSE(reached(r, 2'000, kStart + Duration{4 * kMinute}));
  EXPECT_TRUE(reached(r, 9'999, kStart + Duration{20 * kMinute}));
}

TEST(Line, IsDueWhatReachedSays) {
  const Rollout r = rollout(2);
  Line line;
  line.environment_id = "env1234";
  line.profile_id = "prof123";
  EXPECT_EQ(line.due("c", kStart), nullptr);
  line.rollout = ServedRelease{r.release, nullptr};
  line.growth = r.growth;
  line.started = r.started;
  for (bool with_base : {false, true}) {
    if (with_base) line.base = ServedRelease{release(1), nullptr};
    for (int i = 0; i < 300; ++i) {
      const std::string client = fmt::format("client-{}", i);
      const Instant now = kStart + Duration{(i % 31) * kMinute};
      const ServedRelease* due = line.due(client, now);
      const bool expected = reached(r, cohort("env1234", "prof123", 2, client), now);
      EXPECT_EQ(due ? due->release.deployment : 0, expected ? 2u : with_base ? 1u : 0u);
    }
  }
}

}  // namespace
}  // namespace tidegate::appconfig
