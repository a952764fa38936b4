// The network: listeners, HTTP/1.1 sessions (llhttp in, replies by hand), bounded everything. The
// only folder that includes Asio's socket headers. One io_context per I/O thread, SO_REUSEPORT; a
// session lives on one thread at a time. Handlers are called there; what must run on the control
// strand is moved by the handler. A connection of a proven caller may move there as a whole, and
// back, between two requests: each saves a change of threads per request.
//
// Limits: request line + headers 64 KiB, 200 headers; header time 30 s, idle 75 s, a body piece 60
// s; connections per listener max_connections. A sandbox's connections have no such times, a head
// may be 1 MiB larger there, and kMaxAdoptedConnections is their number. Smuggling shapes are
// refused with 400 and the connection closed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/result.h"
#include "http/message.h"

namespace tidegate::net {

// Milliseconds by a clock that nobody sets: what the limits are measured by. Any thread.
using UpMs = std::function<std::uint64_t()>;
std::uint64_t steady_up_ms();

struct ServerOptions {
  int threads = 2;
  std::size_t max_connections = 20'000;
  std::string server_header = "Tidegate";
  int drain_ms = 10'000;
  UpMs up_ms = steady_up_ms;
};

// What one sandbox may hold open at each of its sockets; more are closed at once.
inline constexpr std::size_t kMaxAdoptedConnections = 64;

// A listener of one sandbox: closing it ends its sessions.
class Adopted {
 public:
  virtual ~Adopted() = default;
};

class Loop;
class Loops;

class Server {
 public:
  // A connection whose requests ask for it (http::Handler::wants_control) is served by the loop of
  // `loops`, which runs until drain() is over. Null: none is.
  explicit Server(ServerOptions, Loops* loops = nullptr);
  ~Server();
  // Binds and listens at once ("127.0.0.1", 0 picks a port). The handler outlives the server.
  Result<std::uint16_t> listen(std::string host, std::uint16_t port, http::Handler&);
  // Serves an already listening socket (made inside a sandbox); the fd is owned from here on.
  // Any thread. Never times out an idle connection; drain() leaves its connections alone until the
  // end. Requests carry `environment_id`. What is handed back ends before the server does.
  std::unique_ptr<Adopted> adopt(int listening_fd, std::string environment_id,
                                 std::shared_ptr<http::Handler>);
  void start();
  // Stops accepting, lets requests in flight finish (up to drain_ms), closes, joins. Any thread but
  // the server's own.
  void drain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The control plane's own loop: one thread, one strand; and the pool for blocking work. What is
// adopted here is served on the strand itself, for handlers that would move there anyway: twice a
// change of threads less. As Server::adopt otherwise; what is handed back ends before stop().
class Loops {
 public:
  explicit Loops(int blocking_threads = 4, UpMs up_ms = steady_up_ms);
  ~Loops();
  Executors executors();
  std::unique_ptr<Adopted> adopt(int listening_fd, std::string environment_id,
                                 std::shared_ptr<http::Handler>);
  void start();
  void stop();  // after all work has ended

 private:
  friend class Server;
  Loop& control();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidegate::net
