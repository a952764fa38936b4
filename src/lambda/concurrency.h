// Concurrency: how many invocations of a function may run at once. A function with a reservation
// has that many guaranteed and no more; the others share what is left of the account's limit. This
// is the API's number, not that of the environments this machine can hold. On the control strand.
//
// Errors, with AWS's texts: invalid_parameter_value, not_found, function_throttled (with the field
// "Reason"). Source: contract on Lambda, section 5.
#pragma once

#include <map>

#include "base/random.h"
#include "lambda/rows.h"

namespace tidegate::lambda {

inline constexpr std::int32_t kMinUnreserved = 100;

struct AccountUsage {
  std::int64_t functions = 0;
  std::int32_t reserved = 0;
};

class Concurrency {
 public:
  // `account_limit` is what every account may run at once.
  Concurrency(store::Store& store, Random& random, std::int32_t account_limit = 1000)
      : store_(store), random_(random), account_limit_(account_limit) {}

  std::int32_t account_limit() const { return account_limit_; }

  Task<Unit> reserve(Scope scope, FunctionRef ref, std::int32_t executions);
  Task<Unit> release(Scope scope, FunctionRef ref);
  Task<AccountUsage> usage(Scope scope);

  // One running invocation; ends with the lease. The leases end before this object.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept : counts_(std::exchange(other.counts_, {})) {}
    Lease& operator=(Lease&& other) noexcept {
      end();
      counts_ = std::exchange(other.counts_, {});
      return *this;
    }
    ~Lease() { end(); }

   private:
    friend class Concurrency;
    void end() {
      for (std::int32_t* count : counts_) --*count;
      counts_.clear();
    }
    std::vector<std::int32_t*> counts_;
  };
  Task<Lease> take(Scope scope, Function function);

 private:
  Task<Unit> set(Scope scope, FunctionRef ref, std::optional<std::int32_t> executions);

  store::Store& store_;
  Random& random_;
  const std::int32_t account_limit_;
  std::map<std::pair<Scope, std::string>, std::int32_t> running_;  // by function
  std::map<Scope, std::int32_t> unreserved_;                       // running, together
};

}  // namespace tidegate::lambda
