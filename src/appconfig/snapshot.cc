#include "appconfig/snapshot.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "appconfig/keys.h"
#include "base/log.h"

namespace tidegate::appconfig {
namespace {

// a/<account>/<region>/ac/served/<application>/<environment>/<profile>
bool served_key(std::string_view key, Scope& scope, std::vector<std::string_view>& ids) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t slash = key.find('/');
    parts.push_back(key.substr(0, slash));
    if (slash == std::string_view::npos) break;
    key.remove_prefix(slash + 1);
  }
  if (parts.size() != 8 || parts[0] != "a" || parts[3] != kKind || parts[4] != "served")
    return false;
  scope = {std::string(parts[1]), std::string(parts[2])};
  ids.assign(parts.begin() + 5, parts.end());
  return true;
}

std::uint64_t new_generation() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1) + 1;
}

}  // namespace

const ServedRelease* Line::due(std::string_view client_id, Instant now) const {
  if (rollout) {
    const std::uint32_t share = share_at(growth, started, held(now, horizon));
    // No client needs to be hashed when all are due the same.
    if (share >= 10'000 ||
        cohort(environment_id, profile_id, rollout->release.deployment, client_id) < share)
      return &*rollout;
  }
  return base ? &*base : nullptr;
}

Snapshot::Snapshot(store::Store& store, Contents& contents, Scheduler& domain, Executors executors)
    : store_(store),
      contents_(contents),
      domain_(domain),
      group_(executors.control),
      published_(std::make_shared<const Map>()),
      generation_(new_generation()) {}

Task<Unit> Snapshot::start() {
  // What an earlier run served counts as read now.
  starting_ = domain_.now();
  CO_TRY(Unit loaded, co_await load());
  starting_.reset();
  group_.spawn("snapshot", follow());
  co_return loaded;
}

asio::awaitable<void> Snapshot::close() {
  closed_ = true;
  if (watch_) watch_->close();
  reach(reached_);
  co_await group_.close();
}

Task<Unit> Snapshot::load() {
  const store::Revision from = store_.revision();
  // The watch begins before the rows are read: what changes meanwhile is seen twice, never missed.
  watch_ = store_.watch("a/", from + 1);
  Map lines;
  CO_TRY(auto all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    store::Range range = store::Range::prefix(row(scope, "served"));
    for (;;) {
      CO_TRY(store::Page page, co_await store_.range(range));
      for (store::Kv& kv : page.items) {
        auto line = co_await line_of(kv.key, std::move(kv.value), kv.mod_revision);
        if (line.ok()) {
          lines[kv.key] = std::move(*line);
          continue;
        }
        LOG_ERROR("snapshot: {} is not taken over: {}", kv.key, line.error().message);
        if (auto had = lines_.find(kv.key); had != lines_.end()) lines.insert(*had);
        retry_later(kv.key);
      }
      if (!page.more) break;
      range.begin = page.items.back().key + '\0';
    }
  }
  lines_ = std::move(lines);
  publish();
  reach(from);
  co_return done;
}

Task<Unit> Snapshot::follow() {
  for (;;) {
    Result<std::vector<store::Event>> events = co_await watch_->next();
    if (!events.ok() && events.fault() == Fault::cancelled) co_return done;
    if (!events.ok()) {
      for (;;) {
        Status loaded = co_await load();
        if (loaded.ok()) break;
        LOG_ERROR("snapshot: reading again failed: {}", loaded.error().message);
        CO_TRY(Unit slept, co_await sleep_until(domain_, domain_.now() + kPause));
        (void)slept;
      }
      continue;
    }
    bool changed = false;
    Scope scope;
    std::vector<std::string_view> ids;
    for (store::Event& e : *events) {
      if (!served_key(e.key, scope, ids)) continue;
      const std::string key = e.key;
      Status taken = co_await take(std::move(e));
      if (!taken.ok()) {
        LOG_ERROR("snapshot: {} is not taken over: {}", key, taken.error().message);
        retry_later(key);
      }
      changed = true;
    }
    if (changed) publish();
    if (!events->empty()) reach(events->back().revision);
  }
}

Task<Unit> Snapshot::take(store::Event event) {
  if (!event.value) {
    lines_.erase(event.key);
    co_return done;
  }
  // A row that was read again may be ahead of its events.
  auto had = lines_.find(event.key);
  if (had != lines_.end() && had->second->revision > event.revision) co_return done;
  auto line = co_await line_of(event.key, std::move(*event.value), event.revision);
  if (!line.ok()) {
    // A newer state of the row may have dropped this one's content: look at what stands there now.
    CO_TRY(auto kv, co_await store_.get(event.key));
    if (!kv) co_return done;  // its end is on the way
    line = co_await line_of(event.key, std::move(kv->value), kv->mod_revision);
  }
  if (!line.ok()) co_return std::move(line).error();
  lines_[event.key] = std::move(*line);
  co_return done;
}

void Snapshot::retry_later(std::string key) {
  if (closed_ || !retrying_.insert(key).second) return;
  group_.spawn("snapshot row", retry(std::move(key)));
}

