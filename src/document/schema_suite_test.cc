// The public JSON-Schema-Test-Suite against our validator, where a checkout of it is: the folder is
// named by TIDEGATE_JSON_SCHEMA_SUITE. Without one the test is skipped.
//
//   TIDEGATE_JSON_SCHEMA_SUITE=…/JSON-Schema-Test-Suite build/release/src/document_test
//   --gtest_filter='*SchemaSuite*'
#include <fmt/format.h>
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
SchemaDocuments remotes(const fs::path& suite, const std::string& draft) {
  SchemaDocuments out;
  const fs::path root = suite / "remotes";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = fs::relative(entry.path(), root).generic_string();
    // Other drafts' folders stand beside those of all.
    const bool other = name.starts_with("draft") || name.starts_with("v1");
    if (!entry.is_regular_file() || (other && !name.starts_with(draft + "/"))) continue;
    out.emplace("http://localhost:1234/" + name, read_file(entry.path()));
  }
  return out;
}

struct Score {
  int passed = 0, failed = 0;
};

// The schema with the draft said that its folder stands for, where it does not say one itself.
Value of_draft(const Value& schema, int draft) {
  if (draft == 4 || schema.find("$schema") || !schema.object()) return schema;
  Value out = schema;
  out.object()->set("$schema", fmt::format("http://json-schema.org/draft-0{}/schema#", draft));
  return out;
}

void judge(const Value& group, const SchemaDocuments& documents, const std::string& file, int draft,
           Score& score) {
  const std::string title = file + ": " + *group.find("description")->string();
  const Value& given = *group.find("schema");
  // What is true or false says no draft; it is put where it changes nothing.
  Value wrapped = of_draft(given, draft);
  if (given.boolean()) {
    Array one{given};
    Object all;
    all.set("allOf", std::move(one));
    wrapped = of_draft(all, draft);
  }
  auto schema = Schema::compile(wrapped, documents);
  for (const Value& test : *group.find("tests")->array()) {
    const bool valid = *test.find("valid")->boolean();
    const bool right = schema.ok() && schema->validate(*test.find("data")).empty() == valid;
    ++(right ? score.passed : score.failed);
    EXPECT_TRUE(right) << title << ": " << *test.find("description")->string()
                       << (schema.ok() ? "" : ": " + schema.error().message);
  }
}

class SchemaSuite : public testing::TestWithParam<int> {};

TEST_P(SchemaSuite, EveryRequiredTest) {
  const char* suite = std::getenv("TIDEGATE_JSON_SCHEMA_SUITE");
  if (!suite) GTEST_SKIP() << "TIDEGATE_JSON_SCHEMA_SUITE names no checkout of the suite";
  const std::string draft = fmt::format("draft{}", GetParam());
  const SchemaDocuments documents = remotes(suite, draft);
  Score score;
  for (const auto& entry : fs::directory_iterator(fs::path(suite) / "tests" / draft)) {
    if (entry.path().extension() != ".json") continue;
    const Value groups = read_file(entry.path());
    for (const Value& group : *groups.array())
      judge(group, documents, entry.path().filename(), GetParam(), score);
  }
  EXPECT_GT(score.passed, 600);
  std::printf("%s: %d of %d\n", draft.c_str(), score.passed, score.passed + score.failed);
}

INSTANTIATE_TEST_SUITE_P(Drafts, SchemaSuite, testing::Values(4, 6, 7));

}  // namespace
}  // namespace tidegate::document
