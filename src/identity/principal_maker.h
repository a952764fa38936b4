// The one way to make a Principal. Included by identity/authenticator, by server/wiring for calls
// the server makes itself, and by tests; tools/tidy.py refuses it anywhere else.
#pragma once

#include <utility>

#include "identity/principal.h"

namespace tidegate::identity {

class PrincipalMaker {
 public:
  static Principal make(Principal::Kind kind, std::string account, std::string access_key_id,
                        std::string arn, std::string id, std::string function_arn = "") {
    Principal p;
    p.kind_ = kind;
    p.account_ = std::move(account);
    p.access_key_id_ = std::move(access_key_id);
    p.arn_ = std::move(arn);
    p.id_ = std::move(id);
    p.function_arn_ = std::move(function_arn);
    return p;
  }
  static Principal of_session(Principal p, std::string role_arn,
                              std::shared_ptr<const SessionFacts> session) {
    p.role_arn_ = std::move(role_arn);
    p.session_ = std::move(session);
    return p;
  }
};

}  // namespace tidegate::identity
