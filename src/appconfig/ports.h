// What AppConfig needs from the rest of the server, in its own words. server/wiring adapts S3 and
// Lambda to it; tests use ten-line lambdas. Called and answered on the control strand.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/scope.h"
#include "base/task.h"
#include "store/store.h"

namespace tidegate::appconfig {

struct SourceContent {
  std::string bytes;
  std::string content_type;
};

// The bytes of a location at a version ("s3://bucket/key" at an object version id).
class ConfigSource {
 public:
  virtual ~ConfigSource() = default;
  // Fault::invalid_request with a text for people: no such bucket, key or version, a delete marker,
  // an unversioned bucket, larger than `limit` (Fault::too_large).
  // Read with the rights of `role_arn`, which must allow it.
  virtual Task<SourceContent> fetch(Scope, std::string role_arn, std::string location_uri,
                                    std::string version, std::size_t limit) = 0;
};

struct FunctionOutcome {
  bool failed = false;        // the answer carried a function error
  std::string error_message;  // errorMessage of its payload, verbatim
  std::string payload;
};

struct FunctionCall {
  std::string function_arn, payload;
  std::string source_arn;               // on whose behalf: what the function's policy may ask for
  std::optional<std::string> role_arn;  // called as this role of the account, if there is one
  int deadline_ms = 0;
  int depth = 0;  // function calls this one is nested in
};

// Calls functions as principal appconfig.amazonaws.com. Refused (access_denied) unless the
// function's policy allows it, or a role is given.
class FunctionCaller {
 public:
  virtual ~FunctionCaller() = default;
  // Waits for the answer.
  virtual Task<FunctionOutcome> call(Scope, FunctionCall) = 0;
  // The function will be called, at least once, when `txn` commits; nobody hears its answer.
  virtual Task<Unit> call_later(store::Txn& txn, Scope, FunctionCall) = 0;
};

struct WebhookCall {
  std::string url, body;
  std::string id;  // of this call: the same when it is tried again
  int deadline_ms = 0;
};

// Sends a signed JSON document to a webhook that the server's settings declare, by URL or ARN.
class WebhookCaller {
 public:
  virtual ~WebhookCaller() = default;
  // nullopt, or why no webhook may go to that URL.
  virtual std::optional<std::string> why_not(const std::string& url) = 0;
  // The body of a 2xx answer. access_denied: not allowed; timed_out; invalid_request: it did not
  // arrive or was not accepted, with a text for people. unavailable, cancelled: this server could
  // not ask.
  virtual Task<std::string> post(WebhookCall) = 0;
};

enum class AlarmState : std::uint8_t { ok, alarm, insufficient_data };
struct MonitoredAlarm {
  AlarmState state = AlarmState::insufficient_data;
  bool acts = true;  // false: its actions are switched off
};

// What the alarms of environments' monitors say. An alarm of another account is not seen.
class AlarmStates {
 public:
  virtual ~AlarmStates() = default;
  // nullopt: there is no such alarm.
  virtual Task<std::optional<MonitoredAlarm>> state(Scope, std::string alarm_arn) = 0;
  // `changed` is called with the ARN of each alarm that changes from now on, after it did; "" when
  // it cannot be said which. One listener; nullptr ends it.
  virtual void on_change(std::function<void(std::string alarm_arn)> changed) = 0;
};

}  // namespace tidegate::appconfig
