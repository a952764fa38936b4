#include "api/lambda/shapes_layers.h"
#include "api/needs/needs.h"
#include "base/bytes.h"
#include "lambda/layers.h"
#include "lambda/names.h"

namespace tidegate::api::needs {
namespace {

namespace domain = tidegate::lambda;
constexpr char kPrincipal[] = "lambda.amazonaws.com";

std::string resource_of(const Subject& s) {
  const Scope& scope = s.context.scope;
  if (const auto name = s.text("FunctionName")) {
    auto at = domain::resolve_function_name(scope, *name, s.text("Qualifier"));
    if (!at.ok()) return domain::function_arn(scope, *name);
    if (at->function.qualifier == domain::kLatest) at->function.qualifier.reset();
    return domain::qualified_arn(at->scope, at->function);
  }
  if (const auto layer = s.text("LayerName")) {
    const auto version = s.text("VersionNumber");
    const std::string front =
        layer->starts_with("arn:") ? *layer : arn(scope, "lambda", "layer:" + *layer);
    return version ? front + ":" + *version : front;
  }
  if (const auto uuid = s.text("UUID"))
    return arn(scope, "lambda", "event-source-mapping:" + *uuid);
  for (const char* member : {"Resource", "Arn"})
    if (const auto named = s.text(member)) return *named;
  return "*";
}

// The function service reads a package for its caller, with the caller's right to.
template <class Code>
void add_package(const Code& code, std::vector<Need>& out) {
  if (!code.s3_bucket || !code.s3_key) return;
  const std::string object = tidegate::s3::bucket_arn(*code.s3_bucket) + "/" + *code.s3_key;
  if (code.s3_object_version)
    out.push_back({"s3:GetObjectVersion", object, {{"s3:VersionId", *code.s3_object_version}}});
  else
    out.push_back({"s3:GetObject", object});
}

void add_layers(const std::optional<std::vector<std::string>>& layers, std::vector<Need>& out) {
  if (!layers) return;
  for (const std::string& layer : *layers) out.push_back({"lambda:GetLayerVersion", layer});
}

// What the call makes use of beside what it changes.
void add_used(const Subject& s, std::vector<Need>& out) {
  if (!s.input()) return;
  const std::string_view name = s.row().name;
  if (name == "CreateFunction") {
    const auto* in = static_cast<const lambda::CreateFunctionRequest*>(s.input());
    add_package(in->code, out);
    add_layers(in->layers, out);
  } else if (name == "UpdateFunctionCode") {
    add_package(*static_cast<const lambda::UpdateFunctionCodeRequest*>(s.input()), out);
  } else if (name == "UpdateFunctionConfiguration") {
    add_layers(static_cast<const lambda::UpdateFunctionConfigurationRequest*>(s.input())->layers,
               out);
  } else if (name == "PublishLayerVersion") {
    add_package(static_cast<const lambda::PublishLayerRequest*>(s.input())->content, out);
  }
}

Result<std::vector<Need>> needs_of(const Subject& s, const Authorizer& authorizer) {
  std::vector<Need> out;
  Need own{std::string(s.row().action), resource_of(s)};
  if (s.row().name == "AddPermission")
    if (const auto principal = s.text("Principal"))
      own.facts.emplace_back("lambda:Principal", *principal);
  out.push_back(std::move(own));
  add_used(s, out);
  const auto role = s.text("Role");
  // Any other text is refused by the handler, as it is.
  if (role && domain::is_role_arn(*role) &&
      (s.row().name == "CreateFunction" || s.row().name == "UpdateFunctionConfiguration")) {
    // As AWS does, who hands a role on must be allowed to, and the role must be for functions.
    out.push_back({"iam:PassRole", *role, {{"iam:PassedToService", kPrincipal}}});
    if (!authorizer.check_service_role(*role, kPrincipal).ok())
      out.back().wrong = Error{Fault::invalid_parameter_value,
                               "The role defined for the function cannot be assumed by Lambda."};
  }
  return out;
}

}  // namespace

Needs lambda(const Authorizer& authorizer) {
  return [&authorizer](std::shared_ptr<const Subject> s) -> Task<std::vector<Need>> {
    co_return needs_of(*s, authorizer);
  };
}

namespace {

Task<policy::Document> function_policy(domain::Policies& policies, domain::ArnTarget of) {
  CO_TRY(domain::Policy found, co_await policies.find(of.scope, of.function));
  co_return domain::document_of(of.scope, of.function, found);
}

Task<policy::Document> layer_policy(domain::Layers& layers, domain::LayerRef of) {
  CO_TRY(domain::LayerVersion v, co_await layers.find(of.scope, of.name, of.number));
  co_return domain::document_of(of.scope, v);
}

Task<ResourceVerdict> judge(domain::Policies& policies, domain::Layers& layers,
                            std::shared_ptr<policy::Request> request) {
  ResourceVerdict out;
  const std::vector<std::string> parts = split(request->resource, ':');
  if (parts.size() > 4 && is_account(parts[4])) out.owner = parts[4];
  Result<policy::Document> document = policy::Document{};
  if (auto function = domain::parse_function_arn(request->resource))
    document = co_await function_policy(policies, std::move(*function));
  else if (auto layer = domain::parse_layer_version_arn(request->resource))
    document = co_await layer_policy(layers, std::move(*layer));
  // What is not there has no policy; the handler says that it is not there.
  if (!document.ok() && document.fault() == Fault::not_found) co_return out;
  if (!document.ok()) co_return std::move(document).error();
  const policy::Decision d = policy::evaluate(*document, *request);
  out.verdict = d.verdict;
  out.direct = d.direct;
  co_return out;
}

}  // namespace

Judge function_policies(domain::Policies& policies, domain::Layers& layers) {
  return [&policies, &layers](std::shared_ptr<policy::Request> r) {
    return judge(policies, layers, std::move(r));
  };
}

}  // namespace tidegate::api::needs
