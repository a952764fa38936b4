// Data plane: sessions and polls. latest() is pure memory and may be called from any thread; what
// needs names resolved or the deprecated call runs on the control strand.
// Errors: not_found ("ResourceType", "Identifier"), bad_token, invalid_argument.
#pragma once

#include "appconfig/environments.h"
#include "appconfig/profiles.h"
#include "appconfig/snapshot.h"
#include "appconfig/tokens.h"

namespace tidegate::appconfig {

inline constexpr std::uint32_t kDefaultPollSeconds = 60;
inline constexpr std::string_view kIonType = "application/ion;type=AWS.AppConfig.FeatureFlags";

struct Poll {
  std::string next_token;
  std::uint32_t interval_s = kDefaultPollSeconds;
  // Null when the client has what it is due.
  std::shared_ptr<const std::string> content;
  std::string content_type;
  std::optional<std::string> version_label;
};

struct Configuration {
  std::shared_ptr<const std::string> content;  // null: the client's version is the one it is due
  std::string content_type, version;
};

class DataPlane {
 public:
  DataPlane(Applications& applications, Environments& environments, Profiles& profiles,
            const Snapshot& snapshot, Tokens tokens, const Clock& domain, Random& random)
      : applications_(applications),
        environments_(environments),
        profiles_(profiles),
        snapshot_(snapshot),
        tokens_(std::move(tokens)),
        domain_(domain),
        random_(random) {}

  Task<std::string> start_session(Scope scope, std::string application, std::string environment,
                                  std::string profile, std::optional<std::int32_t> interval_s);
  // Whose session a token is. Fault::bad_token. Any thread.
  Result<Session> session(std::string_view token) const {
    return tokens_.open(token, domain_.now());
  }
  // `ion`: the caller evaluates feature flags itself, and takes them as Ion where they have rules.
  Result<Poll> latest(const Scope& scope, std::string_view token, bool ion = false) const;
  // GetConfiguration, deprecated and still used.
  Task<Configuration> configuration(Scope scope, std::string application, std::string environment,
                                    std::string profile, std::string client_id,
                                    std::optional<std::string> client_version);

 private:
  Applications& applications_;
  Environments& environments_;
  Profiles& profiles_;
  const Snapshot& snapshot_;
  Tokens tokens_;
  const Clock& domain_;
  Random& random_;
};

}  // namespace tidegate::appconfig
