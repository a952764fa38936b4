// Companion: a row that must stand together with a change, or not at all. Whoever commits the
// change puts it into the same transaction and then says so; whoever made it looks whether that
// happened. On the control strand.
#pragma once

#include <string>

namespace tidegate {

struct Companion {
  virtual ~Companion() = default;
  std::string key, value;
  bool stored = false;
};

}  // namespace tidegate
