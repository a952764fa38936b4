// Temporary keys as STS hands them out: all that a session is stands sealed (AES-256-GCM) in its
// token, and the secret follows from the key's id, so that nothing is stored and a key works after
// a restart. What its role may do is looked up anew with every request. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "identity/principal.h"

namespace tidegate::identity {

struct AccessKey {
  std::string id, secret;
  std::string session_token;  // "" for a long-lived key; else every request must carry it
};

struct KnownKey {
  AccessKey key;
  Principal principal;
};

// Who the holder of a temporary key shall be.
struct SessionGrant {
  Principal::Kind kind = Principal::Kind::role;
  std::string account, arn, id, role_arn;
  SessionFacts facts;
};

class Sessions {
 public:
  Sessions(std::string key32, Random& random) : key_(std::move(key32)), random_(&random) {}

  AccessKey issue(const SessionGrant&) const;
  // Faults: unknown_access_key (the token is not ours, or another key's), access_denied (expired).
  Result<std::shared_ptr<const KnownKey>> open(std::string_view access_key_id,
                                               std::string_view token, Instant now) const;

 private:
  std::string secret_of(std::string_view access_key_id) const;

  std::string key_;
  Random* random_;
};

}  // namespace tidegate::identity
