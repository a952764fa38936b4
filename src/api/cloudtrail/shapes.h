// Wire shapes of CloudTrail's LookupEvents. Names and limits are those of its service model.
#pragma once

#include "wire/shape.h"

namespace tidegate::api::cloudtrail {

inline constexpr std::string_view kLookupAttributeKeys[] = {
    "EventId",      "EventName",    "ReadOnly",    "Username",
    "ResourceType", "ResourceName", "EventSource", "AccessKeyId"};
inline constexpr std::string_view kEventCategorys[] = {"insight"};

struct LookupAttribute {
  std::string attribute_key;
  std::string attribute_value;
};
struct LookupEventsInput {
  std::vector<LookupAttribute> lookup_attributes;
  std::optional<Instant> start_time;
  std::optional<Instant> end_time;
  std::optional<std::string> event_category;
  std::optional<std::int32_t> max_results;
  std::optional<std::string> next_token;
};
struct Resource {
  std::optional<std::string> resource_type;
  std::optional<std::string> resource_name;
};
struct Event {
  std::optional<std::string> event_id;
  std::optional<std::string> event_name;
  std::optional<std::string> read_only;
  std::optional<std::string> access_key_id;
  std::optional<Instant> event_time;
  std::optional<std::string> event_source;
  std::optional<std::string> username;
  std::vector<Resource> resources;
  std::optional<std::string> cloud_trail_event;
};
struct LookupEventsOutput {
  std::vector<Event> events;
  std::optional<std::string> next_token;
};

}  // namespace tidegate::api::cloudtrail

namespace tidegate::wire {

template <>
struct shape_of<api::cloudtrail::LookupAttribute> {
  using S = api::cloudtrail::LookupAttribute;
  static constexpr Member members[] = {
      field<&S::attribute_key>("AttributeKey").values(api::cloudtrail::kLookupAttributeKeys),
      field<&S::attribute_value>("AttributeValue")};
  static constexpr Shape value{"LookupAttribute", members};
};
template <>
struct shape_of<api::cloudtrail::LookupEventsInput> {
  using S = api::cloudtrail::LookupEventsInput;
  static constexpr Member members[] = {
      field<&S::lookup_attributes>("LookupAttributes"),
      field<&S::start_time>("StartTime").as(TimeFormat::epoch),
      field<&S::end_time>("EndTime").as(TimeFormat::epoch),
      field<&S::event_category>("EventCategory").values(api::cloudtrail::kEventCategorys),
      field<&S::max_results>("MaxResults").range(1, 50),
      field<&S::next_token>("NextToken")};
  static constexpr Shape value{"LookupEventsRequest", members};
};
template <>
struct shape_of<api::cloudtrail::Resource> {
  using S = api::cloudtrail::Resource;
  static constexpr Member members[] = {field<&S::resource_type>("ResourceType"),
                                       field<&S::resource_name>("ResourceName")};
  static constexpr Shape value{"Resource", members};
};
template <>
struct shape_of<api::cloudtrail::Event> {
  using S = api::cloudtrail::Event;
  static constexpr Member members[] = {field<&S::event_id>("EventId"),
                                       field<&S::event_name>("EventName"),
                                       field<&S::read_only>("ReadOnly"),
                                       field<&S::access_key_id>("AccessKeyId"),
                                       field<&S::event_time>("EventTime").as(TimeFormat::epoch),
                                       field<&S::event_source>("EventSource"),
                                       field<&S::username>("Username"),
                                       field<&S::resources>("Resources"),
                                       field<&S::cloud_trail_event>("CloudTrailEvent")};
  static constexpr Shape value{"Event", members};
};
template <>
struct shape_of<api::cloudtrail::LookupEventsOutput> {
  using S = api::cloudtrail::LookupEventsOutput;
  static constexpr Member members[] = {field<&S::events>("Events"),
                                       field<&S::next_token>("NextToken")};
  static constexpr Shape value{"LookupEventsResponse", members};
};

}  // namespace tidegate::wire
