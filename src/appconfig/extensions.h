// Extensions: what runs beside AppConfig's own work: at each action point one action, which is a
// function or a webhook. An extension has versions, numbered from 1 and never reused; its name is
// unique in the account. Looked up by id, name or ARN (which says the version, too). Extensions
// that AWS wrote are not here: what they deliver to (SQS, SNS, EventBridge, Jira) is not either,
// and an action that points there is refused.
// On the control strand. Errors: not_found, conflict (name, version), quota_exceeded,
// invalid_argument. Source: contract on AppConfig, sections 2, 3 and 11.
#pragma once

#include "appconfig/ports.h"
#include "appconfig/records.h"

namespace tidegate::appconfig {

std::string_view to_string(ActionPoint);  // "ON_DEPLOYMENT_START"
std::optional<ActionPoint> action_point(std::string_view name);
// The action of an extension at that point; null when it has none.
const Action* action_at(const Actions&, ActionPoint);

bool is_webhook(std::string_view uri);

struct NewExtension {
  std::string name;
  std::optional<std::string> description;
  Actions actions;
  std::map<std::string, Parameter> parameters;
  Tags tags;
  std::optional<std::int64_t> latest_version_number;  // given for a new version of a known name
};
struct ExtensionChange {
  std::optional<std::string> description;
  std::optional<Actions> actions;
  std::optional<std::map<std::string, Parameter>> parameters;
};

// One row for each name: holds the numbering, and guards that a name is one extension's.
struct ExtensionName {
  std::string id;
  std::uint64_t last = 0;      // the number given last
  std::uint32_t versions = 0;  // that there are
};

class Extensions {
 public:
  static constexpr std::size_t kQuota = 100;         // names in an account
  static constexpr std::size_t kVersionQuota = 100;  // of one of them
  // Without `webhooks`, actions are functions only.
  Extensions(store::Store& store, Random& random, WebhookCaller* webhooks)
      : store_(store), random_(random), webhooks_(webhooks) {}

  Task<Extension> create(Scope scope, NewExtension extension);
  // Without a version: the highest one.
  Task<Extension> find(Scope scope, std::string identifier, std::optional<std::int64_t> version);
  // The same, to be changed together with something else.
  Task<Stored<Extension>> find_stored(Scope scope, std::string identifier,
                                      std::optional<std::int64_t> version);
  // The id that an identifier stands for; nullopt when there is no such extension. An ARN's version
  // is put into `version`, and contradicts another one there with invalid_argument.
  Task<std::optional<std::string>> resolve(Scope scope, std::string identifier,
                                           std::optional<std::int64_t>& version);
  Task<Page<Extension>> list(Scope scope, std::optional<std::string> name, PageRequest request);
  Task<Extension> update(Scope scope, std::string identifier, std::optional<std::int64_t> version,
                         ExtensionChange change);
  // Refused while a resource is associated with that version.
  Task<Unit> remove(Scope scope, std::string identifier, std::optional<std::int64_t> version);

 private:
  Status check_actions(const Actions& actions) const;
  Status check_target(std::string_view point, const std::string& uri) const;
  Task<Extension> create_once(Scope scope, const NewExtension& extension);

  store::Store& store_;
  Random& random_;
  WebhookCaller* webhooks_;
};

std::string extension_arn(const Scope&, const std::string& id, std::uint64_t version);

}  // namespace tidegate::appconfig

namespace tidegate::store {
template <>
struct record_of<appconfig::ExtensionName> {
  using R = appconfig::ExtensionName;
  static constexpr auto fields =
      std::tuple{field(1, &R::id), field(2, &R::last), field(3, &R::versions)};
};
}  // namespace tidegate::store
