// Functions: create, read, change, delete.
#include "api/lambda/api.h"
#include "api/lambda/shapes.h"
#include "api/lambda/show.h"
#include "base/bytes.h"

namespace tidegate::api::lambda {
namespace {

namespace domain = tidegate::lambda;
using http::Method;
using wire::Context;

// A zip in base64 inside JSON; AWS's bound of a request.
constexpr std::size_t kMaxRequest = 70'167'211;

constexpr auto kCreate =
    wire::operation<CreateFunctionRequest, FunctionConfiguration>(
        "CreateFunction", Method::post, "/2015-03-31/functions", 201, "lambda:CreateFunction")
        .limit(kMaxRequest);
constexpr auto kGet = wire::operation<FunctionRequest, GetFunctionResponse>(
    "GetFunction", Method::get, "/2015-03-31/functions/{FunctionName}", 200, "lambda:GetFunction");
constexpr auto kGetConfiguration = wire::operation<FunctionRequest, FunctionConfiguration>(
    "GetFunctionConfiguration", Method::get, "/2015-03-31/functions/{FunctionName}/configuration",
    200, "lambda:GetFunctionConfiguration");
constexpr auto kList = wire::operation<ListFunctionsRequest, ListFunctionsResponse>(
    "ListFunctions", Method::get, "/2015-03-31/functions", 200, "lambda:ListFunctions");
constexpr auto kUpdateCode =
    wire::operation<UpdateFunctionCodeRequest, FunctionConfiguration>(
        "UpdateFunctionCode", Method::put, "/2015-03-31/functions/{FunctionName}/code", 200,
        "lambda:UpdateFunctionCode")
        .limit(kMaxRequest);
constexpr auto kUpdateConfiguration =
    wire::operation<UpdateFunctionConfigurationRequest, FunctionConfiguration>(
        "UpdateFunctionConfiguration", Method::put,
        "/2015-03-31/functions/{FunctionName}/configuration", 200,
        "lambda:UpdateFunctionConfiguration");
constexpr auto kDelete = wire::operation<FunctionRequest, wire::Nothing>(
    "DeleteFunction", Method::delete_, "/2015-03-31/functions/{FunctionName}", 204,
    "lambda:DeleteFunction");

bool says_nothing(const Json& value) {
  if (const auto* text = value.string()) return text->empty();
  if (const auto* list = value.array()) return list->empty();
  if (const auto* flag = value.boolean()) return !*flag;
  return value.is(document::Kind::null);
}

// Empty objects and lists are how tools say "none".
bool asks_for(const std::optional<Json>& given) {
  if (!given || given->is(document::Kind::null)) return false;
  if (const auto* list = given->array()) return !list->empty();
  const auto* object = given->object();
  if (!object) return true;
  for (const document::Member& m : *object)
    if (!says_nothing(m.second)) return true;
  return false;
}

bool says(const std::optional<Json>& given, const char* member, std::string_view value) {
  const Json* found = given ? given->find(member) : nullptr;
  return !found || (found->string() && *found->string() == value);
}

template <class Request>
Status refuse_unsupported(const Request& in) {
  if (asks_for(in.vpc_config)) return unsupported("VpcConfig");
  if (asks_for(in.file_system_configs)) return unsupported("FileSystemConfigs");
  if (asks_for(in.image_config)) return unsupported("ImageConfig");
  for (const auto& [given, member] :
       {std::pair{&in.capacity_provider_config, "CapacityProviderConfig"},
        std::pair{&in.durable_config, "DurableConfig"}})
    if (asks_for(*given)) return unsupported(member);
  if (const Json* target =
          in.dead_letter_config ? in.dead_letter_config->find("TargetArn") : nullptr;
      target && target->string() && !target->string()->empty() && !names_service(*target->string()))
    return domain::validation(*target->string(), "deadLetterConfig.targetArn",
                              "satisfy regular expression pattern: "
                              "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()");
  if (asks_for(in.dead_letter_config))
    return Error{Fault::invalid_parameter_value,
                 "DeadLetterConfig names a queue of SQS or a topic of SNS, which this server does "
                 "not have. Name a function or a bucket as the OnFailure destination "
                 "(PutFunctionEventInvokeConfig); what is given up stands in the dead list, too."};
  if (in.kms_key_arn && !in.kms_key_arn->empty()) return unsupported("KMSKeyArn");
  if (says(in.snap_start, "ApplyOn", "None")) return done;
  if (says(in.snap_start, "ApplyOn", "PublishedVersions")) return unsupported("SnapStart");
  const std::string* value = in.snap_start->find("ApplyOn")->string();
  return domain::validation(value ? *value : "", "snapStart.applyOn",
                            "satisfy enum value set: [PublishedVersions, None]");
}

Status check_architectures(const std::vector<std::string>& given) {
  if (given.empty() || given[0] == "x86_64") return done;
  if (given[0] == "arm64") return unsupported("Architecture arm64 on this machine");
  return domain::validation("[" + given[0] + "]", "architectures",
                            "satisfy constraint: [Member must satisfy enum value set: [x86_64, "
                            "arm64], Member must not be null]");
}

template <class Request>
domain::Configuration configuration_of(Request& in) {
  domain::Configuration c;
  c.runtime = std::move(in.runtime);
  c.handler = std::move(in.handler);
  c.description = std::move(in.description);
  c.timeout_s = in.timeout;
  c.memory_mb = in.memory_size;
  if (in.ephemeral_storage) c.ephemeral_mb = in.ephemeral_storage->size;
  if (in.environment && in.environment->variables)
    c.variables = std::move(*in.environment->variables);
  if (in.tracing_config) c.tracing_mode = in.tracing_config->mode;
  c.layers = std::move(in.layers);
  if (in.logging_config)
    c.logging = domain::Logging{in.logging_config->log_format, in.logging_config->log_group,
                                in.logging_config->application_log_level,
                                in.logging_config->system_log_level};
  return c;
}

template <class Code>
domain::Code code_of(Code& in) {
  domain::Code code;
  if (in.zip_file) code.zip = std::move(in.zip_file->bytes);
  code.bucket = std::move(in.s3_bucket);
  code.key = std::move(in.s3_key);
  code.object_version = std::move(in.s3_object_version);
  return code;
}

class Handlers {
 public:
  explicit Handlers(const Parts& parts) : parts_(parts) {}

