// Aliases: names for published versions, with a share of the invocations for a second one. On the
// control strand. Errors carry AWS's texts: not_found, conflict, invalid_parameter_value,
// invalid_request, precondition_failed.
#pragma once

#include "base/random.h"
#include "lambda/rows.h"

namespace tidegate::lambda {

struct AliasChange {
  std::optional<std::string> version, description, revision_id;
  std::optional<std::map<std::string, double>> weights;
};

struct AliasPage {
  std::vector<Alias> aliases;
  std::string next_marker;
};

class Aliases {
 public:
  Aliases(store::Store& store, Random& random) : store_(store), random_(random) {}

  Task<Alias> create(Scope scope, std::string function, Alias alias);
  Task<Alias> find(Scope scope, std::string function, std::string name);
  // Only what is given changes.
  Task<Alias> update(Scope scope, std::string function, std::string name, AliasChange change);
  // done when it is not there.
  Task<Unit> remove(Scope scope, std::string function, std::string name);
  // By name; `version` "" means all.
  Task<AliasPage> list(Scope scope, std::string function, std::string version, std::string marker,
                       std::size_t max_items);

 private:
  // Checks the routing and adds the versions' rows, so that none of them is deleted meanwhile.
  Task<Unit> hold_versions(store::Txn& txn, Scope scope, std::string function, Alias alias);

  store::Store& store_;
  Random& random_;
};

}  // namespace tidegate::lambda
