"""The function of test_escape.py that tells how it is confined, in terms that two sandboxes share."""

import ctypes
import os
import re
import resource

libc = ctypes.CDLL(None, use_errno=True)
# What differs between two processes, or counts what they did.
OWN = {"Name", "Pid", "Tgid", "Ngid", "PPid", "TracerPid", "NSpid", "NStgid", "NSpgid", "NSsid", "FDSize",
       "Threads", "SigQ", "SigCgt", "Cpus_allowed", "Cpus_allowed_list", "voluntary_ctxt_switches",
       "nonvoluntary_ctxt_switches", "HugetlbPages", "THP_enabled", "untag_mask"}


def text(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError as e:  # what this kernel does not have
        return str(e)


def status():
    rows = dict(line.split(":", 1) for line in text("/proc/self/status").splitlines())
    return {name: value.strip() for name, value in rows.items() if name not in OWN and name[:2] not in ("Vm", "Rs")}


def mounts():
    """Without ids, devices and owners, which are each sandbox's own, and without what is bound to /var/task."""
    found = []
    for line in text("/proc/self/mountinfo").splitlines():
        _, _, _, root, place, options, *rest = line.split()
        rest = re.sub(r",[ug]id=\d+", "", " ".join(rest[rest.index("-") + 1:]))
        found.append([place, "" if place == "/var/task" else root, options, rest])
    return sorted(found)


def landlock_layers():
    """How many more rulesets fit, found in a child: a process has at most sixteen. None without Landlock."""
    if libc.syscall(444, 0, 0, 1) < 1:
        return None
    reading, writing = os.pipe()
    if os.fork() == 0:
        more = 0
        while more < 20:
            ruleset = libc.syscall(444, ctypes.byref(ctypes.c_uint64(1)), 8, 0)
            if libc.syscall(446, ruleset, 0) != 0:
                break
            os.close(ruleset)
            more += 1
        os.write(writing, bytes([more]))
        os._exit(0)
    os.wait()
    return os.read(reading, 1)[0]


def handler(event, context):
    limits = [n for n in dir(resource) if n.startswith("RLIMIT_")]
    signal = ctypes.c_int()
    return {
        "forked": "zygote" in text("/proc/self/cmdline"),
        "namespaces": {n: os.readlink("/proc/self/ns/" + n) for n in os.listdir("/proc/self/ns")},
        "uid_map": [text(f"/proc/self/{n}").split() for n in ("uid_map", "gid_map")],
        "same": {
            "status": status(), "mounts": mounts(), "landlock": landlock_layers(),
            "setgroups": text("/proc/self/setgroups"),
            "limits": {n: resource.getrlimit(getattr(resource, n)) for n in limits},
            "securebits": libc.prctl(27, 0, 0, 0, 0), "dumpable": libc.prctl(3, 0, 0, 0, 0),
            "death_signal": [libc.prctl(2, ctypes.byref(signal), 0, 0, 0), signal.value],
            "personality": libc.personality(0xffffffff), "priority": os.getpriority(os.PRIO_PROCESS, 0),
            "policy": os.sched_getscheduler(0), "umask": [os.umask(0o22), os.umask(0o22)],
            "oom_score_adj": text("/proc/self/oom_score_adj"), "loginuid": text("/proc/self/loginuid"),
            "cgroup": re.sub(r"tidegate-\d+-\d+", "tidegate", text("/proc/self/cgroup")),
            "descriptors": sorted(re.sub(r"\d+", "", os.readlink(f"/proc/self/fd/{n}")) for n in "012"),
            "session": os.getsid(0) == os.getpid() == os.getpgrp(),
            "apparmor": text("/proc/self/attr/current"),
            "keys": [line.split()[-2] for line in text("/proc/keys").splitlines()]}}
