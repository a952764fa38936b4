// The core schema of YAML 1.2: which plain scalars are null, true, numbers. Integers in 0x and 0o
// notation become decimal text, and every number's text is legal JSON. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "document/value.h"

namespace tidegate::document {

enum class YamlTag { none, string, null, boolean, integer, floating, sequence, mapping, unknown };

// From the tag as resolved by its handle ("tag:yaml.org,2002:int", "!").
YamlTag yaml_tag(std::string_view text);

// A scalar as a value. `tag` none means: untagged. Plain and untagged text is resolved; text that
// its tag does not allow, and what JSON has no word for (.inf, .nan), is an error whose message
// lacks the place.
Result<Value> resolve_yaml_scalar(std::string_view text, bool plain, YamlTag tag);

}  // namespace tidegate::document
