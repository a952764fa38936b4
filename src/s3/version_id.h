// Version ids: 32 characters of [A-Za-z0-9._] that only this store can make. An id carries the
// version's place among the versions of its key (masked, so that it cannot be read from the text)
// and a keyed check, so that an id that was issued and is gone can be told from one that never was,
// without tombstones. "null" is no such id. Pure after load(); any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/task.h"
#include "store/store.h"

namespace tidegate::s3 {

inline constexpr std::string_view kNullVersion = "null";

class VersionIds {
 public:
  explicit VersionIds(std::string secret32) : secret_(std::move(secret32)) {}
  // Reads the secret from the store, or makes it.
  static Task<VersionIds> load(store::Store&, Random&);

  std::string issue(std::uint64_t order, Random&) const;
  // The order inside; nullopt when this store never issued such an id.
  std::optional<std::uint64_t> order_of(std::string_view id) const;

 private:
  std::string secret_;
};

}  // namespace tidegate::s3
