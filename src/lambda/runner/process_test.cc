// The runner with everything real: the launcher, a sandbox, Python and our bootstrap. Only the
// HTTP server is the test's own, and small. Skipped where the machine forbids namespaces.
#include "lambda/runner/process.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "document/value.h"

namespace tidegate::lambda {
namespace {

using tcp = asio::ip::tcp;

std::filesystem::path build_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
}

std::string launcher_path() {
  const char* given = getenv("TIDEGATE_LAUNCHER");
  return given != nullptr ? given : (build_folder() / "tidegate-launcher").string();
}

class RealTime final : public Scheduler {
 public:
  explicit RealTime(asio::any_io_executor control) : control_(std::move(control)) {}
  Instant now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
  std::uint64_t up_us() const override {
    auto up = std::chrono::steady_clock::now().time_since_epoch();
    return std::uint64_t(std::chrono::duration_cast<std::chrono::microseconds>(up).count());
  }
  TimerId at(Instant when, std::function<void()> action) override {
    TimerId id = ++last_;
    auto timer = std::make_shared<asio::steady_timer>(control_, when - now());
    timers_[id] = timer;
    timer->async_wait([this, id, timer, action](boost::system::error_code error) {
      if (error || timers_.erase(id) == 0) return;
      action();
    });
    return id;
  }
  void cancel(TimerId id) override { timers_.erase(id); }

