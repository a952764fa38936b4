// Applications, environments, profiles and strategies.
#include "api/appconfig/groups.h"
#include "api/appconfig/settings_shapes.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;
using wire::Context;

constexpr auto kCreateApplication = wire::operation<CreateApplicationRequest, ApplicationOutput>(
    "CreateApplication", Method::post, "/applications", 201, "appconfig:CreateApplication");
constexpr auto kGetApplication = wire::operation<ApplicationRequest, ApplicationOutput>(
    "GetApplication", Method::get, "/applications/{ApplicationId}", 200,
    "appconfig:GetApplication");
constexpr auto kUpdateApplication = wire::operation<UpdateApplicationRequest, ApplicationOutput>(
    "UpdateApplication", Method::patch, "/applications/{ApplicationId}", 200,
    "appconfig:UpdateApplication");
constexpr auto kDeleteApplication = wire::operation<ApplicationRequest, wire::Nothing>(
    "DeleteApplication", Method::delete_, "/applications/{ApplicationId}", 204,
    "appconfig:DeleteApplication");
constexpr auto kListApplications = wire::operation<ListRequest, ApplicationsOutput>(
    "ListApplications", Method::get, "/applications", 200, "appconfig:ListApplications");

constexpr auto kCreateEnvironment = wire::operation<CreateEnvironmentRequest, EnvironmentOutput>(
    "CreateEnvironment", Method::post, "/applications/{ApplicationId}/environments", 201,
    "appconfig:CreateEnvironment");
constexpr auto kGetEnvironment = wire::operation<EnvironmentRequest, EnvironmentOutput>(
    "GetEnvironment", Method::get, "/applications/{ApplicationId}/environments/{EnvironmentId}",
    200, "appconfig:GetEnvironment");
constexpr auto kUpdateEnvironment = wire::operation<UpdateEnvironmentRequest, EnvironmentOutput>(
    "UpdateEnvironment", Method::patch,
    "/applications/{ApplicationId}/environments/{EnvironmentId}", 200,
    "appconfig:UpdateEnvironment");
constexpr auto kDeleteEnvironment = wire::operation<DeleteEnvironmentRequest, wire::Nothing>(
    "DeleteEnvironment", Method::delete_,
    "/applications/{ApplicationId}/environments/{EnvironmentId}", 204,
    "appconfig:DeleteEnvironment");
constexpr auto kListEnvironments = wire::operation<ListInApplicationRequest, EnvironmentsOutput>(
    "ListEnvironments", Method::get, "/applications/{ApplicationId}/environments", 200,
    "appconfig:ListEnvironments");

constexpr auto kCreateProfile =
    wire::operation<CreateConfigurationProfileRequest, ConfigurationProfileOutput>(
        "CreateConfigurationProfile", Method::post,
        "/applications/{ApplicationId}/configurationprofiles", 201,
        "appconfig:CreateConfigurationProfile");
constexpr auto kGetProfile =
    wire::operation<ConfigurationProfileRequest, ConfigurationProfileOutput>(
        "GetConfigurationProfile", Method::get,
        "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}", 200,
        "appconfig:GetConfigurationProfile");
constexpr auto kUpdateProfile =
    wire::operation<UpdateConfigurationProfileRequest, ConfigurationProfileOutput>(
        "UpdateConfigurationProfile", Method::patch,
        "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}", 200,
        "appconfig:UpdateConfigurationProfile");
constexpr auto kDeleteProfile = wire::operation<DeleteConfigurationProfileRequest, wire::Nothing>(
    "DeleteConfigurationProfile", Method::delete_,
    "/applications/{ApplicationId}/configurationprofiles/{ConfigurationProfileId}", 204,
    "appconfig:DeleteConfigurationProfile");
constexpr auto kListProfiles =
    wire::operation<ListConfigurationProfilesRequest, ConfigurationProfilesOutput>(
        "ListConfigurationProfiles", Method::get,
        "/applications/{ApplicationId}/configurationprofiles", 200,
        "appconfig:ListConfigurationProfiles");

constexpr auto kCreateStrategy =
    wire::operation<CreateDeploymentStrategyRequest, DeploymentStrategyOutput>(
        "CreateDeploymentStrategy", Method::post, "/deploymentstrategies", 201,
        "appconfig:CreateDeploymentStrategy");
constexpr auto kGetStrategy = wire::operation<DeploymentStrategyRequest, DeploymentStrategyOutput>(
    "GetDeploymentStrategy", Method::get, "/deploymentstrategies/{DeploymentStrategyId}", 200,
    "appconfig:GetDeploymentStrategy");
