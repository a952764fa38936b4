// What every implementation of Blobs promises, asked of each.
#include <gtest/gtest.h>

#include <set>

#include "blob/directory.h"
#include "blob/memory.h"
#include "blob/whole.h"
#include "support/temp_dir.h"

namespace tidegate::blob {
namespace {

struct Kind {
  const char* name;
  std::unique_ptr<Blobs> (*make)(const std::string& folder, Random&);
};

std::unique_ptr<Blobs> make_directory(const std::string& folder, Random& random) {
  auto opened = DirectoryBlobs::open(folder + "/blobs", random);
  CHECK(opened.ok());
  return std::move(opened).value();
}
std::unique_ptr<Blobs> make_memory(const std::string&, Random& random) {
  return std::make_unique<MemoryBlobs>(random);
}

class Contract : public testing::TestWithParam<Kind> {
 public:
  TempDir dir;
  SeededRandom random{1}, content{9};
  std::unique_ptr<Blobs> blobs = GetParam().make(dir.path(), random);

  BlobId store(std::string_view bytes) {
    auto id = write_whole(*blobs, bytes);
    CHECK(id.ok());
    return *id;
  }
  std::string read(const BlobId& id) {
    auto bytes = read_whole(*blobs, id);
    return bytes.ok() ? *bytes : std::string(name_of(bytes.fault()));
  }
  std::set<BlobId> all() {
    std::set<BlobId> found;
    for (unsigned shard = 0; shard < Blobs::kShards; ++shard) {
      const auto ids = blobs->list(shard);
      for (const BlobId& id : *ids) EXPECT_TRUE(found.insert(id).second);
    }
    return found;
  }
};

TEST_P(Contract, BytesComeBackOfEverySizeAroundABlock) {
  for (std::size_t size : {0u, 1u, 4096u, 65535u, 65536u, 65537u, 131072u, 200'000u}) {
    const std::string bytes = content.bytes(size);
    const BlobId id = store(bytes);
    EXPECT_TRUE(is_blob_id(id));
    EXPECT_EQ((*blobs->open(id))->size(), size);
    EXPECT_EQ(read(id), bytes) << size;
  }
}

TEST_P(Contract, AnyWindowReadsAsItWasWritten) {
  const std::string bytes = content.bytes(300'000);
  const BlobId id = store(bytes);
  auto reader = *blobs->open(id);
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t offset = content.next() % bytes.size();
    std::string out(1 + content.next() % 200'000, '\0');
    auto n = reader->read(offset, out.data(), out.size());
    ASSERT_TRUE(n.ok());
    ASSERT_GT(*n, 0u);
    ASSERT_LE(*n, out.size());
    ASSERT_EQ(std::string_view(out).substr(0, *n), std::string_view(bytes).substr(offset, *n));
  }
}

TEST_P(Contract, ManyWritesAreOneBlob) {
  auto upload = *blobs->begin();
  std::string whole;
  for (int i = 0; i < 300; ++i) {
    const std::string piece = content.bytes(content.next() % 3000);
    ASSERT_TRUE(upload->write(piece).ok());
    whole += piece;
  }
  EXPECT_EQ(read(*upload->commit()), whole);
}

TEST_P(Contract, APlaceBehindTheEndIsTheEnd) {
  const BlobId id = store("abc");
  auto reader = *blobs->open(id);
  char out[8];
  EXPECT_EQ(*reader->read(1, out, 8), 2u);
  EXPECT_EQ(std::string(out, 2), "bc");
  EXPECT_EQ(*reader->read(3, out, 8), 0u);
  EXPECT_EQ(*reader->read(99, out, 8), 0u);
}

TEST_P(Contract, ADroppedUploadLeavesNoTrace) {
  {
    auto upload = *blobs->begin();
    ASSERT_TRUE(upload->write("half").ok());
    EXPECT_TRUE(all().empty());
  }
  EXPECT_TRUE(all().empty());
}

TEST_P(Contract, ADuplicateHasAnIdAndALifeOfItsOwn) {
  const std::string bytes = content.bytes(100'000);
  const BlobId first = store(bytes);
  const BlobId second = *blobs->duplicate(first);
  EXPECT_NE(first, second);
  EXPECT_EQ(all(), (std::set<BlobId>{first, second}));
  ASSERT_TRUE(blobs->erase(first).ok());
  EXPECT_EQ(read(first), "not_found");
  EXPECT_EQ(read(second), bytes);
  EXPECT_EQ(blobs->duplicate(first).fault(), Fault::not_found);
}

TEST_P(Contract, ErasingOutlivesAReaderAndMayBeRepeated) {
  const BlobId id = store("abc");
  auto reader = *blobs->open(id);
  EXPECT_TRUE(blobs->erase(id).ok());
  EXPECT_TRUE(blobs->erase(id).ok());
  EXPECT_EQ(read(id), "not_found");
  char out[3];
  EXPECT_EQ(*reader->read(0, out, 3), 3u);
}

TEST_P(Contract, TheListNamesEachBlobOnce) {
  std::set<BlobId> made;
  for (int i = 0; i < 40; ++i) made.insert(store("x"));
  EXPECT_EQ(all(), made);
  for (const BlobId& id : made) EXPECT_TRUE(blobs->made_here(id));
}

INSTANTIATE_TEST_SUITE_P(All, Contract,
                         testing::Values(Kind{"Directory", make_directory},
                                         Kind{"Memory", make_memory}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace tidegate::blob
