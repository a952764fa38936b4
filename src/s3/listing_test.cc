#include "s3/listing.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/s3_world.h"

namespace tidegate::s3 {
namespace {

// All pages of a listing, objects and common prefixes in one order.
std::vector<std::string> all_of(S3World& w, ListRequest request, int* pages = nullptr) {
  std::vector<std::string> seen;
  for (;;) {
    auto page = w.run(w.s3->listing.objects(w.caller, "bucket", request));
    CHECK(page.ok());
    if (pages) ++*pages;
    std::set<std::string> sorted(page->common_prefixes.begin(), page->common_prefixes.end());
    for (const auto& object : page->objects) sorted.insert(object.key);
    CHECK(sorted.size() <= request.max_keys);
    seen.insert(seen.end(), sorted.begin(), sorted.end());
    if (!page->truncated) return seen;
    request.after = page->last;
  }
}

TEST(Listing, GroupsByDelimiterAndPages) {
  S3World w;
  w.bucket("bucket");
  for (const char* key : {"a", "b/1", "b/2", "b/c/3", "d//", "e"}) w.put("bucket", key, "");
  ListRequest request;
  request.delimiter = "/";
  const std::vector<std::string> top{"a", "b/", "d/", "e"};
  EXPECT_EQ(all_of(w, request), top);
  request.max_keys = 1;
  int pages = 0;
  EXPECT_EQ(all_of(w, request, &pages), top);
  EXPECT_EQ(pages, 4);
  request.prefix = "b/";
  EXPECT_EQ(all_of(w, request), (std::vector<std::string>{"b/1", "b/2", "b/c/"}));
  request.prefix = "";
  request.after = "b/1";  // inside a common prefix: all of that is behind
  EXPECT_EQ(all_of(w, request), (std::vector<std::string>{"d/", "e"}));
  request.max_keys = 0;
  EXPECT_FALSE(w.run(w.s3->listing.objects(w.caller, "bucket", request))->truncated);
}

TEST(Listing, AgreesWithAModelWhateverThePageSize) {
  S3World w(42);
  w.bucket("bucket", Versioning::enabled);
  std::set<std::string> model;
  for (int i = 0; i < 150; ++i) {
    const std::string key = w.world.random.from_alphabet(1 + w.world.random.below(4), "ab/");
    if (w.world.random.below(4) == 0) {
      w.remove("bucket", key);
      model.erase(key);
    } else {
      w.put("bucket", key, "");
      model.insert(key);
    }
  }
  for (const std::string prefix : {"", "a", "a/", "b"}) {
    for (const std::string delimiter : {"", "/"}) {
      std::set<std::string> expected;
      for (const auto& key : model) {
        if (!key.starts_with(prefix)) continue;
        auto at = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
        expected.insert(at == std::string::npos ? key : key.substr(0, at + 1));
      }
      for (std::size_t size : {1u, 3u, 1000u}) {
        ListRequest request;
        request.prefix = prefix;
        request.delimiter = delimiter;
        request.max_keys = size;
        EXPECT_EQ(all_of(w, request), std::vector<std::string>(expected.begin(), expected.end()));
      }
    }
  }
}

TEST(Listing, OfVersionsIsNewestFirstAndPages) {
  S3World w;
  w.bucket("bucket", Versioning::enabled);
  std::vector<std::string> expected;
  for (const char* key : {"a", "b"}) {
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(w.put("bucket", key, "x")->record.version_id);
    ids.push_back(*w.remove("bucket", key)->version_id);
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) expected.push_back(key + *id);
  }
  for (std::size_t size : {1u, 2u, 3u, 1000u}) {
    ListVersionsRequest request;
    request.max_keys = size;
    std::vector<std::string> seen;
    for (;;) {
      auto page = w.run(w.s3->listing.versions(w.caller, "bucket", request));
      ASSERT_TRUE(page.ok());
      for (const auto& version : page->versions) {
        seen.push_back(version.key + version.record.version_id);
        EXPECT_EQ(version.latest, version.record.delete_marker);
      }
      if (!page->truncated) break;
      request.key_marker = page->next_key;
      request.version_id_marker = page->next_version_id;
    }
    EXPECT_EQ(seen, expected) << size;
  }
  ListVersionsRequest bad;
  bad.version_id_marker = "null";
  EXPECT_EQ(w.run(w.s3->listing.versions(w.caller, "bucket", bad)).fault(),
            Fault::invalid_argument);
}

}  // namespace
}  // namespace tidegate::s3
