// From a function's image to what its sandbox is started with: command, directories, environment
// variables. And the texts of an invocation that depend on nothing else. Pure.
// Source: contract on Lambda, sections 8 to 10 and 17.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "lambda/launcher/protocol.h"
#include "lambda/runner/runner.h"

namespace tidegate::lambda {

// Memory that a process may map above the function's MemorySize: the interpreter's own tables and
// the stacks of threads are mapped privately and count, though they are hardly touched.
inline constexpr std::uint64_t kMemorySlackBytes = 64u << 20;
// MemorySize that gets one processor on AWS.
inline constexpr int kMemoryMbPerProcessor = 1769;

struct PlanContext {
  std::string runtimes_directory;  // holds "python" and "nodejs"
  std::string log_stream;
  EnvironmentCredentials credentials;
  bool limit_cpu = false;  // by MemorySize
};

// "2026/01/02/[$LATEST]<32 hex digits>"
std::string log_stream_name(Instant, const std::string& version, Random&);

// The whole environment of a sandbox, built from empty: user variables below, the platform's above,
// except for the few that a user may override.
std::map<std::string, std::string> environment_variables(const FunctionImage&, const PlanContext&);

// Fault::invalid_argument for a runtime that this server does not have.
Result<launch::Spec> launch_spec(const FunctionImage&, const PlanContext&);

// Why a custom runtime cannot be started: the text of Runtime.InvalidEntrypoint, "" when it can.
// Looks at the directories of code and layers.
std::string entrypoint_problem(const FunctionImage&);

// What really runs for a runtime identifier, for the log: "python:3.11".
std::string interpreter_text(const std::string& runtime);

// "Root=1-…;Parent=…;Sampled=0;Lineage=;Tg-Depth=N": N is the depth of the invocation that gets it.
std::string trace_header(Instant, int depth, Random&);
// The depth of a call that carries this trace header: one more than its Tg-Depth, 0 without it.
int depth_below(std::string_view trace_header);

}  // namespace tidegate::lambda
