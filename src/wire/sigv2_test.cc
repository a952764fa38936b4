// Version 2 in a query: AWS's published example, and what is signed and what is not.
#include "wire/sigv2.h"

#include <gtest/gtest.h>

namespace tidegate::wire {
namespace {

struct Asked {
  http::Request request;
  http::Query query;
};

Asked ask(std::string_view path, std::string_view query, std::vector<http::Header> headers = {}) {
  Asked a;
  a.request.method = http::Method::get;
  a.request.path = path;
  a.request.query = query;
  a.request.headers = std::move(headers);
  a.query = *http::parse_query(query);
  return a;
}

constexpr std::string_view kKey =
    "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620&Signature=";

TEST(SigV2, ThePublishedExample) {
  auto a = ask("/photos/puppy.jpg", std::string(kKey) + "NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D");
  auto claim = read_claim(a.request, a.query);
  ASSERT_TRUE(claim.ok());
  ASSERT_TRUE(*claim);
  (*claim)->host_bucket = "johnsmith";
  const std::string to_sign = version2_string_to_sign(a.request, a.query, **claim);
  EXPECT_EQ(to_sign, "GET\n\n\n1175139620\n/johnsmith/photos/puppy.jpg");
  EXPECT_EQ(version2_sign("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", to_sign),
            (*claim)->signature);
  EXPECT_TRUE((*claim)->version2 && (*claim)->presigned);
}

TEST(SigV2, SubResourcesOverridesAndHeadersAreSigned) {
  auto a = ask("/b/k%20x",
               std::string(kKey) +
                   "x&versionId=v1&acl&response-content-type=text%2Fplain&prefix=p"
                   "&content-type=a%2Fb&x-amz-acl=private",
               {{"X-Amz-Meta-B", "two"}, {"x-amz-meta-a", "one"}, {"Range", "bytes=0-1"}});
  auto claim = *read_claim(a.request, a.query);
  EXPECT_EQ(version2_string_to_sign(a.request, a.query, *claim),
            "GET\n\na/b\n1175139620\nx-amz-acl:private\nx-amz-meta-a:one\nx-amz-meta-b:two\n"
            "/b/k%20x?acl&response-content-type=text/plain&versionId=v1");
}

TEST(SigV2, ABareBucketMayBeSignedWithASlash) {
  auto a = ask("/b", std::string(kKey) + "x");
  auto claim = *read_claim(a.request, a.query);
  EXPECT_TRUE(version2_string_to_sign(a.request, a.query, *claim).ends_with("\n/b"));
  EXPECT_TRUE(version2_string_to_sign(a.request, a.query, *claim, true).ends_with("\n/b/"));
  auto object = ask("/b/k", std::string(kKey) + "x");
  EXPECT_TRUE(version2_string_to_sign(object.request, a.query, *claim, true).ends_with("\n/b/k"));
}

TEST(SigV2, WhatIsIncompleteIsRefused) {
  for (const char* query :
       {"AWSAccessKeyId=a&Signature=s", "Signature=s&Expires=1",
        "AWSAccessKeyId=a&Signature=s&Expires=soon", "AWSAccessKeyId=a&Signature=s&Expires=-1",
        "AWSAccessKeyId=a&Signature=s&Expires=99999999999999999999"}) {
    auto a = ask("/b/k", query);
    EXPECT_EQ(read_claim(a.request, a.query).fault(), Fault::access_denied) << query;
  }
  auto a = ask("/b/k", "Expires=1");
  EXPECT_FALSE(*read_claim(a.request, a.query));
}

}  // namespace
}  // namespace tidegate::wire
