// The seed of a randomised test: TIDEGATE_SEED when set (to replay a failure), else a new one. The
// caller prints it with SCOPED_TRACE.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "base/random.h"

namespace tidegate {

inline std::uint64_t test_seed() {
  const char* given = std::getenv("TIDEGATE_SEED");
  if (given && *given) return std::strtoull(given, nullptr, 10);
  SystemRandom random;
  return random.next() % 1'000'000'000;
}

}  // namespace tidegate
