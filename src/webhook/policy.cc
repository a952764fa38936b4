#include "webhook/policy.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/bytes.h"

namespace tidegate::webhook {
namespace {

template <class T>
std::optional<T> number(std::string_view text, T most) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

Error bad_url(std::string_view what) {
  return {Fault::invalid_argument, fmt::format("the URL {}", what)};
}

// A name or an IPv4 address: what getaddrinfo might read in yet another way is refused.
bool plain_host(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '-' || host.front() == '.') return false;
  for (char c : host) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!letter && c != '-' && c != '.' && c != '_') return false;
  }
  return host.find("..") == std::string_view::npos;
}

// "host", "host:port", "[v6]:port" into its parts; false when it is neither.
bool split_host(std::string_view text, std::string& host, std::string_view& port) {
  std::size_t colon = text.find(':');
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    host = lower_ascii(text.substr(1, close - 1));
    const auto address = parse_address(host);
    if (!address || address->v4) return false;
    text.remove_prefix(close + 1);
    if (!text.empty() && text.front() != ':') return false;
    colon = text.empty() ? std::string_view::npos : 0;
  } else {
    host = lower_ascii(text.substr(0, colon));
    if (host.size() > 1 && host.back() == '.') host.pop_back();
    if (!plain_host(host)) return false;
  }
  port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  return colon == std::string_view::npos || !port.empty();
}

struct Range {
  const char* network;
  int bits;
  const char* what;
};

// IANA's special-purpose registries.
constexpr Range kV4[] = {
    {"0.0.0.0", 8, "this network"},       {"10.0.0.0", 8, "private"},
    {"100.64.0.0", 10, "shared"},         {"127.0.0.0", 8, "loopback"},
    {"169.254.0.0", 16, "link-local"},    {"172.16.0.0", 12, "private"},
    {"192.0.0.0", 24, "reserved"},        {"192.0.2.0", 24, "documentation"},
    {"192.88.99.0", 24, "reserved"},      {"192.168.0.0", 16, "private"},
    {"198.18.0.0", 15, "benchmarking"},   {"198.51.100.0", 24, "documentation"},
    {"203.0.113.0", 24, "documentation"}, {"224.0.0.0", 4, "multicast"},
    {"240.0.0.0", 4, "reserved"},
};
// Outside 2000::/3 nothing is public; these are the parts inside and the ones worth a name.
constexpr Range kV6[] = {
    {"::1", 128, "loopback"},
    {"::", 128, "unspecified"},
    {"::ffff:0:0", 96, "IPv4-mapped"},
    {"64:ff9b::", 96, "IPv4 behind a translator"},
    {"64:ff9b:1::", 48, "IPv4 behind a translator"},
    {"fe80::", 10, "link-local"},
    {"fec0::", 10, "site-local"},
    {"fc00::", 7, "private"},
    {"ff00::", 8, "multicast"},
    {"2001::", 23, "reserved"},  // Teredo, ORCHID, benchmarking
    {"2001:db8::", 32, "documentation"},
    {"2002::", 16, "IPv4 in a tunnel"},
    {"3fff::", 20, "documentation"},
};

struct Named {
  Network network;
  const char* what;
};

template <std::size_t N>
std::vector<Named> named(const Range (&ranges)[N]) {
  std::vector<Named> out;
  for (const Range& r : ranges) out.push_back({{*parse_address(r.network), r.bits}, r.what});
  return out;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int all = address->v4 ? 32 : 128;
  if (slash == std::string_view::npos) return Network{*address, all};
  const auto bits = number<unsigned>(text.substr(slash + 1), static_cast<unsigned>(all));
  if (!bits) return std::nullopt;
  return Network{*address, static_cast<int>(*bits)};
}

