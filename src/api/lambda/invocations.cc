// Invoke and permissions.
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

bool is_action(std::string_view text) {
  if (text == "*" || text == "lambda:*") return true;
  if (!text.starts_with("lambda:") || text.size() == 7) return false;
  text.remove_prefix(7);
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c); });
}

bool letters(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [more](unsigned char c) {
    return std::isalnum(c) || more.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_organization(std::string_view id) {
  return id.starts_with("o-") && id.size() >= 12 && id.size() <= 34 &&
         std::all_of(id.begin() + 2, id.end(),
                     [](unsigned char c) { return std::isdigit(c) || std::islower(c); });
}

// What the conditions of a statement may be.
Status check_conditions(const AddPermissionRequest& in) {
  if (in.source_arn && !names_service(*in.source_arn))
    return domain::validation(
        *in.source_arn, "sourceArn",
        "satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?"
        "[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)");
  if (in.source_account && !is_account(*in.source_account))
    return domain::validation(*in.source_account, "sourceAccount",
                              "satisfy regular expression pattern: \\d{12}");
  if (in.event_source_token && !letters(*in.event_source_token, "._-"))
    return domain::validation(*in.event_source_token, "eventSourceToken",
                              "satisfy regular expression pattern: [a-zA-Z0-9._\\-]+");
  if (in.principal_org_id && !is_organization(*in.principal_org_id))
    return domain::validation(*in.principal_org_id, "principalOrgID",
                              "satisfy regular expression pattern: o-[a-z0-9]{10,32}");
  if (!in.function_url_auth_type) return done;
  const std::string& type = *in.function_url_auth_type;
  if (type != "NONE" && type != "AWS_IAM")
    return domain::validation(type, "functionUrlAuthType",
                              "satisfy enum value set: [NONE, AWS_IAM]");
  if (in.action != "lambda:InvokeFunctionUrl")
    return Error{Fault::invalid_parameter_value,
                 "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"};
  return done;
}

class Handlers {
 public:
  explicit Handlers(Parts parts) : p_(parts) {}

  Task<wire::Reply<InvocationResponse>> invoke(const Context& c, InvocationRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, in.qualifier));
    const std::string type = in.invocation_type.value_or("RequestResponse");
    const std::string log = in.log_type.value_or("None");
    const bool tail = log == "Tail";
    if (!tail && log != "None")
      co_return domain::validation(log, "logType", "satisfy enum value set: [None, Tail]");
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
    if (!domain::is_word(in.statement_id, 100))
      co_return domain::validation(in.statement_id, "statementId",
                                   "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)");
    if (!is_action(in.action))
      co_return domain::validation(
          in.action, "action",
          "satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])");
    CO_TRY(Unit conditions, check_conditions(in));
    (void)conditions;
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
    if (!letters(in.statement_id, "-_."))
      co_return domain::validation(in.statement_id, "statementId",
                                   "satisfy regular expression pattern: ([a-zA-Z0-9-_.]+)");
    CO_TRY(Unit gone, co_await p_.policies->remove(c.scope, ref, in.statement_id, in.revision_id));
    (void)gone;
    co_return wire::Nothing{};
  }

  Task<GetPolicyResponse> get_policy(const Context& c, FunctionRequest in) {
    CO_TRY(auto at, domain::resolve_function_name(c.scope, in.function_name, in.qualifier));
    // What $LATEST is asked for is the function's own.
    if (at.function.qualifier == domain::kLatest) at.function.qualifier.reset();
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
