#include "api/agent/agent.h"

#include <fmt/format.h>

#include <algorithm>

#include "appconfig/flags/document.h"
#include "base/bytes.h"
#include "base/log.h"

namespace tidegate::api::agent {
namespace {

constexpr std::size_t kMaxEntityId = 2'048;

Error bad(std::string message) {
  return {Fault::invalid_request, std::move(message)};
}

int status_of(Fault fault) {
  switch (fault) {
    case Fault::invalid_request:
    case Fault::invalid_argument:
      return 400;
    case Fault::missing_authentication:
      return 401;
    case Fault::access_denied:
      return 403;
    case Fault::not_found:
      return 404;
    case Fault::method_not_allowed:
      return 405;
    default:
      return 500;
  }
}

http::Response text(int status, std::string body) {
  http::Response r;
  r.status = status;
  r.set("Content-Type", "text/plain; charset=utf-8");
  r.body = std::move(body);
  return r;
}

bool is_word(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "key=value" or several of them behind commas. A comma inside a value is followed by no "key=".
Status read_context(std::string_view line, appconfig::flags::Context& out) {
  std::string* last = nullptr;
  while (true) {
    const std::size_t comma = line.find(',');
    const std::string_view part = line.substr(0, comma);
    const std::size_t equals = part.find('=');
    const std::string_view key = trimmed(part.substr(0, equals));
    if (equals != std::string_view::npos && is_word(key)) {
      last = &out[std::string(key)];
      *last = trimmed(part.substr(equals + 1));
    } else if (last) {
      *last += ",";
      *last += part;
    } else {
      return bad("The Context header expects key=value.");
    }
    if (comma == std::string_view::npos) return done;
    line.remove_prefix(comma + 1);
  }
}

Status read_path(std::string_view path, Asked& asked) {
  const Error unknown{Fault::not_found, "Ask for /applications/A/environments/E/configurations/P."};
  std::vector<std::string> parts;
  if (!path.starts_with('/')) return unknown;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    auto part = percent_decode(path.substr(0, slash));
    if (!part || part->empty() || parts.size() == 6) return unknown;
    parts.push_back(std::move(*part));
    path.remove_prefix(slash);
  }
  if (parts.size() != 6 || parts[0] != "applications" || parts[2] != "environments" ||
      parts[4] != "configurations")
    return unknown;
  asked.application = std::move(parts[1]);
  asked.environment = std::move(parts[3]);
  asked.profile = std::move(parts[5]);
  return done;
}

}  // namespace

Result<Asked> read_request(const http::Request& request) {
  Asked asked;
  TRY([[maybe_unused]] Unit placed, read_path(request.path, asked));
  auto query = http::parse_query(request.query);
  if (!query) return bad("The query cannot be read.");
  for (auto& [name, value] : *query)
    if (name == "flag") asked.flags.push_back(std::move(value));
  for (const http::Header& h : request.headers) {
    if (http::equal_names(h.name, "context")) {
      TRY([[maybe_unused]] Unit read, read_context(h.value, asked.context));
    }
    if (http::equal_names(h.name, "entity-id")) asked.entity_id = h.value;
  }
  if (asked.entity_id.size() > kMaxEntityId)
    return bad(fmt::format("Entity-Id has at most {} bytes.", kMaxEntityId));
  return asked;
}

Status Agent::admit(const http::Request& request) const {
  if (request.method != http::Method::get)
    return Error{Fault::method_not_allowed, "Only GET is served here."};
  if (p_.access_token.empty()) {
    // The listener is on loopback, which a page of any site could make a browser ask.
    if (request.header("origin") || request.header("sec-fetch-site"))
      return Error{Fault::access_denied, "Calls from web pages need an access token."};
    return done;
  }
  const std::string_view given = request.header_or("authorization", "");
  constexpr std::string_view kBearer = "bearer ";
  if (lower_ascii(given.substr(0, kBearer.size())) == kBearer &&
      equal_constant_time(given.substr(kBearer.size()), p_.access_token))
    return done;
  return Error{Fault::missing_authentication, "Authorization: Bearer expects the access token."};
}

asio::awaitable<http::Response> Agent::handle(const http::Request& request, http::BodyReader&) {
  if (request.path == "/ping") co_return text(200, "OK\n");
  Result<Asked> asked = Asked{};
  Status admitted = admit(request);
  if (admitted.ok())
    asked = read_request(request);
  else
    asked = std::move(admitted).error();
  Result<http::Response> answered = http::Response{};
  if (asked.ok())
    answered = co_await answer(std::move(*asked));
  else
    answered = std::move(asked).error();
  if (answered.ok()) co_return std::move(*answered);
  const int status = status_of(answered.fault());
  if (status != 500) co_return text(status, answered.error().message + "\n");
  LOG_ERROR("agent: {}", answered.error().message);
  co_return text(500, "An internal error occurred. The server's log has the details.\n");
}

Task<http::Response> Agent::answer(Asked asked) {
  auto found = std::make_shared<Result<Ids>>(Ids{});
  auto look_up = [](Agent& self, Asked what,
                    std::shared_ptr<Result<Ids>> out) -> asio::awaitable<void> {
    *out = co_await self.find(std::move(what));
  };
  asio::awaitable<void> work = look_up(*this, asked, found);
  co_await asio::co_spawn(p_.control, std::move(work), asio::use_awaitable);
  CO_TRY(Ids ids, std::move(*found));
  co_return respond(asked, ids);
}

Task<Agent::Ids> Agent::find(Asked asked) {
  CO_TRY(auto a, co_await p_.appconfig.applications.find(p_.scope, asked.application));
  CO_TRY(auto e, co_await p_.appconfig.environments.find(p_.scope, a.id, asked.environment));
  CO_TRY(auto p, co_await p_.appconfig.profiles.find(p_.scope, a.id, asked.profile));
  Ids ids;
  ids.application = std::move(a.id);
  ids.environment = std::move(e.id);
  ids.profile = std::move(p.id);
  co_return ids;
}

Result<http::Response> Agent::respond(const Asked& asked, const Ids& ids) const {
  const auto line =
      p_.appconfig.snapshot.find(p_.scope, ids.application, ids.environment, ids.profile);
  const std::string client = asked.entity_id.empty() ? p_.client_id : asked.entity_id;
  const appconfig::ServedRelease* due = line ? line->due(client, p_.domain.now()) : nullptr;
  if (!due) return Error{Fault::not_found, "Nothing is deployed there."};
  http::Response r;
  r.set("Content-Type", due->release.content_type);
  r.set("Configuration-Version", due->release.version);
  r.set("ConfigurationVersion", due->release.version);
  if (due->release.label) r.set("Version-Label", *due->release.label);
  if (!due->flags) {
    if (!asked.flags.empty()) return bad("flag= is for configurations of feature flags.");
    r.body = due->content;
    return r;
  }
  if (asked.flags.size() != 1) {
    r.body = due->flags->many(asked.flags, asked.context, ids.profile);
    return r;
  }
  auto one = due->flags->one(asked.flags[0], asked.context, ids.profile);
  if (!one) return Error{Fault::not_found, "There is no such flag."};
  r.body = std::move(*one);
  return r;
}

}  // namespace tidegate::api::agent
