#include "net/server.h"

#include <unistd.h>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

#include "base/log.h"
#include "net/loop.h"
#include "net/session.h"

namespace tidegate::net {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

// One listening socket on one loop. Alive while the loop holds its pending accept.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(Loop& loop, tcp::acceptor acceptor, Serving serving)
      : loop_(loop),
        acceptor_(std::move(acceptor)),
        pause_(loop.context()),
        serving_(std::move(serving)) {}

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (!self->acceptor_.is_open()) return;
      if (!error) {
        self->take(std::move(socket));
      } else if (error == asio::error::operation_aborted) {
        return;
      } else {
        // Out of descriptors: later there may be some.
        LOG_WARN("accept failed: {}", error.message());
        self->pause_.expires_after(std::chrono::milliseconds(100));
        self->pause_.async_wait([self](error_code) {
          if (self->acceptor_.is_open()) self->accept();
        });
        return;
      }
      self->accept();
    });
  }

  void close() {
    error_code error;
    acceptor_.close(error);
    pause_.cancel();
    for (auto& weak : sessions_)
      if (auto session = weak.lock()) session->close();
    sessions_.clear();
  }
  void stop_accepting() {
    error_code error;
    acceptor_.close(error);
    pause_.cancel();
  }

 private:
  void take(tcp::socket socket) {
    const bool adopted = serving_.adopted();
    const Shared& shared = *serving_.shared;
    if (shared.draining && !adopted) return;
    if (!adopted && shared.connections.load() >= shared.max_connections) return;
    if (adopted) {
      std::erase_if(sessions_, [](const auto& weak) { return weak.expired(); });
      if (sessions_.size() >= kMaxAdoptedConnections) return;
    }
    auto session = std::make_shared<Session>(loop_, loop_, std::move(socket), serving_);
    if (adopted) sessions_.push_back(session);
    session->start();
  }

  Loop& loop_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  Serving serving_;
  std::vector<std::weak_ptr<Session>> sessions_;  // of an adopted listener
};

class AdoptedListener final : public Adopted {
 public:
  AdoptedListener(Loop& loop, std::shared_ptr<Listener> listener)
      : loop_(loop), listener_(std::move(listener)) {}
  ~AdoptedListener() override {
    asio::post(loop_.context(), [listener = std::move(listener_)] { listener->close(); });
  }

 private:
  Loop& loop_;
  std::shared_ptr<Listener> listener_;
};

}  // namespace

struct Server::Impl {
  ServerOptions options;
  std::shared_ptr<Shared> shared = std::make_shared<Shared>();
  std::deque<Loop> loops;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<Loop*> loop_of;  // of each listener
  std::atomic<std::size_t> next{0};
  bool started = false;

  Result<tcp::acceptor> open(Loop& loop, const tcp::endpoint& endpoint) {
    tcp::acceptor acceptor(loop.context());
    error_code error;
    auto say = [&](const char* doing) {
      return Error{Fault::unavailable,
                   fmt::format("cannot {} {}:{}: {}", doing, endpoint.address().to_string(),
                               endpoint.port(), error.message())};
    };
    acceptor.open(endpoint.protocol(), error);
    if (error) return say("open a socket for");
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    acceptor.set_option(reuse_port(true), error);
    acceptor.bind(endpoint, error);
    if (error) return say("bind");
    acceptor.listen(1024, error);
    if (error) return say("listen on");
    return acceptor;
  }
};

Server::Server(ServerOptions options, Loops* loops) : impl_(std::make_unique<Impl>()) {
  impl_->shared->server_header = options.server_header;
  impl_->shared->max_connections = options.max_connections;
  if (loops) impl_->shared->control = &loops->control();
  for (int i = 0; i < std::max(1, options.threads); ++i) impl_->loops.emplace_back(options.up_ms);
  impl_->options = std::move(options);
}

Server::~Server() {
  for (Loop& loop : impl_->loops) loop.stop();
}

