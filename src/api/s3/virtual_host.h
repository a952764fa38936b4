// Virtual-host style addressing: "bucket.base:port" names the bucket in the Host header. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::api::s3 {

// The bucket that stands left of the longest base domain the host ends with. nullopt for path
// style: a bare base domain, an IP address, or a host that is under no base.
std::optional<std::string> bucket_of_host(std::string_view host,
                                          const std::vector<std::string>& base_domains);

}  // namespace tidegate::api::s3
