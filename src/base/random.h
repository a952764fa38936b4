// Random: the only source of randomness, injected so that a test replays from a seed.
// SystemRandom may be used from any thread; SeededRandom from one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace tidegate {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(void* out, std::size_t size) = 0;

  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound), bound > 0
  std::string bytes(std::size_t size);
  std::string hex(std::size_t digits);  // lower case
  std::string from_alphabet(std::size_t size, std::string_view alphabet);
  std::string uuid();  // version 4
};

class SystemRandom final : public Random {
 public:
  void fill(void* out, std::size_t size) override;
};

// Not for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(void* out, std::size_t size) override;

 private:
  std::mt19937_64 engine_;
};

}  // namespace tidegate
