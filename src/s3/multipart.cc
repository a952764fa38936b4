#include "s3/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/digest.h"
#include "s3/errors.h"

namespace tidegate::s3 {
namespace {

constexpr int kMaxAttempts = 32;
constexpr std::size_t kPartsPerSlice = 350;  // about 35 KB a row, 10 000 parts in one transaction
// How long a Complete may take before others hold it for dead.
constexpr Duration kCompletionLease{30'000};

Error invalid_part_number(std::int64_t number) {
  return invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                          "partNumber", std::to_string(number));
}

Error invalid_request(std::string message) {
  return {Fault::invalid_request, std::move(message)};
}

std::string upload_etag(const std::vector<PartRecord>& parts) {
  std::string all;
  for (const auto& part : parts) all += from_hex(part.etag).value_or("");
  return fmt::format("{}-{}", to_hex(digest(Digest::md5, all)), parts.size());
}

Result<bool> is_composite(const CreateUploadRequest& request) {
  const std::string& algorithm = request.checksum_algorithm;
  if (algorithm.empty()) {
    if (request.checksum_type)
      return invalid_request(
          "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
          "header.");
    return false;
  }
  const bool hash = algorithm.starts_with("SHA");
  const bool full_only = algorithm == "CRC64NVME";
  if (!request.checksum_type) return !full_only;
  const bool composite = *request.checksum_type == "COMPOSITE";
  if (!composite && *request.checksum_type != "FULL_OBJECT")
    return invalid_request("Value for x-amz-checksum-type header is invalid.");
  if ((composite && full_only) || (!composite && hash))
    return invalid_request(
        fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.",
                    *request.checksum_type, lower_ascii(algorithm)));
  return composite;
}

Error checksum_mismatch(const std::string& expected, const std::string& actual) {
  auto shown = [](const std::string& name) { return name.empty() ? "null" : lower_ascii(name); };
  return invalid_request(
      fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum "
                  "Type: {}",
                  shown(expected), shown(actual)));
}

Error invalid_part(const CompletedPart& part, const std::string& upload_id) {
  return Error{Fault::invalid_part,
               "One or more of the specified parts could not be found.  The part may not have been "
               "uploaded, or the specified entity tag may not match the part's entity tag."}
      .with("ETag", part.etag)
      .with("PartNumber", std::to_string(part.number))
      .with("UploadId", upload_id);
}

// Only "bytes=a-b" inside the source.
Result<ByteRange> copy_range(const std::optional<std::string>& text, std::uint64_t size) {
  if (!text) return ByteRange{0, size};
  const Error bad = invalid_argument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
      "last are the zero-based offsets of the first and last bytes to copy",
      "x-amz-copy-source-range", *text);
  if (!text->starts_with("bytes=")) return bad;
  std::uint64_t first = 0, last = 0;
  const char* end = text->data() + text->size();
  auto a = std::from_chars(text->data() + 6, end, first);
  if (a.ec != std::errc() || a.ptr == end || *a.ptr != '-') return bad;
  auto b = std::from_chars(a.ptr + 1, end, last);
  if (b.ec != std::errc() || b.ptr != end || last < first) return bad;
  if (last >= size)
    return Error{Fault::invalid_range, "The requested range is not satisfiable"}
        .with("RangeRequested", *text)
        .with("ActualObjectSize", std::to_string(size));
  return ByteRange{first, last - first + 1};
}

}  // namespace

Task<UploadRecord> Multipart::create(const Caller& caller, CreateUploadRequest request) {
  CO_TRY(auto key_checked, check_object_key(request.key));
  CO_TRY(auto metadata_checked, check_metadata(request.metadata));
  CO_TRY(auto tags_checked, check_tags(request.tags, Tagged::object));
  (void)key_checked, (void)metadata_checked, (void)tags_checked;
  UploadRecord upload;
  CO_TRY(upload.composite, is_composite(request));
  upload.upload_id = time_ordered_id(to_ms(writer_.now()), writer_.random().hex(20));
  upload.bucket = request.bucket;
  upload.key = request.key;
  upload.initiated = writer_.now();
  upload.metadata = std::move(request.metadata);
  upload.tags = std::move(request.tags);
  upload.checksum_algorithm = std::move(request.checksum_algorithm);
  for (int attempt = 0;; ++attempt) {
    CO_TRY(BucketRef bucket, co_await writer_.buckets().find_writable(caller, request.bucket));
    CO_TRY(auto state, co_await writer_.read(bucket, request.key));
    upload.head_revision = state.revision;
    const std::string &owner = bucket->scope.account, &writer = caller.scope.account;
    CO_TRY(auto access,
           object_access(bucket->record, owner, writer, request.acl, writer_.buckets().owners()));
    upload.owner = std::move(access.owner);
    upload.acl = std::move(access.acl);
    upload.initiator = recorded_account(writer, owner);
    Change change;
    change.txn.put(bucket->keys.upload(upload.key, upload.upload_id), store::encode(upload));
    Writer::accompany(caller, change);
    auto committed = co_await writer_.commit(bucket, std::move(change));
    if (committed.ok()) co_return upload;
    CO_TRY(bool again, co_await writer_.worth_retrying(bucket, committed.fault(), attempt));
    if (!again) co_return std::move(committed).error();
  }
}

