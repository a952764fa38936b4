#include "lambda/launcher/cgroup.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "lambda/launcher/inside.h"

namespace tidegate::lambda::launch {
namespace {

constexpr const char* kPrefix = "tidegate-";
constexpr std::uint64_t kCpuPeriodUs = 100'000;
constexpr std::uint64_t kLeastQuotaUs = 1'000;  // the kernel's
// Of the server and its launcher beside a hundred for each sandbox: the machine stays in its hands.
constexpr const char* kServerWeight = "1000";

std::string own_name() {
  return std::string("/") + kPrefix + std::to_string(getpid());
}

// The process that a group is named after, 0 for groups of others.
pid_t owner_of(const char* name) {
  if (std::strncmp(name, kPrefix, std::strlen(kPrefix)) != 0) return 0;
  return std::atoi(name + std::strlen(kPrefix));
}

// Groups of launchers that are no more, here and in what they kept here.
void clear_stale(const std::string& folder) {
  DIR* all = opendir(folder.c_str());
  if (all == nullptr) return;
  while (dirent* one = readdir(all)) {
    pid_t owner = owner_of(one->d_name);
    if (owner <= 0 || ::kill(owner, 0) == 0 || errno != ESRCH) continue;
    const std::string path = folder + "/" + one->d_name;
    if (rmdir(path.c_str()) == 0) continue;
    clear_stale(path);
    rmdir(path.c_str());
  }
  closedir(all);
}

bool make_folder(const std::string& path) {
  rmdir(path.c_str());  // of the slot's last sandbox, whose processes were not yet gone
  return mkdir(path.c_str(), 0755) == 0;
}

std::uint64_t number_after(const std::string& text, const std::string& name) {
  auto place = text.find(name + " ");
  return place == std::string::npos
             ? 0
             : std::strtoull(text.c_str() + place + name.size(), nullptr, 10);
}

bool offers(const std::string& folder, const char* controller) {
  return has_word(read_text(folder + "/cgroup.controllers"), controller);
}

// Hands controllers on to the groups below. The one for processors may be missing.
bool hand_on(const std::string& folder) {
  const std::string control = folder + "/cgroup.subtree_control";
  if (!write_text(control, "+memory +pids")) return false;
  if (offers(folder, "cpu")) write_text(control, "+cpu");
  return true;
}

void move_all(const std::string& from, const std::string& to) {
  for (const std::string& pid : lines_of(from + "/cgroup.procs"))
    write_text(to + "/cgroup.procs", pid);
}

std::uint64_t quota_us(std::uint64_t cpu_permille) {
  return std::max(cpu_permille * kCpuPeriodUs / 1000, kLeastQuotaUs);
}

}  // namespace

Group& Group::operator=(Group&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(folders_, other.folders_);
  std::swap(v2_, other.v2_);
  return *this;
}

Group::~Group() {
  for (const std::string& folder : folders_) rmdir(folder.c_str());
}

bool Group::open(const std::string& folder) {
  if (!make_folder(folder)) return false;
  folders_.push_back(folder);
  return true;
}

bool Group::add(pid_t pid) const {
  for (const std::string& folder : folders_)
    if (!write_text(folder + "/cgroup.procs", std::to_string(pid))) return false;
  return true;
}

std::uint64_t Group::oom_kills() const {
  if (memory_.empty()) return 0;
  return number_after(read_text(memory_ + (v2_ ? "/memory.events" : "/memory.oom_control")),
                      "oom_kill");
}

std::string Group::peak_file() const {
  if (memory_.empty()) return "";
  return memory_ + (v2_ ? "/memory.peak" : "/memory.max_usage_in_bytes");
}

// A group with processes of its own cannot hand controllers on: all of it moves into a leaf.
bool Cgroups::use_own(const Place& place, std::string& why) {
  clear_stale(place.folder);
  const std::string leaf = place.folder + own_name();
  bool good = offers(place.folder, "memory") && offers(place.folder, "pids");
  if (!good) {
    why = "it has no controllers for memory and processes";
  } else if (!make_folder(leaf)) {
    good = false;
    why = std::strerror(errno);
  } else {
    good = false;
    for (int i = 0; i < 3 && !good; ++i) {  // some may just have been started
      move_all(place.folder, leaf);
      good = hand_on(place.folder);
    }
    if (!good) why = std::strerror(errno);
  }
  own_ = place.folder;
  leaf_ = leaf;
  if (!good) {
    why = "control groups below " + place.folder + ": " + why;
    leave();
    return false;
  }
  write_text(leaf + "/cpu.weight", kServerWeight);
  memory_ = place.folder;
  return true;
}

bool Cgroups::use_top(const Place& place, std::string& why) {
  clear_stale(place.top);
  made_ = place.top + own_name();
  if (hand_on(place.top) && make_folder(made_) && hand_on(made_)) {
    memory_ = made_;
    return true;
  }
  why = "control groups below " + place.top + ": " + std::strerror(errno);
  leave();
  return false;
}

bool Cgroups::find_v2(std::string& why) {
  Place place = own_place("");
  if (place.folder.empty() || !offers(place.top, "memory"))
    return why = "no memory controller for control groups is offered here", false;
  // Where a launcher that was killed left its server, which started this one.
  auto name = place.folder.rfind('/');
  if (place.folder != place.top && owner_of(place.folder.c_str() + name + 1) > 0)
    place.folder.erase(name);
  v2_ = true;
  if (delegated(place)) {
    if (!use_own(place, why)) return false;
  } else if (geteuid() == 0 && place.whole) {
    if (!use_top(place, why)) return false;
  } else {
    return why = "the control group " + place.folder +
                 " is not handed over to this process (systemd does so with Delegate=yes)",
           false;
  }
  cpu_ = has_word(read_text(memory_ + "/cgroup.subtree_control"), "cpu") ? memory_ : "";
  return true;
}

bool Cgroups::find_v1() {
  memory_ = own_place("memory").folder;
  pids_ = own_place("pids").folder;
  cpu_ = own_place("cpu").folder;
  for (const std::string& folder : {memory_, pids_, cpu_})
    if (!folder.empty()) clear_stale(folder);
  return !memory_.empty();
}

bool Cgroups::find(std::string& why) {
  if (!find_v1() && !find_v2(why)) return false;
  Group trial;
  if (make(-1, {64u << 20, cpu_.empty() ? 0u : 1000u}, trial)) return true;
  why = "control groups below " + memory_ + ": " + std::strerror(errno);
  trial = Group();
  leave();
  return false;
}

bool Cgroups::make(int slot, const GroupLimits& limits, Group& group) const {
  const std::string name = own_name() + "-" + std::to_string(slot);
  const std::string memory = std::to_string(limits.memory_bytes);
  const std::string count = std::to_string(kMaxProcesses);
  const std::string quota = std::to_string(quota_us(limits.cpu_permille));
  const bool limit_cpu = limits.cpu_permille != 0 && !cpu_.empty();
  group.v2_ = v2_;
  if (!group.open(memory_ + name)) return false;
  group.memory_ = memory_ + name;
  if (v2_) {
    write_text(group.memory_ + "/memory.swap.max", "0");  // not there without swap
    return write_text(group.memory_ + "/memory.max", memory) &&
           write_text(group.memory_ + "/pids.max", count) &&
           (!limit_cpu ||
            write_text(group.memory_ + "/cpu.max", quota + " " + std::to_string(kCpuPeriodUs)));
  }
  if (!write_text(group.memory_ + "/memory.limit_in_bytes", memory)) return false;
  write_text(group.memory_ + "/memory.memsw.limit_in_bytes", memory);  // likewise
  if (!pids_.empty() &&
      (!group.open(pids_ + name) || !write_text(pids_ + name + "/pids.max", count)))
    return false;
  return cpu_.empty() || (group.open(cpu_ + name) &&
                          (!limit_cpu || (write_text(cpu_ + name + "/cpu.cfs_period_us",
                                                     std::to_string(kCpuPeriodUs)) &&
                                          write_text(cpu_ + name + "/cpu.cfs_quota_us", quota))));
}

void Cgroups::leave() {
  if (!leaf_.empty()) {
    const std::string control = own_ + "/cgroup.subtree_control";
    for (const char* controller : {"-cpu", "-memory", "-pids"}) write_text(control, controller);
    move_all(leaf_, own_);
    rmdir(leaf_.c_str());
  }
  if (!made_.empty()) rmdir(made_.c_str());
  for (std::string* folder : {&memory_, &pids_, &cpu_, &leaf_, &own_, &made_}) folder->clear();
}

}  // namespace tidegate::lambda::launch
