#include "server/model.h"

#include <cstdio>

namespace tidegate::server {

int print_model(const std::vector<std::string>&) {
  std::fputs("tidegate: not built yet\n", stderr);
  return 2;
}

}  // namespace tidegate::server
