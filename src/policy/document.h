// Document: a policy as AWS writes it, parsed and compiled, so that judging a request by it cannot
// fail. Plain data, immutable after parse(): share it between threads.
// Source: AWS's "IAM JSON policy element reference" and the texts its services refuse with.
//
//   TRY(auto document, policy::parse(text, policy::Dialect::bucket));
//   policy::Decision d = policy::evaluate(document, request);
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/conditions.h"
#include "policy/pattern.h"

namespace tidegate::policy {

// Whose policy it is: which elements it must and must not have, and how a refusal is worded.
enum class Dialect {
  identity,  // of a user, group or role, and session policies: no principal
  managed,   // as identity, standing for itself
  trust,     // of a role: a principal, no resource, sts actions only
  bucket,    // of a bucket: a principal and resources
  function,  // of a function: as a bucket's
};

inline constexpr std::size_t kMaxBucketPolicy = 20'480;  // S3's and Lambda's bound, bytes
inline constexpr std::size_t kMaxStatements = 500;  // ours, beside each service's bound of bytes

enum class Effect { allow, deny };

struct PrincipalElement {
  enum class Kind { anyone, account, arn, service, canonical_user, federated };
  Kind kind = Kind::anyone;
  std::string value;  // the account's digits, the ARN, the service's name, the id
};

// A place in the text, both from 1: AWS's simulator says where what it matched begins and ends.
struct Place {
  int line = 1, column = 1;
};

struct Statement {
  std::string sid;
  Effect effect = Effect::deny;
  std::vector<PrincipalElement> principals;
  bool not_principal = false;
  std::vector<Pattern> actions;
  bool not_action = false;
  std::vector<Pattern> resources;
  bool not_resource = false;
  std::vector<Condition> conditions;
  // Behind what stands before it (the list's bracket, its own brace where there is no list), and
  // behind its closing brace.
  Place begin, end;
};

struct Document {
  std::string version, id;
  std::vector<Statement> statements;
};

// Fault::malformed_policy, with the text the service has for it. Lenient: an operator we do not
// know becomes one that never grants, for documents that were stored by another version.
Result<Document> parse(std::string_view json, Dialect, bool lenient = false);

// The condition keys it asks for, as they are written first, each once.
std::vector<std::string> context_keys(const Document&);

}  // namespace tidegate::policy
