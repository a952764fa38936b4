// Where this process may keep control groups: its own group in the trees of both versions, and
// whether that group is handed over to it. Plain reads of /proc and of the control groups' files;
// blocking, single-threaded.
#pragma once

#include <string>
#include <vector>

namespace tidegate::lambda::launch {

// "" is version 2's one tree, else a controller of version 1.
struct Place {
  std::string folder;  // this process's own group; "" where there is no such tree
  std::string top;     // the uppermost group that can be seen from here
  bool whole = false;  // `top` is the machine's root group
};
Place own_place(const std::string& controller);

// Version 2: nobody else turns controllers on or off below this folder. systemd says so in an
// attribute (Delegate=yes); without it, it takes them away again whenever it is reloaded. A user's
// own systemd leaves no such sign, but its groups are the user's. The top of a container's view is
// the container's own.
bool delegated(const Place&);

bool write_text(const std::string& path, const std::string& text);  // else errno
std::string read_text(const std::string& path);
bool has_word(const std::string& list, const std::string& word, char separator = ' ');
std::vector<std::string> lines_of(const std::string& path);

}  // namespace tidegate::lambda::launch
