// aws-chunked framing: in pieces of any size it gives the same bytes or the same refusal.
#include "wire/aws_chunked.h"

namespace {

using namespace tidegate;

struct Outcome {
  bool good = false;
  std::string body;
};

Outcome decode(wire::PayloadKind kind, std::string_view text, std::size_t step) {
  Outcome outcome;
  wire::ChunkedDecoder decoder(kind, {}, [&](std::string_view piece) -> Status {
    outcome.body += piece;
    return done;
  });
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, step);
    if (!decoder.feed(piece).ok()) return outcome;
    text.remove_prefix(piece.size());
  }
  outcome.good = decoder.finish().ok();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using wire::PayloadKind;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (PayloadKind kind : {PayloadKind::streaming_unsigned_trailer, PayloadKind::streaming_signed,
                           PayloadKind::streaming_signed_trailer}) {
    const Outcome whole = decode(kind, text, size + 1), bytes = decode(kind, text, 1);
    CHECK(whole.good == bytes.good);
    if (whole.good) CHECK(whole.body == bytes.body);
  }
  return 0;
}
