// What `tidegate audit` does on the folder of a server that does not run, and `tidegate
// credentials` with one that runs too. Each returns the exit status of the process.
#pragma once

#include <string>
#include <vector>

namespace tidegate::server {

// audit verify [--data DIR]: 0 when the chain of records holds, 1 when it does not.
// audit export [--data DIR]: one JSON text a line, oldest first.
int audit(const std::vector<std::string>& arguments);
// credentials rotate [--data DIR]: a new root key in <DIR>/root-credentials. A server that runs has
// taken it, and forgotten the one before, when this ends with 0.
int credentials(const std::vector<std::string>& arguments);

}  // namespace tidegate::server
