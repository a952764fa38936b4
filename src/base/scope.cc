#include "base/scope.h"

#include <fmt/format.h>

namespace tidegate {

std::string key_prefix(const Scope& s, std::string_view kind) {
  return fmt::format("a/{}/{}/{}/", s.account, s.region, kind);
}

std::string arn(const Scope& s, std::string_view service, std::string_view resource) {
  return fmt::format("arn:aws:{}:{}:{}:{}", service, s.region, s.account, resource);
}

}  // namespace tidegate
