// What policies may ask of a request whatever service it goes to: who asks, when, from where, with
// which session. There is one such list, so that a condition (a Deny on aws:TokenIssueTime that
// revokes sessions, say) holds for every service alike; a service adds its own keys to it.
// Pure; any thread. Source: AWS's "global condition context keys".
#pragma once

#include <map>
#include <string>

#include "base/time.h"
#include "policy/evaluate.h"
#include "wire/table.h"

namespace tidegate::api {

using PrincipalTags = std::map<std::string, std::string>;

// The caller and the facts; action and resource are for the asker to fill in. `tags`: those of the
// caller's user or role, which a session's own of the same key replace.
policy::Request request_facts(const wire::Context&, Instant now, const PrincipalTags& tags);

// The same of a session that a service begins by itself to act as a role.
policy::Request role_facts(const std::string& account, const std::string& role_arn,
                           const std::string& session_name, const std::string& role_id, Instant now,
                           const PrincipalTags& tags);

}  // namespace tidegate::api
