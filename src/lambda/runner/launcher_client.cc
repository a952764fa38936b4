#include "lambda/runner/launcher_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <deque>

#include "base/log.h"

namespace tidegate::lambda {
namespace {

constexpr int kHelloMs = 30'000;

[[noreturn]] void become_launcher(const char* path, int socket) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  int high = fcntl(socket, F_DUPFD, 100);
  if (high < 0 || dup2(high, launch::kSocketFd) < 0) _exit(127);
  syscall(SYS_close_range, unsigned(launch::kSocketFd + 1), ~0u, 0u);
  char* argv[] = {const_cast<char*>(path), nullptr};
  char* env[] = {nullptr};
  execve(path, argv, env);
  _exit(127);
}

}  // namespace

LauncherHandle start_launcher(const std::string& path) {
  LauncherHandle handle;
  int pair[2];
  if (access(path.c_str(), X_OK) != 0) {
    handle.reason = fmt::format("no launcher at {}: {}", path, std::strerror(errno));
    return handle;
  }
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    handle.reason = fmt::format("socketpair: {}", std::strerror(errno));
    return handle;
  }
  launch::Fd mine(pair[0]), theirs(pair[1]);
  pid_t pid = fork();
  if (pid == 0) become_launcher(path.c_str(), theirs.get());
  theirs.reset();
  if (pid < 0) {
    handle.reason = fmt::format("fork: {}", std::strerror(errno));
    return handle;
  }
  pollfd wait{mine.get(), POLLIN, 0};
  std::string bytes;
  std::vector<launch::Fd> fds;
  int ready;
  do {
    ready = poll(&wait, 1, kHelloMs);
  } while (ready < 0 && errno == EINTR);
  bool got = ready > 0 && launch::receive_message(mine.get(), bytes, fds, launch::kMaxMessage);
  auto hello = got ? launch::decode(bytes) : std::nullopt;
  if (!hello || hello->kind != launch::Kind::hello) {
    handle.reason = "the launcher did not answer";
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return handle;
  }
  fcntl(mine.get(), F_SETFL, fcntl(mine.get(), F_GETFL) | O_NONBLOCK);
  handle.socket = std::move(mine);
  handle.pid = pid;
  handle.level = hello->text;
  handle.reason = hello->reason;
  handle.limits_cpu = hello->number != 0;
  return handle;
}

// Shared with the waits in flight, which hold it weakly: they end when the client does.
struct LauncherClient::State : std::enable_shared_from_this<LauncherClient::State> {
  State(asio::any_io_executor control, int fd) : socket(control, fd) {}

  asio::posix::stream_descriptor socket;
  Observer* observer = nullptr;
  std::deque<std::string> outgoing;  // waits for room in the socket
  bool waiting_to_write = false;
  bool lost = false;

  void listen() {
    socket.async_wait(asio::posix::stream_descriptor::wait_read,
                      [weak = weak_from_this()](boost::system::error_code error) {
                        auto self = weak.lock();
                        if (!self || error) return;
                        self->hear();
                      });
  }

  void hear() {
    std::string bytes;
    std::vector<launch::Fd> fds;
    while (!lost) {
      errno = 0;
      if (!launch::receive_message(socket.native_handle(), bytes, fds, launch::kMaxMessage,
                                   MSG_DONTWAIT)) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return listen();
        return lose();
      }
      auto message = launch::decode(bytes);
      if (!message) return lose();
      tell(*message, fds);
    }
  }

  void tell(const launch::Message& m, std::vector<launch::Fd>& fds) {
    if (observer == nullptr) return;
    switch (m.kind) {
      case launch::Kind::started:
        if (fds.size() != launch::kStartedFds) return lose();
        return observer->started(m.id, {pid_t(m.number), std::move(fds[0]), std::move(fds[1]),
                                        std::move(fds[2]), m.text});
      case launch::Kind::failed:
        return observer->failed(m.id, m.text);
      case launch::Kind::exited:
        return observer->exited(m.id, {m.generation, int(m.number), m.text, m.out_of_memory});
      case launch::Kind::ended:
        return observer->ended(m.id, m.out_of_memory);
      default:
        return;
    }
  }

  void lose() {
    if (lost) return;
    lost = true;
    LOG_ERROR("the launcher of sandboxes ended; functions cannot run any more");
    if (observer != nullptr) observer->lost();
  }

  void send(launch::Kind kind, std::uint64_t id, std::uint32_t generation, launch::Spec spec) {
    if (lost) return;
    launch::Message m;
    m.kind = kind;
    m.id = id;
    m.generation = generation;
    m.spec = std::move(spec);
    outgoing.push_back(launch::encode(m));
    flush();
  }

  void flush() {
    while (!outgoing.empty() && !waiting_to_write) {
      if (launch::send_message(socket.native_handle(), outgoing.front())) {
        outgoing.pop_front();
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        waiting_to_write = true;
        socket.async_wait(asio::posix::stream_descriptor::wait_write,
                          [weak = weak_from_this()](boost::system::error_code error) {
                            auto self = weak.lock();
                            if (!self || error) return;
                            self->waiting_to_write = false;
                            self->flush();
                          });
      } else {
        outgoing.clear();  // the end of the stream is heard by the reading side
      }
    }
  }
};

LauncherClient::LauncherClient(asio::any_io_executor control, launch::Fd socket) {
  state_ = std::make_shared<State>(control, socket.release());
  state_->listen();
}

LauncherClient::~LauncherClient() {
  state_->observer = nullptr;
}

void LauncherClient::observe(Observer* observer) {
  state_->observer = observer;
}

void LauncherClient::start(std::uint64_t id, launch::Spec spec) {
  state_->send(launch::Kind::start, id, 1, std::move(spec));
}

void LauncherClient::restart(std::uint64_t id, std::uint32_t generation) {
  state_->send(launch::Kind::restart, id, generation, {});
}

void LauncherClient::stop(std::uint64_t id) {
  state_->send(launch::Kind::stop, id, 0, {});
}

void LauncherClient::kill(std::uint64_t id) {
  state_->send(launch::Kind::kill, id, 0, {});
}

void LauncherClient::freeze(std::uint64_t id) {
  state_->send(launch::Kind::freeze, id, 0, {});
}

void LauncherClient::thaw(std::uint64_t id) {
  state_->send(launch::Kind::thaw, id, 0, {});
}

}  // namespace tidegate::lambda
