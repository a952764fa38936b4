// CodeLinks: leave to download the package of one function for ten minutes, as a sealed text
// (AES-256-GCM) that stands in a URL, where AWS gives a presigned one of its own bucket. Nothing is
// stored but the key. Any thread after load(); times are real time.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "store/record.h"
#include "store/store.h"

namespace tidegate::lambda {

struct CodeLink {
  std::string account, region, function, sha256;
  Instant expires{};
};

class CodeLinks {
 public:
  static constexpr Duration kLifetime{10 * 60 * 1000};
  // Reads the sealing key from the store, or makes it.
  static Task<CodeLinks> load(store::Store& store, Random& random);
  CodeLinks(std::string key32, Random& random) : key_(std::move(key32)), random_(&random) {}

  std::string seal(const CodeLink&) const;
  // Fault::access_denied when it is not ours, expired_request when it is too late.
  Result<CodeLink> open(std::string_view token, Instant now) const;

 private:
  std::string key_;
  Random* random_;
};

}  // namespace tidegate::lambda

namespace tidegate::store {
template <>
struct record_of<lambda::CodeLink> {
  using R = lambda::CodeLink;
  static constexpr auto fields =
      std::tuple{field(1, &R::account), field(2, &R::region), field(3, &R::function),
                 field(4, &R::sha256), field(5, &R::expires)};
};
}  // namespace tidegate::store
