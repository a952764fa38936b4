#include "appconfig/flags/retrieval.h"

#include "document/value.h"

namespace tidegate::appconfig::flags {

using document::Object;
using document::Value;

namespace {

const Error kUnreadable{Fault::internal, "a stored document of feature flags cannot be read"};

Object plain(bool enabled) {
  Object out;
  out.set("enabled", enabled);
  return out;
}

bool is_enabled(const Value& value) {
  const Value* enabled = value.find("enabled");
  return enabled && enabled->boolean() && *enabled->boolean();
}

}  // namespace

Object visible_value(const Value& value) {
  Object out = plain(is_enabled(value));
  if (is_enabled(value))
    for (const auto& [name, member] : *value.object())
      if (name != "enabled" && !name.starts_with('_')) out.append_unchecked(name, member);
  return out;
}

Object visible_variant(const Value& variant) {
  Object out = plain(is_enabled(variant));
  const Value* attributes = variant.find("attributeValues");
  if (is_enabled(variant) && attributes && attributes->object())
    for (const auto& [name, member] : *attributes->object()) out.append_unchecked(name, member);
  return out;
}

Result<std::string> retrieval_json(std::string_view stored) {
  auto parsed = document::parse_json(stored);
  if (!parsed.ok() || !parsed->object()) return kUnreadable;
  Object out;
  const Value* values = parsed->find("values");
  if (values && values->object()) {
    for (const auto& [key, value] : *values->object()) {
      if (!value.object()) return kUnreadable;
      const Value* variants = value.find("_variants");
      if (!variants) {
        out.append_unchecked(key, visible_value(value));
      } else {
        if (!variants->array() || variants->array()->empty()) return kUnreadable;
        out.append_unchecked(key, visible_variant(variants->array()->back()));
      }
    }
  }
  return document::to_json(std::move(out));
}

}  // namespace tidegate::appconfig::flags
