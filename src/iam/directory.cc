#include "iam/directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/scope.h"
#include "iam/builtin.h"
#include "iam/operations.h"

namespace tidegate::iam {
namespace {

constexpr std::string_view kPurpose = "tidegate access key";
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kKind = "iam";

// IAM has no regions.
std::string prefix_of(const std::string& account) {
  return key_prefix(Scope{account, "aws-global"}, kKind);
}

template <class T>
void fill(store::Txn& txn, const std::string& prefix,
          const std::map<std::string, std::optional<T>>& changes) {
  for (const auto& [name, record] : changes) {
    if (record)
      txn.put(prefix + name, store::encode(*record));
    else
      txn.erase(prefix + name);
  }
}

template <class T>
void apply(std::map<std::string, T>& to, std::map<std::string, std::optional<T>>& changes) {
  for (auto& [name, record] : changes) {
    if (record)
      to[name] = std::move(*record);
    else
      to.erase(name);
  }
}

template <class T>
Status read(std::map<std::string, T>& into, const store::Kv& kv, std::string_view name) {
  TRY(T record, store::decode<T>(kv.value));
  into[std::string(name)] = std::move(record);
  return done;
}

// A document that another version stored and this one cannot read denies everything: a Deny in it
// must not be lost.
std::shared_ptr<const policy::Document> read_or_deny(const std::string& text) {
  auto parsed = policy::parse(text, policy::Dialect::identity, true);
  if (!parsed.ok())
    parsed = policy::parse(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})",
        policy::Dialect::identity);
  return std::make_shared<const policy::Document>(std::move(*parsed));
}

}  // namespace

std::string arn_of(const std::string& account, const char* kind, const std::string& path,
                   const std::string& name) {
  return fmt::format("arn:aws:iam::{}:{}{}{}", account, kind, path, name);
}

std::string_view name_of_arn(std::string_view arn) {
  return arn.substr(arn.rfind('/') + 1);
}

std::string account_of_arn(std::string_view arn) {
  constexpr std::string_view kFront = "arn:aws:iam::";
  if (!arn.starts_with(kFront) || arn.size() < kFront.size() + 12) return "";
  return std::string(arn.substr(kFront.size(), 12));
}

std::string lower_name(std::string_view name) {
  return lower_ascii(name);
}

Error no_entity(std::string text) {
  return Error{Fault::not_found, std::move(text)};
}

std::string Edit::seal(std::string_view secret) {
  return tidegate::seal(directory_.sealing_key_, secret, kPurpose, directory_.random_);
}

std::string Edit::new_id(std::string_view prefix) {
  return std::string(prefix) + directory_.random_.from_alphabet(21 - prefix.size(), kIdAlphabet);
}

Result<UserRecord> Edit::user(const std::string& name) const {
  const auto found = now.users.find(lower_name(name));
  if (found == now.users.end())
    return no_entity(fmt::format("The user with name {} cannot be found.", name));
  return found->second;
}

Result<GroupRecord> Edit::group(const std::string& name) const {
  const auto found = now.groups.find(lower_name(name));
  if (found == now.groups.end())
    return no_entity(fmt::format("The group with name {} cannot be found.", name));
  return found->second;
}

Result<RoleRecord> Edit::role(const std::string& name) const {
  const auto found = now.roles.find(lower_name(name));
  if (found == now.roles.end())
    return no_entity(fmt::format("The role with name {} cannot be found.", name));
  return found->second;
}

Result<PolicyRecord> Edit::policy(const std::string& arn) const {
  const auto found = now.policies.find(lower_name(name_of_arn(arn)));
  if (found == now.policies.end() ||
      arn_of(id_, "policy", found->second.path, found->second.name) != arn)
    return no_entity(fmt::format("Policy {} was not found.", arn));
  return found->second;
}

void Edit::put(UserRecord r) {
  std::string key = lower_name(r.name);
  users_[std::move(key)] = std::move(r);
}
void Edit::put(GroupRecord r) {
  std::string key = lower_name(r.name);
  groups_[std::move(key)] = std::move(r);
}
void Edit::put(RoleRecord r) {
  std::string key = lower_name(r.name);
  roles_[std::move(key)] = std::move(r);
}
void Edit::put(PolicyRecord r) {
  std::string key = lower_name(r.name);
  policies_[std::move(key)] = std::move(r);
}

const GroupRecord* Account::group_of_id(std::string_view id) const {
  for (const auto& [name, group] : groups)
    if (group.id == id) return &group;
  return nullptr;
}

const Account& Directory::account(const std::string& id) const {
  static const Account kEmpty;
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? kEmpty : found->second;
}

