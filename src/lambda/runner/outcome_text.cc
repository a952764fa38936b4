#include "lambda/runner/outcome_text.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <map>

#include "base/bytes.h"
#include "document/value.h"

namespace tidegate::lambda {
namespace {

// As Go names them on Linux, because AWS's supervisor does.
std::string signal_name(int number) {
  switch (number) {
    case SIGHUP:
      return "hangup";
    case SIGINT:
      return "interrupt";
    case SIGQUIT:
      return "quit";
    case SIGILL:
      return "illegal instruction";
    case SIGTRAP:
      return "trace/breakpoint trap";
    case SIGABRT:
      return "aborted";
    case SIGBUS:
      return "bus error";
    case SIGFPE:
      return "floating point exception";
    case SIGKILL:
      return "killed";
    case SIGUSR1:
      return "user defined signal 1";
    case SIGUSR2:
      return "user defined signal 2";
    case SIGSEGV:
      return "segmentation fault";
    case SIGPIPE:
      return "broken pipe";
    case SIGALRM:
      return "alarm clock";
    case SIGTERM:
      return "terminated";
    default:
      return fmt::format("signal {}", number);
  }
}

}  // namespace

std::string error_document(std::string_view type, std::string_view message) {
  std::string out = "{\"errorType\":";
  document::append_json_string(out, type);
  out += ",\"errorMessage\":";
  document::append_json_string(out, message);
  out += '}';
  return out;
}

std::string timed_out_text(int timeout_s) {
  return fmt::format("Task timed out after {}.00 seconds", timeout_s);
}

std::string request_error_document(std::string_view type, std::string_view request_id,
                                   std::string_view message) {
  return error_document(type, fmt::format("RequestId: {} Error: {}", request_id, message));
}

std::string timed_out_document(std::string_view request_id, int timeout_s) {
  return request_error_document(kTimedOut, request_id, timed_out_text(timeout_s));
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) return "signal: " + signal_name(WTERMSIG(status));
  int code = WEXITSTATUS(status);
  return code == 0 ? "" : fmt::format("exit status {}", code);
}

std::string exit_text(int status) {
  std::string why = describe_status(status);
  return why.empty() ? "Runtime exited without providing a reason"
                     : "Runtime exited with error: " + why;
}

std::string too_large_document() {
  return fmt::format(
      "{{\"errorMessage\":\"Response payload size exceeded maximum allowed payload size ({} "
      "bytes).\",\"errorType\":\"Function.ResponseSizeTooLarge\"}}",
      kMaxFunctionResponse);
}

std::string kept_error_type(std::string_view header, std::string_view fallback) {
  for (std::string_view front : {"Runtime.", "Function."}) {
    if (header.substr(0, front.size()) != front) continue;
    std::string_view rest = header.substr(front.size());
    auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    bool good = rest.size() >= 2 && rest[0] >= 'A' && rest[0] <= 'Z' &&
                std::all_of(rest.begin(), rest.end(), letter);
    if (good) return std::string(header);
    if (front == "Function.") return "Function.Unknown";
  }
  return std::string(fallback);
}

std::string error_without_cause(std::string_view text) {
  if (text.size() > 1024 * 1024) return "\"Invalid error body\"";  // not worth parsing
  auto parsed = document::parse_json(text);
  if (!parsed.ok() || parsed->object() == nullptr) return "\"Invalid error body\"";
  document::Object kept;
  for (const char* name : {"errorMessage", "errorType", "stackTrace"})
    if (const document::Value* member = parsed->find(name)) kept.set(name, *member);
  return document::to_json(document::Value(std::move(kept)));
}

std::string error_type_of(std::string_view text) {
  if (text.size() > 64 * 1024) return "";  // for logs only, not worth parsing
  auto parsed = document::parse_json(text);
  if (!parsed.ok()) return "";
  const document::Value* type = parsed->find("errorType");
  return type != nullptr && type->string() != nullptr ? *type->string() : "";
}

bool reaches_level(std::string_view line, std::string_view least) {
  if (line.substr(0, 1) != "{") return true;
  auto rank = [](std::string_view name) {
    static const std::map<std::string_view, int> kRanks = {
        {"trace", 0},   {"debug", 1}, {"info", 2},  {"warn", 3},
        {"warning", 3}, {"error", 4}, {"fatal", 5}, {"critical", 5}};
    std::string lower(name.substr(0, 16));
    for (char& c : lower) c = char(std::tolower(static_cast<unsigned char>(c)));
    auto found = kRanks.find(lower);
    return found == kRanks.end() ? 2 : found->second;
  };
  auto parsed = document::parse_json(line);
  if (!parsed.ok() || parsed->object() == nullptr) return true;
  const document::Value* level = parsed->find("level");
  if (level == nullptr) level = parsed->find("log_level");  // what Python's runtime says of errors
  const std::string* name = level != nullptr ? level->string() : nullptr;
  return rank(name != nullptr ? *name : "") >= rank(least);
}

