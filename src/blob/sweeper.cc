#include "blob/sweeper.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace tidegate::blob {
namespace {

constexpr std::size_t kPage = 200;
constexpr std::size_t kErasedAtOnce = 100;

bool hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

// The blobs there are, sixteen bytes each, and which of them were found in the store. One strand;
// the watch's reader marks while the scan goes on.
class Sweeper::Marks {
 public:
  void add(const std::vector<BlobId>& ids) {
    for (const BlobId& id : ids) ids_.push_back(packed(id));
  }
  void seal() {
    std::sort(ids_.begin(), ids_.end());
    used_.assign(ids_.size(), false);
  }

  // Every 32 digits in a row may be an id, also in the middle of a longer run.
  void mark(std::string_view bytes) {
    std::size_t run = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      run = hex_digit(bytes[i]) ? run + 1 : 0;
      if (run >= kIdDigits) mark_one(bytes.substr(i + 1 - kIdDigits, kIdDigits));
    }
  }
  void mark(const std::vector<store::Event>& events) {
    for (const store::Event& e : events) {
      if (e.value) mark(*e.value);
      mark(e.key);
      seen = std::max(seen, e.revision);
    }
  }

  std::vector<BlobId> unmarked() const {
    std::vector<BlobId> found;
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (!used_[i]) found.push_back(unpacked(ids_[i]));
    return found;
  }

  store::Revision seen = 0;           // by the watch
  std::optional<Error> watch_failed;  // then the round is void

 private:
  using Packed = std::array<unsigned char, kIdDigits / 2>;

