#include "logs/logs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "logs/keys.h"
#include "store/stored.h"

namespace tidegate::logs {
namespace {

constexpr std::size_t kChunkBytes = 48 * 1024;
// With the rest of the last one, within a transaction's bytes.
constexpr std::size_t kChunksAtOnce = 20;
static_assert((kChunksAtOnce + kMaxMessage / kChunkBytes + 1) * (kChunkBytes + 1024) <
              store::kMaxRequestBytes);
constexpr std::size_t kErasesAtOnce = 100;
constexpr Duration kExpireEach{3'600'000};
constexpr std::int64_t kDayMs = 24LL * 3'600'000;

Error busy() {
  return Error{Fault::unavailable, "The log group is being written to by others. Please retry."};
}

std::size_t bytes_of(const LogLine& line) {
  return line.message.size() + 26;  // what AWS counts for an event
}

// Cut between characters.
std::size_t cut_at(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 1 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return most;
}

}  // namespace

std::string group_arn(const Scope& scope, const std::string& group) {
  return arn(scope, "logs", "log-group:" + group);
}

std::string position_text(const Position& p) {
  return fmt::format("{:028d}{:028d}", p.time_ms, p.seq);
}

Error no_such_group() {
  return Error{Fault::not_found, "The specified log group does not exist."};
}
Error no_such_stream() {
  return Error{Fault::not_found, "The specified log stream does not exist."};
}

Logs::Logs(store::Store& store, Scheduler& real, Scheduler& domain, Random& random,
           Executors executors)
    : store_(store), real_(real), domain_(domain), random_(random), group_(executors.control) {}

void Logs::emit(const Scope& scope, const std::string& group, const std::string& stream,
                std::string_view lines) {
  if (closed_) return;
  const std::int64_t now = to_ms(domain_.now());
  std::vector<LogLine>& pending = pending_[{scope, group, stream}];
  while (!lines.empty()) {
    const std::size_t newline = std::min(lines.find('\n'), lines.size() - 1);
    std::string_view line = lines.substr(0, newline + 1);
    lines.remove_prefix(newline + 1);
    while (!line.empty()) {
      const std::size_t size = cut_at(line, kMaxMessage);
      LogLine event{now, std::string(line.substr(0, size))};
      std::replace(event.message.begin(), event.message.end(), '\r', '\n');
      line.remove_prefix(size);
      if (pending_bytes_ + bytes_of(event) > kMaxPending) {
        if (dropped_++ == 0)
          LOG_WARN("functions print faster than the disk takes it: lines are lost");
        continue;
      }
      pending_bytes_ += bytes_of(event);
      pending.push_back(std::move(event));
    }
  }
  arm_flush();
}

void Logs::arm_flush() {
  if (flush_timer_ || closed_) return;
  flush_timer_ = real_.after(kFlushAfter, [this] {
    flush_timer_ = 0;
    group_.spawn("flush logs", flush());
  });
}

Task<Unit> Logs::flush() {
  // What another flush took is not written before it ends, and whoever reads is to find it.
  while (flushing_) {
    auto turn = std::make_shared<OneShot<bool>>();
    turns_.push_back(turn);
    co_await turn->wait();
  }
  const Flushing here(*this);
  std::map<Key, std::vector<LogLine>> taken = std::exchange(pending_, {});
  pending_bytes_ = 0;
  for (auto& [key, lines] : taken) {
    if (lines.empty()) continue;
    Status written = co_await write(key, std::move(lines), true);
    if (!written.ok())
      LOG_WARN("lines of {} are lost: {}", std::get<1>(key), written.error().message);
  }
  co_return done;
}

Logs::Flushing::Flushing(Logs& logs) : logs_(logs) {
  logs_.flushing_ = true;
}

Logs::Flushing::~Flushing() {
  logs_.flushing_ = false;
  for (const auto& turn : std::exchange(logs_.turns_, {})) turn->set(true);
}

void Logs::start() {
  arm_expiry();
}

void Logs::arm_expiry() {
  if (closed_) return;
  expiry_timer_ = domain_.after(kExpireEach, [this] {
    group_.spawn("expire logs", expire());
    arm_expiry();
  });
}

asio::awaitable<void> Logs::close() {
  if (flush_timer_) real_.cancel(flush_timer_);
  if (expiry_timer_) domain_.cancel(expiry_timer_);
  Status flushed = co_await flush();
  if (!flushed.ok()) LOG_WARN("logs: {}", flushed.error().message);
  closed_ = true;
  co_await group_.close();
}

// --- Writing

std::vector<Chunk> Logs::chunks_of(const Key& key, std::vector<LogLine> lines) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const LogLine& a, const LogLine& b) { return a.time_ms < b.time_ms; });
  std::vector<Chunk> chunks;
  std::size_t size = kChunkBytes;
  const Instant now = domain_.now();
  last_seq_ = std::max(last_seq_, static_cast<std::uint64_t>(to_ms(now)) << 20);
  for (LogLine& line : lines) {
    const std::size_t more = bytes_of(line);
    const bool fits = size + more <= kChunkBytes &&
                      line.time_ms - chunks.back().lines.front().time_ms <= kMaxSpan.count();
    const std::uint64_t seq = ++last_seq_;
    if (!fits) {
      chunks.push_back({std::get<2>(key), seq, now, {}});
      size = 0;
    }
    size += more;
    if (more <= kChunkBytes) {
      chunks.back().lines.push_back(std::move(line));
      continue;
    }
    const std::size_t head = chunks.size() - 1;
    for (std::size_t at = 0; at < line.message.size(); at += kChunkBytes) {
      if (at > 0) chunks.push_back({std::get<2>(key), seq, now, {}, ++chunks[head].parts});
      chunks.back().lines.push_back({line.time_ms, line.message.substr(at, kChunkBytes)});
    }
  }
  return chunks;
}

