// Directory: every account's users, groups, roles and managed policies, in memory for judging
// requests and in the store for ever. A change is one transaction, guarded by the account's
// revision row, so that what it saw is what it changes; it counts from the next request on. On the
// control strand, but for epoch().
//
// Secrets of access keys are sealed with a key that lives outside the store (a file of mode 0600).
// Source of behaviour and texts: AWS's IAM API reference.
//
//   CO_TRY(RoleRecord r, co_await directory.edit<RoleRecord>(account, [&](Edit& e) {
//     return create_role(e, …);
//   }));
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "base/random.h"
#include "base/scheduler.h"
#include "base/task.h"
#include "iam/types.h"
#include "policy/evaluate.h"
#include "store/store.h"

namespace tidegate::iam {

// The name in an ARN's last part.
std::string_view name_of_arn(std::string_view arn);
// Of an ARN of IAM's, "" of anything else.
std::string account_of_arn(std::string_view arn);
std::string lower_name(std::string_view);

// By name in lower case: IAM's names differ in more than case.
struct Account {
  std::map<std::string, UserRecord> users;
  std::map<std::string, GroupRecord> groups;
  std::map<std::string, RoleRecord> roles;
  std::map<std::string, PolicyRecord> policies;
  store::Revision revision = 0;  // of the account's revision row

  const GroupRecord* group_of_id(std::string_view id) const;
};

// A policy that has a say, with its name for explanations.
struct Source {
  std::string id;    // the inline policy's name, or the ARN
  std::string type;  // "user", "group", "role", "aws-managed", "user-managed"
  std::shared_ptr<const policy::Document> document;
};

// What one user (with his groups), group or role may do. Immutable.
struct Grants {
  std::string arn, id;
  std::vector<Source> policies;
  std::optional<Source> boundary;
  Tags tags;
  bool unconditional = true;  // no condition, no variable in any of them
};

// Told when access keys come, change and go; implemented by wiring over identity::Credentials.
class KeyRing {
 public:
  virtual ~KeyRing() = default;
  virtual void add(const std::string& account, const UserRecord&, const std::string& key_id,
                   const std::string& secret) = 0;
  virtual void remove(const std::string& key_id) = 0;
};

class Edit;

class Directory {
 public:
  Directory(store::Store& store, const Clock& clock, Random& random, std::string sealing_key32,
            KeyRing& keys)
      : store_(store),
        clock_(clock),
        random_(random),
        sealing_key_(std::move(sealing_key32)),
        keys_(keys) {}

  Task<Unit> load();
  // A key that somebody else keeps the secret of: as if the user of that name had it, who is made
  // when there is none, and has the policies attached that he lacks. After load(). Faults: as of
  // create_user and attach.
  struct Declared {
    std::string user, key_id, secret;
    std::vector<std::string> policies;  // ARNs
  };
  Task<Unit> declare(std::string account, Declared);

  // A user's key was used. Stored when that is news: the first time, by another service or region,
  // or after a quarter of an hour.
  Task<Unit> note_use(std::string account, std::string key_id, LastUse);
  // Null: never.
  const LastUse* last_use(const std::string& key_id) const;
  // Whose key it is, also a declared one; null when it is nobody's in the account.
  const UserRecord* user_of_key(const std::string& account, const std::string& key_id) const;

  // `change` sees the account and says what to write; it may run again when another change came
  // between. Faults: its own, or throttled.
  template <class Out>
  Task<Out> edit(std::string account, std::function<Result<Out>(Edit&)> change);

  const Account& account(const std::string& id) const;
  // By name; null when there is none.
  std::shared_ptr<const Grants> grants_of_user(const std::string& account, const std::string& name);
  std::shared_ptr<const Grants> grants_of_group(const std::string& account,
                                                const std::string& name);
  std::shared_ptr<const Grants> grants_of_role(const std::string& account, const std::string& name);
  // By its ARN (arn:aws:iam::…:role/path/name); null when there is none of that path and name.
  const RoleRecord* role_of_arn(const std::string& arn, std::string* account = nullptr) const;
  // The unique id of the user or role that an ARN names; "" when there is none.
  std::string id_of_arn(const std::string& arn) const;
  // The ARN that the user or role of that id has now, in the account of `arn`; "" when it is gone.
  std::string arn_of_id(const std::string& arn, const std::string& id) const;
  // Where no right depends on it, trust policies may name whom other accounts have elsewhere.
  // Before anything is served.
  void take_strangers() { strangers_ = true; }
  // The document that an ARN names, AWS's own or the account's; nullopt when there is none.
  std::optional<Source> managed(const std::string& account, const std::string& arn) const;

