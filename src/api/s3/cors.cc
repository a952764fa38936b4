#include "api/s3/cors.h"

#include <fmt/format.h>

namespace tidegate::api::s3 {
namespace {

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (!one.empty()) names.push_back(one);
  }
  return names;
}

std::string joined(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ", "));
}

Cors::Headers shown(const domain::CorsRule& rule, const Cors::Question& asked) {
  const bool any = domain::any_origin(rule, asked.origin);
  Cors::Headers out;
  out.emplace_back("Access-Control-Allow-Origin", any ? "*" : asked.origin);
  out.emplace_back("Access-Control-Allow-Methods", joined(rule.allowed_methods));
  if (!rule.expose_headers.empty())
    out.emplace_back("Access-Control-Expose-Headers", joined(rule.expose_headers));
  if (!any) out.emplace_back("Access-Control-Allow-Credentials", "true");
  out.emplace_back("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  return out;
}

Error forbidden(const Cors::Question& asked, std::string why) {
  return Error{Fault::access_denied, "CORSResponse: " + std::move(why)}
      .with("Code", "AccessForbidden")
      .with("Method", asked.method)
      .with("ResourceType", "BUCKET");
}

}  // namespace

Cors::Question Cors::question_of(const http::Request& request, std::string bucket) {
  Question asked;
  asked.bucket = std::move(bucket);
  asked.origin = request.header_or("origin", "");
  asked.method = request.header_or("access-control-request-method", "");
  asked.headers = request.header_or("access-control-request-headers", "");
  if (asked.method.empty() && request.method != http::Method::options)
    asked.method = http::to_string(request.method);
  return asked;
}

Task<Cors::Headers> Cors::preflight(Question asked) const {
  if (asked.origin.empty())
    co_return Error{Fault::invalid_request,
                    "Insufficient information. Origin request header needed."}
        .with("Code", "BadRequest");
  if (asked.method.empty())
    co_return Error{Fault::invalid_request, "Invalid Access-Control-Request-Method: null"}.with(
        "Code", "BadRequest");
  const domain::Caller anybody = domain::Caller::anybody();
  auto bucket = co_await buckets_.find(anybody, asked.bucket);
  if (!bucket.ok()) co_return forbidden(asked, "Bucket not found");
  const auto& rules = (*bucket)->record.cors;
  if (rules.empty()) co_return forbidden(asked, "CORS is not enabled for this bucket.");
  const domain::CorsRule* rule =
      domain::match_cors(rules, {asked.origin, asked.method, split(asked.headers)});
  if (!rule)
    co_return forbidden(asked,
                        "This CORS request is not allowed. This is usually because the evaluation "
                        "of Origin, request method / Access-Control-Request-Method or "
                        "Access-Control-Request-Headers are not whitelisted by the resource's CORS "
                        "spec.");
  Headers out = shown(*rule, asked);
  if (!asked.headers.empty()) out.emplace_back("Access-Control-Allow-Headers", asked.headers);
  if (rule->max_age_s) out.emplace_back("Access-Control-Max-Age", std::to_string(*rule->max_age_s));
  co_return out;
}

asio::awaitable<Cors::Headers> Cors::actual(Question asked) const {
  Headers none;
  const domain::Caller anybody = domain::Caller::anybody();
  auto bucket = co_await buckets_.find(anybody, asked.bucket);
  if (!bucket.ok()) co_return none;
  const domain::CorsRule* rule =
      domain::match_cors((*bucket)->record.cors, {asked.origin, asked.method, {}});
  if (!rule) co_return none;
  co_return shown(*rule, asked);
}

}  // namespace tidegate::api::s3
