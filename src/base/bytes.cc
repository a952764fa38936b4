#include "base/bytes.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace tidegate {
namespace {

constexpr char kHexLower[] = "0123456789abcdef";
constexpr char kHexUpper[] = "0123456789ABCDEF";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string encode64(std::string_view in, std::string_view alphabet, bool pad) {
  std::string out((in.size() + 2) / 3 * 4, '=');
  char* to = out.data();
  for (std::size_t i = 0; i < in.size(); i += 3) {
    std::uint32_t group = std::uint32_t(static_cast<unsigned char>(in[i])) << 16;
    if (i + 1 < in.size()) group |= std::uint32_t(static_cast<unsigned char>(in[i + 1])) << 8;
    if (i + 2 < in.size()) group |= static_cast<unsigned char>(in[i + 2]);
    *to++ = alphabet[group >> 18];
    *to++ = alphabet[(group >> 12) & 63];
    if (i + 1 < in.size()) *to++ = alphabet[(group >> 6) & 63];
    if (i + 2 < in.size()) *to++ = alphabet[group & 63];
  }
  if (!pad) out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

using DecodeTable = std::array<std::int8_t, 256>;
constexpr DecodeTable decode_table(std::string_view alphabet) {
  DecodeTable table{};
  for (auto& v : table) v = -1;
  for (std::size_t i = 0; i < 64; ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}
constexpr DecodeTable kDecode = decode_table(kBase64);
constexpr DecodeTable kDecodeUrl = decode_table(kBase64Url);

std::optional<std::string> decode64(std::string_view in, const DecodeTable& table) {
  if (in.size() % 4 == 1) return std::nullopt;
  std::string out(in.size() * 3 / 4, '\0');
  char* to = out.data();
  std::uint32_t group = 0;
  int bits = 0;
  for (char c : in) {
    int v = table[static_cast<unsigned char>(c)];
    if (v < 0) return std::nullopt;
    group = (group << 6) | std::uint32_t(v);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      *to++ = static_cast<char>(group >> bits);
      group &= (1u << bits) - 1;
    }
  }
  if (group != 0) return std::nullopt;  // stray bits: not a canonical text
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

constexpr std::array<bool, 256> kUnreserved = [] {
  std::array<bool, 256> table{};
  for (char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool unreserved(unsigned char c) {
  return kUnreserved[c];
}

void append_escape(std::string& out, unsigned char c) {
  out.push_back('%');
  out.push_back(kHexUpper[c >> 4]);
  out.push_back(kHexUpper[c & 15]);
}

}  // namespace

std::string to_hex(std::string_view in) {
  std::string out(in.size() * 2, '0');
  char* to = out.data();
  for (unsigned char c : in) {
    *to++ = kHexLower[c >> 4];
    *to++ = kHexLower[c & 15];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view in) {
  if (in.size() % 2) return std::nullopt;
  std::string out;
  out.reserve(in.size() / 2);
  for (std::size_t i = 0; i < in.size(); i += 2) {
    int high = hex_value(in[i]), low = hex_value(in[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string to_base64(std::string_view in) {
  return encode64(in, kBase64, true);
}
std::string to_base64url(std::string_view in) {
  return encode64(in, kBase64Url, false);
}

std::optional<std::string> from_base64(std::string_view in) {
  if (in.size() % 4) return std::nullopt;
  for (int i = 0; i < 2 && !in.empty() && in.back() == '='; ++i) in.remove_suffix(1);
  return decode64(in, kDecode);
}

std::optional<std::string> from_base64url(std::string_view in) {
  return decode64(in, kDecodeUrl);
}

std::string percent_encode(std::string_view in, bool keep_slash) {
  std::string out;
  out.reserve(in.size() + in.size() / 8);
  // Whole runs at a time: nearly all there is needs no escape.
  for (std::size_t i = 0; i < in.size();) {
    std::size_t end = i;
    while (end < in.size() &&
           (unreserved(static_cast<unsigned char>(in[end])) || (keep_slash && in[end] == '/')))
      ++end;
    out.append(in.substr(i, end - i));
    if (end < in.size()) append_escape(out, static_cast<unsigned char>(in[end++]));
    i = end;
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view in) {
  std::string out;
  out.reserve(in.size());
  for (;;) {
    const std::size_t escape = std::min(in.find('%'), in.size());
    out.append(in.substr(0, escape));
    in.remove_prefix(escape);
    if (in.empty()) return out;
    if (in.size() < 3) return std::nullopt;
    int high = hex_value(in[1]), low = hex_value(in[2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    in.remove_prefix(3);
  }
}

std::string form_encode_key(std::string_view in) {
  std::string out;
  out.reserve(in.size() + in.size() / 8);
  for (unsigned char c : in) {
    bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '.' || c == '_' || c == '*' || c == '/';
    if (plain)
      out.push_back(static_cast<char>(c));
    else if (c == ' ')
      out.push_back('+');
    else
      append_escape(out, c);
  }
  return out;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool valid_utf8(std::string_view in) {
  for (std::size_t i = 0; i < in.size();) {
    unsigned char c = in[i];
    std::size_t extra = c < 0x80         ? 0
                        : (c >> 5) == 6  ? 1
                        : (c >> 4) == 14 ? 2
                        : (c >> 3) == 30 ? 3
                                         : 4;
    if (extra == 4 || i + extra >= in.size() + (extra == 0)) return false;
    std::uint32_t point = extra == 0 ? c : c & (0x3f >> extra);
    for (std::size_t k = 1; k <= extra; ++k) {
      unsigned char next = in[i + k];
      if ((next & 0xc0) != 0x80) return false;
      point = (point << 6) | (next & 0x3f);
    }
    static constexpr std::uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
    if (point < kSmallest[extra] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      return false;
    i += extra + 1;
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace tidegate
