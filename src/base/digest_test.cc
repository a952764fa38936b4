// Published vectors, and that a seal that was touched anywhere does not open.
#include "base/digest.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"

namespace tidegate {
namespace {

TEST(Digest, PublishedVectors) {
  EXPECT_EQ(to_hex(digest(Digest::md5, "")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(to_hex(digest(Digest::sha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, PiecesGiveTheSameAsTheWhole) {
  std::string data = SeededRandom(3).bytes(1000);
  for (std::size_t cut : {0u, 1u, 63u, 64u, 65u, 999u, 1000u}) {
    Hasher hasher(Digest::sha256);
    hasher.update(std::string_view(data).substr(0, cut));
    hasher.update(std::string_view(data).substr(cut));
    EXPECT_EQ(hasher.finish(), sha256(data));
  }
}

TEST(Digest, ASealOpensOnlyUntouched) {
  SeededRandom random(5);
  const std::string key = random.bytes(32), other = random.bytes(32);
  for (std::size_t size : {0u, 1u, 16u, 100u}) {
    const std::string plain = random.bytes(size);
    std::string sealed = seal(key, plain, "context", random);
    std::string opened = "before";
    ASSERT_TRUE(unseal(key, sealed, "context", opened));
    EXPECT_EQ(opened, plain);
    EXPECT_FALSE(unseal(other, sealed, "context", opened));
    EXPECT_FALSE(unseal(key, sealed, "another", opened));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      std::string touched = sealed;
      touched[i] ^= 1;
      EXPECT_FALSE(unseal(key, touched, "context", opened)) << i;
    }
    for (std::size_t cut = 0; cut < sealed.size(); ++cut)
      EXPECT_FALSE(unseal(key, sealed.substr(0, cut), "context", opened)) << cut;
    EXPECT_EQ(opened, plain) << "a broken seal must leave the output alone";
  }
}

}  // namespace
}  // namespace tidegate
