// tidegate-launcher: makes and ends the sandboxes of functions. Started by the server before it has
// threads, with one socket (descriptor 3); ends with the server and takes every sandbox with it.
#include <linux/keyctl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <map>
#include <set>
#include <utility>

#include "lambda/launcher/channel.h"
#include "lambda/launcher/protocol.h"
#include "lambda/launcher/sandbox.h"

namespace tidegate::lambda::launch {
namespace {

constexpr int kSlots = 4096;

class Launcher {
 public:
  Launcher(Host host, int signals) : host_(std::move(host)), signals_(signals) {}

  // True when a sandbox with everything in it can be made here.
  bool probe(std::string& error) {
    Spec spec;
    spec.code_directory = spec.runtime_directory = "/usr";
    spec.argv = {"/usr/bin/true"};
    spec.memory_bytes = 128u << 20;
    spec.tmp_bytes = 1u << 20;
    Sandbox sandbox;
    Made made;
    if (!make_sandbox(host_, zygote_, spec, sandbox, made, error)) return false;
    bool good = ran(sandbox, error);
    ::kill(sandbox.init, SIGKILL);
    waitpid(sandbox.init, nullptr, 0);
    return good;
  }

  // Sandboxes first: their groups can go only without processes.
  ~Launcher() {
    for (const auto& [id, sandbox] : sandboxes_) ::kill(sandbox.init, SIGKILL);
    for (const auto& [id, sandbox] : sandboxes_) waitpid(sandbox.init, nullptr, 0);
    sandboxes_.clear();
    host_.cgroups.leave();
  }

  bool say_hello(bool able, const std::string& error) {
    Message hello;
    hello.kind = Kind::hello;
    bool counted = host_.cgroups.usable();
    hello.text = !able ? "off" : counted ? "full" : "nocgroup";
    hello.reason = error;
    hello.number = able && host_.cgroups.limit_cpu();
    if (able && !counted)
      hello.reason =
          "memory is limited for each process (RLIMIT_DATA), shared memory is refused: " +
          host_.no_cgroups;
    return send(hello);
  }

