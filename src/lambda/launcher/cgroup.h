// Control groups of sandboxes, below the group that this process itself is in: they count and bound
// what RLIMIT_DATA cannot, memory of all processes together, shared memory and files in /tmp. Both
// kinds: version 1 (a tree for each controller) and version 2 (one tree). Blocking,
// single-threaded. Source: contract on Lambda, section 17.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace tidegate::lambda::launch {

// The group of one sandbox. Removed when dropped; that needs its processes to be gone, else the
// next find_cgroups() of a later launcher clears it away.
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
  std::string memory_, pids_;  // folders; the same one in version 2
  bool v2_ = false;
};

class Cgroups {
 public:
  // True when sandboxes can be given groups; makes and removes one to know. `why` otherwise.
  bool find(std::string& why);
  bool usable() const { return !memory_.empty(); }
  // False with errno.
  bool make(int slot, std::uint64_t memory_bytes, Group&) const;

 private:
  bool find_v2(std::string& why);

  std::string memory_, pids_;  // where groups are made
  bool v2_ = false;
};

}  // namespace tidegate::lambda::launch
