#include "api/errors/s3_errors.h"

#include <gtest/gtest.h>

namespace tidegate::api {
namespace {

wire::Context context() {
  wire::Context c;
  c.request_id = "0123456789ABCDEF";
  c.host_id = "aG9zdA==";
  return c;
}

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers)
    if (known == name) return value;
  return "";
}

TEST(S3Errors, AreXmlWithTheirExtraElementsInOrder) {
  auto response = render_s3_error(Error{Fault::invalid_argument, "No <good> & \"bad\""}
                                      .with("ArgumentName", "a")
                                      .with("ArgumentValue", "<b>"),
                                  context(), false);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(header(response, "Content-Type"), "application/xml");
  EXPECT_EQ(std::get<std::string>(response.body),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidArgument</Code>"
            "<Message>No &lt;good&gt; &amp; &quot;bad&quot;</Message><ArgumentName>a</ArgumentName>"
            "<ArgumentValue>&lt;b&gt;</ArgumentValue><RequestId>0123456789ABCDEF</RequestId>"
            "<HostId>aG9zdA==</HostId></Error>");
}

TEST(S3Errors, NeverHaveAnEmptyMessageAndKeepOurOwnToTheLog) {
  auto text = [](Error error) {
    return std::get<std::string>(render_s3_error(error, context(), false).body);
  };
  EXPECT_EQ(text({Fault::no_such_key, ""}).find("<Message></Message>"), std::string::npos);
  EXPECT_EQ(text({Fault::internal, "/secret/path"}).find("secret"), std::string::npos);
}

TEST(S3Errors, HaveNoBodyForHeadAndNotModified) {
  auto head = render_s3_error({Fault::no_such_key, "x"}, context(), true);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(http::size_of(head.body), 0u);
  auto same =
      render_s3_error(Error{Fault::not_modified, "x"}.with("@ETag", "\"e\""), context(), false);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(http::size_of(same.body), 0u);
  EXPECT_EQ(header(same, "ETag"), "\"e\"");
}

TEST(S3Errors, TakeACodeOfTheirOwnWhenTheTableHasNone) {
  auto response = render_s3_error(Error{Fault::not_found, "x"}.with("Code", "NoSuchBucketPolicy"),
                                  context(), false);
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(std::get<std::string>(response.body).find("<Code>NoSuchBucketPolicy</Code>"),
            std::string::npos);
}

TEST(S3Errors, TellTheTwoFormsOfASignatureApart) {
  auto plain = context();
  auto presigned = context();
  presigned.query.emplace_back("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  const Error error{Fault::malformed_signature, "x"};
  auto code = [&](const wire::Context& c) {
    return std::get<std::string>(render_s3_error(error, c, false).body);
  };
  EXPECT_NE(code(plain).find("AuthorizationHeaderMalformed"), std::string::npos);
  EXPECT_NE(code(presigned).find("AuthorizationQueryParametersError"), std::string::npos);
}

}  // namespace
}  // namespace tidegate::api
