#include "net/session.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

#include "base/log.h"

namespace tidegate::net {
namespace {

constexpr std::uint64_t kHeadMs = 30'000, kIdleMs = 75'000, kPieceMs = 60'000, kLingerMs = 30'000;
constexpr std::uint64_t kForever = ~std::uint64_t{0};
constexpr std::size_t kBodyBuffer = 256 * 1024;
constexpr std::size_t kMaxDrained = 256 * 1024;  // unread body that is read to keep a connection
constexpr std::size_t kMaxLingered = 64 * 1024 * 1024;  // … or to let a refusal arrive

using boost::system::error_code;

// What may be in flight unsent before fast answers wait for the peer to read.
constexpr std::size_t kMaxBatch = 256 * 1024;
// What one connection is given before others have their turn.
constexpr std::size_t kMaxInARow = 1024 * 1024;

}  // namespace

// The body of the request being answered, read when the handler asks.
class Session::Body final : public http::BodyReader {
 public:
  Body(Session& session, Parser& parser, std::string_view first, bool expects_continue)
      : session_(session), parser_(parser), input_(first), expects_continue_(expects_continue) {}

  Task<std::string_view> read() override {
    // Before an empty body too: a botocore client that gets its answer without the 100 on a
    // connection that goes on misreads the next answer there.
    if (expects_continue_) {
      expects_continue_ = false;
      bool told = co_await session_.write("HTTP/1.1 100 Continue\r\n\r\n");
      if (!told) co_return broken();
    }
    for (;;) {
      while (next_ < pieces_.size())
        if (!pieces_[next_++].empty()) co_return pieces_[next_ - 1];
      pieces_.clear();
      next_ = 0;
      if (parser_.complete()) co_return std::string_view();
      if (input_.empty()) {
        bool got = co_await receive();
        if (!got) co_return broken();
      }
      bool good = true;
      const std::size_t used = parser_.feed(input_, pieces_, good);
      input_.remove_prefix(used);
      if (!good) co_return broken();
    }
  }

  bool untouched() const { return buffer_.empty(); }
  // What was received beyond this message.
  std::string_view rest() const { return input_; }
  bool failed() const { return failed_; }
  // The peer waits for a 100 that it did not get.
  bool continue_owed() const { return expects_continue_; }

 private:
  Error broken() {
    failed_ = true;
    return Error{Fault::incomplete_body,
                 "You did not provide the number of bytes specified by the Content-Length HTTP "
                 "header"};
  }

  asio::awaitable<bool> receive() {
    if (failed_) co_return false;
    if (buffer_.empty()) buffer_.resize(kBodyBuffer);
    session_.wait_for(kPieceMs);
    error_code error;
    const std::size_t n = co_await session_.socket_.async_read_some(
        asio::buffer(buffer_), asio::redirect_error(asio::use_awaitable, error));
    session_.wait_for(kForever);
    input_ = std::string_view(buffer_.data(), n);
    co_return !error;
  }

