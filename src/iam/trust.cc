#include "iam/trust.h"

#include <fmt/format.h>

#include "document/value.h"

namespace tidegate::iam {
namespace {

using document::Value;
using policy::PrincipalElement;

// arn:aws:iam::123456789012:user/path/name, or a role's. A role's session is none: it has no id
// that could be known before it begins.
bool is_entity(const PrincipalElement& p) {
  return p.kind == PrincipalElement::Kind::arn && p.value.find(":iam::") != std::string::npos;
}

// Names of today in place of those that were written.
using Names = std::map<std::string, std::string>;

void rename(Value& text, const Names& names) {
  const std::string* written = text.string();
  const auto found = written ? names.find(*written) : names.end();
  if (found != names.end()) text = Value(found->second);
}

void rename_principals(Value& statement, const Names& names) {
  for (const char* element : {"Principal", "NotPrincipal"}) {
    Value* principals = statement.object() ? statement.object()->find(element) : nullptr;
    Value* aws = principals && principals->object() ? principals->object()->find("AWS") : nullptr;
    if (!aws) continue;
    if (!aws->array()) rename(*aws, names);
    if (aws->array())
      for (Value& one : *aws->array()) rename(one, names);
  }
}

}  // namespace

Result<Names> trusted_by(const Edit& edit, const std::string& document) {
  TRY(policy::Document parsed, policy::parse(document, policy::Dialect::trust));
  Names out;
  for (const policy::Statement& s : parsed.statements) {
    for (const PrincipalElement& p : s.principals) {
      if (!is_entity(p)) continue;
      const std::string id = edit.id_of_arn(p.value);
      if (!id.empty()) out[p.value] = id;
      if (id.empty() && !edit.may_be_elsewhere(p.value))
        return Error{Fault::malformed_policy,
                     fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", p.value)};
    }
  }
  return out;
}

std::string shown_trust(const Edit& edit, const RoleRecord& role) {
  Names changed;
  for (const auto& [arn, id] : role.trusted) {
    const std::string now = edit.arn_of_id(arn, id);
    if (now != arn) changed[arn] = now.empty() ? id : now;
  }
  auto root = changed.empty() ? Result<Value>(Value()) : document::parse_json(role.trust);
  if (changed.empty() || !root.ok()) return role.trust;
  Value* statement = root->object() ? root->object()->find("Statement") : nullptr;
  if (!statement) return role.trust;
  if (!statement->array()) rename_principals(*statement, changed);
  if (statement->array())
    for (Value& one : *statement->array()) rename_principals(one, changed);
  return document::to_json(*root);
}

policy::Decision trusts(const RoleRecord& role, const std::string& role_arn,
                        policy::Request request) {
  auto document = policy::parse(role.trust, policy::Dialect::trust, true);
  if (!document.ok()) return {};
  request.resource = role_arn;
  const std::vector<std::string>* user_id = request.context.find("aws:userid");
  const std::string unique =
      user_id && !user_id->empty() ? user_id->front().substr(0, user_id->front().find(':')) : "";
  const policy::Caller& caller = request.caller;
  for (policy::Statement& s : document->statements) {
    for (PrincipalElement& p : s.principals) {
      const auto known = is_entity(p) ? role.trusted.find(p.value) : role.trusted.end();
      if (known == role.trusted.end()) continue;
      if (known->second != unique)
        p.value = known->second;  // nobody's ARN
      else
        p.value = caller.role_arn.empty() ? caller.arn : caller.role_arn;
    }
  }
  return policy::evaluate(*document, request);
}

}  // namespace tidegate::iam
