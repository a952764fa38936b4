// The client against real sockets on the loopback: what it sends, what it believes, and that it
// goes nowhere it was not allowed to, TLS or not.
#include "net/client.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <future>
#include <thread>

#include "net/real_scheduler.h"
#include "net/server.h"
#include "support/temp_dir.h"

namespace tidegate::net {
namespace {

using asio::ip::tcp;

// A self-signed certificate for 127.0.0.1 and the name "hooks.test", and its key.
struct Certificate {
  std::string pem, key_pem;
  Certificate() {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:hooks.test,IP:127.0.0.1");
    X509_add_ext(x, names, -1);
    X509_sign(x, key, EVP_sha256());
    pem = text([&](BIO* out) { PEM_write_bio_X509(out, x); });
    key_pem = text([&](BIO* out) {
      PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_EXTENSION_free(names);
    X509_free(x);
    EVP_PKEY_free(key);
  }

 private:
  template <class Write>
  static std::string text(Write write) {
    BIO* out = BIO_new(BIO_s_mem());
    write(out);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string copy(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return copy;
  }
};

// Takes one connection, reads the head and the body, says `answer` and closes. With a certificate
// it speaks TLS.
class OneAnswer {
 public:
  OneAnswer(std::string answer, const Certificate* certificate = nullptr)
      : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    if (certificate) {
      tls_.use_certificate(asio::buffer(certificate->pem), asio::ssl::context::pem);
      tls_.use_private_key(asio::buffer(certificate->key_pem), asio::ssl::context::pem);
    }
    thread_ = std::thread([this, answer, secure = certificate != nullptr] {
      boost::system::error_code error;
      tcp::socket socket(io_);
      acceptor_.accept(socket, error);
      if (error) return;
      if (!secure) return serve(socket, answer);
      asio::ssl::stream<tcp::socket&> stream(socket, tls_);
      stream.handshake(asio::ssl::stream_base::server, error);
      if (error) return;
      serve(stream, answer);
      stream.shutdown(error);
    });
  }
  ~OneAnswer() {
    // A connection that says nothing, so that accept() ends if nobody came.
    boost::system::error_code error;
    asio::io_context io;
    tcp::socket wake(io);
    wake.connect(acceptor_.local_endpoint(), error);
    wake.close(error);
    thread_.join();
  }
  std::uint16_t port() { return acceptor_.local_endpoint().port(); }
  std::string request() { return seen_.get_future().get(); }

 private:
  template <class Stream>
  void serve(Stream& stream, const std::string& answer) {
    boost::system::error_code error;
    std::string got;
    asio::read_until(stream, asio::dynamic_buffer(got), "\r\n\r\n", error);
    const std::size_t at = got.find("Content-Length: ");
    if (error || at == std::string::npos) return;
    const std::size_t whole = got.find("\r\n\r\n") + 4 + std::stoul(got.substr(at + 16));
    if (got.size() < whole)
      asio::read(stream, asio::dynamic_buffer(got), asio::transfer_exactly(whole - got.size()),
                 error);
    seen_.set_value(got);
    asio::write(stream, asio::buffer(answer), error);
  }

  asio::io_context io_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  tcp::acceptor acceptor_;
  std::promise<std::string> seen_;
  std::thread thread_;
};

class ClientTest : public testing::Test {
 public:
  std::unique_ptr<Client> client;
  Loops loops;
  RealScheduler real{loops.executors().control};
  TempDir dir;
  std::vector<http::Address> asked;

  void SetUp() override {
    loops.start();
    remake({});
  }
  void TearDown() override {
    client->stop();
    real.close();
    loops.stop();
  }
  void remake(ClientOptions options) {
    if (client) client->stop();
    auto made = Client::make(real, loops.executors().control, std::move(options));
    ASSERT_TRUE(made.ok());
    client = std::move(*made);
  }

  http::Call to(std::uint16_t port, std::string host = "127.0.0.1") {
    http::Call call;
    call.tls = false;
    call.host = std::move(host);
    call.port = port;
    call.target = "/hook?a=b";
    call.headers = {{"Content-Type", "application/json"}};
    call.body = R"({"event":1})";
    call.admit = [this](const http::Address& a) -> Status {
      asked.push_back(a);
      return done;
    };
    return call;
  }
  Result<http::Answer> post(http::Call call) {
    std::promise<Result<http::Answer>> promise;
    auto future = promise.get_future();
    asio::co_spawn(
        loops.executors().control,
        [](Client& c, http::Call one,
           std::promise<Result<http::Answer>>& out) -> asio::awaitable<void> {
          Result<http::Answer> answer = co_await c.post(std::move(one));
          out.set_value(std::move(answer));
        }(*client, std::move(call), promise),
        asio::detached);
    return future.get();
  }
};

TEST_F(ClientTest, SendsABodyAndReadsTheAnswer) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more");
  const auto answer = post(to(server.port()));
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(server.request(),
            fmt::format("POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 11\r\n"
                        "Connection: close\r\nContent-Type: application/json\r\n\r\n"
                        "{{\"event\":1}}",
                        server.port()));
}

TEST_F(ClientTest, ReadsEveryFramingAndRefusesWhatIsNone) {
  struct Case {
    const char* answer;
    int status;
    const char* body;  // nullptr: refused
  };
  const Case kCases[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200,
       "abcde"},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end"},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, "x"},
      {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302, ""},
      {"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", 500, "no"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", 200, nullptr},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", 200, nullptr},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", 200, nullptr},
      {"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 0, nullptr},
      {"SSH-2.0-OpenSSH\r\n", 0, nullptr},
      {"", 0, nullptr},
  };
  for (const Case& c : kCases) {
    OneAnswer server(c.answer);
    const auto answer = post(to(server.port()));
    ASSERT_EQ(answer.ok(), c.body != nullptr) << c.answer;
    if (!c.body) {
      EXPECT_EQ(answer.fault(), Fault::unavailable) << c.answer;
      continue;
    }
    EXPECT_EQ(answer->status, c.status) << c.answer;
    EXPECT_EQ(answer->body, c.body) << c.answer;
  }
}

TEST_F(ClientTest, TheAnswerIsBounded) {
  const std::string body(200, 'x'),
      framings[] = {"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + body,
                    "HTTP/1.1 200 OK\r\n\r\n" + body};
  for (const std::string& answer : framings) {
    OneAnswer server(answer);
    http::Call call = to(server.port());
    call.max_answer = 100;
    EXPECT_EQ(post(std::move(call)).fault(), Fault::too_large);
  }
  OneAnswer endless("HTTP/1.1 200 OK\r\nX: " + std::string(300'000, 'x'));
  EXPECT_EQ(post(to(endless.port())).fault(), Fault::too_large);
}

TEST_F(ClientTest, EveryAddressOfANameIsAskedForAndOneRefusalEndsTheCall) {
  OneAnswer server("HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(post(to(server.port(), "localhost")).ok());
  ASSERT_FALSE(asked.empty());
  http::Call call = to(server.port(), "localhost");
  call.admit = [](const http::Address&) -> Status {
    return Error{Fault::access_denied, "loopback"};
  };
  OneAnswer untouched("HTTP/1.1 204 No Content\r\n\r\n");
  call.port = untouched.port();
  EXPECT_EQ(post(std::move(call)).fault(), Fault::access_denied);
}

TEST_F(ClientTest, NobodyThereAndNoSuchName) {
  std::uint16_t closed;
  {
    OneAnswer gone("");
    closed = gone.port();
  }
  EXPECT_EQ(post(to(closed)).fault(), Fault::unavailable);
  EXPECT_EQ(post(to(closed, "no-such-name.invalid")).fault(), Fault::unavailable);
}

// A listener that never accepts: the kernel takes the connection, nobody answers.
TEST_F(ClientTest, DeadlinesEndTheCall) {
  asio::io_context io;
  tcp::acceptor silent(io, {asio::ip::address_v4::loopback(), 0});
  http::Call call = to(silent.local_endpoint().port());
  call.within = Duration{50};
  const auto late = post(call);
  EXPECT_EQ(late.fault(), Fault::timed_out);
  EXPECT_NE(late.error().message.find("no answer"), std::string::npos) << late.error().message;
  call.tls = true;  // the handshake belongs to connecting
  call.connect_within = Duration{50};
  call.within = Duration{5'000};
  const auto unconnected = post(call);
  EXPECT_EQ(unconnected.fault(), Fault::timed_out);
  EXPECT_NE(unconnected.error().message.find("no connection"), std::string::npos);
}

TEST_F(ClientTest, CertificatesAreVerifiedAgainstAuthoritiesAndTheHost) {
  const Certificate certificate;
  const std::string path = dir.path() + "/ca.pem";
  std::ofstream(path) << certificate.pem;
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  {
    OneAnswer server(ok, &certificate);
    http::Call call = to(server.port());
    call.tls = true;
    const auto unknown = post(std::move(call));
    ASSERT_FALSE(unknown.ok());
    EXPECT_NE(unknown.error().message.find("self"), std::string::npos) << unknown.error().message;
  }
  remake({path});
  {
    OneAnswer server(ok, &certificate);
    http::Call call = to(server.port());
    call.tls = true;
    const auto answer = post(std::move(call));
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->body, "ok");
  }
  {
    OneAnswer server(ok, &certificate);
    http::Call call = to(server.port(), "localhost");  // not a name of the certificate
    call.tls = true;
    EXPECT_EQ(post(std::move(call)).fault(), Fault::unavailable);
  }
  EXPECT_FALSE(Client::make(real, loops.executors().control, {dir.path() + "/missing.pem"}).ok());
}

}  // namespace
}  // namespace tidegate::net
