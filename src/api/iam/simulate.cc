// The simulator: what policies would say of calls that nobody makes, by the function that judges
// those somebody does.
#include <set>

#include "api/iam/simulation_shapes.h"
#include "api/iam/support.h"
#include "base/bytes.h"
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

Status add_sources(std::vector<domain::Source>& to, const Documents& from, const char* name) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    TRY(policy::Document document, policy::parse(from[i], policy::Dialect::identity));
    to.push_back({fmt::format("{}.{}", name, i + 1), "none",
                  std::make_shared<const policy::Document>(std::move(document))});
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

struct Question {
  domain::Grants grants;
  std::optional<policy::Document> resource_policy;
  policy::Request request;
  std::set<std::string> keys;  // that the policies ask for
};

template <class In>
Result<Question> question_of(const In& in, domain::Grants grants) {
  Question q{std::move(grants), std::nullopt, {}, {}};
  TRY(Unit added, add_sources(q.grants.policies, in.policy_input_list, "PolicyInputList"));
  std::vector<domain::Source> boundaries;
  TRY(Unit bounded, add_sources(boundaries, in.permissions_boundary_policy_input_list,
                                "PermissionsBoundaryPolicyInputList"));
  (void)added, (void)bounded;
  if (!boundaries.empty()) q.grants.boundary = boundaries.front();
  if (in.resource_policy) {
    TRY(q.resource_policy, policy::parse(*in.resource_policy, policy::Dialect::bucket));
    if (!in.caller_arn && q.grants.arn.empty())
      return Error{Fault::invalid_argument, "CallerArn must be given with a ResourcePolicy."};
  }
  policy::Caller& caller = q.request.caller;
  caller.arn = in.caller_arn.value_or(q.grants.arn);
  if (caller.arn.size() > 25) caller.account = caller.arn.substr(13, 12);
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
  for (const ContextEntry& entry : in.context_entries)
    if (entry.context_key_name)
      q.request.context.set(*entry.context_key_name, entry.context_key_values);
  auto collect = [&q](const policy::Document& d) {
    for (std::string& key : policy::context_keys(d)) q.keys.insert(std::move(key));
  };
  for (const domain::Source& s : q.grants.policies) collect(*s.document);
  if (q.grants.boundary) collect(*q.grants.boundary->document);
  if (q.resource_policy) collect(*q.resource_policy);
  return q;
}

EvaluationResult answer(Question& q, const std::string& action, const std::string& resource) {
  q.request.action = action;
  q.request.resource = resource;
  const domain::Ruling own = domain::decide(q.grants, {}, q.request);
  Verdict verdict = own.verdict;
  EvaluationResult out;
  for (const auto& m : own.matched)
    out.matched_statements.push_back({m.source->id, m.source->type});
  if (q.resource_policy) {
    const policy::Decision d = policy::evaluate(*q.resource_policy, q.request);
    if (d.verdict == Verdict::deny) out.matched_statements.clear();
    if (d.verdict == Verdict::deny || (verdict == Verdict::none && d.direct)) verdict = d.verdict;
    for (std::size_t i = 0; i < d.matched.size(); ++i)
      out.matched_statements.push_back({"ResourcePolicy", "resource"});
  }
  out.eval_action_name = action;
  out.eval_resource_name = resource;
  out.eval_decision = verdict == Verdict::allow  ? "allowed"
                      : verdict == Verdict::deny ? "explicitDeny"
                                                 : "implicitDeny";
  for (const std::string& key : q.keys)
    if (!q.request.context.find(key)) out.missing_context_values.push_back(key);
  if (q.grants.boundary)
    out.permissions_boundary_decision_detail = PermissionsBoundaryDecisionDetail{
        policy::evaluate(*q.grants.boundary->document, q.request).verdict == Verdict::allow};
  return out;
}

template <class In>
Result<SimulateCustomPolicyOutput> answers(const In& in, domain::Grants grants) {
  TRY(Question q, question_of(in, std::move(grants)));
  std::vector<std::string> resources = in.resource_arns;
  if (resources.empty()) resources.push_back("*");
  if (in.action_names.size() * resources.size() > kMostAnswers)
    return Error{Fault::invalid_argument,
                 fmt::format("More than {} answers are asked for at once.", kMostAnswers)};
  std::vector<EvaluationResult> all;
  for (const std::string& action : in.action_names) {
    if (action.find(':') == std::string::npos)
      return Error{Fault::invalid_argument, "Invalid Action Name: " + action};
    for (const std::string& resource : resources) all.push_back(answer(q, action, resource));
  }
  SimulateCustomPolicyOutput out;
  std::size_t at = 0;
  if (in.marker)
    at = std::min<std::size_t>(std::strtoul(in.marker->c_str(), nullptr, 10), all.size());
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
  std::set<std::string> keys;
  std::vector<domain::Source> sources = grants.policies;
  TRY(Unit added, add_sources(sources, documents, "PolicyInputList"));
  (void)added;
  for (const domain::Source& s : sources)
    for (std::string& key : policy::context_keys(*s.document)) keys.insert(std::move(key));
  return GetContextKeysForCustomPolicyOutput{{keys.begin(), keys.end()}};
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
