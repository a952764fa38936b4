#include "lambda/launcher/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "lambda/launcher/filter.h"

namespace tidegate::lambda::launch {
namespace {

constexpr unsigned long kPreferredFirstUid = 1'900'000'000;
constexpr unsigned long kUidRange = 4096;
constexpr int kReadyMs = 10'000;
constexpr const char* kOomScore = "900";

std::string because(const std::string& step, int error) {
  return step + ": " + std::strerror(error);
}

// What keeps most machines from it, in words for whoever runs the server.
std::string no_namespaces(int error) {
  std::string text = because("this machine gives no user namespaces", error);
  if (error == EPERM)
    text +=
        "; for ordinary users sysctl kernel.unprivileged_userns_clone=1 allows them, "
        "in a container its security profile; in a chroot nothing does";
  if (error == ENOSPC) text += "; sysctl user.max_user_namespaces says how many there may be";
  return text;
}

bool write_proc(pid_t pid, const char* name, const std::string& text) {
  std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), text.data(), text.size()) == ssize_t(text.size());
}

std::string map_line(unsigned long inside, unsigned long outside) {
  return std::to_string(inside) + " " + std::to_string(outside) + " 1\n";
}

bool write_maps(const Host& host, pid_t pid, int slot) {
  unsigned long uid = host.root ? host.first_uid + unsigned(slot) : geteuid();
  unsigned long gid = host.root ? host.first_uid + unsigned(slot) : getegid();
  if (!host.root && !write_proc(pid, "setgroups", "deny")) return false;
  return write_proc(pid, "uid_map", map_line(kInsideUid, uid)) &&
         write_proc(pid, "gid_map", map_line(kInsideGid, gid));
}

bool wait_ready(Sandbox& sandbox, Made& made, std::string& error) {
  pollfd wait{sandbox.channel.get(), POLLIN, 0};
  std::string bytes;
  std::vector<Fd> fds;
  Note note;
  if (poll(&wait, 1, kReadyMs) <= 0 ||
      !receive_message(sandbox.channel.get(), bytes, fds, sizeof note) ||
      bytes.size() != sizeof note)
    return error = "the sandbox ended while it was built", false;
  std::memcpy(static_cast<void*>(&note), bytes.data(), sizeof note);
  note.text[sizeof note.text - 1] = 0;
  if (note.kind != Note::Kind::ready || fds.size() != 2)
    return error = because(note.text, note.status), false;
  made.runtime_api = std::move(fds[0]);
  made.endpoint = std::move(fds[1]);
  return true;
}

bool send_note(const Sandbox& sandbox, Note::Kind kind, std::uint32_t generation) {
  Note note;
  note.kind = kind;
  note.generation = generation;
  return send_message(sandbox.channel.get(),
                      std::string(reinterpret_cast<const char*>(&note), sizeof note));
}

// Whatever is in /tmp counts as memory of the group.
GroupLimits limits_of(const Spec& spec) {
  return {spec.memory_bytes + spec.tmp_bytes, spec.cpu_permille};
}

std::optional<std::string> resolved(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  if (real == nullptr) return std::nullopt;
  std::string text(real);
  std::free(real);
  return text;
}

}  // namespace

Host look_at_host(std::string& error) {
  Host host;
  host.root = geteuid() == 0;
  host.cgroups.find(host.no_cgroups);
  host.filter = build_filter(host.cgroups.usable(), error);
  unsigned long inside = 0, outside = 0, count = 0, best = 0;
  FILE* map = fopen("/proc/self/uid_map", "re");
  while (map != nullptr && fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3) {
    unsigned long end = inside + count;
    if (inside <= kPreferredFirstUid && end >= kPreferredFirstUid + kUidRange) {
      best = kPreferredFirstUid;
      break;
    }
    if (count > kUidRange) best = std::max(best, end - kUidRange - 1);
  }
  if (map != nullptr) fclose(map);
  host.first_uid = uid_t(best);
  if (host.root && best == 0 && error.empty()) error = "too few user ids in this user namespace";
  return host;
}

bool make_sandbox(const Host& host, Zygote& zygote, const Spec& given, Sandbox& sandbox, Made& made,
                  std::string& error) {
  Spec spec = given;
  for (auto* path : {&spec.code_directory, &spec.runtime_directory, &spec.layer_directory}) {
    if (path->empty()) continue;
    auto real = resolved(*path);
    if (!real) return error = because(*path, errno), false;
    *path = *real;
  }
  if (spec.argv.empty()) return error = "nothing to run", false;
  int pair[2], pipe[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return error = because("socketpair", errno), false;
  Fd mine(pair[0]), theirs(pair[1]);
  if (pipe2(pipe, O_CLOEXEC) != 0) return error = because("pipe", errno), false;
  made.log.reset(pipe[0]);
  Fd log(pipe[1]);
  if (host.root) {  // so that the function can open /dev/stdout
    uid_t uid = host.first_uid + unsigned(sandbox.slot);
    if (fchown(log.get(), uid, uid) != 0) return error = because("fchown", errno), false;
  }
  Inside inside{spec, host.filter, theirs.get(), log.get(), host.root, host.cgroups.usable()};
  // A copy of what has started already, where it fits.
  pid_t pid = zygote.fork_for(inside, mine.get());
  if (pid == Zygote::kLost) return make_sandbox(host, zygote, given, sandbox, made, error);  // cold
  if (pid == Zygote::kCold) pid = clone_into_namespaces();
  if (pid == 0) enter_inside(inside);
  if (pid < 0) return error = no_namespaces(errno), false;
  theirs.reset();
  log.reset();
  sandbox.init = pid;
  sandbox.channel = std::move(mine);
  // When the machine runs out of memory, functions end before anything else. What root has raised
  // nobody inside can lower.
  write_proc(pid, "oom_score_adj", kOomScore);
  bool good = write_maps(host, pid, sandbox.slot);
  if (!good) error = because("user id maps", errno);
  if (good && host.cgroups.usable() &&
      (!host.cgroups.make(sandbox.slot, limits_of(spec), sandbox.group) ||
       !sandbox.group.add(pid))) {
    error = because("control group", errno);
    good = false;
  }
  good = good && send_note(sandbox, Note::Kind::go, 0) && wait_ready(sandbox, made, error) &&
         send_note(sandbox, Note::Kind::start, 1);
  if (!good) {
    if (error.empty()) error = "the sandbox went away";
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  return good;
}

}  // namespace tidegate::lambda::launch
