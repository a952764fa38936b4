#include "audit/trail.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"

namespace tidegate::audit {
namespace {

// Outside every account: the chain is the server's.
constexpr std::string_view kRows = "g/audit/r/";
const std::string kHeadRow = "g/audit/head";
constexpr std::string_view kPreparedRows = "g/audit/p/";
constexpr std::size_t kPage = 500;
constexpr std::uint64_t kPruned = 100;       // at once
constexpr std::size_t kMostLooked = 10'000;  // rows that one look_up() reads
constexpr std::size_t kMostText = 2048;
constexpr std::size_t kDigest = 32;  // bytes
constexpr std::string_view kSealOfHead = "head ", kSealOfPrepared = "prepared ";
constexpr std::size_t kBatch = 60;        // records of one transaction, with their prepared rows
constexpr std::size_t kMostAhead = 1024;  // adopted ones that wait before their callers do

std::string row_of(std::uint64_t sequence) {
  return std::string(kRows) + store::ordered_number(sequence);
}

void cut(std::string& text) {
  if (text.size() > kMostText) text.resize(kMostText);
}

bool matches(const Record& r, const Filter& f) {
  if (r.account != f.account) return false;
  if (f.from && r.time < *f.from) return false;
  if (f.to && r.time > *f.to) return false;
  if (f.read_only && *f.read_only != r.read_only) return false;
  auto same = [](const std::optional<std::string>& wanted, const std::string& is) {
    return !wanted || *wanted == is;
  };
  return same(f.id, r.id) && same(f.name, r.name) && same(f.source, r.source) &&
         (same(f.resource, r.resource) ||
          std::count(r.further.begin(), r.further.end(), *f.resource)) &&
         same(f.key_id, r.key_id) &&
         (!f.caller || *f.caller == r.caller || *f.caller == user_name(r));
}

}  // namespace

std::string user_name(const Record& r) {
  return r.caller_kind == "Root" ? "root" : r.caller.substr(r.caller.rfind('/') + 1);
}

Trail::Trail(asio::any_io_executor strand, store::Store& store, const Clock& clock, Random& random,
             Metrics& metrics, std::string key32, std::uint64_t most_records)
    : group_(std::move(strand)),
      store_(store),
      clock_(clock),
      random_(random),
      added_(metrics.counter("tidegate_audit_records_total", "Records of the audit trail.", {})),
      counted_(metrics.counter("tidegate_audit_refusals_counted_total",
                               "Refused calls that a record of the same minute stands for.", {})),
      key_(hmac_sha256(key32, "tidegate audit trail")),
      most_(most_records) {}

std::string Trail::digest_of(const std::string& before, const std::string& record) const {
  return hmac_sha256(key_, before + record);
}

std::string Trail::sealed(std::string_view what, std::string bytes) const {
  return hmac_sha256(key_, std::string(what) + bytes) + bytes;
}

std::optional<std::string> Trail::unsealed(std::string_view what, const std::string& row) const {
  if (row.size() < kDigest) return std::nullopt;
  std::string bytes = row.substr(kDigest);
  if (!equal_constant_time(row, sealed(what, bytes))) return std::nullopt;
  return bytes;
}

Result<Head> Trail::opened(const std::string& row) const {
  const auto bytes = unsealed(kSealOfHead, row);
  if (!bytes) return Error{Fault::internal, "the head of the audit trail was changed"};
  return store::decode<Head>(*bytes);
}

Task<Unit> Trail::load() {
  CO_TRY(Unit loaded, co_await load_head());
  (void)loaded;
  CO_TRY(std::vector<Entry> left, co_await prepared_rows());
  co_return co_await write(left);
}

Task<Unit> Trail::load_head() {
  CO_TRY(auto kv, co_await store_.get(kHeadRow));
  store::Range newest = store::Range::prefix(kRows, 1);
  newest.reverse = true;
  CO_TRY(auto page, co_await store_.range(newest));
  head_ = {};
  head_revision_ = kv ? kv->mod_revision : 0;
  if (!kv && page.items.empty()) co_return done;
  auto read = kv ? opened(kv->value) : Result<Head>(Error{Fault::internal, "its head is missing"});
  if (read.ok()) {
    head_ = *read;
    co_return done;
  }
  // Work goes on, and what is recorded from here on stands apart: verify() says so for ever.
  LOG_ERROR("the audit trail was tampered with: {}", read.error().message);
  if (!page.items.empty())
    head_.first = store::parse_ordered_number(page.items[0].key.substr(kRows.size())) + 1;
  head_.next = head_.first;
  head_.digest = head_.before = digest_of("", "a chain after a broken one");
  co_return done;
}

bool Trail::admit_refusal(Record& record) {
  const std::string what =
      fmt::format("{} {} {} {}", record.caller, record.source, record.name, record.error);
  const std::int64_t minute = to_ms(record.time) / 60'000;
  if (refusals_.size() >= kMostRefusals && refusals_.count(what) == 0)
    std::erase_if(refusals_, [minute](const auto& e) { return e.second.minute < minute; });
  if (refusals_.size() >= kMostRefusals && refusals_.count(what) == 0) return false;
  Refusals& known = refusals_[what];
  if (known.minute != minute) {
    record.times = known.counted + 1;
    known = {minute, 0, 0};
  }
  const bool admitted = known.recorded < kRefusalsAMinute;
  ++(admitted ? known.recorded : known.counted);
  return admitted;
}

struct Trail::Prepared final : Companion {
  Record record;
};

void Trail::identify(Record& record) {
  record.time = clock_.now();
  record.id = random_.uuid();
  for (std::string* text : {&record.resource, &record.agent, &record.message, &record.caller})
    cut(*text);
  for (std::string& text : record.further) cut(text);
}

std::shared_ptr<Companion> Trail::prepare(Record record) {
  identify(record);
  record.sequence = ++prepared_;
  auto out = std::make_shared<Prepared>();
  out->key = std::string(kPreparedRows) + record.id;
  out->value = sealed(kSealOfPrepared, store::encode(record));
  out->record = std::move(record);
  return out;
}

Result<Record> Trail::prepared_in(const store::Kv& row) const {
  const auto bytes = unsealed(kSealOfPrepared, row.value);
  if (!bytes) return Error{Fault::conflict, "a record without a place was changed"};
  TRY(Record record, store::decode<Record>(*bytes));
  if (row.key != std::string(kPreparedRows) + record.id)
    return Error{Fault::conflict, "a record without a place was put elsewhere"};
  return record;
}

// What was tampered with stays where it is: verify() finds it.
Task<std::vector<Trail::Entry>> Trail::prepared_rows() {
  std::vector<Entry> out;
  store::Range range = store::Range::prefix(kPreparedRows, kPage);
  for (bool more = true; more;) {
    CO_TRY(auto page, co_await store_.range(range));
    for (const store::Kv& row : page.items) {
      auto record = prepared_in(row);
      if (record.ok())
        out.push_back({std::move(*record), row.key});
      else
        LOG_ERROR("the audit trail was tampered with: {}", record.error().message);
    }
    more = page.more;
    if (more) range.begin = page.items.back().key + '\0';
  }
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.record.time, a.record.sequence) <
           std::pair(b.record.time, b.record.sequence);
  });
  co_return out;
}

