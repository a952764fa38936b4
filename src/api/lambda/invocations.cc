// Invoke and permissions.
#include "api/lambda/api.h"
#include "api/lambda/shapes_more.h"
#include "base/bytes.h"

namespace tidegate::api::lambda {
namespace {

namespace domain = tidegate::lambda;
using http::Method;
using wire::Context;

constexpr auto kInvoke =
    wire::operation<InvocationRequest, InvocationResponse>(
        "Invoke", Method::post, "/2015-03-31/functions/{FunctionName}/invocations", 200,
        "lambda:InvokeFunction")
        .limit(std::size_t{8} << 20);
constexpr auto kAddPermission = wire::operation<AddPermissionRequest, AddPermissionResponse>(
    "AddPermission", Method::post, "/2015-03-31/functions/{FunctionName}/policy", 201,
    "lambda:AddPermission");
constexpr auto kRemovePermission = wire::operation<RemovePermissionRequest, wire::Nothing>(
    "RemovePermission", Method::delete_,
    "/2015-03-31/functions/{FunctionName}/policy/{StatementId}", 204, "lambda:RemovePermission");
constexpr auto kGetPolicy = wire::operation<FunctionRequest, GetPolicyResponse>(
    "GetPolicy", Method::get, "/2015-03-31/functions/{FunctionName}/policy", 200,
    "lambda:GetPolicy");
constexpr auto kInvokeAsync =
    wire::operation<InvokeAsyncRequest, InvokeAsyncResponse>(
        "InvokeAsync", Method::post, "/2014-11-13/functions/{FunctionName}/invoke-async", 202,
        "lambda:InvokeFunction")
        .limit(std::size_t{8} << 20);

constexpr std::size_t kMaxClientContext = 3583;

Result<std::string> client_context(const std::optional<std::string>& header) {
  if (!header || header->empty()) return std::string();
  auto text = from_base64(*header);
  if (header->size() > kMaxClientContext || !text || !document::parse_json(*text).ok())
    return Error{Fault::invalid_request_content,
                 "Client context must be a valid Base64-encoded JSON object."};
  return std::move(*text);
}

bool word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_';
  });
}

bool is_action(std::string_view text) {
  if (text == "*" || text == "lambda:*") return true;
  if (!text.starts_with("lambda:") || text.size() == 7) return false;
  text.remove_prefix(7);
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c); });
}

class Handlers {
 public:
  explicit Handlers(Parts parts) : p_(parts) {}

  Task<wire::Reply<InvocationResponse>> invoke(const Context& c, InvocationRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, in.qualifier));
    const std::string type = in.invocation_type.value_or("RequestResponse");
    const bool tail = in.log_type.value_or("None") == "Tail";
    if (type != "RequestResponse" && type != "Event" && type != "DryRun")
      co_return domain::validation(type, "invocationType",
                                   "satisfy enum value set: [Event, RequestResponse, DryRun]");
    domain::InvokeRequest request;
    CO_TRY(request.client_context, client_context(in.client_context));
    request.function = std::move(at.function);
    request.payload = std::move(in.payload.bytes);
    request.request_id = c.request_id;
    request.depth = c.depth;
    request.wants_tail = tail;
    InvocationResponse out;
    wire::Extra extra;
    if (type == "RequestResponse") {
      CO_TRY(auto ran, co_await p_.invoker->invoke(at.scope, std::move(request)));
      if (ran.failed) out.function_error = "Unhandled";
      if (tail) out.log_result = to_base64(ran.log_tail);
      out.executed_version = std::move(ran.executed_version);
      extra.headers.emplace_back("Content-Type", "application/json");
      extra.body = std::move(ran.payload);
      co_return wire::Reply<InvocationResponse>(std::move(out), std::move(extra));
    }
    if (type == "Event") {
      CO_TRY(Unit queued, co_await p_.invoker->invoke_later(at.scope, std::move(request)));
      (void)queued;
      extra.status = 202;
    } else {
      CO_TRY(auto f, co_await p_.invoker->find(at.scope, request.function));
      (void)f;
      extra.status = 204;
    }
    co_return wire::Reply<InvocationResponse>(std::move(out), std::move(extra));
  }

  Task<AddPermissionResponse> add_permission(const Context& c, AddPermissionRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, in.qualifier));
    if (ref.qualifier == domain::kLatest)
      co_return Error{Fault::invalid_parameter_value,
                      "We currently do not support adding policies for $LATEST."};
    if (!word(in.statement_id))
      co_return domain::validation(in.statement_id, "statementId",
                                   "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)");
    if (!is_action(in.action))
      co_return domain::validation(
          in.action, "action",
          "satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])");
    domain::Statement s;
    s.sid = std::move(in.statement_id);
    s.action = std::move(in.action);
    s.principal = std::move(in.principal);
    s.source_arn = std::move(in.source_arn);
    s.source_account = std::move(in.source_account);
    s.org_id = std::move(in.principal_org_id);
    s.event_source_token = std::move(in.event_source_token);
    s.url_auth_type = std::move(in.function_url_auth_type);
    CO_TRY(auto policy, co_await p_.policies->add(c.scope, ref, s, in.revision_id));
    (void)policy;
    co_return AddPermissionResponse{domain::statement_json(c.scope, ref, s)};
  }

  Task<wire::Nothing> remove_permission(const Context& c, RemovePermissionRequest in) {
    CO_TRY(auto ref, domain::parse_function_name(c.scope, in.function_name, in.qualifier));
    CO_TRY(Unit gone, co_await p_.policies->remove(c.scope, ref, in.statement_id, in.revision_id));
    (void)gone;
    co_return wire::Nothing{};
  }

  Task<GetPolicyResponse> get_policy(const Context& c, FunctionRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, in.qualifier));
    auto policy = co_await p_.policies->find(at.scope, at.function);
    if (!policy.ok() && policy.fault() != Fault::not_found) co_return std::move(policy).error();
    if (!policy.ok() || policy->statements.empty())
      co_return Error{Fault::not_found, "The resource you requested does not exist."};
    co_return GetPolicyResponse{domain::policy_json(at.scope, at.function, *policy),
                                policy->revision_id};
  }

  Task<InvokeAsyncResponse> invoke_async(const Context& c, InvokeAsyncRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, std::nullopt));
    domain::InvokeRequest request;
    request.function = std::move(at.function);
    request.payload = std::move(in.args.bytes);
    request.request_id = c.request_id;
    request.depth = c.depth;
    CO_TRY(Unit queued, co_await p_.invoker->invoke_later(at.scope, std::move(request)));
    (void)queued;
    co_return InvokeAsyncResponse{};
  }

 private:
  Parts p_;
};

}  // namespace

void mount_invocations(wire::Table& table, const Parts& parts) {
  auto h = std::make_shared<Handlers>(parts);
  table.add(kInvoke,
            [h](const Context& c, InvocationRequest in) { return h->invoke(c, std::move(in)); });
  table.add(kAddPermission, [h](const Context& c, AddPermissionRequest in) {
    return h->add_permission(c, std::move(in));
  });
  table.add(kRemovePermission, [h](const Context& c, RemovePermissionRequest in) {
    return h->remove_permission(c, std::move(in));
  });
  table.add(kGetPolicy,
            [h](const Context& c, FunctionRequest in) { return h->get_policy(c, std::move(in)); });
  table.add(kInvokeAsync, [h](const Context& c, InvokeAsyncRequest in) {
    return h->invoke_async(c, std::move(in));
  });
}

}  // namespace tidegate::api::lambda