  Session& session_;
  Parser& parser_;
  std::string_view input_;
  bool expects_continue_;
  bool failed_ = false;
  std::vector<char> buffer_;
  std::vector<std::string_view> pieces_;
  std::size_t next_ = 0;
};

Session::Session(Loop& loop, Loop& home, asio::ip::tcp::socket socket, Serving serving)
    : loop_(loop),
      home_(home),
      socket_(std::move(socket)),
      serving_(std::move(serving)),
      adopted_(serving_.adopted()) {
  error_code error;
  const auto peer = socket_.remote_endpoint(error);
  if (!error) remote_ = peer.address().to_string();
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  socket_.non_blocking(true, error);
  if (!adopted_) serving_.shared->connections.fetch_add(1);
  loop_.add(*this);
}

Session::~Session() {
  loop_.remove(*this);
  if (!adopted_) serving_.shared->connections.fetch_sub(1);
}

void Session::start() {
  wait_for(kHeadMs);
  asio::co_spawn(loop_.context(), run(shared_from_this()), asio::detached);
}

void Session::wait_for(std::uint64_t ms) {
  deadline_ms_ = ms == kForever || adopted_ ? kForever : loop_.now_ms() + ms;
}

void Session::close() {
  closing_ = true;
  error_code error;
  socket_.close(error);
}

// A loop hears of the end a little later than the server: answers already say it.
bool Session::ends() const {
  return closing_ || (!adopted_ && serving_.shared->draining);
}

// Strangers have no place on the strand's thread: only who was just served there may move.
Loop& Session::place_of(const http::Request& request) const {
  if (adopted_) return loop_;
  Loop* control = serving_.shared->control;
  return control && proven_ && serving_.handler->wants_control(request) ? *control : home_;
}

// The connection stays counted on its way: a drain waits for it.
void Session::move_to(Loop& there, std::string received) {
  error_code error;
  const auto protocol = socket_.local_endpoint(error).protocol();
  if (error) return;
  asio::ip::tcp::socket socket(there.context());
  socket.assign(protocol, socket_.release(), error);
  if (error) return;
  auto arrive = [&there, self = shared_from_this(), socket = std::move(socket),
                 received = std::move(received)]() mutable {
    auto session = std::make_shared<Session>(there, self->home_, std::move(socket), self->serving_);
    session->pending_ = std::move(received);
    session->proven_ = self->proven_;
    session->start();
    // On this loop's thread, where alone a session may end.
    Loop& here = self->loop_;
    asio::post(here.context(), [self = std::move(self)] {});
  };
  asio::post(there.context(), std::move(arrive));
}

void Session::drain() {
  closing_ = true;
  if (idle_) close();
}

asio::awaitable<void> Session::run(std::shared_ptr<Session> self) {
  try {
    while (!self->closing_) {
      // A pipelined request may stand complete behind the last one.
      std::size_t available = 0;
      if (!self->head_is_here()) {
        bool more = co_await self->fill(available);
        if (!more) break;
      }
      // Bytes stand in the loop's buffer, or behind what was left over before.
      std::string owned;
      std::string_view data(self->loop_.buffer().data(), available);
      if (!self->pending_.empty()) {
        self->pending_.append(data);
        if (!self->head_is_here()) continue;
        owned = std::exchange(self->pending_, {});
        self->seen_ = 0;
        data = owned;
      }
      bool good = co_await self->serve(data);
      if (!good) break;
    }
  } catch (const std::exception& e) {
    LOG_DEBUG("connection from {} ended: {}", self->remote_, e.what());
  }
  self->close();
}

// Whether serve() has something to do with pending_: a head that is whole, or never will be. A head
// that comes byte by byte is searched once, not once for each byte.
bool Session::head_is_here() {
  const bool here = pending_.size() > max_head() || Parser::head_size(pending_, seen_) != 0 ||
                    Parser::hopeless(pending_, seen_);
  if (!here) seen_ = pending_.size();
  return here;
}

// Waits for bytes without holding a buffer, then takes what there is. False at the end.
asio::awaitable<bool> Session::fill(std::size_t& available) {
  // A client that was just answered has not asked again: looking before waiting would be a system
  // call for nothing. Only a first request may be here already.
  bool look = std::exchange(fresh_, false);
  for (;;) {
    if (look) {
      std::vector<char>& buffer = loop_.buffer();
      const ssize_t n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
      if (n > 0) {
        available = static_cast<std::size_t>(n);
        co_return true;
      }
      if (n == 0) co_return false;
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) co_return false;
    }
    look = true;
    idle_ = pending_.empty();
    wait_for(kIdleMs);
    if (!idle_) {
      // However many pieces the head comes in.
      if (head_until_ms_ == 0) head_until_ms_ = loop_.now_ms() + kHeadMs;
      if (!adopted_) deadline_ms_ = head_until_ms_;
    }
    error_code error;
    co_await socket_.async_wait(asio::ip::tcp::socket::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    idle_ = false;
    wait_for(kForever);
    if (error || closing_) co_return false;
  }
}

// Works off every complete request in `data`; what is left waits in pending_. Answers that come
// from memory are gathered and sent together.
asio::awaitable<bool> Session::serve(std::string_view data) {
  std::string out;
  bool keep = true;
  while (keep && !data.empty()) {
    while (data.starts_with("\r\n")) data.remove_prefix(2);
    const std::size_t head = Parser::head_size(data);
    int refusal = 0;
    Parser parser;
    http::Request request;
    if (head == 0 && data.size() <= max_head()) {
      if (!Parser::hopeless(data)) break;
      refusal = 400;
    } else if (head == 0 || head > max_head()) {
      refusal = 431;
    } else {
      refusal = parser.parse_head(data.substr(0, head), request);
    }
    if (refusal != 0) {
      co_await write(out);
      co_await refuse(refusal);
      co_return false;
    }
    head_until_ms_ = 0;
    wait_for(kForever);  // also for a head that came with the connection
    request.remote_address = remote_;
    request.environment_id = serving_.environment_id;
    if (Loop& place = place_of(request); &place != &loop_) {
      std::string received(data);
      bool sent = co_await write(out);
      if (sent && !closing_) move_to(place, std::move(received));
      co_return false;
    }
    if (parser.complete() && request.keep_alive && !ends() && out.size() < kMaxBatch &&
        serving_.handler->answer_now(request, out)) {
      data.remove_prefix(head);
      continue;
    }
    // The slow way suspends: the loop's buffer will be another session's by then.
    const std::string owned_head(data.substr(0, head));
    const std::string owned_rest(data.substr(head));
    request.move_head(data.substr(0, head), owned_head.data());
    bool sent = co_await write(out);
    if (!sent) co_return false;
    out.clear();
    std::size_t taken = 0;
    keep = co_await answer_at_length(parser, request, owned_rest, taken);
    if (!keep) co_return false;
    // Answering may have left bytes of its own behind the body.
    pending_ = owned_rest.substr(taken) + pending_;
    co_return true;
  }
  pending_.assign(data);
  if (out.empty()) co_return true;
  bool sent = co_await write(out);
  co_return sent;
}

asio::awaitable<bool> Session::answer_at_length(Parser& parser, const http::Request& request,
                                                std::string_view rest, std::size_t& used) {
  Body body(*this, parser, rest, request.expects_continue && !request.http_1_0);
  http::Response response = co_await serving_.handler->handle(request, body);
  proven_ = response.proven;
  // A body that was not read: read the little that is left, or end the connection after the answer.
  bool keep = request.keep_alive && !response.close && !ends();
  std::size_t drained = 0;
  if (body.continue_owed()) keep = false;
  while (keep && !parser.complete()) {
    if (drained > kMaxDrained) {
      keep = false;
      break;
    }
    Result<std::string_view> piece = co_await body.read();
    if (!piece.ok()) keep = false;
    if (piece.ok()) drained += piece->size();
  }
  const bool unread = !parser.complete() && !body.failed();
  bool sent = co_await send(request, std::move(response), keep);
  if (!sent) co_return false;
  if (!keep && unread) co_await linger();
  if (keep) {
    if (body.untouched()) {
      used = rest.size() - body.rest().size();
    } else {
      used = rest.size();
      pending_.assign(body.rest());
    }
  }
  co_return keep;
}

asio::awaitable<bool> Session::send(const http::Request& request, http::Response response,
                                    bool keep_alive) {
  std::string head;
  head.reserve(512);
  http::begin_response(head, response.status, loop_.date(), serving_.shared->server_header);
  for (const auto& [name, value] : response.headers) {
    head += name;
    head += ": ";
    const auto begin = static_cast<std::ptrdiff_t>(head.size());
    head += value;
    // A header value never breaks out of its line.
    auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    std::replace_if(head.begin() + begin, head.end(), breaks, ' ');
    head += "\r\n";
  }
  const bool is_head = request.method == http::Method::head;
  const bool bodyless = response.status == 204 || response.status == 304;
  if (!bodyless) {
    const std::uint64_t length =
        is_head && response.head_length ? *response.head_length : http::size_of(response.body);
    head += "Content-Length: " + std::to_string(length) + "\r\n";
  }
  if (!keep_alive)
    head += "Connection: close\r\n";
  else if (request.http_1_0)
    head += "Connection: keep-alive\r\n";
  head += "\r\n";
  if (is_head || bodyless || http::size_of(response.body) == 0) {
    bool sent = co_await write(head);
    co_return sent;
  }
  if (auto* source = std::get_if<http::SourceBody>(&response.body)) {
    bool sent = co_await send_source(std::move(head), std::move(*source));
    co_return sent;
  }
  const std::string* text = std::get_if<std::string>(&response.body);
  if (!text) text = std::get<std::shared_ptr<const std::string>>(response.body).get();
  if (text->size() <= 16 * 1024) {
    head += *text;
    bool sent = co_await write(head);
    co_return sent;
  }
  bool sent = co_await write(head);
  if (sent) sent = co_await write(*text);
  co_return sent;
}

// Holds nothing while the peer is slow: what it did not take is read again when it is ready.
asio::awaitable<bool> Session::send_source(std::string head, http::SourceBody body) {
  std::string_view front = head;
  std::uint64_t offset = body.offset, left = body.length;
  std::size_t in_a_row = 0;
  while (left > 0) {
    std::vector<char>& buffer = loop_.buffer();  // nobody else's until the next co_await
    const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), left));
    Result<std::size_t> n = body.source->read(offset, buffer.data(), want);
    if (!n.ok() || *n == 0) {
      LOG_ERROR("a response body could not be read: {}",
                n.ok() ? "it is shorter than its record says" : n.error().message);
      // Once the head is gone, all that can be said is an early end, which the client notices.
      if (front.size() == head.size()) co_await refuse(500);
      co_return false;
    }
    ssize_t sent = send_both(front, {buffer.data(), *n});
    if (sent < 0) co_return false;
    const std::size_t of_front = std::min(front.size(), static_cast<std::size_t>(sent));
    front.remove_prefix(of_front);
    const std::size_t of_body = static_cast<std::size_t>(sent) - of_front;
    offset += of_body;
    left -= of_body;
    in_a_row += of_body;
    if (of_body < *n) {
      bool ready = co_await writable();
      if (!ready) co_return false;
      in_a_row = 0;
    } else if (in_a_row >= kMaxInARow) {
      co_await asio::post(loop_.context(), asio::use_awaitable);
      in_a_row = 0;
    }
  }
  co_return true;
}

