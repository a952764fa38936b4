// Where S3's records stand in the store. Everything that lists in order lists by key range:
//
//   g/bucket/<name>                                   BucketPlace: names are global
//   g/bucket-of/<account>/<name>                      region: the buckets of an account, by name
//   g/s3/version-key                                  the secret behind version ids
//   a/<account>/<region>/s3/b/<bucket>                BucketRecord
//                          /n/<bucket>/<nnn>          one notification configuration
//                          /k/<bucket>/<setting>      tags, lifecycle, encryption of the bucket
//                          /h/<bucket>/<key>          ObjectRecord of the newest version (head)
//                          /v/<bucket>/<key>\0<~order>  ObjectRecord of an older one, newest first
//                          /c/<content id>            bytes of a small object
//                          /m/<manifest id>/<nnnn>    ManifestRecord of a multipart object
//                          /x/<blob id>               the blob is in use
//                          /u/<bucket>/<key>\0<upload id>  UploadRecord
//                          /p/<upload id>/<nnnnn>     PartRecord
//                          /g/m-<manifest id>         GarbageRecord of a manifest
//                          /g/u-<upload id>           GarbageRecord of an upload's parts
//
// An object key holds no NUL (it is refused before), so a NUL ends it in a store key without
// changing the order: rows sort by the key's UTF-8 bytes. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/scope.h"

namespace tidegate::s3 {

std::string directory_key(std::string_view bucket);
std::string account_prefix(std::string_view account);
inline constexpr std::string_view kVersionSecretKey = "g/s3/version-key";

// The keys of one bucket, with the common front built once.
class BucketKeys {
 public:
  BucketKeys(const Scope& scope, std::string_view bucket);

  const std::string& bucket() const { return bucket_; }
  const std::string& heads() const { return heads_; }        // prefix
  const std::string& versions() const { return versions_; }  // prefix
  const std::string& uploads() const { return uploads_; }    // prefix
  std::string head(std::string_view key) const { return heads_ + std::string(key); }
  std::string version(std::string_view key, std::uint64_t order) const;
  std::string versions_of(std::string_view key) const;  // prefix
  std::string upload(std::string_view key, std::string_view upload_id) const;
  std::string notification(std::uint32_t index) const;
  std::string setting(std::string_view name) const;
  std::string settings() const { return front_ + "k/"; }        // prefix of all buckets' settings
  std::string notifications() const { return notifications_; }  // prefix

  std::string content(std::string_view content_id) const { return in('c', content_id); }
  std::string blob(std::string_view blob_id) const { return in('x', blob_id); }
  std::string garbage_manifest(std::string_view id) const {
    return in('g', "m-") + std::string(id);
  }
  std::string garbage_upload(std::string_view id) const { return in('g', "u-") + std::string(id); }
  std::string manifest(std::string_view manifest_id) const;  // prefix
  std::string manifest(std::string_view manifest_id, std::uint32_t slice) const;
  std::string parts(std::string_view upload_id) const;  // prefix
  std::string part(std::string_view upload_id, std::uint32_t number) const;
  std::string garbages() const { return front_ + "g/"; }

 private:
  std::string in(char table, std::string_view id) const;
  std::string front_, bucket_, heads_, versions_, uploads_, notifications_;
};

// The object key and order of a version row's store key, given the bucket's prefix of versions.
std::string_view key_of_version_row(std::string_view row_key, std::string_view versions_prefix);

// Makes ids that sort by time, so that new rows land together in the store.
std::string time_ordered_id(std::int64_t now_ms, std::string_view random_hex);

}  // namespace tidegate::s3
