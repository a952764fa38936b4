// Layers.
#include "lambda/layers.h"

#include "api/lambda/api.h"
#include "api/lambda/shapes_layers.h"
#include "api/lambda/show.h"
#include "base/bytes.h"
#include "base/scope.h"

namespace tidegate::api::lambda {
namespace {

namespace domain = tidegate::lambda;
using http::Method;
using wire::Context;

constexpr auto kPublish =
    wire::operation<PublishLayerRequest, LayerVersionShape>(
        "PublishLayerVersion", Method::post, "/2018-10-31/layers/{LayerName}/versions", 201,
        "lambda:PublishLayerVersion")
        .limit(70'167'211);
constexpr auto kGet = wire::operation<LayerVersionRequest, LayerVersionShape>(
    "GetLayerVersion", Method::get, "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}", 200,
    "lambda:GetLayerVersion");
constexpr auto kGetByArn = wire::operation<LayerByArnRequest, LayerVersionShape>(
    "GetLayerVersionByArn", Method::get, "/2018-10-31/layers?find=LayerVersion", 200,
    "lambda:GetLayerVersion");
constexpr auto kDelete = wire::operation<LayerVersionRequest, wire::Nothing>(
    "DeleteLayerVersion", Method::delete_,
    "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}", 204, "lambda:DeleteLayerVersion");
constexpr auto kList = wire::operation<ListLayersRequest, ListLayersResponse>(
    "ListLayers", Method::get, "/2018-10-31/layers", 200, "lambda:ListLayers");
constexpr auto kListVersions = wire::operation<ListLayerVersionsRequest, ListLayerVersionsResponse>(
    "ListLayerVersions", Method::get, "/2018-10-31/layers/{LayerName}/versions", 200,
    "lambda:ListLayerVersions");
constexpr auto kPermit = wire::operation<AddLayerPermissionRequest, AddLayerPermissionResponse>(
    "AddLayerVersionPermission", Method::post,
    "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy", 201,
    "lambda:AddLayerVersionPermission");
constexpr auto kForbid = wire::operation<RemoveLayerPermissionRequest, wire::Nothing>(
    "RemoveLayerVersionPermission", Method::delete_,
    "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}", 204,
    "lambda:RemoveLayerVersionPermission");
constexpr auto kGetPolicy = wire::operation<LayerVersionRequest, GetPolicyResponse>(
    "GetLayerVersionPolicy", Method::get,
    "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy", 200,
    "lambda:GetLayerVersionPolicy");

// A layer's name, or its ARN.
std::string name_of(const Scope& scope, std::string text) {
  const std::string front = domain::layer_arn(scope, "");
  return text.starts_with(front) ? text.substr(front.size()) : text;
}

// The same of a layer that may be another account's.
domain::LayerRef layer_of(const Scope& caller, const LayerVersionRequest& in) {
  if (auto ref = domain::parse_layer_version_arn(fmt::format("{}:{}", in.layer_name, in.version));
      ref && ref->scope.region == caller.region)
    return std::move(*ref);
  return {caller, in.layer_name, in.version};
}

// `form` is how AWS words this member's rule, with a place for the values allowed.
template <std::size_t N>
std::string enum_problem(const std::optional<std::vector<std::string>>& given,
                         const std::string_view (&allowed)[N], const char* member,
                         std::string_view form) {
  if (!given) return "";
  for (const std::string& value : *given)
    if (std::find(std::begin(allowed), std::end(allowed), value) == std::end(allowed))
      return fmt::format("Value '[{}]' at '{}' failed to satisfy constraint: Member must {}",
                         fmt::join(*given, ", "), member,
                         fmt::format(fmt::runtime(form), fmt::join(allowed, ", ")));
  return "";
}

Status check_compatible(const PublishLayerRequest& in) {
  std::vector<std::string> problems;
  for (std::string& p : std::vector<std::string>{
           enum_problem(in.runtimes, kLayerRuntimes, "compatibleRuntimes",
                        "satisfy enum value set: [{}]"),
           enum_problem(in.architectures, kArchitectures, "compatibleArchitectures",
                        "satisfy constraint: [Member must satisfy enum value set: [{}], Member "
                        "must not be null]")})
    if (!p.empty()) problems.push_back(std::move(p));
  if (problems.empty()) return done;
  return Error{Fault::invalid_request,
               fmt::format("{} validation error{} detected: {}", problems.size(),
                           problems.size() == 1 ? "" : "s", fmt::join(problems, "; "))};
}

template <class Shape>
void describe(Shape& out, const Scope& scope, const domain::LayerVersion& v) {
  out.layer_version_arn = domain::layer_version_arn(scope, v.name, v.number);
  out.version = v.number;
  out.description = v.description;
  out.created = iso8601_lambda(v.created);
  out.license = v.license;
  if (v.has_runtimes) out.runtimes = v.runtimes;
  if (v.has_architectures) out.architectures = v.architectures;
}

LayerVersionItem item(const Scope& scope, const domain::LayerVersion& v) {
  LayerVersionItem out;
  describe(out, scope, v);
  return out;
}

class Handlers {
 public:
  explicit Handlers(Parts parts) : p_(parts) {}

