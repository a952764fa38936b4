#include "appconfig/extension_associations.h"

#include <algorithm>

#include "appconfig/keys.h"
#include "appconfig/tags.h"

namespace tidegate::appconfig {
namespace {

constexpr std::size_t kMaxValues = 10;
// A record of the store holds them all.
constexpr std::size_t kMaxValueBytes = 32 * 1024;

std::string list_row(const Scope& scope, std::string_view path) {
  return row(scope, "assocsof", path);
}

bool fits_parameter(const std::string& value) {
  return !value.empty() && count_code_points(value) <= 2048;
}

Status check_values(const Extension& extension, const ParameterValues& values) {
  if (values.size() > kMaxValues)
    return bad_request(fmt::format("An association has at most {} parameters.", kMaxValues));
  std::size_t bytes = 0;
  for (const auto& [name, value] : values) {
    if (!extension.parameters.count(name))
      return bad_request(fmt::format("Extension {} version {} has no parameter '{}'.",
                                     extension.name, extension.version, name.substr(0, 256)));
    if (!fits_parameter(value))
      return bad_request(
          fmt::format("The value of the parameter {} must have 1 to 2048 characters.", name));
    bytes += name.size() + value.size();
  }
  if (bytes > kMaxValueBytes)
    return bad_request(
        fmt::format("The parameters of an association have at most {} bytes.", kMaxValueBytes));
  for (const auto& [name, parameter] : extension.parameters)
    if (parameter.required && !values.count(name))
      return bad_request(
          fmt::format("The parameter {} of extension {} is required.", name, extension.name));
  return done;
}

Status check_kind(const Resource& resource, const std::string& arn) {
  using Kind = Resource::Kind;
  if (resource.kind == Kind::application || resource.kind == Kind::environment ||
      resource.kind == Kind::profile)
    return done;
  return bad_request(fmt::format(
      "An extension is associated with an application, an environment or a configuration profile, "
      "not with {}.",
      arn.substr(0, 256)));
}

// One association fewer for each of these; `less` by the extension's row.
Task<Unit> count_down(store::Store& store, std::map<std::string, std::uint32_t> less,
                      store::Txn& txn) {
  for (const auto& [key, n] : less) {
    CO_TRY(auto extension, co_await load<Extension>(store, key));
    if (!extension) continue;
    extension->record.associations -= std::min(extension->record.associations, n);
    txn.guard(store::Guard::unchanged(extension->kv));
    txn.put(key, store::encode(extension->record));
  }
  co_return done;
}

}  // namespace

Task<ExtensionAssociation> ExtensionAssociations::create(Scope scope, NewAssociation association) {
  CO_TRY(Unit tagged, check_tags(association.tags));
  (void)tagged;
  CO_TRY(Resource resource, resource_of(scope, association.resource_arn));
  CO_TRY(Unit fits, check_kind(resource, association.resource_arn));
  (void)fits;
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<ExtensionAssociation> created = co_await create_once(scope, association, resource);
    if (created.ok() || created.fault() != Fault::guard_failed) co_return created;
  }
  co_return changed_meanwhile();
}

Task<ExtensionAssociation> ExtensionAssociations::create_once(Scope scope,
                                                              const NewAssociation& association,
                                                              const Resource& resource) {
  CO_TRY(auto extension, co_await extensions_.find_stored(scope, association.extension,
                                                          association.extension_version));
  CO_TRY(Unit valued, check_values(extension.record, association.parameters));
  (void)valued;
  CO_TRY(auto there, co_await store_.get(resource.row));
  if (!there) co_return not_found("Resource", association.resource_arn);
  const std::string list_key = list_row(scope, resource.path);
  CO_TRY(auto list, co_await load<AssociationsOf>(store_, list_key));
  AssociationsOf ids;
  if (list) ids = std::move(list->record);
  if (ids.ids.size() >= kQuota)
    co_return over_quota("extension associations of a resource", kQuota);
  ExtensionAssociation made;
  made.id = make_id(random_);
  made.extension_id = extension.record.id;
  made.extension_version = extension.record.version;
  made.resource_arn = association.resource_arn;
  made.parameters = association.parameters;
  made.tags = association.tags;
  ids.ids.push_back(made.id);
  ++extension.record.associations;
  const std::string key = row(scope, "assoc", made.id);
  store::Txn txn;
  txn.guard(store::Guard::absent(key)).guard(store::Guard::present(resource.row));
  txn.guard(store::Guard::unchanged(extension.kv));
  txn.guard(list ? store::Guard::unchanged(list->kv) : store::Guard::absent(list_key));
  txn.put(key, store::encode(made)).put(list_key, store::encode(ids));
  txn.put(extension.kv.key, store::encode(extension.record));
  CO_TRY(auto revision, co_await store::commit_recognisably(store_, std::move(txn)));
  (void)revision;
  co_return made;
}

