// Contents: the bytes of configuration versions. Small ones are rows that commit with the record
// that names them; larger ones are blobs, durable before. The newest contents stay in memory, so
// that what was just written or fetched is at hand for the data plane. On the control strand;
// blobs are written and read on the blocking pool.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "appconfig/types.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/task.h"
#include "blob/blob.h"
#include "store/store.h"

namespace tidegate::appconfig {

class Contents {
 public:
  Contents(store::Store& store, blob::Blobs& blobs, Random& random, Executors executors)
      : store_(store), blobs_(blobs), random_(random), executors_(executors) {}

  // Adds what is needed to `txn`; the content exists when it commits.
  Task<ContentRef> put(Scope scope, std::string bytes, store::Txn& txn);
  Task<std::shared_ptr<const std::string>> get(Scope scope, ContentRef ref);
  // The content goes with `txn`; blobs must be handed to forget() after the commit.
  void erase(const Scope& scope, const ContentRef& ref, store::Txn& txn) const;
  void forget(ContentRef ref);

 private:
  void remember(const std::string& id, std::shared_ptr<const std::string> bytes);

  static constexpr std::size_t kInlineLimit = 60 * 1024;
  static constexpr std::size_t kRemembered = 16u << 20;
  store::Store& store_;
  blob::Blobs& blobs_;
  Random& random_;
  Executors executors_;
  std::list<std::pair<std::string, std::shared_ptr<const std::string>>> recent_;  // newest first
  std::size_t recent_bytes_ = 0;
};

}  // namespace tidegate::appconfig
