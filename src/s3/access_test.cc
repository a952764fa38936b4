// Lists, ownership, blocks and policies of buckets: what is refused, and what records keep of it.
#include "s3/access.h"

#include <gtest/gtest.h>

#include "s3/bucket_policy.h"
#include "support/s3_world.h"

namespace tidegate::s3 {
namespace {

const std::string kOwner = "111122223333", kWriter = "444455556666";

AclRequest canned(const std::string& name) {
  return {name, std::nullopt};
}
std::string code_of(const Error& error) {
  for (const auto& [name, value] : error.fields)
    if (name == "Code") return value;
  return name_of(error.fault);
}

TEST(Access, EnforcedBucketsTakeOnlyListsThatSayWhatIs) {
  BucketRecord bucket;  // as buckets of earlier versions load
  const Owners owners;
  auto of = [&](const AclRequest& request, const std::string& writer) {
    return object_access(bucket, kOwner, writer, request, owners);
  };
  EXPECT_EQ(of({}, kWriter)->owner, "");
  EXPECT_TRUE(of(canned("bucket-owner-full-control"), kWriter).ok());
  EXPECT_TRUE(of(canned("private"), kOwner).ok());
  EXPECT_EQ(code_of(of(canned("private"), kWriter).error()), "AccessControlListNotSupported");
  EXPECT_EQ(code_of(of(canned("public-read"), kOwner).error()), "AccessControlListNotSupported");
  AclRequest grants;
  grants.grants = Acl{{{owners.id_of(kOwner), Permission::full_control}}};
  EXPECT_TRUE(of(grants, kWriter).ok());
}

TEST(Access, WritersOwnTheirObjectsWhereListsAreInUse) {
  BucketRecord bucket;
  bucket.ownership = Ownership::object_writer;
  const Owners owners;
  auto of = [&](const std::string& acl, const std::string& writer) {
    return object_access(bucket, kOwner, writer, canned(acl), owners);
  };
  EXPECT_EQ(of("", kWriter)->owner, kWriter);
  EXPECT_EQ(of("", "")->owner, kAnonymousAccount);
  EXPECT_EQ(of("bucket-owner-full-control", kWriter)->owner, kWriter);
  EXPECT_FALSE(of("private", kOwner)->acl.has_value());  // the default needs no row
  EXPECT_EQ(of("public-read", kOwner)->acl->grants.size(), 2u);
  EXPECT_EQ(of("nonsense", kOwner).fault(), Fault::invalid_argument);
  bucket.ownership = Ownership::bucket_owner_preferred;
  EXPECT_EQ(of("bucket-owner-full-control", kWriter)->owner, "");
  EXPECT_EQ(of("private", kWriter)->owner, kWriter);
  bucket.public_access_block = PublicAccessBlock{true, false, false, false};
  EXPECT_EQ(of("public-read", kOwner).fault(), Fault::access_denied);
  EXPECT_EQ(of("authenticated-read", kOwner).fault(), Fault::access_denied);
}

TEST(Access, ListsAllowByGranteeAndGroup) {
  const Owners owners;
  const Asker stranger{owners.id_of(kWriter), false, true}, nobody{"", true, false};
  const Acl open = *acl_of(canned("public-read"), owners.id_of(kOwner), "", true);
  EXPECT_TRUE(allows(open, Permission::read, nobody, false, false));
  EXPECT_FALSE(allows(open, Permission::read, nobody, false, true));
  EXPECT_FALSE(allows(open, Permission::write, stranger, false, false));
  const Acl known = *acl_of(canned("authenticated-read"), owners.id_of(kOwner), "", true);
  EXPECT_TRUE(allows(known, Permission::read, stranger, false, false));
  EXPECT_FALSE(allows(known, Permission::read, nobody, false, false));
  // Full control of the account's id is not full control of each of its users.
  const Asker root{owners.id_of(kOwner), false, true}, user{owners.id_of(kOwner), false, false};
  const Acl own = effective_acl(std::nullopt, owners.id_of(kOwner));
  EXPECT_TRUE(allows(own, Permission::write_acp, root, true, false));
  EXPECT_FALSE(allows(own, Permission::read, user, true, false));
  EXPECT_TRUE(allows(Acl{}, Permission::read_acp, root, true, false));
  EXPECT_FALSE(allows(Acl{}, Permission::read, root, true, false));
}

TEST(Access, RecordsKeepAnEmptyListApartFromNone) {
  ObjectRecord record;
  EXPECT_FALSE(store::decode<ObjectRecord>(store::encode(record))->acl.has_value());
  record.acl = Acl{};
  EXPECT_TRUE(store::decode<ObjectRecord>(store::encode(record))->acl.has_value());
  BucketRecord bucket;
  bucket.public_access_block = PublicAccessBlock{};
  bucket.cors.push_back({"id", {"*"}, {"GET"}, {"*"}, {}, 5});
  auto read = store::decode<BucketRecord>(store::encode(bucket));
  EXPECT_TRUE(read->public_access_block.has_value());
  EXPECT_EQ(read->cors.at(0).max_age_s, 5);
}

std::string policy(const std::string& members) {
  return R"({"Statement":[{"Effect":"Allow","Action":"s3:GetObject",)"
         R"("Resource":"arn:aws:s3:::b/*",)" +
         members + "}]}";
}

TEST(BucketPolicies, ArePublicUnlessTheyNameTheirCallers) {
  auto open = [](const std::string& members) {
    auto parsed = parse_policy(policy(members), "b");
    EXPECT_TRUE(parsed.ok()) << parsed.error().message;
    return parsed.ok() && parsed->is_public;
  };
  EXPECT_TRUE(open(R"("Principal":"*")"));
  EXPECT_FALSE(open(R"("Principal":{"AWS":"111122223333"})"));
  const std::string any = R"("Principal":"*","Condition":)";
  EXPECT_FALSE(open(any + R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/24"}})"));
  EXPECT_TRUE(open(any + R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}})"));
  EXPECT_TRUE(open(any + R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/24"}})"));
  EXPECT_FALSE(open(any + R"({"StringEquals":{"aws:PrincipalAccount":"111122223333"}})"));
  EXPECT_TRUE(open(any + R"({"StringLike":{"aws:PrincipalAccount":"1*"}})"));
  EXPECT_TRUE(open(any + R"({"StringEquals":{"aws:UserAgent":"mine"}})"));
}

TEST(BucketPolicies, SpeakOfTheirOwnBucket) {
  const std::string text = policy(R"("Principal":"*")");
  EXPECT_EQ(parse_policy(text, "c").fault(), Fault::malformed_policy);
  EXPECT_TRUE(parse_policy(text, "b").ok());
  EXPECT_FALSE(parse_policy(text, "b")->asks_for_tags);
  EXPECT_TRUE(
      parse_policy(
          policy(R"("Principal":"*","Condition":{"StringEquals":{"s3:ExistingObjectTag/a":"b"}})"),
          "b")
          ->asks_for_tags);
  EXPECT_EQ(*stored_policy(""), nullptr);
  // What another version stored is read, and what it says that we do not know never grants.
  EXPECT_TRUE(stored_policy(policy(R"("Principal":"*","Condition":{"Future":{"a:b":"c"}})")).ok());
}

TEST(Cors, TheFirstRuleThatFitsAnswers) {
  std::vector<CorsRule> rules(2);
  rules[0].allowed_methods = {"GET"};
  rules[0].allowed_origins = {"start*end", "*"};
  rules[1].allowed_methods = {"PUT"};
  rules[1].allowed_origins = {"http://a"};
  rules[1].allowed_headers = {"X-*"};
  ASSERT_TRUE(validate_cors(rules).ok());
  EXPECT_EQ(match_cors(rules, {"http://a", "PUT", {"x-one"}}), &rules[1]);
  EXPECT_EQ(match_cors(rules, {"http://a", "PUT", {"x-one", "y"}}), nullptr);
  EXPECT_EQ(match_cors(rules, {"http://b", "PUT", {}}), nullptr);
  EXPECT_EQ(match_cors(rules, {"startend", "GET", {}}), &rules[0]);
  EXPECT_FALSE(any_origin(rules[0], "startend"));
  EXPECT_TRUE(any_origin(rules[0], "else"));
  rules[0].allowed_origins = {"*a*"};
  EXPECT_FALSE(validate_cors(rules).ok());
  EXPECT_FALSE(validate_cors(std::vector<CorsRule>(101)).ok());
}

TEST(BucketsOfOthers, AreFoundWhenTheLayersAboveAdmitted) {
  S3World w;
  w.bucket("bucket");
  Caller other = w.caller;
  other.scope.account = kWriter;
  EXPECT_EQ(w.run(w.s3->buckets.find(other, "bucket")).fault(), Fault::access_denied);
  other.admitted = true;
  EXPECT_TRUE(w.run(w.s3->buckets.find(other, "bucket")).ok());
}

TEST(Objects, ChangeTheirListAndKeepTheRest) {
  S3World w;
  w.bucket("bucket");
  Buckets& buckets = w.s3->buckets;
  const AclRequest open = canned("public-read");
  auto set = [&] { return w.run(w.s3->objects.set_acl(w.caller, "bucket", "k", {}, open)); };
  w.put("bucket", "k", "x");
  EXPECT_EQ(code_of(set().error()), "AccessControlListNotSupported");
  // What says no more than is so already, as clients do of habit, is taken.
  ASSERT_TRUE(w.run(w.s3->objects.set_acl(w.caller, "bucket", "k", {}, canned("private"))).ok());
  ASSERT_TRUE(w.run(buckets.set_ownership(w.caller, "bucket", Ownership::object_writer)).ok());
  EXPECT_EQ(set().fault(), Fault::access_denied);  // new buckets block it
  ASSERT_TRUE(w.run(buckets.set_public_access_block(w.caller, "bucket", {})).ok());
  ASSERT_TRUE(set().ok());
  EXPECT_EQ(*w.get("bucket", "k"), "x");
  auto found = w.run(w.s3->objects.lookup(w.caller, "bucket", "k", {}));
  EXPECT_EQ(found->record->acl->grants.size(), 2u);
  // An open list keeps the bucket from going back.
  ASSERT_TRUE(w.run(buckets.set_acl(w.caller, "bucket", open)).ok());
  auto back = w.run(buckets.set_ownership(w.caller, "bucket", Ownership::bucket_owner_enforced));
  EXPECT_EQ(code_of(back.error()), "InvalidBucketAclWithObjectOwnership");
}

}  // namespace
}  // namespace tidegate::s3