constexpr auto kUpdateStrategy =
    wire::operation<UpdateDeploymentStrategyRequest, DeploymentStrategyOutput>(
        "UpdateDeploymentStrategy", Method::patch, "/deploymentstrategies/{DeploymentStrategyId}",
        200, "appconfig:UpdateDeploymentStrategy");
// The misspelling is AWS's own path; the right spelling is taken, too.
constexpr auto kDeleteStrategy =
    wire::operation<DeploymentStrategyRequest, wire::Nothing>(
        "DeleteDeploymentStrategy", Method::delete_,
        "/deployementstrategies/{DeploymentStrategyId}", 204, "appconfig:DeleteDeploymentStrategy")
        .also("/deploymentstrategies/{DeploymentStrategyId}");
constexpr auto kListStrategies = wire::operation<ListRequest, DeploymentStrategiesOutput>(
    "ListDeploymentStrategies", Method::get, "/deploymentstrategies", 200,
    "appconfig:ListDeploymentStrategies");

ApplicationOutput shown(domain::Application a) {
  return {std::move(a.id), std::move(a.name), std::move(a.description)};
}

std::vector<domain::Monitor> monitors_of(const std::vector<MonitorShape>& given) {
  std::vector<domain::Monitor> monitors;
  for (const MonitorShape& m : given) monitors.push_back({m.alarm_arn, m.alarm_role_arn});
  return monitors;
}

std::vector<domain::Validator> validators_of(const std::vector<ValidatorShape>& given) {
  std::vector<domain::Validator> validators;
  for (const ValidatorShape& v : given) validators.push_back({v.type, v.content});
  return validators;
}

// The shape let no other value through.
domain::DeletionCheck deletion_check(const std::optional<std::string>& header) {
  if (header == "APPLY") return domain::DeletionCheck::apply;
  if (header == "BYPASS") return domain::DeletionCheck::bypass;
  return domain::DeletionCheck::account_default;
}

ConfigurationProfileOutput shown(const Scope& scope, domain::Profile p) {
  ConfigurationProfileOutput out;
  out.application_id = std::move(p.application_id);
  out.id = std::move(p.id);
  out.name = std::move(p.name);
  out.description = std::move(p.description);
  out.location_uri = std::move(p.location_uri);
  out.retrieval_role_arn = std::move(p.retrieval_role_arn);
  for (domain::Validator& v : p.validators)
    out.validators.push_back({std::move(v.type), std::move(v.content)});
  out.type = std::move(p.type);
  out.kms_key_arn = kms_key_arn(scope, p.kms_key_identifier);
  out.kms_key_identifier = std::move(p.kms_key_identifier);
  return out;
}

DeploymentStrategyOutput shown(domain::Strategy s) {
  DeploymentStrategyOutput out;
  out.id = std::move(s.id);
  out.name = std::move(s.name);
  out.description = std::move(s.description);
  out.duration = s.duration_minutes;
  out.growth_type = growth_name(s.growth_type);
  out.growth_factor = s.growth_factor;
  out.bake = s.bake_minutes;
  out.replicate_to = std::move(s.replicate_to);
  return out;
}

class Resources {
 public:
  explicit Resources(domain::Service& service) : d_(service) {}

  Task<ApplicationOutput> create(const Context& c, CreateApplicationRequest in) {
    domain::Application a;
    a.name = std::move(in.name);
    a.description = std::move(in.description);
    a.tags = std::move(in.tags);
    CO_TRY(a, co_await d_.applications.create(c.scope, std::move(a)));
    co_return shown(std::move(a));
  }
  Task<ApplicationOutput> get(const Context& c, ApplicationRequest in) {
    CO_TRY(auto a, co_await d_.applications.find(c.scope, in.application_id));
    co_return shown(std::move(a));
  }
  Task<ApplicationOutput> update(const Context& c, UpdateApplicationRequest in) {
    domain::ApplicationChange change{std::move(in.name), std::move(in.description)};
    CO_TRY(auto a, co_await d_.applications.update(c.scope, in.application_id, std::move(change)));
    co_return shown(std::move(a));
  }
  Task<wire::Nothing> remove(const Context& c, ApplicationRequest in) {
    CO_TRY(Unit gone, co_await d_.applications.remove(c.scope, in.application_id));
    (void)gone;
    co_return wire::Nothing{};
  }
  Task<ApplicationsOutput> list(const Context& c, ListRequest in) {
    CO_TRY(auto page,
           co_await d_.applications.list(c.scope, page_request(in.max_results, in.next_token)));
    ApplicationsOutput out;
    for (auto& a : page.items) out.items.push_back(shown(std::move(a)));
    out.next_token = next_token(std::move(page.next_token));
    co_return out;
  }