Task<Multipart::Upload> Multipart::find(const Caller& caller, std::string bucket, std::string key,
                                        std::string upload_id, bool for_write) {
  Upload upload;
  if (for_write) {
    CO_TRY(upload.bucket, co_await writer_.buckets().find_writable(caller, bucket));
  } else {
    CO_TRY(upload.bucket, co_await writer_.buckets().find(caller, bucket));
  }
  CO_TRY(auto key_checked, check_object_key(key));
  (void)key_checked;
  if (upload_id.empty() || upload_id.size() > 128) co_return no_such_upload(upload_id);
  CO_TRY(auto row, co_await writer_.store().get(upload.bucket->keys.upload(key, upload_id)));
  if (!row) co_return no_such_upload(upload_id);
  CO_TRY(upload.record, store::decode<UploadRecord>(row->value));
  upload.row = std::move(*row);
  co_return upload;
}

Task<Multipart::Upload> Multipart::mark(Upload upload, bool completing) {
  upload.record.completing_since =
      completing ? std::optional(writer_.now()) : std::optional<Instant>();
  Change change;
  change.txn.guard(store::Guard::unchanged(upload.row));
  change.txn.put(upload.row.key, store::encode(upload.record));
  CO_TRY(upload.row.mod_revision, co_await writer_.commit(upload.bucket, std::move(change)));
  co_return upload;
}

Task<PartRecord> Multipart::upload_part(const Caller& caller, UploadPartRequest request) {
  // Parts are blobs, however small: a manifest names nothing else.
  auto stored = co_await as_blob(executors_, blobs_, request.content);
  if (!stored.ok()) co_return std::move(stored).error();
  request.content = std::move(stored).value();
  PartRecord part;
  part.number = static_cast<std::uint32_t>(request.part_number);
  part.blob_id = request.content.blob_id;
  part.size = request.content.size;
  part.etag = to_hex(request.content.md5);
  part.checksum = request.content.checksum;
  auto result = co_await store_part(caller, request, std::move(part));
  if (!result.ok() && result.fault() != Fault::outcome_unknown)
    writer_.collector().erase_blob(request.content.blob_id);
  co_return result;
}

Task<PartRecord> Multipart::store_part(const Caller& caller, const UploadPartRequest& request,
                                       PartRecord part) {
  if (request.part_number < 1 || request.part_number > kMaxPartNumber)
    co_return invalid_part_number(request.part_number);
  for (int attempt = 0;; ++attempt) {
    CO_TRY(auto upload,
           co_await find(caller, request.bucket, request.key, request.upload_id, true));
    const std::string& expected = upload.record.checksum_algorithm;
    if (!expected.empty() && expected != part.checksum.algorithm)
      co_return checksum_mismatch(expected, part.checksum.algorithm);
    if (upload.record.completing_since) {
      if (writer_.now() < *upload.record.completing_since + kCompletionLease)
        co_return Error{Fault::conflict, "The upload is being completed. Please try again."};
      auto cleared = co_await mark(std::move(upload), false);
      if (!cleared.ok() && cleared.fault() != Fault::guard_failed)
        co_return std::move(cleared).error();
      continue;
    }
    const std::string part_key = upload.bucket->keys.part(request.upload_id, part.number);
    CO_TRY(auto old, co_await writer_.store().get(part_key));
    part.last_modified = writer_.now();
    Change change;
    change.txn.guard(store::Guard::unchanged(upload.row));
    change.txn.guard(old ? store::Guard::unchanged(*old) : store::Guard::absent(part_key));
    change.txn.put(part_key, store::encode(part));
    change.txn.put(upload.bucket->keys.blob(part.blob_id), "");
    if (old) {
      CO_TRY(auto replaced, store::decode<PartRecord>(old->value));
      change.txn.erase(upload.bucket->keys.blob(replaced.blob_id));
      change.blobs.push_back(replaced.blob_id);
    }
    Writer::accompany(caller, change);
    auto committed = co_await writer_.commit(upload.bucket, std::move(change));
    if (committed.ok()) co_return part;
    CO_TRY(bool again, co_await writer_.worth_retrying(upload.bucket, committed.fault(), attempt));
    if (!again) co_return std::move(committed).error();
  }
}

