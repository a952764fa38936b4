#include "alarms/alarms.h"

#include <fmt/format.h>

#include <set>

#include "base/bytes.h"
#include "base/log.h"
#include "store/stored.h"

namespace tidegate::alarms {
namespace {

constexpr std::string_view kKind = "cw";
constexpr std::string_view kArnStart = "arn:aws:cloudwatch:";

// a/<account>/<region>/cw/alarm/<name>
std::string alarm_row(const Scope& scope, std::string_view name) {
  return key_prefix(scope, kKind) + "alarm/" + std::string(name);
}

// The ARN of the alarm whose row this is; "" when it is another row.
std::string arn_of_row(std::string_view key) {
  std::string_view parts[5];
  for (std::string_view& part : parts) {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return "";
    part = key.substr(0, slash);
    key.remove_prefix(slash + 1);
  }
  if (parts[0] != "a" || parts[3] != kKind || parts[4] != "alarm") return "";
  const Scope scope{std::string(parts[1]), std::string(parts[2])};
  return arn_of(scope, key);
}

Error too_many_tags() {
  return Error{Fault::invalid_argument,
               fmt::format("An alarm has at most {} tags.", Alarms::kMaxTags)};
}

Error no_alarm(std::string_view name) {
  return {Fault::not_found, fmt::format("There is no alarm with the name {}.", name)};
}

bool begins_any(const Alarm& a, std::string_view prefix) {
  for (const auto* actions : {&a.ok_actions, &a.alarm_actions, &a.insufficient_data_actions})
    for (const std::string& action : *actions)
      if (action.starts_with(prefix)) return true;
  return false;
}

bool matches(const Alarm& a, const Query& q) {
  if (q.state && a.state != *q.state) return false;
  return q.action_prefix.empty() || begins_any(a, q.action_prefix);
}

Error changed_meanwhile() {
  return {Fault::conflict, "The alarm was changed by another request. Please try again."};
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::ok:
      return "OK";
    case State::alarm:
      return "ALARM";
    case State::insufficient_data:
      break;
  }
  return "INSUFFICIENT_DATA";
}

std::optional<State> parse_state(std::string_view text) {
  for (State s : {State::ok, State::alarm, State::insufficient_data})
    if (to_string(s) == text) return s;
  return std::nullopt;
}

std::string arn_of(const Scope& scope, std::string_view name) {
  return fmt::format("{}{}:{}:alarm:{}", kArnStart, scope.region, scope.account, name);
}

std::optional<AlarmName> parse_arn(std::string_view arn) {
  if (!arn.starts_with(kArnStart)) return std::nullopt;
  arn.remove_prefix(kArnStart.size());
  std::string_view parts[3];
  for (std::string_view& part : parts) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    part = arn.substr(0, colon);
    arn.remove_prefix(colon + 1);
  }
  if (parts[2] != "alarm" || arn.empty()) return std::nullopt;
  AlarmName out;
  out.scope.region = std::string(parts[0]);
  out.scope.account = std::string(parts[1]);
  out.name = std::string(arn);
  return out;
}

void Alarms::start(Listener listener) {
  listener_ = std::move(listener);
  watch_ = store_.watch("a/", 0);
  group_.spawn("alarms", follow());
}

asio::awaitable<void> Alarms::close() {
  if (watch_) watch_->close();
  co_await group_.close();
}

Task<Unit> Alarms::follow() {
  for (;;) {
    Result<std::vector<store::Event>> events = co_await watch_->next();
    if (!events.ok() && events.fault() == Fault::compacted) {
      watch_ = store_.watch("a/", 0);
      listener_("");
      continue;
    }
    if (!events.ok()) co_return std::move(events).error();
    for (const store::Event& e : *events) {
      std::string arn = arn_of_row(e.key);
      if (!arn.empty()) listener_(std::move(arn));
    }
  }
}

Task<std::optional<Alarm>> Alarms::find(Scope scope, std::string name) {
  CO_TRY(auto kv, co_await store_.get(alarm_row(scope, name)));
  if (!kv) co_return std::optional<Alarm>();
  CO_TRY(Alarm alarm, store::decode<Alarm>(kv->value));
  co_return std::optional<Alarm>(std::move(alarm));
}

