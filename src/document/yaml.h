// YAML 1.2 text → document::Value, by the core schema. Anchors are expanded under a budget (nodes
// ≤ 200 000, depth ≤ 64, input ≤ 4 MiB), so a small text cannot grow into a large tree. One
// document only; keys that are not strings take their source text. Any thread.
#pragma once

#include "document/value.h"

namespace tidegate::document {

// Fault::malformed_body with line and column.
Result<Value> parse_yaml(std::string_view text);

}  // namespace tidegate::document
