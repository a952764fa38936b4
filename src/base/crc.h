// CRC-32C (Castagnoli) over isa-l, which takes the processor's own instruction. Start with 0 and
// feed the result back in: crc32c(crc32c(0, a), b) == crc32c(0, a + b). Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidegate {

std::uint32_t crc32c(std::uint32_t crc, std::string_view data);

}  // namespace tidegate