Task<std::vector<Record>> Trail::unplaced() {
  CO_TRY(std::vector<Entry> entries, co_await prepared_rows());
  std::vector<Record> out;
  for (Entry& e : entries) {
    e.record.sequence = 0;
    out.push_back(std::move(e.record));
  }
  co_return out;
}

Task<Unit> Trail::adopt(const std::shared_ptr<Companion>& prepared) {
  std::vector<Entry> one;
  one.push_back({std::move(static_cast<Prepared&>(*prepared).record), prepared->key});
  if (waiting_.size() >= kMostAhead) co_return co_await append(std::move(one));
  waiting_.push_back({std::move(one), nullptr});
  begin_writing();
  co_return done;
}

Task<Unit> Trail::add(Record record) {
  identify(record);
  if (record.changed_nothing() && !admit_refusal(record)) {
    counted_.add();
    co_return done;
  }
  std::vector<Entry> one;
  one.push_back({std::move(record), ""});
  co_return co_await append(std::move(one));
}

Task<Unit> Trail::settle() {
  if (!owes()) co_return done;
  std::vector<Entry> none;
  co_return co_await append(std::move(none));
}

// What was done before is to be seen, although nobody waited for its place. A store that takes
// nothing keeps nobody from reading.
asio::awaitable<void> Trail::caught_up() {
  if (!writing_) co_return;
  std::vector<Entry> none;
  (void)co_await append(std::move(none));
}

void Trail::begin_writing() {
  if (std::exchange(writing_, true)) return;
  group_.spawn("audit", write_waiting());
}

