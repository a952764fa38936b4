#include "api/request_facts.h"

#include <fmt/format.h>

#include "iam/directory.h"

namespace tidegate::api {
namespace {

using identity::Principal;
using Kind = Principal::Kind;

void add_moment(policy::Context& to, Instant now) {
  to.set("aws:CurrentTime", iso8601(now));
  to.set("aws:EpochTime", std::to_string(to_ms(now) / 1000));
  to.set("aws:PrincipalIsAWSService", "false");
  to.set("aws:ViaAWSService", "false");
}

void add_session(policy::Context& to, Instant issued, const PrincipalTags& tags) {
  to.set("aws:TokenIssueTime", iso8601(issued));
  // A temporary key says whether it was made with a second factor; a long-lived one says nothing.
  to.set("aws:MultiFactorAuthPresent", "false");
  for (const auto& [key, value] : tags) to.set("aws:PrincipalTag/" + key, value);
}

void add_principal(policy::Context& to, const Principal& p) {
  to.set("aws:PrincipalAccount", p.account());
  to.set("aws:PrincipalArn", p.role_arn().empty() ? p.arn() : p.role_arn());
  to.set("aws:userid", p.id());
  const bool root = p.kind() == Kind::root || p.kind() == Kind::developer;
  to.set("aws:PrincipalType", root ? "Account" : p.kind() == Kind::user ? "User" : "AssumedRole");
  if (p.kind() == Kind::user) to.set("aws:username", std::string(iam::name_of_arn(p.arn())));
  if (!p.function_arn().empty()) to.set("lambda:SourceFunctionArn", p.function_arn());
}

}  // namespace

policy::Request request_facts(const wire::Context& c, Instant now, const PrincipalTags& tags) {
  const Principal& p = *c.principal;
  policy::Request r;
  policy::Context& to = r.context;
  add_moment(to, now);
  to.set("aws:SecureTransport", c.secure ? "true" : "false");
  to.set("aws:RequestedRegion", c.scope.region);
  // A call from inside a sandbox comes from no address.
  if (!c.source_ip.empty()) to.set("aws:SourceIp", c.source_ip);
  if (const std::string* agent = c.header("user-agent")) to.set("aws:UserAgent", *agent);
  if (const std::string* referer = c.header("referer")) to.set("aws:Referer", *referer);
  if (p.kind() == Kind::anonymous) {
    to.set("aws:PrincipalType", "Anonymous");
    return r;
  }
  r.caller.account = p.account();
  r.caller.arn = p.arn();
  r.caller.role_arn = p.role_arn();
  r.caller.root = p.kind() == Kind::root || p.kind() == Kind::developer;
  add_principal(to, p);
  for (const auto& [key, value] : tags) to.set("aws:PrincipalTag/" + key, value);
  if (const identity::SessionFacts* s = p.session()) {
    add_session(to, s->issued, s->tags);
    if (!s->source_identity.empty()) to.set("aws:SourceIdentity", s->source_identity);
  }
  return r;
}

policy::Request role_facts(const std::string& account, const std::string& role_arn,
                           const std::string& session_name, const std::string& role_id, Instant now,
                           const PrincipalTags& tags) {
  policy::Request r;
  r.caller.account = account;
  r.caller.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account,
                             iam::name_of_arn(role_arn), session_name);
  r.caller.role_arn = role_arn;
  policy::Context& to = r.context;
  add_moment(to, now);
  to.set("aws:SecureTransport", "true");
  to.set("aws:PrincipalAccount", account);
  to.set("aws:PrincipalArn", role_arn);
  to.set("aws:userid", role_id + ":" + session_name);
  to.set("aws:PrincipalType", "AssumedRole");
  add_session(to, now, tags);
  return r;
}

}  // namespace tidegate::api
