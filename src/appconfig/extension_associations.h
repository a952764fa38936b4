// Extension associations: which extension, at which version and with which parameters, acts for an
// application, an environment or a configuration profile. They go with their resource; an extension
// with associations stays. Those of one resource are bounded (kQuota), so that what acts on one
// deployment is.
// On the control strand. Errors: not_found, quota_exceeded, conflict, invalid_argument.
#pragma once

#include "appconfig/extensions.h"
#include "appconfig/resource.h"

namespace tidegate::appconfig {

struct NewAssociation {
  std::string extension;  // id, name or ARN
  std::optional<std::int64_t> extension_version;
  std::string resource_arn;
  ParameterValues parameters;
  Tags tags;
};
struct AssociationFilter {
  std::optional<std::string> resource_arn, extension;
  std::optional<std::int64_t> extension_version;
};

// The ids of a resource's associations, oldest first; no row when there are none.
struct AssociationsOf {
  std::vector<std::string> ids;
};

class ExtensionAssociations {
 public:
  static constexpr std::size_t kQuota = 10;  // of one resource
  ExtensionAssociations(store::Store& store, Random& random, Extensions& extensions)
      : store_(store), random_(random), extensions_(extensions) {}

  Task<ExtensionAssociation> create(Scope scope, NewAssociation association);
  Task<ExtensionAssociation> find(Scope scope, std::string id);
  Task<Page<ExtensionAssociation>> list(Scope scope, AssociationFilter filter, PageRequest request);
  Task<ExtensionAssociation> update(Scope scope, std::string id,
                                    std::optional<ParameterValues> parameters);
  Task<Unit> remove(Scope scope, std::string id);

  // What acts for resources, by their paths: in that order, and each one's oldest first.
  Task<std::vector<AppliedExtension>> applied(Scope scope, std::vector<std::string> paths);

 private:
  Task<ExtensionAssociation> create_once(Scope scope, const NewAssociation& association,
                                         const Resource& resource);

  store::Store& store_;
  Random& random_;
  Extensions& extensions_;
};

// Adds the end of a resource's associations to the transaction that deletes the resource.
Task<Unit> end_associations(store::Store& store, Scope scope, std::string resource_path,
                            store::Txn& txn);

// Parameters that StartDeployment brings ("extension#parameter"): laid over those of the applied
// extensions, or refused: no such extension or parameter here, or one that is not dynamic.
Task<Unit> overlay(Extensions& extensions, Scope scope, ParameterValues dynamic,
                   std::vector<AppliedExtension>& applied);

}  // namespace tidegate::appconfig

namespace tidegate::store {
template <>
struct record_of<appconfig::AssociationsOf> {
  using R = appconfig::AssociationsOf;
  static constexpr auto fields = std::tuple{field(1, &R::ids)};
};
}  // namespace tidegate::store
