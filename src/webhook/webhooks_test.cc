// What a declared target is sent, and what is refused before anything is.
#include "webhook/webhooks.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/digest.h"
#include "support/sim_world.h"

namespace tidegate::webhook {
namespace {

constexpr std::string_view kSecret = "0123456789abcdef";

class Recorder final : public http::Client {
 public:
  Task<http::Answer> post(http::Call call) override {
    calls.push_back(std::move(call));
    co_return http::Answer{302, "elsewhere"};
  }
  std::vector<http::Call> calls;
};

Directory directory() {
  auto read =
      read_directory("orders=https://hooks.example.com/x?y=1 k=http://10.0.0.1/",
                     "orders=0123456789abcdef\n k=fedcba9876543210", "*.example.com, 10.0.0.1");
  CHECK(read.ok());
  return std::move(*read);
}

std::string header(const http::Call& call, std::string_view name) {
  for (const auto& [n, value] : call.headers)
    if (n == name) return value;
  return "";
}

TEST(WebhooksTest, ACallIsSignedAndGoesToTheDeclaredPlace) {
  SimWorld world;
  Recorder client;
  Webhooks webhooks(directory(), client, world.clock, "Tidegate/test");
  EXPECT_TRUE(webhooks.knows("orders"));
  EXPECT_FALSE(webhooks.knows("nobody"));
  Message message{"orders", "event 1", R"({"a":1})", 2'000, 100};
  const auto reply = world.run(webhooks.post(message));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, 302);
  EXPECT_FALSE(reply->accepted());
  ASSERT_EQ(client.calls.size(), 1U);
  const http::Call& call = client.calls[0];
  EXPECT_TRUE(call.tls);
  EXPECT_EQ(call.host, "hooks.example.com");
  EXPECT_EQ(call.target, "/x?y=1");
  EXPECT_EQ(call.body, R"({"a":1})");
  EXPECT_EQ(call.within.count(), 2'000);
  EXPECT_EQ(call.max_answer, 100U);
  EXPECT_EQ(header(call, "Content-Type"), "application/json");
  EXPECT_EQ(header(call, "Tidegate-Webhook-Id"), "event%201");
  EXPECT_EQ(header(call, "Tidegate-Webhook-Timestamp"), "1767323045");
  EXPECT_EQ(header(call, "Tidegate-Webhook-Signature"),
            signature(kSecret, "1767323045", R"({"a":1})"));
  EXPECT_FALSE(call.admit(*parse_address("10.0.0.1")).ok());
  EXPECT_TRUE(call.admit(*parse_address("1.1.1.1")).ok());
}

TEST(WebhooksTest, ATargetIsNamedByArnOrUrl) {
  SimWorld world;
  Recorder client;
  const Webhooks webhooks(directory(), client, world.clock, "Tidegate/test");
  EXPECT_EQ(webhooks.name_of("arn:tidegate:webhook:::orders"), "orders");
  EXPECT_EQ(webhooks.name_of("https://hooks.example.com/x?y=1"), "orders");
  EXPECT_EQ(webhooks.name_of("https://HOOKS.example.com:443/x?y=1"), "orders");
  EXPECT_EQ(webhooks.name_of("http://10.0.0.1"), "k");
  for (const char* uri : {"arn:tidegate:webhook:::nobody", "https://hooks.example.com/",
                          "http://hooks.example.com/x?y=1", "orders", ""})
    EXPECT_FALSE(webhooks.name_of(uri)) << uri;
}

TEST(WebhooksTest, TheSignatureIsAnHmacOfTimestampAndBody) {
  // Computed with: printf '1767323045.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
  EXPECT_EQ(signature(kSecret, "1767323045", R"({"a":1})"),
            "v1=4c32cf781f3565724c268f18d7bc9ba04dd466529b0127d152f7e9f20a8ea5e0");
}

TEST(WebhooksTest, WhatIsNotDeclaredOrTooLargeIsRefused) {
  SimWorld world;
  Recorder client;
  Webhooks webhooks(directory(), client, world.clock, "Tidegate/test");
  Message unknown{"nobody", "1", "{}"};
  EXPECT_EQ(world.run(webhooks.post(unknown)).fault(), Fault::not_found);
  Message large{"orders", "1", std::string(kMaxMessage + 1, ' ')};
  EXPECT_EQ(world.run(webhooks.post(large)).fault(), Fault::too_large);
  EXPECT_TRUE(client.calls.empty());
}

// A client whose calls end when the test says so.
class Slow final : public http::Client {
 public:
  explicit Slow(Scheduler& clock) : clock_(clock) {}
  Task<http::Answer> post(http::Call) override {
    CO_TRY(Unit slept, co_await sleep_until(clock_, clock_.now() + Duration{1'000}));
    (void)slept;
    co_return http::Answer{200, ""};
  }

 private:
  Scheduler& clock_;
};

TEST(WebhooksTest, NoMoreThanAFewAreUnderWay) {
  SimWorld world;
  Slow client(world.clock);
  Webhooks webhooks(directory(), client, world.clock, "Tidegate/test");
  const Message message{"orders", "1", "{}"};
  std::deque<std::optional<Result<Reply>>> replies(kMaxCalls + 1);
  for (auto& reply : replies) world.start(webhooks.post(message), reply);
  world.settle();
  ASSERT_TRUE(replies.back());
  EXPECT_EQ(replies.back()->fault(), Fault::throttled);
  world.advance(Duration{1'000});
  EXPECT_TRUE(replies.front()->ok());
  std::optional<Result<Reply>> again;
  world.start(webhooks.post(message), again);
  world.advance(Duration{1'000});
  EXPECT_TRUE(again->ok());
}

TEST(WebhooksTest, TheSettingsAreReadOrRefusedByName) {
  struct Case {
    const char *targets, *secrets, *allow, *says;
  };
  const Case kCases[] = {
      {"a=https://h/", "a=0123456789abcdef", "", "'a': h:443 is not on the list"},
      {"a=https://h/", "a=short", "h", "'a' a secret of at least 16"},
      {"a=https://h/", "", "h", "'a' a secret of at least 16"},
      {"a=ftp://h/", "a=0123456789abcdef", "h", "'a': the URL must begin"},
      {"a=https://h/ a=https://h/", "a=0123456789abcdef", "h", "names 'a' twice"},
      {"a b=https://h/", "", "h", "webhook-targets expects"},
      {"", "a=0123456789abcdef", "h", "names 'a', which webhook-targets does not"},
      {"", "", "h:x", "webhook-allow: 'h:x'"},
  };
  for (const Case& c : kCases) {
    const auto read = read_directory(c.targets, c.secrets, c.allow);
    ASSERT_FALSE(read.ok()) << c.says;
    EXPECT_NE(read.error().message.find(c.says), std::string::npos) << read.error().message;
  }
  EXPECT_TRUE(read_directory("", "", "").ok());
}

TEST(WebhooksTest, TargetsAreNamedByArn) {
  EXPECT_EQ(target_of_arn("arn:tidegate:webhook:::orders"), "orders");
  EXPECT_FALSE(target_of_arn("arn:tidegate:webhook:::"));
  EXPECT_FALSE(target_of_arn("arn:tidegate:webhook:::a/b"));
  EXPECT_FALSE(target_of_arn("arn:aws:lambda:us-east-1:000000000000:function:orders"));
}

}  // namespace
}  // namespace tidegate::webhook