Task<Unit> Snapshot::retry(std::string key) {
  for (;;) {
    CO_TRY(Unit slept, co_await sleep_until(domain_, domain_.now() + kPause));
    (void)slept;
    auto kv = co_await store_.get(key);
    if (!kv.ok()) continue;
    auto had = lines_.find(key);
    const bool known =
        !*kv || (had != lines_.end() && had->second->revision >= (*kv)->mod_revision);
    if (known) break;
    auto line = co_await line_of(key, std::move((*kv)->value), (*kv)->mod_revision);
    had = lines_.find(key);
    // Content that is lost stays lost; only a store that is away is asked again.
    if (!line.ok() && line.fault() == Fault::unavailable) continue;
    if (!line.ok()) break;
    if (had == lines_.end() || had->second->revision < (*line)->revision) {
      lines_[key] = std::move(*line);
      publish();
    }
    break;
  }
  retrying_.erase(key);
  co_return done;
}

Task<std::optional<ServedRelease>> Snapshot::bring(Scope scope, std::optional<Release> release) {
  if (!release) co_return std::optional<ServedRelease>{};
  CO_TRY(auto content, co_await contents_.get(scope, release->content));
  ServedRelease out{std::move(*release), std::move(content), nullptr};
  if (out.release.flags) {
    CO_TRY(auto document, co_await contents_.get(scope, *out.release.flags));
    auto read = flags::FlagSet::read(*document);
    // Clients of the data plane do without; a start must not fail over it.
    if (!read.ok())
      LOG_ERROR("snapshot: the flags of deployment {} are not evaluated: {}",
                out.release.deployment, read.error().message);
    else
      out.flags = std::move(*read);
  }
  co_return std::optional<ServedRelease>(std::move(out));
}

// A line goes on with what was known of its readers.
std::shared_ptr<LastRead> Snapshot::reads_of(const std::string& key) const {
  auto known = lines_.find(key);
  if (known != lines_.end()) return known->second->read;
  auto fresh = std::make_shared<LastRead>();
  if (starting_) fresh->touch(*starting_);
  return fresh;
}

std::optional<Instant> Snapshot::last_read(const Scope& scope, std::string_view application,
                                           std::string_view environment,
                                           std::string_view profile) const {
  const std::string prefix = row(scope, "served", application) + "/";
  std::optional<Instant> newest;
  for (const auto& [key, line] : lines_) {
    if (!key.starts_with(prefix)) continue;
    if (!environment.empty() && line->environment_id != environment) continue;
    if (!profile.empty() && line->profile_id != profile) continue;
    newest = std::max(newest, line->read->at());  // an empty optional is the smallest
  }
  return newest;
}

Task<std::shared_ptr<const Line>> Snapshot::line_of(std::string key, std::string value,
                                                    store::Revision revision) {
  Scope scope;
  std::vector<std::string_view> ids;
  if (!served_key(key, scope, ids)) co_return Error{Fault::internal, "not a key of this table"};
  CO_TRY(Served served, store::decode<Served>(value));
  auto line = std::make_shared<Line>();
  line->environment_id = ids[1];
  line->profile_id = ids[2];
  line->revision = revision;
  line->read = reads_of(key);
  CO_TRY(line->base, co_await bring(scope, served.base));
  if (served.rollout) {
    line->growth = served.rollout->growth;
    line->started = served.rollout->started;
    line->horizon = served.rollout->horizon;
    CO_TRY(line->rollout, co_await bring(scope, served.rollout->release));
  }
  co_return std::shared_ptr<const Line>(std::move(line));
}

void Snapshot::publish() {
  auto map = std::make_shared<const Map>(lines_);
  {
    std::lock_guard lock(mutex_);
    published_ = std::move(map);
  }
  generation_.store(new_generation(), std::memory_order_release);
}

std::shared_ptr<const Line> Snapshot::find(const Scope& scope, std::string_view application,
                                           std::string_view environment,
                                           std::string_view profile) const {
  // Each thread keeps the map it saw last; one atomic load tells whether it is still the newest.
  struct Cached {
    std::uint64_t generation = 0;
    std::shared_ptr<const Map> map;
  };
  thread_local Cached cached;
  const std::uint64_t newest = generation_.load(std::memory_order_acquire);
  if (cached.generation != newest) {
    std::lock_guard lock(mutex_);
    cached = {newest, published_};
  }
  auto found = cached.map->find(row(scope, "served", application, environment, profile));
  return found == cached.map->end() ? nullptr : found->second;
}

void Snapshot::reach(store::Revision revision) {
  reached_ = std::max(reached_, revision);
  while (!waiting_.empty() && (closed_ || waiting_.begin()->first <= reached_)) {
    auto resume = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    resume();
  }
}

Task<Unit> Snapshot::caught_up(store::Revision revision) {
  if (reached_ < revision && !closed_) {
    auto wait = [this, revision](auto handler) {
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      waiting_.emplace(revision, [shared] { std::move (*shared)(); });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(wait, asio::use_awaitable);
  }
  if (reached_ < revision) co_return Error{Fault::unavailable, "the server is closing"};
  co_return done;
}

}  // namespace tidegate::appconfig
