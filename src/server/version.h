// The version of the server, from CMake's project().
#pragma once

namespace tidegate::server {
inline constexpr const char* kVersion = TIDEGATE_VERSION;
}  // namespace tidegate::server
