#include "api/authorize.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "api/request_facts.h"
#include "api/s3/request.h"
#include "base/bytes.h"
#include "iam/trust.h"

namespace tidegate::api {
namespace {

using identity::Principal;
using policy::Verdict;
using Kind = Principal::Kind;

const wire::Member* member_named(const wire::Shape* shape, std::string_view name) {
  if (!shape) return nullptr;
  for (const wire::Member& m : shape->members)
    if (m.name == name) return &m;
  return nullptr;
}

std::optional<std::string> text_of(const wire::Member& m, const void* value) {
  if (!value) return std::nullopt;
  if (m.type->kind == wire::Kind::string) return *static_cast<const std::string*>(value);
  if (m.type->kind == wire::Kind::integer)
    return std::to_string(*static_cast<const std::int32_t*>(value));
  if (m.type->kind == wire::Kind::long_)
    return std::to_string(*static_cast<const std::int64_t*>(value));
  if (m.type->kind == wire::Kind::list && m.type->element->kind == wire::Kind::string) {
    std::string all;
    for (std::size_t i = 0; i < m.type->size(value); ++i)
      all += (i ? "," : "") + *static_cast<const std::string*>(m.type->get(value, i));
    return all;
  }
  return std::nullopt;
}

wire::Service owner_of_action(std::string_view action) {
  if (action.starts_with("s3:")) return wire::Service::s3;
  if (action.starts_with("lambda:")) return wire::Service::lambda;
  return wire::Service::iam;  // resources without policies of their own
}

std::string role_name(const std::string& arn) {
  return std::string(iam::name_of_arn(arn));
}

void add_tag_keys(policy::Context& to,
                  const std::vector<std::pair<std::string, std::string>>& tags) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : tags) {
    to.set("aws:RequestTag/" + key, value);
    keys.push_back(key);
  }
  if (!keys.empty()) to.set("aws:TagKeys", keys);
}

// The Tags of a call, as AWS's two forms have them: a map, or a list of Key and Value.
void add_tags(policy::Context& to, const Subject& subject) {
  const wire::Member* m = member_named(subject.row().input, "Tags");
  const void* value = m && subject.input() ? m->peek(subject.input()) : nullptr;
  if (!value) return;
  std::vector<std::pair<std::string, std::string>> tags;
  if (m->type->kind == wire::Kind::map && m->type->element->kind == wire::Kind::string) {
    m->type->each(value, &tags, [](void* into, std::string_view key, const void* text) {
      static_cast<decltype(tags)*>(into)->emplace_back(key, *static_cast<const std::string*>(text));
    });
  } else if (m->type->kind == wire::Kind::list && m->type->element->kind == wire::Kind::structure) {
    const wire::Shape* shape = m->type->element->shape();
    const wire::Member *key = member_named(shape, "Key"), *text = member_named(shape, "Value");
    for (std::size_t i = 0; key && text && i < m->type->size(value); ++i) {
      const void* item = m->type->get(value, i);
      tags.emplace_back(text_of(*key, key->peek(item)).value_or(""),
                        text_of(*text, text->peek(item)).value_or(""));
    }
  }
  add_tag_keys(to, tags);
}

}  // namespace

std::optional<std::string> Subject::text(std::string_view name) const {
  const wire::Member* m = member_named(row().input, name);
  if (!m) return std::nullopt;
  if (input_) return text_of(*m, m->peek(input_));
  if (m->in == wire::In::label || m->in == wire::In::greedy_label) {
    for (const auto& [label, value] : labels_.values)
      if (label == m->wire_name) return value;
    return std::nullopt;
  }
  const std::string* found = nullptr;
  if (m->in == wire::In::query) found = http::find(context.query, m->wire_name);
  if (m->in == wire::In::header) found = context.header(lower_ascii(m->wire_name));
  return found ? std::optional(*found) : std::nullopt;
}

