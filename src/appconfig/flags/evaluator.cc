#include "appconfig/flags/evaluator.h"

#include <fmt/format.h>

#include "appconfig/flags/retrieval.h"

namespace tidegate::appconfig::flags {

using document::Object;
using document::Value;

namespace {

const Error kUnreadable{Fault::internal, "a deployed document of feature flags cannot be read"};

// A quoted symbol or a long string of Ion. Control characters are escaped already (JSON) or by
// their code.
void append_quoted(std::string& out, std::string_view text, std::string_view quote) {
  out += quote;
  for (char c : text) {
    if (c == '\'' || c == '\\')
      out += '\\', out += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  out += quote;
}

}  // namespace

Result<std::vector<FlagSet::Choice>> FlagSet::choices(const Value& flag) {
  if (!flag.object()) return kUnreadable;
  std::vector<Choice> out;
  const Value* variants = flag.find("_variants");
  if (!variants) {
    out.push_back({"", std::nullopt, document::to_json(visible_value(flag))});
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
    Choice choice{*name->string(), std::nullopt, document::to_json(std::move(shown))};
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
  out->write_ion();
  return std::shared_ptr<const FlagSet>(std::move(out));
}

// A flag with variants is a list, annotated with its key: of each variant, under its name, a list
// of its rule and its JSON; then the default's JSON. Any other is its JSON, annotated.
void FlagSet::write_ion() {
  std::string out;
  bool variants = false;
  for (const auto& [key, choices] : flags_) {
    append_quoted(out, key, "'");
    out += "::";
    if (choices.front().variant.empty()) {
      append_quoted(out, choices.front().json, "'''");
      out += '\n';
      continue;
    }
    variants = true;
    out += '[';
    for (const Choice& choice : choices) {
      if (choice.rule) {
        append_quoted(out, choice.variant, "'");
        out += "::[" + choice.rule->ion() + ", ";
        append_quoted(out, choice.json, "'''");
        out += "], ";
      } else {
        append_quoted(out, choice.json, "'''");
        break;
      }
    }
    out += "]\n";
  }
  if (variants) ion_ = std::make_shared<const std::string>(std::move(out));
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
