// Resources beside functions that this server never has: looked for, ended and listed as on AWS
// where there are none. What would make one is refused (refused.cc).
#include "api/lambda/api.h"
#include "api/lambda/shapes_absent.h"
#include "api/lambda/show.h"

namespace tidegate::api::lambda {
namespace {

namespace domain = tidegate::lambda;
using http::Method;
using wire::Context;
using wire::Nothing;

constexpr auto kListMappings = wire::operation<ListMappingsRequest, ListMappingsResponse>(
    "ListEventSourceMappings", Method::get, "/2015-03-31/event-source-mappings", 200,
    "lambda:ListEventSourceMappings");
constexpr auto kGetMapping = wire::operation<MappingRequest, Nothing>(
    "GetEventSourceMapping", Method::get, "/2015-03-31/event-source-mappings/{UUID}", 200,
    "lambda:GetEventSourceMapping");
constexpr auto kDeleteMapping = wire::operation<MappingRequest, Nothing>(
    "DeleteEventSourceMapping", Method::delete_, "/2015-03-31/event-source-mappings/{UUID}", 202,
    "lambda:DeleteEventSourceMapping");
constexpr auto kUpdateMapping = wire::operation<MappingRequest, Nothing>(
    "UpdateEventSourceMapping", Method::put, "/2015-03-31/event-source-mappings/{UUID}", 202,
    "lambda:UpdateEventSourceMapping");
constexpr auto kGetUrl = wire::operation<FunctionRequest, Nothing>(
    "GetFunctionUrlConfig", Method::get, "/2021-10-31/functions/{FunctionName}/url", 200,
    "lambda:GetFunctionUrlConfig");
constexpr auto kDeleteUrl = wire::operation<FunctionRequest, Nothing>(
    "DeleteFunctionUrlConfig", Method::delete_, "/2021-10-31/functions/{FunctionName}/url", 204,
    "lambda:DeleteFunctionUrlConfig");
constexpr auto kListUrls = wire::operation<FunctionPageRequest, ListUrlsResponse>(
    "ListFunctionUrlConfigs", Method::get, "/2021-10-31/functions/{FunctionName}/urls", 200,
    "lambda:ListFunctionUrlConfigs");
constexpr auto kListSigning = wire::operation<Nothing, ListSigningConfigsResponse>(
    "ListCodeSigningConfigs", Method::get, "/2020-04-22/code-signing-configs", 200,
    "lambda:ListCodeSigningConfigs");
constexpr auto kGetSigning = wire::operation<SigningConfigRequest, Nothing>(
    "GetCodeSigningConfig", Method::get, "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}",
    200, "lambda:GetCodeSigningConfig");
constexpr auto kDeleteSigning = wire::operation<SigningConfigRequest, Nothing>(
    "DeleteCodeSigningConfig", Method::delete_,
    "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}", 204,
    "lambda:DeleteCodeSigningConfig");
constexpr auto kUpdateSigning = wire::operation<SigningConfigRequest, Nothing>(
    "UpdateCodeSigningConfig", Method::put,
    "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}", 200,
    "lambda:UpdateCodeSigningConfig");
constexpr auto kListSigned = wire::operation<SigningConfigRequest, Nothing>(
    "ListFunctionsByCodeSigningConfig", Method::get,
    "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions", 200,
    "lambda:ListFunctionsByCodeSigningConfig");
constexpr auto kGetFunctionSigning = wire::operation<NamedFunctionRequest, Nothing>(
    "GetFunctionCodeSigningConfig", Method::get,
    "/2020-06-30/functions/{FunctionName}/code-signing-config", 200,
    "lambda:GetFunctionCodeSigningConfig");
constexpr auto kDeleteFunctionSigning = wire::operation<NamedFunctionRequest, Nothing>(
    "DeleteFunctionCodeSigningConfig", Method::delete_,
    "/2020-06-30/functions/{FunctionName}/code-signing-config", 204,
    "lambda:DeleteFunctionCodeSigningConfig");
constexpr auto kGetProvisioned = wire::operation<FunctionRequest, Nothing>(
    "GetProvisionedConcurrencyConfig", Method::get,
    "/2019-09-30/functions/{FunctionName}/provisioned-concurrency", 200,
    "lambda:GetProvisionedConcurrencyConfig");
constexpr auto kDeleteProvisioned = wire::operation<FunctionRequest, Nothing>(
    "DeleteProvisionedConcurrencyConfig", Method::delete_,
    "/2019-09-30/functions/{FunctionName}/provisioned-concurrency", 204,
    "lambda:DeleteProvisionedConcurrencyConfig");
constexpr auto kListProvisioned = wire::operation<FunctionPageRequest, ListProvisionedResponse>(
    "ListProvisionedConcurrencyConfigs", Method::get,
    "/2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL", 200,
    "lambda:ListProvisionedConcurrencyConfigs");

Error no_such_resource() {
  return Error{Fault::not_found, "The resource you requested does not exist."};
}

class Handlers {
 public:
  explicit Handlers(Parts parts) : p_(parts) {}

  Task<ListMappingsResponse> list_mappings(const Context& c, ListMappingsRequest in) {
    if (in.function_name) {
      CO_TRY(domain::Function f, co_await find(c, *in.function_name));
      (void)f;
    }
    co_return ListMappingsResponse{};
  }
  Task<Nothing> mapping() { co_return no_such_resource(); }