Result<std::uint16_t> Server::listen(std::string host, std::uint16_t port, http::Handler& handler) {
  error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error)
    return Error{Fault::invalid_argument, fmt::format("'{}' is no address to listen on", host)};
  // A port that somebody else serves is refused: SO_REUSEPORT is for our own loops only.
  if (port != 0) {
    asio::io_context probe_context;
    tcp::acceptor probe(probe_context);
    const tcp::endpoint wanted(address, port);
    probe.open(wanted.protocol(), error);
    probe.set_option(tcp::acceptor::reuse_address(true), error);
    probe.bind(wanted, error);
    if (error)
      return Error{Fault::unavailable,
                   fmt::format("cannot listen on {}:{}: {}", host, port, error.message())};
  }
  for (Loop& loop : impl_->loops) {
    TRY(tcp::acceptor acceptor, impl_->open(loop, tcp::endpoint(address, port)));
    port = acceptor.local_endpoint(error).port();
    auto listener = std::make_shared<Listener>(loop, std::move(acceptor),
                                               Serving{impl_->shared, nullptr, &handler, ""});
    impl_->listeners.push_back(listener);
    impl_->loop_of.push_back(&loop);
    if (impl_->started) asio::post(loop.context(), [listener] { listener->accept(); });
  }
  return port;
}

std::unique_ptr<Adopted> Server::adopt(int listening_fd, std::string environment_id,
                                       std::shared_ptr<http::Handler> handler) {
  Loop& loop = impl_->loops[impl_->next.fetch_add(1) % impl_->loops.size()];
  return adopt_on(loop, impl_->shared, listening_fd, std::move(environment_id), std::move(handler));
}

std::unique_ptr<Adopted> adopt_on(Loop& loop, std::shared_ptr<Shared> shared, int listening_fd,
                                  std::string environment_id,
                                  std::shared_ptr<http::Handler> handler) {
  tcp::acceptor acceptor(loop.context());
  error_code error;
  acceptor.assign(tcp::v4(), listening_fd, error);
  if (error) {
    LOG_ERROR("a sandbox's listener cannot be used: {}", error.message());
    ::close(listening_fd);
  }
  http::Handler* target = handler.get();
  auto listener = std::make_shared<Listener>(
      loop, std::move(acceptor),
      Serving{std::move(shared), std::move(handler), target, std::move(environment_id)});
  asio::post(loop.context(), [listener] { listener->accept(); });
  return std::make_unique<AdoptedListener>(loop, listener);
}

void Server::start() {
  impl_->started = true;
  for (std::size_t i = 0; i < impl_->listeners.size(); ++i)
    asio::post(impl_->loop_of[i]->context(),
               [listener = impl_->listeners[i]] { listener->accept(); });
  for (Loop& loop : impl_->loops) loop.start();
}

void Server::drain() {
  if (!std::exchange(impl_->started, false)) return;
  impl_->shared->draining = true;
  for (std::size_t i = 0; i < impl_->listeners.size(); ++i)
    asio::post(impl_->loop_of[i]->context(),
               [listener = impl_->listeners[i]] { listener->stop_accepting(); });
  Loop* control = impl_->shared->control;
  for (Loop& loop : impl_->loops)
    asio::post(loop.context(), [&loop] { loop.close_sessions(Closing::idle); });
  if (control)
    asio::post(control->context(), [control] { control->close_sessions(Closing::idle); });
  // Seldom and short: looking again is simpler than a signal from every session's end.
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(impl_->options.drain_ms);
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  while (impl_->shared->connections.load() > 0 && std::chrono::steady_clock::now() < deadline)
    never.wait_for(lock, std::chrono::milliseconds(5));
  auto close = [](Loop& loop, Closing which) {
    std::promise<void> closed;
    asio::post(loop.context(), [&] {
      loop.close_sessions(which);
      closed.set_value();
    });
    closed.get_future().wait();
  };
  if (control) close(*control, Closing::connections);
  for (Loop& loop : impl_->loops) {
    close(loop, Closing::everything);
    loop.stop();
  }
}

}  // namespace tidegate::net
