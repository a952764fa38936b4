#include "net/answer_reader.h"

namespace tidegate::net {

const llhttp_settings_t* AnswerReader::settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_headers_complete = [](llhttp_t* p) {
      AnswerReader& me = self(p);
      me.status_ = p->status_code;
      // 100 and 103 announce the answer, they are none; nobody asked for another protocol.
      me.head_done_ = me.status_ >= 200;
      if (me.status_ == 101) return -1;
      me.too_large_ = p->content_length > me.max_body_ && (p->flags & F_CONTENT_LENGTH);
      return me.too_large_ ? -1 : 0;
    };
    s.on_body = [](llhttp_t* p, const char* at, std::size_t n) {
      AnswerReader& me = self(p);
      me.too_large_ = n > me.max_body_ - me.body_.size();
      if (me.too_large_) return -1;
      me.body_.append(at, n);
      return 0;
    };
    s.on_message_complete = [](llhttp_t* p) {
      AnswerReader& me = self(p);
      me.complete_ = me.head_done_;
      return me.complete_ ? static_cast<int>(HPE_PAUSED) : 0;
    };
    return s;
  }();
  return &kSettings;
}

AnswerReader::AnswerReader(std::size_t max_body) : max_body_(max_body) {
  llhttp_init(&parser_, HTTP_RESPONSE, settings());
  parser_.data = this;
}

Status AnswerReader::broken() const {
  if (too_large_)
    return Error{Fault::too_large, fmt::format("the answer has more than {} bytes", max_body_)};
  return Error{Fault::unavailable, "the answer is not HTTP/1.1"};
}

Status AnswerReader::feed(std::string_view bytes) {
  if (complete_) return done;
  if (!head_done_ && (head_ += bytes.size()) > kMaxAnswerHead + max_body_)
    return Error{Fault::too_large, "the head of the answer does not end"};
  const llhttp_errno_t error = llhttp_execute(&parser_, bytes.data(), bytes.size());
  if (error != HPE_OK && !complete_) return broken();
  if (!head_done_ && head_ > kMaxAnswerHead)
    return Error{Fault::too_large, "the head of the answer does not end"};
  return done;
}

Status AnswerReader::end() {
  if (complete_) return done;
  if (head_done_ && llhttp_finish(&parser_) != HPE_OK && !complete_)
    return Error{Fault::unavailable, "the connection ended in the middle of the answer"};
  if (!complete_) return Error{Fault::unavailable, "the connection ended without an answer"};
  return done;
}

}  // namespace tidegate::net
