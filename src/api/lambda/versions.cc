// Versions and aliases.
#include "api/lambda/api.h"
#include "api/lambda/shapes_more.h"
#include "api/lambda/show.h"

namespace tidegate::api::lambda {
namespace {

namespace domain = tidegate::lambda;
using http::Method;
using wire::Context;

constexpr auto kPublish = wire::operation<PublishVersionRequest, FunctionConfiguration>(
    "PublishVersion", Method::post, "/2015-03-31/functions/{FunctionName}/versions", 201,
    "lambda:PublishVersion");
constexpr auto kListVersions = wire::operation<FunctionPageRequest, ListVersionsResponse>(
    "ListVersionsByFunction", Method::get, "/2015-03-31/functions/{FunctionName}/versions", 200,
    "lambda:ListVersionsByFunction");
constexpr auto kCreateAlias = wire::operation<CreateAliasRequest, AliasConfiguration>(
    "CreateAlias", Method::post, "/2015-03-31/functions/{FunctionName}/aliases", 201,
    "lambda:CreateAlias");
constexpr auto kGetAlias = wire::operation<AliasRequest, AliasConfiguration>(
    "GetAlias", Method::get, "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 200,
    "lambda:GetAlias");
constexpr auto kUpdateAlias = wire::operation<UpdateAliasRequest, AliasConfiguration>(
    "UpdateAlias", Method::put, "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 200,
    "lambda:UpdateAlias");
constexpr auto kDeleteAlias = wire::operation<AliasRequest, wire::Nothing>(
    "DeleteAlias", Method::delete_, "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 204,
    "lambda:DeleteAlias");
constexpr auto kListAliases = wire::operation<ListAliasesRequest, ListAliasesResponse>(
    "ListAliases", Method::get, "/2015-03-31/functions/{FunctionName}/aliases", 200,
    "lambda:ListAliases");

AliasConfiguration shown(const Scope& scope, const std::string& function,
                         const domain::Alias& alias) {
  AliasConfiguration out;
  out.alias_arn = domain::function_arn(scope, function) + ":" + alias.name;
  out.name = alias.name;
  out.function_version = alias.version;
  out.description = alias.description;
  out.revision_id = alias.revision_id;
  if (!alias.weights.empty()) out.routing_config = AliasRouting{alias.weights};
  return out;
}

Status check_version(const std::string& version) {
  if (version == domain::kLatest || domain::version_number(version)) return done;
  return domain::validation(version, "functionVersion",
                            "satisfy regular expression pattern: (\\$LATEST|[0-9]+)");
}

class Handlers {
 public:
  explicit Handlers(Parts parts) : p_(parts) {}

  Task<FunctionConfiguration> publish(const Context& c, PublishVersionRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    domain::Publication publication{std::move(in.code_sha256), std::move(in.description),
                                    std::move(in.revision_id)};
    CO_TRY(domain::Function f,
           co_await p_.functions->publish(at.scope, at.function, std::move(publication)));
    co_return lambda::shown(at.scope, f, f.version);
  }

  Task<ListVersionsResponse> list_versions(const Context& c, FunctionPageRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(auto page, co_await p_.functions->versions(at.scope, at.function, in.marker.value_or(""),
                                                      page_size(in.max_items)));
    ListVersionsResponse out;
    for (const domain::Function& f : page.functions)
      out.versions.push_back(listed(at.scope, f, true));
    if (!page.next_marker.empty()) out.next_marker = std::move(page.next_marker);
    co_return out;
  }

  Task<AliasConfiguration> create_alias(const Context& c, CreateAliasRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(Unit version, check_version(in.function_version));
    (void)version;
    domain::Alias alias;
    alias.name = std::move(in.name);
    alias.version = std::move(in.function_version);
    alias.description = in.description.value_or("");
    if (in.routing_config) alias.weights = std::move(in.routing_config->additional_version_weights);
    CO_TRY(alias, co_await p_.aliases->create(at.scope, at.function.name, std::move(alias)));
    co_return shown(at.scope, at.function.name, alias);
  }

  Task<AliasConfiguration> get_alias(const Context& c, AliasRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(domain::Alias alias, co_await p_.aliases->find(at.scope, at.function.name, in.name));
    co_return shown(at.scope, at.function.name, alias);
  }

  Task<AliasConfiguration> update_alias(const Context& c, UpdateAliasRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    domain::AliasChange change;
    if (in.function_version) {
      CO_TRY(Unit version, check_version(*in.function_version));
      (void)version;
    }
    change.version = std::move(in.function_version);
    change.description = std::move(in.description);
    change.revision_id = std::move(in.revision_id);
    if (in.routing_config)
      change.weights = std::move(in.routing_config->additional_version_weights);
    CO_TRY(domain::Alias alias,
           co_await p_.aliases->update(at.scope, at.function.name, in.name, std::move(change)));
    co_return shown(at.scope, at.function.name, alias);
  }

  Task<wire::Nothing> delete_alias(const Context& c, AliasRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(Unit gone, co_await p_.aliases->remove(at.scope, at.function.name, in.name));
    (void)gone;
    co_return wire::Nothing{};
  }

  Task<ListAliasesResponse> list_aliases(const Context& c, ListAliasesRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    if (in.function_version) {
      CO_TRY(Unit version, check_version(*in.function_version));
      (void)version;
    }
    CO_TRY(auto page,
           co_await p_.aliases->list(at.scope, at.function.name, in.function_version.value_or(""),
                                     in.marker.value_or(""), page_size(in.max_items)));
    ListAliasesResponse out;
    for (const domain::Alias& alias : page.aliases)
      out.aliases.push_back(shown(at.scope, at.function.name, alias));
    if (!page.next_marker.empty()) out.next_marker = std::move(page.next_marker);
    co_return out;
  }

 private:
  Parts p_;
};

}  // namespace

void mount_versions(wire::Table& table, const Parts& parts) {
  auto h = std::make_shared<Handlers>(parts);
  table.add(kPublish, [h](const Context& c, PublishVersionRequest in) {
    return h->publish(c, std::move(in));
  });
  table.add(kListVersions, [h](const Context& c, FunctionPageRequest in) {
    return h->list_versions(c, std::move(in));
  });
  table.add(kCreateAlias, [h](const Context& c, CreateAliasRequest in) {
    return h->create_alias(c, std::move(in));
  });
  table.add(kGetAlias,
            [h](const Context& c, AliasRequest in) { return h->get_alias(c, std::move(in)); });
  table.add(kUpdateAlias, [h](const Context& c, UpdateAliasRequest in) {
    return h->update_alias(c, std::move(in));
  });
  table.add(kDeleteAlias,
            [h](const Context& c, AliasRequest in) { return h->delete_alias(c, std::move(in)); });
  table.add(kListAliases, [h](const Context& c, ListAliasesRequest in) {
    return h->list_aliases(c, std::move(in));
  });
}

}  // namespace tidegate::api::lambda