  Task<LayerVersionShape> publish(const Context& c, PublishLayerRequest in) {
    CO_TRY(Unit compatible, check_compatible(in));
    (void)compatible;
    domain::LayerVersion v;
    v.name = name_of(c.scope, std::move(in.layer_name));
    if (auto named = domain::parse_layer_version_arn(v.name + ":1"))
      co_return Error{Fault::access_denied,
                      fmt::format("This operation is not available to account {} on resource: {}",
                                  c.scope.account, v.name)};
    v.description = in.description.value_or("");
    v.license = std::move(in.license);
    v.has_runtimes = in.runtimes.has_value();
    v.runtimes = in.runtimes.value_or(std::vector<std::string>{});
    v.has_architectures = in.architectures.has_value();
    v.architectures = in.architectures.value_or(std::vector<std::string>{});
    domain::Code code;
    if (in.content.zip_file) code.zip = std::move(in.content.zip_file->bytes);
    code.bucket = std::move(in.content.s3_bucket);
    code.key = std::move(in.content.s3_key);
    code.object_version = std::move(in.content.s3_object_version);
    CO_TRY(v, co_await p_.layers->publish(c.scope, std::move(v), std::move(code)));
    co_return shown(c, c.scope, v);
  }

  Task<LayerVersionShape> get(const Context& c, LayerVersionRequest in) {
    const domain::LayerRef at = layer_of(c.scope, in);
    CO_TRY(auto v, co_await p_.layers->find(at.scope, at.name, at.number));
    co_return shown(c, at.scope, v);
  }

  Task<LayerVersionShape> get_by_arn(const Context& c, LayerByArnRequest in) {
    const auto ref = domain::parse_layer_version_arn(in.arn);
    if (!ref)
      co_return domain::validation(
          in.arn, "arn",
          std::string("satisfy regular expression pattern: ") + domain::kLayerVersionArnPattern);
    if (ref->scope.region != c.scope.region)
      co_return Error{Fault::not_found, "The resource you requested does not exist."};
    CO_TRY(auto v, co_await p_.layers->find(ref->scope, ref->name, ref->number));
    co_return shown(c, ref->scope, v);
  }

  Task<wire::Nothing> remove(const Context& c, LayerVersionRequest in) {
    CO_TRY(Unit gone,
           co_await p_.layers->remove(c.scope, name_of(c.scope, in.layer_name), in.version));
    (void)gone;
    co_return wire::Nothing{};
  }

  Task<ListLayersResponse> list(const Context& c, ListLayersRequest in) {
    domain::LayerFilter filter{std::move(in.runtime), std::move(in.architecture)};
    CO_TRY(auto page, co_await p_.layers->list(c.scope, std::move(filter), in.marker.value_or(""),
                                               page_size(in.max_items)));
    ListLayersResponse out;
    for (const domain::LayerVersion& v : page.versions)
      out.layers.push_back({v.name, domain::layer_arn(c.scope, v.name), item(c.scope, v)});
    if (!page.next_marker.empty()) out.next_marker = std::move(page.next_marker);
    co_return out;
  }

  Task<ListLayerVersionsResponse> list_versions(const Context& c, ListLayerVersionsRequest in) {
    domain::LayerFilter filter{std::move(in.runtime), std::move(in.architecture)};
    CO_TRY(auto page,
           co_await p_.layers->versions(c.scope, name_of(c.scope, in.layer_name), std::move(filter),
                                        in.marker.value_or(""), page_size(in.max_items)));
    ListLayerVersionsResponse out;
    for (const domain::LayerVersion& v : page.versions) out.versions.push_back(item(c.scope, v));
    if (!page.next_marker.empty()) out.next_marker = std::move(page.next_marker);
    co_return out;
  }

