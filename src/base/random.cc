#include "base/random.h"

#include <cstring>

#include <sys/random.h>

#include "base/bytes.h"
#include "base/check.h"

namespace tidegate {

std::uint64_t Random::next() {
  std::uint64_t value;
  fill(&value, sizeof value);
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  CHECK(bound > 0);
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;  // reject the tail: no bias
  std::uint64_t value;
  do value = next();
  while (value >= limit);
  return value % bound;
}

std::string Random::bytes(std::size_t size) {
  std::string out(size, '\0');
  fill(out.data(), size);
  return out;
}

std::string Random::hex(std::size_t digits) {
  std::string text = to_hex(bytes((digits + 1) / 2));
  text.resize(digits);
  return text;
}

std::string Random::from_alphabet(std::size_t size, std::string_view alphabet) {
  std::string out;
  out.reserve(size);
  for (std::size_t i = 0; i < size; ++i) out.push_back(alphabet[below(alphabet.size())]);
  return out;
}

std::string Random::uuid() {
  std::string raw = bytes(16);
  raw[6] = static_cast<char>((raw[6] & 0x0f) | 0x40);
  raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);
  std::string h = to_hex(raw);
  return h.substr(0, 8) + "-" + h.substr(8, 4) + "-" + h.substr(12, 4) + "-" + h.substr(16, 4) +
         "-" + h.substr(20);
}

namespace {

void ask_system(char* p, std::size_t size) {
  while (size > 0) {
    ssize_t n = ::getrandom(p, size, 0);
    if (n < 0) continue;  // EINTR; getrandom cannot fail otherwise once seeded
    p += n;
    size -= static_cast<std::size_t>(n);
  }
}

}  // namespace

void SystemRandom::fill(void* out, std::size_t size) {
  // Small requests share a system call: a nonce and a request id are asked for at every poll. What
  // was given out is wiped.
  struct Stock {
    char bytes[1024];
    std::size_t used = sizeof bytes;
  };
  thread_local Stock stock;
  if (size > 64) return ask_system(static_cast<char*>(out), size);
  if (size > sizeof stock.bytes - stock.used) {
    ask_system(stock.bytes, sizeof stock.bytes);
    stock.used = 0;
  }
  std::memcpy(out, stock.bytes + stock.used, size);
  std::memset(stock.bytes + stock.used, 0, size);
  stock.used += size;
}

void SeededRandom::fill(void* out, std::size_t size) {
  auto* p = static_cast<unsigned char*>(out);
  for (std::size_t i = 0; i < size; ++i) p[i] = static_cast<unsigned char>(engine_() >> 32);
}

}  // namespace tidegate
