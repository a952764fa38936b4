// Rows: the store's keys of a function and of what belongs to it, and the row behind a reference.
// What belongs to a function (versions, aliases, their policies and event configurations) stands
// under the function's own id, not under its name: when the function goes, all of it is out of
// reach at once, and is swept away later; a later function of that name inherits nothing.
#pragma once

#include "base/task.h"
#include "lambda/names.h"
#include "store/store.h"

namespace tidegate::lambda {

std::string function_row(const Scope&, const std::string& name);
// The front of all that belongs to a function, and the front of all of those.
std::string parts_of_function(const Scope&, const Function& latest);
std::string parts_of_functions(const Scope&);
std::string version_row(const Scope&, const Function& latest, std::int64_t number);
std::string versions_prefix(const Scope&, const Function& latest);
std::string alias_row(const Scope&, const Function& latest, const std::string& name);
std::string aliases_prefix(const Scope&, const Function& latest);
// Of the function itself when there is no qualifier (a policy), or $LATEST (an event config).
std::string policy_row(const Scope&, const Function& latest,
                       const std::optional<std::string>& qualifier);
std::string event_config_row(const Scope&, const Function& latest, const std::string& qualifier);
std::string event_configs_prefix(const Scope&, const Function& latest);

// "12" → 12; nullopt when a qualifier is no version's number.
std::optional<std::int64_t> version_number(std::string_view qualifier);
bool is_alias_name(std::string_view qualifier);

// What a reference leads to. `kv` is the row that carries the revision id: of the function, of the
// version or of the alias.
struct Target {
  Function latest;
  store::Kv latest_kv;
  store::Kv kv;
  std::optional<Function> version;  // the qualifier is a number
  std::optional<Alias> alias;       // the qualifier is an alias
  const std::string& revision_id() const;
  // The row with another revision id.
  std::string renewed(const std::string& revision_id) const;
};
// not_found: function_not_found().
Task<Target> find_target(store::Store& store, Scope scope, FunctionRef ref);

// A published version with what only $LATEST's record carries.
Function version_of(const Function& latest, Function version);

// "Cannot find alias arn: …" for what could be an alias, else function_not_found().
Error qualifier_not_found(const Scope&, const FunctionRef&);
Error stale_revision(std::string_view api);

// Of a list's pages. A marker is the base64 of the word (or $LATEST) that was shown last.
Error bad_marker();
Result<std::string> word_of_marker(const std::string& marker);

}  // namespace tidegate::lambda
