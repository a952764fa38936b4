"""More of test_escape.py's probes, under probes.py's rules: what the first ones left untried. What is refused may be
refused in several ways; what counts is that nothing of another's was reached, changed or used up."""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
import stat
import struct
import threading
import time

from probes import MB, attempt, connects, libc, readable, syscall, writable

PIDFD_OPEN, PIDFD_SEND_SIGNAL, PRLIMIT, SCHED_SETATTR, IOPRIO_SET = 434, 424, 302, 314, 251


def refused(number, *arguments):
    """Whether a system call was refused as a matter of principle, whatever its arguments."""
    ctypes.set_errno(0)
    return libc.syscall(number, *arguments) < 0 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)


def in_a_child(action):
    """What `action` says in a process of its own, "" when that one ended otherwise."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = attempt(action, Exception)
        os.write(writing, str(said or "").encode())
        os._exit(0)
    os.close(writing)
    said = os.read(reading, 4096).decode()
    os.close(reading)
    os.waitpid(pid, 0)
    return said


def answers_from_the_endpoint():
    with socket.socket() as s:
        s.settimeout(3)
        return attempt(lambda: s.connect(("127.0.0.1", 4566)) or s.send(b"GET / HTTP/1.1\r\n\r\n") and s.recv(64))


# --- the first process and the others -------------------------------------------------------------

def all_that_proc_tells_of_the_first_process(e):
    secret = ("auxv", "io", "smaps", "smaps_rollup", "numa_maps", "pagemap", "personality", "syscall", "stack", "cwd",
              "exe", "fdinfo", "map_files", "timers", "patch_state", "clear_refs", "ns/mnt",
              "ns/user", "task/1/mem", "task/1/environ", "task/1/fd", "task/1/root")
    links = [n for n in ("exe", "cwd", "root", "ns/net") if attempt(lambda n=n: os.readlink(f"/proc/1/{n}"))]
    return readable(*(f"/proc/1/{n}" for n in secret)) + links


def change_the_first_process(e):
    return writable(*(f"/proc/1/{n}" for n in (
        "oom_score_adj", "oom_adj", "coredump_filter", "comm", "clear_refs", "timerslack_ns", "mem", "uid_map",
        "setgroups", "sched", "autogroup", "attr/current", "attr/exec", "loginuid", "projid_map", "task/1/comm")))


def signals_by_descriptor(e):
    fd = libc.syscall(PIDFD_OPEN, 1, 0)
    sent = [n for n in (9, 19, 15, 11) if fd >= 0 and libc.syscall(PIDFD_SEND_SIGNAL, fd, n, 0, 0) == 0]
    time.sleep(0.02)
    return not os.path.exists("/proc/1") and sent


def harm_the_first_process(e):
    """It has the function's user: its limits, processors and priority are within reach, of this sandbox only."""
    lower = struct.pack("QQ", 1, 1)
    for what in (7, 1, 6, 8, 12, 3):
        libc.syscall(PRLIMIT, 1, what, lower, 0)
    attempt(lambda: os.sched_setaffinity(1, {0}))
    attempt(lambda: os.setpriority(os.PRIO_PROCESS, 1, 19))
    libc.syscall(IOPRIO_SET, 1, 1, 3 << 13)
    os._exit(1)


def flood_the_first_process_with_signals(e):
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        for number in (signal.SIGCHLD, signal.SIGRTMIN, signal.SIGUSR1, signal.SIGHUP):
            attempt(lambda n=number: os.kill(1, n))
    return not os.path.exists("/proc/1")


def the_users_other_processes(e):
    """An ordinary user's functions have the server's uid. The test looks at the server's priorities afterwards."""
    attempt(lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19))
    libc.syscall(IOPRIO_SET, 3, os.getuid(), 3 << 13)
    attempt(lambda: os.setpriority(os.PRIO_PGRP, 0, 5))


def real_time(e):
    deadline = struct.pack("IIQiIQQQ", 48, 6, 0, 0, 0, 1000000, 9000000, 10000000)
    return syscall(SCHED_SETATTR, 0, deadline, 0) or attempt(
        lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)) or "round robin") or syscall(
        IOPRIO_SET, 1, 0, 1 << 13)


def safe_from_the_oom_killer(e):
    """Functions end before anything else when the machine runs short: that is not theirs to change."""
    def lower():
        for value in (-1000, 0, 899):
            attempt(lambda v=value: open("/proc/self/oom_score_adj", "w").write(str(v)))
            attempt(lambda v=value: open("/proc/self/oom_adj", "w").write(str(min(v, 14))))
        return open("/proc/self/oom_score_adj").read().strip()
    return e["may_protect"] and int(in_a_child(lower) or 0) < 900


