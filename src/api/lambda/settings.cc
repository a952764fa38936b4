// What stands around a function: concurrency, tags, the account's limits, its runtime, its loops.
#include "api/lambda/api.h"
#include "api/lambda/shapes_more.h"
#include "api/lambda/show.h"
#include "base/bytes.h"
#include "base/scope.h"

namespace tidegate::api::lambda {
namespace {

namespace domain = tidegate::lambda;
using http::Method;
using wire::Context;
using wire::Nothing;

constexpr auto kPutConcurrency = wire::operation<PutConcurrencyRequest, ConcurrencyShape>(
    "PutFunctionConcurrency", Method::put, "/2017-10-31/functions/{FunctionName}/concurrency", 200,
    "lambda:PutFunctionConcurrency");
constexpr auto kGetConcurrency = wire::operation<NamedFunctionRequest, ConcurrencyShape>(
    "GetFunctionConcurrency", Method::get, "/2019-09-30/functions/{FunctionName}/concurrency", 200,
    "lambda:GetFunctionConcurrency");
constexpr auto kDeleteConcurrency = wire::operation<NamedFunctionRequest, Nothing>(
    "DeleteFunctionConcurrency", Method::delete_,
    "/2017-10-31/functions/{FunctionName}/concurrency", 204, "lambda:DeleteFunctionConcurrency");
constexpr auto kListTags = wire::operation<TagsRequest, TagsResponse>(
    "ListTags", Method::get, "/2017-03-31/tags/{ARN}", 200, "lambda:ListTags");
constexpr auto kTag = wire::operation<TagRequest, Nothing>(
    "TagResource", Method::post, "/2017-03-31/tags/{ARN}", 204, "lambda:TagResource");
constexpr auto kUntag = wire::operation<UntagRequest, Nothing>(
    "UntagResource", Method::delete_, "/2017-03-31/tags/{ARN}", 204, "lambda:UntagResource");
constexpr auto kAccountSettings = wire::operation<Nothing, AccountSettingsResponse>(
    "GetAccountSettings", Method::get, "/2016-08-19/account-settings", 200,
    "lambda:GetAccountSettings");
constexpr auto kGetRuntimeManagement = wire::operation<FunctionRequest, RuntimeManagementResponse>(
    "GetRuntimeManagementConfig", Method::get,
    "/2021-07-20/functions/{FunctionName}/runtime-management-config", 200,
    "lambda:GetRuntimeManagementConfig");
constexpr auto kPutRuntimeManagement =
    wire::operation<PutRuntimeManagementRequest, RuntimeManagementResponse>(
        "PutRuntimeManagementConfig", Method::put,
        "/2021-07-20/functions/{FunctionName}/runtime-management-config", 200,
        "lambda:PutRuntimeManagementConfig");
constexpr auto kGetRecursion = wire::operation<NamedFunctionRequest, RecursionResponse>(
    "GetFunctionRecursionConfig", Method::get,
    "/2024-08-31/functions/{FunctionName}/recursion-config", 200,
    "lambda:GetFunctionRecursionConfig");
constexpr auto kPutRecursion = wire::operation<RecursionRequest, RecursionResponse>(
    "PutFunctionRecursionConfig", Method::put,
    "/2024-08-31/functions/{FunctionName}/recursion-config", 200,
    "lambda:PutFunctionRecursionConfig");

constexpr std::int64_t kTotalCodeSize = 80'530'636'800;  // AWS's 75 GB

bool uuid_like(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

// Resources that have tags on AWS and do not exist here; "" for any other ARN.
std::string what_no_account_has(const std::string& arn) {
  const std::vector<std::string> p = split(arn, ':');
  if (p.size() != 7 || p[2] != "lambda" || !is_account(p[4])) return "";
  if (p[5] == "event-source-mapping" && uuid_like(p[6])) return "Event source mapping";
  if (p[5] == "code-signing-config") return "Code signing config";
  if (p[5] == "capacity-provider" && domain::is_word(p[6], 128)) return "Capacity provider";
  return "";
}

// A function's ARN without qualifier.
Result<domain::ArnTarget> tagged_function(const Scope& scope, const std::string& arn) {
  const auto target = domain::parse_function_arn(arn);
  if (const std::string absent = what_no_account_has(arn); !absent.empty())
    return Error{Fault::not_found, fmt::format("{} not found: {}", absent, arn)};
  if (arn.starts_with(domain::layer_arn(scope, ""))) return unsupported("Tagging of layers");
  if (!target)
    return domain::validation(
        arn, "resource",
        "satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|"
        "(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|"
        "[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|"
        "event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-"
        "[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)");
  if (target->function.qualifier)
    return Error{Fault::invalid_parameter_value,
                 "Tags on function aliases and versions are not supported. Please specify a "
                 "function ARN."};
  return domain::resolve_function_name(scope, arn, std::nullopt);
}

class Handlers {
 public:
  explicit Handlers(Parts parts) : p_(parts) {}

  Task<ConcurrencyShape> put_concurrency(const Context& c, PutConcurrencyRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(Unit reserved, co_await p_.concurrency->reserve(at.scope, at.function, in.reserved));
    (void)reserved;
    co_return ConcurrencyShape{in.reserved};
  }
  Task<ConcurrencyShape> get_concurrency(const Context& c, NamedFunctionRequest in) {
    CO_TRY(domain::Function f, co_await find(c, in.function_name));
    co_return ConcurrencyShape{f.reserved};
  }
  Task<Nothing> delete_concurrency(const Context& c, NamedFunctionRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(Unit released, co_await p_.concurrency->release(at.scope, at.function));
    (void)released;
    co_return Nothing{};
  }

  Task<TagsResponse> list_tags(const Context& c, TagsRequest in) {
    CO_TRY(auto at, tagged_function(c.scope, in.resource));
    CO_TRY(domain::Function f, co_await p_.functions->find(at.scope, at.function));
    co_return TagsResponse{std::move(f.tags)};
  }
  Task<Nothing> tag(const Context& c, TagRequest in) {
    CO_TRY(auto at, tagged_function(c.scope, in.resource));
    if (in.tags.empty())
      co_return Error{Fault::invalid_parameter_value,
                      "An error occurred and the request cannot be processed."};
    std::vector<std::string> none;
    CO_TRY(Unit tagged,
           co_await p_.functions->tag(at.scope, at.function, std::move(in.tags), none));
    (void)tagged;
    co_return Nothing{};
  }
  Task<Nothing> untag(const Context& c, UntagRequest in) {
    CO_TRY(auto at, tagged_function(c.scope, in.resource));
    TagMap none;
    CO_TRY(Unit untagged,
           co_await p_.functions->tag(at.scope, at.function, none, std::move(in.tag_keys)));
    (void)untagged;
    co_return Nothing{};
  }

  Task<AccountSettingsResponse> account_settings(const Context& c) {
    CO_TRY(domain::AccountUsage usage, co_await p_.concurrency->usage(c.scope));
    CO_TRY(std::uint64_t functions, co_await p_.functions->code_bytes(c.scope));
    CO_TRY(std::uint64_t layers, co_await p_.layers->code_bytes(c.scope));
    AccountSettingsResponse out;
    out.limit.total_code_size = kTotalCodeSize;
    out.limit.code_size_unzipped = static_cast<std::int64_t>(domain::kMaxUnzippedBytes);
    out.limit.code_size_zipped = static_cast<std::int64_t>(domain::kMaxZipBytes);
    const std::int32_t limit = p_.concurrency->account_limit();
    out.limit.concurrent_executions = limit;
    out.limit.unreserved_concurrent_executions = limit - usage.reserved;
    out.usage.total_code_size = static_cast<std::int64_t>(functions + layers);
    out.usage.function_count = usage.functions;
    co_return out;
  }

  Task<RuntimeManagementResponse> runtime_management(const Context& c, FunctionRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, in.qualifier));
    CO_TRY(domain::Function f, co_await p_.functions->find(c.scope, ref));
    (void)f;
    RuntimeManagementResponse out;
    if (!ref.qualifier) ref.qualifier = std::string(domain::kLatest);
    out.function_arn = domain::qualified_arn(c.scope, ref);
    co_return out;
  }
  Task<RuntimeManagementResponse> put_runtime_management(const Context& c,
                                                         PutRuntimeManagementRequest in) {
    const std::string when = in.update_runtime_on.value_or("Auto");
    if (when != "Auto" && when != "Manual" && when != "FunctionUpdate")
      co_return domain::validation(when, "updateRuntimeOn",
                                   "satisfy enum value set: [Auto, Manual, FunctionUpdate]");
    if (when != "Auto" || in.runtime_version_arn)
      co_return unsupported("A runtime other than the one of this machine");
    FunctionRequest get{std::move(in.function_name), std::move(in.qualifier)};
    co_return co_await runtime_management(c, std::move(get));
  }