Result<AllowEntry> parse_entry(std::string_view text) {
  const Error wrong{Fault::invalid_argument,
                    fmt::format("'{}' is not HOST[:PORT][@NETWORK[+NETWORK]]", text)};
  AllowEntry entry;
  const std::size_t at = text.find('@');
  std::string_view place = text.substr(0, at), port;
  if (place.starts_with("*.")) {
    entry.below = true;
    place.remove_prefix(2);
  }
  if (!split_host(place, entry.host, port)) return wrong;
  const auto own = parse_address(entry.host);
  if (own && entry.below) return wrong;
  if (own) entry.networks.push_back({*own, own->v4 ? 32 : 128});
  entry.any_port = port == "*";
  if (!port.empty() && !entry.any_port) {
    entry.port = number<std::uint16_t>(port, 65535);
    if (!entry.port || *entry.port == 0) return wrong;
  }
  for (std::size_t from = at; from < text.size();) {
    const std::size_t plus = std::min(text.find('+', ++from), text.size());
    const auto network = parse_network(text.substr(from, plus - from));
    if (!network) return wrong;
    entry.networks.push_back(*network);
    from = plus;
  }
  return entry;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (text.size() > 2048) return bad_url("has more than 2048 characters");
  for (char c : text)
    if (c <= ' ' || c > '~' || c == '\\' || c == '"' || c == '<' || c == '>')
      return bad_url("has characters that must be percent-encoded");
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    url.tls = false;
    text.remove_prefix(7);
  } else {
    return bad_url("must begin with https:// or http://");
  }
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, end);
  url.target = std::string(text.substr(end));
  if (url.target.find('#') != std::string::npos) return bad_url("must not have a fragment");
  if (url.target.empty() || url.target.front() != '/') url.target = "/" + url.target;
  if (authority.find('@') != std::string_view::npos)
    return bad_url("must not have a user or a password");
  std::string_view port;
  if (!split_host(authority, url.host, port)) return bad_url("has no host that can be called");
  url.port = url.tls ? 443 : 80;
  if (!port.empty()) {
    const auto given = number<std::uint16_t>(port, 65535);
    if (!given || *given == 0) return bad_url("has no port from 1 to 65535");
    url.port = *given;
  }
  return url;
}

std::optional<http::Address> parse_address(std::string_view text) {
  http::Address out;
  const std::string whole(text);
  out.v4 = whole.find(':') == std::string::npos;
  if (::inet_pton(out.v4 ? AF_INET : AF_INET6, whole.c_str(), out.bytes.data()) != 1)
    return std::nullopt;
  return out;
}

std::string to_string(const http::Address& address) {
  char text[INET6_ADDRSTRLEN];
  return ::inet_ntop(address.v4 ? AF_INET : AF_INET6, address.bytes.data(), text, sizeof text);
}

bool Network::contains(const http::Address& other) const {
  if (address.v4 != other.v4) return false;
  for (int bit = 0; bit < bits; bit += 8) {
    const int unused = std::max(0, 8 - (bits - bit));
    const auto mask = static_cast<std::uint8_t>(0xFF << unused);
    const auto at = static_cast<std::size_t>(bit / 8);
    if ((address.bytes[at] ^ other.bytes[at]) & mask) return false;
  }
  return true;
}

std::string_view why_not_public(const http::Address& address) {
  static const std::vector<Named> v4 = named(kV4), v6 = named(kV6);
  for (const Named& n : address.v4 ? v4 : v6)
    if (n.network.contains(address)) return n.what;
  if (!address.v4 && (address.bytes[0] & 0xE0) != 0x20) return "not global";
  return "";
}

bool AllowEntry::names(const Url& url) const {
  if (!any_port && url.port != port.value_or(url.tls ? 443 : 80)) return false;
  if (!below) return url.host == host;
  return url.host.size() > host.size() + 1 && url.host.ends_with(host) &&
         url.host[url.host.size() - host.size() - 1] == '.';
}

Result<AllowList> AllowList::parse(std::string_view text) {
  AllowList list;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(", \t"), text.size());
    if (end > 0) {
      TRY(AllowEntry entry, parse_entry(text.substr(0, end)));
      list.entries_.push_back(std::move(entry));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

Status AllowList::admits(const Url& url) const {
  for (const AllowEntry& entry : entries_)
    if (entry.names(url)) return done;
  return Error{Fault::access_denied,
               fmt::format("{}:{} is not on the list of hosts that may be called (webhook-allow)",
                           url.host, url.port)};
}

std::function<Status(const http::Address&)> AllowList::address_check(const Url& url) const {
  std::vector<Network> permitted;
  for (const AllowEntry& entry : entries_)
    if (entry.names(url))
      permitted.insert(permitted.end(), entry.networks.begin(), entry.networks.end());
  return [permitted = std::move(permitted), host = url.host](const http::Address& a) -> Status {
    for (const Network& network : permitted)
      if (network.contains(a)) return done;
    const std::string_view why = why_not_public(a);
    if (why.empty()) return done;
    return Error{
        Fault::access_denied,
        fmt::format("{} leads to {}, which is {} and not permitted for it by webhook-allow", host,
                    to_string(a), why)};
  };
}

}  // namespace tidegate::webhook
