// What happens to a request before and after its handler, over small tables with a real
// authenticator.
#include "api/pipeline.h"

#include <gtest/gtest.h>

#include <deque>

#include "api/errors/json_errors.h"
#include "api/errors/s3_errors.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/limits.h"
#include "blob/memory.h"
#include "document/value.h"
#include "support/sim_world.h"
#include "wire/rpc.h"

namespace tidegate::api {

struct Echo {
  std::optional<std::string> text;
};
struct Bucket {
  std::string bucket;
};

}  // namespace tidegate::api

namespace tidegate::wire {
template <>
struct shape_of<api::Echo> {
  static constexpr Member members[] = {field<&api::Echo::text>("Text").length(1, 8)};
  static constexpr Shape value{"Echo", members};
};
template <>
struct shape_of<api::Bucket> {
  static constexpr Member members[] = {field<&api::Bucket::bucket>("Bucket").bind(In::label)};
  static constexpr Shape value{"BucketRequest", members};
};
}  // namespace tidegate::wire

namespace tidegate::api {
namespace {

using namespace std::chrono_literals;
using http::Method;

template <class O = Echo>
constexpr auto op(std::string_view name, Method method, std::string_view uri) {
  return wire::operation<Echo, O>(name, method, uri, 200, "x:Y");
}
constexpr auto kEcho = op("Echo", Method::post, "/2015-03-31/echo");
constexpr auto kWait = op("Wait", Method::post, "/2015-03-31/wait");
constexpr auto kThrow = op("Throw", Method::post, "/2015-03-31/throw");
constexpr auto kRefused = op("Refused", Method::post, "/2015-03-31/refused");
constexpr auto kMake = op("Make", Method::post, "/applications");
constexpr auto kConfiguration = op("Configuration", Method::get, "/configuration");
constexpr auto kSay = op("Say", Method::post, "/?Action=Say");
constexpr auto kWho = op("GetCallerIdentity", Method::post, "/?Action=GetCallerIdentity");
constexpr auto kOwn = op("Own", Method::get, "/_tidegate/own");
constexpr auto kTurn = op("Turn", Method::post, "/_tidegate/turn");
constexpr auto kHeadBucket =
    wire::operation<Bucket, Echo>("HeadBucket", Method::head, "/{Bucket}", 200, "s3:ListBucket");
constexpr auto kGetBucket =
    wire::operation<Bucket, Echo>("GetBucket", Method::get, "/{Bucket}", 200, "s3:ListBucket");
constexpr auto kPutBucket =
    wire::operation<Bucket, Echo>("PutBucket", Method::put, "/{Bucket}", 200, "s3:CreateBucket");

struct Key {
  std::string id = "AKIAROOT", secret = "secret";
};

// A request with its texts, and the body as it comes.
struct Sent {
  std::deque<std::string> texts;
  http::Request request;
  std::string body;

  explicit Sent(Method method, const std::string& path, const std::string& query = "",
                std::string b = "")
      : body(std::move(b)) {
    request.method = method;
    request.path = keep(path);
    request.query = keep(query);
    request.target = keep(query.empty() ? path : path + "?" + query);
    header("Host", "127.0.0.1:4566");
    if (!body.empty()) request.content_length = body.size();
  }
  Sent(Sent&&) = default;  // the texts stay where they are

  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
  Sent& header(const std::string& name, const std::string& value) & {
    request.headers.push_back({keep(name), keep(value)});
    return *this;
  }
  Sent&& header(const std::string& name, const std::string& value) && {
    header(name, value);
    return std::move(*this);
  }
  Sent&& sign(const std::string& service, Instant when, const std::string& named = "",
              const Key& key = Key{}) && {
    sign(service, when, named, key);
    return std::move(*this);
  }
  // `named`: what x-amz-content-sha256 says ("" leaves it out, as SDKs do for all but S3).
  Sent& sign(const std::string& service, Instant when, const std::string& named = "",
             const Key& key = Key{}) & {
    header("X-Amz-Date", sigv4_timestamp(when));
    std::string names = "host;x-amz-date";
    if (!named.empty()) {
      header("x-amz-content-sha256", named);
      names = "host;x-amz-content-sha256;x-amz-date";
    }
    const std::string head = "AWS4-HMAC-SHA256 Credential=" + key.id + "/" +
                             sigv4_timestamp(when).substr(0, 8) + "/us-east-1/" + service +
                             "/aws4_request, SignedHeaders=" + names + ", Signature=";
    header("Authorization", head + std::string(64, '0'));
    const http::Query query = *http::parse_query(request.query);
    const wire::Claim claim = **wire::read_claim(request, query);
    const std::string canonical = wire::canonical_request(
        request, query, claim, named.empty() ? hash(body) : named, service != "s3");
    const std::string signing = wire::signing_key(key.secret, claim.date, claim.region, service);
    request.headers.back().value =
        keep(head + wire::sign(signing, wire::string_to_sign(claim, canonical)));
    return *this;
  }
  static std::string hash(std::string_view text) { return to_hex(sha256(text)); }
};

class Body final : public http::BodyReader {
 public:
  explicit Body(std::string_view bytes) : left_(bytes) {}
  int reads = 0;
  Task<std::string_view> read() override {
    ++reads;
    const std::string_view piece = left_.substr(0, 1000);
    left_.remove_prefix(piece.size());
    co_return piece;
  }