 private:
  asio::any_io_executor control_;
  TimerId last_ = 0;
  std::map<TimerId, std::shared_ptr<asio::steady_timer>> timers_;
};

class Pieces final : public http::BodyReader {
 public:
  Pieces(tcp::socket& socket, std::string begun, std::size_t size)
      : socket_(socket), piece_(std::move(begun)), left_(size) {}
  Task<std::string_view> read() override {
    if (left_ == 0) co_return std::string_view();
    if (piece_.empty() || given_) {
      piece_.resize(std::min<std::size_t>(left_, 65536));
      boost::system::error_code error;
      std::size_t got = co_await socket_.async_read_some(
          asio::buffer(piece_), asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return Error{Fault::incomplete_body, "gone"};
      piece_.resize(got);
    }
    given_ = true;
    left_ -= piece_.size();
    co_return std::string_view(piece_);
  }

 private:
  tcp::socket& socket_;
  std::string piece_;
  std::size_t left_;
  bool given_ = false;
};

// Serves one request after the other, as simply as the bootstrap and curl-like clients allow.
asio::awaitable<void> serve(tcp::socket socket, std::string environment,
                            std::shared_ptr<http::Handler> handler) {
  std::string in;
  boost::system::error_code error;
  while (true) {
    std::size_t end;
    while ((end = in.find("\r\n\r\n")) == std::string::npos) {
      char piece[4096];
      std::size_t got = co_await socket.async_read_some(
          asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
      in.append(piece, got);
    }
    std::string head = in.substr(0, end + 2);
    http::Request request;
    std::size_t line = head.find("\r\n");
    std::string_view first(head.data(), line);
    auto space = first.find(' '), last = first.rfind(' ');
    request.method = first.substr(0, space) == "GET" ? http::Method::get : http::Method::post;
    request.path = request.target = first.substr(space + 1, last - space - 1);
    request.environment_id = environment;
    std::size_t size = 0;
    for (std::size_t at = line + 2; at < head.size();) {
      std::size_t stop = head.find("\r\n", at), colon = head.find(": ", at);
      std::string_view name(head.data() + at, colon - at);
      std::string_view value(head.data() + colon + 2, stop - colon - 2);
      request.headers.push_back({name, value});
      if (http::equal_names(name, "content-length")) size = std::stoul(std::string(value));
      at = stop + 2;
    }
    std::string begun = in.substr(end + 4, size);
    in.erase(0, end + 4 + begun.size());
    Pieces body(socket, std::move(begun), size);
    http::Response response = co_await handler->handle(request, body);
    while (true) {  // what the handler did not read
      auto rest = co_await body.read();
      if (!rest.ok() || rest->empty()) break;
    }
    const std::string& text = std::get<std::string>(response.body);
    std::string out =
        fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", response.status, text.size());
    for (const auto& [name, value] : response.headers) out += name + ": " + value + "\r\n";
    out += "\r\n" + text;
    co_await asio::async_write(socket, asio::buffer(out),
                               asio::redirect_error(asio::use_awaitable, error));
    if (error || response.close) co_return;
  }
}

class TestListeners final : public Listeners {
 public:
  TestListeners(asio::io_context& control, asio::io_context& network)
      : control_(control), network_(network) {}
  std::unique_ptr<Handle> adopt(int fd, std::string environment,
                                std::shared_ptr<http::Handler> handler, Where where) override {
    asio::io_context& io = where == Where::control ? control_ : network_;
    auto acceptor = std::make_shared<tcp::acceptor>(io, tcp::v4(), fd);
    asio::co_spawn(io, accept(acceptor, std::move(environment), std::move(handler)),
                   asio::detached);
    struct Closer : Handle {
      std::shared_ptr<tcp::acceptor> acceptor;
      ~Closer() override {
        asio::post(acceptor->get_executor(), [a = acceptor] { a->close(); });
      }
    };
    auto handle = std::make_unique<Closer>();
    handle->acceptor = acceptor;
    return handle;
  }

 private:
  static asio::awaitable<void> accept(std::shared_ptr<tcp::acceptor> acceptor, std::string id,
                                      std::shared_ptr<http::Handler> handler) {
    boost::system::error_code error;
    while (!error) {
      tcp::socket socket =
          co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error)
        asio::co_spawn(acceptor->get_executor(), serve(std::move(socket), id, handler),
                       asio::detached);
    }
  }
  asio::io_context &control_, &network_;
};

// Stands for the server's AWS endpoint.
class Endpoint final : public http::Handler {
 public:
  asio::awaitable<http::Response> handle(const http::Request& r, http::BodyReader&) override {
    http::Response response;
    response.set("Content-Type", "application/json");
    response.body = fmt::format("{{\"path\":\"{}\",\"seen\":{}}}", r.path,
                                r.environment_id.size() == 32 ? "true" : "false");
    co_return response;
  }
};

class ProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    LauncherHandle launcher = start_launcher(launcher_path());  // before there are threads
    ASSERT_EQ(launcher.reason.find("no launcher"), std::string::npos) << launcher.reason;
    if (launcher.level == "off") GTEST_SKIP() << "no sandbox on this machine: " << launcher.reason;
    char name[] = "/tmp/tidegate-code-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    std::filesystem::permissions(folder_, std::filesystem::perms(0755));
    RunnerParts parts{{asio::make_strand(control_), blocking_.get_executor()},
                      time_,
                      random_,
                      listeners_,
                      std::make_shared<Endpoint>(),
                      {}};
    parts.ports.mint = [](const FunctionImage&, const std::string&) {
      return EnvironmentCredentials{"AKID", "secret", "token"};
    };
    parts.ports.log = [this](const FunctionImage&, const std::string&, std::string_view lines) {
      std::lock_guard lock(mutex_);
      logged_ += lines.size();
    };
    RunnerOptions options;
    options.runtimes_directory = (build_folder().parent_path().parent_path() / "runtimes").string();
    if (!std::filesystem::exists(options.runtimes_directory))
      options.runtimes_directory = (std::filesystem::current_path() / "runtimes").string();
    runner_ = std::make_unique<ProcessRunner>(std::move(parts), options, std::move(launcher));
    for (auto* io : {&control_, &network_, &blocking_}) threads_.emplace_back([io] { io->run(); });
  }

