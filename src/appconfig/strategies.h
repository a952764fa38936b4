// Deployment strategies: how fast a version grows and how long it bakes. Four are predefined and
// never change. On the control strand. Errors: not_found, quota_exceeded, invalid_argument.
#pragma once

#include "appconfig/records.h"

namespace tidegate::appconfig {

struct StrategyChange {
  std::optional<std::string> description;
  std::optional<std::int32_t> duration_minutes, bake_minutes;
  std::optional<double> growth_factor;
  std::optional<GrowthType> growth_type;
};

class Strategies {
 public:
  static constexpr std::size_t kQuota = 20;
  Strategies(store::Store& store, Random& random) : store_(store), random_(random) {}

  static const std::vector<Strategy>& predefined();
  Task<Strategy> create(Scope scope, Strategy strategy);
  Task<Strategy> find(Scope scope, std::string id);  // by id alone
  // The predefined ones come first.
  Task<Page<Strategy>> list(Scope scope, PageRequest request);
  Task<Strategy> update(Scope scope, std::string id, StrategyChange change);
  Task<Unit> remove(Scope scope, std::string id);

 private:
  store::Store& store_;
  Random& random_;
};

}  // namespace tidegate::appconfig
