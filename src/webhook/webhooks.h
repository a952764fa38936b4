// Webhooks: the Sender of production. Targets and the allow-list come from the server's settings.
// Each call is a POST of the body with these headers:
//
//   Tidegate-Webhook-Id         the event's id
//   Tidegate-Webhook-Timestamp  seconds since the epoch, real time
//   Tidegate-Webhook-Signature  v1=HEX, HMAC-SHA256 of "TIMESTAMP.BODY" by the target's secret
//
// At most kMaxCalls are under way at once. On the control strand.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/scheduler.h"
#include "webhook/policy.h"
#include "webhook/sender.h"

namespace tidegate::webhook {

inline constexpr int kMaxCalls = 64;
inline constexpr std::size_t kMinSecret = 16;  // characters

struct Target {
  Url url;
  std::string secret;
};

// What the settings declare.
struct Directory {
  AllowList allowed;
  std::map<std::string, Target, std::less<>> targets;
};

// `targets`: "NAME=URL …", `secrets`: "NAME=SECRET …", between white space. Every target has a
// secret and a host that `allow` names. The error names the setting and the entry.
Result<Directory> read_directory(std::string_view targets, std::string_view secrets,
                                 std::string_view allow);

std::string signature(std::string_view secret, std::string_view timestamp, std::string_view body);

class Webhooks final : public Sender {
 public:
  Webhooks(Directory directory, http::Client& client, const Clock& real, std::string user_agent)
      : directory_(std::move(directory)),
        client_(client),
        real_(real),
        user_agent_(std::move(user_agent)) {}
  bool knows(std::string_view target) const override {
    return directory_.targets.find(target) != directory_.targets.end();
  }
  // The declared target that a URL or an ARN names; nullopt when there is none.
  std::optional<std::string> name_of(std::string_view uri) const;
  Task<Reply> post(Message) override;

 private:
  Directory directory_;
  http::Client& client_;
  const Clock& real_;
  std::string user_agent_;
  int under_way_ = 0;
};

}  // namespace tidegate::webhook
