#include "lambda/packages.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <boost/asio/post.hpp>
#include <deque>
#include <filesystem>
#include <memory>
#include <set>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"
#include "blob/whole.h"

namespace tidegate::lambda {
namespace {

namespace fs = std::filesystem;

Error bad_zip() {
  return Error{Fault::invalid_parameter_value,
               "Could not unzip uploaded file. Please check your file, then try to upload again."};
}
Error empty_zip() {
  return Error{Fault::invalid_parameter_value, "Uploaded file must be a non-empty zip"};
}
Error too_large_unzipped() {
  return Error{Fault::invalid_parameter_value,
               fmt::format("Unzipped size must be smaller than {} bytes", kMaxUnzippedBytes)};
}

// Deeper than any package; the cost of a path grows with it.
constexpr int kMaxLevels = 128;

// The parts of a path that mean something.
std::deque<std::string> parts_of(std::string_view path) {
  std::deque<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  return parts;
}

// A name inside the package, or "" when it could mean anything else.
std::string safe_name(std::string_view raw) {
  if (raw.empty() || raw.size() > 4096 || raw.front() == '/' ||
      raw.find('\\') != std::string_view::npos || raw.find('\0') != std::string_view::npos ||
      !valid_utf8(raw))
    return "";
  std::string name;
  int levels = 0;
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('/'), raw.size());
    const std::string_view part = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (part == "..") return "";
    if (part.empty() || part == ".") continue;
    if (++levels > kMaxLevels) return "";
    if (!name.empty()) name.push_back('/');
    name += part;
  }
  return name;
}

// Whether a link in folder `from` (relative to the root) stays inside the root.
bool link_stays_inside(std::string_view from, std::string_view target) {
  if (target.empty() || target.front() == '/') return false;
  int depth = 0;
  for (char c : from) depth += c == '/' ? 1 : 0;
  while (!target.empty()) {
    const std::size_t end = std::min(target.find('/'), target.size());
    const std::string_view part = target.substr(0, end);
    target.remove_prefix(std::min(end + 1, target.size()));
    if (part == "..") {
      if (--depth < 0) return false;
    } else if (!part.empty() && part != ".") {
      ++depth;
    }
  }
  return true;
}

struct CloseZip {
  void operator()(zip_t* z) const { zip_discard(z); }
};
struct CloseEntry {
  void operator()(zip_file_t* f) const { zip_fclose(f); }
};

class Unpacker {
 public:
  // With `over`, files and links of the target give way to those of the zip.
  Unpacker(zip_t* zip, std::string target, bool over)
      : zip_(zip), target_(std::move(target)), over_(over) {}

  Status all() {
    const zip_int64_t count = zip_get_num_entries(zip_, 0);
    if (count == 0) return empty_zip();
    if (count < 0 || static_cast<std::size_t>(count) > kMaxZipEntries) return bad_zip();
    if (!folders_are_few(static_cast<zip_uint64_t>(count))) return bad_zip();
    for (zip_int64_t i = 0; i < count; ++i) {
      Status ok = entry(static_cast<zip_uint64_t>(i));
      if (!ok.ok()) return ok;
    }
    return links_stay_inside();
  }

 private:
  // A short zip can name very many folders: they are counted (by hash, a name may be long) before
  // the first is made.
  bool folders_are_few(zip_uint64_t count) const {
    std::unordered_set<std::size_t> folders;
    for (zip_uint64_t i = 0; i < count; ++i) {
      const char* raw = zip_get_name(zip_, i, 0);
      const std::string_view name = raw ? raw : "";
      for (std::size_t at = name.find('/'); at != std::string_view::npos;
           at = name.find('/', at + 1))
        folders.insert(std::hash<std::string_view>()(name.substr(0, at)));
      if (folders.size() > kMaxZipEntries) return false;
    }
    return true;
  }

  // Each link was looked at by itself; now that all stand there, also where they lead together.
  Status links_stay_inside() const {
    for (const std::string& name : links_)
      if (!leads_inside(name)) return bad_zip();
    return done;
  }

  // Follows a path below the root as the kernel would; whether what it names exists or not.
  bool leads_inside(const std::string& name) const {
    constexpr int kMostLinks = 40;  // as the kernel: more is a circle
    std::vector<std::string> at;
    std::deque<std::string> left = parts_of(name);
    for (int followed = 0; !left.empty();) {
      const std::string part = std::move(left.front());
      left.pop_front();
      if (part == "..") {
        if (at.empty()) return false;
        at.pop_back();
        continue;
      }
      at.push_back(part);
      std::error_code none;
      const fs::path to = fs::read_symlink(fmt::format("{}/{}", target_, fmt::join(at, "/")), none);
      if (none) continue;  // no link
      if (to.is_absolute() || ++followed > kMostLinks) return false;
      at.pop_back();
      const std::deque<std::string> more = parts_of(to.string());
      left.insert(left.begin(), more.begin(), more.end());
    }
    return true;
  }

