// Error: what went wrong, in the domain's words. One closed enum for the whole server; every API
// owns a table from Fault to its wire code and status (api/errors), so the domain never spells a
// wire name. Plain data: copy it, move it, share it between threads.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tidegate {

enum class Fault {
  // Common to all services.
  internal,           // our own bug or an environment failure; the message is for the log
  unavailable,        // try again later (starting, draining, overloaded)
  read_only,          // the disk refused an fsync: reads go on, writes are refused
  not_implemented,    // known to AWS, refused by us on purpose
  invalid_request,    // a member is missing, malformed or out of range
  invalid_argument,   // a well-formed member has a value that is not acceptable
  malformed_body,     // not JSON / XML / form data at all
  unknown_operation,  // no row matches method and path
  not_found,
  conflict,
  precondition_failed,
  too_large,
  quota_exceeded,
  throttled,
  timed_out,
  cancelled,
  // Authentication and authorisation.
  access_denied,
  missing_authentication,
  unknown_access_key,
  bad_signature,
  malformed_signature,  // the Authorization header or presigned query cannot be read
  skewed_clock,
  expired_request,
  unsigned_headers,       // a header that must be signed was not
  unsupported_signature,  // SigV2 and friends
  // The store.
  guard_failed,     // a guard of the transaction did not hold; nothing was written
  compacted,        // the revision asked for is gone: list again and go on from there
  outcome_unknown,  // the commit may or may not have been applied: read back and compare
  // S3.
  no_such_bucket,
  no_such_key,
  no_such_version,
  no_such_upload,
  bucket_already_exists,
  bucket_already_owned_by_you,
  bucket_not_empty,
  invalid_bucket_name,
  invalid_location_constraint,
  illegal_location_constraint,
  illegal_versioning,
  invalid_uri,
  key_too_long,
  metadata_too_large,
  invalid_digest,
  bad_digest,
  content_sha256_mismatch,
  incomplete_body,
  missing_content_length,
  entity_too_large,
  malformed_xml,
  malformed_trailer,
  invalid_chunk_size,
  invalid_range,
  invalid_tag,
  invalid_part,
  invalid_part_order,
  entity_too_small,
  conditional_conflict,  // a conditional upload lost to a write that came after it began
  method_not_allowed,
  not_modified,
  // Lambda.
  invalid_parameter_value,
  invalid_request_content,  // the payload of Invoke is not JSON
  unsupported_media_type,
  zip_too_large,
  function_throttled,
  sandbox_unavailable,
  // Policies.
  malformed_policy,
  // AppConfig's data plane.
  bad_token,
  last_value_,  // keep last: the size of the tables
};

// One violation of a schema or a constraint, as AppConfig's InvalidConfigurationDetail shows it.
struct ErrorDetail {
  std::string constraint;  // the schema keyword or limit that failed
  std::string location;    // where in the document or request
  std::string reason;      // for people
  std::string type;
  std::string value;
};

struct Error {
  Fault fault = Fault::internal;
  std::string message;
  // Extra members of the API's error document in order ("BucketName", "ResourceName", …).
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<ErrorDetail> details;

  Error() = default;
  Error(Fault f, std::string m) : fault(f), message(std::move(m)) {}
  Error&& with(std::string name, std::string value) && {
    fields.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
};

const char* name_of(Fault);  // for logs, metrics and tests: "no_such_bucket"

}  // namespace tidegate
