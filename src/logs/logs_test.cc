#include "logs/logs.h"

#include <gtest/gtest.h>

#include "logs/keys.h"
#include "store/memory.h"
#include "store/sqlite.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace tidegate::logs {
namespace {

using namespace std::chrono_literals;

const Scope kScope{"111122223333", "us-east-1"};

class LogsTest : public testing::Test {
 public:
  SimWorld world;
  store::MemoryStore store;
  Logs logs{store, world.clock, world.clock, world.random, world.executors()};

  ~LogsTest() override {
    auto closing = [](Logs& l) -> Task<Unit> {
      co_await l.close();
      co_return done;
    };
    EXPECT_TRUE(world.run(closing(logs)).ok());
  }
  std::int64_t now() const { return to_ms(world.clock.now()); }
  void make(const std::string& group = "g", const std::string& stream = "s") {
    (void)world.run(logs.create_group(kScope, group, {}));
    ASSERT_TRUE(world.run(logs.create_stream(kScope, group, stream)).ok());
  }
  Status put(std::vector<LogLine> lines, const std::string& stream = "s") {
    return world.run(logs.put(kScope, "g", stream, std::move(lines)));
  }
  Result<ReadPage> read(const std::string& token = "", std::size_t limit = 10'000,
                        bool from_head = true) {
    ReadQuery q;
    q.group = "g";
    q.stream = "s";
    q.token = token;
    q.limit = limit;
    q.from_head = from_head;
    return world.run(logs.read(kScope, q));
  }
  Result<FilterPage> filter(const std::string& pattern, std::size_t limit = 10'000,
                            const std::string& token = "") {
    FilterQuery q;
    q.group = "g";
    q.pattern = *Pattern::parse(pattern);
    q.limit = limit;
    q.token = token;
    return world.run(logs.filter(kScope, q));
  }
  template <class Events>
  static std::string text(const Events& events) {
    std::string out;
    for (const LogEvent& e : events) out += e.message + "|";
    return out;
  }
};

TEST_F(LogsTest, AReaderWaitsForTheFlushOnItsWay) {
  const TempDir folder;
  auto disk = store::SqliteStore::open(world.io.get_executor(), {folder.path() + "/logs.db"});
  ASSERT_TRUE(disk.ok());
  Logs on_disk{**disk, world.clock, world.clock, world.random, world.executors()};
  on_disk.emit(kScope, "g", "s", "one\n");
  std::optional<Result<Unit>> flushed;
  world.start(on_disk.flush(), flushed);  // its commit is answered by another thread
  on_disk.emit(kScope, "g", "s", "two\n");
  FilterQuery all;
  all.group = "g";
  all.limit = 10;
  auto found = world.run(on_disk.filter(kScope, all));
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->events.size(), 2u);
  auto closing = [](Logs& l) -> Task<Unit> {
    co_await l.close();
    co_return done;
  };
  EXPECT_TRUE(world.run(closing(on_disk)).ok());
  EXPECT_TRUE(flushed && flushed->ok());
}

TEST_F(LogsTest, WhatIsEmittedIsReadAndSurvives) {
  logs.emit(kScope, "g", "s", "one\ntwo\n");
  world.advance(1ms);
  logs.emit(kScope, "g", "s", "three\n");
  auto page = read();
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(text(page->events), "one\n|two\n|three\n|");
  Logs again(store, world.clock, world.clock, world.random, world.executors());
  EXPECT_EQ(*world.run(again.tail(kScope, "g", 2)), "two\nthree\n");
  EXPECT_EQ(*world.run(again.tail(kScope, "none", 2)), "");
  auto group = world.run(again.find_group(kScope, "g"));
  EXPECT_GT(group->bytes, 0u);
}

TEST_F(LogsTest, EmittedLinesAreWrittenAMomentLater) {
  logs.emit(kScope, "g", "s", "one\n");
  EXPECT_FALSE(world.run(logs.find_group(kScope, "g")).ok());
  world.advance(kFlushAfter);
  EXPECT_TRUE(world.run(logs.find_group(kScope, "g")).ok());
}

