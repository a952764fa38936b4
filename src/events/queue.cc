#include "events/queue.h"

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <deque>
#include <map>
#include <set>

#include "base/log.h"
#include "base/task_group.h"
#include "store/record.h"

namespace tidegate::store {
template <>
struct record_of<events::Delivery> {
  using R = events::Delivery;
  static constexpr auto fields =
      std::tuple{field(1, &R::id),         field(2, &R::lane),    field(3, &R::body),
                 field(4, &R::attempts),   field(5, &R::created), field(6, &R::due),
                 field(7, &R::last_error), field(8, &R::series),  field(9, &R::yields)};
};
}  // namespace tidegate::store

namespace tidegate::events {
namespace {

constexpr std::size_t kMaxBody = 56 * 1024;
constexpr std::size_t kPage = 500;
// What a handler's own failure (an Error, not an Outcome) waits: 1 s doubling to 5 min.
constexpr Duration kFirstRetry{1000};
constexpr Duration kLongestRetry{5 * 60 * 1000};

Duration backoff(int attempts) {
  Duration wait = kFirstRetry;
  for (int i = 0; i < attempts && wait < kLongestRetry; ++i) wait *= 2;
  return std::min(wait, kLongestRetry);
}

// Cut between characters.
std::string shortened(std::string text) {
  constexpr std::size_t kShown = 1024;
  if (text.size() <= kShown) return text;
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

// a/<account>/<region>/<kind>/<rest> → scope and whether the kind is `kind`.
bool split_key(std::string_view key, std::string_view kind, Scope& scope, std::string& rest) {
  std::vector<std::string_view> parts;
  for (int i = 0; i < 4; ++i) {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return false;
    parts.push_back(key.substr(0, slash));
    key.remove_prefix(slash + 1);
  }
  if (parts[0] != "a" || parts[3] != kind) return false;
  scope = {std::string(parts[1]), std::string(parts[2])};
  rest = std::string(key);
  return true;
}

}  // namespace

// A row on its way: known from the store, waiting for its time or its lane, or being handled.
struct Pending {
  Delivery delivery;
  std::string key;
  store::Revision mod_revision = 0;
  bool running = false;
  Instant when{};  // not dispatched before; an older entry of the timeline is stale
  int misses = 0;  // attempts in a row whose outcome the store did not take
};

struct Queue::Impl {
  store::Store& store;
  Scheduler& domain;
  Random& random;
  Executors executors;
  QueueOptions options;
  Gauge& waiting;
  Gauge& dead_rows;
  Counter& delivered;
  Counter& retried;
  Counter& died;
  TaskGroup group;
  Handler handler;
  std::map<std::string, Pending> pending;  // by store key
  std::multimap<Instant, std::string> timeline;
  std::map<std::string, std::size_t> lanes;  // running by lane
  std::deque<std::string> ready;             // due, waiting for a place
  std::set<std::string> busy_series;
  std::set<std::string> yielding;  // keys of rows that wait and yield; may name rows that are gone
  std::size_t running = 0;
  Scheduler::TimerId timer = 0;
  Instant timer_at{};
  bool closed = false;
  std::unique_ptr<store::Watch> watch;

  Impl(store::Store& s, Scheduler& d, Random& r, Executors e, Metrics& m, QueueOptions o)
      : store(s),
        domain(d),
        random(r),
        executors(e),
        options(std::move(o)),
        waiting(m.gauge("tidegate_deliveries_pending", "Deliveries not yet finished.",
                        {{"queue", options.name}})),
        dead_rows(m.gauge("tidegate_deliveries_dead", "Deliveries given up that are kept.",
                          {{"queue", options.name}})),
        delivered(m.counter("tidegate_deliveries_total", "Deliveries finished.",
                            {{"queue", options.name}})),
        retried(m.counter("tidegate_delivery_retries_total", "Attempts that will be repeated.",
                          {{"queue", options.name}})),
        died(m.counter("tidegate_deliveries_dead_total", "Deliveries given up.",
                       {{"queue", options.name}})),
        group(e.control) {}

  std::string row_key(const Scope& scope, const std::string& id) const {
    return key_prefix(scope, options.name) + id;
  }
  std::string dead_kind() const { return options.name + "-dead"; }
  std::string dead_key(const Scope& scope, const std::string& id) const {
    return key_prefix(scope, dead_kind()) + id;
  }

