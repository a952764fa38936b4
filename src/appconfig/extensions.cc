#include "appconfig/extensions.h"

#include "appconfig/keys.h"
#include "appconfig/resource.h"
#include "appconfig/tags.h"
#include "base/bytes.h"
#include "base/scope.h"

namespace tidegate::appconfig {
namespace {

// In the order of the enumerators.
constexpr std::string_view kPoints[] = {
    "PRE_CREATE_HOSTED_CONFIGURATION_VERSION",
    "PRE_START_DEPLOYMENT",
    "AT_DEPLOYMENT_TICK",
    "ON_DEPLOYMENT_START",
    "ON_DEPLOYMENT_STEP",
    "ON_DEPLOYMENT_BAKING",
    "ON_DEPLOYMENT_COMPLETE",
    "ON_DEPLOYMENT_ROLLED_BACK",
};

constexpr std::size_t kMaxPoints = 5;
constexpr std::size_t kMaxParameters = 10;

std::string versions_prefix(const Scope& scope, std::string_view id) {
  return row(scope, "ext", id) + "/";
}

bool is_name(std::string_view text) {
  return !text.empty() && count_code_points(text) <= 64 &&
         text.find_first_of("/#:\n") == std::string_view::npos;
}

// Names of parameters, and that a dynamic one is not required.
Status check_parameters(const std::map<std::string, Parameter>& parameters) {
  if (parameters.size() > kMaxParameters)
    return bad_request(fmt::format("An extension has at most {} parameters.", kMaxParameters));
  for (const auto& [name, parameter] : parameters) {
    if (!is_name(name))
      return bad_request(fmt::format(
          "The parameter name '{}' is not allowed: 1 to 64 characters without '/', '#', ':'.",
          name.substr(0, 256)));
    if (parameter.required && parameter.dynamic)
      return bad_request(
          fmt::format("The parameter {} is Dynamic and can therefore not be Required.", name));
  }
  return done;
}

}  // namespace

std::string_view to_string(ActionPoint point) {
  return kPoints[static_cast<std::size_t>(point)];
}

std::optional<ActionPoint> action_point(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kPoints); ++i)
    if (kPoints[i] == name) return static_cast<ActionPoint>(i);
  return std::nullopt;
}

const Action* action_at(const Actions& actions, ActionPoint point) {
  auto found = actions.find(std::string(to_string(point)));
  return found == actions.end() ? nullptr : &found->second;
}

bool is_webhook(std::string_view uri) {
  return uri.starts_with("https://") || uri.starts_with("http://") ||
         uri.starts_with("arn:tidegate:webhook:");
}

std::string extension_arn(const Scope& scope, const std::string& id, std::uint64_t version) {
  return arn(scope, "appconfig", fmt::format("extension/{}/{}", id, version));
}

// A function or a webhook that this server may call.
Status Extensions::check_target(std::string_view point, const std::string& uri) const {
  if (is_function_arn(uri)) return done;
  if (is_webhook(uri)) {
    std::optional<std::string> why = "this server sends no webhooks";
    if (webhooks_) why = webhooks_->why_not(uri);
    if (!why) return done;
    return bad_request(fmt::format("The Uri of the action at {}, '{}', cannot be used: {}.", point,
                                   uri.substr(0, 256), *why));
  }
  for (auto [part, what] : {std::pair{":sqs:", "an SQS queue"}, std::pair{":sns:", "an SNS topic"},
                            std::pair{":events:", "an EventBridge bus"}})
    if (uri.starts_with("arn:") && uri.find(part) != std::string::npos)
      return bad_request(fmt::format(
          "The Uri of the action at {} is {}, which this server does not deliver to. It delivers "
          "to functions (their ARN) and to webhooks (https://...).",
          point, what));
  return bad_request(fmt::format(
      "The Uri of the action at {} must be the ARN of a function or an http(s) URL, not '{}'.",
      point, uri.substr(0, 256)));
}

