// Answers of webhooks' receivers: the input is the size of the pieces that come, the limit of the
// body, and the bytes. However they are cut, they mean the same; a body is never longer than was
// allowed; and what is complete stays as it is, whatever comes after it.
#include "net/answer_reader.h"

using namespace tidegate;

namespace {

struct Read {
  Status status = done;
  http::Answer answer{};
  bool complete = false;
};

Read read(std::string_view bytes, std::size_t step, std::size_t max_body) {
  net::AnswerReader reader(max_body);
  Read out;
  while (!bytes.empty() && out.status.ok() && !reader.complete()) {
    out.status = reader.feed(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
  if (out.status.ok()) out.status = reader.end();
  CHECK(out.status.ok() == reader.complete());
  if (!out.status.ok()) return out;
  out.complete = true;
  CHECK(reader.feed("HTTP/1.1 500 Late\r\n\r\n").ok() && reader.end().ok());
  out.answer = reader.take();
  CHECK(out.answer.status >= 200 && out.answer.status < 1000);
  CHECK(out.answer.body.size() <= max_body);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = data[0] + std::size_t{1}, max_body = data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Read whole = read(bytes, bytes.size(), max_body);
  const Read cut = read(bytes, step, max_body);
  CHECK(whole.complete == cut.complete);
  CHECK(whole.answer.status == cut.answer.status && whole.answer.body == cut.answer.body);
  if (!whole.complete) CHECK(whole.status.fault() == cut.status.fault());
  return 0;
}
