#include "lambda/aliases.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"

namespace tidegate::lambda {
namespace {

// As AWS shows a map: {2=0.5}
std::string shown(const std::map<std::string, double>& weights) {
  std::vector<std::string> items;
  for (const auto& [version, weight] : weights) {
    std::string number = fmt::format("{}", weight);
    if (number.find_first_of(".e") == std::string::npos) number += ".0";
    items.push_back(version + "=" + number);
  }
  return fmt::format("{{{}}}", fmt::join(items, ", "));
}

Status check_routing(const Alias& alias) {
  constexpr char kMember[] = "routingConfig.additionalVersionWeights";
  for (const auto& [version, weight] : alias.weights) {
    if (!version_number(version))
      return validation(shown(alias.weights), kMember,
                        "satisfy constraint: [Member must have length less than or equal to 1024, "
                        "Member must have length greater than or equal to 1, Member must satisfy "
                        "regular expression pattern: [0-9]+]",
                        "Map keys");
    if (!(weight >= 0.0 && weight <= 1.0))
      return validation(shown(alias.weights), kMember,
                        "satisfy constraint: [Member must have value less than or equal to 1.0, "
                        "Member must have value greater than or equal to 0.0, Member must not be "
                        "null]",
                        "Map value");
  }
  auto refuse = [](std::string text) {
    return Error{Fault::invalid_parameter_value, std::move(text)};
  };
  if (alias.weights.size() > 1)
    return refuse("Number of items in AdditionalVersionWeights cannot be greater than 1");
  if (alias.weights.empty()) return done;
  if (alias.version == kLatest)
    return refuse("$LATEST is not supported for an alias pointing to more than 1 version")
        .with("Untyped", "");
  if (alias.weights.contains(alias.version))
    return refuse(
        fmt::format("Invalid function version {0}. Function version {0} is already "
                    "included in routing configuration.",
                    alias.version));
  return done;
}

Status check_name(const std::string& name) {
  if (is_alias_name(name)) return done;
  return validation(name, "name",
                    "satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)");
}

Error no_such_function(const Scope& scope, const std::string& function,
                       const std::string& version) {
  return function_not_found(scope, FunctionRef{function, version});
}

}  // namespace

Task<Unit> Aliases::hold_versions(store::Txn& txn, Scope scope, std::string function, Alias alias) {
  CO_TRY(Unit good, check_routing(alias));
  (void)good;
  std::vector<std::string> versions{alias.version};
  for (const auto& [version, weight] : alias.weights) versions.push_back(version);
  for (const std::string& version : versions) {
    const FunctionRef ref{function, version};
    CO_TRY(Target target, co_await find_target(store_, scope, ref));
    if (target.alias) co_return no_such_function(scope, function, version);
    txn.guard(store::Guard::unchanged(target.kv));
    if (version != kLatest) txn.put(target.kv.key, target.kv.value);
  }
  co_return done;
}

Task<Alias> Aliases::create(Scope scope, std::string function, Alias alias) {
  CO_TRY(Unit named, check_name(alias.name));
  (void)named;
  const FunctionRef ref{function, std::nullopt};
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<Target> target = co_await find_target(store_, scope, ref);
    if (!target.ok() && target.fault() == Fault::not_found)
      co_return no_such_function(scope, function, alias.version);
    if (!target.ok()) co_return std::move(target).error();
    const std::string key = alias_row(scope, target->latest, alias.name);
    alias.revision_id = random_.uuid();
    store::Txn txn;
    txn.put(key, store::encode(alias));  // first: what makes the transaction recognisable
    CO_TRY(Unit held, co_await hold_versions(txn, scope, function, alias));
    (void)held;
    CO_TRY(auto known, co_await store_.get(key));
    if (known)
      co_return Error{Fault::conflict, fmt::format("Alias already exists: {}:{}",
                                                   function_arn(scope, function), alias.name)};
    txn.guard(store::Guard::absent(key));
    Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
    if (made.ok()) co_return alias;
    if (made.fault() != Fault::guard_failed) co_return std::move(made).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Alias> Aliases::find(Scope scope, std::string function, std::string name) {
  CO_TRY(Unit named, check_name(name));
  (void)named;
  const FunctionRef ref{function, name};
  Result<Target> target = co_await find_target(store_, scope, ref);
  if (target.ok()) co_return std::move(*target->alias);
  if (target.fault() != Fault::not_found) co_return std::move(target).error();
  co_return Error{Fault::not_found,
                  fmt::format("Cannot find alias arn: {}", qualified_arn(scope, ref))};
}

Task<Alias> Aliases::update(Scope scope, std::string function, std::string name,
                            AliasChange change) {
  CO_TRY(Unit named, check_name(name));
  (void)named;
  const FunctionRef ref{function, name};
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<Target> target = co_await find_target(store_, scope, ref);
    if (!target.ok() && target.fault() == Fault::not_found)
      co_return Error{Fault::not_found,
                      fmt::format("Alias not found: {}", qualified_arn(scope, ref))};
    if (!target.ok()) co_return std::move(target).error();
    Alias alias = *target->alias;
    if (change.revision_id && *change.revision_id != alias.revision_id)
      co_return stale_revision("GetFunction/GetAlias");
    if (change.version) alias.version = *change.version;
    if (change.description) alias.description = *change.description;
    if (change.weights) alias.weights = *change.weights;
    alias.revision_id = random_.uuid();
    store::Txn txn;
    txn.guard(store::Guard::unchanged(target->kv)).put(target->kv.key, store::encode(alias));
    CO_TRY(Unit held, co_await hold_versions(txn, scope, function, alias));
    (void)held;
    Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
    if (made.ok()) co_return alias;
    if (made.fault() != Fault::guard_failed) co_return std::move(made).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Unit> Aliases::remove(Scope scope, std::string function, std::string name) {
  CO_TRY(Unit named, check_name(name));
  (void)named;
  const FunctionRef whole{function, std::nullopt};
  CO_TRY(Target target, co_await find_target(store_, scope, whole));
  store::Txn txn;
  txn.erase(alias_row(scope, target.latest, name));
  txn.erase(policy_row(scope, target.latest, name));
  txn.erase(event_config_row(scope, target.latest, name));
  CO_TRY(store::Revision gone, co_await store_.commit(std::move(txn)));
  (void)gone;
  co_return done;
}

Task<AliasPage> Aliases::list(Scope scope, std::string function, std::string version,
                              std::string marker, std::size_t max_items) {
  const FunctionRef whole{function, std::nullopt};
  CO_TRY(Target target, co_await find_target(store_, scope, whole));
  store::Range range = store::Range::prefix(aliases_prefix(scope, target.latest), max_items + 1);
  if (!marker.empty()) {
    CO_TRY(std::string after, word_of_marker(marker));
    range.begin = alias_row(scope, target.latest, after) + '\0';
  }
  AliasPage out;
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Alias alias, store::decode<Alias>(kv.value));
      if (!version.empty() && alias.version != version && !alias.weights.contains(version))
        continue;
      if (out.aliases.size() == max_items) {
        out.next_marker = to_base64url(out.aliases.back().name);
        co_return out;
      }
      out.aliases.push_back(std::move(alias));
    }
    if (!page.more) co_return out;
    range.begin = page.items.back().key + '\0';
  }
}

}  // namespace tidegate::lambda
