// HTTP heads and bodies: what the strict parser takes must have one meaning. Views stay inside the
// input, a body piece is never longer than what was fed, and feeding byte by byte gives the same
// body as feeding all at once.
#include "http/message.h"
#include "net/parser.h"

namespace {

using namespace tidegate;

// "/" of our own stands for the missing path of an absolute target.
bool inside(std::string_view whole, std::string_view part) {
  return part.empty() || part == "/" ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

std::optional<std::string> body_of(std::string_view head, std::string_view rest, std::size_t step) {
  net::Parser parser;
  http::Request request;
  if (parser.parse_head(head, request) != 0) return std::nullopt;
  std::string body;
  while (!rest.empty() && !parser.complete()) {
    std::vector<std::string_view> pieces;
    bool good = true;
    const std::string_view piece = rest.substr(0, step);
    const std::size_t used = parser.feed(piece, pieces, good);
    CHECK(used <= piece.size());
    for (std::string_view p : pieces) {
      CHECK(inside(piece, p));
      body += p;
    }
    if (!good) return std::nullopt;
    rest.remove_prefix(used);
    if (used == 0 && !parser.complete()) return std::nullopt;
  }
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t head_size = net::Parser::head_size(text);
  if (head_size == 0) return 0;
  const std::string_view head = text.substr(0, head_size), rest = text.substr(head_size);
  net::Parser parser;
  http::Request request;
  if (parser.parse_head(head, request) != 0) return 0;
  CHECK(inside(head, request.target) && inside(head, request.path) && inside(head, request.query));
  for (const http::Header& h : request.headers)
    CHECK(inside(head, h.name) && inside(head, h.value) &&
          h.value.find('\n') == std::string_view::npos);
  CHECK(!(request.chunked && request.content_length));
  http::parse_query(request.query);
  const auto at_once = body_of(head, rest, rest.size() + 1);
  const auto by_byte = body_of(head, rest, 1);
  if (at_once && by_byte) CHECK(*at_once == *by_byte);
  return 0;
}
