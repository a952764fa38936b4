#include "store/faulty.h"

#include <utility>

namespace tidegate::store {

FaultyStore::Commit FaultyStore::draw() {
  if (!script_.empty()) {
    const Commit next = script_.front();
    script_.pop_front();
    return next;
  }
  // One number for every commit, so that a seed replays whatever the chances are.
  const std::uint64_t n = random_.below(1000);
  if (n < chances_.lost) return Commit::lost;
  if (n < chances_.lost + chances_.unanswered) return Commit::unanswered;
  if (n < chances_.lost + chances_.unanswered + chances_.unavailable) return Commit::unavailable;
  return Commit::passes;
}

bool FaultyStore::read_fails() {
  bool fails = random_.below(1000) < chances_.failed_read;
  if (std::exchange(away_, false)) fails = true;
  if (fails) ++injected_;
  return fails;
}

Task<std::optional<Kv>> FaultyStore::get(std::string key) {
  if (read_fails()) co_return Error{Fault::unavailable, "injected: the read failed"};
  auto found = co_await behind_.get(std::move(key));
  co_return found;
}

Task<Page> FaultyStore::range(Range range) {
  if (read_fails()) co_return Error{Fault::unavailable, "injected: the read failed"};
  auto page = co_await behind_.range(std::move(range));
  co_return page;
}

Task<Revision> FaultyStore::commit(Txn txn) {
  const Commit what = draw();
  if (what != Commit::passes) ++injected_;
  switch (what) {
    case Commit::lost:
      co_return Error{Fault::outcome_unknown, "injected: the commit was lost"};
    case Commit::unavailable:
      co_return Error{Fault::unavailable, "injected: the store is away"};
    case Commit::read_only:
      co_return Error{Fault::read_only, "injected: the store is read-only"};
    default:
      break;
  }
  Result<Revision> outcome = co_await behind_.commit(std::move(txn));
  away_ = what == Commit::unanswered_then_away;
  if (what != Commit::passes && outcome.ok())
    co_return Error{Fault::outcome_unknown, "injected: the answer was lost"};
  co_return outcome;
}

}  // namespace tidegate::store
