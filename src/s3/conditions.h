// Conditions and ranges of reads, and conditions of writes, in the order S3 applies them. ETags
// compare with or without quotes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "s3/types.h"

namespace tidegate::s3 {

struct ReadConditions {
  std::optional<std::string> if_match, if_none_match;  // lists of ETags, or "*"
  std::optional<Instant> if_modified_since, if_unmodified_since;
};
// precondition_failed or not_modified.
Status check_read(const ReadConditions&, std::string_view etag, Instant last_modified, Instant now);
// The same for the source of a copy: a match that would be 304 is 412 there.
Status check_copy_source(const ReadConditions&, std::string_view etag, Instant last_modified,
                         Instant now);

struct WriteConditions {
  bool if_none_match = false;           // If-None-Match: *
  std::optional<std::string> if_match;  // one ETag
  bool any() const { return if_none_match || if_match.has_value(); }
};
// `current` null: the key has no object (or a delete marker). precondition_failed, no_such_key.
Status check_write(const WriteConditions&, const ObjectRecord* current, std::string_view key);

bool etag_in_list(std::string_view list, std::string_view etag);
std::string_view without_quotes(std::string_view etag);

struct ByteRange {
  std::uint64_t first = 0, length = 0;
};
// nullopt: no range, or one that S3 ignores (malformed, reversed, several). invalid_range.
Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t size);

}  // namespace tidegate::s3
