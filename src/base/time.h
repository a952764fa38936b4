// Instants and durations. Domain time is UTC milliseconds since the epoch; nothing outside base/
// and net/ reads a clock of the system: time comes from a Scheduler. All functions are pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::time_point<std::chrono::system_clock, Duration>;

constexpr Instant instant_from_ms(std::int64_t ms) {
  return Instant{Duration{ms}};
}
constexpr std::int64_t to_ms(Instant t) {
  return t.time_since_epoch().count();
}

std::string iso8601(Instant);                              // 2026-01-02T03:04:05.678Z
std::string iso8601_lambda(Instant);                       // 2026-01-02T03:04:05.678+0000
std::string http_date(Instant);                            // Fri, 02 Jan 2026 03:04:05 GMT
std::string sigv4_timestamp(Instant);                      // 20260102T030405Z
std::optional<Instant> parse_iso8601(std::string_view);    // with or without fraction, Z or offset
std::optional<Instant> parse_http_date(std::string_view);  // RFC 1123, RFC 850 and asctime forms
std::optional<Instant> parse_sigv4_timestamp(std::string_view);

}  // namespace tidegate
