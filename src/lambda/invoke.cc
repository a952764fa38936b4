#include "lambda/invoke.h"

#include <boost/asio/post.hpp>

#include "base/limits.h"
#include "base/log.h"
#include "blob/whole.h"
#include "document/value.h"

namespace tidegate::lambda {
namespace {

constexpr std::size_t kInlinePayload = 48 * 1024;
constexpr Duration kFirstBackoff{1000};
constexpr Duration kLongestBackoff{5 * 60 * 1000};
// How an asynchronous invocation ends.
constexpr char kSuccess[] = "Success";
constexpr char kExhausted[] = "RetriesExhausted";
constexpr char kTooOld[] = "EventAgeExceeded";
constexpr char kZeroReserved[] = "ZeroReservedConcurrency";

// The function's error, as boto3 and the other SDKs word AppConfig's refusal.
bool met_a_running_deployment(const std::string& error) {
  return error.find("ConflictException") != std::string::npos &&
         error.find("currently has a state of") != std::string::npos;
}

// Invoke names a missing function with a qualifier.
Error not_found_as_invoked(const Scope& scope, FunctionRef ref, const Error& error) {
  if (error.fault != Fault::not_found) return error;
  if (!ref.qualifier) ref.qualifier = std::string(kLatest);
  return function_not_found(scope, ref);
}

}  // namespace

Status Invoker::check_payload(const InvokeRequest& r, std::size_t limit, const char* type) const {
  if (r.payload.size() > limit)
    return Error(Fault::too_large,
                 fmt::format("{} byte payload is too large for the {} invocation type (limit {} "
                             "bytes)",
                             r.payload.size(), type, limit))
        .with("Payload", type);
  if (r.depth >= kMaxCallDepth)
    return Error(Fault::function_throttled,
                 fmt::format("The call is nested in {} others: a loop of functions was stopped.",
                             r.depth))
        .with("Reason", "CallerRateLimitExceeded");
  if (r.payload.empty()) return done;
  auto parsed = document::parse_json(r.payload);
  if (!parsed.ok())
    return Error{Fault::invalid_request_content,
                 "Could not parse request body into json: Could not parse payload into json: " +
                     parsed.error().message};
  return done;
}

Task<Function> Invoker::find(Scope scope, FunctionRef ref) {
  Result<Function> found = co_await p_.functions.find(scope, ref);
  if (found.ok()) co_return found;
  co_return not_found_as_invoked(scope, ref, found.error());
}

Task<InvocationOutcome> Invoker::invoke(Scope scope, InvokeRequest request) {
  CO_TRY(Unit good, check_payload(request, kMaxSyncPayload, "RequestResponse"));
  (void)good;
  Result<Function> chosen = co_await p_.functions.choose(scope, request.function);
  if (!chosen.ok()) co_return not_found_as_invoked(scope, request.function, chosen.error());
  CO_TRY(Concurrency::Lease lease, co_await p_.concurrency.take(scope, *chosen));
  CO_TRY(FunctionImage image, co_await p_.functions.image(scope, std::move(*chosen)));
  Invocation invocation;
  invocation.request_id = request.request_id;
  invocation.invoked_arn = qualified_arn(scope, request.function);
  invocation.payload = request.payload.empty() ? "{}" : std::move(request.payload);
  invocation.client_context = std::move(request.client_context);
  invocation.depth = request.depth;
  invocation.nested = request.nested;
  invocation.wants_tail = request.wants_tail;
  const std::string version = image.version;
  Result<InvocationOutcome> ran =
      co_await p_.runner.invoke(std::move(image), std::move(invocation));
  if (ran.ok()) ran->executed_version = version;
  co_return ran;
}

Task<Unit> Invoker::append(store::Txn& txn, Scope scope, InvokeRequest request) {
  CO_TRY(AsyncInvocation a, co_await record_of(scope, std::move(request)));
  co_return enqueue(txn, scope, a);
}

Task<AsyncInvocation> Invoker::record_of(Scope scope, InvokeRequest request) {
  AsyncInvocation a;
  a.function_name = request.function.name;
  a.request_id = request.request_id;
  a.invoked_arn = qualified_arn(scope, request.function);
  a.client_context = std::move(request.client_context);
  a.depth = request.depth;
  a.series = std::move(request.series);
  a.function_id = std::move(request.function_id);
  if (request.payload.empty()) request.payload = "{}";
  a.payload_size = request.payload.size();
  if (request.payload.size() <= kInlinePayload) {
    a.payload = std::move(request.payload);
  } else {
    auto write = [this, payload = std::move(request.payload)] {
      return blob::write_whole(p_.blobs, payload);
    };
    CO_TRY(a.payload_blob, co_await await_on(p_.executors.blocking, std::move(write)));
  }
  co_return a;
}

Status Invoker::enqueue(store::Txn& txn, const Scope& scope, const AsyncInvocation& a) const {
  events::Delivery delivery;
  // The request id names the delivery: a transaction that is repeated adds it once.
  delivery.id = a.request_id;
  delivery.lane = a.function_name;
  if (!a.series.empty()) delivery.series = a.function_name + " " + a.series;
  delivery.body = store::encode(a);
  return p_.queue.append(txn, scope, std::move(delivery));
}

Task<Unit> Invoker::invoke_later(Scope scope, InvokeRequest request) {
  CO_TRY(Unit good, check_payload(request, kMaxAsyncPayload, "Event"));
  (void)good;
  CO_TRY(Function f, co_await find(scope, request.function));
  request.function_id = f.id;
  CO_TRY(AsyncInvocation a, co_await record_of(scope, std::move(request)));
  store::Txn txn;
  Status added = enqueue(txn, scope, a);
  if (!added.ok()) {
    forget(a);
    co_return added;
  }
  Result<store::Revision> made = co_await store::commit_recognisably(p_.store, std::move(txn));
  if (made.ok()) co_return done;
  // After any other failure the row may be there, and then it needs its payload.
  if (made.fault() == Fault::read_only || made.fault() == Fault::too_large) forget(a);
  co_return std::move(made).error();
}

Task<Function> Invoker::admit_service(Scope scope, FunctionRef ref, ServiceCaller caller) {
  CO_TRY(Function f, co_await p_.functions.find(scope, ref));
  CO_TRY(Policy policy, co_await p_.policies.find(scope, ref));
  if (!allows(policy, caller))
    co_return Error{Fault::access_denied,
                    fmt::format("{} is not authorized to invoke {} for {}: add a permission to the "
                                "function's policy (AddPermission).",
                                caller.principal, qualified_arn(scope, ref), caller.source_arn)};
  co_return f;
}

Task<std::string> Invoker::payload_of(const AsyncInvocation& a) {
  if (a.payload_blob.empty()) co_return a.payload;
  auto read = [this, id = a.payload_blob] { return blob::read_whole(p_.blobs, id); };
  co_return co_await await_on(p_.executors.blocking, read);
}

void Invoker::forget(const AsyncInvocation& a) {
  if (a.payload_blob.empty()) return;
  boost::asio::post(p_.executors.blocking, [&blobs = p_.blobs, id = a.payload_blob] {
    Status gone = blobs.erase(id);
    if (!gone.ok()) LOG_WARN("blob {} stays behind: {}", id, gone.error().message);
  });
}

// Our own shortage is no attempt of the function: soon again, twice as late each time, until the
// event is too old.
events::Outcome Invoker::put_off(const events::Delivery& delivery, const Error& why) const {
  events::Outcome later;
  later.kind = events::Outcome::Kind::retry;
  later.counts = false;
  later.error = why.message;
  const Duration waited = p_.domain.now() - delivery.created;
  later.retry_at = p_.domain.now() + std::clamp(waited, kFirstBackoff, kLongestBackoff);
  return later;
}

Task<events::Outcome> Invoker::deliver(events::Delivery delivery) {
  auto decoded = store::decode<AsyncInvocation>(delivery.body);
  if (!decoded.ok()) {
    events::Outcome unreadable;
    unreadable.kind = events::Outcome::Kind::dead;
    unreadable.error = decoded.error().message;
    co_return unreadable;
  }
  Result<events::Outcome> outcome = co_await attempt(delivery, *decoded);
  if (outcome.ok() || outcome.fault() == Fault::cancelled) co_return outcome;
  LOG_WARN("asynchronous invocation {} of {} is put off: {}", decoded->request_id,
           decoded->function_name, outcome.error().message);
  co_return put_off(delivery, outcome.error());
}

Duration Invoker::Attempt::max_age() const {
  return Duration{config.max_age_s.value_or(kDefaultMaxAgeS) * 1000LL};
}

bool Invoker::Attempt::too_old_at(Instant when) const {
  return when - delivery.created > max_age();
}

Task<events::Outcome> Invoker::attempt(events::Delivery delivery, AsyncInvocation invocation) {
  Attempt a;
  a.delivery = std::move(delivery);
  a.invocation = std::move(invocation);
  a.ref.name = a.invocation.function_name;
  if (auto invoked = parse_function_arn(a.invocation.invoked_arn))
    a.ref.qualifier = invoked->function.qualifier;
  const Scope& scope = a.delivery.scope;
  Result<Function> f = co_await p_.functions.choose(scope, a.ref);
  const std::string& meant = a.invocation.function_id;
  if ((!f.ok() && f.fault() == Fault::not_found) || (f.ok() && !meant.empty() && f->id != meant)) {
    // DeleteFunction drops what waited for it.
    LOG_INFO("asynchronous invocation {}: {} is gone", a.invocation.request_id,
             a.invocation.invoked_arn);
    forget(a.invocation);
    co_return events::Outcome{};
  }
  if (!f.ok()) co_return std::move(f).error();
  a.function = std::move(*f);
  const std::string qualifier = a.ref.qualifier.value_or(std::string(kLatest));
  CO_TRY(auto config, co_await p_.event_configs.look_up(scope, a.function, qualifier));
  if (config) a.config = std::move(*config);
  Result<std::string> payload = co_await payload_of(a.invocation);
  if (!payload.ok() && payload.fault() == Fault::not_found) {
    // It goes away when the function has answered; only the row's end was not written down.
    LOG_INFO("asynchronous invocation {} had ended before the restart", a.invocation.request_id);
    co_return events::Outcome{};
  }
  if (!payload.ok()) co_return std::move(payload).error();
  a.payload = std::move(*payload);
  if (a.function.reserved == 0) co_return co_await conclude(std::move(a), kZeroReserved, "");
  if (a.too_old_at(p_.domain.now())) {
    const std::string why = a.delivery.last_error;
    co_return co_await conclude(std::move(a), kTooOld, why);
  }
  co_return co_await run(std::move(a));
}

Task<events::Outcome> Invoker::run(Attempt a) {
  CO_TRY(Concurrency::Lease lease, co_await p_.concurrency.take(a.delivery.scope, a.function));
  CO_TRY(FunctionImage image, co_await p_.functions.image(a.delivery.scope, a.function));
  Invocation invocation;
  invocation.request_id = a.invocation.request_id;
  invocation.invoked_arn = a.invocation.invoked_arn;
  invocation.payload = a.payload;
  invocation.client_context = a.invocation.client_context;
  invocation.depth = a.invocation.depth;
  const std::string version = image.version;
  CO_TRY(a.ran, co_await p_.runner.invoke(std::move(image), std::move(invocation)));
  a.ran->executed_version = version;
  if (a.ran->failed) co_return co_await after_failure(std::move(a));
  co_return co_await conclude(std::move(a), kSuccess, "");
}

Task<events::Outcome> Invoker::after_failure(Attempt a) {
  const events::Delivery& delivery = a.delivery;
  const std::string why = a.ran->payload.substr(0, 512);
  LOG_INFO("asynchronous invocation {} of {} failed ({}), attempt {}", a.invocation.request_id,
           a.invocation.function_name, why, delivery.attempts + 1);
  const int retries = a.config.max_retries.value_or(kDefaultRetries);
  const bool waits = retries > 0 && !a.invocation.series.empty() && met_a_running_deployment(why);
  if (delivery.attempts >= retries && !waits)
    co_return co_await conclude(std::move(a), kExhausted, why);
  events::Outcome outcome;
  outcome.error = why;
  outcome.retry_at = p_.domain.now() + (delivery.attempts == 0 ? kFirstRetry : kSecondRetry);
  outcome.kind = events::Outcome::Kind::retry;
  if (waits) {
    // On AWS an upload is lost whose function meets a deployment that outlasts its two retries.
    // Here it waits for the environment, until it is too old or a later upload takes its place.
    outcome.counts = false;
    outcome.yields = true;
  }
  if (a.too_old_at(outcome.retry_at)) co_return co_await conclude(std::move(a), kTooOld, why);
  co_return outcome;
}

Task<events::Outcome> Invoker::conclude(Attempt a, std::string condition, std::string why) {
  events::Outcome outcome;
  const bool success = condition == kSuccess;
  outcome.counts = a.ran.has_value();
  if (!success) {
    outcome.kind = events::Outcome::Kind::dead;
    outcome.error = condition + ": " + why;
  }
  CO_TRY(Unit told, co_await tell(outcome.also, a, condition));
  (void)told;
  if (success) forget(a.invocation);
  co_return outcome;
}

Task<Unit> Invoker::admit(const Attempt& a, std::string action, std::string resource) {
  return p_.records.admit(a.delivery.scope, a.function.role, a.ref.name, std::move(action),
                          std::move(resource));
}

// A destination that cannot be told loses the record, as on AWS; what failed stands in the dead
// list all the same.
Task<Unit> Invoker::tell(store::Txn& txn, const Attempt& a, std::string condition) {
  const auto& wanted = condition == kSuccess ? a.config.on_success : a.config.on_failure;
  if (!wanted || wanted->empty()) co_return done;
  const Scope& scope = a.delivery.scope;
  EndedInvocation ended;
  ended.request_id = a.invocation.request_id;
  ended.function_arn =
      function_arn(scope, a.ref.name) + ":" + a.ref.qualifier.value_or(std::string(kLatest));
  ended.condition = std::move(condition);
  ended.invoke_count = a.delivery.attempts + (a.ran ? 1 : 0);
  ended.request_payload = a.payload;
  if (a.ran) ended.response = {a.ran->executed_version, a.ran->payload, a.ran->failed};
  ended.at = p_.domain.now();
  std::string record = outcome_record(ended);
  Status told = done;
  if (auto target = parse_function_arn(*wanted)) {
    InvokeRequest request;
    request.function = target->function;
    request.payload = std::move(record);
    request.request_id = p_.random.uuid();
    request.depth = a.invocation.depth + 1;
    told = check_payload(request, kMaxAsyncPayload, "Event");
    if (told.ok()) told = co_await admit(a, "lambda:InvokeFunction", *wanted);
    if (told.ok()) {
      Result<Function> there = co_await find(target->scope, target->function);
      if (there.ok()) request.function_id = there->id;
      told = there.ok() ? Status(done) : Status(there.error());
    }
    if (told.ok()) told = co_await append(txn, target->scope, std::move(request));
  } else {
    const std::string bucket = wanted->substr(wanted->rfind(':') + 1);
    const std::string key = outcome_key(a.ref.name, ended);
    told = co_await admit(a, "s3:PutObject", fmt::format("{}/{}", *wanted, key));
    if (told.ok()) told = co_await p_.records.put(scope, bucket, key, std::move(record));
  }
  if (told.ok()) co_return done;
  if (told.fault() == Fault::unavailable || told.fault() == Fault::cancelled) co_return told;
  LOG_WARN("the destination {} was not told of the asynchronous invocation {}: {}", *wanted,
           a.invocation.request_id, told.error().message);
  co_return done;
}

}  // namespace tidegate::lambda
