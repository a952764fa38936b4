// Lifecycle configuration of a bucket: which versions end after which time. As AWS's document has
// it; the same structs go over the wire and into the store. Plain data; any thread.
//
// Carried out by Expirer. Transitions are kept and shown, but move nothing: there is one kind of
// storage here.
// Errors of validate(): malformed_xml, invalid_argument, invalid_request, in S3's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "store/record.h"

namespace tidegate::s3 {

inline constexpr std::size_t kMaxLifecycleRules = 1000;

struct LifecycleTag {
  std::string key, value;
};
struct LifecycleConjunction {
  std::optional<std::string> prefix;
  std::vector<LifecycleTag> tags;
  std::optional<std::int64_t> size_greater_than, size_less_than;
};
struct LifecycleFilter {
  std::optional<std::string> prefix;
  std::optional<LifecycleTag> tag;
  std::optional<std::int64_t> size_greater_than, size_less_than;
  std::optional<LifecycleConjunction> conjunction;
};
struct LifecycleExpiration {
  std::optional<Instant> date;
  std::optional<std::int32_t> days;
  std::optional<bool> expired_object_delete_marker;
};
struct LifecycleTransition {
  std::optional<Instant> date;
  std::optional<std::int32_t> days;
  std::optional<std::string> storage_class;
};
struct NoncurrentTransition {
  std::optional<std::int32_t> days;
  std::optional<std::string> storage_class;
  std::optional<std::int32_t> newer_versions;
};
struct NoncurrentExpiration {
  std::optional<std::int32_t> days;
  std::optional<std::int32_t> newer_versions;
};
struct AbortIncompleteUpload {
  std::optional<std::int32_t> days;
};
struct LifecycleRule {
  std::optional<LifecycleExpiration> expiration;
  std::optional<std::string> id;
  std::optional<std::string> prefix;  // the old place of the filter
  std::optional<LifecycleFilter> filter;
  std::string status;
  std::vector<LifecycleTransition> transitions;
  std::vector<NoncurrentTransition> noncurrent_transitions;
  std::optional<NoncurrentExpiration> noncurrent_expiration;
  std::optional<AbortIncompleteUpload> abort_incomplete_upload;
};
struct LifecycleConfiguration {
  std::vector<LifecycleRule> rules;
  std::string minimum_transition_size;  // as its header says; kept for who reads it back
};

// Rules without an id get one.
Status validate(LifecycleConfiguration&, Random&);

}  // namespace tidegate::s3

namespace tidegate::store {

template <>
struct record_of<s3::LifecycleTag> {
  using R = s3::LifecycleTag;
  static constexpr auto fields = std::tuple{field(1, &R::key), field(2, &R::value)};
};
template <>
struct record_of<s3::LifecycleConjunction> {
  using R = s3::LifecycleConjunction;
  static constexpr auto fields =
      std::tuple{field(1, &R::prefix), field(2, &R::tags), field(3, &R::size_greater_than),
                 field(4, &R::size_less_than)};
};
template <>
struct record_of<s3::LifecycleFilter> {
  using R = s3::LifecycleFilter;
  static constexpr auto fields =
      std::tuple{field(1, &R::prefix), field(2, &R::tag), field(3, &R::size_greater_than),
                 field(4, &R::size_less_than), field(5, &R::conjunction)};
};
template <>
struct record_of<s3::LifecycleExpiration> {
  using R = s3::LifecycleExpiration;
  static constexpr auto fields = std::tuple{field(1, &R::date), field(2, &R::days),
                                            field(3, &R::expired_object_delete_marker)};
};
template <>
struct record_of<s3::LifecycleTransition> {
  using R = s3::LifecycleTransition;
  static constexpr auto fields =
      std::tuple{field(1, &R::date), field(2, &R::days), field(3, &R::storage_class)};
};
template <>
struct record_of<s3::NoncurrentTransition> {
  using R = s3::NoncurrentTransition;
  static constexpr auto fields =
      std::tuple{field(1, &R::days), field(2, &R::storage_class), field(3, &R::newer_versions)};
};
template <>
struct record_of<s3::NoncurrentExpiration> {
  using R = s3::NoncurrentExpiration;
  static constexpr auto fields = std::tuple{field(1, &R::days), field(2, &R::newer_versions)};
};
template <>
struct record_of<s3::AbortIncompleteUpload> {
  using R = s3::AbortIncompleteUpload;
  static constexpr auto fields = std::tuple{field(1, &R::days)};
};
template <>
struct record_of<s3::LifecycleRule> {
  using R = s3::LifecycleRule;
  static constexpr auto fields = std::tuple{field(1, &R::expiration),
                                            field(2, &R::id),
                                            field(3, &R::prefix),
                                            field(4, &R::filter),
                                            field(5, &R::status),
                                            field(6, &R::transitions),
                                            field(7, &R::noncurrent_transitions),
                                            field(8, &R::noncurrent_expiration),
                                            field(9, &R::abort_incomplete_upload)};
};
template <>
struct record_of<s3::LifecycleConfiguration> {
  using R = s3::LifecycleConfiguration;
  static constexpr auto fields =
      std::tuple{field(1, &R::rules), field(2, &R::minimum_transition_size)};
};

}  // namespace tidegate::store
