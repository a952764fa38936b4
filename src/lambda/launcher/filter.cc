#include "lambda/launcher/filter.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace tidegate::lambda::launch {
namespace {

// By name, so that a call that this library does not know yet is skipped, not a build failure.
constexpr const char* kForbidden[] = {"mount",
                                      "umount",
                                      "umount2",
                                      "pivot_root",
                                      "setns",
                                      "unshare",
                                      "chroot",
                                      "ptrace",
                                      "process_vm_readv",
                                      "process_vm_writev",
                                      "process_madvise",
                                      "kcmp",
                                      "pidfd_getfd",
                                      "bpf",
                                      "perf_event_open",
                                      "keyctl",
                                      "add_key",
                                      "request_key",
                                      "io_uring_setup",
                                      "io_uring_enter",
                                      "io_uring_register",
                                      "userfaultfd",
                                      "open_by_handle_at",
                                      "name_to_handle_at",
                                      "kexec_load",
                                      "kexec_file_load",
                                      "init_module",
                                      "finit_module",
                                      "delete_module",
                                      "open_tree",
                                      "move_mount",
                                      "fsopen",
                                      "fsconfig",
                                      "fsmount",
                                      "fspick",
                                      "mount_setattr",
                                      "clock_settime",
                                      "clock_adjtime",
                                      "settimeofday",
                                      "adjtimex",
                                      "stime",
                                      "swapon",
                                      "swapoff",
                                      "reboot",
                                      "quotactl",
                                      "quotactl_fd",
                                      "acct",
                                      "syslog",
                                      "iopl",
                                      "ioperm",
                                      "lookup_dcookie",
                                      "vhangup",
                                      "nfsservctl",
                                      "vmsplice",
                                      "fanotify_init",
                                      "move_pages",
                                      "migrate_pages",
                                      "mbind",
                                      "set_mempolicy",
                                      "sethostname",
                                      "setdomainname",
                                      "modify_ldt",
                                      "uselib",
                                      "ustat",
                                      "sysfs",
                                      "create_module",
                                      "get_kernel_syms",
                                      "query_module",
                                      "pciconfig_read",
                                      "pciconfig_write",
                                      "pciconfig_iobase",
                                      "vm86",
                                      "vm86old",
                                      "memfd_secret",
                                      "process_mrelease",
                                      "set_mempolicy_home_node",
                                      "lsm_set_self_attr"};
// Memory that belongs to no process. Nobody counts it without a control group.
constexpr const char* kUncounted[] = {"memfd_create", "shmget", "msgget", "semget"};

int forbid(scmp_filter_ctx context, const char* name) {
  int call = seccomp_syscall_resolve_name(name);
  if (call == __NR_SCMP_ERROR || call < 0) return 0;
  return seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), call, 0);
}

// The argument is compared in 64 bits, the kernel reads 32: what is larger is refused as well.
int restrict_sockets(scmp_filter_ctx context) {
  constexpr unsigned kLast = 64;  // beyond every family there is
  int failed = 0;
  for (int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)}) {
    for (unsigned family = 0; family < kLast; ++family) {
      if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK)
        continue;
      failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                                 SCMP_A0(SCMP_CMP_EQ, family));
    }
    failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                               SCMP_A0(SCMP_CMP_GE, kLast));
  }
  return failed;
}

int refuse_uncounted(scmp_filter_ctx context) {
  int failed = 0;
  for (const char* name : kUncounted) failed |= forbid(context, name);
  constexpr unsigned kShared = MAP_SHARED | MAP_ANONYMOUS;
  return failed | seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1,
                                   SCMP_A3(SCMP_CMP_MASKED_EQ, kShared, kShared));
}

}  // namespace

std::vector<sock_filter> build_filter(bool counted, std::string& error) {
  std::vector<sock_filter> program;
  scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
  if (context == nullptr) return error = "seccomp_init failed", program;
  int failed = 0;
  for (const char* name : kForbidden) failed |= forbid(context, name);
  failed |= restrict_sockets(context);
  if (!counted) failed |= refuse_uncounted(context);
  failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
  failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  int file = memfd_create("seccomp", MFD_CLOEXEC);
  if (failed != 0 || file < 0 || seccomp_export_bpf(context, file) != 0) {
    error = "the seccomp filter cannot be built";
  } else {
    off_t size = lseek(file, 0, SEEK_END);
    program.resize(std::size_t(size) / sizeof(sock_filter));
    if (pread(file, program.data(), std::size_t(size), 0) != size) {
      error = "the seccomp filter cannot be read back";
      program.clear();
    }
  }
  if (file >= 0) close(file);
  seccomp_release(context);
  return program;
}

bool install_filter(const std::vector<sock_filter>& program) {
  sock_fprog wanted{static_cast<unsigned short>(program.size()),
                    const_cast<sock_filter*>(program.data())};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &wanted) == 0;
}

}  // namespace tidegate::lambda::launch