namespace {

std::string first_named(const Subject& s) {
  constexpr std::string_view kChains[][4] = {
      {"Bucket", "Key"},
      {"ApplicationId", "EnvironmentId", "ConfigurationProfileId", "DeploymentNumber"},
      {"FunctionName"},
      {"LayerName", "VersionNumber"},
      {"RoleName"},
      {"GroupName", "UserName"},
      {"UserName"},
      {"PolicyArn"},
      {"PolicyName"},
      {"RoleArn"},
      {"ResourceArn"},
      {"ResourceARN"},
      {"resourceArn"},
      {"Resource"},
      {"AlarmName"},
      {"AlarmNames"},
      {"logGroupName", "logStreamName"},
      {"DeploymentStrategyId"},
      {"ExtensionIdentifier"},
      {"ExtensionAssociationId"},
      {"Name"},
  };
  for (const auto& chain : kChains) {
    std::string out;
    for (const std::string_view member : chain) {
      const auto text = member.empty() ? std::nullopt : s.text(member);
      if (!text) continue;
      if (!out.empty()) out += '/';
      out += *text;
    }
    if (!out.empty()) return out;
  }
  return "";
}

}  // namespace

std::string denied_in(const wire::Row& row, const void* output) {
  const wire::Member* errors = member_named(row.output, "Errors");
  if (!errors || errors->type->kind != wire::Kind::list) return "";
  const wire::Shape* shape = errors->type->element->shape();
  const wire::Member *code = member_named(shape, "Code"), *message = member_named(shape, "Message");
  const void* list = errors->peek(output);
  for (std::size_t i = 0; code && message && list && i < errors->type->size(list); ++i) {
    const void* one = errors->type->get(list, i);
    if (text_of(*code, code->peek(one)) == "AccessDenied")
      return text_of(*message, message->peek(one)).value_or("");
  }
  return "";
}

Named named_resources(const Subject& s) {
  Named out{first_named(s), {}};
  if (const auto source = s.text("CopySource")) {
    const auto from = s3::copy_source_of(*source);
    if (from.ok()) out.further.push_back(from->bucket + "/" + from->key);
  }
  return out;
}

namespace {

struct Remembered {
  std::uint64_t epoch = 0;
  std::unordered_set<std::string> keys;
};
thread_local Remembered remembered;
constexpr std::size_t kMostRemembered = 4096;

}  // namespace

bool Authorizer::remembers(const Principal& p, const std::string& resource) const {
  return !resource.empty() && remembered.epoch == directory_.epoch() &&
         remembered.keys.count(p.access_key_id() + " " + resource) != 0;
}

void Authorizer::remember(const Principal& p, const std::string& resource) const {
  const std::uint64_t epoch = directory_.epoch();
  if (remembered.epoch != epoch || remembered.keys.size() >= kMostRemembered) {
    remembered.keys.clear();
    remembered.epoch = epoch;
  }
  remembered.keys.insert(p.access_key_id() + " " + resource);
}

// Who asks, with all that speaks for him.
struct Authorizer::Asker {
  std::string shown;    // the ARN in refusals
  std::string account;  // "" for nobody
  bool root = false;
  std::shared_ptr<const iam::Grants> grants;  // null: no such user or role any more
  std::vector<iam::Source> session;
};

void Authorizer::serve(wire::Service service, Needs needs, Judge judge) {
  served_[service] = Served{std::move(needs), std::move(judge)};
}

bool Authorizer::free(const Principal& p, wire::Service service) const {
  if (!options_.enforce) return true;
  if (p.kind() == Kind::service) return true;  // the server's own calls
  if (p.kind() != Kind::root && p.kind() != Kind::developer) return false;
  const auto found = served_.find(service);
  return found == served_.end() || !found->second.judge;
}

std::shared_ptr<const iam::Grants> Authorizer::grants_of(const Principal& p) const {
  std::shared_ptr<const iam::Grants> found;
  if (p.kind() == Kind::user) {
    found = directory_.grants_of_user(p.account(), role_name(p.arn()));
    // A user or role that was deleted and made anew is another one.
    if (found && found->id != p.id()) found = {};
  }
  if (p.kind() == Kind::role || p.kind() == Kind::function) {
    const iam::RoleRecord* role = directory_.role_of_arn(p.role_arn());
    const bool same = role && (p.kind() == Kind::function || p.id().starts_with(role->id + ":"));
    if (same && (p.kind() != Kind::function ||
                 check_service_role(p.role_arn(), "lambda.amazonaws.com").ok()))
      found = directory_.grants_of_role(p.account(), role->name);
  }
  return found;
}

PrincipalTags Authorizer::tags_of(const Principal& p) const {
  const auto grants = grants_of(p);
  return grants ? grants->tags : PrincipalTags{};
}

policy::Request Authorizer::request_of(const wire::Context& c) const {
  return request_facts(c, real_.now(), tags_of(*c.principal));
}

