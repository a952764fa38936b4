// Resource policies: who may invoke a function besides its own account. A function, each of its
// versions and each alias has its own. Statements are made one by one (AddPermission) and shown as
// a policy document; each change renews the revision id of what the policy belongs to. On the
// control strand, but for the pure allows(). Errors: not_found, conflict, precondition_failed,
// invalid_parameter_value.
#pragma once

#include "base/random.h"
#include "base/task.h"
#include "lambda/rows.h"
#include "policy/evaluate.h"

namespace tidegate::lambda {

// A service that calls on behalf of a resource.
struct ServiceCaller {
  std::string principal;       // "s3.amazonaws.com"
  std::string source_arn;      // of the bucket, of the profile
  std::string source_account;  // whose it is
};
bool allows(const Policy&, const ServiceCaller&);
// The policy, ready for judging any caller; empty when there is none.
policy::Document document_of(const Scope&, const FunctionRef&, const Policy&);

// The statement, and the whole document, as JSON.
std::string statement_json(const Scope&, const FunctionRef&, const Statement&);
std::string policy_json(const Scope&, const FunctionRef&, const Policy&);

class Policies {
 public:
  Policies(store::Store& store, Random& random) : store_(store), random_(random) {}

  // Without statements when there is none. not_found as find_target().
  Task<Policy> find(Scope scope, FunctionRef ref);
  // not_found without the function, also when it goes away meanwhile: a later function of that name
  // must not inherit a permission.
  Task<Policy> add(Scope scope, FunctionRef ref, Statement statement,
                   std::optional<std::string> revision_id);
  Task<Unit> remove(Scope scope, FunctionRef ref, std::string sid,
                    std::optional<std::string> revision_id);

 private:
  store::Store& store_;
  Random& random_;
};

}  // namespace tidegate::lambda
