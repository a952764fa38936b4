// What S3 keeps and speaks of, as plain data: buckets, versions of objects, who asks. Names are
// AWS's. Records are stored with numbered fields (docs/formats.md): a number is never reused.
// Texts are UTF-8 bytes, sizes bytes, times UTC milliseconds.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/companion.h"
#include "base/scope.h"
#include "base/time.h"
#include "s3/acl.h"
#include "s3/cors.h"
#include "store/record.h"

namespace tidegate::s3 {

// Who asks, proven by the layers above, and what its request is called: goes into events.
struct Caller {
  Scope scope;  // the account ("" without a signature), and the region the request was signed for
  // The layers above have judged that the caller may do this, whoever owns the bucket. Without, a
  // bucket of another account is refused.
  bool admitted = false;
  std::string principal_id;  // "AIDA…", without the "AWS:" in front
  std::string request_id;
  std::string host_id;
  std::string source_ip;
  int depth = 0;  // function calls this request is nested in, against loops
  // Goes into the transaction of the one change that the call makes, where it makes just one.
  std::shared_ptr<Companion> companion;

  // Nobody in particular, to whom nothing is refused: the server asks for itself.
  static Caller anybody() {
    Caller caller;
    caller.admitted = true;
    return caller;
  }
};

enum class Versioning : std::uint8_t { never_set = 0, enabled = 1, suspended = 2 };

// Whose the objects are that others write into a bucket. Enforced: the bucket owner's, and access
// control lists are out of use; that is what buckets have that were made before there were any.
enum class Ownership : std::uint8_t {
  bucket_owner_enforced = 0,
  not_set = 1,  // as object_writer
  bucket_owner_preferred = 2,
  object_writer = 3,
};

struct PublicAccessBlock {
  bool block_public_acls = false, ignore_public_acls = false;
  bool block_public_policy = false, restrict_public_buckets = false;
  friend bool operator==(const PublicAccessBlock&, const PublicAccessBlock&) = default;
};

// The stored bucket. Its revision guards every write into the bucket, so whatever must be seen by
// the next write (versioning, notification rules, a deletion in progress) rewrites this record.
struct BucketRecord {
  std::string name;
  Instant created{};
  Versioning versioning = Versioning::never_set;
  std::uint32_t notification_count = 0;   // rows of the notification configuration
  std::optional<Instant> deleting_since;  // a DeleteBucket is looking whether it is empty
  Ownership ownership = Ownership::bucket_owner_enforced;
  std::optional<Acl> acl;  // none: the owner alone
  std::optional<PublicAccessBlock> public_access_block;
  std::string policy;  // as it was put; "" when there is none
  std::vector<CorsRule> cors;
};

// Where a bucket is: stands in the global directory of names and in its account's list.
struct BucketPlace {
  std::string account, region;
  Instant created{};
};

// A checksum as the client or the server computed it.
struct ObjectChecksum {
  std::string algorithm;   // "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"; "" when none
  std::string value;       // base64; "…-N" when composite
  bool composite = false;  // of the parts' checksums, not of the bytes
  friend bool operator==(const ObjectChecksum&, const ObjectChecksum&) = default;
};

// What the client said about its object and gets back verbatim.
struct ObjectMetadata {
  std::string content_type;  // "" stands for binary/octet-stream
  std::string cache_control, content_disposition, content_encoding, content_language, expires;
  std::string website_redirect;
  std::string storage_class;                // "" stands for STANDARD
  std::map<std::string, std::string> user;  // names in lower case without "x-amz-meta-"
  friend bool operator==(const ObjectMetadata&, const ObjectMetadata&) = default;
};

// One version of an object, or a delete marker. The newest version of a key is its head row; the
// others are version rows, in falling `order`.
struct ObjectRecord {
  std::string version_id;   // "" is the null version
  std::uint64_t order = 0;  // rises with every version of the key
  bool delete_marker = false;
  Instant last_modified{};
  std::uint64_t size = 0;
  std::string etag;        // hex, "-N" behind it for multipart; no quotes
  std::string content_id;  // bytes in a row of the store …
  std::string blob_id;     // … or in one blob …
  // … or in the blobs of a manifest, whose id is its upload's. All empty: no bytes.
  std::string manifest_id;
  std::uint32_t parts_count = 0;
  ObjectChecksum checksum;
  ObjectMetadata metadata;
  std::map<std::string, std::string> tags;
  // Head row only: the order of the null version when that is not the head itself.
  std::optional<std::uint64_t> null_order;
  std::uint64_t write_id = 0;  // random: makes every write recognisable
  std::string owner;           // account that owns it; "" for the bucket's owner
  std::optional<Acl> acl;      // none: its owner alone
};

// A multipart upload in progress, and its parts.
struct UploadRecord {
  std::string upload_id;
  std::string bucket, key;
  Instant initiated{};
  ObjectMetadata metadata;
  std::map<std::string, std::string> tags;
  std::string checksum_algorithm;  // "" when the client chose none
  bool composite = false;
  // The key's head when the upload began (0: none), for conditional completion.
  std::uint64_t head_revision = 0;
  // A Complete is reading the parts: they must not change until it is through.
  std::optional<Instant> completing_since;
  std::string owner;  // of the object to be, as in its record
  std::optional<Acl> acl;
  std::string initiator;  // account; "" for the bucket's owner
};

struct PartRecord {
  std::uint32_t number = 0;
  std::string blob_id;
  std::uint64_t size = 0;
  std::string etag;  // hex MD5 of the part
  ObjectChecksum checksum;
  Instant last_modified{};
};

// A slice of the list of blobs that make up a multipart object.
struct ManifestRecord {
  std::vector<PartRecord> parts;
};

// Content to be erased in the background: a manifest, or the parts of an ended upload.
struct GarbageRecord {
  std::string manifest_id;
  std::string upload_id;
  std::string kept_manifest_id;  // with upload_id: blobs of this manifest stay
};

}  // namespace tidegate::s3

