// Wire shapes of the server's own API. Names are in AWS's manner, so that they read like the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.h"

namespace tidegate::api::admin {

struct AdvanceClockInput {
  std::int64_t ms = 0;
};
struct ClockOutput {
  Instant now{};
};
struct ListDeliveriesInput {
  std::optional<std::string> queue;
};
struct DeliverySummary {
  std::string queue, id, lane, last_error, body;
  std::int32_t attempts = 0;
  Instant created{};
};
struct ListDeliveriesOutput {
  std::vector<DeliverySummary> dead;
  std::int32_t pending = 0;
};
struct DeliveryInput {
  std::string queue, id;
};
struct FunctionLogInput {
  std::string name;
};
struct FunctionLogOutput {
  std::string log;
};

}  // namespace tidegate::api::admin

namespace tidegate::wire {

template <>
struct shape_of<api::admin::AdvanceClockInput> {
  using S = api::admin::AdvanceClockInput;
  // A year at a time is more than any deployment needs.
  static constexpr Member members[] = {
      field<&S::ms>("ms").bind(In::query).range(0, 366LL * 24 * 3600 * 1000)};
  static constexpr Shape value{"AdvanceClockRequest", members};
};
template <>
struct shape_of<api::admin::ClockOutput> {
  using S = api::admin::ClockOutput;
  static constexpr Member members[] = {field<&S::now>("Now").as(TimeFormat::iso8601)};
  static constexpr Shape value{"Clock", members};
};
template <>
struct shape_of<api::admin::ListDeliveriesInput> {
  using S = api::admin::ListDeliveriesInput;
  static constexpr Member members[] = {field<&S::queue>("queue").bind(In::query)};
  static constexpr Shape value{"ListDeliveriesRequest", members};
};
template <>
struct shape_of<api::admin::DeliverySummary> {
  using S = api::admin::DeliverySummary;
  static constexpr Member members[] = {field<&S::queue>("Queue"),
                                       field<&S::id>("Id"),
                                       field<&S::lane>("Lane"),
                                       field<&S::attempts>("Attempts"),
                                       field<&S::last_error>("LastError"),
                                       field<&S::body>("Body"),
                                       field<&S::created>("CreatedAt").as(TimeFormat::iso8601)};
  static constexpr Shape value{"Delivery", members};
};
template <>
struct shape_of<api::admin::ListDeliveriesOutput> {
  using S = api::admin::ListDeliveriesOutput;
  static constexpr Member members[] = {field<&S::dead>("Dead"), field<&S::pending>("Pending")};
  static constexpr Shape value{"ListDeliveriesResponse", members};
};
template <>
struct shape_of<api::admin::DeliveryInput> {
  using S = api::admin::DeliveryInput;
  static constexpr Member members[] = {field<&S::queue>("Queue").bind(In::label),
                                       field<&S::id>("Id").bind(In::label)};
  static constexpr Shape value{"DeliveryRequest", members};
};
template <>
struct shape_of<api::admin::FunctionLogInput> {
  using S = api::admin::FunctionLogInput;
  static constexpr Member members[] = {field<&S::name>("FunctionName").bind(In::label)};
  static constexpr Shape value{"FunctionLogRequest", members};
};
template <>
struct shape_of<api::admin::FunctionLogOutput> {
  using S = api::admin::FunctionLogOutput;
  static constexpr Member members[] = {field<&S::log>("Log")};
  static constexpr Shape value{"FunctionLogResponse", members};
};

}  // namespace tidegate::wire
