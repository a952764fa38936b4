// describe(): the tables as JSON, for `tidegate model` and tools/modelcheck.py: per service its
// operations (name, method, uri, alias, status, action, body, refused) with the trees of their
// input and output shapes (members with name, wire name, place, kind, limits). One operation a
// line, so that two versions can be compared by eye. Pure.
#pragma once

#include <string>
#include <vector>

#include "wire/table.h"

namespace tidegate::wire {

std::string describe(const std::vector<const Table*>&);

}  // namespace tidegate::wire
