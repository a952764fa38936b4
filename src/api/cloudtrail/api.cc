#include "api/cloudtrail/api.h"

#include <fmt/format.h>

#include <charconv>

#include "api/cloudtrail/shapes.h"
#include "document/value.h"

namespace tidegate::api::cloudtrail {
namespace {

using wire::Context;
using Kind = identity::Principal::Kind;

constexpr auto kLookupEvents = wire::operation<LookupEventsInput, LookupEventsOutput>(
    "LookupEvents", http::Method::post, "/?Action=LookupEvents", 200, "cloudtrail:LookupEvents");
constexpr wire::Row refused(std::string_view name, std::string_view uri) {
  return wire::Row{name, http::Method::post, uri, 501, nullptr, nullptr, ""};
}
constexpr wire::Row kRefused[] = {
    refused("CreateTrail", "/?Action=CreateTrail"),
    refused("DescribeTrails", "/?Action=DescribeTrails"),
    refused("GetTrailStatus", "/?Action=GetTrailStatus"),
    refused("PutEventSelectors", "/?Action=PutEventSelectors"),
};

constexpr std::size_t kMostPending = 1000;

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::root:
    case Kind::developer:
      return "Root";
    case Kind::user:
      return "IAMUser";
    case Kind::function:
    case Kind::role:
      return "AssumedRole";
    case Kind::service:
      return "AWSService";
    case Kind::anonymous:
      break;
  }
  return "Unknown";
}

bool changes(std::string_view name) {
  if (name == "GetSessionToken") return true;  // hands out a key
  for (std::string_view front :
       {"Get", "List", "Head", "Describe", "Lookup", "Simulate", "Validate", "Filter"})
    if (name.starts_with(front)) return false;
  return name != "StartConfigurationSession" && name != "Invoke";
}

bool of_an_object(std::string_view name) {
  for (std::string_view one :
       {"PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "UploadPart", "UploadPartCopy",
        "CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload",
        "PutObjectTagging", "DeleteObjectTagging"})
    if (one == name) return true;
  return false;
}

std::string source_of(wire::Service service) {
  if (service == wire::Service::cloudwatch) return "monitoring.amazonaws.com";
  return std::string(wire::to_string(service)) + ".amazonaws.com";
}

audit::Record record_of(wire::Service service, const Context& c, std::string resource,
                        const Error* error) {
  audit::Record r;
  r.account = c.scope.account;
  r.region = c.scope.region;
  r.source = source_of(service);
  r.name = std::string(c.row->name);
  r.action = std::string(c.row->action);
  r.resource = std::move(resource);
  r.caller = c.principal->arn();
  r.caller_kind = std::string(kind_name(c.principal->kind()));
  r.key_id = c.principal->access_key_id();
  r.function_arn = c.principal->function_arn();
  r.address = c.source_ip;
  if (const std::string* agent = c.header("user-agent")) r.agent = *agent;
  r.request_id = c.request_id;
  if (error) {
    r.denied = error->fault == Fault::access_denied;
    r.error = r.denied ? "AccessDenied" : name_of(error->fault);
    r.message = error->message;
  }
  return r;
}

}  // namespace

std::string event_json(const audit::Record& r) {
  document::Object who, out;
  who.set("type", r.caller_kind);
  who.set("arn", r.caller);
  who.set("accountId", r.account);
  who.set("accessKeyId", r.key_id);
  if (!r.function_arn.empty()) who.set("invokedByFunction", r.function_arn);
  out.set("eventVersion", "1.08");
  out.set("userIdentity", std::move(who));
  out.set("eventTime", iso8601(r.time));
  out.set("eventSource", r.source);
  out.set("eventName", r.name);
  out.set("awsRegion", r.region);
  out.set("sourceIPAddress", r.address);
  out.set("userAgent", r.agent);
  if (!r.error.empty()) {
    out.set("errorCode", r.error);
    out.set("errorMessage", r.message);
  }
  if (r.times > 1) out.set("occurrences", static_cast<std::int64_t>(r.times));
  out.set("requestID", r.request_id);
  out.set("eventID", r.id);
  out.set("readOnly", false);
  out.set("recipientAccountId", r.account);
  out.set("sequence", static_cast<std::int64_t>(r.sequence));
  out.set("resource", r.resource);
  return document::to_json(std::move(out));
}

