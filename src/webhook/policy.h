// Whom the server may call. A URL is plain (http or https, no user, no fragment); its host must be
// on the allow-list, and every address that the host's name leads to must be public, unless the
// list's entry permits it in so many words. Pure functions and plain data; any thread.
//
// An entry of the list: HOST[:PORT][@NETWORK[+NETWORK…]]. HOST is a name, *.name (what is below
// it) or an address ([…] around IPv6); without PORT the scheme's own, "*" any. NETWORK
// (10.1.0.0/16) permits addresses that are not public; an address as HOST permits itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"

namespace tidegate::webhook {

struct Url {
  bool tls = true;
  std::string host;  // lower case, without brackets and closing dot
  std::uint16_t port = 443;
  std::string target;  // path and query
  friend bool operator==(const Url&, const Url&) = default;
};
Result<Url> parse_url(std::string_view text);

std::optional<http::Address> parse_address(std::string_view text);
std::string to_string(const http::Address&);

// Why the address is no place on the public internet ("loopback", "private", …); "" when it is.
// IPv6 forms that carry an IPv4 address are what that one is, and never public.
std::string_view why_not_public(const http::Address&);

struct Network {
  http::Address address;
  int bits = 0;
  bool contains(const http::Address&) const;
};

struct AllowEntry {
  std::string host;
  bool below = false;                 // *.host
  std::optional<std::uint16_t> port;  // nullopt: the scheme's
  bool any_port = false;
  std::vector<Network> networks;
  bool names(const Url&) const;
};

class AllowList {
 public:
  // Entries between commas or white space.
  static Result<AllowList> parse(std::string_view text);
  // Fault::access_denied when no entry names the URL's host and port.
  Status admits(const Url&) const;
  // The check of one address of that host; it owns what it needs.
  std::function<Status(const http::Address&)> address_check(const Url&) const;

 private:
  std::vector<AllowEntry> entries_;
};

}  // namespace tidegate::webhook