Task<Unit> Logs::write(Key key, std::vector<LogLine> lines, bool create) {
  std::vector<Chunk> chunks = chunks_of(key, std::move(lines));
  std::size_t written = 0;
  for (int attempt = 0; written < chunks.size(); ++attempt) {
    const std::size_t before = written;
    Status once = co_await write_once(key, chunks, written, create);
    if (!once.ok() && once.fault() != Fault::guard_failed) co_return once;
    if (written > before) attempt = 0;
    if (attempt > 16) co_return busy();
  }
  co_return done;
}

Task<Unit> Logs::write_once(const Key& key, std::vector<Chunk>& chunks, std::size_t& written,
                            bool create) {
  const auto& [scope, group_name, stream_name] = key;
  const std::string group_key = group_row(scope, group_name);
  CO_TRY(auto group_kv, co_await store_.get(group_key));
  if (!group_kv && !create) co_return no_such_group();
  Group group{group_name, random_.hex(16), domain_.now(), {}, {}, 0};
  if (group_kv) {
    CO_TRY(group, store::decode<Group>(group_kv->value));
  }
  const std::string stream_key = stream_row(scope, group, stream_name);
  CO_TRY(auto stream_kv, co_await store_.get(stream_key));
  if (!stream_kv && !create) co_return no_such_stream();
  Stream stream{stream_name, domain_.now(), {}, {}, {}};
  if (stream_kv) {
    CO_TRY(stream, store::decode<Stream>(stream_kv->value));
  }
  store::Txn txn;
  txn.guard(group_kv ? store::Guard::unchanged(*group_kv) : store::Guard::absent(group_key));
  txn.guard(stream_kv ? store::Guard::unchanged(*stream_kv) : store::Guard::absent(stream_key));
  std::size_t end = std::min(chunks.size(), written + kChunksAtOnce);
  while (end < chunks.size() && chunks[end].part != 0) ++end;  // a message is whole or not there
  for (std::size_t i = written; i < end; ++i) {
    const Chunk& chunk = chunks[i];
    const Instant first = instant_from_ms(chunk.lines.front().time_ms);
    const Instant last = instant_from_ms(chunk.lines.back().time_ms);
    stream.first_event = std::min(stream.first_event.value_or(first), first);
    stream.last_event = std::max(stream.last_event.value_or(last), last);
    stream.last_ingestion = chunk.ingested;
    std::string value = store::encode(chunk);
    group.bytes += value.size();
    std::string row = chunk_row(scope, group, to_ms(first), chunk.first_seq);
    if (chunk.part != 0) row = part_row(row, chunk.part);
    txn.put(std::move(row), std::move(value));
  }
  txn.put(group_key, store::encode(group)).put(stream_key, store::encode(stream));
  CO_TRY(store::Revision made, co_await store::commit_recognisably(store_, std::move(txn)));
  (void)made;
  written = end;
  if (group.bytes > kMaxGroupBytes) co_return co_await trim(scope, group_name);
  co_return done;
}

