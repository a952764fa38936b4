#include "policy/evaluate.h"

#include <algorithm>

namespace tidegate::policy {
namespace {

using Kind = PrincipalElement::Kind;

enum class Named { no, by_account, direct };

Named names(const PrincipalElement& element, const Caller& caller) {
  switch (element.kind) {
    case Kind::anyone:
      return Named::direct;
    case Kind::account:
      if (caller.account.empty() || caller.account != element.value) return Named::no;
      return caller.root ? Named::direct : Named::by_account;
    case Kind::arn:
      if (caller.account.empty()) return Named::no;
      return element.value == caller.arn || element.value == caller.role_arn ? Named::direct
                                                                             : Named::no;
    case Kind::service:
      return !caller.service.empty() && element.value == caller.service ? Named::direct : Named::no;
    case Kind::canonical_user:
      // The owner's id stands for the account, as its root ARN does.
      if (caller.canonical_id.empty() || caller.canonical_id != element.value) return Named::no;
      return caller.root ? Named::direct : Named::by_account;
    case Kind::federated:
      return Named::no;
  }
  return Named::no;
}

// Whether the list of a NotPrincipal exempts the caller. As AWS documents it every name of the
// caller must stand there: the session, its role and the account. So a list that holds only the
// account does not exempt each of its users.
bool exempt(const std::vector<PrincipalElement>& list, const Caller& caller) {
  auto holds = [&list](Kind kind, const std::string& value) {
    return std::any_of(list.begin(), list.end(), [&](const PrincipalElement& e) {
      return e.kind == Kind::anyone || (e.kind == kind && e.value == value);
    });
  };
  if (caller.anonymous()) return holds(Kind::anyone, "*");
  if (!caller.service.empty()) return holds(Kind::service, caller.service);
  if (!holds(Kind::account, caller.account) &&
      !(!caller.canonical_id.empty() && holds(Kind::canonical_user, caller.canonical_id)))
    return false;
  if (!caller.root && !holds(Kind::arn, caller.arn)) return false;
  return caller.role_arn.empty() || holds(Kind::arn, caller.role_arn);
}

Named principal_matches(const Statement& s, const Caller& caller) {
  if (s.principals.empty())
    return Named::direct;  // an identity's policy: whoever it is attached to
  if (s.not_principal) return exempt(s.principals, caller) ? Named::no : Named::direct;
  Named best = Named::no;
  for (const PrincipalElement& element : s.principals)
    best = std::max(best, names(element, caller));
  return best;
}

bool action_matches(const Statement& s, const Request& request) {
  const bool any = std::any_of(s.actions.begin(), s.actions.end(), [&](const Pattern& p) {
    return p.matches(request.action, request.context, true);
  });
  return any != s.not_action;
}

bool resource_matches(const Statement& s, const Request& request) {
  if (s.resources.empty()) return true;  // a role's trust policy
  const bool any = std::any_of(s.resources.begin(), s.resources.end(), [&](const Pattern& p) {
    return p.matches(request.resource, request.context);
  });
  return any != s.not_resource;
}

bool conditions_hold(const Statement& s, const Context& context) {
  bool undecided = false;
  for (const Condition& c : s.conditions) {
    const std::optional<bool> held = holds(c, context);
    if (held == false) return false;
    if (!held) undecided = true;
  }
  return !undecided || s.effect == Effect::deny;
}

}  // namespace

Decision evaluate(const Document& document, const Request& request) {
  Decision out;
  for (std::size_t i = 0; i < document.statements.size(); ++i) {
    const Statement& s = document.statements[i];
    if (out.verdict == Verdict::deny && s.effect == Effect::allow) continue;
    if (!action_matches(s, request) || !resource_matches(s, request)) continue;
    const Named named = principal_matches(s, request.caller);
    if (named == Named::no || !conditions_hold(s, request.context)) continue;
    if (s.effect == Effect::deny && out.verdict != Verdict::deny) {
      out = Decision{Verdict::deny, true, {}};
    } else if (s.effect == Effect::allow) {
      out.verdict = Verdict::allow;
      out.direct = out.direct || named == Named::direct;
    }
    out.matched.push_back(i);
  }
  return out;
}

}  // namespace tidegate::policy