  Task<EnvironmentOutput> create(const Context& c, CreateEnvironmentRequest in) {
    domain::Environment e;
    e.name = std::move(in.name);
    e.description = std::move(in.description);
    e.monitors = monitors_of(in.monitors);
    e.tags = std::move(in.tags);
    CO_TRY(e, co_await d_.environments.create(c.scope, in.application_id, std::move(e)));
    co_return co_await with_state(c.scope, std::move(e));
  }
  Task<EnvironmentOutput> get(const Context& c, EnvironmentRequest in) {
    CO_TRY(auto e, co_await d_.environments.find(c.scope, in.application_id, in.environment_id));
    co_return co_await with_state(c.scope, std::move(e));
  }
  Task<EnvironmentOutput> update(const Context& c, UpdateEnvironmentRequest in) {
    domain::EnvironmentChange change{std::move(in.name), std::move(in.description), std::nullopt};
    const bool monitors_change = in.monitors.has_value();
    if (monitors_change) change.monitors = monitors_of(*in.monitors);
    CO_TRY(auto e, co_await d_.environments.update(c.scope, in.application_id, in.environment_id,
                                                   std::move(change)));
    if (monitors_change) d_.monitoring.look(c.scope, e.application_id, e.id);
    co_return co_await with_state(c.scope, std::move(e));
  }
  Task<wire::Nothing> remove(const Context& c, DeleteEnvironmentRequest in) {
    CO_TRY(auto e, co_await d_.environments.find(c.scope, in.application_id, in.environment_id));
    CO_TRY(Unit free, co_await d_.protection.check(c.scope, e, deletion_check(in.check)));
    CO_TRY(Unit gone, co_await d_.environments.remove(c.scope, e.application_id, e.id));
    (void)free, (void)gone;
    co_return wire::Nothing{};
  }
  Task<EnvironmentsOutput> list(const Context& c, ListInApplicationRequest in) {
    CO_TRY(auto page, co_await d_.environments.list(c.scope, in.application_id,
                                                    page_request(in.max_results, in.next_token)));
    EnvironmentsOutput out;
    for (auto& e : page.items) {
      CO_TRY(EnvironmentOutput item, co_await with_state(c.scope, std::move(e)));
      out.items.push_back(std::move(item));
    }
    out.next_token = next_token(std::move(page.next_token));
    co_return out;
  }

  Task<ConfigurationProfileOutput> create(const Context& c, CreateConfigurationProfileRequest in) {
    domain::Profile p;
    p.name = std::move(in.name);
    p.description = std::move(in.description);
    p.location_uri = std::move(in.location_uri);
    p.retrieval_role_arn = std::move(in.retrieval_role_arn);
    p.validators = validators_of(in.validators);
    p.type = in.type.value_or("");
    p.kms_key_identifier = std::move(in.kms_key_identifier);
    p.tags = std::move(in.tags);
    CO_TRY(p, co_await d_.profiles.create(c.scope, in.application_id, std::move(p)));
    co_return shown(c.scope, std::move(p));
  }
  Task<ConfigurationProfileOutput> get(const Context& c, ConfigurationProfileRequest in) {
    CO_TRY(auto p,
           co_await d_.profiles.find(c.scope, in.application_id, in.configuration_profile_id));
    co_return shown(c.scope, std::move(p));
  }
  Task<ConfigurationProfileOutput> update(const Context& c, UpdateConfigurationProfileRequest in) {
    domain::ProfileChange change;
    change.name = std::move(in.name);
    change.description = std::move(in.description);
    change.retrieval_role_arn = std::move(in.retrieval_role_arn);
    if (in.validators) change.validators = validators_of(*in.validators);
    change.kms_key_identifier = std::move(in.kms_key_identifier);
    CO_TRY(auto p, co_await d_.profiles.update(c.scope, in.application_id,
                                               in.configuration_profile_id, std::move(change)));
    co_return shown(c.scope, std::move(p));
  }
  Task<wire::Nothing> remove(const Context& c, DeleteConfigurationProfileRequest in) {
    CO_TRY(auto p,
           co_await d_.profiles.find(c.scope, in.application_id, in.configuration_profile_id));
    CO_TRY(Unit free, co_await d_.protection.check(c.scope, p, deletion_check(in.check)));
    CO_TRY(Unit gone, co_await d_.profiles.remove(c.scope, p.application_id, p.id));
    (void)free, (void)gone;
    co_return wire::Nothing{};
  }
  Task<ConfigurationProfilesOutput> list(const Context& c, ListConfigurationProfilesRequest in) {
    CO_TRY(auto page, co_await d_.profiles.list(c.scope, in.application_id, in.type,
                                                page_request(in.max_results, in.next_token)));
    ConfigurationProfilesOutput out;
    for (domain::Profile& p : page.items) {
      ConfigurationProfileSummary s{p.application_id, p.id, p.name, p.location_uri, {}, p.type};
      for (const domain::Validator& v : p.validators) s.validator_types.push_back(v.type);
      out.items.push_back(std::move(s));
    }
    out.next_token = next_token(std::move(page.next_token));
    co_return out;
  }

