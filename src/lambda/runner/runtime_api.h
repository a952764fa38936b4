// The Runtime API (2018-06-01) of one environment as an HTTP handler. Called on the control strand,
// where the Environment decides: an event passes through no other thread. Holds the environment
// weakly: a call to one that is gone is answered 410 and the connection closed. A response is held
// in memory while it is read, so at most kMaxBodies are read at a time; a proper runtime sends one.
// After an event's end its caller is answered first, and before a refusal the strand's other work
// has its turn: what a process in a sandbox sends in a row must not hold it up.
// Source: contract on Lambda, section 10.
#pragma once

#include <memory>
#include <string>

#include "base/executor.h"
#include "http/message.h"

namespace tidegate::lambda {

class Environment;

// What a request asks for; pure.
struct RuntimeCall {
  enum class What { ping, next, response, error, init_error, unknown, wrong_method, bad_mode };
  What what = What::unknown;
  std::string request_id;
  std::string error_type;   // the optional header
  bool with_cause = false;  // the error document holds a cause for traces, not for the caller
};
RuntimeCall parse_runtime_call(const http::Request&);

http::Response runtime_status(int status, std::string body);
http::Response runtime_problem(int status, std::string_view type, std::string_view message);
http::Response runtime_gone();

inline constexpr int kMaxBodies = 2;

class RuntimeApi final : public http::Handler {
 public:
  RuntimeApi(asio::any_io_executor control, std::weak_ptr<Environment> environment)
      : control_(std::move(control)), environment_(std::move(environment)) {}
  asio::awaitable<http::Response> handle(const http::Request&, http::BodyReader&) override;

 private:
  asio::awaitable<http::Response> answer_to(RuntimeCall, http::BodyReader&);
  asio::awaitable<http::Response> next_event();

  asio::any_io_executor control_;
  std::weak_ptr<Environment> environment_;
  int bodies_ = 0;  // being read
};

}  // namespace tidegate::lambda
