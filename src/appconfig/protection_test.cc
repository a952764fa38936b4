#include "appconfig/protection.h"

#include <gtest/gtest.h>

#include "support/appconfig_world.h"

namespace tidegate::appconfig {
namespace {

struct ProtectionWorld : AppConfigWorld {
  AccountSettings settings() { return *run(service->protection.settings(scope)); }
  void protect(std::optional<std::int32_t> period = std::nullopt) {
    AccountSettingsChange change;
    change.deletion_protection = true;
    change.protection_period_minutes = period;
    ASSERT_TRUE(run(service->protection.update(scope, change)).ok());
  }
  Status environment_may_go(DeletionCheck check = DeletionCheck::account_default) {
    auto e = run(service->environments.find(scope, app, env));
    return run(service->protection.check(scope, *e, check));
  }
  Status profile_may_go(DeletionCheck check = DeletionCheck::account_default) {
    auto p = run(service->profiles.find(scope, app, prof));
    return run(service->protection.check(scope, *p, check));
  }
};

TEST(AccountSettings, HaveDefaultsAndAreChangedInParts) {
  ProtectionWorld w;
  EXPECT_FALSE(w.settings().deletion_protection);
  EXPECT_EQ(w.settings().protection_period_minutes, 60);
  w.protect(15);
  AccountSettingsChange metrics;
  metrics.vended_metrics = true;
  ASSERT_TRUE(w.run(w.service->protection.update(w.scope, metrics)).ok());
  w.restart();
  EXPECT_TRUE(w.settings().deletion_protection);
  EXPECT_EQ(w.settings().protection_period_minutes, 15);
  EXPECT_TRUE(w.settings().vended_metrics);
  // Another account's are its own.
  const Scope other{"444455556666", "us-east-1"};
  EXPECT_FALSE(w.run(w.service->protection.settings(other))->deletion_protection);
}

TEST(DeletionProtection, IsOffUnlessAskedFor) {
  ProtectionWorld w;
  w.complete(w.upload("{}"));
  EXPECT_EQ(w.served(), "{}");
  EXPECT_TRUE(w.environment_may_go().ok());
  EXPECT_TRUE(w.profile_may_go(DeletionCheck::bypass).ok());
  // APPLY looks although it is off, and at what is young.
  EXPECT_EQ(w.environment_may_go(DeletionCheck::apply).fault(), Fault::invalid_argument);
  EXPECT_EQ(w.profile_may_go(DeletionCheck::apply).fault(), Fault::invalid_argument);
}

TEST(DeletionProtection, HoldsForThePeriodAfterTheLastRead) {
  ProtectionWorld w;
  w.protect(30);
  w.complete(w.upload("{}"));
  std::string token = w.session();
  ASSERT_TRUE(w.poll(token).ok());
  EXPECT_TRUE(w.environment_may_go().ok()) << "younger than an hour";
  w.minutes(60);
  EXPECT_TRUE(w.environment_may_go().ok()) << "read 60 minutes ago";
  ASSERT_TRUE(w.poll(token).ok());  // unchanged, and yet a read
  EXPECT_FALSE(w.environment_may_go().ok());
  EXPECT_FALSE(w.profile_may_go().ok());
  EXPECT_TRUE(w.environment_may_go(DeletionCheck::bypass).ok());
  w.minutes(29);
  EXPECT_FALSE(w.profile_may_go().ok());
  w.advance(Duration{61'000});
  EXPECT_TRUE(w.profile_may_go().ok());
  EXPECT_EQ(w.served(), "{}");  // the deprecated call counts, too
  EXPECT_FALSE(w.environment_may_go().ok());
}

TEST(DeletionProtection, FollowsALineThroughItsDeployments) {
  ProtectionWorld w;
  w.protect();
  w.complete(w.upload("1"));
  w.minutes(60);
  EXPECT_TRUE(w.environment_may_go().ok()) << "never read";
  EXPECT_EQ(w.served(), "1");
  w.complete(w.upload("2"));
  EXPECT_FALSE(w.environment_may_go().ok());
}

TEST(DeletionProtection, TakesARestartForARead) {
  ProtectionWorld w;
  w.protect();
  w.complete(w.upload("1"));
  w.minutes(60);
  EXPECT_TRUE(w.profile_may_go().ok());
  w.restart();
  EXPECT_FALSE(w.profile_may_go().ok());
  w.minutes(61);
  EXPECT_TRUE(w.profile_may_go().ok());
}

TEST(DeletionProtection, KnowsEnvironmentsAndProfilesApart) {
  ProtectionWorld w;
  w.protect();
  w.complete(w.upload("1"));
  const std::string other_environment = w.environment("other"), other_profile = w.profile("other");
  w.minutes(60);
  EXPECT_EQ(w.served(), "1");
  auto e = w.run(w.service->environments.find(w.scope, w.app, other_environment));
  auto p = w.run(w.service->profiles.find(w.scope, w.app, other_profile));
  EXPECT_TRUE(w.run(w.service->protection.check(w.scope, *e, DeletionCheck::apply)).ok());
  EXPECT_TRUE(w.run(w.service->protection.check(w.scope, *p, DeletionCheck::apply)).ok());
}

TEST(LastRead, CountsWholeSecondsUpwards) {
  LastRead read;
  EXPECT_FALSE(read.at());
  read.touch(instant_from_ms(1'001));
  EXPECT_EQ(read.at(), instant_from_ms(2'000));
  read.touch(instant_from_ms(500));  // a thread that was late
  EXPECT_EQ(read.at(), instant_from_ms(2'000));
}

}  // namespace
}  // namespace tidegate::appconfig