  void TearDown() override {
    if (runner_) {
      std::promise<void> closed;
      asio::co_spawn(control_, runner_->close(), [&](std::exception_ptr) { closed.set_value(); });
      closed.get_future().wait();
    }
    for (auto& guard : guards_) guard.reset();
    for (auto* io : {&control_, &network_, &blocking_}) io->stop();
    for (auto& thread : threads_) thread.join();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  FunctionImage python(const std::string& code, int timeout_s = 10, int memory_mb = 256) {
    std::string code_folder = folder_ + "/" + std::to_string(++functions_);
    std::filesystem::create_directory(code_folder);
    std::ofstream(code_folder + "/index.py") << code;
    FunctionImage f;
    f.scope = {"000000000000", "us-east-1"};
    f.name = "f" + std::to_string(functions_);
    f.version = "$LATEST";
    f.function_arn = "arn:aws:lambda:us-east-1:000000000000:function:" + f.name;
    f.revision = "1";
    f.runtime = "python3.11";
    f.handler = "index.handler";
    f.code_directory = code_folder;
    f.timeout_s = timeout_s;
    f.memory_mb = memory_mb;
    f.ephemeral_mb = 16;
    return f;
  }

  std::future<std::shared_ptr<Result<InvocationOutcome>>> begin(FunctionImage f,
                                                                std::string payload) {
    Invocation event;
    event.request_id = "id-" + std::to_string(++events_);
    event.invoked_arn = f.function_arn;
    event.payload = std::move(payload);
    event.depth = 2;
    event.wants_tail = true;
    auto run = [](Runner& r, FunctionImage i,
                  Invocation e) -> asio::awaitable<std::shared_ptr<Result<InvocationOutcome>>> {
      auto result = co_await r.invoke(std::move(i), std::move(e));
      co_return std::make_shared<Result<InvocationOutcome>>(std::move(result));
    };
    auto promise = std::make_shared<std::promise<std::shared_ptr<Result<InvocationOutcome>>>>();
    auto future = promise->get_future();
    asio::co_spawn(control_, run(*runner_, std::move(f), std::move(event)),
                   [promise](std::exception_ptr, std::shared_ptr<Result<InvocationOutcome>> r) {
                     promise->set_value(std::move(r));
                   });
    return future;
  }
  InvocationOutcome invoke(const FunctionImage& f, std::string payload = "{}") {
    auto result = begin(f, std::move(payload)).get();
    EXPECT_TRUE(result->ok()) << result->error().message;
    return result->ok() ? **result : InvocationOutcome{};
  }

  asio::io_context control_, network_, blocking_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_ = [this] {
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> all;
    for (auto* io : {&control_, &network_, &blocking_}) all.push_back(asio::make_work_guard(*io));
    return all;
  }();
  RealTime time_{control_.get_executor()};
  SystemRandom random_;
  TestListeners listeners_{control_, network_};
  std::unique_ptr<ProcessRunner> runner_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::size_t logged_ = 0;
  std::string folder_;
  int functions_ = 0, events_ = 0;
};

TEST_F(ProcessTest, ReturnsWhatTheHandlerReturns) {
  auto f = python(R"(
import os, sys
count = 0
def handler(event, context):
    global count
    count += 1
    print('hello from', context.aws_request_id)
    return {'got': event, 'count': count, 'region': os.environ['AWS_REGION'],
            'trace': os.environ['_X_AMZN_TRACE_ID'].split(';')[-1], 'cwd': os.getcwd(),
            'left': 0 < context.get_remaining_time_in_millis() <= 10000, 'uid': os.getuid(),
            'executable': sys.executable, 'encoding': sys.getfilesystemencoding()}
)");
  auto first = invoke(f, R"({"a":"ü"})");
  EXPECT_EQ(first.payload,
            R"({"got": {"a": "\u00fc"}, "count": 1, "region": "us-east-1", "trace": "Tg-Depth=2", )"
            R"("cwd": "/var/task", "left": true, "uid": 993, "executable": "/usr/bin/python3", )"
            R"("encoding": "utf-8"})");
  EXPECT_TRUE(first.cold);
  EXPECT_NE(first.log_tail.find("hello from id-1\nEND"), std::string::npos) << first.log_tail;
  EXPECT_EQ(first.log_tail.find("Max Memory Used: 0 MB"), std::string::npos) << first.log_tail;
  auto second = invoke(f);
  EXPECT_FALSE(second.cold);
  EXPECT_NE(second.payload.find("\"count\": 2"), std::string::npos);
}

TEST_F(ProcessTest, FailsAsTheHandlerFails) {
  auto f = python(R"(
import os, sys
def handler(event, context):
    if event == 'raise': raise ValueError('bad config')
    if event == 'exit': os._exit(3)
    if event == 'leave': sys.exit(0)
    if event == 'crash': os.kill(os.getpid(), 11)
    if event == 'write': open('/tmp/kept', 'w').write('kept')
    return open('/tmp/kept').read()
)");
  EXPECT_EQ(invoke(f, "\"write\"").payload, "\"kept\"");
  auto raised = invoke(f, "\"raise\"");
  EXPECT_TRUE(raised.failed);
  EXPECT_EQ(raised.error_type, "ValueError");
  EXPECT_NE(raised.payload.find("File \\\"/var/task/index.py\\\", line 4, in handler"),
            std::string::npos)
      << raised.payload;
  EXPECT_NE(raised.log_tail.find("[ERROR] ValueError: bad config\nTraceback"), std::string::npos);
  EXPECT_NE(invoke(f, "\"exit\"").payload.find("exit status 3"), std::string::npos);
  EXPECT_NE(invoke(f, "\"leave\"").payload.find("without providing a reason"), std::string::npos);
  EXPECT_NE(invoke(f, "\"crash\"").payload.find("signal: segmentation fault"), std::string::npos);
  auto after = invoke(f);
  EXPECT_EQ(after.payload, "\"kept\"") << "/tmp survives the process";
  EXPECT_TRUE(after.cold);
}

TEST_F(ProcessTest, InitErrors) {
  auto broken = invoke(python("import nope"));
  EXPECT_EQ(broken.error_type, "Runtime.ImportModuleError");
  EXPECT_NE(broken.payload.find("Unable to import module 'index': No module named 'nope'"),
            std::string::npos);
  EXPECT_NE(broken.log_tail.find("[ERROR] Runtime.ImportModuleError"), std::string::npos)
      << broken.log_tail;
  auto left = invoke(python("import sys; sys.exit(1)"));
  EXPECT_EQ(left.error_type, "Runtime.ExitError");
}

TEST_F(ProcessTest, LoopsUntilItsTime) {
  auto f = python(R"(
import subprocess
def handler(event, context):
    if event == 'fine': return 'fine'
    subprocess.Popen(['sleep', '1000'])
    print('looping')
    while True: pass
)",
                  1);
  auto outcome = invoke(f);
  EXPECT_TRUE(outcome.failed);
  EXPECT_EQ(outcome.payload, R"({"errorType":"Sandbox.Timedout","errorMessage":)"
                             R"("RequestId: id-1 Error: Task timed out after 1.00 seconds"})");
  EXPECT_NE(outcome.log_tail.find("looping\n"), std::string::npos);
  EXPECT_NE(outcome.log_tail.find("Status: timeout"), std::string::npos);
  EXPECT_GE(outcome.duration_ms, 1000);
  EXPECT_LT(outcome.duration_ms, 3000);
  EXPECT_EQ(invoke(f, "\"fine\"").payload, "\"fine\"");
}

