// `tidegate model`: the wire tables as JSON, for the model check and for people. No server is
// started.
#pragma once

#include <string>
#include <vector>

namespace tidegate::server {

int print_model(const std::vector<std::string>& arguments);

}  // namespace tidegate::server
