#include "webhook/webhooks.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/digest.h"

namespace tidegate::webhook {
namespace {

constexpr std::string_view kArn = "arn:tidegate:webhook:::";

bool good_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

// "NAME=VALUE NAME=VALUE" in a map; a name comes once.
Result<std::map<std::string, std::string>> pairs(std::string_view setting, std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (entry.empty()) continue;
    const std::size_t equals = entry.find('=');
    const std::string_view name = entry.substr(0, equals);
    // Nothing of the entry is repeated: it may be a secret.
    if (equals == std::string_view::npos || !good_name(name))
      return Error{
          Fault::invalid_argument,
          fmt::format("{} expects NAME=VALUE between spaces, and names of letters, digits, "
                      "'-', '_' and '.'",
                      setting)};
    if (!out.emplace(name, entry.substr(equals + 1)).second)
      return Error{Fault::invalid_argument, fmt::format("{} names '{}' twice", setting, name)};
  }
  return out;
}

struct UnderWay {
  explicit UnderWay(int& c) : count(c) { ++count; }
  ~UnderWay() { --count; }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  int& count;
};

}  // namespace

std::optional<std::string_view> target_of_arn(std::string_view arn) {
  if (!arn.starts_with(kArn) || !good_name(arn.substr(kArn.size()))) return std::nullopt;
  return arn.substr(kArn.size());
}

std::string signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  return "v1=" + to_hex(hmac_sha256(secret, fmt::format("{}.{}", timestamp, body)));
}

Result<Directory> read_directory(std::string_view targets, std::string_view secrets,
                                 std::string_view allow) {
  Directory directory;
  Result<AllowList> allowed = AllowList::parse(allow);
  if (!allowed.ok())
    return Error{Fault::invalid_argument, "webhook-allow: " + allowed.error().message};
  directory.allowed = std::move(*allowed);
  TRY(const auto urls, pairs("webhook-targets", targets));
  TRY(auto keys, pairs("webhook-secrets", secrets));
  for (const auto& [name, text] : urls) {
    Result<Url> url = parse_url(text);
    Status good = url.ok() ? directory.allowed.admits(*url) : Status(url.error());
    if (!good.ok())
      return Error{Fault::invalid_argument,
                   fmt::format("webhook-targets, '{}': {}", name, good.error().message)};
    const auto key = keys.find(name);
    if (key == keys.end() || key->second.size() < kMinSecret)
      return Error{Fault::invalid_argument,
                   fmt::format("webhook-secrets must give the target '{}' a secret of at least {} "
                               "characters",
                               name, kMinSecret)};
    directory.targets[name] = {std::move(*url), std::move(key->second)};
    keys.erase(key);
  }
  if (!keys.empty())
    return Error{Fault::invalid_argument,
                 fmt::format("webhook-secrets names '{}', which webhook-targets does not",
                             keys.begin()->first)};
  return directory;
}

std::optional<std::string> Webhooks::name_of(std::string_view uri) const {
  if (auto name = target_of_arn(uri); name && knows(*name)) return std::string(*name);
  const Result<Url> url = parse_url(uri);
  if (!url.ok()) return std::nullopt;
  for (const auto& [name, target] : directory_.targets)
    if (target.url == *url) return name;
  return std::nullopt;
}

Task<Reply> Webhooks::post(Message message) {
  const auto found = directory_.targets.find(message.target);
  if (found == directory_.targets.end())
    co_return Error{Fault::not_found,
                    fmt::format("the server's settings declare no webhook '{}'", message.target)};
  if (message.body.size() > kMaxMessage)
    co_return Error{Fault::too_large,
                    fmt::format("a webhook's body has at most {} bytes", kMaxMessage)};
  if (under_way_ >= kMaxCalls)
    co_return Error{Fault::throttled, fmt::format("{} webhook calls are under way", kMaxCalls)};
  const Target& target = found->second;
  const std::string timestamp = std::to_string(to_ms(real_.now()) / 1000);
  http::Call call;
  call.tls = target.url.tls;
  call.host = target.url.host;
  call.port = target.url.port;
  call.target = target.url.target;
  call.headers = {
      {"Content-Type", "application/json"},
      {"User-Agent", user_agent_},
      {"Tidegate-Webhook-Id", percent_encode(message.id)},
      {"Tidegate-Webhook-Timestamp", timestamp},
      {"Tidegate-Webhook-Signature", signature(target.secret, timestamp, message.body)}};
  call.admit = directory_.allowed.address_check(target.url);
  call.within = Duration{message.deadline_ms};
  call.max_answer = message.max_reply;
  call.body = std::move(message.body);
  const UnderWay one(under_way_);
  Result<http::Answer> answer = co_await client_.post(std::move(call));
  if (!answer.ok()) co_return std::move(answer).error();
  Reply reply{answer->status, std::move(answer->body)};
  co_return reply;
}

}  // namespace tidegate::webhook