Task<std::pair<PartRecord, std::optional<std::string>>> Multipart::upload_part_copy(
    const Caller& caller, UploadPartCopyRequest request) {
  if (request.part_number < 1 || request.part_number > kMaxPartNumber)
    co_return invalid_part_number(request.part_number);
  CO_TRY(auto upload, co_await find(caller, request.bucket, request.key, request.upload_id, true));
  CO_TRY(auto opened, co_await objects_.open(caller, request.source_bucket, request.source_key,
                                             request.source_version));
  CO_TRY(auto allowed, check_copy_source(request.source_conditions, opened.record.etag,
                                         opened.record.last_modified, writer_.now()));
  (void)allowed;
  CO_TRY(auto range, copy_range(request.range, opened.record.size));
  // Parts of one upload have one checksum, so that it can have one as a whole.
  const std::string& chosen = upload.record.checksum_algorithm;
  std::optional<NewContent> content;
  if (range.length == opened.record.size) {
    const std::string algorithm = chosen.empty() ? "CRC64NVME" : chosen;
    CO_TRY(content, co_await duplicate_content(executors_, blobs_, opened.record, algorithm));
  }
  if (!content) {
    auto digester = math_.digester(chosen);
    CO_TRY(content, co_await copy_content(executors_, blobs_, std::move(opened.content),
                                          range.first, range.length, std::move(digester), 0));
  }
  UploadPartRequest part;
  part.bucket = request.bucket;
  part.key = request.key;
  part.upload_id = request.upload_id;
  part.part_number = request.part_number;
  part.content = std::move(*content);
  CO_TRY(auto stored, co_await upload_part(caller, std::move(part)));
  std::optional<std::string> source_version;
  if (opened.bucket->record.versioning != Versioning::never_set)
    source_version =
        opened.record.version_id.empty() ? std::string(kNullVersion) : opened.record.version_id;
  co_return std::pair{std::move(stored), std::move(source_version)};
}

Task<std::vector<PartRecord>> Multipart::stored_parts(BucketRef bucket, std::string upload_id) {
  std::vector<PartRecord> parts;
  store::Range range = store::Range::prefix(bucket->keys.parts(upload_id));
  for (;;) {
    CO_TRY(auto page, co_await writer_.store().range(range));
    for (const auto& row : page.items) {
      CO_TRY(auto part, store::decode<PartRecord>(row.value));
      parts.push_back(std::move(part));
    }
    if (!page.more) co_return parts;
    range.begin = page.items.back().key + '\0';
  }
}

Result<std::vector<PartRecord>> Multipart::choose(const CompleteRequest& request,
                                                  const UploadRecord& upload,
                                                  const std::vector<PartRecord>& stored) const {
  if (request.parts.empty())
    return Error{Fault::malformed_xml, "You must specify at least one part"};
  std::vector<PartRecord> chosen;
  auto at = stored.begin();
  std::int64_t last = 0;
  for (const auto& wanted : request.parts) {
    if (wanted.number <= last)
      return Error{Fault::invalid_part_order,
                   "The list of parts was not in ascending order. Parts must be ordered by part "
                   "number."}
          .with("UploadId", request.upload_id);
    last = wanted.number;
    at = std::find_if(at, stored.end(),
                      [&](const PartRecord& part) { return part.number >= wanted.number; });
    if (at == stored.end() || at->number != wanted.number ||
        without_quotes(wanted.etag) != at->etag)
      return invalid_part(wanted, request.upload_id);
    auto checksum = wanted.checksums.find(at->checksum.algorithm);
    if (checksum != wanted.checksums.end() && checksum->second != at->checksum.value)
      return invalid_part(wanted, request.upload_id);
    if (upload.composite && checksum == wanted.checksums.end())
      return invalid_request(fmt::format(
          "The upload was created using a {} checksum. The complete request must include the "
          "checksum for each part. It was missing for part {} in the request.",
          lower_ascii(upload.checksum_algorithm), wanted.number));
    chosen.push_back(*at);
  }
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i)
    if (chosen[i].size < kMinPartBytes)
      return Error{Fault::entity_too_small,
                   "Your proposed upload is smaller than the minimum allowed size"}
          .with("ProposedSize", std::to_string(chosen[i].size))
          .with("MinSizeAllowed", std::to_string(kMinPartBytes))
          .with("PartNumber", std::to_string(chosen[i].number))
          .with("ETag", chosen[i].etag);
  return chosen;
}

