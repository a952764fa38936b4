// Extensions and their associations.
#include "api/appconfig/extension_shapes.h"
#include "api/appconfig/groups.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;
using wire::Context;

constexpr auto kCreate = wire::operation<CreateExtensionRequest, ExtensionOutput>(
    "CreateExtension", Method::post, "/extensions", 201, "appconfig:CreateExtension");
// An identifier may be an ARN: one encoded segment, or with its slashes.
constexpr auto kGet = wire::operation<GetExtensionRequest, ExtensionOutput>(
                          "GetExtension", Method::get, "/extensions/{ExtensionIdentifier}", 200,
                          "appconfig:GetExtension")
                          .also("/extensions/{ExtensionIdentifier+}");
constexpr auto kUpdate = wire::operation<UpdateExtensionRequest, ExtensionOutput>(
                             "UpdateExtension", Method::patch, "/extensions/{ExtensionIdentifier}",
                             200, "appconfig:UpdateExtension")
                             .also("/extensions/{ExtensionIdentifier+}");
constexpr auto kDelete = wire::operation<DeleteExtensionRequest, wire::Nothing>(
                             "DeleteExtension", Method::delete_,
                             "/extensions/{ExtensionIdentifier}", 204, "appconfig:DeleteExtension")
                             .also("/extensions/{ExtensionIdentifier+}");
constexpr auto kList = wire::operation<ListExtensionsRequest, ExtensionsOutput>(
    "ListExtensions", Method::get, "/extensions", 200, "appconfig:ListExtensions");

constexpr auto kCreateAssociation =
    wire::operation<CreateExtensionAssociationRequest, ExtensionAssociationOutput>(
        "CreateExtensionAssociation", Method::post, "/extensionassociations", 201,
        "appconfig:CreateExtensionAssociation");
constexpr auto kGetAssociation =
    wire::operation<ExtensionAssociationRequest, ExtensionAssociationOutput>(
        "GetExtensionAssociation", Method::get, "/extensionassociations/{ExtensionAssociationId}",
        200, "appconfig:GetExtensionAssociation");
constexpr auto kUpdateAssociation =
    wire::operation<UpdateExtensionAssociationRequest, ExtensionAssociationOutput>(
        "UpdateExtensionAssociation", Method::patch,
        "/extensionassociations/{ExtensionAssociationId}", 200,
        "appconfig:UpdateExtensionAssociation");
constexpr auto kDeleteAssociation = wire::operation<ExtensionAssociationRequest, wire::Nothing>(
    "DeleteExtensionAssociation", Method::delete_,
    "/extensionassociations/{ExtensionAssociationId}", 204, "appconfig:DeleteExtensionAssociation");
constexpr auto kListAssociations =
    wire::operation<ListExtensionAssociationsRequest, ExtensionAssociationsOutput>(
        "ListExtensionAssociations", Method::get, "/extensionassociations", 200,
        "appconfig:ListExtensionAssociations");

Result<domain::Actions> actions_of(const ActionMap& given) {
  domain::Actions actions;
  for (const auto& [point, list] : given) {
    if (list.size() != 1)
      return Error{Fault::invalid_argument,
                   fmt::format("Value at 'actions.{}' failed to satisfy constraint: Member must "
                               "have length 1, not {}",
                               point.substr(0, 64), list.size())};
    const ActionShape& a = list.front();
    actions[point] = {a.name.value_or(""), a.description, a.uri.value_or(""), a.role_arn};
  }
  return actions;
}

std::map<std::string, domain::Parameter> parameters_of(const ParameterMap& given) {
  std::map<std::string, domain::Parameter> parameters;
  for (const auto& [name, p] : given)
    parameters[name] = {p.description, p.required.value_or(false), p.dynamic.value_or(false)};
  return parameters;
}

ExtensionOutput shown(const Scope& scope, domain::Extension e) {
  ExtensionOutput out;
  out.arn = domain::extension_arn(scope, e.id, e.version);
  out.id = std::move(e.id);
  out.name = std::move(e.name);
  out.version_number = static_cast<std::int32_t>(e.version);
  out.description = std::move(e.description);
  for (auto& [point, a] : e.actions) {
    ActionShape action{std::move(a.name), std::move(a.description), std::move(a.uri),
                       std::move(a.role_arn)};
    out.actions[point].push_back(std::move(action));
  }
  if (!e.parameters.empty()) out.parameters.emplace();
  for (auto& [name, p] : e.parameters)
    (*out.parameters)[name] = {std::move(p.description), p.required, p.dynamic};
  return out;
}

ExtensionAssociationOutput shown(const Scope& scope, domain::ExtensionAssociation a) {
  ExtensionAssociationOutput out;
  out.arn = arn(scope, "appconfig", "extensionassociation/" + a.id);
  out.id = std::move(a.id);
  out.extension_arn = domain::extension_arn(scope, a.extension_id, a.extension_version);
  out.resource_arn = std::move(a.resource_arn);
  out.parameters = std::move(a.parameters);
  out.extension_version_number = static_cast<std::int32_t>(a.extension_version);
  return out;
}

class Extensions {
 public:
  explicit Extensions(domain::Service& service) : d_(service) {}

