#include "api/errors/s3_errors.h"

#include <algorithm>
#include <array>

#include "wire/codec.h"

namespace tidegate::api {
namespace {

struct Line {
  Fault fault;
  S3Code code;
};

constexpr Line kLines[] = {
    {Fault::internal, {"InternalError", 500}},
    {Fault::unavailable, {"ServiceUnavailable", 503}},
    {Fault::read_only, {"ServiceUnavailable", 503}},
    {Fault::not_implemented, {"NotImplemented", 501}},
    {Fault::invalid_request, {"InvalidRequest", 400}},
    {Fault::invalid_argument, {"InvalidArgument", 400}},
    {Fault::malformed_body, {"MalformedXML", 400}},
    {Fault::unknown_operation, {"InvalidURI", 400}},
    {Fault::not_found, {"NoSuchResource", 404}},
    {Fault::conflict, {"OperationAborted", 409}},
    {Fault::precondition_failed, {"PreconditionFailed", 412}},
    {Fault::too_large, {"MaxMessageLengthExceeded", 400}},
    {Fault::quota_exceeded, {"TooManyBuckets", 400}},
    {Fault::throttled, {"SlowDown", 503}},
    {Fault::timed_out, {"RequestTimeout", 400}},
    {Fault::cancelled, {"ServiceUnavailable", 503}},
    {Fault::access_denied, {"AccessDenied", 403}},
    {Fault::missing_authentication, {"AccessDenied", 403}},
    {Fault::unknown_access_key, {"InvalidAccessKeyId", 403}},
    {Fault::bad_signature, {"SignatureDoesNotMatch", 403}},
    {Fault::malformed_signature, {"AuthorizationHeaderMalformed", 400}},
    {Fault::skewed_clock, {"RequestTimeTooSkewed", 403}},
    {Fault::expired_request, {"AccessDenied", 403}},
    {Fault::unsigned_headers, {"AccessDenied", 403}},
    {Fault::unsupported_signature, {"InvalidRequest", 400}},
    {Fault::guard_failed, {"SlowDown", 503}},
    {Fault::compacted, {"SlowDown", 503}},
    {Fault::outcome_unknown, {"InternalError", 500}},
    {Fault::no_such_bucket, {"NoSuchBucket", 404}},
    {Fault::no_such_key, {"NoSuchKey", 404}},
    {Fault::no_such_version, {"NoSuchVersion", 404}},
    {Fault::no_such_upload, {"NoSuchUpload", 404}},
    {Fault::bucket_already_exists, {"BucketAlreadyExists", 409}},
    {Fault::bucket_already_owned_by_you, {"BucketAlreadyOwnedByYou", 409}},
    {Fault::bucket_not_empty, {"BucketNotEmpty", 409}},
    {Fault::invalid_bucket_name, {"InvalidBucketName", 400}},
    {Fault::invalid_location_constraint, {"InvalidLocationConstraint", 400}},
    {Fault::illegal_location_constraint, {"IllegalLocationConstraintException", 400}},
    {Fault::illegal_versioning, {"IllegalVersioningConfigurationException", 400}},
    {Fault::invalid_uri, {"InvalidURI", 400}},
    {Fault::key_too_long, {"KeyTooLongError", 400}},
    {Fault::metadata_too_large, {"MetadataTooLarge", 400}},
    {Fault::invalid_digest, {"InvalidDigest", 400}},
    {Fault::bad_digest, {"BadDigest", 400}},
    {Fault::content_sha256_mismatch, {"XAmzContentSHA256Mismatch", 400}},
    {Fault::incomplete_body, {"IncompleteBody", 400}},
    {Fault::missing_content_length, {"MissingContentLength", 411}},
    {Fault::entity_too_large, {"EntityTooLarge", 400}},
    {Fault::malformed_xml, {"MalformedXML", 400}},
    {Fault::malformed_trailer, {"MalformedTrailerError", 400}},
    {Fault::invalid_chunk_size, {"InvalidChunkSizeError", 400}},
    {Fault::invalid_range, {"InvalidRange", 416}},
    {Fault::invalid_tag, {"InvalidTag", 400}},
    {Fault::invalid_part, {"InvalidPart", 400}},
    {Fault::invalid_part_order, {"InvalidPartOrder", 400}},
    {Fault::entity_too_small, {"EntityTooSmall", 400}},
    {Fault::conditional_conflict, {"ConditionalRequestConflict", 409}},
    {Fault::method_not_allowed, {"MethodNotAllowed", 405}},
    {Fault::not_modified, {"NotModified", 304}},
    // Other services' words: here they can only be a fault of ours.
    {Fault::invalid_parameter_value, {"InternalError", 500}},
    {Fault::invalid_request_content, {"InternalError", 500}},
    {Fault::unsupported_media_type, {"InternalError", 500}},
    {Fault::zip_too_large, {"InternalError", 500}},
    {Fault::function_throttled, {"InternalError", 500}},
    {Fault::sandbox_unavailable, {"InternalError", 500}},
    {Fault::malformed_policy, {"MalformedPolicy", 400}},
    {Fault::bad_token, {"InternalError", 500}},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(kLines); ++i)
    if (static_cast<std::size_t>(kLines[i].fault) != i) return false;
  return std::size(kLines) == static_cast<std::size_t>(Fault::last_value_);
}
static_assert(in_order(), "one line for each Fault, in the order of the enum");

bool presigned(const wire::Context& context) {
  return std::any_of(context.query.begin(), context.query.end(),
                     [](const auto& q) { return q.first.starts_with("X-Amz-"); });
}

// The codec's complaint about a member that stands in the path, the query or a header (those of the
// document are MalformedXML already).
Error as_s3_says_it(const Error& error) {
  if (error.fault != Fault::invalid_request || error.details.empty()) return error;
  return Error{Fault::invalid_argument, error.message}
      .with("ArgumentName", error.details.front().location)
      .with("ArgumentValue", error.details.front().value);
}

void append_element(std::string& out, std::string_view name, std::string_view value) {
  out.append("<").append(name).append(">");
  wire::append_xml_text(out, value);
  out.append("</").append(name).append(">");
}

std::string message_of(const Error& error) {
  switch (error.fault) {
    case Fault::internal:  // that message is for the log
    case Fault::outcome_unknown:
      return "We encountered an internal error. Please try again.";
    case Fault::missing_authentication:
      return "Access Denied";
    default:
      // An empty one would break the aws command line.
      return error.message.empty() ? "The request could not be served." : error.message;
  }
}

}  // namespace