Result<ObjectChecksum> Multipart::whole_checksum(const CompleteRequest& request,
                                                 const UploadRecord& upload,
                                                 const std::vector<PartRecord>& parts) const {
  ObjectChecksum whole;
  whole.algorithm = parts.front().checksum.algorithm;
  for (const auto& part : parts)
    if (part.checksum.algorithm != whole.algorithm) return ObjectChecksum{};
  std::optional<std::string> value;
  if (upload.composite) {
    whole.composite = true;
    value = math_.composite(whole.algorithm, parts);
    if (value) *value += fmt::format("-{}", parts.size());
  } else {
    value = math_.combined(whole.algorithm, parts);
  }
  if (!value) return ObjectChecksum{};
  whole.value = std::move(*value);
  if (!request.checksum.algorithm.empty() &&
      (request.checksum.algorithm != whole.algorithm || request.checksum.value != whole.value))
    return Error{Fault::bad_digest,
                 fmt::format("The {} you specified did not match the calculated checksum.",
                             request.checksum.algorithm)};
  return whole;
}

Task<std::optional<PutResult>> Multipart::already_completed(const Caller& caller,
                                                            const CompleteRequest& request) {
  std::optional<PutResult> result;
  CO_TRY(auto found, co_await objects_.lookup(caller, request.bucket, request.key, std::nullopt));
  if (found.record && !request.upload_id.empty() &&
      found.record->manifest_id == request.upload_id) {
    result.emplace();
    result->versioned = !found.record->version_id.empty();
    result->bucket = found.bucket;
    result->record = std::move(*found.record);
  }
  co_return result;
}

Task<PutResult> Multipart::complete(const Caller& caller, CompleteRequest request) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    auto upload = co_await find(caller, request.bucket, request.key, request.upload_id, true);
    if (!upload.ok()) {
      if (upload.fault() != Fault::no_such_upload) co_return std::move(upload).error();
      CO_TRY(auto before, co_await already_completed(caller, request));
      if (before) co_return *before;
      co_return std::move(upload).error();
    }
    // What is wrong with the request shows before anything is marked.
    CO_TRY(auto stored, co_await stored_parts(upload->bucket, request.upload_id));
    CO_TRY(auto chosen, choose(request, upload->record, stored));
    (void)chosen;
    auto marked = co_await mark(std::move(*upload), true);
    Result<PutResult> result{Fault::internal, ""};
    if (marked.ok()) {
      result = co_await complete_marked(caller, request, *marked);
      if (result.ok()) co_return result;
    } else {
      result = std::move(marked).error();
    }
    if (result.fault() == Fault::guard_failed) {
      writer_.buckets().forget(request.bucket);
      continue;
    }
    if (marked.ok()) {
      auto unmarked = co_await mark(std::move(*marked), false);
      (void)unmarked;  // if it failed, the mark ends with its lease
    }
    co_return result;
  }
  co_return contended();
}

Task<PutResult> Multipart::complete_marked(const Caller& caller, const CompleteRequest& request,
                                           const Upload& upload) {
  CO_TRY(auto stored, co_await stored_parts(upload.bucket, request.upload_id));
  CO_TRY(auto chosen, choose(request, upload.record, stored));
  CO_TRY(auto state, co_await writer_.read(upload.bucket, request.key));
  CO_TRY(auto allowed, check_write(request.conditions, state.current(), request.key));
  (void)allowed;
  if (request.conditions.any() && state.revision != upload.record.head_revision)
    co_return Error{Fault::conditional_conflict,
                    "The conditional request cannot succeed due to a conflicting operation against "
                    "this resource."}
        .with("Condition", request.conditions.if_match ? "If-Match" : "If-None-Match")
        .with("Key", request.key);
  CO_TRY(auto result,
         co_await install(caller, request, upload, std::move(chosen), std::move(state)));
  co_return result;
}

