// MemoryStore: the store's contract over a std::map, for tests and as the model that the others are
// compared with. Keeps the whole history until compact(). Nothing is durable. One strand.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "store/store.h"

namespace tidegate::store {

class MemoryStore final : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;
  Task<std::optional<Kv>> get(std::string key) override;
  Task<Page> range(Range) override;
  Task<Revision> commit(Txn) override;
  std::unique_ptr<Watch> watch(std::string prefix, Revision from) override;
  Revision revision() const override { return revision_; }
  bool writable() const override { return writable_; }

  // Forgets history below `before`: older reads and watches answer Fault::compacted.
  void compact(Revision before);
  void set_writable(bool writable) { writable_ = writable; }

 private:
  class MemoryWatch;
  struct Version {
    std::optional<std::string> value;  // nullopt: erased
    Revision create = 0;
  };
  const Version* at(const std::map<Revision, Version>& history, Revision revision,
                    Revision& mod) const;
  std::optional<std::string> refusal(const Txn& txn) const;

  std::map<std::string, std::map<Revision, Version>> keys_;
  std::deque<std::pair<Revision, std::vector<Event>>> log_;
  std::vector<MemoryWatch*> watches_;
  Revision revision_ = 0;
  Revision compacted_ = 0;  // reads at or above are possible
  bool writable_ = true;
};

}  // namespace tidegate::store
