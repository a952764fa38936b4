#include "s3/listing.h"

#include "s3/cursor.h"
#include "s3/errors.h"
#include "s3/keys.h"

namespace tidegate::s3 {
namespace {

constexpr int kMaxAttempts = 4;

// The common prefix that a key falls under, or "".
std::string_view common_prefix(std::string_view key, std::string_view prefix,
                               std::string_view delimiter) {
  if (delimiter.empty()) return {};
  auto at = key.find(delimiter, prefix.size());
  if (at == std::string_view::npos) return {};
  return key.substr(0, at + delimiter.size());
}

// Where rows begin that a page may show: within the prefix, and behind the marker. A marker under a
// common prefix (or equal to it) skips all of that prefix.
std::string first_row(const std::string& rows, const std::string& prefix,
                      const std::string& delimiter, const std::string& after, bool inclusive) {
  std::string begin = rows + prefix;
  if (after.empty()) return begin;
  std::string behind;
  if (after.starts_with(prefix)) {
    auto common = common_prefix(after, prefix, delimiter);
    if (!common.empty()) behind = store::prefix_end(rows + std::string(common));
  }
  if (behind.empty()) behind = inclusive ? rows + after : rows + after + '\0';
  return std::max(begin, behind);
}

std::string_view key_of_upload_row(std::string_view row_key, std::string_view rows) {
  row_key.remove_prefix(rows.size());
  return row_key.substr(0, row_key.find('\0'));
}

}  // namespace

Task<ListPage> Listing::objects(const Caller& caller, std::string bucket, ListRequest request) {
  CO_TRY(BucketRef found, co_await buckets_.find(caller, bucket));
  ListPage page;
  page.bucket = found;
  if (request.max_keys == 0) co_return page;
  const std::string& rows = found->keys.heads();
  Cursor cursor(store_, first_row(rows, request.prefix, request.delimiter, request.after, false),
                store::prefix_end(rows + request.prefix));
  for (;;) {
    CO_TRY(const store::Kv* row, co_await cursor.row());
    if (row == nullptr) co_return page;
    std::string_view key = std::string_view(row->key).substr(rows.size());
    CO_TRY(auto record, store::decode<ObjectRecord>(row->value));
    if (record.delete_marker) {
      cursor.next();
      continue;
    }
    if (page.objects.size() + page.common_prefixes.size() == request.max_keys) {
      page.truncated = true;
      co_return page;
    }
    auto common = common_prefix(key, request.prefix, request.delimiter);
    if (common.empty()) {
      page.last = key;
      page.objects.push_back({std::string(key), std::move(record)});
      cursor.next();
    } else {
      page.last = common;
      page.common_prefixes.emplace_back(common);
      cursor.seek(store::prefix_end(rows + page.last));
    }
  }
}

Task<VersionPage> Listing::versions(const Caller& caller, std::string bucket,
                                    ListVersionsRequest request) {
  CO_TRY(BucketRef found, co_await buckets_.find(caller, bucket));
  if (!request.version_id_marker.empty()) {
    if (request.key_marker.empty())
      co_return invalid_argument("A version-id marker cannot be specified without a key marker.",
                                 "version-id-marker", request.version_id_marker);
    if (request.version_id_marker != kNullVersion && !ids_.order_of(request.version_id_marker))
      co_return invalid_argument("Invalid version id specified", "version-id-marker",
                                 request.version_id_marker);
  }
  VersionPage empty;
  empty.bucket = found;
  if (request.max_keys == 0) co_return empty;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    store::Revision at = 0;
    auto page = co_await versions_at(found, request, at);
    // The state was compacted away while it was read: begin again with a new one.
    if (!page.ok() && page.fault() == Fault::compacted) continue;
    co_return page;
  }
  co_return contended();
}

namespace {

// Walks heads and version rows side by side, newest first within a key, at one revision.
class VersionWalk {
 public:
  VersionWalk(store::Store& store, const BucketKeys& keys, const ListVersionsRequest& request,
              std::string begin_heads, store::Revision& at)
      : keys_(keys),
        request_(request),
        heads_(store, std::move(begin_heads), store::prefix_end(keys.heads() + request.prefix),
               &at),
        versions_(store, keys.versions() + request.prefix,
                  store::prefix_end(keys.versions() + request.prefix), &at) {}

  // Resume inside a key: only versions of it that are older than `order`.
  void resume(std::string key, std::uint64_t order) {
    resume_key_ = std::move(key);
    resume_order_ = order;
  }

