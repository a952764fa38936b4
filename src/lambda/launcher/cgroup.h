// Control groups of sandboxes: they count and bound what RLIMIT_DATA cannot, memory of all its
// processes together, shared memory and files in /tmp, and they share processors out by sandbox,
// however many processes it has. Both kinds: version 1 (a tree for each controller) and version 2
// (one tree). Blocking, single-threaded. Source: contract on Lambda, section 17.
//
// Where they are made: below the group that this process is in, if that is handed over to it
// (systemd's Delegate=yes); then this process and the server move into a leaf beside them, and back
// at the end. As root elsewhere in version 2: below a group of their own at the top, since systemd
// governs the one that this process is in.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lambda/launcher/cgroup_place.h"

namespace tidegate::lambda::launch {

struct GroupLimits {
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_permille = 0;  // thousandths of one processor; 0 is as much as there is
};

// The group of one sandbox. Removed when dropped; that needs its processes to be gone, else the
// next find() of a later launcher clears it away.
class Group {
 public:
  Group() = default;
  Group(Group&& other) noexcept { *this = std::move(other); }
  Group& operator=(Group&& other) noexcept;
  ~Group();
  bool add(pid_t pid) const;
  std::uint64_t oom_kills() const;
  std::string peak_file() const;  // bytes of memory at most so far, as text; "" without a group

 private:
  friend class Cgroups;
  bool open(const std::string& folder);
  std::string memory_;                // a folder
  std::vector<std::string> folders_;  // all of them; that one only in version 2
  bool v2_ = false;
};

class Cgroups {
 public:
  // True when sandboxes can be given groups; makes and removes one to know. `why` otherwise.
  bool find(std::string& why);
  bool usable() const { return !memory_.empty(); }
  // Whether GroupLimits::cpu_permille is heeded.
  bool limit_cpu() const { return !cpu_.empty(); }
  // False with errno.
  bool make(int slot, const GroupLimits&, Group&) const;
  // All as it was before find(). The groups must be gone.
  void leave();

 private:
  bool find_v1();
  bool find_v2(std::string& why);
  bool use_own(const Place&, std::string& why);
  bool use_top(const Place&, std::string& why);

  std::string memory_, pids_, cpu_;  // where groups are made; the same folder in version 2
  std::string leaf_, own_;           // version 2: where this process moved to, and from
  std::string made_;                 // version 2: a folder of ours that holds the groups
  bool v2_ = false;
};

}  // namespace tidegate::lambda::launch
