#include "server/adapters.h"

#include "api/errors/s3_errors.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/one_shot.h"
#include "blob/whole.h"
#include "document/value.h"
#include "s3/event_record.h"

namespace tidegate::server {
namespace {

constexpr std::size_t kMaxWebhookReply = 6u << 20;  // a rewritten configuration, in base64
constexpr char kS3Principal[] = "s3.amazonaws.com";
constexpr char kLambdaPrincipal[] = "lambda.amazonaws.com";
constexpr char kAppConfigPrincipal[] = "appconfig.amazonaws.com";

Task<std::string> read_content(Executors executors, s3::Content content) {
  if (auto* inline_bytes = std::get_if<std::string>(&content)) co_return std::move(*inline_bytes);
  auto reader = std::get<std::shared_ptr<blob::Reader>>(content);
  auto read = [reader] { return blob::read_whole(*reader); };
  co_return co_await await_on(executors.blocking, read);
}

s3::Caller service_caller(const Scope& scope, const char* principal) {
  s3::Caller caller;
  caller.scope = scope;
  caller.principal_id = principal;
  return caller;
}

}  // namespace

// A version is read, so both rights are needed.
Task<Unit> ConfigFromS3::check_role(Scope scope, std::string role_arn, std::string object_arn,
                                    std::string version) {
  const api::ServiceRole role{std::move(role_arn), kAppConfigPrincipal, "AppConfig"};
  for (const char* action : {"s3:GetObject", "s3:GetObjectVersion"}) {
    api::Need need{action, object_arn, {{"s3:VersionId", version}}};
    CO_TRY(Unit allowed, co_await authorizer_.require_of_role(scope, role, std::move(need)));
    (void)allowed;
  }
  co_return done;
}

Task<Unit> WitnessOfCalls::after(wire::Service service, const wire::Context& c,
                                 api::Outcome outcome) {
  if (c.principal->kind() == identity::Principal::Kind::user && !c.principal->session()) {
    // "monitoring" is what CloudWatch signs with.
    const bool watch = service == wire::Service::cloudwatch;
    iam::LastUse use{real_.now(), watch ? "monitoring" : std::string(wire::to_string(service)),
                     c.scope.region};
    Status noted =
        co_await directory_.note_use(c.scope.account, c.principal->access_key_id(), std::move(use));
    if (!noted.ok()) LOG_DEBUG("the use of a key was not noted: {}", noted.error().message);
  }
  if (c.principal->kind() == identity::Principal::Kind::anonymous) {
    // What nobody in particular does is for the bucket's owner to see.
    const std::string& named = outcome.named.resource;
    auto bucket = co_await buckets_.find(s3::Caller::anybody(), named.substr(0, named.find('/')));
    if (bucket.ok()) outcome.owner = (*bucket)->scope.account;
  }
  co_return co_await recorder_.after(service, c, std::move(outcome));
}

Task<appconfig::SourceContent> ConfigFromS3::fetch(Scope scope, std::string role_arn,
                                                   std::string uri, std::string version,
                                                   std::size_t limit) {
  auto refuse = [&uri, &version](std::string_view why) {
    return Error{Fault::invalid_argument,
                 fmt::format("Could not retrieve the configuration {} at version {}: {}", uri,
                             version, why)};
  };
  const std::size_t slash = uri.find('/', 5);
  if (!uri.starts_with("s3://") || slash == std::string::npos) co_return refuse("no S3 location");
  if (version == s3::kNullVersion)
    co_return refuse("the bucket must be versioned; 'null' is no version");
  const std::string bucket = uri.substr(5, slash - 5), key = uri.substr(slash + 1);
  Status allowed =
      co_await check_role(scope, role_arn, s3::bucket_arn(bucket) + "/" + key, version);
  if (!allowed.ok()) {
    if (allowed.fault() != Fault::access_denied && allowed.fault() != Fault::invalid_argument)
      co_return std::move(allowed).error();
    co_return refuse(allowed.error().message);
  }
  auto opened =
      co_await s3_.objects.open(service_caller(scope, kAppConfigPrincipal), bucket, key, version);
  if (!opened.ok()) {
    switch (opened.fault()) {
      case Fault::no_such_bucket:
      case Fault::no_such_key:
      case Fault::no_such_version:
      case Fault::invalid_argument:
      case Fault::method_not_allowed:  // a delete marker
      case Fault::access_denied:
      case Fault::invalid_bucket_name:
      case Fault::invalid_uri:
      case Fault::key_too_long:
        co_return refuse(opened.error().message);
      default:
        co_return std::move(opened).error();
    }
  }
  if (opened->record.size > limit)
    co_return Error(
        Fault::too_large,
        fmt::format("The configuration has {} bytes; the limit is {}.", opened->record.size, limit))
        .with("Limit", std::to_string(limit))
        .with("Size", std::to_string(opened->record.size));
  appconfig::SourceContent out;
  const std::string& type = opened->record.metadata.content_type;
  out.content_type = type.empty() ? "binary/octet-stream" : type;
  CO_TRY(out.bytes, co_await read_content(executors_, std::move(opened->content)));
  co_return out;
}

Task<std::string> CodeFromS3::fetch(Scope scope, std::string bucket, std::string key,
                                    std::optional<std::string> version, std::size_t limit) {
  auto opened =
      co_await s3_.objects.open(service_caller(scope, kLambdaPrincipal), bucket, key, version);
  if (!opened.ok()) {
    if (opened.fault() == Fault::internal || opened.fault() == Fault::unavailable)
      co_return std::move(opened).error();
    co_return Error{
        Fault::invalid_parameter_value,
        fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                    api::s3_code(opened.fault()).code, opened.error().message)};
  }
  if (opened->record.size > limit)
    co_return Error{Fault::invalid_parameter_value,
                    fmt::format("Unzipped size must be smaller than {} bytes", limit)};
  co_return co_await read_content(executors_, std::move(opened->content));
}

