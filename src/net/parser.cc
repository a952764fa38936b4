#include "net/parser.h"

#include <charconv>

namespace tidegate::net {
namespace {

http::Method method_of(std::uint8_t method) {
  switch (method) {
    case HTTP_GET:
      return http::Method::get;
    case HTTP_HEAD:
      return http::Method::head;
    case HTTP_PUT:
      return http::Method::put;
    case HTTP_POST:
      return http::Method::post;
    case HTTP_DELETE:
      return http::Method::delete_;
    case HTTP_OPTIONS:
      return http::Method::options;
    case HTTP_PATCH:
      return http::Method::patch;
    default:
      return http::Method::other;
  }
}

// A CR without LF, a LF without CR, a folded line or a NUL: parsers disagree about these.
bool ambiguous(std::string_view head) {
  if (head.find('\0') != std::string_view::npos) return true;
  std::size_t returns = 0;
  for (std::size_t at = head.find('\r'); at != std::string_view::npos;
       at = head.find('\r', at + 1)) {
    if (at + 1 == head.size() || head[at + 1] != '\n') return true;
    ++returns;
  }
  // As many line feeds as carriage returns, each behind one: none stands alone.
  std::size_t feeds = 0;
  for (std::size_t at = head.find('\n'); at != std::string_view::npos;
       at = head.find('\n', at + 1)) {
    if (at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t')) return true;
    ++feeds;
  }
  return feeds != returns;
}

std::string_view trimmed(std::string_view v) {
  while (!v.empty() && (v.front() == ' ' || v.front() == '\t')) v.remove_prefix(1);
  while (!v.empty() && (v.back() == ' ' || v.back() == '\t')) v.remove_suffix(1);
  return v;
}

// Connection is a list: "close" anywhere ends the connection.
void read_connection(std::string_view value, bool& close, bool& keep) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view item = trimmed(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    close |= http::equal_names(item, "close");
    keep |= http::equal_names(item, "keep-alive");
  }
}

bool names_chunked_only(std::string_view value) {
  return http::equal_names(trimmed(value), "chunked");
}

}  // namespace

const llhttp_settings_t* Parser::settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_url = [](llhttp_t* p, const char* at, std::size_t n) {
      self(p).request_->target = {at, n};
      return 0;
    };
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t n) {
      Parser& me = self(p);
      if (!me.request_) return 0;  // a trailer: read and dropped
      if (me.request_->headers.size() == kMaxHeaders) {
        me.too_many_ = true;
        return -1;
      }
      me.request_->headers.push_back({{at, n}, {}});
      return 0;
    };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t n) {
      Parser& me = self(p);
      if (!me.request_ || me.request_->headers.empty()) return 0;
      std::string_view& value = me.request_->headers.back().value;
      value = value.empty() ? std::string_view(at, n)
                            : std::string_view(value.data(), value.size() + n);
      return 0;
    };
    s.on_headers_complete = [](llhttp_t* p) {
      self(p).head_done_ = true;
      return static_cast<int>(HPE_PAUSED);
    };
    s.on_body = [](llhttp_t* p, const char* at, std::size_t n) {
      self(p).pieces_->push_back({at, n});
      return 0;
    };
    s.on_chunk_header = [](llhttp_t* p) {
      // The last chunk: what follows is looked at by us too.
      if (p->content_length != 0) return 0;
      self(p).in_trailer_ = true;
      return static_cast<int>(HPE_PAUSED);
    };
    s.on_message_complete = [](llhttp_t* p) {
      self(p).complete_ = true;
      return static_cast<int>(HPE_PAUSED);
    };
    return s;
  }();
  return &kSettings;
}

Parser::Parser() {
  llhttp_init(&parser_, HTTP_REQUEST, settings());
  parser_.data = this;
}

std::size_t Parser::head_size(std::string_view data, std::size_t seen) {
  const std::size_t at = data.find("\r\n\r\n", seen < 3 ? 0 : seen - 3);
  return at == std::string_view::npos ? 0 : at + 4;
}

bool Parser::hopeless(std::string_view data, std::size_t seen) {
  for (std::size_t at = seen; (at = data.find('\n', at)) != std::string_view::npos; ++at)
    if (at == 0 || data[at - 1] != '\r') return true;
  return false;
}

