#include "wire/constraints.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/bytes.h"

namespace tidegate::wire {
namespace {

// A value as the refusal shows it; long and secret ones are cut.
std::string shown(const Member& m, const void* value) {
  if (m.flags & kSensitive) return "***";
  constexpr std::size_t kShown = 256;
  std::string text;
  switch (m.type->kind) {
    case Kind::list: {
      const Type& item = *m.type->element;
      const std::size_t n = m.type->size(value);
      if (item.kind != Kind::string) return "...";
      for (std::size_t i = 0; i < n && text.size() <= kShown; ++i)
        text += (i ? ", " : "") + print_scalar(item, m.time, m.type->get(value, i));
      text = "[" + text + "]";
      break;
    }
    case Kind::map:
    case Kind::structure:
    case Kind::blob:
    case Kind::json:
      return "...";
    default:
      text = print_scalar(*m.type, m.time, value);
  }
  if (text.size() <= kShown) return text;
  text.resize(kShown);
  return text += "...";
}

std::size_t map_size(const Type& type, const void* value) {
  std::size_t n = 0;
  type.each(value, &n, [](void* context, std::string_view, const void*) {
    ++*static_cast<std::size_t*>(context);
  });
  return n;
}

template <class T>
bool whole_number(std::string_view text, void* out) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  *static_cast<T*>(out) = value;
  return true;
}

bool parse_time(std::string_view text, Instant& out) {
  if (auto t = parse_iso8601(text)) {
    out = *t;
    return true;
  }
  if (auto t = parse_http_date(text)) {
    out = *t;
    return true;
  }
  double seconds = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || !(std::fabs(seconds) < 1e12))
    return false;
  out = instant_from_ms(static_cast<std::int64_t>(std::llround(seconds * 1000)));
  return true;
}

}  // namespace

const char* type_name(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "Boolean";
    case Kind::integer:
      return "Integer";
    case Kind::long_:
      return "Long";
    case Kind::double_:
      return "Double";
    case Kind::string:
      return "String";
    case Kind::blob:
      return "Blob";
    case Kind::timestamp:
      return "Timestamp";
    case Kind::list:
      return "List";
    case Kind::map:
      return "Map";
    case Kind::structure:
    case Kind::json:
      break;
  }
  return "Structure";
}

std::string member_path(std::string_view parent, std::string_view member) {
  std::string path(parent);
  if (!path.empty()) path.push_back('.');
  const std::size_t at = path.size();
  path += member;
  if (path.size() > at && path[at] >= 'A' && path[at] <= 'Z')
    path[at] = static_cast<char>(path[at] - 'A' + 'a');
  return path;
}

void Decoding::missing(std::string_view path, const Member&) {
  violations.push_back(
      {"required", std::string(path), "Member must not be null", "MissingMember", "null"});
}

void Decoding::check(std::string_view path, const Member& m, const void* value) {
  auto fail = [&](std::string constraint, std::string reason) {
    violations.push_back({std::move(constraint), std::string(path), std::move(reason),
                          "ConstraintViolation", shown(m, value)});
  };
  auto measure = [&](std::int64_t n, const char* what) {
    if (m.bounded_below && n < m.min)
      fail("min", fmt::format("Member must have {} greater than or equal to {}", what, m.min));
    if (m.bounded_above && n > m.max)
      fail("max", fmt::format("Member must have {} less than or equal to {}", what, m.max));
  };
  switch (m.type->kind) {
    case Kind::string: {
      const auto& text = *static_cast<const std::string*>(value);
      measure(static_cast<std::int64_t>(count_code_points(text)), "length");
      if (!m.one_of.empty() && std::find(m.one_of.begin(), m.one_of.end(), text) == m.one_of.end())
        fail("enum",
             fmt::format("Member must satisfy enum value set: [{}]", fmt::join(m.one_of, ", ")));
      return;
    }
    case Kind::blob:
      measure(static_cast<std::int64_t>(static_cast<const Blob*>(value)->bytes.size()), "length");
      return;
    case Kind::list:
      measure(static_cast<std::int64_t>(m.type->size(value)), "length");
      return;
    case Kind::map:
      measure(static_cast<std::int64_t>(map_size(*m.type, value)), "length");
      return;
    case Kind::integer:
    case Kind::long_:
    case Kind::double_: {
      const double n = m.type->kind == Kind::integer ? *static_cast<const std::int32_t*>(value)
                       : m.type->kind == Kind::long_
                           ? static_cast<double>(*static_cast<const std::int64_t*>(value))
                           : *static_cast<const double*>(value);
      if (m.bounded_below && n < static_cast<double>(m.min))
        fail("min", fmt::format("Member must have value greater than or equal to {}", m.min));
      if (m.bounded_above && n > static_cast<double>(m.max))
        fail("max", fmt::format("Member must have value less than or equal to {}", m.max));
      return;
    }
    default:
      return;
  }
}