Task<Unit> RecordsToS3::admit(Scope scope, std::string role_arn, std::string session_name,
                              std::string action, std::string resource) {
  api::ServiceRole role{std::move(role_arn), kLambdaPrincipal, std::move(session_name)};
  api::Need need{std::move(action), std::move(resource), {}};
  co_return co_await authorizer_.require_of_role(scope, std::move(role), std::move(need));
}

Task<Unit> RecordsToS3::put(Scope scope, std::string bucket, std::string key, std::string record) {
  s3::PutRequest request;
  request.bucket = std::move(bucket);
  request.key = std::move(key);
  request.metadata.content_type = "application/json";
  request.content.size = record.size();
  request.content.md5 = digest(Digest::md5, record);
  if (record.size() > s3::kInlineLimit) {
    auto write = [this, record] { return blob::write_whole(blobs_, record); };
    CO_TRY(request.content.blob_id, co_await await_on(executors_.blocking, write));
  } else {
    request.content.inline_bytes = std::move(record);
  }
  CO_TRY(auto stored,
         co_await s3_.objects.put(service_caller(scope, kLambdaPrincipal), std::move(request)));
  (void)stored;
  co_return done;
}

Task<FunctionsForAppConfig::Admitted> FunctionsForAppConfig::admit(Scope scope,
                                                                   appconfig::FunctionCall call) {
  auto target = lambda::parse_function_arn(call.function_arn);
  if (!target)
    co_return Error{Fault::invalid_argument,
                    fmt::format("{} is no function's ARN", call.function_arn)};
  if (call.role_arn) {
    api::ServiceRole role{*call.role_arn, kAppConfigPrincipal, "AppConfig"};
    api::Need need{"lambda:InvokeFunction", call.function_arn};
    CO_TRY(Unit allowed,
           co_await authorizer_.require_of_role(scope, std::move(role), std::move(need)));
    (void)allowed;
  }
  // A role of the function's account acts as that account; anybody else is let in by the policy.
  const std::string own_role = fmt::format(":iam::{}:role/", target->scope.account);
  const bool as_owner = call.role_arn && target->scope.account == scope.account &&
                        call.role_arn->find(own_role) != std::string::npos;
  if (as_owner) {
    CO_TRY(auto found, co_await invoker_.find(target->scope, target->function));
    (void)found;
  } else {
    const lambda::ServiceCaller caller{kAppConfigPrincipal, call.source_arn, scope.account};
    CO_TRY(auto admitted, co_await invoker_.admit_service(target->scope, target->function, caller));
    (void)admitted;
  }
  Admitted out;
  out.scope = target->scope;
  out.request.function = target->function;
  out.request.payload = std::move(call.payload);
  out.request.request_id = random_.uuid();
  out.request.depth = call.depth;
  co_return out;
}

