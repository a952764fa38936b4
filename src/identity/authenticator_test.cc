// A verdict must not depend on anything the client can leave out. Requests are signed here with the
// server's own functions, which sigv4_test.cc holds to AWS's published vectors.
#include "identity/authenticator.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/limits.h"

namespace tidegate::identity {
namespace {

constexpr char kAccount[] = "123456789012";

// A request with its texts, signed for `secret` at `when`.
struct Signed {
  std::string timestamp, authorization, target = "/applications?x=1";
  http::Request request;
  http::Query query{{"x", "1"}};

  Signed(const std::string& id, const std::string& secret, Instant when,
         const std::string& token = "") {
    timestamp = sigv4_timestamp(when);
    request.method = http::Method::get;
    request.target = target;
    request.path = "/applications";
    request.query = "x=1";
    request.headers = {{"Host", "127.0.0.1:4566"}, {"X-Amz-Date", timestamp}};
    std::string names = "host;x-amz-date";
    if (!token.empty()) {
      request.headers.push_back({"X-Amz-Security-Token", token_ = token});
      names += ";x-amz-security-token";
    }
    const std::string head = "AWS4-HMAC-SHA256 Credential=" + id + "/" + timestamp.substr(0, 8) +
                             "/eu-west-1/appconfig/aws4_request, SignedHeaders=" + names +
                             ", Signature=";
    authorization = head + std::string(64, '0');
    request.headers.push_back({"Authorization", authorization});
    wire::Claim draft = claim();
    std::string canonical = wire::canonical_request(request, query, draft, hash(), true);
    std::string key = wire::signing_key(secret, draft.date, draft.region, draft.service);
    authorization = head + wire::sign(key, wire::string_to_sign(draft, canonical));
    request.headers.back().value = authorization;
  }
  wire::Claim claim() const {
    auto c = wire::read_claim(request, query);
    EXPECT_TRUE(c.ok() && *c);
    return **c;
  }
  static std::string hash() { return to_hex(sha256("")); }
  std::string token_;
};

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() { credentials_.add_root({"AKIAROOT", "secret", ""}, kAccount); }
  Result<Authenticated> judge(const Signed& s) const {
    return authenticator_.check(s.request, s.query, s.claim(), Signed::hash());
  }
  SeededRandom random_{1};
  Credentials credentials_{random_};
  SimScheduler clock_;
  Authenticator authenticator_{AuthenticatorOptions{}, credentials_, clock_};
};

TEST_F(AuthenticatorTest, AValidSignatureGivesThePrincipalAndTheSignedRegion) {
  auto verdict = judge(Signed("AKIAROOT", "secret", clock_.now()));
  ASSERT_TRUE(verdict.ok()) << verdict.error().message;
  EXPECT_EQ(verdict->principal.account(), kAccount);
  EXPECT_EQ(verdict->principal.kind(), Principal::Kind::root);
  EXPECT_EQ(verdict->scope, (Scope{kAccount, "eu-west-1"}));
}

TEST_F(AuthenticatorTest, EveryChangedPartIsRefused) {
  EXPECT_EQ(judge(Signed("AKIAROOT", "wrong", clock_.now())).fault(), Fault::bad_signature);
  EXPECT_EQ(judge(Signed("AKIANOBODY", "secret", clock_.now())).fault(), Fault::unknown_access_key);
  Signed other("AKIAROOT", "secret", clock_.now());
  other.request.path = "/application";
  EXPECT_EQ(judge(other).fault(), Fault::bad_signature);
  Signed method("AKIAROOT", "secret", clock_.now());
  method.request.method = http::Method::delete_;
  EXPECT_EQ(judge(method).fault(), Fault::bad_signature);
  Signed query("AKIAROOT", "secret", clock_.now());
  query.query.emplace_back("y", "2");
  EXPECT_EQ(judge(query).fault(), Fault::bad_signature);
  Signed host("AKIAROOT", "secret", clock_.now());
  host.request.headers[0].value = "elsewhere";
  EXPECT_EQ(judge(host).fault(), Fault::bad_signature);
  Signed body("AKIAROOT", "secret", clock_.now());
  EXPECT_EQ(
      authenticator_.check(body.request, body.query, body.claim(), to_hex(sha256("x"))).fault(),
      Fault::bad_signature);
}

TEST_F(AuthenticatorTest, AnUnsignedAmzHeaderIsRefused) {
  Signed s("AKIAROOT", "secret", clock_.now());
  s.request.headers.push_back({"x-amz-acl", "public-read"});
  EXPECT_EQ(judge(s).fault(), Fault::unsigned_headers);
}

TEST_F(AuthenticatorTest, TheWindowIsFifteenMinutesBothWays) {
  using namespace std::chrono_literals;
  const Instant now = instant_from_ms(to_ms(clock_.now()) / 1000 * 1000);
  SimScheduler clock(now);
  Authenticator judge(AuthenticatorOptions{}, credentials_, clock);
  for (auto [off, good] :
       {std::pair{0min, true}, {15min, true}, {-15min, true}, {16min, false}, {-16min, false}}) {
    Signed s("AKIAROOT", "secret", now + off);
    auto verdict = judge.check(s.request, s.query, s.claim(), Signed::hash());
    EXPECT_EQ(verdict.ok(), good) << off.count();
    if (!good) {
      EXPECT_EQ(verdict.fault(), Fault::skewed_clock);
    }
  }
}

TEST_F(AuthenticatorTest, AFunctionsSessionNeedsItsTokenAndEndsWithIt) {
  AccessKey key =
      credentials_.mint(kAccount, "arn:aws:iam::123456789012:role/r", "arn:f", "env-1", {});
  auto verdict = judge(Signed(key.id, key.secret, clock_.now(), key.session_token));
  ASSERT_TRUE(verdict.ok()) << verdict.error().message;
  EXPECT_EQ(verdict->principal.function_arn(), "arn:f");
  EXPECT_EQ(verdict->principal.arn(), "arn:aws:sts::123456789012:assumed-role/r/env-1");
  EXPECT_EQ(judge(Signed(key.id, key.secret, clock_.now())).fault(), Fault::access_denied);
  EXPECT_EQ(judge(Signed(key.id, key.secret, clock_.now(), "other")).fault(), Fault::access_denied);
  credentials_.revoke(key.id);
  EXPECT_EQ(judge(Signed(key.id, key.secret, clock_.now(), key.session_token)).fault(),
            Fault::unknown_access_key);
}

TEST_F(AuthenticatorTest, ADeveloperMayUseAnyKeyAndTwelveDigitsChooseTheAccount) {
  Authenticator dev(AuthenticatorOptions{std::string("000000000000"), "us-east-1"}, credentials_,
                    clock_);
  Signed any("whatever", "x", clock_.now() - std::chrono::hours(5));
  EXPECT_EQ(dev.check(any.request, any.query, any.claim(), "")->principal.account(),
            "000000000000");
  Signed chosen("210987654321", "x", clock_.now());
  auto verdict = dev.check(chosen.request, chosen.query, chosen.claim(), "");
  EXPECT_EQ(verdict->principal.account(), "210987654321");
  EXPECT_EQ(verdict->scope.region, "eu-west-1");
}

}  // namespace
}  // namespace tidegate::identity
