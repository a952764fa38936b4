// Requests and responses as plain data, between the network and everything above it. No I/O.
// A Request is valid while its exchange lasts: its views point into the connection's buffer. Header
// names compare without case; order and repeats are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/task.h"
#include "base/time.h"

namespace tidegate::http {

enum class Method : std::uint8_t { get, head, put, post, delete_, options, patch, other };
std::string_view to_string(Method);

struct Header {
  std::string_view name, value;  // value trimmed, otherwise as sent
};

bool equal_names(std::string_view a, std::string_view b);  // ASCII, case-insensitive

struct Request {
  Method method = Method::other;
  std::string_view target;  // as sent: path and query
  std::string_view path;    // raw, still percent-encoded
  std::string_view query;   // raw, without '?'
  bool http_1_0 = false;
  bool keep_alive = true;
  std::vector<Header> headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;  // Transfer-Encoding: chunked
  bool expects_continue = false;
  std::string_view remote_address;  // "127.0.0.1"
  // Set by the listener of a function's sandbox: the environment that is calling ("" otherwise).
  std::string_view environment_id;

  // The first header of that name; empty view with null data when absent.
  std::optional<std::string_view> header(std::string_view name) const;
  std::string_view header_or(std::string_view name, std::string_view fallback) const;
  // The head that was parsed stands at `to` as well from now on: views into it go there.
  void move_head(std::string_view head, const char* to);
  std::string_view host() const { return header_or("host", ""); }
};

// The query as decoded pairs in order of appearance; '+' is a plus, "?a" is ("a", "").
// nullopt on a broken percent escape or more than 256 members.
using Query = std::vector<std::pair<std::string, std::string>>;
std::optional<Query> parse_query(std::string_view raw);
const std::string* find(const Query&, std::string_view name);

// A body on its way in. read() returns the next piece (valid until the next call) or an empty view
// at the end; Fault::incomplete_body when the peer goes away. Used on the connection's thread.
// The first read of a request with Expect: 100-continue sends the 100.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  virtual Task<std::string_view> read() = 0;
};
// Reads all of it; Fault::too_large above `limit`.
Task<std::string> read_all(BodyReader&, std::size_t limit);

// A source of response bytes that does not fit memory: [offset, offset+length) of something that
// can be read by position. read() may block on the disk; it is called on the connection's thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) = 0;
};
struct SourceBody {
  std::shared_ptr<ByteSource> source;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

using Body = std::variant<std::string, std::shared_ptr<const std::string>, SourceBody>;
std::uint64_t size_of(const Body&);

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // without Content-Length, Date, Server
  Body body;
  bool close = false;   // end the connection after this answer
  bool proven = false;  // carried out for a caller who may: see Handler::wants_control
  // For a HEAD answer: the length that GET would have had.
  std::optional<std::uint64_t> head_length;

  Response& set(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

// What a listener serves. Called on the connection's thread, for many connections at once.
class Handler {
 public:
  virtual ~Handler() = default;
  // Answers from memory at once, appending the complete response bytes (status line to body, made
  // with begin_response) to `out`; false hands the request to handle(). Must not block.
  virtual bool answer_now(const Request&, std::string& out) {
    (void)out;
    return false;
  }
  // Whether a request's work is short and on the control strand, so that serving its connection on
  // the strand's own thread saves more than it costs there. Asked of a connection whose last answer
  // was `proven`, by the request's head.
  virtual bool wants_control(const Request&) const { return false; }
  // Never throws out; the body may be left unread (the connection is then drained or closed).
  virtual asio::awaitable<Response> handle(const Request&, BodyReader&) = 0;
};

// Appends "HTTP/1.1 <status> <reason>\r\n", Date and Server, for answer_now().
void begin_response(std::string& out, int status, std::string_view date, std::string_view server);
std::string_view reason(int status);

}  // namespace tidegate::http
