// Hosted versions, deployments, validation, and the deprecated GetConfiguration.
#include "api/appconfig/groups.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;
using wire::Context;

constexpr auto kCreateVersion =
    wire::operation<CreateHostedConfigurationVersionRequest, HostedConfigurationVersionOutput>(
        "CreateHostedConfigurationVersion", Method::post,
        "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}/"
        "hostedconfigurationversions",
        201, "appconfig:CreateHostedConfigurationVersion")
        .limit(std::size_t{5} << 20);
constexpr auto kGetVersion =
    wire::operation<HostedConfigurationVersionRequest, HostedConfigurationVersionOutput>(
        "GetHostedConfigurationVersion", Method::get,
        "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}/"
        "hostedconfigurationversions/{VersionNumber}",
        200, "appconfig:GetHostedConfigurationVersion");
constexpr auto kDeleteVersion = wire::operation<HostedConfigurationVersionRequest, wire::Nothing>(
    "DeleteHostedConfigurationVersion", Method::delete_,
    "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}/"
    "hostedconfigurationversions/{VersionNumber}",
    204, "appconfig:DeleteHostedConfigurationVersion");
constexpr auto kListVersions =
    wire::operation<ListHostedConfigurationVersionsRequest, HostedConfigurationVersionsOutput>(
        "ListHostedConfigurationVersions", Method::get,
        "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}/"
        "hostedconfigurationversions",
        200, "appconfig:ListHostedConfigurationVersions");
constexpr auto kValidate = wire::operation<ValidateConfigurationRequest, wire::Nothing>(
    "ValidateConfiguration", Method::post,
    "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}/validators", 204,
    "appconfig:ValidateConfiguration");
constexpr auto kStart = wire::operation<StartDeploymentRequest, DeploymentOutput>(
    "StartDeployment", Method::post,
    "/applications/{ApplicationId}/environments/{EnvironmentId}/deployments", 201,
    "appconfig:StartDeployment");
constexpr auto kGet = wire::operation<DeploymentRequest, DeploymentOutput>(
    "GetDeployment", Method::get,
    "/applications/{ApplicationId}/environments/{EnvironmentId}/deployments/{DeploymentNumber}",
    200, "appconfig:GetDeployment");
constexpr auto kList = wire::operation<ListDeploymentsRequest, DeploymentsOutput>(
    "ListDeployments", Method::get,
    "/applications/{ApplicationId}/environments/{EnvironmentId}/deployments", 200,
    "appconfig:ListDeployments");
constexpr auto kStop = wire::operation<StopDeploymentRequest, DeploymentOutput>(
    "StopDeployment", Method::delete_,
    "/applications/{ApplicationId}/environments/{EnvironmentId}/deployments/{DeploymentNumber}",
    202, "appconfig:StopDeployment");
constexpr auto kGetConfiguration = wire::operation<GetConfigurationRequest, ConfigurationOutput>(
    "GetConfiguration", Method::get,
    "/applications/{Application}/environments/{Environment}/configurations/{Configuration}", 200,
    "appconfig:GetConfiguration");

ActionInvocationShape shown(domain::ActionInvocation i) {
  ActionInvocationShape out;
  out.extension_identifier = std::move(i.extension_id);
  out.action_name = std::move(i.action_name);
  out.uri = std::move(i.uri);
  out.role_arn = std::move(i.role_arn);
  out.error_message = std::move(i.error_message);
  out.error_code = std::move(i.error_code);
  out.invocation_id = std::move(i.invocation_id);
  return out;
}

DeploymentOutput shown(const Scope& scope, domain::DeploymentNow d) {
  domain::Deployment& r = d.record;
  DeploymentOutput out;
  out.application_id = std::move(r.application_id);
  out.environment_id = std::move(r.environment_id);
  out.deployment_strategy_id = std::move(r.strategy_id);
  out.configuration_profile_id = std::move(r.profile_id);
  out.deployment_number = static_cast<std::int32_t>(r.number);
  out.configuration_name = std::move(r.configuration_name);
  out.configuration_location_uri = std::move(r.location_uri);
  out.configuration_version = std::move(r.version);
  out.description = std::move(r.description);
  out.duration = r.growth.duration_minutes;
  out.growth_type = growth_name(r.growth.type);
  out.growth_factor = r.growth.factor;
  out.bake = r.growth.bake_minutes;
  out.state = std::string(to_string(d.view.state));
  for (domain::DeploymentEvent& e : d.view.log) {
    DeploymentEventShape event{
        std::move(e.type), std::move(e.triggered_by), std::move(e.description), {}, e.at};
    for (domain::ActionInvocation& i : e.invocations)
      event.action_invocations.push_back(shown(std::move(i)));
    out.event_log.push_back(std::move(event));
  }
  for (domain::AppliedExtension& a : d.applied)
    out.applied_extensions.push_back({std::move(a.extension_id), std::move(a.association_id),
                                      static_cast<std::int32_t>(a.version),
                                      std::move(a.parameters)});
  out.percentage_complete = d.view.percentage;
  out.started_at = r.started;
  out.completed_at = d.view.completed;
  out.kms_key_arn = kms_key_arn(scope, r.kms_key_identifier);
  out.kms_key_identifier = std::move(r.kms_key_identifier);
  out.version_label = std::move(r.version_label);
  return out;
}