 private:
  std::string_view left_;
};

// Keeps what it saw, and says what it is told to.
class Seen final : public Witness {
 public:
  std::vector<std::string> calls;  // "Echo", "Echo SomeException"
  Status to_begin = done, to_end = done;
  Task<Unit> before(wire::Service, wire::Context&, Named) override { co_return to_begin; }
  Task<Unit> after(wire::Service, const wire::Context& c, Outcome outcome) override {
    calls.push_back(std::string(c.row->name) + (outcome.error ? " " + outcome.code : ""));
    co_return to_end;
  }
};

class PipelineTest : public testing::Test {
 public:
  Seen witness;
  SimWorld world;
  blob::MemoryBlobs blobs{world.random};
  Metrics metrics;
  identity::Credentials credentials{world.random};
  identity::AuthenticatorOptions options;
  std::optional<identity::Authenticator> authenticator;
  wire::Table s3{wire::Service::s3, wire::Protocol::rest_xml};
  wire::Table lambda{wire::Service::lambda, wire::Protocol::rest_json};
  wire::Table control{wire::Service::appconfig, wire::Protocol::rest_json};
  wire::Table data{wire::Service::appconfigdata, wire::Protocol::rest_json};
  wire::Table sts{wire::Service::sts, wire::Protocol::query};
  wire::Table cloudwatch{wire::Service::cloudwatch, wire::Protocol::query};
  wire::Table admin{wire::Service::admin, wire::Protocol::rest_json};
  std::optional<Pipeline> pipeline;
  int handled = 0, body_reads = 0;
  std::string seen_account;