def adopt_orphans(e):
    """Whoever adopts its grandchildren does not keep them from ending with it: test_nothing_is_left_behind looks."""
    libc.prctl(36, 1, 0, 0, 0)
    for _ in range(10):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in range(1, 32):
                    attempt(lambda n=number: signal.signal(n, signal.SIG_IGN), ValueError)
                time.sleep(3600)
            os._exit(0)
    os._exit(1)


def be_traced(e):
    """Yama's exceptions open nothing: tracing is refused to all."""
    libc.prctl(0x59616d61, -1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.ptrace(0, 0, 0, 0) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def memory_of_others(e):
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    local = ctypes.create_string_buffer(16)
    vector = struct.pack("QQ", ctypes.addressof(local), 16)
    found = [n for n in (310, 311, 440, 312) if not refused(n, child, vector, 1, vector, 1, 0)]
    os.kill(child, 9)
    os.waitpid(child, 0)
    return found


# --- privileges that come back --------------------------------------------------------------------

def confined_after_exec(e):
    """A program from memory is confined as any other."""
    fd = attempt(lambda: os.memfd_create("x"))
    if fd is None:
        return None
    with open("/usr/bin/cat", "rb") as program:
        os.write(fd, program.read())
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writing, 1)
        os.execve(f"/proc/self/fd/{fd}", ["cat", "/proc/self/status"], {})
    os.close(writing)
    os.waitpid(pid, 0)
    text = os.read(reading, 65536).decode()
    return not all(w in text for w in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000")) and text


def capabilities_of_files(e):
    """A file of one's own with capabilities, a set-user-id copy of a shell, a script for another uid."""
    with open("/usr/bin/true", "rb") as source, open("/tmp/capable", "wb") as copy:
        copy.write(source.read())
    value = struct.pack("<IIIII", 0x02000001, 0xffffffff, 0, 0xffffffff, 0)
    found = attempt(lambda: os.setxattr("/tmp/capable", "security.capability", value) or "file capability")
    return found or attempt(lambda: os.chown("/tmp/capable", 0, 0) or "chown") or attempt(
        lambda: os.setgroups([0]) or "setgroups")


def capabilities_by_call(e):
    header, data = struct.pack("II", 0x20080522, 0), struct.pack("IIIIII", *[0xffffffff, 0xffffffff, 0] * 2)
    return syscall(126, header, data) or syscall(157, 23, 0, 0, 0, 0) and libc.prctl(24, 0, 0, 0, 0) == 0 or [
        n for n in (0, 1, 21) if libc.prctl(47, 2, n, 0, 0) == 0]


def filters_that_tell(e):
    """A filter of one's own can decide for others' calls; it can be added, not taken away."""
    notify = libc.syscall(317, 1, 8, ctypes.create_string_buffer(16))  # SECCOMP_FILTER_FLAG_NEW_LISTENER of nothing
    return notify >= 0 or libc.prctl(22, 0, 0, 0, 0) == 0


# --- mounts, by every way there is ----------------------------------------------------------------

def mount_api(e):
    """fsopen fsconfig fsmount fspick open_tree move_mount mount_setattr, and what later kernels added."""
    return [n for n in (430, 431, 432, 433, 428, 429, 442, 155, 161, 166, 467, 457, 458)
            if not refused(n, 0, b"/", b"/tmp", 0, 0)]


def calls_of_later_kernels(e):
    """What the filter's author did not know is not there: numbers beyond Debian 12's kernel."""
    return [n for n in (*range(450, 480), 500, 511, 600, 1000) if not refused(n, 0, 0, 0, 0, 0, 0)]


def change_read_only_files(e):
    """Of an ordinary user the package's files are its own; the mount is what keeps them."""
    found = []
    for path in ("/var/task/index.py", "/var/task/probes.py", "/var/runtime/bootstrap.py"):
        for action in (lambda p: os.utime(p), lambda p: os.chmod(p, 0o777), lambda p: os.truncate(p, 0), os.unlink,
                       lambda p: os.rename(p, p + "x"), lambda p: os.link(p, p + "y"),
                       lambda p: os.link(p, "/tmp/linked"), lambda p: os.setxattr(p, "user.x", b"y"),
                       lambda p: os.symlink("/", p + "z")):
            attempt(lambda: action(path) or found.append(path))
        with open(path) as file:
            for request in (0x40086602, 0x40046602, 0x6685, 0x40049409):  # flags, verity, clone
                attempt(lambda: fcntl.ioctl(file, request, bytes(128)) and found.append((path, request)))
    return found


def leases_and_locks(e):
    """A lease on a package's file would hold up whoever opens it for writing."""
    with open("/var/task/index.py") as file:
        return [kind for kind in (fcntl.F_RDLCK, fcntl.F_WRLCK) if attempt(
            lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, kind) is not None)]


