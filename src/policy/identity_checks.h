// What IAM asks of a policy of users, groups and roles before it reads any further, in IAM's order
// and words: its syntax, its version, then what it calls legacy parsing, and so on. A document that
// passes can be compiled. Pure; any thread.
// Source: what IAM was seen to answer to malformed documents, as public test suites record it.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/value.h"

namespace tidegate::policy {

// `managed`: the policy stands for itself, so it must name the newer version.
Status check_identity_policy(const document::Value& root, bool managed);

// What a statement may hold, in every kind of policy.
bool is_member_of_statement(std::string_view name);

// One statement's id, which is not "": of letters and digits, and not `seen` in the policy before.
Status check_sid(const std::string& sid, std::set<std::string>& seen);

}  // namespace tidegate::policy