  Status entry(zip_uint64_t index) {
    zip_stat_t facts;
    if (zip_stat_index(zip_, index, 0, &facts) != 0 || !(facts.valid & ZIP_STAT_NAME))
      return bad_zip();
    if ((facts.valid & ZIP_STAT_ENCRYPTION_METHOD) && facts.encryption_method != ZIP_EM_NONE)
      return bad_zip();
    const std::string_view raw = facts.name;
    const bool folder = raw.ends_with('/');
    const std::string name = safe_name(raw);
    if (name.empty()) return folder && raw == "./" ? Status(done) : Status(bad_zip());
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    zip_file_get_external_attributes(zip_, index, 0, &system, &attributes);
    const unsigned mode = system == ZIP_OPSYS_UNIX ? attributes >> 16 : 0;
    if (folder) return make_folder(name);
    if (!seen_.insert(name).second) return bad_zip();
    const std::size_t slash = name.rfind('/');
    if (slash != std::string::npos) {
      Status ok = make_folder(name.substr(0, slash));
      if (!ok.ok()) return ok;
    }
    if (mode != 0 && (mode & S_IFMT) == S_IFLNK) return make_link(index, name);
    if ((mode & S_IFMT) != 0 && (mode & S_IFMT) != S_IFREG) return bad_zip();
    return make_file(index, name, mode & 0777);
  }

  Status make_folder(const std::string& name) {
    // A link among the parents would lead elsewhere.
    for (std::size_t at = 0; at != std::string::npos;) {
      at = name.find('/', at + 1);
      struct stat facts {};
      const std::string part = target_ + "/" + name.substr(0, at);
      const bool there = ::lstat(part.c_str(), &facts) == 0;
      if (there && S_ISDIR(facts.st_mode)) continue;
      if (there && (!over_ || seen_.contains(name.substr(0, at)))) return bad_zip();
      if (there && ::unlink(part.c_str()) != 0) return Error{Fault::internal, "unlink " + part};
      if (::mkdir(part.c_str(), 0755) != 0) {
        if (errno == ENAMETOOLONG) return bad_zip();
        return Error{Fault::internal, "mkdir " + part};
      }
    }
    return done;
  }

  Status make_link(zip_uint64_t index, const std::string& name) {
    std::unique_ptr<zip_file_t, CloseEntry> file(zip_fopen_index(zip_, index, 0));
    char buffer[4096];
    const zip_int64_t n = file ? zip_fread(file.get(), buffer, sizeof buffer) : -1;
    if (n <= 0 || n == sizeof buffer) return bad_zip();
    const std::string to(buffer, static_cast<std::size_t>(n));
    if (!link_stays_inside(name, to) || to.find('\0') != std::string::npos) return bad_zip();
    give_way(name);
    if (::symlink(to.c_str(), (target_ + "/" + name).c_str()) != 0) return bad_zip();
    links_.push_back(name);
    return done;
  }

  Status make_file(zip_uint64_t index, const std::string& name, unsigned mode) {
    std::unique_ptr<zip_file_t, CloseEntry> file(zip_fopen_index(zip_, index, 0));
    if (!file) return bad_zip();
    const std::string path = target_ + "/" + name;
    give_way(name);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return bad_zip();
    Status result = copy(file.get(), fd);
    // The sandbox's user is nobody's owner: what AWS would hide from it, too, is made readable.
    const unsigned wanted = mode == 0 ? 0644 : mode | 0444 | (mode & 0100 ? 0111 : 0);
    if (result.ok() && ::fchmod(fd, wanted & 0755) != 0)
      result = Error{Fault::internal, "chmod " + path};
    ::close(fd);
    return result;
  }

  // What an earlier layer put there; names of this zip were seen to be different.
  void give_way(const std::string& name) const {
    if (!over_) return;
    std::error_code ignored;
    fs::remove_all(target_ + "/" + name, ignored);
  }

  Status copy(zip_file_t* file, int fd) {
    char buffer[65536];
    for (;;) {
      const zip_int64_t n = zip_fread(file, buffer, sizeof buffer);
      if (n < 0) return bad_zip();
      if (n == 0) return done;
      total_ += static_cast<std::uint64_t>(n);
      if (total_ > kMaxUnzippedBytes) return too_large_unzipped();
      const char* at = buffer;
      for (zip_int64_t left = n; left > 0;) {
        const ssize_t written = ::write(fd, at, static_cast<std::size_t>(left));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return Error{Fault::internal, "the disk does not take the package"};
        at += written;
        left -= written;
      }
    }
  }

  zip_t* zip_;
  std::string target_;
  bool over_;
  std::set<std::string> seen_;
  std::vector<std::string> links_;
  std::uint64_t total_ = 0;
};

// Makes a folder beside the place and moves it there, so that a folder of that name is always
// whole.
Status put_in_place(const std::string& folder, const std::string& scratch,
                    const std::function<Status()>& fill) {
  std::error_code error;
  Status filled = fill();
  if (filled.ok()) {
    const int fd = ::open(scratch.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
      ::syncfs(fd);  // a folder that survives a power cut has its files
      ::close(fd);
    }
    fs::rename(scratch, folder, error);
    std::error_code absent;
    if (error && !fs::exists(folder, absent))
      filled = Error{Fault::internal, "rename " + folder + ": " + error.message()};
  }
  fs::remove_all(scratch, error);
  return filled;
}

