// Served: what clients of one environment and profile are due, as one record that every change of a
// deployment rewrites in its own transaction. The base goes to everybody; while a rollout runs, its
// release goes to the cohort that it has reached. `before` is what a revert brings back. Pure.
#pragma once

#include "appconfig/deployment.h"
#include "appconfig/types.h"

namespace tidegate::appconfig {

// One version as clients get it.
struct Release {
  std::uint64_t deployment = 0;
  std::string version;
  std::optional<std::string> label;
  std::string content_type;
  ContentRef content;
  bool encrypted = false;  // deployed with a KMS key: GetConfiguration cannot serve it
  // Of feature flags: the stored document, with its rules, for whoever evaluates them.
  std::optional<ContentRef> flags;

  // Adds everything that is to go when the release is no longer needed.
  void drop_into(std::vector<ContentRef>& dropped) const {
    dropped.push_back(content);
    if (flags) dropped.push_back(*flags);
  }
};

struct Rollout {
  Release release;
  Growth growth;
  Instant started{};
  std::optional<Instant> horizon;  // of its deployment: it goes no further before that is moved
};
Progress progress_of(const Rollout&, Instant now);

struct Served {
  std::optional<Release> base, before;
  std::optional<Rollout> rollout;
  // The base came back by a revert; what was before it is no longer known.
  bool restored = false;
};

// Every content that it names.
std::vector<ContentRef> contents_of(const Served&);

// Makes a rollout that is complete by `now` the base. Contents that nobody needs any more are added
// to `dropped`.
void fold(Served&, Instant now, std::vector<ContentRef>& dropped);

// The share of clients, in hundredths of a percent, that a client belongs to: [0, 10000). Sticky
// for a deployment, different between deployments. Published in docs/guide/cohorts.md.
std::uint32_t cohort(std::string_view environment_id, std::string_view profile_id,
                     std::uint64_t deployment, std::string_view client_id);
// How many of the 10000 cohorts a plan has reached.
std::uint32_t share_at(const Growth&, Instant started, Instant now);
// Whether a client of that cohort gets the rollout's release now.
bool reached(const Rollout&, std::uint32_t cohort, Instant now);

}  // namespace tidegate::appconfig

namespace tidegate::store {
template <>
struct record_of<appconfig::Release> {
  using R = appconfig::Release;
  static constexpr auto fields =
      std::tuple{field(1, &R::deployment),   field(2, &R::version), field(3, &R::label),
                 field(4, &R::content_type), field(5, &R::content), field(6, &R::encrypted),
                 field(7, &R::flags)};
};
template <>
struct record_of<appconfig::Rollout> {
  using R = appconfig::Rollout;
  static constexpr auto fields = std::tuple{field(1, &R::release), field(2, &R::growth),
                                            field(3, &R::started), field(4, &R::horizon)};
};
template <>
struct record_of<appconfig::Served> {
  using R = appconfig::Served;
  static constexpr auto fields = std::tuple{field(1, &R::base), field(2, &R::before),
                                            field(3, &R::rollout), field(4, &R::restored)};
};
}  // namespace tidegate::store
