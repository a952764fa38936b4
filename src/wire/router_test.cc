// The router: what a request means follows from its row and from nothing else; a sub-resource that
// we do not know never becomes the plain operation.
#include "wire/router.h"

#include <gtest/gtest.h>

#include "support/small_shapes.h"

namespace tidegate::wire {
namespace {

using http::Method;
using namespace small;

template <class I>
constexpr Operation<I, Nothing> op(std::string_view name, Method method, std::string_view uri) {
  return operation<I, Nothing>(name, method, uri, 200, "x:Y");
}
constexpr auto kListBuckets = op<Nothing>("ListBuckets", Method::get, "/");
constexpr auto kList = op<Bucket>("ListObjects", Method::get, "/{Bucket}");
constexpr auto kListV2 = op<Bucket>("ListObjectsV2", Method::get, "/{Bucket}?list-type=2");
constexpr auto kVersions = op<Bucket>("ListVersions", Method::get, "/{Bucket}?versions");
constexpr auto kDeleteBucket = op<Bucket>("DeleteBucket", Method::delete_, "/{Bucket}");
constexpr auto kDeleteObjects = op<Bucket>("DeleteObjects", Method::post, "/{Bucket}?delete");
constexpr auto kGet = op<Parts>("GetObject", Method::get, "/{Bucket}/{Key+}");
constexpr auto kPut = op<Parts>("PutObject", Method::put, "/{Bucket}/{Key+}");
constexpr auto kDelete = op<Parts>("DeleteObject", Method::delete_, "/{Bucket}/{Key+}");
constexpr auto kUploadPart = op<Upload>("UploadPart", Method::put, "/{Bucket}/{Key+}");
constexpr auto kUploadPartCopy = op<CopyUpload>("UploadPartCopy", Method::put, "/{Bucket}/{Key+}");
constexpr Row kRefused{
    "PutBucketWebsite",   Method::put, "/{Bucket}?website", 200, nullptr, nullptr,
    "s3:PutBucketWebsite"};

constexpr auto kFunctions = op<Nothing>("ListFunctions", Method::get, "/2015-03-31/functions/");
constexpr auto kFunction = operation<Bucket, Nothing>("GetFunction", Method::get,
                                                      "/2015-03-31/functions/{Bucket}", 200, "x:Y")
                               .also("/2020-01-01/functions/{Bucket}");
constexpr auto kInvoke =
    op<Bucket>("Invoke", Method::post, "/2015-03-31/functions/{Bucket}/invocations");
constexpr auto kSettings = op<Nothing>("Settings", Method::get, "/2015-03-31/functions/settings");

class RouterTest : public testing::Test {
 public:
  Table s3{Service::s3, Protocol::rest_xml}, lambda{Service::lambda, Protocol::rest_json};
  std::unique_ptr<Router> s3_router, lambda_router;

