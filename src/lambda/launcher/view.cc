#include "lambda/launcher/view.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace tidegate::lambda::launch {
namespace {

struct Piece {
  std::string source, target;  // target relative to the new root
  std::uint64_t attributes = 0;
  bool file = false;
  bool optional = false;
  bool over = false;  // the target is there already, in a piece before
  Fd tree;
};

// On AWS sh is bash, and AWS's own example of a bootstrap asks sh for pipefail. Debian's is dash:
// the file behind the name, when it is a neighbour's.
std::string other_shell() {
  char target[64];
  const ssize_t n = readlink("/usr/bin/sh", target, sizeof target);
  if (n <= 0 || n == sizeof target) return "";
  const std::string name(target, static_cast<std::size_t>(n));
  return name == "bash" || name.find('/') != std::string::npos ? "" : "usr/bin/" + name;
}

std::vector<Piece> pieces_of(const Spec& spec, bool counted) {
  constexpr std::uint64_t kSealed = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  std::vector<Piece> all;
  auto folder = [&](std::string source, std::string target, bool optional) {
    if (!source.empty()) all.push_back({source, target, kSealed, false, optional, false, Fd()});
  };
  auto file = [&](std::string path, std::uint64_t attributes, bool optional) {
    all.push_back({path, path.substr(1), attributes, true, optional, false, Fd()});
  };
  folder("/usr", "usr", false);
  if (const std::string shell = other_shell(); !shell.empty())
    all.push_back({"/usr/bin/bash", shell, kSealed, true, true, true, Fd()});
  folder(spec.code_directory, "var/task", false);
  folder(spec.runtime_directory, "var/runtime", false);
  folder(spec.layer_directory, "opt", false);
  folder("/etc/ssl/certs", "etc/ssl/certs", true);
  folder("/etc/alternatives", "etc/alternatives", true);
  file("/etc/ssl/openssl.cnf", kSealed, true);
  file("/etc/ld.so.cache", kSealed, true);
  for (const char* device : {"/dev/null", "/dev/full", "/dev/random", "/dev/urandom"})
    file(device, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, false);
  // A shared mapping of it is memory of no process.
  if (counted) file("/dev/zero", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, false);
  return all;
}

// Copies of the mounts are taken while the host's tree is still there and still reachable with the
// server's own uid; what they show may lie under a path that the function's uid cannot walk.
const char* take_trees(std::vector<Piece>& pieces) {
  for (auto& p : pieces) {
    p.tree.reset(open_tree(AT_FDCWD, p.source.c_str(),
                           OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (p.file ? 0 : AT_RECURSIVE)));
    if (!p.tree) {
      if (p.optional && errno == ENOENT) continue;
      return "open_tree";
    }
    mount_attr wanted{};
    wanted.attr_set = p.attributes;
    if (mount_setattr(p.tree.get(), "", AT_EMPTY_PATH | (p.file ? 0 : AT_RECURSIVE), &wanted,
                      sizeof wanted) != 0)
      return "mount_setattr";
  }
  return nullptr;
}

// After this the process owns nothing of the host's; its capabilities over the namespaces stay,
// because no uid 0 exists in its user namespace.
const char* become_inside_user(bool may_set_groups) {
  if (may_set_groups && setgroups(0, nullptr) != 0) return "setgroups";
  if (setresgid(kInsideGid, kInsideGid, kInsideGid) != 0) return "setresgid";
  if (setresuid(kInsideUid, kInsideUid, kInsideUid) != 0) return "setresuid";
  return nullptr;
}

bool make_folders(const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    if (mkdir(path.substr(0, slash).c_str(), 0755) != 0 && errno != EEXIST) return false;
  return mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

bool write_file(const char* path, std::string_view text) {
  Fd file(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  return file && write(file.get(), text.data(), text.size()) == ssize_t(text.size());
}

const char* attach_trees(std::vector<Piece>& pieces) {
  for (auto& p : pieces) {
    if (!p.tree) continue;
    std::string parent = p.file ? p.target.substr(0, p.target.rfind('/')) : p.target;
    if (!p.over && !make_folders(parent)) return "mkdir";
    if (p.file && !p.over && !write_file(p.target.c_str(), "")) return "create";
    if (move_mount(p.tree.get(), "", AT_FDCWD, p.target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
      return "move_mount";
    p.tree.reset();
  }
  return nullptr;
}

const char* furnish() {
  for (const char* folder : {"var/task", "var/runtime", "opt", "etc", "proc", "tmp", "dev"})
    if (!make_folders(folder)) return "mkdir";
  for (const char* name : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
    struct stat there {};
    std::string target = std::string("usr/") + name;
    if (stat(target.c_str(), &there) == 0 && symlink(target.c_str(), name) != 0) return "symlink";
  }
  // ES modules do not read NODE_PATH but look into every parent folder's node_modules: the layers'
  // first, then what the runtime brings.
  const std::pair<const char*, const char*> links[] = {
      {"/opt/nodejs/node_modules", "var/node_modules"},
      {"/var/runtime/node_modules", "node_modules"},
      {"/proc/self/fd", "dev/fd"},
      {"/proc/self/fd/0", "dev/stdin"},
      {"/proc/self/fd/1", "dev/stdout"},
      {"/proc/self/fd/2", "dev/stderr"}};
  for (const auto& [target, name] : links)
    if (symlink(target, name) != 0) return "symlink";
  if (!write_file("etc/passwd",
                  "root:x:0:0:root:/root:/usr/sbin/nologin\n"
                  "sbx_user1051:x:993:990::/tmp:/usr/sbin/nologin\n"
                  "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n") ||
      !write_file("etc/group", "root:x:0:\nsbx_user1051:x:990:\nnogroup:x:65534:\n") ||
      !write_file("etc/hosts", "127.0.0.1\tlocalhost\n") ||
      !write_file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"))
    return "write etc";
  return nullptr;
}

const char* enter_root() {
  // Both on one path: the old root lies over the new one and is taken off (see pivot_root(2)).
  if (syscall(SYS_pivot_root, ".", ".") != 0) return "pivot_root";
  if (umount2(".", MNT_DETACH) != 0) return "detach the old root";
  if (chdir("/") != 0) return "chdir";
  mount_attr sealed{};
  sealed.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (mount_setattr(AT_FDCWD, "/", 0, &sealed, sizeof sealed) != 0) return "seal the root";
  return nullptr;
}

Fd listen_on(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!socket || bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(socket.get(), 128) != 0)
    return Fd();
  return socket;
}

}  // namespace

const char* build_files(const Inside& inside) {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "private mounts";
  auto pieces = pieces_of(inside.spec, inside.counted);
  if (const char* step = take_trees(pieces)) return step;
  if (const char* step = become_inside_user(inside.may_set_groups)) return step;
  umask(022);
  // Any folder that exists will do: only this namespace sees the mount.
  if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0)
    return "mount the root";
  if (chdir("/tmp") != 0) return "chdir";
  if (const char* step = attach_trees(pieces)) return step;
  if (const char* step = furnish()) return step;
  if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    return "mount proc";
  // The keys of whoever has this uid outside: what they are called is no function's business.
  for (const char* keys : {"proc/keys", "proc/key-users"})
    if (mount("dev/null", keys, nullptr, MS_BIND, nullptr) != 0 && errno != ENOENT)
      return "hide the keys";
  // An empty file costs kernel memory, too: one for each 16 KiB, as file systems have it.
  std::string size = "mode=1777,size=" + std::to_string(inside.spec.tmp_bytes) +
                     ",nr_inodes=" + std::to_string(inside.spec.tmp_bytes / 16384 + 16);
  if (mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, size.c_str()) != 0) return "mount tmp";
  return enter_root();
}

const char* build_network(Fd& runtime_api, Fd& endpoint) {
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!socket || ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return "lo up";
  runtime_api = listen_on(kRuntimeApiPort);
  endpoint = listen_on(kEndpointPort);
  return runtime_api && endpoint ? nullptr : "listen";
}

}  // namespace tidegate::lambda::launch
