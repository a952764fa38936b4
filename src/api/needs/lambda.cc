#include "api/lambda/shapes_layers.h"
#include "api/needs/needs.h"
#include "lambda/names.h"

namespace tidegate::api::needs {
namespace {

namespace domain = tidegate::lambda;
constexpr char kPrincipal[] = "lambda.amazonaws.com";

std::string resource_of(const Subject& s) {
  const Scope& scope = s.context.scope;
  if (const auto name = s.text("FunctionName")) {
    const auto ref = domain::parse_function_name(scope, *name, s.text("Qualifier"));
    if (!ref.ok()) return domain::function_arn(scope, *name);
    const bool qualified = ref->qualifier && *ref->qualifier != "$LATEST";
    return domain::function_arn(scope, ref->name) + (qualified ? ":" + *ref->qualifier : "");
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
  if (role && (s.row().name == "CreateFunction" || s.row().name == "UpdateFunctionConfiguration")) {
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

Task<ResourceVerdict> judge(domain::Policies& policies, std::shared_ptr<policy::Request> request) {
  ResourceVerdict out;
  const auto target = domain::parse_function_arn(request->resource);
  if (!target) co_return out;
  out.owner = target->scope.account;
  auto found = co_await policies.find(target->scope, target->function);
  // What is not there has no policy; the handler says that it is not there.
  if (!found.ok() && found.fault() == Fault::not_found) co_return out;
  if (!found.ok()) co_return std::move(found).error();
  const policy::Decision d =
      policy::evaluate(domain::document_of(target->scope, target->function, *found), *request);
  out.verdict = d.verdict;
  out.direct = d.direct;
  co_return out;
}

}  // namespace

Judge function_policies(domain::Policies& policies) {
  return [&policies](std::shared_ptr<policy::Request> r) { return judge(policies, std::move(r)); };
}

}  // namespace tidegate::api::needs
