#include "api/errors/json_errors.h"

#include <charconv>

#include "document/value.h"
#include "wire/codec.h"
#include "wire/rpc.h"

namespace tidegate::api {
namespace {

using document::Object;
using document::Value;

struct Exception {
  std::string_view name;
  int status;
};

// What every JSON API shares: identity, limits of the transport, our own state.
Exception common(Fault fault) {
  switch (fault) {
    case Fault::access_denied:
      return {"AccessDeniedException", 403};
    case Fault::missing_authentication:
      return {"MissingAuthenticationTokenException", 403};
    case Fault::unknown_access_key:
      return {"UnrecognizedClientException", 403};
    case Fault::bad_signature:
    case Fault::skewed_clock:
    case Fault::expired_request:
    case Fault::unsigned_headers:
      return {"InvalidSignatureException", 403};
    case Fault::malformed_signature:
    case Fault::unsupported_signature:
      return {"IncompleteSignatureException", 403};
    case Fault::unknown_operation:
      return {"UnknownOperationException", 404};
    case Fault::method_not_allowed:
      return {"UnknownOperationException", 405};
    case Fault::malformed_body:
    case Fault::incomplete_body:
    case Fault::invalid_uri:
      return {"SerializationException", 400};
    case Fault::content_sha256_mismatch:
    case Fault::bad_digest:
    case Fault::invalid_digest:
      return {"InvalidSignatureException", 400};
    case Fault::not_implemented:
      return {"NotImplementedException", 501};
    case Fault::unavailable:
    case Fault::read_only:
      return {"ServiceUnavailableException", 503};
    default:
      return {"", 0};
  }
}

Exception appconfig_exception(const Error& e) {
  switch (e.fault) {
    case Fault::not_found:
      return {"ResourceNotFoundException", 404};
    case Fault::conflict:
    case Fault::guard_failed:
      return {"ConflictException", 409};
    case Fault::too_large:
      return {"PayloadTooLargeException", 413};
    case Fault::quota_exceeded:
      return {"ServiceQuotaExceededException", 402};
    case Fault::throttled:
      return {"ThrottlingException", 429};
    case Fault::invalid_request:
    case Fault::invalid_argument:
    case Fault::bad_token:
      return {"BadRequestException", 400};
    default:
      break;
  }
  const Exception c = common(e.fault);
  return c.status ? c : Exception{"InternalServerException", 500};
}

const std::string* field(const Error& e, std::string_view name) {
  for (const auto& [known, value] : e.fields)
    if (known == name) return &value;
  return nullptr;
}

http::Response respond(const Exception& x, const Object& body, bool head) {
  http::Response r;
  r.status = x.status;
  r.set("Content-Type", "application/json").set("x-amzn-ErrorType", std::string(x.name));
  std::string text = document::to_json(body);
  if (head)
    r.head_length = text.size();
  else
    r.body = std::move(text);
  return r;
}

// A fault of our own is for the log; the caller is told that there was one.
std::string message_of(const Error& e, const Exception& x) {
  if (x.status == 500) return "An internal error occurred. The server's log has the details.";
  return e.message;
}

// JSON 1.1 names the error in the body, and has 400 for all that is the caller's.
http::Response respond_to_json(const Error& e, Exception x, bool head) {
  if (x.status < 500) x.status = 400;
  Object body;
  body.set("__type", std::string(x.name));
  body.set("message", message_of(e, x));
  http::Response r = respond(x, body, head);
  r.set("Content-Type", "application/x-amz-json-1.1");
  return r;
}

Object invalid_configuration(const Error& e) {
  document::Array details;
  for (const ErrorDetail& d : e.details) {
    Object one;
    one.set("Constraint", d.constraint);
    one.set("Location", d.location);
    one.set("Reason", d.reason);
    one.set("Type", d.type);
    one.set("Value", d.value);
    details.push_back(std::move(one));
  }
  Object out;
  out.set("InvalidConfiguration", std::move(details));
  return out;
}

double kilobytes(const std::string& bytes) {
  double n = 0;
  std::from_chars(bytes.data(), bytes.data() + bytes.size(), n);
  return n / 1024;
}

}  // namespace

http::Response render_appconfig_error(const Error& e, const wire::Context&, bool head) {
  const Exception x = appconfig_exception(e);
  Object body;
  body.set("Message", message_of(e, x));
  if (x.status == 404) {
    if (auto* id = field(e, "Identifier")) body.set("ResourceName", *id);
  } else if (x.status == 413) {
    body.set("Measure", "KILOBYTES");
    if (auto* limit = field(e, "Limit")) body.set("Limit", kilobytes(*limit));
    if (auto* size = field(e, "Size")) body.set("Size", kilobytes(*size));
  } else if (x.status == 400 && field(e, "Reason")) {
    body.set("Reason", *field(e, "Reason"));
    body.set("Details", invalid_configuration(e));
  }
  return respond(x, body, head);
}

http::Response render_appconfigdata_error(const Error& e, const wire::Context& c, bool head) {
  const Exception x = appconfig_exception(e);
  Object body;
  body.set("Message", message_of(e, x));
  if (x.status == 404 && field(e, "ResourceType")) {
    const std::string type = *field(e, "ResourceType");
    body.set("ResourceType", type);
    Object by;
    const std::string id = field(e, "Identifier") ? *field(e, "Identifier") : "";
    // A session names what it asks for; a poll knows only its token.
    if (c.row && c.row->name == "StartConfigurationSession") by.set(type + "Identifier", id);
    body.set("ReferencedBy", std::move(by));
  } else if (e.fault == Fault::bad_token) {
    body.set("Reason", "InvalidParameters");
    Object problem;
    problem.set("Problem", *field(e, "Problem"));
    Object parameters;
    parameters.set(*field(e, "Member"), std::move(problem));
    Object details;
    details.set("InvalidParameters", std::move(parameters));
    body.set("Details", std::move(details));
  }
  return respond(x, body, head);
}

http::Response render_lambda_error(const Error& e, const wire::Context&, bool head) {
  Exception x{"ServiceException", 500};
  bool capital = false;  // which spelling the exception's model has
  switch (e.fault) {
    case Fault::not_found:
      x = {"ResourceNotFoundException", 404}, capital = true;
      // One of the few things whose absence has a name of its own.
      if (auto* name = field(e, "Exception")) x.name = *name, capital = false;
      break;
    case Fault::conflict:
    case Fault::guard_failed:
      x = {"ResourceConflictException", 409};
      break;
    case Fault::precondition_failed:
      x = {"PreconditionFailedException", 412};
      break;
    case Fault::invalid_parameter_value:
    case Fault::invalid_argument:
      x = {"InvalidParameterValueException", 400};
      break;
    case Fault::invalid_request:
      x = {"ValidationException", 400};
      break;
    case Fault::invalid_request_content:
      x = {"InvalidRequestContentException", 400};
      break;
    case Fault::too_large:
      if (field(e, "Policy"))
        x = {"PolicyLengthExceededException", 400};
      else if (field(e, "Payload"))
        x = {"RequestTooLargeException", 413};
      else
        x = {"RequestEntityTooLargeException", 413};
      break;
    case Fault::zip_too_large:
      x = {"RequestEntityTooLargeException", 413};
      break;
    case Fault::unsupported_media_type:
      x = {"UnsupportedMediaTypeException", 415};
      break;
    case Fault::throttled:
    case Fault::function_throttled:
      x = {"TooManyRequestsException", 429};
      break;
    case Fault::quota_exceeded:
      x = {"CodeStorageExceededException", 400};
      break;
    case Fault::sandbox_unavailable:
      x = {"ServiceException", 500}, capital = true;
      break;
    default: {
      const Exception c = common(e.fault);
      if (c.status)
        x = c;
      else
        capital = true;
    }
  }
  Object body;
  const bool ours = e.fault == Fault::sandbox_unavailable;  // its text is for the caller
  const bool modelled = x.name != "ValidationException" &&
                        x.name != "RequestEntityTooLargeException" && common(e.fault).status == 0 &&
                        !field(e, "Untyped");
  if (modelled) body.set("Type", x.status < 500 ? "User" : "Service");
  if (auto* reason = field(e, "Reason")) body.set("Reason", *reason);
  body.set(capital ? "Message" : "message", ours ? e.message : message_of(e, x));
  return respond(x, body, head);
}

http::Response render_logs_error(const Error& e, const wire::Context&, bool head) {
  Exception x;
  switch (e.fault) {
    case Fault::not_found:
      x = {"ResourceNotFoundException", 400};
      break;
    case Fault::conflict:
      x = {"ResourceAlreadyExistsException", 400};
      break;
    case Fault::invalid_argument:
    case Fault::invalid_request:
    case Fault::bad_token:
    case Fault::too_large:
      x = {"InvalidParameterException", 400};
      break;
    case Fault::quota_exceeded:
      x = {"LimitExceededException", 400};
      break;
    case Fault::throttled:
      x = {"ThrottlingException", 400};
      break;
    default:
      x = common(e.fault);
      if (!x.status) x = {"InternalFailure", 500};
  }
  return respond_to_json(e, x, head);
}

http::Response render_admin_error(const Error& e, const wire::Context&, bool head) {
  const Exception x = appconfig_exception(e);
  Object body;
  body.set("message", message_of(e, x));
  return respond(x, body, head);
}

http::Response render_cloudtrail_error(const Error& e, const wire::Context&, bool head) {
  Exception x = common(e.fault);
  if (!x.status) x = {"InvalidParameterCombinationException", 400};
  const std::string* code = field(e, "Code");
  if (code) x = {*code, 400};
  // The codec's complaints.
  if (!e.details.empty() && e.details.front().location.find("axResults") != std::string::npos)
    x = {"InvalidMaxResultsException", 400};
  if (!e.details.empty() && e.details.front().location.find("ttribute") != std::string::npos)
    x = {"InvalidLookupAttributesException", 400};
  if (e.fault == Fault::internal) x = {"InternalServerException", 500};
  if (e.fault == Fault::throttled) x = {"ThrottlingException", 400};
  return respond_to_json(e, x, head);
}

namespace {

Exception query_exception(const Error& e) {
  Exception x{"InternalFailure", 500};
  switch (e.fault) {
    case Fault::access_denied:
      x = {"AccessDenied", 403};
      break;
    case Fault::missing_authentication:
      x = {"MissingAuthenticationToken", 403};
      break;
    case Fault::unknown_access_key:
      x = {"InvalidClientTokenId", 403};
      break;
    case Fault::bad_signature:
    case Fault::skewed_clock:
    case Fault::expired_request:
    case Fault::unsigned_headers:
    case Fault::content_sha256_mismatch:
      x = {"SignatureDoesNotMatch", 403};
      break;
    case Fault::malformed_signature:
    case Fault::unsupported_signature:
      x = {"IncompleteSignature", 400};
      break;
    case Fault::unknown_operation:
    case Fault::method_not_allowed:
      x = {"InvalidAction", 400};
      break;
    case Fault::not_implemented:
      x = {"NotImplemented", 501};
      break;
    case Fault::unavailable:
    case Fault::read_only:
      x = {"ServiceUnavailable", 503};
      break;
    case Fault::throttled:
      x = {"Throttling", 400};
      break;
    case Fault::malformed_policy:
      x = {"MalformedPolicyDocument", 400};
      break;
    case Fault::internal:
      break;
    default:
      x = {"ValidationError", 400};
  }
  return x;
}

http::Response respond_to_query(const Error& e, const Exception& x, std::string_view name_space,
                                const wire::Context& c, bool head) {
  std::string text = fmt::format("<ErrorResponse xmlns=\"{}\"><Error>", name_space);
  const std::string* code = field(e, "Code");
  text += fmt::format("<Type>{}</Type><Code>{}</Code><Message>",
                      x.status < 500 ? "Sender" : "Receiver", code ? *code : x.name);
  wire::append_xml_text(text, message_of(e, x));
  text += fmt::format("</Message></Error><RequestId>{}</RequestId></ErrorResponse>", c.request_id);
  http::Response r;
  r.status = x.status;
  r.set("Content-Type", "text/xml");
  if (head)
    r.head_length = text.size();
  else
    r.body = std::move(text);
  return r;
}

}  // namespace

http::Response render_query_error(const Error& e, const wire::Context& c, bool head) {
  constexpr std::string_view kNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";
  return respond_to_query(e, query_exception(e), kNamespace, c, head);
}

http::Response render_iam_error(const Error& e, const wire::Context& c, bool head) {
  Exception x = query_exception(e);
  if (e.fault == Fault::not_found) x = {"NoSuchEntity", 404};
  if (e.fault == Fault::conflict) x = {"EntityAlreadyExists", 409};
  if (e.fault == Fault::precondition_failed) x = {"DeleteConflict", 409};
  if (e.fault == Fault::quota_exceeded) x = {"LimitExceeded", 409};
  if (e.fault == Fault::invalid_argument) x = {"InvalidInput", 400};
  if (e.fault == Fault::throttled) x = {"ConcurrentModification", 409};
  return respond_to_query(e, x, "https://iam.amazonaws.com/doc/2010-05-08/", c, head);
}

namespace {

// What JSON and CBOR say of an error, under the name that it has in the model.
struct RpcError {
  std::string type, message;
};

}  // namespace
}  // namespace tidegate::api

