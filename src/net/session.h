// Session: one connection, one request at a time, on one loop's thread. While it waits for the next
// request it holds no buffer. When a request asks to be served elsewhere, the connection moves
// before a byte of it is worked off: this session ends, another begins on the other loop's thread.
// Internal to net/.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "http/message.h"
#include "net/loop.h"
#include "net/parser.h"

namespace tidegate::net {

// Who serves a listener's connections, and for whom.
struct Serving {
  std::shared_ptr<Shared> shared;
  std::shared_ptr<http::Handler> owner;  // of the handler; may be null
  http::Handler* handler = nullptr;
  std::string environment_id;  // of a sandbox
  // A sandbox's connections have no time-outs (its runtime waits as long as it takes), no count.
  bool adopted() const { return !environment_id.empty(); }
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  // `home` is the loop that accepted the connection.
  Session(Loop& loop, Loop& home, asio::ip::tcp::socket socket, Serving serving);
  ~Session();
  void start();

  void close();  // on the loop's thread, like all here
  void drain();  // closes when idle; otherwise after the answer
  bool adopted() const { return adopted_; }
  bool overdue(std::uint64_t now_ms) const { return now_ms > deadline_ms_; }
  std::size_t index = 0;  // place in the loop's list

 private:
  class Body;
  bool ends() const;  // the answer in work is the connection's last
  Loop& place_of(const http::Request&) const;
  void move_to(Loop& there, std::string received);
  static asio::awaitable<void> run(std::shared_ptr<Session> self);
  bool head_is_here();
  std::size_t max_head() const { return adopted_ ? kMaxAdoptedHead : kMaxHead; }
  asio::awaitable<bool> fill(std::size_t& available);
  asio::awaitable<bool> serve(std::string_view data);
  asio::awaitable<bool> answer_at_length(Parser& parser, const http::Request& request,
                                         std::string_view rest, std::size_t& used);
  asio::awaitable<bool> send(const http::Request&, http::Response, bool keep_alive);
  asio::awaitable<bool> send_source(std::string head, http::SourceBody body);
  ssize_t send_both(std::string_view first, std::string_view second);
  asio::awaitable<bool> writable();
  asio::awaitable<bool> write(std::string_view bytes);
  asio::awaitable<void> refuse(int status);
  asio::awaitable<void> linger();
  void wait_for(std::uint64_t ms);

  Loop& loop_;
  Loop& home_;
  asio::ip::tcp::socket socket_;
  Serving serving_;
  std::string remote_;
  const bool adopted_;
  bool proven_ = false;  // its last request was carried out for a caller who may
  bool fresh_ = true;    // no request was read yet
  bool idle_ = false;    // waits for a request, nothing of it is here
  bool closing_ = false;
  std::uint64_t deadline_ms_ = 0;
  std::uint64_t head_until_ms_ = 0;  // when the head that has begun must be complete; 0: none has
  std::string pending_;              // bytes received beyond what was worked off
  std::size_t seen_ = 0;             // of pending_, searched for the end of a head without success
};

}  // namespace tidegate::net
