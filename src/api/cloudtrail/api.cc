#include "api/cloudtrail/api.h"

#include <fmt/format.h>

#include <charconv>

#include "api/cloudtrail/shapes.h"
#include "document/value.h"
#include "wire/refused.h"

namespace tidegate::api::cloudtrail {
namespace {

using wire::Context;
using Kind = identity::Principal::Kind;

constexpr auto kLookupEvents = wire::operation<LookupEventsInput, LookupEventsOutput>(
    "LookupEvents", http::Method::post, "/?Action=LookupEvents", 200, "cloudtrail:LookupEvents");
// Whoever has no signature, as CloudTrail names him in the records of whom he asked.
constexpr std::string_view kAnonymous = "AWSAccount";

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
  return kAnonymous;
}

std::string source_of(wire::Service service) {
  if (service == wire::Service::cloudwatch) return "monitoring.amazonaws.com";
  return std::string(wire::to_string(service)) + ".amazonaws.com";
}

audit::Record record_of(wire::Service service, const Context& c, Outcome outcome) {
  audit::Record r;
  r.account = c.scope.account.empty() ? outcome.owner : c.scope.account;
  r.region = c.scope.region;
  r.source = source_of(service);
  r.name = std::string(c.row->name);
  r.action = std::string(c.row->action);
  r.resource = std::move(outcome.named.resource);
  r.further = std::move(outcome.named.further);
  r.caller = c.principal->arn();
  r.caller_kind = std::string(kind_name(c.principal->kind()));
  r.key_id = c.principal->access_key_id();
  r.function_arn = c.principal->function_arn();
  r.address = c.source_ip;
  if (const std::string* agent = c.header("user-agent")) r.agent = *agent;
  r.request_id = c.request_id;
  r.read_only = !changes(c.row->name);
  if (outcome.error) {
    r.denied = outcome.error->fault == Fault::access_denied;
    r.error = r.denied ? "AccessDenied" : std::move(outcome.code);
    r.message = outcome.error->message;
  } else if (!outcome.partly_denied.empty()) {
    r.denied = r.partly = true;
    r.error = "AccessDenied";
    r.message = std::move(outcome.partly_denied);
  }
  return r;
}

}  // namespace

bool changes(std::string_view operation) {
  if (operation == "GetSessionToken") return true;  // hands out a key
  for (std::string_view front :
       {"Get", "List", "Head", "Describe", "Lookup", "Simulate", "Validate", "Filter", "Invoke"})
    if (operation.starts_with(front)) return false;
  return operation != "StartConfigurationSession";
}

std::string event_json(const audit::Record& r) {
  document::Object who, out;
  who.set("type", r.caller_kind);
  if (r.caller_kind == kAnonymous) {
    who.set("principalId", "");
    who.set("accountId", "ANONYMOUS_PRINCIPAL");
  } else {
    who.set("arn", r.caller);
    who.set("accountId", r.account);
    who.set("accessKeyId", r.key_id);
  }
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
  out.set("readOnly", r.read_only);
  out.set("recipientAccountId", r.account);
  out.set("sequence", static_cast<std::int64_t>(r.sequence));
  out.set("resource", r.resource);
  if (!r.further.empty()) {
    document::Array further(r.further.begin(), r.further.end());
    out.set("furtherResources", std::move(further));
  }
  return document::to_json(std::move(out));
}

