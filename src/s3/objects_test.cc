#include "s3/objects.h"

#include <gtest/gtest.h>

#include "support/s3_world.h"

namespace tidegate::s3 {
namespace {

TEST(Objects, OfAllSizesComeBackWhole) {
  S3World w;
  w.bucket("bucket");
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, kInlineLimit, kInlineLimit + 1}) {
    const std::string bytes(size, 'x');
    auto put = w.put("bucket", "k", bytes);
    ASSERT_TRUE(put.ok());
    EXPECT_EQ(put->record.etag, to_hex(digest(Digest::md5, bytes)));
    EXPECT_FALSE(put->versioned);
    EXPECT_EQ(*w.get("bucket", "k"), bytes);
  }
  // What was overwritten is gone.
  EXPECT_EQ(w.blobs.count(), 1u);
  ASSERT_TRUE(w.remove("bucket", "k").ok());
  EXPECT_EQ(w.get("bucket", "k").fault(), Fault::no_such_key);
  EXPECT_EQ(w.blobs.count(), 0u);
}

TEST(Objects, WhatAccompaniesAChangeStandsWithItOrNotAtAll) {
  S3World w;
  w.bucket("bucket");
  int calls = 0;
  auto caller = [&] {
    Caller c = w.caller;
    c.companion = std::make_shared<Companion>();
    c.companion->key = "companion/" + std::to_string(++calls);
    c.companion->value = "v";
    return c;
  };
  auto stands = [&](const Caller& c) { return w.run(w.store.get(c.companion->key))->has_value(); };
  auto put = [&](const Caller& c, WriteConditions conditions) {
    PutRequest request;
    request.bucket = "bucket";
    request.key = "k";
    request.conditions = std::move(conditions);
    return w.run(w.s3->objects.put(c, std::move(request))).ok();
  };
  WriteConditions only_new;
  only_new.if_none_match = true;
  for (const bool done : {true, false}) {
    const Caller c = caller();
    EXPECT_EQ(put(c, only_new), done);
    EXPECT_EQ(c.companion->stored, done);
    EXPECT_EQ(stands(c), done);
  }
  for (const bool changes : {true, false}) {  // the second time there is nothing to remove
    const Caller c = caller();
    RemoveRequest request;
    request.key = "k";
    ASSERT_TRUE(w.run(w.s3->objects.remove(c, "bucket", std::move(request))).ok());
    EXPECT_EQ(c.companion->stored, changes);
    EXPECT_EQ(stands(c), changes);
  }
}

TEST(Objects, RefusedWritesLeaveNoBlob) {
  S3World w;
  w.bucket("bucket");
  const std::string large(kInlineLimit + 1, 'x');
  EXPECT_EQ(w.put("nobucket", "k", large).fault(), Fault::no_such_bucket);
  EXPECT_EQ(w.put("bucket", std::string(1025, 'k'), large).fault(), Fault::key_too_long);
  EXPECT_EQ(w.put("bucket", "\xff", large).fault(), Fault::invalid_uri);
  WriteConditions match;
  match.if_match = "\"e\"";
  EXPECT_EQ(w.put("bucket", "k", large, match).fault(), Fault::no_such_key);
  EXPECT_EQ(w.blobs.count(), 0u);
}

TEST(Objects, KeepVersionsAndMarkers) {
  S3World w;
  w.bucket("bucket");
  w.put("bucket", "k", "zero");
  w.set_versioning("bucket", Versioning::enabled);
  const std::string one = w.put("bucket", "k", "one")->record.version_id;
  const std::string two = w.put("bucket", "k", "two")->record.version_id;
  EXPECT_EQ(*w.get("bucket", "k"), "two");
  EXPECT_EQ(*w.get("bucket", "k", one), "one");
  EXPECT_EQ(*w.get("bucket", "k", "null"), "zero");

  auto gone = w.remove("bucket", "k");
  ASSERT_TRUE(gone.ok());
  EXPECT_TRUE(gone->delete_marker);
  EXPECT_EQ(w.get("bucket", "k").fault(), Fault::no_such_key);
  EXPECT_EQ(w.get("bucket", "k", gone->version_id).fault(), Fault::method_not_allowed);
  EXPECT_EQ(*w.get("bucket", "k", two), "two");

  auto unmarked = w.remove("bucket", "k", gone->version_id);
  EXPECT_TRUE(unmarked->delete_marker);
  EXPECT_EQ(*w.get("bucket", "k"), "two");
  EXPECT_FALSE(w.remove("bucket", "k", two)->delete_marker);
  EXPECT_EQ(*w.get("bucket", "k"), "one");
  // Issued and gone, or never issued.
  EXPECT_EQ(w.get("bucket", "k", two).fault(), Fault::no_such_version);
  EXPECT_TRUE(w.remove("bucket", "k", two).ok());
  EXPECT_EQ(w.get("bucket", "k", "nonsense").fault(), Fault::invalid_argument);
  EXPECT_EQ(w.remove("bucket", "k", "nonsense").fault(), Fault::invalid_argument);
}

TEST(Objects, OfASuspendedBucketReplaceTheNullVersion) {
  S3World w;
  w.bucket("bucket", Versioning::enabled);
  const std::string kept = w.put("bucket", "k", "kept")->record.version_id;
  w.set_versioning("bucket", Versioning::suspended);
  EXPECT_FALSE(w.put("bucket", "k", "a")->versioned);
  w.put("bucket", "k", "b");
  EXPECT_EQ(*w.get("bucket", "k", "null"), "b");
  auto gone = w.remove("bucket", "k");
  EXPECT_EQ(gone->version_id, "null");
  EXPECT_EQ(w.get("bucket", "k").fault(), Fault::no_such_key);
  EXPECT_EQ(*w.get("bucket", "k", kept), "kept");
  // The null version became the marker.
  EXPECT_EQ(w.get("bucket", "k", "null").fault(), Fault::method_not_allowed);
}

