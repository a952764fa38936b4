#include "net/client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "base/executor.h"
#include "net/answer_reader.h"

namespace tidegate::net {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kResolvers = 4;

Error cannot(std::string what) {
  return {Fault::unavailable, std::move(what)};
}

http::Address plain(const asio::ip::address& address) {
  http::Address out;
  out.v4 = address.is_v4();
  if (out.v4) {
    const auto bytes = address.to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  } else {
    out.bytes = address.to_v6().to_bytes();
  }
  return out;
}

std::string head_of(const http::Call& call) {
  const bool bare_v6 = call.host.find(':') != std::string::npos;
  std::string head = fmt::format("POST {} HTTP/1.1\r\nHost: {}", call.target,
                                 bare_v6 ? "[" + call.host + "]" : call.host);
  if (call.port != (call.tls ? 443 : 80)) head += fmt::format(":{}", call.port);
  head += fmt::format("\r\nContent-Length: {}\r\nConnection: close\r\n", call.body.size());
  for (const auto& [name, value] : call.headers) head += fmt::format("{}: {}\r\n", name, value);
  return head + "\r\n";
}

// One call on the client's own loop. Everything but abort() and connected() on that thread.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& io, asio::ssl::context& tls, asio::any_io_executor names,
           http::Call call)
      : call_(std::move(call)), names_(std::move(names)), socket_(io), tls_(tls) {}

  static asio::awaitable<Result<http::Answer>> run(std::shared_ptr<Exchange> self) {
    Result<std::vector<tcp::endpoint>> endpoints = co_await self->resolve();
    if (!endpoints.ok()) co_return std::move(endpoints).error();
    for (const tcp::endpoint& e : *endpoints) {
      Status admitted = self->call_.admit(plain(e.address()));
      if (!admitted.ok()) co_return std::move(admitted).error();
    }
    CO_TRY(Unit reached, co_await self->connect(std::move(*endpoints)));
    (void)reached;
    if (!self->call_.tls) co_return co_await self->exchange(self->socket_);
    CO_TRY(Unit safe, co_await self->handshake());
    (void)safe;
    co_return co_await self->exchange(*self->stream_);
  }

  void abort() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      self->aborted_ = true;
      error_code ignored;
      self->socket_.close(ignored);
    });
  }
  bool connected() const { return connected_; }

 private:
  Task<std::vector<tcp::endpoint>> resolve() {
    error_code no_address;
    const auto address = asio::ip::make_address(call_.host, no_address);
    if (!no_address) co_return std::vector<tcp::endpoint>{{address, call_.port}};
    auto look_up = [host = call_.host, port = call_.port]() -> Result<std::vector<tcp::endpoint>> {
      asio::io_context here;
      error_code error;
      tcp::resolver resolver(here);
      std::vector<tcp::endpoint> found;
      for (const auto& entry :
           resolver.resolve(host, std::to_string(port), tcp::resolver::numeric_service, error))
        found.push_back(entry.endpoint());
      if (error || found.empty())
        return cannot(fmt::format("no address of {} was found: {}", host, error.message()));
      return found;
    };
    co_return co_await await_on(names_, std::move(look_up));
  }

  Task<Unit> connect(std::vector<tcp::endpoint> endpoints) {
    error_code error = asio::error::operation_aborted;
    for (const tcp::endpoint& endpoint : endpoints) {
      if (aborted_) break;
      socket_.close(error);
      co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
      if (!error) break;
    }
    if (error || aborted_)
      co_return cannot(
          fmt::format("no connection to {}:{}: {}", call_.host, call_.port, error.message()));
    socket_.set_option(tcp::no_delay(true), error);
    if (!call_.tls) connected_ = true;
    co_return done;
  }

  Task<Unit> handshake() {
    stream_.emplace(socket_, tls_);
    stream_->set_verify_mode(asio::ssl::verify_peer);
    stream_->set_verify_callback(asio::ssl::host_name_verification(call_.host));
    error_code no_address;
    asio::ip::make_address(call_.host, no_address);
    // A server's name may be indicated, an address may not (RFC 6066).
    if (no_address) SSL_set_tlsext_host_name(stream_->native_handle(), call_.host.c_str());
    error_code error;
    co_await stream_->async_handshake(asio::ssl::stream_base::client,
                                      asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      const long verdict = SSL_get_verify_result(stream_->native_handle());
      co_return cannot(fmt::format(
          "no TLS with {}:{}: {}{}", call_.host, call_.port, error.message(),
          verdict == X509_V_OK ? "" : fmt::format(": {}", X509_verify_cert_error_string(verdict))));
    }
    connected_ = true;
    co_return done;
  }

  template <class Stream>
  Task<http::Answer> exchange(Stream& stream) {
    const std::string head = head_of(call_);
    const std::array<asio::const_buffer, 2> request{asio::buffer(head), asio::buffer(call_.body)};
    error_code error;
    co_await asio::async_write(stream, request, asio::redirect_error(asio::use_awaitable, error));
    // A server may answer and end the connection before it has read everything: what it said counts
    // more than that the rest could not be written.
    AnswerReader reader(call_.max_answer);
    std::vector<char> piece(16 * 1024);
    while (!reader.complete()) {
      const std::size_t n = co_await stream.async_read_some(
          asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
      if (aborted_) co_return cannot("the call was ended");
      if (n > 0) {
        CO_TRY(Unit fed, reader.feed({piece.data(), n}));
        (void)fed;
        continue;
      }
      if (!error) continue;
      // An end of TLS that was not announced may be somebody's doing: only a length that was
      // announced ends the answer then.
      const bool announced = error == asio::error::eof;
      if (!announced) co_return cannot(fmt::format("no answer: {}", error.message()));
      CO_TRY(Unit ended, reader.end());
      (void)ended;
    }
    co_return reader.take();
  }

  http::Call call_;
  asio::any_io_executor names_;
  tcp::socket socket_;
  asio::ssl::context& tls_;
  std::optional<asio::ssl::stream<tcp::socket&>> stream_;
  bool aborted_ = false;
  std::atomic<bool> connected_{false};
};

