#include "server/serve.h"

#include <pthread.h>
#include <signal.h>

#include <cstdio>

#include "base/log.h"
#include "server/node.h"

namespace tidegate::server {
namespace {

log::Level level_of(const std::string& name) {
  if (name == "debug") return log::Level::debug;
  if (name == "warn") return log::Level::warn;
  if (name == "error") return log::Level::error;
  return log::Level::info;
}

// Said beside the level, wherever that is shown: limits that were asked for are there or not.
void tell_cpu_limits(lambda::LauncherHandle& launcher) {
  if (launcher.level == "off") return;
  std::string told = launcher.limits_cpu
                         ? "processor time by MemorySize, 1769 MB for one processor"
                         : "processor time is NOT limited: no control group for it is usable here";
  launcher.reason = launcher.reason.empty() ? told : told + "; " + launcher.reason;
}

lambda::LauncherHandle launcher_for(const Settings& settings) {
  lambda::LauncherHandle none;
  if (settings.functions == "off") {
    none.reason = "--functions off";
    return none;
  }
  const std::string path = find_launcher();
  if (path.empty()) none.reason = "tidegate-launcher is not beside this program";
  if (find_runtimes().empty()) none.reason = "the folder 'runtimes' was not found";
  if (!none.reason.empty()) return none;
  auto launcher = lambda::start_launcher(path);
  if (settings.function_cpu_limits) tell_cpu_limits(launcher);
  return launcher;
}

}  // namespace

int serve(const Settings& settings) {
  log::set_level(level_of(settings.log_level));
  ::signal(SIGPIPE, SIG_IGN);
  // Before any thread: the launcher forks cheaply, and does not inherit a blocked SIGTERM.
  lambda::LauncherHandle launcher = launcher_for(settings);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  Node node(settings, std::move(launcher));
  Status started = node.start();
  if (!started.ok()) {
    std::fprintf(stderr, "tidegate: %s\n", started.error().message.c_str());
    return 1;
  }
  int signal_number = 0;
  while (sigwait(&ends, &signal_number) == 0 && signal_number == SIGUSR1) node.reload_root_key();
  LOG_INFO("stopping: requests in flight may end");
  node.stop();
  LOG_INFO("stopped");
  return 0;
}

}  // namespace tidegate::server
