// One table, four sources, one precedence: a value must come from the most specific place that
// names it.
#include "server/settings.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

namespace tidegate::server {
namespace {

class SettingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "/tidegate-settings-test.conf";
    std::ofstream(path_) << "# comment\nregion = eu-west-1\naccount = \"111111111111\"\n";
  }
  void TearDown() override {
    ::unsetenv("TIDEGATE_REGION");
    ::remove(path_.c_str());
  }
  std::string path_;
};

TEST_F(SettingsTest, PrecedenceIsFlagThenEnvironmentThenFileThenDefault) {
  auto from_file = load_settings({"--config", path_});
  ASSERT_TRUE(from_file.ok());
  EXPECT_EQ(from_file->settings.region, "eu-west-1");
  EXPECT_EQ(from_file->settings.account, "111111111111");
  EXPECT_EQ(from_file->settings.listen_port, 4566);

  ::setenv("TIDEGATE_REGION", "eu-north-1", 1);
  EXPECT_EQ(load_settings({"--config", path_})->settings.region, "eu-north-1");
  EXPECT_EQ(load_settings({"--config", path_, "--region", "us-west-2"})->settings.region,
            "us-west-2");
}

TEST_F(SettingsTest, PrintNamesTheOriginAndHidesTheSecret) {
  auto loaded = load_settings({"--root-access-key-id", "AKIAX", "--root-secret-access-key",
                               "very-secret", "--print-config"});
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded->print_config);
  std::string text = print_settings(*loaded);
  EXPECT_THAT(text, ::testing::HasSubstr("root-access-key-id = AKIAX  # flag"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("very-secret")));
}

TEST_F(SettingsTest, DevListensOnLoopbackOnly) {
  EXPECT_TRUE(load_settings({"--dev", "--listen", "127.0.0.1:0"}).ok());
  EXPECT_TRUE(load_settings({"--dev", "--listen", "[::1]:0"}).ok());
  auto open = load_settings({"--dev", "--listen", "0.0.0.0:4566"});
  ASSERT_FALSE(open.ok());
  EXPECT_THAT(open.error().message, ::testing::HasSubstr("loopback"));
}

TEST_F(SettingsTest, TheAgentListensBeyondLoopbackWithATokenOnly) {
  EXPECT_EQ(load_settings({})->settings.agent_host, "");
  const auto local = load_settings({"--agent-listen", "127.0.0.1:2772"});
  ASSERT_TRUE(local.ok());
  EXPECT_EQ(local->settings.agent_port, 2772);
  EXPECT_EQ(local->settings.listen_port, 4566);
  const auto open = load_settings({"--agent-listen", "0.0.0.0:2772"});
  ASSERT_FALSE(open.ok());
  EXPECT_THAT(open.error().message, ::testing::HasSubstr("--agent-access-token"));
  const auto guarded =
      load_settings({"--agent-listen", "0.0.0.0:2772", "--agent-access-token", "very-secret"});
  ASSERT_TRUE(guarded.ok());
  EXPECT_THAT(print_settings(*guarded), ::testing::Not(::testing::HasSubstr("very-secret")));
  EXPECT_FALSE(load_settings({"--agent-listen", "nowhere"}).ok());
}

TEST_F(SettingsTest, WebhooksAreReadAtStartAndTheirSecretsHidden) {
  const std::vector<std::string> good{"--webhook-targets", "a=https://h/", "--webhook-secrets",
                                      "a=0123456789abcdef", "--webhook-allow"};
  auto with = [&](const char* allow) {
    auto all = good;
    all.push_back(allow);
    return load_settings(all);
  };
  ASSERT_TRUE(with("h").ok());
  EXPECT_THAT(print_settings(*with("h")), ::testing::Not(::testing::HasSubstr("0123456789")));
  const auto elsewhere = with("other");
  ASSERT_FALSE(elsewhere.ok());
  EXPECT_THAT(elsewhere.error().message, ::testing::HasSubstr("webhook-allow"));
}

TEST_F(SettingsTest, BadValuesNameTheOptionAndItsSource) {
  for (auto& [flag, value] :
       std::vector<std::pair<std::string, std::string>>{{"account", "12"},
                                                        {"listen", "nowhere"},
                                                        {"listen", "a:99999"},
                                                        {"time-scale", "0"},
                                                        {"threads", "x"},
                                                        {"configuration-limit", "4097"},
                                                        {"functions", "yes"},
                                                        {"log-level", "loud"}}) {
    auto r = load_settings({"--" + flag, value});
    ASSERT_FALSE(r.ok()) << flag;
    EXPECT_THAT(r.error().message, ::testing::HasSubstr(flag + " (from flag)"));
  }
  EXPECT_FALSE(load_settings({"--time-scale", "60"}).ok());         // needs --dev
  EXPECT_FALSE(load_settings({"--root-access-key-id", "A"}).ok());  // needs the secret
  EXPECT_FALSE(load_settings({"--unknown"}).ok());
}

TEST_F(SettingsTest, TheRefusalSaysTheNameOnceAndTheValue) {
  EXPECT_EQ(load_settings({"--account", "12"}).error().message,
            "account (from flag) expects 12 digits, not '12'");
}

TEST_F(SettingsTest, TheLastOfAFlagGivenTwiceCounts) {
  auto loaded = load_settings({"--region", "eu-west-1", "--region", "us-west-2"});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->settings.region, "us-west-2");
}

TEST_F(SettingsTest, WhatIsPrintedCanBeAFile) {
  std::ofstream(path_) << "region = eu-west-1  # home\nalertmanager-token = \"a #b\"\n"
                       << "root-access-key-id = A#B\nroot-secret-access-key = s\n";
  auto loaded = load_settings({"--config", path_});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->settings.region, "eu-west-1");
  EXPECT_EQ(loaded->settings.alertmanager_token, "a #b");
  EXPECT_EQ(loaded->settings.root_access_key_id, "A#B");
  std::ofstream(path_) << print_settings(*load_settings({"--threads", "3"}));
  auto again = load_settings({"--config", path_});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->settings.threads, 3);
}

TEST_F(SettingsTest, VariablesWithASlipInTheirNameAreTold) {
  ::setenv("TIDEGATE_REGOIN", "x", 1);
  EXPECT_THAT(load_settings({})->unknown_variables, ::testing::Contains("TIDEGATE_REGOIN"));
  ::unsetenv("TIDEGATE_REGOIN");
  EXPECT_THAT(load_settings({})->unknown_variables,
              ::testing::Not(::testing::Contains("TIDEGATE_REGOIN")));
}

TEST_F(SettingsTest, AFileWithAnUnknownNameIsRefusedWithItsLine) {
  std::ofstream(path_) << "region = eu-west-1\nregiom = x\n";
  auto r = load_settings({"--config", path_});
  ASSERT_FALSE(r.ok());
  EXPECT_THAT(r.error().message, ::testing::HasSubstr(":2:"));
}

}  // namespace
}  // namespace tidegate::server
