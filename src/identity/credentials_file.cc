#include "identity/credentials_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "base/scope.h"

namespace tidegate::identity {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxValueBytes = 2048;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r";
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

class Parser {
 public:
  explicit Parser(const std::string& path) : path_(path) {}

  Result<CredentialsFile> parse(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      TRY(Unit read, line(trim(text.substr(0, end))));
      (void)read;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    TRY(Unit ended, end_section());
    TRY(Unit distinct, check_accounts());
    (void)ended, (void)distinct;
    return std::move(file_);
  }

 private:
  Error wrong(const std::string& what) const {
    return {Fault::invalid_request, fmt::format("{}:{}: {}", path_, line_, what)};
  }

  Status line(std::string_view text) {
    if (text.empty() || text.front() == '#' || text.front() == ';') return done;
    if (text.front() == '[') {
      TRY(Unit ended, end_section());
      (void)ended;
      const std::string_view id = text.back() == ']' ? trim(text.substr(1, text.size() - 2)) : "";
      if (id.empty() || id.size() > 128 || !printable(id) ||
          id.find_first_of(" /[]") != std::string_view::npos)
        return wrong("expects [ACCESS-KEY-ID]");
      open_ = true;
      key_.key.id = std::string(id);
      return done;
    }
    const std::size_t equals = text.find('=');
    if (!open_ || equals == std::string_view::npos)
      return wrong("expects \"name = value\" under an [ACCESS-KEY-ID]");
    return member(trim(text.substr(0, equals)), trim(text.substr(equals + 1)));
  }

  Status member(std::string_view name, std::string_view value) {
    if (value.empty() || value.size() > kMaxValueBytes || !printable(value))
      return wrong(fmt::format("{} must have 1 to {} printable bytes", name, kMaxValueBytes));
    std::string* place = nullptr;
    if (name == "secret") place = &key_.key.secret;
    if (name == "account") place = &key_.account;
    if (name == "user") place = &key_.user;
    if (name == "display-name") place = &account_.display_name;
    if (name == "canonical-id") place = &account_.canonical_id;
    if (name == "email") place = &account_.email;
    if (name == "policies") return policies(value);
    if (!place)
      return wrong(
          fmt::format("unknown name '{}': secret, account, user, policies, display-name, "
                      "canonical-id and email are known",
                      name));
    if (!place->empty()) return wrong(fmt::format("{} is given twice", name));
    if (name == "account" && !is_account(value)) return wrong("account expects 12 digits");
    if (name == "user" && !is_user_name(value))
      return wrong("user expects a name of at most 64 letters, digits and _+=,.@-");
    *place = std::string(value);
    return done;
  }

  // IAM's rule, as the user becomes one of IAM's.
  static bool is_user_name(std::string_view name) {
    return name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
             return (c < 0x80 && std::isalnum(c) != 0) ||
                    std::string_view("_+=,.@-").find(static_cast<char>(c)) !=
                        std::string_view::npos;
           });
  }

  Status policies(std::string_view list) {
    if (!key_.policies.empty()) return wrong("policies is given twice");
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      const std::string_view one = trim(list.substr(0, comma));
      if (one.empty())
        return wrong("policies expects names of AWS's policies or ARNs, with commas");
      key_.policies.push_back(one.starts_with("arn:")
                                  ? std::string(one)
                                  : fmt::format("arn:aws:iam::aws:policy/{}", one));
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return done;
  }

  Status end_section() {
    if (!open_) return done;
    open_ = false;
    if (key_.key.secret.empty()) return wrong(fmt::format("[{}] has no secret", key_.key.id));
    if (key_.account.empty()) return wrong(fmt::format("[{}] has no account", key_.key.id));
    if (key_.user.empty() && !key_.policies.empty())
      return wrong(fmt::format("[{}] has policies and no user", key_.key.id));
    if (!ids_.insert(key_.key.id).second)
      return wrong(fmt::format("[{}] stands there twice", key_.key.id));
    account_.account = key_.account;
    TRY(Unit merged, merge(account_));
    (void)merged;
    file_.keys.push_back(std::move(key_));
    key_ = {};
    account_ = {};
    return done;
  }

  Status merge(const DeclaredAccount& given) {
    auto known = std::find_if(file_.accounts.begin(), file_.accounts.end(),
                              [&](const auto& a) { return a.account == given.account; });
    if (known == file_.accounts.end()) {
      file_.accounts.push_back(given);
      return done;
    }
    for (auto member : {&DeclaredAccount::canonical_id, &DeclaredAccount::display_name,
                        &DeclaredAccount::email}) {
      if ((given.*member).empty()) continue;
      if (!((*known).*member).empty() && (*known).*member != given.*member)
        return wrong(fmt::format("account {} is called '{}' here and '{}' above", given.account,
                                 given.*member, (*known).*member));
      (*known).*member = given.*member;
    }
    return done;
  }

  Status check_accounts() {
    std::set<std::string> ids, emails;
    for (const DeclaredAccount& a : file_.accounts) {
      if (!a.canonical_id.empty() && !ids.insert(a.canonical_id).second)
        return wrong(fmt::format("two accounts have the canonical-id '{}'", a.canonical_id));
      if (!a.email.empty() && !emails.insert(a.email).second)
        return wrong(fmt::format("two accounts have the email '{}'", a.email));
    }
    return done;
  }

  const std::string& path_;
  int line_ = 0;
  bool open_ = false;
  DeclaredKey key_;
  DeclaredAccount account_;
  std::set<std::string> ids_;
  CredentialsFile file_;
};

}  // namespace

Result<CredentialsFile> parse_credentials(const std::string& text, const std::string& path) {
  return Parser(path).parse(text);
}

Result<CredentialsFile> load_credentials(const std::string& path) {
  struct stat info {};
  std::ifstream in(path, std::ios::binary);
  if (!in || ::stat(path.c_str(), &info) != 0)
    return Error{Fault::invalid_request, fmt::format("cannot read the credentials file {}", path)};
  if (info.st_mode & 077)
    return Error{Fault::invalid_request,
                 fmt::format("{} holds secrets and can be read by others: chmod 600 it", path)};
  std::string text(kMaxFileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxFileBytes)
    return Error{Fault::invalid_request,
                 fmt::format("{} is larger than {} bytes", path, kMaxFileBytes)};
  return parse_credentials(text, path);
}

}  // namespace tidegate::identity
