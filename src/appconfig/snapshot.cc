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

// Never the same for two maps of this process, also not of two snapshots at one address.
std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1);
}

}  // namespace

const ServedRelease* Line::due(std::string_view client_id, Instant now) const {
  if (rollout) {
    const Progress p = progress_at(growth, started, now);
    const std::uint32_t share =
        p.percentage >= 100 ? 10'000 : static_cast<std::uint32_t>(p.percentage * 100 + 0.5);
    if (share >= 10'000 ||
        cohort(environment_id, profile_id, rollout->release.deployment, client_id) < share)
      return &*rollout;
  }
  return base ? &*base : nullptr;
}

Snapshot::Snapshot(store::Store& store, Contents& contents, Executors executors)
    : store_(store),
      contents_(contents),
      group_(executors.control),
      published_(std::make_shared<const Map>()),
      generation_(next_generation()) {}

Task<Unit> Snapshot::start() {
  CO_TRY(store::Revision from, co_await load());
  group_.spawn("snapshot", follow(from));
  co_return done;
}

asio::awaitable<void> Snapshot::close() {
  if (watch_) watch_->close();
  co_await group_.close();
}

Task<store::Revision> Snapshot::load() {
  const store::Revision from = store_.revision();
  // The watch begins before the rows are read: what changes meanwhile is seen twice, never missed.
  watch_ = store_.watch("a/", from + 1);
  lines_.clear();
  CO_TRY(auto all, co_await store::scopes(store_));
  for (const Scope& scope : all) {
    store::Range range = store::Range::prefix(row(scope, "served"));
    for (;;) {
      CO_TRY(store::Page page, co_await store_.range(range));
      for (store::Kv& kv : page.items) {
        CO_TRY(Unit applied, co_await apply(kv.key, std::move(kv.value)));
        (void)applied;
      }
      if (!page.more) break;
      range.begin = page.items.back().key + '\0';
    }
  }
  publish();
  reach(from);
  co_return from;
}

Task<Unit> Snapshot::follow(store::Revision from) {
  for (;;) {
    Result<std::vector<store::Event>> events = co_await watch_->next();
    if (!events.ok() && events.fault() == Fault::compacted) {
      CO_TRY(from, co_await load());
      continue;
    }
    if (!events.ok()) co_return std::move(events).error();
    bool changed = false;
    Scope scope;
    std::vector<std::string_view> ids;
    for (store::Event& e : *events) {
      if (!served_key(e.key, scope, ids)) continue;
      Status applied = co_await apply(e.key, std::move(e.value));
      // Whatever is wrong with a row, clients go on with what they have.
      if (!applied.ok())
        LOG_ERROR("snapshot: {} is not taken over: {}", e.key, applied.error().message);
      changed = true;
    }
    if (changed) publish();
    if (!events->empty()) reach(events->back().revision);
  }
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

Task<Unit> Snapshot::apply(std::string key, std::optional<std::string> value) {
  if (!value) {
    lines_.erase(key);
    co_return done;
  }
  Scope scope;
  std::vector<std::string_view> ids;
  if (!served_key(key, scope, ids)) co_return done;
  CO_TRY(Served served, store::decode<Served>(*value));
  auto line = std::make_shared<Line>();
  line->environment_id = ids[1];
  line->profile_id = ids[2];
  CO_TRY(line->base, co_await bring(scope, served.base));
  if (served.rollout) {
    line->growth = served.rollout->growth;
    line->started = served.rollout->started;
    CO_TRY(line->rollout, co_await bring(scope, served.rollout->release));
  }
  lines_[key] = std::move(line);
  co_return done;
}

void Snapshot::publish() {
  auto map = std::make_shared<const Map>(lines_);
  {
    std::lock_guard lock(mutex_);
    published_ = std::move(map);
  }
  generation_.store(next_generation(), std::memory_order_release);
}

std::shared_ptr<const Line> Snapshot::find(const Scope& scope, std::string_view application,
                                           std::string_view environment,
                                           std::string_view profile) const {
  // Each thread keeps the map it saw last; one atomic load tells whether it is still the newest.
  struct Cached {
    const Snapshot* owner = nullptr;
    std::uint64_t generation = 0;
    std::shared_ptr<const Map> map;
  };
  thread_local Cached cached;
  const std::uint64_t newest = generation_.load(std::memory_order_acquire);
  if (cached.owner != this || cached.generation != newest) {
    std::lock_guard lock(mutex_);
    cached = {this, newest, published_};
  }
  auto found = cached.map->find(row(scope, "served", application, environment, profile));
  return found == cached.map->end() ? nullptr : found->second;
}

void Snapshot::reach(store::Revision revision) {
  reached_ = std::max(reached_, revision);
  while (!waiting_.empty() && waiting_.begin()->first <= reached_) {
    auto resume = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    resume();
  }
}

Task<Unit> Snapshot::caught_up(store::Revision revision) {
  if (reached_ < revision) {
    auto wait = [this, revision](auto handler) {
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      waiting_.emplace(revision, [shared] { std::move (*shared)(); });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(wait, asio::use_awaitable);
  }
  co_return done;
}

}  // namespace tidegate::appconfig
