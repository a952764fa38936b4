// The function service's API over the domain in src/lambda: rows, shapes, handlers. Handlers run on
// the control strand.
#pragma once

#include "lambda/aliases.h"
#include "lambda/code_links.h"
#include "lambda/invoke.h"
#include "wire/table.h"

namespace tidegate::api::lambda {

struct Parts {
  tidegate::lambda::Functions* functions = nullptr;
  tidegate::lambda::Aliases* aliases = nullptr;
  tidegate::lambda::Layers* layers = nullptr;
  tidegate::lambda::Policies* policies = nullptr;
  tidegate::lambda::EventConfigs* event_configs = nullptr;
  tidegate::lambda::Concurrency* concurrency = nullptr;
  tidegate::lambda::Invoker* invoker = nullptr;
  const tidegate::lambda::CodeLinks* code_links = nullptr;
  const Clock* real = nullptr;  // the links' time
  Random* random = nullptr;
};

void mount(wire::Table&, const Parts&);

// What mount() is made of.
void mount_functions(wire::Table&, const Parts&);
void mount_versions(wire::Table&, const Parts&);
void mount_layers(wire::Table&, const Parts&);
void mount_invocations(wire::Table&, const Parts&);
void mount_event_configs(wire::Table&, const Parts&);
void mount_settings(wire::Table&, const Parts&);
void mount_absent(wire::Table&, const Parts&);
void mount_refused(wire::Table&);

}  // namespace tidegate::api::lambda