// What the caller waits for, on the control strand: ends once, by whatever comes first.
struct Outcome {
  Scheduler& real;
  std::shared_ptr<Exchange> exchange;
  std::function<void(Result<http::Answer>)> resume;
  Scheduler::TimerId connecting = 0, total = 0;

  void finish(Result<http::Answer> result) {
    if (!resume) return;
    exchange->abort();
    real.cancel(connecting);
    real.cancel(total);
    std::exchange(resume, nullptr)(std::move(result));
  }
  void give_up(std::string text) { finish(Error{Fault::timed_out, std::move(text)}); }
};

asio::awaitable<void> carry(std::shared_ptr<Outcome> outcome, asio::any_io_executor control) {
  Result<http::Answer> result = co_await Exchange::run(outcome->exchange);
  asio::post(control, [outcome = std::move(outcome), r = std::move(result)]() mutable {
    outcome->finish(std::move(r));
  });
}

}  // namespace

struct Client::Impl {
  Impl(Scheduler& r, asio::any_io_executor c) : real(r), control(std::move(c)) {}

  Scheduler& real;
  asio::any_io_executor control;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  asio::thread_pool names{kResolvers};
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::thread thread;

  std::shared_ptr<Outcome> start(http::Call call,
                                 std::function<void(Result<http::Answer>)> resume) {
    const std::string where = fmt::format("{}:{}", call.host, call.port);
    const Duration connect_within = std::min(call.connect_within, call.within);
    const Duration within = call.within;
    auto exchange = std::make_shared<Exchange>(io, tls, names.get_executor(), std::move(call));
    auto outcome = std::make_shared<Outcome>(Outcome{real, std::move(exchange), std::move(resume)});
    outcome->connecting = real.after(connect_within, [outcome, where, connect_within] {
      if (!outcome->exchange->connected())
        outcome->give_up(
            fmt::format("no connection to {} within {} ms", where, connect_within.count()));
    });
    outcome->total = real.after(within, [outcome, where, within] {
      outcome->give_up(fmt::format("no answer of {} within {} ms", where, within.count()));
    });
    asio::co_spawn(io, carry(outcome, control), asio::detached);
    return outcome;
  }
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Client::~Client() {
  stop();
}

Result<std::unique_ptr<Client>> Client::make(Scheduler& real, asio::any_io_executor control,
                                             ClientOptions options) {
  auto impl = std::make_unique<Impl>(real, std::move(control));
  error_code error;
  impl->tls.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  if (options.ca_file.empty())
    impl->tls.set_default_verify_paths(error);
  else
    impl->tls.load_verify_file(options.ca_file, error);
  if (error)
    return Error{Fault::unavailable,
                 fmt::format("the authorities' certificates {} cannot be read: {}", options.ca_file,
                             error.message())};
  impl->thread = std::thread([&io = impl->io] { io.run(); });
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Task<http::Answer> Client::post(http::Call call) {
  auto initiate = [](auto handler, Impl* impl, http::Call c) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto executor = asio::get_associated_executor(handler);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto resume = [shared, executor](Result<http::Answer> result) {
      asio::post(executor,
                 [shared, r = std::make_shared<Result<http::Answer>>(std::move(result))]() mutable {
                   std::move (*shared)(std::move(r));
                 });
    };
    auto outcome = impl->start(std::move(c), std::move(resume));
    if (slot.is_connected())
      slot.assign([outcome](asio::cancellation_type) {
        outcome->finish(Error{Fault::cancelled, "the call was cancelled"});
      });
  };
  std::shared_ptr<Result<http::Answer>> result =
      co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                    void(std::shared_ptr<Result<http::Answer>>)>(
          initiate, asio::use_awaitable, impl_.get(), std::move(call));
  co_return std::move(*result);
}

void Client::stop() {
  impl_->names.join();
  impl_->work.reset();
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace tidegate::net
