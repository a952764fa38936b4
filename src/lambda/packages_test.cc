#include "lambda/packages.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/digest.h"
#include "support/lambda_world.h"

namespace tidegate::lambda {
namespace {

namespace fs = std::filesystem;

constexpr char kBad[] =
    "Could not unzip uploaded file. Please check your file, then try to upload again.";
constexpr unsigned kFile = 0100644, kLink = 0120777;

struct Unpacked {
  TempDir base;
  std::string folder = base / "out";
  Status status = done;
  explicit Unpacked(std::string_view zip) : status(unpack_zip(zip, folder)) {}
  std::string text() const { return status.ok() ? "" : status.error().message; }
  std::string read(const std::string& name) const {
    std::ifstream in(folder + "/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  unsigned mode(const std::string& name) const {
    struct stat facts {};
    EXPECT_EQ(::lstat((folder + "/" + name).c_str(), &facts), 0) << name;
    return facts.st_mode & 07777;
  }
};

std::string refusal(const std::vector<ZipEntry>& entries) {
  return Unpacked(make_zip(entries)).text();
}

TEST(Unpack, FilesFoldersLinksAndModes) {
  Unpacked u(make_zip({{"index.py", "code", 0100600},
                       {"bootstrap", "#!", 0100755},
                       {"setuid", "x", 0106777},
                       {"dos.txt", "dos", std::nullopt},
                       {"pkg/", "", 040700},
                       {"pkg/deep/mod.py", "m", kFile},
                       {"pkg/link", "../index.py", kLink}}));
  ASSERT_TRUE(u.status.ok()) << u.text();
  EXPECT_EQ(u.read("index.py"), "code");
  EXPECT_EQ(u.read("pkg/deep/mod.py"), "m");
  EXPECT_EQ(u.read("pkg/link"), "code");
  EXPECT_EQ(u.mode("index.py"), 0644u);  // readable for the sandbox's user
  EXPECT_EQ(u.mode("bootstrap"), 0755u);
  EXPECT_EQ(u.mode("setuid"), 0755u);
  EXPECT_EQ(u.mode("dos.txt"), 0644u);
  EXPECT_EQ(u.mode("pkg"), 0755u);
}

TEST(Unpack, NamesThatLeaveTheFolderAreRefused) {
  for (const char* name : {"/etc/passwd", "../x", "a/../../x", "a/..", "a\\b", ".."})
    EXPECT_EQ(refusal({{name, "x", kFile}}), kBad) << name;
  EXPECT_EQ(refusal({{"./a//b.py", "x", kFile}}), "");
}

TEST(Unpack, LinksMayLeadInsideOnly) {
  EXPECT_EQ(refusal({{"l", "/etc/passwd", kLink}}), kBad);
  EXPECT_EQ(refusal({{"l", "../x", kLink}}), kBad);
  EXPECT_EQ(refusal({{"a/l", "../../x", kLink}}), kBad);
  EXPECT_EQ(refusal({{"a/l", "../x", kLink}, {"x", "1", kFile}}), "");
  EXPECT_EQ(refusal({{"a/l", "b/../../x", kLink}}), "");
  EXPECT_EQ(refusal({{"l", "", kLink}}), kBad);
  EXPECT_EQ(refusal({{"l", std::string(5000, 'a'), kLink}}), kBad);
}

TEST(Unpack, LinksThatLeaveTogetherAreRefused) {
  // Each stays inside when it is looked at by itself: a/b/up is the root, so up/.. is outside.
  EXPECT_EQ(refusal({{"a/b/up", "../..", kLink}, {"out", "a/b/up/..", kLink}}), kBad);
  EXPECT_EQ(refusal({{"out", "a/b/up/../x", kLink}, {"a/b/up", "../..", kLink}}), kBad);
  // A circle leads nowhere.
  EXPECT_EQ(refusal({{"a", "b", kLink}, {"b", "a", kLink}}), kBad);
}

TEST(Unpack, NothingIsWrittenThroughALink) {
  EXPECT_EQ(refusal({{"d", "e", kLink}, {"d/x", "x", kFile}}), kBad);
  EXPECT_EQ(refusal({{"e/", "", 040755}, {"d", "e", kLink}, {"d/x", "x", kFile}}), kBad);
  EXPECT_EQ(refusal({{"f", "1", kFile}, {"f/x", "x", kFile}}), kBad);
}

TEST(Unpack, DuplicatesAreRefused) {
  std::string zip = make_zip({{"same1", "1", kFile}, {"same2", "2", kFile}});
  for (std::size_t at; (at = zip.find("same2")) != std::string::npos;) zip[at + 4] = '1';
  EXPECT_EQ(Unpacked(zip).text(), kBad);
  EXPECT_EQ(refusal({{"a/b", "1", kFile}, {"a//b", "2", kFile}}), kBad);
  EXPECT_EQ(refusal({{"a/b", "1", kFile}, {"a", "2", kFile}}), kBad);
}

TEST(Unpack, WhatIsNoZipIsRefused) {
  EXPECT_EQ(Unpacked("no zip at all").text(), kBad);
  EXPECT_EQ(Unpacked("").text(), "Uploaded file must be a non-empty zip");
  const std::string empty = std::string("PK\5\6", 4) + std::string(18, '\0');
  EXPECT_EQ(Unpacked(empty).text(), "Uploaded file must be a non-empty zip");
  std::string zip = make_zip({{"index.py", std::string(1000, 'a'), kFile}});
  EXPECT_EQ(Unpacked(zip.substr(0, zip.size() / 2)).text(), kBad);
  zip[60] = static_cast<char>(zip[60] ^ 0x55);  // the data: its CRC does not match any more
  EXPECT_EQ(Unpacked(zip).text(), kBad);
}

TEST(Unpack, EncryptedAndSpecialEntriesAreRefused) {
  EXPECT_EQ(refusal({{"secret.py", "x", kFile, true}}), kBad);
  EXPECT_EQ(refusal({{"fifo", "", 0010644}}), kBad);
  EXPECT_EQ(refusal({{"device", "", 0020644}}), kBad);
}

TEST(Unpack, ABombIsCountedWhileItInflates) {
  const std::string half(kMaxUnzippedBytes / 2 + 1, '\0');
  const std::string zip = make_zip({{"a", half, kFile}, {"b", half, kFile}});
  EXPECT_LT(zip.size(), 4'000'000u);
  EXPECT_EQ(Unpacked(zip).text(), "Unzipped size must be smaller than 262144000 bytes");
}

TEST(Unpack, EntriesAndTheFoldersTheyImplyAreBounded) {
  std::vector<ZipEntry> many(kMaxZipEntries + 1);
  for (std::size_t i = 0; i < many.size(); ++i) many[i].name = "f" + std::to_string(i);
  EXPECT_EQ(refusal(many), kBad);
  auto path = [](std::size_t first, int levels) {
    std::string name = std::to_string(first);
    for (int k = 1; k < levels; ++k) name += "/d";
    return ZipEntry{name + "/f", "", kFile};
  };
  std::vector<ZipEntry> deep;
  for (std::size_t i = 0; i * 127 <= kMaxZipEntries; ++i) deep.push_back(path(i, 127));
  EXPECT_EQ(refusal({path(0, 127)}), "");
  EXPECT_EQ(refusal({path(0, 128)}), kBad);
  EXPECT_EQ(refusal(deep), kBad);
}

class PackagesTest : public testing::Test {
 public:
  LambdaWorld w;
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(w.folder.path()), fs::directory_iterator()));
  }
};

