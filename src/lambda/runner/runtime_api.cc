#include "lambda/runner/runtime_api.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "lambda/runner/environment.h"
#include "lambda/runner/outcome_text.h"

namespace tidegate::lambda {
namespace {

using What = RuntimeCall::What;

bool take_front(std::string_view& text, std::string_view front) {
  if (text.substr(0, front.size()) != front) return false;
  text.remove_prefix(front.size());
  return true;
}

bool take_back(std::string_view& text, std::string_view back) {
  if (text.size() < back.size() || text.substr(text.size() - back.size()) != back) return false;
  text.remove_suffix(back.size());
  return true;
}

// On the control strand. Owns all it works on: the caller's request lives on another thread.
asio::awaitable<http::Response> decide(std::weak_ptr<Environment> weak, RuntimeCall call,
                                       std::string body, bool too_large) {
  auto environment = weak.lock();
  if (!environment) co_return runtime_gone();
  switch (call.what) {
    case What::response:
      co_return too_large ? environment->refuse_large(call.request_id)
                          : environment->respond(call.request_id, std::move(body));
    case What::error:
      co_return environment->report_error(call.request_id, std::move(body), call.error_type);
    case What::init_error:
      co_return environment->report_init_error(std::move(body), call.error_type);
    default:
      break;
  }
  auto waiter = environment->next();
  environment.reset();  // a process that waits does not keep its environment
  auto answer = co_await waiter->wait();
  co_return answer ? std::move(*answer) : runtime_gone();
}

}  // namespace

http::Response runtime_status(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.set("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

http::Response runtime_problem(int status, std::string_view type, std::string_view message) {
  return runtime_status(
      status, fmt::format("{{\"errorMessage\":\"{}\",\"errorType\":\"{}\"}}", message, type));
}

http::Response runtime_gone() {
  auto response = runtime_problem(410, "Gone", "This environment has ended");
  response.close = true;
  return response;
}

RuntimeCall parse_runtime_call(const http::Request& request) {
  RuntimeCall call;
  std::string_view path = request.path;
  auto only = [&](What what, http::Method method) {
    call.what = request.method == method ? what : What::wrong_method;
    return call;
  };
  if (path == "/2018-06-01/ping" || path == "/ping") return only(What::ping, http::Method::get);
  if (!take_front(path, "/2018-06-01/runtime/")) return call;
  call.error_type = std::string(request.header_or("Lambda-Runtime-Function-Error-Type", ""));
  if (path == "init/error") return only(What::init_error, http::Method::post);
  if (!take_front(path, "invocation/")) return call;
  if (path == "next") return only(What::next, http::Method::get);
  bool response = take_back(path, "/response");
  if (!response && !take_back(path, "/error")) return call;
  if (path.empty() || path.find('/') != std::string_view::npos) return call;
  call.request_id = std::string(path);
  std::string_view mode = request.header_or("Lambda-Runtime-Function-Response-Mode", "");
  if (response && !mode.empty() && !http::equal_names(mode, "streaming")) {
    call.what = What::bad_mode;
    return call;
  }
  return only(response ? What::response : What::error, http::Method::post);
}

asio::awaitable<http::Response> RuntimeApi::handle(const http::Request& request,
                                                   http::BodyReader& body) {
  RuntimeCall call = parse_runtime_call(request);
  switch (call.what) {
    case What::ping:
      co_return runtime_status(200, "pong");
    case What::unknown:
      co_return runtime_problem(404, "NotFound", "No such path");
    case What::wrong_method:
      co_return runtime_problem(405, "MethodNotAllowed", "Method not allowed");
    case What::bad_mode:
      co_return runtime_problem(400, "InvalidFunctionResponseMode",
                                "Invalid function response mode");
    default:
      break;
  }
  struct Count {
    std::atomic<int>& n;
    const bool mine;
    ~Count() { n -= mine; }
  };
  Count count{bodies_, call.what != What::next};
  if (count.mine && ++bodies_ > kMaxBodies)
    co_return runtime_problem(429, "TooManyRequests", "Too many responses at a time");
  try {
    std::string bytes;
    bool too_large = false;
    if (count.mine) {
      auto read = co_await http::read_all(body, kMaxFunctionResponse);
      too_large = !read.ok() && read.fault() == Fault::too_large;
      if (!read.ok() && !too_large) co_return runtime_problem(400, "InvalidRequest", "No body");
      if (read.ok()) bytes = std::move(read).value();
    }
    co_return co_await asio::co_spawn(
        control_, decide(environment_, std::move(call), std::move(bytes), too_large),
        asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    // Cancelled: the connection is gone, nobody reads this.
  }
  co_return runtime_gone();
}

}  // namespace tidegate::lambda
