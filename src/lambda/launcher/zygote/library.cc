// The part of the zygote that is not Python: waits for orders of the launcher, clones itself into a
// sandbox for each, and comes back to Python only in the runtime of such a sandbox. Loaded by
// runtimes/python/zygote.py with ctypes.PyDLL, so it holds the interpreter's lock all the time.
#include <dlfcn.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lambda/launcher/filter.h"
#include "lambda/launcher/inside.h"
#include "lambda/launcher/zygote.h"

using namespace tidegate::lambda::launch;

namespace {

Spec spec;  // of the sandbox that this process became

void after_fork_in_python() {
  auto repair = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "PyOS_AfterFork_Child"));
  if (repair == nullptr) _exit(126);
  repair();
}

}  // namespace

// Returns when this process is a runtime: 0. Ends with the launcher.
extern "C" int tidegate_zygote_serve() {
  std::string error;
  const auto counted = build_filter(true, error), uncounted = build_filter(false, error);
  if (!error.empty() || !send_message(kSocketFd, "r")) _exit(1);
  std::string bytes;
  std::vector<Fd> fds;
  while (receive_message(kSocketFd, bytes, fds, 1)) {
    if (fds.size() != 2) _exit(1);
    pid_t pid = clone_into_namespaces(CLONE_PARENT);
    if (pid == 0) {
      // Only here: what this process read of one sandbox's secrets, the next one would inherit.
      std::vector<Fd> none;
      if (!receive_message(fds[0].get(), bytes, none, kMaxMessage)) _exit(1);
      auto order = decode(bytes);
      if (!order) _exit(1);
      spec = std::move(order->spec);
      const bool counts = (order->number & 2) != 0;
      enter_inside({spec, counts ? counted : uncounted, fds[0].release(), fds[1].release(),
                    (order->number & 1) != 0, counts, true});
      after_fork_in_python();
      return 0;
    }
    if (!send_message(kSocketFd, std::string(reinterpret_cast<char*>(&pid), sizeof pid))) _exit(1);
  }
  _exit(0);
}

// The environment and the command of the sandbox, one after the other; nullptr behind the last.
extern "C" const char* tidegate_zygote_variable(unsigned i) {
  return i < spec.env.size() ? spec.env[i].c_str() : nullptr;
}
extern "C" const char* tidegate_zygote_argument(unsigned i) {
  return i < spec.argv.size() ? spec.argv[i].c_str() : nullptr;
}