namespace tidegate::store {

template <>
struct record_of<s3::PublicAccessBlock> {
  using R = s3::PublicAccessBlock;
  static constexpr auto fields =
      std::tuple{field(1, &R::block_public_acls), field(2, &R::ignore_public_acls),
                 field(3, &R::block_public_policy), field(4, &R::restrict_public_buckets)};
};
template <>
struct record_of<s3::BucketRecord> {
  using R = s3::BucketRecord;
  static constexpr auto fields =
      std::tuple{field(1, &R::name),           field(2, &R::created),
                 field(3, &R::versioning),     field(4, &R::notification_count),
                 field(5, &R::deleting_since), field(20, &R::ownership),
                 field(21, &R::acl),           field(22, &R::public_access_block),
                 field(23, &R::policy),        field(24, &R::cors)};
};
template <>
struct record_of<s3::BucketPlace> {
  using R = s3::BucketPlace;
  static constexpr auto fields =
      std::tuple{field(1, &R::account), field(2, &R::region), field(3, &R::created)};
};
template <>
struct record_of<s3::ObjectChecksum> {
  using R = s3::ObjectChecksum;
  static constexpr auto fields =
      std::tuple{field(1, &R::algorithm), field(2, &R::value), field(3, &R::composite)};
};
template <>
struct record_of<s3::ObjectMetadata> {
  using R = s3::ObjectMetadata;
  static constexpr auto fields = std::tuple{field(1, &R::content_type),
                                            field(2, &R::cache_control),
                                            field(3, &R::content_disposition),
                                            field(4, &R::content_encoding),
                                            field(5, &R::content_language),
                                            field(6, &R::expires),
                                            field(7, &R::website_redirect),
                                            field(8, &R::storage_class),
                                            field(9, &R::user)};
};
template <>
struct record_of<s3::ObjectRecord> {
  using R = s3::ObjectRecord;
  static constexpr auto fields = std::tuple{
      field(1, &R::version_id),    field(2, &R::order),       field(3, &R::delete_marker),
      field(4, &R::last_modified), field(5, &R::size),        field(6, &R::etag),
      field(7, &R::content_id),    field(8, &R::blob_id),     field(9, &R::manifest_id),
      field(10, &R::parts_count),  field(11, &R::checksum),   field(12, &R::metadata),
      field(13, &R::tags),         field(14, &R::null_order), field(15, &R::write_id),
      field(20, &R::owner),        field(21, &R::acl)};
};
template <>
struct record_of<s3::UploadRecord> {
  using R = s3::UploadRecord;
  static constexpr auto fields = std::tuple{
      field(1, &R::upload_id),          field(2, &R::bucket),    field(3, &R::key),
      field(4, &R::initiated),          field(5, &R::metadata),  field(6, &R::tags),
      field(7, &R::checksum_algorithm), field(8, &R::composite), field(9, &R::head_revision),
      field(10, &R::completing_since),  field(20, &R::owner),    field(21, &R::acl),
      field(22, &R::initiator)};
};
template <>
struct record_of<s3::PartRecord> {
  using R = s3::PartRecord;
  static constexpr auto fields =
      std::tuple{field(1, &R::number), field(2, &R::blob_id),  field(3, &R::size),
                 field(4, &R::etag),   field(5, &R::checksum), field(6, &R::last_modified)};
};
template <>
struct record_of<s3::ManifestRecord> {
  using R = s3::ManifestRecord;
  static constexpr auto fields = std::tuple{field(1, &R::parts)};
};
template <>
struct record_of<s3::GarbageRecord> {
  using R = s3::GarbageRecord;
  static constexpr auto fields = std::tuple{field(1, &R::manifest_id), field(2, &R::upload_id),
                                            field(3, &R::kept_manifest_id)};
};

}  // namespace tidegate::store