Task<ExtensionAssociation> ExtensionAssociations::find(Scope scope, std::string id) {
  CO_TRY(auto found, co_await load<ExtensionAssociation>(store_, row(scope, "assoc", id)));
  if (!found) co_return not_found("ExtensionAssociation", id);
  co_return std::move(found->record);
}

Task<Page<ExtensionAssociation>> ExtensionAssociations::list(Scope scope, AssociationFilter filter,
                                                             PageRequest request) {
  std::optional<std::int64_t> version = filter.extension_version;
  std::optional<std::string> id;
  if (filter.extension) {
    CO_TRY(id, co_await extensions_.resolve(scope, *filter.extension, version));
    if (!id) co_return Page<ExtensionAssociation>{};
  }
  const std::optional<std::string> resource = filter.resource_arn;
  std::function<bool(const ExtensionAssociation&)> keep = [resource, id,
                                                           version](const ExtensionAssociation& a) {
    return (!resource || a.resource_arn == *resource) && (!id || a.extension_id == *id) &&
           (!version || static_cast<std::int64_t>(a.extension_version) == *version);
  };
  auto loading =
      load_page<ExtensionAssociation>(store_, row(scope, "assoc"), std::move(request), false, keep);
  Result<Page<ExtensionAssociation>> page = co_await std::move(loading);
  co_return page;
}

Task<ExtensionAssociation> ExtensionAssociations::update(
    Scope scope, std::string id, std::optional<ParameterValues> parameters) {
  CO_TRY(ExtensionAssociation found, co_await find(scope, id));
  if (!parameters) co_return found;
  CO_TRY(auto extension, co_await load<Extension>(store_, extension_row(scope, found.extension_id,
                                                                        found.extension_version)));
  if (!extension) co_return not_found("Extension", found.extension_id);
  CO_TRY(Unit valued, check_values(extension->record, *parameters));
  (void)valued;
  std::function<Status(ExtensionAssociation&)> apply =
      [parameters](ExtensionAssociation& a) -> Status {
    a.parameters = *parameters;
    return done;
  };
  CO_TRY(auto changed, co_await modify(store_, row(scope, "assoc", id), apply));
  if (!changed) co_return not_found("ExtensionAssociation", id);
  co_return std::move(*changed);
}

Task<Unit> ExtensionAssociations::remove(Scope scope, std::string id) {
  const std::string key = row(scope, "assoc", id);
  for (int attempt = 0; attempt < 8; ++attempt) {
    CO_TRY(auto found, co_await load<ExtensionAssociation>(store_, key));
    if (!found) co_return not_found("ExtensionAssociation", id);
    CO_TRY(Resource resource, resource_of(scope, found->record.resource_arn));
    const std::string list_key = list_row(scope, resource.path);
    CO_TRY(auto list, co_await load<AssociationsOf>(store_, list_key));
    if (!list) continue;  // the resource went meanwhile
    std::vector<std::string>& ids = list->record.ids;
    ids.erase(std::remove(ids.begin(), ids.end(), id), ids.end());
    store::Txn txn;
    txn.guard(store::Guard::unchanged(found->kv)).guard(store::Guard::unchanged(list->kv));
    std::map<std::string, std::uint32_t> less;
    ++less[extension_row(scope, found->record.extension_id, found->record.extension_version)];
    CO_TRY(Unit counted, co_await count_down(store_, std::move(less), txn));
    (void)counted;
    txn.erase(key);
    if (ids.empty())
      txn.erase(list_key);
    else
      txn.put(list_key, store::encode(list->record));
    Result<store::Revision> gone = co_await store_.commit(std::move(txn));
    if (gone.ok()) co_return done;
    if (gone.fault() != Fault::guard_failed) co_return std::move(gone).error();
  }
  co_return changed_meanwhile();
}

