// Hosted configuration versions: contents that AppConfig stores itself, numbered from 1 in each
// profile. A number is never given twice, also after a deletion. On the control strand.
// Versions of a feature-flag profile are checked when they are created, and stamped (flags/).
// All versions of an account and region together have a quota of bytes: they are counted once, at
// the first change, and followed in memory from then on.
// Errors: not_found, conflict (number or label), too_large, quota_exceeded, invalid_argument.
#pragma once

#include "appconfig/actions.h"
#include "appconfig/content.h"
#include "appconfig/extension_associations.h"
#include "appconfig/profiles.h"
#include "base/scheduler.h"

namespace tidegate::appconfig {

struct NewHostedVersion {
  std::string content, content_type;
  std::optional<std::string> description, label;
  std::optional<std::int64_t> latest_version_number;  // optimistic lock; 0 means "none yet"
  int depth = 0;  // function calls that this request is nested in, against loops
};

class HostedVersions {
 public:
  HostedVersions(store::Store& store, Applications& applications, Profiles& profiles,
                 Contents& contents, ExtensionAssociations& associations, ActionRunner& actions,
                 const Clock& domain, std::size_t max_content, std::uint64_t max_together)
      : store_(store),
        applications_(applications),
        profiles_(profiles),
        contents_(contents),
        associations_(associations),
        actions_(actions),
        domain_(domain),
        max_content_(max_content),
        max_together_(max_together) {}

  // What is stored of feature flags is not quite what was sent: read it by content().
  Task<HostedVersion> create(Scope scope, std::string application, std::string profile,
                             NewHostedVersion version);
  Task<HostedVersion> find(Scope scope, std::string application, std::string profile,
                           std::uint64_t number);
  // By number or label, of a profile that is known.
  Task<HostedVersion> find_by_text(Scope scope, Profile profile, std::string number_or_label);
  Task<std::shared_ptr<const std::string>> content(Scope scope, HostedVersion version);
  // Newest first; `label` exact, or a prefix when it ends in '*'.
  Task<Page<HostedVersion>> list(Scope scope, std::string application, std::string profile,
                                 std::optional<std::string> label, PageRequest request);
  Task<Unit> remove(Scope scope, std::string application, std::string profile,
                    std::uint64_t number);

 private:
  Task<HostedVersion> create_once(Scope scope, Profile profile, const NewHostedVersion& version);
  // The optimistic lock and the label.
  Task<Unit> admit(Scope scope, Profile profile, const NewHostedVersion& version);
  // Lets extensions at work on what is to be stored.
  Task<Unit> prepare(Scope scope, Profile profile, NewHostedVersion& version);
  Status check_content(const Profile& profile, const NewHostedVersion& version) const;
  // The bytes of all versions of a scope; the pointer stays.
  Task<std::uint64_t*> together(Scope scope);
  Task<std::string> flags_to_store(Scope scope, Profile profile, std::string sent);

  store::Store& store_;
  Applications& applications_;
  Profiles& profiles_;
  Contents& contents_;
  ExtensionAssociations& associations_;
  ActionRunner& actions_;
  const Clock& domain_;
  std::size_t max_content_;
  std::uint64_t max_together_;
  std::map<Scope, std::uint64_t> together_;
};

// 413 with Measure, Limit and Size.
Error too_large_content(std::size_t size, std::size_t limit);

}  // namespace tidegate::appconfig
