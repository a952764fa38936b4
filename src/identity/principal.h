// Principal: who a request is from, proven. Only Authenticator (and, for calls the server makes
// itself, wiring) can make one, so a handler that has a Principal has an authenticated caller.
#pragma once

#include <string>

#include "base/scope.h"

namespace tidegate::identity {

class Principal {
 public:
  enum class Kind { root, user, developer, function, service, anonymous };
  Kind kind() const { return kind_; }
  const std::string& account() const { return account_; }
  const std::string& access_key_id() const { return access_key_id_; }
  const std::string& arn() const { return arn_; }  // of the user, role session or service
  const std::string& id() const { return id_; }    // "AIDA…" / "AROA…:name", S3's principalId
  const std::string& function_arn() const { return function_arn_; }  // kind function only

 private:
  friend class PrincipalMaker;
  Principal() = default;
  Kind kind_ = Kind::developer;
  std::string account_, access_key_id_, arn_, id_, function_arn_;
};

}  // namespace tidegate::identity