Task<bool> Alarms::full(Scope scope) {
  store::Range range = store::Range::prefix(alarm_row(scope, ""));
  std::size_t count = 0;
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    count += page.items.size();
    if (!page.more || count >= kQuota) co_return count >= kQuota;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Alarms::put(Scope scope, Alarm alarm) {
  if (alarm.tags.size() > kMaxTags) co_return too_many_tags();
  const std::string key = alarm_row(scope, alarm.name);
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto kv, co_await store_.get(key));
    const Instant now = domain_.now();
    store::Txn txn;
    if (kv) {
      CO_TRY(Alarm old, store::decode<Alarm>(kv->value));
      alarm.state = old.state;
      alarm.state_reason = std::move(old.state_reason);
      alarm.state_reason_data = std::move(old.state_reason_data);
      alarm.state_updated = old.state_updated;
      alarm.tags = std::move(old.tags);
      txn.guard(store::Guard::unchanged(*kv));
    } else {
      CO_TRY(bool no_room, co_await full(scope));
      if (no_room)
        co_return Error{Fault::quota_exceeded,
                        fmt::format("An account has at most {} alarms in a region.", kQuota)};
      alarm.state = State::insufficient_data;
      alarm.state_reason = "Unchecked: Initial alarm creation";
      alarm.state_updated = now;
      txn.guard(store::Guard::absent(key));
    }
    alarm.configuration_updated = now;
    txn.put(key, store::encode(alarm));
    Result<store::Revision> committed = co_await store_.commit(std::move(txn));
    if (committed.ok()) co_return done;
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return changed_meanwhile();
}

Task<AlarmPage> Alarms::describe(Scope scope, Query query) {
  AlarmPage page;
  if (!query.names.empty()) {
    const std::set<std::string> names(query.names.begin(), query.names.end());
    for (const std::string& name : names) {
      CO_TRY(auto alarm, co_await find(scope, name));
      if (alarm && matches(*alarm, query)) page.alarms.push_back(std::move(*alarm));
    }
    co_return page;
  }
  const std::string table = alarm_row(scope, "");
  store::Range range = store::Range::prefix(table + query.prefix);
  if (!query.next_token.empty()) {
    auto after = from_base64url(query.next_token);
    if (!after || after->empty() || after->size() > 1024)
      co_return Error{Fault::bad_token, "The next token specified is invalid."};
    range.begin = std::max(range.begin, table + *after + '\0');
  }
  for (;;) {
    CO_TRY(store::Page rows, co_await store_.range(range));
    for (const store::Kv& kv : rows.items) {
      CO_TRY(Alarm alarm, store::decode<Alarm>(kv.value));
      if (!matches(alarm, query)) continue;
      if (page.alarms.size() == query.max_records) {
        page.next_token = to_base64url(page.alarms.back().name);
        co_return page;
      }
      page.alarms.push_back(std::move(alarm));
    }
    if (!rows.more) co_return page;
    range.begin = rows.items.back().key + '\0';
  }
}

Task<Unit> Alarms::edit(Scope scope, std::string name, std::function<Status(Alarm&)> change) {
  auto changed =
      co_await store::change_record<Alarm>(store_, alarm_row(scope, name), std::move(change));
  if (!changed.ok() && changed.fault() == Fault::guard_failed) co_return changed_meanwhile();
  if (!changed.ok()) co_return std::move(changed).error();
  if (!*changed) co_return no_alarm(name);
  co_return done;
}

Task<Unit> Alarms::set_state(Scope scope, std::string name, State state, std::string reason,
                             std::optional<std::string> reason_data) {
  std::function<Status(Alarm&)> change = [&](Alarm& alarm) -> Status {
    alarm.state = state;
    alarm.state_reason = reason;
    alarm.state_reason_data = reason_data;
    alarm.state_updated = domain_.now();
    return done;
  };
  CO_TRY(Unit changed, co_await edit(scope, name, std::move(change)));
  LOG_INFO("alarm {} is {}", arn_of(scope, name), to_string(state));
  co_return changed;
}

Task<Unit> Alarms::tag(Scope scope, std::string name, TagChange change) {
  std::function<Status(Alarm&)> apply = [&](Alarm& alarm) -> Status {
    change(alarm.tags);
    if (alarm.tags.size() > kMaxTags) return too_many_tags();
    return done;
  };
  co_return co_await edit(std::move(scope), std::move(name), std::move(apply));
}

Task<Unit> Alarms::remove(Scope scope, std::vector<std::string> given) {
  // More would not fit a transaction: a guard and an erasure each.
  constexpr std::size_t kMost = store::kMaxOperations / 2;
  const std::set<std::string> names(given.begin(), given.end());
  if (names.size() > kMost)
    co_return Error{Fault::invalid_argument,
                    fmt::format("At most {} alarms can be deleted at once.", kMost)};
  for (int attempt = 0; attempt < 8; ++attempt) {
    store::Txn txn;
    for (const std::string& name : names) {
      std::string key = alarm_row(scope, name);
      CO_TRY(auto kv, co_await store_.get(key));
      if (!kv) co_return no_alarm(name);
      txn.guard(store::Guard::present(key)).erase(key);
    }
    Result<store::Revision> committed = co_await store_.commit(std::move(txn));
    if (committed.ok()) co_return done;
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return changed_meanwhile();
}

}  // namespace tidegate::alarms
