#include "lambda/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/scope.h"
#include "document/value.h"

namespace tidegate::lambda {
namespace {

constexpr std::size_t kMaxPolicyBytes = 20'480;  // AWS's bound of a function's policy

document::Object statement_object(const Scope& scope, const FunctionRef& ref, const Statement& s) {
  document::Object out;
  out.set("Sid", s.sid);
  out.set("Effect", "Allow");
  if (s.principal == "*") {
    out.set("Principal", "*");
  } else {
    document::Object who;
    if (s.principal.ends_with(".amazonaws.com"))
      who.set("Service", s.principal);
    else
      who.set("AWS", is_account(s.principal) ? fmt::format("arn:aws:iam::{}:root", s.principal)
                                             : s.principal);
    out.set("Principal", std::move(who));
  }
  out.set("Action", s.action);
  out.set("Resource", qualified_arn(scope, ref));
  document::Object equals, condition;
  if (s.source_account) equals.set("AWS:SourceAccount", *s.source_account);
  if (s.org_id) equals.set("aws:PrincipalOrgID", *s.org_id);
  if (s.event_source_token) equals.set("lambda:EventSourceToken", *s.event_source_token);
  if (s.url_auth_type) equals.set("lambda:FunctionUrlAuthType", *s.url_auth_type);
  if (!equals.empty()) condition.set("StringEquals", std::move(equals));
  if (s.source_arn) {
    document::Object like;
    like.set("AWS:SourceArn", *s.source_arn);
    condition.set("ArnLike", std::move(like));
  }
  if (!condition.empty()) out.set("Condition", std::move(condition));
  return out;
}

// The ARN of a user, a role, a session or an account's root.
bool is_identity(const std::string& arn) {
  const std::vector<std::string> p = split(arn, ':');
  return p.size() == 6 && p[0] == "arn" && (p[2] == "iam" || p[2] == "sts") && p[3].empty() &&
         is_account(p[4]) && !p[5].empty();
}

// What GetPolicy said last, or GetFunction: a publication changes the second alone.
Status check_revision(const std::optional<std::string>& given, const Policy& policy,
                      const Target& target) {
  if (!given || *given == target.revision_id() || *given == policy.revision_id) return done;
  return stale_revision("GetPolicy");
}

}  // namespace

policy::Document document_of(const Scope& scope, const FunctionRef& ref, const Policy& policy) {
  if (policy.statements.empty()) return {};
  auto parsed = policy::parse(policy_json(scope, ref, policy), policy::Dialect::function, true);
  return parsed.ok() ? std::move(*parsed) : policy::Document{};
}

bool allows(const Policy& policy, const ServiceCaller& caller) {
  // A function's policy speaks of that function alone: which one it is does not matter here.
  const Scope scope{caller.source_account, "us-east-1"};
  policy::Request request;
  request.caller.service = caller.principal;
  request.action = "lambda:InvokeFunction";
  request.resource = function_arn(scope, "function");
  request.context.set("aws:SourceArn", caller.source_arn);
  request.context.set("aws:SourceAccount", caller.source_account);
  return policy::evaluate(document_of(scope, FunctionRef{"function", std::nullopt}, policy),
                          request)
             .verdict == policy::Verdict::allow;
}

std::string statement_json(const Scope& scope, const FunctionRef& ref, const Statement& s) {
  return document::to_json(statement_object(scope, ref, s));
}

std::string policy_json(const Scope& scope, const FunctionRef& ref, const Policy& policy) {
  document::Array statements;
  for (const Statement& s : policy.statements)
    statements.push_back(statement_object(scope, ref, s));
  document::Object out;
  out.set("Version", "2012-10-17");
  out.set("Id", "default");
  out.set("Statement", std::move(statements));
  return document::to_json(std::move(out));
}

Task<Policy> Policies::find(Scope scope, FunctionRef ref) {
  CO_TRY(Target target, co_await find_target(store_, scope, ref));
  CO_TRY(auto kv, co_await store_.get(policy_row(scope, target.latest, ref.qualifier)));
  Policy policy;
  if (kv) {
    CO_TRY(policy, store::decode<Policy>(kv->value));
  }
  co_return policy;
}

Task<Policy> Policies::add(Scope scope, FunctionRef ref, Statement statement,
                           std::optional<std::string> revision_id) {
  const std::string& p = statement.principal;
  if (p != "*" && !is_account(p) && !p.ends_with(".amazonaws.com") && !is_identity(p))
    co_return Error{
        Fault::invalid_parameter_value,
        "The provided principal was invalid. Please check the principal and try again."};
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<Target> target = co_await find_target(store_, scope, ref);
    if (!target.ok() && target.fault() == Fault::not_found)
      co_return qualifier_not_found(scope, ref);
    if (!target.ok()) co_return std::move(target).error();
    const std::string key = policy_row(scope, target->latest, ref.qualifier);
    CO_TRY(auto kv, co_await store_.get(key));
    Policy policy;
    if (kv) {
      CO_TRY(policy, store::decode<Policy>(kv->value));
    }
    CO_TRY(Unit newest, check_revision(revision_id, policy, *target));
    (void)newest;
    for (const Statement& s : policy.statements)
      if (s.sid == statement.sid)
        co_return Error{Fault::conflict,
                        fmt::format("The statement id ({}) provided already exists. Please provide "
                                    "a new statement id, or remove the existing statement.",
                                    s.sid)};
    policy.statements.push_back(statement);
    policy.revision_id = random_.uuid();
    const std::size_t size = policy_json(scope, ref, policy).size();
    if (size > kMaxPolicyBytes)
      co_return Error(Fault::too_large,
                      fmt::format("The final policy size ({}) is bigger than the limit ({}).", size,
                                  kMaxPolicyBytes))
          .with("Policy", std::to_string(size));
    store::Txn txn;
    txn.guard(store::Guard::unchanged(target->kv));
    txn.guard(kv ? store::Guard::unchanged(*kv) : store::Guard::absent(key));
    txn.put(key, store::encode(policy));
    txn.put(target->kv.key, target->renewed(policy.revision_id));
    Result<store::Revision> committed = co_await store::commit_recognisably(store_, std::move(txn));
    if (committed.ok()) co_return policy;
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

Task<Unit> Policies::remove(Scope scope, FunctionRef ref, std::string sid,
                            std::optional<std::string> revision_id) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    Result<Target> target = co_await find_target(store_, scope, ref);
    if (!target.ok() && target.fault() == Fault::not_found) {
      if (ref.qualifier) co_return qualifier_not_found(scope, ref);
      co_return Error{Fault::not_found,
                      fmt::format("No policy found for: {}", qualified_arn(scope, ref))};
    }
    if (!target.ok()) co_return std::move(target).error();
    const std::string key = policy_row(scope, target->latest, ref.qualifier);
    CO_TRY(auto kv, co_await store_.get(key));
    if (!kv) co_return Error{Fault::not_found, "No policy is associated with the given resource."};
    CO_TRY(Policy policy, store::decode<Policy>(kv->value));
    CO_TRY(Unit newest, check_revision(revision_id, policy, *target));
    (void)newest;
    const std::size_t before = policy.statements.size();
    std::erase_if(policy.statements, [&](const Statement& s) { return s.sid == sid; });
    if (policy.statements.size() == before)
      co_return Error{Fault::not_found,
                      fmt::format("Statement {} is not found in resource policy.", sid)};
    policy.revision_id = random_.uuid();
    store::Txn txn;
    txn.guard(store::Guard::unchanged(target->kv)).guard(store::Guard::unchanged(*kv));
    txn.put(target->kv.key, target->renewed(policy.revision_id));
    if (policy.statements.empty())
      txn.erase(key);
    else
      txn.put(key, store::encode(policy));
    Result<store::Revision> committed = co_await store_.commit(std::move(txn));
    if (committed.ok()) co_return done;
    if (committed.fault() != Fault::guard_failed) co_return std::move(committed).error();
  }
  co_return Error{Fault::throttled, "Rate Exceeded."};
}

}  // namespace tidegate::lambda
