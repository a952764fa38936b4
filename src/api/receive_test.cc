#include "api/receive.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "blob/memory.h"

namespace tidegate::api {
namespace {

// One upload: headers as the client sent them, the body in pieces of any size.
struct Upload {
  SeededRandom random{1};
  blob::MemoryBlobs blobs{random};
  http::Request request;
  wire::Claim claim;

  Upload() {
    request.method = http::Method::put;
    claim.payload = wire::PayloadKind::unsigned_;
  }
  Upload& header(std::string_view name, std::string_view value) {
    request.headers.push_back({name, value});
    return *this;
  }
  Upload& kind(wire::PayloadKind kind, std::string hash = "") {
    claim.payload = kind;
    claim.payload_hash = std::move(hash);
    return *this;
  }
  Result<wire::ReceivedBody> take(std::string_view body, std::size_t piece = 1 << 16) {
    if (!request.chunked && !request.content_length) request.content_length = body.size();
    Receiver receiver(request, claim, "", &blobs);
    TRY(Unit acceptable, receiver.check_headers());
    (void)acceptable;
    for (std::size_t at = 0; at < body.size(); at += piece) {
      TRY(Unit fed, receiver.feed(body.substr(at, piece)));
      (void)fed;
    }
    return receiver.finish();
  }
  Fault fault(std::string_view body) {
    auto received = take(body);
    return received.ok() ? Fault::last_value_ : received.fault();
  }
};

TEST(Receiver, KeepsASmallBodyAndDigestsIt) {
  Upload upload;
  auto received = upload.take("123456789", 4);
  ASSERT_TRUE(received.ok());
  EXPECT_EQ(received->inline_bytes, "123456789");
  EXPECT_EQ(received->size, 9u);
  EXPECT_EQ(to_hex(received->md5), "25f9e794323b453885f5181f1b624d0b");
  EXPECT_EQ(received->checksum_algorithm, "");
  EXPECT_EQ(wire::checksum_text(received->crc64nvme), "rosUhgp5mIg=");
  EXPECT_EQ(upload.blobs.count(), 0u);
}

TEST(Receiver, SendsALargeBodyToABlob) {
  for (bool length_known : {true, false}) {
    Upload upload;
    upload.request.chunked = !length_known;
    const std::string body(kInlineBodyLimit + 1, 'a');
    auto received = upload.take(body, 1000);
    ASSERT_TRUE(received.ok());
    EXPECT_EQ(received->inline_bytes, "");
    EXPECT_EQ((*upload.blobs.open(received->blob_id))->size(), body.size());
  }
}

TEST(Receiver, LeavesNothingBehindWhenADigestIsWrong) {
  Upload upload;
  upload.header("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==");
  EXPECT_EQ(upload.fault(std::string(100'000, 'x')), Fault::bad_digest);
  EXPECT_EQ(upload.blobs.count(), 0u);
}

TEST(Receiver, ChecksEveryDigestThatIsNamed) {
  EXPECT_EQ(Upload().header("content-md5", "").fault("x"), Fault::invalid_digest);
  EXPECT_EQ(Upload().header("content-md5", "AAAA").fault("x"), Fault::invalid_digest);
  EXPECT_EQ(Upload().kind(wire::PayloadKind::hex, std::string(64, '0')).fault("x"),
            Fault::content_sha256_mismatch);
  EXPECT_TRUE(Upload().kind(wire::PayloadKind::hex, to_hex(sha256("x"))).take("x").ok());
  auto good = Upload().header("X-Amz-Checksum-CRC32", "y/Q5Jg==").take("123456789");
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->checksum_algorithm, "CRC32");
  EXPECT_EQ(good->checksum_value, "y/Q5Jg==");
  auto wrong = Upload().header("x-amz-checksum-crc32", "AAAAAA==").take("123456789");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.fault(), Fault::bad_digest);
  EXPECT_EQ(wrong.error().message,
            "The CRC32 you specified did not match the calculated checksum.");
  for (auto [name, value] :
       {std::pair{"x-amz-checksum-crc32c", "4waSgw=="},
        std::pair{"x-amz-checksum-crc64nvme", "rosUhgp5mIg="},
        std::pair{"x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="},
        std::pair{"x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="}})
    EXPECT_TRUE(Upload().header(name, value).take("123456789").ok()) << name;
}

TEST(Receiver, RefusesChecksumHeadersThatMakeNoSense) {
  EXPECT_EQ(Upload().header("x-amz-checksum-crc32", "AAA").fault("x"), Fault::invalid_request);
  EXPECT_EQ(Upload().header("x-amz-checksum-md4", "AAAA").fault("x"), Fault::invalid_request);
  EXPECT_EQ(Upload()
                .header("x-amz-checksum-crc32", "y/Q5Jg==")
                .header("x-amz-checksum-crc32c", "4waSgw==")
                .fault("123456789"),
            Fault::invalid_request);
  EXPECT_EQ(Upload().header("x-amz-sdk-checksum-algorithm", "CRC32").fault("x"),
            Fault::invalid_request);
}

TEST(Receiver, NeedsALength) {
  Upload nothing;
  nothing.request.content_length.reset();
  Receiver receiver(nothing.request, nothing.claim, "", &nothing.blobs);
  EXPECT_EQ(receiver.check_headers().fault(), Fault::missing_content_length);

  Upload huge;
  huge.request.content_length = kMaxUploadBytes + 1;
  EXPECT_EQ(huge.fault(""), Fault::entity_too_large);
  Upload cut;
  cut.request.content_length = 10;
  EXPECT_EQ(cut.fault("123"), Fault::incomplete_body);
}

// As aws-sdk-js sends a stream over plain http: chunked outside, aws-chunked inside.
Upload& streamed(Upload& upload, std::string_view length) {
  upload.request.chunked = true;
  upload.kind(wire::PayloadKind::streaming_unsigned_trailer)
      .header("content-encoding", "aws-chunked")
      .header("x-amz-trailer", "x-amz-checksum-crc32")
      .header("x-amz-decoded-content-length", length);
  return upload;
}

TEST(Receiver, UnwrapsAwsChunkedBodiesAndTheirTrailer) {
  for (std::size_t piece : {1u, 7u, 1000u}) {
    Upload upload;
    auto received =
        streamed(upload, "9")
            .take("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", piece);
    ASSERT_TRUE(received.ok());
    EXPECT_EQ(received->inline_bytes, "123456789");
    EXPECT_EQ(received->checksum_value, "y/Q5Jg==");
  }
}

TEST(Receiver, HoldsAwsChunkedBodiesToWhatTheyAnnounce) {
  constexpr std::string_view kGood = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
  Upload shorter, longer, bare, other, wrong, unframed;
  EXPECT_EQ(streamed(shorter, "8").fault(kGood), Fault::incomplete_body);
  EXPECT_EQ(streamed(longer, "10").fault(kGood), Fault::incomplete_body);
  EXPECT_EQ(streamed(bare, "9").fault("9\r\n123456789\r\n0\r\n\r\n"), Fault::malformed_trailer);
  EXPECT_EQ(
      streamed(other, "9").fault("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32c:4waSgw==\r\n\r\n"),
      Fault::malformed_trailer);
  EXPECT_EQ(
      streamed(wrong, "9").fault("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"),
      Fault::bad_digest);
  unframed.kind(wire::PayloadKind::streaming_unsigned_trailer)
      .header("x-amz-trailer", "x-amz-checksum-crc32");
  EXPECT_EQ(unframed.fault(kGood), Fault::missing_content_length);
  Upload unknown;
  unknown.kind(wire::PayloadKind::streaming_unsigned_trailer)
      .header("x-amz-trailer", "x-amz-meta-a")
      .header("x-amz-decoded-content-length", "9");
  EXPECT_EQ(unknown.fault(kGood), Fault::invalid_request);
}

}  // namespace
}  // namespace tidegate::api
