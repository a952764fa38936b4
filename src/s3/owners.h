// Owners: what S3 calls an account. Its canonical id stands in access control lists and listings;
// an operator may declare it, with a display name and an address, or it follows from the account's
// number. Plain data after start; any thread.
//
// A derived id is 64 hexadecimal digits as AWS's are, and ends in the account's number, so that it
// can be told whether an id that somebody grants something to is anybody's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::s3 {

// What a request without a signature owns, and the name that records have for its account.
inline constexpr std::string_view kAnonymousId = "65a011a29cdf8ec533ec3d1ccaae921c";
inline constexpr std::string_view kAnonymousAccount = "anonymous";

struct DeclaredOwner {
  std::string account;
  std::string canonical_id, display_name, email;  // "" where nothing is declared
};

class Owners {
 public:
  Owners() = default;
  explicit Owners(std::vector<DeclaredOwner> declared) : declared_(std::move(declared)) {}

  // `account` "" or "anonymous": the anonymous id.
  std::string id_of(std::string_view account) const;
  // The account with that id; nullopt when it is nobody's.
  std::optional<std::string> account_of(std::string_view id) const;
  std::optional<std::string> display_name_of(std::string_view id) const;
  std::optional<std::string> id_of_email(std::string_view email) const;

 private:
  const DeclaredOwner* find(std::string_view account) const;
  std::vector<DeclaredOwner> declared_;  // few: an operator wrote them
};

// The id that follows from the account's number.
std::string derived_owner_id(std::string_view account);

}  // namespace tidegate::s3
