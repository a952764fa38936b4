#include "document/schema_formats.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace tidegate::document {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_alnum(char c) {
  return is_alpha(c) || is_digit(c);
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}
template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// Exactly `count` digits at the front, taken off.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
  if (text.size() < count || !all(text.substr(0, count), is_digit)) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, count)) value = value * 10 + (c - '0');
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || !one_of(text.front(), any_of)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text) {
  auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return false;
  auto month = take_number(text, 2);
  if (!month || *month < 1 || *month > 12 || !take(text, "-")) return false;
  auto day = take_number(text, 2);
  if (!day) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  return *day >= 1 && *day <= kDays[*month - 1] + (*month == 2 && leap ? 1 : 0);
}

struct Clock {
  int hour = 0, minute = 0;
};

std::optional<Clock> take_hour_minute(std::string_view& text) {
  auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return Clock{*hour, *minute};
}

// The whole of `text` is a time with its offset.
bool is_time(std::string_view text) {
  auto clock = take_hour_minute(text);
  if (!clock || !take(text, ":")) return false;
  auto second = take_number(text, 2);
  if (!second || *second > 60) return false;
  if (take(text, ".")) {
    if (!take_number(text, 1)) return false;
    while (take_number(text, 1)) {
    }
  }
  int minutes = clock->hour * 60 + clock->minute;
  if (!take(text, "Zz")) {
    const bool behind = !text.empty() && text.front() == '-';
    if (!take(text, "+-")) return false;
    auto offset = take_hour_minute(text);
    if (!offset) return false;
    const int shift = offset->hour * 60 + offset->minute;
    minutes += behind ? shift : -shift;
  }
  // A leap second is the last one of a day of UTC.
  const bool last_minute = (minutes + 2 * 24 * 60) % (24 * 60) == 23 * 60 + 59;
  return text.empty() && (*second < 60 || last_minute);
}

bool is_ip(int family, std::string_view text) {
  unsigned char address[16];
  if (text.size() > 45 || text.find('\0') != std::string_view::npos) return false;
  return inet_pton(family, std::string(text).c_str(), address) == 1;
}

// Characters of a URI's part: unreserved, percent-encoded, sub-delims and those in `more`.
bool is_uri_text(std::string_view text, std::string_view more) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_alnum(c) && !one_of(c, "-._~!$&'()*+,;=") && !one_of(c, more)) {
      return false;
    }
  }
  return true;
}

bool is_uri_host(std::string_view host) {
  if (host.empty() || host.front() != '[') return is_uri_text(host, "");
  if (host.size() < 2 || host.back() != ']') return false;
  host = host.substr(1, host.size() - 2);
  if (host.empty() || (host.front() != 'v' && host.front() != 'V')) return is_ipv6(host);
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 1 && all(host.substr(1, dot - 1), is_hex) &&
         dot + 1 < host.size() && host.find('%') == std::string_view::npos &&
         is_uri_text(host.substr(dot + 1), ":");
}

bool is_uri_authority(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    if (!is_uri_text(text.substr(0, at), ":")) return false;
    text.remove_prefix(at + 1);
  }
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    if (!all(text.substr(colon + 1), is_digit)) return false;
    text = text.substr(0, colon);
  }
  return is_uri_host(text);
}

// Takes what follows the first `mark` off the end of `text`.
std::optional<std::string_view> split_off(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

bool is_quoted_local_part(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return false;
    if (text[i] == '\\' && ++i == text.size()) return false;
    if (text[i] < 0x20 || text[i] > 0x7e) return false;
  }
  return true;
}

bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return all(text, [](char c) { return is_alnum(c) || one_of(c, ".!#$%&'*+-/=?^_`{|}~"); });
}

}  // namespace

FormatCheck find_format(std::string_view name) {
  if (name == "date-time") return is_date_time;
  if (name == "email") return is_email;
  if (name == "hostname") return is_hostname;
  if (name == "ipv4") return is_ipv4;
  if (name == "ipv6") return is_ipv6;
  if (name == "uri") return is_uri;
  return nullptr;
}

bool is_date_time(std::string_view text) {
  return take_date(text) && take(text, "Tt") && is_time(text);
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  if (local.size() > 64 || (!is_dot_atom(local) && !is_quoted_local_part(local))) return false;
  if (domain.size() < 2 || domain.front() != '[' || domain.back() != ']')
    return is_hostname(domain);
  const std::string_view literal = domain.substr(1, domain.size() - 2);
  constexpr std::string_view kIpv6 = "IPv6:";
  return literal.substr(0, kIpv6.size()) == kIpv6 ? is_ipv6(literal.substr(kIpv6.size()))
                                                  : is_ipv4(literal);
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
      return false;
    if (!all(label, [](char c) { return is_alnum(c) || c == '-'; })) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_ipv4(std::string_view text) {
  return is_ip(AF_INET, text);
}

bool is_ipv6(std::string_view text) {
  return is_ip(AF_INET6, text);
}

bool is_uri(std::string_view text) {
  if (auto fragment = split_off(text, '#'); fragment && !is_uri_text(*fragment, ":@/?"))
    return false;
  if (auto query = split_off(text, '?'); query && !is_uri_text(*query, ":@/?")) return false;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text[0])) return false;
  if (!all(text.substr(0, colon), [](char c) { return is_alnum(c) || one_of(c, "+-."); }))
    return false;
  text.remove_prefix(colon + 1);
  if (text.substr(0, 2) == "//") {
    text.remove_prefix(2);
    const std::size_t slash = std::min(text.find('/'), text.size());
    if (!is_uri_authority(text.substr(0, slash))) return false;
    text.remove_prefix(slash);
  }
  return is_uri_text(text, ":@/");
}

}  // namespace tidegate::document
