#include "api/sts/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/sts/shapes.h"
#include "iam/decide.h"
#include "iam/trust.h"
#include "wire/refused.h"

namespace tidegate::api::sts {
namespace {

namespace domain = tidegate::iam;
using http::Method;
using policy::Verdict;
using wire::Context;
using Kind = identity::Principal::Kind;

constexpr auto kGetCallerIdentity =
    wire::operation<GetCallerIdentityRequest, GetCallerIdentityResponse>(
        "GetCallerIdentity", Method::post, "/?Action=GetCallerIdentity", 200,
        "sts:GetCallerIdentity");
constexpr auto kAssumeRole = wire::operation<AssumeRoleInput, AssumeRoleOutput>(
    "AssumeRole", Method::post, "/?Action=AssumeRole", 200, "sts:AssumeRole");
constexpr auto kGetSessionToken = wire::operation<GetSessionTokenInput, GetSessionTokenOutput>(
    "GetSessionToken", Method::post, "/?Action=GetSessionToken", 200, "sts:GetSessionToken");
constexpr auto kGetAccessKeyInfo = wire::operation<GetAccessKeyInfoInput, GetAccessKeyInfoOutput>(
    "GetAccessKeyInfo", Method::post, "/?Action=GetAccessKeyInfo", 200, "sts:GetAccessKeyInfo");

constexpr std::int32_t kChained = 3600;  // AWS's bound where a role takes on a role

Error invalid(std::string text) {
  return Error{Fault::invalid_request, std::move(text)};
}

Error bad_value(std::string text) {
  return invalid(std::move(text)).with("Code", "InvalidParameterValue");
}

// Who may not know whether a role exists gets the same answer either way.
Error may_not_assume(const Context& c, const std::string& role_arn,
                     std::string_view action = "sts:AssumeRole", bool denied = false) {
  const std::string why =
      denied ? "with an explicit deny in a role trust policy"
             : fmt::format("because no role trust policy allows the {} action", action);
  return Error{Fault::access_denied,
               fmt::format("User: {} is not authorized to perform: {} on resource: {} {}",
                           c.principal->arn(), action, role_arn, why)};
}

// The tags of a new session: those that are asked for, and those the caller's own session hands on.
// Their keys differ in more than case.
Status take_tags(identity::SessionFacts& to, const AssumeRoleInput& in,
                 const identity::SessionFacts* before) {
  if (in.tags.size() > 50) return invalid("At most 50 session tags may be passed.");
  std::map<std::string, std::string> keys;  // in lower case → as given
  for (const Tag& t : in.tags) {
    if (!keys.emplace(domain::lower_name(t.key), t.key).second)
      return bad_value("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    to.tags[t.key] = t.value;
  }
  for (const std::string& key : in.transitive_tag_keys) {
    const auto found = keys.find(domain::lower_name(key));
    if (found == keys.end())
      return bad_value("The specified transitive tag key must be included in the requested tags.");
    to.transitive_tags.push_back(found->second);
  }
  if (!before) return done;
  for (const std::string& key : before->transitive_tags) {
    if (keys.count(domain::lower_name(key)) != 0)
      return bad_value(
          "One of the specified transitive tag keys can't be set because it conflicts with a "
          "transitive tag key from the calling session.");
    to.tags[key] = before->tags.at(key);
    to.transitive_tags.push_back(key);
  }
  return done;
}

bool good_session_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](unsigned char ch) {
    return (ch < 0x80 && std::isalnum(ch) != 0) ||
           std::string_view("_+=,.@-").find(static_cast<char>(ch)) != std::string_view::npos;
  });
}

Credentials shown(const identity::AccessKey& key, Instant expires) {
  return {key.id, key.secret, key.session_token, expires};
}

class Api {
 public:
  explicit Api(const Parts& parts) : p_(parts) {}

