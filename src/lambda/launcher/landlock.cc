#include "lambda/launcher/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "lambda/launcher/channel.h"

namespace tidegate::lambda::launch {
namespace {

// The kernel's numbers beyond what Debian 12's header knows.
constexpr std::uint64_t kTruncate = 1u << 14;
constexpr std::uint64_t kScopeAbstractSockets = 1u << 0, kScopeSignals = 1u << 1;
struct Ruleset {  // landlock_ruleset_attr with its later members
  std::uint64_t files, network, scoped;
};

constexpr std::uint64_t kReading =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

// Everything that a kernel of this version can tell apart.
std::uint64_t all_rights(long version) {
  std::uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) rights |= kTruncate;
  return rights;
}

bool allow(int ruleset, const char* path, std::uint64_t rights) {
  Fd folder(open(path, O_PATH | O_CLOEXEC));
  landlock_path_beneath_attr rule{rights, folder.get()};
  return folder &&
         syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

}  // namespace

bool restrict_files() {
  long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return true;
  const std::uint64_t all = all_rights(version);
  Ruleset wanted{all, 0, version >= 6 ? kScopeAbstractSockets | kScopeSignals : 0};
  std::size_t size = version >= 6 ? sizeof wanted : sizeof wanted.files;
  Fd ruleset(int(syscall(SYS_landlock_create_ruleset, &wanted, size, 0)));
  return ruleset && allow(ruleset.get(), "/", kReading) && allow(ruleset.get(), "/tmp", all) &&
         allow(ruleset.get(), "/dev", all) && allow(ruleset.get(), "/proc", all) &&
         syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0;
}

}  // namespace tidegate::lambda::launch
