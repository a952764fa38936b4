// A request as it goes over the wire, signed the way a client signs it: in the header or the query,
// with any of S3's payload kinds. Tests change one thing of it afterwards and look who notices.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "http/message.h"
#include "wire/checksum.h"
#include "wire/sigv4.h"

namespace tidegate {

enum class Place { header, query };

struct SigningKey {
  std::string id = "AKIAROOT", secret = "secret", session_token;
};

struct SignedWire {
  http::Method method = http::Method::get;
  std::string path = "/", query, body;  // `query` without a question mark
  std::vector<std::pair<std::string, std::string>> headers;

  void set(const std::string& name, std::string value) {
    for (auto& [known, old] : headers)
      if (http::equal_names(known, name)) {
        old = std::move(value);
        return;
      }
    headers.emplace_back(name, std::move(value));
  }
  std::string* header(std::string_view name) {
    for (auto& [known, value] : headers)
      if (http::equal_names(known, name)) return &value;
    return nullptr;
  }
  void drop(std::string_view name) {
    std::erase_if(headers, [&](const auto& h) { return http::equal_names(h.first, name); });
  }
  // Where the signature and its parts stand.
  std::string& proof() {
    std::string* authorization = header("authorization");
    return authorization ? *authorization : query;
  }
  // The request looks into this object.
  http::Request view() const {
    http::Request r;
    r.method = method;
    r.path = r.target = path;
    r.query = query;
    for (const auto& [name, value] : headers) {
      r.headers.push_back({name, value});
      if (http::equal_names(name, "content-length")) r.content_length = std::stoull(value);
    }
    return r;
  }
};

inline std::string_view text_of(wire::PayloadKind kind) {
  using enum wire::PayloadKind;
  switch (kind) {
    case streaming_signed:
      return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    case streaming_signed_trailer:
      return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    case streaming_unsigned_trailer:
      return "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    default:
      return "UNSIGNED-PAYLOAD";
  }
}

class WireSigner {
 public:
  SigningKey key;
  std::string region = "us-east-1";
  Instant when{};
  Place place = Place::header;
  wire::PayloadKind kind = wire::PayloadKind::hex;
  std::string expires = "600";
  std::string decoded_length;  // as said; "" says the truth

  // `wire` with its plain body; comes back signed, the body framed.
  SignedWire sign(SignedWire wire) const {
    using enum wire::PayloadKind;
    const bool framed = kind != hex && kind != unsigned_;
    const bool trails = kind == streaming_signed_trailer || kind == streaming_unsigned_trailer;
    wire.set("Host", "127.0.0.1:4566");
    if (place == Place::header) wire.set("x-amz-date", sigv4_timestamp(when));
    if (place == Place::header || kind != unsigned_)
      wire.set("x-amz-content-sha256",
               kind == hex ? to_hex(sha256(wire.body)) : std::string(text_of(kind)));
    if (framed) {
      wire.set("Content-Encoding", "aws-chunked");
      wire.set("x-amz-decoded-content-length",
               decoded_length.empty() ? std::to_string(wire.body.size()) : decoded_length);
    }
    if (trails) wire.set("x-amz-trailer", "x-amz-checksum-crc32");
    if (!key.session_token.empty() && place == Place::header)
      wire.set("x-amz-security-token", key.session_token);
    const std::string seed = put_signature(wire);
    if (framed) wire.body = frame(wire.body, seed);
    if (!wire.body.empty() || wire.method == http::Method::put)
      wire.set("Content-Length", std::to_string(wire.body.size()));
    return wire;
  }

 private:
  std::string date() const { return sigv4_timestamp(when).substr(0, 8); }
  std::string scope() const { return fmt::format("{}/{}/s3/aws4_request", date(), region); }
  std::string signing_key() const { return wire::signing_key(key.secret, date(), region, "s3"); }

  // Signs all that must be signed; the signature.
  std::string put_signature(SignedWire& wire) const {
    std::vector<std::string> names;
    for (const auto& [name, value] : wire.headers) {
      const std::string lower = lower_ascii(name);
      if (lower == "host" || lower.starts_with("x-amz-")) names.push_back(lower);
    }
    std::sort(names.begin(), names.end());
    const std::string listed = fmt::format("{}", fmt::join(names, ";"));
    const std::string credential = key.id + "/" + scope();
    const std::string unsigned_proof(64, '0');
    if (place == Place::header) {
      wire.set("Authorization",
               fmt::format("AWS4-HMAC-SHA256 Credential={}, SignedHeaders={}, Signature={}",
                           credential, listed, unsigned_proof));
    } else {
      if (!wire.query.empty()) wire.query += "&";
      wire.query += fmt::format(
          "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}"
          "&X-Amz-SignedHeaders={}",
          percent_encode(credential), sigv4_timestamp(when), expires, percent_encode(listed));
      if (!key.session_token.empty())
        wire.query += "&X-Amz-Security-Token=" + percent_encode(key.session_token);
      wire.query += "&X-Amz-Signature=" + unsigned_proof;
    }
    const http::Request request = wire.view();
    const http::Query query = *http::parse_query(request.query);
    auto read = wire::read_claim(request, query);
    if (!read.ok()) return unsigned_proof;  // wrong on purpose, and refused before any signature
    const std::string signature = wire::sign(
        signing_key(),
        wire::string_to_sign(
            **read, wire::canonical_request(request, query, **read, (*read)->payload_hash, false)));
    std::string& proof = wire.proof();
    proof.replace(proof.size() - 64, 64, signature);
    return signature;
  }

  std::string frame(const std::string& body, std::string previous) const {
    using enum wire::PayloadKind;
    const bool is_signed = kind != streaming_unsigned_trailer;
    std::string out;
    auto sign_text = [&](std::string_view what, const std::string& rest) {
      previous =
          wire::sign(signing_key(), fmt::format("AWS4-HMAC-SHA256-{}\n{}\n{}\n{}\n{}", what,
                                                sigv4_timestamp(when), scope(), previous, rest));
      return previous;
    };
    auto chunk = [&](std::string_view data) {
      out += fmt::format("{:x}", data.size());
      if (is_signed)
        out += ";chunk-signature=" +
               sign_text("PAYLOAD", to_hex(sha256("")) + "\n" + to_hex(sha256(data)));
      out += "\r\n";
      if (!data.empty()) out.append(data).append("\r\n");
    };
    constexpr std::size_t kChunk = 8192;
    for (std::size_t at = 0; at < body.size(); at += kChunk)
      chunk(std::string_view(body).substr(at, kChunk));
    chunk("");
    if (kind != streaming_signed) {
      const std::string trailer =
          "x-amz-checksum-crc32:" + wire::checksum_text(wire::crc32(0, body));
      out += trailer + "\r\n";
      if (is_signed)
        out += "x-amz-trailer-signature:" + sign_text("TRAILER", to_hex(sha256(trailer + "\n"))) +
               "\r\n";
    }
    return out + "\r\n";
  }
};

}  // namespace tidegate