  static unsigned nibble(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  static Packed packed(std::string_view id) {
    Packed out;
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<unsigned char>(nibble(id[2 * i]) << 4 | nibble(id[2 * i + 1]));
    return out;
  }
  static BlobId unpacked(const Packed& id) {
    BlobId out;
    for (unsigned char byte : id) {
      out.push_back("0123456789abcdef"[byte >> 4]);
      out.push_back("0123456789abcdef"[byte & 15]);
    }
    return out;
  }
  void mark_one(std::string_view digits) {
    const Packed id = packed(digits);
    auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
    if (found != ids_.end() && *found == id)
      used_[static_cast<std::size_t>(found - ids_.begin())] = true;
  }

  std::vector<Packed> ids_;
  std::vector<bool> used_;
};

Sweeper::Sweeper(Blobs& blobs, store::Store& store, Scheduler& domain, const Clock& real,
                 Executors executors, Metrics& metrics, SweeperOptions options)
    : blobs_(blobs),
      store_(store),
      domain_(domain),
      real_(real),
      executors_(executors),
      options_(std::move(options)),
      erased_(metrics.counter("tidegate_blobs_swept_total", "Orphaned blobs erased.")),
      group_(executors.control) {}

void Sweeper::start() {
  group_.spawn("sweep blobs", run());
}

asio::awaitable<void> Sweeper::close() {
  return group_.close();
}

Task<Unit> Sweeper::run() {
  Duration pause = options_.first_after;
  for (;;) {
    CO_TRY(Unit slept, co_await sleep_until(domain_, domain_.now() + pause));
    (void)slept;
    pause = options_.every;
    auto erased = co_await round();
    if (!erased.ok()) {
      if (erased.fault() == Fault::cancelled) co_return std::move(erased).error();
      LOG_WARN("blobs were not swept: {}", erased.error().message);
    } else if (*erased > 0) {
      LOG_INFO("{} orphaned blobs were erased", *erased);
    }
  }
}

Task<std::size_t> Sweeper::round() {
  if (!blobs_.writable()) co_return std::size_t{0};
  // First, so that nothing is committed unseen while the blobs are listed.
  std::shared_ptr<store::Watch> watch = store_.watch("", 0);
  const store::Revision began = store_.revision();
  CO_TRY(auto marks, co_await list_all());
  marks->seen = began;
  auto follow = [](std::shared_ptr<store::Watch> w, std::shared_ptr<Marks> m) -> Task<Unit> {
    for (;;) {
      auto events = co_await w->next();
      if (!events.ok()) {
        m->watch_failed = std::move(events).error();
        co_return done;
      }
      m->mark(*events);
    }
  };
  group_.spawn("follow the store", follow(watch, marks));
  auto scanned = co_await scan(marks);
  watch->close();
  CO_TRY(Unit complete, std::move(scanned));
  (void)complete;
  CO_TRY(std::size_t erased, co_await erase_unmarked(marks));
  co_return erased;
}

Task<std::shared_ptr<Sweeper::Marks>> Sweeper::list_all() {
  auto marks = std::make_shared<Marks>();
  for (unsigned shard = 0; shard < Blobs::kShards; ++shard) {
    auto list = [this, shard] { return blobs_.list(shard); };
    CO_TRY(auto ids, co_await await_on(executors_.blocking, std::move(list)));
    marks->add(ids);
  }
  marks->seal();
  co_return marks;
}

Task<Unit> Sweeper::scan(std::shared_ptr<Marks> marks) {
  store::Range range;
  range.limit = kPage;
  for (;;) {
    CO_TRY(auto page, co_await store_.range(range));
    std::string skipped;
    for (const store::Kv& row : page.items) {
      skipped = behind_skipped(row.key);
      if (!skipped.empty()) break;
      marks->mark(row.key);
      marks->mark(row.value);
    }
    if (marks->watch_failed) co_return *marks->watch_failed;
    if (skipped.empty() && !page.more) break;
    range.begin = skipped.empty() ? page.items.back().key + '\0' : std::move(skipped);
    co_await asio::post(executors_.control, asio::use_awaitable);
  }
  // What was committed up to here must have been looked at.
  const store::Revision last = store_.revision();
  while (marks->seen < last && !marks->watch_failed)
    co_await asio::post(executors_.control, asio::use_awaitable);
  if (marks->watch_failed) co_return *marks->watch_failed;
  co_return done;
}

// The first key behind the rows of a kind that names no blobs, when `key` is one of them.
std::string Sweeper::behind_skipped(std::string_view key) const {
  const std::size_t account = key.starts_with("a/") ? key.find('/', 2) : std::string_view::npos;
  const std::size_t region = account == key.npos ? account : key.find('/', account + 1);
  if (region == key.npos) return "";
  for (const std::string& kind : options_.without_references)
    if (key.substr(region + 1).starts_with(kind))
      return store::prefix_end(key.substr(0, region + 1 + kind.size()));
  return "";
}

Task<std::size_t> Sweeper::erase_unmarked(std::shared_ptr<Marks> marks) {
  const std::uint64_t now = real_.up_ms();
  const auto grace = static_cast<std::uint64_t>(options_.grace.count());
  std::map<BlobId, std::uint64_t> orphans;
  std::vector<BlobId> doomed;
  for (BlobId& id : marks->unmarked()) {
    auto known = orphans_.find(id);
    const std::uint64_t since = known == orphans_.end() ? now : known->second;
    if (!blobs_.made_here(id) || (known != orphans_.end() && now - since >= grace))
      doomed.push_back(std::move(id));
    else
      orphans.emplace(std::move(id), since);
  }
  orphans_ = std::move(orphans);
  for (std::size_t i = 0; i < doomed.size(); i += kErasedAtOnce) {
    auto slice = std::make_shared<std::vector<BlobId>>(
        doomed.begin() + static_cast<std::ptrdiff_t>(i),
        doomed.begin() + static_cast<std::ptrdiff_t>(std::min(doomed.size(), i + kErasedAtOnce)));
    auto erase = [this, slice]() -> Status {
      for (const BlobId& id : *slice) {
        TRY(Unit gone, blobs_.erase(id));
        (void)gone;
      }
      return done;
    };
    CO_TRY(Unit gone, co_await await_on(executors_.blocking, std::move(erase)));
    (void)gone;
    erased_.add(slice->size());
  }
  co_return doomed.size();
}

}  // namespace tidegate::blob
