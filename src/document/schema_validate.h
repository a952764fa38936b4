// Judging one document by a compiled schema. The work is bounded: a million steps, 512 schemas
// deep; what exceeds it is a violation of its own. Pure, any thread.
#pragma once

#include <vector>

#include "document/schema_node.h"

namespace tidegate::document {

std::vector<ErrorDetail> validate_document(const CompiledSchema&, const Value&, std::size_t limit);

}  // namespace tidegate::document
