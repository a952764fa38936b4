// Logging: structured lines on stderr through spdlog, any thread. Say what happened and the ids a
// person needs to follow it; never a secret, never a body.
//
//   LOG_INFO("deployment started app={} env={} number={}", app, env, number);
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace tidegate::log {

enum class Level { debug, info, warn, error };
void set_level(Level);
bool enabled(Level);
void write(Level, std::string_view line);  // control characters are escaped

template <class... Args>
void print(Level level, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tidegate::log

#define LOG_DEBUG(...) ::tidegate::log::print(::tidegate::log::Level::debug, __VA_ARGS__)
#define LOG_INFO(...) ::tidegate::log::print(::tidegate::log::Level::info, __VA_ARGS__)
#define LOG_WARN(...) ::tidegate::log::print(::tidegate::log::Level::warn, __VA_ARGS__)
#define LOG_ERROR(...) ::tidegate::log::print(::tidegate::log::Level::error, __VA_ARGS__)
