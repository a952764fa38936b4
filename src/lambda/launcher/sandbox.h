// One sandbox as the launcher sees it: cloning it, and the two ends that lead to it. The process
// that calls is single-threaded; a start takes about two milliseconds and blocks.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

#include "lambda/launcher/cgroup.h"
#include "lambda/launcher/channel.h"
#include "lambda/launcher/inside.h"
#include "lambda/launcher/zygote.h"

namespace tidegate::lambda::launch {

// What is known once about this machine and this process.
struct Host {
  std::vector<sock_filter> filter;
  uid_t first_uid = 0;  // as root: sandbox in slot n is host uid first_uid + n
  bool root = false;
  Cgroups cgroups;
  std::string no_cgroups;  // why there are none
};
// first_uid lies far from people's and inside what this user namespace maps.
Host look_at_host(std::string& error);

struct Sandbox {
  std::uint64_t id = 0;
  pid_t init = -1;
  int slot = 0;
  Fd channel;
  Group group;
  std::uint64_t oom_kills = 0;  // as far as they were told
};

struct Made {
  Fd runtime_api, endpoint, log;
};

// Clones, waits until the inside is ready and starts the runtime (generation 1). On failure nothing
// is left behind and `error` says which step failed.
bool make_sandbox(const Host&, Zygote&, const Spec&, Sandbox&, Made&, std::string& error);

}  // namespace tidegate::lambda::launch