Result<std::shared_ptr<Authorizer::Asker>> Authorizer::asker_of(const Principal& p) {
  auto asker = std::make_shared<Asker>();
  asker->shown = p.arn();
  asker->account = p.account();
  asker->root = p.kind() == Kind::root || p.kind() == Kind::developer;
  asker->grants = grants_of(p);
  if (const identity::SessionFacts* s = p.session()) {
    TRY(asker->session, iam::session_sources(directory_, p.account(), s->policies, s->policy_arns));
  }
  return asker;
}

bool Authorizer::unconditional(const Principal& p) {
  auto asker = asker_of(p);
  return asker.ok() && (*asker)->grants && (*asker)->session.empty() &&
         (*asker)->grants->unconditional;
}

namespace {

std::string account_of_arn(const std::string& arn) {
  const std::vector<std::string> parts = split(arn, ':');
  return parts.size() > 4 ? parts[4] : "";
}

// A role is handed to a service by its own account only, whatever policies say.
Error foreign_role() {
  return Error{Fault::access_denied, "Cross-account pass role is not allowed."};
}

// In AWS's words; S3 puts the resource into quotes.
Error refusal(const std::string& who, const policy::Request& r, const char* kind, bool explicitly) {
  const bool s3 = r.action.starts_with("s3:");
  std::string text = fmt::format("User: {} is not authorized to perform: {} on resource: {}{}{} ",
                                 who, r.action, s3 ? "\"" : "", r.resource, s3 ? "\"" : "");
  if (explicitly)
    text += fmt::format("with an explicit deny in {} {} policy", kind[0] == 'i' ? "an" : "a", kind);
  else
    text += fmt::format("because no {} policy allows the {} action", kind, r.action);
  if (std::string_view(kind) == "permissions boundary") {
    // The one kind that is no policy by name.
    const std::size_t at = text.find("permissions boundary policy");
    text.erase(at + 20, 7);
  }
  return Error{Fault::access_denied, std::move(text)};
}

const char* kind_of(iam::Ruling::By by) {
  switch (by) {
    case iam::Ruling::By::boundary:
      return "permissions boundary";
    case iam::Ruling::By::session:
      return "session";
    case iam::Ruling::By::identity:
      break;
  }
  return "identity-based";
}

// A boundary or a session's policy also bounds what a resource grants.
bool bounds(const iam::Ruling& own) {
  return own.verdict != Verdict::allow && own.by != iam::Ruling::By::identity;
}

}  // namespace

Task<Unit> Authorizer::rule(std::shared_ptr<Asker> asker, std::shared_ptr<policy::Request> request,
                            wire::Service service) {
  request->context.set("aws:ResourceAccount", asker->account);
  ResourceVerdict resource;
  const auto served = served_.find(service);
  if (served != served_.end() && served->second.judge) {
    CO_TRY(resource, co_await served->second.judge(request));
  }
  const std::string& owner = resource.owner.empty() ? asker->account : resource.owner;
  const bool at_home = owner == asker->account;
  request->context.set("aws:ResourceAccount", owner);
  const bool s3 = service == wire::Service::s3;
  // Of another account's resources S3 says no more than this.
  const Error foreign{Fault::access_denied, "Access Denied"};
  if (asker->account.empty()) {
    if (resource.verdict == Verdict::allow) co_return done;
    co_return foreign;
  }
  const iam::Ruling own = own_ruling(*asker, *request);
  if (own.verdict == Verdict::deny)
    co_return refusal(asker->shown, *request, kind_of(own.by), true);
  if (resource.verdict == Verdict::deny) {
    if (s3 && !at_home) co_return foreign;
    co_return refusal(asker->shown, *request, "resource-based", true);
  }
  const bool resource_allows = resource.verdict == Verdict::allow;
  if (at_home &&
      (own.verdict == Verdict::allow || (resource_allows && resource.direct && !bounds(own))))
    co_return done;
  if (!at_home && own.verdict == Verdict::allow && resource_allows) co_return done;
  if (s3 && !at_home) co_return foreign;
  const bool by_resource = !at_home && own.verdict == Verdict::allow;
  co_return refusal(asker->shown, *request, by_resource ? "resource-based" : kind_of(own.by),
                    false);
}

