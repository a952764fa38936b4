// CloudWatch Logs over src/logs, as far as people, tools and SDKs use it around functions: groups,
// streams, events, filters, retention, tags. Protocol JSON 1.1: the operation stands in
// X-Amz-Target. Insights, subscriptions, metric filters and the rest are refused by name.
#pragma once

#include "logs/logs.h"
#include "wire/table.h"

namespace tidegate::api::logs {

struct Parts {
  tidegate::logs::Logs* logs = nullptr;
};

void mount(wire::Table&, const Parts&);
void mount_refused(wire::Table&);  // for mount() alone

}  // namespace tidegate::api::logs
