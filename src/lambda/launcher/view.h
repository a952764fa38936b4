// The view of a sandbox: its files and its network. Called once in the child, inside fresh
// namespaces, with all capabilities over them. Errors are the name of the step that failed (errno
// says why); nullptr is success.
#pragma once

#include "lambda/launcher/channel.h"
#include "lambda/launcher/inside.h"

namespace tidegate::lambda::launch {

// Replaces the root by a tmpfs with read-only views of what a runtime needs, and takes on the
// inside uid and gid on the way. Nothing of the host stays reachable.
const char* build_files(const Inside&);
// Brings lo up and opens the two listening sockets.
const char* build_network(Fd& runtime_api, Fd& endpoint);

}  // namespace tidegate::lambda::launch