int Parser::parse_head(std::string_view head, http::Request& out) {
  if (ambiguous(head)) return 400;
  llhttp_init(&parser_, HTTP_REQUEST, settings());
  parser_.data = this;
  request_ = &out;
  head_done_ = complete_ = too_many_ = in_trailer_ = false;
  const llhttp_errno_t error = llhttp_execute(&parser_, head.data(), head.size());
  request_ = nullptr;
  if (too_many_) return 431;
  if (error != HPE_PAUSED || !head_done_) return error == HPE_INVALID_VERSION ? 505 : 400;
  if (llhttp_get_error_pos(&parser_) == nullptr) return 400;
  return finish_head(out);
}

int Parser::finish_head(http::Request& out) {
  out.method = method_of(parser_.method);
  if (parser_.http_major != 1 || parser_.http_minor > 1) return 505;
  out.http_1_0 = parser_.http_minor == 0;
  int lengths = 0, encodings = 0, hosts = 0;
  bool close = false, keep = false;
  for (http::Header& h : out.headers) {
    h.value = trimmed(h.value);
    if (http::equal_names(h.name, "content-length")) {
      std::uint64_t n = 0;
      auto [end, error] = std::from_chars(h.value.data(), h.value.data() + h.value.size(), n);
      if (++lengths > 1 || error != std::errc{} || end != h.value.data() + h.value.size())
        return 400;
      out.content_length = n;
    } else if (http::equal_names(h.name, "transfer-encoding")) {
      if (++encodings > 1 || !names_chunked_only(h.value)) return 501;
      out.chunked = true;
    } else if (http::equal_names(h.name, "connection")) {
      read_connection(h.value, close, keep);
    } else if (http::equal_names(h.name, "expect")) {
      // What else a client expects is ignored, as S3 does and RFC 9110 allows.
      if (http::equal_names(h.value, "100-continue")) out.expects_continue = true;
    } else if (http::equal_names(h.name, "host")) {
      ++hosts;
    }
  }
  out.keep_alive = !close && (keep || !out.http_1_0);
  if ((lengths && encodings) || hosts > 1 || (hosts == 0 && !out.http_1_0) ||
      (out.http_1_0 && out.chunked))
    return 400;
  // "http://host/path" means "/path".
  if (out.target.starts_with("http://") || out.target.starts_with("https://")) {
    const std::size_t end = out.target.find_first_of("/?", out.target.find("://") + 3);
    out.target = end == std::string_view::npos ? std::string_view("/") : out.target.substr(end);
  }
  if (out.target.empty() || out.target.front() != '/') return 400;
  const std::size_t mark = out.target.find('?');
  out.path = out.target.substr(0, mark);
  out.query = mark == std::string_view::npos ? std::string_view() : out.target.substr(mark + 1);
  complete_ = !out.chunked && out.content_length.value_or(0) == 0;
  if (!complete_) llhttp_resume(&parser_);
  return 0;
}

std::size_t Parser::feed(std::string_view data, std::vector<std::string_view>& pieces, bool& good) {
  good = true;
  if (complete_ || data.empty()) return 0;
  pieces_ = &pieces;
  const bool was_in_trailer = in_trailer_;
  std::size_t trailer = 0;  // where it begins in `data`
  llhttp_errno_t error = llhttp_execute(&parser_, data.data(), data.size());
  if (error == HPE_PAUSED && in_trailer_ && !was_in_trailer) {
    trailer = static_cast<std::size_t>(llhttp_get_error_pos(&parser_) - data.data());
    llhttp_resume(&parser_);
    error = llhttp_execute(&parser_, data.data() + trailer, data.size() - trailer);
  }
  pieces_ = nullptr;
  std::size_t used = data.size();
  if (error == HPE_PAUSED && complete_)
    used = static_cast<std::size_t>(llhttp_get_error_pos(&parser_) - data.data());
  else
    good = error == HPE_OK;
  if (good && in_trailer_) good = lines_end_well(data.substr(trailer, used - trailer));
  return used;
}

// llhttp takes a line of a trailer that ends in LF alone.
bool Parser::lines_end_well(std::string_view part) {
  for (char c : part) {
    if ((c == '\n') != (last_ == '\r')) return false;
    last_ = c;
  }
  return true;
}

}  // namespace tidegate::net
