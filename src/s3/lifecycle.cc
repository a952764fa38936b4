#include "s3/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "s3/errors.h"
#include "s3/settings.h"

namespace tidegate::s3 {
namespace {

constexpr std::size_t kMaxRuleId = 255;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::string_view kTransitionClasses[] = {
    "GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"};

Status positive(const std::optional<std::int32_t>& days, std::string_view member,
                std::string_view action) {
  if (!days || *days > 0) return done;
  return invalid_argument(
      fmt::format("'{}' for {} action must be a positive integer", member, action),
      std::string(member), std::to_string(*days));
}

Status midnight(const std::optional<Instant>& date) {
  if (!date || to_ms(*date) % kDayMs == 0) return done;
  return invalid_argument("'Date' must be at midnight GMT", "Date", iso8601(*date));
}

Status check_tag(const LifecycleTag& tag) {
  return check_tags({{tag.key, tag.value}}, Tagged::object);
}

Status check_sizes(const std::optional<std::int64_t>& more,
                   const std::optional<std::int64_t>& less) {
  if ((more && *more < 0) || (less && *less < 1) || (more && less && *more >= *less))
    return Error{Fault::invalid_request,
                 "'ObjectSizeGreaterThan' and 'ObjectSizeLessThan' must name a range of sizes"};
  return done;
}

Status check_filter(const LifecycleFilter& filter) {
  // One condition, or several in And.
  const int named = filter.prefix.has_value() + filter.tag.has_value() +
                    filter.size_greater_than.has_value() + filter.size_less_than.has_value() +
                    filter.conjunction.has_value();
  if (named > 1) return malformed_xml();
  if (filter.tag) {
    TRY(Unit tagged, check_tag(*filter.tag));
    (void)tagged;
  }
  TRY(Unit sized, check_sizes(filter.size_greater_than, filter.size_less_than));
  (void)sized;
  if (!filter.conjunction) return done;
  const LifecycleConjunction& all = *filter.conjunction;
  const std::size_t conditions = all.prefix.has_value() + all.tags.size() +
                                 all.size_greater_than.has_value() + all.size_less_than.has_value();
  if (conditions < 2) return malformed_xml();
  std::set<std::string> keys;
  for (const LifecycleTag& tag : all.tags) {
    TRY(Unit tagged, check_tag(tag));
    (void)tagged;
    if (!keys.insert(tag.key).second)
      return Error{Fault::invalid_request, "Duplicate Tag Keys are not allowed."};
  }
  return check_sizes(all.size_greater_than, all.size_less_than);
}

Status check_expiration(const LifecycleExpiration& expiration) {
  const int named = expiration.date.has_value() + expiration.days.has_value() +
                    expiration.expired_object_delete_marker.has_value();
  if (named != 1) return malformed_xml();
  TRY(Unit days, positive(expiration.days, "Days", "Expiration"));
  (void)days;
  return midnight(expiration.date);
}

// What these act on has neither tags nor a size.
Status check_unfiltered(const LifecycleRule& rule) {
  if (!rule.filter) return done;
  const LifecycleFilter& filter = *rule.filter;
  const bool tags = filter.tag || (filter.conjunction && !filter.conjunction->tags.empty());
  const bool sizes = filter.size_greater_than || filter.size_less_than ||
                     (filter.conjunction && (filter.conjunction->size_greater_than ||
                                             filter.conjunction->size_less_than));
  const bool markers = rule.expiration && rule.expiration->expired_object_delete_marker;
  if ((!tags && !sizes) || (!markers && !rule.abort_incomplete_upload)) return done;
  return Error{Fault::invalid_request,
               fmt::format("{} cannot be specified with {}.",
                           markers ? "ExpiredObjectDeleteMarker" : "AbortIncompleteMultipartUpload",
                           tags ? "Tags" : "Object Size")};
}

Status check_storage_class(const std::optional<std::string>& storage_class) {
  if (!storage_class || std::find(std::begin(kTransitionClasses), std::end(kTransitionClasses),
                                  *storage_class) == std::end(kTransitionClasses))
    return malformed_xml();
  return done;
}

Status check_transitions(const LifecycleRule& rule) {
  for (const LifecycleTransition& transition : rule.transitions) {
    if (transition.date.has_value() == transition.days.has_value()) return malformed_xml();
    if (transition.days && *transition.days < 0)
      return invalid_argument("'Days' in Transition action must be nonnegative", "Days",
                              std::to_string(*transition.days));
    TRY(Unit dated, midnight(transition.date));
    TRY(Unit known, check_storage_class(transition.storage_class));
    (void)dated, (void)known;
  }
  for (const NoncurrentTransition& transition : rule.noncurrent_transitions) {
    if (!transition.days) return malformed_xml();
    TRY(Unit known, check_storage_class(transition.storage_class));
    (void)known;
  }
  return done;
}

Status check_versions(const LifecycleRule& rule) {
  if (rule.noncurrent_expiration) {
    const NoncurrentExpiration& expiration = *rule.noncurrent_expiration;
    if (!expiration.days) return malformed_xml();
    TRY(Unit days, positive(expiration.days, "NoncurrentDays", "NoncurrentVersionExpiration"));
    (void)days;
    if (expiration.newer_versions &&
        (*expiration.newer_versions < 1 || *expiration.newer_versions > 100))
      return invalid_argument("'NewerNoncurrentVersions' must be between 1 and 100",
                              "NewerNoncurrentVersions",
                              std::to_string(*expiration.newer_versions));
  }
  if (rule.abort_incomplete_upload) {
    if (!rule.abort_incomplete_upload->days) return malformed_xml();
    return positive(rule.abort_incomplete_upload->days, "DaysAfterInitiation",
                    "AbortIncompleteMultipartUpload");
  }
  return done;
}

Status check_rule(const LifecycleRule& rule) {
  if (rule.status != "Enabled" && rule.status != "Disabled") return malformed_xml();
  if (rule.id && rule.id->size() > kMaxRuleId)
    return invalid_argument("ID length should not exceed allowed limit of 255", "ID", *rule.id);
  if (rule.prefix.has_value() == rule.filter.has_value()) return malformed_xml();
  const bool acts = rule.expiration || rule.noncurrent_expiration || rule.abort_incomplete_upload ||
                    !rule.transitions.empty() || !rule.noncurrent_transitions.empty();
  if (!acts)
    return Error{Fault::invalid_request, "At least one action needs to be specified in a rule"};
  if (rule.filter) {
    TRY(Unit filtered, check_filter(*rule.filter));
    (void)filtered;
  }
  if (rule.expiration) {
    TRY(Unit expires, check_expiration(*rule.expiration));
    (void)expires;
  }
  TRY(Unit moves, check_transitions(rule));
  TRY(Unit unfiltered, check_unfiltered(rule));
  (void)moves, (void)unfiltered;
  return check_versions(rule);
}

}  // namespace

Status validate(LifecycleConfiguration& configuration, Random& random) {
  if (configuration.rules.empty() || configuration.rules.size() > kMaxLifecycleRules)
    return malformed_xml();
  std::set<std::string> ids;
  for (LifecycleRule& rule : configuration.rules) {
    TRY(Unit valid, check_rule(rule));
    (void)valid;
    if (!rule.id || rule.id->empty()) rule.id = random.uuid();
    if (!ids.insert(*rule.id).second)
      return invalid_argument("Rule ID must be unique. Found same ID for more than one rule", "ID",
                              *rule.id);
  }
  return done;
}

}  // namespace tidegate::s3
