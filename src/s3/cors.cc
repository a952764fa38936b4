#include "s3/cors.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"

namespace tidegate::s3 {
namespace {

constexpr std::string_view kMethods[] = {"GET", "PUT", "POST", "DELETE", "HEAD"};

// At most one '*' in the pattern.
bool fits(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view front = pattern.substr(0, star), back = pattern.substr(star + 1);
  return text.size() >= front.size() + back.size() && text.starts_with(front) &&
         text.ends_with(back);
}

bool any_fits(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& p) { return fits(p, text); });
}

bool header_allowed(const CorsRule& rule, std::string_view header) {
  const std::string name = lower_ascii(header);
  return std::any_of(rule.allowed_headers.begin(), rule.allowed_headers.end(),
                     [&](const std::string& p) { return fits(lower_ascii(p), name); });
}

Error refuse(std::string message) {
  return {Fault::invalid_request, std::move(message)};
}

Status validate(const CorsRule& rule) {
  for (const std::string& method : rule.allowed_methods)
    if (std::find(std::begin(kMethods), std::end(kMethods), method) == std::end(kMethods))
      return refuse(fmt::format(
          "Found unsupported HTTP method in CORS config. Unsupported method is {}", method));
  auto more_stars = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '*') > 1;
  };
  for (const std::string& origin : rule.allowed_origins)
    if (more_stars(origin))
      return refuse(
          fmt::format("AllowedOrigin \"{}\" can not have more than one wildcard.", origin));
  for (const std::string& header : rule.allowed_headers)
    if (more_stars(header))
      return refuse(
          fmt::format("AllowedHeader \"{}\" can not have more than one wildcard.", header));
  for (const std::string& header : rule.expose_headers)
    if (header.find('*') != std::string::npos)
      return refuse(
          fmt::format("ExposeHeader \"{}\" contains wildcard. We currently do not support wildcard "
                      "for ExposeHeader.",
                      header));
  if (rule.id.size() > 255) return refuse("The ID of a CORS rule has at most 255 characters.");
  return done;
}

}  // namespace

Status validate_cors(const std::vector<CorsRule>& rules) {
  if (rules.size() > kMaxCorsRules)
    return refuse(fmt::format(
        "The number of CORS rules should not exceed allowed limit of {} rules.", kMaxCorsRules));
  std::size_t bytes = 0;
  for (const CorsRule& rule : rules) {
    TRY(Unit valid, validate(rule));
    (void)valid;
    for (const auto* list : {&rule.allowed_headers, &rule.allowed_methods, &rule.allowed_origins,
                             &rule.expose_headers})
      for (const std::string& text : *list) bytes += text.size();
  }
  if (bytes > kMaxCorsBytes)
    return refuse(fmt::format("A CORS configuration has at most {} bytes.", kMaxCorsBytes));
  return done;
}

const CorsRule* match_cors(const std::vector<CorsRule>& rules, const CorsQuestion& asked) {
  for (const CorsRule& rule : rules) {
    const auto& methods = rule.allowed_methods;
    if (std::find(methods.begin(), methods.end(), asked.method) == methods.end()) continue;
    if (!any_fits(rule.allowed_origins, asked.origin)) continue;
    if (std::all_of(asked.headers.begin(), asked.headers.end(),
                    [&](std::string_view h) { return header_allowed(rule, h); }))
      return &rule;
  }
  return nullptr;
}

bool any_origin(const CorsRule& rule, std::string_view origin) {
  for (const std::string& pattern : rule.allowed_origins)
    if (fits(pattern, origin)) return pattern == "*";
  return false;
}

}  // namespace tidegate::s3