  Task<DeploymentStrategyOutput> create(const Context& c, CreateDeploymentStrategyRequest in) {
    domain::Strategy s;
    s.name = std::move(in.name);
    s.description = std::move(in.description);
    s.duration_minutes = in.duration;
    s.bake_minutes = in.bake.value_or(0);
    s.growth_factor = in.growth_factor;
    s.growth_type = growth_type(in.growth_type.value_or("LINEAR"));
    s.replicate_to = in.replicate_to.value_or("NONE");
    s.tags = std::move(in.tags);
    CO_TRY(s, co_await d_.strategies.create(c.scope, std::move(s)));
    co_return shown(std::move(s));
  }
  Task<DeploymentStrategyOutput> get(const Context& c, DeploymentStrategyRequest in) {
    CO_TRY(auto s, co_await d_.strategies.find(c.scope, in.id));
    co_return shown(std::move(s));
  }
  Task<DeploymentStrategyOutput> update(const Context& c, UpdateDeploymentStrategyRequest in) {
    domain::StrategyChange change;
    change.description = std::move(in.description);
    change.duration_minutes = in.duration;
    change.bake_minutes = in.bake;
    change.growth_factor = in.growth_factor;
    if (in.growth_type) change.growth_type = growth_type(*in.growth_type);
    CO_TRY(auto s, co_await d_.strategies.update(c.scope, in.id, std::move(change)));
    co_return shown(std::move(s));
  }
  Task<wire::Nothing> remove(const Context& c, DeploymentStrategyRequest in) {
    CO_TRY(Unit gone, co_await d_.strategies.remove(c.scope, in.id));
    (void)gone;
    co_return wire::Nothing{};
  }
  Task<DeploymentStrategiesOutput> list_strategies(const Context& c, ListRequest in) {
    CO_TRY(auto page,
           co_await d_.strategies.list(c.scope, page_request(in.max_results, in.next_token)));
    DeploymentStrategiesOutput out;
    for (auto& s : page.items) out.items.push_back(shown(std::move(s)));
    out.next_token = next_token(std::move(page.next_token));
    co_return out;
  }

 private:
  Task<EnvironmentOutput> with_state(Scope scope, domain::Environment e) {
    EnvironmentOutput out;
    CO_TRY(out.state, co_await d_.deployments.environment_state(scope, e.application_id, e.id));
    out.application_id = std::move(e.application_id);
    out.id = std::move(e.id);
    out.name = std::move(e.name);
    out.description = std::move(e.description);
    for (domain::Monitor& m : e.monitors)
      out.monitors.push_back({std::move(m.alarm_arn), std::move(m.alarm_role_arn)});
    co_return out;
  }

  domain::Service& d_;
};

}  // namespace

void mount_resources(wire::Table& table, const Parts& parts) {
  auto r = std::make_shared<Resources>(*parts.service);
  // What the overloads above are called with says which operation is meant.
  auto create = [r](const Context& c, auto in) { return r->create(c, std::move(in)); };
  auto get = [r](const Context& c, auto in) { return r->get(c, std::move(in)); };
  auto update = [r](const Context& c, auto in) { return r->update(c, std::move(in)); };
  auto remove = [r](const Context& c, auto in) { return r->remove(c, std::move(in)); };
  auto list = [r](const Context& c, auto in) { return r->list(c, std::move(in)); };
  table.add(kCreateApplication, create);
  table.add(kGetApplication, get);
  table.add(kUpdateApplication, update);
  table.add(kDeleteApplication, remove);
  table.add(kListApplications, list);
  table.add(kCreateEnvironment, create);
  table.add(kGetEnvironment, get);
  table.add(kUpdateEnvironment, update);
  table.add(kDeleteEnvironment, remove);
  table.add(kListEnvironments, list);
  table.add(kCreateProfile, create);
  table.add(kGetProfile, get);
  table.add(kUpdateProfile, update);
  table.add(kDeleteProfile, remove);
  table.add(kListProfiles, list);
  table.add(kCreateStrategy, create);
  table.add(kGetStrategy, get);
  table.add(kUpdateStrategy, update);
  table.add(kDeleteStrategy, remove);
  table.add(kListStrategies,
            [r](const Context& c, ListRequest in) { return r->list_strategies(c, std::move(in)); });
}

}  // namespace tidegate::api::appconfig
