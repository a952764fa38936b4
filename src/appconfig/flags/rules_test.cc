#include "appconfig/flags/rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

namespace tidegate::appconfig::flags {
namespace {

const Context kUser{{"email", "ann@qa.example.com"},
                    {"age", "65"},
                    {"id", "2"},
                    {"beta", "true"},
                    {"empty", ""},
                    {"ratio", "0.50"},
                    {"since", "2026-03-04T05:06:07Z"},
                    {"limit", "100"},
                    {"since2", "2026-03-05"}};

const std::pair<const char*, bool> kHold[] = {
    {R"((eq $email "ann@qa.example.com"))", true},
    {R"((eq "ann@qa.example.com" $email))", true},
    {R"((eq $email "Ann@qa.example.com"))", false},
    {"(eq $age 65)", true},
    {"(eq $age 65.0)", true},
    {"(eq $age 6.5e1)", true},
    {R"((eq $age "65.0"))", false},
    {"(eq $email 65)", false},
    {"(eq $missing 65)", false},
    {"(ne $missing 65)", false},
    {"(ne $age 66)", true},
    {"(ne $age 65)", false},
    {"(ne $email 65)", true},
    {"(eq $beta true)", true},
    {"(eq $beta false)", false},
    {R"((eq (exists key::"age") true))", true},
    {R"((ne (exists key::"age") (exists key::"none")))", true},
    {"(eq $ratio 0.5)", true},
    {"(gt $age 65)", false},
    {"(gt $age 64)", true},
    {"(gte $age 65)", true},
    {"(lt $age 65)", false},
    {"(lt $age 65.5)", true},
    {"(lte $age 65)", true},
    {"(lt 9 $age)", true},
    {"(lt $age 100)", true},        // numbers, not texts
    {R"((lt $age "100"))", false},  // texts, not numbers
    {"(lt $age $limit)", true},     // both look like numbers
    {"(lt $since $since2)", true},
    {"(gt $missing 1)", false},
    {"(lte $missing 1)", false},
    {"(gt $email 1)", false},
    {"(gt $since 2026-03-04T05:06:06Z)", true},
    {"(gt $since 2026-03-04)", true},
    {"(gt $since 2026T)", true},
    {"(lt $since 2026-04T)", true},
    {"(eq $since 2026-03-04T06:06:07+01:00)", true},
    {"(gt $age 2026-03-04)", false},
    {"(eq 9007199254740993 9007199254740992)", false},
    {"(and (gt $age 1) (lt $age 100))", true},
    {"(and (gt $age 1) (lt $age 2))", false},
    {"(and true)", true},
    {"(or false (lt $age 2) (gt $age 2))", true},
    {"(or false false)", false},
    {"(not (eq $age 65))", false},
    {"(not (eq $missing 65))", true},
    {R"((exists key::"empty"))", true},
    {R"((exists key::"missing"))", false},
    {R"((begins_with $email "ann"))", true},
    {R"((begins_with $email "nn"))", false},
    {R"((ends_with $email "qa.example.com"))", true},
    {R"((ends_with $email "qa"))", false},
    {R"((contains $email "@qa."))", true},
    {R"((contains $email "@prod."))", false},
    {R"((contains $missing ""))", false},
    {R"((contains "abc" "b"))", true},
    {R"((in $id ["1","2"]))", true},
    {R"((in $id ["1" "2"]))", true},
    {"(in $id [1, 2])", true},
    {"(in $id [1 3])", false},
    {"(in $id [])", false},
    {R"((in $missing ["1"]))", false},
    {R"((in $age ["x", 65, true]))", true},
    {R"((matches in::$email pattern::"a.*@qa"))", true},
    {R"((matches pattern::"^qa" in::$email))", false},
    {R"((matches in::$age pattern::"^\\d+$"))", true},
    {R"((matches in::$missing pattern::""))", false},
    {"(split pct::100 by::$id)", true},
    {"(split pct::0 by::$id)", false},
    {"(split by::$missing pct::100)", false},
    {"(split pct::100 by::$missing seed::\"s\")", false},
    {" ( eq\n$age\t65 ) ", true},
    {R"((eq "\x41\u00e9\U0001F600\ud83d\ude00\n\"\\" "Aé😀😀\n\"\\"))", true},
};

TEST(Rules, Hold) {
  for (const auto& [text, expected] : kHold) {
    const auto rule = Rule::parse(text);
    ASSERT_TRUE(rule.ok()) << text << ": " << rule.error().message;
    EXPECT_EQ(rule->holds(kUser, "salt"), expected) << text;
    const auto again = Rule::parse(rule->print());
    ASSERT_TRUE(again.ok()) << rule->print() << ": " << again.error().message;
    EXPECT_EQ(again->print(), rule->print());
    EXPECT_EQ(again->holds(kUser, "salt"), expected) << rule->print();
  }
}

const std::pair<const char*, const char*> kRefused[] = {
    {"", "begins with ("},
    {"true", "begins with ("},
    {"$beta", "begins with ("},
    {"()", "not an operator"},
    {"(equals $a 1)", "'equals' is not an operator"},
    {"(eq $a 1", "not closed"},
    {"(eq $a 1))", "something follows"},
    {"(eq $a)", "eq takes exactly 2, not 1"},
    {"(eq $a 1 2)", "eq takes exactly 2, not 3"},
    {"(and)", "at least one operand"},
    {"(not true false)", "not takes exactly 1"},
    {"(and $a true)", "true or false"},
    {"(and 1 true)", "true or false"},
    {"(not \"true\")", "true or false"},
    {"(eq 1 \"1\")", "one type"},
    {"(eq $a [1])", "one type"},
    {"(gt $a true)", "two numbers"},
    {"(gt (exists key::\"a\") 1)", "two numbers"},
    {"(lt 1 \"a\")", "two numbers"},
    {"(exists \"a\")", "named: key::"},
    {"(exists key::$a)", "the key as a text"},
    {"(exists)", "needs key::"},
    {"(exists key::\"a\" key::\"b\")", "key twice"},
    {"(begins_with $a 1)", "compares texts"},
    {"(in $a \"1\")", "a list of values"},
    {"(in 1 [\"1\"])", "a list of values"},
    {"(in [1] [1])", "a list of values"},
    {"(in $a [[1]])", "a value is missing"},
    {"(in $a [$b])", "a value is missing"},
    {"(in $a [1,,2])", "a value is missing"},
    {"(in $a [,])", "a value is missing"},
    {"(in $a [1,])", "a value is missing"},
    {"(in $a [1", "not closed"},
    {"(matches in::$a pattern::\"(\")", "pattern that cannot be used"},
    {"(matches in::$a pattern::$b)", "pattern as a text"},
    {"(matches in::$a)", "needs pattern::"},
    {"(matches in::$a pattern::\"((a{100}){100}){100}\")", "pattern that cannot be used"},
    {"(split pct::101 by::$a)", "0 to 100"},
    {"(split pct::-1 by::$a)", "0 to 100"},
    {"(split pct::\"1\" by::$a)", "0 to 100"},
    {"(split pct::1 by::2)", "0 to 100"},
    {"(split pct::1 by::$a seed::1)", "0 to 100"},
    {"(split pct::1)", "needs by::"},
    {"(split pct::1 by::$a salt::\"1\")", "pct::, by::, seed::"},
    {"(eq a::$a 1)", "has no name"},
    {"(eq $a yes)", "'yes' is no value"},
    {"(eq $ 1)", "behind $"},
    {"(eq $a 'x')", "begins nothing"},
    {"(eq $a \"x)", "not closed"},
    {"(eq $a \"\\q\")", "escape that is not known"},
    {"(eq $a \"\\ud800\")", "no character"},
    {"(eq $a \"\\ud800\\u0041\")", "half of a character"},
    {"(eq $a \"\\u12\")", "hexadecimal"},
    {"(eq $a \"\n\")", "control character"},
    {"(eq $a 9223372036854775808)", "64 bits"},
    {"(eq $a 1e400)", "too large"},
    {"(eq $a 007)", "neither a number nor a timestamp"},
    {"(eq $a 2026-13)", "neither a number nor a timestamp"},
    {"(eq $a 2026-01-02T)", nullptr},
    {"(eq $a 2026-01-02T03:04Z)", nullptr},
    {"(eq $a 2026-01-02T03:04+02:00)", nullptr},
    {"(eq $a \"\xff\")", "UTF-8"},
};

TEST(Rules, AreRefusedWithAReason) {
  for (const auto& [text, reason] : kRefused) {
    const auto rule = Rule::parse(text);
    if (!reason) {
      EXPECT_TRUE(rule.ok()) << text << ": " << rule.error().message;
      continue;
    }
    ASSERT_FALSE(rule.ok()) << text;
    EXPECT_EQ(rule.fault(), Fault::invalid_argument);
    EXPECT_NE(rule.error().message.find(reason), std::string::npos)
        << text << ": " << rule.error().message;
  }
}

std::string nested(int depth) {
  std::string text = "true";
  for (int i = 0; i < depth; ++i) text = "(not " + text + ")";
  return text;
}

TEST(Rules, AreBounded) {
  EXPECT_TRUE(Rule::parse(nested(kMaxRuleDepth)).ok());
  EXPECT_FALSE(Rule::parse(nested(kMaxRuleDepth + 1)).ok());
  EXPECT_FALSE(Rule::parse(nested(2'000)).ok());
  EXPECT_FALSE(Rule::parse(std::string(10'000, '(')).ok());
  std::string wide = "(and";
  for (std::size_t i = 0; i + 1 < kMaxRuleNodes; ++i) wide += " true";
  EXPECT_TRUE(Rule::parse(wide + ")").ok());
  EXPECT_FALSE(Rule::parse(wide + " true)").ok());
  const std::string frame = "(eq $a \"\")";
  auto of_length = [&](std::size_t n) {
    std::string text = "(eq $a \"";
    for (std::size_t i = frame.size(); i < n; ++i) text += "é";
    return Rule::parse(text + "\")").ok();
  };
  EXPECT_TRUE(of_length(kMaxRuleLength));
  EXPECT_FALSE(of_length(kMaxRuleLength + 1));
  std::string patterns = "(or";
  for (int i = 0; i < 300; ++i) patterns += R"( (matches in::$a pattern::"(a{30}){30}"))";
  const auto greedy = Rule::parse(patterns + ")");
  ASSERT_FALSE(greedy.ok());
  EXPECT_NE(greedy.error().message.find("too large together"), std::string::npos);
}

// How many of `total` ids the first rule takes, and the second of what is left.
std::pair<int, int> taken(const std::string& first, const std::string& second) {
  const auto a = Rule::parse(first), b = Rule::parse(second);
  std::pair<int, int> out{0, 0};
  for (int i = 0; i < 20'000; ++i) {
    const Context context{{"id", fmt::format("user-{}", i)}};
    if (a->holds(context, "abc1234/ui"))
      ++out.first;
    else if (b->holds(context, "abc1234/ui"))
      ++out.second;
  }
  return out;
}

TEST(Split, NestsBySeedAndIsIndependentBetweenSeeds) {
  const auto same = taken("(split pct::20 by::$id)", "(split pct::20 by::$id)");
  EXPECT_NEAR(same.first, 4'000, 250);
  EXPECT_EQ(same.second, 0);
  const auto wider =
      taken(R"((split pct::20 by::$id seed::"s"))", R"((split by::$id pct::25 seed::"s"))");
  EXPECT_NEAR(wider.first, 4'000, 250);
  EXPECT_NEAR(wider.second, 1'000, 150);
  const auto other =
      taken(R"((split pct::20 by::$id seed::"s"))", R"((split pct::25 by::$id seed::"t"))");
  EXPECT_NEAR(other.second, 4'000, 250);  // a quarter of the 80 % that are left
}

TEST(Split, WithASeedIsTheSameForEveryFlag) {
  const auto seeded = Rule::parse(R"((split pct::50 by::$id seed::"s"))");
  const auto local = Rule::parse("(split pct::50 by::$id)");
  int differ = 0;
  for (int i = 0; i < 1'000; ++i) {
    const Context context{{"id", std::to_string(i)}};
    EXPECT_EQ(seeded->holds(context, "p/a"), seeded->holds(context, "p/b"));
    differ += local->holds(context, "p/a") != local->holds(context, "p/b");
  }
  EXPECT_NEAR(differ, 500, 80);
}

// The table of docs/guide/flags.md: what users were promised.
TEST(Split, IsAsPublished) {
  std::ifstream guide("docs/guide/flags.md");
  ASSERT_TRUE(guide.good()) << "run in the repository's root";
  std::string line;
  int vectors = 0;
  while (std::getline(guide, line)) {
    std::vector<std::string> cells;  // | `seed` | `value` | bucket |
    for (std::size_t at = 0, bar; (bar = line.find('|', at)) != std::string::npos; at = bar + 1) {
      const std::string cell = line.substr(at, bar - at);
      const std::size_t from = cell.find_first_not_of(" `"), to = cell.find_last_not_of(" `");
      if (from != std::string::npos) cells.push_back(cell.substr(from, to - from + 1));
    }
    if (cells.size() != 3 || cells[2].find_first_not_of("0123456789") != std::string::npos)
      continue;
    EXPECT_EQ(std::to_string(bucket(cells[0], cells[1])), cells[2]) << line;
    ++vectors;
  }
  EXPECT_GE(vectors, 6);
}

TEST(Split, TakesHundredths) {
  const auto id = [](std::uint32_t wanted) {
    for (int i = 0;; ++i)
      if (bucket("s", std::to_string(i)) == wanted) return std::to_string(i);
  };
  const auto rule = Rule::parse(R"((split pct::12.34 by::$id seed::"s"))");
  EXPECT_TRUE(rule->holds({{"id", id(1'233)}}, ""));
  EXPECT_FALSE(rule->holds({{"id", id(1'234)}}, ""));
}

}  // namespace
}  // namespace tidegate::appconfig::flags
