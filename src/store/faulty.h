// FaultyStore: a store that fails as real ones do, for tests of whoever writes: commits that are
// lost, commits that are applied while the answer is lost, refusals, and reads that fail. Faults
// come from a script (next commits, one each) or, when that is empty, from seeded chances. Passes
// everything else to the store behind it. On the control strand only.
#pragma once

#include <deque>

#include "base/random.h"
#include "store/store.h"

namespace tidegate::store {

class FaultyStore final : public Store {
 public:
  enum class Commit {
    passes,
    lost,                  // outcome_unknown, nothing was written
    unanswered,            // outcome_unknown, everything was written
    unanswered_then_away,  // the same, and the next read fails
    unavailable,           // refused, nothing was written
    read_only,
  };
  // Chances in a thousand, each of its own.
  struct Chances {
    unsigned lost = 0, unanswered = 0, unavailable = 0, failed_read = 0;
  };

  FaultyStore(Store& behind, std::uint64_t seed) : behind_(behind), random_(seed) {}
  void next_commits(std::deque<Commit> script) { script_ = std::move(script); }
  void chances(Chances c) { chances_ = c; }
  std::size_t injected() const { return injected_; }  // faults so far

  Task<std::optional<Kv>> get(std::string key) override;
  Task<Page> range(Range) override;
  Task<Revision> commit(Txn) override;
  std::unique_ptr<Watch> watch(std::string prefix, Revision from) override {
    return behind_.watch(std::move(prefix), from);
  }
  Revision revision() const override { return behind_.revision(); }
  bool writable() const override { return behind_.writable(); }

 private:
  Commit draw();
  bool read_fails();

  Store& behind_;
  SeededRandom random_;
  std::deque<Commit> script_;
  Chances chances_;
  std::size_t injected_ = 0;
  bool away_ = false;  // for one read
};

}  // namespace tidegate::store
