#include "server/model.h"

#include <algorithm>
#include <cstdio>

#include "api/admin/api.h"
#include "api/appconfig/api.h"
#include "api/cloudtrail/api.h"
#include "api/cloudwatch/api.h"
#include "api/iam/api.h"
#include "api/lambda/api.h"
#include "api/logs/api.h"
#include "api/s3/api.h"
#include "api/sts/api.h"
#include "base/bytes.h"
#include "wire/describe.h"
#include "wire/router.h"

namespace tidegate::server {
namespace {

using wire::Protocol;
using wire::Service;
using wire::Table;

// Every row must be reached by a request made from it; prints those that are not.
int check(const Table& table) {
  const wire::Router router(table);
  int lost = 0;
  auto reach = [&](const wire::Row& row) {
    const std::size_t question = std::min(row.uri.find('?'), row.uri.size());
    std::string path, query(row.uri.substr(std::min(question + 1, row.uri.size())));
    bool inside = false;
    for (char c : row.uri.substr(0, question)) {
      if (c == '{') {
        inside = true;
        path += "xx";
      }
      if (!inside) path += c;
      if (c == '}') inside = false;
    }
    std::vector<std::pair<std::string, std::string>> headers;
    if (row.input) {
      for (const wire::Member& m : row.input->members) {
        if (!m.required) continue;
        if (m.in == wire::In::query) query += fmt::format("&{}=1", m.wire_name);
        if (m.in == wire::In::header) headers.emplace_back(lower_ascii(m.wire_name), "x");
      }
    }
    const auto match = router.route(row.method, path, *http::parse_query(query), &headers);
    if (match.ok() && match->row == &row) return;
    ++lost;
    std::fprintf(stderr, "%.*s: %s?%s goes to %s\n", static_cast<int>(row.name.size()),
                 row.name.data(), path.c_str(), query.c_str(),
                 match.ok() ? std::string(match->row->name).c_str() : name_of(match.fault()));
  };
  for (const wire::Entry& e : table.entries()) reach(*e.row);
  for (const wire::Row* row : table.refused()) reach(*row);
  return lost;
}

}  // namespace

int print_model(const std::vector<std::string>& arguments) {
  // Handlers keep what they are given and are never called here.
  Table s3(Service::s3, Protocol::rest_xml), lambda(Service::lambda, Protocol::rest_json),
      control(Service::appconfig, Protocol::rest_json),
      data(Service::appconfigdata, Protocol::rest_json), sts(Service::sts, Protocol::query),
      cloudwatch(Service::cloudwatch, Protocol::query), logs(Service::logs, Protocol::json),
      iam(Service::iam, Protocol::query), cloudtrail(Service::cloudtrail, Protocol::json),
      admin(Service::admin, Protocol::rest_json);
  api::s3::mount(s3, {});
  api::lambda::mount(lambda, {});
  api::appconfig::mount_control(control, {});
  api::appconfig::mount_data(data, {});
  api::sts::mount(sts, {});
  api::iam::mount(iam, {});
  api::cloudtrail::mount(cloudtrail, {});
  api::cloudwatch::mount(cloudwatch, {});
  api::logs::mount(logs, {});
  api::admin::mount(admin, {});
  const std::vector<const Table*> tables = {&s3,         &lambda, &control, &data,       &sts,
                                            &cloudwatch, &logs,   &iam,     &cloudtrail, &admin};
  if (arguments.empty()) {
    std::fputs(wire::describe(tables).c_str(), stdout);
    return 0;
  }
  if (arguments != std::vector<std::string>{"--check"}) {
    std::fputs("tidegate: model takes --check or nothing\n", stderr);
    return 2;
  }
  int lost = 0;
  for (const Table* table : tables) lost += check(*table);
  return lost == 0 ? 0 : 1;
}

}  // namespace tidegate::server
