// The root key is made once, readable by its owner only, and refused when others could read it.
#include "identity/credentials.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tidegate::identity {
namespace {

class RootKeyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "tidegate-root-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string directory_;
  SeededRandom random_{9};
};

TEST_F(RootKeyTest, IsMadeOnceWithModeSixHundred) {
  bool made = false;
  auto first = load_or_make_root_key(directory_, random_, made);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(made);
  EXPECT_EQ(first->id.substr(0, 4), "AKIA");
  EXPECT_EQ(first->secret.size(), 40u);
  struct stat info {};
  ASSERT_EQ(::stat((directory_ + "/root-credentials").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  auto again = load_or_make_root_key(directory_, random_, made);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(made);
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(again->secret, first->secret);
}

TEST_F(RootKeyTest, AnOpenOrDamagedFileIsRefused) {
  bool made = false;
  const std::string path = directory_ + "/root-credentials";
  std::ofstream(path) << "[default]\naws_access_key_id = A\naws_secret_access_key = B\n";
  ::chmod(path.c_str(), 0644);
  EXPECT_FALSE(load_or_make_root_key(directory_, random_, made).ok());
  ::chmod(path.c_str(), 0600);
  EXPECT_TRUE(load_or_make_root_key(directory_, random_, made).ok());
  std::ofstream(path) << "nothing of use";
  EXPECT_FALSE(load_or_make_root_key(directory_, random_, made).ok());
}

}  // namespace
}  // namespace tidegate::identity
