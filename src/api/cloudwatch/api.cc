#include "api/cloudwatch/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "api/cloudwatch/shapes.h"
#include "wire/refused.h"

namespace tidegate::api::cloudwatch {
namespace {

using http::Method;
using wire::Context;

constexpr auto kPut = wire::operation<PutMetricAlarmInput, Done>(
    "PutMetricAlarm", Method::post, "/?Action=PutMetricAlarm", 200, "cloudwatch:PutMetricAlarm");
constexpr auto kDescribe = wire::operation<DescribeAlarmsInput, DescribeAlarmsOutput>(
    "DescribeAlarms", Method::post, "/?Action=DescribeAlarms", 200, "cloudwatch:DescribeAlarms");
constexpr auto kSetState = wire::operation<SetAlarmStateInput, Done>(
    "SetAlarmState", Method::post, "/?Action=SetAlarmState", 200, "cloudwatch:SetAlarmState");
constexpr auto kDelete = wire::operation<DeleteAlarmsInput, Done>(
    "DeleteAlarms", Method::post, "/?Action=DeleteAlarms", 200, "cloudwatch:DeleteAlarms");
constexpr auto kTag = wire::operation<TagResourceInput, TagResourceOutput>(
    "TagResource", Method::post, "/?Action=TagResource", 200, "cloudwatch:TagResource");
constexpr auto kUntag = wire::operation<UntagResourceInput, UntagResourceOutput>(
    "UntagResource", Method::post, "/?Action=UntagResource", 200, "cloudwatch:UntagResource");
constexpr auto kListTags = wire::operation<ListTagsForResourceInput, ListTagsForResourceOutput>(
    "ListTagsForResource", Method::post, "/?Action=ListTagsForResource", 200,
    "cloudwatch:ListTagsForResource");

Error invalid(std::string text) {
  return {Fault::invalid_argument, std::move(text)};
}

alarms::Alarm alarm_of(PutMetricAlarmInput in) {
  alarms::Alarm a;
  a.name = std::move(in.name);
  a.description = std::move(in.description);
  a.actions_enabled = in.actions_enabled.value_or(true);
  a.ok_actions = std::move(in.ok_actions);
  a.alarm_actions = std::move(in.alarm_actions);
  a.insufficient_data_actions = std::move(in.insufficient_data_actions);
  a.metric_name = std::move(in.metric_name);
  a.name_space = std::move(in.name_space);
  a.statistic = std::move(in.statistic);
  a.extended_statistic = std::move(in.extended_statistic);
  for (DimensionShape& d : in.dimensions)
    a.dimensions.push_back({std::move(d.name), std::move(d.value)});
  a.period = in.period;
  a.unit = std::move(in.unit);
  a.evaluation_periods = in.evaluation_periods;
  a.datapoints_to_alarm = in.datapoints_to_alarm;
  a.threshold = in.threshold;
  a.comparison_operator = std::move(in.comparison_operator);
  a.treat_missing_data = std::move(in.treat_missing_data);
  a.evaluate_low_sample_count_percentile = std::move(in.evaluate_low_sample_count_percentile);
  for (Tag& t : in.tags) a.tags[std::move(t.key)] = std::move(t.value);
  return a;
}

// The caller's own alarm that an ARN names.
Result<std::string> alarm_named(const Context& c, const std::string& arn) {
  auto named = alarms::parse_arn(arn);
  if (!named || named->scope.account != c.scope.account || named->scope.region != c.scope.region)
    return Error{Fault::not_found, fmt::format("{} is no alarm of this account and region.", arn)};
  return std::move(named->name);
}

MetricAlarm shown(const Scope& scope, alarms::Alarm a) {
  MetricAlarm out;
  out.arn = alarms::arn_of(scope, a.name);
  out.name = std::move(a.name);
  out.description = std::move(a.description);
  out.configuration_updated = a.configuration_updated;
  out.actions_enabled = a.actions_enabled;
  out.ok_actions = std::move(a.ok_actions);
  out.alarm_actions = std::move(a.alarm_actions);
  out.insufficient_data_actions = std::move(a.insufficient_data_actions);
  out.state = std::string(to_string(a.state));
  out.state_reason = std::move(a.state_reason);
  out.state_reason_data = std::move(a.state_reason_data);
  out.state_updated = a.state_updated;
  out.metric_name = std::move(a.metric_name);
  out.name_space = std::move(a.name_space);
  out.statistic = std::move(a.statistic);
  out.extended_statistic = std::move(a.extended_statistic);
  for (alarms::Dimension& d : a.dimensions)
    out.dimensions.push_back({std::move(d.name), std::move(d.value)});
  out.period = a.period;
  out.unit = std::move(a.unit);
  out.evaluation_periods = a.evaluation_periods;
  out.datapoints_to_alarm = a.datapoints_to_alarm;
  out.threshold = a.threshold;
  out.comparison_operator = std::move(a.comparison_operator);
  out.treat_missing_data = std::move(a.treat_missing_data);
  out.evaluate_low_sample_count_percentile = std::move(a.evaluate_low_sample_count_percentile);
  return out;
}

class Api {
 public:
  explicit Api(alarms::Alarms* alarms) : alarms_(alarms) {}