// Points, names, targets and roles.
Status Extensions::check_actions(const Actions& actions) const {
  if (actions.empty() || actions.size() > kMaxPoints)
    return bad_request(
        fmt::format("An extension has actions at 1 to {} action points.", kMaxPoints));
  for (const auto& [point, action] : actions) {
    if (!action_point(point))
      return bad_request(
          fmt::format("Value '{}' at 'actions' failed to satisfy constraint: Map keys must satisfy "
                      "enum value set: [{}]",
                      point.substr(0, 256), fmt::join(kPoints, ", ")));
    if (action.name.empty())
      return bad_request(fmt::format("The action at {} has no Name.", point));
    TRY(Unit reachable, check_target(point, action.uri));
    (void)reachable;
    if (action.role_arn && !is_role_arn(*action.role_arn))
      return no_role_arn(fmt::format("actions.{}.roleArn", point), *action.role_arn);
  }
  return done;
}

Task<Extension> Extensions::create(Scope scope, NewExtension extension) {
  CO_TRY(Unit tagged, check_tags(extension.tags));
  if (!is_name(extension.name))
    co_return bad_request(fmt::format(
        "The name '{}' of an extension is not allowed: 1 to 64 characters without '/', '#', ':'.",
        extension.name.substr(0, 256)));
  CO_TRY(Unit acts, check_actions(extension.actions));
  CO_TRY(Unit takes, check_parameters(extension.parameters));
  (void)tagged, (void)acts, (void)takes;
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<Extension> created = co_await create_once(scope, extension);
    if (created.ok() || created.fault() != Fault::guard_failed) co_return created;
  }
  co_return changed_meanwhile();
}

Task<Extension> Extensions::create_once(Scope scope, const NewExtension& extension) {
  const std::string name_key = row(scope, "extname", extension.name);
  CO_TRY(auto known, co_await load<ExtensionName>(store_, name_key));
  std::uint64_t highest = 0;
  if (known) {
    CO_TRY(auto newest,
           co_await load_last<Extension>(store_, versions_prefix(scope, known->record.id)));
    if (newest) highest = newest->record.version;
    if (known->record.versions >= kVersionQuota)
      co_return over_quota("versions of an extension", kVersionQuota);
  } else {
    CO_TRY(auto names, co_await load_all<ExtensionName>(store_, row(scope, "extname")));
    if (names.size() >= kQuota) co_return over_quota("extensions", kQuota);
  }
  if (known && !extension.latest_version_number)
    co_return Error{Fault::conflict,
                    fmt::format("An extension named {} exists. To create a new version of it, give "
                                "its newest version, {}, as LatestVersionNumber.",
                                extension.name, highest)};
  if (extension.latest_version_number &&
      *extension.latest_version_number != static_cast<std::int64_t>(highest))
    co_return Error{Fault::conflict,
                    fmt::format("LatestVersionNumber is {}, but the latest version is {}.",
                                *extension.latest_version_number, highest)};
  ExtensionName name;
  if (known) name = known->record;
  if (!known) name.id = make_id(random_);
  ++name.last;
  ++name.versions;
  Extension made;
  made.id = name.id;
  made.name = extension.name;
  made.version = name.last;
  made.description = extension.description;
  made.actions = extension.actions;
  made.parameters = extension.parameters;
  made.tags = extension.tags;
  const std::string key = extension_row(scope, made.id, made.version);
  store::Txn txn;
  txn.guard(store::Guard::absent(key));
  txn.guard(known ? store::Guard::unchanged(known->kv) : store::Guard::absent(name_key));
  txn.put(key, store::encode(made)).put(name_key, store::encode(name));
  CO_TRY(auto revision, co_await store::commit_recognisably(store_, std::move(txn)));
  (void)revision;
  co_return made;
}

Task<std::optional<std::string>> Extensions::resolve(Scope scope, std::string identifier,
                                                     std::optional<std::int64_t>& version) {
  if (identifier.starts_with("arn:")) {
    auto resource = resource_of(scope, identifier);
    if (!resource.ok() && resource.fault() != Fault::not_found)
      co_return std::move(resource).error();
    if (!resource.ok() || resource->kind != Resource::Kind::extension)
      co_return std::optional<std::string>{};
    const std::vector<std::string> parts = split(resource->path, '/');
    const std::int64_t said = std::strtoll(parts[2].c_str(), nullptr, 10);
    if (version && *version != said)
      co_return bad_request(fmt::format("The ARN {} is of version {}, not of version {}.",
                                        identifier, said, *version));
    version = said;
    co_return std::optional<std::string>(parts[1]);
  }
  CO_TRY(store::Page by_id,
         co_await store_.range(store::Range::prefix(versions_prefix(scope, identifier), 1)));
  if (!by_id.items.empty()) co_return std::optional<std::string>(identifier);
  CO_TRY(auto named, co_await load<ExtensionName>(store_, row(scope, "extname", identifier)));
  if (!named) co_return std::optional<std::string>{};
  co_return std::optional<std::string>(named->record.id);
}

