// The checksums that the domain asks for (s3/content.h), over wire/checksum: digesting content that
// is copied, and the checksum of a multipart object from those of its parts. Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "s3/content.h"

namespace tidegate::api::s3 {

class WireChecksumMath final : public tidegate::s3::ChecksumMath {
 public:
  std::unique_ptr<tidegate::s3::Digester> digester(const std::string& algorithm) const override;
  std::optional<std::string> composite(
      const std::string& algorithm,
      const std::vector<tidegate::s3::PartRecord>& parts) const override;
  std::optional<std::string> combined(
      const std::string& algorithm,
      const std::vector<tidegate::s3::PartRecord>& parts) const override;
};

// The CRC of A followed by B from their CRCs and the length of B.
std::uint32_t combine_crc32(std::uint32_t a, std::uint32_t b, std::uint64_t length_b);
std::uint32_t combine_crc32c(std::uint32_t a, std::uint32_t b, std::uint64_t length_b);
std::uint64_t combine_crc64nvme(std::uint64_t a, std::uint64_t b, std::uint64_t length_b);

}  // namespace tidegate::api::s3
