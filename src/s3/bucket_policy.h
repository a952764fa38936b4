// BucketPolicy: the policy of a bucket, compiled, and what S3 asks of it beside its verdicts.
// Immutable; any thread. Errors: malformed_policy.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/evaluate.h"

namespace tidegate::s3 {

struct BucketPolicy {
  policy::Document document;
  bool is_public = false;      // it lets in everybody, or whoever matches a wildcard
  bool asks_for_tags = false;  // a condition on s3:ExistingObjectTag
};

// As a client puts it: refused when it names other buckets than this one.
Result<BucketPolicy> parse_policy(std::string_view text, std::string_view bucket);
// As the store has it; null for "".
Result<std::shared_ptr<const BucketPolicy>> stored_policy(std::string_view text);

}  // namespace tidegate::s3