template <>
struct tidegate::wire::shape_of<tidegate::api::RpcError> {
  using S = api::RpcError;
  static constexpr Member members[] = {field<&S::type>("__type"), field<&S::message>("message")};
  static constexpr Shape value{"Error", members};
};

namespace tidegate::api {
namespace {

// Programs know the codes that the query protocol had: a header tells them beside the model's name.
http::Response respond_to_rpc(const Error& e, const Exception& x, wire::Rpc rpc, bool head) {
  std::string_view modelled = x.name;
  if (x.name == "LimitExceeded") modelled = "LimitExceededFault";
  const RpcError error{fmt::format("com.amazonaws.cloudwatch#{}", modelled), message_of(e, x)};
  wire::EncodedReply reply = wire::encode_rpc_body(rpc, wire::shape_of<RpcError>::value, &error);
  http::Response r;
  r.status = x.status;
  r.headers = std::move(reply.headers);
  r.set("x-amzn-query-error", fmt::format("{};{}", x.name, x.status < 500 ? "Sender" : "Receiver"));
  if (head)
    r.head_length = reply.body.size();
  else
    r.body = std::move(reply.body);
  return r;
}

}  // namespace

http::Response render_cloudwatch_error(const Error& e, const wire::Context& c, bool head) {
  Exception x = query_exception(e);
  if (e.fault == Fault::not_found) x = {"ResourceNotFound", 404};
  if (e.fault == Fault::quota_exceeded) x = {"LimitExceeded", 400};
  if (e.fault == Fault::bad_token) x = {"InvalidNextToken", 400};
  const wire::Rpc rpc = wire::rpc_of(c.headers);
  if (rpc != wire::Rpc::none) return respond_to_rpc(e, x, rpc, head);
  constexpr std::string_view kNamespace = "http://monitoring.amazonaws.com/doc/2010-08-01/";
  return respond_to_query(e, x, kNamespace, c, head);
}

}  // namespace tidegate::api
