#include "appconfig/resource.h"

#include <charconv>

#include "appconfig/keys.h"
#include "base/bytes.h"

namespace tidegate::appconfig {
namespace {

bool read_number(const std::string& text, std::uint64_t& out) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  return read.ec == std::errc() && read.ptr == end;
}

}  // namespace

bool is_function_arn(std::string_view text) {
  return text.starts_with("arn:") && text.find(":lambda:") != std::string_view::npos &&
         text.find(":function:") != std::string_view::npos;
}

bool is_role_arn(std::string_view text) {
  const std::vector<std::string> p = split(text, ':');
  return p.size() == 6 && p[0] == "arn" && p[1].starts_with("aws") && p[2] == "iam" &&
         p[3].empty() && is_account(p[4]) && p[5].starts_with("role/") && p[5].size() > 5;
}

// arn:aws:appconfig:<region>:<account>:application/A[/environment/E[/deployment/N]] and so on.
Result<Resource> resource_of(const Scope& scope, const std::string& arn) {
  const std::vector<std::string> p = split(arn, ':');
  if (p.size() != 6 || p[0] != "arn" || p[2] != "appconfig")
    return bad_request(
        fmt::format("'{}' is not the ARN of an AppConfig resource.", arn.substr(0, 256)));
  if (p[3] != scope.region || p[4] != scope.account) return not_found("Resource", arn);
  const std::vector<std::string> r = split(p[5], '/');
  using Kind = Resource::Kind;
  std::uint64_t number = 0;
  if (r.size() == 2 && r[0] == "application")
    return Resource{Kind::application, row(scope, "app", r[1]), p[5]};
  if (r.size() == 2 && r[0] == "deploymentstrategy")
    return Resource{Kind::strategy, row(scope, "strat", r[1]), p[5]};
  if (r.size() == 2 && r[0] == "extensionassociation")
    return Resource{Kind::association, row(scope, "assoc", r[1]), p[5]};
  if (r.size() == 3 && r[0] == "extension" && read_number(r[2], number))
    return Resource{Kind::extension, extension_row(scope, r[1], number), p[5]};
  if (r.size() == 4 && r[0] == "application" && r[2] == "environment")
    return Resource{Kind::environment, row(scope, "env", r[1], r[3]), p[5]};
  if (r.size() == 4 && r[0] == "application" && r[2] == "configurationprofile")
    return Resource{Kind::profile, row(scope, "prof", r[1], r[3]), p[5]};
  if (r.size() == 6 && r[0] == "application" && r[2] == "environment" && r[4] == "deployment" &&
      read_number(r[5], number))
    return Resource{Kind::deployment, deployment_row(scope, r[1], r[3], number), p[5]};
  return not_found("Resource", arn);
}

}  // namespace tidegate::appconfig