def file_systems_controls(e):
    found = []
    for path in ("/usr", "/var/task", "/tmp", "/"):
        fd = os.open(path, os.O_RDONLY)
        for name, request in (("freeze", 0xc0045877), ("trim", 0xc0185879), ("encryption", 0xc0506617)):
            attempt(lambda: fcntl.ioctl(fd, request, bytes(128)) is not None and found.append((path, name)))
        os.close(fd)
    return [f for f in found if f != ("/tmp", "trim")]


def nodes_in_tmp(e):
    found = []
    for kind, device in ((stat.S_IFBLK, os.makedev(8, 0)), (stat.S_IFCHR, os.makedev(1, 1)),
                         (stat.S_IFCHR, os.makedev(5, 0)), (stat.S_IFCHR, os.makedev(10, 229))):
        attempt(lambda: os.mknod("/tmp/node", kind | 0o666, device) or found.append(device))
    return found


def links_out_of_tmp(e):
    """A link or a bind of the host's is not followed to anywhere else than its own root."""
    os.makedirs("/tmp/way", exist_ok=True)
    targets = ("/proc/1/root", "/proc/1/cwd", "/proc/self/root/../..", "/../../../" + e["data"], "/proc/1/task/1/root",
               f"/proc/{os.getppid()}/root/root")
    for number, target in enumerate(targets):
        attempt(lambda: os.symlink(target, f"/tmp/way/{number}"))
    return [t for n, t in enumerate(targets) if set(attempt(lambda: os.listdir(f"/tmp/way/{n}")) or ()) & {
        "boot", "root", "home", "sys", "data"}]


# --- /proc and /sys -------------------------------------------------------------------------------

