// Credentials: which access keys exist and whose they are. The root key is given at start or made
// once and kept in a file (mode 0600); users' keys come from IAM; sessions are minted for function
// environments and end with them; STS's temporary keys stand in no list, they prove themselves
// (sessions.h). find() may be called from any thread (a net thread verifies a request), the rest
// from the control strand. Keys live in memory only; nothing here is ever logged.
#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "base/random.h"
#include "base/result.h"
#include "identity/sessions.h"

namespace tidegate::identity {

class Credentials {
 public:
  explicit Credentials(Random& random) : random_(random) {}

  void add_root(AccessKey key, const std::string& account);
  // A key of an IAM user; its ARN may hold a path.
  void add_user_key(AccessKey key, const std::string& account, const std::string& arn,
                    const std::string& user_id);
  // Before anything is served: the key that temporary keys are made with.
  void use_sessions(std::string key32) { sessions_.emplace(std::move(key32), random_); }
  const Sessions& sessions() const { return *sessions_; }

  // A key for one environment of a function, as its role's session, which begins now. `role_id`: ""
  // where there is no such role.
  AccessKey mint(const std::string& account, const std::string& role_arn,
                 const std::string& function_arn, const std::string& session_name, Instant now,
                 std::string role_id = "");
  void revoke(const std::string& access_key_id);
  std::shared_ptr<const KnownKey> find(std::string_view access_key_id) const;
  // The same, or the temporary key that the token stands for; of root's only while the key is there
  // that it was made with. Faults: unknown_access_key, access_denied (a token that is none or has
  // expired).
  Result<std::shared_ptr<const KnownKey>> find(std::string_view access_key_id,
                                               std::string_view session_token, Instant now) const;

 private:
  void keep(KnownKey known);
  Random& random_;
  std::optional<Sessions> sessions_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const KnownKey>> keys_;
};

// The root key of <directory>/root-credentials; nullopt where there is no such file. Blocks.
Result<std::optional<AccessKey>> load_root_key(const std::string& directory);
// The same, which is made when it is missing (0600, synced). `made` tells which. Blocks.
Result<AccessKey> load_or_make_root_key(const std::string& directory, Random& random, bool& made);
// Puts a new root key into the place of the old one, which a server knows until it reads the file.
Result<AccessKey> rotate_root_key(const std::string& directory, Random& random);
// Reads <directory>/identity-key, or makes it: 32 bytes that seal the secrets of users' keys and
// make temporary keys. Blocks.
Result<std::string> load_or_make_identity_key(const std::string& directory, Random& random);

}  // namespace tidegate::identity
