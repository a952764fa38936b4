// CredentialsFile: access keys that an operator declares before the server starts, for several
// accounts (--credentials FILE). One section is one key:
//
//   [AKIAEXAMPLE]
//   secret = …
//   account = 111111111111
//   user = alice                (optional: a user of the account instead of its root)
//   policies = AmazonS3FullAccess, arn:aws:iam::111111111111:policy/mine
//                               (optional: managed policies of that user)
//   display-name = Alice's team (optional; of the account, as canonical-id and email)
//   canonical-id = …
//   email = …
//
// What belongs to the account may stand in any of its sections and must not be contradicted. Read
// once at start; blocks. Errors: invalid_request, with file and line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/credentials.h"

namespace tidegate::identity {

struct DeclaredKey {
  AccessKey key;
  std::string account;
  std::string user;                   // "": the account's root
  std::vector<std::string> policies;  // ARNs
};

struct DeclaredAccount {
  std::string account;
  std::string canonical_id, display_name, email;  // "" where the file says nothing
};

struct CredentialsFile {
  std::vector<DeclaredKey> keys;
  std::vector<DeclaredAccount> accounts;  // each account of the file once
};

Result<CredentialsFile> parse_credentials(const std::string& text, const std::string& path);
// Refuses a file that others can read, as it holds secrets.
Result<CredentialsFile> load_credentials(const std::string& path);

}  // namespace tidegate::identity