namespace {

Event shown(const audit::Record& r) {
  Event out;
  out.event_id = r.id;
  out.event_name = r.name;
  out.read_only = r.read_only ? "true" : "false";
  out.access_key_id = r.key_id;
  out.event_time = r.time;
  out.event_source = r.source;
  out.username = audit::user_name(r);
  if (!r.resource.empty()) out.resources.push_back({std::nullopt, r.resource});
  for (const std::string& resource : r.further) out.resources.push_back({std::nullopt, resource});
  out.cloud_trail_event = event_json(r);
  return out;
}

Error wrong(const char* code, std::string text) {
  return Error(Fault::invalid_argument, std::move(text)).with("Code", code);
}

Result<audit::Filter> filter_of(const Context& c, const LookupEventsInput& in) {
  audit::Filter f;
  f.account = c.scope.account;
  f.from = in.start_time;
  f.to = in.end_time;
  f.most = static_cast<std::size_t>(in.max_results.value_or(50));
  if (f.from && f.to && *f.to < *f.from)
    return wrong("InvalidTimeRangeException", "StartTime must not be after EndTime.");
  if (in.lookup_attributes.size() > 1)
    return wrong("InvalidLookupAttributesException", "One lookup attribute at most may be given.");
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
      return wrong("InvalidNextTokenException", "The NextToken is not valid.");
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
  wire::refuse_actions<
      "AddTags", "CancelQuery", "CreateChannel", "CreateDashboard", "CreateEventDataStore",
      "CreateTrail", "DeleteChannel", "DeleteDashboard", "DeleteEventDataStore",
      "DeleteResourcePolicy", "DeleteTrail", "DeregisterOrganizationDelegatedAdmin",
      "DescribeQuery", "DescribeTrails", "DisableFederation", "EnableFederation", "GenerateQuery",
      "GetChannel", "GetDashboard", "GetEventConfiguration", "GetEventDataStore",
      "GetEventSelectors", "GetImport", "GetInsightSelectors", "GetQueryResults",
      "GetResourcePolicy", "GetTrail", "GetTrailStatus", "ListChannels", "ListDashboards",
      "ListEventDataStores", "ListImportFailures", "ListImports", "ListInsightsData",
      "ListInsightsMetricData", "ListPublicKeys", "ListQueries", "ListTags", "ListTrails",
      "PutEventConfiguration", "PutEventSelectors", "PutInsightSelectors", "PutResourcePolicy",
      "RegisterOrganizationDelegatedAdmin", "RemoveTags", "RestoreEventDataStore",
      "SearchSampleQueries", "StartDashboardRefresh", "StartEventDataStoreIngestion", "StartImport",
      "StartLogging", "StartQuery", "StopEventDataStoreIngestion", "StopImport", "StopLogging",
      "UpdateChannel", "UpdateDashboard", "UpdateEventDataStore", "UpdateTrail">(table);
}

Task<Unit> Recorder::before(wire::Service service, Context& c, Named named) {
  if (!changes(c.row->name)) co_return done;
  if (trail_.owes()) {
    CO_TRY(Unit settled, co_await trail_.settle());
    (void)settled;
  }
  // Whose the record of an anonymous call is, is found out behind it.
  if (service != wire::Service::s3 || c.principal->kind() == Kind::anonymous) co_return done;
  Outcome expected;
  expected.named = std::move(named);
  c.companion = trail_.prepare(record_of(service, c, std::move(expected)));
  co_return done;
}

Task<Unit> Recorder::after(wire::Service service, const Context& c, Outcome outcome) {
  const bool denied = outcome.error && outcome.error->fault == Fault::access_denied;
  if (!changes(c.row->name) && !denied) co_return done;
  if (c.companion && c.companion->stored) {
    CO_TRY(Unit taken, co_await trail_.adopt(c.companion));
    (void)taken;
    if (!outcome.error) co_return done;
  }
  audit::Record record = record_of(service, c, std::move(outcome));
  co_return co_await trail_.add(std::move(record));
}

namespace {

// Of what was done by no call of AWS's.
audit::Record record_without_call(Scope scope, wire::Service service, std::string_view name,
                                  std::string_view caller) {
  audit::Record r;
  r.account = std::move(scope.account);
  r.region = std::move(scope.region);
  r.source = source_of(service);
  r.name = name;
  r.caller = caller;
  r.caller_kind = kind_name(Kind::service);
  return r;
}

}  // namespace

Task<Unit> Recorder::root_key_changed(Scope scope, std::string key_id) {
  audit::Record r =
      record_without_call(std::move(scope), wire::Service::iam, "RotateRootAccessKey", "operator");
  r.resource = std::move(key_id);
  co_return co_await trail_.add(std::move(r));
}

Task<Unit> Recorder::alarm_set(Scope scope, std::string alarm, std::string address,
                               const Error* error) {
  audit::Record r = record_without_call(std::move(scope), wire::Service::cloudwatch,
                                        "SetAlarmState", "alertmanager");
  r.action = "cloudwatch:SetAlarmState";
  r.resource = std::move(alarm);
  r.address = std::move(address);
  if (error) {
    r.error = error->fault == Fault::not_found ? "ResourceNotFound" : name_of(error->fault);
    r.message = error->message;
  }
  co_return co_await trail_.add(std::move(r));
}

}  // namespace tidegate::api::cloudtrail
