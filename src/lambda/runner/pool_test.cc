// The pool and the life of environments in virtual time, with sandboxes of the test's own. The
// "process" speaks through the same HTTP handler as a real one.
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

#include "lambda/runner/outcome_text.h"
#include "lambda/runner/process.h"

namespace tidegate::lambda {
namespace {

class FakeSandboxes final : public Sandboxes {
 public:
  void observe(Observer* o) override { observer = o; }
  void start(std::uint64_t id, launch::Spec) override { started.push_back(id); }
  void restart(std::uint64_t id, std::uint32_t g) override { restarted.emplace_back(id, g); }
  void stop(std::uint64_t id) override { stopped.push_back(id); }
  void kill(std::uint64_t id) override { killed.push_back(id); }
  void freeze(std::uint64_t id) override { frozen.push_back(id); }
  void thaw(std::uint64_t id) override { thawed.push_back(id); }

  Observer* observer = nullptr;
  std::vector<std::uint64_t> started, stopped, killed, frozen, thawed;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> restarted;
};

class FakeListeners final : public Listeners {
 public:
  std::unique_ptr<Handle> adopt(int fd, std::string, std::shared_ptr<http::Handler> h,
                                Where) override {
    if (fd >= 0) ::close(fd);
    handlers.push_back(std::move(h));
    return std::make_unique<Handle>();
  }
  std::vector<std::shared_ptr<http::Handler>> handlers;  // Runtime API and endpoint in turn
};

class TextBody final : public http::BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  Task<std::string_view> read() override {
    if (std::exchange(read_, true)) co_return std::string_view();
    co_return std::string_view(text_);
  }

 private:
  std::string text_;
  bool read_ = false;
};

struct Exchange {
  std::string path, body;
  http::Request request;
  std::optional<http::Response> response;
  asio::cancellation_signal cancel;
  std::string text() const { return std::get<std::string>(response->body); }
  std::string header(std::string_view name) const {
    for (const auto& [n, v] : response->headers)
      if (http::equal_names(n, name)) return v;
    return "";
  }
};

asio::awaitable<void> exchange(std::shared_ptr<http::Handler> handler,
                               std::shared_ptr<Exchange> e) {
  TextBody body(e->body);
  e->response = co_await handler->handle(e->request, body);
}

class PoolTest : public testing::Test {
 protected:
  using Called = std::shared_ptr<std::optional<Result<InvocationOutcome>>>;

  void open(RunnerOptions options) {
    options.runtimes_directory = "/runtimes";
    auto sandboxes = std::make_unique<FakeSandboxes>();
    sandboxes_ = sandboxes.get();
    RunnerParts parts{{io_.get_executor(), io_.get_executor()}, time_, random_, listeners_, {}, {}};
    parts.ports.mint = [this](const FunctionImage&, const std::string&) {
      return EnvironmentCredentials{"key" + std::to_string(++minted_), "s", "t"};
    };
    parts.ports.revoke = [this](const std::string& key) { revoked_.push_back(key); };
    parts.ports.log = [this](const FunctionImage&, const std::string&, std::string_view l) {
      log_ += l;
    };
    runner_ = std::make_unique<ProcessRunner>(std::move(parts), options, std::move(sandboxes),
                                              "nocgroup", "a test");
    time_.on_settle([this] { settle(); });
  }
  void SetUp() override { open({}); }
  void TearDown() override {
    bool closed = false;
    asio::co_spawn(io_, runner_->close(), [&](std::exception_ptr) { closed = true; });
    settle();
    // Closing waits for the notices of what it killed; before the last one `observer` goes away.
    for (auto id : std::vector(closed ? std::vector<std::uint64_t>() : sandboxes_->killed)) {
      if (!closed) sandboxes_->observer->ended(id, false);
    }
    settle();
    EXPECT_TRUE(closed);
    EXPECT_EQ(revoked_.size(), std::size_t(minted_)) << "every key is taken back";
  }

