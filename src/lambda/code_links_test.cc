#include "lambda/code_links.h"

#include <gtest/gtest.h>

#include "store/memory.h"
#include "support/sim_world.h"

namespace tidegate::lambda {
namespace {

TEST(CodeLinks, OpenWhatWasSealedForTenMinutes) {
  SimWorld world;
  store::MemoryStore store;
  auto links = world.run(CodeLinks::load(store, world.random));
  ASSERT_TRUE(links.ok());
  const Instant now = world.clock.now();
  const CodeLink link{"111122223333", "us-east-1", "f", "abc", now + CodeLinks::kLifetime};
  const std::string token = links->seal(link);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  // Also after a restart, which reads the key again.
  auto later = world.run(CodeLinks::load(store, world.random));
  auto opened = later->open(token, now + std::chrono::seconds(599));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->account, link.account);
  EXPECT_EQ(opened->region, link.region);
  EXPECT_EQ(opened->function, link.function);
  EXPECT_EQ(opened->sha256, link.sha256);
  EXPECT_EQ(links->open(token, now + CodeLinks::kLifetime).fault(), Fault::expired_request);
}

TEST(CodeLinks, RefuseWhatWasNotSealedHere) {
  SeededRandom random(1);
  const CodeLinks ours(std::string(32, 'a'), random), others(std::string(32, 'b'), random);
  const CodeLink link{"111122223333", "us-east-1", "f", "abc", instant_from_ms(1000)};
  std::string token = ours.seal(link);
  EXPECT_EQ(others.open(token, Instant{}).fault(), Fault::access_denied);
  for (const char* bad : {"", "x", "!!", "AAAA"})
    EXPECT_EQ(ours.open(bad, Instant{}).fault(), Fault::access_denied) << bad;
  token[token.size() / 2] = token[token.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(ours.open(token, Instant{}).fault(), Fault::access_denied);
}

}  // namespace
}  // namespace tidegate::lambda
