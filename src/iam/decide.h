// What an identity's own policies say of a request: those of its user or role, bounded by the
// permissions boundary and by the session's policies. Pure; any thread. The simulator explains with
// the same function that requests are judged by.
#pragma once

#include <memory>
#include <vector>

#include "iam/directory.h"
#include "policy/evaluate.h"

namespace tidegate::iam {

struct Ruling {
  policy::Verdict verdict = policy::Verdict::none;                  // none: an implicit deny
  enum class By { identity, boundary, session } by = By::identity;  // who denied
  struct Matched {
    const Source* source;
    std::size_t statement;
  };
  std::vector<Matched> matched;  // the statements that decided
};

// `session`: each must allow as well. Pointers in the answer are into the arguments.
Ruling decide(const Grants&, const std::vector<Source>& session, const policy::Request&);

// The documents of a session's own policies. malformed_policy.
Result<std::vector<Source>> session_sources(const Directory&, const std::string& account,
                                            const std::vector<std::string>& documents,
                                            const std::vector<std::string>& arns);

}  // namespace tidegate::iam
