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

std::string invoked_arn(const Scope& scope, const FunctionRef& f) {
  std::string arn = function_arn(scope, f.name);
  if (f.qualifier) arn += ":" + *f.qualifier;
  return arn;
}

// The function's error, as boto3 and the other SDKs word AppConfig's refusal.
bool met_a_running_deployment(const std::string& error) {
  return error.find("ConflictException") != std::string::npos &&
         error.find("currently has a state of") != std::string::npos;
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
  Result<Function> found = co_await functions_.find(scope, ref);
  if (found.ok() || found.fault() != Fault::not_found) co_return found;
  if (!ref.qualifier) ref.qualifier = std::string(kLatest);
  co_return function_not_found(scope, ref);
}

Task<InvocationOutcome> Invoker::invoke(Scope scope, InvokeRequest request) {
  CO_TRY(Unit good, check_payload(request, kMaxSyncPayload, "RequestResponse"));
  (void)good;
  CO_TRY(Function f, co_await find(scope, request.function));
  CO_TRY(FunctionImage image, co_await functions_.image(scope, std::move(f)));
  Invocation invocation;
  invocation.request_id = request.request_id;
  invocation.invoked_arn = invoked_arn(scope, request.function);
  invocation.payload = request.payload.empty() ? "{}" : std::move(request.payload);
  invocation.client_context = std::move(request.client_context);
  invocation.depth = request.depth;
  invocation.nested = request.nested;
  co_return co_await runner_.invoke(std::move(image), std::move(invocation));
}

Task<Unit> Invoker::append(store::Txn& txn, Scope scope, InvokeRequest request) {
  CO_TRY(AsyncInvocation a, co_await record_of(scope, std::move(request)));
  co_return enqueue(txn, scope, a);
}

