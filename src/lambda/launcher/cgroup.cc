#include "lambda/launcher/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "lambda/launcher/channel.h"
#include "lambda/launcher/inside.h"

namespace tidegate::lambda::launch {
namespace {

constexpr const char* kPrefix = "tidegate-";

bool put(const std::string& path, const std::string& text) {
  Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), text.data(), text.size()) == ssize_t(text.size());
}

std::string get(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool has_word(const std::string& list, const std::string& word, char separator) {
  std::stringstream words(list);
  for (std::string one; std::getline(words, one, separator);)
    if (one.substr(0, one.find_last_not_of('\n') + 1) == word) return true;
  return false;
}

// The path of this process in the tree of `controller` ("" for version 2).
bool own_path(const std::string& controller, std::string& path) {
  std::ifstream lines("/proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {
    auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string names = line.substr(first + 1, second - first - 1);
    path = line.substr(second + 1);
    if (controller.empty() ? names.empty() : has_word(names, controller, ',')) return true;
  }
  return false;
}

// Where that tree is mounted, and which part of it.
bool mount_of(const std::string& controller, std::string& point, std::string& root) {
  std::ifstream lines("/proc/self/mountinfo");
  for (std::string line; std::getline(lines, line);) {
    auto dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::string id, parent, device, type, source, options;
    std::stringstream(line) >> id >> parent >> device >> root >> point;
    std::stringstream(line.substr(dash + 3)) >> type >> source >> options;
    if (controller.empty() ? type == "cgroup2"
                           : type == "cgroup" && has_word(options, controller, ','))
      return true;
  }
  return false;
}

// The folder of this process's own group, "" without one.
std::string own_folder(const std::string& controller) {
  std::string path, point, root;
  if (!own_path(controller, path) || !mount_of(controller, point, root)) return "";
  if (root != "/" && path.rfind(root, 0) == 0) path.erase(0, root.size());
  return path == "/" ? point : point + path;
}

// Groups of launchers that are no more.
void clear_stale(const std::string& folder) {
  DIR* all = opendir(folder.c_str());
  if (all == nullptr) return;
  while (dirent* one = readdir(all)) {
    if (std::strncmp(one->d_name, kPrefix, std::strlen(kPrefix)) != 0) continue;
    pid_t owner = std::atoi(one->d_name + std::strlen(kPrefix));
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH)
      rmdir((folder + "/" + one->d_name).c_str());
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

}  // namespace

Group& Group::operator=(Group&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(pids_, other.pids_);
  std::swap(v2_, other.v2_);
  return *this;
}

Group::~Group() {
  for (const std::string& folder : {memory_, pids_})
    if (!folder.empty()) rmdir(folder.c_str());
}

bool Group::add(pid_t pid) const {
  for (const std::string& folder : {memory_, pids_})
    if (!folder.empty() && !put(folder + "/cgroup.procs", std::to_string(pid))) return false;
  return true;
}

std::uint64_t Group::oom_kills() const {
  if (memory_.empty()) return 0;
  return number_after(get(memory_ + (v2_ ? "/memory.events" : "/memory.oom_control")), "oom_kill");
}

std::string Group::peak_file() const {
  if (memory_.empty()) return "";
  return memory_ + (v2_ ? "/memory.peak" : "/memory.max_usage_in_bytes");
}

bool Cgroups::find_v2(std::string& why) {
  std::string folder = own_folder("");
  std::string offered = folder.empty() ? "" : get(folder + "/cgroup.controllers");
  if (!has_word(offered, "memory", ' ') || !has_word(offered, "pids", ' '))
    return why = "no memory controller for control groups is offered here", false;
  const std::string control = folder + "/cgroup.subtree_control";
  if (!put(control, "+memory +pids")) {
    // A group with processes of its own cannot hand controllers on: ours move into a leaf.
    const std::string leaf = folder + "/" + kPrefix + std::to_string(getpid());
    if (errno != EBUSY || !make_folder(leaf) ||
        !put(leaf + "/cgroup.procs", std::to_string(getppid())) ||
        !put(leaf + "/cgroup.procs", std::to_string(getpid())) || !put(control, "+memory +pids"))
      return why = "control groups below " + folder + ": " + std::strerror(errno), false;
  }
  memory_ = folder;
  v2_ = true;
  return true;
}

bool Cgroups::find(std::string& why) {
  std::string memory = own_folder("memory");
  if (memory.empty()) {
    if (!find_v2(why)) return false;
  } else {
    memory_ = memory;
    pids_ = own_folder("pids");
  }
  for (const std::string& folder : {memory_, pids_})
    if (!folder.empty()) clear_stale(folder);
  Group trial;
  if (make(-1, 64u << 20, trial)) return true;
  why = "control groups below " + memory_ + ": " + std::strerror(errno);
  memory_.clear();
  return false;
}

bool Cgroups::make(int slot, std::uint64_t memory_bytes, Group& group) const {
  const std::string name =
      std::string("/") + kPrefix + std::to_string(getpid()) + "-" + std::to_string(slot);
  const std::string limit = std::to_string(memory_bytes), count = std::to_string(kMaxProcesses);
  group.v2_ = v2_;
  if (!make_folder(memory_ + name)) return false;
  group.memory_ = memory_ + name;
  if (v2_) {
    put(group.memory_ + "/memory.swap.max", "0");  // not there without swap
    return put(group.memory_ + "/memory.max", limit) && put(group.memory_ + "/pids.max", count);
  }
  if (!put(group.memory_ + "/memory.limit_in_bytes", limit)) return false;
  put(group.memory_ + "/memory.memsw.limit_in_bytes", limit);  // likewise
  if (pids_.empty()) return true;
  if (!make_folder(pids_ + name)) return false;
  group.pids_ = pids_ + name;
  return put(group.pids_ + "/pids.max", count);
}

}  // namespace tidegate::lambda::launch