namespace {

Event shown(const audit::Record& r) {
  Event out;
  out.event_id = r.id;
  out.event_name = r.name;
  out.read_only = "false";
  out.access_key_id = r.key_id;
  out.event_time = r.time;
  out.event_source = r.source;
  out.username = r.caller_kind == "Root" ? "root" : r.caller.substr(r.caller.rfind('/') + 1);
  if (!r.resource.empty()) out.resources.push_back({std::nullopt, r.resource});
  out.cloud_trail_event = event_json(r);
  return out;
}

Result<audit::Filter> filter_of(const Context& c, const LookupEventsInput& in) {
  audit::Filter f;
  f.account = c.scope.account;
  f.from = in.start_time;
  f.to = in.end_time;
  f.most = static_cast<std::size_t>(in.max_results.value_or(50));
  if (in.lookup_attributes.size() > 1)
    return Error{Fault::invalid_argument, "One lookup attribute at most may be given."};
  for (const LookupAttribute& a : in.lookup_attributes) {
    const std::string& value = a.attribute_value;
    if (a.attribute_key == "EventId") f.id = value;
    if (a.attribute_key == "EventName") f.name = value;
    if (a.attribute_key == "ReadOnly") f.read_only = value == "true";
    if (a.attribute_key == "Username") f.caller = value;
    if (a.attribute_key == "ResourceName") f.resource = value;
    if (a.attribute_key == "EventSource") f.source = value;
    if (a.attribute_key == "AccessKeyId") f.key_id = value;
    if (a.attribute_key == "ResourceType")
      return Error{Fault::not_implemented, "Events cannot be looked up by ResourceType."};
  }
  if (in.next_token) {
    const std::string& token = *in.next_token;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), f.below);
    if (error != std::errc() || end != token.data() + token.size() || f.below == 0)
      return Error{Fault::invalid_argument, "The NextToken is not valid."};
  }
  return f;
}

Task<LookupEventsOutput> look_up(audit::Trail* trail, const Context& c, LookupEventsInput in) {
  LookupEventsOutput out;
  if (in.event_category) co_return out;  // insights: there are none
  CO_TRY(audit::Filter filter, filter_of(c, in));
  CO_TRY(audit::Found found, co_await trail->look_up(std::move(filter)));
  for (const audit::Record& r : found.records) out.events.push_back(shown(r));
  if (found.below) out.next_token = std::to_string(found.below);
  co_return out;
}

}  // namespace

void mount(wire::Table& table, const Parts& parts) {
  table.add(kLookupEvents, [trail = parts.trail](const Context& c, LookupEventsInput in) {
    return look_up(trail, c, std::move(in));
  });
  for (const wire::Row& r : kRefused) table.refuse(r);
}

Task<Unit> Recorder::witness(wire::Service service, const Context& c, std::string resource,
                             const Error* error) {
  const bool denied = error && error->fault == Fault::access_denied;
  if (!changes(c.row->name) && !denied) co_return done;
  audit::Record record = record_of(service, c, std::move(resource), error);
  // What failed changed nothing, and its caller need not wait either.
  if ((!error && !of_an_object(c.row->name)) || pending_ >= kMostPending)
    co_return co_await trail_.add(std::move(record));
  ++pending_;
  group_.spawn("audit", [](Recorder* self, audit::Record r) -> Task<Unit> {
    Status added = co_await self->trail_.add(std::move(r));
    --self->pending_;
    co_return added;
  }(this, std::move(record)));
  co_return done;
}

}  // namespace tidegate::api::cloudtrail
