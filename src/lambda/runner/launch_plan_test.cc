#include "lambda/runner/launch_plan.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace tidegate::lambda {
namespace {

FunctionImage image(std::string runtime = "python3.12") {
  FunctionImage f;
  f.scope = {"000000000000", "eu-west-1"};
  f.name = "deploy";
  f.version = "$LATEST";
  f.runtime = std::move(runtime);
  f.handler = "index.handler";
  f.code_directory = "/code";
  f.memory_mb = 256;
  f.ephemeral_mb = 512;
  return f;
}

PlanContext context() {
  return {"/runtimes", "2026/01/02/[$LATEST]00", {"AKID", "secret", "token"}};
}

TEST(LaunchPlan, EnvironmentIsTheContractsAndNothingElse) {
  auto all = environment_variables(image(), context());
  EXPECT_EQ(all["AWS_ENDPOINT_URL"], "http://127.0.0.1:4566");
  EXPECT_EQ(all["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:9001");
  EXPECT_EQ(all["AWS_REGION"], "eu-west-1");
  EXPECT_EQ(all["AWS_DEFAULT_REGION"], "eu-west-1");
  EXPECT_EQ(all["AWS_SESSION_TOKEN"], "token");
  EXPECT_EQ(all["AWS_EXECUTION_ENV"], "AWS_Lambda_python3.12");
  EXPECT_EQ(all["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
  EXPECT_EQ(all["PYTHONPATH"], "/var/runtime");
  EXPECT_EQ(all.count("HOME"), 0u);
  EXPECT_EQ(all["_LAMBDA_TELEMETRY_LOG_FD"], "4");
  EXPECT_EQ(environment_variables(image("provided.al2023"), context()).count("AWS_EXECUTION_ENV"),
            0u);
}

TEST(LaunchPlan, PlatformWinsExceptWhereAUserMayOverride) {
  auto f = image();
  f.variables = {{"MINE", "yes"}, {"AWS_REGION", "mars"}, {"TZ", "Europe/Berlin"}};
  auto all = environment_variables(f, context());
  EXPECT_EQ(all["MINE"], "yes");
  EXPECT_EQ(all["AWS_REGION"], "eu-west-1");
  EXPECT_EQ(all["TZ"], "Europe/Berlin");
}

TEST(LaunchPlan, CommandsByRuntime) {
  auto python = launch_spec(image(), context());
  ASSERT_TRUE(python.ok());
  EXPECT_EQ(python->argv,
            (std::vector<std::string>{"/usr/bin/python3", "/var/runtime/bootstrap.py"}));
  EXPECT_EQ(python->runtime_directory, "/runtimes/python");
  EXPECT_EQ(python->memory_bytes, (256u << 20) + kMemorySlackBytes);
  EXPECT_EQ(python->tmp_bytes, 512u << 20);
  EXPECT_EQ(python->cpu_permille, 0u);
  PlanContext limited = context();
  limited.limit_cpu = true;
  EXPECT_EQ(launch_spec(image(), limited)->cpu_permille, 144u);  // 256 of 1769 MB
  FunctionImage large = image();
  large.memory_mb = 10'240;
  EXPECT_EQ(launch_spec(large, limited)->cpu_permille, 5788u);
  auto custom = launch_spec(image("provided.al2"), context());
  EXPECT_EQ(custom->argv, std::vector<std::string>{"/var/task/bootstrap"});
  EXPECT_EQ(launch_spec(image("java21"), context()).fault(), Fault::invalid_argument);
  auto f = image();
  f.variables["AWS_LAMBDA_EXEC_WRAPPER"] = "/var/task/wrap";
  EXPECT_EQ(launch_spec(f, context())->argv.front(), "/var/task/wrap");
}

TEST(LaunchPlan, NodeRunsOnTheMachinesOwn) {
  auto spec = launch_spec(image("nodejs22.x"), context());
  bool there =
      std::filesystem::exists("/usr/bin/node") || std::filesystem::exists("/usr/local/bin/node");
  ASSERT_EQ(spec.ok(), there);
  if (!there) GTEST_SKIP() << spec.error().message;
  EXPECT_EQ(spec->runtime_directory, "/runtimes/nodejs");
  EXPECT_EQ(spec->argv[1], "--max-old-space-size=230");
  EXPECT_EQ(spec->argv.back(), "/var/runtime/bootstrap.js");
  auto all = environment_variables(image("nodejs22.x"), context());
  EXPECT_EQ(all["AWS_EXECUTION_ENV"], "AWS_Lambda_nodejs22.x") << "as asked for, not as it is";
  EXPECT_EQ(all["NODE_PATH"],
            "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:"
            "/var/runtime:/var/task");
  EXPECT_EQ(all.count("PYTHONPATH"), 0u);
}

TEST(LaunchPlan, EntrypointOfCustomRuntimes) {
  char name[] = "/tmp/tidegate-plan-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  auto f = image("provided");
  f.code_directory = name;
  EXPECT_EQ(entrypoint_problem(f),
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
  std::string file = std::string(name) + "/bootstrap";
  std::ofstream(file) << "#!/bin/sh\n";
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  EXPECT_EQ(entrypoint_problem(f), "fork/exec /var/task/bootstrap: permission denied");
  std::filesystem::permissions(file, std::filesystem::perms(0755));
  EXPECT_EQ(entrypoint_problem(f), "");
  EXPECT_EQ(entrypoint_problem(image()), "") << "managed runtimes bring their own";
  f.layer_directory = f.code_directory;
  f.code_directory = "/nowhere";
  EXPECT_EQ(entrypoint_problem(f), "");
  EXPECT_EQ(launch_spec(f, context())->argv, std::vector<std::string>{"/opt/bootstrap"});
  EXPECT_EQ(launch_spec(f, context())->layer_directory, name);
  f.code_directory = name;
  EXPECT_EQ(launch_spec(f, context())->argv.front(), "/var/task/bootstrap")
      << "its own comes first";
  std::filesystem::remove_all(name);
}

TEST(LaunchPlan, DepthTravelsInTheTraceHeader) {
  SeededRandom random(1);
  std::string header = trace_header(instant_from_ms(1'767'323'045'678), 3, random);
  EXPECT_EQ(header.substr(0, 16), "Root=1-695735a5-");
  EXPECT_NE(header.find(";Sampled=0;"), std::string::npos);
  EXPECT_EQ(depth_below(header), 4);
  EXPECT_EQ(depth_below(""), 0);
  EXPECT_EQ(depth_below("Root=1-2-3;Sampled=1"), 0);
  EXPECT_EQ(depth_below("Tg-Depth=0"), 1);
  for (const char* bad : {"Tg-Depth=", "Tg-Depth=x", "Tg-Depth=-4", "Tg-Depth=99999999999999999"})
    EXPECT_EQ(depth_below(bad), 0) << bad;
}

TEST(LaunchPlan, LogStreamNamesDayAndVersion) {
  SeededRandom random(1);
  std::string name = log_stream_name(instant_from_ms(1'767'323'045'678), "$LATEST", random);
  EXPECT_EQ(name.substr(0, 20), "2026/01/02/[$LATEST]");
  EXPECT_EQ(name.size(), 52u);
}

TEST(Protocol, WhatIsWrittenIsRead) {
  launch::Message m;
  m.kind = launch::Kind::start;
  m.id = 7;
  m.generation = 2;
  m.number = -1;
  m.text = "t";
  m.spec.argv = {"a", "", "b c"};
  m.spec.env = {"K=v"};
  m.spec.code_directory = "/code";
  m.spec.tmp_bytes = 1;
  m.spec.cpu_permille = 72;
  std::string bytes = launch::encode(m);
  auto read = launch::decode(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->spec, m.spec);
  EXPECT_EQ(read->id, 7u);
  EXPECT_EQ(read->number, -1);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(launch::decode(std::string_view(bytes).substr(0, cut)).has_value()) << cut;
  EXPECT_FALSE(launch::decode(bytes + "x").has_value());
  std::string lying = bytes;
  lying[40] = '\x7f';  // a length beyond the end
  EXPECT_FALSE(launch::decode(lying).has_value());
}

}  // namespace
}  // namespace tidegate::lambda
