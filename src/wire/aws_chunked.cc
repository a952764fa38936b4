#include "wire/aws_chunked.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/bytes.h"
#include "base/digest.h"

namespace tidegate::wire {
namespace {

constexpr std::size_t kMaxHeaderLine = 1024;
constexpr std::size_t kMaxTrailers = 8192;
constexpr std::uint64_t kMaxChunk = 5ull << 30;  // no chunk is larger than the largest PUT
constexpr std::uint64_t kMinSignedChunk = 8192;  // of all but the last, AWS's rule

Error malformed_chunk() {
  return Error{Fault::incomplete_body,
               "The request body terminated unexpectedly or its chunks are malformed."};
}
Error malformed_trailer() {
  return Error{Fault::malformed_trailer,
               "The request contained trailing data that was not well-formed or did not "
               "conform to our published schema."};
}
Error bad_signature() {
  return Error{Fault::bad_signature,
               "The request signature we calculated does not match the signature you "
               "provided. Check your key and signing method."};
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

struct ChunkedDecoder::State {
  enum class At { header, data, data_end, trailers, end };
  PayloadKind kind;
  ChunkSigning signing;
  Sink sink;

  At at = At::header;
  std::string line;        // an unfinished line
  std::uint64_t left = 0;  // of the chunk being read
  std::uint64_t decoded = 0;
  bool small_chunk_seen = false;  // legal only as the last before the empty one
  std::string chunk_signature;
  std::optional<Hasher> chunk_hash;
  std::string previous;  // signature before this chunk
  std::vector<std::pair<std::string, std::string>> trailers;
  std::string trailer_text;  // "name:value\n"… as it is signed
  std::string trailer_signature;
  std::size_t trailer_bytes = 0;

  bool signed_chunks() const {
    return kind == PayloadKind::streaming_signed || kind == PayloadKind::streaming_signed_trailer;
  }
  bool has_trailers() const { return kind != PayloadKind::streaming_signed; }
  bool verifies() const { return signed_chunks() && !signing.signing_key.empty(); }

  // Moves one line (without CRLF) out of `piece`; nullopt when it is not complete yet.
  Result<std::optional<std::string>> take_line(std::string_view& piece);
  Status on_header(std::string_view text);
  Status on_data(std::string_view& piece);
  Status on_trailer(std::string_view text);
  Status close_chunk();
  Status check_trailer_signature() const;
};

Result<std::optional<std::string>> ChunkedDecoder::State::take_line(std::string_view& piece) {
  const std::size_t newline = piece.find('\n');
  const std::string_view part =
      piece.substr(0, newline == std::string_view::npos ? piece.size() : newline + 1);
  if (line.size() + part.size() > kMaxHeaderLine) return malformed_chunk();
  line.append(part);
  piece.remove_prefix(part.size());
  if (newline == std::string_view::npos) return std::optional<std::string>();
  if (line.size() < 2 || line[line.size() - 2] != '\r') return malformed_chunk();
  std::string whole = line.substr(0, line.size() - 2);
  line.clear();
  return std::optional<std::string>(std::move(whole));
}

Status ChunkedDecoder::State::on_header(std::string_view text) {
  const std::size_t semicolon = text.find(';');
  const std::string_view digits = text.substr(0, semicolon);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left, 16);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() ||
      left > kMaxChunk)
    return malformed_chunk();
  chunk_signature.clear();
  if (semicolon != std::string_view::npos) {
    constexpr std::string_view kName = "chunk-signature=";
    const std::string_view extension = text.substr(semicolon + 1);
    if (extension.substr(0, kName.size()) != kName) return malformed_chunk();
    chunk_signature = extension.substr(kName.size());
  }
  if (signed_chunks()) {
    if (chunk_signature.empty()) return bad_signature();
    if (left > 0 && small_chunk_seen)
      return Error{Fault::invalid_chunk_size,
                   "Only the last chunk is allowed to have a size less than 8192 bytes"};
    small_chunk_seen = left > 0 && left < kMinSignedChunk;
  }
  if (verifies()) chunk_hash.emplace(Digest::sha256);
  if (left > 0) {
    at = At::data;
    return done;
  }
  Status closed = close_chunk();
  if (!closed.ok()) return closed;
  at = At::trailers;
  return done;
}

Status ChunkedDecoder::State::close_chunk() {
  if (!verifies()) return done;
  static const std::string kEmpty = to_hex(sha256(""));
  const std::string text =
      fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", signing.timestamp, signing.scope,
                  previous, kEmpty, to_hex(chunk_hash->finish()));
  const std::string expected = sign(signing.signing_key, text);
  if (!equal_constant_time(expected, chunk_signature)) return bad_signature();
  previous = expected;
  return done;
}

Status ChunkedDecoder::State::on_data(std::string_view& piece) {
  const std::string_view data = piece.substr(0, std::min<std::uint64_t>(left, piece.size()));
  piece.remove_prefix(data.size());
  left -= data.size();
  decoded += data.size();
  if (verifies()) chunk_hash->update(data);
  TRY(Unit taken, sink(data));
  (void)taken;
  if (left > 0) return done;
  at = At::data_end;
  return close_chunk();
}

Status ChunkedDecoder::State::on_trailer(std::string_view text) {
  if (text.empty()) {
    at = At::end;
    return check_trailer_signature();
  }
  if (!has_trailers()) return malformed_chunk();
  trailer_bytes += text.size();
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || trailer_bytes > kMaxTrailers) return malformed_trailer();
  std::string name(trim(text.substr(0, colon)));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  const std::string_view value = trim(text.substr(colon + 1));
  if (name == "x-amz-trailer-signature") {
    trailer_signature = value;
    return done;
  }
  trailer_text += fmt::format("{}:{}\n", name, value);
  trailers.emplace_back(std::move(name), std::string(value));
  return done;
}

Status ChunkedDecoder::State::check_trailer_signature() const {
  if (kind != PayloadKind::streaming_signed_trailer || !verifies()) return done;
  const std::string text =
      fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}", signing.timestamp, signing.scope,
                  previous, to_hex(sha256(trailer_text)));
  if (!equal_constant_time(sign(signing.signing_key, text), trailer_signature))
    return bad_signature();
  return done;
}

ChunkedDecoder::ChunkedDecoder(PayloadKind kind, ChunkSigning signing, Sink sink)
    : state_(std::make_unique<State>()) {
  state_->kind = kind;
  state_->previous = signing.seed_signature;
  state_->signing = std::move(signing);
  state_->sink = std::move(sink);
}

ChunkedDecoder::~ChunkedDecoder() = default;

std::uint64_t ChunkedDecoder::decoded_size() const {
  return state_->decoded;
}

Status ChunkedDecoder::feed(std::string_view piece) {
  using At = State::At;
  State& s = *state_;
  while (!piece.empty()) {
    if (s.at == At::end) return malformed_chunk();  // bytes after the end
    if (s.at == At::data) {
      TRY(Unit taken, s.on_data(piece));
      (void)taken;
      continue;
    }
    TRY(auto line, s.take_line(piece));
    if (!line) return done;
    Status step = done;
    if (s.at == At::header)
      step = s.on_header(*line);
    else if (s.at == At::trailers)
      step = s.on_trailer(*line);
    else if (!line->empty())
      step = malformed_chunk();  // data must be followed by CRLF alone
    else
      s.at = At::header;
    if (!step.ok()) return step;
  }
  return done;
}

Result<std::vector<std::pair<std::string, std::string>>> ChunkedDecoder::finish() {
  State& s = *state_;
  if (s.at != State::At::end) return malformed_chunk();
  return s.trailers;
}

}  // namespace tidegate::wire
