// Environment: one sandbox, the process in it, and at most one event. A state machine driven by
// what the sandbox tells (started, exited, ended), what the process says over the Runtime API, and
// timers. Control strand only; nothing here blocks longer than a read of /proc.
//
//   making -> starting -> ready <-> running        (a process that answers)
//   running | starting -> stopping -> stopped      (timeout), running | ready -> stopped (it
//   exited) stopped -> starting                            (next event: the process anew, /tmp
//   stays) anything -> dead                               (killed, failed to start, init failed)
//
// assign() is legal in making (once), ready and stopped, while no event is in work. Its callback is
// called exactly once, never from inside assign().
// Source: contract on Lambda, sections 10 and 11.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/one_shot.h"
#include "http/message.h"
#include "lambda/runner/launch_plan.h"
#include "lambda/runner/outcome_text.h"
#include "lambda/runner/platform_log.h"
#include "lambda/runner/process.h"

namespace tidegate::lambda {

class Environment final : public std::enable_shared_from_this<Environment> {
 public:
  using Outcome = Result<InvocationOutcome>;
  struct Shared {  // outlives every environment
    RunnerParts& parts;
    const RunnerOptions& options;
    Sandboxes& sandboxes;
  };

  // `key` numbers it towards the launcher; the environment id that tokens and listeners carry is
  // random.
  Environment(Shared, std::uint64_t key, FunctionImage);
  ~Environment();
  // Mints credentials and asks for the sandbox. Fault::invalid_argument as launch_spec().
  Status begin();
  void assign(Invocation, std::function<void(Outcome)> done);
  // Ends everything at once; an event in work answers `why`.
  void kill(Error why);

  std::uint64_t key() const { return key_; }
  const std::string& id() const { return id_; }
  const FunctionImage& image() const { return image_; }
  bool busy() const { return job_ != nullptr; }
  bool dead() const { return phase_ == Phase::dead; }
  // Between two events, when its process asks for the next: nothing in it runs until then. False
  // when there is something left to do.
  bool freeze();

  // From the sandbox.
  void on_started(Sandboxes::Started);
  void on_failed(std::string why);
  void on_exited(const Sandboxes::Exit&);
  void on_ended(bool out_of_memory);

  // From the process, over the Runtime API.
  std::shared_ptr<OneShot<http::Response>> next();
  http::Response respond(const std::string& request_id, std::string payload);
  http::Response refuse_large(const std::string& request_id);
  http::Response refuse_mode(const std::string& request_id);
  http::Response report_error(const std::string& request_id, std::string payload,
                              const std::string& type);
  http::Response report_init_error(std::string payload, const std::string& type);
  // Writes what the log still lacks of the event that was answered last.
  void settle();

 private:
  enum class Phase { making, starting, ready, running, stopping, stopped, dead };
  struct Job {
    Invocation invocation;
    std::function<void(Outcome)> done;
    std::optional<Instant> deadline;  // set when the event's own time began
    Scheduler::TimerId deadline_timer = 0;
    std::uint64_t delivered_up_us = 0;
    bool cold = false, announced = false;  // announced: the START line was written
    std::uint64_t init_us = 0;
    std::string trace;
  };
  struct Verdict {  // how an event ended
    std::string payload, error_type, status;
    bool failed = false;
  };

  void begin_init();
  void init_timed_out();
  void start_deadline();
  void deadline_passed();
  void deliver();
  http::Response event_response() const;
  http::Response conclude(const std::string& request_id, const char* what, Verdict);
  http::Response wrong_state(const char* wanted) const;
  void fail_init(Verdict);
  void finish(Verdict);
  InvocationOutcome end_event(Verdict);
  void answer(Outcome);
  void announce();
  Verdict platform_verdict(const char* type, const std::string& message);
  Verdict timeout_verdict();
  Verdict exit_verdict(const Sandboxes::Exit&);
  void wake_waiter();
  void bury();
  void watch_log();
  void say(const std::string& lines);
  void init_ended(const char* status, const std::string& error_type);
  void take_lines(std::string_view lines);
  void keep_lines(std::string_view lines);
  void drain_log();
  bool read_log(int pieces);
  std::uint64_t used_mb();
  void cancel(Scheduler::TimerId&);

  Shared shared_;
  std::uint64_t key_;
  std::string id_;
  FunctionImage image_;
  const PlatformLog platform_log_{image_};
  std::string log_stream_;
  EnvironmentCredentials credentials_;
  std::string program_;  // what the sandbox executes, as seen inside
  Phase phase_ = Phase::making;
  std::uint32_t generation_ = 1;
  std::shared_ptr<Job> job_;
  std::string last_request_id_;   // of the event that was answered last
  std::optional<Report> report_;  // of that event, not in the log yet

  std::shared_ptr<OneShot<http::Response>> waiter_;  // a GET next that waits for an event
  bool frozen_ = false;
  std::uint64_t init_began_us_ = 0;
  Scheduler::TimerId init_timer_ = 0, kill_timer_ = 0;
  std::unique_ptr<Listeners::Handle> runtime_api_, endpoint_;

  pid_t init_pid_ = -1, runtime_pid_ = -1;
  launch::Fd peak_;  // of memory used, as text; empty without a control group
  std::optional<asio::posix::stream_descriptor> log_;
  LineCutter cutter_;
  LogTail tail_;
};

}  // namespace tidegate::lambda
