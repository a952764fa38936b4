// Loop: one I/O thread with its io_context, what its sessions share (a read buffer, the text of the
// Date header) and the list of its live sessions. Everything but post-to-the-context happens on the
// loop's own thread. Internal to net/.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/message.h"
#include "net/server.h"

namespace tidegate::net {

class Session;

// What every session of a server may know.
struct Shared {
  std::string server_header;
  std::size_t max_connections = 0;
  std::atomic<std::size_t> connections{0};  // not those of adopted listeners
  std::atomic<bool> draining{false};
};

class Loop {
 public:
  explicit Loop(Shared& shared);
  ~Loop();
  void start();
  void stop();  // ends run(); joins

  asio::io_context& context() { return context_; }
  Shared& shared() { return shared_; }
  std::vector<char>& buffer() { return buffer_; }  // for reads that are worked off at once
  std::string_view date();
  std::uint64_t now_ms() const;

  void add(Session& session);
  void remove(Session& session);
  // Closes what is idle; what is busy closes after its answer; adopted sessions stay, because
  // requests in flight may need them. Or all at once, when `all`. On the loop's thread.
  void close_sessions(bool all);

 private:
  void sweep();

  Shared& shared_;
  std::vector<Session*> sessions_;  // before the context, whose end ends sessions
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer sweeper_;
  std::vector<char> buffer_;
  std::string date_;
  std::int64_t date_second_ = -1;
  std::thread thread_;
};

// Serves an already listening socket on that loop; see Server::adopt. Defined beside the listeners.
std::unique_ptr<Adopted> adopt_on(Loop& loop, int listening_fd, std::string environment_id,
                                  std::shared_ptr<http::Handler> handler);

}  // namespace tidegate::net