  Task<FunctionConfiguration> create(const Context& c, CreateFunctionRequest in) {
    CO_TRY(Unit supported, refuse_unsupported(in));
    CO_TRY(Unit architecture, check_architectures(in.architectures));
    (void)supported, (void)architecture;
    const std::string package = in.package_type.value_or("Zip");
    if (package != "Zip" && package != "Image")
      co_return domain::validation(package, "packageType", "satisfy enum value set: [Image, Zip]");
    if (package == "Image" || in.code.image_uri) co_return unsupported("PackageType Image");
    if (asks_for(in.tenancy_config)) co_return unsupported("TenancyConfig");
    if (in.publish_to) co_return unsupported("PublishTo");
    if (in.code_signing_config_arn) co_return unsupported("CodeSigningConfigArn");
    domain::NewFunction f;
    f.name = std::move(in.function_name);
    f.configuration = configuration_of(in);
    f.configuration.role = std::move(in.role);
    f.code = code_of(in.code);
    f.tags = std::move(in.tags);
    f.publish = in.publish.value_or(false);
    CO_TRY(domain::Function made, co_await parts_.functions->create(c.scope, std::move(f)));
    co_return pending(shown(c.scope, made), parts_.random->uuid());
  }

  Task<GetFunctionResponse> get(const Context& c, FunctionRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, in.qualifier));
    CO_TRY(domain::Function f, co_await parts_.functions->find(at.scope, at.function));
    GetFunctionResponse out;
    out.configuration = shown(at.scope, f, at.function.qualifier);
    out.code.location = code_location(
        parts_, c, at.scope, f.version.empty() ? f.name : f.name + ":" + f.version, f.code_sha256);
    if (!f.tags.empty()) out.tags = std::move(f.tags);
    if (f.reserved) out.concurrency = ConcurrencyShape{f.reserved};
    co_return out;
  }

