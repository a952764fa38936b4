// STS as far as every tool calls it: GetCallerIdentity. The row's URI carries the action, which the
// pipeline puts into the query for the query protocol.
#pragma once

#include "wire/table.h"

namespace tidegate::api::sts {

void mount(wire::Table&);

}  // namespace tidegate::api::sts
