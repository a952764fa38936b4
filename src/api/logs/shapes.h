// Wire shapes of CloudWatch Logs. Names and limits are those of its service model. A group may be
// given by name or, in newer clients, by an identifier: its name or its ARN.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.h"

namespace tidegate::api::logs {

using TagMap = std::map<std::string, std::string>;

struct CreateLogGroupInput {
  std::string group;
  std::optional<std::string> kms_key_id;
  TagMap tags;
};
struct GroupInput {
  std::string group;
};
struct StreamInput {
  std::string group, stream;
};
struct RetentionInput {
  std::string group;
  std::int32_t days = 0;
};
struct DescribeLogGroupsInput {
  std::optional<std::string> prefix, pattern, next_token;
  std::optional<std::int32_t> limit;
};
struct LogGroupShape {
  std::string name;
  std::int64_t created = 0;
  std::optional<std::int32_t> retention_days;
  std::int32_t metric_filters = 0;
  std::string arn;
  std::int64_t stored_bytes = 0;
  std::string log_group_class = "STANDARD", log_group_arn;
};
struct DescribeLogGroupsOutput {
  std::vector<LogGroupShape> groups;
  std::optional<std::string> next_token;
};
struct DescribeLogStreamsInput {
  std::optional<std::string> group, identifier, prefix, order_by, next_token;
  std::optional<bool> descending;
  std::optional<std::int32_t> limit;
};
struct LogStreamShape {
  std::string name;
  std::int64_t created = 0;
  std::optional<std::int64_t> first_event, last_event, last_ingestion;
  std::string upload_sequence_token, arn;
  std::int64_t stored_bytes = 0;
};
struct DescribeLogStreamsOutput {
  std::vector<LogStreamShape> streams;
  std::optional<std::string> next_token;
};
struct GetLogEventsInput {
  std::optional<std::string> group, identifier;
  std::string stream;
  std::optional<std::int64_t> start, end;
  std::optional<std::string> next_token;
  std::optional<std::int32_t> limit;
  std::optional<bool> from_head;
};
struct OutputEvent {
  std::int64_t timestamp = 0;
  std::string message;
  std::int64_t ingested = 0;
};
struct GetLogEventsOutput {
  std::vector<OutputEvent> events;
  std::string forward_token, backward_token;
};
struct FilterLogEventsInput {
  std::optional<std::string> group, identifier;
  std::vector<std::string> streams;
  std::optional<std::string> stream_prefix;
  std::optional<std::int64_t> start, end;
  std::optional<std::string> pattern, next_token;
  std::optional<std::int32_t> limit;
  std::optional<bool> interleaved;
};
struct FilteredEvent {
  std::string stream;
  std::int64_t timestamp = 0;
  std::string message;
  std::int64_t ingested = 0;
  std::string event_id;
};
struct SearchedStream {
  std::string stream;
};
struct FilterLogEventsOutput {
  std::vector<FilteredEvent> events;
  std::vector<SearchedStream> searched;
  std::optional<std::string> next_token;
};
struct InputEvent {
  std::int64_t timestamp = 0;
  std::string message;
};
struct PutLogEventsInput {
  std::string group, stream;
  std::vector<InputEvent> events;
  std::optional<std::string> sequence_token;
};
struct RejectedEvents {
  std::optional<std::int32_t> too_new_start, too_old_end, expired_end;
};
struct PutLogEventsOutput {
  std::string next_sequence_token;
  std::optional<RejectedEvents> rejected;
};
struct ResourceInput {
  std::string arn;
};
struct TagResourceInput {
  std::string arn;
  TagMap tags;
};
struct UntagResourceInput {
  std::string arn;
  std::vector<std::string> keys;
};
struct TagGroupInput {
  std::string group;
  TagMap tags;
};
struct UntagGroupInput {
  std::string group;
  std::vector<std::string> keys;
};
struct TagsOutput {
  TagMap tags;
};

inline constexpr std::string_view kOrders[] = {"LogStreamName", "LastEventTime"};

}  // namespace tidegate::api::logs

