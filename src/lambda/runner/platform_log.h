// What the service itself writes into a function's log: around the start of an environment and
// around every event. As lines of text, or, for a function with LogFormat JSON, as objects of the
// form {"time","type":"platform.…","record"}, of which its SystemLogLevel lets pass what matters
// enough (WARN: what went wrong; INFO: starts and reports too; DEBUG: all), and records of the form
// of the runtimes' own for what has words. Pure; every text ends with a newline or is empty. Times
// in milliseconds.
// Source: contract on Lambda, section 14; AWS's schema of telemetry events and its table of levels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "lambda/runner/runner.h"

namespace tidegate::lambda {

struct Report {
  std::string request_id;
  std::uint64_t duration_us = 0;
  int memory_mb = 0;
  std::uint64_t used_mb = 0;
  bool cold = false;
  std::uint64_t init_us = 0;
  std::uint64_t produced_bytes = 0;
  std::string status;      // "", "timeout", "error", or "failure" of the process itself
  std::string error_type;  // beside "error" and "failure"
};

// The line of text.
std::string report_line(const Report&);

class PlatformLog {
 public:
  // `image` outlives it.
  explicit PlatformLog(const FunctionImage& image) : image_(image) {}

  std::string init_start(Instant now, std::string_view interpreter) const;
  // `phase` is "init", or "invoke" inside an event's time; `status` "success", "error" or
  // "timeout".
  std::string init_end(Instant now, std::string_view phase, std::uint64_t took_us,
                       std::string_view status, std::string_view error_type) const;
  std::string start(Instant now, std::string_view request_id) const;
  // What the service says of an event whose process ended, or that took too long.
  std::string ended(Instant now, std::string_view request_id, std::string_view message,
                    std::string_view type) const;
  std::string timed_out(Instant now, std::string_view request_id) const;
  std::string not_executed(Instant now, std::string_view request_id, std::string_view why) const;
  std::string end(Instant now, const Report&) const;  // the end of the event and its report

 private:
  enum class Level { debug, info, warn };
  std::string object(Level, Instant now, std::string_view type, std::string record) const;
  std::string error_record(Instant now, std::string_view request_id, std::string_view message,
                           std::string_view type) const;
  bool json() const { return image_.log_format == "JSON"; }

  const FunctionImage& image_;
};

}  // namespace tidegate::lambda