// One writer takes all that waits, so a caller waits for the transaction on its way and his own.
Task<Unit> Trail::append(std::vector<Entry> entries) {
  if (waiting_.size() >= kMostWaiting) {
    owe(entries);
    co_return Error{Fault::unavailable, "The audit trail cannot be written. Please retry."};
  }
  auto stored = std::make_shared<OneShot<Status>>();
  waiting_.push_back({std::move(entries), stored});
  begin_writing();
  std::optional<Status> outcome = co_await stored->wait();
  if (!outcome) co_return Error{Fault::cancelled, "nobody waits for the record"};
  co_return std::move(*outcome);
}

// What failed or was refused changed nothing: it is not worth a debt, and kept as far as there is
// room.
void Trail::owe(std::vector<Entry>& entries) {
  for (Entry& e : entries) {
    if (!e.record.changed_nothing())
      owed_.push_back(std::move(e));
    else if (kept_.size() < kMostKept)
      kept_.push_back(std::move(e));
    else
      counted_.add();
  }
}

Task<Unit> Trail::write_waiting() {
  // Whoever closes the group waits until everybody was answered.
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!waiting_.empty()) {
    std::vector<std::shared_ptr<OneShot<Status>>> answers;
    std::vector<Entry> entries = std::exchange(owed_, {});
    for (Entry& e : std::exchange(kept_, {})) entries.push_back(std::move(e));
    for (; !waiting_.empty() && answers.size() < kBatch; waiting_.pop_front()) {
      for (Entry& e : waiting_.front().entries) entries.push_back(std::move(e));
      answers.push_back(std::move(waiting_.front().stored));
    }
    Status written = co_await write(entries);
    owe(entries);
    for (auto& answer : answers)
      if (answer) answer->set(written);
  }
  writing_ = false;
  co_return done;
}

// A transaction's worth at a time; what is left in `entries` was not stored.
Task<Unit> Trail::write(std::vector<Entry>& entries) {
  while (!entries.empty()) {
    const auto most = static_cast<std::ptrdiff_t>(std::min(kBatch, entries.size()));
    std::vector<Entry> batch(entries.begin(), entries.begin() + most);
    Status stored = co_await commit(std::move(batch));
    if (!stored.ok() && stored.fault() == Fault::guard_failed) {
      CO_TRY(Unit known, co_await recognise(entries));
      (void)known;
      continue;
    }
    if (!stored.ok()) co_return stored;
    entries.erase(entries.begin(), entries.begin() + most);
    added_.add(static_cast<std::uint64_t>(most));
  }
  if (head_.next - head_.first <= most_ + kPruned) co_return done;
  Status pruned = co_await prune();
  if (!pruned.ok()) LOG_WARN("old records of the audit trail stay: {}", pruned.error().message);
  co_return done;
}

// The head is not where this process left it: an earlier transaction was stored although its answer
// was lost. Takes what stands there out of `entries`.
Task<Unit> Trail::recognise(std::vector<Entry>& entries) {
  CO_TRY(std::vector<Record> there, co_await read(head_.next, kBatch));
  CO_TRY(Unit read_anew, co_await load_head());
  (void)read_anew;
  for (const Record& stored : there)
    std::erase_if(entries, [&](const Entry& e) { return e.record.id == stored.id; });
  co_return done;
}

// The head moves when the store has it, and not before. Its row is the first, by which the
// transaction is recognised: a record may have been there before, with a head of its own.
Task<Unit> Trail::commit(std::vector<Entry> batch) {
  store::Txn txn;
  txn.guard(head_revision_ ? store::Guard::at(kHeadRow, head_revision_)
                           : store::Guard::absent(kHeadRow));
  txn.put(kHeadRow, "");
  Head next = head_;
  for (auto& [record, row] : batch) {
    record.sequence = next.next;
    Link link;
    link.record = store::encode(record);
    link.digest = digest_of(next.digest, link.record);
    txn.put(row_of(next.next), store::encode(link));
    if (!row.empty()) txn.erase(std::move(row));
    next.digest = link.digest;
    ++next.next;
  }
  txn.puts.front().second = sealed(kSealOfHead, store::encode(next));
  CO_TRY(head_revision_, co_await store::commit_recognisably(store_, std::move(txn)));
  head_ = std::move(next);
  co_return done;
}

Task<Unit> Trail::prune() {
  CO_TRY(auto kv, co_await store_.get(row_of(head_.first + kPruned - 1)));
  if (!kv) co_return Error{Fault::internal, "the audit trail lacks a record"};
  CO_TRY(Link last, store::decode<Link>(kv->value));
  store::Txn txn;
  txn.guard(store::Guard::at(kHeadRow, head_revision_));
  for (std::uint64_t i = 0; i < kPruned; ++i) txn.erase(row_of(head_.first + i));
  Head next = head_;
  next.first += kPruned;
  next.before = last.digest;
  txn.put(kHeadRow, sealed(kSealOfHead, store::encode(next)));
  CO_TRY(head_revision_, co_await store::commit_recognisably(store_, std::move(txn)));
  head_ = std::move(next);
  co_return done;
}

