#include "lambda/launcher/filter.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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
                                      "setdomainname"};

}  // namespace

std::vector<sock_filter> build_filter(std::string& error) {
  std::vector<sock_filter> program;
  scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
  if (context == nullptr) return error = "seccomp_init failed", program;
  int failed = 0;
  for (const char* name : kForbidden) {
    int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR || call < 0) continue;
    failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), call, 0);
  }
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
