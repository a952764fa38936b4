// The data plane: sessions and polls.
#include <charconv>

#include "api/appconfig/groups.h"
#include "base/bytes.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;
using wire::Context;

constexpr auto kStartSession =
    wire::operation<StartConfigurationSessionRequest, StartConfigurationSessionOutput>(
        "StartConfigurationSession", Method::post, "/configurationsessions", 201,
        "appconfig:StartConfigurationSession");
constexpr auto kGetLatest =
    wire::operation<GetLatestConfigurationRequest, GetLatestConfigurationOutput>(
        "GetLatestConfiguration", Method::get, "/configuration", 200,
        "appconfig:GetLatestConfiguration");

void add_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const std::size_t at = out.size();
  out += value;
  for (std::size_t i = at; i < out.size(); ++i)
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  out += "\r\n";
}

void add_number_header(std::string& out, std::string_view name, std::uint64_t value) {
  char text[24];
  auto [end, error] = std::to_chars(text, text + sizeof text, value);
  (void)error;
  add_header(out, name, {text, static_cast<std::size_t>(end - text)});
}

}  // namespace

bool accepts_ion(std::string_view accept) {
  while (!accept.empty()) {
    const std::size_t comma = std::min(accept.find(','), accept.size());
    std::string range;  // without white space, in lower case
    for (char c : lower_ascii(accept.substr(0, comma)))
      if (c != ' ' && c != '\t') range += c;
    accept.remove_prefix(std::min(comma + 1, accept.size()));
    if (!range.starts_with("application/ion;")) continue;
    const std::string parameters = range.substr(range.find(';')) + ";";
    const std::size_t weight = parameters.find(";q=");
    const bool refused =
        weight != std::string::npos &&
        parameters.find_first_not_of("0.", weight + 3) == parameters.find(';', weight + 3);
    if (!refused && parameters.find(";type=aws.appconfig.featureflags;") != std::string::npos)
      return true;
  }
  return false;
}

bool answer_latest(const domain::DataPlane& data_plane, const Scope& scope,
                   const http::Request& request, const http::Query& query, std::string_view date,
                   std::string_view server, std::string_view request_id, std::string& out) {
  const std::string* token = http::find(query, "configuration_token");
  if (!token) return false;
  auto poll = data_plane.latest(scope, *token, accepts_ion(request.header_or("accept", "")));
  if (!poll.ok()) return false;
  http::begin_response(out, 200, date, server);
  add_header(out, "x-amzn-RequestId", request_id);
  add_header(out, "Next-Poll-Configuration-Token", poll->next_token);
  add_number_header(out, "Next-Poll-Interval-In-Seconds", poll->interval_s);
  if (poll->content) add_header(out, "Content-Type", poll->content_type);
  if (poll->version_label) add_header(out, "Version-Label", *poll->version_label);
  add_number_header(out, "Content-Length", poll->content ? poll->content->size() : 0);
  out += "\r\n";
  if (poll->content) out += *poll->content;
  return true;
}

void mount_data(wire::Table& table, const Parts& parts) {
  domain::DataPlane& plane = parts.service->data_plane;
  table.add(kStartSession,
            [&plane](const Context& c,
                     StartConfigurationSessionRequest in) -> Task<StartConfigurationSessionOutput> {
              CO_TRY(std::string token,
                     co_await plane.start_session(c.scope, in.application, in.environment,
                                                  in.profile, in.minimum_poll_interval));
              co_return StartConfigurationSessionOutput{std::move(token)};
            });
  table.add(kGetLatest,
            [&plane](const Context& c, GetLatestConfigurationRequest in)
                -> Task<wire::Reply<GetLatestConfigurationOutput>> {
              const std::string* accept = c.header("accept");
              const bool ion = accept && accepts_ion(*accept);
              CO_TRY(auto poll, plane.latest(c.scope, in.configuration_token, ion));
              GetLatestConfigurationOutput out;
              out.next_poll_token = std::move(poll.next_token);
              out.next_poll_interval = static_cast<std::int32_t>(poll.interval_s);
              out.version_label = std::move(poll.version_label);
              wire::Extra extra;
              if (poll.content) {
                out.content_type = std::move(poll.content_type);
                extra.body = std::move(poll.content);
              }
              co_return wire::Reply<GetLatestConfigurationOutput>(std::move(out), std::move(extra));
            });
}

void mount_control(wire::Table& table, const Parts& parts) {
  mount_resources(table, parts);
  mount_deployments(table, parts);
  mount_tags(table, parts);
  mount_settings(table, parts);
  mount_extensions(table, parts);
  refuse_experiments(table);
}

}  // namespace tidegate::api::appconfig
