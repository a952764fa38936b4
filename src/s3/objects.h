// Objects: put, read, copy, tag and delete, with versions and delete markers. Every write is one
// transaction of version, content and event (Writer); of racing writers each sees the other's
// result or loses its guard and decides again, so conditions are atomic. A write answers when it is
// durable. On the control strand only; content is copied on the blocking pool.
//
// Errors: those of Buckets, no_such_key, no_such_version, invalid_argument (a version id that was
// never issued), invalid_uri, key_too_long, metadata_too_large, invalid_tag, precondition_failed,
// throttled (too many writers of one key).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "s3/conditions.h"
#include "s3/content.h"
#include "s3/settings.h"
#include "s3/writer.h"

namespace tidegate::s3 {

inline constexpr std::size_t kMaxKeyBytes = 1024;
inline constexpr std::size_t kMaxUserMetadataBytes = 2048;
inline constexpr std::size_t kMaxRemovals = 1000;
inline constexpr std::uint64_t kMaxPutBytes = 5ull << 30;

Status check_object_key(std::string_view key);
Status check_metadata(const ObjectMetadata&);

struct PutRequest {
  std::string bucket, key;
  NewContent content;  // its blob belongs to the call from here on
  ObjectMetadata metadata;
  Tags tags;
  WriteConditions conditions;
  EventType event = EventType::created_put;
  AclRequest acl;
};

struct PutResult {
  ObjectRecord record;     // as stored
  bool versioned = false;  // the bucket is Enabled: the answer names the version
  BucketRef bucket;
};

// What a key or version turned out to be. `record` empty: no such key, or no such version.
struct Lookup {
  BucketRef bucket;
  std::optional<ObjectRecord> record;
  bool latest = false;
};

struct OpenObject {
  ObjectRecord record;
  BucketRef bucket;
  bool latest = false;
  Content content;
};

struct RemoveRequest {
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::string> if_match;
  // By a lifecycle rule, that saw the version's row at this revision; precondition_failed when it
  // has changed.
  std::optional<store::Revision> lifecycle_saw = std::nullopt;
};

struct RemoveResult {
  // Without a version in the request: a marker was made, under this id ("null" when suspended).
  // With one: that version was removed, and whether it was a marker.
  bool delete_marker = false;
  std::optional<std::string> version_id;
};

struct CopyRequest {
  std::string bucket, key;
  std::string source_bucket, source_key;
  std::optional<std::string> source_version;
  ReadConditions source_conditions;
  WriteConditions conditions;
  std::optional<ObjectMetadata> metadata;  // set: REPLACE
  std::optional<Tags> tags;                // set: REPLACE
  std::string storage_class;               // never copied from the source
  std::string checksum_algorithm;          // "" keeps the source's
  AclRequest acl;                          // never copied from the source
};

struct CopyResult {
  PutResult put;
  std::optional<std::string> source_version_id;  // when the source's bucket has versions
};

class Objects {
 public:
  Objects(Writer& writer, blob::Blobs& blobs, Executors executors, const ChecksumMath& math)
      : writer_(writer), blobs_(blobs), executors_(executors), math_(math) {}

  Task<PutResult> put(const Caller& caller, PutRequest request);

  // Fails only for the bucket or a version id that was never issued; a delete marker is found.
  Task<Lookup> lookup(const Caller& caller, std::string bucket, std::string key,
                      std::optional<std::string> version_id);
  // The object or its version: no_such_key (also for a current marker), no_such_version,
  // method_not_allowed (a marker by its version).
  Task<OpenObject> open(const Caller& caller, std::string bucket, std::string key,
                        std::optional<std::string> version_id);
  // The bytes of what lookup() found. nullopt: it was replaced meanwhile, look again.
  Task<std::optional<Content>> open_content(const Lookup& found);
  // The parts of a multipart object, in order; empty for any other.
  Task<std::vector<PartRecord>> parts(const Lookup& found);

  Task<RemoveResult> remove(const Caller& caller, std::string bucket, RemoveRequest request);
  // Each on its own, in few transactions; results in the order of the requests.
  Task<std::vector<Result<RemoveResult>>> remove_many(const Caller& caller, std::string bucket,
                                                      std::vector<RemoveRequest> requests);

  Task<CopyResult> copy(const Caller& caller, CopyRequest request);

  // Replaces the tags of one version; empty tags remove them. The version that was changed.
  Task<Lookup> set_tags(const Caller& caller, std::string bucket, std::string key,
                        std::optional<std::string> version_id, Tags tags, EventType event);
  // Replaces the access control list of one version. Errors as Buckets::set_acl().
  Task<Lookup> set_acl(const Caller& caller, std::string bucket, std::string key,
                       std::optional<std::string> version_id, AclRequest acl);

 private:
  using Edit = std::function<Status(const BucketState&, ObjectRecord&)>;

  struct Removal {
    Change change;
    RemoveResult result;
  };

  Task<Lookup> find_version(BucketRef bucket, std::string key, std::string version_id);
  Task<Removal> plan_removal(const Caller& caller, BucketRef bucket, RemoveRequest request);
  Task<Removal> plan_delete(const Caller& caller, BucketRef bucket, KeyState state,
                            const RemoveRequest& request);
  Task<Removal> plan_delete_version(const Caller& caller, BucketRef bucket, KeyState state,
                                    const RemoveRequest& request);
  Task<PutResult> put_once(const Caller& caller, BucketRef bucket, const PutRequest& request,
                           bool& committing);
  // Rewrites the record of one version, which stays what it is but for the edit.
  Task<Lookup> edit(const Caller& caller, std::string bucket, std::string key,
                    std::optional<std::string> version_id, Edit edit, EventType event);
  Task<Unit> edit_once(const Caller& caller, Lookup found, std::string key, const Edit& edit,
                       EventType event);
  void discard(const NewContent& content);

  Writer& writer_;
  blob::Blobs& blobs_;
  Executors executors_;
  const ChecksumMath& math_;
};

}  // namespace tidegate::s3