Task<std::vector<Record>> Trail::read(std::uint64_t sequence, std::size_t most) {
  store::Range range;
  range.begin = row_of(sequence);
  range.end = store::prefix_end(kRows);
  range.limit = most;
  CO_TRY(auto page, co_await store_.range(range));
  std::vector<Record> out;
  for (const store::Kv& kv : page.items) {
    CO_TRY(Link link, store::decode<Link>(kv.value));
    CO_TRY(Record record, store::decode<Record>(link.record));
    out.push_back(std::move(record));
  }
  co_return out;
}

Task<Found> Trail::look_up(Filter filter) {
  Found found;
  co_await caught_up();
  std::uint64_t below = filter.below ? std::min(filter.below, head_.next) : head_.next;
  for (std::size_t looked = 0; looked < kMostLooked && below > head_.first; looked += kPage) {
    store::Range range;
    range.begin = row_of(head_.first);
    range.end = row_of(below);
    range.limit = kPage;
    range.reverse = true;
    CO_TRY(auto page, co_await store_.range(range));
    if (page.items.empty()) co_return found;
    for (const store::Kv& kv : page.items) {
      CO_TRY(Link link, store::decode<Link>(kv.value));
      CO_TRY(Record record, store::decode<Record>(link.record));
      below = record.sequence;
      if (!matches(record, filter)) continue;
      found.records.push_back(std::move(record));
      if (found.records.size() == filter.most) {
        found.below = below > head_.first ? below : 0;
        co_return found;
      }
    }
  }
  found.below = below > head_.first ? below : 0;
  co_return found;
}

Status Trail::check_link(const store::Kv& row, const Head& head, std::uint64_t expected,
                         std::string& before) const {
  auto broken = [](std::string text) { return Error{Fault::conflict, std::move(text)}; };
  if (row.key < row_of(expected))
    return broken(fmt::format("there are records before the first, {}", head.first));
  if (expected >= head.next)
    return broken(fmt::format("there are records behind the last, {}", head.next - 1));
  if (row.key != row_of(expected)) return broken(fmt::format("record {} is missing", expected));
  const auto link = store::decode<Link>(row.value);
  if (!link.ok()) return broken(fmt::format("record {} was replaced", expected));
  const auto record = store::decode<Record>(link->record);
  if (!record.ok() || record->sequence != expected)
    return broken(fmt::format("record {} was replaced", expected));
  if (!equal_constant_time(link->digest, digest_of(before, link->record)))
    return broken(fmt::format("record {} was changed, or the one before it", expected));
  before = link->digest;
  return done;
}

Task<Verdict> Trail::verify() {
  Verdict out;
  auto broken = [&out](std::string text) {
    out.broken = std::move(text);
    return out;
  };
  // As it is stored at one moment, not as this process remembers it. The head sorts first.
  Head head;
  std::string before;
  std::uint64_t expected = head.first;
  store::Range range = store::Range::prefix("g/audit/", kPage);
  for (bool more = true; more;) {
    auto page = co_await store_.range(range);
    if (!page.ok() && page.fault() == Fault::internal)
      co_return broken(
          fmt::format("records from {} on cannot be read: {}", expected, page.error().message));
    if (!page.ok()) co_return std::move(page).error();
    range.at = page->revision;
    for (const store::Kv& row : page->items) {
      if (row.key == kHeadRow) {
        auto read = opened(row.value);
        if (!read.ok()) co_return broken(read.error().message);
        head = *read;
        before = head.before;
        expected = head.first;
        continue;
      }
      if (row.key.starts_with(kPreparedRows)) {
        auto record = prepared_in(row);
        if (!record.ok()) co_return broken(record.error().message);
        ++out.unplaced;
        continue;
      }
      Status good = check_link(row, head, expected, before);
      if (!good.ok()) co_return broken(good.error().message);
      ++expected;
      ++out.records;
    }
    more = page->more;
    if (more) range.begin = page->items.back().key + '\0';
  }
  out.first = head.first;
  out.last = head.next - 1;
  out.head = to_hex(head.digest);
  if (expected != head.next)
    co_return broken(fmt::format("records {} to {} are missing", expected, head.next - 1));
  if (before != head.digest) co_return broken("the newest record is not the head's");
  co_return out;
}

}  // namespace tidegate::audit
