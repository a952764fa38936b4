// Parser: one HTTP/1.1 message at a time over llhttp, strict. parse_head() wants a complete head
// (up to the empty line) in contiguous memory and fills a Request whose views point into it; body
// pieces then come from feed(). Shapes that two parsers could read differently (bare CR, folded
// lines, repeated or contradictory lengths) are refused. One thread.
#pragma once

#include <llhttp.h>

#include <string_view>
#include <vector>

#include "http/message.h"

namespace tidegate::net {

inline constexpr std::size_t kMaxHead = 64 * 1024;
inline constexpr std::size_t kMaxHeaders = 200;
// Inside a sandbox AWS's runtime clients send a header of up to 1 MiB (the cause of an error).
inline constexpr std::size_t kMaxAdoptedHead = kMaxHead + 1024 * 1024;

class Parser {
 public:
  Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Length of the head with its empty line; 0 while it is not complete. `seen` bytes were searched
  // before, without success.
  static std::size_t head_size(std::string_view data, std::size_t seen = 0);

  // True for the beginning of a head that can only be refused (a line that ends in LF alone): no
  // end of it will come that head_size() finds. `seen` as above.
  static bool hopeless(std::string_view data, std::size_t seen = 0);

  // 0 when good, else the status to refuse with (400, 431, 501, 505).
  int parse_head(std::string_view head, http::Request& out);
  bool complete() const { return complete_; }  // the body has ended (or there is none)

  // Takes body bytes; returns how many belong to this message. Pieces are appended as views into
  // `data`. False in `good` when the framing is broken.
  std::size_t feed(std::string_view data, std::vector<std::string_view>& pieces, bool& good);

 private:
  static const llhttp_settings_t* settings();
  static Parser& self(llhttp_t* p) { return *static_cast<Parser*>(p->data); }
  int finish_head(http::Request& out);
  bool lines_end_well(std::string_view part);

  llhttp_t parser_;
  http::Request* request_ = nullptr;
  std::vector<std::string_view>* pieces_ = nullptr;
  bool head_done_ = false, complete_ = false, too_many_ = false, in_trailer_ = false;
  char last_ = 0;  // of the trailer so far
};

}  // namespace tidegate::net