TEST_F(ProcessTest, FloodsItsLog) {
  auto f = python(R"(
def handler(event, context):
    for i in range(100000): print('x' * 100)
    print('the end')
    return 'done'
)",
                  60);
  auto outcome = invoke(f);
  EXPECT_EQ(outcome.payload, "\"done\"");
  EXPECT_LE(outcome.log_tail.size(), 4096u);
  EXPECT_NE(outcome.log_tail.find("the end\nEND RequestId: id-1\nREPORT"), std::string::npos);
  std::lock_guard lock(mutex_);
  EXPECT_GE(logged_, 10'100'000u) << "nothing is lost";
}

TEST_F(ProcessTest, EatsMemory) {
  auto f = python(R"(
def handler(event, context):
    if event == 'fine': return 'fine'
    x = []
    while True: x.append(bytearray(1 << 22))
)",
                  20, 128);
  auto outcome = invoke(f);
  EXPECT_TRUE(outcome.failed);
  EXPECT_EQ(outcome.error_type, "MemoryError") << outcome.payload;
  EXPECT_EQ(invoke(f, "\"fine\"").payload, "\"fine\"");
}

TEST_F(ProcessTest, HostileFunctionsStayInside) {
  auto f = python(R"(
import os, socket, subprocess, ctypes
def handler(event, context):
    found = []
    for path in ('/root', '/home', '/etc/shadow', '/work', '/var/lib', '/sys', '/proc/1/environ',
                 '/proc/1/root', '/dev/mem', '/proc/kcore', '/run', '/mnt'):
        try:
            os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(1)
            found.append(path)
        except OSError: pass
    for path in ('/x', '/usr/x', '/var/task/x', '/etc/passwd', '/var/runtime/bootstrap.py',
                 '/proc/sys/kernel/hostname', '/proc/sys/kernel/core_pattern'):
        try:
            open(path, 'a').write('x'); found.append('wrote ' + path)
        except OSError: pass
    for host, port in (('127.0.0.1', event), ('10.255.255.1', 80), ('192.0.2.1', 53)):
        s = socket.socket(); s.settimeout(1)
        try:
            s.connect((host, port)); found.append(host)
        except OSError: pass
    libc = ctypes.CDLL(None, use_errno=True)
    for name, args in (('unshare', (0x10000000,)), ('mount', (b'x', b'/tmp', b'tmpfs', 0, 0)),
                       ('setuid', (0,)), ('ptrace', (16, 1, 0, 0)), ('chroot', (b'/tmp',)),
                       ('sethostname', (b'x', 1))):
        if getattr(libc, name)(*args) == 0: found.append(name)
    try:
        os.kill(1, 9)
    except OSError: pass
    try:
        with open('/tmp/big', 'wb') as f:
            for _ in range(64): f.write(bytes(1 << 20))
        found.append('filled more than /tmp')
    except OSError: pass
    children = []
    try:
        for _ in range(2000):
            pid = os.fork()
            if pid == 0:
                import signal; signal.pause()
            children.append(pid)
        found.append('fork bomb')
    except OSError: pass
    return found
)",
                  30);
  tcp::acceptor host(network_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  auto outcome = invoke(f, std::to_string(host.local_endpoint().port()));
  EXPECT_EQ(outcome.payload, "[]");
}

