#include "s3/conditions.h"

#include <gtest/gtest.h>

namespace tidegate::s3 {
namespace {

const Instant kModified = instant_from_ms(1'000'500), kNow = instant_from_ms(2'000'000);

Fault read(ReadConditions conditions) {
  Status met = check_read(conditions, "e", kModified, kNow);
  return met.ok() ? Fault::last_value_ : met.fault();
}

TEST(ReadConditions, ApplyInOrder) {
  const Instant before = instant_from_ms(999'000), same = instant_from_ms(1'000'000),
                future = instant_from_ms(3'000'000);
  const auto none = std::nullopt;
  EXPECT_EQ(read({"\"e\"", none, none, none}), Fault::last_value_);
  EXPECT_EQ(read({"x, e", none, none, before}), Fault::last_value_);
  EXPECT_EQ(read({"x", none, none, none}), Fault::precondition_failed);
  EXPECT_EQ(read({none, none, none, before}), Fault::precondition_failed);
  EXPECT_EQ(read({none, "*", none, none}), Fault::not_modified);
  EXPECT_EQ(read({none, "x", same, none}), Fault::last_value_);
  EXPECT_EQ(read({none, none, same, none}), Fault::not_modified);
  EXPECT_EQ(read({none, none, before, none}), Fault::last_value_);
  EXPECT_EQ(read({none, none, future, none}), Fault::last_value_);
}

TEST(Ranges, AreReadAsS3ReadsThem) {
  auto range = [](const char* header, std::uint64_t size = 10) {
    auto parsed = parse_range(header, size);
    CHECK(parsed.ok());
    return *parsed ? std::pair{(*parsed)->first, (*parsed)->length}
                   : std::pair{std::uint64_t{99}, std::uint64_t{0}};
  };
  using P = std::pair<std::uint64_t, std::uint64_t>;
  const P ignored{99, 0};
  EXPECT_EQ(range("bytes=2-4"), (P{2, 3}));
  EXPECT_EQ(range("bytes=2-"), (P{2, 8}));
  EXPECT_EQ(range("bytes=-3"), (P{7, 3}));
  EXPECT_EQ(range("bytes=-99"), (P{0, 10}));
  EXPECT_EQ(range("bytes=5-99"), (P{5, 5}));
  EXPECT_EQ(range("bytes=5-99999999999999999999"), (P{5, 5}));
  for (const char* bad : {"bytes=4-2", "bytes=a-b", "bytes=1-2,4-5", "items=1-2", "bytes=-", ""})
    EXPECT_EQ(range(bad), ignored) << bad;
  for (const char* past : {"bytes=10-", "bytes=-0", "bytes=10-12"})
    EXPECT_EQ(parse_range(past, 10).fault(), Fault::invalid_range) << past;
  EXPECT_EQ(parse_range("bytes=0-", 0).fault(), Fault::invalid_range);
}

}  // namespace
}  // namespace tidegate::s3
