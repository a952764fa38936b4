#include "appconfig/flags/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "appconfig/flags/constraints.h"
#include "appconfig/flags/rules.h"

namespace tidegate::appconfig::flags {

using document::Object;
using document::Value;

namespace {

constexpr std::size_t kMaxName = 64, kMaxDescription = 1'024, kMaxVariantName = 1'024;
constexpr std::string_view kCreated = "_createdAt", kUpdated = "_updatedAt";

bool is_key(std::string_view name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

// What a defined flag lets its values be.
using Attributes = std::map<std::string, Constraints, std::less<>>;

class Checker {
 public:
  std::vector<ErrorDetail> run(const Value& document) {
    if (!to_.object(document, "#")) return to_.take();
    for (const auto& [name, member] : *document.object())
      if (name != "version" && name != "flags" && name != "values") to_.unknown_member("#", name);
    const Value* version = document.find("version");
    if (!version)
      to_.missing("#", "version");
    else if (!version->string() || *version->string() != "1")
      to_.add("enum", "#/version", "must be \"1\"");
    const Value* defined = document.find("flags");
    if (defined && to_.object(*defined, "#/flags"))
      for (const auto& [key, flag] : *defined->object())
        if (!to_.full()) definition(key, flag, below("#/flags", key));
    const Value* values = document.find("values");
    if (values && to_.object(*values, "#/values"))
      for (const auto& [key, value] : *values->object())
        if (!to_.full()) flag_value(key, value, below("#/values", key));
    return to_.take();
  }

 private:
  void stamp(const Value& value, const std::string& location) { to_.text(value, location, 0, 64); }

  void key(std::string_view name, const std::string& location) {
    if (!is_key(name))
      to_.add("patternProperties", location,
              "a key begins with a lower-case letter and has at most 64 letters, digits, _ and -",
              name);
  }

  void definition(const std::string& name, const Value& flag, const std::string& location) {
    Attributes& attributes = flags_[name];
    key(name, location);
    if (!to_.object(flag, location)) return;
    for (const auto& [member, value] : *flag.object()) {
      const std::string where = below(location, member);
      if (member == "name")
        to_.one_line(value, where, 1, kMaxName);
      else if (member == "description")
        to_.text(value, where, 0, kMaxDescription);
      else if (member == kCreated || member == kUpdated)
        stamp(value, where);
      else if (member == "_deprecation")
        deprecation(value, where);
      else if (member == "attributes")
        attributes_of(value, where, attributes);
      else
        to_.unknown_member(location, member);
    }
  }

  void deprecation(const Value& value, const std::string& location) {
    if (!to_.object(value, location)) return;
    for (const auto& [member, inner] : *value.object()) {
      const std::string where = below(location, member);
      if (member == "status") {
        if (!inner.string() || *inner.string() != "planned")
          to_.add("enum", where, "must be \"planned\"");
      } else if (member == "date") {
        to_.text(inner, where, 1, 64);
      } else {
        to_.unknown_member(location, member);
      }
    }
    if (!value.find("status")) to_.missing(location, "status");
  }

  void attributes_of(const Value& value, const std::string& location, Attributes& out) {
    if (!to_.object(value, location)) return;
    if (too_many(value.object()->size(), location)) return;
    for (const auto& [name, attribute] : *value.object()) {
      const std::string where = below(location, name);
      Constraints& constraints = out[name];
      key(name, where);
      if (name == "enabled")
        to_.add("patternProperties", where, "an attribute cannot be named enabled");
      if (!to_.object(attribute, where)) continue;
      for (const auto& [member, inner] : *attribute.object()) {
        if (member == "description")
          to_.text(inner, below(where, member), 0, kMaxDescription);
        else if (member == "constraints")
          constraints = Constraints::read(inner, below(where, member), to_);
        else
          to_.unknown_member(where, member);
      }
    }
  }

  bool too_many(std::size_t attributes, const std::string& location) {
    if (attributes <= kMaxAttributes) return false;
    to_.add("maxProperties", location,
            fmt::format("has {} attributes, at most {}", attributes, kMaxAttributes));
    return true;
  }

  void flag_value(const std::string& name, const Value& value, const std::string& location) {
    const auto defined = flags_.find(name);
    if (defined == flags_.end())
      return to_.add("flags", location, "the flag has no definition", name);
    if (!to_.object(value, location)) return;
    const Value* choices = value.find("_variants");
    Object attributes;
    for (const auto& [member, inner] : *value.object()) {
      const std::string where = below(location, member);
      if (member == "enabled")
        to_.boolean(inner, where);
      else if (member == kCreated || member == kUpdated)
        stamp(inner, where);
      else if (member != "_variants")
        attributes.append_unchecked(member, inner);
    }
    if (!choices && !value.find("enabled")) to_.missing(location, "enabled");
    attribute_values(attributes, location, defined->second, !choices);
    if (choices) variants(*choices, below(location, "_variants"), defined->second);
  }

  void attribute_values(const Object& values, const std::string& location,
                        const Attributes& defined, bool complete) {
    if (too_many(values.size(), location)) return;
    for (const auto& [name, value] : values) {
      const std::string where = below(location, name);
      const auto constraints = defined.find(name);
      if (constraints == defined.end()) {
        to_.add("attributes", where, "the attribute has no definition", name);
        continue;
      }
      check_attribute(value, where, to_);
      constraints->second.check(value, where, to_);
    }
    if (!complete) return;
    for (const auto& [name, constraints] : defined)
      if (constraints.required() && !values.find(name)) to_.missing(location, name);
  }

  void variants(const Value& value, const std::string& location, const Attributes& defined) {
    if (!value.array()) return to_.add("type", location, "must be an array");
    const std::size_t size = value.array()->size();
    if (size == 0) to_.add("minItems", location, "needs a default variant");
    if (size > kMaxVariants)
      return to_.add("maxItems", location,
                     fmt::format("has {} variants, at most {}", size, kMaxVariants));
    for (std::size_t i = 0; i < size; ++i)
      variant((*value.array())[i], below(location, std::to_string(i)), i + 1 == size, defined);
  }

  void variant(const Value& value, const std::string& location, bool last,
               const Attributes& defined) {
    if (!to_.object(value, location)) return;
    const Value* attributes = nullptr;
    for (const auto& [member, inner] : *value.object()) {
      const std::string where = below(location, member);
      if (member == "name")
        to_.one_line(inner, where, 1, kMaxVariantName);
      else if (member == "enabled")
        to_.boolean(inner, where);
      else if (member == "rule")
        rule(inner, where);
      else if (member == "attributeValues")
        attributes = &inner;
      else
        to_.unknown_member(location, member);
    }
    for (std::string_view needed : {"name", "enabled"})
      if (!value.find(needed)) to_.missing(location, needed);
    if (last && value.find("rule"))
      to_.add("rule", location, "the last variant is the default and has no rule");
    if (!last && !value.find("rule"))
      to_.add("rule", location, "only the last variant is without a rule");
    const Object none;
    const std::string where = below(location, "attributeValues");
    if (attributes && !to_.object(*attributes, where)) return;
    attribute_values(attributes ? *attributes->object() : none, where, defined, true);
  }

  void rule(const Value& value, const std::string& location) {
    if (!to_.text(value, location, 1, kMaxRuleLength)) return;
    if (!to_.affordable(location)) return;
    const auto parsed = Rule::parse(*value.string());
    if (!parsed.ok()) return to_.add("rule", location, parsed.error().message, *value.string());
    to_.spend(parsed->cost());
  }

  Findings to_{kMaxViolations};
  std::map<std::string, Attributes, std::less<>> flags_;
};

Error refused(std::vector<ErrorDetail> details) {
  Error error{Fault::invalid_argument,
              fmt::format("The feature flags are not valid: {} ({})", details.front().reason,
                          details.front().location)};
  error.fields.emplace_back("Reason", "InvalidConfiguration");
  error.details = std::move(details);
  return error;
}

Value without_stamps(const Value& value) {
  Object out;
  for (const auto& [name, member] : *value.object())
    if (name != kCreated && name != kUpdated) out.append_unchecked(name, member);
  return out;
}

std::string stamp_of(const Value* before, std::string_view name, const std::string& otherwise) {
  const Value* kept = before ? before->find(name) : nullptr;
  return kept && kept->string() ? *kept->string() : otherwise;
}

// The flags or the values of a document with their stamps.
Object stamped(const Object& all, const Value* before, const std::string& now) {
  // By name once, not by search for each: documents hold thousands of flags.
  std::map<std::string_view, const Value*> known;
  if (before && before->object())
    for (const auto& [key, value] : *before->object())
      if (value.object()) known.emplace(key, &value);
  Object out;
  for (const auto& [key, value] : all) {
    const auto found = known.find(key);
    const Value* old = found == known.end() ? nullptr : found->second;
    Value bare = without_stamps(value);
    const bool same = old && document::equal(bare, without_stamps(*old));
    Object& one = *bare.object();
    one.set(std::string(kCreated), stamp_of(old, kCreated, now));
    one.set(std::string(kUpdated), same ? stamp_of(old, kUpdated, now) : now);
    out.append_unchecked(key, std::move(bare));
  }
  return out;
}

}  // namespace

std::vector<ErrorDetail> violations(const Value& document) {
  return Checker().run(document);
}

Result<std::string> accept(std::string_view text, const std::optional<std::string>& previous,
                           Instant now) {
  auto parsed = document::parse_json(text);
  if (!parsed.ok()) return refused({{"parse", "#", parsed.error().message, "FEATURE_FLAGS", ""}});
  auto wrong = violations(*parsed);
  if (!wrong.empty()) return refused(std::move(wrong));
  Value before;
  if (previous) {
    // What was stored before was accepted; should it not be readable, everything counts as new.
    auto read = document::parse_json(*previous);
    if (read.ok()) before = std::move(*read);
  }
  Object out;
  for (const auto& [name, member] : *parsed->object()) {
    if (member.object())
      out.append_unchecked(name, stamped(*member.object(), before.find(name), iso8601(now)));
    else
      out.append_unchecked(name, member);
  }
  return document::to_json(std::move(out));
}

}  // namespace tidegate::appconfig::flags
