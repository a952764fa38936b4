#include "base/scope.h"

#include <fmt/format.h>

namespace tidegate {

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string key_prefix(const Scope& s, std::string_view kind) {
  return fmt::format("a/{}/{}/{}/", s.account, s.region, kind);
}

std::string arn(const Scope& s, std::string_view service, std::string_view resource) {
  return fmt::format("arn:aws:{}:{}:{}:{}", service, s.region, s.account, resource);
}

}  // namespace tidegate