  Task<FunctionConfiguration> get_configuration(const Context& c, FunctionRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, in.qualifier));
    CO_TRY(domain::Function f, co_await parts_.functions->find(at.scope, at.function));
    co_return shown(at.scope, f, at.function.qualifier);
  }

  Task<ListFunctionsResponse> list(const Context& c, ListFunctionsRequest in) {
    const bool all = in.function_version.has_value();
    CO_TRY(auto page, co_await parts_.functions->list(c.scope, in.marker.value_or(""),
                                                      page_size(in.max_items), all));
    ListFunctionsResponse out;
    for (const domain::Function& f : page.functions)
      out.functions.push_back(listed(c.scope, f, all));
    if (!page.next_marker.empty()) out.next_marker = std::move(page.next_marker);
    co_return out;
  }

  Task<FunctionConfiguration> update_code(const Context& c, UpdateFunctionCodeRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(Unit architecture, check_architectures(in.architectures));
    (void)architecture;
    if (in.image_uri) co_return unsupported("ImageUri");
    if (in.publish_to) co_return unsupported("PublishTo");
    domain::CodeUpdate update;
    update.code = code_of(in);
    update.revision_id = std::move(in.revision_id);
    if (!in.architectures.empty()) update.architecture = in.architectures[0];
    update.publish = in.publish.value_or(false);
    update.dry_run = in.dry_run.value_or(false);
    const bool dry = update.dry_run;
    CO_TRY(domain::Function f,
           co_await parts_.functions->update_code(at.scope, at.function, std::move(update)));
    if (dry) co_return shown(at.scope, f);
    if (!f.version.empty()) co_return pending(shown(at.scope, f, f.version), f.revision_id);
    co_return updating(shown(at.scope, f), parts_.random->uuid());
  }

  Task<FunctionConfiguration> update_configuration(const Context& c,
                                                   UpdateFunctionConfigurationRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(Unit supported, refuse_unsupported(in));
    (void)supported;
    domain::Configuration configuration = configuration_of(in);
    configuration.role = std::move(in.role);
    CO_TRY(domain::Function f, co_await parts_.functions->update_configuration(
                                   c.scope, ref, std::move(configuration), in.revision_id));
    co_return updating(shown(c.scope, f), parts_.random->uuid());
  }

  Task<wire::Nothing> remove(const Context& c, FunctionRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, in.qualifier));
    CO_TRY(Unit gone, co_await parts_.functions->remove(at.scope, at.function));
    (void)gone;
    co_return wire::Nothing{};
  }

 private:
  Parts parts_;
};

}  // namespace

void mount_functions(wire::Table& table, const Parts& parts) {
  auto h = std::make_shared<Handlers>(parts);
  table.add(kCreate, [h](const Context& c, CreateFunctionRequest in) {
    return h->create(c, std::move(in));
  });
  table.add(kGet, [h](const Context& c, FunctionRequest in) { return h->get(c, std::move(in)); });
  table.add(kGetConfiguration, [h](const Context& c, FunctionRequest in) {
    return h->get_configuration(c, std::move(in));
  });
  table.add(kList,
            [h](const Context& c, ListFunctionsRequest in) { return h->list(c, std::move(in)); });
  table.add(kUpdateCode, [h](const Context& c, UpdateFunctionCodeRequest in) {
    return h->update_code(c, std::move(in));
  });
  table.add(kUpdateConfiguration, [h](const Context& c, UpdateFunctionConfigurationRequest in) {
    return h->update_configuration(c, std::move(in));
  });
  table.add(kDelete,
            [h](const Context& c, FunctionRequest in) { return h->remove(c, std::move(in)); });
}

void mount(wire::Table& table, const Parts& parts) {
  mount_functions(table, parts);
  mount_versions(table, parts);
  mount_layers(table, parts);
  mount_invocations(table, parts);
  mount_event_configs(table, parts);
  mount_settings(table, parts);
  mount_absent(table, parts);
  mount_refused(table);
}

}  // namespace tidegate::api::lambda
