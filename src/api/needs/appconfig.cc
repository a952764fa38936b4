#include <fmt/format.h>

#include "api/appconfig/extension_shapes.h"
#include "api/appconfig/resource_shapes.h"
#include "api/needs/needs.h"

namespace tidegate::api::needs {
namespace {

namespace domain = tidegate::appconfig;
constexpr char kPrincipal[] = "appconfig.amazonaws.com";

// Control calls name things by id: the chain of resources stands in the row's labels.
std::vector<std::string> chain_of(const Subject& s) {
  std::vector<std::string> out;
  auto add = [&](std::string path) { out.push_back(arn(s.context.scope, "appconfig", path)); };
  if (const auto application = s.text("ApplicationId")) {
    const std::string a = "application/" + *application;
    add(a);
    if (const auto environment = s.text("EnvironmentId")) {
      add(a + "/environment/" + *environment);
      if (const auto number = s.text("DeploymentNumber"))
        add(out.back().substr(out.back().find("application/")) + "/deployment/" + *number);
    }
    if (const auto profile = s.text("ConfigurationProfileId")) {
      const std::string p = a + "/configurationprofile/" + *profile;
      add(p);
      const auto version = s.text("VersionNumber");
      if (version) add(p + "/hostedconfigurationversion/" + *version);
    }
  }
  if (const auto strategy = s.text("DeploymentStrategyId")) add("deploymentstrategy/" + *strategy);
  for (const char* member : {"ExtensionIdentifier", "ExtensionId"})
    if (const auto extension = s.text(member)) {
      if (extension->starts_with("arn:"))
        out.push_back(*extension);
      else
        add("extension/" + *extension);
    }
  if (const auto association = s.text("ExtensionAssociationId"))
    add("extensionassociation/" + *association);
  if (const auto named = s.text("ResourceArn")) out.push_back(*named);
  if (out.empty()) out.push_back("*");
  return out;
}

void add_roles(const appconfig::ActionMap& actions, std::vector<std::string>& out) {
  for (const auto& [point, list] : actions)
    for (const appconfig::ActionShape& action : list)
      if (action.role_arn) out.push_back(*action.role_arn);
}

void add_roles(const std::vector<appconfig::MonitorShape>& monitors,
               std::vector<std::string>& out) {
  for (const appconfig::MonitorShape& monitor : monitors)
    if (monitor.alarm_role_arn) out.push_back(*monitor.alarm_role_arn);
}

// The roles that AppConfig is to act as from now on.
std::vector<std::string> passed_roles(const Subject& s) {
  std::vector<std::string> out;
  const auto retrieval = s.text("RetrievalRoleArn");
  if (retrieval && !retrieval->empty()) out.push_back(*retrieval);
  if (s.row().name == "CreateExtension")
    add_roles(static_cast<const appconfig::CreateExtensionRequest*>(s.input())->actions, out);
  if (s.row().name == "UpdateExtension") {
    const auto* in = static_cast<const appconfig::UpdateExtensionRequest*>(s.input());
    if (in->actions) add_roles(*in->actions, out);
  }
  if (s.row().name == "CreateEnvironment")
    add_roles(static_cast<const appconfig::CreateEnvironmentRequest*>(s.input())->monitors, out);
  if (s.row().name == "UpdateEnvironment") {
    const auto* in = static_cast<const appconfig::UpdateEnvironmentRequest*>(s.input());
    if (in->monitors) add_roles(*in->monitors, out);
  }
  return out;
}

struct Ids {
  std::string application, environment, profile;
};
// By name or by id; what does not exist keeps the caller's word for it, and is refused in the same
// way when he may not know.
Task<Ids> resolve(domain::Service& service, Scope scope, std::string application,
                  std::string environment, std::string profile) {
  Ids ids{application, environment, profile};
  auto a = co_await service.applications.find(scope, application);
  if (!a.ok()) co_return ids;
  ids.application = a->id;
  auto e = co_await service.environments.find(scope, ids.application, environment);
  if (e.ok()) ids.environment = e->id;
  auto p = co_await service.profiles.find(scope, ids.application, profile);
  if (p.ok()) ids.profile = p->id;
  co_return ids;
}

std::string configuration_path(const Ids& ids) {
  return fmt::format("application/{}/environment/{}/configuration/{}", ids.application,
                     ids.environment, ids.profile);
}

Task<std::vector<Need>> control_needs(domain::Service& service, const Authorizer& authorizer,
                                      std::shared_ptr<const Subject> s) {
  std::vector<Need> out;
  const std::string action(s->row().action);
  const Scope scope = s->context.scope;
  if (s->row().name == "GetConfiguration") {
    CO_TRY(Ids ids, co_await resolve(service, scope, s->text("Application").value_or(""),
                                     s->text("Environment").value_or(""),
                                     s->text("Configuration").value_or("")));
    const std::string a = "application/" + ids.application;
    out.push_back({action, arn(scope, "appconfig", a)});
    out.push_back({action, arn(scope, "appconfig", a + "/environment/" + ids.environment)});
    out.push_back({action, arn(scope, "appconfig", a + "/configurationprofile/" + ids.profile)});
    co_return out;
  }
  for (std::string& resource : chain_of(*s)) out.push_back({action, std::move(resource)});
  for (const std::string& role : passed_roles(*s)) {
    out.push_back({"iam:PassRole", role, {{"iam:PassedToService", kPrincipal}}});
    Status usable = authorizer.check_service_role(role, kPrincipal);
    if (!usable.ok()) out.back().wrong = std::move(usable).error();
  }
  co_return out;
}

Task<std::vector<Need>> data_needs(domain::Service& service, std::shared_ptr<const Subject> s) {
  std::vector<Need> out;
  const std::string action(s->row().action);
  if (s->row().name == "GetLatestConfiguration") {
    std::string resource =
        configuration_arn(service.data_plane, s->text("ConfigurationToken").value_or(""));
    // A token that is none of ours is refused by the handler, whoever sends it.
    if (!resource.empty()) out.push_back({action, std::move(resource)});
    co_return out;
  }
  const Scope scope = s->context.scope;
  CO_TRY(Ids ids, co_await resolve(service, scope, s->text("ApplicationIdentifier").value_or(""),
                                   s->text("EnvironmentIdentifier").value_or(""),
                                   s->text("ConfigurationProfileIdentifier").value_or("")));
  out.push_back({action, arn(scope, "appconfig", configuration_path(ids))});
  co_return out;
}

}  // namespace

std::string configuration_arn(const domain::DataPlane& plane, std::string_view token) {
  const auto session = plane.session(token);
  if (!session.ok()) return "";
  const Ids ids{session->application_id, session->environment_id, session->profile_id};
  return arn({session->account, session->region}, "appconfig", configuration_path(ids));
}

Needs appconfig(domain::Service& service, const Authorizer& authorizer) {
  return [&service, &authorizer](std::shared_ptr<const Subject> s) {
    return control_needs(service, authorizer, std::move(s));
  };
}

Needs appconfig_data(domain::Service& service) {
  return [&service](std::shared_ptr<const Subject> s) { return data_needs(service, std::move(s)); };
}

}  // namespace tidegate::api::needs
