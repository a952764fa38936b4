// What the log service keeps, as plain data. Names are CloudWatch Logs' own. Times are UTC
// milliseconds of domain time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/record.h"

namespace tidegate::logs {

struct Group {
  std::string name;
  std::string id;  // of this group among those that had its name
  Instant created{};
  std::optional<std::int32_t> retention_days;  // as asked; size bounds it in any case
  std::map<std::string, std::string> tags;
  std::uint64_t bytes = 0;  // of its chunks
};

struct Stream {
  std::string name;
  Instant created{};
  std::optional<Instant> first_event, last_event, last_ingestion;
};

struct LogLine {
  std::int64_t time_ms = 0;
  std::string message;
};

// Events of one stream that were written together and lie within kMaxSpan of each other: one row.
// Event i has the sequence number first_seq + i. A message too long for a row is alone in its
// chunk, and its rest lies in rows of their own behind it, parts 1 to `parts`.
struct Chunk {
  std::string stream;
  std::uint64_t first_seq = 0;
  Instant ingested{};
  std::vector<LogLine> lines;
  std::uint32_t part = 0, parts = 0;
};

// An event as it is read.
struct LogEvent {
  std::string stream, message;
  Instant time{}, ingested{};
  std::uint64_t seq = 0;
};

// A place in the order of a group's events: by time, then as they came.
struct Position {
  std::int64_t time_ms = 0;
  std::uint64_t seq = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace tidegate::logs

namespace tidegate::store {

template <>
struct record_of<logs::Group> {
  using R = logs::Group;
  static constexpr auto fields =
      std::tuple{field(1, &R::name),           field(2, &R::id),   field(3, &R::created),
                 field(4, &R::retention_days), field(5, &R::tags), field(6, &R::bytes)};
};
template <>
struct record_of<logs::Stream> {
  using R = logs::Stream;
  static constexpr auto fields =
      std::tuple{field(1, &R::name), field(2, &R::created), field(3, &R::first_event),
                 field(4, &R::last_event), field(5, &R::last_ingestion)};
};
template <>
struct record_of<logs::LogLine> {
  using R = logs::LogLine;
  static constexpr auto fields = std::tuple{field(1, &R::time_ms), field(2, &R::message)};
};
template <>
struct record_of<logs::Chunk> {
  using R = logs::Chunk;
  static constexpr auto fields =
      std::tuple{field(1, &R::stream), field(2, &R::first_seq), field(3, &R::ingested),
                 field(4, &R::lines),  field(5, &R::part),      field(6, &R::parts)};
};

}  // namespace tidegate::store
