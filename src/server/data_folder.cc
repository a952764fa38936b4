#include "server/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/log.h"

namespace tidegate::server {
namespace {

namespace fs = std::filesystem;

std::string name_of(uid_t uid) {
  const passwd* known = ::getpwuid(uid);
  return known ? known->pw_name : fmt::format("uid {}", uid);
}

// "Permission denied" alone sends people looking: whose is it, and who asks?
std::string whose(const std::string& data, int error) {
  struct stat is {};
  if (error != EACCES || ::stat(data.c_str(), &is) != 0) return "";
  return fmt::format(" (it belongs to {}, this is {})", name_of(is.st_uid), name_of(::geteuid()));
}

// A home folder given by mistake is neither filled nor closed to others. What volumes and version
// control put into a new folder does not count.
bool is_ours_or_empty(const std::string& data) {
  std::error_code error;
  if (holds_a_server(data) || fs::exists(data + "/lock", error)) return true;
  for (const fs::directory_entry& entry : fs::directory_iterator(data, error)) {
    const std::string name = entry.path().filename();
    if (name != "lost+found" && name[0] != '.') return false;
  }
  return true;
}

}  // namespace

bool holds_a_server(const std::string& data) {
  std::error_code error;
  return fs::exists(data + "/tidegate.db", error);
}

Status take_folder(const std::string& data) {
  std::error_code error;
  fs::create_directories(data, error);
  if (error)
    return Error{Fault::unavailable,
                 fmt::format("--data: cannot make {}: {}", data, error.message())};
  if (!is_ours_or_empty(data))
    return Error{Fault::invalid_request,
                 fmt::format("--data: {} holds other files; name a folder of its own", data)};
  fs::permissions(data, fs::perms::owner_all, error);
  struct stat is {};
  if (::geteuid() == 0 && ::stat(data.c_str(), &is) == 0 && is.st_uid != 0)
    LOG_WARN("{} belongs to {}, and this is root: what is made now {} cannot change", data,
             name_of(is.st_uid), name_of(is.st_uid));
  return lock_folder(data);
}

Status lock_folder(const std::string& data) {
  const std::string path = data + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    const int error = errno;
    return Error{Fault::unavailable, fmt::format("--data: cannot write to {}: {}{}", data,
                                                 std::strerror(error), whose(data, error))};
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return Error{Fault::conflict, fmt::format("--data: another server is using {} (process {})",
                                              data, read_lock(data).pid)};
  }
  write_lock(data, "");  // and not what a server before said of itself
  return done;           // held until the process ends
}

LockHolder read_lock(const std::string& data) {
  LockHolder out;
  std::ifstream file(data + "/lock");
  file >> out.pid >> out.root_key_id;
  return out;
}

void write_lock(const std::string& data, const std::string& root_key_id) {
  std::ofstream(data + "/lock") << ::getpid() << "\n" << root_key_id << "\n";
}

}  // namespace tidegate::server
