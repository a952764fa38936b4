// Configuration profiles: where a configuration comes from and what judges it. On the control
// strand. Errors: not_found, quota_exceeded, invalid_argument (a bad location or validator; the
// text names it), not_implemented (stores other than S3 and hosted).
#pragma once

#include "appconfig/applications.h"
#include "appconfig/content.h"
#include "base/scheduler.h"

namespace tidegate::appconfig {

inline constexpr std::string_view kHosted = "hosted";
inline constexpr std::string_view kFreeform = "AWS.Freeform";

struct ProfileChange {
  std::optional<std::string> name, description, retrieval_role_arn;
  std::optional<std::vector<Validator>> validators;
  std::optional<std::string> kms_key_identifier;  // "" clears
};

class Profiles {
 public:
  static constexpr std::size_t kQuota = 100;
  Profiles(store::Store& store, Random& random, const Clock& domain, Applications& applications,
           Contents& contents)
      : store_(store),
        random_(random),
        domain_(domain),
        applications_(applications),
        contents_(contents) {}

  Task<Profile> create(Scope scope, std::string application, Profile profile);
  Task<Profile> find(Scope scope, std::string application, std::string identifier);
  Task<Page<Profile>> list(Scope scope, std::string application, std::optional<std::string> type,
                           PageRequest request);
  Task<Profile> update(Scope scope, std::string application, std::string identifier,
                       ProfileChange change);
  // Refused while hosted versions exist or it is being deployed (conflict). What was deployed from
  // it is no longer served, and its copies are erased.
  Task<Unit> remove(Scope scope, std::string application, std::string identifier);

 private:
  store::Store& store_;
  Random& random_;
  const Clock& domain_;
  Applications& applications_;
  Contents& contents_;
};

}  // namespace tidegate::appconfig
