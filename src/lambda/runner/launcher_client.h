// The server's end of the launcher: starting it, and Sandboxes over its socket.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/executor.h"
#include "lambda/runner/sandboxes.h"

namespace tidegate::lambda {

// A launcher that has said hello. Move-only; dropping it ends the launcher and every sandbox.
struct LauncherHandle {
  launch::Fd socket;
  pid_t pid = -1;
  std::string level = "off";  // "full", "nocgroup", "basic" or "off"
  std::string reason;         // why it is not higher
  bool limits_cpu = false;    // Spec::cpu_permille is heeded
};

// Starts the program and waits for its probe of this machine (some milliseconds). Call it before
// the process has threads. A launcher that cannot be started is level "off" with the reason.
LauncherHandle start_launcher(const std::string& path);

class LauncherClient final : public Sandboxes {
 public:
  LauncherClient(asio::any_io_executor control, launch::Fd socket);
  ~LauncherClient() override;
  void observe(Observer*) override;
  void start(std::uint64_t id, launch::Spec) override;
  void restart(std::uint64_t id, std::uint32_t generation) override;
  void stop(std::uint64_t id) override;
  void kill(std::uint64_t id) override;
  void freeze(std::uint64_t id) override;
  void thaw(std::uint64_t id) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tidegate::lambda
