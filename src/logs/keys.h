// The store's keys of the log service. What belongs to a group stands under its id, so that a later
// group of that name inherits nothing. Chunks are ordered by the time of their first event.
// Internal to logs. Pure.
#pragma once

#include "base/error.h"
#include "base/scope.h"
#include "logs/types.h"
#include "store/store.h"

namespace tidegate::logs {

inline std::string groups_prefix(const Scope& scope) {
  return key_prefix(scope, "log-group");
}
inline std::string group_row(const Scope& scope, const std::string& name) {
  return groups_prefix(scope) + name;
}
inline std::string streams_prefix(const Scope& scope, const Group& group) {
  return key_prefix(scope, "log-stream") + group.id + "/";
}
inline std::string stream_row(const Scope& scope, const Group& group, const std::string& name) {
  return streams_prefix(scope, group) + name;
}
inline std::string chunks_prefix(const Scope& scope, const Group& group) {
  return key_prefix(scope, "log-chunk") + group.id + "/";
}
inline std::string chunk_row(const Scope& scope, const Group& group, std::int64_t time_ms,
                             std::uint64_t seq) {
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(time_ms, 0));
  return chunks_prefix(scope, group) + store::ordered_number(time) + store::ordered_number(seq);
}

// Behind the row of what they are the rest of, and before the next event's.
inline std::string parts_prefix(const std::string& chunk) {
  return chunk + "/";
}
inline std::string part_row(const std::string& chunk, std::uint32_t part) {
  return parts_prefix(chunk) + store::ordered_number(part);
}

Error no_such_group();
Error no_such_stream();

}  // namespace tidegate::logs