  // Rises with every change. Any thread.
  std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

 private:
  friend class Edit;
  Task<Unit> commit(std::string account, std::shared_ptr<Edit> edit);
  void publish(const std::string& account, const std::optional<UserRecord>& before,
               const std::optional<UserRecord>& after);
  void add_policies(const std::string& account, const char* type, const Permissions&,
                    Grants& to) const;
  void add_boundary(const std::string& account, const std::string& arn, Grants& to) const;

  store::Store& store_;
  const Clock& clock_;
  Random& random_;
  const std::string sealing_key_;
  KeyRing& keys_;
  bool strangers_ = false;
  std::map<std::string, Account> accounts_;
  std::map<std::string, LastUse> uses_;                            // by the key's id
  std::map<std::string, std::vector<Declared>> declared_;          // by the user's id
  std::map<std::string, std::shared_ptr<const Grants>> compiled_;  // by ARN
  std::atomic<std::uint64_t> epoch_{1};
};

// One change on its way: what the account is, and what shall be written.
class Edit {
 public:
  Edit(Directory& directory, std::string account_id)
      : directory_(directory), id_(std::move(account_id)), now(directory.account(id_)) {}

  const std::string& account_id() const { return id_; }
  Instant time() const { return directory_.clock_.now(); }
  Random& random() { return directory_.random_; }
  std::string seal(std::string_view secret);
  std::string new_id(std::string_view prefix);  // "AROA" and 17 characters
  std::optional<Source> managed(const std::string& arn) const {
    return directory_.managed(id_, arn);
  }
  std::string id_of_arn(const std::string& arn) const { return directory_.id_of_arn(arn); }
  std::string arn_of_id(const std::string& arn, const std::string& id) const {
    return directory_.arn_of_id(arn, id);
  }
  bool may_be_elsewhere(const std::string& arn) const {
    return directory_.strangers_ && account_of_arn(arn) != id_;
  }

  // not_found in IAM's words, unless there is one.
  Result<UserRecord> user(const std::string& name) const;
  Result<GroupRecord> group(const std::string& name) const;
  Result<RoleRecord> role(const std::string& name) const;
  Result<PolicyRecord> policy(const std::string& arn) const;

  void put(UserRecord r);
  void put(GroupRecord r);
  void put(RoleRecord r);
  void put(PolicyRecord r);
  void erase_user(const std::string& name) { users_[name] = std::nullopt; }
  void erase_group(const std::string& name) { groups_[name] = std::nullopt; }
  void erase_role(const std::string& name) { roles_[name] = std::nullopt; }
  void erase_policy(const std::string& name) { policies_[name] = std::nullopt; }

 private:
  friend class Directory;
  Directory& directory_;
  const std::string id_;

 public:
  const Account& now;

 private:
  std::map<std::string, std::optional<UserRecord>> users_;
  std::map<std::string, std::optional<GroupRecord>> groups_;
  std::map<std::string, std::optional<RoleRecord>> roles_;
  std::map<std::string, std::optional<PolicyRecord>> policies_;
};

template <class Out>
Task<Out> Directory::edit(std::string account, std::function<Result<Out>(Edit&)> change) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    auto edit = std::make_shared<Edit>(*this, account);
    Result<Out> out = change(*edit);
    if (!out.ok()) co_return std::move(out).error();
    Status written = co_await commit(account, edit);
    if (written.ok()) co_return std::move(out).value();
    if (written.fault() != Fault::guard_failed) co_return std::move(written).error();
  }
  co_return Error{Fault::throttled,
                  "The request was rejected because multiple requests to change this object were "
                  "submitted simultaneously. Submit your request again."};
}

Error no_entity(std::string text);

}  // namespace tidegate::iam
