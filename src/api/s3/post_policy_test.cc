#include "api/s3/post_policy.h"

#include <gmock/gmock.h>

namespace tidegate::api::s3 {
namespace {

using ::testing::HasSubstr;

const Instant kNow = *parse_iso8601("2026-01-01T00:00:00Z");
const FormUpload::Fields kFields = {{"key", "up/a.txt"},
                                    {"policy", "…"},
                                    {"x-amz-signature", "…"},
                                    {"x-ignore-me", "…"},
                                    {"content-type", "text/plain"},
                                    {"x-amz-checksum-crc32", "…"}};

std::string policy(const std::string& conditions,
                   const std::string& expiration = "2026-01-01T01:00:00Z") {
  return R"({"expiration":")" + expiration + R"(","conditions":[)" + conditions + "]}";
}
Result<SizeRange> check(const std::string& text) {
  return check_post_policy(text, kFields, "bucket", kNow);
}
std::string refusal(const std::string& text) {
  auto checked = check(text);
  return checked.ok() ? "" : checked.error().message;
}

const std::string kEnough =
    R"({"bucket":"bucket"},["StArTs-WiTh","$Key","up/"],["eq","$content-type","text/plain"])";

TEST(PostPolicy, EveryFieldNeedsAConditionThatHolds) {
  auto range = check(policy(kEnough + R"(,["content-length-range",1,"9"])"));
  ASSERT_TRUE(range.ok()) << range.error().message;
  EXPECT_EQ(range->least, 1u);
  EXPECT_EQ(range->most, 9u);
  const std::string page = "http://page.example/" + std::string(100, 'x');
  EXPECT_TRUE(check_post_policy(policy(R"({"bucket":"bucket"},["eq","$redirect",")" + page + "\"]"),
                                {{"redirect", page}}, "bucket", kNow)
                  .ok());
  EXPECT_THAT(refusal(policy(R"({"bucket":"bucket"},["eq","$key","up/a.txt"])")),
              HasSubstr("Extra input fields: content-type"));
  EXPECT_THAT(refusal(policy(R"(["starts-with","$key",""],["starts-with","$content-type",""])")),
              HasSubstr("Extra input fields: bucket"));
  EXPECT_THAT(refusal(policy(kEnough + R"(,{"acl":"private"})")),
              HasSubstr(R"(Policy Condition failed: ["eq", "$acl", "private"])"));
  EXPECT_THAT(refusal(policy(R"({"bucket":"other"})")), HasSubstr("Policy Condition failed"));
  EXPECT_EQ(check(policy(kEnough, "2025-12-31T23:59:59Z")).fault(), Fault::access_denied);
}

TEST(PostPolicy, BadDocumentsAreNamed) {
  for (const std::string& text :
       {std::string("no json"), std::string("[]"), std::string(R"({"conditions":[]})"),
        std::string(R"({"expiration":"2026-01-01T01:00:00Z"})"), policy(kEnough, "tomorrow"),
        policy(kEnough, "2026-01-01 01:00:00Z"), policy("{}"), policy("[]"),
        policy(R"(["content-length-range",0])"), policy(R"(["content-length-range",-1,0])"),
        policy(R"(["like","$key","a"])"), policy(R"(["eq","key","a"])")})
    EXPECT_EQ(check(text).fault(), Fault::invalid_request) << text;
}

TEST(PostPolicy, FieldsBecomeHeaders) {
  auto headers = headers_of_form(
      {{"acl", "private"},
       {"policy", "…"},
       {"x-amz-meta-a", "b"},
       {"tagging",
        "<Tagging><TagSet><Tag><Key>k 1</Key><Value>v</Value></Tag></TagSet></Tagging>"}});
  const FormHeaders wanted = {
      {"x-amz-acl", "private"}, {"x-amz-meta-a", "b"}, {"x-amz-tagging", "k%201=v"}};
  EXPECT_EQ(*headers, wanted);
  EXPECT_EQ(headers_of_form({{"tagging", "<No/>"}}).fault(), Fault::malformed_xml);
}

}  // namespace
}  // namespace tidegate::api::s3