Task<Stored<Extension>> Extensions::find_stored(Scope scope, std::string identifier,
                                                std::optional<std::int64_t> version) {
  CO_TRY(auto id, co_await resolve(scope, identifier, version));
  if (!id) co_return not_found("Extension", identifier);
  if (version) {
    std::optional<Stored<Extension>> found;
    if (*version > 0) {
      CO_TRY(found, co_await load<Extension>(
                        store_, extension_row(scope, *id, static_cast<std::uint64_t>(*version))));
    }
    if (!found)
      co_return not_found("Extension", fmt::format("{} version {}", identifier, *version));
    co_return std::move(*found);
  }
  CO_TRY(auto newest, co_await load_last<Extension>(store_, versions_prefix(scope, *id)));
  if (!newest) co_return not_found("Extension", identifier);
  co_return std::move(*newest);
}

Task<Extension> Extensions::find(Scope scope, std::string identifier,
                                 std::optional<std::int64_t> version) {
  CO_TRY(auto found, co_await find_stored(scope, identifier, version));
  co_return std::move(found.record);
}

Task<Page<Extension>> Extensions::list(Scope scope, std::optional<std::string> name,
                                       PageRequest request) {
  std::function<bool(const Extension&)> keep = nullptr;
  if (name) keep = [name](const Extension& e) { return e.name == *name; };
  auto loading = load_page<Extension>(store_, row(scope, "ext"), std::move(request), false, keep);
  Result<Page<Extension>> page = co_await std::move(loading);
  co_return page;
}

Task<Extension> Extensions::update(Scope scope, std::string identifier,
                                   std::optional<std::int64_t> version, ExtensionChange change) {
  if (change.actions) {
    CO_TRY(Unit acts, check_actions(*change.actions));
    (void)acts;
  }
  if (change.parameters) {
    CO_TRY(Unit takes, check_parameters(*change.parameters));
    (void)takes;
  }
  CO_TRY(Extension found, co_await find(scope, identifier, version));
  std::function<Status(Extension&)> apply = [change](Extension& e) -> Status {
    if (change.description) e.description = *change.description;
    if (change.actions) e.actions = *change.actions;
    if (change.parameters) e.parameters = *change.parameters;
    return done;
  };
  const std::string key = extension_row(scope, found.id, found.version);
  CO_TRY(auto changed, co_await modify(store_, key, apply));
  if (!changed) co_return not_found("Extension", identifier);
  co_return std::move(*changed);
}

Task<Unit> Extensions::remove(Scope scope, std::string identifier,
                              std::optional<std::int64_t> version) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto found, co_await find_stored(scope, identifier, version));
    if (found.record.associations > 0)
      co_return bad_request(fmt::format(
          "Extension {} version {} cannot be deleted: {} association{} of it exist{}. Delete {} "
          "first.",
          found.record.name, found.record.version, found.record.associations,
          found.record.associations == 1 ? "" : "s", found.record.associations == 1 ? "s" : "",
          found.record.associations == 1 ? "it" : "them"));
    const std::string name_key = row(scope, "extname", found.record.name);
    CO_TRY(auto name, co_await load<ExtensionName>(store_, name_key));
    if (!name) continue;  // the last version went meanwhile
    store::Txn txn;
    txn.guard(store::Guard::unchanged(found.kv)).guard(store::Guard::unchanged(name->kv));
    if (--name->record.versions == 0)
      txn.erase(name_key);
    else
      txn.put(name_key, store::encode(name->record));
    txn.erase(found.kv.key);
    Result<store::Revision> gone = co_await store_.commit(std::move(txn));
    if (gone.ok()) co_return done;
    if (gone.fault() != Fault::guard_failed) co_return std::move(gone).error();
  }
  co_return changed_meanwhile();
}

}  // namespace tidegate::appconfig
