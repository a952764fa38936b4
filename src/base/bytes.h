// Text forms of bytes: hex, base64, percent and form encoding, constant-time comparison. Pure.
// Bytes travel as std::string (owning) and std::string_view (borrowed) throughout the server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

std::string to_hex(std::string_view bytes);                     // lower case
std::optional<std::string> from_hex(std::string_view text);     // either case
std::string to_base64(std::string_view bytes);                  // padded
std::optional<std::string> from_base64(std::string_view text);  // strict: padded, no white space
std::string to_base64url(std::string_view bytes);               // unpadded
std::optional<std::string> from_base64url(std::string_view text);

// RFC 3986: keeps A-Za-z0-9-._~ (and '/' when asked), all else as %XX upper case.
std::string percent_encode(std::string_view text, bool keep_slash = false);
// nullopt on a broken escape. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view text);
// application/x-www-form-urlencoded, as S3 encodes keys in events: space is '+', keeps
// A-Za-z0-9-._*/
std::string form_encode_key(std::string_view text);

// The parts between the separators, empty ones too.
std::vector<std::string> split(std::string_view text, char separator);
std::string lower_ascii(std::string_view);  // other bytes stay
bool equal_constant_time(std::string_view a, std::string_view b);
bool valid_utf8(std::string_view);
std::size_t count_code_points(std::string_view utf8);

}  // namespace tidegate