S3Code s3_code(Fault fault) {
  const auto index = static_cast<std::size_t>(fault);
  return index < std::size(kLines) ? kLines[index].code : S3Code{"InternalError", 500};
}

http::Response render_s3_error(const Error& raw, const wire::Context& context, bool head) {
  const Error error = as_s3_says_it(raw);
  const S3Code known = s3_code(error.fault);
  std::string code(known.code);
  if (error.fault == Fault::malformed_signature && presigned(context))
    code = "AuthorizationQueryParametersError";
  http::Response response;
  response.status = known.status;
  std::string extra;
  for (const auto& [name, value] : error.fields) {
    if (name == "Code")
      code = value;
    else if (name.starts_with('@'))
      response.set(name.substr(1), value);
    else
      append_element(extra, name, value);
  }
  if (head || known.status == 304) return response;
  // S3 Control's errors stand in an element of their own, without which its clients read no code.
  const bool control = context.header("x-amz-account-id") != nullptr;
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  body += control ? "<ErrorResponse><Error>" : "<Error>";
  append_element(body, "Code", code);
  append_element(body, "Message", message_of(error));
  body += extra;
  append_element(body, "RequestId", context.request_id);
  append_element(body, "HostId", context.host_id);
  body += control ? "</Error></ErrorResponse>" : "</Error>";
  response.set("Content-Type", "application/xml");
  response.body = std::move(body);
  return response;
}

}  // namespace tidegate::api
