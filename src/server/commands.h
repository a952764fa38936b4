// What `tidegate audit` and `tidegate credentials` do, on the folder of a server that does not run.
// Each returns the exit status of the process.
#pragma once

#include <string>
#include <vector>

namespace tidegate::server {

// audit verify [--data DIR]: 0 when the chain of records holds, 1 when it does not.
// audit export [--data DIR]: one JSON text a line, oldest first.
int audit(const std::vector<std::string>& arguments);
// credentials rotate [--data DIR]: a new root key in <DIR>/root-credentials.
int credentials(const std::vector<std::string>& arguments);

}  // namespace tidegate::server
