// Where AppConfig's records stand in the store, below a/<account>/<region>/ac/:
//
//   app/<application>                             Application
//   env/<application>/<environment>               Environment
//   prof/<application>/<profile>                  Profile
//   strat/<strategy>                              Strategy
//   ver/<application>/<profile>/<number>          HostedVersion
//   vercount/<application>/<profile>              VersionCounter
//   dep/<application>/<environment>/<number>      Deployment
//   depcount/<application>/<environment>          DeploymentCounter: guards "one at a time"
//   served/<application>/<environment>/<profile>  Served: what the data plane follows
//   ext/<extension>/<version>                     Extension
//   extname/<name>                                ExtensionName: names are unique
//   assoc/<association>                           ExtensionAssociation
//   assocsof/application/…                        AssociationsOf: those of one resource
//   applied/<application>/<environment>/<number>/<n>     AppliedExtension of a deployment
//   invoked/<application>/<environment>/<number>/<event>/<point>/<n>  ActionInvocation
//   following/<application>/<environment>/<number>  Following: actions are due yet
//   content/<id>                                  bytes of a small content
//   settings/account                              AccountSettings
//
// and g/ac/token-key, the key that seals session tokens. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/scope.h"
#include "store/store.h"

namespace tidegate::appconfig {

inline constexpr std::string_view kKind = "ac";
inline constexpr std::string_view kTokenKeyRow = "g/ac/token-key";

inline std::string row(const Scope& scope, std::string_view table) {
  return key_prefix(scope, kKind) + std::string(table) + "/";
}
inline std::string row(const Scope& scope, std::string_view table, std::string_view a) {
  return row(scope, table) + std::string(a);
}
inline std::string row(const Scope& scope, std::string_view table, std::string_view a,
                       std::string_view b) {
  return row(scope, table, a) + "/" + std::string(b);
}
inline std::string row(const Scope& scope, std::string_view table, std::string_view a,
                       std::string_view b, std::string_view c) {
  return row(scope, table, a, b) + "/" + std::string(c);
}
inline std::string version_row(const Scope& scope, std::string_view application,
                               std::string_view profile, std::uint64_t number) {
  return row(scope, "ver", application, profile, store::ordered_number(number));
}
// Of a deployment, in table "dep", "applied", "invoked" or "following".
inline std::string deployment_row(const Scope& scope, std::string_view application,
                                  std::string_view environment, std::uint64_t number,
                                  std::string_view table = "dep") {
  return row(scope, table, application, environment, store::ordered_number(number));
}
inline std::string extension_row(const Scope& scope, std::string_view id, std::uint64_t version) {
  return row(scope, "ext", id, store::ordered_number(version));
}

}  // namespace tidegate::appconfig
