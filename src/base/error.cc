#include "base/error.h"

namespace tidegate {

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::internal: return "internal";
    case Fault::unavailable: return "unavailable";
    case Fault::read_only: return "read_only";
    case Fault::not_implemented: return "not_implemented";
    case Fault::invalid_request: return "invalid_request";
    case Fault::invalid_argument: return "invalid_argument";
    case Fault::malformed_body: return "malformed_body";
    case Fault::unknown_operation: return "unknown_operation";
    case Fault::not_found: return "not_found";
    case Fault::conflict: return "conflict";
    case Fault::precondition_failed: return "precondition_failed";
    case Fault::too_large: return "too_large";
    case Fault::quota_exceeded: return "quota_exceeded";
    case Fault::throttled: return "throttled";
    case Fault::timed_out: return "timed_out";
    case Fault::cancelled: return "cancelled";
    case Fault::access_denied: return "access_denied";
    case Fault::missing_authentication: return "missing_authentication";
    case Fault::unknown_access_key: return "unknown_access_key";
    case Fault::bad_signature: return "bad_signature";
    case Fault::malformed_signature: return "malformed_signature";
    case Fault::skewed_clock: return "skewed_clock";
    case Fault::expired_request: return "expired_request";
    case Fault::unsigned_headers: return "unsigned_headers";
    case Fault::unsupported_signature: return "unsupported_signature";
    case Fault::guard_failed: return "guard_failed";
    case Fault::compacted: return "compacted";
    case Fault::outcome_unknown: return "outcome_unknown";
    case Fault::no_such_bucket: return "no_such_bucket";
    case Fault::no_such_key: return "no_such_key";
    case Fault::no_such_version: return "no_such_version";
    case Fault::no_such_upload: return "no_such_upload";
    case Fault::bucket_already_exists: return "bucket_already_exists";
    case Fault::bucket_already_owned_by_you: return "bucket_already_owned_by_you";
    case Fault::bucket_not_empty: return "bucket_not_empty";
    case Fault::invalid_bucket_name: return "invalid_bucket_name";
    case Fault::invalid_location_constraint: return "invalid_location_constraint";
    case Fault::illegal_location_constraint: return "illegal_location_constraint";
    case Fault::illegal_versioning: return "illegal_versioning";
    case Fault::invalid_uri: return "invalid_uri";
    case Fault::key_too_long: return "key_too_long";
    case Fault::metadata_too_large: return "metadata_too_large";
    case Fault::invalid_digest: return "invalid_digest";
    case Fault::bad_digest: return "bad_digest";
    case Fault::content_sha256_mismatch: return "content_sha256_mismatch";
    case Fault::incomplete_body: return "incomplete_body";
    case Fault::missing_content_length: return "missing_content_length";
    case Fault::entity_too_large: return "entity_too_large";
    case Fault::malformed_xml: return "malformed_xml";
    case Fault::malformed_trailer: return "malformed_trailer";
    case Fault::invalid_chunk_size: return "invalid_chunk_size";
    case Fault::invalid_range: return "invalid_range";
    case Fault::invalid_tag: return "invalid_tag";
    case Fault::method_not_allowed: return "method_not_allowed";
    case Fault::not_modified: return "not_modified";
    case Fault::invalid_parameter_value: return "invalid_parameter_value";
    case Fault::invalid_request_content: return "invalid_request_content";
    case Fault::unsupported_media_type: return "unsupported_media_type";
    case Fault::zip_too_large: return "zip_too_large";
    case Fault::function_throttled: return "function_throttled";
    case Fault::sandbox_unavailable: return "sandbox_unavailable";
    case Fault::bad_token: return "bad_token";
    case Fault::last_value_: break;
  }
  return "unknown";
}

}  // namespace tidegate
