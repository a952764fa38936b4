#include "lambda/launcher/filter.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>

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
// Calls from here on came after Linux 6.1, which is Debian 12's. None of them was judged here, so
// on a later kernel they are not there either; whoever uses them does without.
constexpr unsigned kFirstUnknown = 450;
// Memory that belongs to no process. Nobody counts it without a control group.
constexpr const char* kUncounted[] = {"memfd_create", "shmget", "msgget", "semget"};

int forbid(scmp_filter_ctx context, const char* name) {
  int call = seccomp_syscall_resolve_name(name);
  if (call == __NR_SCMP_ERROR || call < 0) return 0;
  return seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), call, 0);
}

constexpr std::uint64_t kInt = 0xffffffff;  // what the kernel reads of an argument
constexpr unsigned kSocketKinds = 0xf;      // a socket's type without its flags

// What is asked of a socket that is not there makes the kernel load a module, for any user: only
// those protocols that are there already.
int restrict_protocols(scmp_filter_ctx context) {
  constexpr unsigned kLast = IPPROTO_UDP;
  int failed =
      seccomp_rule_add(context, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
                       SCMP_A0(SCMP_CMP_EQ, AF_NETLINK), SCMP_A2(SCMP_CMP_NE, NETLINK_ROUTE));
  for (unsigned family : {AF_INET, AF_INET6}) {
    for (unsigned kind : {SOCK_RDM, SOCK_DCCP})
      failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(ESOCKTNOSUPPORT), SCMP_SYS(socket), 2,
                                 SCMP_A0(SCMP_CMP_EQ, family),
                                 SCMP_A1(SCMP_CMP_MASKED_EQ, kSocketKinds, kind));
    for (unsigned protocol = 0; protocol <= kLast; ++protocol)
      if (protocol != 0 && protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
        failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
                                   SCMP_A0(SCMP_CMP_EQ, family), SCMP_A2(SCMP_CMP_EQ, protocol));
    failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
                               SCMP_A0(SCMP_CMP_EQ, family), SCMP_A2(SCMP_CMP_GT, kLast));
  }
  return failed;
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
  return failed | restrict_protocols(context);
}

// Nothing that a function can write is on a disk, so these have nothing to do; but they would have
// the host's disks write out what others wrote, as often as a function likes.
int skip_flushes(scmp_filter_ctx context) {
  int failed = 0;
  for (int call : {SCMP_SYS(sync), SCMP_SYS(syncfs), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
                   SCMP_SYS(sync_file_range)})
    failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(0), call, 0);
  return failed | seccomp_rule_add(context, SCMP_ACT_ERRNO(0), SCMP_SYS(msync), 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, MS_SYNC, MS_SYNC));
}

// The limit on core dumps stays what it is. Programs that want none ask for 0 and may believe they
// got it.
int pin_core_limit(scmp_filter_ctx context) {
  return seccomp_rule_add(context, SCMP_ACT_ERRNO(0), SCMP_SYS(setrlimit), 1,
                          SCMP_A0(SCMP_CMP_MASKED_EQ, kInt, RLIMIT_CORE)) |
         seccomp_rule_add(context, SCMP_ACT_ERRNO(0), SCMP_SYS(prlimit64), 2,
                          SCMP_A1(SCMP_CMP_MASKED_EQ, kInt, RLIMIT_CORE), SCMP_A2(SCMP_CMP_NE, 0));
}

// The administrator reserved those pages for something; no control group for memory counts them.
int refuse_huge_pages(scmp_filter_ctx context, bool counted) {
  constexpr unsigned kShared = 04000;  // SHM_HUGETLB
  int failed = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1,
                                SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_HUGETLB, MAP_HUGETLB));
  if (!counted) return failed;  // refused altogether
  failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(memfd_create), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, MFD_HUGETLB, MFD_HUGETLB));
  return failed | seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(shmget), 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, kShared, kShared));
}

// A lease holds up whoever opens the file otherwise, for as long as 45 seconds. An ordinary user's
// functions have the uid of the server, whose files layers and runtimes are.
int refuse_leases(scmp_filter_ctx context) {
  return seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fcntl), 1,
                          SCMP_A1(SCMP_CMP_MASKED_EQ, kInt, F_SETLEASE));
}

int refuse_uncounted(scmp_filter_ctx context) {
  int failed = 0;
  for (const char* name : kUncounted) failed |= forbid(context, name);
  constexpr unsigned kShared = MAP_SHARED | MAP_ANONYMOUS;
  return failed | seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1,
                                   SCMP_A3(SCMP_CMP_MASKED_EQ, kShared, kShared));
}

// In front of the program: the library knows calls by name only, and these have none yet.
void refuse_unknown(std::vector<sock_filter>& program) {
  const sock_filter check[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                               BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kFirstUnknown, 0, 1),
                               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)};
  program.insert(program.begin(), std::begin(check), std::end(check));
}

}  // namespace

std::vector<sock_filter> build_filter(bool counted, std::string& error) {
  std::vector<sock_filter> program;
  scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
  if (context == nullptr) return error = "seccomp_init failed", program;
  int failed = 0;
  for (const char* name : kForbidden) failed |= forbid(context, name);
  failed |= restrict_sockets(context);
  failed |= skip_flushes(context) | pin_core_limit(context);
  failed |= refuse_huge_pages(context, counted) | refuse_leases(context);
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
  if (!program.empty()) refuse_unknown(program);
  return program;
}

bool install_filter(const std::vector<sock_filter>& program) {
  sock_fprog wanted{static_cast<unsigned short>(program.size()),
                    const_cast<sock_filter*>(program.data())};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &wanted) == 0;
}

}  // namespace tidegate::lambda::launch
