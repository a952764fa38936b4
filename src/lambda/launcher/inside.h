// The inside of a sandbox, from the clone on: builds the view of files and the network, gives up
// every privilege, then is the sandbox's first process. Runs in the child, and does not return
// there.
//
// As first process it starts the runtime, reaps, tells how the runtime ended, starts it anew or
// ends all processes when told, and goes away (with everything) when its channel closes.
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "lambda/launcher/protocol.h"

namespace tidegate::lambda::launch {

// The only user and group that exist inside.
inline constexpr uid_t kInsideUid = 993;
inline constexpr gid_t kInsideGid = 990;
// Processes and threads of one sandbox.
inline constexpr unsigned kMaxProcesses = 256;
// RLIMIT_CORE, from the launcher on. A limit of 0 keeps files away, but not the program that a
// host's core_pattern may name, which would run outside of every limit; of 1 keeps both away (see
// core(5); the filter pins it).
inline constexpr unsigned kNoCore = 1;

// Datagrams between the launcher and the first process. `start`, `stop`, `freeze` and `thaw` go in;
// `ready` (with two listeners), `failed` (errno in status, step in text) and `exited` come out.
struct Note {
  enum class Kind : std::uint32_t { go, ready, failed, start, stop, freeze, thaw, exited };
  Kind kind = Kind::go;
  std::uint32_t generation = 0;
  std::int32_t status = 0;
  std::int32_t exec_error = 0;  // exited: the errno with which the program could not be executed
  char text[64] = {};
};

struct Inside {
  const Spec& spec;
  const std::vector<sock_filter>& filter;
  int channel = -1;  // to the launcher
  int log = -1;      // write end of the pipe
  bool may_set_groups = false;
  bool counted = false;  // a control group counts shared memory
  // The runtime is this very program, forked: run_inside() returns in it instead of executing argv.
  bool resume = false;
};

// What the clone of a launcher or a zygote does first: the channel and the log on fixed numbers,
// every other descriptor closed. A copy of another sandbox's channel would keep that sandbox from
// noticing our end.
void enter_inside(Inside);

}  // namespace tidegate::lambda::launch
