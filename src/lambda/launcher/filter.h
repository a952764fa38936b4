// The system calls that a function may not make, as a compiled seccomp program: allowed by default,
// EPERM for what makes namespaces, mounts, kernel objects or looks into other processes, ENOSYS for
// clone3 (its flags cannot be inspected; the C library falls back to clone). Sockets are of the
// families that a program needs: others (vsock leads out of a virtual machine) are not namespaced
// or are a large part of the kernel. Where no control group counts it (`counted`), memory that no
// limit of a process bounds is refused, too. Source: contract on Lambda, section 17.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

namespace tidegate::lambda::launch {

// Empty on failure, with `error` set. Built once; install_filter() is called after fork.
std::vector<sock_filter> build_filter(bool counted, std::string& error);
// Needs no_new_privs. False with errno on failure.
bool install_filter(const std::vector<sock_filter>&);

}  // namespace tidegate::lambda::launch
