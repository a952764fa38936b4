// Wire shapes of IAM: the simulator. Names and limits are those of its service model.
#pragma once

#include "api/iam/policy_shapes.h"

namespace tidegate::api::iam {

inline constexpr std::string_view kContextKeyTypeEnums[] = {
    "string", "stringList", "numeric", "numericList", "boolean", "booleanList",
    "ip",     "ipList",     "binary",  "binaryList",  "date",    "dateList"};
inline constexpr std::string_view kPolicySourceTypes[] = {
    "user", "group", "role", "aws-managed", "user-managed", "resource", "none"};
inline constexpr std::string_view kPolicyEvaluationDecisionTypes[] = {"allowed", "explicitDeny",
                                                                      "implicitDeny"};

struct ContextEntry {
  std::optional<std::string> context_key_name;
  std::vector<std::string> context_key_values;
  std::optional<std::string> context_key_type;
};
struct SimulateCustomPolicyInput {
  std::vector<std::string> policy_input_list;
  std::vector<std::string> permissions_boundary_policy_input_list;
  std::vector<std::string> action_names;
  std::vector<std::string> resource_arns;
  std::optional<std::string> resource_policy;
  std::optional<std::string> resource_owner;
  std::optional<std::string> caller_arn;
  std::vector<ContextEntry> context_entries;
  std::optional<std::string> resource_handling_option;
  std::optional<std::int32_t> max_items;
  std::optional<std::string> marker;
};
struct Position {
  std::optional<std::int32_t> line;
  std::optional<std::int32_t> column;
};
struct Statement {
  std::optional<std::string> source_policy_id;
  std::optional<std::string> source_policy_type;
  std::optional<Position> start_position;
  std::optional<Position> end_position;
};
struct OrganizationsDecisionDetail {
  std::optional<bool> allowed_by_organizations;
};
struct PermissionsBoundaryDecisionDetail {
  std::optional<bool> allowed_by_permissions_boundary;
};
struct ResourceSpecificResult {
  std::string eval_resource_name;
  std::string eval_resource_decision;
  std::vector<Statement> matched_statements;
  std::vector<std::string> missing_context_values;
  std::optional<std::map<std::string, std::string>> eval_decision_details;
  std::optional<PermissionsBoundaryDecisionDetail> permissions_boundary_decision_detail;
};
struct EvaluationResult {
  std::string eval_action_name;
  std::optional<std::string> eval_resource_name;
  std::string eval_decision;
  std::vector<Statement> matched_statements;
  std::vector<std::string> missing_context_values;
  std::optional<OrganizationsDecisionDetail> organizations_decision_detail;
  std::optional<PermissionsBoundaryDecisionDetail> permissions_boundary_decision_detail;
  std::optional<std::map<std::string, std::string>> eval_decision_details;
  std::optional<std::vector<ResourceSpecificResult>> resource_specific_results;
};
struct SimulateCustomPolicyOutput {
  std::vector<EvaluationResult> evaluation_results;
  std::optional<bool> is_truncated;
  std::optional<std::string> marker;
};
struct SimulatePrincipalPolicyInput {
  std::string policy_source_arn;
  std::vector<std::string> policy_input_list;
  std::vector<std::string> permissions_boundary_policy_input_list;
  std::vector<std::string> action_names;
  std::vector<std::string> resource_arns;
  std::optional<std::string> resource_policy;
  std::optional<std::string> resource_owner;
  std::optional<std::string> caller_arn;
  std::vector<ContextEntry> context_entries;
  std::optional<std::string> resource_handling_option;
  std::optional<std::int32_t> max_items;
  std::optional<std::string> marker;
};
struct GetContextKeysForCustomPolicyInput {
  std::vector<std::string> policy_input_list;
};
struct GetContextKeysForCustomPolicyOutput {
  std::vector<std::string> context_key_names;
};
struct GetContextKeysForPrincipalPolicyInput {
  std::string policy_source_arn;
  std::vector<std::string> policy_input_list;
};

}  // namespace tidegate::api::iam

