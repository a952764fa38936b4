// ProcessRunner: the Runner that runs functions in sandboxes of tidegate-launcher. Keeps idle
// environments (last used first) per function, version and revision; bounds how many live at once;
// ends the one that was idle longest to make room. Control strand only, except where said.
//
// Bounds: RunnerOptions::max_environments live at once; of them `nested_reserve` are kept for calls
// that the server makes while another function waits. Faults: see Runner.
#pragma once

#include <memory>
#include <string>

#include "base/executor.h"
#include "base/random.h"
#include "base/scheduler.h"
#include "http/message.h"
#include "lambda/runner/launcher_client.h"
#include "lambda/runner/runner.h"

namespace tidegate::lambda {

// Serves the two sockets of a sandbox; wiring adapts it to net::Server.
class Listeners {
 public:
  // Dropping it closes the listener and ends its connections; any thread.
  class Handle {
   public:
    virtual ~Handle() = default;
  };
  virtual ~Listeners() = default;
  // Where the handler is called.
  enum class Where { control, connections };
  // The descriptor listens already and is owned by the callee from here on. Requests carry
  // environment_id.
  virtual std::unique_ptr<Handle> adopt(int listening_fd, std::string environment_id,
                                        std::shared_ptr<http::Handler>, Where) = 0;
};

struct RunnerOptions {
  std::string runtimes_directory;  // holds "python" and "nodejs"
  int max_environments = 32;
  int nested_reserve = 4;
  bool limit_cpu = false;  // processor time by MemorySize, where the launcher can
  Duration idle_ttl{7 * 60 * 1000};
  // How long the processes of an environment go on after its event; then they stand still until
  // the next one. Calls in a row do not pay for it.
  Duration freeze_after{50};
  Duration init_limit{10'000};
  // How long a process may take to die before its whole sandbox is ended, and close() may take.
  Duration kill_grace{2'000};
};

struct RunnerParts {
  Executors executors;
  Scheduler& real;
  Random& random;
  Listeners& listeners;
  std::shared_ptr<http::Handler> endpoint;  // AWS_ENDPOINT_URL inside leads to it
  RunnerPorts ports;
};

class ProcessRunner final : public Runner {
 public:
  ProcessRunner(RunnerParts, RunnerOptions, LauncherHandle);
  // For tests: sandboxes of one's own.
  ProcessRunner(RunnerParts, RunnerOptions, std::unique_ptr<Sandboxes>, std::string level,
                std::string reason);
  ~ProcessRunner() override;  // after close()

  Task<InvocationOutcome> invoke(FunctionImage, Invocation) override;
  void retire(const Scope&, const std::string& function_name, const std::string& version,
              const std::string& keep_revision) override;
  std::string level() const override;
  std::string level_reason() const override;
  asio::awaitable<void> close() override;

  struct Counts {
    int live = 0, busy = 0, idle = 0;
  };
  Counts counts() const;

 private:
  class Pool;
  std::shared_ptr<Pool> pool_;
  pid_t launcher_ = -1;
  asio::any_io_executor blocking_;
};

}  // namespace tidegate::lambda
