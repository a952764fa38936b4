#include "lambda/concurrency.h"

#include <fmt/format.h>

namespace tidegate::lambda {
namespace {

constexpr std::size_t kPage = 1000;

Error throttled(const char* reason) {
  return Error(Fault::function_throttled, "Rate Exceeded.").with("Reason", reason);
}

// Reservations are made one after another: each writes this row.
std::string lock_row(const Scope& scope) {
  return key_prefix(scope, "fn-lock") + "reserved";
}

}  // namespace

Task<AccountUsage> Concurrency::usage(Scope scope) {
  AccountUsage out;
  store::Range range = store::Range::prefix(key_prefix(scope, "fn"), kPage);
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Function f, store::decode<Function>(kv.value));
      out.functions += 1;
      out.reserved += f.reserved.value_or(0);
    }
    if (!page.more) co_return out;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Concurrency::set(Scope scope, FunctionRef ref, std::optional<std::int32_t> executions) {
  const FunctionRef latest{ref.name, std::string(kLatest)};
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(Target target, co_await find_target(store_, scope, executions ? latest : ref));
    if (ref.qualifier)
      co_return Error{Fault::invalid_parameter_value,
                      "This operation is permitted on Lambda functions only. Aliases and versions "
                      "do not support this operation. Please specify either a function name or an "
                      "unqualified function ARN."};
    CO_TRY(auto lock, co_await store_.get(lock_row(scope)));
    CO_TRY(AccountUsage now, co_await usage(scope));
    const std::int32_t others = now.reserved - target.latest.reserved.value_or(0);
    // A reservation of none takes nothing away.
    if (executions && *executions > 0 && account_limit_ - others - *executions < kMinUnreserved)
      co_return Error(Fault::invalid_parameter_value,
                      fmt::format("Specified ReservedConcurrentExecutions for function decreases "
                                  "account's UnreservedConcurrentExecution below its minimum value "
                                  "of [{}].",
                                  kMinUnreserved))
          .with("Untyped", "");
    Function f = target.latest;
    f.reserved = executions;
    store::Txn txn;
    txn.guard(store::Guard::unchanged(target.kv));
    txn.guard(lock ? store::Guard::unchanged(*lock) : store::Guard::absent(lock_row(scope)));
    txn.put(lock_row(scope), random_.uuid()).put(target.kv.key, store::encode(f));
    Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
    if (made.ok()) co_return done;
    if (made.fault() != Fault::guard_failed) co_return std::move(made).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Unit> Concurrency::reserve(Scope scope, FunctionRef ref, std::int32_t executions) {
  co_return co_await set(scope, ref, executions);
}

Task<Unit> Concurrency::release(Scope scope, FunctionRef ref) {
  co_return co_await set(scope, ref, std::nullopt);
}

Task<Concurrency::Lease> Concurrency::take(Scope scope, Function f) {
  std::int32_t& running = running_[{scope, f.name}];
  Lease lease;
  if (f.reserved) {
    if (running >= *f.reserved)
      co_return throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
  } else {
    std::int32_t& shared = unreserved_[scope];
    // So many are never reserved: only beyond them is it worth adding up.
    if (shared >= std::min(kMinUnreserved, account_limit_)) {
      CO_TRY(AccountUsage now, co_await usage(scope));
      if (shared >= account_limit_ - now.reserved)
        co_return throttled("ConcurrentInvocationLimitExceeded");
    }
    lease.counts_.push_back(&shared);
    ++shared;
  }
  lease.counts_.push_back(&running);
  ++running;
  co_return lease;
}

}  // namespace tidegate::lambda
