#include "lambda/launcher/inside.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "lambda/launcher/channel.h"
#include "lambda/launcher/filter.h"
#include "lambda/launcher/landlock.h"
#include "lambda/launcher/view.h"

namespace tidegate::lambda::launch {
namespace {

std::string bytes_of(const Note& note) {
  return std::string(reinterpret_cast<const char*>(&note), sizeof note);
}

[[noreturn]] void fail(int channel, const char* step) {
  Note note;
  note.kind = Note::Kind::failed;
  note.status = errno;
  std::snprintf(note.text, sizeof note.text, "%s", step);
  send_message(channel, bytes_of(note));
  _exit(1);
}

const char* give_up_privileges() {
  for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; ++cap)
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) return "drop the bounding set";
  constexpr unsigned long kBits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                  SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                  SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  if (prctl(PR_SET_SECUREBITS, kBits, 0, 0, 0) != 0) return "secure bits";
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return "ambient capabilities";
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) return "capset";
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "no_new_privs";
  return nullptr;
}

// A file that fills /tmp meets the end of the disk, as it would elsewhere, not this limit.
constexpr rlim_t kBeyondTmp = 1u << 20;

// Of all users of this user namespace. They count against the server's own user as well, who has
// 128 instances and some ten thousand watches by default.
constexpr const char* kUserLimits[][2] = {{"/proc/sys/user/max_inotify_instances", "4"},
                                          {"/proc/sys/user/max_inotify_watches", "512"}};

// What a kernel does not have or does not let us change stays as it is.
void tell_kernel(const char* path, std::string_view text) {
  Fd file(open(path, O_WRONLY | O_CLOEXEC));
  [[maybe_unused]] ssize_t ignored = file ? write(file.get(), text.data(), text.size()) : 0;
}

bool set_limits(const Spec& spec) {
  auto set = [](__rlimit_resource what, rlim_t value) {
    rlimit limit{value, value};
    return setrlimit(what, &limit) == 0;
  };
  rlimit stack{8u << 20, RLIM_INFINITY};
  getrlimit(RLIMIT_STACK, &stack);
  stack.rlim_cur = std::min<rlim_t>(stack.rlim_max, 8u << 20);
  return set(RLIMIT_NOFILE, 1024) && set(RLIMIT_NPROC, kMaxProcesses) &&
         set(RLIMIT_FSIZE, spec.tmp_bytes + kBeyondTmp) && set(RLIMIT_DATA, spec.memory_bytes) &&
         set(RLIMIT_MEMLOCK, 64u << 10) && set(RLIMIT_MSGQUEUE, 0) && set(RLIMIT_SIGPENDING, 256) &&
         setrlimit(RLIMIT_STACK, &stack) == 0;
}

