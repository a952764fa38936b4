#include "s3/conditions.h"

#include <charconv>

#include "s3/errors.h"

namespace tidegate::s3 {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// HTTP dates have whole seconds; so has what they are compared with.
Instant whole_seconds(Instant t) {
  return instant_from_ms(to_ms(t) / 1000 * 1000);
}

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  // More than any object has: as far as one can point.
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

Error unsatisfiable(std::string_view header, std::uint64_t size) {
  return Error{Fault::invalid_range, "The requested range is not satisfiable"}
      .with("RangeRequested", std::string(header))
      .with("ActualObjectSize", std::to_string(size));
}

}  // namespace

std::string_view without_quotes(std::string_view etag) {
  etag = trimmed(etag);
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    return etag.substr(1, etag.size() - 2);
  return etag;
}

bool etag_in_list(std::string_view list, std::string_view etag) {
  for (;;) {
    auto comma = list.find(',');
    std::string_view one = without_quotes(list.substr(0, comma));
    if (one == "*" || one == etag) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

Status check_read(const ReadConditions& conditions, std::string_view etag, Instant last_modified,
                  Instant now) {
  const Instant modified = whole_seconds(last_modified);
  if (conditions.if_match) {
    if (!etag_in_list(*conditions.if_match, etag)) return precondition_failed("If-Match");
  } else if (conditions.if_unmodified_since && modified > *conditions.if_unmodified_since) {
    return precondition_failed("If-Unmodified-Since");
  }
  if (conditions.if_none_match) {
    if (etag_in_list(*conditions.if_none_match, etag))
      return Error{Fault::not_modified, "Not Modified"};
  } else if (conditions.if_modified_since && *conditions.if_modified_since <= now &&
             modified <= *conditions.if_modified_since) {
    return Error{Fault::not_modified, "Not Modified"};
  }
  return done;
}

Status check_copy_source(const ReadConditions& conditions, std::string_view etag,
                         Instant last_modified, Instant now) {
  Status checked = check_read(conditions, etag, last_modified, now);
  if (checked.ok()) return checked;
  std::string failed = "If-Match";
  if (checked.fault() == Fault::not_modified) {
    failed = conditions.if_none_match ? "If-None-Match" : "If-Modified-Since";
  } else if (!conditions.if_match) {
    failed = "If-Unmodified-Since";
  }
  return precondition_failed("x-amz-copy-source-" + failed);
}

Status check_write(const WriteConditions& conditions, const ObjectRecord* current,
                   std::string_view key) {
  if (conditions.if_none_match && current != nullptr) return precondition_failed("If-None-Match");
  if (conditions.if_match) {
    if (current == nullptr) return no_such_key(key);
    if (without_quotes(*conditions.if_match) != current->etag)
      return precondition_failed("If-Match");
  }
  return done;
}

Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  std::string_view text = trimmed(header);
  const std::optional<ByteRange> ignored;
  if (!text.starts_with(kUnit)) return ignored;
  text.remove_prefix(kUnit.size());
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return ignored;
  std::string_view from = trimmed(text.substr(0, dash)), to = trimmed(text.substr(dash + 1));
  if (from.empty()) {
    auto last = number(to);
    if (!last) return ignored;
    if (*last == 0 || size == 0) return unsatisfiable(header, size);
    const std::uint64_t length = std::min(*last, size);
    return std::optional(ByteRange{size - length, length});
  }
  auto first = number(from);
  if (!first) return ignored;
  std::uint64_t last = UINT64_MAX;
  if (!to.empty()) {
    auto given = number(to);
    if (!given || *given < *first) return ignored;
    last = *given;
  }
  if (*first >= size) return unsatisfiable(header, size);
  last = std::min(last, size - 1);
  return std::optional(ByteRange{*first, last - *first + 1});
}

}  // namespace tidegate::s3
