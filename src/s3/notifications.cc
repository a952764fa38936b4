#include "s3/notifications.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "base/bytes.h"
#include "base/scope.h"
#include "s3/errors.h"
#include "s3/event_record.h"

namespace tidegate::s3 {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(EventType::last_value_)> kNames = {
    "ObjectCreated:Put",
    "ObjectCreated:Post",
    "ObjectCreated:Copy",
    "ObjectCreated:CompleteMultipartUpload",
    "ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated",
    "ObjectTagging:Put",
    "ObjectTagging:Delete",
    "ObjectAcl:Put",
    "ObjectRestore:Post",
    "ObjectRestore:Completed",
    "ObjectRestore:Delete",
    "LifecycleExpiration:Delete",
    "LifecycleExpiration:DeleteMarkerCreated",
    "LifecycleTransition",
    "IntelligentTiering",
    "ReducedRedundancyLostObject",
    "Replication:OperationFailedReplication",
    "Replication:OperationMissedThreshold",
    "Replication:OperationReplicatedAfterThreshold",
    "Replication:OperationNotTracked",
    "ObjectAnnotation:Put",
    "ObjectAnnotation:Delete",
};

constexpr std::array<std::string_view, 7> kGroups = {
    "ObjectCreated",       "ObjectRemoved", "ObjectTagging",   "ObjectRestore",
    "LifecycleExpiration", "Replication",   "ObjectAnnotation"};

struct KindWords {
  std::string_view service, argument;
};
KindWords words_of(DestinationKind kind) {
  switch (kind) {
    case DestinationKind::function:
      return {"lambda", "CloudFunction"};
    case DestinationKind::queue:
      return {"sqs", "Queue"};
    case DestinationKind::topic:
      return {"sns", "Topic"};
  }
  return {};
}

// arn:<partition>:<service>:<region>:<account>:<resource>
bool arn_is_of(std::string_view arn, DestinationKind kind) {
  const std::vector<std::string> parts = split(arn, ':');
  // This server's own kind of queue.
  if (kind == DestinationKind::queue && arn.starts_with("arn:tidegate:webhook:::"))
    return parts.size() == 6 && !parts[5].empty();
  if (parts.size() < 6 || parts[0] != "arn" || !parts[1].starts_with("aws")) return false;
  if (parts[2] != words_of(kind).service || parts[3].empty() || !is_account(parts[4])) return false;
  if (kind == DestinationKind::function)
    return (parts.size() == 7 || parts.size() == 8) && parts[5] == "function" &&
           !parts[6].empty() && !parts.back().empty();
  return parts.size() == 6 && !parts[5].empty();
}

// The count comes first because what follows compares every entry with every other.
Status check_structure(const NotificationConfiguration& configuration) {
  if (configuration.entries.size() > kMaxNotificationEntries)
    return Error{Fault::invalid_argument,
                 fmt::format("The number of notification configurations exceeds the limit of {}",
                             kMaxNotificationEntries)};
  for (const auto& entry : configuration.entries) {
    if (entry.events.empty() || entry.arn.empty()) return malformed_xml();
    if (entry.events.size() > kMaxEventsPerEntry || entry.rules.size() > kMaxEventsPerEntry)
      return malformed_xml();
    for (const auto& rule : entry.rules)
      if (!rule.name || !rule.value) return malformed_xml();
  }
  return done;
}

Status check_arns(const NotificationConfiguration& configuration) {
  for (const auto& entry : configuration.entries)
    if (!arn_is_of(entry.arn, entry.kind))
      return invalid_argument("The ARN could not be parsed",
                              std::string(words_of(entry.kind).argument), entry.arn);
  return done;
}

// Names in any case; stored as "Prefix" and "Suffix".
Status check_rule_names(NotificationConfiguration& configuration) {
  for (auto& entry : configuration.entries) {
    for (auto& rule : entry.rules) {
      std::string name = lower_ascii(*rule.name);
      if (name != "prefix" && name != "suffix")
        return invalid_argument("filter rule name must be either prefix or suffix",
                                "FilterRule.Name", *rule.name);
      rule.name = name == "prefix" ? "Prefix" : "Suffix";
    }
  }
  for (const auto& entry : configuration.entries) {
    std::set<std::string> seen;
    for (const auto& rule : entry.rules)
      if (!seen.insert(*rule.name).second)
        return invalid_argument(fmt::format("Cannot specify more than one {} rule in a filter.",
                                            lower_ascii(*rule.name)),
                                "FilterRule.Name", lower_ascii(*rule.name));
  }
  return done;
}

Status check_events(const NotificationConfiguration& configuration) {
  for (const auto& entry : configuration.entries)
    for (const auto& event : entry.events)
      if (!expand_event(event))
        return invalid_argument("A specified event is not supported for notifications", "Event",
                                event);
  return done;
}

std::string_view value_of(const NotificationEntry& entry, std::string_view rule_name) {
  for (const auto& rule : entry.rules)
    if (rule.name == rule_name) return *rule.value;
  return "";
}

EventSet events_of(const NotificationEntry& entry) {
  EventSet all = 0;
  for (const auto& event : entry.events) all |= *expand_event(event);
  return all;
}

bool overlap(const NotificationEntry& a, const NotificationEntry& b) {
  if ((events_of(a) & events_of(b)) == 0) return false;
  auto prefix_a = value_of(a, "Prefix"), prefix_b = value_of(b, "Prefix");
  auto suffix_a = value_of(a, "Suffix"), suffix_b = value_of(b, "Suffix");
  return (prefix_a.starts_with(prefix_b) || prefix_b.starts_with(prefix_a)) &&
         (suffix_a.ends_with(suffix_b) || suffix_b.ends_with(suffix_a));
}

Status check_overlap(const NotificationConfiguration& configuration) {
  const auto& entries = configuration.entries;
  for (std::size_t i = 0; i < entries.size(); ++i)
    for (std::size_t j = i + 1; j < entries.size(); ++j)
      if (overlap(entries[i], entries[j]))
        return Error{Fault::invalid_argument,
                     "Configuration is ambiguously defined. Cannot have overlapping suffixes in "
                     "two rules if the prefixes are overlapping for the same event type."};
  return done;
}

// What AWS checks after all that: ids, sizes, FIFO destinations.
Status check_limits(const NotificationConfiguration& configuration) {
  std::set<std::string_view> ids;
  for (const auto& entry : configuration.entries) {
    if (!entry.id.empty() && !ids.insert(entry.id).second)
      return invalid_argument("The ids of the configurations must be unique in a bucket", "Id",
                              entry.id);
    if (entry.id.size() > 255)
      return invalid_argument("The id of a configuration is longer than 255 characters", "Id",
                              entry.id);
    for (const auto& rule : entry.rules)
      if (rule.value->size() > kMaxFilterValueBytes)
        return invalid_argument("filter rule value cannot exceed 1024 bytes", "FilterRule.Value",
                                *rule.value);
    if (entry.kind != DestinationKind::function && entry.arn.ends_with(".fifo"))
      return invalid_argument("FIFO destinations are not supported for notifications",
                              std::string(words_of(entry.kind).argument), entry.arn);
  }
  return done;
}

std::optional<std::string> decoded_form(const std::string& text) {
  if (text.find('%') == std::string::npos) return std::nullopt;
  auto decoded = percent_decode(text);
  if (!decoded || *decoded == text) return std::nullopt;
  return decoded;
}

}  // namespace

