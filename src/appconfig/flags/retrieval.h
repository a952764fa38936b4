// What clients are given of a feature-flag document: no definitions, only flags with their values.
// Pure. Fault::internal when the document is not one that accept() made.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "document/value.h"

namespace tidegate::appconfig::flags {

// For callers of the data plane: KEY -> {"enabled": …, attributes only when enabled}. They do not
// evaluate rules, so a flag with variants is its default variant.
Result<std::string> retrieval_json(std::string_view stored);

// The same of one value without variants, and of one variant.
document::Object visible_value(const document::Value& value);
document::Object visible_variant(const document::Value& variant);

}  // namespace tidegate::appconfig::flags
