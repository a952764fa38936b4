// The simulator: what policies would say of calls that nobody makes, by the function that judges
// those somebody does.
#include <algorithm>
#include <charconv>
#include <map>

#include "api/iam/simulation_shapes.h"
#include "api/iam/support.h"
#include "base/bytes.h"
#include "base/scope.h"
#include "iam/decide.h"

namespace tidegate::api::iam {
namespace {

using policy::Verdict;

constexpr auto kSimulateCustomPolicy = row<SimulateCustomPolicyInput, SimulateCustomPolicyOutput>(
    "SimulateCustomPolicy", "/?Action=SimulateCustomPolicy", "iam:SimulateCustomPolicy");
constexpr auto kSimulatePrincipalPolicy =
    row<SimulatePrincipalPolicyInput, SimulateCustomPolicyOutput>(
        "SimulatePrincipalPolicy", "/?Action=SimulatePrincipalPolicy",
        "iam:SimulatePrincipalPolicy");
constexpr auto kGetContextKeysForCustomPolicy =
    row<GetContextKeysForCustomPolicyInput, GetContextKeysForCustomPolicyOutput>(
        "GetContextKeysForCustomPolicy", "/?Action=GetContextKeysForCustomPolicy",
        "iam:GetContextKeysForCustomPolicy");
constexpr auto kGetContextKeysForPrincipalPolicy =
    row<GetContextKeysForPrincipalPolicyInput, GetContextKeysForCustomPolicyOutput>(
        "GetContextKeysForPrincipalPolicy", "/?Action=GetContextKeysForPrincipalPolicy",
        "iam:GetContextKeysForPrincipalPolicy");

constexpr std::size_t kMostAnswers = 1000;  // actions times resources

using Documents = std::vector<std::string>;

Error wrong(std::string text) {
  return Error{Fault::invalid_argument, std::move(text)};
}

Status add_sources(std::vector<domain::Source>& to, const Documents& from, const char* name) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto document = policy::parse(from[i], policy::Dialect::identity);
    if (!document.ok())
      return wrong(fmt::format("{}.{}: {}", name, i + 1, document.error().message));
    to.push_back({fmt::format("{}.{}", name, i + 1), "none",
                  std::make_shared<const policy::Document>(std::move(*document))});
  }
  return done;
}

// The account of an IAM ARN or the digits alone; "" of anything else.
std::string account_of(const std::string& text) {
  const bool arn = text.starts_with("arn:aws:iam::") && text.size() > 25;
  const std::string account = arn ? text.substr(13, 12) : text;
  return is_account(account) ? account : "";
}

policy::Operator operator_of(std::string_view type) {
  using policy::Operator;
  if (type.starts_with("numeric")) return Operator::numeric_equals;
  if (type.starts_with("boolean")) return Operator::boolean;
  if (type.starts_with("ip")) return Operator::ip_address;
  if (type.starts_with("binary")) return Operator::binary_equals;
  if (type.starts_with("date")) return Operator::date_equals;
  return Operator::string_equals;
}

Status add_context(policy::Context& to, const std::vector<ContextEntry>& entries) {
  for (const ContextEntry& entry : entries) {
    if (!entry.context_key_name) continue;
    const std::string& name = *entry.context_key_name;
    const std::string type = entry.context_key_type.value_or("string");
    if (entry.context_key_values.size() > 1 && entry.context_key_type && !type.ends_with("List"))
      return wrong(fmt::format("Context key {} of type {} has more than one value.", name, type));
    for (const std::string& value : entry.context_key_values)
      if (!policy::acceptable(operator_of(type), value))
        return wrong(
            fmt::format("Context key {} of type {} has an invalid value: {}", name, type, value));
    to.set(name, entry.context_key_values);
  }
  return done;
}

// The policies of the user, group or role that an ARN names.
Result<std::shared_ptr<const domain::Grants>> grants_of(Edit& e, domain::Directory& directory,
                                                        const std::string& arn) {
  std::shared_ptr<const domain::Grants> found;
  const std::string name(domain::name_of_arn(arn));
  if (arn.find(":user/") != std::string::npos)
    found = directory.grants_of_user(e.account_id(), name);
  if (arn.find(":group/") != std::string::npos)
    found = directory.grants_of_group(e.account_id(), name);
  if (arn.find(":role/") != std::string::npos)
    found = directory.grants_of_role(e.account_id(), name);
  if (!found || found->arn != arn)
    return domain::no_entity(fmt::format("The entity {} cannot be found.", arn));
  return found;
}

// The condition keys that policies ask for: in lower case → as they are written first.
using Keys = std::map<std::string, std::string>;

