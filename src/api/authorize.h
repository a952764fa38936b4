// Authorizer: may this caller do this? One place in the pipeline asks it, after the row is known
// and before the handler; a handler asks further about what only it knows (wire::Access).
//
// Each service says what a call needs (actions on resources) and, where its resources have policies
// or lists of their own, what those say (its judge). The combination is AWS's: an explicit deny
// anywhere denies; within one account either side may allow; across accounts both must; who is
// nobody is let in by the resource alone. An account's root user may do everything in it that no
// resource denies.
//
// With --dev nothing is enforced unless that is asked for. On the control strand, but for free(),
// remembers() and remember(), which any thread may use.
// Faults: access_denied, naming action, caller and resource as AWS does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/request_facts.h"
#include "api/witness.h"
#include "base/scheduler.h"
#include "iam/decide.h"
#include "policy/evaluate.h"
#include "wire/codec.h"
#include "wire/table.h"

namespace tidegate::api {

// What the resource itself says. Owner: the account it belongs to, "" when there is no such
// resource or nobody owns it.
struct ResourceVerdict {
  std::string owner;
  policy::Verdict verdict = policy::Verdict::none;
  bool direct = true;  // false: only the caller's account was named (policy::Decision)
};
// May add to the request's condition keys what it knows of the resource (s3:ExistingObjectTag/…).
using Judge = std::function<Task<ResourceVerdict>(std::shared_ptr<policy::Request>)>;

struct Need {
  std::string action, resource;
  wire::Access::Facts facts = {};
  std::optional<Error> wrong = {};  // with what is named: said to whoever may
};

// What the caller's own policies say. Bounded: his permissions boundary or session does not allow
// it, so that nobody else's policy can either.
struct IdentityVerdict {
  IdentityVerdict(policy::Verdict v, bool is_bounded = false) : verdict(v), bounded(is_bounded) {}
  policy::Verdict verdict;
  bool bounded;
};

// A role that a service takes on by itself.
struct ServiceRole {
  std::string role_arn, service_principal, session_name;
};

// A call as the services' Needs see it: its row's members by their model names, wherever they are.
class Subject {
 public:
  Subject(const wire::Context& c, const wire::Labels& labels, const void* input)
      : context(c), labels_(labels), input_(input) {}
  const wire::Context& context;
  const wire::Row& row() const { return *context.row; }
  // Of a text or a number; nullopt when it is absent.
  std::optional<std::string> text(std::string_view member) const;
  const void* input() const { return input_; }  // null while the body is still to come

 private:
  const wire::Labels& labels_;
  const void* input_;
};
// What the call names, for people and the audit trail: "bucket/key", a function, a role.
Named named_resources(const Subject&);
// Why the caller may not do what an answer's Errors name with AccessDenied, of the first; "" when
// it has none. S3 judges each key of a batch by itself.
std::string denied_in(const wire::Row&, const void* output);
using Needs = std::function<Task<std::vector<Need>>(std::shared_ptr<const Subject>)>;

class Authorizer final : public wire::Access {
 public:
  struct Options {
    bool enforce = true;
  };
  Authorizer(tidegate::iam::Directory& directory, const Clock& real, Options options)
      : directory_(directory), real_(real), options_(options) {}

  // Before anything is served. Without Needs a call needs its row's action on "*".
  void serve(wire::Service, Needs, Judge = {});

  bool enforcing() const { return options_.enforce; }
  // Nothing to ask: everything is allowed, or the caller is an account's root and the service's
  // resources have no say.
  bool free(const identity::Principal&, wire::Service) const;

  // For the data plane's fast path: on this thread the same caller was let do this to the same
  // resource under the policies of now, and no condition had a say.
  bool remembers(const identity::Principal&, const std::string& resource) const;
  void remember(const identity::Principal&, const std::string& resource) const;
  // No policy of the caller has a condition or variable. On the control strand.
  bool unconditional(const identity::Principal&);

  Task<Unit> admit(wire::Service, const wire::Context&, const wire::Labels&, const void* input);
  Task<Unit> require(const wire::Context&, std::string action, std::string resource,
                     Facts facts) override;

  // For S3, which judges its resources itself (api/s3/authorize): what the caller's own policies
  // say, and the words for a refusal that is theirs.
  IdentityVerdict identity_verdict(const identity::Principal&, const policy::Request&);
  // `by_resource`: a resource's policy denies, so that it is the caller's only if his denies too.
  Error identity_refusal(const identity::Principal&, const policy::Request&,
                         bool by_resource = false);

  // The same question for a role that a service takes on by itself (AppConfig reading a bucket):
  // its trust policy must name the service, and its policies allow the action. `owner` is whose
  // resource names the role: never another account's.
  Task<Unit> require_of_role(Scope owner, ServiceRole, Need);
  // invalid_argument unless the role exists and lets the service take it on. Done when nothing is
  // enforced.
  Status check_service_role(const std::string& role_arn,
                            const std::string& service_principal) const;

  // Everything about the caller that policies ask for.
  policy::Request request_of(const wire::Context&) const;
  PrincipalTags tags_of(const identity::Principal&) const;

 private:
  struct Asker;
  Result<std::shared_ptr<Asker>> asker_of(const identity::Principal&);
  // Null: no such user or role any more, or none that may act.
  std::shared_ptr<const tidegate::iam::Grants> grants_of(const identity::Principal&) const;
  static tidegate::iam::Ruling own_ruling(const Asker&, const policy::Request&);
  Task<Unit> rule_on(std::shared_ptr<Asker>, std::shared_ptr<policy::Request>, Need);
  Task<Unit> rule(std::shared_ptr<Asker>, std::shared_ptr<policy::Request>, wire::Service);

  tidegate::iam::Directory& directory_;
  const Clock& real_;
  const Options options_;
  struct Served {
    Needs needs;
    Judge judge;
  };
  std::map<wire::Service, Served> served_;
};

}  // namespace tidegate::api
