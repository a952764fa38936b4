#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tidegate {

void check_failed(const char* file, int line, const char* expression) {
  std::fprintf(stderr, "tidegate: CHECK failed at %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace tidegate
