#include "http/message.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace tidegate::http {

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::put:
      return "PUT";
    case Method::post:
      return "POST";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::patch:
      return "PATCH";
    case Method::other:
      break;
  }
  return "OTHER";
}

bool equal_names(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const Header& h : headers)
    if (equal_names(h.name, name)) return h.value;
  return std::nullopt;
}

void Request::move_head(std::string_view head, const char* to) {
  auto move = [&](std::string_view& v) {
    const bool inside = v.data() >= head.data() && v.data() + v.size() <= head.data() + head.size();
    if (inside) v = {to + (v.data() - head.data()), v.size()};
  };
  for (std::string_view* v : {&target, &path, &query}) move(*v);
  for (Header& h : headers) move(h.name), move(h.value);
}

std::string_view Request::header_or(std::string_view name, std::string_view fallback) const {
  auto found = header(name);
  return found ? *found : fallback;
}

std::optional<Query> parse_query(std::string_view raw) {
  constexpr std::size_t kMaxMembers = 256;
  Query query;
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    const std::string_view member = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (member.empty()) continue;
    if (query.size() == kMaxMembers) return std::nullopt;
    const std::size_t equals = std::min(member.find('='), member.size());
    auto name = percent_decode(member.substr(0, equals));
    auto value = percent_decode(member.substr(std::min(equals + 1, member.size())));
    if (!name || !value) return std::nullopt;
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

const std::string* find(const Query& query, std::string_view name) {
  for (const auto& [known, value] : query)
    if (known == name) return &value;
  return nullptr;
}

Task<std::string> read_all(BodyReader& body, std::size_t limit) {
  std::string all;
  for (;;) {
    CO_TRY(std::string_view piece, co_await body.read());
    if (piece.empty()) co_return all;
    if (piece.size() > limit - all.size())
      co_return Error{Fault::too_large,
                      fmt::format("Request must be smaller than {} bytes", limit)};
    all.append(piece);
  }
}

std::uint64_t size_of(const Body& body) {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&body))
    return *shared ? (*shared)->size() : 0;
  return std::get<SourceBody>(body).length;
}

std::string_view reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

void begin_response(std::string& out, int status, std::string_view date, std::string_view server) {
  // Piece by piece: the data plane says this more often than anything.
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason(status));
  out.append("\r\nDate: ").append(date).append("\r\nServer: ").append(server).append("\r\n");
}

}  // namespace tidegate::http
