// Each API's own spelling of what went wrong.
#include "api/errors/json_errors.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "document/value.h"

namespace tidegate::api {
namespace {

using Render = http::Response (*)(const Error&, const wire::Context&, bool);

constexpr char kHidden[] = "An internal error occurred. The server's log has the details.";

std::string text(const http::Response& r) {
  return std::get<std::string>(r.body);
}
std::string type(const http::Response& r) {
  for (const auto& [name, value] : r.headers)
    if (name == "x-amzn-ErrorType") return value;
  return "";
}
std::string all(Render render, const Error& e, const wire::Context& c = {}) {
  const http::Response r = render(e, c, false);
  return fmt::format("{} {} {}", r.status, type(r), text(r));
}

TEST(LambdaErrors, StatusNameAndTheSpellingOfTheMessage) {
  struct Case {
    Fault fault;
    const char* wanted;
  };
  for (const Case& c : std::vector<Case>{
           {Fault::not_found, R"(404 ResourceNotFoundException {"Type":"User","Message":"m"})"},
           {Fault::conflict, R"(409 ResourceConflictException {"Type":"User","message":"m"})"},
           {Fault::guard_failed, R"(409 ResourceConflictException {"Type":"User","message":"m"})"},
           {Fault::precondition_failed,
            R"(412 PreconditionFailedException {"Type":"User","message":"m"})"},
           {Fault::invalid_parameter_value,
            R"(400 InvalidParameterValueException {"Type":"User","message":"m"})"},
           {Fault::invalid_request, R"(400 ValidationException {"message":"m"})"},
           {Fault::invalid_request_content,
            R"(400 InvalidRequestContentException {"Type":"User","message":"m"})"},
           {Fault::zip_too_large, R"(413 RequestEntityTooLargeException {"message":"m"})"},
           {Fault::too_large, R"(413 RequestEntityTooLargeException {"message":"m"})"},
           {Fault::unsupported_media_type,
            R"(415 UnsupportedMediaTypeException {"Type":"User","message":"m"})"},
           {Fault::throttled, R"(429 TooManyRequestsException {"Type":"User","message":"m"})"},
           {Fault::access_denied, R"(403 AccessDeniedException {"message":"m"})"},
           {Fault::bad_signature, R"(403 InvalidSignatureException {"message":"m"})"},
           {Fault::unknown_access_key, R"(403 UnrecognizedClientException {"message":"m"})"},
           {Fault::missing_authentication,
            R"(403 MissingAuthenticationTokenException {"message":"m"})"},
           {Fault::unknown_operation, R"(404 UnknownOperationException {"message":"m"})"},
           {Fault::malformed_body, R"(400 SerializationException {"message":"m"})"},
           {Fault::not_implemented, R"(501 NotImplementedException {"message":"m"})"},
           {Fault::unavailable, R"(503 ServiceUnavailableException {"message":"m"})"},
           {Fault::read_only, R"(503 ServiceUnavailableException {"message":"m"})"},
           {Fault::sandbox_unavailable,
            R"(500 ServiceException {"Type":"Service","Message":"m"})"}})
    EXPECT_EQ(all(render_lambda_error, Error{c.fault, "m"}), c.wanted) << name_of(c.fault);
  EXPECT_EQ(all(render_lambda_error, Error{Fault::internal, "secret path"}),
            fmt::format(R"(500 ServiceException {{"Type":"Service","Message":"{}"}})", kHidden));
}

TEST(LambdaErrors, WhatFieldsSay) {
  EXPECT_EQ(all(render_lambda_error, Error(Fault::too_large, "m").with("Payload", "Event")),
            R"(413 RequestTooLargeException {"Type":"User","message":"m"})");
  EXPECT_EQ(all(render_lambda_error, Error(Fault::too_large, "m").with("Policy", "20481")),
            R"(400 PolicyLengthExceededException {"Type":"User","message":"m"})");
  EXPECT_EQ(
      all(render_lambda_error, Error(Fault::throttled, "Rate Exceeded.")
                                   .with("Reason", "ConcurrentInvocationLimitExceeded")),
      R"(429 TooManyRequestsException {"Type":"User","Reason":"ConcurrentInvocationLimitExceeded",)"
      R"("message":"Rate Exceeded."})");
}

TEST(AppConfigErrors, AreSpelledWithACapital) {
  EXPECT_EQ(all(render_appconfig_error, Error(Fault::not_found, "m").with("Identifier", "abc")),
            R"(404 ResourceNotFoundException {"Message":"m","ResourceName":"abc"})");
  EXPECT_EQ(all(render_appconfig_error, Error{Fault::conflict, "m"}),
            R"(409 ConflictException {"Message":"m"})");
  EXPECT_EQ(all(render_appconfig_error, Error{Fault::invalid_request, "m"}),
            R"(400 BadRequestException {"Message":"m"})");
  EXPECT_EQ(all(render_appconfig_error, Error{Fault::quota_exceeded, "m"}),
            R"(402 ServiceQuotaExceededException {"Message":"m"})");
  EXPECT_EQ(all(render_appconfig_error, Error{Fault::throttled, "m"}),
            R"(429 ThrottlingException {"Message":"m"})");
  EXPECT_EQ(all(render_appconfig_error,
                Error(Fault::too_large, "m").with("Limit", "1048576").with("Size", "2097152")),
            R"(413 PayloadTooLargeException {"Message":"m","Measure":"KILOBYTES",)"
            R"("Limit":1024,"Size":2048})");
  EXPECT_EQ(all(render_appconfig_error, Error{Fault::internal, "secret path"}),
            fmt::format(R"(500 InternalServerException {{"Message":"{}"}})", kHidden));
}

TEST(AppConfigErrors, AnInvalidConfigurationHasItsDetails) {
  Error e = Error(Fault::invalid_request, "m").with("Reason", "InvalidConfiguration");
  e.details.push_back({"required", "/a", "why", "JSON Schema", "v"});
  EXPECT_EQ(all(render_appconfig_error, e),
            R"(400 BadRequestException {"Message":"m","Reason":"InvalidConfiguration",)"
            R"("Details":{"InvalidConfiguration":[{"Constraint":"required","Location":"/a",)"
            R"("Reason":"why","Type":"JSON Schema","Value":"v"}]}})");
}

TEST(DataPlaneErrors, NameTheResourceOrTheParameter) {
  const Error missing =
      Error(Fault::not_found, "m").with("ResourceType", "Application").with("Identifier", "abc");
  const wire::Row session{
      "StartConfigurationSession", http::Method::post, "/", 201, nullptr, nullptr, ""};
  wire::Context c;
  c.row = &session;
  EXPECT_EQ(all(render_appconfigdata_error, missing, c),
            R"(404 ResourceNotFoundException {"Message":"m","ResourceType":"Application",)"
            R"("ReferencedBy":{"ApplicationIdentifier":"abc"}})");
  EXPECT_EQ(all(render_appconfigdata_error, missing),
            R"(404 ResourceNotFoundException {"Message":"m","ResourceType":"Application",)"
            R"("ReferencedBy":{}})");
  EXPECT_EQ(all(render_appconfigdata_error, Error(Fault::bad_token, "m")
                                                .with("Member", "ConfigurationToken")
                                                .with("Problem", "Expired")),
            R"(400 BadRequestException {"Message":"m","Reason":"InvalidParameters",)"
            R"("Details":{"InvalidParameters":{"ConfigurationToken":{"Problem":"Expired"}}}})");
}

TEST(AdminErrors, AreSpelledSmall) {
  EXPECT_EQ(all(render_admin_error, Error{Fault::not_found, "m"}),
            R"(404 ResourceNotFoundException {"message":"m"})");
}

TEST(QueryErrors, AreXml) {
  wire::Context c;
  c.request_id = "id";
  const auto r = render_query_error(Error{Fault::bad_signature, "a < b"}, c, false);
  EXPECT_EQ(r.status, 403);
  EXPECT_EQ(text(r),
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender"
            "</Type><Code>SignatureDoesNotMatch</Code><Message>a &lt; b</Message></Error>"
            "<RequestId>id</RequestId></ErrorResponse>");
  EXPECT_NE(text(render_query_error(Error{Fault::internal, "secret"}, c, false))
                .find("<Type>Receiver</Type><Code>InternalFailure</Code>"),
            std::string::npos);
}

TEST(JsonErrors, HeadHasTheLengthAndEveryFaultAnAnswer) {
  for (Render render : {Render{render_lambda_error}, Render{render_appconfig_error},
                        Render{render_appconfigdata_error}, Render{render_admin_error}}) {
    const auto full = render(Error{Fault::not_found, "m"}, {}, false);
    const auto head = render(Error{Fault::not_found, "m"}, {}, true);
    EXPECT_EQ(text(head), "");
    EXPECT_EQ(head.head_length, text(full).size());
    for (int i = 0; i < static_cast<int>(Fault::last_value_); ++i) {
      if (static_cast<Fault>(i) == Fault::bad_token) continue;  // always with its fields
      // Also with bytes in it that are no text.
      const auto r = render(Error{static_cast<Fault>(i), "m\xff"}, {}, false);
      EXPECT_GE(r.status, 400) << i;
      EXPECT_NE(type(r), "") << i;
      EXPECT_TRUE(document::parse_json(text(r)).ok()) << text(r);
    }
  }
}

}  // namespace
}  // namespace tidegate::api