  Task<ExtensionOutput> create(const Context& c, CreateExtensionRequest in) {
    domain::NewExtension e;
    CO_TRY(e.actions, actions_of(in.actions));
    e.name = std::move(in.name);
    e.description = std::move(in.description);
    if (in.parameters) e.parameters = parameters_of(*in.parameters);
    e.tags = std::move(in.tags);
    e.latest_version_number = in.latest_version_number;
    CO_TRY(auto made, co_await d_.extensions.create(c.scope, std::move(e)));
    co_return shown(c.scope, std::move(made));
  }
  Task<ExtensionOutput> get(const Context& c, GetExtensionRequest in) {
    CO_TRY(auto found,
           co_await d_.extensions.find(c.scope, in.extension_identifier, in.version_number));
    co_return shown(c.scope, std::move(found));
  }
  Task<ExtensionOutput> update(const Context& c, UpdateExtensionRequest in) {
    domain::ExtensionChange change;
    change.description = std::move(in.description);
    if (in.parameters) change.parameters = parameters_of(*in.parameters);
    if (in.actions) {
      CO_TRY(change.actions, actions_of(*in.actions));
    }
    CO_TRY(auto changed, co_await d_.extensions.update(c.scope, in.extension_identifier,
                                                       in.version_number, std::move(change)));
    co_return shown(c.scope, std::move(changed));
  }
  Task<wire::Nothing> remove(const Context& c, DeleteExtensionRequest in) {
    CO_TRY(Unit gone,
           co_await d_.extensions.remove(c.scope, in.extension_identifier, in.version_number));
    (void)gone;
    co_return wire::Nothing{};
  }
  Task<ExtensionsOutput> list(const Context& c, ListExtensionsRequest in) {
    CO_TRY(auto page, co_await d_.extensions.list(c.scope, std::move(in.name),
                                                  page_request(in.max_results, in.next_token)));
    ExtensionsOutput out;
    for (domain::Extension& e : page.items) {
      std::string arn = domain::extension_arn(c.scope, e.id, e.version);
      out.items.push_back({std::move(e.id), std::move(e.name), static_cast<std::int32_t>(e.version),
                           std::move(arn), std::move(e.description)});
    }
    out.next_token = next_token(std::move(page.next_token));
    co_return out;
  }

  Task<ExtensionAssociationOutput> associate(const Context& c,
                                             CreateExtensionAssociationRequest in) {
    domain::NewAssociation a;
    a.extension = std::move(in.extension_identifier);
    a.extension_version = in.extension_version_number;
    a.resource_arn = std::move(in.resource_identifier);
    a.parameters = std::move(in.parameters);
    a.tags = std::move(in.tags);
    CO_TRY(auto made, co_await d_.associations.create(c.scope, std::move(a)));
    co_return shown(c.scope, std::move(made));
  }
  Task<ExtensionAssociationOutput> get_association(const Context& c,
                                                   ExtensionAssociationRequest in) {
    CO_TRY(auto found, co_await d_.associations.find(c.scope, in.extension_association_id));
    co_return shown(c.scope, std::move(found));
  }
  Task<ExtensionAssociationOutput> update_association(const Context& c,
                                                      UpdateExtensionAssociationRequest in) {
    CO_TRY(auto changed, co_await d_.associations.update(c.scope, in.extension_association_id,
                                                         std::move(in.parameters)));
    co_return shown(c.scope, std::move(changed));
  }
  Task<wire::Nothing> remove_association(const Context& c, ExtensionAssociationRequest in) {
    CO_TRY(Unit gone, co_await d_.associations.remove(c.scope, in.extension_association_id));
    (void)gone;
    co_return wire::Nothing{};
  }
  Task<ExtensionAssociationsOutput> list_associations(const Context& c,
                                                      ListExtensionAssociationsRequest in) {
    domain::AssociationFilter filter{std::move(in.resource_identifier),
                                     std::move(in.extension_identifier),
                                     in.extension_version_number};
    CO_TRY(auto page, co_await d_.associations.list(c.scope, std::move(filter),
                                                    page_request(in.max_results, in.next_token)));
    ExtensionAssociationsOutput out;
    for (domain::ExtensionAssociation& a : page.items) {
      std::string extension = domain::extension_arn(c.scope, a.extension_id, a.extension_version);
      out.items.push_back({std::move(a.id), std::move(extension), std::move(a.resource_arn)});
    }
    out.next_token = next_token(std::move(page.next_token));
    co_return out;
  }

 private:
  domain::Service& d_;
};

}  // namespace

void mount_extensions(wire::Table& table, const Parts& parts) {
  auto e = std::make_shared<Extensions>(*parts.service);
  table.add(kCreate, [e](const Context& c, CreateExtensionRequest in) {
    return e->create(c, std::move(in));
  });
  table.add(kGet,
            [e](const Context& c, GetExtensionRequest in) { return e->get(c, std::move(in)); });
  table.add(kUpdate, [e](const Context& c, UpdateExtensionRequest in) {
    return e->update(c, std::move(in));
  });
  table.add(kDelete, [e](const Context& c, DeleteExtensionRequest in) {
    return e->remove(c, std::move(in));
  });
  table.add(kList,
            [e](const Context& c, ListExtensionsRequest in) { return e->list(c, std::move(in)); });
  table.add(kCreateAssociation, [e](const Context& c, CreateExtensionAssociationRequest in) {
    return e->associate(c, std::move(in));
  });
  table.add(kGetAssociation, [e](const Context& c, ExtensionAssociationRequest in) {
    return e->get_association(c, std::move(in));
  });
  table.add(kUpdateAssociation, [e](const Context& c, UpdateExtensionAssociationRequest in) {
    return e->update_association(c, std::move(in));
  });
  table.add(kDeleteAssociation, [e](const Context& c, ExtensionAssociationRequest in) {
    return e->remove_association(c, std::move(in));
  });
  table.add(kListAssociations, [e](const Context& c, ListExtensionAssociationsRequest in) {
    return e->list_associations(c, std::move(in));
  });
}

}  // namespace tidegate::api::appconfig