  Task<Unit> follow();
  Task<Unit> follow_once();
  Task<Unit> count_dead();
  Task<store::Revision> load();
  Task<store::Revision> list(store::Revision at, std::set<std::string>& listed);
  void take(const std::string& key, const std::string& value, store::Revision revision,
            store::Revision created_at);
  void drop(const std::string& key);
  void schedule(const std::string& key, Instant due);
  void arm();
  void on_time();
  void dispatch();
  Task<Unit> handle(std::string key);
  Task<Outcome> attempt(Delivery delivery);
  Task<Unit> reconcile(std::string key, Error error);
  bool later_in_series(const Delivery& d) const;
  void yield_to(const Delivery& newer);
  Task<Unit> give_way(std::string key);
  void count() { waiting.set(static_cast<std::int64_t>(pending.size())); }
  Task<Unit> settle(std::string key, Outcome outcome);
  store::Txn transaction_for(const Pending& p, Outcome& outcome, Delivery& next) const;
};

// Rows are found by scope at start and followed by a watch over all scopes; a queue's rows are the
// keys whose fourth part is its name.
Task<Unit> Queue::Impl::follow() {
  Status counted = co_await count_dead();
  if (!counted.ok()) LOG_WARN("queue {}: {}", options.name, counted.error().message);
  for (;;) {
    Status ended = co_await follow_once();
    if (closed) co_return done;
    if (ended.fault() == Fault::compacted) continue;  // fell behind: list again
    LOG_WARN("queue {}: the store cannot be read: {}", options.name, ended.error().message);
    Status waited = co_await sleep_until(domain, domain.now() + kFirstRetry);
    if (!waited.ok()) co_return waited;
  }
}

Task<Unit> Queue::Impl::follow_once() {
  CO_TRY(store::Revision from, co_await load());
  watch = store.watch("a/", from + 1);
  dispatch();
  for (;;) {
    CO_TRY(std::vector<store::Event> events, co_await watch->next());
    for (const store::Event& e : events) {
      if (e.value)
        take(e.key, *e.value, e.revision, e.revision);
      else
        drop(e.key);
    }
    dispatch();
  }
}

// What was given up before this start: operators watch the gauge, and a redrive takes one off it.
Task<Unit> Queue::Impl::count_dead() {
  CO_TRY(std::vector<Scope> all, co_await store::scopes(store));
  for (const Scope& scope : all) {
    store::Range range = store::Range::prefix(key_prefix(scope, dead_kind()), kPage);
    for (bool more = true; more;) {
      CO_TRY(store::Page page, co_await store.range(range));
      dead_rows.add(static_cast<std::int64_t>(page.items.size()));
      more = page.more;
      if (more) range.begin = page.items.back().key + '\0';
    }
  }
  co_return done;
}

// Everything as of one revision, so that the watch from the next one neither misses nor repeats.
Task<store::Revision> Queue::Impl::load() {
  store::Range nothing = store::Range::prefix("a/", 0);
  CO_TRY(store::Page now, co_await store.range(std::move(nothing)));
  std::set<std::string> listed;
  if (now.revision > 0) {
    CO_TRY(store::Revision at, co_await list(now.revision, listed));
    (void)at;
  }
  // What went away while nobody watched.
  std::erase_if(pending, [&](const auto& known) {
    return !known.second.running && known.second.mod_revision <= now.revision &&
           !listed.contains(known.first);
  });
  count();
  // Keys are random: what is due goes in the order of its commits.
  std::stable_sort(ready.begin(), ready.end(), [this](const auto& a, const auto& b) {
    auto order = [this](const std::string& key) {
      auto p = pending.find(key);
      return p == pending.end() ? store::Revision{0} : p->second.delivery.revision;
    };
    return order(a) < order(b);
  });
  co_return now.revision;
}

Task<store::Revision> Queue::Impl::list(store::Revision at, std::set<std::string>& listed) {
  CO_TRY(std::vector<Scope> all, co_await store::scopes(store));
  for (const Scope& scope : all) {
    store::Range range = store::Range::prefix(key_prefix(scope, options.name), kPage);
    range.at = at;
    for (;;) {
      CO_TRY(store::Page page, co_await store.range(range));
      for (const store::Kv& kv : page.items) {
        listed.insert(kv.key);
        take(kv.key, kv.value, kv.mod_revision, kv.create_revision);
      }
      if (!page.more) break;
      range.begin = page.items.back().key + '\0';
    }
  }
  co_return at;
}

void Queue::Impl::take(const std::string& key, const std::string& value, store::Revision revision,
                       store::Revision created_at) {
  Scope scope;
  std::string id;
  if (!split_key(key, options.name, scope, id)) return;
  auto known = pending.find(key);
  if (known != pending.end()) {
    // Our own update, seen again by the watch.
    if (known->second.mod_revision >= revision || known->second.running) return;
  }
  Result<Delivery> delivery = store::decode<Delivery>(value);
  if (!delivery.ok()) {
    LOG_ERROR("queue {}: the row {} cannot be read: {}", options.name, key,
              delivery.error().message);
    return;
  }
  Pending p;
  p.delivery = std::move(*delivery);
  p.delivery.scope = scope;
  // The order of events is that of the commits that caused them, not of later retries.
  p.delivery.revision = known != pending.end() ? known->second.delivery.revision : created_at;
  p.key = key;
  p.mod_revision = revision;
  const Instant due = p.delivery.due;
  const bool yields = p.delivery.yields && later_in_series(p.delivery);
  const Delivery& stored = (pending[key] = std::move(p)).delivery;
  if (stored.yields) yielding.insert(key);
  count();
  yield_to(stored);
  schedule(key, due);
  if (yields) group.spawn("yield " + options.name, give_way(key));
}

bool Queue::Impl::later_in_series(const Delivery& d) const {
  if (d.series.empty()) return false;
  return std::any_of(pending.begin(), pending.end(), [&](const auto& other) {
    return other.second.delivery.series == d.series &&
           other.second.delivery.revision > d.revision && other.second.delivery.scope == d.scope;
  });
}

// Older ones of the series that wait for a retry end when a newer one has come.
void Queue::Impl::yield_to(const Delivery& newer) {
  if (newer.series.empty() || yielding.empty()) return;
  std::vector<std::string> gone;
  for (const std::string& key : yielding) {
    auto p = pending.find(key);
    if (p != pending.end() && p->second.delivery.series == newer.series &&
        p->second.delivery.scope == newer.scope && p->second.delivery.revision < newer.revision)
      gone.push_back(key);
  }
  for (const std::string& key : gone) group.spawn("yield " + options.name, give_way(key));
}

Task<Unit> Queue::Impl::give_way(std::string key) {
  auto found = pending.find(key);
  if (found == pending.end() || found->second.running || !found->second.delivery.yields)
    co_return done;
  found->second.running = true;  // nobody else touches it now
  store::Txn txn;
  txn.guard(store::Guard::at(key, found->second.mod_revision)).erase(key);
  Result<store::Revision> erased = co_await store.commit(std::move(txn));
  if (!erased.ok()) {
    Status reconciled = co_await reconcile(key, std::move(erased).error());
    co_return reconciled;
  }
  LOG_INFO("queue {}: delivery {} gave way to a later one of {}", options.name,
           pending.at(key).delivery.id, pending.at(key).delivery.series);
  yielding.erase(key);
  pending.erase(key);
  delivered.add();
  count();
  co_return done;
}

void Queue::Impl::drop(const std::string& key) {
  auto known = pending.find(key);
  if (known == pending.end() || known->second.running) return;
  pending.erase(known);
  count();
}

void Queue::Impl::schedule(const std::string& key, Instant due) {
  pending.at(key).when = due;
  if (due <= domain.now()) {
    ready.push_back(key);
    return;
  }
  timeline.emplace(due, key);
  arm();
}

void Queue::Impl::arm() {
  if (timeline.empty() || closed) return;
  const Instant next = timeline.begin()->first;
  if (timer && timer_at <= next) return;
  if (timer) domain.cancel(timer);
  timer_at = next;
  timer = domain.at(next, [this] {
    timer = 0;
    on_time();
  });
}

void Queue::Impl::on_time() {
  const Instant now = domain.now();
  while (!timeline.empty() && timeline.begin()->first <= now) {
    ready.push_back(std::move(timeline.begin()->second));
    timeline.erase(timeline.begin());
  }
  arm();
  dispatch();
}

void Queue::Impl::dispatch() {
  if (closed || !handler) return;
  // Rows of a full lane keep their place; the others pass them.
  std::deque<std::string> held;
  while (!ready.empty() && running < options.max_concurrent) {
    std::string key = std::move(ready.front());
    ready.pop_front();
    auto found = pending.find(key);
    if (found == pending.end() || found->second.running) continue;
    if (found->second.when > domain.now()) continue;  // put off since
    const std::string& series = found->second.delivery.series;
    std::size_t& busy = lanes[found->second.delivery.lane];
    if (busy >= options.max_per_lane || busy_series.contains(series)) {
      held.push_back(std::move(key));
      continue;
    }
    ++busy;
    ++running;
    if (!series.empty()) busy_series.insert(series);
    found->second.running = true;
    group.spawn("deliver " + options.name, handle(std::move(key)));
  }
  for (auto it = held.rbegin(); it != held.rend(); ++it) ready.push_front(std::move(*it));
}

// A handler that throws has failed like one that answers an Error.
Task<Outcome> Queue::Impl::attempt(Delivery delivery) {
  std::string thrown;
  try {
    Result<Outcome> outcome = co_await handler(std::move(delivery));
    co_return outcome;
  } catch (const std::exception& e) {
    thrown = e.what();
  }
  co_return Error{Fault::internal, "the handler threw: " + thrown};
}

Task<Unit> Queue::Impl::handle(std::string key) {
  const Delivery delivery = pending.at(key).delivery;
  Result<Outcome> outcome = co_await attempt(delivery);
  if (!outcome.ok()) {
    if (closed) co_return done;  // cut short: the row stays
    LOG_WARN("queue {}: delivery {} failed: {}", options.name, delivery.id,
             outcome.error().message);
    Outcome again;
    again.kind = Outcome::Kind::retry;
    again.retry_at = domain.now() + backoff(delivery.attempts);
    again.error = outcome.error().message;
    outcome = std::move(again);
  }
  // What was done is written down, also while the queue closes.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  Status settled = co_await settle(key, std::move(*outcome));
  auto lane = lanes.find(delivery.lane);
  if (--lane->second == 0) lanes.erase(lane);
  --running;
  busy_series.erase(delivery.series);
  dispatch();
  co_return settled;
}

store::Txn Queue::Impl::transaction_for(const Pending& p, Outcome& outcome, Delivery& next) const {
  store::Txn txn = std::move(outcome.also);
  next = p.delivery;
  if (outcome.counts) ++next.attempts;
  next.last_error = shortened(outcome.error);
  next.yields = outcome.kind == Outcome::Kind::retry && outcome.yields;
  txn.guard(store::Guard::at(p.key, p.mod_revision));
  switch (outcome.kind) {
    case Outcome::Kind::delivered:
      txn.erase(p.key);
      break;
    case Outcome::Kind::retry:
      next.due = outcome.retry_at;
      txn.put(p.key, store::encode(next));
      break;
    case Outcome::Kind::dead:
      txn.erase(p.key);
      txn.put(dead_key(p.delivery.scope, p.delivery.id), store::encode(next));
      break;
  }
  return txn;
}

// Writes what became of an attempt. While the store cannot take it the row stays as it was: the
// attempt is then made again, which is what "at least once" means.
Task<Unit> Queue::Impl::settle(std::string key, Outcome outcome) {
  auto found = pending.find(key);
  CHECK(found != pending.end());
  Delivery next;
  if (outcome.kind == Outcome::Kind::retry && outcome.yields &&
      later_in_series(found->second.delivery))
    outcome.kind = Outcome::Kind::delivered;
  const Outcome::Kind kind = outcome.kind;
  store::Txn txn = transaction_for(found->second, outcome, next);
  Result<store::Revision> committed = co_await store.commit(std::move(txn));
  if (!committed.ok() && committed.fault() == Fault::outcome_unknown) {
    auto now = co_await store.get(key);
    if (now.ok()) {
      const bool applied = kind == Outcome::Kind::retry
                               ? now->has_value() && (*now)->value == store::encode(next)
                               : !now->has_value();
      if (applied) committed = now->has_value() ? (*now)->mod_revision : store::Revision{0};
    }
  }
  if (!committed.ok()) {
    Status reconciled = co_await reconcile(key, std::move(committed).error());
    co_return reconciled;
  }
  found = pending.find(key);
  if (kind == Outcome::Kind::retry) {
    retried.add();
    found->second.delivery = next;
    found->second.mod_revision = *committed;
    found->second.running = false;
    found->second.misses = 0;
    if (next.yields) yielding.insert(key);
    schedule(key, next.due);
    if (next.yields && later_in_series(next)) co_return co_await give_way(key);
    co_return done;
  }
  if (kind == Outcome::Kind::dead) {
    died.add();
    dead_rows.add(1);
    LOG_WARN("queue {}: gave up delivery {} after {} attempts: {}", options.name, next.id,
             next.attempts, next.last_error);
  } else {
    delivered.add();
  }
  pending.erase(found);
  count();
  co_return done;
}

// After a commit that failed: what the store holds counts. A row that is unchanged is tried again
// later and later, because whatever refused its outcome may refuse it again.
Task<Unit> Queue::Impl::reconcile(std::string key, Error error) {
  auto now = co_await store.get(key);
  auto found = pending.find(key);
  found->second.running = false;
  if (now.ok() && (!now->has_value() || (*now)->mod_revision != found->second.mod_revision)) {
    pending.erase(found);
    if (now->has_value()) take(key, (*now)->value, (*now)->mod_revision, (*now)->create_revision);
    count();
    co_return done;
  }
  schedule(key, domain.now() + backoff(found->second.misses++));
  co_return error;
}

Queue::Queue(store::Store& store, Scheduler& domain, Random& random, Executors executors,
             Metrics& metrics, QueueOptions options)
    : impl_(std::make_shared<Impl>(store, domain, random, executors, metrics, std::move(options))) {
}
Queue::~Queue() = default;

Status Queue::append(store::Txn& txn, const Scope& scope, Delivery delivery) const {
  if (delivery.body.size() > kMaxBody)
    return Error{Fault::too_large, fmt::format("an event of {} bytes is too large to be queued",
                                               delivery.body.size())};
  if (delivery.id.empty()) delivery.id = impl_->random.hex(32);
  if (delivery.created == Instant{}) delivery.created = impl_->domain.now();
  if (delivery.due == Instant{}) delivery.due = delivery.created;
  std::string key = impl_->row_key(scope, delivery.id);
  txn.put(std::move(key), store::encode(delivery));
  return done;
}

void Queue::start(Handler handler) {
  impl_->handler = std::move(handler);
  impl_->group.spawn("queue " + impl_->options.name, impl_->follow());
}

asio::awaitable<void> Queue::close() {
  impl_->closed = true;
  if (impl_->timer) impl_->domain.cancel(impl_->timer);
  if (impl_->watch) impl_->watch->close();
  co_await impl_->group.close();
}

Task<std::vector<Delivery>> Queue::dead(Scope scope, std::size_t limit) {
  // Keys are random: the oldest are known when all were seen.
  std::vector<Delivery> found;
  store::Range range = store::Range::prefix(key_prefix(scope, impl_->dead_kind()), kPage);
  for (;;) {
    CO_TRY(store::Page page, co_await impl_->store.range(range));
    for (const store::Kv& kv : page.items) {
      CO_TRY(Delivery d, store::decode<Delivery>(kv.value));
      d.scope = scope;
      d.revision = kv.create_revision;
      found.push_back(std::move(d));
    }
    std::sort(found.begin(), found.end(),
              [](const Delivery& a, const Delivery& b) { return a.revision < b.revision; });
    if (found.size() > limit) found.resize(limit);
    if (!page.more) co_return found;
    range.begin = page.items.back().key + '\0';
  }
}

Task<Unit> Queue::redrive(Scope scope, std::string id) {
  const std::string key = impl_->dead_key(scope, id);
  CO_TRY(auto kv, co_await impl_->store.get(key));
  if (!kv) co_return Error{Fault::not_found, fmt::format("There is no dead delivery {}.", id)};
  CO_TRY(Delivery d, store::decode<Delivery>(kv->value));
  d.attempts = 0;
  d.due = impl_->domain.now();
  d.created = d.due;
  store::Txn txn;
  txn.guard(store::Guard::unchanged(*kv)).erase(key);
  txn.put(impl_->row_key(scope, id), store::encode(d));
  Result<store::Revision> moved = co_await impl_->store.commit(std::move(txn));
  if (!moved.ok() && moved.fault() == Fault::guard_failed)  // somebody was faster
    co_return Error{Fault::not_found, fmt::format("There is no dead delivery {}.", id)};
  if (!moved.ok()) co_return std::move(moved).error();
  impl_->dead_rows.add(-1);
  co_return done;
}

Task<Unit> Queue::discard(Scope scope, std::string id) {
  const std::string key = impl_->dead_key(scope, id);
  store::Txn txn;
  txn.guard(store::Guard::present(key)).erase(key);
  Result<store::Revision> gone = co_await impl_->store.commit(std::move(txn));
  if (!gone.ok() && gone.fault() == Fault::guard_failed)
    co_return Error{Fault::not_found, fmt::format("There is no dead delivery {}.", id)};
  if (!gone.ok()) co_return std::move(gone).error();
  impl_->dead_rows.add(-1);
  co_return done;
}

std::size_t Queue::pending() const {
  return impl_->pending.size();
}

}  // namespace tidegate::events