  void settle() {
    io_.restart();
    io_.poll();
  }
  static FunctionImage image(std::string name = "f", std::string revision = "1") {
    FunctionImage f;
    f.scope = {"000000000000", "us-east-1"};
    f.name = name;
    f.version = "$LATEST";
    f.function_arn = "arn:f:" + name;
    f.revision = revision;
    f.runtime = "python3.11";
    f.timeout_s = 3;
    return f;
  }
  Called invoke(FunctionImage f, std::string id, bool nested = false) {
    auto outcome = std::make_shared<std::optional<Result<InvocationOutcome>>>();
    Invocation event;
    event.request_id = id;
    event.payload = "\"" + id + "\"";
    event.nested = nested;
    event.wants_tail = wants_tail_;
    auto run = [](Runner& r, FunctionImage i, Invocation e, Called o) -> asio::awaitable<void> {
      auto result = co_await r.invoke(std::move(i), std::move(e));
      o->emplace(std::move(result));
    };
    asio::co_spawn(io_, run(*runner_, std::move(f), std::move(event), outcome), asio::detached);
    settle();
    return outcome;
  }
  // The newest sandbox comes up; answers the place of its handler.
  std::size_t up(std::uint64_t id) {
    sandboxes_->observer->started(id, {100, launch::Fd(), launch::Fd(), pipe_end(), ""});
    settle();
    return listeners_.handlers.size() - 2;
  }
  launch::Fd pipe_end() {
    int fds[2];
    EXPECT_EQ(::pipe(fds), 0);
    writers_.emplace_back(fds[1]);
    return launch::Fd(fds[0]);
  }
  std::shared_ptr<Exchange> call(std::size_t process, http::Method method, std::string path,
                                 std::string body = "") {
    auto e = std::make_shared<Exchange>();
    e->path = "/2018-06-01/runtime/" + path;
    e->body = std::move(body);
    e->request.method = method;
    e->request.path = e->path;
    asio::co_spawn(io_, exchange(listeners_.handlers[process], e),
                   asio::bind_cancellation_slot(e->cancel.slot(), asio::detached));
    settle();
    return e;
  }
  auto next(std::size_t process) { return call(process, http::Method::get, "invocation/next"); }
  auto post(std::size_t process, const std::string& path, std::string body = "") {
    return call(process, http::Method::post, path, std::move(body));
  }
  std::size_t warm(const std::string& name) {  // one environment, idle
    auto outcome = invoke(image(name), "w-" + name);
    std::size_t process = up(sandboxes_->started.back());
    next(process);
    post(process, "invocation/w-" + name + "/response", "1");
    EXPECT_TRUE(outcome->has_value());
    return process;
  }

