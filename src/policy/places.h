// Where in the text of a policy its statements stand. Pure; any thread.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "policy/document.h"

namespace tidegate::policy {

// Begin and end of each statement, in order. Of a text that parse() took.
std::vector<std::pair<Place, Place>> places_of_statements(std::string_view json);

}  // namespace tidegate::policy
