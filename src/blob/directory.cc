#include "blob/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.h"

namespace tidegate::blob {
namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error io_error(std::string_view doing, const std::string& path) {
  return Error{Fault::internal, fmt::format("{} {}: {}", doing, path, std::strerror(errno))};
}

bool is_blob_id(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class FileReader final : public Reader {
 public:
  FileReader(Fd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) override {
    for (;;) {
      const ssize_t n = ::pread(fd_.get(), out, size, static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return io_error("read", "a blob");
    }
  }

 private:
  Fd fd_;
  std::uint64_t size_;
};

}  // namespace

class DirectoryBlobs::FileUpload final : public Upload {
 public:
  FileUpload(DirectoryBlobs& blobs, BlobId id, std::string path, Fd fd)
      : blobs_(blobs), id_(std::move(id)), path_(std::move(path)), fd_(std::move(fd)) {}
  ~FileUpload() override {
    if (state_ != State::committed) ::unlink(path_.c_str());
  }

  Status write(std::string_view bytes) override {
    if (state_ != State::open) return over();
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
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

  Result<BlobId> commit() override {
    if (!blobs_.writable())
      return Error{Fault::read_only, "the disk refused to store data: the server is read-only"};
    if (state_ != State::open) return over();
    state_ = State::broken;
    ::futimens(fd_.get(), nullptr);  // its age counts from now, however long the upload took
    if (blobs_.options_.sync(fd_.get()) != 0) return blobs_.sync_failed(path_);
    const std::string target = blobs_.path_of(id_);
    if (::rename(path_.c_str(), target.c_str()) != 0) return io_error("rename to", target);
    state_ = State::committed;
    TRY(Unit synced, blobs_.sync_folder(blobs_.shard_of(id_)));
    (void)synced;
    return id_;
  }

 private:
  static constexpr std::uint64_t kFlushEvery = 8u << 20;
  DirectoryBlobs& blobs_;
  BlobId id_;
  std::string path_;
  Fd fd_;
  std::uint64_t written_ = 0, flushed_ = 0;
  enum class State { open, broken, committed } state_ = State::open;

  Error over() const {
    return Error{Fault::internal, state_ == State::committed
                                      ? "the upload was committed before"
                                      : "an earlier part of the upload could not be written"};
  }
};

std::string DirectoryBlobs::shard_of(const BlobId& id) const {
  return options_.root + "/" + id.substr(0, 2);
}
std::string DirectoryBlobs::path_of(const BlobId& id) const {
  return shard_of(id) + "/" + id;
}

Error DirectoryBlobs::sync_failed(const std::string& path) {
  if (writable_.exchange(false))
    LOG_ERROR("blobs are read-only from now on: fsync of {}: {}", path, std::strerror(errno));
  return Error{Fault::read_only, "the disk refused to store data: the server is read-only"};
}

Status DirectoryBlobs::sync_folder(const std::string& path) {
  Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return io_error("open", path);
  if (options_.sync(folder.get()) != 0) return sync_failed(path);
  return done;
}

Result<std::unique_ptr<DirectoryBlobs>> DirectoryBlobs::open(DirectoryOptions options,
                                                             Random& random) {
  if (!options.sync) options.sync = [](int fd) { return ::fsync(fd); };
  std::unique_ptr<DirectoryBlobs> blobs(new DirectoryBlobs(std::move(options), random));
  const std::string& root = blobs->options_.root;
  std::error_code error;
  const bool fresh = std::filesystem::create_directory(root, error);
  if (error) return Error{Fault::internal, fmt::format("{}: {}", root, error.message())};
  std::filesystem::remove_all(root + "/tmp", error);
  if (!error) std::filesystem::create_directory(root + "/tmp", error);
  if (error) return Error{Fault::internal, fmt::format("{}/tmp: {}", root, error.message())};
  // Each time, because a crash may have stopped the first.
  bool made = false;
  for (int shard = 0; shard < 256; ++shard) {
    const std::string path = fmt::format("{}/{:02x}", root, shard);
    made |= std::filesystem::create_directory(path, error);
    if (error) return Error{Fault::internal, fmt::format("{}: {}", path, error.message())};
  }
  if (made) {
    TRY(Unit synced, blobs->sync_folder(root));
    (void)synced;
  }
  if (fresh) {
    const std::string parent = std::filesystem::path(root).parent_path().string();
    TRY(Unit synced, blobs->sync_folder(parent.empty() ? "." : parent));
    (void)synced;
  }
  return blobs;
}

Result<std::unique_ptr<Upload>> DirectoryBlobs::begin() {
  if (!writable())
    return Error{Fault::read_only, "the disk refused to store data: the server is read-only"};
  BlobId id;
  {
    std::lock_guard lock(random_mutex_);
    id = random_.hex(32);
  }
  std::string path = options_.root + "/tmp/" + id;
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.get() < 0) return io_error("create", path);
  return std::unique_ptr<Upload>(
      new FileUpload(*this, std::move(id), std::move(path), std::move(fd)));
}

Result<std::shared_ptr<Reader>> DirectoryBlobs::open(const BlobId& id) {
  if (!is_blob_id(id)) return Error{Fault::not_found, "no such blob"};
  Fd fd(::open(path_of(id).c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT) return Error{Fault::not_found, "no such blob: " + id};
    return io_error("open", path_of(id));
  }
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return io_error("stat", path_of(id));
  return std::shared_ptr<Reader>(
      new FileReader(std::move(fd), static_cast<std::uint64_t>(facts.st_size)));
}

Status DirectoryBlobs::erase(const BlobId& id) {
  if (!is_blob_id(id)) return done;
  if (::unlink(path_of(id).c_str()) != 0 && errno != ENOENT) return io_error("unlink", path_of(id));
  return done;
}

Result<std::size_t> DirectoryBlobs::sweep(const std::function<bool(const BlobId&)>& in_use,
                                          std::uint64_t min_age_ms) {
  std::size_t erased = 0;
  std::error_code error;
  const auto now = std::filesystem::file_time_type::clock::now();
  for (int shard = 0; shard < 256; ++shard) {
    const std::string path = fmt::format("{}/{:02x}", options_.root, shard);
    std::filesystem::directory_iterator file(path, error), end;
    if (error) return Error{Fault::internal, fmt::format("{}: {}", path, error.message())};
    for (; !error && file != end; file.increment(error)) {
      const BlobId id = file->path().filename().string();
      std::error_code gone_meanwhile;
      const auto written = file->last_write_time(gone_meanwhile);
      if (gone_meanwhile || !is_blob_id(id) ||
          now - written < std::chrono::milliseconds(min_age_ms))
        continue;
      if (in_use(id)) continue;
      TRY(Unit gone, erase(id));
      (void)gone;
      ++erased;
    }
  }
  return erased;
}

}  // namespace tidegate::blob
