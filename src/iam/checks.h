// What the operations on users, groups, roles and policies check alike. For src/iam alone. Pure.
// Faults: invalid_request, quota_exceeded (LimitExceeded), precondition_failed (DeleteConflict).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "iam/types.h"

namespace tidegate::iam {

Error constraint(const std::string& value, std::string_view member, std::string_view rule);
Status check_name(const std::string& name, std::string_view member);
Status check_path(const std::string& path);
Error over(std::string_view what, std::size_t most);
// Nothing hangs on it that must go first.
Status unburdened(const Permissions&);

}  // namespace tidegate::iam
