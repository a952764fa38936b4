// LifecycleRules: what a bucket's enabled lifecycle rules say of one version, marker or upload:
// when it ends, and by which rule. Ready to be asked for every row of a bucket and every answer.
// Pure; any thread.
//
// Days count as S3 documents them: from the time of the write (of the version that came after, for
// what is noncurrent), rounded up to the next midnight UTC. Where several rules match, the earliest
// end counts. What transitions say has no effect here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "s3/lifecycle.h"
#include "s3/types.h"

namespace tidegate::s3 {

// The midnight that ends a time of so many days from then.
Instant days_after(Instant from, std::int32_t days);
Instant next_midnight(Instant);

struct Expiry {
  Instant when{};
  std::string rule_id;
};

class LifecycleRules {
 public:
  explicit LifecycleRules(const LifecycleConfiguration&);

  // Of a key's newest version, which is no delete marker.
  std::optional<Expiry> current(std::string_view key, const ObjectRecord&) const;
  // Of an older version or marker: since when it is that, how many of those are newer.
  std::optional<Expiry> noncurrent(std::string_view key, const ObjectRecord&, Instant since,
                                   std::size_t newer) const;
  // Of a delete marker that is all there is of its key.
  std::optional<Expiry> lone_marker(std::string_view key, const ObjectRecord&) const;
  std::optional<Expiry> upload(std::string_view key, Instant initiated) const;

  bool ends_current() const { return current_; }
  bool ends_noncurrent() const { return noncurrent_; }
  bool ends_uploads() const { return uploads_; }
  // What all keys that a rule could end begin with.
  const std::string& common_prefix() const { return common_prefix_; }

 private:
  std::vector<LifecycleRule> rules_;  // enabled ones that end something
  std::string common_prefix_;
  bool current_ = false, noncurrent_ = false, uploads_ = false;
};

}  // namespace tidegate::s3