Status Decoding::verdict() const {
  if (violations.empty()) return done;
  std::string text = fmt::format("{} validation error{} detected: ", violations.size(),
                                 violations.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < violations.size(); ++i) {
    const ErrorDetail& v = violations[i];
    if (i) text += "; ";
    text += v.constraint == "required"
                ? fmt::format("Value null at '{}' failed to satisfy constraint: {}", v.location,
                              v.reason)
                : fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", v.value,
                              v.location, v.reason);
  }
  Error error{Fault::invalid_request, std::move(text)};
  error.details = violations;
  return error;
}

bool parse_scalar(std::string_view text, const Type& type, TimeFormat, void* out) {
  switch (type.kind) {
    case Kind::boolean:
      if (text != "true" && text != "false" && text != "True" && text != "False" &&
          text != "TRUE" && text != "FALSE")
        return false;
      *static_cast<bool*>(out) = text[0] == 't' || text[0] == 'T';
      return true;
    case Kind::integer:
      return whole_number<std::int32_t>(text, out);
    case Kind::long_:
      return whole_number<std::int64_t>(text, out);
    case Kind::double_: {
      double value = 0;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || end != text.data() + text.size()) return false;
      *static_cast<double*>(out) = value;
      return true;
    }
    case Kind::string:
      *static_cast<std::string*>(out) = std::string(text);
      return true;
    case Kind::blob: {
      auto bytes = from_base64(text);
      if (!bytes) return false;
      static_cast<Blob*>(out)->bytes = std::move(*bytes);
      return true;
    }
    case Kind::timestamp:
      return parse_time(text, *static_cast<Instant*>(out));
    default:
      return false;
  }
}

std::string print_double(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".eEni") == std::string::npos) text += ".0";
  return text;
}

std::string print_scalar(const Type& type, TimeFormat format, const void* value) {
  switch (type.kind) {
    case Kind::boolean:
      return *static_cast<const bool*>(value) ? "true" : "false";
    case Kind::integer:
      return std::to_string(*static_cast<const std::int32_t*>(value));
    case Kind::long_:
      return std::to_string(*static_cast<const std::int64_t*>(value));
    case Kind::double_:
      return print_double(*static_cast<const double*>(value));
    case Kind::string:
      return *static_cast<const std::string*>(value);
    case Kind::blob:
      return to_base64(static_cast<const Blob*>(value)->bytes);
    case Kind::timestamp: {
      const Instant t = *static_cast<const Instant*>(value);
      if (format == TimeFormat::http_date) return http_date(t);
      if (format == TimeFormat::text) return iso8601_lambda(t);
      if (format == TimeFormat::epoch) {
        const std::int64_t ms = to_ms(t);
        const std::int64_t size = ms < 0 ? -ms : ms;
        std::string text = fmt::format("{}{}", ms < 0 ? "-" : "", size / 1000);
        if (size % 1000 != 0) text += fmt::format(".{:03}", size % 1000);
        return text;
      }
      return iso8601(t);
    }
    default:
      return {};
  }
}

}  // namespace tidegate::wire
