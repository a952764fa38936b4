// RawClient: a blocking TCP connection that sends bytes as they are given and reads answers one by
// one, for tests of the server's own edges. A read that takes 10 s fails.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace tidegate {

struct RawAnswer {
  int status = 0;  // 0: the connection ended
  std::string head, body;
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // the answer will tell
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void finish() { ::shutdown(fd_, SHUT_WR); }

  // One answer by its Content-Length. `bodyless`: to HEAD, or 1xx, 204, 304.
  RawAnswer answer(bool bodyless = false) {
    RawAnswer a;
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return a;
    a.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    CHECK(a.head.size() > 12);
    a.status = std::stoi(a.head.substr(9, 3));
    const std::size_t at = a.head.find("Content-Length: ");
    if (bodyless || a.status == 100 || at == std::string::npos) return a;
    const std::size_t length = std::stoull(a.head.substr(at + 16));
    while (buffer_.size() < length)
      if (!more()) break;
    a.body = buffer_.substr(0, length);
    buffer_.erase(0, a.body.size());
    return a;
  }
  // True when the server ended the connection and nothing was left unread.
  bool ended() { return buffer_.empty() && !more() && over_; }

 private:
  bool more() {
    char piece[65536];
    const ssize_t n = ::recv(fd_, piece, sizeof piece, 0);
    if (n > 0) buffer_.append(piece, static_cast<std::size_t>(n));
    over_ = n == 0 || (n < 0 && errno == ECONNRESET);
    return n > 0;
  }

  int fd_;
  bool connected_ = false, over_ = false;
  std::string buffer_;
};

}  // namespace tidegate
