#include "lambda/launcher/zygote.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace tidegate::lambda::launch {
namespace {

constexpr int kMaxStarts = 3;  // one that ends again and again is not worth it
constexpr int kForkMs = 2'000;
constexpr const char* kBootstrap = "/var/runtime/bootstrap.py";

// The library beside this program through which the zygote's Python enters sandboxes.
std::string library_path() {
  char path[4096] = {};
  if (readlink("/proc/self/exe", path, sizeof path - 1) < 0) return "";
  std::string text(path);
  return text.substr(0, text.rfind('/') + 1) + "tidegate-zygote.so";
}

[[noreturn]] void become_zygote(const std::string& runtime_directory, int socket) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  unshare(CLONE_NEWNET);  // root only; an ordinary user's has what its server has
  int null = open("/dev/null", O_RDWR);
  int high = fcntl(socket, F_DUPFD, 100);
  int output[2];  // what lies behind 1 and 2 stays of this kind in the sandboxes
  if (null < 0 || high < 0 || pipe(output) != 0 || dup2(null, 0) < 0 || dup2(output[1], 1) < 0 ||
      dup2(output[1], 2) < 0 || dup2(high, kSocketFd) < 0 ||
      syscall(SYS_close_range, unsigned(kSocketFd + 1), ~0u, 0u) != 0 || chdir("/") != 0)
    _exit(126);
  std::string program = runtime_directory + "/zygote.py", library = library_path();
  char python[] = "/usr/bin/python3", language[] = "LANG=en_US.UTF-8", zone[] = "TZ=:UTC";
  char no_user_site[] = "-s";
  char* argv[] = {python, no_user_site, program.data(), library.data(), nullptr};
  char* env[] = {language, zone, nullptr};
  execve(python, argv, env);
  _exit(127);
}

}  // namespace

pid_t clone_into_namespaces(unsigned long more) {
  constexpr unsigned long kSpaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  return pid_t(syscall(SYS_clone, kSpaces | more | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

void Zygote::start(const std::string& runtime_directory) {
  ++starts_;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return;
  Fd mine(pair[0]), theirs(pair[1]);
  pid_ = fork();
  if (pid_ == 0) become_zygote(runtime_directory, theirs.get());
  if (pid_ > 0) socket_ = std::move(mine);
}

// It says so once with a single byte when all is imported.
bool Zygote::ready() {
  if (ready_ || !socket_) return ready_;
  std::string byte;
  std::vector<Fd> fds;
  ready_ = receive_message(socket_.get(), byte, fds, 1, MSG_DONTWAIT);
  return ready_;
}

pid_t Zygote::fork_for(const Inside& inside, int channel) {
  const auto& argv = inside.spec.argv;
  if (argv.size() != 2 || argv[1] != kBootstrap) return kCold;
  if (pid_ < 0 && starts_ < kMaxStarts) start(inside.spec.runtime_directory);
  if (!ready()) return kCold;
  Message order;
  order.kind = Kind::start;
  order.number = (inside.may_set_groups ? 1 : 0) | (inside.counted ? 2 : 0);
  order.spec = inside.spec;
  std::string answer;
  std::vector<Fd> fds;
  pollfd wait{socket_.get(), POLLIN, 0};
  pid_t pid = -1;
  // Past the zygote: its memory is that of every sandbox to come.
  if (send_message(channel, encode(order)) &&
      send_message(socket_.get(), "f", {inside.channel, inside.log}) &&
      poll(&wait, 1, kForkMs) > 0 && receive_message(socket_.get(), answer, fds, sizeof pid) &&
      answer.size() == sizeof pid)
    std::memcpy(&pid, answer.data(), sizeof pid);
  if (pid > 0) return pid;
  if (pid_ > 0) ::kill(pid_, SIGKILL);
  ready_ = false;
  socket_.reset();
  return kLost;
}

void Zygote::noticed_end(pid_t pid) {
  if (pid != pid_) return;
  pid_ = -1;
  ready_ = false;
  socket_.reset();
}

}  // namespace tidegate::lambda::launch
