#include "server/pages.h"

#include <gtest/gtest.h>

#include "blob/memory.h"
#include "lambda/runner/fake.h"
#include "store/memory.h"

namespace tidegate::server {
namespace {

struct World {
  SeededRandom random{1};
  Metrics metrics;
  store::MemoryStore store;
  blob::MemoryBlobs blobs{random};
  lambda::FakeRunner runner;
  Gauge& sandboxes = metrics.gauge("tidegate_function_sandbox", "S.");
  Pages pages{metrics, store, blobs, runner, sandboxes};
  World() { sandboxes.set(1); }

  std::optional<http::Response> get(std::string_view path, std::string_view query = "",
                                    std::vector<http::Header> headers = {}) {
    http::Request request;
    request.method = http::Method::get;
    request.path = path;
    request.query = query;
    request.headers = std::move(headers);
    return pages.answer(request);
  }
};
std::string text(const std::optional<http::Response>& r) {
  return r ? std::get<std::string>(r->body) : "nothing";
}

TEST(Pages, SayHowTheServerIs) {
  World w;
  EXPECT_EQ(text(w.get("/healthz")), "ok\n");
  EXPECT_EQ(text(w.get("/readyz")), "ready\nfunctions: nocgroup (a fake)\n");
  w.sandboxes.set(0);
  EXPECT_EQ(text(w.get("/readyz")), "ready\nfunctions: off (the launcher ended)\n");
  w.metrics.counter("tidegate_x_total", "X.", {}).add();
  EXPECT_NE(text(w.get("/metrics")).find("tidegate_x_total 1"), std::string::npos);
  w.store.set_writable(false);
  EXPECT_EQ(w.get("/readyz")->status, 503);
  EXPECT_EQ(w.get("/healthz")->status, 200);
}

TEST(Pages, ABucketOfThatNameIsReachedBySignedRequests) {
  World w;
  EXPECT_FALSE(w.get("/metrics", "", {{"Authorization", "AWS4-HMAC-SHA256 …"}}));
  EXPECT_FALSE(w.get("/metrics", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=1"));
  EXPECT_FALSE(w.get("/metrics/key"));
  http::Request put;
  put.method = http::Method::put;
  put.path = "/metrics";
  EXPECT_FALSE(w.pages.answer(put));
}

}  // namespace
}  // namespace tidegate::server
