#include "s3/multipart.h"

#include <gtest/gtest.h>

#include "support/s3_world.h"

namespace tidegate::s3 {
namespace {

struct Uploading : S3World {
  std::string id;

  explicit Uploading(std::string algorithm = "") {
    bucket("bucket");
    CreateUploadRequest request;
    request.bucket = "bucket";
    request.key = "k";
    request.checksum_algorithm = std::move(algorithm);
    auto upload = run(s3->multipart.create(caller, std::move(request)));
    CHECK(upload.ok());
    id = upload->upload_id;
  }

  Result<PartRecord> part(std::int64_t number, const std::string& bytes) {
    UploadPartRequest request;
    request.bucket = "bucket";
    request.key = "k";
    request.upload_id = id;
    request.part_number = number;
    request.content = content(bytes);
    return run(s3->multipart.upload_part(caller, std::move(request)));
  }

  CompleteRequest request(std::vector<PartRecord> parts) const {
    CompleteRequest out;
    out.bucket = "bucket";
    out.key = "k";
    out.upload_id = id;
    for (const auto& part : parts) {
      CompletedPart wanted;
      wanted.number = part.number;
      wanted.etag = "\"" + part.etag + "\"";
      out.parts.push_back(std::move(wanted));
    }
    return out;
  }
  Result<PutResult> complete(std::vector<PartRecord> parts) {
    return run(s3->multipart.complete(caller, request(std::move(parts))));
  }
};

const std::string kFull(kMinPartBytes, 'a');

TEST(Multipart, PartsBecomeOneObject) {
  Uploading w;
  ASSERT_TRUE(w.notify("bucket", {"s3:ObjectCreated:*"}).ok());
  auto first = w.part(1, "replaced");
  first = w.part(1, kFull);
  auto second = w.part(7, "tail");
  auto unused = w.part(9, "unused");
  ASSERT_TRUE(first.ok() && second.ok() && unused.ok());
  EXPECT_EQ(w.get("bucket", "k").fault(), Fault::no_such_key);
  EXPECT_TRUE(w.events.empty());

  auto done_with = w.complete({*first, *second});
  ASSERT_TRUE(done_with.ok());
  const std::string digests = digest(Digest::md5, kFull) + digest(Digest::md5, std::string("tail"));
  EXPECT_EQ(done_with->record.etag, to_hex(digest(Digest::md5, digests)) + "-2");
  EXPECT_EQ(*w.get("bucket", "k"), kFull + "tail");
  ASSERT_EQ(w.events.size(), 1u);
  EXPECT_EQ(w.events[0].event_name, "ObjectCreated:CompleteMultipartUpload");
  EXPECT_EQ(w.blobs.count(), 2u);  // the replaced and the unused one are gone

  // Asked again: the same answer, nothing done twice.
  auto again = w.complete({*first, *second});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->record.etag, done_with->record.etag);
  EXPECT_EQ(w.events.size(), 1u);