namespace tidegate::wire {

template <>
struct shape_of<api::iam::ContextEntry> {
  using S = api::iam::ContextEntry;
  static constexpr Member members[] = {
      field<&S::context_key_name>("ContextKeyName").length(5, 256),
      field<&S::context_key_values>("ContextKeyValues"),
      field<&S::context_key_type>("ContextKeyType").values(api::iam::kContextKeyTypeEnums)};
  static constexpr Shape value{"ContextEntry", members};
};
template <>
struct shape_of<api::iam::SimulateCustomPolicyInput> {
  using S = api::iam::SimulateCustomPolicyInput;
  static constexpr Member members[] = {
      field<&S::policy_input_list>("PolicyInputList").needed(),
      field<&S::permissions_boundary_policy_input_list>("PermissionsBoundaryPolicyInputList"),
      field<&S::action_names>("ActionNames").needed(),
      field<&S::resource_arns>("ResourceArns"),
      field<&S::resource_policy>("ResourcePolicy").length(1, 131072),
      field<&S::resource_owner>("ResourceOwner").length(1, 2048),
      field<&S::caller_arn>("CallerArn").length(1, 2048),
      field<&S::context_entries>("ContextEntries"),
      field<&S::resource_handling_option>("ResourceHandlingOption").length(1, 64),
      field<&S::max_items>("MaxItems").range(1, 1000),
      field<&S::marker>("Marker").length(1, 320)};
  static constexpr Shape value{"SimulateCustomPolicyRequest", members};
};
template <>
struct shape_of<api::iam::Position> {
  using S = api::iam::Position;
  static constexpr Member members[] = {field<&S::line>("Line"), field<&S::column>("Column")};
  static constexpr Shape value{"Position", members};
};
template <>
struct shape_of<api::iam::Statement> {
  using S = api::iam::Statement;
  static constexpr Member members[] = {
      field<&S::source_policy_id>("SourcePolicyId"),
      field<&S::source_policy_type>("SourcePolicyType").values(api::iam::kPolicySourceTypes),
      field<&S::start_position>("StartPosition"), field<&S::end_position>("EndPosition")};
  static constexpr Shape value{"Statement", members};
};
template <>
struct shape_of<api::iam::OrganizationsDecisionDetail> {
  using S = api::iam::OrganizationsDecisionDetail;
  static constexpr Member members[] = {
      field<&S::allowed_by_organizations>("AllowedByOrganizations")};
  static constexpr Shape value{"OrganizationsDecisionDetail", members};
};
template <>
struct shape_of<api::iam::PermissionsBoundaryDecisionDetail> {
  using S = api::iam::PermissionsBoundaryDecisionDetail;
  static constexpr Member members[] = {
      field<&S::allowed_by_permissions_boundary>("AllowedByPermissionsBoundary")};
  static constexpr Shape value{"PermissionsBoundaryDecisionDetail", members};
};
template <>
struct shape_of<api::iam::ResourceSpecificResult> {
  using S = api::iam::ResourceSpecificResult;
  static constexpr Member members[] = {
      field<&S::eval_resource_name>("EvalResourceName").length(1, 2048),
      field<&S::eval_resource_decision>("EvalResourceDecision")
          .values(api::iam::kPolicyEvaluationDecisionTypes),
      field<&S::matched_statements>("MatchedStatements"),
      field<&S::missing_context_values>("MissingContextValues"),
      field<&S::eval_decision_details>("EvalDecisionDetails"),
      field<&S::permissions_boundary_decision_detail>("PermissionsBoundaryDecisionDetail")};
  static constexpr Shape value{"ResourceSpecificResult", members};
};
template <>
struct shape_of<api::iam::EvaluationResult> {
  using S = api::iam::EvaluationResult;
  static constexpr Member members[] = {
      field<&S::eval_action_name>("EvalActionName").length(3, 128),
      field<&S::eval_resource_name>("EvalResourceName").length(1, 2048),
      field<&S::eval_decision>("EvalDecision").values(api::iam::kPolicyEvaluationDecisionTypes),
      field<&S::matched_statements>("MatchedStatements"),
      field<&S::missing_context_values>("MissingContextValues"),
      field<&S::organizations_decision_detail>("OrganizationsDecisionDetail"),
      field<&S::permissions_boundary_decision_detail>("PermissionsBoundaryDecisionDetail"),
      field<&S::eval_decision_details>("EvalDecisionDetails"),
      field<&S::resource_specific_results>("ResourceSpecificResults")};
  static constexpr Shape value{"EvaluationResult", members};
};
template <>
struct shape_of<api::iam::SimulateCustomPolicyOutput> {
  using S = api::iam::SimulateCustomPolicyOutput;
  static constexpr Member members[] = {field<&S::evaluation_results>("EvaluationResults"),
                                       field<&S::is_truncated>("IsTruncated"),
                                       field<&S::marker>("Marker")};
  static constexpr Shape value{"SimulatePolicyResponse", members, "", api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::SimulatePrincipalPolicyInput> {
  using S = api::iam::SimulatePrincipalPolicyInput;
  static constexpr Member members[] = {
      field<&S::policy_source_arn>("PolicySourceArn").length(20, 2048),
      field<&S::policy_input_list>("PolicyInputList"),
      field<&S::permissions_boundary_policy_input_list>("PermissionsBoundaryPolicyInputList"),
      field<&S::action_names>("ActionNames").needed(),
      field<&S::resource_arns>("ResourceArns"),
      field<&S::resource_policy>("ResourcePolicy").length(1, 131072),
      field<&S::resource_owner>("ResourceOwner").length(1, 2048),
      field<&S::caller_arn>("CallerArn").length(1, 2048),
      field<&S::context_entries>("ContextEntries"),
      field<&S::resource_handling_option>("ResourceHandlingOption").length(1, 64),
      field<&S::max_items>("MaxItems").range(1, 1000),
      field<&S::marker>("Marker").length(1, 320)};
  static constexpr Shape value{"SimulatePrincipalPolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetContextKeysForCustomPolicyInput> {
  using S = api::iam::GetContextKeysForCustomPolicyInput;
  static constexpr Member members[] = {field<&S::policy_input_list>("PolicyInputList").needed()};
  static constexpr Shape value{"GetContextKeysForCustomPolicyRequest", members};
};
template <>
struct shape_of<api::iam::GetContextKeysForCustomPolicyOutput> {
  using S = api::iam::GetContextKeysForCustomPolicyOutput;
  static constexpr Member members[] = {field<&S::context_key_names>("ContextKeyNames")};
  static constexpr Shape value{"GetContextKeysForPolicyResponse", members, "",
                               api::iam::kNamespace};
};
template <>
struct shape_of<api::iam::GetContextKeysForPrincipalPolicyInput> {
  using S = api::iam::GetContextKeysForPrincipalPolicyInput;
  static constexpr Member members[] = {
      field<&S::policy_source_arn>("PolicySourceArn").length(20, 2048),
      field<&S::policy_input_list>("PolicyInputList")};
  static constexpr Shape value{"GetContextKeysForPrincipalPolicyRequest", members};
};

}  // namespace tidegate::wire
