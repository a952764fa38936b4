// Settings of a bucket that no write into it goes by: its tags, the encryption it names by default.
// One row per kind beside the bucket's record, replaced whole and erased with the bucket. Plain
// data; any thread. Errors: as the validators say.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/record.h"

namespace tidegate::s3 {

using Tags = std::map<std::string, std::string>;

inline constexpr std::size_t kMaxObjectTags = 10;
inline constexpr std::size_t kMaxBucketTags = 50;

enum class Tagged : std::uint8_t { object, bucket };
// Characters and lengths of tags, and how many there may be. invalid_tag.
Status check_tags(const Tags&, Tagged);
// The number alone, which has a code of its own in AWS.
Status check_tag_count(std::size_t count, Tagged);

enum class Setting : std::uint8_t { tagging, lifecycle, encryption };
inline constexpr Setting kSettings[] = {Setting::tagging, Setting::lifecycle, Setting::encryption};
std::string_view name_of(Setting);

struct BucketTags {
  Tags tags;
};

// What a bucket says of encryption. AES256 is the only algorithm that is taken.
struct BucketEncryption {
  std::string algorithm;
  std::optional<bool> bucket_key_enabled;
};

}  // namespace tidegate::s3

namespace tidegate::store {

template <>
struct record_of<s3::BucketTags> {
  using R = s3::BucketTags;
  static constexpr auto fields = std::tuple{field(1, &R::tags)};
};
template <>
struct record_of<s3::BucketEncryption> {
  using R = s3::BucketEncryption;
  static constexpr auto fields =
      std::tuple{field(1, &R::algorithm), field(2, &R::bucket_key_enabled)};
};

}  // namespace tidegate::store