Task<Unit> Logs::put(Scope scope, std::string group, std::string stream,
                     std::vector<LogLine> lines) {
  std::vector<LogLine> cut;
  for (LogLine& line : lines) {
    std::string_view left = line.message;
    do {
      const std::size_t size = cut_at(left, kMaxMessage);
      cut.push_back({line.time_ms, std::string(left.substr(0, size))});
      left.remove_prefix(size);
    } while (!left.empty());
  }
  if (cut.empty()) {
    CO_TRY(Group known, co_await find_group(scope, group));
    CO_TRY(Stream found, co_await find_stream(scope, std::move(known), stream));
    (void)found;
    co_return done;
  }
  const Key key{scope, group, stream};
  co_return co_await write(key, std::move(cut), false);
}

// --- What is kept

// Erases from the oldest chunk on: those before `end`, and then until `least` bytes are gone.
// Answers with the bytes that went.
Task<std::uint64_t> Logs::erase_chunks(Scope scope, Group group, std::string end,
                                       std::uint64_t least) {
  std::uint64_t gone = 0;
  for (;;) {
    store::Range range = store::Range::prefix(chunks_prefix(scope, group), kErasesAtOnce);
    CO_TRY(store::Page page, co_await store_.range(range));
    store::Txn txn;
    std::uint64_t bytes = 0;
    for (const store::Kv& kv : page.items) {
      if (kv.key >= end && gone + bytes >= least) break;
      bytes += kv.value.size();
      txn.erase(kv.key);
    }
    if (txn.erases.empty()) co_return gone;
    const bool all = txn.erases.size() == page.items.size() && page.more;
    CO_TRY(store::Revision erased, co_await store_.commit(std::move(txn)));
    (void)erased;
    gone += bytes;
    if (!all) co_return gone;
  }
}