DeploymentSummary summary(const domain::DeploymentNow& d) {
  DeploymentSummary out;
  out.deployment_number = static_cast<std::int32_t>(d.record.number);
  out.configuration_name = d.record.configuration_name;
  out.configuration_version = d.record.version;
  out.duration = d.record.growth.duration_minutes;
  out.growth_type = growth_name(d.record.growth.type);
  out.growth_factor = d.record.growth.factor;
  out.bake = d.record.growth.bake_minutes;
  out.state = std::string(to_string(d.view.state));
  out.percentage_complete = d.view.percentage;
  out.started_at = d.record.started;
  out.completed_at = d.view.completed;
  out.version_label = d.record.version_label;
  out.type = "USER";
  return out;
}

// A number in a path that is no number of anything.
Result<std::uint64_t> number_of(std::int32_t given, std::string_view what) {
  if (given >= 1) return static_cast<std::uint64_t>(given);
  return domain::not_found(what, std::to_string(given));
}

class Deployments {
 public:
  explicit Deployments(domain::Service& service) : d_(service) {}

  Task<HostedConfigurationVersionOutput> create(const Context& c,
                                                CreateHostedConfigurationVersionRequest in) {
    domain::NewHostedVersion v;
    v.content = std::move(in.content.bytes);
    v.content_type = std::move(in.content_type);
    v.label = std::move(in.version_label);
    v.latest_version_number = in.latest_version_number;
    v.depth = c.depth;
    if (in.description && !in.description->empty()) v.description = std::move(in.description);
    CO_TRY(auto made, co_await d_.versions.create(c.scope, in.application_id,
                                                  in.configuration_profile_id, std::move(v)));
    CO_TRY(auto stored, co_await d_.versions.content(c.scope, made));
    HostedConfigurationVersionOutput out = headers_of(c.scope, std::move(made));
    out.content.bytes = *stored;
    co_return out;
  }
  Task<HostedConfigurationVersionOutput> get(const Context& c,
                                             HostedConfigurationVersionRequest in) {
    CO_TRY(auto number, number_of(in.version_number, "HostedConfigurationVersion"));
    CO_TRY(auto found, co_await d_.versions.find(c.scope, in.application_id,
                                                 in.configuration_profile_id, number));
    CO_TRY(auto content, co_await d_.versions.content(c.scope, found));
    HostedConfigurationVersionOutput out = headers_of(c.scope, std::move(found));
    out.content.bytes = *content;
    co_return out;
  }
  Task<wire::Nothing> remove(const Context& c, HostedConfigurationVersionRequest in) {
    CO_TRY(auto number, number_of(in.version_number, "HostedConfigurationVersion"));
    CO_TRY(Unit gone, co_await d_.versions.remove(c.scope, in.application_id,
                                                  in.configuration_profile_id, number));
    (void)gone;
    co_return wire::Nothing{};
  }
  Task<HostedConfigurationVersionsOutput> list(const Context& c,
                                               ListHostedConfigurationVersionsRequest in) {
    CO_TRY(auto page, co_await d_.versions.list(c.scope, in.application_id,
                                                in.configuration_profile_id, in.version_label,
                                                page_request(in.max_results, in.next_token)));
    HostedConfigurationVersionsOutput out;
    for (domain::HostedVersion& v : page.items)
      out.items.push_back({v.application_id, v.profile_id, static_cast<std::int32_t>(v.number),
                           v.description, v.content_type, v.label,
                           kms_key_arn(c.scope, v.kms_key_identifier)});
    out.next_token = next_token(std::move(page.next_token));
    co_return out;
  }

  Task<wire::Nothing> validate(const Context& c, ValidateConfigurationRequest in) {
    CO_TRY(Unit valid,
           co_await d_.deployments.validate(c.scope, in.application_id, in.configuration_profile_id,
                                            in.configuration_version, c.depth));
    (void)valid;
    co_return wire::Nothing{};
  }

