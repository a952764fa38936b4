#include "lambda/runner/platform_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "document/value.h"
#include "lambda/names.h"
#include "lambda/runner/outcome_text.h"

namespace tidegate::lambda {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  document::append_json_string(out, text);
  return out;
}

// What a handler throws is its own affair; in text the platform reports what the platform names.
bool names_platform(std::string_view error_type) {
  return error_type.find('.') != std::string_view::npos;
}

std::string type_member(std::string_view error_type) {
  return error_type.empty() ? "" : ",\"errorType\":" + quoted(error_type);
}

double ms(std::uint64_t us) {
  return static_cast<double>(us) / 1000;
}
// Begun milliseconds; no event is for nothing.
std::uint64_t billed_ms(const Report& r) {
  return std::max<std::uint64_t>((r.duration_us + 999) / 1000, 1);
}

}  // namespace

std::string report_line(const Report& r) {
  std::string line = fmt::format(
      "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t"
      "Max Memory Used: {} MB\t",
      r.request_id, ms(r.duration_us), billed_ms(r), r.memory_mb, r.used_mb);
  if (r.cold) line += fmt::format("Init Duration: {:.2f} ms\t", ms(r.init_us));
  if (r.status == "timeout") {
    line += "Status: timeout";
  } else if (!r.status.empty() && names_platform(r.error_type)) {
    line += fmt::format("Status: error\tError Type: {}", r.error_type);
  }
  line += '\n';
  return line;
}

std::string PlatformLog::object(Level level, Instant now, std::string_view type,
                                std::string record) const {
  const std::string& wanted = image_.system_log_level;
  const Level least = wanted == "WARN"    ? Level::warn
                      : wanted == "DEBUG" ? Level::debug
                                          : Level::info;
  if (level < least) return "";
  return fmt::format("{{\"time\":\"{}\",\"type\":\"platform.{}\",\"record\":{{{}}}}}\n",
                     iso8601(now), type, record);
}

std::string PlatformLog::init_start(Instant now, std::string_view interpreter) const {
  if (!json())
    return fmt::format("INIT_START Runtime Version: {} ({} asked for)\tRuntime Version ARN: {}\n",
                       interpreter, image_.runtime,
                       runtime_version_arn(image_.scope.region, image_.runtime));
  return object(Level::info, now, "initStart",
                fmt::format("\"initializationType\":\"on-demand\",\"phase\":\"init\","
                            "\"runtimeVersion\":{},\"runtimeVersionArn\":{},\"functionName\":{},"
                            "\"functionVersion\":{}",
                            quoted(interpreter),
                            quoted(runtime_version_arn(image_.scope.region, image_.runtime)),
                            quoted(image_.name), quoted(image_.version)));
}

std::string PlatformLog::init_end(Instant now, std::string_view phase, std::uint64_t took_us,
                                  std::string_view status, std::string_view error_type) const {
  const bool good = status == "success";
  if (!json()) {
    if (good) return "";
    std::string line = fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: {}\tStatus: {}",
                                   ms(took_us), phase, status);
    if (!error_type.empty()) line += fmt::format("\tError Type: {}", error_type);
    return line + "\n";
  }
  const Level level = good ? Level::debug : Level::warn;
  const std::string front =
      fmt::format("\"initializationType\":\"on-demand\",\"phase\":{},\"status\":{}", quoted(phase),
                  quoted(status));
  const std::string type = type_member(error_type);
  return object(level, now, "initRuntimeDone", front + type) +
         object(
             level, now, "initReport",
             fmt::format("{},\"metrics\":{{\"durationMs\":{:.3f}}}{}", front, ms(took_us), type));
}

std::string PlatformLog::start(Instant now, std::string_view request_id) const {
  if (!json()) return fmt::format("START RequestId: {} Version: {}\n", request_id, image_.version);
  return object(
      Level::info, now, "start",
      fmt::format("\"requestId\":{},\"version\":{}", quoted(request_id), quoted(image_.version)));
}

// As the runtimes write theirs; nothing in AWS's schema of the service's own objects has words.
std::string PlatformLog::error_record(Instant now, std::string_view request_id,
                                      std::string_view message, std::string_view type) const {
  return fmt::format(
      "{{\"timestamp\":\"{}\",\"level\":\"ERROR\",\"requestId\":{},\"message\":{},"
      "\"errorType\":{}}}\n",
      iso8601(now), quoted(request_id), quoted(message), quoted(type));
}

std::string PlatformLog::ended(Instant now, std::string_view request_id, std::string_view message,
                               std::string_view type) const {
  if (json()) return error_record(now, request_id, message, type);
  return fmt::format("RequestId: {} Error: {}\n{}\n", request_id, message, type);
}

std::string PlatformLog::timed_out(Instant now, std::string_view request_id) const {
  const std::string text = timed_out_text(image_.timeout_s);
  if (json()) return error_record(now, request_id, text, kTimedOut);
  return fmt::format("{} {} {}\n\n", iso8601(now), request_id, text);
}

std::string PlatformLog::not_executed(Instant now, std::string_view request_id,
                                      std::string_view why) const {
  return json() ? error_record(now, request_id, why, "Runtime.ExitError") : std::string(why) + "\n";
}

std::string PlatformLog::end(Instant now, const Report& r) const {
  if (!json()) return fmt::format("END RequestId: {}\n", r.request_id) + report_line(r);
  const bool good = r.status.empty();
  const std::string front = fmt::format("\"requestId\":{},\"status\":{}", quoted(r.request_id),
                                        quoted(good ? "success" : r.status));
  const std::string type = type_member(r.error_type);
  std::string metrics = fmt::format(
      "\"durationMs\":{:.3f},\"billedDurationMs\":{},\"memorySizeMB\":{},\"maxMemoryUsedMB\":{}",
      ms(r.duration_us), billed_ms(r), r.memory_mb, r.used_mb);
  if (r.cold) metrics += fmt::format(",\"initDurationMs\":{:.3f}", ms(r.init_us));
  return object(good ? Level::debug : Level::warn, now, "runtimeDone",
                fmt::format("{},\"metrics\":{{\"durationMs\":{:.3f},\"producedBytes\":{}}}{}",
                            front, ms(r.duration_us), r.produced_bytes, type)) +
         object(good ? Level::info : Level::warn, now, "report",
                fmt::format("{},\"metrics\":{{{}}}{}", front, metrics, type));
}

}  // namespace tidegate::lambda
