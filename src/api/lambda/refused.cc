// Operations of the function service that this server does not have yet: known, routed, refused.
#include "api/lambda/api.h"

namespace tidegate::api::lambda {
namespace {

using http::Method;

constexpr wire::Row row(std::string_view name, Method method, std::string_view uri) {
  return wire::Row{name, method, uri, 501, nullptr, nullptr, ""};
}

constexpr wire::Row kRefused[] = {
    row("PublishVersion", Method::post, "/2015-03-31/functions/{FunctionName}/versions"),
    row("ListVersionsByFunction", Method::get, "/2015-03-31/functions/{FunctionName}/versions"),
    row("CreateAlias", Method::post, "/2015-03-31/functions/{FunctionName}/aliases"),
    row("ListAliases", Method::get, "/2015-03-31/functions/{FunctionName}/aliases"),
    row("GetAlias", Method::get, "/2015-03-31/functions/{FunctionName}/aliases/{Name}"),
    row("UpdateAlias", Method::put, "/2015-03-31/functions/{FunctionName}/aliases/{Name}"),
    row("DeleteAlias", Method::delete_, "/2015-03-31/functions/{FunctionName}/aliases/{Name}"),
    row("PutFunctionConcurrency", Method::put, "/2017-10-31/functions/{FunctionName}/concurrency"),
    row("DeleteFunctionConcurrency", Method::delete_,
        "/2017-10-31/functions/{FunctionName}/concurrency"),
    row("GetFunctionConcurrency", Method::get, "/2019-09-30/functions/{FunctionName}/concurrency"),
    row("ListFunctionEventInvokeConfigs", Method::get,
        "/2019-09-25/functions/{FunctionName}/event-invoke-config/list"),
    row("InvokeAsync", Method::post, "/2014-11-13/functions/{FunctionName}/invoke-async"),
    row("ListTags", Method::get, "/2017-03-31/tags/{Resource}"),
    row("TagResource", Method::post, "/2017-03-31/tags/{Resource}"),
    row("UntagResource", Method::delete_, "/2017-03-31/tags/{Resource}"),
    row("GetAccountSettings", Method::get, "/2016-08-19/account-settings"),
    row("GetFunctionCodeSigningConfig", Method::get,
        "/2020-06-30/functions/{FunctionName}/code-signing-config"),
    row("CreateEventSourceMapping", Method::post, "/2015-03-31/event-source-mappings"),
    row("ListEventSourceMappings", Method::get, "/2015-03-31/event-source-mappings"),
    row("ListLayers", Method::get, "/2018-10-31/layers"),
    row("PublishLayerVersion", Method::post, "/2018-10-31/layers/{LayerName}/versions"),
    row("CreateFunctionUrlConfig", Method::post, "/2021-10-31/functions/{FunctionName}/url"),
    row("GetFunctionUrlConfig", Method::get, "/2021-10-31/functions/{FunctionName}/url"),
};

}  // namespace

void mount_refused(wire::Table& table) {
  for (const wire::Row& r : kRefused) table.refuse(r);
}

}  // namespace tidegate::api::lambda