namespace tidegate::wire {
namespace lg = api::logs;

template <>
struct shape_of<lg::CreateLogGroupInput> {
  using S = lg::CreateLogGroupInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512),
                                       field<&S::kms_key_id>("kmsKeyId").at_most(256),
                                       field<&S::tags>("tags").length(1, 50)};
  static constexpr Shape value{"CreateLogGroupRequest", members};
};
template <>
struct shape_of<lg::GroupInput> {
  using S = lg::GroupInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512)};
  static constexpr Shape value{"DeleteLogGroupRequest", members};
};
template <>
struct shape_of<lg::StreamInput> {
  using S = lg::StreamInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512),
                                       field<&S::stream>("logStreamName").length(1, 512)};
  static constexpr Shape value{"CreateLogStreamRequest", members};
};
template <>
struct shape_of<lg::RetentionInput> {
  using S = lg::RetentionInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512),
                                       field<&S::days>("retentionInDays")};
  static constexpr Shape value{"PutRetentionPolicyRequest", members};
};
template <>
struct shape_of<lg::DescribeLogGroupsInput> {
  using S = lg::DescribeLogGroupsInput;
  static constexpr Member members[] = {field<&S::prefix>("logGroupNamePrefix").length(1, 512),
                                       field<&S::pattern>("logGroupNamePattern").length(0, 512),
                                       field<&S::next_token>("nextToken").at_least(1),
                                       field<&S::limit>("limit").range(1, 50)};
  static constexpr Shape value{"DescribeLogGroupsRequest", members};
};
template <>
struct shape_of<lg::LogGroupShape> {
  using S = lg::LogGroupShape;
  static constexpr Member members[] = {field<&S::name>("logGroupName"),
                                       field<&S::created>("creationTime"),
                                       field<&S::retention_days>("retentionInDays"),
                                       field<&S::metric_filters>("metricFilterCount"),
                                       field<&S::arn>("arn"),
                                       field<&S::stored_bytes>("storedBytes"),
                                       field<&S::log_group_class>("logGroupClass"),
                                       field<&S::log_group_arn>("logGroupArn")};
  static constexpr Shape value{"LogGroup", members};
};
template <>
struct shape_of<lg::DescribeLogGroupsOutput> {
  using S = lg::DescribeLogGroupsOutput;
  static constexpr Member members[] = {field<&S::groups>("logGroups"),
                                       field<&S::next_token>("nextToken")};
  static constexpr Shape value{"DescribeLogGroupsResponse", members};
};
template <>
struct shape_of<lg::DescribeLogStreamsInput> {
  using S = lg::DescribeLogStreamsInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512),
                                       field<&S::identifier>("logGroupIdentifier").length(1, 2048),
                                       field<&S::prefix>("logStreamNamePrefix").length(1, 512),
                                       field<&S::order_by>("orderBy").values(lg::kOrders),
                                       field<&S::descending>("descending"),
                                       field<&S::next_token>("nextToken").at_least(1),
                                       field<&S::limit>("limit").range(1, 50)};
  static constexpr Shape value{"DescribeLogStreamsRequest", members};
};
template <>
struct shape_of<lg::LogStreamShape> {
  using S = lg::LogStreamShape;
  static constexpr Member members[] = {field<&S::name>("logStreamName"),
                                       field<&S::created>("creationTime"),
                                       field<&S::first_event>("firstEventTimestamp"),
                                       field<&S::last_event>("lastEventTimestamp"),
                                       field<&S::last_ingestion>("lastIngestionTime"),
                                       field<&S::upload_sequence_token>("uploadSequenceToken"),
                                       field<&S::arn>("arn"),
                                       field<&S::stored_bytes>("storedBytes")};
  static constexpr Shape value{"LogStream", members};
};
template <>
struct shape_of<lg::DescribeLogStreamsOutput> {
  using S = lg::DescribeLogStreamsOutput;
  static constexpr Member members[] = {field<&S::streams>("logStreams"),
                                       field<&S::next_token>("nextToken")};
  static constexpr Shape value{"DescribeLogStreamsResponse", members};
};
template <>
struct shape_of<lg::GetLogEventsInput> {
  using S = lg::GetLogEventsInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512),
                                       field<&S::identifier>("logGroupIdentifier").length(1, 2048),
                                       field<&S::stream>("logStreamName").length(1, 512),
                                       field<&S::start>("startTime").at_least(0),
                                       field<&S::end>("endTime").at_least(0),
                                       field<&S::next_token>("nextToken").at_least(1),
                                       field<&S::limit>("limit").range(1, 10000),
                                       field<&S::from_head>("startFromHead")};
  static constexpr Shape value{"GetLogEventsRequest", members};
};
template <>
struct shape_of<lg::OutputEvent> {
  using S = lg::OutputEvent;
  static constexpr Member members[] = {field<&S::timestamp>("timestamp"),
                                       field<&S::message>("message").with(kSensitive),
                                       field<&S::ingested>("ingestionTime")};
  static constexpr Shape value{"OutputLogEvent", members};
};
template <>
struct shape_of<lg::GetLogEventsOutput> {
  using S = lg::GetLogEventsOutput;
  static constexpr Member members[] = {field<&S::events>("events"),
                                       field<&S::forward_token>("nextForwardToken"),
                                       field<&S::backward_token>("nextBackwardToken")};
  static constexpr Shape value{"GetLogEventsResponse", members};
};
template <>
struct shape_of<lg::FilterLogEventsInput> {
  using S = lg::FilterLogEventsInput;
  static constexpr Member members[] = {
      field<&S::group>("logGroupName").length(1, 512),
      field<&S::identifier>("logGroupIdentifier").length(1, 2048),
      field<&S::streams>("logStreamNames").length(1, 100),
      field<&S::stream_prefix>("logStreamNamePrefix").length(1, 512),
      field<&S::start>("startTime").at_least(0),
      field<&S::end>("endTime").at_least(0),
      field<&S::pattern>("filterPattern").length(0, 1024),
      field<&S::next_token>("nextToken").at_least(1),
      field<&S::limit>("limit").range(1, 10000),
      field<&S::interleaved>("interleaved")};
  static constexpr Shape value{"FilterLogEventsRequest", members};
};
template <>
struct shape_of<lg::FilteredEvent> {
  using S = lg::FilteredEvent;
  static constexpr Member members[] = {
      field<&S::stream>("logStreamName"), field<&S::timestamp>("timestamp"),
      field<&S::message>("message").with(kSensitive), field<&S::ingested>("ingestionTime"),
      field<&S::event_id>("eventId")};
  static constexpr Shape value{"FilteredLogEvent", members};
};
template <>
struct shape_of<lg::SearchedStream> {
  using S = lg::SearchedStream;
  static constexpr Member members[] = {field<&S::stream>("logStreamName")};
  static constexpr Shape value{"SearchedLogStream", members};
};
template <>
struct shape_of<lg::FilterLogEventsOutput> {
  using S = lg::FilterLogEventsOutput;
  static constexpr Member members[] = {field<&S::events>("events"),
                                       field<&S::searched>("searchedLogStreams"),
                                       field<&S::next_token>("nextToken")};
  static constexpr Shape value{"FilterLogEventsResponse", members};
};
template <>
struct shape_of<lg::InputEvent> {
  using S = lg::InputEvent;
  static constexpr Member members[] = {field<&S::timestamp>("timestamp").at_least(0),
                                       field<&S::message>("message").at_least(1).with(kSensitive)};
  static constexpr Shape value{"InputLogEvent", members};
};
template <>
struct shape_of<lg::PutLogEventsInput> {
  using S = lg::PutLogEventsInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512),
                                       field<&S::stream>("logStreamName").length(1, 512),
                                       field<&S::events>("logEvents").length(1, 10000).needed(),
                                       field<&S::sequence_token>("sequenceToken").at_least(1)};
  static constexpr Shape value{"PutLogEventsRequest", members};
};
template <>
struct shape_of<lg::RejectedEvents> {
  using S = lg::RejectedEvents;
  static constexpr Member members[] = {field<&S::too_new_start>("tooNewLogEventStartIndex"),
                                       field<&S::too_old_end>("tooOldLogEventEndIndex"),
                                       field<&S::expired_end>("expiredLogEventEndIndex")};
  static constexpr Shape value{"RejectedLogEventsInfo", members};
};
template <>
struct shape_of<lg::PutLogEventsOutput> {
  using S = lg::PutLogEventsOutput;
  static constexpr Member members[] = {field<&S::next_sequence_token>("nextSequenceToken"),
                                       field<&S::rejected>("rejectedLogEventsInfo")};
  static constexpr Shape value{"PutLogEventsResponse", members};
};
template <>
struct shape_of<lg::ResourceInput> {
  using S = lg::ResourceInput;
  static constexpr Member members[] = {field<&S::arn>("resourceArn").length(1, 1011)};
  static constexpr Shape value{"ListTagsForResourceRequest", members};
};
template <>
struct shape_of<lg::TagResourceInput> {
  using S = lg::TagResourceInput;
  static constexpr Member members[] = {field<&S::arn>("resourceArn").length(1, 1011),
                                       field<&S::tags>("tags").length(1, 50).needed()};
  static constexpr Shape value{"TagResourceRequest", members};
};
template <>
struct shape_of<lg::UntagResourceInput> {
  using S = lg::UntagResourceInput;
  static constexpr Member members[] = {field<&S::arn>("resourceArn").length(1, 1011),
                                       field<&S::keys>("tagKeys").length(0, 50).needed()};
  static constexpr Shape value{"UntagResourceRequest", members};
};
template <>
struct shape_of<lg::TagGroupInput> {
  using S = lg::TagGroupInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512),
                                       field<&S::tags>("tags").length(1, 50).needed()};
  static constexpr Shape value{"TagLogGroupRequest", members};
};
template <>
struct shape_of<lg::UntagGroupInput> {
  using S = lg::UntagGroupInput;
  static constexpr Member members[] = {field<&S::group>("logGroupName").length(1, 512),
                                       field<&S::keys>("tags").at_least(1).needed()};
  static constexpr Shape value{"UntagLogGroupRequest", members};
};
template <>
struct shape_of<lg::TagsOutput> {
  using S = lg::TagsOutput;
  static constexpr Member members[] = {field<&S::tags>("tags")};
  static constexpr Shape value{"ListTagsForResourceResponse", members};
};

}  // namespace tidegate::wire
