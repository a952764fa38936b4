// CloudWatch as far as AppConfig's monitors need it: metric alarms that are kept and whose state is
// set by hand, over the query protocol, JSON 1.0 and RPC v2 CBOR. Metrics, dashboards and the rest
// are refused by name.
#pragma once

#include "alarms/alarms.h"
#include "wire/table.h"

namespace tidegate::api::cloudwatch {

struct Parts {
  alarms::Alarms* alarms = nullptr;
};

void mount(wire::Table&, const Parts&);

}  // namespace tidegate::api::cloudwatch
