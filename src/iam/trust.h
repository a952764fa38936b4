// Whom a role trusts. A policy names users and roles by their ARNs, and means who bore the name
// when it was written: one who is deleted and made anew is somebody else, and one who is renamed
// the same. So the unique ids are stored beside the document, and the document is shown with the
// ARNs of now, or with the id of who is gone. Pure; on the control strand. Source of behaviour:
// AWS's "Policies and permissions", unique identifiers in principals.
#pragma once

#include <map>
#include <string>

#include "iam/directory.h"

namespace tidegate::iam {

// The users and roles that the document names: ARN → unique id. malformed_policy, also for one that
// does not exist.
Result<std::map<std::string, std::string>> trusted_by(const Edit&, const std::string& document);

std::string shown_trust(const Edit&, const RoleRecord&);

// Whether the role's trust policy lets the caller take the action ("sts:AssumeRole"). `direct`: the
// caller was named himself, so that he needs no policy of his own within the account.
policy::Decision trusts(const RoleRecord&, const std::string& role_arn, policy::Request);

}  // namespace tidegate::iam
