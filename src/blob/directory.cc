#include "blob/directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "blob/sums.h"

namespace tidegate::blob {
namespace {

constexpr std::string_view kSuffix = ".b2";
constexpr std::size_t kRunDigits = 8;

Error io_error(std::string_view doing, const std::string& path) {
  if (errno == ENOSPC || errno == EDQUOT)
    return Error{Fault::unavailable, "The server's disk is full. Please retry when it has space."};
  return Error{Fault::internal, fmt::format("{} {}: {}", doing, path, std::strerror(errno))};
}

Error read_only() {
  return Error{Fault::read_only, "the disk refused to store data: the server is read-only"};
}

}  // namespace

class DirectoryBlobs::FileUpload final : public Upload {
 public:
  FileUpload(DirectoryBlobs& blobs, BlobId id, std::string path, Fd fd)
      : blobs_(blobs), id_(std::move(id)), path_(std::move(path)), fd_(std::move(fd)) {}
  ~FileUpload() override {
    if (state_ != State::committed) blobs_.disk_.unlink(path_.c_str());
  }

  Status write(std::string_view bytes) override {
    if (state_ != State::open) return over();
    sums_.update(bytes);
    return append(bytes);
  }

  Result<BlobId> commit() override {
    if (!blobs_.writable()) return read_only();
    if (state_ != State::open) return over();
    TRY(Unit summed, append(sums_.tail()));
    state_ = State::broken;
    if (blobs_.disk_.sync(fd_.get()) != 0) return blobs_.sync_failed(path_);
    TRY(Unit there, blobs_.make_shard(id_));
    const std::string target = blobs_.path_of(id_);
    if (blobs_.disk_.rename(path_.c_str(), target.c_str()) != 0)
      return io_error("rename to", target);
    state_ = State::committed;
    TRY(Unit synced, blobs_.sync_folder(blobs_.shard_of(id_)));
    (void)summed, (void)there, (void)synced;
    return id_;
  }

 private:
  Status append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = blobs_.disk_.write(fd_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        state_ = State::broken;  // part of a blob is none
        return io_error("write", path_);
      }
      bytes.remove_prefix(static_cast<std::size_t>(n));
      written_ += static_cast<std::uint64_t>(n);
      // Hands pages to the disk while more come in, so that the final sync is short.
      if (written_ - flushed_ >= kFlushEvery) {
        ::sync_file_range(fd_.get(), static_cast<off64_t>(flushed_),
                          static_cast<off64_t>(written_ - flushed_), SYNC_FILE_RANGE_WRITE);
        flushed_ = written_;
      }
    }
    return done;
  }

  static constexpr std::uint64_t kFlushEvery = 8u << 20;
  DirectoryBlobs& blobs_;
  BlobId id_;
  std::string path_;
  Fd fd_;
  Sums sums_;
  std::uint64_t written_ = 0, flushed_ = 0;
  enum class State { open, broken, committed } state_ = State::open;

  Error over() const {
    return Error{Fault::internal, state_ == State::committed
                                      ? "the upload was committed before"
                                      : "an earlier part of the upload could not be written"};
  }
};

