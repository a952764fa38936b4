#include "lambda/runner/runtime_api.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
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
  call.with_cause = !response && request.header_or("Content-Type", "") ==
                                     "application/vnd.aws.lambda.error.cause+json";
  std::string_view mode = request.header_or("Lambda-Runtime-Function-Response-Mode", "");
  const bool odd = response && !mode.empty() && !http::equal_names(mode, "streaming");
  return only(odd ? What::bad_mode : response ? What::response : What::error, http::Method::post);
}

asio::awaitable<http::Response> RuntimeApi::handle(const http::Request& request,
                                                   http::BodyReader& body) {
  http::Response answer = runtime_gone();
  try {
    answer = co_await answer_to(parse_runtime_call(request), body);
    // After a response the caller's own steps come first, which are two.
    const int turns = answer.status >= 400 ? 1 : answer.status == 202 ? 2 : 0;
    for (int i = 0; i < turns; ++i) co_await asio::post(control_, asio::use_awaitable);
    if (answer.status == 202)
      asio::post(control_, [weak = environment_] {
        if (auto environment = weak.lock()) environment->settle();
      });
  } catch (const boost::system::system_error&) {
    // Cancelled: the connection is gone, nobody reads this.
  }
  co_return answer;
}

asio::awaitable<http::Response> RuntimeApi::answer_to(RuntimeCall call, http::BodyReader& body) {
  switch (call.what) {
    case What::ping:
      co_return runtime_status(200, "pong");
    case What::unknown: {
      auto answer = runtime_status(404, "404 page not found\n");
      answer.set("Content-Type", "text/plain; charset=utf-8");
      co_return answer;
    }
    case What::wrong_method:
      co_return runtime_status(405, "");
    case What::next:
      co_return co_await next_event();
    default:
      break;
  }
  struct Count {
    int& n;
    explicit Count(int& count) : n(count) { ++n; }
    ~Count() { --n; }
  };
  Count count(bodies_);
  if (bodies_ > kMaxBodies)
    co_return runtime_problem(429, "TooManyRequests", "Too many responses at a time");
  auto read = co_await http::read_all(body, kMaxFunctionResponse);
  const bool too_large = !read.ok() && read.fault() == Fault::too_large;
  if (!read.ok() && !too_large)
    co_return runtime_problem(400, "TruncatedHTTPRequest", "HTTP request detected as truncated");
  std::string payload;
  if (read.ok()) payload = std::move(read).value();
  auto environment = environment_.lock();
  if (!environment) co_return runtime_gone();
  if (call.what == What::bad_mode) co_return environment->refuse_mode(call.request_id);
  if (too_large && call.what != What::init_error)
    co_return environment->refuse_large(call.request_id);
  if (call.with_cause) payload = error_without_cause(payload);
  if (call.what == What::error)
    co_return environment->report_error(call.request_id, std::move(payload), call.error_type);
  if (call.what == What::init_error)
    co_return environment->report_init_error(too_large ? too_large_document() : std::move(payload),
                                             call.error_type);
  co_return environment->respond(call.request_id, std::move(payload));
}

// A process that waits does not keep its environment.
asio::awaitable<http::Response> RuntimeApi::next_event() {
  std::shared_ptr<OneShot<http::Response>> waiter;
  if (auto environment = environment_.lock()) waiter = environment->next();
  if (!waiter) co_return runtime_gone();
  auto event = co_await waiter->wait();
  co_return event ? std::move(*event) : runtime_gone();
}

}  // namespace tidegate::lambda