  PipelineTest() {
    credentials.add_root({"AKIAROOT", "secret", ""}, "123456789012");
    add(lambda, kEcho);
    add(lambda, kThrow);
    lambda.add(kWait, [this](const wire::Context&, Echo in) { return wait(std::move(in)); });
    lambda.refuse(kRefused.row);
    add(control, kMake);
    add(data, kConfiguration);
    add(sts, kWho);
    add(cloudwatch, kSay);
    add(admin, kOwn);
    add(admin, kTurn);
    add(s3, kHeadBucket);
    add(s3, kGetBucket);
    add(s3, kPutBucket);
    start();
  }
  template <class I>
  void add(wire::Table& table, const wire::Operation<I, Echo>& operation) {
    const bool throws = operation.row.name == "Throw";
    table.add(operation, [this, throws](const wire::Context& c, I in) {
      return handle(c, std::move(in), throws);
    });
  }
  template <class I>
  Task<Echo> handle(const wire::Context& c, I in, bool throws) {
    ++handled;
    seen_account = c.principal->account();
    if (throws) throw std::runtime_error("a bug");
    if constexpr (std::is_same_v<I, Echo>)
      co_return in;
    else
      co_return Echo{in.bucket};
  }
  Task<Echo> wait(Echo in) {
    CO_TRY(Unit waited, co_await sleep_until(world.clock, world.clock.now() + 1min));
    (void)waited;
    co_return in;
  }
  void start(bool developer = false) {
    options.region = "us-east-1";
    if (developer) options.developer_account = "000000000000";
    authenticator.emplace(options, credentials, world.clock);
    PipelineParts p;
    p.executors = world.executors();
    p.authenticator = &*authenticator;
    p.blobs = &blobs;
    p.random = &world.random;
    p.metrics = &metrics;
    p.planes = {{&s3, 10'000, render_s3_error},
                {&lambda, 10'000, render_lambda_error},
                {&control, 10'000, render_appconfig_error},
                {&data, 10'000, render_appconfigdata_error},
                {&sts, 10'000, render_query_error},
                {&cloudwatch, 10'000, render_cloudwatch_error, nullptr, "Granite"},
                {&admin, 10'000, render_admin_error}};
    p.base_domains = {"localhost"};
    p.witness = &witness;
    p.configuration = [](const identity::Authenticated& caller, const http::Request&,
                         const http::Query&, std::string& out) {
      const Scope& scope = caller.scope;
      out = "fast for " + scope.account;
      return true;
    };
    p.own_pages = [](const http::Request& r) -> std::optional<http::Response> {
      if (r.path != "/healthz") return std::nullopt;
      http::Response page;
      page.body = std::string("ok");
      return page;
    };
    p.token_pages = {
        {[](const http::Request& r) { return r.path == "/_tidegate/code"; },
         [](const http::Request&, http::BodyReader&) -> asio::awaitable<http::Response> {
           http::Response page;
           page.body = std::string("zip");
           co_return page;
         }}};
    pipeline.emplace(std::move(p));
  }
  Task<http::Response> task(Sent& sent, Body& body) {
    http::Response r = co_await pipeline->handle(sent.request, body);
    co_return r;
  }
  http::Response ask(Sent& sent) {
    Body body(sent.body);
    http::Response r = *world.run(task(sent, body));
    body_reads = body.reads;
    EXPECT_EQ(pipeline->in_flight(), 0u);
    return r;
  }
  http::Response ask(Sent&& sent) { return ask(sent); }
  Instant now() const { return world.clock.now(); }
  Sent echo(std::string body = "{\"Text\":\"hi\"}") const {
    return Sent(Method::post, "/2015-03-31/echo", "", std::move(body));
  }

  static std::string text(const http::Response& r) { return std::get<std::string>(r.body); }
  static std::string header(const http::Response& r, std::string_view name) {
    for (const auto& [known, value] : r.headers)
      if (http::equal_names(known, name)) return value;
    return "";
  }
  // "403 UnrecognizedClientException", or for XML "403 <Code>".
  static std::string verdict(const http::Response& r) {
    std::string name = header(r, "x-amzn-ErrorType");
    const std::string body = text(r);
    const std::size_t code = body.find("<Code>");
    if (name.empty() && code != std::string::npos)
      name = body.substr(code + 6, body.find("</Code>") - code - 6);
    return std::to_string(r.status) + (name.empty() ? "" : " " + name);
  }
};

TEST_F(PipelineTest, ASignedRequestIsAnswered) {
  auto r = ask(echo().sign("lambda", now()));
  EXPECT_EQ(r.status, 200) << text(r);
  EXPECT_EQ(text(r), "{\"Text\":\"hi\"}");
  EXPECT_EQ(header(r, "x-amzn-RequestId").size(), 36u);
  EXPECT_EQ(seen_account, "123456789012");
  EXPECT_NE(metrics.prometheus().find("operation=\"Echo\""), std::string::npos);
  auto s = ask(Sent(Method::get, "/bucket").sign("s3", now(), Sent::hash("")));
  EXPECT_EQ(s.status, 200) << text(s);
  EXPECT_EQ(header(s, "x-amz-request-id").size(), 16u);
  EXPECT_FALSE(header(s, "x-amz-id-2").empty());
}

TEST_F(PipelineTest, TheWitnessSeesEachCallOfAProvenCallerOnce) {
  using Calls = std::vector<std::string>;
  ask(echo().sign("lambda", now()));
  EXPECT_EQ(std::exchange(witness.calls, {}), Calls{"Echo"});
  // Also what fails before it is judged, by the code that the caller is told.
  const auto wrong = ask(echo("{\"Text\":\"more than eight\"}").sign("lambda", now()));
  ASSERT_EQ(wrong.status, 400);
  EXPECT_EQ(std::exchange(witness.calls, {}), Calls{"Echo " + verdict(wrong).substr(4)});
  const auto digest = ask(Sent(Method::put, "/bucket", "", "x").sign("s3", now(), Sent::hash("y")));
  ASSERT_EQ(verdict(digest), "400 XAmzContentSHA256Mismatch");
  EXPECT_EQ(std::exchange(witness.calls, {}), Calls{"PutBucket XAmzContentSHA256Mismatch"});
  // Nobody proven, nothing mounted: nothing to see.
  ask(echo());
  ask(echo().sign("lambda", now(), "", {"AKIAROOT", "guess"}));
  ask(Sent(Method::post, "/2015-03-31/refused").sign("lambda", now()));
  EXPECT_EQ(witness.calls, Calls{});
}

TEST_F(PipelineTest, WhatTheWitnessCannotKeepIsNotAnswered) {
  const Error full{Fault::unavailable, "no space"};
  witness.to_begin = full;
  EXPECT_EQ(verdict(ask(echo().sign("lambda", now()))), "503 ServiceUnavailableException");
  EXPECT_EQ(handled, 0) << "the call did not begin";
  witness.to_begin = done;
  witness.to_end = full;
  EXPECT_EQ(verdict(ask(echo().sign("lambda", now()))), "503 ServiceUnavailableException");
  EXPECT_EQ(handled, 1);
}

TEST_F(PipelineTest, AnAnswerOfTheQueryProtocolHoldsItsRequestsId) {
  auto r = ask(Sent(Method::post, "/", "", "Action=GetCallerIdentity&Text=hi").sign("sts", now()));
  ASSERT_EQ(r.status, 200) << text(r);
  EXPECT_NE(text(r).find("<ResponseMetadata><RequestId>" + header(r, "x-amzn-RequestId") +
                         "</RequestId></ResponseMetadata></GetCallerIdentityResponse>"),
            std::string::npos)
      << text(r);
}

TEST_F(PipelineTest, UnsignedIsRefusedInTheShapeOfTheServiceThatWasAsked) {
  for (auto [method, path, wanted] :
       {std::tuple{Method::post, "/2015-03-31/echo", "403 MissingAuthenticationTokenException"},
        {Method::post, "/applications", "403 MissingAuthenticationTokenException"},
        {Method::get, "/configuration", "403 MissingAuthenticationTokenException"},
        {Method::get, "/_tidegate/own", "403 MissingAuthenticationTokenException"},
        {Method::post, "/", "403 MissingAuthenticationToken"},
        {Method::get, "/bucket", "403 AccessDenied"}})
    EXPECT_EQ(verdict(ask(Sent(method, path))), wanted) << path;
  EXPECT_NE(text(ask(Sent(Method::post, "/applications"))).find("\"Message\""), std::string::npos);
  EXPECT_NE(text(ask(Sent(Method::post, "/2015-03-31/echo"))).find("\"message\""),
            std::string::npos);
  EXPECT_EQ(handled, 0);
}

TEST_F(PipelineTest, WhatASignatureMayGetWrong) {
  auto lambda_verdict = [&](Sent&& sent) { return verdict(ask(sent)); };
  EXPECT_EQ(lambda_verdict(echo().sign("lambda", now(), "", {"AKIAROOT", "wrong"})),
            "403 InvalidSignatureException");
  EXPECT_EQ(lambda_verdict(echo().sign("lambda", now(), "", {"AKIANOBODY", "secret"})),
            "403 UnrecognizedClientException");
  EXPECT_EQ(body_reads, 0);
  EXPECT_EQ(lambda_verdict(echo().sign("lambda", now() - 16min)), "403 InvalidSignatureException");
  EXPECT_EQ(lambda_verdict(echo().sign("lambda", now()).header("x-amz-extra", "1")),
            "403 InvalidSignatureException");
  EXPECT_EQ(lambda_verdict(echo().header("Authorization", "AWS4-HMAC-SHA256 nonsense")),
            "403 IncompleteSignatureException");
  auto s3_verdict = [&](Instant when, Key key) {
    return verdict(ask(Sent(Method::get, "/bucket").sign("s3", when, Sent::hash(""), key)));
  };
  EXPECT_EQ(s3_verdict(now(), {"AKIAROOT", "wrong"}), "403 SignatureDoesNotMatch");
  EXPECT_EQ(s3_verdict(now(), {"AKIANOBODY", "secret"}), "403 InvalidAccessKeyId");
  EXPECT_EQ(s3_verdict(now() + 16min, Key{}), "403 RequestTimeTooSkewed");
  EXPECT_EQ(handled, 0);
}

TEST_F(PipelineTest, TheBodyIsWhatWasSigned) {
  Sent changed = echo().sign("lambda", now());
  changed.body = "{\"Text\":\"ho\"}";
  EXPECT_EQ(verdict(ask(changed)), "403 InvalidSignatureException");
  Sent named = echo().sign("lambda", now(), Sent::hash("another"));
  EXPECT_EQ(verdict(ask(named)), "400 InvalidSignatureException");
  Sent put(Method::put, "/bucket", "", "<x/>");
  put.sign("s3", now(), Sent::hash("another"));
  EXPECT_EQ(verdict(ask(put)), "400 XAmzContentSHA256Mismatch");
  EXPECT_EQ(verdict(ask(Sent(Method::get, "/bucket").sign("s3", now()))), "400 InvalidRequest");
  Sent md5(Method::put, "/bucket", "", "body");
  md5.sign("s3", now(), Sent::hash("body"));
  md5.header("Content-MD5", to_base64(digest(Digest::md5, "other")));
  EXPECT_EQ(verdict(ask(md5)), "400 BadDigest");
  EXPECT_EQ(handled, 0);
}

TEST_F(PipelineTest, NothingIsRoutedBeforeItIsProven) {
  for (const char* path : {"/2015-03-31/nothing", "/2015-03-31/refused", "/2015-03-31/echo"})
    EXPECT_EQ(ask(Sent(Method::post, path)).status, 403) << path;
  EXPECT_EQ(verdict(ask(Sent(Method::post, "/2015-03-31/nothing").sign("lambda", now()))),
            "404 UnknownOperationException");
  EXPECT_EQ(verdict(ask(Sent(Method::post, "/2015-03-31/refused").sign("lambda", now()))),
            "501 NotImplementedException");
  // A key of one service's signature opens no other service's path.
  EXPECT_EQ(verdict(ask(Sent(Method::post, "/applications").sign("lambda", now()))),
            "404 UnknownOperationException");
  EXPECT_EQ(handled, 0);
}

TEST_F(PipelineTest, AServiceThatIsNotKnownIsSaidSo) {
  auto r = ask(Sent(Method::post, "/").sign("dynamo<db>", now()));
  EXPECT_EQ(verdict(r), "501 NotImplementedException");
  EXPECT_EQ(text(r),
            "{\"message\":\"The service 'dynamo%3Cdb%3E' is not implemented by this server.\"}");
  EXPECT_FALSE(header(r, "x-amzn-RequestId").empty());
}

TEST_F(PipelineTest, ABodyOverTheLimitIsNotRead) {
  Sent large = echo(std::string(10'001, 'x')).sign("lambda", now());
  auto r = ask(large);
  EXPECT_EQ(verdict(r), "413 RequestEntityTooLargeException");
  EXPECT_EQ(text(r),
            "{\"message\":\"Request must be smaller than 10000 bytes for the Echo operation\"}");
  EXPECT_EQ(body_reads, 0);
  Sent chunked = echo(std::string(50'000, 'x')).sign("lambda", now());
  chunked.request.content_length.reset();
  chunked.request.chunked = true;
  EXPECT_EQ(ask(chunked).status, 413);
  EXPECT_LE(body_reads, 12);
  Sent control_body(Method::post, "/applications", "", std::string(10'001, 'x'));
  EXPECT_EQ(verdict(ask(control_body.sign("appconfig", now()))), "413 PayloadTooLargeException");
}

TEST_F(PipelineTest, WhatCannotBeDecodedNamesItsFault) {
  EXPECT_EQ(verdict(ask(echo("{").sign("lambda", now()))), "400 SerializationException");
  EXPECT_EQ(verdict(ask(echo("{\"Text\":1}").sign("lambda", now()))), "400 SerializationException");
  auto r = ask(echo("{\"Text\":\"much too long\"}").sign("lambda", now()));
  EXPECT_EQ(verdict(r), "400 ValidationException");
  EXPECT_NE(text(r).find("'text'"), std::string::npos) << text(r);
  EXPECT_EQ(ask(Sent(Method::get, "/bucket", "a=%zz")).status, 400);
  EXPECT_EQ(handled, 0);
}

TEST_F(PipelineTest, AQuerysOperationStandsInItsForm) {
  Sent who(Method::post, "/", "", "Action=GetCallerIdentity&Version=2011-06-15");
  who.sign("sts", now());
  EXPECT_EQ(ask(who).status, 200);
  Sent what(Method::post, "/", "", "Action=Nothing");
  what.sign("sts", now());
  EXPECT_EQ(verdict(ask(what)), "400 InvalidAction");
}

TEST_F(PipelineTest, MoreThanTheBoundIsRefused) {
  Sent waiting = Sent(Method::post, "/2015-03-31/wait").sign("lambda", now());
  std::deque<Body> bodies;
  std::deque<std::optional<Result<http::Response>>> results;
  for (std::size_t i = 0; i < kMaxInFlight; ++i)
    world.start(task(waiting, bodies.emplace_back("")), results.emplace_back());
  world.settle();
  EXPECT_EQ(pipeline->in_flight(), kMaxInFlight);
  Body none("");
  Sent one_more = echo().sign("lambda", now());
  EXPECT_EQ(verdict(*world.run(task(one_more, none))), "503 ServiceUnavailableException");
  Sent health(Method::get, "/healthz");
  EXPECT_EQ(world.run(task(health, none))->status, 200);
  world.advance(1min);
  for (auto& result : results) EXPECT_EQ((*result)->status, 200);
  EXPECT_EQ(ask(echo().sign("lambda", now())).status, 200);
}

TEST_F(PipelineTest, AHandlerThatThrowsIsOneBrokenRequest) {
  auto r = ask(Sent(Method::post, "/2015-03-31/throw").sign("lambda", now()));
  EXPECT_EQ(r.status, 500);
  EXPECT_TRUE(r.close);
  EXPECT_EQ(ask(echo().sign("lambda", now())).status, 200);
}

TEST_F(PipelineTest, HeadHasALengthAndNoBody) {
  auto refused = ask(Sent(Method::head, "/bucket"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(http::size_of(refused.body), 0u);
  auto r = ask(Sent(Method::head, "/bucket").sign("s3", now(), Sent::hash("")));
  EXPECT_EQ(r.status, 200);
  EXPECT_TRUE(r.head_length.has_value());
}

TEST_F(PipelineTest, PagesAndDownloadsNeedNoSignature) {
  EXPECT_EQ(text(ask(Sent(Method::get, "/healthz"))), "ok");
  EXPECT_EQ(text(ask(Sent(Method::get, "/_tidegate/code"))), "zip");
}

TEST_F(PipelineTest, TheOwnApiTakesUnsignedCallsOnlyWithDev) {
  EXPECT_EQ(ask(Sent(Method::get, "/_tidegate/own")).status, 403);
  EXPECT_EQ(ask(Sent(Method::get, "/_tidegate/own").sign("tidegate", now())).status, 200);
  start(true);
  EXPECT_EQ(ask(Sent(Method::get, "/_tidegate/own")).status, 200);
  EXPECT_EQ(seen_account, "000000000000");
  for (const char* name : {"Origin", "Sec-Fetch-Site"})
    EXPECT_EQ(ask(Sent(Method::get, "/_tidegate/own").header(name, "null")).status, 403) << name;
  // Unsigned calls of other services are refused there, too.
  EXPECT_EQ(ask(echo()).status, 403);
}

// The newest SDKs speak CBOR or JSON 1.0 to what began with forms.
TEST_F(PipelineTest, AQueryServiceMaySpeakCborAndJson) {
  const std::string hi = wire::encode_cbor(Echo{"hi"});
  auto cbor = [&](const std::string& path, const std::string& body, const Key& key = Key{}) {
    return ask(Sent(Method::post, path, "", body)
                   .header("smithy-protocol", "rpc-v2-cbor")
                   .sign("monitoring", now(), "", key));
  };
  const std::string say = "/service/Granite/operation/Say";
  const auto said = cbor(say, hi);
  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(text(said), hi);
  EXPECT_EQ(header(said, "smithy-protocol"), "rpc-v2-cbor");
  EXPECT_EQ(header(said, "Content-Type"), "application/cbor");
  EXPECT_EQ(header(said, "x-amzn-RequestId").size(), 36u);

  auto refused = [&](const http::Response& r, const std::string& front) {
    EXPECT_EQ(header(r, "smithy-protocol"), "rpc-v2-cbor");
    EXPECT_NE(text(r).find("com.amazonaws.cloudwatch#"), std::string::npos);
    EXPECT_EQ(std::to_string(r.status) + " " + header(r, "x-amzn-query-error"), front);
  };
  witness.calls.clear();
  refused(cbor(say, hi + hi), "400 ValidationError;Sender");
  EXPECT_EQ(witness.calls, std::vector<std::string>{"Say ValidationError"});
  refused(cbor(say, wire::encode_cbor(Echo{"more than eight"})), "400 ValidationError;Sender");
  refused(cbor(say, hi, {"AKIAROOT", "guess"}), "403 SignatureDoesNotMatch;Sender");
  refused(cbor("/service/Granite/operation/Sing", hi), "400 InvalidAction;Sender");
  refused(cbor("/service/Other/operation/Say", hi), "400 InvalidAction;Sender");
  refused(ask(Sent(Method::post, say, "", hi).header("smithy-protocol", "rpc-v2-cbor")),
          "403 MissingAuthenticationToken;Sender");

  // Who is spoken to in forms alone hears nothing else.
  const auto sts_call =
      ask(Sent(Method::post, "/service/Granite/operation/GetCallerIdentity", "", hi)
              .header("smithy-protocol", "rpc-v2-cbor")
              .sign("sts", now()));
  EXPECT_EQ(verdict(sts_call), "400 InvalidAction");

  start(true);  // where the header need not be signed
  auto json = [&](const std::string& body) {
    return ask(Sent(Method::post, "/", "", body)
                   .header("X-Amz-Target", "Granite.Say")
                   .sign("monitoring", now()));
  };
  EXPECT_EQ(text(json(R"({"Text":"hi"})")), R"({"Text":"hi"})");
  const auto wrong = json(R"({"Text":5})");
  EXPECT_EQ(header(wrong, "Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(header(wrong, "x-amzn-query-error"), "ValidationError;Sender");
  EXPECT_NE(text(wrong).find(R"("__type":"com.amazonaws.cloudwatch#ValidationError")"),
            std::string::npos)
      << text(wrong);
}

TEST_F(PipelineTest, ADevServerTakesNoCallsFromWebPages) {
  start(true);
  const std::string forged =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x%2F" +
      sigv4_timestamp(now()).substr(0, 8) +
      "%2Fus-east-1%2FSERVICE%2Faws4_request&X-Amz-Date=" + sigv4_timestamp(now()) +
      "&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=" + std::string(64, '0');
  auto from_page = [&](Method method, const char* path, const char* service) {
    std::string query = forged;
    query.replace(query.find("SERVICE"), 7, service);
    Sent sent(method, path, query);
    EXPECT_EQ(ask(sent).status, 200) << path;  // a program may
    return ask(sent.header("Origin", "https://evil.example")).status;
  };
  EXPECT_EQ(from_page(Method::post, "/_tidegate/turn", "tidegate"), 403);
  EXPECT_EQ(from_page(Method::post, "/2015-03-31/echo", "lambda"), 403);
  EXPECT_EQ(from_page(Method::post, "/applications", "appconfig"), 403);
  EXPECT_EQ(from_page(Method::put, "/bucket", "s3"), 403);
  EXPECT_EQ(from_page(Method::get, "/_tidegate/own", "s3"), 403);
  EXPECT_EQ(from_page(Method::get, "/bucket", "s3"), 200);  // an image of a presigned URL
}

TEST_F(PipelineTest, ASignedCallMayNameItsOrigin) {
  EXPECT_EQ(ask(echo().sign("lambda", now()).header("Origin", "https://app.example")).status, 200);
}

TEST_F(PipelineTest, TheFastPathAnswersOnlyTheProven) {
  std::string out;
  auto fast = [&](const Sent& sent) { return pipeline->answer_now(sent.request, out); };
  EXPECT_TRUE(fast(Sent(Method::get, "/configuration").sign("appconfig", now())));
  EXPECT_EQ(out, "fast for 123456789012");
  EXPECT_FALSE(fast(Sent(Method::get, "/configuration")));
  EXPECT_FALSE(fast(
      Sent(Method::get, "/configuration").sign("appconfig", now(), "", {"AKIAROOT", "wrong"})));
  EXPECT_FALSE(fast(Sent(Method::get, "/configuration").sign("lambda", now())));
  EXPECT_FALSE(fast(Sent(Method::get, "/configuration").sign("appconfig", now() - 1h)));
  EXPECT_FALSE(fast(Sent(Method::get, "/applications").sign("appconfig", now())));
  EXPECT_FALSE(fast(Sent(Method::get, "/configuration", "", "x").sign("appconfig", now())));
  EXPECT_FALSE(
      fast(Sent(Method::get, "/configuration").sign("appconfig", now(), Sent::hash("other"))));
}

}  // namespace
}  // namespace tidegate::api
