#include "store/memory.h"

#include "store/watch_queue.h"

namespace tidegate::store {

class MemoryStore::MemoryWatch final : public Watch {
 public:
  MemoryWatch(MemoryStore& store, std::string prefix, Revision from)
      : store_(&store), prefix_(std::move(prefix)), from_(from) {
    store.watches_.push_back(this);
  }
  ~MemoryWatch() override {
    queue_.close(Fault::cancelled);
    if (store_) std::erase(store_->watches_, this);
  }
  Task<std::vector<Event>> next() override { return queue_.next(); }
  void close() override { queue_.close(Fault::cancelled); }

  void offer(const std::vector<Event>& events) {
    std::vector<Event> mine;
    for (const Event& e : events)
      if (e.revision >= from_ && std::string_view(e.key).starts_with(prefix_)) mine.push_back(e);
    queue_.push(std::move(mine));
  }
  void end(Fault reason) { queue_.close(reason); }
  void orphan() { store_ = nullptr; }

 private:
  MemoryStore* store_;
  std::string prefix_;
  Revision from_;
  WatchQueue queue_;
};

MemoryStore::MemoryStore() = default;
MemoryStore::~MemoryStore() {
  for (MemoryWatch* w : watches_) {
    w->end(Fault::cancelled);
    w->orphan();
  }
}

const MemoryStore::Version* MemoryStore::at(const std::map<Revision, Version>& history,
                                            Revision revision, Revision& mod) const {
  auto next = history.upper_bound(revision);
  if (next == history.begin()) return nullptr;
  --next;
  mod = next->first;
  return next->second.value ? &next->second : nullptr;
}

Task<std::optional<Kv>> MemoryStore::get(std::string key) {
  auto found = keys_.find(key);
  if (found == keys_.end()) co_return std::optional<Kv>{};
  Revision mod = 0;
  const Version* v = at(found->second, revision_, mod);
  if (!v) co_return std::optional<Kv>{};
  co_return std::optional<Kv>(Kv{key, *v->value, v->create, mod});
}

Task<Page> MemoryStore::range(Range range) {
  const Revision revision = range.at ? range.at : revision_;
  if (revision > revision_)
    co_return Error{Fault::invalid_argument, "that revision is in the future"};
  if (revision < compacted_) co_return Error{Fault::compacted, "that revision was compacted"};
  Page page;
  page.revision = revision;
  auto take = [&](const auto& entry) {  // false when the page is full
    Revision mod = 0;
    const Version* v = at(entry.second, revision, mod);
    if (!v) return true;
    if (page.items.size() == range.limit) {
      page.more = true;
      return false;
    }
    page.items.push_back({entry.first, *v->value, v->create, mod});
    return true;
  };
  auto first = keys_.lower_bound(range.begin);
  auto last = range.end.empty() ? keys_.end() : keys_.lower_bound(range.end);
  if (!range.end.empty() && range.end <= range.begin) co_return page;
  if (range.reverse) {
    while (last != first)
      if (!take(*--last)) break;
  } else {
    for (; first != last; ++first)
      if (!take(*first)) break;
  }
  co_return page;
}

std::optional<std::string> MemoryStore::refusal(const Txn& txn) const {
  for (const Guard& g : txn.guards) {
    Revision mod = 0;
    auto found = keys_.find(g.key);
    const Version* v = found == keys_.end() ? nullptr : at(found->second, revision_, mod);
    const bool holds = g.kind == Guard::Kind::absent    ? v == nullptr
                       : g.kind == Guard::Kind::present ? v != nullptr
                                                        : (v ? mod : 0) == g.revision;
    if (!holds) return g.key;
  }
  return std::nullopt;
}

Task<Revision> MemoryStore::commit(Txn txn) {
  Status within = check_limits(txn);
  if (!within.ok()) co_return std::move(within).error();
  if (!writable_) co_return Error{Fault::read_only, "the store is read-only"};
  if (auto key = refusal(txn))
    co_return Error{Fault::guard_failed, "a guard did not hold: " + *key};
  const Revision revision = revision_ + 1;
  std::vector<Event> events;
  for (auto& [key, value] : txn.puts) {
    auto& history = keys_[key];
    Revision mod = 0;
    const Version* old = at(history, revision - 1, mod);
    history[revision] = Version{value, old ? old->create : revision};
    events.push_back({key, value, revision});
  }
  for (const std::string& key : txn.erases) {
    auto found = keys_.find(key);
    Revision mod = 0;
    if (found == keys_.end() || !at(found->second, revision - 1, mod)) continue;
    found->second[revision] = Version{};
    events.push_back({key, std::nullopt, revision});
  }
  if (events.empty()) co_return revision_;  // what changes nothing takes no revision
  revision_ = revision;
  log_.emplace_back(revision, events);
  for (MemoryWatch* w : std::vector<MemoryWatch*>(watches_)) w->offer(events);
  co_return revision;
}

std::unique_ptr<Watch> MemoryStore::watch(std::string prefix, Revision from) {
  auto watch = std::make_unique<MemoryWatch>(*this, std::move(prefix), from);
  if (from != 0 && from < compacted_ + (compacted_ ? 1 : 0)) {
    watch->end(Fault::compacted);
    return watch;
  }
  if (from != 0)
    for (const auto& [revision, events] : log_)
      if (revision >= from) watch->offer(events);
  return watch;
}

void MemoryStore::compact(Revision before) {
  compacted_ = std::max(compacted_, std::min(before, revision_));
  while (!log_.empty() && log_.front().first <= compacted_) log_.pop_front();
  for (auto& [key, history] : keys_) {
    auto keep = history.upper_bound(compacted_);
    if (keep == history.begin()) continue;
    --keep;
    history.erase(history.begin(), keep);
  }
}

}  // namespace tidegate::store
