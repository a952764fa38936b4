#include "api/s3/checksum_math.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "wire/checksum.h"

namespace tidegate::api::s3 {
namespace {

using tidegate::s3::PartRecord;
using wire::Checksum;

// A CRC is a remainder modulo P over GF(2), kept with its bits reversed: the highest bit is x^0.
// Appending n zero bytes multiplies it by x^(8n), and the constants that every CRC here is inverted
// with cancel out, so crc(AB) = crc(A)·x^(8|B|) + crc(B). Working with polynomials instead of bit
// matrices costs some 2 000 steps for any length, so that 10 000 parts are combined at once.
template <class T, T kPolynomial>
struct Remainder {
  static constexpr T kOne = T{1} << (sizeof(T) * 8 - 1);

  static T times_x(T a) { return a & 1 ? (a >> 1) ^ kPolynomial : a >> 1; }

  static T multiply(T a, T b) {
    T product = 0;
    for (; a != 0; a <<= 1) {
      if (a & kOne) product ^= b;
      b = times_x(b);
    }
    return product;
  }

  static T x_to_the(std::uint64_t bytes) {
    T power = kOne;
    T square = kOne;
    for (int i = 0; i < 8; ++i) square = times_x(square);
    for (; bytes != 0; bytes >>= 1) {
      if (bytes & 1) power = multiply(power, square);
      square = multiply(square, square);
    }
    return power;
  }

  static T combine(T a, T b, std::uint64_t length_b) { return multiply(x_to_the(length_b), a) ^ b; }
};
using Crc32 = Remainder<std::uint32_t, 0xedb88320u>;
using Crc32c = Remainder<std::uint32_t, 0x82f63b78u>;
using Crc64Nvme = Remainder<std::uint64_t, 0x9a6c9329ac4bc9b5ull>;

template <class T>
std::optional<T> value_of(const std::string& base64) {
  auto raw = from_base64(base64);
  if (!raw || raw->size() != sizeof(T)) return std::nullopt;
  T value = 0;
  for (char c : *raw) value = static_cast<T>((value << 8) | static_cast<unsigned char>(c));
  return value;
}

template <class Crc, class T>
std::optional<std::string> combine_all(const std::vector<PartRecord>& parts, T whole) {
  for (const PartRecord& part : parts) {
    auto crc = value_of<T>(part.checksum.value);
    if (!crc) return std::nullopt;
    whole = Crc::combine(whole, *crc, part.size);
  }
  return wire::checksum_text(whole);
}

// One checksum over bytes that come in pieces.
class Running {
 public:
  explicit Running(Checksum kind) : kind_(kind) {
    if (kind == Checksum::sha1) hasher_.emplace(Digest::sha1);
    if (kind == Checksum::sha256) hasher_.emplace(Digest::sha256);
  }
  void update(std::string_view bytes) {
    if (hasher_)
      hasher_->update(bytes);
    else if (kind_ == Checksum::crc32)
      crc32_ = wire::crc32(crc32_, bytes);
    else if (kind_ == Checksum::crc32c)
      crc32_ = wire::crc32c(crc32_, bytes);
    else
      crc64_ = wire::crc64nvme(crc64_, bytes);
  }
  std::string finish() {
    if (hasher_) return to_base64(hasher_->finish());
    return kind_ == Checksum::crc64nvme ? wire::checksum_text(crc64_) : wire::checksum_text(crc32_);
  }

 private:
  Checksum kind_;
  std::optional<Hasher> hasher_;
  std::uint32_t crc32_ = 0;
  std::uint64_t crc64_ = 0;
};

class WireDigester final : public tidegate::s3::Digester {
 public:
  explicit WireDigester(Checksum kind) : kind_(kind), md5_(Digest::md5), checksum_(kind) {}
  void update(std::string_view bytes) override {
    md5_.update(bytes);
    checksum_.update(bytes);
  }
  Digests finish() override {
    Digests digests;
    digests.md5 = md5_.finish();
    digests.checksum.algorithm = wire::name_of(kind_);
    digests.checksum.value = checksum_.finish();
    return digests;
  }

 private:
  Checksum kind_;
  Hasher md5_;
  Running checksum_;
};

}  // namespace

std::uint32_t combine_crc32(std::uint32_t a, std::uint32_t b, std::uint64_t length_b) {
  return Crc32::combine(a, b, length_b);
}
std::uint32_t combine_crc32c(std::uint32_t a, std::uint32_t b, std::uint64_t length_b) {
  return Crc32c::combine(a, b, length_b);
}
std::uint64_t combine_crc64nvme(std::uint64_t a, std::uint64_t b, std::uint64_t length_b) {
  return Crc64Nvme::combine(a, b, length_b);
}

std::unique_ptr<tidegate::s3::Digester> WireChecksumMath::digester(
    const std::string& algorithm) const {
  return std::make_unique<WireDigester>(
      wire::checksum_named(algorithm).value_or(Checksum::crc64nvme));
}

std::optional<std::string> WireChecksumMath::composite(const std::string& algorithm,
                                                       const std::vector<PartRecord>& parts) const {
  auto kind = wire::checksum_named(algorithm);
  if (!kind) return std::nullopt;
  Running running(*kind);
  for (const PartRecord& part : parts) {
    auto raw = from_base64(part.checksum.value);
    if (!raw) return std::nullopt;
    running.update(*raw);
  }
  return running.finish();
}

std::optional<std::string> WireChecksumMath::combined(const std::string& algorithm,
                                                      const std::vector<PartRecord>& parts) const {
  auto kind = wire::checksum_named(algorithm);
  if (kind == Checksum::crc32) return combine_all<Crc32>(parts, std::uint32_t{0});
  if (kind == Checksum::crc32c) return combine_all<Crc32c>(parts, std::uint32_t{0});
  if (kind == Checksum::crc64nvme) return combine_all<Crc64Nvme>(parts, std::uint64_t{0});
  return std::nullopt;
}

}  // namespace tidegate::api::s3