std::string_view name_of(EventType type) {
  return kNames[static_cast<std::size_t>(type)];
}

std::optional<EventSet> expand_event(std::string_view name) {
  if (!name.starts_with("s3:")) return std::nullopt;
  name.remove_prefix(3);
  if (name.ends_with(":*")) {
    name.remove_suffix(2);
    if (std::find(kGroups.begin(), kGroups.end(), name) == kGroups.end()) return std::nullopt;
    EventSet all = 0;
    for (std::size_t i = 0; i < kNames.size(); ++i)
      if (kNames[i].size() > name.size() && kNames[i].starts_with(name) &&
          kNames[i][name.size()] == ':')
        all |= EventSet{1} << i;
    return all;
  }
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return EventSet{1} << i;
  return std::nullopt;
}

Status validate_notifications(NotificationConfiguration& configuration, Random& random) {
  TRY(auto structure, check_structure(configuration));
  TRY(auto arns, check_arns(configuration));
  TRY(auto rules, check_rule_names(configuration));
  TRY(auto events, check_events(configuration));
  TRY(auto overlaps, check_overlap(configuration));
  TRY(auto limits, check_limits(configuration));
  (void)structure, (void)arns, (void)rules, (void)events, (void)overlaps, (void)limits;
  if (configuration.event_bridge)
    return Error{Fault::not_implemented,
                 "EventBridge is not part of this server: events go to functions"};
  for (auto& entry : configuration.entries)
    if (entry.id.empty()) entry.id = random.uuid();
  return done;
}

Task<Unit> check_destinations(NotificationConfiguration configuration, Scope bucket_scope,
                              std::string bucket, DestinationCheck& check) {
  Error refusal{Fault::invalid_argument,
                "Unable to validate the following destination configurations"};
  int number = 0;
  for (const auto& entry : configuration.entries) {
    std::optional<std::string> reason;
    std::string argument = entry.arn;
    if (entry.kind == DestinationKind::function) {
      CO_TRY(reason, co_await check.why_not(bucket_scope, entry.arn, bucket_arn(bucket),
                                            bucket_scope.account));
      argument += ", null";
    } else if (entry.kind == DestinationKind::topic) {
      reason = "The destination topic does not exist";
    } else if (!check.queue_exists(entry.arn)) {
      reason = "The destination queue does not exist";
    }
    if (!reason) continue;
    ++number;
    refusal.fields.emplace_back(fmt::format("ArgumentName{}", number), argument);
    refusal.fields.emplace_back(fmt::format("ArgumentValue{}", number), *reason);
  }
  if (number > 0) co_return refusal;
  co_return done;
}

NotificationRules::NotificationRules(const NotificationConfiguration& configuration) {
  for (const auto& entry : configuration.entries) {
    Rule rule;
    for (const auto& event : entry.events) rule.events |= expand_event(event).value_or(0);
    rule.prefix = value_of(entry, "Prefix");
    rule.suffix = value_of(entry, "Suffix");
    rule.decoded_prefix = decoded_form(rule.prefix);
    rule.decoded_suffix = decoded_form(rule.suffix);
    rule.id = entry.id;
    rule.arn = entry.arn;
    rule.kind = entry.kind;
    rules_.push_back(std::move(rule));
  }
}

const NotificationRules::Rule* NotificationRules::match(EventType type,
                                                        std::string_view key) const {
  const EventSet bit = EventSet{1} << static_cast<unsigned>(type);
  for (const auto& rule : rules_) {
    if ((rule.events & bit) == 0) continue;
    if (!key.starts_with(rule.prefix) &&
        !(rule.decoded_prefix && key.starts_with(*rule.decoded_prefix)))
      continue;
    if (!key.ends_with(rule.suffix) &&
        !(rule.decoded_suffix && key.ends_with(*rule.decoded_suffix)))
      continue;
    return &rule;
  }
  return nullptr;
}

}  // namespace tidegate::s3