Task<Unit> Authorizer::admit(wire::Service service, const wire::Context& context,
                             const wire::Labels& labels, const void* input) {
  if (free(*context.principal, service)) co_return done;
  auto subject = std::make_shared<const Subject>(context, labels, input);
  std::vector<Need> needs;
  const auto served = served_.find(service);
  if (served != served_.end() && served->second.needs) {
    CO_TRY(needs, co_await served->second.needs(subject));
  } else {
    needs.push_back({std::string(context.row->action), "*"});
  }
  if (needs.empty()) co_return done;
  CO_TRY(auto asker, asker_of(*context.principal));
  policy::Request base = request_of(context);
  add_tags(base.context, *subject);
  for (Need& need : needs) {
    auto request = std::make_shared<policy::Request>(base);
    std::optional<Error> wrong = std::move(need.wrong);
    CO_TRY(Unit ruled, co_await rule_on(asker, std::move(request), std::move(need)));
    (void)ruled;
    if (wrong) co_return std::move(*wrong);
  }
  co_return done;
}

Task<Unit> Authorizer::require(const wire::Context& context, std::string action,
                               std::string resource, Facts facts) {
  if (free(*context.principal, owner_of_action(action))) co_return done;
  CO_TRY(auto asker, asker_of(*context.principal));
  auto request = std::make_shared<policy::Request>(request_of(context));
  Need need{std::move(action), std::move(resource), std::move(facts)};
  co_return co_await rule_on(std::move(asker), std::move(request), std::move(need));
}

Task<Unit> Authorizer::rule_on(std::shared_ptr<Asker> asker,
                               std::shared_ptr<policy::Request> request, Need need) {
  request->action = std::move(need.action);
  request->resource = std::move(need.resource);
  if (request->action == "iam:PassRole" && account_of_arn(request->resource) != asker->account)
    co_return foreign_role();
  for (auto& [key, value] : need.facts) request->context.set(key, value);
  const wire::Service service = owner_of_action(request->action);
  co_return co_await rule(std::move(asker), std::move(request), service);
}

iam::Ruling Authorizer::own_ruling(const Asker& asker, const policy::Request& request) {
  iam::Ruling own;
  if (asker.root) own.verdict = Verdict::allow;
  if (!asker.grants) return own;
  return iam::decide(*asker.grants, asker.session, request);
}

IdentityVerdict Authorizer::identity_verdict(const Principal& p, const policy::Request& request) {
  if (p.kind() == Kind::service) return Verdict::allow;
  auto asker = asker_of(p);
  if (!asker.ok()) return Verdict::deny;
  const iam::Ruling own = own_ruling(**asker, request);
  return {own.verdict, bounds(own)};
}

Error Authorizer::identity_refusal(const Principal& p, const policy::Request& request,
                                   bool by_resource) {
  auto asker = asker_of(p);
  if (!asker.ok()) return std::move(asker).error();
  const iam::Ruling own = own_ruling(**asker, request);
  if (own.verdict == Verdict::allow || (by_resource && own.verdict != Verdict::deny))
    return refusal(p.arn(), request, "resource-based", true);
  return refusal(p.arn(), request, kind_of(own.by), own.verdict == Verdict::deny);
}

Status Authorizer::check_service_role(const std::string& role_arn,
                                      const std::string& service_principal) const {
  if (!options_.enforce) return done;
  const iam::RoleRecord* role = directory_.role_of_arn(role_arn);
  policy::Request request;
  request.caller.service = service_principal;
  request.action = "sts:AssumeRole";
  if (role && iam::trusts(*role, role_arn, request).verdict == Verdict::allow) return done;
  return Error{Fault::invalid_argument,
               fmt::format("{} is not authorized to perform: sts:AssumeRole on resource: {}",
                           service_principal, role_arn)};
}

Task<Unit> Authorizer::require_of_role(Scope owner, ServiceRole who, Need need) {
  if (!options_.enforce) co_return done;
  if (account_of_arn(who.role_arn) != owner.account) co_return foreign_role();
  CO_TRY(Unit trusted, check_service_role(who.role_arn, who.service_principal));
  (void)trusted;
  auto asker = std::make_shared<Asker>();
  const iam::RoleRecord* role = directory_.role_of_arn(who.role_arn, &asker->account);
  asker->grants = directory_.grants_of_role(asker->account, role->name);
  auto request = std::make_shared<policy::Request>(role_facts(
      asker->account, who.role_arn, who.session_name, role->id, real_.now(), asker->grants->tags));
  asker->shown = request->caller.arn;
  request->context.set("aws:RequestedRegion", std::move(owner.region));
  co_return co_await rule_on(std::move(asker), std::move(request), std::move(need));
}

}  // namespace tidegate::api
