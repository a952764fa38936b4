#include "appconfig/protection.h"

#include "appconfig/applications.h"
#include "appconfig/keys.h"

namespace tidegate::appconfig {
namespace {

std::string settings_row(const Scope& scope) {
  return row(scope, "settings", "account");
}

}  // namespace

Task<AccountSettings> DeletionProtection::settings(Scope scope) {
  CO_TRY(auto found, co_await load<AccountSettings>(store_, settings_row(scope)));
  AccountSettings out;
  if (found) out = found->record;
  co_return out;
}

Task<AccountSettings> DeletionProtection::update(Scope scope, AccountSettingsChange change) {
  const std::string key = settings_row(scope);
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto found, co_await load<AccountSettings>(store_, key));
    AccountSettings next;
    if (found) next = found->record;
    if (change.deletion_protection) next.deletion_protection = *change.deletion_protection;
    if (change.protection_period_minutes)
      next.protection_period_minutes = *change.protection_period_minutes;
    if (change.vended_metrics) next.vended_metrics = *change.vended_metrics;
    store::Txn txn;
    txn.guard(found ? store::Guard::unchanged(found->kv) : store::Guard::absent(key));
    txn.put(key, store::encode(next));
    Result<store::Revision> committed = co_await store_.commit(std::move(txn));
    if (committed.ok()) co_return next;
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return changed_meanwhile();
}

Task<Unit> DeletionProtection::check(Scope scope, Environment e, DeletionCheck check) {
  Subject subject;
  subject.what = "Environment";
  subject.id = e.id;
  subject.created = e.created;
  subject.last_read = snapshot_.last_read(scope, e.application_id, e.id, "");
  co_return co_await judge(std::move(scope), std::move(subject), check);
}

Task<Unit> DeletionProtection::check(Scope scope, Profile p, DeletionCheck check) {
  Subject subject;
  subject.what = "ConfigurationProfile";
  subject.id = p.id;
  subject.created = p.created;
  subject.last_read = snapshot_.last_read(scope, p.application_id, "", p.id);
  co_return co_await judge(std::move(scope), std::move(subject), check);
}

Task<Unit> DeletionProtection::judge(Scope scope, Subject subject, DeletionCheck check) {
  if (check == DeletionCheck::bypass || !subject.last_read) co_return done;
  CO_TRY(AccountSettings account, co_await settings(std::move(scope)));
  const Instant now = domain_.now();
  if (check == DeletionCheck::account_default) {
    if (!account.deletion_protection) co_return done;
    if (subject.created && now - *subject.created < kYoung) co_return done;
  }
  if (now - *subject.last_read >= std::chrono::minutes(account.protection_period_minutes))
    co_return done;
  co_return bad_request(fmt::format(
      "{} {} cannot be deleted: deletion protection found that its configuration was read within "
      "the last {} minutes.",
      subject.what, subject.id, account.protection_period_minutes));
}

}  // namespace tidegate::appconfig
