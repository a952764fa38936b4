// Adapters: where the services meet. Each one gives a service what its port asks for, out of
// another service; none of them decides anything. On the control strand.
#pragma once

#include <memory>
#include <string>

#include "alarms/alarms.h"
#include "api/authorize.h"
#include "api/witness.h"
#include "appconfig/ports.h"
#include "base/scheduler.h"
#include "base/task_group.h"
#include "identity/credentials.h"
#include "lambda/invoke.h"
#include "lambda/runner/process.h"
#include "net/server.h"
#include "s3/service.h"
#include "webhook/webhooks.h"

namespace tidegate::server {

// IAM's access keys become known to the authenticator.
class KeysForCredentials final : public iam::KeyRing {
 public:
  explicit KeysForCredentials(identity::Credentials& credentials) : credentials_(credentials) {}
  void add(const std::string& account, const iam::UserRecord& user, const std::string& key_id,
           const std::string& secret) override {
    credentials_.add_user_key({key_id, secret, ""}, account,
                              iam::arn_of(account, "user", user.path, user.name), user.id);
  }
  void remove(const std::string& key_id) override { credentials_.revoke(key_id); }

 private:
  identity::Credentials& credentials_;
};

// The audit trail's recorder, and the note of when a user's key was used last.
class WitnessOfCalls final : public api::Witness {
 public:
  WitnessOfCalls(api::Witness& recorder, iam::Directory& directory, s3::Buckets& buckets,
                 const Clock& real)
      : recorder_(recorder), directory_(directory), buckets_(buckets), real_(real) {}
  Task<Unit> before(wire::Service service, wire::Context& c, api::Named named) override {
    return recorder_.before(service, c, std::move(named));
  }
  Task<Unit> after(wire::Service, const wire::Context&, api::Outcome) override;

 private:
  api::Witness& recorder_;
  iam::Directory& directory_;
  s3::Buckets& buckets_;
  const Clock& real_;
};

// AppConfig fetches a configuration from S3, as far as the profile's retrieval role may.
class ConfigFromS3 final : public appconfig::ConfigSource {
 public:
  ConfigFromS3(s3::Service& s3, Executors executors, api::Authorizer& authorizer)
      : s3_(s3), executors_(executors), authorizer_(authorizer) {}
  Task<appconfig::SourceContent> fetch(Scope scope, std::string role_arn, std::string location_uri,
                                       std::string version, std::size_t limit) override;

 private:
  Task<Unit> check_role(Scope scope, std::string role_arn, std::string object_arn,
                        std::string version);

  s3::Service& s3_;
  Executors executors_;
  api::Authorizer& authorizer_;
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
  RecordsToS3(s3::Service& s3, blob::Blobs& blobs, api::Authorizer& authorizer, Executors executors)
      : s3_(s3), blobs_(blobs), authorizer_(authorizer), executors_(executors) {}
  Task<Unit> admit(Scope scope, std::string role_arn, std::string session_name, std::string action,
                   std::string resource) override;
  Task<Unit> put(Scope scope, std::string bucket, std::string key, std::string record) override;

 private:
  s3::Service& s3_;
  blob::Blobs& blobs_;
  api::Authorizer& authorizer_;
  Executors executors_;
};

// AppConfig calls validators and the actions of extensions, by the function's policy or as a role,
// within a deadline of real time.
class FunctionsForAppConfig final : public appconfig::FunctionCaller {
 public:
  FunctionsForAppConfig(lambda::Invoker& invoker, api::Authorizer& authorizer, Scheduler& real,
                        Random& random, Executors executors)
      : invoker_(invoker),
        authorizer_(authorizer),
        real_(real),
        random_(random),
        group_(executors.control) {}
  Task<appconfig::FunctionOutcome> call(Scope scope, appconfig::FunctionCall call) override;
  Task<Unit> call_later(store::Txn& txn, Scope scope, appconfig::FunctionCall call) override;
  asio::awaitable<void> close() { return group_.close(); }

 private:
  // The function that may be called, and the request for it.
  struct Admitted {
    Scope scope;
    lambda::InvokeRequest request;
  };
  Task<Admitted> admit(Scope scope, appconfig::FunctionCall call);

  lambda::Invoker& invoker_;
  api::Authorizer& authorizer_;
  Scheduler& real_;
  Random& random_;
  TaskGroup group_;  // calls that outlive their deadline
};

// Extensions act by webhooks that the settings declare.
class WebhooksForAppConfig final : public appconfig::WebhookCaller {
 public:
  explicit WebhooksForAppConfig(webhook::Webhooks& webhooks) : webhooks_(webhooks) {}
  std::optional<std::string> why_not(const std::string& url) override;
  Task<std::string> post(appconfig::WebhookCall call) override;

 private:
  webhook::Webhooks& webhooks_;
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

// The Runtime API is served where its calls are decided, the endpoint by connections' threads.
class NetListeners final : public lambda::Listeners {
 public:
  NetListeners(net::Server& server, net::Loops& loops) : server_(server), loops_(loops) {}
  std::unique_ptr<Handle> adopt(int listening_fd, std::string environment_id,
                                std::shared_ptr<http::Handler> handler, Where) override;

 private:
  net::Server& server_;
  net::Loops& loops_;
};

}  // namespace tidegate::server