Task<AsyncInvocation> Invoker::record_of(Scope scope, InvokeRequest request) {
  AsyncInvocation a;
  a.function_name = request.function.name;
  a.request_id = request.request_id;
  a.invoked_arn = invoked_arn(scope, request.function);
  a.client_context = std::move(request.client_context);
  a.depth = request.depth;
  a.series = std::move(request.series);
  if (request.payload.empty()) request.payload = "{}";
  a.payload_size = request.payload.size();
  if (request.payload.size() <= kInlinePayload) {
    a.payload = std::move(request.payload);
  } else {
    auto write = [this, payload = std::move(request.payload)] {
      return blob::write_whole(blobs_, payload);
    };
    CO_TRY(a.payload_blob, co_await await_on(executors_.blocking, std::move(write)));
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
  return queue_.append(txn, scope, std::move(delivery));
}

Task<Unit> Invoker::invoke_later(Scope scope, InvokeRequest request) {
  CO_TRY(Unit good, check_payload(request, kMaxAsyncPayload, "Event"));
  (void)good;
  CO_TRY(Function f, co_await find(scope, request.function));
  (void)f;
  CO_TRY(AsyncInvocation a, co_await record_of(scope, std::move(request)));
  store::Txn txn;
  Status added = enqueue(txn, scope, a);
  if (!added.ok()) {
    forget(a);
    co_return added;
  }
  Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
  if (made.ok()) co_return done;
  // After any other failure the row may be there, and then it needs its payload.
  if (made.fault() == Fault::read_only || made.fault() == Fault::too_large) forget(a);
  co_return std::move(made).error();
}

Task<Function> Invoker::admit_service(Scope scope, FunctionRef ref, ServiceCaller caller) {
  CO_TRY(Function f, co_await functions_.find(scope, ref));
  CO_TRY(Policy policy, co_await policies_.find(scope, f.name));
  if (!allows(policy, caller))
    co_return Error{Fault::access_denied,
                    fmt::format("{} is not authorized to invoke {} for {}: add a permission to the "
                                "function's policy (AddPermission).",
                                caller.principal, function_arn(scope, f.name), caller.source_arn)};
  co_return f;
}

Task<std::string> Invoker::payload_of(const AsyncInvocation& a) {
  if (a.payload_blob.empty()) co_return a.payload;
  auto read = [this, id = a.payload_blob] { return blob::read_whole(blobs_, id); };
  co_return co_await await_on(executors_.blocking, read);
}

void Invoker::forget(const AsyncInvocation& a) {
  if (a.payload_blob.empty()) return;
  boost::asio::post(executors_.blocking, [&blobs = blobs_, id = a.payload_blob] {
    Status gone = blobs.erase(id);
    if (!gone.ok()) LOG_WARN("blob {} stays behind: {}", id, gone.error().message);
  });
}

events::Outcome Invoker::after_failure(const events::Delivery& delivery, const AsyncInvocation& a,
                                       const std::optional<EventInvokeConfig>& config,
                                       const std::string& why) const {
  events::Outcome outcome;
  outcome.error = why;
  const int retries = config ? config->max_retries.value_or(kDefaultRetries) : kDefaultRetries;
  const int max_age = config ? config->max_age_s.value_or(kDefaultMaxAgeS) : kDefaultMaxAgeS;
  const bool waits = retries > 0 && !a.series.empty() && met_a_running_deployment(why);
  if (delivery.attempts >= retries && !waits) {
    outcome.kind = events::Outcome::Kind::dead;
    outcome.error = "RetriesExhausted: " + why;
    return outcome;
  }
  const Duration wait = delivery.attempts == 0 ? kFirstRetry : kSecondRetry;
  outcome.retry_at = domain_.now() + wait;
  outcome.kind = events::Outcome::Kind::retry;
  if (waits) {
    // On AWS an upload is lost whose function meets a deployment that outlasts its two retries.
    // Here it waits for the environment, until it is too old or a later upload takes its place.
    outcome.counts = false;
    outcome.yields = true;
  }
  if (outcome.retry_at - delivery.created > Duration{max_age * 1000LL}) {
    outcome.kind = events::Outcome::Kind::dead;
    outcome.error = "EventAgeExceeded: " + why;
  }
  LOG_INFO("asynchronous invocation {} of {} failed ({}), attempt {}", a.request_id,
           a.function_name, why, delivery.attempts + 1);
  return outcome;
}

// Our own shortage is no attempt of the function: soon again, twice as late each time, until the
// event is too old.
events::Outcome Invoker::put_off(const events::Delivery& delivery, const Error& why) const {
  events::Outcome later;
  later.kind = events::Outcome::Kind::retry;
  later.counts = false;
  later.error = why.message;
  const Duration waited = domain_.now() - delivery.created;
  later.retry_at = domain_.now() + std::clamp(waited, kFirstBackoff, kLongestBackoff);
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

Task<events::Outcome> Invoker::attempt(events::Delivery delivery, AsyncInvocation a) {
  const FunctionRef ref{a.function_name, std::nullopt};
  Result<Function> f = co_await functions_.find(delivery.scope, ref);
  if (!f.ok() && f.fault() == Fault::not_found) {
    // DeleteFunction drops what waited for it.
    LOG_INFO("asynchronous invocation {}: the function {} is gone", a.request_id, a.function_name);
    forget(a);
    co_return events::Outcome{};
  }
  if (!f.ok()) co_return std::move(f).error();
  CO_TRY(auto config,
         co_await functions_.find_event_invoke_config(delivery.scope, a.function_name));
  const int max_age = config ? config->max_age_s.value_or(kDefaultMaxAgeS) : kDefaultMaxAgeS;
  if (domain_.now() - delivery.created > Duration{max_age * 1000LL}) {
    events::Outcome old;
    old.kind = events::Outcome::Kind::dead;
    old.counts = false;
    old.error = "EventAgeExceeded: " + delivery.last_error;
    co_return old;
  }
  Result<std::string> payload = co_await payload_of(a);
  if (!payload.ok() && payload.fault() == Fault::not_found) {
    // It goes away when the function has answered; only the row's end was not written down.
    LOG_INFO("asynchronous invocation {} had ended before the restart", a.request_id);
    co_return events::Outcome{};
  }
  if (!payload.ok()) co_return std::move(payload).error();
  CO_TRY(FunctionImage image, co_await functions_.image(delivery.scope, std::move(*f)));
  Invocation invocation;
  invocation.request_id = a.request_id;
  invocation.invoked_arn = a.invoked_arn;
  invocation.payload = std::move(*payload);
  invocation.client_context = a.client_context;
  invocation.depth = a.depth;
  CO_TRY(InvocationOutcome ran, co_await runner_.invoke(std::move(image), std::move(invocation)));
  if (!ran.failed) {
    forget(a);
    co_return events::Outcome{};
  }
  co_return after_failure(delivery, a, config, ran.payload.substr(0, 512));
}

}  // namespace tidegate::lambda
