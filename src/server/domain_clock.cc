#include "server/domain_clock.h"

#include <charconv>

namespace tidegate::server {
namespace {
constexpr char kRow[] = "g/clock/turned-ms";
}

Task<Unit> DomainClock::restore() {
  CO_TRY(auto kv, co_await store_.get(kRow));
  if (!kv) co_return done;
  std::int64_t ms = 0;
  std::from_chars(kv->value.data(), kv->value.data() + kv->value.size(), ms);
  turned_ms_ = ms;
  scheduler_.advance(Duration{ms});
  co_return done;
}

Task<Unit> DomainClock::advance(Duration d) {
  turned_ms_ += d.count();
  store::Txn txn;
  txn.put(kRow, std::to_string(turned_ms_));
  Result<store::Revision> kept = co_await store_.commit(std::move(txn));
  if (!kept.ok()) {
    turned_ms_ -= d.count();
    co_return std::move(kept).error();
  }
  scheduler_.advance(d);
  co_return done;
}

}  // namespace tidegate::server
