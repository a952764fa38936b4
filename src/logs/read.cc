// Reading events: chunks are ordered by their first event, and none spans more than kMaxSpan, so a
// scan looks that far back, and ends that far behind the last event it wants.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "logs/keys.h"
#include "logs/logs.h"

namespace tidegate::logs {
namespace {

constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max() / 4;
constexpr std::uint64_t kLastSeq = std::numeric_limits<std::uint64_t>::max() / 2;
constexpr std::size_t kPage = 64;
constexpr std::size_t kMaxChunks = 2000;         // of one call, beyond where it begins
constexpr std::size_t kMaxPageBytes = 1u << 20;  // of an answer, as on AWS

std::optional<Position> parse_position(std::string_view text) {
  if (text.size() != 56) return std::nullopt;
  Position p;
  auto number = [](std::string_view digits, auto& out) {
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, out);
    return error == std::errc() && stop == end;
  };
  if (!number(text.substr(0, 28), p.time_ms) || !number(text.substr(28), p.seq))
    return std::nullopt;
  return p;
}

Error bad_token() {
  return Error{Fault::bad_token, "The specified nextToken is invalid."};
}

Position position_of(const LogEvent& e) {
  return {to_ms(e.time), e.seq};
}

bool before(const LogEvent& a, const LogEvent& b) {
  return position_of(a) < position_of(b);
}

// Whether `limit` events lie before anything that begins at `next_ms`.
bool enough(std::vector<LogEvent>& events, std::size_t limit, std::int64_t next_ms) {
  if (events.size() < limit) return false;
  std::nth_element(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(limit) - 1,
                   events.end(), before);
  return to_ms(events[limit - 1].time) < next_ms;
}

void cut_to_bytes(std::vector<LogEvent>& events) {
  std::size_t bytes = 0, kept = 0;
  while (kept < events.size() && (bytes += events[kept].message.size() + 26) <= kMaxPageBytes)
    ++kept;
  events.resize(std::max(kept, std::min<std::size_t>(events.size(), 1)));
}

}  // namespace

Task<Chunk> Logs::whole(const store::Kv& kv) {
  CO_TRY(Chunk chunk, store::decode<Chunk>(kv.value));
  if (chunk.parts == 0) co_return chunk;
  CO_TRY(store::Page rest, co_await store_.range(store::Range::prefix(parts_prefix(kv.key))));
  for (const store::Kv& one : rest.items) {
    CO_TRY(Chunk part, store::decode<Chunk>(one.value));
    chunk.lines.front().message += part.lines.front().message;
  }
  co_return chunk;
}

Task<Logs::Found> Logs::forward(Scope scope, Group group, Scan scan) {
  Found out;
  const std::int64_t from = std::max(scan.start_ms, scan.bound.time_ms);
  store::Range range = store::Range::prefix(chunks_prefix(scope, group), kPage);
  range.begin = chunk_row(scope, group, from - kMaxSpan.count(), 0);
  if (scan.end_ms < kEver) range.end = chunk_row(scope, group, scan.end_ms, 0);
  bool full = false;
  for (std::size_t seen = 0; !full;) {
    if (range.begin >= range.end) break;
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Chunk chunk, co_await whole(kv));
      if (chunk.part != 0) continue;
      const std::int64_t first = chunk.lines.front().time_ms;
      full = enough(out.events, scan.limit, first);
      // Those that only reach into the range do not count: a call would end before it began.
      if (!full && first > from && ++seen > kMaxChunks && first > from + 1) {
        // Everything before this chunk's first event is complete.
        out.stopped = Position{first - 1, kLastSeq};
        full = true;
      }
      if (full) break;
      for (std::size_t i = 0; i < chunk.lines.size(); ++i) {
        LogLine& line = chunk.lines[i];
        const Position at{line.time_ms, chunk.first_seq + i};
        if (line.time_ms < scan.start_ms || line.time_ms >= scan.end_ms || at <= scan.bound ||
            !scan.accept(chunk, line))
          continue;
        out.events.push_back({chunk.stream, std::move(line.message), instant_from_ms(line.time_ms),
                              chunk.ingested, at.seq});
      }
    }
    if (!page.more) break;
    range.begin = page.items.back().key + '\0';
  }
  std::sort(out.events.begin(), out.events.end(), before);
  if (out.stopped)
    std::erase_if(out.events, [&](const LogEvent& e) { return position_of(e) > *out.stopped; });
  const std::size_t found = out.events.size();
  if (found > scan.limit) out.events.resize(scan.limit);
  cut_to_bytes(out.events);
  const bool more = out.events.size() < found || (full && !out.stopped);
  if (more) out.stopped = position_of(out.events.back());
  co_return out;
}