void collect(Keys& to, const policy::Document& document) {
  for (std::string& key : policy::context_keys(document)) {
    std::string lower = lower_ascii(key);
    to.emplace(std::move(lower), std::move(key));
  }
}

struct Question {
  domain::Grants grants;
  std::optional<policy::Document> resource_policy;
  bool foreign = false;  // the resource is another account's
  policy::Request request;
  Keys keys;
};

template <class In>
Result<Question> question_of(const In& in, domain::Grants grants) {
  Question q{std::move(grants), std::nullopt, false, {}, {}};
  TRY(Unit added, add_sources(q.grants.policies, in.policy_input_list, "PolicyInputList"));
  std::vector<domain::Source> boundaries;
  TRY(Unit bounded, add_sources(boundaries, in.permissions_boundary_policy_input_list,
                                "PermissionsBoundaryPolicyInputList"));
  (void)added, (void)bounded;
  if (boundaries.size() > 1)
    return wrong("Only one policy may be given as the permissions boundary.");
  if (!boundaries.empty()) q.grants.boundary = boundaries.front();
  policy::Caller& caller = q.request.caller;
  caller.arn = in.caller_arn.value_or(q.grants.arn);
  caller.account = account_of(caller.arn);
  if (caller.account.empty() && !caller.arn.empty())
    return wrong("Invalid Caller ARN: " + caller.arn);
  if (in.resource_policy) {
    auto document = policy::parse(*in.resource_policy, policy::Dialect::bucket);
    if (!document.ok()) return wrong("ResourcePolicy: " + document.error().message);
    q.resource_policy = std::move(*document);
    if (caller.arn.empty()) return wrong("CallerArn must be given with a ResourcePolicy.");
  }
  if (in.resource_owner) {
    const std::string owner = account_of(*in.resource_owner);
    if (owner.empty()) return wrong("Invalid Resource Owner: " + *in.resource_owner);
    q.foreign = owner != caller.account;
  }
  caller.root = caller.arn.ends_with(":root");
  if (caller.arn.find(":role/") != std::string::npos) caller.role_arn = caller.arn;
  if (!caller.arn.empty()) {
    q.request.context.set("aws:PrincipalArn", caller.arn);
    q.request.context.set("aws:PrincipalAccount", caller.account);
    if (caller.arn.find(":user/") != std::string::npos)
      q.request.context.set("aws:username", std::string(domain::name_of_arn(caller.arn)));
  }
  for (const auto& [key, value] : q.grants.tags)
    q.request.context.set("aws:PrincipalTag/" + key, value);
  TRY(Unit known, add_context(q.request.context, in.context_entries));
  (void)known;
  for (const domain::Source& s : q.grants.policies) collect(q.keys, *s.document);
  if (q.grants.boundary) collect(q.keys, *q.grants.boundary->document);
  if (q.resource_policy) collect(q.keys, *q.resource_policy);
  return q;
}

const char* shown(Verdict verdict) {
  if (verdict == Verdict::allow) return "allowed";
  return verdict == Verdict::deny ? "explicitDeny" : "implicitDeny";
}

Statement shown(const std::string& id, const std::string& type, const policy::Statement& s) {
  auto place = [](const policy::Place& p) { return Position{p.line, p.column}; };
  return {id, type, place(s.begin), place(s.end)};
}

ResourceSpecificResult rule(Question& q, const std::string& action, const std::string& resource) {
  q.request.action = action;
  q.request.resource = resource;
  const domain::Ruling own = domain::decide(q.grants, {}, q.request);
  Verdict verdict = own.verdict;
  ResourceSpecificResult out;
  for (const auto& m : own.matched)
    out.matched_statements.push_back(
        shown(m.source->id, m.source->type, m.source->document->statements[m.statement]));
  if (q.resource_policy) {
    const policy::Decision d = policy::evaluate(*q.resource_policy, q.request);
    const bool bounded = own.by != domain::Ruling::By::identity;
    if (d.verdict == Verdict::deny && verdict != Verdict::deny) out.matched_statements.clear();
    // As requests are judged: across accounts both must allow.
    if (d.verdict == Verdict::deny)
      verdict = Verdict::deny;
    else if (q.foreign && verdict == Verdict::allow)
      verdict = d.verdict;
    else if (!q.foreign && verdict == Verdict::none && d.direct && !bounded)
      verdict = d.verdict;
    for (std::size_t i : d.matched)
      if (verdict != Verdict::deny || d.verdict == Verdict::deny)
        out.matched_statements.push_back(
            shown("ResourcePolicy", "resource", q.resource_policy->statements[i]));
    if (q.foreign) {
      auto& details = out.eval_decision_details.emplace();
      details["IAM Policy"] = shown(own.verdict);
      details["Resource Policy"] = shown(d.verdict);
    }
  }
  out.eval_resource_name = resource;
  out.eval_resource_decision = shown(verdict);
  for (const auto& [key, written] : q.keys)
    if (!q.request.context.find(key)) out.missing_context_values.push_back(written);
  if (q.grants.boundary)
    out.permissions_boundary_decision_detail = PermissionsBoundaryDecisionDetail{
        policy::evaluate(*q.grants.boundary->document, q.request).verdict == Verdict::allow};
  return out;
}

