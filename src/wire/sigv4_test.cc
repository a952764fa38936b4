// AWS's published examples: if these hold, every client's signature can be recomputed.
#include "wire/sigv4.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "wire/aws_chunked.h"
#include "wire/checksum.h"

namespace tidegate::wire {
namespace {

constexpr char kKeyId[] = "AKIAIOSFODNN7EXAMPLE";
constexpr char kSecret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr char kDay[] = "20130524";

struct Example {
  const char* name;
  http::Method method;
  const char *path, *query;
  std::vector<http::Header> headers;
  const char* signed_headers;
  std::string payload_hash;
  const char* signature;
};

std::string empty_hash() {
  return to_hex(sha256(""));
}

class PublishedExamples : public ::testing::TestWithParam<Example> {};

TEST_P(PublishedExamples, GiveThePublishedSignature) {
  const Example& e = GetParam();
  http::Request request;
  request.method = e.method;
  request.path = e.path;
  request.headers = e.headers;
  const std::string authorization =
      std::string("AWS4-HMAC-SHA256 Credential=") + kKeyId +
      "/20130524/us-east-1/s3/aws4_request,SignedHeaders=" + e.signed_headers +
      ",Signature=" + e.signature;
  request.headers.push_back({"Authorization", authorization});
  auto query = http::parse_query(e.query);
  ASSERT_TRUE(query);
  auto claim = read_claim(request, *query);
  ASSERT_TRUE(claim.ok()) << claim.error().message;
  ASSERT_TRUE(*claim);
  const std::string canonical = canonical_request(request, *query, **claim, e.payload_hash, false);
  EXPECT_EQ(sign(signing_key(kSecret, kDay, "us-east-1", "s3"), string_to_sign(**claim, canonical)),
            e.signature)
      << canonical;
}

INSTANTIATE_TEST_SUITE_P(
    S3, PublishedExamples,
    ::testing::Values(
        Example{"get",
                http::Method::get,
                "/test.txt",
                "",
                {{"Host", "examplebucket.s3.amazonaws.com"},
                 {"Range", "bytes=0-9"},
                 {"x-amz-content-sha256",
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                 {"x-amz-date", "20130524T000000Z"}},
                "host;range;x-amz-content-sha256;x-amz-date",
                empty_hash(),
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        Example{"put",
                http::Method::put,
                "/test$file.text",
                "",
                {{"Host", "examplebucket.s3.amazonaws.com"},
                 {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                 {"x-amz-date", "20130524T000000Z"},
                 {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                 {"x-amz-content-sha256",
                  "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}},
                "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                to_hex(sha256("Welcome to Amazon S3.")),
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        Example{"lifecycle",
                http::Method::get,
                "/",
                "lifecycle",
                {{"Host", "examplebucket.s3.amazonaws.com"},
                 {"x-amz-date", "20130524T000000Z"},
                 {"x-amz-content-sha256",
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},
                "host;x-amz-content-sha256;x-amz-date",
                empty_hash(),
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        Example{"list",
                http::Method::get,
                "/",
                "max-keys=2&prefix=J",
                {{"Host", "examplebucket.s3.amazonaws.com"},
                 {"x-amz-date", "20130524T000000Z"},
                 {"x-amz-content-sha256",
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},
                "host;x-amz-content-sha256;x-amz-date",
                empty_hash(),
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"}),
    [](const auto& info) { return info.param.name; });

TEST(Presigned, ThePublishedExample) {
  http::Request request;
  request.method = http::Method::get;
  request.path = "/test.txt";
  request.headers = {{"Host", "examplebucket.s3.amazonaws.com"}};
  auto query = http::parse_query(
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-"
      "1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  auto claim = read_claim(request, *query);
  ASSERT_TRUE(claim.ok() && *claim);
  EXPECT_EQ((*claim)->payload_hash, "UNSIGNED-PAYLOAD");
  const std::string canonical =
      canonical_request(request, *query, **claim, "UNSIGNED-PAYLOAD", false);
  EXPECT_EQ(sign(signing_key(kSecret, kDay, "us-east-1", "s3"), string_to_sign(**claim, canonical)),
            (*claim)->signature);
}

TEST(Presigned, WhatIsMissingOrOutOfRangeIsRefused) {
  http::Request request;
  request.path = "/";
  const std::string good =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20130524%2Fus-east-1%2Fs3%2Faws4_"
      "request&X-Amz-Date=20130524T000000Z"
      "&X-Amz-Expires=5&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
  EXPECT_TRUE(read_claim(request, *http::parse_query(good)).ok());
  for (const char* name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
                           "X-Amz-SignedHeaders", "X-Amz-Signature"}) {
    http::Query less;
    const http::Query all = *http::parse_query(good);
    for (const auto& member : all)
      if (member.first != name) less.push_back(member);
    auto refused = read_claim(request, less);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_EQ(refused.fault(), Fault::malformed_signature);
  }
  for (const char* expires : {"0", "-1", "604801", "x", ""}) {
    http::Query query = *http::parse_query(good);
    for (auto& member : query)
      if (member.first == "X-Amz-Expires") member.second = expires;
    EXPECT_FALSE(read_claim(request, query).ok()) << expires;
  }
}

// The published streaming upload: 66 560 times 'a' in chunks of 65 536, 1 024 and 0.
std::string streaming_body() {
  const std::string data(66560, 'a');
  return "10000;chunk-signature="
         "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
         data.substr(0, 65536) +
         "\r\n400;chunk-signature="
         "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
         data.substr(65536) +
         "\r\n0;chunk-signature="
         "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

ChunkSigning streaming_signing() {
  return {signing_key(kSecret, kDay, "us-east-1", "s3"), "20130524T000000Z",
          "20130524/us-east-1/s3/aws4_request",
          "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"};
}

TEST(Chunked, ThePublishedUploadInPiecesOfAnySize) {
  const std::string body = streaming_body();
  for (std::size_t step : {1u, 7u, 83u, 1024u, 65536u, 1000000u}) {
    std::string out;
    ChunkedDecoder decoder(PayloadKind::streaming_signed, streaming_signing(),
                           [&](std::string_view d) {
                             out.append(d);
                             return Status(done);
                           });
    for (std::size_t at = 0; at < body.size(); at += step)
      ASSERT_TRUE(decoder.feed(std::string_view(body).substr(at, step)).ok()) << step;
    ASSERT_TRUE(decoder.finish().ok());
    EXPECT_EQ(out, std::string(66560, 'a'));
  }
}

TEST(Chunked, EveryTouchedByteIsNoticed) {
  const std::string body = streaming_body();
  for (std::size_t at : {0ul, 4ul, 30ul, 100ul, 40000ul, 65700ul, 66000ul, body.size() - 20}) {
    std::string touched = body;
    touched[at] ^= 1;
    ChunkedDecoder decoder(PayloadKind::streaming_signed, streaming_signing(),
                           [](std::string_view) { return Status(done); });
    const bool fed = decoder.feed(touched).ok();
    EXPECT_FALSE(fed && decoder.finish().ok()) << at;
  }
  ChunkedDecoder cut(PayloadKind::streaming_signed, streaming_signing(),
                     [](std::string_view) { return Status(done); });
  ASSERT_TRUE(cut.feed(std::string_view(body).substr(0, body.size() - 90)).ok());
  EXPECT_FALSE(cut.finish().ok());
}

TEST(Chunked, ThePublishedTrailer) {
  const std::string data(66560, 'a');
  const std::string body =
      "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" +
      data.substr(0, 65536) +
      "\r\n400;chunk-signature="
      "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" +
      data.substr(65536) +
      "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
      "x-amz-checksum-crc32c:sOO8/Q==\r\n"
      "x-amz-trailer-signature:"
      "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
  ChunkSigning signing = streaming_signing();
  signing.seed_signature = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
  ChunkedDecoder decoder(PayloadKind::streaming_signed_trailer, signing,
                         [](std::string_view) { return Status(done); });
  ASSERT_TRUE(decoder.feed(body).ok());
  auto trailers = decoder.finish();
  ASSERT_TRUE(trailers.ok());
  ASSERT_EQ(trailers->size(), 1u);
  EXPECT_EQ((*trailers)[0],
            (std::pair<std::string, std::string>{"x-amz-checksum-crc32c", "sOO8/Q=="}));
}

TEST(Chunked, UnsignedWithTrailerAsTheJavaScriptSdkSendsIt) {
  const std::string body = "9\r\nhello all\r\n0\r\nx-amz-checksum-crc32:ZYcN9A==\r\n\r\n";
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    std::string out;
    ChunkedDecoder decoder(PayloadKind::streaming_unsigned_trailer, {}, [&](std::string_view d) {
      out.append(d);
      return Status(done);
    });
    ASSERT_TRUE(decoder.feed(std::string_view(body).substr(0, cut)).ok());
    EXPECT_EQ(cut == body.size(), decoder.finish().ok()) << cut;
    ASSERT_TRUE(decoder.feed(std::string_view(body).substr(cut)).ok());
    EXPECT_TRUE(decoder.finish().ok());
    EXPECT_EQ(out, "hello all");
  }
}

// Bit by bit, as the definition goes.
std::uint64_t plain_crc64nvme(std::string_view data) {
  std::uint64_t crc = ~0ull;
  for (unsigned char c : data) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >> 1) ^ 0x9a6c9329ac4bc9b5ull : crc >> 1;
  }
  return ~crc;
}

TEST(Checksum, Crc64NvmeOfAnyLengthInAnyPieces) {
  std::string data;
  for (int i = 0; i < 300; ++i) data.push_back(static_cast<char>(i * 131 + i / 7));
  for (std::size_t length = 0; length <= data.size(); ++length) {
    const std::string_view text = std::string_view(data).substr(0, length);
    const std::uint64_t wanted = plain_crc64nvme(text);
    EXPECT_EQ(crc64nvme(0, text), wanted) << length;
    const std::size_t cut = length * 2 / 3;
    EXPECT_EQ(crc64nvme(crc64nvme(0, text.substr(0, cut)), text.substr(cut)), wanted) << length;
  }
}

TEST(Checksum, ValuesThatAwsWrites) {
  const std::string digits = "123456789", many(66560, 'a');
  EXPECT_EQ(checksum_text(crc32(0, digits)), "y/Q5Jg==");
  EXPECT_EQ(checksum_text(crc32c(0, digits)), "4waSgw==");
  EXPECT_EQ(checksum_text(crc64nvme(0, digits)), "rosUhgp5mIg=");
  EXPECT_EQ(checksum_text(crc32(0, many)), "sK4Y7A==");
  EXPECT_EQ(checksum_text(crc32c(0, many)), "sOO8/Q==");
  EXPECT_EQ(checksum_text(crc64nvme(0, many)), "pRf+emrnL+A=");
  EXPECT_EQ(checksum_text(crc32(0, "")), "AAAAAA==");
  EXPECT_EQ(checksum_text(crc64nvme(0, "")), "AAAAAAAAAAA=");
  for (std::size_t cut : {0u, 1u, 5u, 9u}) {
    EXPECT_EQ(crc32(crc32(0, digits.substr(0, cut)), digits.substr(cut)), crc32(0, digits));
    EXPECT_EQ(crc32c(crc32c(0, digits.substr(0, cut)), digits.substr(cut)), crc32c(0, digits));
    EXPECT_EQ(crc64nvme(crc64nvme(0, digits.substr(0, cut)), digits.substr(cut)),
              crc64nvme(0, digits));
  }
}

}  // namespace
}  // namespace tidegate::wire