Task<Logs::Found> Logs::backward(Scope scope, Group group, Scan scan) {
  Found out;
  store::Range range = store::Range::prefix(chunks_prefix(scope, group), kPage);
  range.reverse = true;
  const std::int64_t until = std::min(scan.end_ms, scan.bound.time_ms + 1);
  range.begin = chunk_row(scope, group, scan.start_ms - kMaxSpan.count(), 0);
  if (until < kEver) range.end = chunk_row(scope, group, until, 0);
  bool full = false;
  for (std::size_t seen = 0; !full;) {
    if (range.begin >= range.end) break;
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Chunk chunk, co_await whole(kv));
      if (chunk.part != 0) continue;
      if (out.events.size() >= scan.limit) {
        const auto wanted = out.events.end() - static_cast<std::ptrdiff_t>(scan.limit);
        std::nth_element(out.events.begin(), wanted, out.events.end(), before);
        full = to_ms(wanted->time) > chunk.lines.front().time_ms + kMaxSpan.count();
      }
      const std::int64_t complete = chunk.lines.front().time_ms + kMaxSpan.count() + 1;
      if (!full && complete < until && ++seen > kMaxChunks) {
        out.stopped = Position{complete, 0};
        full = true;
      }
      if (full) break;
      for (std::size_t i = 0; i < chunk.lines.size(); ++i) {
        LogLine& line = chunk.lines[i];
        const Position at{line.time_ms, chunk.first_seq + i};
        if (line.time_ms < scan.start_ms || line.time_ms >= scan.end_ms || at >= scan.bound ||
            !scan.accept(chunk, line))
          continue;
        out.events.push_back({chunk.stream, std::move(line.message), instant_from_ms(line.time_ms),
                              chunk.ingested, at.seq});
      }
    }
    if (!page.more) break;
    range.end = page.items.back().key;
  }
  std::sort(out.events.begin(), out.events.end(), before);
  if (out.stopped)
    std::erase_if(out.events, [&](const LogEvent& e) { return position_of(e) < *out.stopped; });
  if (out.events.size() > scan.limit)
    out.events.erase(out.events.begin(),
                     out.events.end() - static_cast<std::ptrdiff_t>(scan.limit));
  co_return out;
}

Task<ReadPage> Logs::read(Scope scope, ReadQuery query) {
  CO_TRY(Unit flushed, co_await flush());
  (void)flushed;
  CO_TRY(Group group, co_await find_group(scope, query.group));
  CO_TRY(Stream stream, co_await find_stream(scope, group, query.stream));
  Scan scan;
  scan.start_ms = query.start_ms.value_or(0);
  scan.end_ms = query.end_ms.value_or(kEver);
  scan.limit = query.limit;
  scan.accept = [name = stream.name](const Chunk& chunk, const LogLine&) {
    return chunk.stream == name;
  };
  bool ahead = query.from_head;
  scan.bound = ahead ? Position{-1, 0} : Position{kEver, 0};
  if (!query.token.empty()) {
    const std::string_view token = query.token;
    const auto at = token.size() == 60 && token.ends_with("/s")
                        ? parse_position(token.substr(2, 56))
                        : std::nullopt;
    if (!at || (!token.starts_with("f/") && !token.starts_with("b/"))) co_return bad_token();
    ahead = token[0] == 'f';
    scan.bound = *at;
  }
  const Position bound = scan.bound;
  Found found;
  if (ahead) {
    CO_TRY(found, co_await forward(scope, group, std::move(scan)));
  } else {
    CO_TRY(found, co_await backward(scope, group, std::move(scan)));
  }
  ReadPage out;
  // With nothing found the position stays, so that a reader who asks again goes on from there.
  Position first = bound, last = bound;
  if (query.token.empty()) first = last = Position{0, 0};
  if (!found.events.empty()) {
    first = position_of(found.events.front());
    last = position_of(found.events.back());
  } else if (found.stopped) {
    (ahead ? last : first) = *found.stopped;
  }
  out.forward_token = "f/" + position_text(last) + "/s";
  out.backward_token = "b/" + position_text(first) + "/s";
  out.events = std::move(found.events);
  co_return out;
}

Task<std::string> Logs::tail(Scope scope, std::string name, std::size_t lines) {
  CO_TRY(Unit flushed, co_await flush());
  (void)flushed;
  Result<Group> group = co_await find_group(scope, name);
  if (!group.ok() && group.fault() == Fault::not_found) co_return std::string();
  if (!group.ok()) co_return std::move(group).error();
  Scan scan;
  scan.end_ms = kEver;
  scan.bound = Position{kEver, 0};
  scan.limit = lines;
  scan.accept = [](const Chunk&, const LogLine&) { return true; };
  CO_TRY(Found found, co_await backward(scope, std::move(*group), std::move(scan)));
  std::string text;
  for (const LogEvent& e : found.events) text += e.message;
  co_return text;
}

Task<FilterPage> Logs::filter(Scope scope, FilterQuery query) {
  CO_TRY(Unit flushed, co_await flush());
  (void)flushed;
  CO_TRY(Group group, co_await find_group(scope, query.group));
  for (const std::string& name : query.streams) {
    CO_TRY(Stream known, co_await find_stream(scope, group, name));
    (void)known;
  }
  Scan scan;
  scan.start_ms = query.start_ms.value_or(0);
  scan.end_ms = query.end_ms ? *query.end_ms + 1 : kEver;
  scan.limit = query.limit;
  scan.bound = Position{-1, 0};
  if (!query.token.empty()) {
    const auto at = parse_position(query.token);
    if (!at) co_return bad_token();
    scan.bound = *at;
  }
  const std::set<std::string> names(query.streams.begin(), query.streams.end());
  scan.accept = [names, prefix = query.stream_prefix, pattern = query.pattern](
                    const Chunk& chunk, const LogLine& line) {
    return (names.empty() || names.contains(chunk.stream)) && chunk.stream.starts_with(prefix) &&
           pattern.matches(line.message);
  };
  CO_TRY(Found found, co_await forward(scope, group, std::move(scan)));
  FilterPage out;
  out.events = std::move(found.events);
  if (found.stopped) out.next_token = position_text(*found.stopped);
  co_return out;
}

}  // namespace tidegate::logs
