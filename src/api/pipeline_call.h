// What the files of the pipeline share and nobody else sees: one service, one call on its way, and
// how to tell a web page's request.
#pragma once

#include "api/pipeline.h"
#include "api/s3/post_policy.h"
#include "wire/rpc.h"

namespace tidegate::api {

struct Pipeline::Service {
  Plane plane;
  wire::Router router;
  std::unordered_map<const wire::Row*, Counter*> answered, refused;

  Service(Plane p, Metrics& metrics) : plane(std::move(p)), router(*plane.table) {
    const std::string name(wire::to_string(plane.table->service()));
    for (const wire::Entry& e : plane.table->entries()) {
      Labels labels{{"service", name}, {"operation", std::string(e.row->name)}};
      answered[e.row] =
          &metrics.counter("tidegate_requests_total", "Requests answered, by operation.", labels);
      refused[e.row] = &metrics.counter("tidegate_request_errors_total",
                                        "Requests that ended in an error.", labels);
    }
  }
};

// All that belongs to one request and may be touched from the control strand.
struct Pipeline::Call {
  const Service* service = nullptr;
  wire::Context context;
  std::optional<wire::Claim> claim;
  std::optional<identity::Authenticated> caller;
  wire::Match match;
  wire::Rpc rpc = wire::Rpc::none;  // which the client speaks in the query protocol's place
  std::string route_path;           // path style, whatever the client used
  std::string body;
  std::unique_ptr<wire::ReceivedBody> received;
  std::shared_ptr<void> input, output;
  std::size_t leased = 0;
  s3::SizeRange form_size;  // of the file in a browser's form
  bool head = false;
  bool witnessed = false;
  bool memorable = false;  // a poll that the fast path may answer the next time
};

// A browser's page could reach a development server on loopback: what it sends names an origin.
inline bool from_a_browser(const http::Request& request) {
  return request.header("origin").has_value() || request.header("sec-fetch-site").has_value();
}

}  // namespace tidegate::api