TEST_F(ProcessTest, TheEndpointIsReachableAndKnowsWhoCalls) {
  auto f = python(R"(
import os, urllib.request
def handler(event, context):
    return urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/some/path').read().decode()
)");
  EXPECT_EQ(invoke(f).payload, R"("{\"path\":\"/some/path\",\"seen\":true}")");
}

TEST_F(ProcessTest, AnUnmodifiedBoto3ClientFindsTheEndpoint) {
  auto f = python(R"(
import boto3
appconfig = boto3.client('appconfig')
def handler(event, context):
    answer = appconfig.get_application(ApplicationId='abc1234')
    return [answer['ResponseMetadata']['HTTPStatusCode'], appconfig.meta.endpoint_url]
)",
                  60);
  EXPECT_EQ(invoke(f).payload, R"([200, "http://127.0.0.1:4566"])");
}

TEST_F(ProcessTest, ResponsesUpToTheLimit) {
  auto f = python("def handler(event, context): return 'x' * event", 20);
  EXPECT_EQ(invoke(f, "6291554").payload.size(), 6291556u);
  EXPECT_EQ(invoke(f, "6291555").error_type, "Function.ResponseSizeTooLarge");
  EXPECT_EQ(invoke(f, "1").payload, "\"x\"");
}

TEST_F(ProcessTest, ManyAtOnceAndACustomRuntime) {
  auto f = python("import time\ndef handler(event, context): time.sleep(0.2); return event");
  std::vector<std::future<std::shared_ptr<Result<InvocationOutcome>>>> all;
  for (int i = 0; i < 8; ++i) all.push_back(begin(f, std::to_string(i)));
  for (int i = 0; i < 8; ++i) EXPECT_EQ((**all[std::size_t(i)].get()).payload, std::to_string(i));
  auto custom = python("");
  custom.runtime = "provided.al2023";
  EXPECT_EQ(invoke(custom).error_type, "Runtime.InvalidEntrypoint");
  std::ofstream(custom.code_directory + "/bootstrap") << "#!/bin/sh\necho starting\nexit 5\n";
  std::filesystem::permissions(custom.code_directory + "/bootstrap", std::filesystem::perms(0755));
  auto outcome = invoke(custom);
  EXPECT_NE(outcome.payload.find("exit status 5"), std::string::npos) << outcome.payload;
  EXPECT_NE(outcome.log_tail.find("starting\n"), std::string::npos) << outcome.log_tail;
}

}  // namespace
}  // namespace tidegate::lambda