  RouterTest() {
    mount_all();
    s3_router = std::make_unique<Router>(s3);
    lambda_router = std::make_unique<Router>(lambda);
  }
  void mount_all() {
    add(s3, kListBuckets);
    add(s3, kList);
    add(s3, kListV2);
    add(s3, kVersions);
    add(s3, kDeleteBucket);
    add(s3, kDeleteObjects);
    add(s3, kGet);
    add(s3, kPut);
    add(s3, kDelete);
    add(s3, kUploadPart);
    add(s3, kUploadPartCopy);
    s3.refuse(kRefused);
    add(lambda, kFunctions);
    add(lambda, kFunction);
    add(lambda, kInvoke);
    add(lambda, kSettings);
  }
  template <class I>
  static void add(Table& table, const Operation<I, Nothing>& operation) {
    table.add(operation, [](const Context&, I) -> Task<Nothing> { co_return Nothing{}; });
  }
  static std::string routed(const Router& router, Method method, std::string_view target,
                            const HeaderList* headers = nullptr) {
    const std::size_t mark = std::min(target.find('?'), target.size());
    const auto query = http::parse_query(target.substr(std::min(mark + 1, target.size())));
    Result<Match> m = router.route(method, target.substr(0, mark), *query, headers);
    if (!m.ok()) return name_of(m.fault());
    std::string text(m->row->name);
    if (!m->entry) text = "refused " + text;
    for (const auto& [name, value] : m->labels.values) text += fmt::format(" {}={}", name, value);
    return text;
  }
  std::string s3_to(Method method, std::string_view target, const char* header = nullptr) {
    HeaderList headers;
    if (header) headers = {{header, "v"}};
    return routed(*s3_router, method, target, &headers);
  }
  std::string lambda_to(Method method, std::string_view target) {
    return routed(*lambda_router, method, target);
  }
};

TEST_F(RouterTest, PathsAndTheirLabels) {
  EXPECT_EQ(s3_to(Method::get, "/"), "ListBuckets");
  EXPECT_EQ(s3_to(Method::get, ""), "ListBuckets");
  EXPECT_EQ(s3_to(Method::get, "/b"), "ListObjects Bucket=b");
  EXPECT_EQ(s3_to(Method::get, "/b/"), "ListObjects Bucket=b");
  EXPECT_EQ(s3_to(Method::get, "/b/k"), "GetObject Bucket=b Key=k");
  EXPECT_EQ(s3_to(Method::get, "/b/a/b//c/"), "GetObject Bucket=b Key=a/b//c/");
  EXPECT_EQ(s3_to(Method::get, "/b//"), "GetObject Bucket=b Key=/");
  EXPECT_EQ(s3_to(Method::get, "/b/../x"), "GetObject Bucket=b Key=../x");
  EXPECT_EQ(s3_to(Method::get, "/b/a%2Fb%20c+d"), "GetObject Bucket=b Key=a/b c+d");
  EXPECT_EQ(s3_to(Method::get, "/a%2Fb/k"), "GetObject Bucket=a/b Key=k");
  EXPECT_EQ(s3_to(Method::get, "//k"), "unknown_operation");
  EXPECT_EQ(s3_to(Method::get, "//"), "unknown_operation");
  EXPECT_EQ(s3_to(Method::get, "/b/%zz"), "unknown_operation");
}

TEST_F(RouterTest, TheRowThatDemandsMostWins) {
  EXPECT_EQ(s3_to(Method::get, "/b?list-type=2&prefix=a"), "ListObjectsV2 Bucket=b");
  EXPECT_EQ(s3_to(Method::get, "/b?list-type=1"), "ListObjects Bucket=b");
  EXPECT_EQ(s3_to(Method::get, "/b?versions"), "ListVersions Bucket=b");
  EXPECT_EQ(s3_to(Method::get, "/b?versions=&prefix=x"), "ListVersions Bucket=b");
  EXPECT_EQ(s3_to(Method::put, "/b/k?uploadId=1&partNumber=2"), "UploadPart Bucket=b Key=k");
  EXPECT_EQ(s3_to(Method::put, "/b/k?uploadId=1&partNumber=2", "x-amz-copy-source"),
            "UploadPartCopy Bucket=b Key=k");
  EXPECT_EQ(s3_to(Method::post, "/b?delete"), "DeleteObjects Bucket=b");
  EXPECT_EQ(s3_to(Method::put, "/b/k?x-id=PutObject"), "PutObject Bucket=b Key=k");
}

TEST_F(RouterTest, ASubResourceNeverFallsThrough) {
  for (const char* sub : {"accelerate",
                          "acl",
                          "analytics",
                          "attributes",
                          "cors",
                          "encryption",
                          "inventory",
                          "legal-hold",
                          "lifecycle",
                          "location",
                          "logging",
                          "metrics",
                          "notification",
                          "object-lock",
                          "ownershipControls",
                          "policy",
                          "policyStatus",
                          "publicAccessBlock",
                          "replication",
                          "requestPayment",
                          "restore",
                          "retention",
                          "select",
                          "tagging",
                          "torrent",
                          "uploadId",
                          "uploads",
                          "versioning",
                          "website",
                          "intelligent-tiering",
                          "metadataTable",
                          "session"}) {
    for (Method m : {Method::get, Method::put, Method::delete_}) {
      const std::string bucket = s3_to(m, fmt::format("/b?{}", sub));
      EXPECT_TRUE(bucket == "not_implemented" || bucket == "refused PutBucketWebsite Bucket=b")
          << sub;
      EXPECT_EQ(s3_to(m, fmt::format("/b/k?{}=1&x=y", sub)), "not_implemented") << sub;
    }
  }
  EXPECT_EQ(s3_to(Method::put, "/b/k?uploadId=1"), "not_implemented");
  EXPECT_EQ(s3_to(Method::put, "/b/k?partNumber=1"), "not_implemented");
  EXPECT_EQ(s3_to(Method::get, "/b/k?partNumber=1"), "GetObject Bucket=b Key=k");
  EXPECT_EQ(s3_to(Method::delete_, "/b/k?versions"), "not_implemented");
  EXPECT_EQ(s3_to(Method::put, "/b?website"), "refused PutBucketWebsite Bucket=b");
}

TEST_F(RouterTest, ABareNameThatNobodyKnowsIsNoPlainWrite) {
  for (Method m : {Method::put, Method::delete_, Method::post}) {
    EXPECT_EQ(s3_to(m, "/b?nextYearsFeature"), "not_implemented");
    EXPECT_EQ(s3_to(m, "/b/k?nextYearsFeature="), "not_implemented");
  }
  EXPECT_EQ(s3_to(Method::get, "/b/k?nextYearsFeature"), "GetObject Bucket=b Key=k");
  // What a client adds for itself is its own affair.
  EXPECT_EQ(s3_to(Method::put, "/b/k?x-mine"), "PutObject Bucket=b Key=k");
  EXPECT_EQ(s3_to(Method::put, "/b/k?mine=1"), "PutObject Bucket=b Key=k");
}

TEST_F(RouterTest, AnotherMethodIsNotAllowed) {
  EXPECT_EQ(s3_to(Method::post, "/"), "method_not_allowed");
  EXPECT_EQ(s3_to(Method::patch, "/b/k"), "method_not_allowed");
  EXPECT_EQ(lambda_to(Method::put, "/2015-03-31/functions/f"), "method_not_allowed");
  EXPECT_EQ(lambda_to(Method::get, "/2015-03-31/functions/f/invocations"), "method_not_allowed");
  EXPECT_EQ(lambda_to(Method::get, "/2015-03-31/nothing"), "unknown_operation");
  EXPECT_EQ(lambda_to(Method::get, "/"), "unknown_operation");
}

TEST_F(RouterTest, LiteralsGoBeforeLabelsAndAliasesLeadHere) {
  EXPECT_EQ(lambda_to(Method::get, "/2015-03-31/functions/settings"), "Settings");
  EXPECT_EQ(lambda_to(Method::get, "/2015-03-31/functions/f"), "GetFunction Bucket=f");
  EXPECT_EQ(lambda_to(Method::get, "/2020-01-01/functions/f"), "GetFunction Bucket=f");
  EXPECT_EQ(lambda_to(Method::get, "/2015-03-31/functions"), "ListFunctions");
  EXPECT_EQ(lambda_to(Method::get, "/2015-03-31/functions/"), "ListFunctions");
  EXPECT_EQ(lambda_to(Method::get, "/2015-03-31/functions/f/"), "GetFunction Bucket=f");
  EXPECT_EQ(lambda_to(Method::post, "/2015-03-31/functions/arn%3Aaws%3Alambda%2Ff/invocations"),
            "Invoke Bucket=arn:aws:lambda/f");
  EXPECT_EQ(lambda_to(Method::get, "/2015-03-31/functions/f/g"), "unknown_operation");
}

}  // namespace
}  // namespace tidegate::wire
