#include "s3/expirer.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/log.h"
#include "s3/expiry.h"

namespace tidegate::s3 {
namespace {

constexpr std::size_t kRowsPerPage = 500;
constexpr const char* kActor = "s3.amazonaws.com";  // as AWS's records name it

std::string version_of(const ObjectRecord& record) {
  return record.version_id.empty() ? std::string(kNullVersion) : record.version_id;
}

}  // namespace

// One bucket under its rules in one pass.
struct Expirer::Round {
  BucketRef bucket;
  Caller caller;
  Instant now{};
  Ended ended{};
  const LifecycleRules& rules() const { return *bucket->lifecycle; }
  bool due(const std::optional<Expiry>& expiry) const { return expiry && expiry->when <= now; }
};

void Expirer::start() {
  begin();
  arm();
}

void Expirer::arm() {
  timer_ = domain_.at(next_midnight(domain_.now()), [this] {
    begin();
    if (!closed_) arm();
  });
}

void Expirer::begin() {
  again_ = true;
  if (running_ || closed_) return;
  running_ = true;
  group_.spawn("lifecycle rules", run());
}

Task<Unit> Expirer::run() {
  Status ended = done;
  while (again_ && ended.ok()) {
    again_ = false;
    auto passed = co_await pass();
    if (!passed.ok()) ended = std::move(passed).error();
  }
  running_ = false;
  co_return ended;
}

asio::awaitable<void> Expirer::close() {
  closed_ = true;
  domain_.cancel(timer_);
  co_await group_.close();
}

Task<std::vector<BucketRef>> Expirer::buckets_with_rules() {
  std::vector<BucketRef> found;
  const Caller anybody = Caller::anybody();
  CO_TRY(auto all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    const std::string front = BucketKeys(scope, "").settings();
    store::Range range = store::Range::prefix(front, kRowsPerPage);
    for (;;) {
      CO_TRY(auto page, co_await store_.range(range));
      for (const auto& row : page.items) {
        const std::string_view rest = std::string_view(row.key).substr(front.size());
        const std::size_t slash = rest.find('/');
        if (rest.substr(slash + 1) != name_of(Setting::lifecycle)) continue;
        auto bucket =
            co_await s3_.buckets.find_writable(anybody, std::string(rest.substr(0, slash)));
        if (bucket.ok() && (*bucket)->lifecycle) found.push_back(std::move(*bucket));
      }
      if (!page.more) break;
      range.begin = page.items.back().key + '\0';
    }
  }
  co_return found;
}

Task<Expirer::Ended> Expirer::pass() {
  Ended all;
  CO_TRY(auto buckets, co_await buckets_with_rules());
  for (BucketRef& bucket : buckets) {
    Round round;
    round.bucket = bucket;
    round.now = domain_.now();
    round.caller = Caller::anybody();
    round.caller.scope = bucket->scope;
    round.caller.principal_id = round.caller.source_ip = kActor;
    round.caller.request_id = fmt::format("{:016X}", random_.next());
    round.caller.host_id = to_base64(random_.bytes(48));
    Status went = done;
    if (round.rules().ends_noncurrent()) went = co_await end_noncurrent(round);
    if (went.ok() && round.rules().ends_current()) went = co_await end_current(round);
    if (went.ok() && round.rules().ends_uploads()) went = co_await end_uploads(round);
    if (!went.ok() && went.fault() == Fault::cancelled) co_return std::move(went).error();
    if (!went.ok())
      LOG_WARN("lifecycle rules of {}: {}", bucket->record.name, went.error().message);
    const Ended& one = round.ended;
    if (one.versions + one.markers_made + one.uploads > 0)
      LOG_INFO("lifecycle rules of {}: {} versions removed, {} markers made, {} uploads aborted",
               bucket->record.name, one.versions, one.markers_made, one.uploads);
    all.versions += one.versions;
    all.markers_made += one.markers_made;
    all.uploads += one.uploads;
  }
  co_return all;
}

Task<Unit> Expirer::remove(Round& round, std::vector<RemoveRequest> due) {
  if (due.empty()) co_return done;
  CO_TRY(auto results,
         co_await s3_.objects.remove_many(round.caller, round.bucket->record.name, due));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok()) {
      const bool marker = !due[i].version_id && results[i]->delete_marker;
      ++(marker ? round.ended.markers_made : round.ended.versions);
    } else if (results[i].fault() != Fault::precondition_failed) {
      co_return std::move(results[i]).error();
    }
  }
  co_return done;
}

Task<Unit> Expirer::end_noncurrent(Round& round) {
  const std::string& front = round.bucket->keys.versions();
  store::Range range = store::Range::prefix(front + round.rules().common_prefix(), kRowsPerPage);
  std::string key;
  Instant since{};
  std::size_t newer = 0;
  for (;;) {
    CO_TRY(auto page, co_await store_.range(range));
    std::vector<RemoveRequest> due;
    for (const auto& row : page.items) {
      CO_TRY(auto record, store::decode<ObjectRecord>(row.value));
      const std::string_view of = key_of_version_row(row.key, front);
      if (newer == 0 || of != key) {
        key = of;
        newer = 0;
        CO_TRY(auto head, co_await s3_.writer.read(round.bucket, key));
        since = head.head ? head.head->last_modified : round.now;
      }
      if (round.due(round.rules().noncurrent(key, record, since, newer)))
        due.push_back({key, version_of(record), std::nullopt, row.mod_revision});
      since = record.last_modified;
      ++newer;
    }
    CO_TRY(Unit removed, co_await remove(round, std::move(due)));
    (void)removed;
    if (!page.more) co_return done;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Expirer::end_current(Round& round) {
  const BucketKeys& keys = round.bucket->keys;
  store::Range range =
      store::Range::prefix(keys.heads() + round.rules().common_prefix(), kRowsPerPage);
  for (;;) {
    CO_TRY(auto page, co_await store_.range(range));
    std::vector<RemoveRequest> due;
    for (const auto& row : page.items) {
      CO_TRY(auto record, store::decode<ObjectRecord>(row.value));
      std::string key = row.key.substr(keys.heads().size());
      if (!record.delete_marker) {
        if (round.due(round.rules().current(key, record)))
          due.push_back({std::move(key), std::nullopt, std::nullopt, row.mod_revision});
        continue;
      }
      if (!round.due(round.rules().lone_marker(key, record))) continue;
      CO_TRY(auto older, co_await store_.range(store::Range::prefix(keys.versions_of(key), 1)));
      if (older.items.empty())
        due.push_back({std::move(key), version_of(record), std::nullopt, row.mod_revision});
    }
    CO_TRY(Unit removed, co_await remove(round, std::move(due)));
    (void)removed;
    if (!page.more) co_return done;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Expirer::end_uploads(Round& round) {
  const std::string& front = round.bucket->keys.uploads();
  store::Range range = store::Range::prefix(front + round.rules().common_prefix(), kRowsPerPage);
  for (;;) {
    CO_TRY(auto page, co_await store_.range(range));
    for (const auto& row : page.items) {
      CO_TRY(auto upload, store::decode<UploadRecord>(row.value));
      if (!round.due(round.rules().upload(upload.key, upload.initiated))) continue;
      Status aborted =
          co_await s3_.multipart.abort(round.caller, upload.bucket, upload.key, upload.upload_id);
      if (aborted.ok()) ++round.ended.uploads;
      if (!aborted.ok() && aborted.fault() != Fault::no_such_upload) co_return aborted;
    }
    if (!page.more) co_return done;
    range.begin = page.items.back().key + '\0';
  }
}

}  // namespace tidegate::s3
