#include "api/lambda/show.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"

namespace tidegate::api::lambda {

namespace domain = tidegate::lambda;

Error unsupported(std::string_view what) {
  return Error{Fault::not_implemented, fmt::format("{} is not implemented by this server.", what)};
}

bool names_service(std::string_view arn) {
  const std::size_t service = arn.find(':', 4);
  if (!arn.starts_with("arn:aws") || service == std::string_view::npos) return false;
  const std::string_view name = arn.substr(service + 1, arn.find(':', service + 1) - service - 1);
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.';
  });
}

Status check_fifty(const std::optional<std::int32_t>& max_items) {
  if (max_items.value_or(1) <= 50) return done;
  return domain::validation(std::to_string(*max_items), "maxItems",
                            "have value less than or equal to 50");
}

std::size_t page_size(const std::optional<std::int32_t>& asked) {
  constexpr std::size_t kPage = 50;
  return std::min(static_cast<std::size_t>(asked.value_or(kPage)), kPage);
}

std::string code_location(const Parts& parts, const wire::Context& c, const Scope& owner,
                          std::string of, std::string sha256) {
  const domain::CodeLink link{owner.account, owner.region, std::move(of), std::move(sha256),
                              parts.real->now() + domain::CodeLinks::kLifetime};
  return fmt::format("{}://{}/_tidegate/code?token={}", c.secure ? "https" : "http", c.host,
                     parts.code_links->seal(link));
}

FunctionConfiguration shown(const Scope& scope, const domain::Function& f,
                            const std::optional<std::string>& qualifier) {
  FunctionConfiguration out;
  out.function_name = f.name;
  out.function_arn = domain::qualified_arn(scope, domain::FunctionRef{f.name, qualifier});
  out.runtime = f.runtime;
  out.role = f.role;
  out.handler = f.handler;
  out.code_size = static_cast<std::int64_t>(f.code_size);
  out.description = f.description;
  out.timeout = f.timeout_s;
  out.memory_size = f.memory_mb;
  out.last_modified = iso8601_lambda(f.modified);
  out.code_sha256 = to_base64(from_hex(f.code_sha256).value_or(""));
  out.version = f.version.empty() ? std::string(domain::kLatest) : f.version;
  if (f.has_environment) out.environment = EnvironmentShape{f.variables};
  out.tracing_config.mode = f.tracing_mode;
  for (const domain::LayerUse& layer : f.layers) {
    if (!out.layers) out.layers.emplace();
    out.layers->push_back({layer.arn, static_cast<std::int64_t>(layer.size)});
  }
  out.revision_id = f.revision_id;
  out.state = "Active";
  out.last_update_status = "Successful";
  out.architectures = {f.architecture};
  out.ephemeral_storage.size = f.ephemeral_mb;
  out.runtime_version_config.emplace().runtime_version_arn =
      domain::runtime_version_arn(scope.region, f.runtime);
  out.logging_config.log_format = f.log_format.empty() ? "Text" : f.log_format;
  if (!f.application_log_level.empty())
    out.logging_config.application_log_level = f.application_log_level;
  if (!f.system_log_level.empty()) out.logging_config.system_log_level = f.system_log_level;
  out.logging_config.log_group = domain::log_group_of(f);
  return out;
}

FunctionConfiguration listed(const Scope& scope, const domain::Function& f, bool qualified) {
  std::optional<std::string> qualifier;
  if (qualified) qualifier = f.version.empty() ? std::string(domain::kLatest) : f.version;
  FunctionConfiguration out = shown(scope, f, qualifier);
  out.state.reset();
  out.last_update_status.reset();
  out.runtime_version_config.reset();
  return out;
}

FunctionConfiguration pending(FunctionConfiguration out, std::string revision_id) {
  out.state = "Pending";
  out.state_reason = "The function is being created.";
  out.state_reason_code = "Creating";
  out.last_update_status.reset();
  out.revision_id = std::move(revision_id);
  return out;
}

FunctionConfiguration updating(FunctionConfiguration out, std::string revision_id) {
  out.last_update_status = "InProgress";
  out.last_update_status_reason = "The function is being created.";
  out.last_update_status_reason_code = "Creating";
  out.revision_id = std::move(revision_id);
  return out;
}

}  // namespace tidegate::api::lambda
