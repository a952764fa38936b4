// Operations of the function service that this server does not have yet: known, routed, refused.
#include "api/lambda/api.h"

namespace tidegate::api::lambda {
namespace {

using http::Method;

constexpr wire::Row row(std::string_view name, Method method, std::string_view uri) {
  return wire::Row{name, method, uri, 501, nullptr, nullptr, ""};
}

constexpr wire::Row kRefused[] = {
    row("CreateEventSourceMapping", Method::post, "/2015-03-31/event-source-mappings"),
    row("PutFunctionCodeSigningConfig", Method::put,
        "/2020-06-30/functions/{FunctionName}/code-signing-config"),
    row("CreateCodeSigningConfig", Method::post, "/2020-04-22/code-signing-configs"),
    row("PutProvisionedConcurrencyConfig", Method::put,
        "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"),
    row("InvokeWithResponseStream", Method::post,
        "/2021-11-15/functions/{FunctionName}/response-streaming-invocations"),
    row("CreateFunctionUrlConfig", Method::post, "/2021-10-31/functions/{FunctionName}/url"),
    row("UpdateFunctionUrlConfig", Method::put, "/2021-10-31/functions/{FunctionName}/url"),
};

}  // namespace

void mount_refused(wire::Table& table) {
  for (const wire::Row& r : kRefused) table.refuse(r);
}

}  // namespace tidegate::api::lambda