Task<Unit> Logs::trim(Scope scope, std::string name) {
  CO_TRY(Group group, co_await find_group(scope, name));
  const std::uint64_t surplus =
      group.bytes > kMaxGroupBytes ? group.bytes - kMaxGroupBytes * 9 / 10 : 0;
  std::string end;
  if (group.retention_days)
    end = chunk_row(scope, group, to_ms(domain_.now()) - *group.retention_days * kDayMs, 0);
  CO_TRY(std::uint64_t gone, co_await erase_chunks(scope, group, end, surplus));
  if (gone == 0) co_return done;
  auto apply = [gone](Group& g) -> Status {
    g.bytes -= std::min(g.bytes, gone);
    return done;
  };
  CO_TRY(Unit counted, co_await change_group(scope, name, apply));
  (void)counted;
  // Streams whose every event is gone go, too.
  CO_TRY(store::Page oldest,
         co_await store_.range(store::Range::prefix(chunks_prefix(scope, group), 1)));
  std::int64_t kept_from = to_ms(domain_.now());
  if (!oldest.items.empty()) {
    CO_TRY(Chunk chunk, store::decode<Chunk>(oldest.items[0].value));
    kept_from = chunk.lines.front().time_ms;
  }
  store::Range range = store::Range::prefix(streams_prefix(scope, group), 500);
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    store::Txn txn;
    for (const store::Kv& kv : page.items) {
      CO_TRY(Stream stream, store::decode<Stream>(kv.value));
      if (!stream.last_event || to_ms(*stream.last_event) >= kept_from) continue;
      if (txn.erases.size() < kErasesAtOnce) txn.erase(kv.key);
    }
    if (!txn.erases.empty()) {
      CO_TRY(store::Revision erased, co_await store_.commit(std::move(txn)));
      (void)erased;
    }
    if (!page.more) co_return done;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Logs::expire() {
  CO_TRY(auto all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    GroupQuery query;
    query.limit = kMaxGroups;
    CO_TRY(GroupPage page, co_await groups(scope, query));
    for (const Group& group : page.groups) {
      if (!group.retention_days) continue;
      CO_TRY(Unit trimmed, co_await trim(scope, group.name));
      (void)trimmed;
    }
  }
  co_return done;
}

// --- Groups

Task<Group> Logs::find_group(Scope scope, std::string name) {
  CO_TRY(auto kv, co_await store_.get(group_row(scope, name)));
  if (!kv) co_return no_such_group();
  co_return store::decode<Group>(kv->value);
}

Task<Unit> Logs::change_group(Scope scope, std::string name, std::function<Status(Group&)> apply) {
  auto changed =
      co_await store::change_record<Group>(store_, group_row(scope, name), std::move(apply), 16);
  if (!changed.ok() && changed.fault() == Fault::guard_failed) co_return busy();
  if (!changed.ok()) co_return std::move(changed).error();
  if (!*changed) co_return no_such_group();
  co_return done;
}

Task<Unit> Logs::create_group(Scope scope, std::string name,
                              std::map<std::string, std::string> tags) {
  const Error exists{Fault::conflict, "The specified log group already exists"};
  CO_TRY(store::Page known,
         co_await store_.range(store::Range::prefix(groups_prefix(scope), kMaxGroups)));
  if (known.items.size() >= kMaxGroups)
    co_return Error{Fault::quota_exceeded, "Resource limit exceeded."};
  Group group{std::move(name), random_.hex(16), domain_.now(), {}, std::move(tags), 0};
  const std::string key = group_row(scope, group.name);
  store::Txn txn;
  txn.guard(store::Guard::absent(key)).put(key, store::encode(group));
  Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
  if (made.ok()) co_return done;
  co_return made.fault() == Fault::guard_failed ? exists : std::move(made).error();
}

Task<Unit> Logs::remove_group(Scope scope, std::string name) {
  CO_TRY(Group group, co_await find_group(scope, name));
  store::Txn txn;
  txn.erase(group_row(scope, name));
  CO_TRY(store::Revision gone, co_await store_.commit(std::move(txn)));
  (void)gone;
  CO_TRY(Unit streams, co_await store::erase_prefix(store_, streams_prefix(scope, group)));
  (void)streams;
  co_return co_await store::erase_prefix(store_, chunks_prefix(scope, group));
}

Task<GroupPage> Logs::groups(Scope scope, GroupQuery query) {
  store::Range range = store::Range::prefix(group_row(scope, query.prefix), 500);
  if (!query.token.empty()) {
    const auto after = from_base64url(query.token);
    if (!after) co_return Error{Fault::bad_token, "The specified nextToken is invalid."};
    range.begin = group_row(scope, *after) + '\0';
  }
  GroupPage out;
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Group group, store::decode<Group>(kv.value));
      if (group.name.find(query.part) == std::string::npos) continue;
      if (out.groups.size() == query.limit) {
        out.next_token = to_base64url(out.groups.back().name);
        co_return out;
      }
      out.groups.push_back(std::move(group));
    }
    if (!page.more) co_return out;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Logs::set_retention(Scope scope, std::string group, std::optional<std::int32_t> days) {
  auto apply = [days](Group& g) -> Status {
    g.retention_days = days;
    return done;
  };
  CO_TRY(Unit set, co_await change_group(scope, group, apply));
  (void)set;
  if (!days) co_return done;
  co_return co_await trim(scope, group);
}

Task<Unit> Logs::tag(Scope scope, std::string group, std::map<std::string, std::string> more,
                     std::vector<std::string> less) {
  auto apply = [more, less](Group& g) -> Status {
    for (const auto& [key, value] : more) g.tags[key] = value;
    for (const std::string& key : less) g.tags.erase(key);
    if (g.tags.size() > 50)
      return Error{Fault::quota_exceeded, "A resource can have at most 50 tags."};
    return done;
  };
  co_return co_await change_group(scope, group, apply);
}

