// The server over real sockets: what comes in in any pieces goes out whole, in order and once.
#include "net/server.h"

#include <gtest/gtest.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "support/raw_client.h"

namespace tidegate::net {
namespace {

// Holds handlers until the test lets them go.
class Gate {
 public:
  asio::awaitable<void> pass() {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto handler) {
          auto executor = asio::get_associated_executor(handler);
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          auto go = [shared, executor] {
            asio::post(executor, [shared]() mutable { std::move (*shared)(); });
          };
          std::lock_guard lock(mutex_);
          if (open_) return go();
          waiting_.push_back(go);
          arrived_.notify_all();
        },
        asio::use_awaitable);
  }
  void await(std::size_t n) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return waiting_.size() >= n; });
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    for (auto& go : waiting_) go();
    waiting_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::function<void()>> waiting_;
  bool open_ = false;
};

class Alphabet final : public http::ByteSource {
 public:
  explicit Alphabet(std::uint64_t size) : size_(size) {}
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) override {
    const auto n = std::min<std::uint64_t>(size, offset < size_ ? size_ - offset : 0);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<char>('a' + (offset + i) % 26);
    return static_cast<std::size_t>(n);
  }

 private:
  std::uint64_t size_;
};

class TestHandler final : public http::Handler {
 public:
  Gate gate;
  std::string environment;

  bool answer_now(const http::Request& r, std::string& out) override {
    if (r.path != "/now") return false;
    http::begin_response(out, 200, "date", "test");
    out += fmt::format("Content-Length: {}\r\n\r\n{}", r.query.size(), r.query);
    return true;
  }