TEST(Objects, AdmitOneOfManyWritersThatWantToBeFirst) {
  S3World w;
  w.bucket("bucket");
  WriteConditions first;
  first.if_none_match = true;
  std::vector<std::optional<Result<PutResult>>> results(8);
  for (auto& result : results) {
    PutRequest request;
    request.bucket = "bucket";
    request.key = "k";
    request.content = w.content("x");
    request.conditions = first;
    w.world.start(w.s3->objects.put(w.caller, std::move(request)), result);
  }
  w.world.settle();
  int won = 0;
  for (auto& result : results) {
    ASSERT_TRUE(result.has_value());
    if (result->ok())
      ++won;
    else
      EXPECT_EQ(result->fault(), Fault::precondition_failed);
  }
  EXPECT_EQ(won, 1);
}

TEST(Objects, CopyWithNewDigests) {
  S3World w;
  w.bucket("bucket", Versioning::enabled);
  const std::string large(kInlineLimit * 3, 'y');
  const std::string source = w.put("bucket", "from", large)->record.version_id;
  CopyRequest request;
  request.bucket = request.source_bucket = "bucket";
  request.source_key = "from";
  request.key = "to";
  auto copied = w.run(w.s3->objects.copy(w.caller, request));
  ASSERT_TRUE(copied.ok());
  EXPECT_EQ(copied->source_version_id, source);
  EXPECT_EQ(copied->put.record.checksum.value, to_base64(sha256(large)));
  EXPECT_EQ(*w.get("bucket", "to"), large);
  request.key = "from";
  EXPECT_EQ(w.run(w.s3->objects.copy(w.caller, request)).fault(), Fault::invalid_request);
  request.source_version = source;
  EXPECT_TRUE(w.run(w.s3->objects.copy(w.caller, request)).ok());
}

TEST(Objects, OfOneBlobAreCopiedWithoutBeingRead) {
  S3World w;
  w.bucket("bucket");
  const std::string large(kInlineLimit + 5, 'x');
  ASSERT_TRUE(w.put("bucket", "from", large).ok());
  CopyRequest request;
  request.bucket = request.source_bucket = "bucket";
  request.source_key = "from";
  request.key = "to";
  auto copied = w.run(w.s3->objects.copy(w.caller, request));
  ASSERT_TRUE(copied.ok());
  EXPECT_EQ(w.math.digesters, 0);
  EXPECT_EQ(copied->put.record.etag, to_hex(digest(Digest::md5, large)));
  EXPECT_EQ(copied->put.record.checksum.value, to_base64(sha256(large)));
  request.key = "other sum";
  request.checksum_algorithm = "SHA1";
  ASSERT_TRUE(w.run(w.s3->objects.copy(w.caller, request)).ok());
  EXPECT_EQ(w.math.digesters, 1);
  EXPECT_EQ(w.blobs.count(), 3u);
  ASSERT_TRUE(w.remove("bucket", "from").ok());
  EXPECT_EQ(w.blobs.count(), 2u);
  EXPECT_EQ(*w.get("bucket", "to"), large);
}

TEST(Objects, AreRemovedTogether) {
  S3World w;
  w.bucket("bucket");
  std::vector<RemoveRequest> requests;
  for (int i = 0; i < 300; ++i) {
    const std::string key = std::to_string(i);
    ASSERT_TRUE(w.put("bucket", key, "x").ok());
    requests.push_back({key, std::nullopt, std::nullopt});
  }
  requests.push_back({"absent", std::nullopt, std::nullopt});
  requests.push_back({"0", "nonsense", std::nullopt});
  auto results = w.run(w.s3->objects.remove_many(w.caller, "bucket", requests));
  ASSERT_TRUE(results.ok());
  ASSERT_EQ(results->size(), requests.size());
  for (std::size_t i = 0; i + 1 < results->size(); ++i) EXPECT_TRUE((*results)[i].ok());
  EXPECT_EQ(results->back().fault(), Fault::invalid_argument);
  EXPECT_TRUE(w.run(w.s3->listing.objects(w.caller, "bucket", {}))->objects.empty());
}

TEST(Objects, CarryTags) {
  S3World w;
  w.bucket("bucket");
  w.put("bucket", "k", "x");
  auto tag = [&](Tags tags) {
    return w.run(w.s3->objects.set_tags(w.caller, "bucket", "k", std::nullopt, std::move(tags),
                                        EventType::tagging_put));
  };
  ASSERT_TRUE(tag({{"a", "1"}}).ok());
  auto found = w.run(w.s3->objects.lookup(w.caller, "bucket", "k", std::nullopt));
  EXPECT_EQ(found->record->tags, (Tags{{"a", "1"}}));
  EXPECT_EQ(*w.get("bucket", "k"), "x");
  EXPECT_EQ(tag({{"aws:a", "1"}}).fault(), Fault::invalid_tag);
  EXPECT_EQ(tag({{"a", "#"}}).fault(), Fault::invalid_tag);
  w.put("bucket", "k", "y");
  found = w.run(w.s3->objects.lookup(w.caller, "bucket", "k", std::nullopt));
  EXPECT_TRUE(found->record->tags.empty());
}

}  // namespace
}  // namespace tidegate::s3
