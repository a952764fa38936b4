#include "identity/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "identity/principal_maker.h"

namespace tidegate::identity {
namespace {

constexpr std::string_view kKeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kSecretAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Error file_error(const char* what, const std::string& path) {
  return Error{Fault::internal, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno))};
}

// Nothing where there is no such file. Refuses one that others can read.
Result<std::optional<std::string>> read_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::optional<std::string>();
  if (fd < 0) return file_error("open", path);
  struct stat info {};
  std::string text(4096, '\0');
  const ssize_t n = ::fstat(fd, &info) == 0 ? ::read(fd, text.data(), text.size()) : -1;
  ::close(fd);
  if (n < 0) return file_error("read", path);
  if (info.st_mode & 077)
    return Error{Fault::internal, path + " can be read by others: chmod 600 it"};
  text.resize(static_cast<std::size_t>(n));
  return std::optional(std::move(text));
}

// "name = value" lines; the value of `name`, or "".
std::string value_of(const std::string& text, std::string_view name) {
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = text.find('\n', start);
    if (end == std::string::npos) end = text.size();
    std::string_view line(text.data() + start, end - start);
    if (line.substr(0, name.size()) == name && line.substr(name.size(), 3) == " = ")
      return std::string(line.substr(name.size() + 3));
    start = end + 1;
  }
  return "";
}

Status sync_folder(const std::string& directory) {
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!good) return file_error("sync", directory);
  return done;
}

// Whole or not at all, also when the machine stops in the middle.
Status write_private(const std::string& directory, const std::string& path,
                     const std::string& text) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return file_error("create", beside);
  // Root that rotates a key of a server of another user must not lock that server out.
  struct stat folder {};
  if (::geteuid() == 0 && ::stat(directory.c_str(), &folder) == 0)
    (void)!::fchown(fd, folder.st_uid, folder.st_gid);
  const bool good = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    ::fsync(fd) == 0;
  ::close(fd);
  if (!good) return file_error("write", beside);
  if (::rename(beside.c_str(), path.c_str()) != 0) return file_error("replace", path);
  return sync_folder(directory);
}

}  // namespace

void Credentials::keep(KnownKey known) {
  auto shared = std::make_shared<const KnownKey>(std::move(known));
  std::unique_lock lock(mutex_);
  keys_[shared->key.id] = std::move(shared);
}

void Credentials::add_root(AccessKey key, const std::string& account) {
  Principal p = PrincipalMaker::make(Principal::Kind::root, account, key.id,
                                     fmt::format("arn:aws:iam::{}:root", account), account);
  keep({std::move(key), std::move(p)});
}

void Credentials::add_user_key(AccessKey key, const std::string& account, const std::string& arn,
                               const std::string& user_id) {
  Principal p = PrincipalMaker::make(Principal::Kind::user, account, key.id, arn, user_id);
  keep({std::move(key), std::move(p)});
}

AccessKey Credentials::mint(const std::string& account, const std::string& role_arn,
                            const std::string& function_arn, const std::string& session_name,
                            Instant now, std::string role_id) {
  AccessKey key;
  key.id = "ASIA" + random_.from_alphabet(16, kKeyAlphabet);
  key.secret = random_.from_alphabet(40, kSecretAlphabet);
  key.session_token = random_.from_alphabet(96, kSecretAlphabet);
  std::string role_name = role_arn.substr(role_arn.rfind('/') + 1);
  if (role_id.empty()) role_id = "AROA" + random_.from_alphabet(17, kKeyAlphabet);
  Principal p = PrincipalMaker::make(
      Principal::Kind::function, account, key.id,
      fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account, role_name, session_name),
      role_id + ":" + session_name, function_arn);
  auto facts = std::make_shared<SessionFacts>();
  facts->issued = now;
  p = PrincipalMaker::of_session(std::move(p), role_arn, std::move(facts));
  keep({key, std::move(p)});
  return key;
}

void Credentials::revoke(const std::string& access_key_id) {
  std::unique_lock lock(mutex_);
  keys_.erase(access_key_id);
}

std::shared_ptr<const KnownKey> Credentials::find(std::string_view access_key_id) const {
  std::shared_lock lock(mutex_);
  auto it = keys_.find(std::string(access_key_id));
  return it == keys_.end() ? nullptr : it->second;
}

Result<std::shared_ptr<const KnownKey>> Credentials::find(std::string_view access_key_id,
                                                          std::string_view session_token,
                                                          Instant now) const {
  if (auto known = find(access_key_id)) return known;
  if (sessions_ && access_key_id.starts_with("ASIA") && !session_token.empty()) {
    TRY(auto known, sessions_->open(access_key_id, session_token, now));
    const Principal& p = known->principal;
    const std::string& parent = p.session()->made_with;
    if (p.kind() != Principal::Kind::root || parent.empty() || find(parent)) return known;
  }
  return Error(Fault::unknown_access_key,
               "The AWS Access Key Id you provided does not exist in our records.")
      .with("AWSAccessKeyId", std::string(access_key_id));
}

Result<std::optional<AccessKey>> load_root_key(const std::string& directory) {
  const std::string path = directory + "/root-credentials";
  TRY(std::optional<std::string> text, read_private(path));
  if (!text) return std::optional<AccessKey>();
  AccessKey key{value_of(*text, "aws_access_key_id"), value_of(*text, "aws_secret_access_key"), ""};
  if (key.id.empty() || key.secret.empty())
    return Error{Fault::internal, path + " is damaged: delete it to make a new key"};
  return std::optional(std::move(key));
}

Result<AccessKey> load_or_make_root_key(const std::string& directory, Random& random, bool& made) {
  TRY(std::optional<AccessKey> key, load_root_key(directory));
  made = !key;
  if (made) return rotate_root_key(directory, random);
  return std::move(*key);
}

Result<AccessKey> rotate_root_key(const std::string& directory, Random& random) {
  const AccessKey key{"AKIA" + random.from_alphabet(16, kKeyAlphabet),
                      random.from_alphabet(40, kSecretAlphabet), ""};
  // The form of ~/.aws/credentials: it can be AWS_SHARED_CREDENTIALS_FILE as it is.
  TRY(Unit written,
      write_private(directory, directory + "/root-credentials",
                    fmt::format("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                                key.id, key.secret)));
  (void)written;
  return key;
}

Result<std::string> load_or_make_identity_key(const std::string& directory, Random& random) {
  const std::string path = directory + "/identity-key";
  TRY(std::optional<std::string> text, read_private(path));
  if (!text) {
    std::string key = random.bytes(32);
    TRY(Unit written, write_private(directory, path, to_hex(key)));
    (void)written;
    return key;
  }
  auto key = from_hex(*text);
  if (!key || key->size() != 32)
    return Error{Fault::internal, path +
                                      " is damaged: users' access keys cannot be opened without "
                                      "it; restore it from a backup"};
  return std::move(*key);
}

}  // namespace tidegate::identity
