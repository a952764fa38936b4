// Client: calls to other servers, HTTP/1.1 over TCP or TLS 1.2 and later, one connection a call. It
// has a thread of its own for sockets and TLS, and a few for resolving names, so that a slow name
// server holds up nothing else. Certificates are verified against the system's authorities (or
// `ca_file`) and the host's name. post() on the control strand; stop() from any thread but its own,
// once no post() is awaited. It outlives the control strand's loop, which may still hold its
// answers.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "base/scheduler.h"
#include "http/client.h"

namespace tidegate::net {

struct ClientOptions {
  std::string ca_file;  // "": the system's
};

class Client final : public http::Client {
 public:
  // `real`: the deadlines' clock, on `control`.
  static Result<std::unique_ptr<Client>> make(Scheduler& real, asio::any_io_executor control,
                                              ClientOptions);
  ~Client() override;
  Task<http::Answer> post(http::Call) override;
  void stop();

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl>);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidegate::net
