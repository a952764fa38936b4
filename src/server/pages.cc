#include "server/pages.h"

#include <fmt/format.h>

namespace tidegate::server {
namespace {

http::Response page(int status, std::string text, std::string type = "text/plain; charset=utf-8") {
  http::Response r;
  r.status = status;
  r.set("Content-Type", std::move(type));
  r.body = std::move(text);
  return r;
}

}  // namespace

std::optional<http::Response> Pages::answer(const http::Request& request) const {
  if (request.method != http::Method::get && request.method != http::Method::head)
    return std::nullopt;
  // A bucket could be called "metrics", but then its request is signed.
  if (request.header("authorization") || request.query.find("X-Amz-") != std::string_view::npos)
    return std::nullopt;
  if (request.path == "/healthz") return page(200, "ok\n");
  if (request.path == "/readyz") {
    const bool writable = store_.writable() && blobs_.writable();
    std::string text = writable ? "ready\n"
                                : "read-only: the disk refused an fsync; nothing is written until "
                                  "the server is started again\n";
    const bool lost = function_level_ != "off" && sandboxes_.value() == 0;
    const std::string reason = lost ? "the launcher ended" : function_reason_;
    text += fmt::format("functions: {}{}\n", lost ? "off" : function_level_,
                        reason.empty() ? "" : " (" + reason + ")");
    return page(writable ? 200 : 503, std::move(text));
  }
  if (request.path == "/metrics")
    return page(200, metrics_.prometheus(), "text/plain; version=0.0.4; charset=utf-8");
  return std::nullopt;
}

}  // namespace tidegate::server
