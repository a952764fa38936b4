// Tags of applications, environments, profiles, strategies, deployments, extensions and their
// associations, by the resource's ARN. They stand in the resource's own record. On the control
// strand. Errors: not_found, invalid_argument (no such kind of ARN, too many tags, a reserved or
// too long key).
#pragma once

#include "appconfig/records.h"

namespace tidegate::appconfig {

class TagsOfResources {
 public:
  explicit TagsOfResources(store::Store& store) : store_(store) {}
  Task<Tags> list(Scope scope, std::string arn);
  Task<Unit> add(Scope scope, std::string arn, Tags tags);
  Task<Unit> remove(Scope scope, std::string arn, std::vector<std::string> keys);

 private:
  Task<Tags> change(Scope scope, std::string arn, std::function<Status(Tags&)> apply);
  store::Store& store_;
};

Status check_tags(const Tags&);

}  // namespace tidegate::appconfig
