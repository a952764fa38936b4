#include "lambda/launcher/cgroup_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "lambda/launcher/channel.h"

namespace tidegate::lambda::launch {
namespace {

// The path of this process in the tree of `controller`.
bool own_path(const std::string& controller, std::string& path) {
  for (const std::string& line : lines_of("/proc/self/cgroup")) {
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
  for (const std::string& line : lines_of("/proc/self/mountinfo")) {
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

bool exists(const std::string& path) {
  struct stat there {};
  return stat(path.c_str(), &there) == 0;
}

}  // namespace

bool write_text(const std::string& path, const std::string& text) {
  Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), text.data(), text.size()) == ssize_t(text.size());
}

std::string read_text(const std::string& path) {
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

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

Place own_place(const std::string& controller) {
  Place place;
  std::string path, root;
  if (!own_path(controller, path) || !mount_of(controller, place.top, root)) return Place();
  if (root != "/" && path.rfind(root, 0) == 0) path.erase(0, root.size());
  place.folder = path.empty() || path == "/" ? place.top : place.top + path;
  place.whole = !exists(place.top + "/cgroup.events");  // which every group has but the first
  return place;
}

bool delegated(const Place& place) {
  for (const char* name : {"user.delegate", "trusted.delegate"}) {
    char value = 0;
    if (getxattr(place.folder.c_str(), name, &value, 1) == 1) return value == '1';
  }
  if (place.folder == place.top) return !place.whole;
  struct stat owner {};
  return geteuid() != 0 && stat(place.folder.c_str(), &owner) == 0 && owner.st_uid == geteuid();
}

}  // namespace tidegate::lambda::launch