Task<PutResult> Multipart::install(const Caller& caller, const CompleteRequest& request,
                                   const Upload& upload, std::vector<PartRecord> chosen,
                                   KeyState state) {
  const BucketState& bucket = *upload.bucket;
  ObjectRecord next;
  next.manifest_id = upload.record.upload_id;
  next.parts_count = static_cast<std::uint32_t>(chosen.size());
  next.etag = upload_etag(chosen);
  for (const auto& part : chosen) next.size += part.size;
  if (request.object_size && *request.object_size != next.size)
    co_return invalid_request(
        fmt::format("The provided 'x-amz-mp-object-size' header value {} does not match what was "
                    "computed: {}",
                    *request.object_size, next.size));
  CO_TRY(next.checksum, whole_checksum(request, upload.record, chosen));
  next.metadata = upload.record.metadata;
  next.owner = upload.record.owner;
  next.acl = upload.record.acl;
  next.tags = upload.record.tags;
  Change change;
  CO_TRY(next, co_await writer_.place(upload.bucket, std::move(state), std::move(next), change));
  change.txn.guard(store::Guard::unchanged(upload.row));
  change.txn.erase(upload.row.key);
  std::uint32_t slice = 0;
  for (std::size_t i = 0; i < chosen.size(); i += kPartsPerSlice, ++slice) {
    ManifestRecord manifest;
    for (std::size_t j = i; j < std::min(chosen.size(), i + kPartsPerSlice); ++j) {
      PartRecord part = chosen[j];
      part.etag.clear();
      part.checksum.algorithm.clear();  // that of the object
      manifest.parts.push_back(std::move(part));
    }
    change.txn.put(bucket.keys.manifest(next.manifest_id, slice), store::encode(manifest));
  }
  GarbageRecord garbage{"", upload.record.upload_id, next.manifest_id};
  change.txn.put(bucket.keys.garbage_upload(upload.record.upload_id), store::encode(garbage));
  change.garbage.push_back(std::move(garbage));
  CO_TRY(auto notified, writer_.notify(caller, bucket, EventType::created_complete_multipart_upload,
                                       request.key, &next, next.version_id, change));
  (void)notified;
  Writer::accompany(caller, change);
  CO_TRY(auto revision, co_await writer_.commit(upload.bucket, std::move(change)));
  (void)revision;
  PutResult result;
  result.versioned = bucket.record.versioning == Versioning::enabled;
  result.bucket = upload.bucket;
  result.record = std::move(next);
  co_return result;
}

Task<Unit> Multipart::abort(const Caller& caller, std::string bucket, std::string key,
                            std::string upload_id) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY(auto upload, co_await find(caller, bucket, key, upload_id, true));
    Change change;
    change.txn.guard(store::Guard::unchanged(upload.row));
    change.txn.erase(upload.row.key);
    GarbageRecord garbage{"", upload_id, ""};
    change.txn.put(upload.bucket->keys.garbage_upload(upload_id), store::encode(garbage));
    change.garbage.push_back(std::move(garbage));
    Writer::accompany(caller, change);
    auto committed = co_await writer_.commit(upload.bucket, std::move(change));
    if (committed.ok()) co_return done;
    CO_TRY(bool again, co_await writer_.worth_retrying(upload.bucket, committed.fault(), attempt));
    if (!again) co_return std::move(committed).error();
  }
}

Task<PartPage> Multipart::parts(const Caller& caller, std::string bucket, std::string key,
                                std::string upload_id, std::uint32_t after, std::size_t max_parts) {
  CO_TRY(auto upload, co_await find(caller, bucket, key, upload_id, false));
  PartPage page;
  page.bucket = upload.bucket;
  page.upload = upload.record;
  const BucketKeys& keys = upload.bucket->keys;
  store::Range range = store::Range::prefix(keys.parts(upload_id), max_parts + 1);
  range.begin = std::max(range.begin, keys.part(upload_id, after) + '\0');
  CO_TRY(auto rows, co_await writer_.store().range(std::move(range)));
  for (const auto& row : rows.items) {
    if (page.parts.size() == max_parts) {
      page.truncated = true;
      break;
    }
    CO_TRY(auto part, store::decode<PartRecord>(row.value));
    page.parts.push_back(std::move(part));
  }
  co_return page;
}

}  // namespace tidegate::s3
