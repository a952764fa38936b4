// Node: the composition root. It makes every part of a server, in the order in which they need each
// other, starts them on the control strand, and ends them in the reverse order. Nothing here
// decides anything; whoever wants to know what is connected to what reads node.cc.
#pragma once

#include <memory>
#include <string>

#include "lambda/runner/launcher_client.h"
#include "server/settings.h"

namespace tidegate::server {

class Node {
 public:
  // `launcher` was started before this process had threads.
  Node(Settings settings, lambda::LauncherHandle launcher);
  ~Node();

  // Opens the data, recovers, listens. Fault as the part that failed; then the node is not started.
  Status start();
  // Reads the root key's file anew: what it held before opens nothing from then on. Requests that
  // were let in go on.
  void reload_root_key();
  // Lets requests end, then everything else. Once, after a start that succeeded.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Where this program's helpers are: beside it, in the source tree, or installed. "" when not found.
std::string find_launcher();
std::string find_runtimes();

}  // namespace tidegate::server