  asio::io_context io_;
  bool wants_tail_ = true;
  SimScheduler time_;
  SeededRandom random_{7};
  FakeListeners listeners_;
  FakeSandboxes* sandboxes_ = nullptr;
  std::unique_ptr<ProcessRunner> runner_;
  std::vector<launch::Fd> writers_;
  std::vector<std::string> revoked_;
  std::string log_;
  int minted_ = 0;
};

TEST_F(PoolTest, AnEventGoesInAndItsResponseComesOut) {
  auto outcome = invoke(image(), "one");
  ASSERT_EQ(sandboxes_->started.size(), 1u);
  std::size_t p = up(1);
  time_.advance(Duration{40});  // init is not the event's time
  auto event = next(p);
  ASSERT_TRUE(event->response.has_value());
  EXPECT_EQ(event->text(), "\"one\"");
  EXPECT_EQ(event->header("Lambda-Runtime-Aws-Request-Id"), "one");
  EXPECT_EQ(event->header("Lambda-Runtime-Deadline-Ms"), std::to_string(to_ms(time_.now()) + 3000));
  EXPECT_EQ(::write(writers_[0].get(), "hello\nhalf", 10), 10);
  time_.advance(Duration{7});
  EXPECT_EQ(post(p, "invocation/one/response", "{}")->response->status, 202);
  ASSERT_TRUE(outcome->has_value());
  auto& r = (*outcome)->value();
  EXPECT_EQ(r.payload, "{}");
  EXPECT_TRUE(r.cold);
  EXPECT_FALSE(r.failed);
  EXPECT_EQ(r.duration_ms, 7);
  EXPECT_EQ(r.log_tail.substr(0, r.log_tail.find("REPORT")),
            "START RequestId: one Version: $LATEST\nhello\nhalf\nEND RequestId: one\n");
  EXPECT_NE(r.log_tail.find("Init Duration: 40.00 ms"), std::string::npos);
  EXPECT_EQ(runner_->counts().idle, 1);
  // The second event is warm, and waits for the process to ask.
  auto second = invoke(image(), "two");
  EXPECT_EQ(sandboxes_->started.size(), 1u);
  EXPECT_EQ(next(p)->text(), "\"two\"");
  EXPECT_EQ(next(p)->text(), "\"two\"") << "asked again while running: the same event";
  post(p, "invocation/two/error", R"({"errorType":"ValueError"})");
  EXPECT_TRUE((*second)->value().failed);
  EXPECT_EQ((*second)->value().error_type, "ValueError");
  EXPECT_FALSE((*second)->value().cold);
}

// The runtime's states as a table: what a process asks, in turn, and what it is told. Every row is
// a fresh environment with the event "id" waiting.
// Whoever does not ask for the log's end has his answer before it is written; it lacks nothing.
TEST_F(PoolTest, TheLogIsWholeWithoutATail) {
  wants_tail_ = false;
  auto outcome = invoke(image(), "one");
  std::size_t p = up(1);
  auto event = next(p);
  EXPECT_EQ(::write(writers_[0].get(), "hello\n", 6), 6);
  EXPECT_EQ(post(p, "invocation/one/response", "{}")->response->status, 202);
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->value().log_tail, "");
  // The next event comes, and the process dies of it.
  auto second = invoke(image(), "two");
  EXPECT_EQ(next(p)->text(), "\"two\"");
  EXPECT_EQ(::write(writers_[0].get(), "again\n", 6), 6);
  sandboxes_->observer->exited(1, {1, 256, "", false});
  settle();
  std::string lines;
  for (std::size_t at = 0; at < log_.size(); at = log_.find('\n', at) + 1)
    lines += log_.substr(at, std::min(log_.find_first_of(" \n", at), log_.size()) - at) + " ";
  EXPECT_EQ(lines,
            "INIT_START START hello END REPORT "
            "START again RequestId: Runtime.ExitError END REPORT ")
      << log_;
}