TEST_F(PackagesTest, StoresTheZipAndUnpacksItUnderItsDigest) {
  const std::string zip = LambdaWorld::zip("one");
  auto stored = w.run(w.packages.store(zip));
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->sha256, to_hex(sha256(zip)));
  EXPECT_EQ(stored->size, zip.size());
  EXPECT_TRUE(fs::exists(w.folder / stored->sha256 + "/index.py"));
  EXPECT_EQ(entries(), 1u);
  // The same again: another blob, the same folder.
  auto again = w.run(w.packages.store(zip));
  EXPECT_NE(again->blob, stored->blob);
  EXPECT_EQ(w.blobs.count(), 2u);
  EXPECT_EQ(entries(), 1u);
  w.packages.erase_blob(again->blob);
  w.packages.erase_blob("");
  w.world.settle();
  EXPECT_EQ(w.blobs.count(), 1u);
}

TEST_F(PackagesTest, ARefusedZipLeavesNothing) {
  auto bad = w.run(w.packages.store(make_zip({{"ok", "1", kFile}, {"../x", "1", kFile}})));
  EXPECT_EQ(bad.fault(), Fault::invalid_parameter_value);
  EXPECT_EQ(entries(), 0u);
  EXPECT_EQ(w.blobs.count(), 0u);
}

TEST_F(PackagesTest, AZipInARequestHasABoundAndOneFromS3HasNot) {
  std::string noise(kMaxZipBytes, '\0');
  w.world.random.fill(noise.data(), noise.size());
  const std::string zip = make_zip({{"noise", noise, kFile}});
  ASSERT_GT(zip.size(), kMaxZipBytes);
  auto refused = w.run(w.packages.store(zip));
  EXPECT_EQ(refused.fault(), Fault::zip_too_large);
  EXPECT_EQ(refused.error().message, "Zipped size must be smaller than 52428800 bytes");
  auto taken = w.run(w.packages.store(zip, kMaxUnzippedBytes));
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  EXPECT_EQ(taken->size, zip.size());
}

TEST_F(PackagesTest, AMissingFolderIsMadeAgainFromTheBlob) {
  auto stored = w.run(w.packages.store(LambdaWorld::zip("again")));
  fs::remove_all(w.folder / stored->sha256);
  auto folder = w.run(w.packages.directory(stored->sha256, stored->blob));
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(*folder, w.folder / stored->sha256);
  EXPECT_TRUE(fs::exists(*folder + "/index.py"));
  // Without either it is our own failure, not the caller's.
  fs::remove_all(*folder);
  EXPECT_EQ(w.run(w.packages.directory(stored->sha256, "gone")).fault(), Fault::internal);
}

TEST_F(PackagesTest, KeepOnlyRemovesWhatNobodyNeeds) {
  auto one = w.run(w.packages.store(LambdaWorld::zip("one")));
  auto two = w.run(w.packages.store(LambdaWorld::zip("two")));
  fs::create_directory(w.folder / ".tmp-left-over");
  w.packages.keep_only([&](const std::string& sha) { return sha == one->sha256; });
  EXPECT_TRUE(fs::exists(w.folder / one->sha256));
  EXPECT_FALSE(fs::exists(w.folder / two->sha256));
  EXPECT_EQ(entries(), 1u);
}

}  // namespace
}  // namespace tidegate::lambda
