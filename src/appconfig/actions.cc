#include "appconfig/actions.h"

#include "appconfig/errors.h"
#include "appconfig/resource.h"
#include "base/bytes.h"

namespace tidegate::appconfig {
namespace {

constexpr std::size_t kMaxDetails = 20;

document::Object id_and_name(const IdAndName& of) {
  document::Object out;
  out.set("Id", of.id);
  out.set("Name", of.name);
  return out;
}

std::string text_at(const document::Value& value, std::string_view key) {
  const document::Value* found = value.find(key);
  return found && found->string() ? *found->string() : std::string();
}

std::string percentage_text(double percentage) {
  std::string text = fmt::format("{}", percentage);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

Error refused_by(const DueAction& due, const ActionReply& reply) {
  std::vector<ErrorDetail> details = reply.details;
  for (ErrorDetail& d : details) d.value = reply.message;
  if (details.empty())
    details.push_back(
        {"EXTENSION", due.action->uri, "The extension refused", *reply.error, reply.message});
  return invalid_configuration(
      fmt::format("The action {} of extension {} refused: {}: {}", due.action->name,
                  due.extension->extension_id, *reply.error, reply.message),
      std::move(details));
}

Error failed(const DueAction& due, const Error& why) {
  return invalid_configuration(
      fmt::format("The action {} of extension {} failed: {}", due.action->name,
                  due.extension->extension_id, why.message),
      {{"EXTENSION", due.action->uri, "The extension could not be invoked or failed",
        std::string(name_of(why.fault)), why.message}});
}

}  // namespace

bool is_ours(Fault fault) {
  return fault == Fault::unavailable || fault == Fault::cancelled || fault == Fault::read_only;
}

std::string event_type(ActionPoint point) {
  // ON_DEPLOYMENT_START -> OnDeploymentStart
  std::string out;
  bool capital = true;
  for (char c : to_string(point)) {
    if (c == '_') {
      capital = true;
      continue;
    }
    out.push_back(capital ? c : static_cast<char>(c - 'A' + 'a'));
    capital = false;
  }
  return out;
}

std::string event_of(const Occasion& o, const ParameterValues& parameters,
                     const std::string& invocation_id) {
  document::Object event, values;
  event.set("InvocationId", invocation_id);
  for (const auto& [name, value] : parameters) values.set(name, value);
  event.set("Parameters", std::move(values));
  event.set("Type", event_type(o.point));
  event.set("Application", id_and_name(o.application));
  if (o.environment) event.set("Environment", id_and_name(*o.environment));
  event.set("ConfigurationProfile", id_and_name(o.profile));
  if (o.description) event.set("Description", *o.description);
  if (o.deployment) event.set("DeploymentNumber", static_cast<std::int64_t>(*o.deployment));
  if (o.configuration_version) event.set("ConfigurationVersion", *o.configuration_version);
  if (o.content) {
    event.set("Content", to_base64(o.content->bytes));
    event.set("ContentType", o.content->type);
    event.set("ContentVersion", o.content->version);
  }
  if (o.previous) {
    document::Object previous;
    previous.set("ContentType", o.previous->type);
    previous.set("ContentVersion", o.previous->version);
    previous.set("Content", to_base64(o.previous->bytes));
    event.set("PreviousContent", std::move(previous));
  }
  if (o.state) {
    event.set("DeploymentState", *o.state);
    event.set("PercentageComplete", percentage_text(o.percentage));
  }
  return document::to_json(std::move(event));
}

Result<ActionReply> read_reply(const std::string& payload) {
  ActionReply reply;
  auto parsed = document::parse_json(payload);
  // A function that returns nothing, or a text for its own log, changes nothing.
  if (!parsed.ok() || !parsed->object()) return reply;
  if (const document::Value* error = parsed->find("Error"); error && error->string()) {
    reply.error = *error->string();
    reply.message = text_at(*parsed, "Message");
    const document::Value* details = parsed->find("Details");
    if (details && details->array()) {
      for (const document::Value& d : *details->array()) {
        if (reply.details.size() >= kMaxDetails) break;
        reply.details.push_back(
            {"EXTENSION", text_at(d, "Name"), text_at(d, "Reason"), text_at(d, "Type"), ""});
      }
    }
    return reply;
  }
  if (const document::Value* content = parsed->find("Content"); content && content->string()) {
    reply.content = from_base64(*content->string());
    if (!reply.content)
      return Error{Fault::invalid_argument, "the Content of its answer is not base64"};
  }
  if (const document::Value* type = parsed->find("ContentType"); type && type->string()) {
    reply.content_type = *type->string();
    if (reply.content_type->empty() || reply.content_type->size() > 255)
      return Error{Fault::invalid_argument,
                   "the ContentType of its answer must have 1 to 255 characters"};
  }
  reply.roll_back = text_at(*parsed, "Directive") == "ROLL_BACK";
  if (std::string text = text_at(*parsed, "Description"); !text.empty())
    reply.description = std::move(text);
  return reply;
}

std::vector<DueAction> due_actions(const std::vector<AppliedExtension>& applied,
                                   ActionPoint point) {
  std::vector<DueAction> due;
  for (const AppliedExtension& a : applied)
    if (const Action* action = action_at(a.actions, point)) due.push_back({&a, action});
  return due;
}

ActionInvocation invocation_of(const DueAction& due, std::string id) {
  ActionInvocation out;
  out.extension_id = due.extension->extension_id;
  out.action_name = due.action->name;
  out.uri = due.action->uri;
  out.role_arn = due.action->role_arn;
  out.invocation_id = std::move(id);
  return out;
}

std::string source_arn(const Scope& scope, const Occasion& o) {
  return arn(scope, "appconfig", profile_path(o.application.id, o.profile.id));
}

std::string ActionRunner::new_invocation_id() {
  return make_id(random_);
}

Task<std::string> ActionRunner::post(std::string url, std::string event,
                                     std::string invocation_id) {
  if (!webhooks_) co_return Error{Fault::access_denied, "this server sends no webhooks"};
  WebhookCall call{std::move(url), std::move(event), std::move(invocation_id), kActionDeadlineMs};
  co_return co_await webhooks_->post(std::move(call));
}

Task<std::string> ActionRunner::ask(Scope scope, const Occasion& occasion, const DueAction& due,
                                    const std::string& invocation_id, int depth) {
  std::string event = event_of(occasion, due.extension->parameters, invocation_id);
  if (is_webhook(due.action->uri))
    co_return co_await post(due.action->uri, std::move(event), invocation_id);
  FunctionCall call;
  call.function_arn = due.action->uri;
  call.payload = std::move(event);
  call.source_arn = source_arn(scope, occasion);
  call.role_arn = due.action->role_arn;
  call.deadline_ms = kActionDeadlineMs;
  call.depth = depth;
  CO_TRY(FunctionOutcome outcome, co_await functions_.call(scope, std::move(call)));
  if (outcome.failed) co_return Error{Fault::invalid_argument, outcome.error_message};
  co_return std::move(outcome.payload);
}

Task<Unit> ActionRunner::rewrite(Scope scope, Occasion& occasion,
                                 const std::vector<AppliedExtension>& applied, int depth,
                                 std::vector<ActionInvocation>& invoked) {
  for (const DueAction& due : due_actions(applied, occasion.point)) {
    const std::string id = new_invocation_id();
    Result<std::string> answer = co_await ask(scope, occasion, due, id, depth);
    if (!answer.ok() && is_ours(answer.fault())) co_return std::move(answer).error();
    if (!answer.ok()) co_return failed(due, answer.error());
    auto reply = read_reply(*answer);
    if (!reply.ok()) co_return failed(due, reply.error());
    if (reply->error) co_return refused_by(due, *reply);
    if (reply->content) occasion.content->bytes = std::move(*reply->content);
    if (reply->content_type) occasion.content->type = std::move(*reply->content_type);
    invoked.push_back(invocation_of(due, id));
  }
  co_return done;
}

Task<ActionRunner::Verdict> ActionRunner::tick(Scope scope, const Occasion& occasion,
                                               const std::vector<AppliedExtension>& applied,
                                               int depth) {
  Verdict verdict;
  for (const DueAction& due : due_actions(applied, occasion.point)) {
    const std::string id = new_invocation_id();
    verdict.invoked.push_back(invocation_of(due, id));
    ActionInvocation& invocation = verdict.invoked.back();
    const std::string who =
        fmt::format("the action {} of extension {}", due.action->name, due.extension->extension_id);
    Result<std::string> answer = co_await ask(scope, occasion, due, id, depth);
    if (!answer.ok() && is_ours(answer.fault())) co_return std::move(answer).error();
    if (!answer.ok()) {
      invocation.error_code = std::string(name_of(answer.fault()));
      invocation.error_message = answer.error().message;
      verdict.veto = fmt::format("{} failed: {}", who, answer.error().message);
      co_return verdict;
    }
    auto reply = read_reply(*answer);
    if (reply.ok() && !reply->error && !reply->roll_back) continue;
    if (!reply.ok()) {
      invocation.error_code = "InvalidReply";
      invocation.error_message = reply.error().message;
    } else if (reply->error) {
      invocation.error_code = *reply->error;
      invocation.error_message = reply->message;
    }
    verdict.veto =
        invocation.error_code
            ? fmt::format("{} failed: {}", who, *invocation.error_message)
            : fmt::format("{} said ROLL_BACK{}", who,
                          reply->description ? ": " + *reply->description : std::string());
    co_return verdict;
  }
  co_return verdict;
}

}  // namespace tidegate::appconfig