// --- Streams

Task<Stream> Logs::find_stream(Scope scope, Group group, std::string name) {
  CO_TRY(auto kv, co_await store_.get(stream_row(scope, group, name)));
  if (!kv) co_return no_such_stream();
  co_return store::decode<Stream>(kv->value);
}

Task<Unit> Logs::create_stream(Scope scope, std::string group_name, std::string name) {
  CO_TRY(Group group, co_await find_group(scope, group_name));
  const Stream stream{name, domain_.now(), {}, {}, {}};
  const std::string key = stream_row(scope, group, name);
  store::Txn txn;
  txn.guard(store::Guard::present(group_row(scope, group_name))).guard(store::Guard::absent(key));
  txn.put(key, store::encode(stream));
  Result<store::Revision> made = co_await store::commit_recognisably(store_, std::move(txn));
  if (made.ok()) co_return done;
  if (made.fault() == Fault::guard_failed)
    co_return Error{Fault::conflict, "The specified log stream already exists"};
  co_return std::move(made).error();
}

Task<Unit> Logs::remove_stream(Scope scope, std::string group_name, std::string name) {
  CO_TRY(Group group, co_await find_group(scope, group_name));
  CO_TRY(Stream stream, co_await find_stream(scope, group, name));
  std::uint64_t gone = 0;
  store::Range range = store::Range::prefix(chunks_prefix(scope, group), kErasesAtOnce);
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    store::Txn txn;
    for (const store::Kv& kv : page.items) {
      CO_TRY(Chunk chunk, store::decode<Chunk>(kv.value));
      if (chunk.stream != stream.name) continue;
      gone += kv.value.size();
      txn.erase(kv.key);
    }
    if (!page.more) txn.erase(stream_row(scope, group, name));
    if (!txn.erases.empty()) {
      CO_TRY(store::Revision erased, co_await store_.commit(std::move(txn)));
      (void)erased;
    }
    if (!page.more) break;
    range.begin = page.items.back().key + '\0';
  }
  auto apply = [gone](Group& g) -> Status {
    g.bytes -= std::min(g.bytes, gone);
    return done;
  };
  co_return co_await change_group(scope, group_name, apply);
}

Task<StreamPage> Logs::streams(Scope scope, StreamQuery query) {
  CO_TRY(Unit flushed, co_await flush());
  (void)flushed;
  CO_TRY(Group group, co_await find_group(scope, query.group));
  // Kept streams are few enough to be ordered anew for each page.
  std::vector<Stream> all;
  store::Range range = store::Range::prefix(stream_row(scope, group, query.prefix), 500);
  for (;;) {
    CO_TRY(store::Page page, co_await store_.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Stream stream, store::decode<Stream>(kv.value));
      all.push_back(std::move(stream));
    }
    if (!page.more) break;
    range.begin = page.items.back().key + '\0';
  }
  auto rank = [&query](const Stream& s) {
    return std::pair(query.by_time ? s.last_event.value_or(s.created) : Instant{}, s.name);
  };
  std::sort(all.begin(), all.end(), [&](const Stream& a, const Stream& b) {
    return query.descending ? rank(b) < rank(a) : rank(a) < rank(b);
  });
  auto begin = all.begin();
  if (!query.token.empty()) {
    const auto after = from_base64url(query.token);
    if (!after) co_return Error{Fault::bad_token, "The specified nextToken is invalid."};
    begin = std::find_if(all.begin(), all.end(), [&](const Stream& s) { return s.name == *after; });
    if (begin != all.end()) ++begin;
  }
  StreamPage out;
  for (; begin != all.end(); ++begin) {
    if (out.streams.size() == query.limit) {
      out.next_token = to_base64url(out.streams.back().name);
      break;
    }
    out.streams.push_back(std::move(*begin));
  }
  co_return out;
}

}  // namespace tidegate::logs
