// Client: one HTTP/1.1 call to somebody else's server, as plain data. The caller decides by `admit`
// to which addresses a name may lead; the connection goes to an address that was admitted, and the
// name is not resolved again. Implemented in net/; called and answered on the control strand.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/task.h"
#include "base/time.h"

namespace tidegate::http {

// Of IPv4 the first four bytes count.
struct Address {
  bool v4 = true;
  std::array<std::uint8_t, 16> bytes{};
};

struct Call {
  bool tls = true;
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 443;
  std::string target = "/";                                  // path and query
  std::vector<std::pair<std::string, std::string>> headers;  // without Host, Content-Length
  std::string body;
  // Asked for every address of the host before the first connection; one refusal ends the call.
  // Runs on another thread: it captures what it needs by value.
  std::function<Status(const Address&)> admit;
  Duration connect_within{5'000};  // resolving and the TLS handshake included
  Duration within{10'000};         // all of it
  std::size_t max_answer = 64 * 1024;
};

struct Answer {
  int status = 0;
  std::string body;
};

class Client {
 public:
  virtual ~Client() = default;
  // POSTs. Whatever the server answers is an Answer, redirects too: none is followed. Faults:
  // timed_out; too_large (the answer); unavailable with what went wrong (no such host, no
  // connection, a certificate that does not verify, a broken answer); what `admit` said.
  virtual Task<Answer> post(Call) = 0;
};

}  // namespace tidegate::http
