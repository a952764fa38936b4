#include "lambda/logs.h"

#include <gtest/gtest.h>

namespace tidegate::lambda {
namespace {

const Scope kScope{"111122223333", "us-east-1"};

TEST(FunctionLogs, KeepTheNewestWholeLines) {
  FunctionLogs logs;
  EXPECT_EQ(logs.tail(kScope, "f"), "");
  logs.add(kScope, "f", "one\n");
  logs.add(kScope, "f", "two\n");
  logs.add(kScope, "g", "other\n");
  EXPECT_EQ(logs.tail(kScope, "f"), "one\ntwo\n");
  EXPECT_EQ(logs.tail(Scope{"999999999999", "us-east-1"}, "f"), "");
  const std::string line = std::string(99, 'x') + "\n";
  for (std::size_t i = 0; i < 3 * FunctionLogs::kKept / line.size(); ++i)
    logs.add(kScope, "f", line);
  logs.add(kScope, "f", "last\n");
  const std::string tail = logs.tail(kScope, "f");
  EXPECT_GE(tail.size(), FunctionLogs::kKept - 100);
  EXPECT_LE(tail.size(), 2 * FunctionLogs::kKept);
  EXPECT_TRUE(tail.ends_with("last\n"));
  EXPECT_TRUE(tail.starts_with(line));
}

TEST(FunctionLogs, OneLongLineIsCutAndFunctionsAreBounded) {
  FunctionLogs logs;
  logs.add(kScope, "f", std::string(5 * FunctionLogs::kKept, 'x'));
  EXPECT_EQ(logs.tail(kScope, "f").size(), FunctionLogs::kKept);
  for (std::size_t i = 0; i <= FunctionLogs::kMaxFunctions; ++i)
    logs.add(kScope, "n" + std::to_string(i), "x\n");
  std::size_t kept = 0;
  for (std::size_t i = 0; i <= FunctionLogs::kMaxFunctions; ++i)
    kept += logs.tail(kScope, "n" + std::to_string(i)).empty() ? 0 : 1;
  EXPECT_LE(kept, FunctionLogs::kMaxFunctions);
  EXPECT_EQ(logs.tail(kScope, "n" + std::to_string(FunctionLogs::kMaxFunctions)), "x\n");
}

}  // namespace
}  // namespace tidegate::lambda