  void run() {
    while (true) {
      std::vector<pollfd> waits = {{kSocketFd, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
      std::vector<std::uint64_t> ids;
      for (const auto& [id, sandbox] : sandboxes_) {
        waits.push_back({sandbox.channel.get(), POLLIN, 0});
        ids.push_back(id);
      }
      if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      // What a sandbox said comes before its end, and both before a new request.
      for (std::size_t i = 0; i < ids.size(); ++i)
        if (waits[i + 2].revents != 0) hear(ids[i]);
      if (waits[1].revents != 0) reap();
      if (waits[0].revents != 0 && !obey()) return;
    }
  }

 private:
  static Note::Kind note_of(Kind kind) {
    if (kind == Kind::restart) return Note::Kind::start;
    if (kind == Kind::freeze) return Note::Kind::freeze;
    return kind == Kind::thaw ? Note::Kind::thaw : Note::Kind::stop;
  }

  static bool ran(const Sandbox& sandbox, std::string& error) {
    std::string bytes;
    std::vector<Fd> fds;
    Note note;
    pollfd wait{sandbox.channel.get(), POLLIN, 0};
    if (poll(&wait, 1, 10'000) <= 0 ||
        !receive_message(sandbox.channel.get(), bytes, fds, sizeof note) ||
        bytes.size() != sizeof note)
      return error = "a program started in a sandbox did not end", false;
    std::memcpy(static_cast<void*>(&note), bytes.data(), sizeof note);
    if (note.status != 0)
      error = "a program started in a sandbox failed with status " + std::to_string(note.status);
    return note.status == 0;
  }

  static bool ran_out_of_memory(Sandbox& sandbox) {
    std::uint64_t kills = sandbox.group.oom_kills();
    return kills > std::exchange(sandbox.oom_kills, kills);
  }

  bool send(const Message& m, const std::vector<int>& fds = {}) {
    return send_message(kSocketFd, encode(m), fds);
  }

  bool obey() {
    std::string bytes;
    std::vector<Fd> fds;
    if (!receive_message(kSocketFd, bytes, fds, kMaxMessage)) return false;
    auto m = decode(bytes);
    if (!m) return false;
    if (m->kind == Kind::start) {
      start(*m);
      return true;
    }
    auto found = sandboxes_.find(m->id);
    if (found == sandboxes_.end()) return true;
    if (m->kind == Kind::kill) {
      ::kill(found->second.init, SIGKILL);
      return true;
    }
    Note note;
    note.kind = note_of(m->kind);
    note.generation = m->generation;
    send_message(found->second.channel.get(),
                 std::string(reinterpret_cast<const char*>(&note), sizeof note));
    return true;
  }

  void start(const Message& m) {
    Message answer;
    answer.id = m.id;
    answer.generation = 1;
    Sandbox sandbox;
    sandbox.id = m.id;
    while (sandbox.slot < kSlots && slots_.count(sandbox.slot) != 0) ++sandbox.slot;
    Made made;
    std::string error = sandbox.slot < kSlots ? "" : "too many sandboxes";
    if (!error.empty() || !make_sandbox(host_, zygote_, m.spec, sandbox, made, error)) {
      answer.kind = Kind::failed;
      answer.text = error;
      send(answer);
      return;
    }
    answer.kind = Kind::started;
    answer.number = sandbox.init;
    answer.text = sandbox.group.peak_file();
    slots_.insert(sandbox.slot);
    by_pid_[sandbox.init] = m.id;
    sandboxes_[m.id] = std::move(sandbox);
    send(answer, {made.runtime_api.get(), made.endpoint.get(), made.log.get()});
  }

  void hear(std::uint64_t id) {
    auto found = sandboxes_.find(id);
    if (found == sandboxes_.end()) return;
    std::string bytes;
    std::vector<Fd> fds;
    Note note;
    Fd& channel = found->second.channel;
    if (!receive_message(channel.get(), bytes, fds, sizeof note, MSG_DONTWAIT) ||
        bytes.size() != sizeof note) {
      if (errno != EAGAIN) channel.reset();  // poll() skips it; the end is told by reap()
      return;
    }
    std::memcpy(static_cast<void*>(&note), bytes.data(), sizeof note);
    Message told;
    told.kind = Kind::exited;
    told.id = id;
    told.generation = note.generation;
    told.number = note.status;
    told.out_of_memory = ran_out_of_memory(found->second);
    if (note.exec_error != 0) {
      told.text = std::strerror(note.exec_error);
      told.text[0] = char(std::tolower(told.text[0]));  // as AWS's supervisor words it
    }
    send(told);
  }

  void reap() {
    signalfd_siginfo info[16];
    while (read(signals_.get(), info, sizeof info) > 0) continue;
    int status = 0;
    while (true) {
      pid_t pid = waitpid(-1, &status, WNOHANG);
      if (pid <= 0) return;
      zygote_.noticed_end(pid);
      auto known = by_pid_.find(pid);
      if (known == by_pid_.end()) continue;
      Message told;
      told.kind = Kind::ended;
      told.id = known->second;
      told.number = status;
      auto sandbox = sandboxes_.find(told.id);
      told.out_of_memory = ran_out_of_memory(sandbox->second);
      slots_.erase(sandbox->second.slot);
      sandboxes_.erase(sandbox);
      by_pid_.erase(known);
      send(told);
    }
  }

  Host host_;
  Zygote zygote_;
  Fd signals_;
  std::map<std::uint64_t, Sandbox> sandboxes_;
  std::map<pid_t, std::uint64_t> by_pid_;
  std::set<int> slots_;
};

int run() {
  // Ctrl-C in the server's terminal and a stop of its service reach the server, which drains and
  // then closes our socket; so does its death, and there is something to tidy up then, too.
  setsid();
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  umask(022);
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);  // not the user's, with their keys
  // Sockets on their way between processes are counted for each user; beyond the sender's limit it
  // cannot send any more, and functions may share this user.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  rlimit no_core{kNoCore, kNoCore};  // may be none already
  setrlimit(RLIMIT_CORE, &no_core);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, nullptr);
  std::string error;
  Launcher launcher(look_at_host(error), signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  bool able = error.empty() && launcher.probe(error);
  if (!launcher.say_hello(able, error)) return 1;
  launcher.run();
  return 0;
}

}  // namespace
}  // namespace tidegate::lambda::launch

int main() {
  struct stat there {};
  if (fstat(tidegate::lambda::launch::kSocketFd, &there) != 0 || !S_ISSOCK(there.st_mode)) {
    std::fprintf(stderr, "tidegate-launcher is started by tidegate\n");
    return 2;
  }
  return tidegate::lambda::launch::run();
}
