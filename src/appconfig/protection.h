// Deletion protection: the account's settings, and the verdict on deleting an environment or a
// profile that clients still read. Who reads what is known to the snapshot alone, in memory and in
// domain time; after a restart every line counts as read at the start, which is the safe side.
// On the control strand.
// Errors: invalid_argument (read lately).
#pragma once

#include "appconfig/snapshot.h"

namespace tidegate::appconfig {

// What an account has not set has these values.
struct AccountSettings {
  bool deletion_protection = false;
  std::int32_t protection_period_minutes = 60;
  bool vended_metrics = false;  // kept and shown; nothing is sent anywhere
};
struct AccountSettingsChange {
  std::optional<bool> deletion_protection;
  std::optional<std::int32_t> protection_period_minutes;
  std::optional<bool> vended_metrics;
};

enum class DeletionCheck : std::uint8_t {
  account_default,  // as the settings say; what is younger than an hour may go
  apply,            // whatever the settings and the age
  bypass,
};

class DeletionProtection {
 public:
  static constexpr Duration kYoung{3'600'000};
  DeletionProtection(store::Store& store, const Snapshot& snapshot, const Clock& domain)
      : store_(store), snapshot_(snapshot), domain_(domain) {}

  Task<AccountSettings> settings(Scope scope);
  Task<AccountSettings> update(Scope scope, AccountSettingsChange change);
  Task<Unit> check(Scope scope, Environment environment, DeletionCheck check);
  Task<Unit> check(Scope scope, Profile profile, DeletionCheck check);

 private:
  struct Subject {
    std::string_view what;  // "Environment"
    std::string id;
    std::optional<Instant> created, last_read;
  };
  Task<Unit> judge(Scope scope, Subject subject, DeletionCheck check);

  store::Store& store_;
  const Snapshot& snapshot_;
  const Clock& domain_;
};

}  // namespace tidegate::appconfig

namespace tidegate::store {
template <>
struct record_of<appconfig::AccountSettings> {
  using R = appconfig::AccountSettings;
  static constexpr auto fields =
      std::tuple{field(1, &R::deletion_protection), field(2, &R::protection_period_minutes),
                 field(3, &R::vended_metrics)};
};
}  // namespace tidegate::store
