// Logs: groups, streams and events of CloudWatch Logs over a store of their own. What functions
// print is taken without waiting (emit) and written a moment later, many lines in one synced row;
// what a caller puts is acknowledged when it is synced. Kept are the newest kMaxGroupBytes of each
// group, and no longer than the group's retention. On the control strand.
//
// Errors: not_found, already_exists (conflict), invalid_argument, quota_exceeded, bad_token.
// Bounds: kMaxGroups groups of an account and region, kMaxPending bytes on their way to the disk
// (beyond them lines are dropped, counted and said so), kMaxMessage bytes of a message (longer ones
// become several events). Source: CloudWatch Logs' API; contract on Lambda, section 14.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "base/executor.h"
#include "base/one_shot.h"
#include "base/random.h"
#include "base/scheduler.h"
#include "base/scope.h"
#include "base/task_group.h"
#include "logs/pattern.h"
#include "logs/types.h"
#include "store/store.h"

namespace tidegate::logs {

inline constexpr std::uint64_t kMaxGroupBytes = 32u << 20;
inline constexpr std::size_t kMaxGroups = 1000;
inline constexpr std::size_t kMaxPending = 16u << 20;
inline constexpr std::size_t kMaxMessage = 256 * 1024;
inline constexpr Duration kMaxSpan{60'000};
// How long a printed line may lie in memory.
inline constexpr Duration kFlushAfter{200};

struct GroupQuery {
  std::string prefix, part;  // `part` occurs anywhere in the name
  std::string token;
  std::size_t limit = 50;
};
struct GroupPage {
  std::vector<Group> groups;
  std::string next_token;
};
struct StreamQuery {
  std::string group, prefix, token;
  bool by_time = false, descending = false;
  std::size_t limit = 50;
};
struct StreamPage {
  std::vector<Stream> streams;
  std::string next_token;
};
struct ReadQuery {
  std::string group, stream, token;
  std::optional<std::int64_t> start_ms, end_ms;  // the end is not included
  std::size_t limit = 10'000;
  bool from_head = false;
};
struct ReadPage {
  std::vector<LogEvent> events;
  std::string forward_token, backward_token;  // never empty
};
struct FilterQuery {
  std::string group, stream_prefix, token;
  std::vector<std::string> streams;
  std::optional<std::int64_t> start_ms, end_ms;  // the end is included
  Pattern pattern;
  std::size_t limit = 10'000;
};
struct FilterPage {
  std::vector<LogEvent> events;
  std::string next_token;
};

class Logs {
 public:
  Logs(store::Store& store, Scheduler& real, Scheduler& domain, Random& random,
       Executors executors);

  // Lines of a function: each becomes an event of now, in which a carriage return is a newline. The
  // group and the stream are made when they
  // are not there. Never waits.
  void emit(const Scope& scope, const std::string& group, const std::string& stream,
            std::string_view lines);
  // Writes what was emitted; over when all of it is written.
  Task<Unit> flush();
  // Begins to end what is too old; until close(), which writes what is left.
  void start();
  asio::awaitable<void> close();

  Task<Unit> create_group(Scope scope, std::string name, std::map<std::string, std::string> tags);
  Task<Unit> remove_group(Scope scope, std::string name);
  Task<Group> find_group(Scope scope, std::string name);
  Task<GroupPage> groups(Scope scope, GroupQuery query);
  Task<Unit> set_retention(Scope scope, std::string group, std::optional<std::int32_t> days);
  Task<Unit> tag(Scope scope, std::string group, std::map<std::string, std::string> more,
                 std::vector<std::string> less);

  Task<Unit> create_stream(Scope scope, std::string group, std::string name);
  Task<Unit> remove_stream(Scope scope, std::string group, std::string name);
  Task<StreamPage> streams(Scope scope, StreamQuery query);

  Task<Unit> put(Scope scope, std::string group, std::string stream, std::vector<LogLine> lines);
  Task<ReadPage> read(Scope scope, ReadQuery query);
  Task<FilterPage> filter(Scope scope, FilterQuery query);
  // The newest `lines` of a group as text, "" when there is no such group.
  Task<std::string> tail(Scope scope, std::string group, std::size_t lines);

  // Ends what is older than its group's retention; start() does it each hour.
  Task<Unit> expire();
  std::uint64_t dropped() const { return dropped_; }
  Instant now() const { return domain_.now(); }

 private:
  using Key = std::tuple<Scope, std::string, std::string>;  // scope, group, stream
  using Accept = std::function<bool(const Chunk&, const LogLine&)>;
  struct Scan {
    std::int64_t start_ms = 0, end_ms = 0;  // [start, end)
    Position bound;                         // exclusive: after it, or before it
    std::size_t limit = 0;
    Accept accept;
  };
  struct Found {
    std::vector<LogEvent> events;     // in order
    std::optional<Position> stopped;  // the scan gave up here, with more behind
  };

  // Held while one flush writes; its end lets those go on that wait.
  class Flushing {
   public:
    explicit Flushing(Logs&);
    ~Flushing();
    Flushing(const Flushing&) = delete;
    Flushing& operator=(const Flushing&) = delete;

   private:
    Logs& logs_;
  };

  std::vector<Chunk> chunks_of(const Key& key, std::vector<LogLine> lines);
  Task<Unit> write(Key key, std::vector<LogLine> lines, bool create);
  Task<Unit> write_once(const Key& key, std::vector<Chunk>& chunks, std::size_t& written,
                        bool create);
  Task<Unit> trim(Scope scope, std::string group);
  Task<std::uint64_t> erase_chunks(Scope scope, Group group, std::string end, std::uint64_t least);
  Task<Unit> change_group(Scope scope, std::string name, std::function<Status(Group&)> apply);
  Task<Stream> find_stream(Scope scope, Group group, std::string name);
  // The chunk in a row, with the rest of its message.
  Task<Chunk> whole(const store::Kv& kv);
  Task<Found> forward(Scope scope, Group group, Scan scan);
  Task<Found> backward(Scope scope, Group group, Scan scan);
  void arm_flush();
  void arm_expiry();

  store::Store& store_;
  Scheduler& real_;
  Scheduler& domain_;
  Random& random_;
  TaskGroup group_;
  std::map<Key, std::vector<LogLine>> pending_;
  std::size_t pending_bytes_ = 0;
  std::uint64_t dropped_ = 0, last_seq_ = 0;
  Scheduler::TimerId flush_timer_ = 0, expiry_timer_ = 0;
  bool closed_ = false, flushing_ = false;
  std::vector<std::shared_ptr<OneShot<bool>>> turns_;
};

// "arn:aws:logs:…:log-group:NAME", without the ":*" that some answers have.
std::string group_arn(const Scope&, const std::string& group);
std::string position_text(const Position&);  // 56 digits, as AWS's event ids

}  // namespace tidegate::logs
