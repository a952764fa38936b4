// The texts around an invocation: error documents that the service itself writes, and what cuts a
// function's output into lines; the lines of the service itself are in platform_log.h. Pure.
// Source: contract on Lambda, sections 13 and 14.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tidegate::lambda {

// {"errorType":…,"errorMessage":…}
std::string error_document(std::string_view type, std::string_view message);
// The same about one event: "RequestId: <id> Error: <message>".
std::string request_error_document(std::string_view type, std::string_view request_id,
                                   std::string_view message);
inline constexpr const char* kTimedOut = "Sandbox.Timedout";
std::string timed_out_text(int timeout_s);  // "Task timed out after 3.00 seconds"
std::string timed_out_document(std::string_view request_id, int timeout_s);
// What became of a process, from its wait() status: "" for a clean exit, else "exit status 3" or
// "signal: killed".
std::string describe_status(int wait_status);
// "Runtime exited with error: exit status 3"
std::string exit_text(int wait_status);
// The caller's answer when a response is larger than kMaxFunctionResponse.
std::string too_large_document();
// The value of an Error-Type header when it has the form that AWS keeps, else `fallback`.
std::string kept_error_type(std::string_view header, std::string_view fallback);
// An error document without its errorCause, and all else that is not the caller's.
std::string error_without_cause(std::string_view document);
// The errorType member of an error document, "" when there is none to read.
std::string error_type_of(std::string_view document);

// 6 MiB + 100.
inline constexpr std::size_t kMaxFunctionResponse = 6'291'556;
inline constexpr std::size_t kLogTailBytes = 4096;
inline constexpr std::size_t kMaxLogLine = 256 * 1024 - 1;  // and its break

// Whether a line of a function's is to be kept at this ApplicationLogLevel: a JSON object with a
// "level" below it is not, one without is INFO; what is no object is text, which has no level.
bool reaches_level(std::string_view line, std::string_view least);

// Cuts a stream of bytes into records: hands on whole lines only (several at once, newline
// included), and a line that does not end is cut at kMaxLogLine. A break inside a record is a
// carriage return: one that the runtime wrote, or the newlines of a frame. Frames are what AWS's
// runtime clients write where _LAMBDA_TELEMETRY_LOG_FD names a descriptor, which here leads into
// the same pipe as what is printed: type (0xa55a0002 or …3 with a level), length, microseconds, all
// big endian, then the record.
class LineCutter {
 public:
  using Sink = std::function<void(std::string_view lines)>;
  explicit LineCutter(Sink sink) : sink_(std::move(sink)) {}
  void add(std::string_view bytes);
  void flush();    // what is left becomes a line
  void restart();  // likewise, and nothing more comes of a frame that has begun

 private:
  void add_text(std::string_view bytes);
  void add_frame(std::string_view bytes);
  bool begin_frame();
  void end_record(std::string& record);
  void cut_line(std::string& record);

  Sink sink_;
  std::string pending_, head_, frame_;
  std::size_t frame_left_ = 0;  // bytes of a frame's record to come
};

// A log's text with the breaks inside records as newlines.
std::string with_newlines(std::string_view lines);

// The last kLogTailBytes of what was added, as UTF-8.
class LogTail {
 public:
  void add(std::string_view text);
  void clear() { kept_.clear(); }
  std::string take();

 private:
  std::string kept_;
};

}  // namespace tidegate::lambda
