#include "api/s3/checksum_math.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"
#include "wire/checksum.h"

namespace tidegate::api::s3 {
namespace {

using tidegate::s3::PartRecord;

TEST(ChecksumMath, CombinesCrcsAsIfComputedAtOnce) {
  SeededRandom random(7);
  for (int round = 0; round < 50; ++round) {
    const std::string a = random.bytes(random.below(3000)), b = random.bytes(random.below(3000));
    EXPECT_EQ(combine_crc32(wire::crc32(0, a), wire::crc32(0, b), b.size()), wire::crc32(0, a + b));
    EXPECT_EQ(combine_crc32c(wire::crc32c(0, a), wire::crc32c(0, b), b.size()),
              wire::crc32c(0, a + b));
    EXPECT_EQ(combine_crc64nvme(wire::crc64nvme(0, a), wire::crc64nvme(0, b), b.size()),
              wire::crc64nvme(0, a + b));
  }
}

PartRecord part(const WireChecksumMath& math, const std::string& algorithm,
                const std::string& bytes) {
  auto digester = math.digester(algorithm);
  digester->update(bytes.substr(0, bytes.size() / 2));
  digester->update(bytes.substr(bytes.size() / 2));
  PartRecord record;
  record.size = bytes.size();
  record.checksum = digester->finish().checksum;
  return record;
}

TEST(ChecksumMath, KnowsTheWholeOfParts) {
  WireChecksumMath math;
  for (const char* algorithm : {"CRC32", "CRC32C", "CRC64NVME"}) {
    const std::vector<PartRecord> parts{part(math, algorithm, "1234"), part(math, algorithm, ""),
                                        part(math, algorithm, "56789")};
    EXPECT_EQ(math.combined(algorithm, parts), part(math, algorithm, "123456789").checksum.value);
  }
  EXPECT_EQ(math.combined("SHA256", {}), std::nullopt);
}

TEST(ChecksumMath, MakesCompositesOfRawValues) {
  WireChecksumMath math;
  const auto a = part(math, "SHA256", "a"), b = part(math, "SHA256", "b");
  const std::string raw = *from_base64(a.checksum.value) + *from_base64(b.checksum.value);
  EXPECT_EQ(math.composite("SHA256", {a, b}), part(math, "SHA256", raw).checksum.value);
  EXPECT_EQ(math.composite("MD4", {a, b}), std::nullopt);
}

TEST(ChecksumMath, DigestsByDefaultWithCrc64Nvme) {
  auto digester = WireChecksumMath().digester("");
  digester->update("123456789");
  auto digests = digester->finish();
  EXPECT_EQ(digests.checksum.algorithm, "CRC64NVME");
  EXPECT_EQ(digests.checksum.value, "rosUhgp5mIg=");
  EXPECT_EQ(to_hex(digests.md5), "25f9e794323b453885f5181f1b624d0b");
}

}  // namespace
}  // namespace tidegate::api::s3
