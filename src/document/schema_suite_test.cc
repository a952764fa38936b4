// The public JSON-Schema-Test-Suite against our validator, where a checkout of it is: the folder is
// named by TIDEGATE_JSON_SCHEMA_SUITE. Without one the test is skipped.
//
//   TIDEGATE_JSON_SCHEMA_SUITE=…/JSON-Schema-Test-Suite build/release/src/document_test
//   --gtest_filter='SchemaSuite*'
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "document/schema.h"

namespace tidegate::document {
namespace {

namespace fs = std::filesystem;

Value read_file(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  auto value = parse_json(text.str());
  EXPECT_TRUE(value.ok()) << path << ": " << (value.ok() ? "" : value.error().message);
  return value.ok() ? std::move(*value) : Value();
}

// The suite's files that schemas refer to, by the address that it gives them.
SchemaDocuments remotes(const fs::path& suite) {
  SchemaDocuments out;
  const fs::path root = suite / "remotes";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = fs::relative(entry.path(), root).generic_string();
    // Other drafts' folders stand beside those of all.
    const bool other = name.starts_with("draft") || name.starts_with("v1");
    if (!entry.is_regular_file() || (other && !name.starts_with("draft4/"))) continue;
    out.emplace("http://localhost:1234/" + name, read_file(entry.path()));
  }
  return out;
}

struct Score {
  int passed = 0, failed = 0;
};

void judge(const Value& group, const SchemaDocuments& documents, const std::string& file,
           Score& score) {
  const std::string title = file + ": " + *group.find("description")->string();
  auto schema = Schema::compile(*group.find("schema"), documents);
  for (const Value& test : *group.find("tests")->array()) {
    const bool valid = *test.find("valid")->boolean();
    const bool right = schema.ok() && schema->validate(*test.find("data")).empty() == valid;
    ++(right ? score.passed : score.failed);
    EXPECT_TRUE(right) << title << ": " << *test.find("description")->string()
                       << (schema.ok() ? "" : ": " + schema.error().message);
  }
}

TEST(SchemaSuite, EveryRequiredTestOfDraft04) {
  const char* suite = std::getenv("TIDEGATE_JSON_SCHEMA_SUITE");
  if (!suite) GTEST_SKIP() << "TIDEGATE_JSON_SCHEMA_SUITE names no checkout of the suite";
  const SchemaDocuments documents = remotes(suite);
  Score score;
  for (const auto& entry : fs::directory_iterator(fs::path(suite) / "tests" / "draft4")) {
    if (entry.path().extension() != ".json") continue;
    const Value groups = read_file(entry.path());
    for (const Value& group : *groups.array())
      judge(group, documents, entry.path().filename(), score);
  }
  EXPECT_GT(score.passed, 600);
  RecordProperty("passed", score.passed);
  std::printf("draft 04: %d of %d\n", score.passed, score.passed + score.failed);
}

}  // namespace
}  // namespace tidegate::document