  Task<DeploymentOutput> start(const Context& c, StartDeploymentRequest in) {
    domain::StartRequest request;
    request.application = std::move(in.application_id);
    request.environment = std::move(in.environment_id);
    request.strategy = std::move(in.deployment_strategy_id);
    request.profile = std::move(in.configuration_profile_id);
    request.version = std::move(in.configuration_version);
    request.description = std::move(in.description);
    request.kms_key_identifier = std::move(in.kms_key_identifier);
    request.latest_deployment_number = in.latest_deployment_number;
    request.dynamic_parameters = std::move(in.dynamic_extension_parameters);
    request.tags = std::move(in.tags);
    request.depth = c.depth;
    CO_TRY(auto started, co_await d_.deployments.start(c.scope, std::move(request)));
    co_return shown(c.scope, std::move(started));
  }
  Task<DeploymentOutput> get_deployment(const Context& c, DeploymentRequest in) {
    CO_TRY(auto number, number_of(in.deployment_number, "Deployment"));
    CO_TRY(auto found,
           co_await d_.deployments.find(c.scope, in.application_id, in.environment_id, number));
    co_return shown(c.scope, std::move(found));
  }
  Task<DeploymentsOutput> list_deployments(const Context& c, ListDeploymentsRequest in) {
    CO_TRY(auto page, co_await d_.deployments.list(c.scope, in.application_id, in.environment_id,
                                                   page_request(in.max_results, in.next_token)));
    DeploymentsOutput out;
    for (const domain::DeploymentNow& d : page.items) out.items.push_back(summary(d));
    out.next_token = next_token(std::move(page.next_token));
    co_return out;
  }
  Task<DeploymentOutput> stop(const Context& c, StopDeploymentRequest in) {
    CO_TRY(auto number, number_of(in.deployment_number, "Deployment"));
    CO_TRY(auto stopped, co_await d_.deployments.stop(c.scope, in.application_id, in.environment_id,
                                                      number, in.allow_revert.value_or(false)));
    co_return shown(c.scope, std::move(stopped));
  }

  Task<wire::Reply<ConfigurationOutput>> configuration(const Context& c,
                                                       GetConfigurationRequest in) {
    CO_TRY(auto found, co_await d_.data_plane.configuration(c.scope, in.application, in.environment,
                                                            in.configuration, in.client_id,
                                                            in.client_configuration_version));
    ConfigurationOutput out;
    out.configuration_version = std::move(found.version);
    wire::Extra extra;
    if (found.content) {
      out.content_type = std::move(found.content_type);
      extra.body = std::move(found.content);
    } else {
      extra.status = 204;
    }
    co_return wire::Reply<ConfigurationOutput>(std::move(out), std::move(extra));
  }

 private:
  static HostedConfigurationVersionOutput headers_of(const Scope& scope, domain::HostedVersion v) {
    HostedConfigurationVersionOutput out;
    out.kms_key_arn = kms_key_arn(scope, v.kms_key_identifier);
    out.application_id = std::move(v.application_id);
    out.configuration_profile_id = std::move(v.profile_id);
    out.version_number = static_cast<std::int32_t>(v.number);
    out.description = std::move(v.description);
    out.content_type = std::move(v.content_type);
    out.version_label = std::move(v.label);
    return out;
  }

  domain::Service& d_;
};

}  // namespace

void mount_deployments(wire::Table& table, const Parts& parts) {
  auto d = std::make_shared<Deployments>(*parts.service);
  table.add(kCreateVersion, [d](const Context& c, CreateHostedConfigurationVersionRequest in) {
    return d->create(c, std::move(in));
  });
  table.add(kGetVersion, [d](const Context& c, HostedConfigurationVersionRequest in) {
    return d->get(c, std::move(in));
  });
  table.add(kDeleteVersion, [d](const Context& c, HostedConfigurationVersionRequest in) {
    return d->remove(c, std::move(in));
  });
  table.add(kListVersions, [d](const Context& c, ListHostedConfigurationVersionsRequest in) {
    return d->list(c, std::move(in));
  });
  table.add(kValidate, [d](const Context& c, ValidateConfigurationRequest in) {
    return d->validate(c, std::move(in));
  });
  table.add(kStart, [d](const Context& c, StartDeploymentRequest in) {
    return d->start(c, std::move(in));
  });
  table.add(kGet, [d](const Context& c, DeploymentRequest in) {
    return d->get_deployment(c, std::move(in));
  });
  table.add(kList, [d](const Context& c, ListDeploymentsRequest in) {
    return d->list_deployments(c, std::move(in));
  });
  table.add(kStop,
            [d](const Context& c, StopDeploymentRequest in) { return d->stop(c, std::move(in)); });
  table.add(kGetConfiguration, [d](const Context& c, GetConfigurationRequest in) {
    return d->configuration(c, std::move(in));
  });
}

}  // namespace tidegate::api::appconfig