Task<std::vector<AppliedExtension>> ExtensionAssociations::applied(Scope scope,
                                                                   std::vector<std::string> paths) {
  std::vector<AppliedExtension> out;
  for (const std::string& path : paths) {
    CO_TRY(auto list, co_await load<AssociationsOf>(store_, list_row(scope, path)));
    if (!list) continue;
    for (const std::string& id : list->record.ids) {
      CO_TRY(auto association,
             co_await load<ExtensionAssociation>(store_, row(scope, "assoc", id)));
      if (!association) continue;
      const ExtensionAssociation& a = association->record;
      CO_TRY(auto extension, co_await load<Extension>(store_, extension_row(scope, a.extension_id,
                                                                            a.extension_version)));
      if (!extension) continue;
      AppliedExtension applied;
      applied.extension_id = a.extension_id;
      applied.association_id = a.id;
      applied.version = a.extension_version;
      applied.parameters = a.parameters;
      applied.actions = std::move(extension->record.actions);
      out.push_back(std::move(applied));
    }
  }
  co_return out;
}

Task<Unit> end_associations(store::Store& store, Scope scope, std::string resource_path,
                            store::Txn& txn) {
  const std::string list_key = list_row(scope, resource_path);
  CO_TRY(auto list, co_await load<AssociationsOf>(store, list_key));
  txn.guard(list ? store::Guard::unchanged(list->kv) : store::Guard::absent(list_key));
  if (!list) co_return done;
  std::map<std::string, std::uint32_t> less;
  for (const std::string& id : list->record.ids) {
    const std::string key = row(scope, "assoc", id);
    CO_TRY(auto association, co_await load<ExtensionAssociation>(store, key));
    txn.erase(key);
    if (!association) continue;
    const ExtensionAssociation& a = association->record;
    ++less[extension_row(scope, a.extension_id, a.extension_version)];
  }
  txn.erase(list_key);
  co_return co_await count_down(store, std::move(less), txn);
}

Task<Unit> overlay(Extensions& extensions, Scope scope, ParameterValues dynamic,
                   std::vector<AppliedExtension>& applied) {
  for (const auto& [key, value] : dynamic) {
    const std::size_t hash = key.find('#');
    if (hash == std::string::npos || hash == 0 || hash + 1 == key.size())
      co_return bad_request(fmt::format(
          "The key '{}' of DynamicExtensionParameters must have the form extension#parameter.",
          key.substr(0, 256)));
    if (!fits_parameter(value))
      co_return bad_request(fmt::format(
          "The value of '{}' in DynamicExtensionParameters must have 1 to 2048 characters.", key));
    const std::string identifier = key.substr(0, hash), name = key.substr(hash + 1);
    std::optional<std::int64_t> version;
    CO_TRY(auto id, co_await extensions.resolve(scope, identifier, version));
    bool used = false;
    for (AppliedExtension& a : applied) {
      if (!id || a.extension_id != *id) continue;
      if (version && *version != static_cast<std::int64_t>(a.version)) continue;
      CO_TRY(auto extension,
             co_await extensions.find(scope, a.extension_id, static_cast<std::int64_t>(a.version)));
      auto parameter = extension.parameters.find(name);
      if (parameter == extension.parameters.end() || !parameter->second.dynamic)
        co_return bad_request(fmt::format("Extension {} version {} has no dynamic parameter '{}'.",
                                          identifier, a.version, name));
      a.parameters[name] = value;
      used = true;
    }
    if (!used)
      co_return bad_request(fmt::format(
          "No extension '{}' is associated with what is deployed; DynamicExtensionParameters "
          "names one.",
          identifier));
  }
  co_return done;
}

}  // namespace tidegate::appconfig