// What is said of the resource is said of the action, and again by itself where it was named.
EvaluationResult answer(const std::string& action, ResourceSpecificResult of_resource, bool named) {
  EvaluationResult out;
  out.eval_action_name = action;
  out.eval_resource_name = of_resource.eval_resource_name;
  out.eval_decision = of_resource.eval_resource_decision;
  out.matched_statements = of_resource.matched_statements;
  out.missing_context_values = of_resource.missing_context_values;
  out.eval_decision_details = of_resource.eval_decision_details;
  out.permissions_boundary_decision_detail = of_resource.permissions_boundary_decision_detail;
  if (named) out.resource_specific_results.emplace().push_back(std::move(of_resource));
  return out;
}

template <class In>
Result<SimulateCustomPolicyOutput> answers(const In& in, domain::Grants grants) {
  TRY(Question q, question_of(in, std::move(grants)));
  std::vector<std::string> resources = in.resource_arns;
  for (const std::string& arn : resources)
    if (arn != "*" && !(arn.starts_with("arn:") && std::count(arn.begin(), arn.end(), ':') >= 5))
      return wrong("Invalid Resource ARN: " + arn);
  if (resources.empty()) resources.push_back("*");
  if (in.action_names.size() * resources.size() > kMostAnswers)
    return wrong(fmt::format("More than {} answers are asked for at once.", kMostAnswers));
  std::vector<EvaluationResult> all;
  for (const std::string& action : in.action_names) {
    if (action.find(':') == std::string::npos) return wrong("Invalid Action Name: " + action);
    for (const std::string& resource : resources)
      all.push_back(answer(action, rule(q, action, resource), !in.resource_arns.empty()));
  }
  SimulateCustomPolicyOutput out;
  std::size_t at = 0;
  if (in.marker) {
    const char* const text_end = in.marker->data() + in.marker->size();
    const auto [end, error] = std::from_chars(in.marker->data(), text_end, at);
    if (error != std::errc() || end != text_end || at == 0 || at >= all.size())
      return wrong("Invalid Marker.");
  }
  const std::size_t end =
      std::min(all.size(), at + static_cast<std::size_t>(in.max_items.value_or(100)));
  for (; at < end; ++at) out.evaluation_results.push_back(std::move(all[at]));
  out.is_truncated = end < all.size();
  if (end < all.size()) out.marker = std::to_string(end);
  return out;
}

Result<SimulateCustomPolicyOutput> custom(const Context&, Edit&,
                                          const SimulateCustomPolicyInput& in) {
  return answers(in, {});
}

Result<GetContextKeysForCustomPolicyOutput> keys_of(const Documents& documents,
                                                    const domain::Grants& grants) {
  Keys keys;
  std::vector<domain::Source> sources = grants.policies;
  TRY(Unit added, add_sources(sources, documents, "PolicyInputList"));
  (void)added;
  for (const domain::Source& s : sources) collect(keys, *s.document);
  GetContextKeysForCustomPolicyOutput out;
  for (auto& [key, written] : keys) out.context_key_names.push_back(std::move(written));
  return out;
}

Result<GetContextKeysForCustomPolicyOutput> custom_keys(
    const Context&, Edit&, const GetContextKeysForCustomPolicyInput& in) {
  return keys_of(in.policy_input_list, {});
}

}  // namespace

void mount_simulation(wire::Table& table, domain::Directory* d) {
  on(table, kSimulateCustomPolicy, d, custom);
  on(table, kSimulatePrincipalPolicy, d,
     [d](const Context&, Edit& e,
         const SimulatePrincipalPolicyInput& in) -> Result<SimulateCustomPolicyOutput> {
       TRY(auto grants, grants_of(e, *d, in.policy_source_arn));
       return answers(in, *grants);
     });
  on(table, kGetContextKeysForCustomPolicy, d, custom_keys);
  on(table, kGetContextKeysForPrincipalPolicy, d,
     [d](const Context&, Edit& e, const GetContextKeysForPrincipalPolicyInput& in)
         -> Result<GetContextKeysForCustomPolicyOutput> {
       TRY(auto grants, grants_of(e, *d, in.policy_source_arn));
       return keys_of(in.policy_input_list, *grants);
     });
}

}  // namespace tidegate::api::iam
