// AnswerReader: one HTTP/1.1 answer out of bytes as they come, over llhttp, strict and bounded. The
// head is at most kMaxAnswerHead, the body at most what the caller allows. One thread.
#pragma once

#include <llhttp.h>

#include <string>
#include <string_view>

#include "http/client.h"

namespace tidegate::net {

inline constexpr std::size_t kMaxAnswerHead = 64 * 1024;

class AnswerReader {
 public:
  explicit AnswerReader(std::size_t max_body);
  AnswerReader(const AnswerReader&) = delete;
  AnswerReader& operator=(const AnswerReader&) = delete;

  // Fault::unavailable for what is no HTTP, Fault::too_large.
  Status feed(std::string_view bytes);
  // The connection has ended: that may be the end of the answer, or come too early.
  Status end();
  bool complete() const { return complete_; }
  http::Answer take() { return {status_, std::move(body_)}; }

 private:
  static const llhttp_settings_t* settings();
  static AnswerReader& self(llhttp_t* p) { return *static_cast<AnswerReader*>(p->data); }
  Status broken() const;

  llhttp_t parser_;
  std::size_t max_body_, head_ = 0;
  int status_ = 0;
  bool head_done_ = false, complete_ = false, too_large_ = false;
  std::string body_;
};

}  // namespace tidegate::net
