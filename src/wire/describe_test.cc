// The printed model is what the model check judges us by: it must say what the tables say.
#include "wire/describe.h"

#include <gtest/gtest.h>

#include "document/value.h"
#include "support/small_shapes.h"

namespace tidegate::wire {
namespace {

using namespace small;

constexpr auto kPut = operation<Parts, Answer>("PutObject", http::Method::put, "/{Bucket}/{Key+}",
                                               204, "s3:PutObject")
                          .mode(BodyMode::received)
                          .also("/old/{Bucket}");
constexpr auto kPlain =
    operation<Everything, Nothing>("Plain", http::Method::post, "/plain", 200, "s3:Plain");
constexpr Row kRefused{
    "PutBucketWebsite", http::Method::put, "/{Bucket}?website", 501, nullptr, nullptr, ""};

document::Value described() {
  static const Table* const table = [] {
    static Table t(Service::s3, Protocol::rest_xml);
    t.add(kPut, [](const Context&, Parts) -> Task<Answer> { co_return Answer{}; });
    t.add(kPlain, [](const Context&, Everything) -> Task<Nothing> { co_return Nothing{}; });
    t.refuse(kRefused);
    return &t;
  }();
  static const Table sts(Service::sts, Protocol::query);
  auto parsed = document::parse_json(describe({table, &sts}));
  EXPECT_TRUE(parsed.ok());
  return *parsed;
}

const document::Value& at(const document::Value& v, std::size_t i) {
  return (*v.array())[i];
}
std::string json_of(const document::Value& v, const char* member) {
  const document::Value* found = v.find(member);
  return found ? document::to_json(*found) : "-";
}

TEST(Describe, ServicesAndOperations) {
  const document::Value all = described();
  const document::Value& services = *all.find("services");
  ASSERT_EQ(services.array()->size(), 2u);
  EXPECT_EQ(json_of(at(services, 0), "service"), "\"s3\"");
  EXPECT_EQ(json_of(at(services, 0), "protocol"), "\"rest-xml\"");
  EXPECT_EQ(json_of(at(services, 1), "service"), "\"sts\"");
  EXPECT_EQ(json_of(at(services, 1), "operations"), "[]");
  const document::Value& operations = *at(services, 0).find("operations");
  ASSERT_EQ(operations.array()->size(), 3u);
  const document::Value& put = at(operations, 0);
  EXPECT_EQ(json_of(put, "method"), "\"PUT\"");
  EXPECT_EQ(json_of(put, "uri"), "\"/{Bucket}/{Key+}\"");
  EXPECT_EQ(json_of(put, "alias"), "\"/old/{Bucket}\"");
  EXPECT_EQ(json_of(put, "status"), "204");
  EXPECT_EQ(json_of(put, "body"), "\"received\"");
  EXPECT_EQ(json_of(put, "refused"), "false");
  const document::Value& refused = at(operations, 2);
  EXPECT_EQ(json_of(refused, "refused"), "true");
  EXPECT_EQ(json_of(refused, "input"), "-");
}

TEST(Describe, MembersWithEverythingThatIsKnownOfThem) {
  const document::Value all = described();
  const document::Value& operations = *at(*all.find("services"), 0).find("operations");
  const document::Value& put = *at(operations, 0).find("input")->find("members");
  EXPECT_EQ(document::to_json(at(put, 1)),
            R"({"name":"Key","wire":"Key","in":"greedy_label","kind":"string","required":true,)"
            R"("min":1,"max":10})");
  EXPECT_EQ(document::to_json(at(put, 3)),
            R"({"name":"Filters","wire":"filter","in":"query","kind":"list","element":)"
            R"({"kind":"string"},"required":false,"min":0,"max":2})");
  const document::Value& plain = *at(operations, 1).find("input")->find("members");
  EXPECT_EQ(document::to_json(at(plain, 14)),
            R"({"name":"Mode","wire":"mode","in":"body","kind":"string","required":false,)"
            R"("enum":["fast","slow"]})");
  EXPECT_EQ(json_of(at(plain, 15), "flags"), R"(["sensitive"])");
  EXPECT_EQ(json_of(at(plain, 7), "time"), "\"iso8601\"");
  const document::Value& named = *at(plain, 11).find("element");
  EXPECT_EQ(json_of(named, "kind"), "\"structure\"");
  EXPECT_EQ(json_of(*named.find("shape"), "name"), "\"Item\"");
}

}  // namespace
}  // namespace tidegate::wire
