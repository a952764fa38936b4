// The JSON codec's recursive steps, shared with the bindings (a payload member is one value, a body
// is the members that are bound nowhere else). Internal to wire. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "document/value.h"
#include "wire/constraints.h"
#include "wire/shape.h"

namespace tidegate::wire {

Status decode_json_value(const document::Value&, const Type&, std::string_view path, Decoding&,
                         void* out);
Status decode_json_object(const document::Object&, const Shape&, std::string_view path, Decoding&,
                          void* out);
void append_json_value(std::string& out, const Type&, TimeFormat, const void* value);
void append_json_object(std::string& out, const Shape&, const void* object);

}  // namespace tidegate::wire