Task<Unit> FunctionsForAppConfig::call_later(store::Txn& txn, Scope scope,
                                             appconfig::FunctionCall call) {
  CO_TRY(Admitted admitted, co_await admit(scope, std::move(call)));
  co_return co_await invoker_.append(txn, admitted.scope, std::move(admitted.request));
}

Task<appconfig::FunctionOutcome> FunctionsForAppConfig::call(Scope scope,
                                                             appconfig::FunctionCall call) {
  const int deadline_ms = call.deadline_ms;
  CO_TRY(Admitted admitted, co_await admit(scope, std::move(call)));
  admitted.request.nested = true;
  // The call and its deadline race; a call that loses goes on by itself and is not heard any more.
  using Answer = OneShot<Result<lambda::InvocationOutcome>>;
  auto answer = std::make_shared<Answer>();
  group_.spawn("call of a function",
               [](lambda::Invoker& invoker, Scope s, lambda::InvokeRequest r,
                  std::shared_ptr<Answer> a) -> Task<Unit> {
                 a->set(co_await invoker.invoke(s, std::move(r)));
                 co_return done;
               }(invoker_, admitted.scope, std::move(admitted.request), answer));
  const auto timer = real_.after(Duration{deadline_ms}, [answer, deadline_ms] {
    answer->set(Error{Fault::timed_out, fmt::format("the function did not answer within {} seconds",
                                                    deadline_ms / 1000)});
  });
  auto first = co_await answer->wait();
  real_.cancel(timer);
  if (!first) co_return Error{Fault::cancelled, "the server is stopping"};
  Result<lambda::InvocationOutcome> outcome = std::move(*first);
  if (!outcome.ok()) co_return std::move(outcome).error();
  appconfig::FunctionOutcome out;
  out.failed = outcome->failed;
  if (outcome->failed) {
    auto parsed = document::parse_json(outcome->payload);
    const document::Value* message = parsed.ok() ? parsed->find("errorMessage") : nullptr;
    out.error_message =
        message && message->string() ? *message->string() : outcome->payload.substr(0, 4096);
  }
  out.payload = std::move(outcome->payload);
  co_return out;
}

std::optional<std::string> WebhooksForAppConfig::why_not(const std::string& url) {
  if (webhooks_.name_of(url)) return std::nullopt;
  return "the server's setting webhook-targets declares no such webhook";
}

Task<std::string> WebhooksForAppConfig::post(appconfig::WebhookCall call) {
  const std::optional<std::string> name = webhooks_.name_of(call.url);
  if (!name) co_return Error{Fault::access_denied, *why_not(call.url)};
  webhook::Message message;
  message.target = *name;
  message.id = std::move(call.id);
  message.body = std::move(call.body);
  message.deadline_ms = call.deadline_ms;
  message.max_reply = kMaxWebhookReply;
  Result<webhook::Reply> reply = co_await webhooks_.post(std::move(message));
  if (!reply.ok()) {
    Error error = std::move(reply).error();
    // That the target is away says something of it; that too many calls are under way does not.
    if (error.fault == Fault::unavailable) error.fault = Fault::invalid_request;
    if (error.fault == Fault::throttled) error.fault = Fault::unavailable;
    co_return error;
  }
  if (!reply->accepted())
    co_return Error{Fault::invalid_request,
                    fmt::format("the webhook answered {}: {}", reply->status,
                                std::string_view(reply->body).substr(0, 512))};
  co_return std::move(reply->body);
}

void AlarmsForAppConfig::start() {
  alarms_.start([this](std::string arn) {
    if (changed_) changed_(std::move(arn));
  });
}