Task<Unit> Directory::load() {
  CO_TRY(std::vector<Scope> all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    if (scope.region != "aws-global") continue;
    const std::string prefix = prefix_of(scope.account);
    store::Range range = store::Range::prefix(prefix);
    for (bool more = true; more;) {
      CO_TRY(store::Page page, co_await store_.range(range));
      Account& account = accounts_[scope.account];
      for (const store::Kv& kv : page.items) {
        const std::string_view rest = std::string_view(kv.key).substr(prefix.size());
        const std::string_view name = rest.substr(rest.find('/') + 1);
        Status good = done;
        if (rest == "revision") account.revision = kv.mod_revision;
        if (rest.starts_with("user/")) good = read(account.users, kv, name);
        if (rest.starts_with("group/")) good = read(account.groups, kv, name);
        if (rest.starts_with("role/")) good = read(account.roles, kv, name);
        if (rest.starts_with("policy/")) good = read(account.policies, kv, name);
        if (rest.starts_with("use/")) good = read(uses_, kv, name);
        if (!good.ok()) co_return good;
      }
      more = page.more;
      if (more) range.begin = page.items.back().key + '\0';
    }
    for (const auto& [name, user] : accounts_[scope.account].users)
      publish(scope.account, std::nullopt, user);
  }
  co_return done;
}

Task<Unit> Directory::declare(std::string account, Declared d) {
  std::function<Result<UserRecord>(Edit&)> change = [&d](Edit& e) -> Result<UserRecord> {
    auto known = e.user(d.user);
    if (!known.ok()) known = create_user(e, {d.user, std::nullopt, std::nullopt, {}});
    TRY(UserRecord user, std::move(known));
    auto& attached = user.permissions.attached;
    const std::size_t before = attached.size();
    for (const std::string& arn : d.policies) {
      if (!e.managed(arn))
        return no_entity(fmt::format("user {}: policy {} does not exist", d.user, arn));
      if (std::count(attached.begin(), attached.end(), arn) == 0) attached.push_back(arn);
    }
    if (attached.size() != before) e.put(user);
    return user;
  };
  CO_TRY(UserRecord user, co_await edit<UserRecord>(account, std::move(change)));
  keys_.add(account, user, d.key_id, d.secret);
  declared_[user.id].push_back(std::move(d));
  co_return done;
}

Task<Unit> Directory::note_use(std::string account, std::string key_id, LastUse use) {
  LastUse& known = uses_[key_id];
  const bool news = known.service != use.service || known.region != use.region ||
                    use.time - known.time >= std::chrono::minutes(15);
  if (!news) co_return done;
  known = use;
  store::Txn txn;
  txn.put(prefix_of(account) + "use/" + key_id, store::encode(use));
  CO_TRY(store::Revision made, co_await store_.commit(std::move(txn)));
  (void)made;
  co_return done;
}

const LastUse* Directory::last_use(const std::string& key_id) const {
  const auto found = uses_.find(key_id);
  return found == uses_.end() ? nullptr : &found->second;
}

const UserRecord* Directory::user_of_key(const std::string& account_id,
                                         const std::string& key_id) const {
  for (const auto& [name, user] : account(account_id).users) {
    for (const KeyRecord& key : user.keys)
      if (key.id == key_id) return &user;
    const auto declared = declared_.find(user.id);
    if (declared == declared_.end()) continue;
    for (const Declared& key : declared->second)
      if (key.key_id == key_id) return &user;
  }
  return nullptr;
}

Task<Unit> Directory::commit(std::string id, std::shared_ptr<Edit> edit) {
  if (edit->users_.empty() && edit->groups_.empty() && edit->roles_.empty() &&
      edit->policies_.empty())
    co_return done;
  const std::string prefix = prefix_of(id), row = prefix + "revision";
  const store::Revision seen = edit->now.revision;
  store::Txn txn;
  txn.guard(seen ? store::Guard::at(row, seen) : store::Guard::absent(row));
  txn.put(row, random_.hex(16));
  fill(txn, prefix + "user/", edit->users_);
  fill(txn, prefix + "group/", edit->groups_);
  fill(txn, prefix + "role/", edit->roles_);
  fill(txn, prefix + "policy/", edit->policies_);
  CO_TRY(store::Revision made, co_await store::commit_recognisably(store_, std::move(txn)));
  Account& account = accounts_[id];
  account.revision = made;
  for (const auto& [name, after] : edit->users_) {
    const auto before = account.users.find(name);
    publish(id, before == account.users.end() ? std::nullopt : std::optional(before->second),
            after);
  }
  apply(account.users, edit->users_);
  apply(account.groups, edit->groups_);
  apply(account.roles, edit->roles_);
  apply(account.policies, edit->policies_);
  compiled_.clear();
  epoch_.fetch_add(1, std::memory_order_acq_rel);
  co_return done;
}

void Directory::publish(const std::string& account, const std::optional<UserRecord>& before,
                        const std::optional<UserRecord>& after) {
  if (before) {
    for (const KeyRecord& key : before->keys) keys_.remove(key.id);
    for (const Declared& key : declared_[before->id]) keys_.remove(key.key_id);
  }
  if (!after) return;
  for (const Declared& key : declared_[after->id])
    keys_.add(account, *after, key.key_id, key.secret);
  for (const KeyRecord& key : after->keys) {
    std::string secret;
    if (!key.active) continue;
    if (unseal(sealing_key_, key.sealed_secret, kPurpose, secret))
      keys_.add(account, *after, key.id, secret);
    else
      LOG_ERROR("the access key {} cannot be opened with this server's sealing key", key.id);
  }
}