bool is_blob_id(std::string_view id) {
  return id.size() == kIdDigits &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

DirectoryBlobs::DirectoryBlobs(std::string root, Random& random, Disk& disk)
    : root_(std::move(root)), disk_(disk), random_(random), run_(random.hex(kRunDigits)) {}

BlobId DirectoryBlobs::new_id() {
  std::lock_guard lock(random_mutex_);
  return random_.hex(kIdDigits - kRunDigits) + run_;
}

std::string DirectoryBlobs::shard_of(const BlobId& id) const {
  return root_ + "/" + id.substr(0, 2);
}
std::string DirectoryBlobs::old_path_of(const BlobId& id) const {
  return shard_of(id) + "/" + id;
}
std::string DirectoryBlobs::path_of(const BlobId& id) const {
  return old_path_of(id).append(kSuffix);
}

Error DirectoryBlobs::sync_failed(const std::string& path) {
  if (writable_.exchange(false))
    LOG_ERROR("blobs are read-only from now on: fsync of {}: {}", path, std::strerror(errno));
  return read_only();
}

Status DirectoryBlobs::make_shard(const BlobId& id) {
  std::atomic<bool>& there = shards_[std::stoul(id.substr(0, 2), nullptr, 16)];
  if (there.load()) return done;
  const std::string path = shard_of(id);
  if (disk_.mkdir(path.c_str()) != 0 && errno != EEXIST) return io_error("make", path);
  TRY(Unit synced, sync_folder(root_));
  (void)synced;
  there = true;
  return done;
}

Status DirectoryBlobs::sync_folder(const std::string& path) {
  Fd folder(disk_.open(path.c_str(), O_RDONLY | O_DIRECTORY));
  if (folder.get() < 0) return io_error("open", path);
  if (disk_.sync(folder.get()) != 0) return sync_failed(path);
  return done;
}

Result<std::unique_ptr<DirectoryBlobs>> DirectoryBlobs::open(std::string root, Random& random,
                                                             Disk& disk) {
  std::unique_ptr<DirectoryBlobs> blobs(new DirectoryBlobs(root, random, disk));
  std::error_code error;
  const bool fresh = std::filesystem::create_directory(root, error);
  if (error) return Error{Fault::internal, fmt::format("{}: {}", root, error.message())};
  std::filesystem::remove_all(root + "/tmp", error);
  if (!error) std::filesystem::create_directory(root + "/tmp", error);
  if (error) return Error{Fault::internal, fmt::format("{}/tmp: {}", root, error.message())};
  for (unsigned shard = 0; shard < kShards; ++shard)
    blobs->shards_[shard] = std::filesystem::exists(fmt::format("{}/{:02x}", root, shard), error);
  // Each time, because a crash may have come between a folder and its sync.
  TRY(Unit kept, blobs->sync_folder(root));
  (void)kept;
  if (fresh) {
    const std::string parent = std::filesystem::path(root).parent_path().string();
    TRY(Unit synced, blobs->sync_folder(parent.empty() ? "." : parent));
    (void)synced;
  }
  return blobs;
}

Result<std::unique_ptr<Upload>> DirectoryBlobs::begin() {
  if (!writable()) return read_only();
  BlobId id = new_id();
  std::string path = root_ + "/tmp/" + id;
  Fd fd(disk_.open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL));
  if (fd.get() < 0) return io_error("create", path);
  return std::unique_ptr<Upload>(
      new FileUpload(*this, std::move(id), std::move(path), std::move(fd)));
}

Result<std::shared_ptr<Reader>> DirectoryBlobs::open(const BlobId& id) {
  if (!is_blob_id(id)) return Error{Fault::not_found, "no such blob"};
  Fd fd(disk_.open(path_of(id).c_str(), O_RDONLY));
  if (fd.get() >= 0) return open_summed(disk_, std::move(fd), id);
  if (errno != ENOENT) return io_error("open", path_of(id));
  Fd old(disk_.open(old_path_of(id).c_str(), O_RDONLY));
  if (old.get() >= 0) return open_bare(disk_, std::move(old), id);
  if (errno != ENOENT) return io_error("open", old_path_of(id));
  return Error{Fault::not_found, "no such blob: " + id};
}

Result<BlobId> DirectoryBlobs::duplicate(const BlobId& id) {
  if (!writable()) return read_only();
  if (!is_blob_id(id)) return Error{Fault::not_found, "no such blob"};
  BlobId copy = new_id();
  TRY(Unit there, make_shard(copy));
  (void)there;
  const std::string target = path_of(copy);
  if (disk_.link(path_of(id).c_str(), target.c_str()) == 0) {
    TRY(Unit synced, sync_folder(shard_of(copy)));
    (void)synced;
    return copy;
  }
  // A file without sums, one with as many links as there may be, or a file system without any:
  // then the bytes are copied.
  TRY(auto reader, open(id));
  TRY(auto upload, begin());
  std::string buffer(kBlock * 4, '\0');
  for (std::uint64_t at = 0; at < reader->size();) {
    TRY(std::size_t n, reader->read(at, buffer.data(), buffer.size()));
    if (n == 0) return Error{Fault::internal, "a blob is shorter than it was"};
    TRY(Unit written, upload->write({buffer.data(), n}));
    (void)written;
    at += n;
  }
  return upload->commit();
}

Status DirectoryBlobs::erase(const BlobId& id) {
  if (!is_blob_id(id)) return done;
  if (disk_.unlink(path_of(id).c_str()) == 0) return done;
  if (errno != ENOENT) return io_error("unlink", path_of(id));
  if (disk_.unlink(old_path_of(id).c_str()) != 0 && errno != ENOENT)
    return io_error("unlink", old_path_of(id));
  return done;
}

Result<std::vector<BlobId>> DirectoryBlobs::list(unsigned shard) {
  std::vector<BlobId> found;
  std::error_code error;
  if (!shards_[shard % kShards].load()) return found;
  const std::string path = fmt::format("{}/{:02x}", root_, shard % kShards);
  std::filesystem::directory_iterator file(path, error), end;
  for (; !error && file != end; file.increment(error)) {
    std::string name = file->path().filename().string();
    if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
    if (is_blob_id(name)) found.push_back(std::move(name));
  }
  if (error) return Error{Fault::internal, fmt::format("{}: {}", path, error.message())};
  return found;
}

}  // namespace tidegate::blob