  // False when the page is full or the bucket is through.
  Task<bool> step(VersionPage& page) {
    CO_TRY(const store::Kv* row, co_await heads_.row());
    if (row == nullptr) co_return false;
    const std::string key = row->key.substr(keys_.heads().size());
    auto common = common_prefix(key, request_.prefix, request_.delimiter);
    if (!common.empty()) {
      if (full(page)) co_return false;
      page.common_prefixes.emplace_back(common);
      page.next_key = common;
      page.next_version_id.clear();
      heads_.seek(store::prefix_end(keys_.heads() + page.next_key));
      co_return true;
    }
    CO_TRY(auto head, store::decode<ObjectRecord>(row->value));
    const bool resuming = resume_key_ && *resume_key_ == key;
    if (!resuming || head.order < resume_order_) {
      if (full(page)) co_return false;
      add(page, key, std::move(head), true);
    }
    CO_TRY(bool more, co_await older(page, key, resuming));
    heads_.next();
    co_return more;
  }

 private:
  bool full(VersionPage& page) const {
    page.truncated = page.versions.size() + page.common_prefixes.size() == request_.max_keys;
    return page.truncated;
  }

  void add(VersionPage& page, const std::string& key, ObjectRecord record, bool latest) {
    page.next_key = key;
    page.next_version_id =
        record.version_id.empty() ? std::string(kNullVersion) : record.version_id;
    page.versions.push_back({key, std::move(record), latest});
  }

  Task<bool> older(VersionPage& page, std::string key, bool resuming) {
    const std::string front = keys_.versions_of(key);
    versions_.seek(resuming ? keys_.version(key, resume_order_) + '\0' : front);
    for (;;) {
      CO_TRY(const store::Kv* row, co_await versions_.row());
      if (row == nullptr || !row->key.starts_with(front)) co_return true;
      if (full(page)) co_return false;
      CO_TRY(auto record, store::decode<ObjectRecord>(row->value));
      add(page, key, std::move(record), false);
      versions_.next();
    }
  }

  const BucketKeys& keys_;
  const ListVersionsRequest& request_;
  Cursor heads_, versions_;
  std::optional<std::string> resume_key_;
  std::uint64_t resume_order_ = 0;
};

}  // namespace

Task<VersionPage> Listing::versions_at(BucketRef bucket, const ListVersionsRequest& request,
                                       store::Revision& at) {
  const BucketKeys& keys = bucket->keys;
  const bool inside = !request.version_id_marker.empty();
  VersionWalk walk(
      store_, keys, request,
      first_row(keys.heads(), request.prefix, request.delimiter, request.key_marker, inside), at);
  if (inside) {
    std::optional<std::uint64_t> order = ids_.order_of(request.version_id_marker);
    if (!order) {
      // "null": where it stands is known to the head only. When it is gone, the key begins again.
      CO_TRY(auto row, co_await store_.get(keys.head(request.key_marker)));
      if (row) {
        CO_TRY(auto head, store::decode<ObjectRecord>(row->value));
        order = head.version_id.empty() ? std::optional(head.order) : head.null_order;
      }
    }
    if (order) walk.resume(request.key_marker, *order);
  }
  VersionPage page;
  page.bucket = bucket;
  bool more = true;
  while (more) {
    CO_TRY(more, co_await walk.step(page));
  }
  co_return page;
}

Task<UploadPage> Listing::uploads(const Caller& caller, std::string bucket,
                                  ListUploadsRequest request) {
  CO_TRY(BucketRef found, co_await buckets_.find(caller, bucket));
  UploadPage page;
  page.bucket = found;
  if (request.max_uploads == 0) co_return page;
  const BucketKeys& keys = found->keys;
  const std::string& rows = keys.uploads();
  // Without an upload id the marker stands for all uploads of its key.
  std::string begin = first_row(rows, request.prefix, request.delimiter, request.key_marker, true);
  if (!request.key_marker.empty() && begin == rows + request.key_marker)
    begin = request.upload_id_marker.empty()
                ? rows + request.key_marker + '\1'
                : keys.upload(request.key_marker, request.upload_id_marker) + '\0';
  Cursor cursor(store_, begin, store::prefix_end(rows + request.prefix));
  for (;;) {
    CO_TRY(const store::Kv* row, co_await cursor.row());
    if (row == nullptr) co_return page;
    if (page.uploads.size() + page.common_prefixes.size() == request.max_uploads) {
      page.truncated = true;
      co_return page;
    }
    auto common =
        common_prefix(key_of_upload_row(row->key, rows), request.prefix, request.delimiter);
    if (common.empty()) {
      CO_TRY(auto upload, store::decode<UploadRecord>(row->value));
      page.next_key = upload.key;
      page.next_upload_id = upload.upload_id;
      page.uploads.push_back(std::move(upload));
      cursor.next();
    } else {
      page.next_key = common;
      page.next_upload_id.clear();
      page.common_prefixes.emplace_back(common);
      cursor.seek(store::prefix_end(rows + page.next_key));
    }
  }
}

}  // namespace tidegate::s3
