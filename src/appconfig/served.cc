#include "appconfig/served.h"

#include <fmt/format.h>

#include <cmath>

#include "base/digest.h"

namespace tidegate::appconfig {

std::vector<ContentRef> contents_of(const Served& served) {
  std::vector<ContentRef> all;
  if (served.base) served.base->drop_into(all);
  if (served.before) served.before->drop_into(all);
  if (served.rollout) served.rollout->release.drop_into(all);
  return all;
}

Progress progress_of(const Rollout& r, Instant now) {
  return progress_at(r.growth, r.started, held(now, r.horizon));
}

void fold(Served& served, Instant now, std::vector<ContentRef>& dropped) {
  if (!served.rollout) return;
  if (progress_of(*served.rollout, now).state != DeploymentState::complete) return;
  if (served.before) served.before->drop_into(dropped);
  served.before = std::move(served.base);
  served.base = std::move(served.rollout->release);
  served.rollout.reset();
  served.restored = false;
}

std::uint32_t cohort(std::string_view environment_id, std::string_view profile_id,
                     std::uint64_t deployment, std::string_view client_id) {
  const std::string hash =
      sha256(fmt::format("{}/{}/{}/{}", environment_id, profile_id, deployment, client_id));
  std::uint64_t n = 0;
  for (int i = 0; i < 8; ++i)
    n = n << 8 | static_cast<unsigned char>(hash[static_cast<std::size_t>(i)]);
  return static_cast<std::uint32_t>(n % 10'000);
}

std::uint32_t share_at(const Growth& growth, Instant started, Instant now) {
  return static_cast<std::uint32_t>(
      std::lround(progress_at(growth, started, now).percentage * 100));
}

bool reached(const Rollout& rollout, std::uint32_t cohort, Instant now) {
  return cohort < share_at(rollout.growth, rollout.started, held(now, rollout.horizon));
}

}  // namespace tidegate::appconfig
