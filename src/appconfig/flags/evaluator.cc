#include "appconfig/flags/evaluator.h"

#include <fmt/format.h>

#include "appconfig/flags/retrieval.h"

namespace tidegate::appconfig::flags {

using document::Object;
using document::Value;

namespace {

const Error kUnreadable{Fault::internal, "a deployed document of feature flags cannot be read"};

}  // namespace

Result<std::vector<FlagSet::Choice>> FlagSet::choices(const Value& flag) {
  if (!flag.object()) return kUnreadable;
  std::vector<Choice> out;
  const Value* variants = flag.find("_variants");
  if (!variants) {
    out.push_back({std::nullopt, document::to_json(visible_value(flag))});
    return out;
  }
  if (!variants->array() || variants->array()->empty()) return kUnreadable;
  for (const Value& variant : *variants->array()) {
    const Value* name = variant.find("name");
    const Value* rule = variant.find("rule");
    if (!name || !name->string() || (rule && !rule->string())) return kUnreadable;
    Object shown;
    shown.set("_variant", *name);
    for (const auto& [member, value] : visible_variant(variant))
      shown.append_unchecked(member, value);
    Choice choice{std::nullopt, document::to_json(std::move(shown))};
    if (rule) {
      TRY(choice.rule, Rule::parse(*rule->string()));
    }
    out.push_back(std::move(choice));
  }
  return out;
}

Result<std::shared_ptr<const FlagSet>> FlagSet::read(std::string_view stored) {
  auto parsed = document::parse_json(stored);
  if (!parsed.ok() || !parsed->object()) return kUnreadable;
  auto out = std::make_shared<FlagSet>();
  const Value* values = parsed->find("values");
  if (values && values->object())
    for (const auto& [key, flag] : *values->object()) {
      TRY(out->flags_[key], choices(flag));
    }
  return std::shared_ptr<const FlagSet>(std::move(out));
}

std::optional<std::string> FlagSet::one(std::string_view key, const Context& context,
                                        std::string_view profile_id) const {
  const auto found = flags_.find(key);
  if (found == flags_.end()) return std::nullopt;
  const std::string salt = fmt::format("{}/{}", profile_id, key);
  for (const Choice& choice : found->second)
    if (!choice.rule || choice.rule->holds(context, salt)) return choice.json;
  return std::nullopt;
}

std::string FlagSet::many(const std::vector<std::string>& keys, const Context& context,
                          std::string_view profile_id) const {
  std::string out = "{";
  const auto add = [&](const std::string& key) {
    const auto json = one(key, context, profile_id);
    if (!json) return;
    if (out.size() > 1) out += ',';
    document::append_json_string(out, key);
    out += ':' + *json;
  };
  for (const std::string& key : keys) add(key);
  if (keys.empty())
    for (const auto& [key, choices] : flags_) add(key);
  return out + "}";
}

}  // namespace tidegate::appconfig::flags