  Task<AddLayerPermissionResponse> permit(const Context& c, AddLayerPermissionRequest in) {
    if (in.action != "lambda:GetLayerVersion")
      co_return domain::validation(in.action, "action",
                                   "satisfy regular expression pattern: lambda:GetLayerVersion");
    if (!domain::is_word(in.statement_id, 100))
      co_return domain::validation(in.statement_id, "statementId",
                                   "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)");
    domain::LayerStatement s{in.statement_id, in.action, in.principal, in.organization};
    // Of an account's root only the number counts.
    if (s.principal.starts_with("arn:aws:iam::") && s.principal.ends_with(":root"))
      s.principal = s.principal.substr(13, s.principal.size() - 18);
    if (s.principal != "*" && !is_account(s.principal))
      co_return Error{
          Fault::invalid_parameter_value,
          "The provided principal was invalid. Please check the principal and try again."};
    CO_TRY(auto v, co_await p_.layers->permit(c.scope, name_of(c.scope, in.layer_name), in.version,
                                              s, in.revision_id));
    co_return AddLayerPermissionResponse{domain::layer_statement_json(c.scope, v, s),
                                         v.policy_revision};
  }

  Task<wire::Nothing> forbid(const Context& c, RemoveLayerPermissionRequest in) {
    CO_TRY(Unit gone, co_await p_.layers->forbid(c.scope, name_of(c.scope, in.layer_name),
                                                 in.version, in.statement_id, in.revision_id));
    (void)gone;
    co_return wire::Nothing{};
  }

  Task<GetPolicyResponse> policy(const Context& c, LayerVersionRequest in) {
    const std::string name = name_of(c.scope, in.layer_name);
    Result<domain::LayerVersion> v = co_await p_.layers->find(c.scope, name, in.version);
    if (!v.ok() && v.fault() == Fault::not_found)
      co_return Error{Fault::not_found,
                      fmt::format("Layer version {} does not exist.",
                                  domain::layer_version_arn(c.scope, name, in.version))};
    if (!v.ok()) co_return std::move(v).error();
    if (v->statements.empty())
      co_return Error{Fault::not_found, "No policy is associated with the given resource."};
    co_return GetPolicyResponse{domain::layer_policy_json(c.scope, *v), v->policy_revision};
  }

 private:
  LayerVersionShape shown(const Context& c, const Scope& scope,
                          const domain::LayerVersion& v) const {
    LayerVersionShape out;
    describe(out, scope, v);
    out.layer_arn = domain::layer_arn(scope, v.name);
    out.content.emplace();
    out.content->location =
        code_location(p_, c, scope, fmt::format("layer:{}:{}", v.name, v.number), v.sha256);
    out.content->code_sha256 = to_base64(from_hex(v.sha256).value_or(""));
    out.content->code_size = static_cast<std::int64_t>(v.size);
    return out;
  }

  Parts p_;
};

}  // namespace

void mount_layers(wire::Table& table, const Parts& parts) {
  auto h = std::make_shared<Handlers>(parts);
  table.add(kPublish,
            [h](const Context& c, PublishLayerRequest in) { return h->publish(c, std::move(in)); });
  table.add(kGet,
            [h](const Context& c, LayerVersionRequest in) { return h->get(c, std::move(in)); });
  table.add(kGetByArn, [h](const Context& c, LayerByArnRequest in) {
    return h->get_by_arn(c, std::move(in));
  });
  table.add(kDelete,
            [h](const Context& c, LayerVersionRequest in) { return h->remove(c, std::move(in)); });
  table.add(kList,
            [h](const Context& c, ListLayersRequest in) { return h->list(c, std::move(in)); });
  table.add(kListVersions, [h](const Context& c, ListLayerVersionsRequest in) {
    return h->list_versions(c, std::move(in));
  });
  table.add(kPermit, [h](const Context& c, AddLayerPermissionRequest in) {
    return h->permit(c, std::move(in));
  });
  table.add(kForbid, [h](const Context& c, RemoveLayerPermissionRequest in) {
    return h->forbid(c, std::move(in));
  });
  table.add(kGetPolicy,
            [h](const Context& c, LayerVersionRequest in) { return h->policy(c, std::move(in)); });
}

}  // namespace tidegate::api::lambda
