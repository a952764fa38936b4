#include "base/digest.h"

#include <openssl/evp.h>

#include <cstring>

#include "base/check.h"
#include "base/random.h"

namespace tidegate {
namespace {

constexpr std::size_t kNonce = 12, kTag = 16;

const EVP_MD* algorithm(Digest d) {
  // Fetched once for the life of the process: a fetch per call costs as much as the hash itself.
  static const EVP_MD* const table[] = {EVP_MD_fetch(nullptr, "MD5", nullptr),
                                        EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                        EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  return table[static_cast<int>(d)];
}

const EVP_CIPHER* aes_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

struct FreeDigest {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigest>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

EVP_MD_CTX* thread_digest_context() {
  thread_local DigestContext context{EVP_MD_CTX_new()};
  return context.get();
}
EVP_CIPHER_CTX* thread_cipher_context() {
  thread_local CipherContext context{EVP_CIPHER_CTX_new()};
  return context.get();
}

unsigned char* raw(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}
const unsigned char* raw(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

}  // namespace

std::string digest(Digest which, std::string_view data) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_MD_CTX* c = thread_digest_context();
  CHECK(EVP_DigestInit_ex(c, algorithm(which), nullptr) == 1);
  CHECK(EVP_DigestUpdate(c, data.data(), data.size()) == 1);
  CHECK(EVP_DigestFinal_ex(c, out, &size) == 1);
  return {reinterpret_cast<char*>(out), size};
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  // HMAC by its definition over the reused digest context: half the cost of EVP_MAC for short
  // input.
  unsigned char block[64] = {};
  std::string short_key;
  if (key.size() > sizeof block) {
    short_key = sha256(key);
    key = short_key;
  }
  std::memcpy(block, key.data(), key.size());
  unsigned char inner[64], outer[64], sum[32];
  for (int i = 0; i < 64; ++i) {
    inner[i] = block[i] ^ 0x36;
    outer[i] = block[i] ^ 0x5c;
  }
  unsigned size = 0;
  EVP_MD_CTX* c = thread_digest_context();
  CHECK(EVP_DigestInit_ex(c, algorithm(Digest::sha256), nullptr) == 1);
  CHECK(EVP_DigestUpdate(c, inner, 64) == 1 && EVP_DigestUpdate(c, data.data(), data.size()) == 1);
  CHECK(EVP_DigestFinal_ex(c, sum, &size) == 1);
  CHECK(EVP_DigestInit_ex(c, algorithm(Digest::sha256), nullptr) == 1);
  CHECK(EVP_DigestUpdate(c, outer, 64) == 1 && EVP_DigestUpdate(c, sum, 32) == 1);
  CHECK(EVP_DigestFinal_ex(c, sum, &size) == 1);
  return {reinterpret_cast<char*>(sum), 32};
}

struct Hasher::State {
  DigestContext context{EVP_MD_CTX_new()};
};

Hasher::Hasher(Digest which) : state_(std::make_unique<State>()) {
  CHECK(EVP_DigestInit_ex(state_->context.get(), algorithm(which), nullptr) == 1);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(std::string_view data) {
  CHECK(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1);
}

std::string Hasher::finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(state_->context.get(), out, &size) == 1);
  return {reinterpret_cast<char*>(out), size};
}

std::string seal(std::string_view key, std::string_view plain, std::string_view associated,
                 Random& random) {
  CHECK(key.size() == 32);
  std::string out(kNonce + plain.size() + kTag, '\0');
  random.fill(out.data(), kNonce);
  EVP_CIPHER_CTX* c = thread_cipher_context();
  int n = 0;
  CHECK(EVP_EncryptInit_ex(c, aes_gcm(), nullptr, raw(key), raw(out)) == 1);
  CHECK(EVP_EncryptUpdate(c, nullptr, &n, raw(associated), int(associated.size())) == 1);
  CHECK(EVP_EncryptUpdate(c, raw(out) + kNonce, &n, raw(plain), int(plain.size())) == 1);
  CHECK(EVP_EncryptFinal_ex(c, raw(out) + kNonce + plain.size(), &n) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, kTag, raw(out) + kNonce + plain.size()) == 1);
  return out;
}

bool unseal(std::string_view key, std::string_view sealed, std::string_view associated,
            std::string& plain) {
  CHECK(key.size() == 32);
  if (sealed.size() < kNonce + kTag) return false;
  std::string_view text = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
  std::string tag(sealed.substr(sealed.size() - kTag));
  std::string out(text.size(), '\0');
  EVP_CIPHER_CTX* c = thread_cipher_context();
  int n = 0;
  if (EVP_DecryptInit_ex(c, aes_gcm(), nullptr, raw(key), raw(sealed)) != 1) return false;
  if (EVP_DecryptUpdate(c, nullptr, &n, raw(associated), int(associated.size())) != 1) return false;
  if (EVP_DecryptUpdate(c, raw(out), &n, raw(text), int(text.size())) != 1) return false;
  if (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) != 1) return false;
  if (EVP_DecryptFinal_ex(c, raw(out) + out.size(), &n) != 1) return false;
  plain = std::move(out);
  return true;
}

}  // namespace tidegate
