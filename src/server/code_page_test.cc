#include "server/code_page.h"

#include <gtest/gtest.h>

#include "support/lambda_world.h"

namespace tidegate::server {
namespace {

class CodePageTest : public testing::Test {
 public:
  lambda::LambdaWorld w;
  lambda::CodeLinks links = *w.run(lambda::CodeLinks::load(w.store, w.world.random));
  CodePage page{w.functions, w.layers, links, w.blobs, w.world.clock, w.world.executors()};

  http::Response get(const std::string& token) {
    http::Request request;
    const std::string query = "token=" + token;
    request.method = http::Method::get;
    request.path = "/_tidegate/code";
    request.query = query;
    EXPECT_TRUE(CodePage::asked(request));
    return *w.run(answer(request));
  }
  std::string link(const lambda::Function& f) {
    return links.seal({w.scope.account, w.scope.region, f.name, f.code_sha256,
                       w.world.clock.now() + lambda::CodeLinks::kLifetime});
  }
  static std::string bytes(const http::Response& r) {
    const auto* body = std::get_if<http::SourceBody>(&r.body);
    if (!body) return std::get<std::string>(r.body);
    std::string out(body->length, '\0');
    EXPECT_EQ(*body->source->read(0, out.data(), out.size()), out.size());
    return out;
  }

 private:
  Task<http::Response> answer(const http::Request& request) {
    http::Response r = co_await page.answer(request);
    co_return r;
  }
};

TEST_F(CodePageTest, TheTokenIsTheLeave) {
  auto f = w.create("f");
  const std::string token = link(*f);
  auto got = get(token);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(bytes(got), lambda::LambdaWorld::zip());
  EXPECT_EQ(get("").status, 403);
  EXPECT_EQ(get("AAAA").status, 403);
  w.world.advance(lambda::CodeLinks::kLifetime);
  EXPECT_EQ(get(token).status, 403);
}

TEST_F(CodePageTest, OnlyOfTheCodeItWasGivenFor) {
  auto f = w.create("f");
  const std::string token = link(*f);
  lambda::CodeUpdate update;
  update.code.zip = lambda::LambdaWorld::zip("new");
  ASSERT_TRUE(w.run(w.functions.update_code(w.scope, lambda::LambdaWorld::ref("f"), update)).ok());
  EXPECT_EQ(get(token).status, 404);
  ASSERT_TRUE(w.run(w.functions.remove(w.scope, lambda::LambdaWorld::ref("f"))).ok());
  EXPECT_EQ(get(token).status, 404);
}

TEST_F(CodePageTest, OtherRequestsAreNotItsOwn) {
  http::Request request;
  request.path = "/_tidegate/code";
  request.method = http::Method::post;
  EXPECT_FALSE(CodePage::asked(request));
  request.method = http::Method::get;
  request.path = "/_tidegate/codes";
  EXPECT_FALSE(CodePage::asked(request));
}

}  // namespace
}  // namespace tidegate::server