  Task<AssumeRoleOutput> assume(const Context& c, AssumeRoleInput in) {
    CO_TRY(identity::SessionGrant grant, prepare(c, in));
    std::string account;
    const domain::RoleRecord* role = p_.directory->role_of_arn(in.role_arn, &account);
    if (p_.authorizer->enforcing()) {
      CO_TRY(Unit allowed, co_await check(c, in, grant.facts, role, account));
      (void)allowed;
      role = p_.directory->role_of_arn(in.role_arn, &account);
    }
    // With --dev a role need not exist, as no right depends on it.
    std::string role_id = role ? role->id : "AROA" + std::string("DEVELOPERROLE0000");
    const std::int32_t most = role ? static_cast<std::int32_t>(role->max_session_s) : 43'200;
    const std::int32_t seconds = in.duration_seconds.value_or(kChained);
    if (seconds > most)
      co_return invalid(
          "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    const Kind kind = c.principal->kind();
    if ((kind == Kind::role || kind == Kind::function) && seconds > kChained)
      co_return invalid(
          "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
          "role chaining.");
    if (account.empty()) account = in.role_arn.substr(13, 12);
    grant.account = account;
    grant.role_arn = in.role_arn;
    grant.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account,
                            domain::name_of_arn(in.role_arn), in.role_session_name);
    grant.id = role_id + ":" + in.role_session_name;
    grant.facts.issued = p_.real->now();
    grant.facts.expires = grant.facts.issued + std::chrono::seconds(seconds);
    grant.facts.made_with = c.principal->access_key_id();
    const identity::AccessKey key = p_.credentials->sessions().issue(grant);
    AssumeRoleOutput out;
    out.credentials = shown(key, grant.facts.expires);
    out.assumed_role_user = AssumedRoleUser{grant.id, grant.arn};
    if (!grant.facts.source_identity.empty()) out.source_identity = grant.facts.source_identity;
    if (in.policy)
      out.packed_policy_size = static_cast<std::int32_t>(in.policy->size() * 100 / 2048);
    co_return out;
  }

