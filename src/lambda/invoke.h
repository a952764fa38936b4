// Invoker: calling functions, now or later. A synchronous call runs at once; an asynchronous one is
// a row of the queue "async-invokes" that commits before the caller is answered, runs at least
// once, is retried after a failure by the function's EventInvokeConfig, and ends in the dead list
// when it is given up. One exception to AWS's two retries: an upload whose function met a running
// deployment waits for the environment, and gives way to a later upload of the same key. Payloads
// are bytes: checked to be JSON once, then passed on untouched. On the control strand. Source:
// contract on Lambda, sections 3 to 5 and 7.
#pragma once

#include "events/queue.h"
#include "lambda/functions.h"

namespace tidegate::lambda {

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
  std::string series;   // of an asynchronous invocation: see events::Delivery
  bool nested = false;  // a call the server makes while another function waits
};

class Invoker {
 public:
  Invoker(Functions& functions, Policies& policies, Runner& runner, events::Queue& queue,
          store::Store& store, blob::Blobs& blobs, Random& random, const Clock& domain,
          Executors executors)
      : functions_(functions),
        policies_(policies),
        runner_(runner),
        queue_(queue),
        store_(store),
        blobs_(blobs),
        random_(random),
        domain_(domain),
        executors_(executors) {}

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
  Task<events::Outcome> attempt(events::Delivery delivery, AsyncInvocation a);
  events::Outcome put_off(const events::Delivery& delivery, const Error& why) const;
  Task<std::string> payload_of(const AsyncInvocation& invocation);
  events::Outcome after_failure(const events::Delivery& delivery, const AsyncInvocation& invocation,
                                const std::optional<EventInvokeConfig>& config,
                                const std::string& why) const;
  void forget(const AsyncInvocation& invocation);

  Functions& functions_;
  Policies& policies_;
  Runner& runner_;
  events::Queue& queue_;
  store::Store& store_;
  blob::Blobs& blobs_;
  Random& random_;
  const Clock& domain_;
  Executors executors_;
};

}  // namespace tidegate::lambda
