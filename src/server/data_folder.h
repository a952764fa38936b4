// The folder that holds everything the server knows: made, owned, and locked by one process.
// Called once at start, on the main thread. A refusal says what is wrong with which folder, and
// whose it is where that is the reason.
#pragma once

#include <string>

#include "base/result.h"

namespace tidegate::server {

// Makes the folder and whatever is above it (0700), and locks it. A folder with other files in it
// is refused. Root in somebody else's folder is warned: what root makes there its owner cannot
// change.
Status take_folder(const std::string& data);
bool holds_a_server(const std::string& data);

// One process to a folder: two would each believe that the revisions are theirs. Held until the
// process ends. Fault::conflict when another holds it.
Status lock_folder(const std::string& data);

// What a running server says of itself in its lock: who it is, and which root key it took from
// root-credentials ("" when it has none of there).
struct LockHolder {
  int pid = 0;
  std::string root_key_id;
};
LockHolder read_lock(const std::string& data);
// By the holder of the lock.
void write_lock(const std::string& data, const std::string& root_key_id);

}  // namespace tidegate::server