Status unpack_to(std::string_view zip, const std::string& folder, const std::string& scratch) {
  return put_in_place(folder, scratch, [&] { return unpack_zip(zip, scratch); });
}

std::uint64_t size_of_folder(const std::string& folder) {
  std::uint64_t total = 0;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    std::error_code ignored;
    if (entry.is_symlink(ignored) || !entry.is_regular_file(ignored)) continue;
    const auto size = entry.file_size(ignored);
    if (!ignored) total += size;
  }
  return total;
}

Status unpack(std::string_view zip, const std::string& target, bool over) {
  if (zip.empty()) return empty_zip();
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
  if (!source) return Error{Fault::internal, "no memory for a zip"};
  zip_t* opened = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (!opened) {
    zip_source_free(source);
    return bad_zip();
  }
  std::unique_ptr<zip_t, CloseZip> closer(opened);
  if (!over && ::mkdir(target.c_str(), 0755) != 0) return Error{Fault::internal, "mkdir " + target};
  return Unpacker(opened, target, over).all();
}

}  // namespace

Status unpack_zip(std::string_view zip, const std::string& target) {
  return unpack(zip, target, false);
}

Status unpack_over(std::string_view zip, const std::string& target) {
  return unpack(zip, target, true);
}

std::string overlay_name(const std::vector<LayerUse>& layers) {
  std::string all;
  for (const LayerUse& layer : layers) all += layer.sha256 + "\n";
  return to_hex(sha256(all));
}

Task<StoredPackage> Packages::store(std::string zip, std::size_t limit) {
  if (zip.size() > limit)
    co_return Error{Fault::zip_too_large,
                    fmt::format("Zipped size must be smaller than {} bytes", limit)};
  const std::string scratch = directory_ + "/.tmp-" + random_.hex(16);
  auto work = [this, zip = std::move(zip), scratch]() -> Result<StoredPackage> {
    StoredPackage p;
    p.sha256 = to_hex(sha256(zip));
    p.size = zip.size();
    std::error_code error;
    if (!fs::exists(folder(p.sha256), error)) {
      TRY(Unit unpacked, unpack_to(zip, folder(p.sha256), scratch));
      (void)unpacked;
    }
    p.unpacked_size = size_of_folder(folder(p.sha256));
    TRY(auto upload, blobs_.begin());
    TRY(Unit written, upload->write(zip));
    (void)written;
    TRY(p.blob, upload->commit());
    return p;
  };
  co_return co_await await_on(executors_.blocking, std::move(work));
}

Task<std::string> Packages::directory(std::string sha256, std::string blob) {
  const std::string path = folder(sha256);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0) co_return path;
  const std::string scratch = directory_ + "/.tmp-" + random_.hex(16);
  auto work = [this, blob, path, scratch]() -> Status {
    auto zip = blob::read_whole(blobs_, blob);
    // The function is there, so this is no "not found" of the caller's.
    if (!zip.ok()) return Error{Fault::internal, "a package is gone: " + zip.error().message};
    return unpack_to(*zip, path, scratch);
  };
  CO_TRY(Unit unpacked, co_await await_on(executors_.blocking, std::move(work)));
  (void)unpacked;
  co_return path;
}

Task<std::string> Packages::overlay(std::vector<LayerUse> layers) {
  const std::string path = folder(overlay_name(layers));
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0) co_return path;
  const std::string scratch = directory_ + "/.tmp-" + random_.hex(16);
  auto work = [this, layers = std::move(layers), path, scratch]() -> Status {
    return put_in_place(path, scratch, [&]() -> Status {
      if (::mkdir(scratch.c_str(), 0755) != 0) return Error{Fault::internal, "mkdir " + scratch};
      for (const LayerUse& layer : layers) {
        auto zip = blob::read_whole(blobs_, layer.blob);
        if (!zip.ok()) return Error{Fault::internal, "a layer is gone: " + zip.error().message};
        TRY(Unit unpacked, unpack_over(*zip, scratch));
        (void)unpacked;
      }
      return done;
    });
  };
  CO_TRY(Unit unpacked, co_await await_on(executors_.blocking, std::move(work)));
  (void)unpacked;
  co_return path;
}

void Packages::erase_blob(std::string blob) {
  if (blob.empty()) return;
  boost::asio::post(executors_.blocking, [&blobs = blobs_, blob = std::move(blob)] {
    Status gone = blobs.erase(blob);
    if (!gone.ok()) LOG_WARN("blob {} stays behind: {}", blob, gone.error().message);
  });
}

void Packages::keep_only(const std::function<bool(const std::string&)>& needed) {
  std::error_code error;
  std::vector<fs::path> gone;
  for (const auto& entry : fs::directory_iterator(directory_, error))
    if (!needed(entry.path().filename().string())) gone.push_back(entry.path());
  for (const fs::path& path : gone) fs::remove_all(path, error);
}

}  // namespace tidegate::lambda
