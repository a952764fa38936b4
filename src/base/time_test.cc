// Each API writes time its own way, and clients read only the right one.
#include "base/time.h"

#include <gtest/gtest.h>

namespace tidegate {
namespace {

constexpr Instant kMoment =
    instant_from_ms(1'767'323'045'678);  // 2026-01-02T03:04:05.678Z, a Friday

TEST(Time, Prints) {
  EXPECT_EQ(iso8601(kMoment), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(iso8601_lambda(kMoment), "2026-01-02T03:04:05.678+0000");
  EXPECT_EQ(http_date(kMoment), "Fri, 02 Jan 2026 03:04:05 GMT");
  EXPECT_EQ(sigv4_timestamp(kMoment), "20260102T030405Z");
  EXPECT_EQ(iso8601(instant_from_ms(0)), "1970-01-01T00:00:00.000Z");
}

TEST(Time, ParsesWhatItPrints) {
  EXPECT_EQ(parse_iso8601(iso8601(kMoment)), kMoment);
  EXPECT_EQ(parse_iso8601(iso8601_lambda(kMoment)), kMoment);
  const Instant second = instant_from_ms(to_ms(kMoment) / 1000 * 1000);
  EXPECT_EQ(parse_http_date(http_date(kMoment)), second);
  EXPECT_EQ(parse_sigv4_timestamp(sigv4_timestamp(kMoment)), second);
}

TEST(Time, ParsesTheOldDateFormsAndOffsets) {
  const Instant second = instant_from_ms(to_ms(kMoment) / 1000 * 1000);
  EXPECT_EQ(parse_http_date("Friday, 02-Jan-26 03:04:05 GMT"), second);
  EXPECT_EQ(parse_http_date("Fri Jan  2 03:04:05 2026"), second);
  EXPECT_EQ(parse_http_date("Fri, 02 Jan 2026 03:04:05 -0000"), second);
  EXPECT_EQ(parse_iso8601("2026-01-02T05:04:05+02:00"), second);
  EXPECT_EQ(parse_iso8601("2026-01-02T03:04:05Z"), second);
  EXPECT_EQ(parse_iso8601("2026-01-02T03:04:05.6Z"), second + Duration{600});
}

TEST(Time, RefusesWhatIsNone) {
  for (const char* bad : {"", "2026", "2026-02-30T00:00:00Z", "2026-01-02T25:00:00Z",
                          "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zx"})
    EXPECT_FALSE(parse_iso8601(bad)) << bad;
  for (const char* bad : {"", "Fri, 02 Foo 2026 03:04:05 GMT", "Fri, 2 Jan 2026 03:04:05 GMT", "x"})
    EXPECT_FALSE(parse_http_date(bad)) << bad;
  for (const char* bad : {"", "20260102T030405", "20261302T030405Z", "20260102T030405Zz"})
    EXPECT_FALSE(parse_sigv4_timestamp(bad)) << bad;
}

}  // namespace
}  // namespace tidegate
