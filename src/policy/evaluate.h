// Judging a request by one policy, as AWS documents it: an explicit deny wins over any allow, and
// without either the policy has nothing to say. What cannot be decided never grants: a statement
// with an operator we do not know denies when it is a Deny and is passed over when it is an Allow.
// Pure; any thread. How several policies combine is the business of api/authorize.
#pragma once

#include <string>
#include <vector>

#include "policy/document.h"

namespace tidegate::policy {

// Who asks, as resource policies name callers.
struct Caller {
  std::string account;       // "" for nobody and for a service
  std::string arn;           // of the user or session, "arn:…:root" of an account's owner
  std::string role_arn;      // of a role's session: the role
  std::string service;       // "s3.amazonaws.com", for a call a service makes by itself
  std::string canonical_id;  // S3's id of the account
  bool root = false;
  bool anonymous() const { return account.empty() && service.empty(); }
};

struct Request {
  Caller caller;
  std::string action;    // "s3:GetObject"
  std::string resource;  // the ARN; "*" when the operation has none
  Context context;
};

enum class Verdict { none, allow, deny };

struct Decision {
  Verdict verdict = Verdict::none;
  // The caller himself was named (or everybody), not only his account. A resource that trusts an
  // account leaves it to that account's own policies which of its users may.
  bool direct = false;
  std::vector<std::size_t> matched;  // the statements that decided, by index
};

Decision evaluate(const Document&, const Request&);

}  // namespace tidegate::policy
