#include "api/s3/virtual_host.h"
#include "base/bytes.h"

namespace tidegate::api::s3 {
namespace {

std::string_view without_port(std::string_view host) {
  if (!host.empty() && host.front() == '[') return host;  // an IPv6 address is no bucket's host
  return host.substr(0, host.find(':'));
}

}  // namespace

std::optional<std::string> bucket_of_host(std::string_view host,
                                          const std::vector<std::string>& base_domains) {
  // Names of hosts have no case; names of buckets have lower case only.
  const std::string name = lower_ascii(without_port(host));
  std::size_t longest = 0;
  for (const std::string& domain : base_domains) {
    const std::string base = lower_ascii(without_port(domain));
    if (name == base) return std::nullopt;
    if (base.size() > longest && name.size() > base.size() + 1 && name.ends_with(base) &&
        name[name.size() - base.size() - 1] == '.')
      longest = base.size();
  }
  if (longest == 0) return std::nullopt;
  return name.substr(0, name.size() - longest - 1);
}

}  // namespace tidegate::api::s3
