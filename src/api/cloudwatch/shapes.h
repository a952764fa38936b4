// Wire shapes of CloudWatch's metric alarms. Names and limits are those of its service model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.h"

namespace tidegate::api::cloudwatch {

struct DimensionShape {
  std::string name, value;
};
struct MetricDataQuery {  // read so that it can be refused
  std::string id;
};
struct Tag {
  std::string key, value;
};
struct TagResourceInput {
  std::string resource_arn;
  std::vector<Tag> tags;
};
struct UntagResourceInput {
  std::string resource_arn;
  std::vector<std::string> tag_keys;
};
struct ListTagsForResourceInput {
  std::string resource_arn;
};
struct ListTagsForResourceOutput {
  std::vector<Tag> tags;
};
struct PutMetricAlarmInput {
  std::string name;
  std::optional<std::string> description;
  std::optional<bool> actions_enabled;
  std::vector<std::string> ok_actions, alarm_actions, insufficient_data_actions;
  std::optional<std::string> metric_name, name_space, statistic, extended_statistic;
  std::vector<DimensionShape> dimensions;
  std::optional<std::int32_t> period;
  std::optional<std::string> unit;
  std::int32_t evaluation_periods = 1;
  std::optional<std::int32_t> datapoints_to_alarm;
  std::optional<double> threshold;
  std::string comparison_operator;
  std::optional<std::string> treat_missing_data, evaluate_low_sample_count_percentile;
  std::vector<MetricDataQuery> metrics;
  std::vector<Tag> tags;
  std::optional<std::string> threshold_metric_id;
};
struct DescribeAlarmsInput {
  std::vector<std::string> names;
  std::optional<std::string> prefix;
  std::vector<std::string> types;
  std::optional<std::string> children_of, parents_of, state, action_prefix;
  std::optional<std::int32_t> max_records;
  std::optional<std::string> next_token;
};
struct SetAlarmStateInput {
  std::string name, state, reason;
  std::optional<std::string> reason_data;
};
struct DeleteAlarmsInput {
  std::vector<std::string> names;
};
struct MetricAlarm {
  std::string name, arn;
  std::optional<std::string> description;
  Instant configuration_updated{};
  bool actions_enabled = true;
  std::vector<std::string> ok_actions, alarm_actions, insufficient_data_actions;
  std::string state, state_reason;
  std::optional<std::string> state_reason_data;
  Instant state_updated{};
  std::optional<std::string> metric_name, name_space, statistic, extended_statistic;
  std::vector<DimensionShape> dimensions;
  std::optional<std::int32_t> period;
  std::optional<std::string> unit;
  std::int32_t evaluation_periods = 1;
  std::optional<std::int32_t> datapoints_to_alarm;
  std::optional<double> threshold;
  std::string comparison_operator;
  std::optional<std::string> treat_missing_data, evaluate_low_sample_count_percentile;
};
struct DescribeAlarmsOutput {
  std::vector<MetricAlarm> alarms;
  std::optional<std::string> next_token;
};
struct Done {};               // no answer, in CloudWatch's namespace
struct TagResourceOutput {};  // an answer, without members
struct UntagResourceOutput {};

inline constexpr std::string_view kNamespace = "http://monitoring.amazonaws.com/doc/2010-08-01/";
inline constexpr std::string_view kStates[] = {"OK", "ALARM", "INSUFFICIENT_DATA"};
inline constexpr std::string_view kStatistics[] = {"SampleCount", "Average", "Sum", "Minimum",
                                                   "Maximum"};
inline constexpr std::string_view kComparisons[] = {"GreaterThanOrEqualToThreshold",
                                                    "GreaterThanThreshold",
                                                    "LessThanThreshold",
                                                    "LessThanOrEqualToThreshold",
                                                    "LessThanLowerOrGreaterThanUpperThreshold",
                                                    "LessThanLowerThreshold",
                                                    "GreaterThanUpperThreshold"};

}  // namespace tidegate::api::cloudwatch

