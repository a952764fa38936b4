// Invoker: calling functions, now or later. A synchronous call runs at once; an asynchronous one is
// a row of the queue "async-invokes" that commits before the caller is answered, runs at least
// once, is retried after a failure by the function's EventInvokeConfig, tells its end to a
// destination, and ends in the dead list when it is given up. One exception to AWS's two retries:
// an upload whose function met a running deployment waits for the environment, and gives way to a
// later upload of the same key. Payloads are bytes: checked to be JSON once, then passed on
// untouched. On the control strand. Source: contract on Lambda, sections 3 to 5 and 7.
#pragma once

#include "events/queue.h"
#include "lambda/concurrency.h"
#include "lambda/event_configs.h"
#include "lambda/functions.h"
#include "lambda/outcome_record.h"
#include "lambda/policy.h"

namespace tidegate::lambda {

// What destinations are told goes out with the rights of the function's role, and records of
// failures into a bucket. Implemented by wiring.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // access_denied unless the function's role may do this.
  virtual Task<Unit> admit(Scope, std::string role_arn, std::string session_name,
                           std::string action, std::string resource) = 0;
  virtual Task<Unit> put(Scope, std::string bucket, std::string key, std::string record) = 0;
};

inline constexpr std::size_t kMaxSyncPayload = 6'291'456;
inline constexpr std::size_t kMaxAsyncPayload = 1 << 20;
// After the first and after the second failure.
inline constexpr Duration kFirstRetry{60'000};
inline constexpr Duration kSecondRetry{120'000};
inline constexpr std::int32_t kDefaultRetries = 2;
inline constexpr std::int32_t kDefaultMaxAgeS = 21'600;

struct InvokeRequest {
  FunctionRef function;
  std::string payload, client_context, request_id;
  int depth = 0;
  std::string series;       // of an asynchronous invocation: see events::Delivery
  bool nested = false;      // a call the server makes while another function waits
  bool wants_tail = false;  // see Invocation
  std::string function_id;  // see AsyncInvocation
};

struct InvokerParts {
  Functions& functions;
  Policies& policies;
  EventConfigs& event_configs;
  Concurrency& concurrency;
  Runner& runner;
  events::Queue& queue;
  store::Store& store;
  blob::Blobs& blobs;
  RecordSink& records;
  Random& random;
  const Clock& domain;
  Executors executors;
};

class Invoker {
 public:
  explicit Invoker(InvokerParts parts) : p_(std::move(parts)) {}

  // Functions::find() in Invoke's words: a missing function is named with its qualifier.
  Task<Function> find(Scope scope, FunctionRef ref);
  // Faults besides those of Functions and Runner: invalid_request_content, too_large,
  // function_throttled (16 calls deep: a loop).
  Task<InvocationOutcome> invoke(Scope scope, InvokeRequest request);
  Task<Unit> invoke_later(Scope scope, InvokeRequest request);
  // The row of an asynchronous invocation inside somebody else's transaction.
  Task<Unit> append(store::Txn& txn, Scope scope, InvokeRequest request);

  // access_denied unless the function's policy lets the service call it.
  Task<Function> admit_service(Scope scope, FunctionRef ref, ServiceCaller caller);

  // The queue's handler.
  Task<events::Outcome> deliver(events::Delivery delivery);

 private:
  Status check_payload(const InvokeRequest& request, std::size_t limit, const char* type) const;
  Task<AsyncInvocation> record_of(Scope scope, InvokeRequest request);
  Status enqueue(store::Txn& txn, const Scope& scope, const AsyncInvocation& a) const;
  // One event on its way through deliver().
  struct Attempt {
    events::Delivery delivery;
    AsyncInvocation invocation;
    FunctionRef ref;
    Function function;
    EventInvokeConfig config;
    std::string payload;
    std::optional<InvocationOutcome> ran;
    Duration max_age() const;
    bool too_old_at(Instant) const;
  };
  Task<events::Outcome> attempt(events::Delivery delivery, AsyncInvocation a);
  events::Outcome put_off(const events::Delivery& delivery, const Error& why) const;
  Task<std::string> payload_of(const AsyncInvocation& invocation);
  Task<events::Outcome> run(Attempt attempt);
  Task<events::Outcome> after_failure(Attempt attempt);
  // The end of an event, told to its destination; a failed one goes to the dead list.
  Task<events::Outcome> conclude(Attempt attempt, std::string condition, std::string why);
  Task<Unit> admit(const Attempt& attempt, std::string action, std::string resource);
  Task<Unit> tell(store::Txn& txn, const Attempt& attempt, std::string condition);
  void forget(const AsyncInvocation& invocation);

  InvokerParts p_;
};

}  // namespace tidegate::lambda
