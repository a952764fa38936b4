#include "s3/owners.h"

#include <gtest/gtest.h>

namespace tidegate::s3 {
namespace {

TEST(Owners, DeriveIdsThatCanBeReadBack) {
  const Owners owners;
  const std::string id = owners.id_of("111122223333");
  EXPECT_EQ(id.size(), 64u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(owners.account_of(id), "111122223333");
  std::string other = id;
  other.back() = '4';  // another account with this one's digest
  EXPECT_EQ(owners.account_of(other), std::nullopt);
  EXPECT_EQ(owners.account_of("testid"), std::nullopt);
  EXPECT_EQ(owners.display_name_of(id), std::nullopt);
  EXPECT_EQ(owners.account_of(owners.id_of("")), kAnonymousAccount);
}

TEST(Owners, SayWhatWasDeclared) {
  const Owners owners({{"111122223333", "testid", "M. Tester", "m@example.com"},
                       {"444455556666", "", "Other", ""}});
  EXPECT_EQ(owners.id_of("111122223333"), "testid");
  EXPECT_EQ(owners.account_of("testid"), "111122223333");
  EXPECT_EQ(owners.account_of(derived_owner_id("111122223333")), std::nullopt);
  EXPECT_EQ(owners.display_name_of("testid"), "M. Tester");
  EXPECT_EQ(owners.id_of_email("m@example.com"), "testid");
  EXPECT_EQ(owners.id_of_email(""), std::nullopt);
  const std::string derived = owners.id_of("444455556666");
  EXPECT_EQ(owners.account_of(derived), "444455556666");
  EXPECT_EQ(owners.display_name_of(derived), "Other");
}

}  // namespace
}  // namespace tidegate::s3
