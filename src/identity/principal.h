// Principal: who a request is from, proven. Only Authenticator (and, for calls the server makes
// itself, wiring) can make one, so a handler that has a Principal has an authenticated caller.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/scope.h"
#include "base/time.h"

namespace tidegate::identity {

// What a temporary key's session brings beside its user or role.
struct SessionFacts {
  std::vector<std::string> policies;     // documents that bound it further
  std::vector<std::string> policy_arns;  // managed policies that do the same
  std::map<std::string, std::string> tags;
  std::vector<std::string> transitive_tags;  // keys: handed on to the roles that this one takes on
  std::string source_identity;
  std::string made_with;  // the access key that asked for it
  Instant issued{}, expires{};
};

class Principal {
 public:
  // user: of IAM. function, role: a session of a role, a function's and any other. anonymous: the
  // request was not signed; account, ARN and id are empty.
  enum class Kind { root, user, developer, function, service, role, anonymous };
  Kind kind() const { return kind_; }
  const std::string& account() const { return account_; }
  const std::string& access_key_id() const { return access_key_id_; }
  const std::string& arn() const { return arn_; }  // of the user, role session or service
  const std::string& id() const { return id_; }    // "AIDA…" / "AROA…:name", S3's principalId
  const std::string& function_arn() const { return function_arn_; }  // kind function only
  const std::string& role_arn() const { return role_arn_; }  // arn:aws:iam::…:role/…, of a session
  const SessionFacts* session() const { return session_.get(); }  // null: not temporary

 private:
  friend class PrincipalMaker;
  Principal() = default;
  Kind kind_ = Kind::developer;
  std::string account_, access_key_id_, arn_, id_, function_arn_, role_arn_;
  std::shared_ptr<const SessionFacts> session_;
};

}  // namespace tidegate::identity
