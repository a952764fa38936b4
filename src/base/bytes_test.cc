// Encodings decide what a signature is computed over and what a key is called: exact or useless.
#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace tidegate {
namespace {

TEST(Bytes, HexAndBase64RoundTripForAllLengths) {
  SeededRandom random(7);
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes = random.bytes(size);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    EXPECT_EQ(to_base64(bytes).size() % 4, 0u);
  }
}

TEST(Bytes, Base64OfTheStandardsExamples) {
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
}

TEST(Bytes, Base64IsStrict) {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Z===", "Zm9v\n", "Zm 9", "Zh==", "Zm9=", "=m9v"})
    EXPECT_FALSE(from_base64(bad)) << bad;
  EXPECT_FALSE(from_base64url("a"));
  EXPECT_FALSE(from_base64url("-_9"));  // stray bits
}

TEST(Bytes, PercentEncodingKeepsTheUnreserved) {
  EXPECT_EQ(percent_encode("a-b_c.d~e/f g+h%"), "a-b_c.d~e%2Ff%20g%2Bh%25");
  EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
  EXPECT_EQ(percent_encode("\xc3\xa9"), "%C3%A9");
  EXPECT_EQ(percent_decode("a%2fb+c%20d"), "a/b+c d");
  for (const char* bad : {"%", "%2", "%zz", "a%2"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(Bytes, KeysInEventsAreFormEncoded) {
  EXPECT_EQ(form_encode_key("conf+x/feature file@1.yml"), "conf%2Bx/feature+file%401.yml");
  EXPECT_EQ(form_encode_key("a*b~c"), "a*b%7Ec");
}

TEST(Bytes, Utf8) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xff", "\xc3(", "\xf0\x80\x80\x80"})
    EXPECT_FALSE(valid_utf8(bad)) << to_hex(bad);
}

TEST(Bytes, ConstantTimeComparisonComparesAllOfIt) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace tidegate
