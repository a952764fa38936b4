// CORS rules of a bucket: which page of which origin may do what with it. The first rule that fits
// origin, method and headers answers. Pure; any thread. Errors: invalid_request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/record.h"

namespace tidegate::s3 {

inline constexpr std::size_t kMaxCorsRules = 100;
inline constexpr std::size_t kMaxCorsBytes = 64 * 1024;

struct CorsRule {
  std::string id;  // "" when it has none
  std::vector<std::string> allowed_headers, allowed_methods, allowed_origins, expose_headers;
  std::optional<std::int32_t> max_age_s;
};

struct CorsQuestion {
  std::string_view origin, method;
  std::vector<std::string_view> headers;  // of a preflight: those that the page will send
};

Status validate_cors(const std::vector<CorsRule>&);
const CorsRule* match_cors(const std::vector<CorsRule>&, const CorsQuestion&);
// Whether the rule says "*" alone, so that the answer need not name the origin.
bool any_origin(const CorsRule&, std::string_view origin);

}  // namespace tidegate::s3

namespace tidegate::store {
template <>
struct record_of<s3::CorsRule> {
  using R = s3::CorsRule;
  static constexpr auto fields = std::tuple{field(1, &R::id),
                                            field(2, &R::allowed_headers),
                                            field(3, &R::allowed_methods),
                                            field(4, &R::allowed_origins),
                                            field(5, &R::expose_headers),
                                            field(6, &R::max_age_s)};
};
}  // namespace tidegate::store
