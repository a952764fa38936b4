#include "s3/buckets.h"

#include <gtest/gtest.h>

#include "support/s3_world.h"

namespace tidegate::s3 {
namespace {

TEST(BucketNames, FollowTheRules) {
  for (const char* good : {"abc", "a-b.c", "1bc", "a1.2.3.4"})
    EXPECT_TRUE(valid_bucket_name(good)) << good;
  for (const char* bad : {"ab", "Abc", "-abc", "abc-", "a..b", "a.-b", "1.2.3.4", "a_b"})
    EXPECT_FALSE(valid_bucket_name(bad)) << bad;
  EXPECT_FALSE(valid_bucket_name(std::string(64, 'a')));
}

TEST(Buckets, LiveAndEnd) {
  S3World w;
  EXPECT_TRUE(*w.run(w.s3->buckets.create(w.caller, "bucket", "")));
  EXPECT_FALSE(*w.run(w.s3->buckets.create(w.caller, "bucket", "")));
  EXPECT_EQ(w.run(w.s3->buckets.create(w.caller, "other", "us-east-1")).fault(),
            Fault::invalid_location_constraint);
  w.put("bucket", "k", "x");
  EXPECT_EQ(w.run(w.s3->buckets.remove(w.caller, "bucket")).fault(), Fault::bucket_not_empty);
  w.remove("bucket", "k");
  EXPECT_TRUE(w.run(w.s3->buckets.remove(w.caller, "bucket")).ok());
  EXPECT_EQ(w.run(w.s3->buckets.remove(w.caller, "bucket")).fault(), Fault::no_such_bucket);
}

TEST(Buckets, BelongToOneAccount) {
  S3World w;
  w.bucket("bucket");
  Caller stranger = w.caller;
  stranger.scope.account = "444455556666";
  EXPECT_EQ(w.run(w.s3->buckets.find(stranger, "bucket")).fault(), Fault::access_denied);
  EXPECT_EQ(w.run(w.s3->buckets.create(stranger, "bucket", "")).fault(),
            Fault::bucket_already_exists);
  EXPECT_TRUE(w.run(w.s3->buckets.list(stranger, {}))->buckets.empty());
}

TEST(Buckets, AreListedInPages) {
  S3World w;
  for (const char* name : {"ccc", "aaa", "bbb", "axx"}) w.bucket(name);
  ListBucketsRequest request;
  request.max_buckets = 3;
  auto page = w.run(w.s3->buckets.list(w.caller, request));
  ASSERT_EQ(page->buckets.size(), 3u);
  EXPECT_EQ(page->buckets[2].name, "bbb");
  request.continuation_token = page->next_token;
  page = w.run(w.s3->buckets.list(w.caller, request));
  ASSERT_EQ(page->buckets.size(), 1u);
  EXPECT_EQ(page->buckets[0].name, "ccc");
  EXPECT_EQ(page->next_token, "");
}

TEST(Buckets, WithMarkersOnlyAreNotEmpty) {
  S3World w;
  w.bucket("bucket", Versioning::enabled);
  auto marker = w.remove("bucket", "never-was");
  EXPECT_EQ(w.run(w.s3->buckets.remove(w.caller, "bucket")).fault(), Fault::bucket_not_empty);
  w.remove("bucket", "never-was", marker->version_id);
  EXPECT_TRUE(w.run(w.s3->buckets.remove(w.caller, "bucket")).ok());
}

TEST(Buckets, SurviveARestart) {
  S3World w;
  w.bucket("bucket", Versioning::enabled);
  const std::string version = w.put("bucket", "k", "x")->record.version_id;
  w.stop();
  w.start();
  EXPECT_EQ(*w.get("bucket", "k", version), "x");
}

}  // namespace
}  // namespace tidegate::s3
