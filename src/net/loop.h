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
class Loop;

// What every session of a server may know.
struct Shared {
  std::string server_header;
  std::size_t max_connections = 0;
  std::atomic<std::size_t> connections{0};  // not those of adopted listeners
  std::atomic<bool> draining{false};
  Loop* control = nullptr;  // the control strand's, for what asks to be served there; may be null
};

// Which sessions a loop closes.
enum class Closing {
  idle,         // connections that wait for a request; busy ones close after their answer
  connections,  // all of them at once; adopted ones stay, requests in flight may need them
  everything,
};

class Loop {
 public:
  explicit Loop(UpMs up_ms);
  ~Loop();
  void start();
  void stop();  // ends run(); joins

  asio::io_context& context() { return context_; }
  std::vector<char>& buffer() { return buffer_; }  // for reads that are worked off at once
  std::string_view date();
  std::uint64_t now_ms() const { return up_ms_(); }

  void add(Session& session);
  void remove(Session& session);
  void close_sessions(Closing which);
  // Closes every session and waits, a little while, until the last is gone: what they hold is
  // about to end. Any thread but the loop's own, while it runs.
  void end_sessions();

 private:
  void sweep();

  const UpMs up_ms_;
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
std::unique_ptr<Adopted> adopt_on(Loop& loop, std::shared_ptr<Shared> shared, int listening_fd,
                                  std::string environment_id,
                                  std::shared_ptr<http::Handler> handler);

}  // namespace tidegate::net