TEST_F(PoolTest, TheRuntimeApisStates) {
  struct Ask {
    http::Method method;
    std::string path;
    int status;
    std::string text;  // part of the body
  };
  const auto get = http::Method::get, post = http::Method::post;
  const Ask next{get, "invocation/next", 200, "\"id\""};
  const Ask respond{post, "invocation/id/response", 202, R"({"status":"OK"})"};
  const Ask fail{post, "invocation/id/error", 202, R"({"status":"OK"})"};
  const Ask init_error{post, "init/error", 202, R"({"status":"OK"})"};
  auto refused = [](Ask ask, const std::string& from, const std::string& to) {
    ask.status = 403;
    ask.text = "{\"errorMessage\":\"State transition from " + from + " to " + to +
               " failed for runtime. Error: State transition is not allowed\","
               "\"errorType\":\"InvalidStateTransition\"}";
    return ask;
  };
  auto unknown_id = [](const char* path) {
    return Ask{http::Method::post, path, 400,
               R"({"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"})"};
  };
  const std::vector<std::vector<Ask>> rows = {
      {next, respond},
      {next, fail},
      {init_error},
      {next, next, respond},  // it lost the first answer: the same event again
      {next, refused(init_error, "Running", "InitError"), respond},
      {next, respond, refused(init_error, "RuntimeResponseSentState", "InitError")},
      {next, unknown_id("invocation/other/response"), unknown_id("invocation/other/error"),
       respond},
      {unknown_id("invocation/other/response"), unknown_id("invocation/other/error"), next, fail},
      {refused(respond, "Started", "InvocationResponse"), next, respond},
      {refused(fail, "Started", "InvocationErrorResponse"), next, respond},
      {next, respond, refused(respond, "RuntimeResponseSentState", "InvocationResponse")},
      {next, respond, refused(fail, "RuntimeResponseSentState", "InvocationErrorResponse")},
      {next, fail, refused(respond, "RuntimeResponseSentState", "InvocationResponse")},
      {next, fail, refused(fail, "RuntimeResponseSentState", "InvocationErrorResponse")},
      {{get, "invocation/id/response", 405, ""}, next, respond},
      {{post, "invocation/next", 405, ""}, next, respond},
      {{get, "init/error", 405, ""}, next, respond},
      {{get, "nothing", 404, "404 page not found\n"},
       {post, "restore/error", 404, "404 page not found\n"},
       next,
       respond},
      {{get, "restore/next", 404, "404 page not found\n"}, next, respond},
  };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    SCOPED_TRACE(row);
    auto outcome = invoke(image("f" + std::to_string(row)), "id");
    std::size_t process = up(sandboxes_->started.back());
    for (const Ask& ask : rows[row]) {
      auto told = call(process, ask.method, ask.path, "{}");
      ASSERT_TRUE(told->response.has_value()) << ask.path;
      EXPECT_EQ(told->response->status, ask.status) << ask.path << told->text();
      EXPECT_NE(told->text().find(ask.text), std::string::npos) << told->text();
    }
    EXPECT_TRUE(outcome->has_value());
  }
}

