// Event notifications of a bucket: the configuration as PutBucketNotificationConfiguration gives
// it, its validation in the order AWS applies it (the first failure wins and nothing changes), and
// the compiled rules that a write asks. At most one rule matches an event and a key, because
// overlapping rules are refused. Pure, but for the check of destinations, which asks a port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/scope.h"
#include "base/task.h"
#include "s3/event_record.h"
#include "store/record.h"

namespace tidegate::s3 {

// The concrete events; a wildcard stands for several.
enum class EventType : std::uint8_t {
  created_put,
  created_post,
  created_copy,
  created_complete_multipart_upload,
  removed_delete,
  removed_delete_marker_created,
  tagging_put,
  tagging_delete,
  acl_put,
  restore_post,
  restore_completed,
  restore_delete,
  lifecycle_expiration_delete,
  lifecycle_expiration_delete_marker_created,
  lifecycle_transition,
  intelligent_tiering,
  reduced_redundancy_lost_object,
  replication_failed,
  replication_missed_threshold,
  replication_after_threshold,
  replication_not_tracked,
  annotation_put,
  annotation_delete,
  last_value_,
};
using EventSet = std::uint32_t;  // bit n: the event with value n
// "ObjectCreated:Put": the name in a record.
std::string_view name_of(EventType);
// The events that "s3:ObjectCreated:*" and the like stand for; nullopt for an unknown name.
std::optional<EventSet> expand_event(std::string_view name);

struct FilterRule {
  std::optional<std::string> name, value;  // name "Prefix" or "Suffix" once validated
};

enum class DestinationKind : std::uint8_t { function = 0, queue = 1, topic = 2 };

struct NotificationEntry {
  DestinationKind kind = DestinationKind::function;
  std::string id;
  std::string arn;
  std::vector<std::string> events;  // as given: "s3:ObjectCreated:*"
  std::vector<FilterRule> rules;
  bool has_filter = false;  // <Filter> was there, even without rules
};

struct NotificationConfiguration {
  std::vector<NotificationEntry> entries;
  bool event_bridge = false;
};

inline constexpr std::size_t kMaxNotificationEntries = 100;
inline constexpr std::size_t kMaxEventsPerEntry = 64;  // ours: all event names there are, twice
inline constexpr std::size_t kMaxFilterValueBytes = 1024;

// Whether a destination would take the events of this bucket. Implemented by wiring; the text is
// what the refusal shows ("Not authorized to invoke function […]"), nullopt when all is well.
class DestinationCheck {
 public:
  virtual ~DestinationCheck() = default;
  virtual Task<std::optional<std::string>> why_not(Scope scope, std::string function_arn,
                                                   std::string bucket_arn, std::string account) = 0;
  // Whether there is such a queue; none, unless somebody says otherwise.
  virtual bool queue_exists(std::string_view arn) const {
    (void)arn;
    return false;
  }
  // Tells a queue, in the transaction that sets the configuration, that it will be told.
  virtual Status announce(store::Txn& txn, const Scope& scope, ObjectEvent test_event) {
    (void)txn, (void)scope, (void)test_event;
    return done;
  }
};

// Everything that can be judged without asking a destination. Puts rule names into their stored
// form and generates missing ids.
Status validate_notifications(NotificationConfiguration&, Random&);

// Asks all destinations and reports all that refuse in one error.
Task<Unit> check_destinations(NotificationConfiguration configuration, Scope bucket_scope,
                              std::string bucket, DestinationCheck& check);

// The rules of one bucket, ready to be asked at every write.
class NotificationRules {
 public:
  NotificationRules() = default;
  explicit NotificationRules(const NotificationConfiguration&);

  struct Rule {
    EventSet events = 0;
    std::string prefix, suffix;                                 // literal
    std::optional<std::string> decoded_prefix, decoded_suffix;  // when the literal has escapes
    std::string id, arn;
    DestinationKind kind = DestinationKind::function;
  };
  const Rule* match(EventType, std::string_view key) const;
  bool empty() const { return rules_.empty(); }

 private:
  std::vector<Rule> rules_;
};

}  // namespace tidegate::s3

namespace tidegate::store {
template <>
struct record_of<s3::FilterRule> {
  using R = s3::FilterRule;
  static constexpr auto fields = std::tuple{field(1, &R::name), field(2, &R::value)};
};
template <>
struct record_of<s3::NotificationEntry> {
  using R = s3::NotificationEntry;
  static constexpr auto fields =
      std::tuple{field(1, &R::kind),   field(2, &R::id),    field(3, &R::arn),
                 field(4, &R::events), field(5, &R::rules), field(6, &R::has_filter)};
};
}  // namespace tidegate::store