  Task<RecursionResponse> recursion(const Context& c, NamedFunctionRequest in) {
    CO_TRY(domain::Function f, co_await find(c, in.function_name));
    co_return RecursionResponse{f.recursive_loop.empty() ? "Terminate" : f.recursive_loop};
  }
  Task<RecursionResponse> put_recursion(const Context& c, RecursionRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, std::nullopt));
    CO_TRY(Unit set, co_await p_.functions->set_recursive_loop(c.scope, ref, in.recursive_loop));
    (void)set;
    co_return RecursionResponse{std::move(in.recursive_loop)};
  }

 private:
  Task<domain::Function> find(const Context& c, std::string name) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, name, std::nullopt));
    co_return co_await p_.functions->find(c.scope, ref);
  }

  Parts p_;
};

}  // namespace

void mount_settings(wire::Table& table, const Parts& parts) {
  auto h = std::make_shared<Handlers>(parts);
  using Named = NamedFunctionRequest;
  table.add(kPutConcurrency, [h](const Context& c, PutConcurrencyRequest in) {
    return h->put_concurrency(c, std::move(in));
  });
  table.add(kGetConcurrency,
            [h](const Context& c, Named in) { return h->get_concurrency(c, std::move(in)); });
  table.add(kDeleteConcurrency,
            [h](const Context& c, Named in) { return h->delete_concurrency(c, std::move(in)); });
  table.add(kListTags,
            [h](const Context& c, TagsRequest in) { return h->list_tags(c, std::move(in)); });
  table.add(kTag, [h](const Context& c, TagRequest in) { return h->tag(c, std::move(in)); });
  table.add(kUntag, [h](const Context& c, UntagRequest in) { return h->untag(c, std::move(in)); });
  table.add(kAccountSettings, [h](const Context& c, Nothing) { return h->account_settings(c); });
  table.add(kGetRuntimeManagement, [h](const Context& c, FunctionRequest in) {
    return h->runtime_management(c, std::move(in));
  });
  table.add(kPutRuntimeManagement, [h](const Context& c, PutRuntimeManagementRequest in) {
    return h->put_runtime_management(c, std::move(in));
  });
  table.add(kGetRecursion,
            [h](const Context& c, Named in) { return h->recursion(c, std::move(in)); });
  table.add(kPutRecursion, [h](const Context& c, RecursionRequest in) {
    return h->put_recursion(c, std::move(in));
  });
}

}  // namespace tidegate::api::lambda
