// Session tokens: the whole state of a client's session, sealed (AES-256-GCM) and carried by the
// client, so that no session is stored and a replayed token gives the same answer again. Valid for
// 24 hours. Any thread after load().
#pragma once

#include <string>
#include <string_view>

#include "appconfig/types.h"
#include "base/random.h"
#include "base/task.h"
#include "store/store.h"

namespace tidegate::appconfig {

struct Session {
  std::string account, region;
  std::string application_id, environment_id, profile_id;
  std::string id;                         // the client, as cohorts see it
  std::uint32_t declared_interval_s = 0;  // 0: none was declared
  std::string served_version;             // "": nothing yet
  Instant issued{};
  std::optional<Instant> polled;  // the last successful poll
};

class Tokens {
 public:
  static constexpr std::int64_t kLifetimeMs = 24LL * 3600 * 1000;
  // Reads the sealing key from the store, or makes it.
  static Task<Tokens> load(store::Store& store, Random& random);
  Tokens(std::string key32, Random& random) : key_(std::move(key32)), random_(&random) {}

  std::string seal(const Session&) const;
  // Fault::bad_token with "Problem" = Corrupted or Expired.
  Result<Session> open(std::string_view token, Instant now) const;

 private:
  std::string key_;
  Random* random_;
};

Error bad_token(std::string message, std::string problem);

}  // namespace tidegate::appconfig
