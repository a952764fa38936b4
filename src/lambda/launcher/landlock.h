// Landlock, where the kernel has it: inside its view of files a function writes below /tmp, /dev
// and /proc only, whatever a mount might allow, and speaks to abstract sockets and processes of its
// own sandbox only. A second lock beside the read-only mounts.
#pragma once

namespace tidegate::lambda::launch {

// For the calling process and what it starts; needs no_new_privs. True also where there is none.
bool restrict_files();

}  // namespace tidegate::lambda::launch
