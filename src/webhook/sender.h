// Sender: what a domain needs to tell somebody outside of an event: a name that the server's
// settings declare, and a body. The address, the secret and what is allowed stay behind it. Called
// and answered on the control strand.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"

namespace tidegate::webhook {

struct Message {
  std::string target;  // a declared name
  std::string id;      // of the event; the same each time it is tried again
  std::string body;    // JSON, at most kMaxMessage bytes
  int deadline_ms = 10'000;
  std::size_t max_reply = 64 * 1024;  // bytes
};

inline constexpr std::size_t kMaxMessage = 8 * 1024 * 1024;

struct Reply {
  int status = 0;
  std::string body;
  // Only 2xx says that the event was taken. A redirect does not: it is not followed.
  bool accepted() const { return status >= 200 && status < 300; }
};

class Sender {
 public:
  virtual ~Sender() = default;
  virtual bool knows(std::string_view target) const = 0;
  // Faults: not_found (no such target), too_large, throttled (too many calls are under way),
  // timed_out, access_denied (the host's address is not allowed), unavailable.
  virtual Task<Reply> post(Message) = 0;
};

// "arn:tidegate:webhook:::NAME", as API members name a target; nullopt for any other text.
std::optional<std::string_view> target_of_arn(std::string_view arn);

}  // namespace tidegate::webhook
