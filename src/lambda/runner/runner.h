// Runner: where users' code runs. One call is one execution environment working on one event; the
// runner keeps a pool of warm environments per function revision, makes new ones, ends them after a
// timeout or a crash, and never lets one environment work on two events or on two functions.
//
// Called and answered on the control strand. Implementations: ProcessRunner (the sandbox of
// runner/process.h), and FakeRunner for tests of the domain. Durations are real time: the domain's
// clock never shortens a function's deadline.
// Source: contract on Lambda, sections 9 to 14 and 17.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/scope.h"
#include "base/task.h"

namespace tidegate::lambda {

// One frozen state of a function: what an environment is made from. Two images with the same
// `revision` are the same; a new revision never meets an environment of an old one.
struct FunctionImage {
  Scope scope;
  std::string name, version;  // "DeployAppConfig", "$LATEST"
  std::string function_arn;   // unqualified
  std::string revision;       // of code and configuration together
  std::string runtime;        // "python3.11", "provided.al2023"
  std::string handler;
  std::string code_directory;   // unpacked, read-only: becomes /var/task
  std::string layer_directory;  // likewise, all layers over each other: /opt; "" without any
  std::string role_arn;
  std::string log_group;  // "/aws/lambda/DeployAppConfig"
  // "JSON" with the levels of the function's own records and the service's; "" is plain text.
  std::string log_format, log_level, system_log_level;
  std::map<std::string, std::string> variables;
  int timeout_s = 3;
  int memory_mb = 128;
  int ephemeral_mb = 512;
};

struct Invocation {
  std::string request_id;
  std::string invoked_arn;     // with the qualifier the caller used
  std::string payload;         // JSON bytes, passed on untouched
  std::string client_context;  // decoded JSON, "" when none
  int depth = 0;               // function calls this one is nested in; travels in the trace header
  // A call that the server itself makes while another function waits (validators): may use the
  // reserve of environments, so that nested calls cannot starve each other.
  bool nested = false;
  bool wants_tail = false;  // the outcome has a log_tail: it waits until the log is written
};

struct InvocationOutcome {
  std::string payload;     // the function's bytes, or its error document
  bool failed = false;     // X-Amz-Function-Error: Unhandled
  std::string error_type;  // for metrics and logs: "Sandbox.Timedout"
  std::string log_tail;    // if asked for: at most the last 4096 bytes of its log, with REPORT
  bool cold = false;
  double duration_ms = 0;
  std::string executed_version;  // set by Invoker
};

// Access keys of one environment; made when it starts, taken back when it ends.
struct EnvironmentCredentials {
  std::string access_key_id, secret_access_key, session_token;
};

// What a runner needs from outside.
struct RunnerPorts {
  std::function<EnvironmentCredentials(const FunctionImage&, const std::string& environment_id)>
      mint;
  std::function<void(const std::string& access_key_id)> revoke;
  // Every line a function prints and every START/END/REPORT line, newline included; a carriage
  // return is a break inside a record. An environment has one stream of its own.
  std::function<void(const FunctionImage&, const std::string& stream, std::string_view lines)> log;
  std::function<void(int busy, int idle)> counted;  // environments, whenever that changes
  std::function<void()> lost;                       // no sandbox can be made any more
};

class Runner {
 public:
  virtual ~Runner() = default;
  // A failing function is an outcome, not an error. Faults: sandbox_unavailable (this machine
  // cannot isolate, or an environment could not be made; the text says why), throttled (every
  // environment is busy), cancelled (closing), invalid_argument (unknown runtime).
  virtual Task<InvocationOutcome> invoke(FunctionImage, Invocation) = 0;
  // Ends the idle environments of that version ("" means all) of the function but those of
  // `keep_revision` ("" keeps none); busy ones end after their event.
  virtual void retire(const Scope&, const std::string& function_name, const std::string& version,
                      const std::string& keep_revision) = 0;
  // "full", "nocgroup", "basic" or "off", and why it is not higher.
  virtual std::string level() const = 0;
  virtual std::string level_reason() const = 0;
  // Ends every environment and waits for it.
  virtual asio::awaitable<void> close() = 0;
};

}  // namespace tidegate::lambda
