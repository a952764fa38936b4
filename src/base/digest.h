// Digests and keyed digests over OpenSSL, with algorithms fetched once and contexts reused per
// thread. All results are raw bytes. One-shot functions are safe from any thread; a Hasher belongs
// to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tidegate {

enum class Digest { md5, sha1, sha256 };

std::string digest(Digest, std::string_view data);
inline std::string sha256(std::string_view data) {
  return digest(Digest::sha256, data);
}
std::string hmac_sha256(std::string_view key, std::string_view data);

class Hasher {
 public:
  explicit Hasher(Digest);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();
  void update(std::string_view data);
  std::string finish();  // once; the hasher is spent

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// AES-256-GCM with a random nonce in front: nonce(12) | ciphertext | tag(16).
class Random;
std::string seal(std::string_view key32, std::string_view plain, std::string_view associated,
                 Random&);
// False when the seal is broken; `plain` is then untouched.
bool unseal(std::string_view key32, std::string_view sealed, std::string_view associated,
            std::string& plain);

}  // namespace tidegate
