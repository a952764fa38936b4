// Agent: the HTTP API that AppConfig's agent offers to applications beside it, on a listener of its
// own: GET /applications/A/environments/E/configurations/P[?flag=K…], and GET /ping. Nothing is
// signed; with an access token callers must show it, without one calls from web pages are refused.
// It answers for one account and region. Flags are evaluated for the caller's Context headers, and
// a rollout reaches callers by their Entity-Id (all that send none are one client).
// Any thread; names are looked up on the control strand. Errors are plain texts: 400, 401, 403,
// 404, 405, 500.
#pragma once

#include <string>

#include "appconfig/service.h"
#include "http/message.h"

namespace tidegate::api::agent {

struct Parts {
  appconfig::Service& appconfig;
  Scope scope;
  std::string access_token;  // "": none is asked for
  const Clock& domain;
  asio::any_io_executor control;
  std::string client_id;  // of callers without Entity-Id
};

// What a request asks for, read without looking anything up.
struct Asked {
  std::string application, environment, profile;  // ids or names
  std::vector<std::string> flags;
  appconfig::flags::Context context;
  std::string entity_id;
};
// not_found (no such page), invalid_request.
Result<Asked> read_request(const http::Request&);

class Agent final : public http::Handler {
 public:
  explicit Agent(Parts parts) : p_(std::move(parts)) {}
  asio::awaitable<http::Response> handle(const http::Request&, http::BodyReader&) override;

 private:
  struct Ids {
    std::string application, environment, profile;
  };
  Status admit(const http::Request&) const;
  Task<http::Response> answer(Asked asked);
  Task<Ids> find(Asked asked);  // on the control strand
  Result<http::Response> respond(const Asked& asked, const Ids& ids) const;

  Parts p_;
};

}  // namespace tidegate::api::agent