  Task<Nothing> url(const Context& c, FunctionRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, in.qualifier));
    (void)ref;
    co_return no_such_resource();
  }
  Task<ListUrlsResponse> list_urls(const Context& c, FunctionPageRequest in) {
    CO_TRY(Unit fits, check_fifty(in.max_items));
    (void)fits;
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, std::nullopt));
    Result<domain::Function> f = co_await p_.functions->find(c.scope, ref);
    if (!f.ok() && f.fault() == Fault::not_found)
      co_return Error{Fault::not_found, "Function does not exist"};
    if (!f.ok()) co_return std::move(f).error();
    co_return ListUrlsResponse{};
  }

  Task<ListSigningConfigsResponse> list_signing() { co_return ListSigningConfigsResponse{}; }
  Task<Nothing> signing(SigningConfigRequest in) {
    co_return Error(Fault::not_found,
                    fmt::format("The Lambda code signing configuration {} can not be found.",
                                in.code_signing_config_arn))
        .with("Untyped", "");
  }
  // A function of which nobody asks that its code is signed.
  Task<Nothing> function_signing(const Context& c, NamedFunctionRequest in) {
    CO_TRY(domain::Function f, co_await find(c, in.function_name));
    (void)f;
    co_return Nothing{};
  }

  Task<Nothing> provisioned(const Context& c, FunctionRequest in) {
    CO_TRY(Unit there, co_await published(c, std::move(in)));
    (void)there;
    co_return Error(Fault::not_found, "No Provisioned Concurrency Config found for this function")
        .with("Exception", "ProvisionedConcurrencyConfigNotFoundException");
  }
  Task<Nothing> delete_provisioned(const Context& c, FunctionRequest in) {
    CO_TRY(Unit there, co_await published(c, std::move(in)));
    (void)there;
    co_return Nothing{};
  }
  Task<ListProvisionedResponse> list_provisioned(const Context& c, FunctionPageRequest in) {
    CO_TRY(Unit fits, check_fifty(in.max_items));
    (void)fits;
    CO_TRY(domain::Function f, co_await find(c, in.function_name));
    (void)f;
    co_return ListProvisionedResponse{};
  }

 private:
  Task<domain::Function> find(const Context& c, std::string name) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, name, std::nullopt));
    co_return co_await p_.functions->find(c.scope, ref);
  }
  // Refuses what cannot have provisioned concurrency on AWS either.
  Task<Unit> published(const Context& c, FunctionRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, in.qualifier));
    if (!ref.qualifier || *ref.qualifier == domain::kLatest)
      co_return Error{Fault::invalid_parameter_value,
                      "The function resource provided must be an alias or a published version."};
    Result<domain::Function> f = co_await p_.functions->find(c.scope, ref);
    if (!f.ok() && f.fault() == Fault::not_found)
      co_return domain::qualifier_not_found(c.scope, ref);
    if (!f.ok()) co_return std::move(f).error();
    co_return done;
  }

  Parts p_;
};

}  // namespace

void mount_absent(wire::Table& table, const Parts& parts) {
  auto h = std::make_shared<Handlers>(parts);
  using Named = NamedFunctionRequest;
  using Page = FunctionPageRequest;
  table.add(kListMappings, [h](const Context& c, ListMappingsRequest in) {
    return h->list_mappings(c, std::move(in));
  });
  table.add(kGetMapping, [h](const Context&, MappingRequest) { return h->mapping(); });
  table.add(kUpdateMapping, [h](const Context&, MappingRequest) { return h->mapping(); });
  table.add(kDeleteMapping, [h](const Context&, MappingRequest) { return h->mapping(); });
  table.add(kGetUrl,
            [h](const Context& c, FunctionRequest in) { return h->url(c, std::move(in)); });
  table.add(kDeleteUrl,
            [h](const Context& c, FunctionRequest in) { return h->url(c, std::move(in)); });
  table.add(kListUrls, [h](const Context& c, Page in) { return h->list_urls(c, std::move(in)); });
  table.add(kListSigning, [h](const Context&, Nothing) { return h->list_signing(); });
  table.add(kGetSigning,
            [h](const Context&, SigningConfigRequest in) { return h->signing(std::move(in)); });
  table.add(kUpdateSigning,
            [h](const Context&, SigningConfigRequest in) { return h->signing(std::move(in)); });
  table.add(kListSigned,
            [h](const Context&, SigningConfigRequest in) { return h->signing(std::move(in)); });
  table.add(kDeleteSigning,
            [h](const Context&, SigningConfigRequest in) { return h->signing(std::move(in)); });
  table.add(kGetFunctionSigning,
            [h](const Context& c, Named in) { return h->function_signing(c, std::move(in)); });
  table.add(kDeleteFunctionSigning,
            [h](const Context& c, Named in) { return h->function_signing(c, std::move(in)); });
  table.add(kGetProvisioned,
            [h](const Context& c, FunctionRequest in) { return h->provisioned(c, std::move(in)); });
  table.add(kDeleteProvisioned, [h](const Context& c, FunctionRequest in) {
    return h->delete_provisioned(c, std::move(in));
  });
  table.add(kListProvisioned,
            [h](const Context& c, Page in) { return h->list_provisioned(c, std::move(in)); });
}

}  // namespace tidegate::api::lambda
