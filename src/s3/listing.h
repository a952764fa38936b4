// Listing: pages of current objects, of versions and of uploads, in the order of the keys' UTF-8
// bytes. A page is an ordered range scan of the store that seeks over what it need not see: one
// seek for a common prefix, however many keys it stands for, and versions are not touched by a
// listing of current objects. A page of versions is read at one revision. On the control strand
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "s3/buckets.h"
#include "s3/types.h"
#include "s3/version_id.h"
#include "store/store.h"

namespace tidegate::s3 {

inline constexpr std::size_t kMaxListKeys = 1000;

struct ListRequest {
  std::string prefix, delimiter;
  std::string after;  // exclusive; inside a common prefix it skips that prefix
  std::size_t max_keys = kMaxListKeys;
};
struct ListedObject {
  std::string key;
  ObjectRecord record;
};
struct ListPage {
  BucketRef bucket;
  std::vector<ListedObject> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;  // key or common prefix to go on after, when truncated
};

struct ListVersionsRequest {
  std::string prefix, delimiter;
  std::string key_marker;
  std::string version_id_marker;  // "" resumes after all versions of key_marker
  std::size_t max_keys = kMaxListKeys;
};
struct ListedVersion {
  std::string key;
  ObjectRecord record;
  bool latest = false;
};
struct VersionPage {
  BucketRef bucket;
  std::vector<ListedVersion> versions;  // markers among them
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key;
  std::string next_version_id;  // "" after a common prefix
};

struct ListUploadsRequest {
  std::string prefix, delimiter;
  std::string key_marker, upload_id_marker;
  std::size_t max_uploads = kMaxListKeys;
};
struct UploadPage {
  BucketRef bucket;
  std::vector<UploadRecord> uploads;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key, next_upload_id;
};

class Listing {
 public:
  Listing(store::Store& store, Buckets& buckets, const VersionIds& ids)
      : store_(store), buckets_(buckets), ids_(ids) {}

  Task<ListPage> objects(const Caller& caller, std::string bucket, ListRequest request);
  // invalid_argument: a version id marker without a key marker, or one that was never issued.
  Task<VersionPage> versions(const Caller& caller, std::string bucket, ListVersionsRequest request);
  Task<UploadPage> uploads(const Caller& caller, std::string bucket, ListUploadsRequest request);

 private:
  Task<VersionPage> versions_at(BucketRef bucket, const ListVersionsRequest& request,
                                store::Revision& at);

  store::Store& store_;
  Buckets& buckets_;
  const VersionIds& ids_;
};

}  // namespace tidegate::s3