  w.remove("bucket", "k");
  EXPECT_EQ(w.blobs.count(), 0u);
}

TEST(Multipart, RefusesWhatDoesNotFit) {
  Uploading w;
  auto first = w.part(1, "short"), second = w.part(2, "tail");
  EXPECT_EQ(w.complete({}).fault(), Fault::malformed_xml);
  EXPECT_EQ(w.complete({*first, *second}).fault(), Fault::entity_too_small);
  EXPECT_EQ(w.complete({*second, *first}).fault(), Fault::invalid_part_order);
  PartRecord wrong = *first;
  wrong.etag = "x";
  EXPECT_EQ(w.complete({wrong}).fault(), Fault::invalid_part);
  wrong.number = 5;
  EXPECT_EQ(w.complete({wrong}).fault(), Fault::invalid_part);
  EXPECT_EQ(w.part(0, "x").fault(), Fault::invalid_argument);
  EXPECT_EQ(w.part(10'001, "x").fault(), Fault::invalid_argument);
  auto sized = w.request({*first});
  sized.object_size = 4;
  EXPECT_EQ(w.run(w.s3->multipart.complete(w.caller, sized)).fault(), Fault::invalid_request);
  // After all that the upload is as good as new.
  EXPECT_TRUE(w.complete({*first}).ok());
}

TEST(Multipart, EndsByAbort) {
  Uploading w;
  w.part(1, "x");
  EXPECT_EQ(w.blobs.count(), 1u);
  ASSERT_TRUE(w.run(w.s3->multipart.abort(w.caller, "bucket", "k", w.id)).ok());
  EXPECT_EQ(w.blobs.count(), 0u);
  EXPECT_EQ(w.part(1, "x").fault(), Fault::no_such_upload);
  EXPECT_EQ(w.run(w.s3->multipart.abort(w.caller, "bucket", "k", w.id)).fault(),
            Fault::no_such_upload);
  EXPECT_EQ(w.blobs.count(), 0u);
}

TEST(Multipart, IsConditionalOnWhatWasThereWhenItBegan) {
  Uploading w;
  auto part = w.part(1, "x");
  auto meanwhile = w.put("bucket", "k", "meanwhile");
  auto request = w.request({*part});
  request.conditions.if_none_match = true;
  EXPECT_EQ(w.run(w.s3->multipart.complete(w.caller, request)).fault(), Fault::precondition_failed);
  request.conditions = {};
  request.conditions.if_match = meanwhile->record.etag;
  EXPECT_EQ(w.run(w.s3->multipart.complete(w.caller, request)).fault(),
            Fault::conditional_conflict);
  EXPECT_EQ(*w.get("bucket", "k"), "meanwhile");
}

TEST(Multipart, KeepsToTheChecksumItBeganWith) {
  Uploading w("SHA256");
  EXPECT_EQ(w.part(1, "x").fault(), Fault::invalid_request);  // CRC64NVME here
  EXPECT_EQ(w.blobs.count(), 0u);
}

TEST(Multipart, ListsItsParts) {
  Uploading w;
  for (int i = 1; i <= 5; ++i) w.part(i, "x");
  auto page = w.run(w.s3->multipart.parts(w.caller, "bucket", "k", w.id, 1, 2));
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->parts.size(), 2u);
  EXPECT_EQ(page->parts[0].number, 2u);
  EXPECT_TRUE(page->truncated);
  auto uploads = w.run(w.s3->listing.uploads(w.caller, "bucket", {}));
  ASSERT_EQ(uploads->uploads.size(), 1u);
  EXPECT_EQ(uploads->uploads[0].upload_id, w.id);
}

TEST(Multipart, ObjectsStayReadableWhileTheyAreReplaced) {
  Uploading w;
  auto first = w.part(1, "whole");
  ASSERT_TRUE(w.complete({*first}).ok());
  {
    auto opened = w.run(w.s3->objects.open(w.caller, "bucket", "k", std::nullopt));
    ASSERT_TRUE(opened.ok());
    w.put("bucket", "k", "new");
    EXPECT_EQ(S3World::bytes_of(opened->content), "whole");
    EXPECT_EQ(w.blobs.count(), 1u);
  }
  w.world.settle();
  EXPECT_EQ(w.blobs.count(), 0u);
}

TEST(Multipart, AWholeObjectBecomesAPartWithoutBeingRead) {
  Uploading w;
  ASSERT_TRUE(w.put("bucket", "source", kFull).ok());
  UploadPartCopyRequest request;
  request.bucket = request.source_bucket = "bucket";
  request.key = "k";
  request.upload_id = w.id;
  request.source_key = "source";
  request.part_number = 1;
  auto first = w.run(w.s3->multipart.upload_part_copy(w.caller, request));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(w.math.digesters, 0);
  request.part_number = 2;
  request.range = "bytes=10-19";
  auto second = w.run(w.s3->multipart.upload_part_copy(w.caller, request));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(w.math.digesters, 1);
  ASSERT_TRUE(w.complete({first->first, second->first}).ok());
  ASSERT_TRUE(w.remove("bucket", "source").ok());
  EXPECT_EQ(*w.get("bucket", "k"), kFull + std::string(10, 'a'));
}

}  // namespace
}  // namespace tidegate::s3