// The child of the first process: the user's runtime. What keeps it from being executed goes
// through `trouble`, which closes when it runs.
void run_runtime(const Inside& inside, int trouble) {
  // One that resumes has what its interpreter set up.
  for (int signal = 1; !inside.resume && signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) _exit(126);  // else it owns nothing in its /proc
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setsid();
  int null = open("/dev/null", O_RDWR);
  if (null < 0 || dup2(null, 0) < 0 || dup2(inside.log, 1) < 0 || dup2(inside.log, 2) < 0 ||
      dup3(trouble, 3, O_CLOEXEC) < 0 || fcntl(kLogFd, F_SETFD, 0) != 0 ||
      chdir("/var/task") != 0 || syscall(SYS_close_range, kLogFd + 1u, ~0u, 0u) != 0)
    _exit(126);
  std::vector<char*> argv, env;
  for (const auto& s : inside.spec.argv) argv.push_back(const_cast<char*>(s.c_str()));
  for (const auto& s : inside.spec.env) env.push_back(const_cast<char*>(s.c_str()));
  argv.push_back(nullptr);
  env.push_back(nullptr);
  if (!set_limits(inside.spec) || !restrict_files() || !install_filter(inside.filter)) _exit(126);
  if (inside.resume) {
    close(3);
    return;
  }
  execve(argv[0], argv.data(), env.data());
  int error = errno;
  if (write(3, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

// The first process. Everybody else in its pid namespace lives by its grace: kill(-1) reaches all
// of them and nobody outside.
class First {
 public:
  explicit First(const Inside& inside) : inside_(inside) {
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, nullptr);
    signals_.reset(signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  // Returns in the runtime of a sandbox that resumes.
  void run() {
    while (!resumed_) {
      pollfd waits[2] = {{inside_.channel, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
      if (poll(waits, 2, -1) < 0 && errno != EINTR) _exit(1);
      if (waits[1].revents != 0) {
        signalfd_siginfo info[8];
        while (read(signals_.get(), info, sizeof info) > 0) continue;
        reap();
      }
      if (waits[0].revents == 0) continue;
      std::string bytes;
      std::vector<Fd> fds;
      if (!receive_message(inside_.channel, bytes, fds, sizeof(Note))) _exit(0);
      if (bytes.size() != sizeof(Note)) _exit(1);
      Note note;
      std::memcpy(static_cast<void*>(&note), bytes.data(), sizeof note);
      obey(note);
    }
  }

 private:
  // Stopping and going on reaches all that there is, forks on their way included, and works at
  // every level; what is stopped can be killed.
  void obey(const Note& note) {
    if (note.kind == Note::Kind::freeze || note.kind == Note::Kind::thaw) {
      ::kill(-1, note.kind == Note::Kind::freeze ? SIGSTOP : SIGCONT);
      return;
    }
    end_all();
    if (note.kind == Note::Kind::start) start(note.generation);
  }

  void start(std::uint32_t generation) {
    generation_ = generation;
    exec_error_ = 0;
    int trouble[2];
    if (pipe2(trouble, O_CLOEXEC) != 0) return tell(126 << 8);
    Fd reading(trouble[0]), writing(trouble[1]);
    runtime_ = fork();
    if (runtime_ == 0) {
      run_runtime(inside_, writing.release());
      reading.release();  // its number is another's by now
      signals_.release();
      resumed_ = true;
      return;
    }
    if (runtime_ < 0) return tell(126 << 8);
    writing.reset();
    if (read(reading.get(), &exec_error_, sizeof exec_error_) != sizeof exec_error_)
      exec_error_ = 0;
  }

  void end_all() {
    ::kill(-1, SIGKILL);
    while (true) {
      int status = 0;
      pid_t pid = waitpid(-1, &status, 0);
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0) return;
      if (pid == runtime_) tell(status);
    }
  }

  void reap() {
    while (true) {
      int status = 0;
      pid_t pid = waitpid(-1, &status, WNOHANG);
      if (pid <= 0) return;
      if (pid != runtime_) continue;
      tell(status);
      end_all();  // what the runtime left behind must not speak for the next one
      return;
    }
  }

  void tell(int status) {
    runtime_ = -1;
    Note note;
    note.kind = Note::Kind::exited;
    note.generation = generation_;
    note.status = status;
    note.exec_error = exec_error_;
    send_message(inside_.channel, bytes_of(note));
  }

  const Inside& inside_;
  Fd signals_;
  pid_t runtime_ = -1;
  std::uint32_t generation_ = 0;
  int exec_error_ = 0;
  bool resumed_ = false;
};

void run_inside(const Inside& inside) {
  std::string bytes;
  std::vector<Fd> fds;
  // The maps of this user namespace are written by the launcher, which then says go.
  if (!receive_message(inside.channel, bytes, fds, sizeof(Note))) _exit(1);
  if (const char* step = build_files(inside)) fail(inside.channel, step);
  {
    Fd runtime_api, endpoint;
    if (const char* step = build_network(runtime_api, endpoint)) fail(inside.channel, step);
    if (sethostname("sandbox", 7) != 0) fail(inside.channel, "sethostname");
    for (const auto& [path, limit] : kUserLimits) tell_kernel(path, limit);
    if (const char* step = give_up_privileges()) fail(inside.channel, step);
    // The function has the same uid: keep it from reading or tracing this process.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) fail(inside.channel, "dumpable");
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    Note ready;
    ready.kind = Note::Kind::ready;
    if (!send_message(inside.channel, bytes_of(ready), {runtime_api.get(), endpoint.get()}))
      _exit(1);
  }
  First first(inside);
  first.run();
}

}  // namespace

void enter_inside(Inside inside) {
  int channel = fcntl(inside.channel, F_DUPFD, 100);
  int log = fcntl(inside.log, F_DUPFD, 100);
  inside.channel = 3;
  inside.log = kLogFd;
  if (channel < 0 || log < 0 || dup3(channel, inside.channel, O_CLOEXEC) < 0 ||
      dup3(log, inside.log, O_CLOEXEC) < 0 || syscall(SYS_close_range, kLogFd + 1u, ~0u, 0u) != 0)
    _exit(1);
  run_inside(inside);
  if (!inside.resume) _exit(1);
}

}  // namespace tidegate::lambda::launch
