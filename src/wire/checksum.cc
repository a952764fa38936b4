#include "wire/checksum.h"

#include <isa-l/crc.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <array>
#include <cstring>

#include "base/bytes.h"

namespace tidegate::wire {
namespace {

constexpr std::uint64_t kNvme = 0x9a6c9329ac4bc9b5ull;  // reflected polynomial

// Slicing by eight: eight tables let one step take eight bytes.
constexpr std::array<std::array<std::uint64_t, 256>, 8> make_tables() {
  std::array<std::array<std::uint64_t, 256>, 8> t{};
  for (std::uint64_t i = 0; i < 256; ++i) {
    std::uint64_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >> 1) ^ kNvme : crc >> 1;
    t[0][i] = crc;
  }
  for (std::size_t i = 0; i < 256; ++i)
    for (std::size_t k = 1; k < 8; ++k) t[k][i] = t[0][t[k - 1][i] & 0xff] ^ (t[k - 1][i] >> 8);
  return t;
}
constexpr auto kTables = make_tables();

std::uint64_t crc64_by_table(std::uint64_t state, const unsigned char* p, std::size_t left) {
  while (left >= 8) {
    std::uint64_t word = 0;
    for (int i = 7; i >= 0; --i) word = (word << 8) | p[i];
    state ^= word;
    std::uint64_t next = 0;
    for (std::size_t k = 0; k < 8; ++k) next ^= kTables[7 - k][(state >> (8 * k)) & 0xff];
    state = next;
    p += 8;
    left -= 8;
  }
  while (left-- > 0) state = kTables[0][(state ^ *p++) & 0xff] ^ (state >> 8);
  return state;
}

#if defined(__x86_64__)
// x^n modulo the polynomial, bits reflected as the CRC's own.
constexpr std::uint64_t power(int n) {
  std::uint64_t v = 1ull << 63;
  for (; n > 0; --n) v = v & 1 ? (v >> 1) ^ kNvme : v >> 1;
  return v;
}

// What was read, moved on by the bits that the constants stand for, and what comes there.
__attribute__((target("pclmul,sse4.1"))) __m128i fold(__m128i read, __m128i constants,
                                                      __m128i next) {
  return _mm_xor_si128(next, _mm_xor_si128(_mm_clmulepi64_si128(read, constants, 0x00),
                                           _mm_clmulepi64_si128(read, constants, 0x11)));
}

// By carry-less multiplication, as isa-l has it for other polynomials (for this one only after
// Debian 12's). A product of reflected numbers stands one bit too far: hence constants one power
// lower. The 16 bytes that remain at last have the CRC of all that was read.
__attribute__((target("pclmul,sse4.1"))) std::uint64_t crc64_by_folding(std::uint64_t state,
                                                                        const unsigned char* p,
                                                                        std::size_t left) {
  auto by = [](int bits) {
    return _mm_set_epi64x(static_cast<long long>(power(bits - 1)),
                          static_cast<long long>(power(bits + 63)));
  };
  auto load = [](const unsigned char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  };
  static const __m128i by128 = by(128), by512 = by(512);
  __m128i read = _mm_xor_si128(load(p), _mm_set_epi64x(0, static_cast<long long>(state)));
  p += 16, left -= 16;
  if (left >= 112) {
    // Four lanes hide the multiplication's latency.
    __m128i a = read, b = load(p), c = load(p + 16), d = load(p + 32);
    for (p += 48, left -= 48; left >= 64; p += 64, left -= 64) {
      a = fold(a, by512, load(p));
      b = fold(b, by512, load(p + 16));
      c = fold(c, by512, load(p + 32));
      d = fold(d, by512, load(p + 48));
    }
    read = fold(fold(fold(a, by128, b), by128, c), by128, d);
  }
  for (; left >= 16; p += 16, left -= 16) read = fold(read, by128, load(p));
  unsigned char rest[16];
  std::memcpy(rest, &read, sizeof rest);
  return crc64_by_table(crc64_by_table(0, rest, sizeof rest), p, left);
}
const bool kFolds = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
#endif

template <class T>
std::string big_endian(T value) {
  std::string out;
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift));
  return out;
}

const unsigned char* bytes(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

}  // namespace

std::uint32_t crc32(std::uint32_t crc, std::string_view data) {
  return crc32_gzip_refl(crc, bytes(data), data.size());
}

std::uint64_t crc64nvme(std::uint64_t crc, std::string_view data) {
  const auto* p = bytes(data);
#if defined(__x86_64__)
  if (kFolds && data.size() >= 32) return ~crc64_by_folding(~crc, p, data.size());
#endif
  return ~crc64_by_table(~crc, p, data.size());
}

std::string checksum_text(std::uint32_t value) {
  return to_base64(big_endian(value));
}
std::string checksum_text(std::uint64_t value) {
  return to_base64(big_endian(value));
}

namespace {
struct Known {
  std::string_view name, header;
  std::size_t size;
};
constexpr Known kKnown[] = {{"CRC32", "x-amz-checksum-crc32", 4},
                            {"CRC32C", "x-amz-checksum-crc32c", 4},
                            {"CRC64NVME", "x-amz-checksum-crc64nvme", 8},
                            {"SHA1", "x-amz-checksum-sha1", 20},
                            {"SHA256", "x-amz-checksum-sha256", 32}};
const Known& known(Checksum c) {
  return kKnown[static_cast<std::size_t>(c)];
}
}  // namespace

std::optional<Checksum> checksum_named(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kKnown); ++i) {
    if (kKnown[i].name.size() != name.size()) continue;
    bool same = true;
    for (std::size_t k = 0; k < name.size() && same; ++k)
      same = (name[k] >= 'a' && name[k] <= 'z' ? name[k] - 32 : name[k]) == kKnown[i].name[k];
    if (same) return static_cast<Checksum>(i);
  }
  return std::nullopt;
}
std::string_view name_of(Checksum c) {
  return known(c).name;
}
std::string_view header_of(Checksum c) {
  return known(c).header;
}
std::size_t size_of(Checksum c) {
  return known(c).size;
}

}  // namespace tidegate::wire