Task<std::optional<appconfig::MonitoredAlarm>> AlarmsForAppConfig::state(Scope scope,
                                                                         std::string arn) {
  std::optional<appconfig::MonitoredAlarm> out;
  auto name = alarms::parse_arn(arn);
  if (!name || name->scope.account != scope.account) co_return out;
  CO_TRY(auto alarm, co_await alarms_.find(name->scope, name->name));
  if (!alarm) co_return out;
  out.emplace();
  out->acts = alarm->actions_enabled;
  switch (alarm->state) {
    case alarms::State::ok:
      out->state = appconfig::AlarmState::ok;
      break;
    case alarms::State::alarm:
      out->state = appconfig::AlarmState::alarm;
      break;
    case alarms::State::insufficient_data:
      out->state = unsure_is_alarm_ ? appconfig::AlarmState::alarm
                                    : appconfig::AlarmState::insufficient_data;
      break;
  }
  co_return out;
}

Task<std::optional<std::string>> FunctionsAsDestinations::why_not(Scope, std::string function_arn,
                                                                  std::string bucket_arn,
                                                                  std::string account) {
  const std::string refusal = fmt::format("Not authorized to invoke function [{}]", function_arn);
  auto target = lambda::parse_function_arn(function_arn);
  if (!target) co_return std::optional<std::string>(refusal);
  const lambda::ServiceCaller caller{kS3Principal, bucket_arn, account};
  auto admitted = co_await invoker_.admit_service(target->scope, target->function, caller);
  if (admitted.ok()) co_return std::optional<std::string>();
  if (admitted.fault() == Fault::not_found || admitted.fault() == Fault::access_denied)
    co_return std::optional<std::string>(refusal);
  co_return std::move(admitted).error();
}

Task<events::Outcome> EventsToFunctions::deliver(events::Delivery delivery) {
  CO_TRY(s3::ObjectEvent event, store::decode<s3::ObjectEvent>(delivery.body));
  events::Outcome outcome;
  auto give_up = [&](std::string why) {
    outcome.kind = events::Outcome::Kind::dead;
    outcome.error = std::move(why);
    return outcome;
  };
  if (event.depth >= kMaxCallDepth)
    co_return give_up("a loop of functions and uploads was stopped");
  auto target = lambda::parse_function_arn(event.function_arn);
  if (!target) co_return give_up(event.function_arn + " is no function's ARN");
  const lambda::ServiceCaller caller{kS3Principal, s3::bucket_arn(event.bucket), event.account};
  auto admitted = co_await invoker_.admit_service(target->scope, target->function, caller);
  if (!admitted.ok()) {
    // AWS drops such an event in silence; here it can be seen and sent again.
    if (admitted.fault() == Fault::not_found || admitted.fault() == Fault::access_denied)
      co_return give_up(admitted.error().message);
    co_return std::move(admitted).error();
  }
  lambda::InvokeRequest request;
  request.function = target->function;
  request.payload = s3::render_event(event, delivery.revision);
  request.request_id = random_.uuid();
  request.depth = event.depth;
  // What the function does for two versions of a key, it does for the older one first.
  request.series = event.bucket + "/" + event.key;
  CO_TRY(Unit added, co_await invoker_.append(outcome.also, target->scope, std::move(request)));
  (void)added;
  co_return outcome;
}

std::unique_ptr<lambda::Listeners::Handle> NetListeners::adopt(
    int listening_fd, std::string environment_id, std::shared_ptr<http::Handler> handler,
    Where where) {
  class Adopted final : public lambda::Listeners::Handle {
   public:
    explicit Adopted(std::unique_ptr<net::Adopted> a) : adopted_(std::move(a)) {}

   private:
    std::unique_ptr<net::Adopted> adopted_;
  };
  if (where == Where::control)
    return std::make_unique<Adopted>(
        loops_.adopt(listening_fd, std::move(environment_id), std::move(handler)));
  return std::make_unique<Adopted>(
      server_.adopt(listening_fd, std::move(environment_id), std::move(handler)));
}

}  // namespace tidegate::server
