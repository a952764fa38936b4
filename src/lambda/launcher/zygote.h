// Zygote: a Python process that has already imported what takes a cold start its time (boto3 and
// its data), and is forked for a sandbox instead of starting an interpreter there. It runs no user
// code, has no secret, no environment, no network, and one thread; what it imports comes from /usr.
// The fork is the sandbox's first process, and forks the runtime whenever one is started.
//
// Started with the first Python sandbox, in the background: that one starts cold. Whatever goes
// wrong with it, sandboxes start cold. Blocking, single-threaded, in the launcher. Source: contract
// on Lambda, section 18.
#pragma once

#include <sys/types.h>

#include "lambda/launcher/channel.h"
#include "lambda/launcher/inside.h"

namespace tidegate::lambda::launch {

// A plain fork into new namespaces; 0 in the child. The parent of the child is the caller, or the
// caller's own parent with CLONE_PARENT in `more`.
pid_t clone_into_namespaces(unsigned long more = 0);

class Zygote {
 public:
  static constexpr pid_t kCold = -1, kLost = -2;
  // A fork for this sandbox, child of this process; kCold where the sandbox has to start cold;
  // kLost when there may be a fork that nobody knows: its channel must be given up. `channel` is
  // the launcher's end of it: what the sandbox is to be goes that way, never through the zygote.
  pid_t fork_for(const Inside&, int channel);
  void noticed_end(pid_t pid);

 private:
  void start(const std::string& runtime_directory);
  bool ready();

  Fd socket_;
  pid_t pid_ = -1;
  int starts_ = 0;
  bool ready_ = false;
};

}  // namespace tidegate::lambda::launch