  Task<GetSessionTokenOutput> session_token(const Context& c, GetSessionTokenInput in) {
    const identity::Principal& p = *c.principal;
    if (p.session() ||
        (p.kind() != Kind::user && p.kind() != Kind::root && p.kind() != Kind::developer))
      co_return Error{Fault::access_denied, "Cannot call GetSessionToken with session credentials"};
    const bool root = p.kind() != Kind::user;
    const std::int32_t seconds = in.duration_seconds.value_or(root ? 3600 : 43'200);
    identity::SessionGrant grant;
    grant.kind = root ? Kind::root : Kind::user;
    grant.account = p.account();
    grant.arn = p.arn();
    grant.id = p.id();
    grant.facts.issued = p_.real->now();
    grant.facts.expires =
        grant.facts.issued + std::chrono::seconds(root ? std::min(seconds, 3600) : seconds);
    grant.facts.made_with = p.access_key_id();
    const identity::AccessKey key = p_.credentials->sessions().issue(grant);
    GetSessionTokenOutput out;
    out.credentials = shown(key, grant.facts.expires);
    co_return out;
  }

  Task<GetAccessKeyInfoOutput> key_info(const Context&, GetAccessKeyInfoInput in) {
    const auto known = p_.credentials->find(in.access_key_id);
    if (!known) co_return invalid("The access key id is not known to this server.");
    co_return GetAccessKeyInfoOutput{known->principal.account()};
  }

 private:
  // What can be said of the request by itself.
  Result<identity::SessionGrant> prepare(const Context& c, const AssumeRoleInput& in) const {
    const std::string& arn = in.role_arn;
    if (!arn.starts_with("arn:aws:iam::") || arn.size() < 32 || arn.find(":role/") != 25)
      return invalid(fmt::format("{} is invalid", arn));
    if (!good_session_name(in.role_session_name))
      return invalid(fmt::format(
          "1 validation error detected: Value '{}' at 'roleSessionName' failed to satisfy "
          "constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
          in.role_session_name));
    if (in.serial_number || in.token_code)
      return Error{Fault::not_implemented, "Multi-factor authentication is not implemented."};
    if (in.policy_arns.size() > 10) return invalid("At most 10 session policies may be named.");
    identity::SessionGrant grant;
    if (in.policy) grant.facts.policies.push_back(*in.policy);
    for (const PolicyDescriptorType& d : in.policy_arns)
      if (d.arn) grant.facts.policy_arns.push_back(*d.arn);
    TRY(auto sources, domain::session_sources(*p_.directory, arn.substr(13, 12),
                                              grant.facts.policies, grant.facts.policy_arns));
    (void)sources;
    const identity::SessionFacts* before = c.principal->session();
    TRY(Unit tagged, take_tags(grant.facts, in, before));
    (void)tagged;
    if (before) grant.facts.source_identity = before->source_identity;
    if (in.source_identity) {
      // Once it is said who is behind a session, nobody further down says otherwise.
      if (!grant.facts.source_identity.empty() &&
          grant.facts.source_identity != *in.source_identity)
        return Error{Fault::access_denied,
                     "The source identity of the calling session cannot be changed."};
      grant.facts.source_identity = *in.source_identity;
    }
    return grant;
  }

  // The trust policy must let the caller; his own policies too, unless he was named by himself in
  // his own account.
  Task<Unit> check(const Context& c, const AssumeRoleInput& in,
                   const identity::SessionFacts& session, const domain::RoleRecord* role,
                   const std::string& account) {
    if (!role) co_return may_not_assume(c, in.role_arn);
    policy::Request request = p_.authorizer->request_of(c);
    if (in.external_id) request.context.set("sts:ExternalId", *in.external_id);
    request.context.set("sts:RoleSessionName", in.role_session_name);
    if (!session.source_identity.empty())
      request.context.set("sts:SourceIdentity", session.source_identity);
    if (!session.transitive_tags.empty())
      request.context.set("sts:TransitiveTagKeys", session.transitive_tags);
    std::vector<std::string> keys;
    for (const Tag& t : in.tags) {
      request.context.set("aws:RequestTag/" + t.key, t.value);
      keys.push_back(t.key);
    }
    if (!keys.empty()) request.context.set("aws:TagKeys", keys);
    std::vector<std::string> actions{"sts:AssumeRole"};
    if (!session.tags.empty()) actions.push_back("sts:TagSession");
    if (!session.source_identity.empty()) actions.push_back("sts:SetSourceIdentity");
    const bool home = account == c.principal->account();
    for (std::string& action : actions) {
      request.action = action;
      const policy::Decision trusted = domain::trusts(*role, in.role_arn, request);
      if (trusted.verdict != Verdict::allow)
        co_return may_not_assume(c, in.role_arn, action, trusted.verdict == Verdict::deny);
      if (home && trusted.direct) continue;
      const wire::Access::Facts facts;
      CO_TRY(Unit own, co_await p_.authorizer->require(c, action, in.role_arn, facts));
      (void)own;
      role = p_.directory->role_of_arn(in.role_arn);
      if (!role) co_return may_not_assume(c, in.role_arn);
    }
    co_return done;
  }

  Parts p_;
};

}  // namespace

void mount(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<Api>(parts);
  table.add(kGetCallerIdentity,
            [](const Context& c, GetCallerIdentityRequest) -> Task<GetCallerIdentityResponse> {
              co_return GetCallerIdentityResponse{c.principal->id(), c.principal->account(),
                                                  c.principal->arn()};
            });
  table.add(kAssumeRole,
            [api](const Context& c, AssumeRoleInput in) { return api->assume(c, std::move(in)); });
  table.add(kGetSessionToken, [api](const Context& c, GetSessionTokenInput in) {
    return api->session_token(c, std::move(in));
  });
  table.add(kGetAccessKeyInfo, [api](const Context& c, GetAccessKeyInfoInput in) {
    return api->key_info(c, std::move(in));
  });
  wire::refuse_actions<"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot",
                       "DecodeAuthorizationMessage", "GetDelegatedAccessToken",
                       "GetFederationToken", "GetWebIdentityToken">(table);
}

}  // namespace tidegate::api::sts
