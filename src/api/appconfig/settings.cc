// The account's settings.
#include "api/appconfig/settings_shapes.h"

#include "api/appconfig/groups.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;
using wire::Context;

constexpr auto kGetSettings = wire::operation<wire::Nothing, AccountSettingsOutput>(
    "GetAccountSettings", Method::get, "/settings", 200, "appconfig:GetAccountSettings");
constexpr auto kUpdateSettings =
    wire::operation<UpdateAccountSettingsRequest, AccountSettingsOutput>(
        "UpdateAccountSettings", Method::patch, "/settings", 200,
        "appconfig:UpdateAccountSettings");

AccountSettingsOutput shown(const domain::AccountSettings& settings) {
  AccountSettingsOutput out;
  out.deletion_protection.enabled = settings.deletion_protection;
  out.deletion_protection.period = settings.protection_period_minutes;
  out.vended_metrics.enabled = settings.vended_metrics;
  return out;
}

}  // namespace

void mount_settings(wire::Table& table, const Parts& parts) {
  domain::Service* d = parts.service;
  table.add(kGetSettings, [d](const Context& c, wire::Nothing) -> Task<AccountSettingsOutput> {
    CO_TRY(auto settings, co_await d->protection.settings(c.scope));
    co_return shown(settings);
  });
  table.add(kUpdateSettings,
            [d](const Context& c, UpdateAccountSettingsRequest in) -> Task<AccountSettingsOutput> {
              domain::AccountSettingsChange change;
              if (in.deletion_protection) {
                change.deletion_protection = in.deletion_protection->enabled;
                change.protection_period_minutes = in.deletion_protection->period;
              }
              if (in.vended_metrics) change.vended_metrics = in.vended_metrics->enabled;
              CO_TRY(auto settings, co_await d->protection.update(c.scope, change));
              co_return shown(settings);
            });
}

}  // namespace tidegate::api::appconfig