std::optional<Source> Directory::managed(const std::string& account_id,
                                         const std::string& arn) const {
  if (const Builtin* own = find_builtin(arn)) return Source{arn, "aws-managed", own->document()};
  const Account& a = account(account_id);
  const auto found = a.policies.find(lower_name(name_of_arn(arn)));
  if (found == a.policies.end()) return std::nullopt;
  const PolicyRecord& p = found->second;
  if (arn_of(account_id, "policy", p.path, p.name) != arn) return std::nullopt;
  for (const VersionRecord& v : p.versions)
    if (v.id == p.default_version) return Source{arn, "user-managed", read_or_deny(v.document)};
  return std::nullopt;
}

void Directory::add_policies(const std::string& account_id, const char* type,
                             const Permissions& permissions, Grants& to) const {
  for (const auto& [name, document] : permissions.inline_policies)
    to.policies.push_back({name, type, read_or_deny(document)});
  for (const std::string& attached : permissions.attached)
    if (auto source = managed(account_id, attached)) to.policies.push_back(std::move(*source));
  for (const Source& source : to.policies)
    if (!policy::context_keys(*source.document).empty()) to.unconditional = false;
}

void Directory::add_boundary(const std::string& account_id, const std::string& arn,
                             Grants& to) const {
  if (arn.empty()) return;
  to.boundary = managed(account_id, arn);
  // A boundary that is gone bounds to nothing.
  if (!to.boundary) to.boundary = Source{arn, "user-managed", std::make_shared<policy::Document>()};
  to.unconditional = false;
}

std::shared_ptr<const Grants> Directory::grants_of_user(const std::string& account_id,
                                                        const std::string& name) {
  const Account& a = account(account_id);
  const auto found = a.users.find(lower_name(name));
  if (found == a.users.end()) return nullptr;
  const UserRecord& u = found->second;
  const std::string arn = arn_of(account_id, "user", u.path, u.name);
  auto& kept = compiled_[arn];
  if (kept) return kept;
  Grants grants{arn, u.id, {}, {}, u.tags};
  add_policies(account_id, "user", u.permissions, grants);
  for (const std::string& id : u.groups)
    if (const GroupRecord* group = a.group_of_id(id))
      add_policies(account_id, "group", group->permissions, grants);
  add_boundary(account_id, u.permissions.boundary, grants);
  return kept = std::make_shared<const Grants>(std::move(grants));
}

std::shared_ptr<const Grants> Directory::grants_of_group(const std::string& account_id,
                                                         const std::string& name) {
  const Account& a = account(account_id);
  const auto found = a.groups.find(lower_name(name));
  if (found == a.groups.end()) return nullptr;
  const GroupRecord& g = found->second;
  Grants grants{arn_of(account_id, "group", g.path, g.name), g.id, {}, {}, {}};
  add_policies(account_id, "group", g.permissions, grants);
  return std::make_shared<const Grants>(std::move(grants));
}

std::shared_ptr<const Grants> Directory::grants_of_role(const std::string& account_id,
                                                        const std::string& name) {
  const Account& a = account(account_id);
  const auto found = a.roles.find(lower_name(name));
  if (found == a.roles.end()) return nullptr;
  const RoleRecord& r = found->second;
  const std::string arn = arn_of(account_id, "role", r.path, r.name);
  auto& kept = compiled_[arn];
  if (kept) return kept;
  Grants grants{arn, r.id, {}, {}, r.tags};
  add_policies(account_id, "role", r.permissions, grants);
  add_boundary(account_id, r.permissions.boundary, grants);
  return kept = std::make_shared<const Grants>(std::move(grants));
}

std::string Directory::id_of_arn(const std::string& arn) const {
  const std::string id = account_of_arn(arn);
  if (const RoleRecord* role = role_of_arn(arn)) return role->id;
  const auto& users = account(id).users;
  const auto found = users.find(lower_name(name_of_arn(arn)));
  if (found == users.end()) return "";
  const UserRecord& user = found->second;
  return arn_of(id, "user", user.path, user.name) == arn ? user.id : "";
}

std::string Directory::arn_of_id(const std::string& arn, const std::string& unique) const {
  const std::string id = account_of_arn(arn);
  for (const auto& [name, user] : account(id).users)
    if (user.id == unique) return arn_of(id, "user", user.path, user.name);
  for (const auto& [name, role] : account(id).roles)
    if (role.id == unique) return arn_of(id, "role", role.path, role.name);
  return "";
}

const RoleRecord* Directory::role_of_arn(const std::string& arn, std::string* account_id) const {
  const std::string id = account_of_arn(arn);
  const Account& a = account(id);
  const auto found = a.roles.find(lower_name(name_of_arn(arn)));
  if (found == a.roles.end()) return nullptr;
  if (arn_of(id, "role", found->second.path, found->second.name) != arn) return nullptr;
  if (account_id) *account_id = id;
  return &found->second;
}

}  // namespace tidegate::iam
