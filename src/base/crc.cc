#include "base/crc.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace tidegate {

std::uint32_t crc32c(std::uint32_t crc, std::string_view data) {
  // crc32_iscsi neither inverts its seed nor its result, takes an int length, and a pointer that is
  // not const though it only reads.
  std::uint32_t state = ~crc;
  while (!data.empty()) {
    const std::size_t step = std::min<std::size_t>(data.size(), 1u << 30);
    state = crc32_iscsi(reinterpret_cast<unsigned char*>(const_cast<char*>(data.data())),
                        static_cast<int>(step), state);
    data.remove_prefix(step);
  }
  return ~state;
}

}  // namespace tidegate