// What the kernel takes of one behind the other, without waiting; -1 when the peer is gone.
ssize_t Session::send_both(std::string_view first, std::string_view second) {
  iovec pieces[2] = {{const_cast<char*>(first.data()), first.size()},
                     {const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  for (;;) {
    const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (n >= 0) return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return -1;
  }
}

asio::awaitable<bool> Session::writable() {
  wait_for(kPieceMs);
  error_code error;
  co_await socket_.async_wait(asio::ip::tcp::socket::wait_write,
                              asio::redirect_error(asio::use_awaitable, error));
  wait_for(kForever);
  co_return !error;
}

asio::awaitable<bool> Session::write(std::string_view bytes) {
  if (bytes.empty()) co_return true;
  // Nearly always the kernel takes all at once.
  const ssize_t n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) co_return false;
  while (!bytes.empty()) {
    wait_for(kPieceMs);
    error_code error;
    const std::size_t m = co_await socket_.async_write_some(
        asio::buffer(bytes.data(), bytes.size()), asio::redirect_error(asio::use_awaitable, error));
    wait_for(kForever);
    if (error) co_return false;
    bytes.remove_prefix(m);
  }
  co_return true;
}

asio::awaitable<void> Session::refuse(int status) {
  std::string out;
  http::begin_response(out, status, loop_.date(), serving_.shared->server_header);
  out += "Connection: close\r\nContent-Length: 0\r\n\r\n";
  co_await write(out);
  co_await linger();
}

// Lets the peer read our last words: closing with unread bytes would reset the connection.
asio::awaitable<void> Session::linger() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  std::size_t discarded = 0;
  std::vector<char> buffer(kBodyBuffer);
  wait_for(kLingerMs);
  while (!error && discarded < kMaxLingered) {
    discarded += co_await socket_.async_read_some(asio::buffer(buffer),
                                                  asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace tidegate::net
