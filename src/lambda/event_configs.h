// EventConfigs: how the asynchronous invocations of a function, a version or an alias end: how
// often they are retried, how old they may get, and where the outcome goes. On the control strand.
// Errors carry AWS's texts: not_found, invalid_parameter_value.
#pragma once

#include "base/scheduler.h"
#include "lambda/rows.h"

namespace tidegate::lambda {

struct NamedEventConfig {
  std::string qualifier;  // "$LATEST", "1", "live"
  EventInvokeConfig config;
};
struct EventConfigPage {
  std::vector<NamedEventConfig> configs;
  std::string next_marker;
};

class EventConfigs {
 public:
  EventConfigs(store::Store& store, const Clock& domain) : store_(store), domain_(domain) {}

  Task<EventInvokeConfig> find(Scope scope, FunctionRef ref);
  // Of a function that is known; nullopt when none was put.
  Task<std::optional<EventInvokeConfig>> look_up(Scope scope, Function latest,
                                                 std::string qualifier);
  // With `merge` what is not given stays as it was, and there must be one.
  Task<EventInvokeConfig> put(Scope scope, FunctionRef ref, EventInvokeConfig config, bool merge);
  Task<Unit> remove(Scope scope, FunctionRef ref);
  // $LATEST's first.
  Task<EventConfigPage> list(Scope scope, FunctionRef ref, std::string marker,
                             std::size_t max_items);

 private:
  Task<Unit> check_destinations(Scope scope, FunctionRef ref, EventInvokeConfig config);

  store::Store& store_;
  const Clock& domain_;
};

// A destination that this server can deliver to: a function, or for failures a bucket.
enum class DestinationKind { function, bucket };
Result<DestinationKind> destination_kind(const std::string& arn, bool on_failure);

}  // namespace tidegate::lambda