TEST_F(PoolTest, AProgramThatCannotBeExecuted) {
  char folder[] = "/tmp/tidegate-pool-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  std::string file = std::string(folder) + "/bootstrap";
  std::ofstream(file) << "no program";
  std::filesystem::permissions(file, std::filesystem::perms(0755));
  auto custom = image("c");
  custom.runtime = "provided.al2023";
  custom.code_directory = folder;
  auto outcome = invoke(custom, "one");
  up(1);
  sandboxes_->observer->exited(1, {1, 127 << 8, "exec format error"});
  settle();
  EXPECT_EQ((*outcome)->value().payload,
            R"({"errorType":"Runtime.InvalidEntrypoint","errorMessage":)"
            R"("RequestId: one Error: fork/exec /var/task/bootstrap: exec format error"})");
  auto wrapped = image("w");
  wrapped.variables["AWS_LAMBDA_EXEC_WRAPPER"] = "/var/task/nothing";
  outcome = invoke(wrapped, "two");
  up(2);
  sandboxes_->observer->exited(2, {1, 127 << 8, "no such file or directory"});
  settle();
  EXPECT_EQ((*outcome)->value().payload,
            R"({"errorType":"Runtime.ExitError","errorMessage":)"
            R"("RequestId: two Error: Runtime exited with error: exit status 127"})");
  EXPECT_NE(log_.find("fork/exec /var/task/nothing: no such file or directory\n"),
            std::string::npos);
  std::filesystem::remove(file);
  outcome = invoke(custom, "three");
  EXPECT_EQ((*outcome)->value().payload,
            R"({"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: three Error: )"
            R"(Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"})");
  EXPECT_NE((*outcome)->value().log_tail.find("Runtime.InvalidEntrypoint\nEND RequestId: three\n"),
            std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST_F(PoolTest, AResponseTooLargeIsTheFunctionsError) {
  auto outcome = invoke(image(), "one");
  std::size_t p = up(1);
  next(p);
  auto told = post(p, "invocation/one/response", std::string(kMaxFunctionResponse + 1, 'x'));
  EXPECT_EQ(told->response->status, 413);
  EXPECT_EQ((*outcome)->value().error_type, "Function.ResponseSizeTooLarge");
  EXPECT_EQ(runner_->counts().idle, 1) << "the environment stays usable";
}

TEST_F(PoolTest, ATimeoutStopsTheProcessAndKeepsTheSandbox) {
  auto outcome = invoke(image(), "one");
  std::size_t p = up(1);
  next(p);
  time_.advance(Duration{2999});
  EXPECT_TRUE(sandboxes_->stopped.empty());
  time_.advance(Duration{1});
  EXPECT_EQ(sandboxes_->stopped.size(), 1u);
  EXPECT_FALSE(outcome->has_value());
  EXPECT_EQ(post(p, "invocation/one/response", "late")->response->status, 403);
  sandboxes_->observer->exited(1, {1, 9, ""});
  settle();
  EXPECT_EQ((*outcome)->value().error_type, "Sandbox.Timedout");
  EXPECT_NE((*outcome)->value().log_tail.find("one Task timed out after 3.00 seconds\n"),
            std::string::npos);
  auto again = invoke(image(), "two");
  ASSERT_EQ(sandboxes_->restarted.size(), 1u);
  EXPECT_EQ(sandboxes_->restarted[0].second, 2u);
  sandboxes_->observer->exited(1, {1, 9, ""});  // an old notice changes nothing
  EXPECT_EQ(next(p)->text(), "\"two\"");
  post(p, "invocation/two/response", "2");
  EXPECT_TRUE((*again)->value().cold);
}

TEST_F(PoolTest, AProcessThatWillNotDieTakesItsSandboxAlong) {
  auto outcome = invoke(image(), "one");
  next(up(1));
  time_.advance(Duration{3000 + 2000});
  settle();
  EXPECT_EQ((*outcome)->value().error_type, "Sandbox.Timedout");
  EXPECT_EQ(sandboxes_->killed.size(), 1u);
  EXPECT_EQ(runner_->counts().live, 0);
}

TEST_F(PoolTest, ExitsAreTold) {
  auto outcome = invoke(image(), "one");
  std::size_t p = up(1);
  next(p);
  sandboxes_->observer->exited(1, {1, 3 << 8, ""});
  settle();
  EXPECT_EQ((*outcome)->value().payload,
            R"({"errorType":"Runtime.ExitError","errorMessage":)"
            R"("RequestId: one Error: Runtime exited with error: exit status 3"})");
  EXPECT_EQ(runner_->counts().idle, 1);
}

TEST_F(PoolTest, OutOfMemoryIsNamed) {
  auto outcome = invoke(image(), "one");
  next(up(1));
  sandboxes_->observer->exited(1, {1, 9, "", true});
  settle();
  EXPECT_EQ((*outcome)->value().payload,
            R"({"errorType":"Runtime.OutOfMemory","errorMessage":)"
            R"("RequestId: one Error: Runtime exited with error: signal: killed"})");
  auto second = invoke(image("g"), "two");
  next(up(2));
  sandboxes_->observer->ended(2, true);  // the first process itself was killed
  settle();
  EXPECT_EQ((*second)->value().error_type, "Runtime.OutOfMemory");
  EXPECT_NE((*second)->value().log_tail.find("Status: error\tError Type: Runtime.OutOfMemory\n"),
            std::string::npos);
}

TEST_F(PoolTest, InitErrorsThrowTheEnvironmentAway) {
  auto outcome = invoke(image(), "one");
  std::size_t p = up(1);
  EXPECT_EQ(post(p, "init/error", R"({"errorType":"Runtime.X"})")->response->status, 202);
  EXPECT_EQ((*outcome)->value().payload, R"({"errorType":"Runtime.X"})");
  EXPECT_EQ(runner_->counts().live, 0);
  EXPECT_EQ(sandboxes_->killed.size(), 1u);
  auto second = invoke(image(), "two");
  up(2);
  sandboxes_->observer->exited(2, {1, 0, ""});
  settle();
  EXPECT_NE((*second)->value().payload.find("exited without providing a reason"),
            std::string::npos);
  EXPECT_EQ(runner_->counts().live, 0);
}

TEST_F(PoolTest, ASlowInitIsRepeatedInsideTheEventsTime) {
  auto outcome = invoke(image(), "one");
  std::size_t p = up(1);
  time_.advance(Duration{10'000});
  ASSERT_EQ(sandboxes_->restarted.size(), 1u);
  time_.advance(Duration{1000});
  EXPECT_EQ(next(p)->text(), "\"one\"");
  time_.advance(Duration{2000});
  EXPECT_EQ(sandboxes_->stopped.size(), 1u) << "3 s since the second try began";
  sandboxes_->observer->exited(1, {2, 9, ""});
  settle();
  EXPECT_EQ((*outcome)->value().error_type, "Sandbox.Timedout");
}

TEST_F(PoolTest, TheLastUsedIsReusedAndTheOldestMakesRoom) {
  RunnerOptions options;
  options.max_environments = 3;
  options.nested_reserve = 1;
  open(options);
  warm("a");
  warm("b");
  warm("c");
  EXPECT_EQ(runner_->counts().idle, 3);
  auto d = invoke(image("d"), "d");
  EXPECT_EQ(sandboxes_->killed, std::vector<std::uint64_t>{1}) << "a was idle for longest";
  auto e = invoke(image("e"), "e");
  EXPECT_EQ(runner_->counts().busy, 2);
  auto refused = invoke(image("f"), "f");
  EXPECT_EQ((*refused)->fault(), Fault::throttled);
  auto nested = invoke(image("f"), "f", true);
  EXPECT_FALSE(nested->has_value()) << "the reserve is for nested calls";
  EXPECT_EQ(runner_->counts().busy, 3);
  auto too_many = invoke(image("g"), "g", true);
  EXPECT_EQ((*too_many)->fault(), Fault::throttled);
}

TEST_F(PoolTest, RevisionsNeverMix) {
  std::size_t p = warm("f");
  auto other = invoke(image("f", "2"), "two");
  EXPECT_EQ(sandboxes_->started.size(), 2u);
  runner_->retire(image().scope, "f", "", "2");
  EXPECT_EQ(sandboxes_->killed, std::vector<std::uint64_t>{1});
  EXPECT_EQ(next(p)->response->status, 410);
  runner_->retire(image().scope, "f", "", "");
  EXPECT_EQ(sandboxes_->killed.size(), 1u) << "busy ones end after their event";
  std::size_t q = up(2);
  next(q);
  post(q, "invocation/two/response", "2");
  EXPECT_EQ((*other)->value().payload, "2");
  EXPECT_EQ(sandboxes_->killed.size(), 2u);
}

TEST_F(PoolTest, IdleEnvironmentsEnd) {
  std::size_t p = warm("f");
  auto waiting = next(p);
  EXPECT_FALSE(waiting->response.has_value());
  time_.advance(Duration{7 * 60 * 1000});
  settle();
  EXPECT_EQ(waiting->response->status, 410);
  EXPECT_EQ(runner_->counts().live, 0);
}

TEST_F(PoolTest, BetweenEventsAnEnvironmentStandsStill) {
  std::size_t p = warm("f");
  next(p);
  for (int i = 0; i < 3; ++i) {  // in a row: nothing is frozen
    time_.advance(Duration{40});
    auto event = invoke(image("f"), "e" + std::to_string(i));
    post(p, "invocation/e" + std::to_string(i) + "/response", "1");
    if (i < 2) next(p);
  }
  EXPECT_TRUE(sandboxes_->frozen.empty());
  time_.advance(Duration{400});
  EXPECT_TRUE(sandboxes_->frozen.empty()) << "it has not asked for the next event yet";
  auto waiting = next(p);
  time_.advance(Duration{50});
  EXPECT_EQ(sandboxes_->frozen.size(), 1u);
  time_.advance(Duration{5000});
  EXPECT_EQ(sandboxes_->frozen.size(), 1u) << "once";
  EXPECT_TRUE(sandboxes_->thawed.empty());
  auto event = invoke(image("f"), "last");
  EXPECT_EQ(sandboxes_->thawed, sandboxes_->frozen);
  EXPECT_EQ(waiting->text(), "\"last\"");
  post(p, "invocation/last/response", "1");
  next(p);
  time_.advance(Duration{50});
  EXPECT_EQ(sandboxes_->frozen.size(), 2u);
  time_.advance(Duration{7 * 60 * 1000 - 51});
  EXPECT_EQ(runner_->counts().live, 1);
  time_.advance(Duration{1});
  EXPECT_EQ(runner_->counts().live, 0) << "as long as ever";
}

TEST_F(PoolTest, AnIdleProcessThatLeftIsStartedAgain) {
  std::size_t p = warm("f");
  auto waiting = next(p);
  sandboxes_->observer->exited(1, {1, 0, ""});
  settle();
  EXPECT_EQ(waiting->response->status, 410);
  auto outcome = invoke(image("f"), "two");
  EXPECT_EQ(sandboxes_->restarted.size(), 1u);
  EXPECT_EQ(next(p)->text(), "\"two\"");
  post(p, "invocation/two/response", "2");
  EXPECT_EQ((*outcome)->value().payload, "2");
}

TEST_F(PoolTest, AConnectionThatWentAwayGetsNoEvent) {
  std::size_t p = warm("f");
  auto lost = next(p);
  lost->cancel.emit(asio::cancellation_type::all);
  settle();
  EXPECT_FALSE(lost->response.has_value() && lost->response->status == 200);
  auto outcome = invoke(image("f"), "two");
  EXPECT_EQ(next(p)->text(), "\"two\"");
  post(p, "invocation/two/response", "2");
  EXPECT_TRUE(outcome->has_value());
}

TEST_F(PoolTest, FailuresToMakeASandbox) {
  auto outcome = invoke(image(), "one");
  sandboxes_->observer->failed(1, "clone: no");
  settle();
  EXPECT_EQ((*outcome)->fault(), Fault::sandbox_unavailable);
  auto unknown = invoke(
      [] {
        auto f = image();
        f.runtime = "cobol";
        return f;
      }(),
      "two");
  EXPECT_EQ((*unknown)->fault(), Fault::invalid_argument);
  auto running = invoke(image(), "three");
  next(up(sandboxes_->started.back()));
  sandboxes_->observer->lost();
  settle();
  EXPECT_EQ((*running)->value().error_type, "Runtime.ExitError");
  EXPECT_EQ(runner_->level(), "off");
  EXPECT_EQ((*invoke(image(), "four"))->fault(), Fault::sandbox_unavailable);
}

TEST_F(PoolTest, ClosingCancelsWhatRuns) {
  auto outcome = invoke(image(), "one");
  next(up(1));
  bool closed = false;
  asio::co_spawn(io_, runner_->close(), [&](std::exception_ptr) { closed = true; });
  settle();
  EXPECT_EQ((*outcome)->fault(), Fault::cancelled);
  EXPECT_FALSE(closed) << "waits for the sandbox to end";
  sandboxes_->observer->ended(1, false);
  settle();
  EXPECT_TRUE(closed);
  EXPECT_EQ((*invoke(image(), "two"))->fault(), Fault::cancelled);
}

}  // namespace
}  // namespace tidegate::lambda
