#include "s3/content.h"

#include <algorithm>
#include <mutex>

#include "base/bytes.h"

namespace tidegate::s3 {
namespace {

// Opens the blob of a part when a read first comes to it, and keeps one open at a time: readers go
// forward, and an object may have 10 000 parts.
class ChainReader final : public blob::Reader {
 public:
  ChainReader(blob::Blobs& blobs, std::vector<PartRecord> parts, std::shared_ptr<void> lease)
      : blobs_(blobs), parts_(std::move(parts)), lease_(std::move(lease)) {
    starts_.reserve(parts_.size());
    for (const auto& part : parts_) {
      starts_.push_back(size_);
      size_ += part.size;
    }
  }

  std::uint64_t size() const override { return size_; }

  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) override {
    if (offset >= size_) return std::size_t{0};
    // The last part that starts at or before the offset; empty parts before it are passed over.
    auto index = static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) -
                                          starts_.begin() - 1);
    if (!open_ || open_index_ != index) {
      TRY(open_, blobs_.open(parts_[index].blob_id));
      open_index_ = index;
    }
    const std::uint64_t inside = offset - starts_[index];
    const std::uint64_t left = parts_[index].size - inside;
    TRY(std::size_t count, open_->read(inside, out, std::min<std::uint64_t>(size, left)));
    if (count == 0) return Error{Fault::internal, "a blob is shorter than its record says"};
    return count;
  }

 private:
  blob::Blobs& blobs_;
  std::vector<PartRecord> parts_;
  std::shared_ptr<void> lease_;
  std::vector<std::uint64_t> starts_;
  std::uint64_t size_ = 0;
  std::shared_ptr<blob::Reader> open_;
  std::size_t open_index_ = 0;
};

struct CopyJob {
  blob::Blobs* blobs;
  Content content;
  std::uint64_t offset, length;
  std::shared_ptr<Digester> digester;
  std::size_t inline_limit;
};

Result<NewContent> finish_copy(CopyJob& job, NewContent made) {
  made.size = job.length;
  auto digests = job.digester->finish();
  made.md5 = std::move(digests.md5);
  made.checksum = std::move(digests.checksum);
  return made;
}

// Blocks on the disk. Memory: one buffer, however large the content is.
Result<NewContent> copy_now(CopyJob job) {
  NewContent made;
  std::unique_ptr<blob::Upload> upload;
  if (job.length > job.inline_limit) {
    TRY(upload, job.blobs->begin());
  }
  std::string buffer(std::min<std::uint64_t>(job.length, 256 * 1024), '\0');
  std::uint64_t at = job.offset;
  const std::uint64_t end = job.offset + job.length;
  while (at < end) {
    std::string_view piece;
    if (auto* bytes = std::get_if<std::string>(&job.content)) {
      if (end > bytes->size()) return Error{Fault::internal, "a stored object is too short"};
      piece = std::string_view(*bytes).substr(at, end - at);
    } else {
      auto& reader = std::get<std::shared_ptr<blob::Reader>>(job.content);
      TRY(std::size_t count,
          reader->read(at, buffer.data(), std::min<std::uint64_t>(buffer.size(), end - at)));
      if (count == 0) return Error{Fault::internal, "a stored object is too short"};
      piece = std::string_view(buffer.data(), count);
    }
    job.digester->update(piece);
    if (upload) {
      TRY(auto written, upload->write(piece));
      (void)written;
    } else {
      made.inline_bytes.append(piece);
    }
    at += piece.size();
  }
  if (upload) {
    TRY(made.blob_id, upload->commit());
  }
  return finish_copy(job, std::move(made));
}

Result<std::string> write_blob(blob::Blobs& blobs, const std::string& bytes) {
  TRY(auto upload, blobs.begin());
  TRY(auto written, upload->write(bytes));
  (void)written;
  return upload->commit();
}

}  // namespace

std::shared_ptr<blob::Reader> chain(blob::Blobs& blobs, std::vector<PartRecord> parts,
                                    std::shared_ptr<void> lease) {
  return std::make_shared<ChainReader>(blobs, std::move(parts), std::move(lease));
}

Task<NewContent> copy_content(Executors executors, blob::Blobs& blobs, Content content,
                              std::uint64_t offset, std::uint64_t length,
                              std::unique_ptr<Digester> digester, std::size_t inline_limit) {
  auto job = std::make_shared<CopyJob>(
      CopyJob{&blobs, std::move(content), offset, length, std::move(digester), inline_limit});
  auto work = [job] { return copy_now(std::move(*job)); };
  auto copied = co_await await_on(executors.blocking, std::move(work));
  co_return copied;
}

Task<std::optional<NewContent>> duplicate_content(Executors executors, blob::Blobs& blobs,
                                                  const ObjectRecord& known,
                                                  std::string algorithm) {
  std::optional<NewContent> made;
  const auto md5 = from_hex(known.etag);  // of one blob's object the ETag is its MD5
  const bool known_checksum = !known.checksum.algorithm.empty() && !known.checksum.composite &&
                              (algorithm.empty() || algorithm == known.checksum.algorithm);
  if (known.blob_id.empty() || !md5 || md5->size() != 16 || !known_checksum) co_return made;
  auto work = [&blobs, id = known.blob_id] { return blobs.duplicate(id); };
  auto copy = co_await await_on(executors.blocking, std::move(work));
  if (!copy.ok() && copy.fault() == Fault::not_found) co_return made;  // erased meanwhile
  if (!copy.ok()) co_return std::move(copy).error();
  made.emplace();
  made->blob_id = std::move(copy).value();
  made->size = known.size;
  made->md5 = *md5;
  made->checksum = known.checksum;
  co_return made;
}

Task<NewContent> as_blob(Executors executors, blob::Blobs& blobs, NewContent content) {
  if (!content.blob_id.empty()) co_return content;
  auto bytes = std::make_shared<std::string>(std::move(content.inline_bytes));
  content.inline_bytes.clear();
  auto work = [&blobs, bytes] { return write_blob(blobs, *bytes); };
  CO_TRY(content.blob_id, co_await await_on(executors.blocking, std::move(work)));
  co_return content;
}

}  // namespace tidegate::s3
