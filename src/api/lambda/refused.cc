// Operations of the function service that this server does not have yet: known, routed, refused.
#include "wire/refused.h"
#include "api/lambda/api.h"

namespace tidegate::api::lambda {
namespace {

using http::Method;

constexpr auto row = wire::refused_row;

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
    row("CreateCapacityProvider", Method::post, "/2025-11-30/capacity-providers"),
    row("ListCapacityProviders", Method::get, "/2025-11-30/capacity-providers"),
    row("GetCapacityProvider", Method::get,
        "/2025-11-30/capacity-providers/{CapacityProviderName}"),
    row("UpdateCapacityProvider", Method::put,
        "/2025-11-30/capacity-providers/{CapacityProviderName}"),
    row("DeleteCapacityProvider", Method::delete_,
        "/2025-11-30/capacity-providers/{CapacityProviderName}"),
    row("ListFunctionVersionsByCapacityProvider", Method::get,
        "/2025-11-30/capacity-providers/{CapacityProviderName}/function-versions"),
    row("GetFunctionScalingConfig", Method::get,
        "/2025-11-30/functions/{FunctionName}/function-scaling-config"),
    row("PutFunctionScalingConfig", Method::put,
        "/2025-11-30/functions/{FunctionName}/function-scaling-config"),
    row("ListDurableExecutionsByFunction", Method::get,
        "/2025-12-01/functions/{FunctionName}/durable-executions"),
    row("GetDurableExecution", Method::get, "/2025-12-01/durable-executions/{DurableExecutionArn}"),
    row("GetDurableExecutionHistory", Method::get,
        "/2025-12-01/durable-executions/{DurableExecutionArn}/history"),
    row("GetDurableExecutionState", Method::get,
        "/2025-12-01/durable-executions/{DurableExecutionArn}/state"),
    row("StopDurableExecution", Method::post,
        "/2025-12-01/durable-executions/{DurableExecutionArn}/stop"),
    row("CheckpointDurableExecution", Method::post,
        "/2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint"),
    row("SendDurableExecutionCallbackSuccess", Method::post,
        "/2025-12-01/durable-execution-callbacks/{CallbackId}/succeed"),
    row("SendDurableExecutionCallbackFailure", Method::post,
        "/2025-12-01/durable-execution-callbacks/{CallbackId}/fail"),
    row("SendDurableExecutionCallbackHeartbeat", Method::post,
        "/2025-12-01/durable-execution-callbacks/{CallbackId}/heartbeat"),
    row("UpdateFunctionUrlConfig", Method::put, "/2021-10-31/functions/{FunctionName}/url"),
};

}  // namespace

void mount_refused(wire::Table& table) {
  for (const wire::Row& r : kRefused) table.refuse(r);
}

}  // namespace tidegate::api::lambda
