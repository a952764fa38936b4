// CHECK: states what must hold if our own code is right; stays on in release builds and ends the
// process with the place and the expression. Never for input: input gets an Error.
#pragma once

namespace tidegate {
[[noreturn]] void check_failed(const char* file, int line, const char* expression);
}  // namespace tidegate

#define CHECK(expression) \
  ((expression) ? (void)0 : ::tidegate::check_failed(__FILE__, __LINE__, #expression))
