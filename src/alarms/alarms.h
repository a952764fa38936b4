// Alarms: CloudWatch's metric alarms as far as others ask for their state. They are kept, shown,
// set and deleted; there are no metrics here, so a state changes by SetAlarmState alone. Who wants
// to know of changes is told by watching the store: nothing is lost between a commit and a crash,
// since whoever starts looks at the states first. On the control strand, times are domain time.
// Errors: not_found (an alarm), invalid_argument, quota_exceeded, bad_token (a page's).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/scheduler.h"
#include "base/scope.h"
#include "base/task_group.h"
#include "store/record.h"
#include "store/store.h"

namespace tidegate::alarms {

enum class State : std::uint8_t { ok = 0, alarm = 1, insufficient_data = 2 };
std::string_view to_string(State);  // "INSUFFICIENT_DATA"
std::optional<State> parse_state(std::string_view);

struct Dimension {
  std::string name, value;
};

struct Alarm {
  std::string name;
  std::optional<std::string> description;
  bool actions_enabled = true;
  std::vector<std::string> ok_actions, alarm_actions, insufficient_data_actions;
  State state = State::insufficient_data;
  std::string state_reason;
  std::optional<std::string> state_reason_data;
  Instant state_updated{}, configuration_updated{};
  std::optional<std::string> metric_name, name_space, statistic, extended_statistic, unit;
  std::vector<Dimension> dimensions;
  std::optional<std::int32_t> period;  // seconds
  std::int32_t evaluation_periods = 1;
  std::optional<std::int32_t> datapoints_to_alarm;
  std::optional<double> threshold;
  std::string comparison_operator;
  std::optional<std::string> treat_missing_data, evaluate_low_sample_count_percentile;
  std::map<std::string, std::string> tags;  // given when it is made, or by tag()
};

// "arn:aws:cloudwatch:us-east-1:111122223333:alarm:errors"
std::string arn_of(const Scope& scope, std::string_view name);
struct AlarmName {
  Scope scope;
  std::string name;
};
std::optional<AlarmName> parse_arn(std::string_view arn);

struct Query {
  std::vector<std::string> names;  // these, when there are any
  std::string prefix;              // of the name
  std::optional<State> state;
  std::string action_prefix;
  std::size_t max_records = 50;
  std::string next_token;
};
struct AlarmPage {
  std::vector<Alarm> alarms;  // by name
  std::string next_token;
};

class Alarms {
 public:
  static constexpr std::size_t kQuota = 5000;  // alarms of an account in a region
  static constexpr std::size_t kMaxTags = 50;
  // Given the alarm's ARN; "" when it cannot be said which alarms changed.
  using Listener = std::function<void(std::string arn)>;

  Alarms(store::Store& store, const Clock& domain, Executors executors)
      : store_(store), domain_(domain), group_(executors.control) {}

  // Tells the listener of what changes from now on.
  void start(Listener listener);
  asio::awaitable<void> close();

  // A new alarm has INSUFFICIENT_DATA; one that exists keeps its state and tags.
  Task<Unit> put(Scope scope, Alarm alarm);
  Task<std::optional<Alarm>> find(Scope scope, std::string name);
  Task<AlarmPage> describe(Scope scope, Query query);
  Task<Unit> set_state(Scope scope, std::string name, State state, std::string reason,
                       std::optional<std::string> reason_data);
  // What `change` does to the alarm's tags. Faults: not_found, invalid_argument (too many).
  using TagChange = std::function<void(std::map<std::string, std::string>&)>;
  Task<Unit> tag(Scope scope, std::string name, TagChange change);
  // All or, when one is not there, none.
  Task<Unit> remove(Scope scope, std::vector<std::string> names);

 private:
  // Again, while another change comes between.
  Task<Unit> edit(Scope scope, std::string name, std::function<Status(Alarm&)> change);
  Task<Unit> follow();
  Task<bool> full(Scope scope);

  store::Store& store_;
  const Clock& domain_;
  TaskGroup group_;
  Listener listener_;
  std::unique_ptr<store::Watch> watch_;
};

}  // namespace tidegate::alarms

namespace tidegate::store {
template <>
struct record_of<alarms::Dimension> {
  using R = alarms::Dimension;
  static constexpr auto fields = std::tuple{field(1, &R::name), field(2, &R::value)};
};
template <>
struct record_of<alarms::Alarm> {
  using R = alarms::Alarm;
  static constexpr auto fields = std::tuple{field(1, &R::name),
                                            field(2, &R::description),
                                            field(3, &R::actions_enabled),
                                            field(4, &R::ok_actions),
                                            field(5, &R::alarm_actions),
                                            field(6, &R::insufficient_data_actions),
                                            field(7, &R::state),
                                            field(8, &R::state_reason),
                                            field(9, &R::state_reason_data),
                                            field(10, &R::state_updated),
                                            field(11, &R::configuration_updated),
                                            field(12, &R::metric_name),
                                            field(13, &R::name_space),
                                            field(14, &R::statistic),
                                            field(15, &R::extended_statistic),
                                            field(16, &R::unit),
                                            field(17, &R::dimensions),
                                            field(18, &R::period),
                                            field(19, &R::evaluation_periods),
                                            field(20, &R::datapoints_to_alarm),
                                            field(21, &R::threshold),
                                            field(22, &R::comparison_operator),
                                            field(23, &R::treat_missing_data),
                                            field(24, &R::evaluate_low_sample_count_percentile),
                                            field(25, &R::tags)};
};
}  // namespace tidegate::store
