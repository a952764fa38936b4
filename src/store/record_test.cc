// Records load for ever: what one version wrote, every later one reads.
#include "store/record.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "base/random.h"

namespace tidegate::store {

enum class Colour : std::uint8_t { red, green, blue };
struct Inner {
  std::string name;
  std::int32_t weight = 0;
  friend bool operator==(const Inner&, const Inner&) = default;
};
struct All {
  bool flag = false;
  std::int32_t small = 0;
  std::int64_t large = 0;
  std::uint64_t counter = 0;
  Colour colour = Colour::red;
  double ratio = 0;
  std::string text;
  Instant when{};
  Inner inner;
  std::optional<std::string> maybe;
  std::optional<std::int32_t> zero;
  std::vector<std::string> words;
  std::vector<Inner> inners;
  std::map<std::string, std::string> tags;
  std::map<std::string, Inner> named;
  friend bool operator==(const All&, const All&) = default;
};
struct Older {
  std::string text;
};
struct WithDefaults {
  std::int32_t attempts = 3;
  bool enabled = true;
  double factor = 1.5;
  std::string unit = "s";
  Colour colour = Colour::blue;
  friend bool operator==(const WithDefaults&, const WithDefaults&) = default;
};

template <>
struct record_of<Inner> {
  static constexpr auto fields = std::tuple{field(1, &Inner::name), field(2, &Inner::weight)};
};
template <>
struct record_of<All> {
  using R = All;
  static constexpr auto fields = std::tuple{
      field(1, &R::flag),    field(2, &R::small),  field(3, &R::large),   field(4, &R::counter),
      field(5, &R::colour),  field(6, &R::ratio),  field(7, &R::text),    field(8, &R::when),
      field(9, &R::inner),   field(10, &R::maybe), field(11, &R::zero),   field(12, &R::words),
      field(13, &R::inners), field(14, &R::tags),  field(1000, &R::named)};
};
template <>
struct record_of<Older> {
  static constexpr auto fields = std::tuple{field(7, &Older::text)};
};
template <>
struct record_of<WithDefaults> {
  using R = WithDefaults;
  static constexpr auto fields =
      std::tuple{field(1, &R::attempts), field(2, &R::enabled), field(3, &R::factor),
                 field(4, &R::unit), field(5, &R::colour)};
};

namespace {

All full() {
  All a;
  a.flag = true;
  a.small = -5;
  a.large = std::numeric_limits<std::int64_t>::min();
  a.counter = std::numeric_limits<std::uint64_t>::max();
  a.colour = Colour::blue;
  a.ratio = -0.125;
  a.text = std::string("\0t\xff", 3);
  a.when = instant_from_ms(1'767'323'045'678);
  a.inner = {"in", -1};
  a.maybe = "";
  a.zero = 0;
  a.words = {"", "two", ""};
  a.inners = {{}, {"x", 1}};
  a.tags = {{"", ""}, {"k", "v"}};
  a.named = {{"e", {}}, {"f", {"g", 7}}};
  return a;
}

TEST(Record, EveryKindComesBack) {
  EXPECT_EQ(*decode<All>(encode(full())), full());
  EXPECT_EQ(*decode<All>(encode(All{})), All{});
  EXPECT_EQ(encode(All{}), "");
  for (std::int64_t n : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{127},
                         std::int64_t{128}, INT64_MAX}) {
    All a;
    a.large = n;
    EXPECT_EQ(decode<All>(encode(a))->large, n);
  }
}

TEST(Record, BytesStayAsTheyWere) {
  Inner inner{"ab", -2};
  EXPECT_EQ(to_hex(encode(inner)),
            "0a02616210"
            "03");
  All a;
  a.named = {{"k", {"v", 0}}};
  EXPECT_EQ(to_hex(encode(a)),
            "c23e08"
            "0a016b"
            "12030a0176");
}

TEST(Record, FieldsOfALaterVersionAreSkipped) {
  auto older = decode<Older>(encode(full()));
  ASSERT_TRUE(older.ok());
  EXPECT_EQ(older->text, full().text);
  EXPECT_EQ(decode<All>(encode(Older{"t"}))->text, "t");
}

TEST(Record, AValueThatIsNotTheDefaultIsKeptEvenWhenItIsZero) {
  WithDefaults off{0, false, 0.0, "", Colour::red};
  EXPECT_EQ(*decode<WithDefaults>(encode(off)), off);
  EXPECT_EQ(*decode<WithDefaults>(encode(WithDefaults{})), WithDefaults{});
  EXPECT_EQ(*decode<WithDefaults>(""), WithDefaults{});
}

TEST(Record, DamageIsFoundAndNeverRead) {
  const std::string good = encode(full());
  for (std::size_t cut = 1; cut < good.size(); ++cut) {
    // A cut at a field's end is a shorter record; anywhere else it is damage. Neither may crash.
    auto r = decode<All>(std::string_view(good).substr(0, cut));
    EXPECT_TRUE(r.ok() || r.fault() == Fault::internal);
  }
  auto broken = [](const char* hex) { return !decode<All>(*from_hex(hex)).ok(); };
  EXPECT_TRUE(broken("3a05616263"));                // five bytes promised, three there
  EXPECT_TRUE(broken("3801"));                      // a number where text belongs
  EXPECT_TRUE(broken("0a0161"));                    // text where a flag belongs
  EXPECT_TRUE(broken("31010203"));                  // half a double
  EXPECT_TRUE(broken("08"));                        // a tag and nothing
  EXPECT_TRUE(broken("08ffffffffffffffffffffff"));  // a number without end
  EXPECT_TRUE(broken("0b"));                        // a kind that we do not write
  EXPECT_TRUE(broken("10feffffffffffffffff01"));    // too large for its member
  EXPECT_TRUE(broken("4a020a09"));                  // damage inside
  SeededRandom random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n)
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    (void)decode<All>(bytes);
  }
}

}  // namespace
}  // namespace tidegate::store
