#include "base/time.h"

#include <fmt/format.h>

#include <array>

namespace tidegate {
namespace {

struct Civil {
  int year, month, day, hour, minute, second, ms, weekday;
};

Civil civil(Instant t) {
  using namespace std::chrono;
  auto day = floor<days>(t);
  year_month_day ymd{day};
  hh_mm_ss time{t - day};
  return {int(ymd.year()),
          int(unsigned(ymd.month())),
          int(unsigned(ymd.day())),
          int(time.hours().count()),
          int(time.minutes().count()),
          int(time.seconds().count()),
          int(time.subseconds().count()),
          int(weekday{day}.c_encoding())};
}

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<Instant> from_civil(int year, int month, int day, int hour, int minute, int second,
                                  int ms) {
  using namespace std::chrono;
  year_month_day ymd{std::chrono::year{year}, std::chrono::month{unsigned(month)},
                     std::chrono::day{unsigned(day)}};
  if (!ymd.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Instant{sys_days{ymd}} + hours{hour} + minutes{minute} + seconds{second} +
         milliseconds{ms};
}

// Takes exactly `width` digits from the front.
bool digits(std::string_view& in, int width, int& out) {
  if (in.size() < std::size_t(width)) return false;
  out = 0;
  for (int i = 0; i < width; ++i) {
    if (in[i] < '0' || in[i] > '9') return false;
    out = out * 10 + (in[i] - '0');
  }
  in.remove_prefix(width);
  return true;
}

bool literal(std::string_view& in, std::string_view text) {
  if (in.substr(0, text.size()) != text) return false;
  in.remove_prefix(text.size());
  return true;
}

bool month_name(std::string_view& in, int& month) {
  for (int i = 0; i < 12; ++i) {
    if (literal(in, kMonths[i])) {
      month = i + 1;
      return true;
    }
  }
  return false;
}

// "+hh:mm", "-hhmm" or "Z"; minutes east of UTC.
bool zone(std::string_view& in, int& east_minutes) {
  east_minutes = 0;
  if (literal(in, "Z") || literal(in, "z")) return true;
  if (in.empty() || (in[0] != '+' && in[0] != '-')) return false;
  int sign = in[0] == '+' ? 1 : -1, hours = 0, minutes = 0;
  in.remove_prefix(1);
  if (!digits(in, 2, hours)) return false;
  literal(in, ":");
  if (!digits(in, 2, minutes)) return false;
  east_minutes = sign * (hours * 60 + minutes);
  return true;
}

}  // namespace

std::string iso8601(Instant t) {
  auto c = civil(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second, c.ms);
}

std::string iso8601_lambda(Instant t) {
  std::string text = iso8601(t);
  text.replace(text.size() - 1, 1, "+0000");
  return text;
}

std::string http_date(Instant t) {
  auto c = civil(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[c.weekday], c.day,
                     kMonths[c.month - 1], c.year, c.hour, c.minute, c.second);
}

std::string sigv4_timestamp(Instant t) {
  auto c = civil(t);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);
}

std::optional<Instant> parse_iso8601(std::string_view in) {
  int year, month, day, hour, minute, second, ms = 0, east = 0;
  if (!digits(in, 4, year) || !literal(in, "-") || !digits(in, 2, month) || !literal(in, "-") ||
      !digits(in, 2, day))
    return std::nullopt;
  if (!literal(in, "T") && !literal(in, " ")) return std::nullopt;
  if (!digits(in, 2, hour) || !literal(in, ":") || !digits(in, 2, minute) || !literal(in, ":") ||
      !digits(in, 2, second))
    return std::nullopt;
  if (literal(in, ".")) {
    int scale = 100, seen = 0;
    while (!in.empty() && in[0] >= '0' && in[0] <= '9') {
      ms += (in[0] - '0') * scale;
      scale /= 10;
      ++seen;
      in.remove_prefix(1);
    }
    if (seen == 0) return std::nullopt;
  }
  if (!zone(in, east) || !in.empty()) return std::nullopt;
  auto t = from_civil(year, month, day, hour, minute, second, ms);
  if (!t) return std::nullopt;
  return *t - std::chrono::minutes{east};
}

std::optional<Instant> parse_sigv4_timestamp(std::string_view in) {
  int year, month, day, hour, minute, second;
  if (!digits(in, 4, year) || !digits(in, 2, month) || !digits(in, 2, day) || !literal(in, "T") ||
      !digits(in, 2, hour) || !digits(in, 2, minute) || !digits(in, 2, second) || in != "Z")
    return std::nullopt;
  return from_civil(year, month, day, hour, minute, second, 0);
}

std::optional<Instant> parse_http_date(std::string_view in) {
  int year, month, day, hour, minute, second;
  auto clock = [&] {
    return digits(in, 2, hour) && literal(in, ":") && digits(in, 2, minute) && literal(in, ":") &&
           digits(in, 2, second);
  };
  auto comma = in.find(", ");
  if (comma == std::string_view::npos) {  // asctime: "Fri Jan  2 03:04:05 2026"
    if (in.size() < 5) return std::nullopt;
    in.remove_prefix(4);
    if (!month_name(in, month) || !literal(in, " ")) return std::nullopt;
    bool day_ok = literal(in, " ") ? digits(in, 1, day) : digits(in, 2, day);
    if (!day_ok || !literal(in, " ") || !clock() || !literal(in, " ") || !digits(in, 4, year) ||
        !in.empty())
      return std::nullopt;
    return from_civil(year, month, day, hour, minute, second, 0);
  }
  in.remove_prefix(comma + 2);
  if (!digits(in, 2, day)) return std::nullopt;
  bool old = literal(in, "-");  // RFC 850: "02-Jan-26"
  if (!old && !literal(in, " ")) return std::nullopt;
  if (!month_name(in, month) || !literal(in, old ? "-" : " ")) return std::nullopt;
  if (old) {
    if (!digits(in, 2, year)) return std::nullopt;
    year += year < 70 ? 2000 : 1900;
  } else if (!digits(in, 4, year)) {
    return std::nullopt;
  }
  if (!literal(in, " ") || !clock()) return std::nullopt;
  // botocore signs a Date of e-mail's form, which ends in -0000.
  if (in != " GMT" && in != " UTC" && in != " +0000" && in != " -0000") return std::nullopt;
  return from_civil(year, month, day, hour, minute, second, 0);
}

}  // namespace tidegate
