// Blobs on a disk: whole or not there, gone when dropped, and never promised when a sync failed.
#include "blob/directory.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include "support/temp_dir.h"

namespace tidegate::blob {
namespace {

namespace fs = std::filesystem;

class Directory : public testing::Test {
 public:
  TempDir dir;
  SeededRandom random{1};
  int syncs = 0;
  int fail_at = -1;  // the sync to fail
  std::unique_ptr<DirectoryBlobs> blobs = open();

  std::unique_ptr<DirectoryBlobs> open() {
    DirectoryOptions options;
    options.root = dir / "blobs";
    options.sync = [this](int fd) {
      if (syncs++ == fail_at) {
        errno = EIO;
        return -1;
      }
      return ::fsync(fd);
    };
    auto opened = DirectoryBlobs::open(options, random);
    CHECK(opened.ok());
    return std::move(opened).value();
  }
  BlobId store(std::string_view bytes) {
    auto upload = blobs->begin();
    CHECK(upload.ok());
    EXPECT_TRUE((*upload)->write(bytes).ok());
    auto id = (*upload)->commit();
    CHECK(id.ok());
    return *id;
  }
  std::string read(const BlobId& id) {
    auto reader = blobs->open(id);
    if (!reader.ok()) return name_of(reader.fault());
    std::string all((*reader)->size(), '\0');
    std::uint64_t at = 0;
    for (;;) {
      auto n = (*reader)->read(at, all.data() + at, std::min<std::size_t>(all.size() - at, 1000));
      if (!n.ok() || *n == 0) break;
      at += *n;
    }
    EXPECT_EQ(at, all.size());
    return all;
  }
  std::set<std::string> files() {
    std::set<std::string> found;
    for (const auto& f : fs::recursive_directory_iterator(dir.path()))
      if (f.is_regular_file()) found.insert(f.path().filename().string());
    return found;
  }
  // Sets the age of a blob, as if it had been written that long ago.
  void age(const BlobId& id, std::chrono::seconds by) {
    const fs::path path = dir / "blobs/" + id.substr(0, 2) + "/" + id;
    fs::last_write_time(path, fs::file_time_type::clock::now() - by);
  }
};

TEST_F(Directory, BytesComeBack) {
  SeededRandom content(9);
  for (std::size_t size : {0u, 1u, 4096u, 100'000u}) {
    const std::string bytes = content.bytes(size);
    const BlobId id = store(bytes);
    EXPECT_EQ(id.size(), 32u);
    EXPECT_EQ(read(id), bytes);
  }
}

TEST_F(Directory, ManyWritesAreOneBlob) {
  auto upload = *blobs->begin();
  std::string all;
  const std::string piece(3 << 20, 'p');
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(upload->write(piece).ok());
    all += piece;
  }
  auto id = upload->commit();
  ASSERT_TRUE(id.ok());
  EXPECT_EQ((*blobs->open(*id))->size(), all.size());
}

TEST_F(Directory, APlaceBehindTheEndIsTheEnd) {
  const BlobId id = store("abc");
  auto reader = *blobs->open(id);
  char out[8];
  EXPECT_EQ(*reader->read(1, out, 8), 2u);
  EXPECT_EQ(std::string(out, 2), "bc");
  EXPECT_EQ(*reader->read(3, out, 8), 0u);
  EXPECT_EQ(*reader->read(99, out, 8), 0u);
}

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
  EXPECT_EQ(files(), std::set<std::string>{kept});
  EXPECT_EQ(read(kept), "kept");
}

TEST_F(Directory, ACrashWhileTheFoldersWereMadeIsMended) {
  blobs.reset();
  for (int shard = 5; shard < 256; ++shard)
    fs::remove(dir / "blobs/" + fmt::format("{:02x}", shard));
  blobs = open();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(read(store("x")), "x");
}

TEST_F(Directory, ABlobOutlivesReopeningAndItsErasureAReader) {
  const BlobId id = store("abc");
  blobs.reset();
  blobs = open();
  EXPECT_EQ(read(id), "abc");
  auto reader = *blobs->open(id);
  EXPECT_TRUE(blobs->erase(id).ok());
  EXPECT_EQ(read(id), "not_found");
  char out[3];
  EXPECT_EQ(*reader->read(0, out, 3), 3u);
  EXPECT_TRUE(blobs->erase(id).ok());
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

TEST_F(Directory, SweepTakesWhatIsOldAndUnused) {
  const BlobId young = store("young"), used = store("used"), orphan = store("orphan");
  age(used, std::chrono::hours(2));
  age(orphan, std::chrono::hours(2));
  std::size_t asked = 0;
  auto in_use = [&](const BlobId& id) {
    ++asked;
    return id == used;
  };
  EXPECT_EQ(*blobs->sweep(in_use, 3'600'000), 1u);
  EXPECT_EQ(asked, 2u);
  EXPECT_EQ(files(), (std::set<std::string>{young, used}));
  EXPECT_EQ(*blobs->sweep([](const BlobId&) { return false; }, 0), 2u);
  EXPECT_TRUE(files().empty());
}

TEST_F(Directory, AnUploadThatTookLongIsYoungWhenItCommits) {
  auto upload = *blobs->begin();
  ASSERT_TRUE(upload->write("slow").ok());
  const fs::path part = dir / "blobs/tmp/" + *files().begin();
  fs::last_write_time(part, fs::file_time_type::clock::now() - std::chrono::hours(5));
  ASSERT_TRUE(upload->commit().ok());
  EXPECT_EQ(*blobs->sweep([](const BlobId&) { return false; }, 3'600'000), 0u);
}

TEST_F(Directory, AFailedSyncMakesEverythingReadOnly) {
  const BlobId before = store("before");
  for (int which : {0, 1}) {  // of the file, of its folder
    blobs.reset();
    blobs = open();
    fail_at = syncs + which;
    auto upload = *blobs->begin();
    auto second = *blobs->begin();
    ASSERT_TRUE(upload->write("x").ok());
    EXPECT_EQ(upload->commit().fault(), Fault::read_only);
    EXPECT_FALSE(blobs->writable());
    EXPECT_EQ(blobs->begin().fault(), Fault::read_only);
    EXPECT_EQ(second->commit().fault(), Fault::read_only);
    EXPECT_EQ(read(before), "before");
  }
}

TEST_F(Directory, CommitSyncsTheFileAndItsFolder) {
  const int before = syncs;
  store("x");
  EXPECT_EQ(syncs - before, 2);
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
