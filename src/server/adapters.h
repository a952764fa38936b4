// Adapters: where the services meet. Each one gives a service what its port asks for, out of
// another service; none of them decides anything. On the control strand, but for NetListeners.
#pragma once

#include <memory>
#include <string>

#include "alarms/alarms.h"
#include "appconfig/ports.h"
#include "base/scheduler.h"
#include "base/task_group.h"
#include "lambda/invoke.h"
#include "lambda/runner/process.h"
#include "net/server.h"
#include "s3/service.h"

namespace tidegate::server {

// AppConfig fetches a configuration from S3, as its owner.
class ConfigFromS3 final : public appconfig::ConfigSource {
 public:
  ConfigFromS3(s3::Service& s3, Executors executors) : s3_(s3), executors_(executors) {}
  Task<appconfig::SourceContent> fetch(Scope scope, std::string location_uri, std::string version,
                                       std::size_t limit) override;

 private:
  s3::Service& s3_;
  Executors executors_;
};

// The function service fetches a package from S3.
class CodeFromS3 final : public lambda::CodeSource {
 public:
  CodeFromS3(s3::Service& s3, Executors executors) : s3_(s3), executors_(executors) {}
  Task<std::string> fetch(Scope scope, std::string bucket, std::string key,
                          std::optional<std::string> version, std::size_t limit) override;

 private:
  s3::Service& s3_;
  Executors executors_;
};

// Records of asynchronous invocations that failed go into a bucket.
class RecordsToS3 final : public lambda::RecordSink {
 public:
  RecordsToS3(s3::Service& s3, blob::Blobs& blobs, Executors executors)
      : s3_(s3), blobs_(blobs), executors_(executors) {}
  Task<Unit> put(Scope scope, std::string bucket, std::string key, std::string record) override;

 private:
  s3::Service& s3_;
  blob::Blobs& blobs_;
  Executors executors_;
};

// AppConfig calls a validator, by the function's policy, within a deadline of real time.
class FunctionsForAppConfig final : public appconfig::FunctionCaller {
 public:
  FunctionsForAppConfig(lambda::Invoker& invoker, Scheduler& real, Random& random,
                        Executors executors)
      : invoker_(invoker), real_(real), random_(random), group_(executors.control) {}
  Task<appconfig::FunctionOutcome> call(Scope scope, std::string function_arn, std::string payload,
                                        std::string source_arn, int deadline_ms,
                                        int depth) override;
  asio::awaitable<void> close() { return group_.close(); }

 private:
  lambda::Invoker& invoker_;
  Scheduler& real_;
  Random& random_;
  TaskGroup group_;  // calls that outlive their deadline
};

// AppConfig's monitors look at the account's alarms.
class AlarmsForAppConfig final : public appconfig::AlarmStates {
 public:
  // `unsure_is_alarm`: INSUFFICIENT_DATA counts as ALARM.
  explicit AlarmsForAppConfig(alarms::Alarms& alarms, bool unsure_is_alarm = false)
      : alarms_(alarms), unsure_is_alarm_(unsure_is_alarm) {}
  // Begins to follow the alarms; before AppConfig starts.
  void start();
  Task<std::optional<appconfig::MonitoredAlarm>> state(Scope scope, std::string arn) override;
  void on_change(std::function<void(std::string)> changed) override {
    changed_ = std::move(changed);
  }

 private:
  alarms::Alarms& alarms_;
  const bool unsure_is_alarm_;
  std::function<void(std::string)> changed_;
};

// S3 asks whether a function would take a bucket's events.
class FunctionsAsDestinations final : public s3::DestinationCheck {
 public:
  explicit FunctionsAsDestinations(lambda::Invoker& invoker) : invoker_(invoker) {}
  Task<std::optional<std::string>> why_not(Scope scope, std::string function_arn,
                                           std::string bucket_arn, std::string account) override;

 private:
  lambda::Invoker& invoker_;
};

// The handler of the queue "s3-events": an object's event becomes an asynchronous invocation, in
// the transaction that ends the event's row.
class EventsToFunctions {
 public:
  EventsToFunctions(lambda::Invoker& invoker, Random& random)
      : invoker_(invoker), random_(random) {}
  Task<events::Outcome> deliver(events::Delivery delivery);

 private:
  lambda::Invoker& invoker_;
  Random& random_;
};

// Sandboxes' sockets are served by the connections' threads.
class NetListeners final : public lambda::Listeners {
 public:
  explicit NetListeners(net::Server& server) : server_(server) {}
  std::unique_ptr<Handle> adopt(int listening_fd, std::string environment_id,
                                std::shared_ptr<http::Handler> handler) override;

 private:
  net::Server& server_;
};

}  // namespace tidegate::server
