// A file of keys is believed whole or refused with the line that is wrong.
#include "identity/credentials_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

namespace tidegate::identity {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::string& text) {
  auto parsed = parse_credentials(text, "keys");
  return parsed.ok() ? "" : parsed.error().message;
}

TEST(CredentialsFile, DeclaresKeysOfSeveralAccounts) {
  auto file = parse_credentials(
      "# ours\n[AKIAMAIN]\nsecret = a=b/c+d==\naccount = 111111111111\ncanonical-id = testid\n"
      "display-name = M. Tester\n\n[AKIAUSER]\r\n secret=s \naccount = 111111111111\nuser = alice\n"
      "email = m@example.com\n[OTHER]\nsecret = t\naccount = 222222222222\n",
      "keys");
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_EQ(file->keys.size(), 3u);
  EXPECT_EQ(file->keys[0].key.id, "AKIAMAIN");
  EXPECT_EQ(file->keys[0].key.secret, "a=b/c+d==");
  EXPECT_EQ(file->keys[0].user, "");
  EXPECT_EQ(file->keys[1].key.secret, "s");
  EXPECT_EQ(file->keys[1].user, "alice");
  ASSERT_EQ(file->accounts.size(), 2u);
  EXPECT_EQ(file->accounts[0].canonical_id, "testid");
  EXPECT_EQ(file->accounts[0].display_name, "M. Tester");
  EXPECT_EQ(file->accounts[0].email, "m@example.com");
  EXPECT_EQ(file->accounts[1].canonical_id, "");
}

TEST(CredentialsFile, GivesUsersTheirPolicies) {
  auto file = parse_credentials(
      "[K]\nsecret = s\naccount = 111111111111\nuser = ann\n"
      "policies = ReadOnlyAccess , arn:aws:iam::111111111111:policy/p/mine\n",
      "keys");
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->keys[0].policies,
            (std::vector<std::string>{"arn:aws:iam::aws:policy/ReadOnlyAccess",
                                      "arn:aws:iam::111111111111:policy/p/mine"}));
  EXPECT_THAT(refusal("[K]\nsecret = s\naccount = 111111111111\npolicies = A\n"),
              HasSubstr("[K] has policies and no user"));
  EXPECT_THAT(refusal("[K]\nuser = ann\npolicies = A,,B\n"),
              HasSubstr("keys:3: policies expects names of AWS's policies or ARNs"));
  EXPECT_THAT(refusal("[K]\npolicies = A\npolicies = B\n"), HasSubstr("policies is given twice"));
  EXPECT_THAT(refusal("[K]\nuser = an ann\n"), HasSubstr("user expects a name"));
}

TEST(CredentialsFile, RefusalsNameTheLine) {
  EXPECT_THAT(refusal("secret = s\n"), HasSubstr("keys:1: expects \"name = value\" under"));
  EXPECT_THAT(refusal("[K\n"), HasSubstr("keys:1: expects [ACCESS-KEY-ID]"));
  EXPECT_THAT(refusal("[K]\naccount = 111111111111\n"), HasSubstr("[K] has no secret"));
  EXPECT_THAT(refusal("[K]\nsecret = s\n"), HasSubstr("[K] has no account"));
  EXPECT_THAT(refusal("[K]\naccount = 12\n"), HasSubstr("keys:2: account expects 12 digits"));
  EXPECT_THAT(refusal("[K]\nsecrets = s\n"), HasSubstr("keys:2: unknown name 'secrets'"));
  EXPECT_THAT(refusal("[K]\nsecret = s\nsecret = t\n"), HasSubstr("keys:3: secret is given twice"));
  EXPECT_THAT(refusal("[K]\nuser = a/b\n"), HasSubstr("user expects a name"));
  const std::string one = "[K]\nsecret = s\naccount = 111111111111\ncanonical-id = x\n";
  EXPECT_THAT(refusal(one + one), HasSubstr("[K] stands there twice"));
  EXPECT_THAT(refusal(one + "[L]\nsecret = s\naccount = 222222222222\ncanonical-id = x\n"),
              HasSubstr("two accounts have the canonical-id 'x'"));
  EXPECT_THAT(refusal(one + "[L]\nsecret = s\naccount = 111111111111\ncanonical-id = y\n"),
              HasSubstr("account 111111111111 is called 'y' here and 'x' above"));
}

TEST(CredentialsFile, IsForItsOwnerOnly) {
  const std::string path = ::testing::TempDir() + "/tidegate-credentials-test";
  std::ofstream(path) << "[K]\nsecret = s\naccount = 111111111111\n";
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_THAT(load_credentials(path).error().message, HasSubstr("can be read by others"));
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(load_credentials(path)->keys.size(), 1u);
  ::remove(path.c_str());
  EXPECT_THAT(load_credentials(path).error().message, HasSubstr("cannot read"));
}

}  // namespace
}  // namespace tidegate::identity
