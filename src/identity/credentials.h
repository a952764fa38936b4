// Credentials: which access keys exist and whose they are. The root key is given at start or made
// once and kept in a file (mode 0600); sessions are minted for function environments and end with
// them. find() may be called from any thread (a net thread verifies a request); mint() and revoke()
// from the control strand. Keys live in memory only; nothing here is ever logged.
#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

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

class Credentials {
 public:
  explicit Credentials(Random& random) : random_(random) {}

  void add_root(AccessKey key, const std::string& account);
  // A long-lived key of a user of the account.
  void add_user(AccessKey key, const std::string& account, const std::string& user);
  // A key for one environment of a function, as its role's session.
  AccessKey mint(const std::string& account, const std::string& role_arn,
                 const std::string& function_arn, const std::string& session_name);
  void revoke(const std::string& access_key_id);
  std::shared_ptr<const KnownKey> find(std::string_view access_key_id) const;

 private:
  Random& random_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const KnownKey>> keys_;
};

// Reads <directory>/root-credentials, or makes it (0600, synced). `made` tells which. Blocks.
Result<AccessKey> load_or_make_root_key(const std::string& directory, Random& random, bool& made);

}  // namespace tidegate::identity
