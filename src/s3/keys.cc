#include "s3/keys.h"

#include <fmt/format.h>

#include "base/check.h"
#include "store/store.h"

namespace tidegate::s3 {
namespace {
constexpr std::size_t kOrderDigits = 16;
}  // namespace

std::string directory_key(std::string_view bucket) {
  return fmt::format("g/bucket/{}", bucket);
}

std::string account_prefix(std::string_view account) {
  return fmt::format("g/bucket-of/{}/", account);
}

BucketKeys::BucketKeys(const Scope& scope, std::string_view bucket)
    : front_(key_prefix(scope, "s3")),
      bucket_(fmt::format("{}b/{}", front_, bucket)),
      heads_(fmt::format("{}h/{}/", front_, bucket)),
      versions_(fmt::format("{}v/{}/", front_, bucket)),
      uploads_(fmt::format("{}u/{}/", front_, bucket)),
      notifications_(fmt::format("{}n/{}/", front_, bucket)) {}

std::string BucketKeys::in(char table, std::string_view id) const {
  std::string out;
  out.reserve(front_.size() + 2 + id.size());
  out.append(front_).push_back(table);
  out.append("/").append(id);
  return out;
}

std::string BucketKeys::versions_of(std::string_view key) const {
  std::string out = versions_;
  out.append(key).push_back('\0');
  return out;
}

std::string BucketKeys::version(std::string_view key, std::uint64_t order) const {
  return versions_of(key) + store::ordered_number(~order);
}

std::string BucketKeys::upload(std::string_view key, std::string_view upload_id) const {
  std::string out = uploads_;
  out.append(key).push_back('\0');
  return out.append(upload_id);
}

std::string BucketKeys::notification(std::uint32_t index) const {
  return fmt::format("{}{:03}", notifications_, index);
}

std::string BucketKeys::setting(std::string_view name) const {
  // bucket_ ends in the bucket's name.
  return fmt::format("{}k/{}/{}", front_, bucket_.substr(front_.size() + 2), name);
}

std::string BucketKeys::manifest(std::string_view manifest_id) const {
  return in('m', manifest_id) + "/";
}

std::string BucketKeys::manifest(std::string_view manifest_id, std::uint32_t slice) const {
  return fmt::format("{}{:04}", manifest(manifest_id), slice);
}

std::string BucketKeys::parts(std::string_view upload_id) const {
  return in('p', upload_id) + "/";
}

std::string BucketKeys::part(std::string_view upload_id, std::uint32_t number) const {
  return fmt::format("{}{:05}", parts(upload_id), number);
}

std::string_view key_of_version_row(std::string_view row_key, std::string_view versions_prefix) {
  CHECK(row_key.size() > versions_prefix.size() + kOrderDigits + 1);
  row_key.remove_prefix(versions_prefix.size());
  row_key.remove_suffix(kOrderDigits + 1);
  return row_key;
}

std::string time_ordered_id(std::int64_t now_ms, std::string_view random_hex) {
  return fmt::format("{:012x}{}", now_ms, random_hex);
}

}  // namespace tidegate::s3
