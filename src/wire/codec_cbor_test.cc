// CBOR: what the encodings of RFC 8949 come to, what a client may not send, and what goes out.
#include <gtest/gtest.h>

#include <cmath>

#include "base/bytes.h"
#include "support/small_shapes.h"
#include "wire/rpc.h"

namespace tidegate::wire {
namespace {

using namespace small;
using namespace std::string_literals;

std::string hex(std::string_view digits) {
  std::string joined(digits);
  std::erase(joined, ' ');
  return from_hex(joined).value();
}
// {"Id": "ab", <more>}, of any length.
std::string with(std::string_view name, std::string_view item) {
  return hex("bf 62 4964 62 6162") + static_cast<char>(0x60 + name.size()) + std::string(name) +
         hex(item) + "\xff";
}
Status decode(std::string_view bytes, Everything& out) {
  return decode_cbor(bytes, shape_of<Everything>::value, &out);
}
std::string refusal(std::string_view bytes) {
  Everything out;
  const Status s = decode(bytes, out);
  return s.ok() ? "ok" : std::string(name_of(s.fault())) + ": " + s.error().message;
}
Everything read(std::string_view bytes) {
  Everything out;
  const Status s = decode(bytes, out);
  EXPECT_TRUE(s.ok()) << (s.ok() ? "" : s.error().message);
  return out;
}

TEST(CborCodec, EveryKindComesBack) {
  Everything e;
  e.id = "ab";
  e.flag = true;
  e.number = 5;
  e.large = -9007199254740993;
  e.ratio = 2.5;
  e.data = Blob{"\xff\0!"s};
  e.when = instant_from_ms(1767323045678);
  e.iso = instant_from_ms(-1000);
  e.words = {"a", ""};
  e.items = {{"n", {}}, {"m", 3}};
  e.tags = {{"k", "v"}};
  e.named["x"] = {"y", {}};
  e.item = {"\u00e4", 0};
  e.mode = "slow";
  const Everything back = read(encode_cbor(e));
  EXPECT_EQ(encode_cbor(back), encode_cbor(e));
  EXPECT_EQ(back.flag, true);
  EXPECT_EQ(back.large, e.large);
  EXPECT_EQ(back.ratio, 2.5);
  EXPECT_EQ(back.data, e.data);
  EXPECT_EQ(back.when, e.when);
  EXPECT_EQ(back.iso, e.iso);
  EXPECT_EQ(back.words, e.words);
  EXPECT_EQ(back.items.at(1).count, 3);
  EXPECT_EQ(back.tags, e.tags);
  EXPECT_EQ(back.named.at("x").name, "y");
  EXPECT_EQ(back.item->name, "\u00e4");
  EXPECT_FALSE(back.secret);
}

TEST(CborCodec, WhatGoesOut) {
  EXPECT_EQ(encode_cbor(Item{"n", 1}), hex("bf 64 4e616d65 61 6e 65 436f756e74 01 ff"));
  EXPECT_EQ(
      encode_cbor(Item{std::string(300, 'n'), -300}),
      hex("bf 64 4e616d65 79 012c") + std::string(300, 'n') + hex("65 436f756e74 39 012b ff"));
  Everything e;
  e.when = instant_from_ms(1767323045000);
  e.ratio = 1.5;
  const std::string out = encode_cbor(e);
  // Tag 1 and whole seconds; with a fraction they are a double.
  EXPECT_NE(out.find("dWhen" + hex("c1 1a 6957 35a5")), std::string::npos) << to_hex(out);
  EXPECT_NE(out.find("eRatio" + hex("fb 3ff8000000000000")), std::string::npos);
  e.when = instant_from_ms(1767323045500);
  EXPECT_NE(encode_cbor(e).find("dWhen" + hex("c1 fb 41da55cd69600000")), std::string::npos)
      << to_hex(encode_cbor(e));
}

TEST(CborCodec, NumbersOfEveryWidth) {
  for (const char* five : {"05", "18 05", "19 0005", "1a 00000005", "1b 0000000000000005"})
    EXPECT_EQ(read(with("Number", five)).number, 5) << five;
  EXPECT_EQ(read(with("Large", "1b 7fffffffffffffff")).large, INT64_MAX);
  EXPECT_EQ(read(with("Large", "3b 7fffffffffffffff")).large, INT64_MIN);
  EXPECT_NE(refusal(with("Large", "1b 8000000000000000")), "ok");
  EXPECT_NE(refusal(with("Large", "3b ffffffffffffffff")), "ok");
  EXPECT_NE(refusal(with("Number", "1a 80000000")), "ok");
  for (const char* one_and_a_half : {"f9 3e00", "fa 3fc00000", "fb 3ff8000000000000"})
    EXPECT_EQ(read(with("Ratio", one_and_a_half)).ratio, 1.5) << one_and_a_half;
  EXPECT_EQ(read(with("Ratio", "f9 0001")).ratio, std::ldexp(1, -24));
  EXPECT_EQ(read(with("Ratio", "f9 5640")).ratio, 100);
  EXPECT_EQ(read(with("Ratio", "18 64")).ratio, 100);  // a whole number is a double too
  EXPECT_NE(refusal(with("Ratio", "f9 7c00")), "ok");  // infinity is above every maximum
  EXPECT_NE(refusal(with("Ratio", "20")).find("greater than or equal to 0"), std::string::npos);
}

TEST(CborCodec, TimesAreTagged) {
  for (const char* noon : {"c1 1a 695735a5", "c1 fb 41da55cd69400000", "d8 01 1b 00000000695735a5"})
    EXPECT_EQ(to_ms(*read(with("When", noon)).when), 1767323045000) << noon;
  EXPECT_EQ(to_ms(*read(with("When", "c1 20")).when), -1000);
  for (const char* no_time : {"1a 695735a5", "c0 1a 695735a5", "c1 61 31", "c1 f9 7e00", "c1 c1 00",
                              "c1 1b 7fffffffffffffff"})
    EXPECT_NE(refusal(with("When", no_time)).find("cannot be converted to Timestamp at 'when'"),
              std::string::npos)
        << no_time;
}

TEST(CborCodec, LengthsMayBeOpen) {
  EXPECT_EQ(read(with("Data", "5f 42 6869 40 41 21 ff")).data->bytes, "hi!");
  EXPECT_EQ(read(with("Words", "9f 7f 61 61 62 c3a4 ff 60 ff")).words,
            (std::vector<std::string>{"a\u00e4", ""}));
  EXPECT_EQ(read(with("Tags", "bf 61 6b 61 76 7f 61 6e ff f6 ff")).tags.size(), 1u);
  // A map of known length, its key in pieces.
  EXPECT_EQ(read(hex("a1 7f 61 49 61 64 ff 62 6162")).id, "ab");
}

TEST(CborCodec, WhatNobodyNamesIsPassedOver) {
  for (const char* item : {"00", "f6", "f8 ff", "c1 00", "d9 d9f7 82 01 9f ff",
                           "bf 01 02 61 61 40 ff", "5f 40 ff", "fb 7ff8000000000000"})
    EXPECT_EQ(read(with("Unknown", item)).id, "ab") << item;
  EXPECT_FALSE(read(with("Flag", "f6")).flag);  // null and undefined are nothing
  EXPECT_FALSE(read(with("Flag", "f7")).flag);
}

TEST(CborCodec, RefusalsNameTheMember) {
  EXPECT_EQ(refusal(with("Flag", "01")),
            "malformed_body: an integer cannot be converted to Boolean at 'flag'");
  EXPECT_EQ(refusal(with("Number", "61 31")),
            "malformed_body: a text string cannot be converted to Integer at 'number'");
  EXPECT_EQ(refusal(with("Number", "f9 4500")),
            "malformed_body: a simple value cannot be converted to Integer at 'number'");
  EXPECT_EQ(refusal(with("Data", "61 61")),
            "malformed_body: a text string cannot be converted to Blob at 'data'");
  EXPECT_EQ(refusal(with("Words", "82 61 61 f6")),
            "malformed_body: a simple value cannot be converted to String at 'words.2.member'");
  EXPECT_EQ(refusal(with("Named", "a1 61 78 80")),
            "malformed_body: an array cannot be converted to Structure at 'named.x'");
  EXPECT_EQ(refusal(with("Any", "a0")),
            "malformed_body: a map cannot be converted to Structure at 'any'");
  EXPECT_EQ(refusal(with("Id", "62 6162")), "malformed_body: 'id' is given twice");
  EXPECT_NE(refusal(with("Number", "18 65")).find("'number' failed to satisfy"), std::string::npos);
  EXPECT_NE(refusal("").find("'id' failed to satisfy"), std::string::npos);
  EXPECT_NE(refusal(with("Items", "81 a0")).find("items.1.member.name"), std::string::npos);
}

TEST(CborCodec, MalformedBytesAreRefused) {
  EXPECT_EQ(refusal(hex("80")), "malformed_body: the body must be a CBOR map");
  EXPECT_EQ(refusal(hex("a1 01 02")), "malformed_body: the keys of a map must be text");
  const std::string front = "malformed_body: the body is not well-formed CBOR: ";
  EXPECT_EQ(refusal(with("Flag", "f5") + "\xf6"), front + "something follows its end");
  EXPECT_EQ(refusal(with("Secret", "62 c328")), front + "a text that is no UTF-8");
  EXPECT_EQ(refusal(with("Secret", "7f 61 c3 61 a4 ff")), front + "a text that is no UTF-8");
  EXPECT_EQ(refusal(with("Secret", "7f 41 61 ff")), front + "a string of pieces that are none");
  EXPECT_EQ(refusal(with("Secret", "7f 7f ff ff")), front + "a string of pieces that are none");
  EXPECT_EQ(refusal(with("Number", "1c")), front + "a reserved length");
  EXPECT_EQ(refusal(with("Number", "fc")), front + "a reserved length");
  EXPECT_EQ(refusal(with("Unknown", "f8 1f")), front + "a reserved value");
  EXPECT_EQ(refusal(with("Number", "ff")), front + "a break where an item must stand");
  EXPECT_EQ(refusal(with("Number", "1f")), front + "a break where an item must stand");
  EXPECT_EQ(refusal(with("Unknown", "82 01 ff")), front + "a break where an item must stand");
  // What claims to be longer than there are bytes takes no memory for it.
  for (const char* item : {"7b ffffffffffffffff", "5a 7fffffff", "9b ffffffffffffffff 00 00"})
    EXPECT_NE(refusal(with("Unknown", item)), "ok") << item;
  const std::string whole = with("Words", "9f 61 61 ff");
  for (std::size_t n = 1; n < whole.size(); ++n)
    EXPECT_EQ(refusal(std::string_view(whole).substr(0, n)), front + "it is cut short") << n;
}

TEST(CborCodec, NestingIsBounded) {
  const std::string open = hex("bf 62 4964 62 6162 67") + "Unknown";
  for (const char* nested : {"\x81", "\x9f", "\xc1", "\xa1\x01", "\xbf\x01"}) {
    std::string deep = open;
    for (int i = 0; i < 100'000; ++i) deep += nested;
    EXPECT_EQ(refusal(deep),
              "malformed_body: the body is not well-formed CBOR: it is nested too deeply");
  }
  EXPECT_EQ(refusal(open + std::string(30, '\x81') + "\x01\xff"), "ok");
  EXPECT_NE(refusal(open + std::string(100'000, '\x7f')), "ok");
}

TEST(CborCodec, AnswersHaveTheirHeaders) {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  constexpr auto kItem = operation<Nothing, Item>("Op", http::Method::post, "/", 200, "s:Op");
  const Item item{"n", {}};
  const EncodedReply some = encode_rpc(Rpc::cbor, kItem.row, &item);
  EXPECT_EQ(some.headers,
            (Headers{{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}}));
  EXPECT_EQ(some.body, encode_cbor(item));
  // No answer is no body, and no type of one.
  constexpr auto kNone = operation<Item, Nothing>("Op", http::Method::post, "/", 200, "s:Op");
  const Nothing nothing;
  const EncodedReply none = encode_rpc(Rpc::cbor, kNone.row, &nothing);
  EXPECT_EQ(none.headers, (Headers{{"smithy-protocol", "rpc-v2-cbor"}}));
  EXPECT_EQ(none.body, "");
}

}  // namespace
}  // namespace tidegate::wire