  Task<Done> put(const Context& c, PutMetricAlarmInput in) {
    if (!in.metrics.empty() || in.threshold_metric_id)
      co_return invalid("Metric math is not evaluated by this server: name one metric.");
    if (in.threshold && !std::isfinite(*in.threshold))
      co_return invalid("The value of Threshold must be a number.");
    if (in.name.front() == ':') co_return invalid("The name of an alarm cannot begin with ':'.");
    alarms::Alarm alarm = alarm_of(std::move(in));
    CO_TRY(Unit kept, co_await alarms_->put(c.scope, std::move(alarm)));
    (void)kept;
    co_return Done{};
  }
  Task<DescribeAlarmsOutput> describe(const Context& c, DescribeAlarmsInput in) {
    DescribeAlarmsOutput out;
    // There are no composite alarms, so nothing is above or below another.
    const bool metric_alarms = in.types.empty() || std::find(in.types.begin(), in.types.end(),
                                                             "MetricAlarm") != in.types.end();
    if (!metric_alarms || in.children_of || in.parents_of) co_return out;
    if (!in.names.empty() && in.prefix)
      co_return invalid("AlarmNamePrefix and AlarmNames are mutually exclusive.");
    alarms::Query query;
    query.names = std::move(in.names);
    query.prefix = in.prefix.value_or("");
    if (in.state) query.state = alarms::parse_state(*in.state);
    query.action_prefix = in.action_prefix.value_or("");
    query.max_records = static_cast<std::size_t>(in.max_records.value_or(50));
    query.next_token = in.next_token.value_or("");
    CO_TRY(auto page, co_await alarms_->describe(c.scope, std::move(query)));
    for (alarms::Alarm& a : page.alarms) out.alarms.push_back(shown(c.scope, std::move(a)));
    if (!page.next_token.empty()) out.next_token = std::move(page.next_token);
    co_return out;
  }
  Task<Done> set_state(const Context& c, SetAlarmStateInput in) {
    const alarms::State state = *alarms::parse_state(in.state);  // the shape let no other through
    CO_TRY(Unit set,
           co_await alarms_->set_state(c.scope, in.name, state, in.reason, in.reason_data));
    (void)set;
    co_return Done{};
  }
  Task<Done> remove(const Context& c, DeleteAlarmsInput in) {
    CO_TRY(Unit gone, co_await alarms_->remove(c.scope, std::move(in.names)));
    (void)gone;
    co_return Done{};
  }

  Task<TagResourceOutput> tag(const Context& c, TagResourceInput in) {
    CO_TRY(const std::string name, alarm_named(c, in.resource_arn));
    alarms::Alarms::TagChange change = [&in](std::map<std::string, std::string>& tags) {
      for (const Tag& t : in.tags) tags[t.key] = t.value;
    };
    CO_TRY(Unit changed, co_await alarms_->tag(c.scope, name, std::move(change)));
    (void)changed;
    co_return TagResourceOutput{};
  }
  Task<UntagResourceOutput> untag(const Context& c, UntagResourceInput in) {
    CO_TRY(const std::string name, alarm_named(c, in.resource_arn));
    alarms::Alarms::TagChange change = [&in](std::map<std::string, std::string>& tags) {
      for (const std::string& key : in.tag_keys) tags.erase(key);
    };
    CO_TRY(Unit changed, co_await alarms_->tag(c.scope, name, std::move(change)));
    (void)changed;
    co_return UntagResourceOutput{};
  }
  Task<ListTagsForResourceOutput> list_tags(const Context& c, ListTagsForResourceInput in) {
    CO_TRY(const std::string name, alarm_named(c, in.resource_arn));
    CO_TRY(auto alarm, co_await alarms_->find(c.scope, name));
    if (!alarm)
      co_return Error{Fault::not_found, fmt::format("There is no alarm {}.", in.resource_arn)};
    ListTagsForResourceOutput out;
    for (const auto& [key, value] : alarm->tags) out.tags.push_back({key, value});
    co_return out;
  }

 private:
  alarms::Alarms* alarms_;
};

}  // namespace

void mount(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<Api>(parts.alarms);
  table.add(kPut,
            [api](const Context& c, PutMetricAlarmInput in) { return api->put(c, std::move(in)); });
  table.add(kDescribe, [api](const Context& c, DescribeAlarmsInput in) {
    return api->describe(c, std::move(in));
  });
  table.add(kSetState, [api](const Context& c, SetAlarmStateInput in) {
    return api->set_state(c, std::move(in));
  });
  table.add(kDelete, [api](const Context& c, DeleteAlarmsInput in) {
    return api->remove(c, std::move(in));
  });
  table.add(kTag,
            [api](const Context& c, TagResourceInput in) { return api->tag(c, std::move(in)); });
  table.add(kUntag, [api](const Context& c, UntagResourceInput in) {
    return api->untag(c, std::move(in));
  });
  table.add(kListTags, [api](const Context& c, ListTagsForResourceInput in) {
    return api->list_tags(c, std::move(in));
  });
  wire::refuse_actions<
      "DeleteAlarmMuteRule", "DeleteAnomalyDetector", "DeleteDashboards", "DeleteInsightRules",
      "DeleteMetricStream", "DescribeAlarmContributors", "DescribeAlarmHistory",
      "DescribeAlarmsForMetric", "DescribeAnomalyDetectors", "DescribeInsightRules",
      "DisableAlarmActions", "DisableInsightRules", "EnableAlarmActions", "EnableInsightRules",
      "GetAlarmMuteRule", "GetDashboard", "GetInsightRuleReport", "GetMetricData",
      "GetMetricStatistics", "GetMetricStream", "GetMetricWidgetImage", "GetOTelEnrichment",
      "ListAlarmMuteRules", "ListDashboards", "ListManagedInsightRules", "ListMetricStreams",
      "ListMetrics", "PutAlarmMuteRule", "PutAnomalyDetector", "PutCompositeAlarm", "PutDashboard",
      "PutInsightRule", "PutManagedInsightRules", "PutMetricData", "PutMetricStream",
      "StartMetricStreams", "StartOTelEnrichment", "StopMetricStreams", "StopOTelEnrichment">(
      table);
}

}  // namespace tidegate::api::cloudwatch
