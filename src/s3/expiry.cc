#include "s3/expiry.h"

#include <algorithm>

namespace tidegate::s3 {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// One filter's conditions, wherever in a rule they stand.
struct Conditions {
  std::string_view prefix;
  std::vector<const LifecycleTag*> tags;
  std::optional<std::int64_t> more, less;
};

Conditions conditions_of(const LifecycleRule& rule) {
  Conditions all;
  if (rule.prefix) all.prefix = *rule.prefix;
  if (!rule.filter) return all;
  const LifecycleFilter& filter = *rule.filter;
  if (filter.prefix) all.prefix = *filter.prefix;
  if (filter.tag) all.tags.push_back(&*filter.tag);
  all.more = filter.size_greater_than;
  all.less = filter.size_less_than;
  if (!filter.conjunction) return all;
  const LifecycleConjunction& both = *filter.conjunction;
  if (both.prefix) all.prefix = *both.prefix;
  for (const LifecycleTag& tag : both.tags) all.tags.push_back(&tag);
  all.more = both.size_greater_than;
  all.less = both.size_less_than;
  return all;
}

bool matches(const LifecycleRule& rule, std::string_view key, const ObjectRecord& record) {
  const Conditions wanted = conditions_of(rule);
  if (!key.starts_with(wanted.prefix)) return false;
  const auto size = static_cast<std::int64_t>(record.size);
  if ((wanted.more && size <= *wanted.more) || (wanted.less && size >= *wanted.less)) return false;
  return std::all_of(wanted.tags.begin(), wanted.tags.end(), [&](const LifecycleTag* tag) {
    auto found = record.tags.find(tag->key);
    return found != record.tags.end() && found->second == tag->value;
  });
}

void earliest(std::optional<Expiry>& so_far, Instant when, const LifecycleRule& rule) {
  if (!so_far || when < so_far->when) so_far = Expiry{when, rule.id.value_or("")};
}

std::optional<Instant> end_of(const LifecycleExpiration& expiration, Instant written) {
  if (expiration.days) return days_after(written, *expiration.days);
  return expiration.date;
}

}  // namespace

Instant next_midnight(Instant from) {
  return instant_from_ms((to_ms(from) / kDayMs + 1) * kDayMs);
}

Instant days_after(Instant from, std::int32_t days) {
  return next_midnight(instant_from_ms(to_ms(from) + days * kDayMs));
}

LifecycleRules::LifecycleRules(const LifecycleConfiguration& configuration) {
  for (const LifecycleRule& rule : configuration.rules) {
    const bool acts = rule.expiration || rule.noncurrent_expiration || rule.abort_incomplete_upload;
    if (rule.status != "Enabled" || !acts) continue;
    current_ = current_ || rule.expiration.has_value();
    noncurrent_ = noncurrent_ || rule.noncurrent_expiration.has_value();
    uploads_ = uploads_ || rule.abort_incomplete_upload.has_value();
    const std::string_view prefix = conditions_of(rule).prefix;
    if (rules_.empty()) common_prefix_ = prefix;
    const auto differs =
        std::mismatch(common_prefix_.begin(), common_prefix_.end(), prefix.begin(), prefix.end());
    common_prefix_.erase(differs.first, common_prefix_.end());
    rules_.push_back(rule);
  }
}

std::optional<Expiry> LifecycleRules::current(std::string_view key,
                                              const ObjectRecord& record) const {
  std::optional<Expiry> end;
  for (const LifecycleRule& rule : rules_) {
    if (!rule.expiration || !matches(rule, key, record)) continue;
    if (auto when = end_of(*rule.expiration, record.last_modified)) earliest(end, *when, rule);
  }
  return end;
}

std::optional<Expiry> LifecycleRules::noncurrent(std::string_view key, const ObjectRecord& record,
                                                 Instant since, std::size_t newer) const {
  std::optional<Expiry> end;
  for (const LifecycleRule& rule : rules_) {
    if (!rule.noncurrent_expiration || !matches(rule, key, record)) continue;
    const NoncurrentExpiration& expiration = *rule.noncurrent_expiration;
    const auto kept = static_cast<std::size_t>(expiration.newer_versions.value_or(0));
    if (newer < kept) continue;
    earliest(end, days_after(since, expiration.days.value_or(1)), rule);
  }
  return end;
}

std::optional<Expiry> LifecycleRules::lone_marker(std::string_view key,
                                                  const ObjectRecord& record) const {
  std::optional<Expiry> end;
  for (const LifecycleRule& rule : rules_) {
    if (!rule.expiration || !matches(rule, key, record)) continue;
    if (rule.expiration->expired_object_delete_marker.value_or(false))
      earliest(end, record.last_modified, rule);
    else if (auto when = end_of(*rule.expiration, record.last_modified))
      earliest(end, *when, rule);
  }
  return end;
}

std::optional<Expiry> LifecycleRules::upload(std::string_view key, Instant initiated) const {
  std::optional<Expiry> end;
  for (const LifecycleRule& rule : rules_) {
    if (!rule.abort_incomplete_upload || !key.starts_with(conditions_of(rule).prefix)) continue;
    earliest(end, days_after(initiated, rule.abort_incomplete_upload->days.value_or(1)), rule);
  }
  return end;
}

}  // namespace tidegate::s3
