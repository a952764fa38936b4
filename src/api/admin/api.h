// The server's own small API under /_tidegate/: the developer's clock, the queues' dead lists, the
// recent output of functions. With --dev it needs no signature (loopback only); otherwise requests
// are signed like any other, for service "tidegate", and only the root key is let in.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "events/queue.h"
#include "wire/table.h"

namespace tidegate::api::admin {

struct Parts {
  // Empty unless --dev: only a developer turns the clock.
  std::function<Task<Unit>(Duration)> advance_clock;
  const Clock* domain = nullptr;
  std::vector<std::pair<std::string, events::Queue*>> queues;
  // The newest lines a function printed, "" when it never ran.
  std::function<Task<std::string>(Scope, std::string function_name)> function_log;
};

void mount(wire::Table&, Parts);

}  // namespace tidegate::api::admin
