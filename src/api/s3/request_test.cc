#include "api/s3/request.h"

#include <gtest/gtest.h>

#include "api/s3/virtual_host.h"

namespace tidegate::api::s3 {
namespace {

TEST(VirtualHost, TakesTheBucketLeftOfTheLongestBase) {
  const std::vector<std::string> bases{"localhost", "s3.localhost", "s3.us-east-1.localhost"};
  auto bucket = [&](std::string_view host) { return bucket_of_host(host, bases); };
  EXPECT_EQ(bucket("b.localhost:9000"), "b");
  EXPECT_EQ(bucket("b.s3.localhost"), "b");
  EXPECT_EQ(bucket("my.bucket.S3.us-east-1.localhost:80"), "my.bucket");
  EXPECT_EQ(bucket("localhost:9000"), std::nullopt);
  EXPECT_EQ(bucket("s3.localhost"), std::nullopt);
  EXPECT_EQ(bucket("127.0.0.1:9000"), std::nullopt);
  EXPECT_EQ(bucket("[::1]:9000"), std::nullopt);
  EXPECT_EQ(bucket("notlocalhost"), std::nullopt);
}

TEST(CopySource, IsDecodedOnceAndSplit) {
  auto source = copy_source_of("/b/a%20b/%2B%25.txt?versionId=v1");
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(source->bucket, "b");
  EXPECT_EQ(source->key, "a b/+%.txt");
  EXPECT_EQ(source->version_id, "v1");
  EXPECT_EQ(copy_source_of("b%2Fk")->key, "k");
  EXPECT_EQ(copy_source_of("b/k%3FversionId=x")->key, "k?versionId=x");
  for (const char* bad : {"", "/", "b", "b/", "/b", "b/%zz", "b/k?versionId="})
    EXPECT_FALSE(copy_source_of(bad).ok()) << bad;
}

TEST(WriteConditions, TakeWhatS3Takes) {
  EXPECT_TRUE(write_conditions(std::nullopt, "*")->if_none_match);
  EXPECT_EQ(write_conditions("\"e\"", std::nullopt)->if_match, "\"e\"");
  EXPECT_EQ(write_conditions(std::nullopt, "\"e\"").fault(), Fault::not_implemented);
  EXPECT_EQ(write_conditions("*", std::nullopt).fault(), Fault::not_implemented);
  EXPECT_EQ(write_conditions("\"e\"", "*").fault(), Fault::not_implemented);
}

TEST(Tagging, ReadsTheHeader) {
  auto tags = tags_of_header("a=1&b=x+y%2B&c=");
  ASSERT_TRUE(tags.ok());
  EXPECT_EQ(*tags, (domain::Tags{{"a", "1"}, {"b", "x y+"}, {"c", ""}}));
  EXPECT_EQ(tags_of_header("a=1&a=2").fault(), Fault::invalid_argument);
  EXPECT_EQ(tags_of_header("=1").fault(), Fault::invalid_argument);
  EXPECT_EQ(tags_of_header("a=%f").fault(), Fault::invalid_argument);
}

TEST(Metadata, DropsTheUploadsFraming) {
  EXPECT_EQ(stored_encoding("gzip, aws-chunked"), "gzip");
  EXPECT_EQ(stored_encoding("aws-chunked"), "");
  EXPECT_EQ(stored_encoding("gzip,br"), "gzip,br");
  EXPECT_EQ(header_text("plain"), "plain");
  EXPECT_EQ(header_text("é"), "=?UTF-8?B?w6k=?=");
  EXPECT_EQ(*storage_class_of("STANDARD"), "");
  EXPECT_FALSE(storage_class_of("WARM").ok());
}

TEST(Admission, RefusesWhatItWouldNotDo) {
  wire::Context c;
  c.scope = Scope{"111122223333", "us-east-1"};
  auto fault = [&](std::string name, std::string value) {
    c.headers = {{std::move(name), std::move(value)}};
    auto caller = admit(c);
    return caller.ok() ? Fault::last_value_ : caller.fault();
  };
  EXPECT_EQ(fault("x-amz-server-side-encryption", "AES256"), Fault::last_value_);
  EXPECT_EQ(fault("x-amz-server-side-encryption", "aws:kms"), Fault::not_implemented);
}

TEST(Admission, AnExpectedOwnerIsAnAccountBeforeItIsCompared) {
  wire::Context c;
  auto fault = [&](std::string value, const std::optional<std::string>& owner) {
    c.headers = {{"x-amz-expected-bucket-owner", std::move(value)}};
    const Status checked = check_expected_owner(c, "x-amz-expected-bucket-owner", owner);
    return checked.ok() ? Fault::last_value_ : checked.fault();
  };
  EXPECT_EQ(fault("111122223333", "111122223333"), Fault::last_value_);
  EXPECT_EQ(fault("111122223333", std::nullopt), Fault::last_value_);
  EXPECT_EQ(fault("111122223333", "444455556666"), Fault::access_denied);
  EXPECT_EQ(fault("me", "444455556666"), Fault::invalid_request);
  EXPECT_EQ(fault("11112222333", std::nullopt), Fault::invalid_request);
  EXPECT_EQ(fault("", std::nullopt), Fault::invalid_request);
}

}  // namespace
}  // namespace tidegate::api::s3
