#include "api/agent/agent.h"

#include <gtest/gtest.h>

namespace tidegate::api::agent {
namespace {

http::Request request(std::string_view path, std::string_view query,
                      std::vector<http::Header> headers) {
  http::Request r;
  r.method = http::Method::get;
  r.path = path;
  r.query = query;
  r.headers = std::move(headers);
  return r;
}

TEST(AgentRequest, IsRead) {
  const auto asked = read_request(request("/applications/my%20app/environments/e/configurations/p",
                                          "flag=a&other=1&flag=b",
                                          {{"Context", "email=a@b.c,country=US"},
                                           {"context", "list=1,2, 3 , age = 4=5"},
                                           {"Entity-Id", "u1"}}));
  ASSERT_TRUE(asked.ok()) << asked.error().message;
  EXPECT_EQ(asked->application, "my app");
  EXPECT_EQ(asked->environment, "e");
  EXPECT_EQ(asked->profile, "p");
  EXPECT_EQ(asked->flags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(asked->entity_id, "u1");
  const appconfig::flags::Context expected{
      {"email", "a@b.c"}, {"country", "US"}, {"list", "1,2, 3 "}, {"age", "4=5"}};
  EXPECT_EQ(asked->context, expected);
}

TEST(AgentRequest, IsRefused) {
  for (const char* path :
       {"", "/", "/applications/a/environments/e/configurations",
        "/applications/a/environments/e/configurations/", "/applications/a/environments//e/p",
        "/applications/a/environments/e/configurations/p/x",
        "/app/a/environments/e/configurations/p",
        "/applications/%/environments/e/configurations/p"})
    EXPECT_EQ(read_request(request(path, "", {})).fault(), Fault::not_found) << path;
  const char* good = "/applications/a/environments/e/configurations/p";
  const std::string long_id(2'049, 'x');
  EXPECT_TRUE(read_request(request(good, "", {{"Entity-Id", long_id.substr(1)}})).ok());
  EXPECT_EQ(read_request(request(good, "", {{"Entity-Id", long_id}})).fault(),
            Fault::invalid_request);
  for (const char* context : {"", "x", "=1", "a b=1", ",a=1"})
    EXPECT_EQ(read_request(request(good, "", {{"Context", context}})).fault(),
              Fault::invalid_request)
        << context;
  EXPECT_EQ(read_request(request(good, "flag=%", {})).fault(), Fault::invalid_request);
}

}  // namespace
}  // namespace tidegate::api::agent
