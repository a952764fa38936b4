// aws-chunked: the framing inside streaming S3 uploads, with chunk and trailer signatures. A push
// parser: feed() pieces of the HTTP body in order, it hands decoded bytes to the sink as they come.
// Memory is bounded (a chunk header line ≤ 1 KiB, trailers ≤ 8 KiB). One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/sigv4.h"

namespace tidegate::wire {

struct ChunkSigning {
  std::string signing_key;  // empty: accept any chunk signature (--dev)
  std::string timestamp, scope, seed_signature;
};

class ChunkedDecoder {
 public:
  using Sink = std::function<Status(std::string_view)>;
  ChunkedDecoder(PayloadKind kind, ChunkSigning signing, Sink sink);
  ~ChunkedDecoder();
  // Faults: bad_signature, malformed_trailer, invalid_chunk_size, incomplete_body, and the sink's.
  Status feed(std::string_view piece);
  // After the last piece: complete, and the trailers with lower-case names.
  Result<std::vector<std::pair<std::string, std::string>>> finish();
  std::uint64_t decoded_size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidegate::wire