TEST_F(LogsTest, AReaderFollowsByTokens) {
  make();
  auto empty = read();
  EXPECT_TRUE(empty->events.empty());
  ASSERT_TRUE(put({{now(), "a"}, {now(), "b"}, {now() + 1, "c"}}).ok());
  auto first = read("", 2);
  EXPECT_EQ(text(first->events), "a|b|");
  auto second = read(first->forward_token, 2);
  EXPECT_EQ(text(second->events), "c|");
  auto none = read(second->forward_token, 2);
  EXPECT_TRUE(none->events.empty());
  EXPECT_EQ(none->forward_token, second->forward_token);  // the end: the same token again
  ASSERT_TRUE(put({{now() + 2, "d"}}).ok());
  EXPECT_EQ(text(read(none->forward_token)->events), "d|");
  EXPECT_EQ(text(read(empty->forward_token)->events), "a|b|c|d|");
  // Backwards, from the newest.
  auto last = read("", 2, false);
  EXPECT_EQ(text(last->events), "c|d|");
  auto before = read(last->backward_token, 2);
  EXPECT_EQ(text(before->events), "a|b|");
  EXPECT_TRUE(read(before->backward_token)->events.empty());
  EXPECT_EQ(read("x").fault(), Fault::bad_token);
}

TEST_F(LogsTest, WhatIsRareIsFoundAmongWhatIsManyInPagesThatEnd) {
  // More chunks within a minute than one call looks at, before and behind.
  make();
  auto crowd = [&] {
    for (int i = 0; i < 2500; ++i) {
      ASSERT_TRUE(put({{now(), "crowd"}}, "other").ok());
      world.advance(10ms);
    }
  };
  ASSERT_TRUE(world.run(logs.create_stream(kScope, "g", "other")).ok());
  ASSERT_TRUE(put({{now(), "needle 1"}}).ok());
  crowd();
  ASSERT_TRUE(put({{now(), "needle 2"}}).ok());
  crowd();
  ASSERT_TRUE(put({{now(), "needle 3"}}).ok());
  std::string found, token;
  int pages = 0;
  do {
    auto page = filter("needle", 10'000, token);
    ASSERT_TRUE(page.ok());
    found += text(page->events);
    token = page->next_token;
  } while (!token.empty() && ++pages < 20);
  EXPECT_EQ(found, "needle 1|needle 2|needle 3|");
  for (bool from_head : {true, false}) {
    std::vector<std::string> seen;
    token.clear();
    for (pages = 0; pages < 20; ++pages) {
      auto page = read(token, 10'000, from_head);
      ASSERT_TRUE(page.ok());
      for (const LogEvent& e : page->events) seen.push_back(e.message);
      const std::string& next = from_head ? page->forward_token : page->backward_token;
      if (std::exchange(token, next) == next) break;
    }
    EXPECT_LT(pages, 19);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, (std::vector<std::string>{"needle 1", "needle 2", "needle 3"})) << from_head;
  }
}

TEST_F(LogsTest, FilterMergesStreamsInOrderOfTime) {
  make("g", "s");
  make("g", "t");
  ASSERT_TRUE(put({{now() + 1, "s ERROR 1"}, {now() + 200'000, "s fine"}}).ok());
  ASSERT_TRUE(put({{now(), "t ERROR 0"}, {now() + 2, "t ERROR two words"}}, "t").ok());
  EXPECT_EQ(text(filter("")->events), "t ERROR 0|s ERROR 1|t ERROR two words|s fine|");
  EXPECT_EQ(text(filter("ERROR")->events), "t ERROR 0|s ERROR 1|t ERROR two words|");
  EXPECT_EQ(text(filter("\"two words\"")->events), "t ERROR two words|");
  EXPECT_EQ(text(filter("?fine ?0")->events), "t ERROR 0|s fine|");
  EXPECT_EQ(text(filter("ERROR -0 -words")->events), "s ERROR 1|");
  std::string all, token;
  do {
    auto page = filter("ERROR", 1, token);
    ASSERT_TRUE(page.ok());
    all += text(page->events);
    token = page->next_token;
  } while (!token.empty());
  EXPECT_EQ(all, "t ERROR 0|s ERROR 1|t ERROR two words|");
  FilterQuery q;
  q.group = "g";
  q.start_ms = now() + 1;
  q.end_ms = now() + 2;
  EXPECT_EQ(text(world.run(logs.filter(kScope, q))->events), "s ERROR 1|t ERROR two words|");
  q.streams = {"s"};
  EXPECT_EQ(text(world.run(logs.filter(kScope, q))->events), "s ERROR 1|");
}

TEST_F(LogsTest, PagesOfAnySizeShowTheSame) {
  make("g", "s");
  make("g", "t");
  std::string expected;
  std::int64_t time = now();
  for (int i = 0; i < 300; ++i) {
    time += static_cast<std::int64_t>(world.random.below(40'000));
    const std::string stream = world.random.below(2) ? "s" : "t";
    ASSERT_TRUE(put({{time, std::to_string(i)}}, stream).ok());
    expected += std::to_string(i) + "|";
  }
  for (std::size_t size : {1, 7, 100, 1000}) {
    std::string all, token;
    do {
      auto page = filter("", size, token);
      ASSERT_TRUE(page.ok());
      all += text(page->events);
      token = page->next_token;
    } while (!token.empty());
    EXPECT_EQ(all, expected) << size;
  }
}

TEST_F(LogsTest, SizeAndTimeBoundWhatIsKept) {
  make();
  const std::string piece(40'000, 'x');
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(put({{now(), piece}}).ok());
    world.advance(1s);
  }
  auto group = world.run(logs.find_group(kScope, "g"));
  EXPECT_LE(group->bytes, kMaxGroupBytes);
  EXPECT_GT(group->bytes, kMaxGroupBytes / 2);
  ASSERT_TRUE(world.run(logs.set_retention(kScope, "g", 1)).ok());
  world.advance(24h - 10s);
  ASSERT_TRUE(world.run(logs.expire()).ok());
  EXPECT_EQ(read("", 100)->events.size(), 10u);
  world.advance(1min);
  ASSERT_TRUE(world.run(logs.expire()).ok());
  EXPECT_EQ(world.run(logs.find_group(kScope, "g"))->bytes, 0u);
}

TEST_F(LogsTest, LongMessagesBecomeSeveralEvents) {
  make();
  ASSERT_TRUE(put({{now(), std::string(kMaxMessage + 10, 'y')}}).ok());
  auto page = read();
  ASSERT_EQ(page->events.size(), 2u);
  EXPECT_EQ(page->events[0].message.size() + page->events[1].message.size(), kMaxMessage + 10);
}

TEST_F(LogsTest, AMessageLongerThanARowIsOneEvent) {
  make();
  std::vector<LogLine> lines;
  for (int i = 0; i < 12; ++i) {  // more than one transaction takes, and short ones between them
    lines.push_back({now(), std::string(kMaxMessage - 6, char('a' + i)) + " \u00e4 end"});
    lines.back().message.resize(kMaxMessage);
    lines.push_back({now(), "short " + std::to_string(i)});
  }
  ASSERT_TRUE(put(lines).ok());
  for (bool from_head : {true, false}) {
    std::vector<std::string> seen;
    std::string token;
    for (auto page = read(token, 2, from_head); !page->events.empty();
         page = read(token, 2, from_head)) {
      ASSERT_LE(page->events.size(), 2u);
      if (!from_head) std::reverse(page->events.begin(), page->events.end());
      for (const LogEvent& e : page->events) seen.push_back(e.message);
      token = from_head ? page->forward_token : page->backward_token;
    }
    if (!from_head) std::reverse(seen.begin(), seen.end());
    ASSERT_EQ(seen.size(), lines.size());
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_TRUE(seen[i] == lines[i].message) << i;
  }
  EXPECT_EQ(filter("end", 100)->events.size(), 0u) << "cut at the limit";
  EXPECT_EQ(filter("short", 100)->events.size(), 12u);
  EXPECT_EQ(text(filter("\"fff \"", 100)->events), lines[10].message + "|") << "in its last row";
}

TEST_F(LogsTest, NamesAreCheckedAgainstWhatIsThere) {
  EXPECT_EQ(put({{now(), "x"}}).error().message, "The specified log group does not exist.");
  ASSERT_TRUE(world.run(logs.create_group(kScope, "g", {{"a", "b"}})).ok());
  EXPECT_EQ(world.run(logs.create_group(kScope, "g", {})).error().message,
            "The specified log group already exists");
  EXPECT_EQ(put({{now(), "x"}}).error().message, "The specified log stream does not exist.");
  ASSERT_TRUE(world.run(logs.create_stream(kScope, "g", "s")).ok());
  EXPECT_EQ(world.run(logs.create_stream(kScope, "g", "s")).error().message,
            "The specified log stream already exists");
  ASSERT_TRUE(put({{now(), "x"}}).ok());
  ASSERT_TRUE(world.run(logs.remove_group(kScope, "g")).ok());
  ASSERT_TRUE(world.run(logs.create_group(kScope, "g", {})).ok());
  EXPECT_FALSE(read().ok());
  EXPECT_TRUE(filter("")->events.empty());
}

TEST_F(LogsTest, ListsComeInPages) {
  for (const char* name : {"/a/1", "/a/2", "/b/1"})
    ASSERT_TRUE(world.run(logs.create_group(kScope, name, {})).ok());
  GroupQuery q;
  q.limit = 2;
  auto page = world.run(logs.groups(kScope, q));
  EXPECT_EQ(page->groups.size(), 2u);
  q.token = page->next_token;
  page = world.run(logs.groups(kScope, q));
  ASSERT_EQ(page->groups.size(), 1u);
  EXPECT_EQ(page->next_token, "");
  q = {};
  q.prefix = "/a/";
  EXPECT_EQ(world.run(logs.groups(kScope, q))->groups.size(), 2u);
  for (const char* name : {"x", "y"}) {
    logs.emit(kScope, "/a/1", name, "line\n");
    world.advance(1s);
  }
  StreamQuery s;
  s.group = "/a/1";
  s.by_time = s.descending = true;
  s.limit = 1;
  auto streams = world.run(logs.streams(kScope, s));
  ASSERT_EQ(streams->streams.size(), 1u);
  EXPECT_EQ(streams->streams[0].name, "y");
  s.token = streams->next_token;
  EXPECT_EQ(world.run(logs.streams(kScope, s))->streams.at(0).name, "x");
}

TEST(Patterns, WhatIsNoneIsRefused) {
  for (const char* bad : {"\"open",
                          "-",
                          "?",
                          "%open",
                          "%(%",
                          "{ $.a }",
                          "{ $.a = }",
                          "{ a = 1 }",
                          "{ $.a = 1",
                          "{}",
                          "{ ($.a = 1 }",
                          "{ $.a = 1 || }",
                          "{ $.a IS 1 }",
                          "{ $.a NOT 1 }",
                          "{ $.a[x] = 1 }",
                          "{ $ = 1 }",
                          "{ $.a = 1 $.b = 2 }",
                          "{ $.a = \"open }",
                          "[a, b",
                          "[a, , b]",
                          "[..., a, ...]",
                          "[]",
                          "[a b]"})
    EXPECT_EQ(Pattern::parse(bad).fault(), Fault::invalid_argument) << bad;
  EXPECT_EQ(
      Pattern::parse("{" + std::string(100, '(') + "$.a = 1" + std::string(100, ')') + "}").fault(),
      Fault::invalid_argument);
}

bool matches(std::string_view pattern, std::string_view message) {
  auto parsed = Pattern::parse(pattern);
  EXPECT_TRUE(parsed.ok()) << pattern << ": " << (parsed.ok() ? "" : parsed.error().message);
  return parsed.ok() && parsed->matches(message);
}

TEST(Patterns, OfTerms) {
  EXPECT_TRUE(matches("", "anything"));
  EXPECT_TRUE(matches("a \"b \\\" c\" ?d -e", "a b \" c"));
  EXPECT_FALSE(matches("error", "ERROR"));
  EXPECT_TRUE(matches("?a ?b", "b")) << "any of them";
  EXPECT_FALSE(matches("?a ?b", "c"));
  EXPECT_FALSE(matches("ERROR -Exiting", "ERROR, Exiting"));
  EXPECT_FALSE(matches("a*b", "axb")) << "a star in a term is a star";
  EXPECT_TRUE(matches("%4\\d\\d%", "status 404"));
  EXPECT_FALSE(matches("%^4\\d\\d%", "status 404"));
}

TEST(Patterns, OverJson) {
  constexpr std::string_view kEvent =
      R"({"level":"ERROR","ms":12.5,"n":300,"ip":"10.1.2.3","ok":true,"no":null,)"
      R"("user":{"id":1,"a b":"x"},"list":[{"k":"v"},{"k":"w"}],"big":"9"})"
      "\n";
  for (const char* pattern : {R"({ $.level = "ERROR" })",
                              R"({$.level="ERR*"})",
                              R"({ $.level = ERROR })",
                              R"({ $.level != "INFO" })",
                              R"({ $.ms > 12 && $.ms <= 12.5 })",
                              R"({ $.n = 3e2 })",
                              R"({ $.n = "300" })",
                              R"({ $.n = 3* })",
                              R"({ $.ip = 10.1.* })",
                              R"({ $.ok IS TRUE })",
                              R"({ $.no IS NULL })",
                              R"({ $.none NOT EXISTS })",
                              R"({ $.no EXISTS })",
                              R"({ $.user.id = 1 && $.list[1].k = "w" })",
                              R"({ $.user.['a b'] = x })",
                              R"({ $.user['a b'] = x })",
                              R"({ $.list[*].k = "v" })",
                              R"({ $.*.id = 1 })",
                              R"({ ($.n = 1 || $.n = 300) && ($.big >= 9) })",
                              R"({ $.level = %^E.+R$% })",
                              R"({ $.level = * })",
                              R"({ $.n = 1 || $.n = 2 || $.ok is true })"}) {
    EXPECT_TRUE(matches(pattern, kEvent)) << pattern;
  }
  for (const char* pattern :
       {R"({ $.level = "error" })", R"({ $.level = "ERR" })", R"({ $.none != 1 })",
        R"({ $.none = * })", R"({ $.n < 300 })", R"({ $.level > 1 })", R"({ $.ok IS FALSE })",
        R"({ $.level NOT EXISTS })", R"({ $.list[2].k = "v" })", R"({ $.list.k = "v" })",
        R"({ $.n = 300 && $.n = 1 })", R"({ $.user.id.deeper = 1 })"}) {
    EXPECT_FALSE(matches(pattern, kEvent)) << pattern;
  }
  EXPECT_FALSE(matches("{ $.none NOT EXISTS }", "no JSON"));
  EXPECT_FALSE(matches("{ $.a = 1 }", "{\"a\":1"));
}

TEST(Patterns, OverColumns) {
  constexpr std::string_view kLine =
      "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534\n";
  for (const char* pattern :
       {"[ip, user, username, timestamp, request, status_code, bytes]",
        "[ip, user, username, timestamp, request=\"*html*\", status_code=4*, bytes]",
        "[..., status_code=404, bytes > 1000]", "[ip=%127\\.0\\.0\\.[1-9]%, ...]",
        "[ip, ..., status_code = 4* || status_code = 5*, bytes]", "[ip != 10.* && ip != 11.*, ...]",
        "[..., timestamp=10/Oct*, request, status, bytes]", "[...]"}) {
    EXPECT_TRUE(matches(pattern, kLine)) << pattern;
  }
  for (const char* pattern : {"[a, b, c]", "[..., status_code=5*, bytes]", "[a,b,c,d,e,f,g,h]",
                              "[..., bytes < 1000]", "[a, b, c, d, e, f, g, ..., h]"}) {
    EXPECT_FALSE(matches(pattern, kLine)) << pattern;
  }
  EXPECT_TRUE(matches("[a, b]", "\"open [x")) << "what does not end is text";
}

}  // namespace
}  // namespace tidegate::logs
