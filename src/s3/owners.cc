#include "s3/owners.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/digest.h"

namespace tidegate::s3 {
namespace {
constexpr std::size_t kIdDigits = 64, kAccountDigits = 12;
}

std::string derived_owner_id(std::string_view account) {
  std::string id = to_hex(sha256(fmt::format("canonical user of {}", account)));
  id.resize(kIdDigits - kAccountDigits);
  return id.append(account);
}

const DeclaredOwner* Owners::find(std::string_view account) const {
  for (const DeclaredOwner& owner : declared_)
    if (owner.account == account) return &owner;
  return nullptr;
}

std::string Owners::id_of(std::string_view account) const {
  if (account.empty() || account == kAnonymousAccount) return std::string(kAnonymousId);
  const DeclaredOwner* owner = find(account);
  return owner && !owner->canonical_id.empty() ? owner->canonical_id : derived_owner_id(account);
}

std::optional<std::string> Owners::account_of(std::string_view id) const {
  if (id == kAnonymousId) return std::string(kAnonymousAccount);
  for (const DeclaredOwner& owner : declared_)
    if (owner.canonical_id == id) return owner.account;
  if (id.size() != kIdDigits) return std::nullopt;
  const std::string account(id.substr(kIdDigits - kAccountDigits));
  if (account.find_first_not_of("0123456789") != std::string::npos || id_of(account) != id)
    return std::nullopt;
  return account;
}

std::optional<std::string> Owners::display_name_of(std::string_view id) const {
  auto account = account_of(id);
  const DeclaredOwner* owner = account ? find(*account) : nullptr;
  if (!owner || owner->display_name.empty()) return std::nullopt;
  return owner->display_name;
}

std::optional<std::string> Owners::id_of_email(std::string_view email) const {
  for (const DeclaredOwner& owner : declared_)
    if (!owner.email.empty() && owner.email == email) return id_of(owner.account);
  return std::nullopt;
}

}  // namespace tidegate::s3