namespace tidegate::wire {
namespace cw = api::cloudwatch;

template <>
struct shape_of<cw::DimensionShape> {
  using S = cw::DimensionShape;
  static constexpr Member members[] = {field<&S::name>("Name").length(1, 255),
                                       field<&S::value>("Value").length(1, 1024)};
  static constexpr Shape value{"Dimension", members};
};
template <>
struct shape_of<cw::MetricDataQuery> {
  using S = cw::MetricDataQuery;
  static constexpr Member members[] = {field<&S::id>("Id").length(1, 255)};
  static constexpr Shape value{"MetricDataQuery", members};
};
template <>
struct shape_of<cw::Tag> {
  using S = cw::Tag;
  static constexpr Member members[] = {field<&S::key>("Key").length(1, 128),
                                       field<&S::value>("Value").length(0, 256)};
  static constexpr Shape value{"Tag", members};
};
template <>
struct shape_of<cw::TagResourceInput> {
  using S = cw::TagResourceInput;
  static constexpr Member members[] = {field<&S::resource_arn>("ResourceARN").length(1, 1024),
                                       field<&S::tags>("Tags").needed()};
  static constexpr Shape value{"TagResourceInput", members};
};
template <>
struct shape_of<cw::UntagResourceInput> {
  using S = cw::UntagResourceInput;
  static constexpr Member members[] = {field<&S::resource_arn>("ResourceARN").length(1, 1024),
                                       field<&S::tag_keys>("TagKeys").needed()};
  static constexpr Shape value{"UntagResourceInput", members};
};
template <>
struct shape_of<cw::ListTagsForResourceInput> {
  using S = cw::ListTagsForResourceInput;
  static constexpr Member members[] = {field<&S::resource_arn>("ResourceARN").length(1, 1024)};
  static constexpr Shape value{"ListTagsForResourceInput", members};
};
template <>
struct shape_of<cw::ListTagsForResourceOutput> {
  using S = cw::ListTagsForResourceOutput;
  static constexpr Member members[] = {field<&S::tags>("Tags").needed()};
  static constexpr Shape value{"ListTagsForResourceOutput", members, "", cw::kNamespace};
};
template <>
struct shape_of<cw::PutMetricAlarmInput> {
  using S = cw::PutMetricAlarmInput;
  static constexpr Member members[] = {
      field<&S::name>("AlarmName").length(1, 255),
      field<&S::description>("AlarmDescription").length(0, 1024),
      field<&S::actions_enabled>("ActionsEnabled"),
      field<&S::ok_actions>("OKActions").at_most(5),
      field<&S::alarm_actions>("AlarmActions").at_most(5),
      field<&S::insufficient_data_actions>("InsufficientDataActions").at_most(5),
      field<&S::metric_name>("MetricName").length(1, 255),
      field<&S::name_space>("Namespace").length(1, 255),
      field<&S::statistic>("Statistic").values(cw::kStatistics),
      field<&S::extended_statistic>("ExtendedStatistic"),
      field<&S::dimensions>("Dimensions").at_most(30),
      field<&S::period>("Period").at_least(1),
      field<&S::unit>("Unit"),
      field<&S::evaluation_periods>("EvaluationPeriods").at_least(1),
      field<&S::datapoints_to_alarm>("DatapointsToAlarm").at_least(1),
      field<&S::threshold>("Threshold"),
      field<&S::comparison_operator>("ComparisonOperator").values(cw::kComparisons),
      field<&S::treat_missing_data>("TreatMissingData").length(1, 255),
      field<&S::evaluate_low_sample_count_percentile>("EvaluateLowSampleCountPercentile")
          .length(1, 255),
      field<&S::metrics>("Metrics"),
      field<&S::tags>("Tags"),
      field<&S::threshold_metric_id>("ThresholdMetricId").length(1, 255)};
  static constexpr Shape value{"PutMetricAlarmInput", members};
};
template <>
struct shape_of<cw::DescribeAlarmsInput> {
  using S = cw::DescribeAlarmsInput;
  static constexpr Member members[] = {field<&S::names>("AlarmNames").at_most(100),
                                       field<&S::prefix>("AlarmNamePrefix").length(1, 255),
                                       field<&S::types>("AlarmTypes"),
                                       field<&S::children_of>("ChildrenOfAlarmName").length(1, 255),
                                       field<&S::parents_of>("ParentsOfAlarmName").length(1, 255),
                                       field<&S::state>("StateValue").values(cw::kStates),
                                       field<&S::action_prefix>("ActionPrefix").length(1, 1024),
                                       field<&S::max_records>("MaxRecords").range(1, 100),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"DescribeAlarmsInput", members};
};
template <>
struct shape_of<cw::SetAlarmStateInput> {
  using S = cw::SetAlarmStateInput;
  static constexpr Member members[] = {field<&S::name>("AlarmName").length(1, 255),
                                       field<&S::state>("StateValue").values(cw::kStates),
                                       field<&S::reason>("StateReason").length(0, 1023),
                                       field<&S::reason_data>("StateReasonData").length(0, 4000)};
  static constexpr Shape value{"SetAlarmStateInput", members};
};
template <>
struct shape_of<cw::DeleteAlarmsInput> {
  using S = cw::DeleteAlarmsInput;
  static constexpr Member members[] = {field<&S::names>("AlarmNames").at_most(100).needed()};
  static constexpr Shape value{"DeleteAlarmsInput", members};
};
template <>
struct shape_of<cw::MetricAlarm> {
  using S = cw::MetricAlarm;
  static constexpr Member members[] = {
      field<&S::name>("AlarmName"),
      field<&S::arn>("AlarmArn"),
      field<&S::description>("AlarmDescription"),
      field<&S::configuration_updated>("AlarmConfigurationUpdatedTimestamp"),
      field<&S::actions_enabled>("ActionsEnabled"),
      field<&S::ok_actions>("OKActions"),
      field<&S::alarm_actions>("AlarmActions"),
      field<&S::insufficient_data_actions>("InsufficientDataActions"),
      field<&S::state>("StateValue"),
      field<&S::state_reason>("StateReason"),
      field<&S::state_reason_data>("StateReasonData"),
      field<&S::state_updated>("StateUpdatedTimestamp"),
      field<&S::metric_name>("MetricName"),
      field<&S::name_space>("Namespace"),
      field<&S::statistic>("Statistic"),
      field<&S::extended_statistic>("ExtendedStatistic"),
      field<&S::dimensions>("Dimensions"),
      field<&S::period>("Period"),
      field<&S::unit>("Unit"),
      field<&S::evaluation_periods>("EvaluationPeriods"),
      field<&S::datapoints_to_alarm>("DatapointsToAlarm"),
      field<&S::threshold>("Threshold"),
      field<&S::comparison_operator>("ComparisonOperator"),
      field<&S::treat_missing_data>("TreatMissingData"),
      field<&S::evaluate_low_sample_count_percentile>("EvaluateLowSampleCountPercentile")};
  static constexpr Shape value{"MetricAlarm", members};
};
template <>
struct shape_of<cw::DescribeAlarmsOutput> {
  using S = cw::DescribeAlarmsOutput;
  static constexpr Member members[] = {field<&S::alarms>("MetricAlarms"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"DescribeAlarmsOutput", members, "", cw::kNamespace};
};
template <>
struct shape_of<cw::Done> {
  static constexpr Shape value{"", {}, "", cw::kNamespace};
};
template <>
struct shape_of<cw::TagResourceOutput> {
  static constexpr Shape value{"TagResourceOutput", {}, "", cw::kNamespace};
};
template <>
struct shape_of<cw::UntagResourceOutput> {
  static constexpr Shape value{"UntagResourceOutput", {}, "", cw::kNamespace};
};

}  // namespace tidegate::wire
