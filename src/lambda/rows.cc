#include "lambda/rows.h"

#include <fmt/format.h>

#include <charconv>

#include "base/bytes.h"

namespace tidegate::lambda {

std::string function_row(const Scope& scope, const std::string& name) {
  return key_prefix(scope, "fn") + name;
}

std::string parts_of_functions(const Scope& scope) {
  return key_prefix(scope, "fn-part");
}

std::string parts_of_function(const Scope& scope, const Function& latest) {
  // No id is a name with a colon.
  const std::string id = latest.id.empty() ? ":" + latest.name : latest.id;
  return parts_of_functions(scope) + id + "/";
}

std::string versions_prefix(const Scope& scope, const Function& latest) {
  return parts_of_function(scope, latest) + "v/";
}

std::string version_row(const Scope& scope, const Function& latest, std::int64_t number) {
  return versions_prefix(scope, latest) + store::ordered_number(static_cast<std::uint64_t>(number));
}

std::string aliases_prefix(const Scope& scope, const Function& latest) {
  return parts_of_function(scope, latest) + "a/";
}

std::string alias_row(const Scope& scope, const Function& latest, const std::string& name) {
  return aliases_prefix(scope, latest) + name;
}

std::string policy_row(const Scope& scope, const Function& latest,
                       const std::optional<std::string>& qualifier) {
  if (!qualifier || *qualifier == kLatest) return key_prefix(scope, "fn-policy") + latest.name;
  return parts_of_function(scope, latest) + "p/" + *qualifier;
}

std::string event_configs_prefix(const Scope& scope, const Function& latest) {
  return parts_of_function(scope, latest) + "e/";
}

std::string event_config_row(const Scope& scope, const Function& latest,
                             const std::string& qualifier) {
  if (qualifier == kLatest) return key_prefix(scope, "fn-event") + latest.name;
  return event_configs_prefix(scope, latest) + qualifier;
}

std::optional<std::int64_t> version_number(std::string_view qualifier) {
  std::int64_t n = 0;
  const char* end = qualifier.data() + qualifier.size();
  const auto [stop, error] = std::from_chars(qualifier.data(), end, n);
  if (error != std::errc() || stop != end || n < 0) return std::nullopt;
  return n;
}

bool is_alias_name(std::string_view qualifier) {
  return is_word(qualifier, 128) &&
         qualifier.find_first_not_of("0123456789") != std::string_view::npos;
}

const std::string& Target::revision_id() const {
  if (version) return version->revision_id;
  return alias ? alias->revision_id : latest.revision_id;
}

std::string Target::renewed(const std::string& revision_id) const {
  if (alias) {
    Alias next = *alias;
    next.revision_id = revision_id;
    return store::encode(next);
  }
  Function next = latest;
  if (version) {
    auto stored = store::decode<Function>(kv.value);
    CHECK(stored.ok());  // it was read from these bytes
    next = std::move(*stored);
  }
  next.revision_id = revision_id;
  return store::encode(next);
}

Function version_of(const Function& latest, Function version) {
  version.id = latest.id;
  version.tags = latest.tags;
  version.reserved = latest.reserved;
  version.recursive_loop = latest.recursive_loop;
  return version;
}

Task<Target> find_target(store::Store& store, Scope scope, FunctionRef ref) {
  CO_TRY(auto kv, co_await store.get(function_row(scope, ref.name)));
  if (!kv) co_return function_not_found(scope, ref);
  Target target;
  CO_TRY(target.latest, store::decode<Function>(kv->value));
  target.latest_kv = *kv;
  target.kv = std::move(*kv);
  if (!ref.qualifier || *ref.qualifier == kLatest) co_return target;
  const auto number = version_number(*ref.qualifier);
  if (!number && !is_alias_name(*ref.qualifier)) co_return function_not_found(scope, ref);
  const std::string key = number ? version_row(scope, target.latest, *number)
                                 : alias_row(scope, target.latest, *ref.qualifier);
  CO_TRY(auto part, co_await store.get(key));
  if (!part) co_return function_not_found(scope, ref);
  if (number) {
    CO_TRY(Function version, store::decode<Function>(part->value));
    target.version = version_of(target.latest, std::move(version));
  } else {
    CO_TRY(target.alias, store::decode<Alias>(part->value));
  }
  target.kv = std::move(*part);
  co_return target;
}

Error qualifier_not_found(const Scope& scope, const FunctionRef& ref) {
  if (!ref.qualifier || !is_alias_name(*ref.qualifier)) return function_not_found(scope, ref);
  return Error{Fault::not_found, fmt::format("Cannot find alias arn: {}:{}",
                                             function_arn(scope, ref.name), *ref.qualifier)};
}

Error stale_revision(std::string_view api) {
  return Error{Fault::precondition_failed,
               fmt::format("The Revision Id provided does not match the latest Revision Id. Call "
                           "the {} API to retrieve the latest Revision Id",
                           api)};
}

Error bad_marker() {
  return Error{Fault::invalid_parameter_value, "The value of Marker is not valid."};
}

Result<std::string> word_of_marker(const std::string& marker) {
  auto word = from_base64url(marker);
  if (!word || (*word != kLatest && !is_word(*word, 140))) return bad_marker();
  return std::move(*word);
}

}  // namespace tidegate::lambda
