// Blobs on a disk: whole or not there, gone when dropped, and never promised when a sync failed.
#include "blob/directory.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include "blob/whole.h"
#include "support/failing_disk.h"
#include "support/temp_dir.h"

namespace tidegate::blob {
namespace {

namespace fs = std::filesystem;

class Directory : public testing::Test {
 public:
  TempDir dir;
  SeededRandom random{1};
  FailingDisk disk;
  std::unique_ptr<DirectoryBlobs> blobs = open();

  std::unique_ptr<DirectoryBlobs> open() {
    auto opened = DirectoryBlobs::open(dir / "blobs", random, disk);
    CHECK(opened.ok());
    return std::move(opened).value();
  }
  BlobId store(std::string_view bytes) {
    auto id = write_whole(*blobs, bytes);
    CHECK(id.ok());
    return *id;
  }
  std::string read(const BlobId& id) {
    auto bytes = read_whole(*blobs, id);
    return bytes.ok() ? *bytes : std::string(name_of(bytes.fault()));
  }
  std::set<std::string> files() {
    std::set<std::string> found;
    for (const auto& f : fs::recursive_directory_iterator(dir.path()))
      if (f.is_regular_file()) found.insert(f.path().filename().string());
    return found;
  }
  std::vector<BlobId> all_but(const BlobId& known) {
    std::vector<BlobId> found;
    for (unsigned shard = 0; shard < Blobs::kShards; ++shard) {
      const auto ids = blobs->list(shard);
      for (const BlobId& id : *ids)
        if (id != known) found.push_back(id);
    }
    return found;
  }
  std::string path_of(const BlobId& id) {
    return dir / "blobs/" + id.substr(0, 2) + "/" + id + ".b2";
  }
};

TEST_F(Directory, NothingIsVisibleBeforeCommit) {
  auto upload = *blobs->begin();
  ASSERT_TRUE(upload->write("half").ok());
  std::size_t shards = 0;
  for (const auto& f : fs::recursive_directory_iterator(dir / "blobs"))
    shards += f.is_regular_file() && f.path().parent_path().filename() != "tmp";
  EXPECT_EQ(shards, 0u);
  EXPECT_EQ(files().size(), 1u);
  const BlobId pending = *files().begin();
  EXPECT_EQ(blobs->open(pending).fault(), Fault::not_found);
}

TEST_F(Directory, ADroppedUploadLeavesNoTrace) {
  {
    auto upload = *blobs->begin();
    ASSERT_TRUE(upload->write("half").ok());
  }
  EXPECT_TRUE(files().empty());
}

TEST_F(Directory, ACommittedUploadTakesNothingMore) {
  auto upload = *blobs->begin();
  ASSERT_TRUE(upload->write("whole").ok());
  const BlobId id = *upload->commit();
  EXPECT_FALSE(upload->write(" and more").ok());
  EXPECT_FALSE(upload->commit().ok());
  upload.reset();
  EXPECT_EQ(read(id), "whole");
}

TEST_F(Directory, WhatACrashLeftIsClearedAtOpening) {
  const BlobId kept = store("kept");
  std::ofstream(dir / "blobs/tmp/0123") << "left";
  fs::create_directory(dir / "blobs/tmp/folder");
  blobs.reset();
  blobs = open();
  EXPECT_EQ(files(), std::set<std::string>{kept + ".b2"});
  EXPECT_EQ(read(kept), "kept");
}

TEST_F(Directory, ABlobOutlivesReopening) {
  const BlobId id = store("abc");
  EXPECT_TRUE(blobs->made_here(id));
  blobs.reset();
  blobs = open();
  EXPECT_EQ(read(id), "abc");
  EXPECT_FALSE(blobs->made_here(id));
  EXPECT_TRUE(blobs->made_here(store("another")));
}

TEST_F(Directory, ABlobOfAVersionWithoutSumsIsReadAsItIs) {
  const BlobId id = "00112233445566778899aabbccddeeff";
  fs::create_directory(dir / "blobs/00");
  blobs = open();
  std::ofstream(dir / "blobs/00/" + id) << "old bytes";
  EXPECT_EQ(read(id), "old bytes");
  EXPECT_EQ(blobs->list(0).value(), std::vector<BlobId>{id});
  EXPECT_EQ(read(*blobs->duplicate(id)), "old bytes");
  EXPECT_TRUE(blobs->erase(id).ok());
  EXPECT_EQ(read(id), "not_found");
}

TEST_F(Directory, ADuplicateTakesNoSpace) {
  const BlobId first = store(std::string(100'000, 'x'));
  const BlobId second = *blobs->duplicate(first);
  EXPECT_EQ(fs::hard_link_count(path_of(second)), 2u);
  EXPECT_TRUE(fs::equivalent(path_of(first), path_of(second)));
}

TEST_F(Directory, AFlippedBitIsAnErrorAndNeverAnAnswer) {
  SeededRandom content(9);
  const std::string bytes = content.bytes(150'000);
  const BlobId id = store(bytes);
  std::string file(fs::file_size(path_of(id)), '\0');
  std::ifstream(path_of(id), std::ios::binary).read(file.data(), std::ssize(file));
  std::set<std::size_t> places{0, 65535, 65536, 149'999};  // and all of what stands behind
  for (std::size_t i = 150'000; i < file.size(); ++i) places.insert(i);
  for (int i = 0; i < 50; ++i) places.insert(content.next() % file.size());
  for (std::size_t place : places) {
    std::string bad = file;
    bad[place] = static_cast<char>(bad[place] ^ (1 << (place % 8)));
    std::ofstream(path_of(id), std::ios::binary | std::ios::trunc) << bad;
    EXPECT_EQ(read(id), "internal") << place;
  }
  for (std::size_t size : {std::size_t{0}, std::size_t{10}, file.size() - 1, file.size() - 16}) {
    std::ofstream(path_of(id), std::ios::binary | std::ios::trunc) << file.substr(0, size);
    EXPECT_EQ(read(id), "internal") << size;
  }
  std::ofstream(path_of(id), std::ios::binary | std::ios::trunc) << file;
  EXPECT_EQ(read(id), bytes);
}

TEST_F(Directory, BlocksThatChangedPlacesAreNoticed) {
  const BlobId id = store(std::string(65536, 'a') + std::string(65536, 'b'));
  std::string file(fs::file_size(path_of(id)), '\0');
  std::ifstream(path_of(id), std::ios::binary).read(file.data(), std::ssize(file));
  const std::string sums = file.substr(2 * 65536);
  const std::string swapped = file.substr(65536, 65536) + file.substr(0, 65536) +
                              sums.substr(4, 4) + sums.substr(0, 4) + sums.substr(8);
  std::ofstream(path_of(id), std::ios::binary | std::ios::trunc) << swapped;
  EXPECT_EQ(read(id), "internal");
}

TEST_F(Directory, AnIntactBlockOfADamagedBlobIsStillServed) {
  const std::string bytes = std::string(65536, 'a') + std::string(65536, 'b');
  const BlobId id = store(bytes);
  std::fstream(path_of(id), std::ios::binary | std::ios::in | std::ios::out).put('x');
  auto reader = *blobs->open(id);
  std::string out(100, '\0');
  EXPECT_FALSE(reader->read(65500, out.data(), 10).ok());
  ASSERT_EQ(*reader->read(70000, out.data(), out.size()), out.size());
  EXPECT_EQ(out, std::string(100, 'b'));
}

TEST_F(Directory, NamesThatAreNoIdsReachNoFile) {
  std::ofstream(dir / "secret") << "s";
  for (const char* id : {"", "../secret", "../../secret", "tmp", "0123456789abcdef0123456789abcdeF",
                         "0123456789abcdef0123456789abcde/"}) {
    EXPECT_EQ(blobs->open(id).fault(), Fault::not_found) << id;
    EXPECT_TRUE(blobs->erase(id).ok());
  }
  EXPECT_TRUE(fs::exists(dir / "secret"));
}

TEST_F(Directory, CommitSyncsTheFileAndItsFolder) {
  int before = disk.syncs;
  const BlobId first = store("x");
  EXPECT_EQ(disk.syncs - before, 3);  // its folder is new, too
  for (int shard = 0; shard < 256; ++shard)
    fs::create_directory(dir / "blobs/" + fmt::format("{:02x}", shard));
  blobs = open();
  before = disk.syncs;
  store("x");
  EXPECT_EQ(disk.syncs - before, 2);
  EXPECT_EQ(read(first), "x");
}

// Every call of the disk that storing a blob makes, failed in turn: what was acknowledged is there,
// what was not is whole or absent, and after a failed sync nothing is promised any more.
TEST_F(Directory, WhateverCallFailsNothingHalfIsEverSeen) {
  const std::string bytes(200'000, 'x');
  const BlobId before = store("before");
  int failures = 0;
  for (int n = 1;; ++n) {
    blobs.reset();
    blobs = open();
    disk.arm(n);
    auto id = write_whole(*blobs, bytes);
    const bool reached = disk.calls >= n;
    disk.arm(0);
    if (!reached) {
      EXPECT_TRUE(id.ok());
      break;
    }
    ++failures;
    EXPECT_FALSE(id.ok()) << n;
    const bool sync_failed = id.fault() == Fault::read_only;
    EXPECT_EQ(blobs->writable(), !sync_failed) << n;
    EXPECT_EQ(blobs->begin().ok(), !sync_failed) << n;
    EXPECT_EQ(read(before), "before");
    for (const BlobId& found : all_but(before)) EXPECT_EQ(read(found), bytes) << n;
    blobs.reset();
    blobs = open();
    for (const BlobId& found : all_but(before)) EXPECT_TRUE(blobs->erase(found).ok());
    EXPECT_EQ(files().size(), 1u) << n;
  }
  EXPECT_GE(failures, 8);  // open, two writes, sync, mkdir, rename, opens and syncs of folders
}

TEST_F(Directory, WhateverCallFailsADuplicateIsWholeOrAnError) {
  const std::string bytes(100'000, 'x');
  const BlobId first = store(bytes);
  for (int n = 1;; ++n) {
    blobs.reset();
    blobs = open();
    disk.arm(n);
    auto copy = blobs->duplicate(first);
    const bool reached = disk.calls >= n;
    disk.arm(0);
    EXPECT_EQ(read(first), bytes);
    if (copy.ok()) {
      EXPECT_EQ(read(*copy), bytes) << n;
    }
    if (!reached) {
      EXPECT_TRUE(copy.ok());
      break;
    }
  }
}

TEST_F(Directory, WhatCannotBeLinkedIsCopied) {
  disk.no_links = true;
  const std::string bytes(100'000, 'x');
  const BlobId first = store(bytes);
  const BlobId second = *blobs->duplicate(first);
  EXPECT_TRUE(blobs->erase(first).ok());
  EXPECT_EQ(read(second), bytes);
}

TEST_F(Directory, WhateverCallFailsAReadIsRightOrAnError) {
  const std::string bytes(100'000, 'x');
  const BlobId id = store(bytes);
  for (int n = 1;; ++n) {
    disk.arm(n);
    auto got = read_whole(*blobs, id);
    const bool reached = disk.calls >= n;
    disk.arm(0);
    EXPECT_EQ(got.ok(), !reached) << n;
    if (got.ok()) {
      EXPECT_EQ(*got, bytes);
    }
    if (!reached) break;
  }
}

TEST_F(Directory, AFailedWriteIsNeverCommitted) {
  // A file-size limit makes the write fail half way, as a full disk does.
  struct rlimit old {};
  ::getrlimit(RLIMIT_FSIZE, &old);
  struct rlimit small = old;
  small.rlim_cur = 1000;
  ::signal(SIGXFSZ, SIG_IGN);
  auto upload = *blobs->begin();
  ::setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_FALSE(upload->write(std::string(5000, 'x')).ok());
  ::setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_FALSE(upload->commit().ok());
  EXPECT_TRUE(blobs->writable());
  upload.reset();
  EXPECT_TRUE(files().empty());
}

}  // namespace
}  // namespace tidegate::blob
