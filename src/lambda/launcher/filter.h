// The system calls that a function may not make, as a compiled seccomp program: allowed by default,
// EPERM for what makes namespaces, mounts, kernel objects or looks into other processes, ENOSYS for
// clone3 (its flags cannot be inspected; the C library falls back to clone).
// Source: contract on Lambda, section 17.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

namespace tidegate::lambda::launch {

// Empty on failure, with `error` set. Built once; install_filter() is called after fork.
std::vector<sock_filter> build_filter(std::string& error);
// Needs no_new_privs. False with errno on failure.
bool install_filter(const std::vector<sock_filter>&);

}  // namespace tidegate::lambda::launch
