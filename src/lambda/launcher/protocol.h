// The words between the server and tidegate-launcher: one message is one datagram of a Unix
// SOCK_SEQPACKET socket, little more than a struct written down. Used by both programs, so it needs
// the standard library only. Both ends are of the same build: there is no versioning.
//
// server -> launcher: start (a new sandbox), restart (its process anew, /tmp stays), stop (its
// process ends, the sandbox stays), kill (all of it), freeze and thaw (every process stands still,
// goes on).
// launcher -> server: hello (once, first), started (with three descriptors), failed, exited (the
// process; the sandbox lives), ended (the sandbox is gone). `id` is chosen by the server.
// Decoding answers nullopt to anything malformed.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::lambda::launch {

inline constexpr int kSocketFd = 3;                     // the launcher's end, inherited
inline constexpr std::size_t kMaxMessage = 128 * 1024;  // fits the default socket buffer
inline constexpr std::uint16_t kRuntimeApiPort = 9001;  // on 127.0.0.1 inside the sandbox
inline constexpr std::uint16_t kEndpointPort = 4566;    // likewise
// Of the log, besides the runtime's output: one for framed records, which they may close.
inline constexpr int kLogFd = 4;
// Beside `started`, in this order: Runtime API listener, endpoint listener, read end of the log.
inline constexpr int kStartedFds = 3;

enum class Kind : std::uint8_t {
  hello = 1,
  start,
  restart,
  stop,
  kill,
  freeze,
  thaw,
  started,
  failed,
  exited,
  ended,
};

// What a sandbox is made from. Directories are absolute; "" leaves the place empty.
struct Spec {
  std::string code_directory;      // /var/task
  std::string runtime_directory;   // /var/runtime
  std::string layer_directory;     // /opt
  std::vector<std::string> argv;   // paths as seen inside
  std::vector<std::string> env;    // "NAME=value", all of it
  std::uint64_t memory_bytes = 0;  // RLIMIT_DATA of each process
  std::uint64_t tmp_bytes = 0;     // size of /tmp and of one file
  // Thousandths of a processor that all processes share; 0 is as much as there is.
  std::uint64_t cpu_permille = 0;
  friend bool operator==(const Spec&, const Spec&) = default;
};

struct Message {
  Kind kind = Kind::hello;
  std::uint64_t id = 0;
  std::uint32_t generation = 0;  // which process of the sandbox; the first is 1
  // hello: 1 where Spec::cpu_permille is heeded; started: init's pid; exited: the status as wait()
  // gives it.
  std::int64_t number = 0;
  bool out_of_memory = false;  // exited: the control group had to kill
  // hello: the level; failed: the reason; exited: why the program could not be executed, mostly "";
  // started: the file that tells how much memory the sandbox took at most, "" without one.
  std::string text;
  std::string reason;  // hello: why the level is not higher
  Spec spec;           // start only
};

namespace detail {

inline void put(std::string& out, std::uint64_t n) {
  out.append(reinterpret_cast<const char*>(&n), sizeof n);
}
inline void put(std::string& out, const std::string& s) {
  put(out, std::uint64_t{s.size()});
  out += s;
}
inline void put(std::string& out, const std::vector<std::string>& list) {
  put(out, std::uint64_t{list.size()});
  for (const auto& s : list) put(out, s);
}

struct Cursor {
  std::string_view rest;
  bool good = true;

  std::uint64_t number() {
    std::uint64_t n = 0;
    if (rest.size() < sizeof n) return good = false, 0;
    std::memcpy(&n, rest.data(), sizeof n);
    rest.remove_prefix(sizeof n);
    return n;
  }
  std::string text() {
    std::uint64_t size = number();
    if (!good || size > rest.size()) return good = false, std::string();
    std::string s(rest.substr(0, size));
    rest.remove_prefix(size);
    return s;
  }
  std::vector<std::string> list() {
    std::uint64_t count = number();
    std::vector<std::string> all;
    for (std::uint64_t i = 0; good && i < count; ++i) all.push_back(text());
    return all;
  }
};

}  // namespace detail

inline std::string encode(const Message& m) {
  std::string out;
  detail::put(out, std::uint64_t(m.kind));
  detail::put(out, m.id);
  detail::put(out, std::uint64_t{m.generation});
  detail::put(out, std::uint64_t(m.number));
  detail::put(out, std::uint64_t(m.out_of_memory));
  detail::put(out, m.text);
  detail::put(out, m.reason);
  if (m.kind != Kind::start) return out;
  detail::put(out, m.spec.code_directory);
  detail::put(out, m.spec.runtime_directory);
  detail::put(out, m.spec.layer_directory);
  detail::put(out, m.spec.argv);
  detail::put(out, m.spec.env);
  detail::put(out, m.spec.memory_bytes);
  detail::put(out, m.spec.tmp_bytes);
  detail::put(out, m.spec.cpu_permille);
  return out;
}

inline std::optional<Message> decode(std::string_view bytes) {
  detail::Cursor in{bytes};
  Message m;
  std::uint64_t kind = in.number();
  if (kind < std::uint64_t(Kind::hello) || kind > std::uint64_t(Kind::ended)) return std::nullopt;
  m.kind = Kind(kind);
  m.id = in.number();
  m.generation = std::uint32_t(in.number());
  m.number = std::int64_t(in.number());
  m.out_of_memory = in.number() != 0;
  m.text = in.text();
  m.reason = in.text();
  if (m.kind == Kind::start) {
    m.spec.code_directory = in.text();
    m.spec.runtime_directory = in.text();
    m.spec.layer_directory = in.text();
    m.spec.argv = in.list();
    m.spec.env = in.list();
    m.spec.memory_bytes = in.number();
    m.spec.tmp_bytes = in.number();
    m.spec.cpu_permille = in.number();
  }
  if (!in.good || !in.rest.empty()) return std::nullopt;
  return m;
}

}  // namespace tidegate::lambda::launch
