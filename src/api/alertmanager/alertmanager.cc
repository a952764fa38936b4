#include "api/alertmanager/alertmanager.h"

#include <boost/asio/co_spawn.hpp>

#include "base/bytes.h"
#include "base/log.h"
#include "document/value.h"

namespace tidegate::api::alertmanager {
namespace {

using document::Array;
using document::Object;
using document::Value;

constexpr std::size_t kMaxReason = 1023;  // CloudWatch's bound of StateReason

const std::string* text_at(const Value& v, std::string_view outer, std::string_view inner) {
  const Value* object = v.find(outer);
  const Value* member = object ? object->find(inner) : nullptr;
  return member ? member->string() : nullptr;
}

std::string reason_of(const Value& alert, bool firing) {
  const std::string* name = text_at(alert, "labels", "alertname");
  const std::string* said = text_at(alert, "annotations", "summary");
  if (!said) said = text_at(alert, "annotations", "description");
  std::string out =
      fmt::format("Alertmanager: {} is {}{}{}", name ? *name : "an alert",
                  firing ? "firing" : "resolved", said ? ": " : "", said ? *said : "");
  if (out.size() <= kMaxReason) return out;
  std::size_t end = kMaxReason;
  while ((static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
  out.resize(end);
  return out;
}

std::string alarm_named(const std::string& label, const Scope& scope) {
  const auto arn = alarms::parse_arn(label);
  return arn && arn->scope == scope ? arn->name : label;
}

int status_of(Fault fault) {
  switch (fault) {
    case Fault::missing_authentication:
      return 401;
    case Fault::access_denied:
      return 403;
    case Fault::method_not_allowed:
      return 405;
    case Fault::too_large:
      return 413;
    case Fault::malformed_body:
    case Fault::invalid_argument:
    case Fault::incomplete_body:
      return 400;
    default:
      return 503;  // Alertmanager tries again
  }
}

}  // namespace

Result<Notification> read_notification(std::string_view json, std::string_view label,
                                       const Scope& scope) {
  auto wrong = [](std::string_view what) {
    return Error{Fault::invalid_argument,
                 fmt::format("This is no notification of Alertmanager, version 4: {}.", what)};
  };
  TRY(const Value body, document::parse_json(json));
  const Value* version = body.find("version");
  if (!version || !version->string() || *version->string() != "4")
    return wrong("'version' is not \"4\"");
  const Value* alerts = body.find("alerts");
  if (!alerts || !alerts->array()) return wrong("'alerts' is no array");
  if (alerts->array()->size() > kMaxAlerts)
    return wrong(fmt::format("'alerts' has more than {} members", kMaxAlerts));
  Notification out;
  for (const Value& alert : *alerts->array()) {
    const Value* status = alert.find("status");
    const std::string* state = status ? status->string() : nullptr;
    if (!state || (*state != "firing" && *state != "resolved"))
      return wrong("an alert's 'status' is neither \"firing\" nor \"resolved\"");
    const std::string* named = text_at(alert, "labels", label);
    if (!named || named->empty()) {
      ++out.without_label;
      continue;
    }
    const bool firing = *state == "firing";
    Change change{alarm_named(*named, scope), firing, reason_of(alert, firing)};
    auto same = std::find_if(out.changes.begin(), out.changes.end(),
                             [&](const Change& c) { return c.alarm == change.alarm; });
    if (same == out.changes.end())
      out.changes.push_back(std::move(change));
    else if (firing && !same->firing)
      *same = std::move(change);
  }
  if (out.changes.empty())
    return Error{Fault::invalid_argument,
                 fmt::format("None of the {} alerts has the label '{}', which names its alarm.",
                             out.without_label, label)};
  return out;
}

bool Alertmanager::asked(const http::Request& request) {
  return request.path == "/_tidegate/alertmanager";
}

Status Alertmanager::admit(const http::Request& request) const {
  if (request.method != http::Method::post)
    return Error{Fault::method_not_allowed, "Alertmanager's notifications are POSTed."};
  if (p_.token.empty()) {
    if (!p_.dev)
      return Error{Fault::access_denied,
                   "Set --alertmanager-token, and give it to Alertmanager as Bearer credentials."};
    if (request.header("origin") || request.header("sec-fetch-site"))
      return Error{Fault::access_denied, "A --dev server does not take calls from web pages."};
    return done;
  }
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view shown = request.header_or("authorization", "");
  if (shown.starts_with(kBearer) && equal_constant_time(shown.substr(kBearer.size()), p_.token))
    return done;
  return Error{Fault::missing_authentication, "Authorization: Bearer TOKEN is needed."};
}

// The names of the alarms that are not there.
Task<std::vector<std::string>> Alertmanager::set(Notification notification,
                                                 std::string address) const {
  std::vector<std::string> unknown;
  for (const Change& c : notification.changes) {
    const alarms::State state = c.firing ? alarms::State::alarm : alarms::State::ok;
    Status is_set = co_await p_.alarms.set_state(p_.scope, c.alarm, state, c.reason, std::nullopt);
    if (p_.told) {
      CO_TRY(Unit told,
             co_await p_.told(c.alarm, address, is_set.ok() ? nullptr : &is_set.error()));
      (void)told;
    }
    if (is_set.ok()) continue;
    if (is_set.fault() != Fault::not_found) co_return std::move(is_set).error();
    unknown.push_back(c.alarm);
  }
  co_return unknown;
}

Task<std::string> Alertmanager::take(const http::Request& request, http::BodyReader& body,
                                     int& status) const {
  Status admitted = admit(request);
  if (!admitted.ok()) co_return std::move(admitted).error();
  CO_TRY(const std::string json, co_await http::read_all(body, kMaxBody));
  CO_TRY(Notification notification, read_notification(json, p_.label, p_.scope));
  auto result = std::make_shared<Result<std::vector<std::string>>>(std::vector<std::string>());
  auto run = [](const Alertmanager* self, Notification n, std::string address,
                std::shared_ptr<Result<std::vector<std::string>>> out) -> asio::awaitable<void> {
    *out = co_await self->set(std::move(n), std::move(address));
  };
  asio::awaitable<void> work = run(this, notification, std::string(request.remote_address), result);
  co_await asio::co_spawn(p_.control, std::move(work), asio::use_awaitable);
  CO_TRY(const std::vector<std::string> unknown, std::move(*result));
  Array was_set, not_there;
  for (const Change& c : notification.changes) {
    if (std::find(unknown.begin(), unknown.end(), c.alarm) != unknown.end()) {
      not_there.push_back(c.alarm);
      continue;
    }
    Object one;
    one.set("Alarm", c.alarm);
    one.set("State", c.firing ? "ALARM" : "OK");
    was_set.push_back(std::move(one));
  }
  status = unknown.empty() ? 200 : 404;
  Object out;
  out.set("Set", std::move(was_set));
  out.set("Unknown", std::move(not_there));
  out.set("WithoutLabel", static_cast<std::int64_t>(notification.without_label));
  co_return document::to_json(out);
}

asio::awaitable<http::Response> Alertmanager::answer(const http::Request& request,
                                                     http::BodyReader& body) const {
  http::Response response;
  Result<std::string> taken = co_await take(request, body, response.status);
  response.set("Content-Type", "application/json");
  if (taken.ok()) {
    response.body = std::move(*taken);
    co_return response;
  }
  response.status = status_of(taken.fault());
  if (response.status == 401) response.set("WWW-Authenticate", "Bearer");
  if (response.status == 405) response.set("Allow", "POST");
  if (response.status == 503) LOG_WARN("a notification was not taken: {}", taken.error().message);
  Object out;
  out.set("Message", taken.error().message);
  response.body = document::to_json(out);
  co_return response;
}

}  // namespace tidegate::api::alertmanager
