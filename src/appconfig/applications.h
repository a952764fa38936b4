// Applications: the folders that environments and configuration profiles stand in. Looked up by id,
// then by name. On the control strand. Errors: not_found, quota_exceeded, invalid_argument.
#pragma once

#include "appconfig/records.h"

namespace tidegate::appconfig {

struct ApplicationChange {
  std::optional<std::string> name, description;
};

class Applications {
 public:
  static constexpr std::size_t kQuota = 100;
  Applications(store::Store& store, Random& random) : store_(store), random_(random) {}

  Task<Application> create(Scope scope, Application application);
  Task<Application> find(Scope scope, std::string identifier);
  Task<Page<Application>> list(Scope scope, PageRequest request);
  Task<Application> update(Scope scope, std::string identifier, ApplicationChange change);
  // Refused while environments or profiles exist.
  Task<Unit> remove(Scope scope, std::string identifier);

 private:
  store::Store& store_;
  Random& random_;
};

}  // namespace tidegate::appconfig