  asio::awaitable<http::Response> handle(const http::Request& r, http::BodyReader& body) override {
    http::Response response;
    if (r.path == "/echo") {
      Result<std::string> all = co_await http::read_all(body, 64 << 20);
      if (!all.ok()) response.status = 400;
      response.body = all.ok() ? std::move(*all) : std::string(name_of(all.fault()));
    } else if (r.path == "/first") {
      Result<std::string_view> piece = co_await body.read();
      response.body = std::string(piece.ok() ? "read" : "broken");
    } else if (r.path == "/hold") {
      co_await gate.pass();
      response.body = "held " + std::string(r.query);
    } else if (r.path == "/source") {
      response.body = http::SourceBody{std::make_shared<Alphabet>(1'000'000), 26, 999'000};
    } else if (r.path == "/short") {
      response.body = http::SourceBody{std::make_shared<Alphabet>(1000), 0, 2000};
    } else if (r.path == "/status") {
      response.status = std::stoi(std::string(r.query));
      response.body = "body";
    } else if (r.path == "/close") {
      response.close = true;
      response.body = "bye";
    } else if (r.path == "/length") {
      response.head_length = 12345;
    } else if (r.path == "/shared") {
      response.body = std::make_shared<const std::string>(100'000, 's');
    } else if (r.path == "/break") {
      response.set("X-Value", "a\r\nInjected: yes");
    } else if (r.path == "/who") {
      response.body = fmt::format("{} {} {}", r.environment_id, r.remote_address, r.host());
    } else {
      response.body = fmt::format("{} {} {}", http::to_string(r.method), r.path, r.query);
    }
    co_return response;
  }
};

class ServerTest : public testing::Test {
 public:
  TestHandler handler;
  ServerOptions options{2, 50, "test", 10'000};
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;

  void SetUp() override { start(); }
  void TearDown() override {
    handler.gate.open();
    if (server) server->drain();
  }
  void start() {
    if (server) server->drain();
    server = std::make_unique<Server>(options);
    auto bound = server->listen("127.0.0.1", 0, handler);
    ASSERT_TRUE(bound.ok());
    port = *bound;
    server->start();
  }
};

std::string get(std::string_view target, std::string_view more = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: h\r\n{}\r\n", target, more);
}
std::string put(std::string_view target, std::string_view body, std::string_view more = "") {
  return fmt::format("PUT {} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n{}\r\n{}", target,
                     body.size(), more, body);
}
std::string chunked(std::string_view body, std::size_t each) {
  std::string out = "PUT /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, each);
    out += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    body.remove_prefix(piece.size());
  }
  return out + "0\r\n\r\n";
}

TEST_F(ServerTest, AConnectionServesManyRequests) {
  RawClient c(port);
  for (int i = 0; i < 5; ++i) {
    c.send(get(fmt::format("/a?{}", i)));
    const RawAnswer a = c.answer();
    EXPECT_EQ(a.status, 200);
    EXPECT_EQ(a.body, fmt::format("GET /a {}", i));
    EXPECT_TRUE(a.has("Server: test\r\n"));
    EXPECT_TRUE(a.has(" GMT\r\n"));
    EXPECT_FALSE(a.has("Connection:"));
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  RawClient c(port);
  std::string all, expected;
  for (int i = 0; i < 60; ++i) {
    switch (i % 4) {
      case 0:
        all += get(fmt::format("/now?{}", i));
        expected += std::to_string(i);
        break;
      case 1:
        all += get(fmt::format("/slow?{}", i));
        expected += fmt::format("GET /slow {}", i);
        break;
      case 2:
        all += put("/echo", fmt::format("body {}", i));
        expected += fmt::format("body {}", i);
        break;
      default:
        all += put("/unread", "not read by the handler") + "\r\n";
        expected += "PUT /unread ";
    }
  }
  c.send(all);
  std::string got;
  for (int i = 0; i < 60; ++i) got += c.answer().body;
  EXPECT_EQ(got, expected);
}

TEST_F(ServerTest, PipelinedBodiesLargerThanTheBuffers) {
  RawClient c(port);
  std::string all;
  std::vector<std::string> bodies;
  for (std::size_t i = 0; i < 6; ++i) {
    bodies.push_back(std::string(200'000 + i * 70'001, static_cast<char>('a' + i)));
    all += i % 2 ? chunked(bodies.back(), 65'521) : put("/echo", bodies.back());
    all += get("/now?x");
  }
  std::thread sender([&] { c.send(all); });
  for (const std::string& body : bodies) {
    EXPECT_EQ(c.answer().body, body);
    EXPECT_EQ(c.answer().body, "x");
  }
  sender.join();
}

TEST_F(ServerTest, AHeadMayComeInPieces) {
  RawClient c(port);
  std::string request = get("/pieces?1", "X-Long: " + std::string(300, 'x') + "\r\n") +
                        get("/now?2") + put("/echo", "three");
  for (char byte : request) c.send({&byte, 1});
  EXPECT_EQ(c.answer().body, "GET /pieces 1");
  EXPECT_EQ(c.answer().body, "2");
  EXPECT_EQ(c.answer().body, "three");
}

TEST_F(ServerTest, ChunkedBodiesInAnyPieces) {
  std::string body;
  for (int i = 0; i < 5000; ++i) body += std::to_string(i);
  for (std::size_t each : {1u, 100u, 4096u, 100'000u}) {
    RawClient c(port);
    c.send(chunked(body, each) + get("/now?after"));
    EXPECT_EQ(c.answer().body, body);
    EXPECT_EQ(c.answer().body, "after");
  }
}

TEST_F(ServerTest, ALargeBodyGoesInAndOut) {
  RawClient c(port);
  std::string body(20'000'000, 'x');
  for (std::size_t i = 0; i < body.size(); i += 1000) body[i] = static_cast<char>('a' + i % 23);
  std::thread sender([&] { c.send(put("/echo", body)); });
  EXPECT_EQ(c.answer().body, body);
  sender.join();
}

TEST_F(ServerTest, ContinueIsSaidWhenTheBodyIsWanted) {
  RawClient c(port);
  c.send("PUT /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(c.answer().status, 100);
  c.send("hello");
  EXPECT_EQ(c.answer().body, "hello");
  // Also when the body comes along, or is empty: a client that was promised a 100 reads one.
  for (const char* body : {"hello", ""}) {
    c.send(put("/echo", body, "Expect: 100-continue\r\n"));
    EXPECT_EQ(c.answer().status, 100);
    EXPECT_EQ(c.answer().body, body);
  }
  c.send("PUT /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(c.answer().body, "hello");
}

TEST_F(ServerTest, ContinueIsNotSaidWhenTheBodyIsNotWanted) {
  RawClient c(port);
  c.send("PUT /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  const RawAnswer a = c.answer();
  EXPECT_EQ(a.status, 200);
  // Whether the body still comes cannot be known: the connection ends.
  EXPECT_TRUE(a.has("Connection: close\r\n"));
  c.finish();
  EXPECT_TRUE(c.ended());
}

TEST_F(ServerTest, HeadAndStatusesWithoutBody) {
  RawClient c(port);
  c.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
  RawAnswer a = c.answer(true);
  EXPECT_TRUE(a.has("Content-Length: 8\r\n"));  // of "HEAD /a "
  c.send("HEAD /length HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(c.answer(true).has("Content-Length: 12345\r\n"));
  c.send("HEAD /source HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(c.answer(true).has("Content-Length: 999000\r\n"));
  for (int status : {204, 304}) {
    c.send(get(fmt::format("/status?{}", status)));
    a = c.answer(true);
    EXPECT_EQ(a.status, status);
    EXPECT_FALSE(a.has("Content-Length"));
  }
  c.send(get("/status?404"));
  a = c.answer();
  EXPECT_EQ(a.status, 404);
  EXPECT_EQ(a.body, "body");
}

TEST_F(ServerTest, BodiesOfEveryKind) {
  RawClient c(port);
  c.send(get("/source") + get("/shared") + get("/now?end"));
  const RawAnswer a = c.answer();
  ASSERT_EQ(a.body.size(), 999'000u);
  for (std::size_t i = 0; i < a.body.size(); ++i) ASSERT_EQ(a.body[i], 'a' + i % 26) << i;
  EXPECT_EQ(c.answer().body, std::string(100'000, 's'));
  EXPECT_EQ(c.answer().body, "end");
  // A source that ends early can only be shown by an early end.
  c.send(get("/short"));
  EXPECT_LT(c.answer().body.size(), 2000u);
  EXPECT_TRUE(c.ended());
}

TEST_F(ServerTest, OldClientsAreClosedUnlessTheyAskToStay) {
  {
    RawClient c(port);
    c.send("GET /a HTTP/1.0\r\n\r\n");
    const RawAnswer a = c.answer();
    EXPECT_EQ(a.body, "GET /a ");
    EXPECT_TRUE(a.has("Connection: close\r\n"));
    EXPECT_TRUE(c.ended());
  }
  RawClient c(port);
  c.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(c.answer().has("Connection: keep-alive\r\n"));
  c.send("GET /b HTTP/1.0\r\n\r\n");
  EXPECT_EQ(c.answer().body, "GET /b ");
  EXPECT_TRUE(c.ended());
}

TEST_F(ServerTest, CloseIsSaidAndDone) {
  for (const std::string& request : {get("/close"), get("/a", "Connection: close\r\n")}) {
    RawClient c(port);
    c.send(request);
    const RawAnswer a = c.answer();
    EXPECT_EQ(a.status, 200);
    EXPECT_TRUE(a.has("Connection: close\r\n"));
    EXPECT_TRUE(c.ended());
  }
}

TEST_F(ServerTest, TargetsInAbsoluteForm) {
  RawClient c(port);
  c.send(get("http://elsewhere:80/a/b?c"));
  EXPECT_EQ(c.answer().body, "GET /a/b c");
}

TEST_F(ServerTest, AValueCannotBreakOutOfItsHeader) {
  RawClient c(port);
  c.send(get("/break"));
  const RawAnswer a = c.answer();
  EXPECT_FALSE(a.has("\r\nInjected"));
  EXPECT_TRUE(a.has("X-Value: a  Injected: yes\r\n"));
}

TEST_F(ServerTest, RefusalsAreAnsweredAndEndTheConnection) {
  const std::pair<int, std::string> cases[] = {
      {431, get("/", "X: " + std::string(70'000, 'x') + "\r\n")},
      {431, get("/", "X: " + std::string(5'000'000, 'x') + "\r\n")},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"},
      {400, "GET / HTTP/1.1\nHost: h\n\n"},
      {400,
       "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0"
       "\r\n\r\n"},
      {501, "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {400, "nonsense\r\n\r\n"}};
  for (const auto& [status, request] : cases) {
    RawClient c(port);
    // What was asked before is answered before.
    c.send(get("/now?good") + request + get("/now?never"));
    EXPECT_EQ(c.answer().body, "good") << request.substr(0, 60);
    const RawAnswer a = c.answer();
    EXPECT_EQ(a.status, status) << request.substr(0, 60);
    EXPECT_TRUE(a.has("Connection: close\r\n"));
    c.finish();
    EXPECT_TRUE(c.ended());
  }
}

TEST_F(ServerTest, ABrokenBodyIsToldToTheHandler) {
  {
    RawClient c(port);
    c.send("PUT /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX");
    const RawAnswer a = c.answer();
    EXPECT_EQ(a.status, 400);
    EXPECT_EQ(a.body, "incomplete_body");
    EXPECT_TRUE(a.has("Connection: close\r\n"));
  }
  RawClient c(port);
  c.send("PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhello");
  c.finish();
  EXPECT_EQ(c.answer().body, "incomplete_body");
  EXPECT_TRUE(c.ended());
}

TEST_F(ServerTest, ABodyThatIsNotReadIsPassedOverOrEndsTheConnection) {
  {
    RawClient c(port);
    c.send(put("/unread", std::string(100'000, 'x')) + get("/now?next"));
    EXPECT_EQ(c.answer().body, "PUT /unread ");
    EXPECT_EQ(c.answer().body, "next");
  }
  {
    RawClient c(port);
    c.send(put("/first", std::string(150'000, 'x')) + get("/now?next"));
    EXPECT_EQ(c.answer().body, "read");
    EXPECT_EQ(c.answer().body, "next");
  }
  RawClient c(port);
  std::thread sender([&] {
    c.send(put("/unread", std::string(8'000'000, 'x')));
    c.finish();
  });
  const RawAnswer a = c.answer();
  EXPECT_EQ(a.body, "PUT /unread ");
  EXPECT_TRUE(a.has("Connection: close\r\n"));
  EXPECT_TRUE(c.ended());
  sender.join();
}

TEST_F(ServerTest, DrainAnswersWhatIsInFlightAndEndsTheRest) {
  RawClient busy(port), idle(port);
  idle.send(get("/a"));
  EXPECT_EQ(idle.answer().status, 200);
  busy.send(get("/hold?1"));
  handler.gate.await(1);
  std::thread draining([&] { server->drain(); });
  EXPECT_TRUE(idle.ended());
  handler.gate.open();
  const RawAnswer a = busy.answer();
  EXPECT_EQ(a.body, "held 1");
  EXPECT_TRUE(a.has("Connection: close\r\n"));
  EXPECT_TRUE(busy.ended());
  draining.join();
  EXPECT_FALSE(RawClient(port).connected());
}

TEST_F(ServerTest, DrainGivesUpInTheEnd) {
  options.drain_ms = 30;
  start();
  RawClient busy(port);
  busy.send(get("/hold"));
  handler.gate.await(1);
  server->drain();
  EXPECT_TRUE(busy.ended());
  handler.gate.open();  // too late: the handler's coroutine ends with the loops
  server.reset();
}

TEST_F(ServerTest, AServerMayEndUnderItsConnections) {
  RawClient a(port), b(port);
  a.send(get("/a"));
  EXPECT_EQ(a.answer().status, 200);
  b.send("GET /half");
  server.reset();
  EXPECT_TRUE(a.ended());
}

TEST_F(ServerTest, ConnectionsAreBounded) {
  options.max_connections = 3;
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->send(get("/a"));
    EXPECT_EQ(clients.back()->answer().status, 200);
  }
  RawClient fourth(port);
  EXPECT_TRUE(fourth.ended());
  clients[0]->send(get("/still"));
  EXPECT_EQ(clients[0]->answer().body, "GET /still ");
}

TEST_F(ServerTest, APortInUseIsRefused) {
  Server other(options);
  EXPECT_EQ(other.listen("127.0.0.1", port, handler).fault(), Fault::unavailable);
  EXPECT_EQ(other.listen("nowhere", 0, handler).fault(), Fault::invalid_argument);
}

int listening_socket(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  CHECK(::listen(fd, 16) == 0);
  socklen_t size = sizeof at;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  port = ntohs(at.sin_port);
  return fd;
}

TEST_F(ServerTest, AnAdoptedListenerCarriesItsEnvironment) {
  std::uint16_t inside = 0;
  auto own = std::make_shared<TestHandler>();
  auto adopted = server->adopt(listening_socket(inside), "env-1", own);
  RawClient c(inside), outside(port);
  c.send(get("/who"));
  EXPECT_EQ(c.answer().body, "env-1 127.0.0.1 h");
  outside.send(get("/who"));
  EXPECT_EQ(outside.answer().body, " 127.0.0.1 h");
  adopted.reset();
  EXPECT_TRUE(c.ended());
  outside.send(get("/who"));
  EXPECT_EQ(outside.answer().status, 200);
}

TEST_F(ServerTest, ASandboxMaySendALargeHeaderButNotHoldAllConnections) {
  std::uint16_t inside = 0;
  auto own = std::make_shared<TestHandler>();
  auto adopted = server->adopt(listening_socket(inside), "env-1", own);
  const std::string large = "X-Cause: " + std::string(1024 * 1024, 'x') + "\r\n";
  std::string request = get("/who");
  request.insert(request.size() - 2, large);
  RawClient c(inside);
  c.send(request);
  EXPECT_EQ(c.answer().status, 200);
  // In the smallest pieces, too, and in no more than a few seconds.
  for (char byte : request) c.send({&byte, 1});
  EXPECT_EQ(c.answer().status, 200);
  std::deque<RawClient> held;
  for (std::size_t i = 1; i < kMaxAdoptedConnections; ++i) held.emplace_back(inside);
  held.back().send(get("/who"));
  EXPECT_EQ(held.back().answer().status, 200);
  RawClient refused(inside);
  EXPECT_TRUE(refused.ended());
  held.front().send(get("/who"));
  EXPECT_EQ(held.front().answer().status, 200);
}

TEST_F(ServerTest, DrainLeavesSandboxesTheirConnections) {
  // A request in flight may wait for a function, whose runtime answers through its own connection.
  std::uint16_t inside = 0;
  auto own = std::make_shared<TestHandler>();
  auto adopted = server->adopt(listening_socket(inside), "env-1", own);
  RawClient runtime(inside), waiting(inside), client(port), idle(port);
  runtime.send(get("/who"));
  EXPECT_EQ(runtime.answer().status, 200);
  waiting.send(get("/hold"));  // as a runtime waits for its next call
  own->gate.await(1);
  client.send(get("/hold?1"));
  handler.gate.await(1);
  idle.send(get("/a"));
  EXPECT_EQ(idle.answer().status, 200);
  auto drained = std::async(std::launch::async, [&] { server->drain(); });
  EXPECT_TRUE(idle.ended());  // draining has begun
  runtime.send(get("/who"));
  EXPECT_EQ(runtime.answer().body, "env-1 127.0.0.1 h");
  handler.gate.open();
  EXPECT_EQ(client.answer().body, "held 1");
  drained.get();  // though the runtime waits still
  EXPECT_TRUE(runtime.ended());
  own->gate.open();
}

TEST(LoopsTest, WhatIsAdoptedThereIsServedOnTheStrand) {
  struct Where final : http::Handler {
    explicit Where(asio::any_io_executor c) : control(std::move(c)) {}
    asio::awaitable<http::Response> handle(const http::Request& r, http::BodyReader&) override {
      http::Response response;
      const auto here = control.target<asio::io_context::executor_type>();
      response.body = fmt::format("{} {}", r.environment_id, here->running_in_this_thread());
      co_return response;
    }
    asio::any_io_executor control;
  };
  Loops loops(1);
  std::uint16_t inside = 0;
  auto adopted = loops.adopt(listening_socket(inside), "env-1",
                             std::make_shared<Where>(loops.executors().control));
  loops.start();
  RawClient c(inside), open(inside);
  c.send(get("/who"));
  EXPECT_EQ(c.answer().body, "env-1 true");
  adopted.reset();
  EXPECT_TRUE(c.ended());
  EXPECT_TRUE(open.ended());
  loops.stop();
}

// Says on which thread it was called; calls of "/near" may be served on the control strand.
class Near final : public http::Handler {
 public:
  explicit Near(asio::any_io_executor c) : control_(std::move(c)) {}
  bool wants_control(const http::Request& r) const override { return r.path == "/near"; }
  asio::awaitable<http::Response> handle(const http::Request& r, http::BodyReader& body) override {
    Result<std::string> all = co_await http::read_all(body, 1 << 20);
    if (r.query == "hold") co_await gate.pass();
    const auto here = control_.target<asio::io_context::executor_type>();
    http::Response response;
    response.proven = r.query != "stranger";
    response.body = fmt::format("{} {}", all.ok() ? *all : "broken",
                                here->running_in_this_thread() ? "control" : "home");
    co_return response;
  }
  Gate gate;

 private:
  asio::any_io_executor control_;
};

class NearTest : public testing::Test {
 protected:
  void SetUp() override {
    loops.start();
    port = *server.listen("127.0.0.1", 0, handler);
    server.start();
  }
  void TearDown() override {
    handler.gate.open();
    server.drain();
    loops.stop();
  }
  static std::string post(const std::string& target, const std::string& body) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{}", target,
                       body.size(), body);
  }
  std::atomic<std::uint64_t> up_ms{1};
  Loops loops{1, [this] { return up_ms.load(); }};
  Near handler{loops.executors().control};
  Server server{{2, 50, "test", 10'000, [this] { return up_ms.load(); }}, &loops};
  std::uint16_t port = 0;
};

TEST_F(NearTest, AProvenCallersConnectionMovesToTheStrandAndBack) {
  RawClient c(port);
  auto say = [&c](const std::string& target, const std::string& body) {
    c.send(post(target, body));
    return c.answer().body;
  };
  EXPECT_EQ(say("/near", "1"), "1 home") << "nobody knows it yet";
  EXPECT_EQ(say("/near", "2"), "2 control");
  EXPECT_EQ(say("/near", "3"), "3 control");
  EXPECT_EQ(say("/far", "4"), "4 home");
  EXPECT_EQ(say("/near?stranger", "5"), "5 control");
  EXPECT_EQ(say("/near", "6"), "6 home") << "its last request was refused";
}

TEST_F(NearTest, NothingThatWasSentIsLostOnTheWay) {
  RawClient c(port);
  const std::string large(300'000, 'x');
  c.send(post("/far", "1") + post("/near", "2") + post("/near", large) + post("/far", "4"));
  EXPECT_EQ(c.answer().body, "1 home");
  EXPECT_EQ(c.answer().body, "2 control");
  EXPECT_EQ(c.answer().body, large + " control");
  EXPECT_EQ(c.answer().body, "4 home");
  // A head in pieces moves when it is complete.
  const std::string head = post("/near", "5");
  c.send(head.substr(0, 20));
  c.send(head.substr(20));
  EXPECT_EQ(c.answer().body, "5 control");
}

TEST_F(NearTest, ACallMayTakeItsTimeWhereverItIsServed) {
  RawClient near(port), idle(port), far(port);
  for (RawClient* c : {&near, &idle}) {
    c->send(post("/far", "1") + post("/near", "2"));
    EXPECT_EQ(c->answer().body, "1 home");
    EXPECT_EQ(c->answer().body, "2 control");
  }
  near.send(post("/far", "3") + post("/near?hold", "4"));
  EXPECT_EQ(near.answer().body, "3 home");
  far.send(post("/far?hold", "5"));
  handler.gate.await(2);
  up_ms += 80'000;
  EXPECT_TRUE(idle.ended()) << "the strand's loop looked through its connections";
  handler.gate.open();
  EXPECT_EQ(near.answer().body, "4 control");
  EXPECT_EQ(far.answer().body, "5 home");
}

TEST_F(NearTest, ADrainEndsAndAwaitsWhatMoved) {
  RawClient idle(port), busy(port);
  for (RawClient* c : {&idle, &busy}) {
    c->send(post("/far", "1") + post("/near", "2"));
    EXPECT_EQ(c->answer().body, "1 home");
    EXPECT_EQ(c->answer().body, "2 control");
  }
  busy.send(post("/near?hold", "3"));
  handler.gate.await(1);
  std::thread draining([this] { server.drain(); });
  EXPECT_TRUE(idle.ended());
  handler.gate.open();
  EXPECT_EQ(busy.answer().body, "3 control");
  EXPECT_TRUE(busy.ended());
  draining.join();
}

}  // namespace
}  // namespace tidegate::net
