// Seeds must replay, and bounds must be kept.
#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace tidegate {
namespace {

TEST(Random, ASeedReplays) {
  SeededRandom a(42), b(42), c(43);
  EXPECT_EQ(a.bytes(100), b.bytes(100));
  EXPECT_NE(a.bytes(100), c.bytes(100));
}

TEST(Random, StaysBelowAndReachesAll) {
  SeededRandom random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.below(7));
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(*seen.rbegin(), 6u);
}

TEST(Random, UuidsAreVersionFour) {
  SystemRandom random;
  std::string id = random.uuid();
  ASSERT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  EXPECT_NE(id, random.uuid());
}

}  // namespace
}  // namespace tidegate
