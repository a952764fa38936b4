#include "s3/version_id.h"

#include <array>

#include "base/bytes.h"
#include "base/digest.h"
#include "s3/keys.h"

namespace tidegate::s3 {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
constexpr std::size_t kPartBytes = 8;  // nonce, masked order, check: 24 bytes in all
constexpr std::size_t kTextLength = 32;

// 24 bytes are 32 digits of 6 bits, without padding.
std::string to_text(std::string_view bytes) {
  std::string out;
  out.reserve(kTextLength);
  for (std::size_t i = 0; i + 2 < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | static_cast<unsigned char>(bytes[i + j]);
    for (int shift = 18; shift >= 0; shift -= 6) out.push_back(kAlphabet[group >> shift & 63]);
  }
  return out;
}

constexpr std::array<std::int8_t, 256> digit_table() {
  std::array<std::int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}

std::optional<std::string> from_text(std::string_view text) {
  static constexpr auto kDigits = digit_table();
  if (text.size() != kTextLength) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      int digit = kDigits[static_cast<unsigned char>(text[i + j])];
      if (digit < 0) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    for (int shift = 16; shift >= 0; shift -= 8) out.push_back(static_cast<char>(group >> shift));
  }
  return out;
}

std::string keyed(std::string_view secret, char purpose, std::string_view data) {
  std::string input(1, purpose);
  input.append(data);
  return hmac_sha256(secret, input).substr(0, kPartBytes);
}

std::string masked(std::string bytes, std::string_view mask) {
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ mask[i]);
  return bytes;
}

}  // namespace

Task<VersionIds> VersionIds::load(store::Store& store, Random& random) {
  const std::string key(kVersionSecretKey);
  for (int attempt = 0; attempt < 2; ++attempt) {
    CO_TRY(auto stored, co_await store.get(key));
    if (stored) co_return VersionIds(std::move(stored->value));
    store::Txn txn;
    txn.guard(store::Guard::absent(key)).put(key, random.bytes(32));
    auto committed = co_await store::commit_recognisably(store, std::move(txn));
    if (!committed.ok() && committed.fault() != Fault::guard_failed)
      co_return std::move(committed).error();
  }
  CO_TRY(auto stored, co_await store.get(key));
  if (!stored) co_return Error{Fault::internal, "the secret of the version ids cannot be kept"};
  co_return VersionIds(std::move(stored->value));
}

std::string VersionIds::issue(std::uint64_t order, Random& random) const {
  std::string nonce = random.bytes(kPartBytes);
  std::string plain;
  for (int shift = 56; shift >= 0; shift -= 8) plain.push_back(static_cast<char>(order >> shift));
  std::string body = nonce + masked(std::move(plain), keyed(secret_, 'm', nonce));
  return to_text(body + keyed(secret_, 'c', body));
}

std::optional<std::uint64_t> VersionIds::order_of(std::string_view id) const {
  auto bytes = from_text(id);
  if (!bytes) return std::nullopt;
  std::string_view all = *bytes;
  std::string_view body = all.substr(0, 2 * kPartBytes);
  if (!equal_constant_time(all.substr(2 * kPartBytes), keyed(secret_, 'c', body)))
    return std::nullopt;
  std::string plain =
      masked(std::string(body.substr(kPartBytes)), keyed(secret_, 'm', body.substr(0, kPartBytes)));
  std::uint64_t order = 0;
  for (char c : plain) order = order << 8 | static_cast<unsigned char>(c);
  return order;
}

}  // namespace tidegate::s3