def everything_in_proc_that_can_be_written(e):
    """Of the whole tree only what is a process's own."""
    found = []
    for folder, folders, files in os.walk("/proc"):
        if folder == "/proc":
            folders[:] = [f for f in folders if not f.isdigit() and f not in ("self", "thread-self")]
        for name in files:
            path = os.path.join(folder, name)
            if stat.S_ISCHR(os.lstat(path).st_mode):  # /dev/null lies over it
                continue
            fd = attempt(lambda: os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            if fd is not None and attempt(lambda: os.write(fd, b"1") or True):
                found.append(path)
            attempt(lambda: os.close(fd), TypeError)
    return found


def proc_of_the_machine(e):
    return readable("/proc/sched_debug", "/proc/latency_stats", "/proc/acpi/event", "/proc/asound",
                    "/proc/kpagecgroup", "/proc/pagetypeinfo", "/proc/mtrr",
                    "/proc/fs/nfsd", "/proc/sys/fs/binfmt_misc/register",
                    "/sys/kernel", "/sys/fs/cgroup", "/sys/devices", "/sys/firmware", "/sys/class/net")


def addresses_of_the_kernel(e):
    with open("/proc/kallsyms") as symbols:
        return [line for line, _ in zip(symbols, range(50)) if int(line.split()[0], 16)]


def keys_of_the_user(e):
    """Whose keys these are has nothing to do with functions."""
    return [line for path in readable("/proc/keys", "/proc/key-users") for line in open(path)]


# --- the network ----------------------------------------------------------------------------------

def host_ports_by_other_names(e):
    """Its own loopback is all there is, however it is called."""
    names = ["0.0.0.0", "127.1.2.3", "127.255.255.254"] + e["addresses"]
    mapped = ["::", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "::127.0.0.1"] + [f"::ffff:{a}" for a in e["addresses"]]
    found = [connects(socket.AF_INET, (n, p)) for n in names for p in e["ports"]]
    return [f for f in found + [connects(socket.AF_INET6, (n, p)) for n in mapped for p in e["ports"]] if f]


def multicast_and_broadcast(e):
    found = []
    for address in ("224.0.0.1", "255.255.255.255", "239.255.255.250"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            attempt(lambda: s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1))
            attempt(lambda: s.sendto(b"x", (address, 1900)) and found.append(address))
    return found


def configure_the_network(e):
    """By netlink: an address, a route, another interface; by ioctl: the state and the name of lo."""
    found = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.settimeout(1)
        for kind, body in ((16, struct.pack("BxHiII", 0, 0, 0, 0, 0) + struct.pack("HH", 8, 3) + b"dm0\0"),
                           (20, struct.pack("BBBBi", 2, 8, 0, 0, 1) + struct.pack("HH4s", 8, 2, bytes([10, 9, 8, 7]))),
                           (24, struct.pack("BBBBBBBBI", 2, 0, 0, 0, 254, 3, 0, 1, 0))):
            s.send(struct.pack("IHHII", 16 + len(body), kind, 0x605, 1, 0) + body)
            answer = s.recv(4096)
            if struct.unpack_from("i", answer, 16)[0] == 0:
                found.append(kind)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for request, value in ((0x8914, 0), (0x8916, 2), (0x8922, 9000), (0x8923, 1)):
            attempt(lambda: fcntl.ioctl(s, request, struct.pack("16sh22x", b"lo", value)) and found.append(request))
    return found


def options_of_sockets(e):
    """Those for administrators: forced buffers, a mark, a foreign address, raw headers, a program of packets."""
    found = []
    with socket.socket() as s:
        for level, name, value in ((1, 33, 1 << 30), (1, 32, 1 << 30), (1, 36, 7), (0, 19, 1), (0, 35, 1),
                                   (41, 75, 1), (6, 31, b"espintcp"), (0, 64, bytes(84))):
            attempt(lambda: s.setsockopt(level, name, value) is None and found.append((level, name)))
    return found


def ports_of_the_sandbox(e):
    """The two listeners of the server's cannot be taken over, not even by sharing their ports."""
    found = []
    for address in (("127.0.0.1", 9001), ("127.0.0.1", 4566)):
        with socket.socket() as s:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                attempt(lambda: s.setsockopt(socket.SOL_SOCKET, option, 1))
            attempt(lambda: s.bind(address) or s.listen() or found.append(address))
    return found


def datagrams_by_unix_sockets(e):
    """To names outside: abstract ones are the network namespace's, files are not there."""
    found = []
    for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        for name in ("\0" + e["abstract"], "/dev/log", "/run/systemd/journal/socket", "/run/systemd/notify"):
            found.append(connects(socket.AF_UNIX, name, kind))
    return [f for f in found if f]


# --- taking what is everybody's -------------------------------------------------------------------

def huge_pages(e):
    """An administrator reserves them for something; they count as nobody's memory."""
    found = []
    for flags in (0x40000, 0x40000 | 21 << 26, 0x40000 | 30 << 26):
        for shared in (1, 2):
            libc.mmap.restype = ctypes.c_void_p
            ctypes.set_errno(0)
            area = libc.mmap(None, 2 * MB, 3, flags | shared | 0x20, -1, 0)
            if area != ctypes.c_void_p(-1).value or ctypes.get_errno() != errno.EPERM:
                found.append(("mmap", hex(flags), shared, ctypes.get_errno()))
    if not refused(319, b"huge", 4):
        found.append("memfd")
    if not refused(29, 7, 2 * MB, 0o4000 | 0o1000 | 0o600):
        found.append("shm")
    return found


def leftovers_of_system_v(e):
    """Nothing of another's is there, and what this one leaves is not there for the next: the test calls it twice."""
    found = []
    for name in ("shm", "sem", "msg"):
        with open(f"/proc/sysvipc/{name}") as table:
            found += list(table)[1:] if not globals().get("left") else []
    globals()["left"] = True
    libc.shmget(77, 4096, 0o1600)
    libc.semget(77, 1, 0o1600)
    libc.msgget(77, 0o1600)
    return found


def message_queues(e):
    return [n for n in (b"a", b"b") if libc.syscall(240, n, os.O_CREAT | os.O_RDWR, 0o600, 0) >= 0]


def watched_descriptors(e):
    """epoll's registrations are counted for each user. Where that is the server's, too, it takes no connections while
    they are all taken (docs/guide/functions.md), and does again right afterwards."""
    def one():
        many = [libc.epoll_create1(0) for _ in range(450)]
        targets = [os.eventfd(0) for _ in range(450)]
        event = struct.pack("=IQ", 1, 0)
        return sum(libc.epoll_ctl(ep, 1, t, event) == 0 for ep in many for t in targets)
    readers = []
    for _ in range(34):
        reading, writing = os.pipe()
        pid = attempt(os.fork)
        if pid == 0:
            os.write(writing, str(attempt(one)).encode())
            time.sleep(3)
            os._exit(0)
        os.close(writing)
        readers.append((pid, reading))
    for pid, reading in readers:
        os.read(reading, 64)
    silent = "" if answers_from_the_endpoint() else "the server answers no more"
    for pid, reading in readers:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(reading)
    return e["own_users"] and silent


def pipes_of_the_user(e):
    """The pages in pipes are counted for each user; the launcher needs a pipe for every sandbox."""
    held = globals().setdefault("kept_pipes", [])
    for _ in range(400):
        pair = attempt(os.pipe)
        if pair is None:
            break
        held.append(pair)
        attempt(lambda: fcntl.fcntl(pair[1], 1031, MB))
    return len(held) > 500


def timers(e):
    made = 0
    for _ in range(100_000):
        timer = ctypes.c_int()
        if libc.syscall(222, 1, 0, ctypes.byref(timer)) != 0:
            break
        made += 1
    return made > 10_000 and made


def zombies_without_end(e):
    made = 0
    while made < 3000:
        pid = attempt(os.fork)
        if pid is None:
            break
        if pid == 0:
            os._exit(0)
        made += 1
    for _ in range(made):
        os.waitpid(-1, 0)
    return made >= 300 and made


def deep_folders(e):
    """No path is too long to be gone with the sandbox."""
    os.chdir("/tmp")
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    os.chdir("/var/task")


def long_names_and_attributes(e):
    made = 0
    with open("/tmp/attributes", "w"):
        pass
    while made < 100_000 and attempt(
            lambda: os.setxattr("/tmp/attributes", f"user.{made}", bytes(60_000)) is None):
        made += 1
    return made * 60_000 > 600 * MB and made


def locks_of_files(e):
    with open("/tmp/locked", "w+b") as file:
        for at in range(5000):
            fcntl.lockf(file, fcntl.LOCK_EX, 1, at * 2)


def the_logs_pipe(e):
    """Its other end can be opened here: lines may get lost that way, this function's own and no others."""
    fd = os.open("/proc/self/fd/1", os.O_RDONLY | os.O_NONBLOCK)
    attempt(lambda: fcntl.fcntl(1, 1031, MB))
    attempt(lambda: fcntl.fcntl(1, fcntl.F_SETFL, os.O_NONBLOCK))
    for _ in range(50):
        attempt(lambda: os.write(1, b"y" * 65536))
        attempt(lambda: os.read(fd, MB))
    fcntl.fcntl(1, fcntl.F_SETFL, 0)
    os.close(fd)


def frames_that_lie(e):
    """Lengths without what they promise, in the log."""
    for length in (0xffffffff, 0x7fffffff, 16 * MB, 0):
        attempt(lambda: os.write(4, struct.pack(">IIQ", 0xa55a0003, length, 0) + b"x"))
        attempt(lambda: os.write(1, struct.pack(">IIQ", 0xa55a0003, length, 0)))


def thousand_requests_in_one(e):
    """Pipelined calls and half heads on every connection that one may have."""
    held = []
    for _ in range(64):
        s = socket.socket()
        s.settimeout(0.5)
        attempt(lambda: s.connect(("127.0.0.1", 9001)) or s.sendall(
            b"GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n" * 200 + b"GET /2018-06-01/runtime/inv"))
        held.append(s)
    for s in held:
        s.close()


def waiters_without_end(e):
    """Every connection asks for the next event, from many threads; the one in work is told again."""
    def ask():
        with socket.create_connection(("127.0.0.1", 9001), timeout=1) as s:
            s.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n")
            return s.recv(64)
    threads = [threading.Thread(target=lambda: attempt(ask)) for _ in range(100)]
    started = [t for t in threads if attempt(lambda: t.start() is None)]
    for t in started:
        t.join()


def processor_of_one(e):
    """A function may be busy with all its processes; the test looks whether another one is answered."""
    children = []
    for _ in range(64):
        pid = attempt(os.fork)
        if pid == 0:
            end = time.monotonic() + 2
            while time.monotonic() < end:
                pass
            os._exit(0)
        children.append(pid)


def stacks_and_address_space(e):
    """Reserving is not using: what is only reserved may be large, what is used is not."""
    resource.setrlimit(resource.RLIMIT_STACK, (64 * MB, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    area = libc.mmap(None, 1 << 40, 0, 0x4022, -1, 0)
    libc.mmap.argtypes = None
    return area == ctypes.c_void_p(-1).value and "PROT_NONE is refused"


PROBES = [name for name, value in list(globals().items())
          if getattr(value, "__module__", "") == __name__ and value.__code__.co_varnames[:1] == ("e",)]
