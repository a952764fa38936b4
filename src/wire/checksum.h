// The checksums of S3: CRC32, CRC32C, CRC64NVME (SHA1 and SHA256 through base/digest), updated
// piece by piece. Values in base64 of big-endian bytes as AWS writes them. One thread per object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/crc.h"

namespace tidegate::wire {

using tidegate::crc32c;

std::uint32_t crc32(std::uint32_t crc, std::string_view data);  // start with 0
std::uint64_t crc64nvme(std::uint64_t crc, std::string_view data);
std::string checksum_text(std::uint32_t);
std::string checksum_text(std::uint64_t);

enum class Checksum { crc32, crc32c, crc64nvme, sha1, sha256 };
std::optional<Checksum> checksum_named(std::string_view name);  // "CRC32" or "crc32"
std::string_view name_of(Checksum);                             // "CRC32"
std::string_view header_of(Checksum);                           // "x-amz-checksum-crc32"
std::size_t size_of(Checksum);                                  // bytes of the raw value

}  // namespace tidegate::wire
