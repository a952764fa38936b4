// What two parsers could read differently is refused; the rest is read as it was sent.
#include "net/parser.h"

#include <gtest/gtest.h>

namespace tidegate::net {
namespace {

struct Case {
  const char* name;
  std::string head;
  int status;  // 0: accepted
};

std::string many_headers(std::size_t n) {
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (std::size_t i = 1; i < n; ++i) head += "X-" + std::to_string(i) + ": v\r\n";
  return head + "\r\n";
}

const Case kCases[] = {
    {"plain", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
    {"http_1_0_without_host", "GET / HTTP/1.0\r\n\r\n", 0},
    {"empty_header", "GET / HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nY: z\r\n\r\n", 0},
    {"length", "PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", 0},
    {"chunked", "PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
    {"chunked_odd_case", "PUT /k HTTP/1.1\r\nHost: h\r\ntransfer-encoding: Chunked\r\n\r\n", 0},
    {"absolute", "GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n", 0},
    {"absolute_without_path", "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", 0},
    {"most_headers", many_headers(kMaxHeaders), 0},
    {"expect", "PUT /k HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n",
     0},
    {"upgrade_with_body",
     "PUT /k HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: "
     "5\r\n\r\n",
     0},

    {"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"bare_cr_in_value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
    {"bare_cr_before_crlf", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", 400},
    {"bare_lf", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
    {"folded", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
    {"folded_with_tab", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400},
    {"nul", std::string("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 35), 400},
    {"space_before_colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
    {"space_in_name", "GET / HTTP/1.1\r\nHost: h\r\nX Y: h\r\n\r\n", 400},
    {"separator_in_name", "GET / HTTP/1.1\r\nHost: h\r\nX(Y): h\r\n\r\n", 400},
    {"no_colon", "GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n", 400},
    {"length_twice", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
     400},
    {"length_twice_apart",
     "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
    {"length_list", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\n", 400},
    {"length_signed", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n", 400},
    {"length_negative", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n", 400},
    {"length_empty", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
    {"length_hex", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\n", 400},
    {"length_too_large",
     "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
    {"length_and_chunked",
     "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"chunked_and_length",
     "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
    {"chunked_in_1_0", "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"target_without_slash", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"target_star", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"target_query_only", "GET http://h?a=/b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"no_version", "GET /\r\nHost: h\r\n\r\n", 505},
    {"nonsense", "\x16\x03\x01\r\n\r\n", 400},
    {"too_many_headers", many_headers(kMaxHeaders + 1), 431},
    {"unknown_expectation", "PUT / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n", 0},
};

TEST(ParserTable, EveryHeadIsJudged) {
  for (const Case& c : kCases) {
    Parser parser;
    http::Request request;
    EXPECT_EQ(Parser::head_size(c.head), c.head.size()) << c.name;
    EXPECT_EQ(parser.parse_head(c.head, request), c.status) << c.name;
  }
}

TEST(ParserTable, EncodingsThatWeDoNotKnowAreRefused) {
  for (const char* te :
       {"gzip, chunked", "identity", "chunked, chunked", "xchunked", "chunked, x"}) {
    Parser parser;
    http::Request request;
    const std::string head =
        fmt::format("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: {}\r\n\r\n", te);
    EXPECT_GE(parser.parse_head(head, request), 400) << te;
  }
  for (const char* version : {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3", "ICY/1.1"}) {
    Parser parser;
    http::Request request;
    const std::string head = fmt::format("GET / {}\r\nHost: h\r\n\r\n", version);
    EXPECT_GE(parser.parse_head(head, request), 400) << version;
  }
}

TEST(Parser, APartIsNoHeadUntilItCanOnlyBeRefused) {
  EXPECT_EQ(Parser::head_size("GET / HTTP/1.1\r\nHost: h\r\n"), 0u);
  EXPECT_FALSE(Parser::hopeless("GET / HTTP/1.1\r\nHost: h\r\n\r"));
  EXPECT_TRUE(Parser::hopeless("GET / HTTP/1.1\nHost: h\n\n"));
  EXPECT_TRUE(Parser::hopeless("\nGET"));
  // What was searched before is not searched again, and an end that lies across is found.
  const std::string_view good = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string_view bad = "GET / HTTP/1.1\nHost: h";
  for (std::size_t seen = 0; seen < good.size(); ++seen) {
    EXPECT_EQ(Parser::head_size(good, seen), good.size()) << seen;
    EXPECT_FALSE(Parser::hopeless(good, seen)) << seen;
    EXPECT_EQ(Parser::hopeless(bad, seen), seen <= bad.find('\n')) << seen;
  }
}

TEST(Parser, TheRequestIsReadAsSent) {
  Parser parser;
  http::Request r;
  const std::string head =
      "DELETE /b/k%2Fx?a=1&b HTTP/1.1\r\nHost: h:9000\r\nX-A:  one two \t\r\nx-a: two\r\n"
      "Connection: close\r\n\r\n";
  ASSERT_EQ(parser.parse_head(head, r), 0);
  EXPECT_EQ(r.method, http::Method::delete_);
  EXPECT_EQ(r.target, "/b/k%2Fx?a=1&b");
  EXPECT_EQ(r.path, "/b/k%2Fx");
  EXPECT_EQ(r.query, "a=1&b");
  EXPECT_EQ(r.host(), "h:9000");
  EXPECT_EQ(*r.header("X-a"), "one two");
  EXPECT_EQ(r.headers.size(), 4u);
  EXPECT_FALSE(r.keep_alive);
  EXPECT_FALSE(r.content_length);
  EXPECT_TRUE(parser.complete());
}

TEST(Parser, AbsoluteTargetsMeanTheirPath) {
  for (auto [target, path, query] : {std::tuple{"http://h/a/b?c", "/a/b", "c"},
                                     {"https://h:1/", "/", ""},
                                     {"http://h", "/", ""}}) {
    Parser parser;
    http::Request r;
    const std::string head = fmt::format("GET {} HTTP/1.1\r\nHost: h\r\n\r\n", target);
    ASSERT_EQ(parser.parse_head(head, r), 0) << target;
    EXPECT_EQ(r.path, path);
    EXPECT_EQ(r.query, query);
  }
}

TEST(Parser, KeepAliveFollowsVersionAndHeader) {
  auto keeps = [](const char* version, const char* header) {
    Parser parser;
    http::Request r;
    const std::string head = fmt::format("GET / HTTP/{}\r\nHost: h\r\n{}\r\n", version, header);
    EXPECT_EQ(parser.parse_head(head, r), 0);
    return r.keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: Close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: foo, close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

// Feeds a body in pieces of `step` bytes; the body and what was left over, or "broken".
std::string body_of(std::string_view head, std::string_view rest, std::size_t step) {
  Parser parser;
  http::Request r;
  if (parser.parse_head(head, r) != 0) return "refused";
  std::string body;
  while (!parser.complete() && !rest.empty()) {
    std::vector<std::string_view> pieces;
    bool good = true;
    const std::string_view part = rest.substr(0, step);
    const std::size_t used = parser.feed(part, pieces, good);
    for (std::string_view p : pieces) body += p;
    if (!good) return "broken";
    rest.remove_prefix(used);
  }
  return body + "|" + (parser.complete() ? std::string(rest) : "incomplete");
}

TEST(Parser, BodiesEndWhereTheySayHoweverTheyArrive) {
  const std::string length = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
  const std::string upgrade =
      "PUT / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: "
      "5\r\n\r\n";
  const std::string chunked = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t step : {1u, 2u, 3u, 7u, 1000u}) {
    const std::string next = step == 1000 ? "GET" : "";  // only whole reads go beyond the end
    EXPECT_EQ(body_of(length, "hello" + next, step), "hello|" + next) << step;
    EXPECT_EQ(body_of(upgrade, "hello" + next, step), "hello|" + next) << step;
    EXPECT_EQ(body_of(length, "hel", step), "hel|incomplete") << step;
    EXPECT_EQ(body_of(chunked, "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n" + next, step),
              "abc0123456789|" + next)
        << step;
    EXPECT_EQ(body_of(chunked, "2\r\nab\r\n0\r\nX-Trailer: v\r\nY: z\r\n\r\n" + next, step),
              "ab|" + next)
        << step;
    EXPECT_EQ(body_of(chunked, "2\r\nabc", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "x\r\nabc", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "-1\r\n", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "11111111111111111\r\n", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "2\nab\n0\n\n", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "2\r\nab\n0\r\n\r\n", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "2 \r\nab\r\n0\r\n\r\n", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "2;a\rb\r\nab\r\n0\r\n\r\n", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "2;a\nb\r\nab\r\n0\r\n\r\n", step), "broken") << step;
    EXPECT_EQ(body_of(chunked, "2\r\nab\r\n0\r\n\n", step), "broken") << step;
  }
}

}  // namespace
}  // namespace tidegate::net
