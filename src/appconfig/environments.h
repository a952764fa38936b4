// Environments: where deployments go. Their State follows from the newest deployment and the time
// (Deployments says it); here stand name, description and monitors. On the control strand.
// Errors: not_found, quota_exceeded, conflict, invalid_argument.
#pragma once

#include "appconfig/applications.h"
#include "appconfig/content.h"
#include "base/scheduler.h"

namespace tidegate::appconfig {

struct EnvironmentChange {
  std::optional<std::string> name, description;
  std::optional<std::vector<Monitor>> monitors;
};

class Environments {
 public:
  static constexpr std::size_t kQuota = 20;
  Environments(store::Store& store, Random& random, const Clock& domain, Applications& applications,
               Contents& contents)
      : store_(store),
        random_(random),
        domain_(domain),
        applications_(applications),
        contents_(contents) {}

  Task<Environment> create(Scope scope, std::string application, Environment environment);
  Task<Environment> find(Scope scope, std::string application, std::string identifier);
  Task<Page<Environment>> list(Scope scope, std::string application, PageRequest request);
  Task<Environment> update(Scope scope, std::string application, std::string identifier,
                           EnvironmentChange change);
  // Takes deployments and what was served with it, also a deployment in progress: what tears a
  // stack down right after it was put up does not wait, and AWS lets it.
  Task<Unit> remove(Scope scope, std::string application, std::string identifier);

 private:
  store::Store& store_;
  Random& random_;
  const Clock& domain_;
  Applications& applications_;
  Contents& contents_;
};

}  // namespace tidegate::appconfig