namespace {

constexpr std::size_t kFrameHead = 16;
constexpr char kFrameMark = '\xa5';  // begins no character of UTF-8

// Whether `head` may be the beginning of a frame's head.
bool may_be_frame(std::string_view head) {
  if (head.substr(0, 3) != std::string_view("\xa5\x5a\0", 3).substr(0, head.size())) return false;
  return head.size() < 4 || (head[3] >= 0 && head[3] < 0x20 && (head[3] & 2) != 0);
}

// Those before a newline.
void drop_returns(std::string& text) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || text[i + 1] != '\n') text[kept++] = text[i];
  text.resize(kept);
}

}  // namespace

void LineCutter::add(std::string_view bytes) {
  while (!bytes.empty()) {
    if (frame_left_ > 0) {
      const std::size_t here = std::min(frame_left_, bytes.size());
      add_frame(bytes.substr(0, here));
      bytes.remove_prefix(here);
    } else if (!head_.empty()) {
      head_ += bytes.front();
      if (!may_be_frame(head_) || (head_.size() == kFrameHead && !begin_frame())) {
        // It was text; only its last byte can begin another.
        const bool again = head_.back() == kFrameMark;
        add_text(std::string_view(head_).substr(0, head_.size() - (again ? 1 : 0)));
        head_.assign(again ? 1 : 0, kFrameMark);
      }
      bytes.remove_prefix(1);
    } else {
      const std::size_t mark = std::min(bytes.find(kFrameMark), bytes.size());
      add_text(bytes.substr(0, mark));
      bytes.remove_prefix(mark);
      if (bytes.empty()) return;
      head_.assign(1, kFrameMark);
      bytes.remove_prefix(1);
    }
  }
}

bool LineCutter::begin_frame() {
  std::size_t length = 0;
  for (int i = 4; i < 8; ++i) length = length << 8 | static_cast<unsigned char>(head_[i]);
  if (length > 64 * kMaxLogLine) return false;  // bytes by chance
  head_.clear();
  if (!pending_.empty()) end_record(pending_);
  frame_left_ = length;
  return true;
}

void LineCutter::add_frame(std::string_view bytes) {
  frame_left_ -= bytes.size();
  frame_ += bytes;
  while (frame_.size() > kMaxLogLine) cut_line(frame_);
  if (frame_left_ == 0) end_record(frame_);
}

// Takes one line's worth off its beginning, between characters.
void LineCutter::cut_line(std::string& record) {
  std::size_t size = kMaxLogLine;
  while (size > kMaxLogLine - 3 && (static_cast<unsigned char>(record[size]) & 0xc0) == 0x80)
    --size;
  std::string piece = record.substr(0, size);
  end_record(piece);
  record.erase(0, size);
}

// One line of it, emptied.
void LineCutter::end_record(std::string& record) {
  drop_returns(record);
  if (!record.empty() && record.back() == '\n') record.pop_back();
  std::replace(record.begin(), record.end(), '\n', '\r');
  record += '\n';
  std::string line = std::exchange(record, {});
  sink_(line);
}

void LineCutter::add_text(std::string_view bytes) {
  const std::size_t whole = bytes.rfind('\n') + 1;  // npos + 1 is 0
  std::string lines = std::exchange(pending_, {});
  pending_ = bytes.substr(whole);
  if (whole > 0) {
    lines += bytes.substr(0, whole);
    drop_returns(lines);
    sink_(lines);
  } else {
    pending_.insert(0, lines);
  }
  while (pending_.size() >= kMaxLogLine) cut_line(pending_);
}

void LineCutter::flush() {
  if (!head_.empty()) add_text(std::exchange(head_, {}));
  if (!frame_.empty()) end_record(frame_);
  if (!pending_.empty()) end_record(pending_);
}

void LineCutter::restart() {
  flush();
  frame_left_ = 0;
}

std::string with_newlines(std::string_view lines) {
  std::string text(lines);
  std::replace(text.begin(), text.end(), '\r', '\n');
  return text;
}

void LogTail::add(std::string_view text) {
  if (text.size() > kLogTailBytes) text.remove_prefix(text.size() - kLogTailBytes);
  kept_ += text;
  if (kept_.size() > 2 * kLogTailBytes) kept_.erase(0, kept_.size() - kLogTailBytes);
}

std::string LogTail::take() {
  auto cut = [](std::string text) {
    if (text.size() <= kLogTailBytes) return text;
    text.erase(0, text.size() - kLogTailBytes);
    std::size_t begun = 0;  // a character that was cut through
    while (begun < 3 && (static_cast<unsigned char>(text[begun]) & 0xc0) == 0x80) ++begun;
    return text.substr(begun);
  };
  std::string text = cut(with_newlines(std::exchange(kept_, {})));
  if (valid_utf8(text)) return text;
  std::string literal;  // writing one puts U+FFFD for what is no character
  document::append_json_string(literal, text);
  auto repaired = document::parse_json(literal);
  return repaired.ok() ? cut(*repaired->string()) : "";
}

}  // namespace tidegate::lambda
